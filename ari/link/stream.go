package link

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"strowger/ari/arispec"
	"strowger/switch/fault"
)

// Config sets up a [Stream]. Zero values mean the default.
type Config struct {
	URL      string // ARI root: "http://127.0.0.1:8088/ari" (https for TLS)
	User     string // sent as Basic authentication, never in the URL
	Password string
	App      string       // Stasis application name; letters, digits, dash, underscore, dot
	Also     []string     // more applications on the same connection; their names as App
	Logger   *slog.Logger // default slog.Default()
	TLS      *tls.Config  // for https; default the system's roots

	QueueBytes    int           // bound of the queue between reader and consumer; default 64 MiB
	FrameLimit    int64         // largest event in bytes; default 4 MiB
	ReceiveBuffer int           // SO_RCVBUF in bytes, which holds what comes while the process cannot run; default 4 MiB, capped by the kernel (net.core.rmem_max)
	PingEvery     time.Duration // default 1 s
	DeadAfter     time.Duration // silence (no byte, no pong) after which the connection is dead; default 3 s
	DialTimeout   time.Duration // TCP, TLS and upgrade together; default 5 s
	BackoffMin    time.Duration // default 100 ms
	BackoffMax    time.Duration // default 5 s
	BackoffDenied time.Duration // longest wait after 401 or 403; default 30 s
}

// FrameKind says what a [Frame] is.
type FrameKind uint8

const (
	// FrameEvent is one event of Asterisk: Data.
	FrameEvent FrameKind = iota + 1
	// FrameConnected opens epoch Epoch: events of it follow. Everything that
	// happened since the last epoch is lost, so the consumer resyncs now.
	FrameConnected
	// FrameDisconnected closes epoch Epoch: Cause says why. No event of the epoch follows.
	FrameDisconnected
)

// Frame is one item of the stream, in the order in which it happened.
type Frame struct {
	Kind  FrameKind
	At    time.Time // when the reader had it whole, with monotonic clock
	Epoch uint64    // number of the connection, from 1
	Data  []byte    // FrameEvent: the JSON text, owned by the consumer
	Heard time.Time // FrameDisconnected: last sign of life
	Cause error     // FrameDisconnected: *fault.Error; Overrun when the consumer was too slow, Stopped at Stop, else Unavailable
}

// Stream is the event websocket with its reconnects. It has one supervisor
// goroutine (connect, back off, again) and per connection a reader, which only
// reads, stamps and appends, and a pinger with its pings. All end before Stop returns.
//
// Asterisk sends ApplicationReplaced as an ordinary event when somebody else
// connects with our application name, and nothing after it. The connection
// stays open then: the consumer must watch for that event. To reconnect is to
// take the application back, a fight that only a person can end.
type Stream struct {
	cfg    Config
	target string
	header http.Header
	queue  *queue
	calls  *calls
	n      streamCounters
	seen   atomic.Int64 // nanoseconds since base when the peer was last heard
	base   time.Time

	mu      sync.Mutex // guards the fields below
	started bool
	stopped bool
	cancel  context.CancelCauseFunc
	conn    *websocket.Conn // nil while not connected
	refused string          // why the last try to connect was refused
	done    chan struct{}   // closed when the supervisor has ended
}

// NewStream checks the configuration; it does not connect.
func NewStream(cfg Config) (*Stream, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	s := &Stream{
		cfg:    cfg,
		target: websocketURL(cfg),
		header: http.Header{"Authorization": {arispec.BasicAuth(cfg.User, cfg.Password)}},
		calls:  newCalls(),
		base:   time.Now(),
		done:   make(chan struct{}),
	}
	s.queue = newQueue(cfg.QueueBytes, &s.n)
	return s, nil
}

