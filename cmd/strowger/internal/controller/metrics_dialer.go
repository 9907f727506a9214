package controller

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"strowger/dialer/daylog"
	"strowger/dialer/lead"
	"strowger/dialer/runner"
)

// newDialerTimes is how long the dialer's work takes, by what it is.
func newDialerTimes() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "strowger_dialer_seconds", Help: "Time of a decision (decide), a claim of leads (claim), a tick over all campaigns (tick), and from a person's answer to their agent (connect).",
		Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .15, .2, .3, .5, 1, 1.5, 2, 3, 5},
	}, []string{"what"})
}

var measureWords = map[runner.Measure]string{
	runner.MeasureDecide: "decide", runner.MeasureClaim: "claim", runner.MeasureConnect: "connect", runner.MeasureTick: "tick",
}

func (m *metrics) dialerTook(what runner.Measure, took time.Duration) {
	m.dialing.WithLabelValues(measureWords[what]).Observe(took.Seconds())
}

// registerDialer adds the figures of the dialer.
func (m *metrics) registerDialer(r *runner.Runner, days *daylog.Log) {
	s := r.Stats()
	m.count("dialer_ticks_total", "Times that the dialer has looked at all campaigns.", s.Ticks.Load)
	m.count("dialer_ticks_late_total", "Of these, those that came more than a tick too late.", s.TicksLate.Load)
	m.count("dialer_dials_total", "Calls that were ordered.", s.Dials.Load)
	m.count("dialer_refused_total", "Orders to call that the switch has refused.", s.Refused.Load)
	m.count("dialer_released_total", "Leads that were claimed, not called and given back.", s.Released.Load)
	m.count("dialer_vanished_total", "Attempts whose end was looked up in the records, because its event was missed.", s.Vanished.Load)
	m.count("dialer_unknown_total", "Of these, those of which nothing was found.", s.Unknown.Load)
	m.gauge("dialer_settle_waiting", "Ends of attempts that are not stored yet.", func() float64 { return float64(r.Waiting()) })
	m.gauge("dialer_chores_waiting", "Look-ups and writes that wait for the dialer's clerk, of 1024.", func() float64 { clerk, _ := r.Chores(); return float64(clerk) })
	m.gauge("dialer_counts_waiting", "Counts of campaigns' leads that wait, of 64.", func() float64 { _, counter := r.Chores(); return float64(counter) })
	m.count("dialer_decisions_recorded_total", "Decisions that were written into the record of the day.", func() uint64 { return days.Stats().Written })
	m.count("dialer_decisions_lost_total", "Decisions that were not, because there was no room, or the disk did not take them.", func() uint64 { st := days.Stats(); return st.Lost + st.Failed })
	m.registry.MustRegister(newCampaignFacts(r.All))
}

// campaignFacts turns the pictures of the campaigns into metrics.
type campaignFacts struct {
	all func() map[string]runner.Picture

	reason, lines, agents, dials, humans, connected, dropped, share, used, left, hopper, breaker, ends, leads *prometheus.Desc
}

func newCampaignFacts(all func() map[string]runner.Picture) *campaignFacts {
	d := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("strowger_campaign_"+name, help, append([]string{"campaign"}, labels...), nil)
	}
	return &campaignFacts{
		all:       all,
		reason:    d("reason", "1 for what the campaign does, or why it does nothing.", "reason"),
		lines:     d("lines", "Lines now, by state.", "state"),
		agents:    d("agents", "Agents who count for the campaign now, by state.", "state"),
		dials:     d("dials_today", "Calls since midnight."),
		humans:    d("humans_today", "People who have answered since midnight."),
		connected: d("connected_today", "Of them, those who got an agent in time."),
		dropped:   d("dropped_today", "Of them, those who got nobody in time."),
		share:     d("drop_ratio", "Share of the people who answered that got nobody, over the rule's time."),
		used:      d("budget_used_ratio", "Part of the drops that the rule allows which is used; 1: all."),
		left:      d("budget_left", "Drops that the rule still allows; below zero: too many."),
		hopper:    d("hopper", "Leads that are claimed and not called yet."),
		breaker:   d("breaker_open", "1 while the trunks are left alone because they fail."),
		ends:      d("results_total", "Attempts that have ended since the start, by result.", "result"),
		leads:     d("leads", "Leads of the campaign's lists a minute ago at most, by what stands in their way; now: nothing.", "why"),
	}
}

// Describe implements prometheus.Collector.
func (f *campaignFacts) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		f.reason, f.lines, f.agents, f.dials, f.humans, f.connected, f.dropped, f.share, f.used, f.left, f.hopper, f.breaker, f.ends, f.leads,
	} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (f *campaignFacts) Collect(out chan<- prometheus.Metric) {
	for id, p := range f.all() {
		put := func(d *prometheus.Desc, value float64, labels ...string) {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, append([]string{id}, labels...)...)
		}
		for _, r := range runner.Reasons() {
			put(f.reason, flag(p.Reason == r), string(r))
		}
		put(f.lines, float64(p.Ringing), "ringing")
		put(f.lines, float64(p.Waiting), "waiting")
		put(f.lines, float64(p.Connected), "connected")
		put(f.agents, float64(p.Free), "free")
		put(f.agents, float64(p.Talking), "talking")
		put(f.agents, float64(p.WrapUp), "wrap-up")
		put(f.dials, float64(p.Dials))
		put(f.humans, float64(p.Today.Humans))
		put(f.connected, float64(p.Today.Connected))
		put(f.dropped, float64(p.Today.Dropped))
		put(f.share, p.Budget.Share)
		put(f.used, p.Budget.Used)
		put(f.left, p.Budget.Headroom)
		put(f.hopper, float64(p.Hopper))
		put(f.breaker, flag(p.Breaker != ""))
		for _, r := range lead.Results() {
			out <- prometheus.MustNewConstMetric(f.ends, prometheus.CounterValue, float64(p.Results[r]), id, string(r))
		}
		for _, w := range lead.Words() {
			put(f.leads, float64(p.Left[w]), string(w))
		}
	}
}
