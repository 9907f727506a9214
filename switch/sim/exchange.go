package sim

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Defaults of Options.
const (
	DefaultNode        = callmodel.NodeID("sim")
	DefaultMaxChannels = 10_000
	DefaultMaxOutbox   = 65_536
	DefaultRingDelay   = 20 * time.Millisecond
)

// Range is a duration drawn evenly from Min to Max. The zero Range is 0.
type Range struct{ Min, Max time.Duration }

// Exactly is the range of one duration.
func Exactly(d time.Duration) Range { return Range{Min: d, Max: d} }

// Options say what exchange to make. The zero value works in real time, at
// once and without faults.
type Options struct {
	Node        callmodel.NodeID
	Clock       Clock
	Seed        uint64        // of everything that is drawn
	RingDelay   time.Duration // from originate to ringing
	EffectDelay Range         // an effect takes this long
	EventDelay  Range         // a fact is this long on its way; order is kept within channel facts and within bridge facts
	ListDelay   Range         // each half of taking an inventory for Resync
	ResyncEvery time.Duration // drift check; 0: none
	MaxChannels int           // more are refused
	MaxOutbox   int           // facts that wait for the feed; more cut the link
	Faults      Faults
}

// Exchange is the simulated exchange. Safe for concurrent use.
type Exchange struct {
	opt   Options
	clock Clock

	*guard
	joined
	rng       *rand.Rand
	feed      port.Feed
	channels  map[callmodel.ChannelID]*channel
	bridges   map[callmodel.BridgeID]*bridge
	phones    map[string]*Phone
	numbers   map[string]*Phone // outside, by digits
	trunks    map[string]*Trunk
	media     map[string]time.Duration
	plays     map[callmodel.PlayID]*play
	vault     map[callmodel.ChannelID]*collection // open collections of the link
	tracks    map[callmodel.RecordName]*track
	recorded  map[callmodel.RecordName]bool // names that are taken
	elsewhere func(string) PhonePolicy      // of the numbers that numbers does not have
	decider   func(callmodel.Decide) (callmodel.Decision, time.Duration)
	timers    map[uint64]Timer
	timerSeq  uint64
	inbound   uint64 // counter of caller legs
	boot      int    // counts restarts
	wire      wire
	ends      []legEnd // of legs, as its own records have them
	stats     Stats
	changed   chan struct{} // closed and replaced at every change
	watchers  map[*watcher]struct{}

	endPump func()
	stopped bool
	stop    chan struct{}
	wake    chan struct{}
	pumped  sync.WaitGroup
}

var _ port.Effector = (*Exchange)(nil)

// New makes an exchange without phones. It does nothing until Start.
func New(opt Options) *Exchange {
	if opt.Node == "" {
		opt.Node = DefaultNode
	}
	if opt.Clock == nil {
		opt.Clock = RealClock()
	}
	setDefault(&opt.MaxChannels, DefaultMaxChannels)
	setDefault(&opt.MaxOutbox, DefaultMaxOutbox)
	setDefault(&opt.RingDelay, DefaultRingDelay)
	return &Exchange{
		guard: &guard{}, opt: opt, clock: opt.Clock, rng: rand.New(rand.NewPCG(opt.Seed, 0x5372774765)),
		channels: map[callmodel.ChannelID]*channel{}, bridges: map[callmodel.BridgeID]*bridge{},
		phones: map[string]*Phone{}, numbers: map[string]*Phone{}, trunks: map[string]*Trunk{}, elsewhere: Always(PhonePolicy{Mode: NoSuchNumber}),
		media: map[string]time.Duration{}, plays: map[callmodel.PlayID]*play{}, vault: map[callmodel.ChannelID]*collection{},
		tracks: map[callmodel.RecordName]*track{}, recorded: map[callmodel.RecordName]bool{},
		timers: map[uint64]Timer{}, changed: make(chan struct{}),
		watchers: map[*watcher]struct{}{}, stop: make(chan struct{}), wake: make(chan struct{}, 1),
	}
}

func setDefault[T int | time.Duration](p *T, v T) {
	if *p <= 0 {
		*p = v
	}
}

