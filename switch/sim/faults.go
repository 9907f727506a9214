package sim

import (
	"time"

	"strowger/switch/callmodel"
)

// Faults are chances (0 to 1) of what goes wrong by itself. Each time one bites it is counted in Stats.
type Faults struct {
	LoseEvent      float64 // a fact is never sent
	DuplicateEvent float64 // a fact is sent twice in a row
	RefuseEffect   float64 // an order is refused for want of capacity (Later)
	UnknownDone    float64 // an order is carried out, its reply is lost
	UnknownLost    float64 // an order is lost
	UnknownLate    float64 // an order is reported Unknown and carried out LateBy later
	LateBy         Range

	loseNext, duplicateNext int
	fateNext                map[string]fatePlan
	slow                    time.Duration
}

type fatePlan struct {
	fate Fate
	left int
}

// Fate is what really becomes of an order.
type Fate uint8

// What can become of an order; the last three are reported as Unknown.
const (
	Normal    Fate = iota // carried out and answered
	Refused               // refused for want of capacity, reported as Later
	ReplyLost             // carried out
	OrderLost             // never carried out
	OrderLate             // carried out Faults.LateBy later
)

// fate decides what becomes of an order.
func (e *Exchange) fate(eff callmodel.Effect) Fate {
	f := &e.opt.Faults
	if p, ok := f.fateNext[eff.What()]; ok {
		if p.left--; p.left > 0 {
			f.fateNext[eff.What()] = p
		} else {
			delete(f.fateNext, eff.What())
		}
		return p.fate
	}
	switch {
	case e.chance(f.RefuseEffect):
		return Refused
	case e.chance(f.UnknownDone):
		return ReplyLost
	case e.chance(f.UnknownLost):
		return OrderLost
	case e.chance(f.UnknownLate):
		return OrderLate
	}
	return Normal
}

// SetFaults replaces the chances; what was planned with LoseNext and its like stays.
func (e *Exchange) SetFaults(f Faults) {
	e.mu.Lock()
	defer e.unlock()
	old := e.opt.Faults
	f.loseNext, f.duplicateNext, f.fateNext, f.slow = old.loseNext, old.duplicateNext, old.fateNext, old.slow
	e.opt.Faults = f
}

// LoseNext loses the next n facts.
func (e *Exchange) LoseNext(n int) {
	e.mu.Lock()
	defer e.unlock()
	e.opt.Faults.loseNext = n
}

// DuplicateNext sends each of the next n facts twice.
func (e *Exchange) DuplicateNext(n int) {
	e.mu.Lock()
	defer e.unlock()
	e.opt.Faults.duplicateNext = n
}

// FateNext decides what becomes of the next n orders of a kind (Effect.What).
func (e *Exchange) FateNext(what string, n int, how Fate) {
	e.mu.Lock()
	defer e.unlock()
	if e.opt.Faults.fateNext == nil {
		e.opt.Faults.fateNext = map[string]fatePlan{}
	}
	e.opt.Faults.fateNext[what] = fatePlan{fate: how, left: n}
}

// SlowEffects adds d to what every order takes, until it is set to 0.
func (e *Exchange) SlowEffects(d time.Duration) {
	e.mu.Lock()
	defer e.unlock()
	e.opt.Faults.slow = d
}

// CutLink cuts the link for a while: facts are lost, calls live on, and a
// Resync follows the reconnect.
func (e *Exchange) CutLink(outage time.Duration) {
	e.mu.Lock()
	defer e.unlock()
	if e.feed == nil {
		return
	}
	e.stats.Cuts++
	e.cut(outage, "the link was cut")
}

