package sim

import (
	"slices"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// PhoneMode is what a phone does when it is called.
type PhoneMode uint8

const (
	// Manual: it rings until a test or its owner does something.
	Manual PhoneMode = iota
	// Answers: it is answered after PhonePolicy.AnswerAfter.
	Answers
	// Rejects: its owner presses reject after PhonePolicy.AnswerAfter.
	Rejects
	// Busy: it answers 486 at once.
	Busy
	// Silent: it is registered, and not there any more: no answer at all.
	Silent
	// Unregistered: nobody has registered; an originate fails at once.
	Unregistered
	// NoSuchNumber: 404. What an outside number does that nobody has made.
	NoSuchNumber
	// NumberGone: 410.
	NumberGone
	// Congested: 503, as from a carrier without free lines.
	Congested
)

// refusals are the ends of a call that never rings.
var refusals = map[PhoneMode]callmodel.ChannelGone{
	Busy:         {Cause: callmodel.CauseBusy, TechCause: 486},
	NoSuchNumber: {Cause: 1, TechCause: 404},
	NumberGone:   {Cause: 22, TechCause: 410},
	Congested:    {Cause: callmodel.CauseCongestion, TechCause: 503},
}

// PhonePolicy is a phone's behaviour.
type PhonePolicy struct {
	Mode         PhoneMode
	RingAfter    Range  // from the order to ringing, or to the refusal; 0: the exchange's RingDelay
	AnswerAfter  Range  // from ringing
	Talk         Range  // hangs up after this much talk; 0: leaves it to the other side
	NoAutoAnswer bool   // rings although it was asked to answer by itself
	NoTalk       bool   // does not answer when it is notified to
	Lines        int    // calls at once; 0: one, and for outside numbers any number
	Presses      string // digits that are pressed after the answer
	Voice        Voice  // what is heard at the answer
	Greeting     Range  // how long that speaks; 0: as long as such a voice does
}

// Phone is a station, or a number outside. A call beyond its lines gets busy.
type Phone struct {
	ex       *Exchange
	endpoint string // or the number
	number   bool
	policy   PhonePolicy
	lines    []*channel // oldest first
}

// Phone returns the phone at an endpoint with a policy; a new one is made where there is none.
func (e *Exchange) Phone(endpoint string, p PhonePolicy) *Phone {
	e.mu.Lock()
	defer e.unlock()
	ph := e.phones[endpoint]
	if ph == nil {
		ph = &Phone{ex: e, endpoint: endpoint, policy: PhonePolicy{Mode: Unregistered}}
		e.phones[endpoint] = ph
	}
	ph.set(p)
	return ph
}

// Endpoint returns the phone's endpoint name, or the number of an outside one.
func (p *Phone) Endpoint() string { return p.endpoint }

// SetPolicy changes what the phone does with the next call. A change from or
// to Unregistered is told to the controller as an EndpointState.
func (p *Phone) SetPolicy(pol PhonePolicy) {
	p.ex.mu.Lock()
	defer p.ex.unlock()
	p.set(pol)
}

func (p *Phone) set(pol PhonePolicy) {
	was, is := p.policy.Mode != Unregistered, pol.Mode != Unregistered
	p.policy = pol
	if was != is && !p.number && p.ex.feed != nil {
		p.ex.emit(callmodel.EndpointState{Node: p.ex.opt.Node, Endpoint: p.endpoint, Online: is})
	}
}

// online lists the registered phones.
func (e *Exchange) online() []string {
	out := []string{}
	for name, p := range e.phones {
		if p.policy.Mode != Unregistered {
			out = append(out, name)
		}
	}
	out = append(out, e.onlinePeers()...)
	slices.Sort(out)
	return out
}

// full reports whether all lines are in use.
func (p *Phone) full() bool {
	most := p.policy.Lines
	if most == 0 && p.number {
		return false
	}
	return len(p.lines) >= max(most, 1)
}

// invite is a call's arrival at the phone.
func (p *Phone) invite(e *Exchange, ch *channel, auto bool) {
	pol := p.policy
	if pol.Mode == Silent {
		e.later(ch, Exactly(silentTimeout), func() { e.end(ch, 18, 408) })
		return
	}
	if p.full() {
		pol.Mode = Busy
	}
	if pol.RingAfter == (Range{}) {
		pol.RingAfter = Exactly(e.opt.RingDelay)
	}
	if end, refused := refusals[pol.Mode]; refused {
		e.later(ch, pol.RingAfter, func() { e.end(ch, end.Cause, end.TechCause) })
		return
	}
	p.lines = append(p.lines, ch)
	e.later(ch, pol.RingAfter, func() {
		if auto && !pol.NoAutoAnswer {
			e.lift(ch)
			return
		}
		ch.state = callmodel.LegRinging
		e.emit(callmodel.ChannelRinging{Node: e.opt.Node, Channel: ch.id})
		e.notify(ch, HappenedRinging)
		switch pol.Mode {
		case Answers:
			e.later(ch, pol.AnswerAfter, func() { e.lift(ch) })
		case Rejects:
			e.later(ch, pol.AnswerAfter, func() { e.reject(ch) })
		case Manual, Busy, Silent, Unregistered, NoSuchNumber, NumberGone, Congested:
		}
	})
}

// lift answers a call at a phone.
func (e *Exchange) lift(ch *channel) {
	if e.channels[ch.id] != ch || ch.state == callmodel.LegUp {
		return
	}
	e.up(ch)
	if keys := ch.phone.policy.Presses; keys != "" {
		_ = e.press(ch, keys) // wrong digits in a script are pressed by nobody
	}
}

// reject turns a ringing call down.
func (e *Exchange) reject(ch *channel) {
	if ch.state != callmodel.LegUp {
		e.end(ch, callmodel.CauseRejected, 603)
	}
}

// talkNotify asks the ringing phone to answer. The order itself succeeds
// wherever the phone is registered: what it does follows as a fact, or not.
func (e *Exchange) talkNotify(o callmodel.NotifyTalk) port.EffectResult {
	ch, p := e.channels[o.Channel], e.phones[o.Endpoint]
	if o.Channel == "" && p != nil {
		ch = p.ringingFor()
	}
	switch {
	case ch == nil:
		return gone(o, string(o.Channel))
	case p == nil || p.policy.Mode == Unregistered:
		return failed(fault.NotFound, o, o.Endpoint, "the endpoint has no registered phone")
	}
	e.stats.Notified++
	if p.policy.NoTalk || ch.phone != p {
		return okay
	}
	e.later(ch, Exactly(e.opt.RingDelay), func() {
		if ch.state == callmodel.LegRinging {
			ch.ex.lift(ch)
		}
	})
	return okay
}

func (p *Phone) talking(e *Exchange, ch *channel) {
	if p.policy.Talk != (Range{}) {
		e.later(ch, p.policy.Talk, func() { e.end(ch, callmodel.CauseNormal, 0) })
	}
}

// holdKey is a hold key; pressing it twice changes nothing.
func (e *Exchange) holdKey(ch *channel, hold bool) {
	if ch.held == hold {
		return
	}
	ch.held = hold
	if hold {
		e.emit(callmodel.ChannelHeld{Channel: ch.id})
	} else {
		e.emit(callmodel.ChannelUnheld{Channel: ch.id})
	}
}
