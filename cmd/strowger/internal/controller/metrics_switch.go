package controller

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"strowger/switch/callmodel"
)

// viewLimit bounds the wait for a view of the switch while metrics are read.
const viewLimit = 2 * time.Second

// switchFacts turns one view of the switch into metrics, so that figures that
// are read together belong together. When the switch does not answer, they are
// left out; `strowger_ready` tells of that.
type switchFacts struct {
	sw interface {
		View(ctx context.Context) (*callmodel.View, error)
	}

	recordings *prometheus.Desc

	calls, agents, callbacks, standing, phonesOff                                  *prometheus.Desc
	waiting, longest, serving, ready, service, level, handle                       *prometheus.Desc
	arrived, answered, abandoned, overflowed, inTime, abandonedFast, callbacksOpen *prometheus.Desc
}

func newSwitchFacts(sw interface {
	View(ctx context.Context) (*callmodel.View, error)
},
) *switchFacts {
	d := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("strowger_"+name, help, labels, nil)
	}
	q := func(name, help string) *prometheus.Desc { return d("queue_"+name, help, "queue") }
	return &switchFacts{
		sw:         sw,
		calls:      d("calls", "Calls now, by phase.", "phase"),
		agents:     d("agents", "Agents now, by state.", "state"),
		callbacks:  d("callbacks", "Callbacks now, by state.", "state"),
		standing:   d("standing_legs", "Standing legs of nailed stations now, by whether they are up.", "state"),
		recordings: d("recordings", "Recordings of the model now, by state.", "state"),
		phonesOff:  d("phones_off", "Phones of the configuration that cannot be reached now."),

		waiting:       q("waiting", "Calls that wait in the queue; offered ones are not counted."),
		longest:       q("longest_wait_seconds", "Time that the first of the queue has waited."),
		serving:       q("agents_logged_in", "Agents of the queue who are logged in."),
		ready:         q("agents_ready", "Agents of the queue who could be offered a call."),
		service:       d("queue_service", "1 for the queue's state as a service.", "queue", "state"),
		level:         q("service_level_ratio", "Calls answered in time, of all answered and of those abandoned after that time; 1 before the first."),
		handle:        q("handle_seconds", "Mean time that a call of the queue occupies an agent."),
		callbacksOpen: q("callbacks_open", "Callbacks of the queue that are not over."),
		arrived:       q("arrived_total", "Calls that have come into the queue."),
		answered:      q("answered_total", "Calls of the queue that an agent has answered."),
		abandoned:     q("abandoned_total", "Callers who have hung up while they waited."),
		overflowed:    q("overflowed_total", "Calls that a rule of the queue has sent elsewhere."),
		inTime:        q("answered_in_time_total", "Calls answered within the service level's time."),
		abandonedFast: q("abandoned_fast_total", "Callers who have hung up within the service level's time."),
	}
}

// Describe implements prometheus.Collector.
func (f *switchFacts) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		f.calls, f.agents, f.callbacks, f.standing, f.phonesOff, f.recordings, f.waiting, f.longest, f.serving, f.ready, f.service, f.level, f.handle,
		f.arrived, f.answered, f.abandoned, f.overflowed, f.inTime, f.abandonedFast, f.callbacksOpen,
	} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (f *switchFacts) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), viewLimit)
	defer cancel()
	v, err := f.sw.View(ctx)
	if err != nil {
		return
	}
	emit(out, f.calls, phaseNames(), countBy(v.Calls, func(c *callmodel.Call) string { return c.Phase.String() }))
	emit(out, f.agents, stateNames(), countBy(v.Agents, func(a *callmodel.Agent) string { return a.State.String() }))
	states := []string{string(callmodel.CallbackScheduled), string(callmodel.CallbackWaiting), string(callmodel.CallbackActive), string(callmodel.CallbackDone)}
	emit(out, f.callbacks, states, countBy(v.Callbacks, func(c *callmodel.Callback) string { return string(c.State) }))
	emit(out, f.recordings, []string{"waiting", "recording", "pausing", "paused", "stopping", "ended"},
		countBy(v.Recordings, func(r *callmodel.Recording) string { return r.State() }))
	legs := map[string]int{}
	for _, a := range v.Agents {
		if s := a.Standing; s != nil {
			legs[legWord(s.Leg)]++
		}
	}
	emit(out, f.standing, []string{"up", "down"}, legs)
	off := 0
	for _, reachable := range v.Phones {
		if !reachable {
			off++
		}
	}
	out <- prometheus.MustNewConstMetric(f.phonesOff, prometheus.GaugeValue, float64(off))
	f.queues(out, v)
}

func legWord(l callmodel.LegState) string {
	if l == callmodel.LegUp {
		return "up"
	}
	return "down"
}

// queues adds the figures of every queue.
func (f *switchFacts) queues(out chan<- prometheus.Metric, v *callmodel.View) {
	staffed, ready, open := map[callmodel.QueueID]int{}, map[callmodel.QueueID]int{}, map[callmodel.QueueID]int{}
	for _, a := range v.Agents {
		for _, q := range a.SignedIn() {
			if a.State != callmodel.LoggedOut {
				staffed[q]++
			}
			if a.State == callmodel.Ready {
				ready[q]++
			}
		}
	}
	for _, cb := range v.Callbacks {
		if cb.State != callmodel.CallbackDone {
			open[cb.Queue]++
		}
	}
	since := map[callmodel.CallID]callmodel.Instant{}
	for _, c := range v.Calls {
		since[c.ID] = c.QueuedAt
	}
	now := time.Now()
	for _, q := range v.Queues {
		id := string(q.ID)
		gauge := func(d *prometheus.Desc, n float64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, n, id)
		}
		count := func(d *prometheus.Desc, n uint64) {
			out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), id)
		}
		longest := time.Duration(0)
		for _, c := range q.Waiting {
			if at := since[c]; at != 0 {
				longest = max(longest, now.Sub(v.WallTime(at)))
			}
		}
		gauge(f.waiting, float64(len(q.Waiting)))
		gauge(f.longest, longest.Seconds())
		gauge(f.serving, float64(staffed[q.ID]))
		gauge(f.ready, float64(ready[q.ID]))
		gauge(f.level, float64(q.ServiceLevel())/1000)
		gauge(f.handle, q.Handle.Seconds())
		gauge(f.callbacksOpen, float64(open[q.ID]))
		if q.Service != "" {
			out <- prometheus.MustNewConstMetric(f.service, prometheus.GaugeValue, 1, id, string(q.Service))
		}
		count(f.arrived, q.Arrived)
		count(f.answered, q.Answered)
		count(f.abandoned, q.Abandoned)
		count(f.overflowed, q.Overflow)
		count(f.inTime, q.InTime)
		count(f.abandonedFast, q.GoneFast)
	}
}

func countBy[T any](list []*T, word func(*T) string) map[string]int {
	out := map[string]int{}
	for _, x := range list {
		out[word(x)]++
	}
	return out
}

// emit writes one figure for every name, so that a line does not vanish at zero.
func emit(out chan<- prometheus.Metric, d *prometheus.Desc, names []string, counts map[string]int) {
	for _, name := range names {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(counts[name]), name)
	}
}

func phaseNames() []string {
	var out []string
	for p := callmodel.PhaseWaiting; p <= callmodel.PhaseAutomat; p++ {
		out = append(out, p.String())
	}
	return out
}

func stateNames() []string {
	var out []string
	for s := callmodel.LoggedOut; s <= callmodel.InWrapUp; s++ {
		out = append(out, s.String())
	}
	return out
}
