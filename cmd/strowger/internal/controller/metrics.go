package controller

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"strowger/ari/link"
	"strowger/switch/engine"
)

// metrics turns the parts' figures into Prometheus metrics. The parts know
// nothing of it: they keep counters, and it reads them when it is asked.
type metrics struct {
	registry *prometheus.Registry
	into     prometheus.Registerer // the registry, or what adds labels on the way to it
	step     prometheus.Histogram
	effect   *prometheus.HistogramVec
	push     *prometheus.HistogramVec
	request  *prometheus.HistogramVec
	function *prometheus.HistogramVec
	event    *prometheus.HistogramVec
	dialing  *prometheus.HistogramVec
}

func newMetrics() *metrics {
	fine := []float64{5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 5e-3, 5e-2}
	coarse := []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .25, .5, 1, 3, 10, 30, 100}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		step:     prometheus.NewHistogram(prometheus.HistogramOpts{Name: "strowger_step_seconds", Help: "Time for one input in the model.", Buckets: fine}),
		effect:   prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "strowger_order_seconds", Help: "Time until the telephony server answered an order.", Buckets: coarse}, []string{"order"}),
		push:     prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "strowger_push_seconds", Help: "Time until a CRM answered an event.", Buckets: coarse}, []string{"event", "result"}),
		request:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "strowger_ici_request_seconds", Help: "Time to serve a request of a CRM.", Buckets: coarse}, []string{"operation", "result"}),
		function: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "strowger_sapphone_call_seconds", Help: "Time to serve a call of a SAP system; SPS_WAITFORCALL waits.", Buckets: coarse}, []string{"function", "result"}),
		event:    prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "strowger_ctips_event_seconds", Help: "Time from an event of the switch to the answer of a CTIPS client.", Buckets: coarse}, []string{"event", "result"}),
	}
	m.dialing = newDialerTimes()
	m.into = m.registry
	m.registry.MustRegister(m.step, m.effect, m.push, m.request, m.function, m.event, m.dialing, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) observer() engine.Observer {
	return engine.Observer{
		Step:   func(d time.Duration) { m.step.Observe(d.Seconds()) },
		Effect: func(what string, d time.Duration) { m.effect.WithLabelValues(what).Observe(d.Seconds()) },
	}
}

func (m *metrics) pushed(event string, d time.Duration, err error) {
	m.push.WithLabelValues(event, result(err)).Observe(d.Seconds())
}

func (m *metrics) served(operation string, d time.Duration, err error) {
	m.request.WithLabelValues(operation, result(err)).Observe(d.Seconds())
}

func (m *metrics) called(function string, d time.Duration, err error) {
	m.function.WithLabelValues(function, result(err)).Observe(d.Seconds())
}

func (m *metrics) published(event string, d time.Duration, err error) {
	m.event.WithLabelValues(event, result(err)).Observe(d.Seconds())
}

func result(err error) string {
	if err != nil {
		return "failed"
	}
	return "ok"
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 5 * time.Second})
}

func (m *metrics) count(name, help string, read func() uint64) {
	m.into.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "strowger_" + name, Help: help}, func() float64 { return float64(read()) }))
}

// countOf is one counter of several that differ in labels.
func (m *metrics) countOf(name, help string, labels prometheus.Labels, read func() uint64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "strowger_" + name, Help: help, ConstLabels: labels}, func() float64 { return float64(read()) }))
}

func (m *metrics) gauge(name, help string, read func() float64) {
	m.into.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "strowger_" + name, Help: help}, read))
}

// gaugeOf is gauge for one of several figures with the same name.
func (m *metrics) gaugeOf(name, help string, labels prometheus.Labels, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "strowger_" + name, Help: help, ConstLabels: labels}, read))
}

