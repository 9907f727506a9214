package decide

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Bounds of a question and its answer.
const (
	MaxTimeout   = 10 * time.Second
	MaxAnswer    = 64 << 10 // bytes
	MaxSet       = 32       // values in an answer
	MaxValue     = 1024     // bytes of a value
	maxKey       = 64
	maxNode      = 64
	maxRedirects = 3
	maxCircuits  = 1024
)

// Options configure a [Client]. The zero value works.
type Options struct {
	MaxInFlight int               // questions at once; 0: 64
	MaxPerHost  int               // connections to one host; 0: 16
	MaxFailures int               // in a row, before a decision is not asked for a while; 0: 5
	Pause       time.Duration     // for how long it is not asked; 0: 10 s
	Transport   http.RoundTripper // nil: one of our own, without a proxy
	Clock       port.Clock        // nil: the system's
	Logger      *slog.Logger      // nil: silent
}

// Stats are a client's counters since its start.
type Stats struct {
	Asked    uint64 // questions sent
	Done     uint64 // with a good answer
	Failed   uint64 // without one
	Unknown  uint64 // no answer came after the question was sent
	Refused  uint64 // not asked: too many at once, or stopped
	Skipped  uint64 // not asked: too many failures in a row
	Lost     uint64 // outcomes that the feed did not take
	InFlight int64  // now
}

