package sim

import (
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// Caller is somebody who calls in.
type Caller struct {
	Number   string
	Name     string
	Patience time.Duration // hangs up when nobody has talked to them by then; 0: waits for ever
	Talk     time.Duration // hangs up after this much talk; 0: leaves it to the other side
	Trunk    string        // endpoint that the call comes in by; counts for the trunk's capacity where there is one
	Headers  *callmodel.Headers
	Withheld bool // does not show the number
	SIPID    string
}

// CallerLeg is one call of a Caller.
type CallerLeg struct {
	ex      *Exchange
	ch      *channel
	caller  Caller
	done    chan struct{}
	ended   bool
	cause   callmodel.Cause
	patient func() // cancels the patience
}

// Place calls a number. Fault kinds: Unavailable (the controller is away, the
// call went to the fallback dialplan), Busy (the exchange is full), Stopped.
func (e *Exchange) Place(number string, c Caller) (*CallerLeg, error) {
	e.mu.Lock()
	defer e.unlock()
	switch {
	case e.stopped:
		return nil, fault.New(fault.Stopped, "sim: place", number, "the exchange has been stopped")
	case e.wire.link == linkDown:
		e.stats.Fallbacks++
		return nil, fault.New(fault.Unavailable, "sim: place", number, "the controller is away: the call went to the fallback")
	case len(e.channels) >= e.opt.MaxChannels:
		return nil, fault.New(fault.Busy, "sim: place", number, "the exchange is full")
	}
	trunk := e.trunks[c.Trunk]
	if trunk != nil && trunk.full() {
		e.stats.TrunkFull++
		return nil, fault.New(fault.Busy, "sim: place", number, "all channels of trunk "+c.Trunk+" are taken")
	}
	leg := &CallerLeg{ex: e, caller: c, done: make(chan struct{})}
	ch := e.inboundLeg("trunk", origin{dialled: number, number: c.Number, name: c.Name, endpoint: c.Trunk, headers: c.Headers, withheld: c.Withheld, sipID: c.SIPID})
	ch.leg, leg.ch = leg, ch
	if trunk != nil {
		ch.trunk = trunk
		trunk.live++
	}
	e.stats.Placed++
	if c.Patience > 0 {
		leg.patient = e.after(c.Patience, func() { e.end(ch, callmodel.CauseNormal, 0) })
		ch.cancels = append(ch.cancels, leg.patient)
	}
	e.emit(e.arrival(ch))
	e.notify(ch, HappenedPlaced)
	return leg, nil
}

// inboundLeg makes a leg that has called us.
func (e *Exchange) inboundLeg(prefix string, from origin) *channel {
	id := e.legID(prefix)
	ch := &channel{id: id, ex: e, state: callmodel.LegDown, inbound: true, from: from}
	e.channels[id] = ch
	return ch
}

// arrival is the fact that a leg that has called us is in our application.
func (e *Exchange) arrival(ch *channel) callmodel.ChannelArrived {
	return callmodel.ChannelArrived{
		Node: e.opt.Node, Channel: ch.id, Call: callmodel.CallID{ID: e.feed.NewID()}, Up: ch.state == callmodel.LegUp,
		Dialled: ch.from.dialled, Caller: ch.from.number, CallerName: ch.from.name, Endpoint: ch.from.endpoint,
		Headers: ch.from.headers, Withheld: ch.from.withheld, SIPCallID: ch.from.sipID,
	}
}

func (l *CallerLeg) talking(e *Exchange, ch *channel) {
	if l.patient != nil {
		l.patient()
	}
	if l.caller.Talk > 0 {
		e.later(ch, Exactly(l.caller.Talk), func() { e.end(ch, callmodel.CauseNormal, 0) })
	}
}

// Channel returns the leg's channel id.
func (l *CallerLeg) Channel() callmodel.ChannelID { return l.ch.id }

// Hangup ends the call from the caller's side; on an ended leg it does nothing.
func (l *CallerLeg) Hangup() {
	l.ex.mu.Lock()
	defer l.ex.unlock()
	l.ex.end(l.ch, callmodel.CauseNormal, 0)
}

// Hold presses the caller's hold key. Fault kind: Conflict.
func (l *CallerLeg) Hold() error { return l.key("hold", true) }

// Resume presses it again. Fault kind: Conflict.
func (l *CallerLeg) Resume() error { return l.key("resume", false) }

func (l *CallerLeg) key(op string, hold bool) error {
	l.ex.mu.Lock()
	defer l.ex.unlock()
	if l.ended || l.ch.state != callmodel.LegUp {
		return fault.New(fault.Conflict, "sim: "+op, string(l.ch.id), "the leg is not answered")
	}
	l.ex.holdKey(l.ch, hold)
	return nil
}

// Press presses digits, one after the other. Fault kinds: Conflict, Invalid.
func (l *CallerLeg) Press(digits string) error {
	l.ex.mu.Lock()
	defer l.ex.unlock()
	if l.ended {
		return fault.New(fault.Conflict, "sim: press", string(l.ch.id), "the leg has ended")
	}
	return l.ex.press(l.ch, digits)
}

// Heard returns the digits that the caller has heard, sent or pressed by others.
func (l *CallerLeg) Heard() string {
	l.ex.mu.Lock()
	defer l.ex.unlock()
	return l.ch.heard
}

// Hears returns what the caller hears now.
func (l *CallerLeg) Hears() Hearing { return l.ex.Hears(l.Channel()) }

// Done is closed when the leg has ended.
func (l *CallerLeg) Done() <-chan struct{} { return l.done }

// Cause returns why the leg ended, 0 while it lives or where nobody can know.
func (l *CallerLeg) Cause() callmodel.Cause {
	l.ex.mu.Lock()
	defer l.ex.unlock()
	return l.cause
}
