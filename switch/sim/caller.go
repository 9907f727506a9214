package sim

import (
	"strconv"
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
}

// CallerLeg is one call of a Caller.
type CallerLeg struct {
	ex      *Exchange
	ch      *channel
	caller  Caller
	dialled string
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
	e.inbound++
	id := callmodel.ChannelID("trunk-" + strconv.Itoa(e.boot) + "-" + strconv.FormatUint(e.inbound, 10))
	leg := &CallerLeg{ex: e, caller: c, dialled: number, done: make(chan struct{})}
	ch := &channel{id: id, state: callmodel.LegDown, leg: leg}
	leg.ch = ch
	e.channels[id] = ch
	e.stats.Placed++
	if c.Patience > 0 {
		leg.patient = e.after(c.Patience, func() { e.end(ch, callmodel.CauseNormal, 0) })
		ch.cancels = append(ch.cancels, leg.patient)
	}
	e.emit(e.arrival(leg))
	e.notify(ch, HappenedPlaced)
	return leg, nil
}

// arrival is the fact that a caller's leg is in our application.
func (e *Exchange) arrival(l *CallerLeg) callmodel.ChannelArrived {
	return callmodel.ChannelArrived{
		Node: e.opt.Node, Channel: l.ch.id, Call: callmodel.CallID{ID: e.feed.NewID()}, Up: l.ch.state == callmodel.LegUp,
		Dialled: l.dialled, Caller: l.caller.Number, CallerName: l.caller.Name,
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
	l.ex.press(l.ch, hold)
	return nil
}

// Done is closed when the leg has ended.
func (l *CallerLeg) Done() <-chan struct{} { return l.done }

// Cause returns why the leg ended, 0 while it lives or where nobody can know.
func (l *CallerLeg) Cause() callmodel.Cause {
	l.ex.mu.Lock()
	defer l.ex.unlock()
	return l.cause
}