// complete fills in the defaults and checks what was given.
func (c *Config) complete() error {
	bad := func(reason string) error { return fault.New(fault.Invalid, "ari stream", c.App, reason) }
	u, err := url.Parse(c.URL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return bad("URL must look like http://127.0.0.1:8088/ari, without user, query or fragment")
	}
	if c.User == "" || strings.ContainsAny(c.User, ":\r\n") {
		return bad("User must not be empty or have a colon")
	}
	for _, app := range append([]string{c.App}, c.Also...) {
		if app == "" || len(app) > 80 || strings.Trim(app, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" {
			return bad("App and Also must be of 1 to 80 letters, digits, dashes, underscores or dots")
		}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.QueueBytes < 0 || c.FrameLimit < 0 || c.ReceiveBuffer < 0 {
		return bad("sizes must not be negative")
	}
	if c.QueueBytes == 0 {
		c.QueueBytes = 64 << 20
	}
	if c.ReceiveBuffer == 0 {
		c.ReceiveBuffer = 4 << 20
	}
	if c.FrameLimit == 0 {
		c.FrameLimit = 4 << 20
	}
	for _, d := range []struct {
		v   *time.Duration
		def time.Duration
	}{
		{&c.PingEvery, time.Second},
		{&c.DeadAfter, 3 * time.Second},
		{&c.DialTimeout, 5 * time.Second},
		{&c.BackoffMin, 100 * time.Millisecond},
		{&c.BackoffMax, 5 * time.Second},
		{&c.BackoffDenied, 30 * time.Second},
	} {
		if *d.v < 0 {
			return bad("durations must not be negative")
		}
		if *d.v == 0 {
			*d.v = d.def
		}
	}
	if c.DeadAfter <= c.PingEvery || c.BackoffMax < c.BackoffMin {
		return bad("DeadAfter must be longer than PingEvery, BackoffMax not shorter than BackoffMin")
	}
	return nil
}

// websocketURL names our applications and nothing else: subscribeAll would
// make Asterisk forget the application at every drop: the application is destroyed
// together with its event filter and subscriptions.
func websocketURL(c Config) string {
	return "ws" + strings.TrimPrefix(strings.TrimSuffix(c.URL, "/"), "http") + "/events?app=" + url.QueryEscape(strings.Join(append([]string{c.App}, c.Also...), ","))
}

// Start begins to connect and returns at once. The stream ends with ctx or Stop.
func (s *Stream) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started || s.stopped {
		return fault.New(fault.Conflict, "ari stream start", s.cfg.App, "already started or stopped: a Stream runs once")
	}
	s.started = true
	ctx, s.cancel = context.WithCancelCause(ctx)
	go s.supervise(ctx)
	return nil
}

// Stop closes the connection and waits until every goroutine has ended. It may be called twice, and before Start.
func (s *Stream) Stop() {
	s.mu.Lock()
	s.stopped = true
	started := s.started
	if started {
		s.cancel(fault.New(fault.Stopped, "ari stream", s.cfg.App, "stopped"))
	}
	s.mu.Unlock()
	if !started {
		s.queue.close()
		return
	}
	<-s.done
}

// Ready holds a token when Poll may have something, for a consumer that waits
// for other things too.
func (s *Stream) Ready() <-chan struct{} { return s.queue.wake }

// Poll returns what is there, perhaps nothing; open is false after Stop when
// everything has been read. One consumer uses either Next or Poll.
func (s *Stream) Poll() (batch []Frame, open bool) { return s.queue.poll() }

// Next waits for frames and returns all there are, at least one and at most
// 1,024. There is one consumer. After Stop it returns the rest of the queue,
// then a Stopped fault; when ctx ends, ctx's error. An answer to a REST request
// that comes when no request is open any more is delivered as an event (RESTResponse).
func (s *Stream) Next(ctx context.Context) ([]Frame, error) {
	return s.queue.next(ctx, s.cfg.App)
}

// Connected reports whether the websocket is open now.
func (s *Stream) Connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn != nil
}

// setConn publishes or withdraws the connection for Do.
func (s *Stream) setConn(c *websocket.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = c
	if c != nil {
		s.refused = ""
	}
}

// Refused says why Asterisk does not let us in, empty where it does or where
// it cannot be reached.
func (s *Stream) Refused() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}

func (s *Stream) setRefused(why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = why
}

// heard notes that the peer lives.
func (s *Stream) heard() { s.seen.Store(int64(time.Since(s.base))) }

// silence is how long nothing came from the peer.
func (s *Stream) silence() time.Duration { return time.Since(s.base) - time.Duration(s.seen.Load()) }
