package sim

import (
	"strings"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Trunk is a way outside.
type Trunk struct {
	ex       *Exchange
	endpoint string
	capacity int
	live     int
	refuses  []PhoneMode // the next calls, in order
}

// Trunk returns the trunk at an endpoint, with so many channels (0: any
// number); a new one is made where there is none. A call out beyond them gets
// 503, a call in is refused.
func (e *Exchange) Trunk(endpoint string, capacity int) *Trunk {
	e.mu.Lock()
	defer e.unlock()
	t := e.trunks[endpoint]
	if t == nil {
		t = &Trunk{ex: e, endpoint: endpoint}
		e.trunks[endpoint] = t
	}
	t.capacity = capacity
	return t
}

// Live returns how many legs go by the trunk now.
func (t *Trunk) Live() int {
	t.ex.mu.Lock()
	defer t.ex.unlock()
	return t.live
}

// Refuse has the trunk refuse its next calls out, as so many phones in a mode that
// refuses do: Congested for a carrier's burst of 503.
func (t *Trunk) Refuse(how PhoneMode, calls int) {
	t.ex.mu.Lock()
	defer t.ex.unlock()
	if _, does := refusals[how]; !does {
		return
	}
	for range calls {
		t.refuses = append(t.refuses, how)
	}
}

func (t *Trunk) full() bool { return t.capacity > 0 && t.live >= t.capacity }

// take gives a leg one of the trunk's channels; where there is none the leg ends.
func (t *Trunk) take(e *Exchange, ch *channel) bool {
	full := t.full()
	t.live++
	if len(t.refuses) > 0 {
		end := refusals[t.refuses[0]]
		t.refuses = t.refuses[1:]
		e.stats.TrunkRefused++
		e.later(ch, Exactly(e.opt.RingDelay), func() { e.end(ch, end.Cause, end.TechCause) })
		return false
	}
	if full {
		e.stats.TrunkFull++
		e.later(ch, Exactly(e.opt.RingDelay), func() { e.end(ch, callmodel.CauseCongestion, 503) })
	}
	return !full
}

// Outside returns the number outside that answers as the policy says; a new
// one is made where there is none. It can be called at by any trunk.
func (e *Exchange) Outside(number string, p PhonePolicy) *Phone {
	e.mu.Lock()
	defer e.unlock()
	number = strings.TrimPrefix(number, "+")
	ph := e.numbers[number]
	if ph == nil {
		ph = &Phone{ex: e, endpoint: number, number: true}
		e.numbers[number] = ph
	}
	ph.policy = p
	return ph
}

// Elsewhere says what numbers do that Outside has not made: it is asked at each
// call, under the exchange's lock. Before that they do not exist (404).
func (e *Exchange) Elsewhere(does func(number string) PhonePolicy) {
	e.mu.Lock()
	defer e.unlock()
	e.elsewhere = does
}

func (e *Exchange) outside(number string) *Phone {
	number = strings.TrimPrefix(number, "+") // as trunks write it, or not
	if ph := e.numbers[number]; ph != nil {
		return ph
	}
	return &Phone{ex: e, endpoint: number, number: true, policy: e.elsewhere(number)}
}

// SetDecider answers Decide orders: with what, and after how long. The zero
// Outcome is Done. Without it every decision fails at once.
func (e *Exchange) SetDecider(f func(callmodel.Decide) (callmodel.Decision, time.Duration)) {
	e.mu.Lock()
	defer e.unlock()
	e.decider = f
}

// decide asks the decider, as the controller's HTTP client asks a server: the
// answer does not come by the link.
func (e *Exchange) decide(o callmodel.Decide) port.EffectResult {
	if e.decider == nil {
		return failed(fault.Unavailable, o, o.Decision.ID, "no decider has been set")
	}
	e.stats.Decisions++
	d, after := e.decider(o)
	d.Call, d.Step = o.Call, o.Step
	if d.Outcome == 0 {
		d.Outcome = callmodel.Done
	}
	feed := e.feed
	e.pause(after, func() {
		if e.feed != nil && e.feed == feed {
			e.put(d)
		}
	})
	return okay
}
