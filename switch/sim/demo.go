package sim

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// HappeningKind says what happened to a leg.
type HappeningKind string

// What happens to legs.
const (
	HappenedPlaced   HappeningKind = "placed"   // a caller calls
	HappenedRinging  HappeningKind = "ringing"  // a phone rings
	HappenedAnswered HappeningKind = "answered" // a leg was answered
	HappenedTalking  HappeningKind = "talking"  // a leg talks to another
	HappenedEnded    HappeningKind = "ended"
)

// Happening is one thing that happened at the exchange, for people to read.
type Happening struct {
	Kind     HappeningKind
	At       time.Time
	Channel  callmodel.ChannelID
	Endpoint string // of the phone; empty for callers
	Caller   string // number of the caller; empty for phones
	Dialled  string
	Cause    callmodel.Cause // of HappenedEnded
	Talked   bool            // of HappenedEnded: there was a conversation
}

const watcherQueue = 1024

type watcher struct{ ch chan Happening }

func (e *Exchange) notify(ch *channel, k HappeningKind) { e.notifyCause(ch, k, 0) }

func (e *Exchange) notifyCause(ch *channel, k HappeningKind, cause callmodel.Cause) {
	if len(e.watchers) == 0 {
		return
	}
	h := Happening{Kind: k, At: e.clock.Now(), Channel: ch.id, Cause: cause, Talked: ch.talked}
	if ch.phone != nil {
		h.Endpoint = ch.phone.endpoint
	}
	if ch.leg != nil {
		h.Caller, h.Dialled = ch.leg.caller.Number, ch.from.dialled
	}
	for w := range e.watchers {
		select {
		case w.ch <- h:
		default:
			e.stats.WatcherDrops++
		}
	}
}

func (e *Exchange) watch() (w *watcher, stop func()) {
	w = &watcher{ch: make(chan Happening, watcherQueue)}
	e.mu.Lock()
	defer e.unlock()
	e.watchers[w] = struct{}{}
	return w, func() {
		e.mu.Lock()
		defer e.unlock()
		delete(e.watchers, w)
	}
}

// Traffic describes what Demo places.
type Traffic struct {
	Numbers  []string      // dialled at random
	Interval time.Duration // mean time between calls (exponential)
	Patience Range
	Talk     Range
	MaxLive  int // calls of the demo at once; an arrival beyond it is skipped. 0: 100
	Seed     uint64
	Prefix   string // of the callers' numbers
}

// Demo places calls until ctx ends, then returns nil; the legs that live then
// are hung up. report is called from Demo's goroutine, in order, for
// everything that happens at the exchange. Fault kinds: Invalid, Stopped.
func (e *Exchange) Demo(ctx context.Context, t Traffic, report func(Happening)) error {
	if len(t.Numbers) == 0 || t.Interval <= 0 {
		return fault.New(fault.Invalid, "sim: demo", "", "numbers to dial and an interval above zero are needed")
	}
	setDefault(&t.MaxLive, 100)
	w, stop := e.watch()
	defer stop()
	d := demo{ex: e, t: t, rng: rand.New(rand.NewPCG(t.Seed, 0x64656d6f)), legs: map[*CallerLeg]struct{}{}}
	defer d.hangup()
	next := e.clock.After(d.gap())
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-e.stop:
			return fault.New(fault.Stopped, "sim: demo", "", "the exchange has been stopped")
		case h := <-w.ch:
			report(h)
		case <-next:
			d.place()
			next = e.clock.After(d.gap())
		}
	}
}

type demo struct {
	ex   *Exchange
	t    Traffic
	rng  *rand.Rand
	legs map[*CallerLeg]struct{}
	n    int
}

func (d *demo) gap() time.Duration { return time.Duration(d.rng.ExpFloat64() * float64(d.t.Interval)) }

func (d *demo) draw(r Range) time.Duration {
	if r.Max <= r.Min {
		return r.Min
	}
	return r.Min + time.Duration(d.rng.Int64N(int64(r.Max-r.Min)+1))
}

// place lets one caller arrive. A refused call is counted by the exchange.
func (d *demo) place() {
	for leg := range d.legs {
		select {
		case <-leg.Done():
			delete(d.legs, leg)
		default:
		}
	}
	if len(d.legs) >= d.t.MaxLive {
		return
	}
	d.n++
	c := Caller{
		Number: d.t.Prefix + strconv.Itoa(1000+d.n%9000), Name: "Caller " + strconv.Itoa(d.n),
		Patience: d.draw(d.t.Patience), Talk: d.draw(d.t.Talk),
	}
	leg, err := d.ex.Place(d.t.Numbers[d.rng.IntN(len(d.t.Numbers))], c)
	if err == nil {
		d.legs[leg] = struct{}{}
	}
}

func (d *demo) hangup() {
	for leg := range d.legs {
		leg.Hangup()
	}
}
