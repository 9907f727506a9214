package engine

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Config is what an Engine is made of.
type Config struct {
	Router   callmodel.Router
	Journal  port.Journal
	Effector port.Effector
	Clock    port.Clock // nil: the system's
	Logger   *slog.Logger

	FactsWaiting     int           // facts that may wait before their producer blocks; default 4096
	CommandsWaiting  int           // commands that may wait before more are refused; default 1024
	SubscriberEvents int           // events a slow reader may be behind before it is cut off; default 4096
	Subscribers      int           // readers at once; default 200
	LaneEffects      int           // orders that may wait for one call; default 64
	EffectTimeout    time.Duration // for one order; default 5 s
	SnapshotEvery    time.Duration // default 60 s
	SnapshotRecords  uint64        // or after so many records; default 20,000

	// OnDoubt is called when the state may be out of step with the world, as
	// after a rebuilt state: the link must resync. It must not block. May be nil.
	OnDoubt func()
	// BeforeSnapshot runs before a snapshot is written, off the loop: it waits
	// until projections have the events up to a number, because what is in a
	// snapshot is not replayed. On an error the snapshot is left out. May be nil.
	BeforeSnapshot func(ctx context.Context, events uint64) error
	// Observe gets timings for metrics; its functions must not block. May be zero.
	Observe Observer
}

// Observer gets timings.
type Observer struct {
	Step   func(d time.Duration)
	Effect func(what string, d time.Duration)
}