// register adds the figures of a controller's parts.
func (m *metrics) register(c *Controller) {
	e := func(read func(engine.Stats) uint64) func() uint64 {
		return func() uint64 { return read(c.engine.Stats()) }
	}
	m.count("inputs_total", "Facts, timers and commands that the model has taken.", e(func(s engine.Stats) uint64 { return s.Inputs }))
	m.count("commands_total", "Commands of clients.", e(func(s engine.Stats) uint64 { return s.Commands }))
	m.count("commands_refused_total", "Commands refused because too many were waiting.", e(func(s engine.Stats) uint64 { return s.CommandsRefused }))
	m.count("facts_blocked_total", "Facts whose producer had to wait.", e(func(s engine.Stats) uint64 { return s.FactsBlocked }))
	m.count("events_total", "Events of the model.", e(func(s engine.Stats) uint64 { return s.Events }))
	m.count("readers_cut_off_total", "Readers that fell behind and were cut off.", e(func(s engine.Stats) uint64 { return s.Overruns }))
	m.count("orders_failed_total", "Orders that the telephony server refused.", e(func(s engine.Stats) uint64 { return s.EffectsFailed }))
	m.count("orders_unknown_total", "Orders whose outcome is not known.", e(func(s engine.Stats) uint64 { return s.EffectsUnknown }))
	m.count("orders_shed_unreported_total", "Orders given up of which not even that could be told.", e(func(s engine.Stats) uint64 { return s.EffectsLost }))
	m.count("orders_shed_total", "Orders given up because too many waited for one call.", e(func(s engine.Stats) uint64 { return s.EffectsShed }))
	m.count("snapshots_failed_total", "Snapshots that could not be written.", e(func(s engine.Stats) uint64 { return s.SnapshotsFailed }))
	m.count("poisonous_inputs_total", "Inputs that broke the model and were left out.", e(func(s engine.Stats) uint64 { return s.Panics }))
	m.gauge("pressure_share", "Part in use of what there is least of: the switch's time, room for facts, memory.", func() float64 { return c.pressure.latest.Load().share })
	m.gauge("pressure_level", "What is shed: 1 reports, 2 also new outbound calls, 3 also new callers.", func() float64 { return float64(c.pressure.level()) })
	m.count("reports_shed_total", "Reports refused under pressure.", c.pressure.reports.Load)
	m.count("dials_shed_total", "New outbound calls refused under pressure.", c.pressure.dials.Load)
	m.gauge("orders_waiting", "Orders under way or waiting.", func() float64 { return float64(c.engine.Stats().EffectsWaiting) })
	m.gauge("effects_gated", "Calls of the dialer that wait until the disk has them.", func() float64 { return float64(c.engine.Stats().EffectsGated) })
	m.gauge("facts_waiting", "Facts in the mailbox.", func() float64 { return float64(c.engine.Stats().FactsWaiting) })
	m.gauge("commands_waiting", "Commands in the mailbox.", func() float64 { return float64(c.engine.Stats().CommandsWaiting) })
	m.gauge("readers", "Readers of the event stream.", func() float64 { return float64(c.engine.Stats().Subscribers) })
	m.gauge("journal_lag_records", "Records that are not on the disk yet.", func() float64 { return float64(c.journal.Stats().Lag) })
	m.gauge("journal_bytes", "Size of the journal.", func() float64 { return float64(c.journal.Stats().SegmentBytes) })
	m.count("audit_written_total", "Lines of forced actions that were written down.", func() uint64 { return c.trail.Stats().Written })
	m.count("audit_moved_total", "Lines of forced actions that the database has taken.", func() uint64 { return c.trail.Stats().Moved })
	m.count("audit_failed_total", "Times that the database did not take lines of forced actions.", func() uint64 { return c.trail.Stats().Failed })
	m.gauge("audit_file_bytes", "Record of forced actions that is not in the database yet.", func() float64 { return float64(c.trail.Stats().Bytes) })
	m.gauge("replay_mismatches", "Records that gave another result at the start than when they were written.", func() float64 { return float64(c.engine.Stats().Mismatches) })
	m.gauge("journal_failed", "1 while the journal cannot be written.", func() float64 { return flag(c.engine.Stats().JournalFailed) })
	m.gauge("ready", "1 while callers are served.", func() float64 { return flag(len(health{c}.NotReady(context.Background())) == 0) })
	m.count("decisions_done_total", "Questions to decision servers with a good answer.", func() uint64 { return c.decide.Stats().Done })
	m.count("decisions_failed_total", "Questions to decision servers without a good answer.", func() uint64 { s := c.decide.Stats(); return s.Failed + s.Unknown })
	m.count("decisions_skipped_total", "Questions not asked: too many at once, or too many failures before.", func() uint64 { s := c.decide.Stats(); return s.Refused + s.Skipped })
	m.count("decisions_lost_total", "Outcomes of questions that could not be told.", func() uint64 { return c.decide.Stats().Lost })
	m.gauge("decisions_waiting", "Questions to decision servers under way.", func() float64 { return float64(c.decide.Stats().InFlight) })
	m.registerObjects(c.objects)
	m.registerStore(c.store, c.writer)
	m.registerRecordings(c.keeper)
	m.registry.MustRegister(newSwitchFacts(c.engine))
	if c.asterisk != nil {
		for i, l := range c.asterisk.links {
			of := m
			if len(c.asterisk.links) > 1 { // with one server the figures have no label
				of = m.of(string(c.asterisk.nodes[i]))
			}
			of.registerAsterisk(l)
			of.registerPhones(l)
		}
		for _, q := range c.mirrors {
			of := m
			if len(c.asterisk.links) > 1 {
				of = m.of(string(q.node))
			}
			of.registerMirror(q.Mirror)
		}
	}
}