// Client carries out callmodel.Decide. Safe for concurrent use.
type Client struct {
	opt   Options
	http  *http.Client
	own   *http.Transport // nil where the transport was given
	stats struct {
		asked, done, failed, unknown, refused, skipped, lost atomic.Uint64
	}
	inFlight atomic.Int64

	mu       sync.Mutex // guards what follows
	feed     port.Feed  // nil before Start
	circuits map[string]*circuit
	stopped  bool
	running  sync.WaitGroup
	ctx      context.Context // ends with Stop
	cancel   context.CancelFunc
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

// New makes a client. It refuses orders until [Client.Start].
func New(opt Options) *Client {
	if opt.MaxInFlight <= 0 {
		opt.MaxInFlight = 64
	}
	if opt.MaxPerHost <= 0 {
		opt.MaxPerHost = 16
	}
	if opt.MaxFailures <= 0 {
		opt.MaxFailures = 5
	}
	if opt.Pause <= 0 {
		opt.Pause = 10 * time.Second
	}
	if opt.Clock == nil {
		opt.Clock = systemClock{}
	}
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	c := &Client{opt: opt, circuits: map[string]*circuit{}}
	if opt.Transport == nil {
		c.own = &http.Transport{
			DialContext:     (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
			MaxConnsPerHost: opt.MaxPerHost, MaxIdleConnsPerHost: opt.MaxPerHost, MaxIdleConns: 4 * opt.MaxPerHost,
			IdleConnTimeout: 30 * time.Second, TLSHandshakeTimeout: 3 * time.Second, MaxResponseHeaderBytes: 16 << 10,
			ForceAttemptHTTP2: true,
		}
		c.opt.Transport = c.own
	}
	c.http = &http.Client{Transport: c.opt.Transport, CheckRedirect: sameHost}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// Start says where the answers go. It is called once, before orders come.
func (c *Client) Start(feed port.Feed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.feed = feed
}

// Stop cancels the questions under way, whose outcome is told as unknown, and
// waits for them. It may be called twice. Its error is of kind Stale when ctx
// ended first.
func (c *Client) Stop(ctx context.Context) error {
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	c.cancel()
	over := make(chan struct{})
	go func() {
		c.running.Wait()
		if c.own != nil {
			c.own.CloseIdleConnections()
		}
		close(over)
	}()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return fault.Wrap(fault.Stale, "decide: stop", "", ctx.Err())
	}
}

// Stats returns the counters.
func (c *Client) Stats() Stats {
	s := &c.stats
	return Stats{
		Asked: s.asked.Load(), Done: s.done.Load(), Failed: s.failed.Load(), Unknown: s.unknown.Load(),
		Refused: s.refused.Load(), Skipped: s.skipped.Load(), Lost: s.lost.Load(), InFlight: c.inFlight.Load(),
	}
}

// Split returns an Effector that carries out decisions itself and leaves every
// other order to next.
func (c *Client) Split(next port.Effector) port.Effector { return split{c, next} }

type split struct {
	decide *Client
	next   port.Effector
}

func (s split) Apply(ctx context.Context, e callmodel.Effect) port.EffectResult {
	if d, ok := e.(callmodel.Decide); ok {
		return s.decide.Apply(ctx, d)
	}
	return s.next.Apply(ctx, e)
}

// Apply begins to ask and returns at once, so that other orders of the call do
// not wait for the answer. A question that cannot be asked now is Failed and
// Later; its Decision says so too.
func (c *Client) Apply(ctx context.Context, d callmodel.Decide) port.EffectResult {
	feed, err := c.enter(d.Decision.ID)
	if err != nil {
		c.stats.refused.Add(1)
		c.tell(ctx, feed, d, outcome{result: callmodel.Failed, err: err})
		return port.EffectResult{Outcome: callmodel.Failed, Later: true, Err: err}
	}
	go func() {
		defer c.running.Done()
		o := c.decide(d)
		c.inFlight.Add(-1)
		c.tell(c.telling(), feed, d, o)
	}()
	return port.EffectResult{Outcome: callmodel.Done}
}

// enter counts a question in, or says why it cannot be asked.
func (c *Client) enter(id string) (port.Feed, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.feed == nil, c.stopped:
		return c.feed, fault.New(fault.Stopped, "decide", id, "decisions are not being asked: the controller is starting or stopping")
	case c.inFlight.Load() >= int64(c.opt.MaxInFlight):
		return c.feed, fault.Newf(fault.Busy, "decide", id, "%d decisions are being asked already, which is the limit", c.opt.MaxInFlight)
	}
	c.inFlight.Add(1)
	c.running.Add(1)
	return c.feed, nil
}

// telling is the context for the outcome of a question: it outlives Stop,
// which has to wait for it, by no more than the feed takes.
func (c *Client) telling() context.Context { return context.WithoutCancel(c.ctx) }

// outcome is what became of a question.
type outcome struct {
	result callmodel.Result
	answer answer
	err    error
}

// tell puts the one Decision of an order into the feed.
func (c *Client) tell(ctx context.Context, feed port.Feed, d callmodel.Decide, o outcome) {
	in := callmodel.Decision{Call: d.Call, Step: d.Step, Outcome: o.result, To: o.answer.To, Set: o.answer.vars()}
	if o.err != nil {
		in.Reason = fault.ReasonOf(o.err)
		c.opt.Logger.Warn("a decision was not made", "decision", d.Decision.ID, "call", d.Call.String(), "outcome", o.result.String(), "reason", in.Reason)
	}
	if feed == nil {
		c.stats.lost.Add(1)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, MaxTimeout)
	defer cancel()
	if err := feed.Put(ctx, in); err != nil {
		c.stats.lost.Add(1)
		if !fault.Is(err, fault.Stopped) {
			c.opt.Logger.Error("the outcome of a decision could not be told", "decision", d.Decision.ID, "error", err)
		}
	}
}

// decide asks, if the circuit of the decision is closed.
func (c *Client) decide(d callmodel.Decide) outcome {
	if err := c.allowed(d.Decision); err != nil {
		c.stats.skipped.Add(1)
		return outcome{result: callmodel.Failed, err: err}
	}
	o := c.ask(d)
	switch o.result {
	case callmodel.Done:
		c.stats.done.Add(1)
	case callmodel.Unknown:
		c.stats.unknown.Add(1)
	case callmodel.Failed:
		c.stats.failed.Add(1)
	}
	if c.ctx.Err() == nil {
		c.record(d.Decision, o.result == callmodel.Done)
	}
	return o
}