func (c *Config) setDefaults() {
	if c.Clock == nil {
		c.Clock = systemClock{}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	def(&c.FactsWaiting, 4096)
	def(&c.CommandsWaiting, 1024)
	def(&c.SubscriberEvents, 4096)
	def(&c.Subscribers, 200)
	def(&c.LaneEffects, 64)
	def(&c.EffectTimeout, 5*time.Second)
	def(&c.SnapshotEvery, time.Minute)
	def(&c.SnapshotRecords, 20_000)
	if c.OnDoubt == nil {
		c.OnDoubt = func() {}
	}
	if c.BeforeSnapshot == nil {
		c.BeforeSnapshot = func(context.Context, uint64) error { return nil }
	}
	if c.Observe.Step == nil {
		c.Observe.Step = func(time.Duration) {}
	}
	if c.Observe.Effect == nil {
		c.Observe.Effect = func(string, time.Duration) {}
	}
}

func def[T int | uint64 | time.Duration](p *T, v T) {
	if *p <= 0 {
		*p = v
	}
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

// Engine is one shard. Its methods are safe for concurrent use.
type Engine struct {
	cfg   Config
	log   *slog.Logger
	stats counters

	facts    chan callmodel.Input
	commands chan ask
	asks     chan func()

	// owned by the loop
	state     *callmodel.State
	seq       uint64 // last journal record
	timers    timerHeap
	out       batch
	scratch   []byte
	encoded   []byte
	snapSeq   uint64
	snapAt    time.Time
	lastPanic time.Time
	broken    bool // the journal has failed for good
	full      bool // the journal could not be written the last time

	origin time.Time         // clock reading at Start
	base   callmodel.Instant // instant at Start
	left   time.Time         // wall time of the last record before Start; zero for none
	lanes  *lanes
	fan    *fanout
	snaps  sync.WaitGroup

	startOnce sync.Once
	stopOnce  sync.Once
	stop      chan struct{}
	done      chan struct{}
	fatal     error // why the loop ended by itself; read after done
}

var (
	_ port.Switch = (*Engine)(nil)
	_ port.Feed   = (*Engine)(nil)
)

// New makes an engine. Start runs it.
func New(cfg Config) *Engine {
	cfg.setDefaults()
	e := &Engine{
		cfg: cfg, log: cfg.Logger, stop: make(chan struct{}), done: make(chan struct{}),
		facts: make(chan callmodel.Input, cfg.FactsWaiting), commands: make(chan ask, cfg.CommandsWaiting), asks: make(chan func()),
	}
	e.lanes = newLanes(e)
	e.fan = newFanout(cfg.Subscribers, cfg.SubscriberEvents, &e.stats)
	return e
}

// Start recovers the state from snapshot and journal, brings the configuration
// into force and returns when the loop runs. ctx bounds the recovery only.
func (e *Engine) Start(ctx context.Context, cfg *callmodel.Config) error {
	err := fault.New(fault.Conflict, "engine start", "", "the engine has been started before")
	var result error = err
	e.startOnce.Do(func() { result = e.start(ctx, cfg) })
	return result
}

func (e *Engine) start(ctx context.Context, cfg *callmodel.Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	began := e.cfg.Clock.Now()
	report, err := e.recoverState(ctx)
	if err != nil {
		return err
	}
	e.origin = e.cfg.Clock.Now()
	e.base = report.resumeAt(e.origin, e.state)
	e.snapAt = e.origin
	e.left = report.left(e.state)
	for _, t := range e.state.Timers() {
		e.timers.set(t)
	}
	e.openingInputs(cfg)
	e.log.Info("switch recovered", "snapshot", report.snapshot, "records", report.records, "mismatches", report.mismatches,
		"calls", len(e.state.View().Calls), "took", e.cfg.Clock.Now().Sub(began).Round(time.Millisecond))
	go e.loop()
	return nil
}

// openingInputs are the first records of every run: the calendar, the
// configuration where it is new, and that no server is in step yet.
func (e *Engine) openingInputs(cfg *callmodel.Config) {
	e.apply(callmodel.WallClock{UnixMicro: e.origin.UnixMicro()})
	for _, n := range e.state.View().Nodes {
		e.apply(callmodel.NodeDown{Node: n.ID, Cause: "the controller was started"})
	}
	if next := nextVersion(e.state.Config(), cfg); next != nil {
		e.apply(callmodel.ConfigLoaded{Config: next})
	}
	e.finishBatch()
}

// nextVersion returns cfg with a new version number, or nil when it says the
// same as the version in force.
func nextVersion(current, cfg *callmodel.Config) *callmodel.Config {
	if current.Version > 0 && current.Same(cfg) {
		return nil
	}
	next := *cfg
	next.Version = current.Version + 1
	return &next
}

// Reconfigure brings a new configuration into force. Calls keep the version
// that they started with.
func (e *Engine) Reconfigure(ctx context.Context, cfg *callmodel.Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	return e.onLoop(ctx, "reconfigure", func() {
		if next := nextVersion(e.state.Config(), cfg); next != nil {
			e.apply(callmodel.ConfigLoaded{Config: next})
		}
	})
}

// Stop ends the loop, waits for orders under way until ctx ends, writes a last
// snapshot and returns. Calls live on in the telephony servers. It may be
// called twice.
func (e *Engine) Stop(ctx context.Context) error {
	e.startOnce.Do(func() { close(e.done) }) // never started: nothing runs
	e.stopOnce.Do(func() { close(e.stop) })
	<-e.done
	err := e.lanes.stop(ctx)
	e.snaps.Wait()
	if e.state != nil && e.fatal == nil && !e.broken && !e.full {
		e.saveSnapshot(ctx, e.seq, e.state.Freeze())
	}
	e.fan.closeAll(fault.New(fault.Stopped, "watch", "", "the switch is stopping"))
	return err
}

// Done is closed when the loop has ended; Err then says why it ended by itself.
func (e *Engine) Done() <-chan struct{} { return e.done }

// Err returns why the loop ended by itself, nil after Stop. Call it after Done.
func (e *Engine) Err() error { return e.fatal }

// NewID mints an id.
func (e *Engine) NewID() callmodel.ID { return callmodel.ID(ulid.Make()) }

// Now returns the shard's present instant.
func (e *Engine) Now() callmodel.Instant {
	return e.base.Add(e.cfg.Clock.Now().Sub(e.origin))
}

// Left is when the run before this one wrote its last record; zero where there
// was none. Not before Start has returned.
func (e *Engine) Left() time.Time { return e.left }

// Put hands a fact to the loop; it blocks while the loop is behind.
func (e *Engine) Put(ctx context.Context, in callmodel.Input) error {
	select {
	case e.facts <- in:
		return nil
	default:
	}
	e.stats.factsBlocked.Add(1)
	select {
	case e.facts <- in:
		return nil
	case <-e.done:
		return stopped("put")
	case <-ctx.Done():
		return fault.Wrap(fault.Stopped, "put", in.Tag(), ctx.Err())
	}
}

func stopped(op string) error {
	return fault.New(fault.Stopped, op, "", "the switch is not running")
}
