package sim

import (
	"strowger/switch/callmodel"
	"strowger/switch/fault"
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
)

// PhonePolicy is a phone's behaviour.
type PhonePolicy struct {
	Mode         PhoneMode
	AnswerAfter  Range // from ringing
	Talk         Range // hangs up after this much talk; 0: leaves it to the other side
	NoAutoAnswer bool  // rings although it was asked to answer by itself
}

// Phone is a station with one line. A second call gets busy.
type Phone struct {
	ex       *Exchange
	endpoint string
	policy   PhonePolicy
	line     *channel
}

// Phone returns the phone at an endpoint with a policy; a new one is made where there is none.
func (e *Exchange) Phone(endpoint string, p PhonePolicy) *Phone {
	e.mu.Lock()
	defer e.unlock()
	ph := e.phones[endpoint]
	if ph == nil {
		ph = &Phone{ex: e, endpoint: endpoint}
		e.phones[endpoint] = ph
	}
	ph.policy = p
	return ph
}

// Endpoint returns the phone's endpoint name.
func (p *Phone) Endpoint() string { return p.endpoint }

// SetPolicy changes what the phone does with the next call.
func (p *Phone) SetPolicy(pol PhonePolicy) {
	p.ex.mu.Lock()
	defer p.ex.unlock()
	p.policy = pol
}

// invite is a call's arrival at the phone.
func (p *Phone) invite(e *Exchange, ch *channel, auto bool) {
	pol := p.policy
	if pol.Mode == Silent {
		e.later(ch, Exactly(silentTimeout), func() { e.end(ch, 18, 408) })
		return
	}
	if p.line != nil || pol.Mode == Busy {
		e.later(ch, Exactly(e.opt.RingDelay), func() { e.end(ch, callmodel.CauseBusy, 486) })
		return
	}
	p.line = ch
	e.later(ch, Exactly(e.opt.RingDelay), func() {
		if auto && !pol.NoAutoAnswer {
			e.up(ch)
			return
		}
		ch.state = callmodel.LegRinging
		e.emit(callmodel.ChannelRinging{Node: e.opt.Node, Channel: ch.id})
		e.notify(ch, HappenedRinging)
		switch pol.Mode {
		case Answers:
			e.later(ch, pol.AnswerAfter, func() { e.up(ch) })
		case Rejects:
			e.later(ch, pol.AnswerAfter, func() { e.end(ch, callmodel.CauseRejected, 603) })
		case Manual, Busy, Silent, Unregistered:
		}
	})
}

func (p *Phone) talking(e *Exchange, ch *channel) {
	if p.policy.Talk != (Range{}) {
		e.later(ch, p.policy.Talk, func() { e.end(ch, callmodel.CauseNormal, 0) })
	}
}

// onLine does something with the phone's call when it is in one of the states.
func (p *Phone) onLine(op string, do func(*channel), in ...callmodel.LegState) error {
	p.ex.mu.Lock()
	defer p.ex.unlock()
	if p.line == nil {
		return fault.New(fault.Conflict, "sim: "+op, p.endpoint, "the phone has no call")
	}
	for _, s := range in {
		if p.line.state == s {
			do(p.line)
			return nil
		}
	}
	return fault.New(fault.Conflict, "sim: "+op, p.endpoint, "not possible while the leg is "+p.line.state.String())
}

// Answer lifts the handset of a ringing phone. Fault kind: Conflict.
func (p *Phone) Answer() error {
	return p.onLine("answer", p.ex.up, callmodel.LegRinging)
}

// Reject presses the reject key of a ringing phone. Fault kind: Conflict.
func (p *Phone) Reject() error {
	return p.onLine("reject", func(ch *channel) { p.ex.end(ch, callmodel.CauseRejected, 603) }, callmodel.LegRinging)
}

// Hangup puts the handset down. Fault kind: Conflict.
func (p *Phone) Hangup() error {
	return p.onLine("hangup", func(ch *channel) { p.ex.end(ch, callmodel.CauseNormal, 0) }, callmodel.LegUp)
}

// Hold presses the hold key. Fault kind: Conflict.
func (p *Phone) Hold() error {
	return p.onLine("hold", func(ch *channel) { p.ex.press(ch, true) }, callmodel.LegUp)
}

// Resume presses the hold key again. Fault kind: Conflict.
func (p *Phone) Resume() error {
	return p.onLine("resume", func(ch *channel) { p.ex.press(ch, false) }, callmodel.LegUp)
}

// press is a hold key; pressing it twice changes nothing.
func (e *Exchange) press(ch *channel, hold bool) {
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

// LegState returns the state of the phone's leg, LegNone where it has none.
func (p *Phone) LegState() callmodel.LegState {
	p.ex.mu.Lock()
	defer p.ex.unlock()
	if p.line == nil {
		return callmodel.LegNone
	}
	return p.line.state
}
