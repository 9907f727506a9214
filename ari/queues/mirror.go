package queues

import (
	"context"
	"crypto/tls"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"strowger/ari/ami"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Kind is what mirrored queues are called in facts, lists and refusals.
const Kind = "app_queue"

// Options sets up a [Mirror]. Zero times mean the default.
type Options struct {
	Node       callmodel.NodeID
	Addr       string // host:port of AMI
	User       string
	Secret     string
	TLS        *tls.Config   // nil for plain TCP
	PingEach   time.Duration // default 5 s; two unanswered pings: dialled anew
	DriftEvery time.Duration // a listing at least so often; default 60 s
	RetryMax   time.Duration // longest pause between dials; default 10 s
	Queue      int           // events held; default 4,096; full: dialled anew
	Logger     *slog.Logger
}

const (
	// settleAfter is when a new session is listed a second time: app_queue may
	// still be reading its queues when AMI answers already.
	settleAfter = 5 * time.Second
	// doubtAfter is how soon a listing follows something that could not be read.
	doubtAfter = time.Second
	// deafEvery is how often is listed where the account seems to get no events.
	deafEvery = 5 * time.Second
	retryMin  = time.Second
)

// Mirror follows one Asterisk's app_queue.
type Mirror struct {
	opt    Options
	log    *slog.Logger
	feed   port.Feed
	cancel context.CancelFunc
	wg     sync.WaitGroup
	n      counters

	mu   sync.Mutex // guards info
	info Info

	last  listed // what was listed last; owned by run
	heard bool   // an event has come since; owned by run
}

// Info is how well the mirror sees.
type Info struct {
	Connected bool
	SyncedAt  time.Time // last listing
	Trouble   string    // why what is shown may be old or incomplete, empty for nothing
	Queues    int       // in the last listing, as the others
	Members   int
	Callers   int
}

type counters struct {
	connects, lost, denied, events, ignored, bad, listings, failed, drifts, garbage atomic.Uint64
}

// Stats are the counters of a [Mirror].
type Stats struct {
	Connects uint64
	Lost     uint64 // sessions that have ended
	Denied   uint64 // logins refused
	Events   uint64 // events of queues
	Ignored  uint64 // events about something else
	Bad      uint64 // events that lack what they must have
	Garbage  uint64 // lines and messages that are no AMI
	Listings uint64
	Failed   uint64 // listings
	Drifts   uint64 // listings that showed what no event had told
}

// New checks the options; it does not connect.
func New(opt Options) (*Mirror, error) {
	if opt.Node == "" || opt.Addr == "" || opt.User == "" {
		return nil, fault.New(fault.Invalid, "queue mirror", string(opt.Node), "node, address and user must be given")
	}
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{{&opt.PingEach, 5 * time.Second}, {&opt.DriftEvery, time.Minute}, {&opt.RetryMax, 10 * time.Second}} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	return &Mirror{opt: opt, log: opt.Logger.With("node", string(opt.Node), "mirror", Kind), info: Info{Trouble: "not connected yet"}}, nil
}

// Start begins to follow; it does not wait for a connection, which is nobody's
// business but the mirror's own.
func (m *Mirror) Start(ctx context.Context, feed port.Feed) error {
	m.feed = feed
	ctx, m.cancel = context.WithCancel(context.WithoutCancel(ctx))
	m.wg.Go(func() { m.run(ctx) })
	return nil
}

// Stop ends the session and waits. What was seen last stays in the switch.
func (m *Mirror) Stop() {
	if m.cancel != nil {
		m.cancel()
	}
	m.wg.Wait()
}

// Info tells how well the mirror sees.
func (m *Mirror) Info() Info {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.info
}

// Stats returns the counters.
func (m *Mirror) Stats() Stats {
	n := &m.n
	return Stats{
		Connects: n.connects.Load(), Lost: n.lost.Load(), Denied: n.denied.Load(), Events: n.events.Load(), Ignored: n.ignored.Load(),
		Bad: n.bad.Load(), Garbage: n.garbage.Load(), Listings: n.listings.Load(), Failed: n.failed.Load(), Drifts: n.drifts.Load(),
	}
}

func (m *Mirror) setInfo(change func(*Info)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.info)
}

