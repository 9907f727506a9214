package sim

import (
	"slices"
	"time"

	"strowger/switch/callmodel"
)

// channel is one leg. Guarded by Exchange.mu.
type channel struct {
	id      callmodel.ChannelID
	ex      *Exchange          // where it lives
	state   callmodel.LegState // LegDown, LegRinging, LegUp
	bridge  *bridge
	music   bool
	class   string
	ring    bool // hears ringing
	held    bool // its person has pressed hold
	muted   bool // the others do not hear it
	talked  bool // has been in a conversation
	inbound bool // it has called us: in the application from its first moment
	from    origin
	shown   string // caller's number that it was called with
	trunk   *Trunk // that it goes out or has come in by
	phone   *Phone // the station or the outside number at its end
	leg     *CallerLeg
	plays   []*play  // the first one plays, the others wait for their turn
	waiting []func() // orders that wait for the end of the plays
	heard   string   // digits that its person has heard
	keysEnd time.Time
	upAt    time.Time     // answered
	hello   time.Duration // so long its voice has spoken at the answer
	away    bool          // with a detector, out of our application
	cancels []func()      // its timers

	of      *channel   // that it listens to
	whisper bool       // of hears what is said in its bridge
	taps    []*channel // that listen to it
}

// origin is what a leg that has called us says of itself.
type origin struct {
	dialled, number, name, endpoint string
	headers                         *callmodel.Headers
	withheld                        bool
	sipID                           string
}

// inApp reports whether the leg takes orders: one that we call is in the
// application only from its answer on, and not while a detector hears it.
func (ch *channel) inApp() bool { return (ch.inbound || ch.state == callmodel.LegUp) && !ch.away }

type bridge struct {
	id      callmodel.BridgeID
	members []*channel
	plays   []*play
}

func (e *Exchange) later(ch *channel, r Range, f func()) {
	ch.cancels = append(ch.cancels, e.after(e.draw(r), f))
}

func (e *Exchange) up(ch *channel) {
	if ch.state == callmodel.LegUp {
		return
	}
	ch.state, ch.ring, ch.upAt = callmodel.LegUp, false, e.clock.Now()
	if ch.phone != nil {
		ch.hello = ch.phone.greeting(e)
	}
	e.emit(callmodel.ChannelUp{Node: e.opt.Node, Channel: ch.id})
	e.notify(ch, HappenedAnswered)
	e.converse(ch.bridge)
}

// end ends a leg: its sounds end, it leaves its bridge, then our application,
// then it is gone.
func (e *Exchange) end(ch *channel, cause callmodel.Cause, tech int) {
	if e.channels[ch.id] != ch {
		if ch.phone != nil {
			ch.phone.drop(ch) // a call that has died with its exchange is hung up
		}
		return
	}
	e.silence(ch)
	e.endTaps(ch)
	if b := e.takeFrom(ch); b != nil && !ch.id.Ours() { // of legs that we have called the link tells the end alone
		e.emit(callmodel.ChannelLeft{Channel: ch.id, Bridge: b.id})
	}
	for _, t := range e.tracksOf(ch) {
		e.endTrack(t)
	}
	inApp := ch.inApp()
	e.forget(ch, cause)
	if inApp {
		e.emit(callmodel.ChannelLeftApp{Channel: ch.id})
	}
	e.emit(callmodel.ChannelGone{Channel: ch.id, Cause: cause, TechCause: tech})
}

// forget removes a leg without a word to the controller.
func (e *Exchange) forget(ch *channel, cause callmodel.Cause) {
	e.noteEnd(ch.id, cause)
	delete(e.channels, ch.id)
	for _, t := range e.tracksOf(ch) {
		delete(e.tracks, t.name)
	}
	ch.untap()
	for _, cancel := range ch.cancels {
		cancel()
	}
	ch.cancels = nil
	for _, p := range ch.plays {
		p.end()
		delete(e.plays, p.id)
	}
	ch.plays = nil
	if ch.phone != nil {
		ch.phone.drop(ch)
	}
	if ch.trunk != nil {
		ch.trunk.live--
	}
	if ch.leg != nil {
		ch.leg.ended, ch.leg.cause = true, cause
		close(ch.leg.done)
	}
	e.stats.ChannelsEnded++
	e.notifyCause(ch, HappenedEnded, cause)
	e.resume(ch)
	e.touch()
}

// join puts a leg into a bridge. One that is in a bridge already leaves it
// first, as in Asterisk: the same or another.
func (e *Exchange) join(b *bridge, ch *channel) {
	if ch.bridge == b {
		return // it is there already: the link leaves it out
	}
	e.leave(ch)
	ch.bridge = b
	b.members = append(b.members, ch)
	e.emit(callmodel.ChannelJoined{Channel: ch.id, Bridge: b.id})
	e.converse(b)
}

func (e *Exchange) leave(ch *channel) {
	if b := e.takeFrom(ch); b != nil {
		e.emit(callmodel.ChannelLeft{Channel: ch.id, Bridge: b.id})
	}
}

// takeFrom takes a leg out of the bridge that it was in, without a word.
func (e *Exchange) takeFrom(ch *channel) *bridge {
	b := ch.bridge
	if b != nil {
		ch.bridge = nil
		b.members = slices.DeleteFunc(b.members, func(m *channel) bool { return m == ch })
	}
	return b
}

func (e *Exchange) destroy(b *bridge) {
	for len(b.plays) > 0 {
		e.endPlay(b.plays[len(b.plays)-1], true)
	}
	for len(b.members) > 0 {
		e.leave(b.members[0])
	}
	delete(e.bridges, b.id)
	e.emit(callmodel.BridgeGone{Bridge: b.id})
}

// converse notices that people can talk, and starts their talk time.
func (e *Exchange) converse(b *bridge) {
	if b == nil {
		return
	}
	answered := 0
	for _, m := range b.members {
		if m.state == callmodel.LegUp && m.of == nil {
			answered++
		}
	}
	if answered < 2 {
		return
	}
	for _, m := range b.members {
		if m.talked || m.state != callmodel.LegUp || m.of != nil {
			continue
		}
		m.talked = true
		e.stats.Conversations++
		e.notify(m, HappenedTalking)
		switch {
		case m.leg != nil:
			m.leg.talking(e, m)
		case m.phone != nil:
			m.phone.talking(e, m)
		}
	}
}