// of gives what is registered through it the name of a telephony server.
func (m *metrics) of(node string) *metrics {
	n := *m
	n.into = prometheus.WrapRegistererWith(prometheus.Labels{"node": node}, m.registry)
	return &n
}

func (m *metrics) registerAsterisk(l *link.Link) {
	m.count("ari_events_total", "Events of Asterisk.", func() uint64 { return l.Stats().Events })
	m.count("ari_events_unknown_total", "Events of a type that this version does not know.", func() uint64 { return l.Stats().Unknown })
	m.count("ari_events_bad_total", "Events that could not be read.", func() uint64 { return l.Stats().Bad })
	m.count("ari_numbers_refused_total", "Numbers with characters that no number has.", func() uint64 { return l.Stats().Numbers })
	m.count("ari_resyncs_total", "Listings of everything that lives in Asterisk.", func() uint64 { return l.Stats().Resyncs })
	m.count("ari_resyncs_failed_total", "Listings that failed.", func() uint64 { return l.Stats().ResyncsFailed })
	m.count("ari_requests_total", "Requests over HTTP.", func() uint64 { return l.Stats().REST.HTTP.Requests })
	m.count("ari_rescue_requests_total", "Requests over the websocket, because HTTP was shut.", func() uint64 { return l.Stats().REST.Socket.Requests })
	m.count("ari_reconnects_total", "Connects of the event websocket.", func() uint64 { return l.Stats().Stream.Connects })
	m.count("audio_packets_total", "Audio packets from talking parties, as far as they were looked at.", func() uint64 { return l.Stats().AudioPackets })
	m.count("audio_lost_total", "Audio packets from talking parties that were lost on their way.", func() uint64 { return l.Stats().AudioLost })
	m.count("audio_dead_total", "Looks at a talking party from which no audio had come since the last.", func() uint64 { return l.Stats().AudioDead })
	m.gauge("ari_connected", "1 while the event websocket is up and the state in step.", func() float64 { return flag(l.Info().Synced) })
	m.gauge("ari_queue_bytes", "Bytes of events that wait to be read.", func() float64 { return float64(l.Stats().Stream.QueueBytes) })
	m.gauge("ari_heartbeat_age_seconds", "Age of the dialplan's readiness variable.", func() float64 {
		if at := l.Info().BeatAt; !at.IsZero() {
			return time.Since(at).Seconds()
		}
		return -1
	})
}

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}
