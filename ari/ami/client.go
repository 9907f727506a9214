package ami

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"strowger/switch/fault"
)

const (
	// maxPending bounds the actions that wait for an answer.
	maxPending = 64
	// maxItems bounds the events of one list answer.
	maxItems = 100_000
)

// Config sets up a [Client].
type Config struct {
	Addr     string // host:port
	User     string
	Secret   string
	TLS      *tls.Config   // nil for plain TCP
	Events   string        // EventMask after login: "off" (default), "on", or classes such as "call,agent"
	Queue    int           // events held for Next; default 4,096; full = the connection ends with an Overrun
	Timeout  time.Duration // for dial, login and each action; default 5 s
	PingEach time.Duration // default 5 s; two unanswered pings end the connection
}

// Client is one logged-in session. Its methods are safe for concurrent use.
type Client struct {
	cfg    Config
	conn   net.Conn
	events chan Message
	dead   context.Context // ends with the connection; its cause is Err
	kill   context.CancelCauseFunc
	owned  sync.WaitGroup
	banner string
	n      struct{ sent, received, events, orphans, garbage, pingsMissed atomic.Uint64 }

	writeMu sync.Mutex // one action at a time on the wire

	mu      sync.Mutex // guards the fields below
	seq     uint64
	pending map[string]*pending
}

// pending is an action that waits: for its response, or for the end of its list.
type pending struct {
	list  bool
	first Message
	items []Message
	done  chan result // one value
}

type result struct {
	first Message
	items []Message
	err   error
}

// Stats are the counters of a [Client].
type Stats struct {
	Sent, Received uint64 // messages
	Events         uint64 // of these received: put into the queue
	Orphans        uint64 // of these received: answers that nobody waited for any more
	Garbage        uint64 // lines without a name, and messages that are neither answer nor event
	PingsMissed    uint64
	Queued         int
}

// Stats returns the counters.
func (c *Client) Stats() Stats {
	return Stats{
		Sent: c.n.sent.Load(), Received: c.n.received.Load(), Events: c.n.events.Load(), Orphans: c.n.orphans.Load(),
		Garbage: c.n.garbage.Load(), PingsMissed: c.n.pingsMissed.Load(), Queued: len(c.events),
	}
}

// Dial connects and logs in. Faults: Unavailable when Asterisk cannot be
// reached or is no manager interface, Denied when it refuses the account.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	if cfg.Addr == "" || cfg.User == "" || cfg.Queue < 0 || cfg.Timeout < 0 || cfg.PingEach < 0 {
		return nil, fault.New(fault.Invalid, "ami dial", cfg.Addr, "Addr and User must be given, sizes and times not negative")
	}
	if cfg.Events == "" {
		cfg.Events = "off"
	}
	if cfg.Queue == 0 {
		cfg.Queue = 4096
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Second
	}
	if cfg.PingEach == 0 {
		cfg.PingEach = 5 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.Timeout)
	defer cancel()
	conn, err := dial(ctx, cfg)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "ami dial", cfg.Addr, err)
	}
	c := &Client{cfg: cfg, conn: conn, events: make(chan Message, cfg.Queue), pending: map[string]*pending{}}
	c.dead, c.kill = context.WithCancelCause(context.Background())
	reader := NewReader(conn)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // breaks the read below
	c.banner, err = reader.Banner()
	if !stop() || err != nil {
		return nil, fault.Wrap(fault.Unavailable, "ami dial", cfg.Addr, errors.Join(err, ctx.Err(), conn.Close()))
	}
	c.owned.Go(func() { c.read(reader) })
	_, err = c.Action(ctx, "Login", Field{"Username", cfg.User}, Field{"Secret", cfg.Secret}, Field{"Events", cfg.Events})
	if err != nil {
		c.Close()
		if fault.Is(err, fault.Unknown) {
			err = fault.Wrap(fault.Unavailable, "ami login", cfg.Addr, err)
		}
		return nil, err
	}
	c.owned.Go(c.keepAlive)
	return c, nil
}

func dial(ctx context.Context, cfg Config) (net.Conn, error) {
	if cfg.TLS != nil {
		return (&tls.Dialer{Config: cfg.TLS}).DialContext(ctx, "tcp", cfg.Addr)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", cfg.Addr)
}

// Banner returns the greeting: "Asterisk Call Manager/11.0.0".
func (c *Client) Banner() string { return c.banner }

// Done is closed when the connection has ended; Err then says why.
func (c *Client) Done() <-chan struct{} { return c.dead.Done() }

// Err returns why the connection ended (a *fault.Error), or nil while it lives.
func (c *Client) Err() error { return context.Cause(c.dead) }

// Close ends the connection and waits for its goroutines. It may be called twice.
func (c *Client) Close() {
	c.end(fault.New(fault.Stopped, "ami", c.cfg.Addr, "closed"))
	c.owned.Wait()
}

// end closes the connection and fails what waits. The first cause stays.
func (c *Client) end(cause error) {
	c.kill(cause)
	_ = c.conn.Close() // the cause is known already
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, p := range c.pending {
		delete(c.pending, id)
		p.done <- result{err: fault.Wrap(fault.Unknown, "ami", c.cfg.Addr, context.Cause(c.dead))}
	}
}

// Next waits for an event. After the connection has ended it returns what was queued, then Err.
func (c *Client) Next(ctx context.Context) (Message, error) {
	select {
	case m := <-c.events:
		return m, nil
	default:
	}
	select {
	case m := <-c.events:
		return m, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.dead.Done():
		select {
		case m := <-c.events:
			return m, nil
		default:
			return nil, c.Err()
		}
	}
}

// add books an action.
func (c *Client) add(list bool) (string, *pending, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.Err(); err != nil {
		return "", nil, fault.Wrap(fault.Unavailable, "ami", c.cfg.Addr, err)
	}
	if len(c.pending) >= maxPending {
		return "", nil, fault.Newf(fault.Busy, "ami", c.cfg.Addr, "%d actions wait for an answer", maxPending)
	}
	c.seq++
	id := "sw-" + strconv.FormatUint(c.seq, 10)
	p := &pending{list: list, done: make(chan result, 1)}
	c.pending[id] = p
	return id, p, nil
}

func (c *Client) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pending, id)
}
