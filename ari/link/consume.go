package link

import (
	"context"
	"time"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// resyncRetry is the wait after a listing that failed.
const resyncRetry = 500 * time.Millisecond

// consume is the stream's one reader: it keeps the order in which things
// happened, connects and disconnects included.
func (l *Link) consume(ctx context.Context) {
	defer l.wg.Done()
	fresh := true
	drift := time.NewTicker(l.opt.DriftEvery)
	defer drift.Stop()
	checks := newChecks()
	defer checks.later.Stop()
	held := time.NewTicker(holdFor / 2)
	defer held.Stop()
	for {
		select {
		case <-l.stream.Ready():
			batch, open := l.stream.Poll()
			if !open {
				return
			}
			for _, f := range batch {
				fresh = l.frame(ctx, f, fresh)
			}
		case now := <-held.C:
			if l.in.refer.busy() {
				l.give(ctx, l.in.refer.expire(now, l.scratch[:0]))
			}
		case <-drift.C:
			l.check(ctx, checks)
		case <-l.doubt:
			checks.soon()
		case <-l.unsure:
			checks.settled(time.Now())
		case <-checks.later.C:
			l.check(ctx, checks)
			checks.fired()
		case c := <-checks.done:
			l.checked(ctx, checks, c)
		case <-ctx.Done():
			return
		}
	}
}

// doubtEvery is how often doubts may have everything listed: under load a
// listing is expensive, and one settles all doubts before it.
const doubtEvery = 5 * time.Second

// checks are the comparisons of state and reality while connected. The listing
// runs beside the events: what they tell meanwhile is newer and wins
// (callmodel.Resync.AsOf). Owned by consume.
type checks struct {
	running bool
	last    time.Time
	later   *time.Timer // a doubt that waits
	due     time.Time   // of later; zero: none waits
	again   bool        // a doubt came too late for that one
	done    chan listing
}

type listing struct {
	epoch uint64 // of the connection
	in    callmodel.Resync
	err   error
}

func newChecks() *checks {
	c := &checks{later: time.NewTimer(time.Hour), done: make(chan listing, 1)}
	c.later.Stop()
	return c
}

// soon has a check made, at most one per doubtEvery.
func (c *checks) soon() { c.in(max(0, doubtEvery-time.Since(c.last))) }

func (c *checks) in(d time.Duration) {
	c.due = time.Now().Add(d)
	c.later.Reset(d)
}

// settleTime is how old an order must be for its absence from a listing to say
// that it was not carried out; the switch has 2 s.
const settleTime = 3 * time.Second

// settled has a check made when a listing says what became of an order of now
// whose outcome is not known.
func (c *checks) settled(now time.Time) {
	switch {
	case c.due.IsZero():
		c.in(max(settleTime, doubtEvery-time.Since(c.last)))
	case c.due.Before(now.Add(settleTime)):
		c.again = true
	}
}

// fired follows a check that was due.
func (c *checks) fired() {
	c.due = time.Time{}
	if c.again {
		c.again = false
		c.in(doubtEvery)
	}
}

func (l *Link) check(ctx context.Context, c *checks) {
	if c.running || !l.synced.Load() || l.replaced.Load() {
		return
	}
	c.running, c.last = true, time.Now()
	epoch := l.epoch
	l.wg.Add(1)
	go func() {
		defer l.wg.Done()
		in, err := l.list(ctx, false, false)
		c.done <- listing{epoch: epoch, in: in, err: err}
	}()
}

func (l *Link) checked(ctx context.Context, c *checks, r listing) {
	c.running = false
	switch {
	case r.err != nil:
		l.n.resyncsFailed.Add(1)
		l.log.Warn("the periodic check of the state failed", "error", r.err)
	case r.epoch == l.epoch && l.synced.Load():
		l.n.resyncs.Add(1)
		l.adopt(&r.in, c.last)
		l.put(ctx, r.in)
	}
}

// frame handles one item of the stream and returns whether the next resync is
// still the first of this process.
func (l *Link) frame(ctx context.Context, f Frame, fresh bool) bool {
	switch f.Kind {
	case FrameConnected:
		l.epoch = f.Epoch
		l.setInfo(func(i *Info) { i.Connected, i.Trouble = true, "" })
		if l.connect(ctx, fresh) {
			return false
		}
	case FrameDisconnected:
		if l.synced.Swap(false) { // else nothing was heard that counts: the time without goes on
			l.lastHeard = f.Heard
		}
		l.in.digits.reset()
		l.setInfo(func(i *Info) { i.Connected, i.Trouble = false, fault.ReasonOf(f.Cause) })
		if !fault.Is(f.Cause, fault.Stopped) { // our own stop is no incident
			l.put(ctx, callmodel.NodeDown{Node: l.opt.Node, Cause: fault.ReasonOf(f.Cause)})
		}
	case FrameEvent:
		l.event(ctx, f)
	}
	return fresh
}

// connect brings the state in step after a (re)connect. It keeps trying while
// the connection lives; events wait in the stream's bounded queue.
func (l *Link) connect(ctx context.Context, fresh bool) bool {
	if l.replaced.Load() {
		return false
	}
	for attempt := 1; ; attempt++ {
		err := l.resync(ctx, fresh)
		if err == nil {
			l.synced.Store(true)
			if l.opt.Alive() {
				l.beat(ctx, 0) // callers are let in from now on
			}
			l.log.Info("in step with Asterisk", "version", l.Info().Version, "attempts", attempt)
			return true
		}
		l.n.resyncsFailed.Add(1)
		l.setInfo(func(i *Info) { i.Trouble = fault.ReasonOf(err) })
		if attempt == 1 || attempt%20 == 0 {
			l.log.Warn("cannot list what lives in Asterisk; trying again", "error", err, "attempt", attempt)
		}
		if !l.stream.Connected() {
			return false // the next connect starts over
		}
		select {
		case <-time.After(resyncRetry):
		case <-ctx.Done():
			return false
		}
	}
}

func (l *Link) event(ctx context.Context, f Frame) {
	ev, err := arispec.DecodeEvent(f.Data)
	if err != nil {
		l.n.bad.Add(1)
		l.log.Warn("an event of Asterisk cannot be read and is left out", "error", err)
		signal(l.unsure) // it may have told of a caller: a listing will
		return
	}
	if ev.Head().Application == l.phonesApp() && !aboutPhone(ev) {
		return // the same event comes through our main application where it matters
	}
	if _, taken := ev.(*arispec.ApplicationReplaced); taken {
		l.takenOver(ctx)
		return
	}
	l.give(ctx, l.in.facts(ev, l.scratch[:0]))
	if _, digit := ev.(*arispec.ChannelDtmfReceived); digit {
		clear(f.Data) // it may be of a PIN: nothing of it stays
	}
}

// give hands facts to the switch, in order. The slice is the consumer's scratch.
func (l *Link) give(ctx context.Context, facts []callmodel.Input) {
	for _, in := range facts {
		l.put(ctx, in)
	}
	clear(facts)
	l.scratch = facts[:0]
}

// takenOver stops giving orders: two controllers on one application would each
// undo what the other does (specs/asterisk.md 1.3, P8).
func (l *Link) takenOver(ctx context.Context) {
	if !l.replaced.CompareAndSwap(false, true) {
		return
	}
	l.synced.Store(false)
	const why = "another program has connected to Asterisk with our ARI application name: this controller gives no more orders; stop one of the two"
	l.log.Error(why, "app", l.opt.Stream.App)
	l.setInfo(func(i *Info) { i.Trouble = why })
	l.put(ctx, callmodel.NodeDown{Node: l.opt.Node, Cause: why})
	close(l.fatal)
}

func (l *Link) put(ctx context.Context, in callmodel.Input) {
	if err := l.feed.Put(ctx, in); err != nil && !fault.Is(err, fault.Stopped) {
		l.log.Error("a fact could not be handed to the switch", "fact", in.Tag(), "error", err)
	}
}