// Restart kills every leg and bridge without a word and comes back after a
// while with a new epoch.
func (e *Exchange) Restart(outage time.Duration) {
	e.mu.Lock()
	defer e.unlock()
	if e.feed == nil {
		return
	}
	e.stats.Restarts++
	e.cut(outage, "the exchange went away")
	if len(e.peers) > 0 {
		e.die(outage)
	}
	e.boot++
	for _, ch := range e.channelsInOrder() {
		ch.bridge = nil
		e.forget(ch, 0)
	}
	for _, b := range e.bridges {
		for _, p := range b.plays {
			p.end()
		}
	}
	clear(e.bridges)
	clear(e.plays)
	e.touch()
}

// Silence tells that no audio has come from a leg for a while, as where the
// network loses it. The leg is as before.
func (e *Exchange) Silence(id callmodel.ChannelID, d time.Duration) {
	e.mu.Lock()
	defer e.unlock()
	if ch := e.channels[id]; ch != nil {
		e.stats.Silenced++
		e.emit(callmodel.DeadAir{Channel: id, Silent: d})
	}
}

// DestroyBridges destroys every bridge behind the controller's back.
func (e *Exchange) DestroyBridges() {
	e.mu.Lock()
	defer e.unlock()
	for _, b := range e.bridgesInOrder() {
		e.stats.BridgesStolen++
		e.destroy(b)
	}
}

// TakeAway takes a leg out of our application, as an operator's redirect
// does: it lives on out of sight, and no end is told.
func (e *Exchange) TakeAway(id callmodel.ChannelID) {
	e.mu.Lock()
	defer e.unlock()
	ch := e.channels[id]
	if ch == nil {
		return
	}
	e.stats.TakenAway++
	e.endTaps(ch)
	e.leave(ch)
	e.forget(ch, 0)
	e.emit(callmodel.ChannelLeftApp{Channel: id})
}

// Bounce sends a caller's leg out of our application and back at once, as a
// dialplan detour does: it is the same leg and the same call.
func (e *Exchange) Bounce(l *CallerLeg) {
	e.mu.Lock()
	defer e.unlock()
	if l.ended || e.feed == nil {
		return
	}
	e.stats.Bounced++
	e.leave(l.ch)
	e.emit(callmodel.ChannelLeftApp{Channel: l.ch.id})
	e.emit(e.arrival(l.ch))
}

// Resync has an inventory handed over now, as the drift check does.
func (e *Exchange) Resync() {
	e.mu.Lock()
	defer e.unlock()
	if e.wire.link == linkUp {
		e.check(e.wire.conn, func() {})
	}
}

// Stats counts what happened and which faults bit.
type Stats struct {
	Facts, Effects, Placed, Originated, ChannelsEnded, Conversations          uint64
	Connects, Resyncs, Cuts, Restarts, Overruns, FeedErrors, Fallbacks        uint64
	LostEvents, LostInCut, DuplicatedEvents                                   uint64
	RefusedEffects, RefusedInCut, UnknownDone, UnknownLost, UnknownLate       uint64
	DelayedEffects, BridgesStolen, Silenced, TakenAway, Bounced, WatcherDrops uint64
	Plays, BlockedEffects, TrunkFull, Notified, PhoneCalls, Taps              uint64
	Digits, DigitsPressed, DigitsForgotten, DigitsSent                        uint64
	BlindTransfers, AttendedTransfers, Decisions, Replaced                    uint64
	Cleared                                                                   uint64 // legs freed because their other exchange has died
	Tracks                                                                    uint64
	Screened, TrunkRefused                                                    uint64
}

// FaultsBitten is the number of facts, orders and links that a fault has touched.
func (s Stats) FaultsBitten() uint64 {
	return s.LostEvents + s.LostInCut + s.DuplicatedEvents + s.RefusedEffects + s.RefusedInCut + s.UnknownDone +
		s.UnknownLost + s.UnknownLate + s.DelayedEffects + s.Cuts + s.Restarts + s.BridgesStolen + s.Silenced + s.TakenAway + s.Bounced + s.Overruns
}

// Stats returns the counters.
func (e *Exchange) Stats() Stats {
	e.mu.Lock()
	defer e.unlock()
	return e.stats
}
