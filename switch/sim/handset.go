package sim

import (
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// active returns the phone's line that its keys work on: the newest that is
// not on hold, or else the newest. Nil where the phone is idle.
func (p *Phone) active() *channel {
	for i := len(p.lines) - 1; i >= 0; i-- {
		if !p.lines[i].held {
			return p.lines[i]
		}
	}
	if n := len(p.lines); n > 0 {
		return p.lines[n-1]
	}
	return nil
}

// onLine does something with the phone's newest line that is in one of the states.
func (p *Phone) onLine(op string, do func(*channel), fits func(*channel) bool) error {
	p.ex.mu.Lock()
	defer p.ex.unlock()
	ch := p.active()
	if ch == nil {
		return fault.New(fault.Conflict, "sim: "+op, p.endpoint, "the phone has no call")
	}
	for i := len(p.lines) - 1; !fits(ch) && i >= 0; i-- {
		ch = p.lines[i]
	}
	if !fits(ch) {
		return fault.New(fault.Conflict, "sim: "+op, p.endpoint, "not possible while the leg is "+ch.state.String())
	}
	do(ch)
	return nil
}

func ringing(ch *channel) bool  { return ch.state == callmodel.LegRinging }
func answered(ch *channel) bool { return ch.state == callmodel.LegUp }

// Answer lifts the handset of a ringing phone. Fault kind: Conflict.
func (p *Phone) Answer() error {
	return p.onLine("answer", func(ch *channel) { ch.ex.lift(ch) }, ringing)
}

// Reject presses the reject key of a ringing phone. Fault kind: Conflict.
func (p *Phone) Reject() error {
	return p.onLine("reject", func(ch *channel) { ch.ex.reject(ch) }, ringing)
}

// Hangup puts the handset down: the answered line that is not on hold ends, or
// the call that the phone makes. Fault kind: Conflict.
func (p *Phone) Hangup() error {
	return p.onLine("hangup", func(ch *channel) { ch.ex.end(ch, callmodel.CauseNormal, 0) },
		func(ch *channel) bool { return answered(ch) || ch.inbound })
}

// Hold presses the hold key. Fault kind: Conflict.
func (p *Phone) Hold() error {
	return p.onLine("hold", func(ch *channel) { ch.ex.holdKey(ch, true) }, answered)
}

// Resume presses it again: the newest line on hold is talked on again. Fault kind: Conflict.
func (p *Phone) Resume() error {
	return p.onLine("resume", func(ch *channel) { ch.ex.holdKey(ch, false) }, func(ch *channel) bool { return ch.held })
}

// Press presses digits, one after the other. Fault kinds: Conflict, Invalid.
func (p *Phone) Press(digits string) error {
	var bad error
	err := p.onLine("press", func(ch *channel) { bad = ch.ex.press(ch, digits) }, answered)
	if err != nil {
		return err
	}
	return bad
}

// Heard returns the digits that have been heard on the phone's line.
func (p *Phone) Heard() string {
	p.ex.mu.Lock()
	defer p.ex.unlock()
	if ch := p.active(); ch != nil {
		return ch.heard
	}
	return ""
}

// Hears returns what is heard at the phone now.
func (p *Phone) Hears() Hearing { return p.ex.Hears(p.Channel()) }

// Channel returns the leg of the line that the phone's keys work on, or "".
func (p *Phone) Channel() callmodel.ChannelID {
	p.ex.mu.Lock()
	defer p.ex.unlock()
	if ch := p.active(); ch != nil {
		return ch.id
	}
	return ""
}

// Legs returns the phone's legs, the oldest first.
func (p *Phone) Legs() []callmodel.ChannelID {
	p.ex.mu.Lock()
	defer p.ex.unlock()
	out := []callmodel.ChannelID{}
	for _, ch := range p.lines {
		out = append(out, ch.id)
	}
	return out
}

// LegState returns the state of that leg, LegNone where the phone is idle.
func (p *Phone) LegState() callmodel.LegState {
	p.ex.mu.Lock()
	defer p.ex.unlock()
	if ch := p.active(); ch != nil {
		return ch.state
	}
	return callmodel.LegNone
}

// Dial calls a number from the phone; a line that talks is put on hold first.
// The leg arrives with the phone's endpoint. Fault kinds: Busy (no free line),
// Unavailable (the controller is away, or the phone is not registered), Stopped.
func (p *Phone) Dial(number string) (callmodel.ChannelID, error) {
	e := p.ex
	e.mu.Lock()
	defer e.unlock()
	switch {
	case e.stopped:
		return "", fault.New(fault.Stopped, "sim: dial", p.endpoint, "the exchange has been stopped")
	case e.wire.link == linkDown || p.policy.Mode == Unregistered:
		return "", fault.New(fault.Unavailable, "sim: dial", p.endpoint, "the controller is away or the phone is not registered")
	case p.full() || p.number:
		return "", fault.New(fault.Busy, "sim: dial", p.endpoint, "the phone has no free line")
	}
	for _, ch := range p.lines {
		if ch.state == callmodel.LegUp {
			ch.ex.holdKey(ch, true)
		}
	}
	ch := e.inboundLeg("phone", origin{dialled: number, number: p.endpoint, endpoint: p.endpoint})
	ch.phone = p
	p.lines = append(p.lines, ch)
	e.stats.PhoneCalls++
	e.emit(e.arrival(ch))
	e.notify(ch, HappenedPlaced)
	return ch.id, nil
}