// Start connects the exchange to a feed: the first fact is a Resync with
// Fresh set. After Detach it may be called again, with another feed. Fault
// kinds: Conflict (connected already), Stopped.
func (e *Exchange) Start(ctx context.Context, feed port.Feed) error {
	if err := ctx.Err(); err != nil {
		return fault.Wrap(fault.Stopped, "sim: start", "", err)
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	if err := e.attach(feed, cancel); err != nil {
		cancel()
		return err
	}
	e.pumped.Add(1)
	go e.pump(run, feed)
	return nil
}

// attach connects without a pump: facts are taken with take.
func (e *Exchange) attach(feed port.Feed, end func()) error {
	e.mu.Lock()
	defer e.unlock()
	switch {
	case e.stopped:
		return fault.New(fault.Stopped, "sim: start", "", "the exchange has been stopped: make a new one")
	case e.feed != nil:
		return fault.New(fault.Conflict, "sim: start", "", "the exchange is connected already: detach it first")
	}
	e.feed, e.endPump = feed, end
	e.connect(true)
	return nil
}

// Detach is the controller's death: the link is gone, facts are lost, orders
// that are under way are still carried out, calls live on. It waits for the
// pump and may be called twice.
func (e *Exchange) Detach() {
	e.mu.Lock()
	e.detach()
	e.unlock()
	e.pumped.Wait()
}

func (e *Exchange) detach() {
	if e.feed == nil {
		return
	}
	e.drop("the controller went away")
	if e.wire.outage != nil {
		e.wire.outage()
		e.wire.outage = nil
	}
	e.wire.outbox = nil
	for id := range e.vault { // they live in the link, which is the controller's
		e.endCollect(id)
	}
	e.endPump()
	e.feed = nil
}

// Stop ends everything and waits. It may be called twice.
func (e *Exchange) Stop() {
	e.mu.Lock()
	if !e.stopped {
		e.detach()
		e.stopped = true
		close(e.stop)
		for id, t := range e.timers {
			t.Stop()
			delete(e.timers, id)
		}
		e.touch()
	}
	e.unlock()
	e.pumped.Wait()
}

// pump hands facts to the feed in order until it is detached.
func (e *Exchange) pump(ctx context.Context, feed port.Feed) {
	defer e.pumped.Done()
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.wake:
		}
		for _, in := range e.take() {
			if err := feed.Put(ctx, in); err != nil {
				e.feedFailed(ctx)
				return
			}
		}
	}
}

// feedFailed counts a feed that takes no more facts: the link stays down.
func (e *Exchange) feedFailed(ctx context.Context) {
	e.mu.Lock()
	defer e.unlock()
	if ctx.Err() != nil {
		return // detached meanwhile
	}
	e.stats.FeedErrors++
	e.detach()
}

// unlock releases the mutex, then runs what must not run under it.
func (e *Exchange) unlock() {
	todo := e.deferred
	e.deferred = nil
	e.mu.Unlock()
	for _, f := range todo {
		f()
	}
}

// after runs f under the lock, d from now, unless it is stopped before.
func (e *Exchange) after(d time.Duration, f func()) (cancel func()) {
	if e.stopped {
		return func() {}
	}
	e.timerSeq++
	id := e.timerSeq
	e.timers[id] = e.clock.AfterFunc(d, func() {
		e.mu.Lock()
		defer e.unlock()
		if _, live := e.timers[id]; !live {
			return
		}
		delete(e.timers, id)
		f()
	})
	return func() {
		if t, live := e.timers[id]; live {
			t.Stop()
			delete(e.timers, id)
		}
	}
}

// draw picks a duration from a range.
func (e *Exchange) draw(r Range) time.Duration {
	if r.Max <= r.Min {
		return r.Min
	}
	return r.Min + time.Duration(e.rng.Int64N(int64(r.Max-r.Min)+1))
}

func (e *Exchange) chance(p float64) bool { return p > 0 && e.rng.Float64() < p }

// touch wakes everybody who waits for a change.
func (e *Exchange) touch() {
	close(e.changed)
	e.changed = make(chan struct{})
}

// Node returns the exchange's node id.
func (e *Exchange) Node() callmodel.NodeID { return e.opt.Node }

func (e *Exchange) epoch() string { return "boot-" + strconv.Itoa(e.boot) }
