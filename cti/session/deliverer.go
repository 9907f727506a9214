package session

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"strowger/switch/fault"
)

// Deliverer delivers messages. It is safe for concurrent use.
type Deliverer struct {
	Stats Stats

	cfg  Config
	live atomic.Pointer[Limits]
	work sync.WaitGroup

	mu      sync.Mutex // owns everything below
	lanes   map[laneKey]*lane
	dests   map[string]*dest
	gates   map[string][]gate // of sessions that somebody holds
	running bool
	ctx     context.Context // of all sending; ends when Stop gives up waiting
	cancel  context.CancelCauseFunc
}

type laneKey struct{ destination, session string }

// dest is what the lanes of a destination share. Deliverer.mu owns the
// counts; slots is a semaphore.
type dest struct {
	slots   chan struct{}
	lanes   int
	waiting int
	bytes   int
}

// waiting is a message in a queue.
type waiting struct {
	msg   Message
	since time.Time
	gates []gate // that it waits for
}

// New makes a Deliverer; it accepts messages after Start.
func New(cfg Config) (*Deliverer, error) {
	cfg, err := cfg.filled()
	if err != nil {
		return nil, err
	}
	d := &Deliverer{cfg: cfg, lanes: map[laneKey]*lane{}, dests: map[string]*dest{}, gates: map[string][]gate{}}
	d.live.Store(&cfg.Limits)
	return d, nil
}

// SetLimits brings other limits into force. Messages on their way end under
// those that they began with.
func (d *Deliverer) SetLimits(l Limits) {
	l = l.filled()
	d.live.Store(&l)
}

func (d *Deliverer) limits() *Limits { return d.live.Load() }

// Start opens the Deliverer. Values of ctx reach the Sender; its end does not
// stop anything, so that Stop can still drain.
func (d *Deliverer) Start(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx != nil {
		return fault.New(fault.Conflict, "session: start", "", "the deliverer was started before")
	}
	d.ctx, d.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	d.running = true
	return nil
}

// Stop refuses new messages and waits until the waiting ones are delivered or
// ctx ends; then it cancels what is left, waits for the goroutines and
// returns. A second call waits likewise. The error says that messages were
// discarded (fault.Stopped).
func (d *Deliverer) Stop(ctx context.Context) error {
	d.mu.Lock()
	d.running = false
	cancel := d.cancel
	d.mu.Unlock()
	if cancel == nil {
		return nil
	}
	done := make(chan struct{})
	go func() {
		d.work.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	before := d.Stats.Discarded.Load()
	cancel(fault.New(fault.Stopped, "session", "", "the deliverer stops"))
	<-done
	if left := d.Stats.Discarded.Load() - before; left > 0 {
		return fault.Newf(fault.Stopped, "session: stop", "", "%d messages were not delivered in time", left)
	}
	return nil
}

// Enqueue accepts a message and returns at once. Errors: fault.Stopped before
// Start and after Stop; fault.Overrun when the message's lane was ended, now
// or earlier, and its owner has not called Forget; fault.Busy when there are
// too many lanes.
func (d *Deliverer) Enqueue(m Message) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.accept(m)
	if err != nil {
		d.Stats.Refused.Add(1)
		return err
	}
	d.Stats.Queued.Add(1)
	return nil
}

func (d *Deliverer) accept(m Message) error {
	const op = "session: enqueue"
	if !d.running {
		return fault.New(fault.Stopped, op, m.Session, "the deliverer is not running")
	}
	l := d.lanes[laneKey{m.Destination, m.Session}]
	if l == nil {
		if len(d.lanes) >= d.cfg.MaxLanes {
			return fault.Newf(fault.Busy, op, m.Session, "there are already %d sessions", d.cfg.MaxLanes)
		}
		l = d.open(laneKey{m.Destination, m.Session})
	}
	if l.ended {
		return fault.New(fault.Overrun, op, m.Session, "the session was ended; it has to subscribe again")
	}
	d.coalesce(l, m.Coalesce)
	if len(l.queue) >= d.limits().LaneLength || l.dest.waiting >= d.cfg.DestLength || l.dest.bytes+len(m.Body) > d.cfg.DestBytes {
		d.end(l, Overflow)
		return fault.New(fault.Overrun, op, m.Session, "the peer is slower than the events; the session is ended")
	}
	l.queue = append(l.queue, waiting{m, time.Now(), slices.Clone(d.gates[m.Session])})
	l.dest.waiting++
	l.dest.bytes += len(m.Body)
	raise(&d.Stats.Waiting, &d.Stats.WaitingMax)
	if !l.running {
		l.running = true
		d.work.Add(1)
		go d.run(l)
	}
	return nil
}

// coalesce removes the waiting message that a new one replaces. The new one
// goes to the end, not into the gap: it tells a state that is newer than what
// waits before it.
func (d *Deliverer) coalesce(l *lane, key string) {
	if key == "" {
		return
	}
	for i := range l.queue {
		if l.queue[i].msg.Coalesce == key {
			d.leave(l, l.queue[i])
			l.queue = append(l.queue[:i], l.queue[i+1:]...)
			d.Stats.Coalesced.Add(1)
			return
		}
	}
}

// Forget removes a lane with its waiting and open messages, ended or not. The
// next message for it opens a new one.
func (d *Deliverer) Forget(session, destination string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if l := d.lanes[laneKey{destination, session}]; l != nil {
		d.purge(l)
		d.remove(l)
	}
}

// open makes a lane. The caller holds mu.
func (d *Deliverer) open(k laneKey) *lane {
	to := d.dests[k.destination]
	if to == nil {
		to = &dest{slots: make(chan struct{}, d.cfg.Workers)}
		d.dests[k.destination] = to
	}
	to.lanes++
	l := &lane{key: k, dest: to, contact: time.Now()}
	l.ctx, l.cancel = context.WithCancelCause(d.ctx)
	d.lanes[k] = l
	d.Stats.Lanes.Add(1)
	return l
}

// remove takes a lane out of the tables. The caller holds mu.
func (d *Deliverer) remove(l *lane) {
	if d.lanes[l.key] != l {
		return
	}
	delete(d.lanes, l.key)
	d.Stats.Lanes.Add(-1)
	l.ended = true
	l.cancel(fault.New(fault.Stopped, "session", l.key.session, "the session is closed"))
	if l.dest.lanes--; l.dest.lanes == 0 {
		delete(d.dests, l.key.destination)
	}
}

// purge drops the waiting messages of a lane. The caller holds mu.
func (d *Deliverer) purge(l *lane) {
	for _, w := range l.queue {
		d.leave(l, w)
		d.Stats.Discarded.Add(1)
	}
	l.queue = nil
}

// leave accounts for a message that leaves its queue. The caller holds mu.
func (d *Deliverer) leave(l *lane, w waiting) {
	l.dest.waiting--
	l.dest.bytes -= len(w.msg.Body)
	d.Stats.Waiting.Add(-1)
}

// end closes a lane to messages and tells the owner. The caller holds mu.
func (d *Deliverer) end(l *lane, why Reason) {
	if l.ended {
		return
	}
	l.ended = true
	d.purge(l)
	d.Stats.ended(why)
	l.cancel(fault.New(fault.Overrun, "session", l.key.session, "the session is ended: "+why.String()))
	if d.cfg.Ended == nil {
		return
	}
	d.work.Add(1)
	go func() {
		defer d.work.Done()
		d.cfg.Ended(l.key.session, l.key.destination, why)
	}()
}