// run dials, follows and dials again until Stop.
func (m *Mirror) run(ctx context.Context) {
	pause := retryMin
	for ctx.Err() == nil {
		began := time.Now()
		err := m.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if fault.Is(err, fault.Denied) {
			m.n.denied.Add(1)
		}
		m.down(ctx, err)
		if time.Since(began) > m.opt.RetryMax {
			pause = retryMin
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		pause = min(2*pause, m.opt.RetryMax)
	}
}

// down tells that the queues are not seen, once per cause.
func (m *Mirror) down(ctx context.Context, err error) {
	cause := fault.ReasonOf(err)
	changed := false
	m.setInfo(func(i *Info) {
		changed = i.Trouble != cause || i.Connected
		i.Connected, i.Trouble = false, cause
	})
	if !changed {
		return
	}
	m.log.Warn("the queues of app_queue are not seen: what is shown of them is old; calls go on", "error", err)
	m.put(ctx, callmodel.MirrorDown{Node: m.opt.Node, Kind: Kind, Cause: cause})
}

// session is one connection, from dialling to its end.
func (m *Mirror) session(ctx context.Context) error {
	c, err := ami.Dial(ctx, ami.Config{
		Addr: m.opt.Addr, User: m.opt.User, Secret: m.opt.Secret, TLS: m.opt.TLS, Events: "agent", PingEach: m.opt.PingEach, Queue: m.opt.Queue,
	})
	if err != nil {
		return err
	}
	defer c.Close()
	m.n.connects.Add(1)
	m.last, m.heard = listed{}, true
	if err := m.list(ctx, c); err != nil {
		return err
	}
	m.setInfo(func(i *Info) { i.Connected = true })
	m.log.Info("in step with app_queue", "queues", m.Info().Queues, "callers", m.Info().Callers)
	err = m.follow(ctx, c)
	if ctx.Err() == nil {
		m.n.lost.Add(1)
	}
	return err
}

// follow hands on events, and lists when it is time to.
func (m *Mirror) follow(ctx context.Context, c *ami.Client) error {
	due := time.Now().Add(settleAfter)
	garbage := uint64(0)
	for {
		msg, err := m.next(ctx, c, due)
		if err != nil {
			return err
		}
		st := c.Stats()
		doubt := st.Garbage+st.Orphans > garbage
		m.n.garbage.Add(st.Garbage + st.Orphans - garbage)
		garbage = st.Garbage + st.Orphans
		if msg != nil && !m.event(ctx, msg) {
			doubt = true
		}
		if soon := time.Now().Add(doubtAfter); doubt && soon.Before(due) {
			due = soon
		}
		if time.Now().Before(due) {
			continue
		}
		if err := m.list(ctx, c); err != nil {
			return err
		}
		due = time.Now().Add(m.opt.DriftEvery)
		if m.last.suspect {
			due = time.Now().Add(min(deafEvery, m.opt.DriftEvery))
		}
	}
}

// next waits for an event, or for the time of the next listing (nil, nil).
func (m *Mirror) next(ctx context.Context, c *ami.Client, due time.Time) (ami.Message, error) {
	wait, cancel := context.WithDeadline(ctx, due)
	defer cancel()
	msg, err := c.Next(wait)
	if err != nil && wait.Err() != nil && ctx.Err() == nil && c.Err() == nil {
		return nil, nil
	}
	return msg, err
}

func (m *Mirror) put(ctx context.Context, in callmodel.Input) {
	if err := m.feed.Put(ctx, in); err != nil && !fault.Is(err, fault.Stopped) && ctx.Err() == nil {
		m.log.Error("a fact could not be handed to the switch", "fact", in.Tag(), "error", err)
	}
}
