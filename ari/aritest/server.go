package aritest

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"strowger/ari/arispec"
	"strowger/switch/fault"
)

// User and Password are the credentials that the fakes accept.
const (
	User     = "strowger"
	Password = "test-secret"
)

// requestLimit bounds what a fake records: a test that needs more has a loop it did not want.
const requestLimit = 100_000

// Request is one operation that arrived.
type Request struct {
	Op    arispec.Op        // empty if no operation has this method and path
	Args  map[string]string // path parameters by name: "channelId"
	Query url.Values
	Body  json.RawMessage
	Via   string // "http" or "websocket"
	Path  string // below the ARI root, unescaped
	At    time.Time
}

// Arg returns the path parameter or query value of that name, or "".
func (r Request) Arg(name string) string {
	if v, ok := r.Args[name]; ok {
		return v
	}
	return r.Query.Get(name)
}

// Reply is an answer. The zero Reply is 204 without a body.
type Reply struct {
	Status int           // default 200 with a Body, 204 without
	Body   any           // JSON; a string or []byte is sent as it is
	Type   string        // Content-Type; default application/json
	Delay  time.Duration // before the answer
	Cut    bool          // HTTP: announce twice the body, send it, close the connection
	Hang   bool          // never answer; HTTP keeps the connection open until the client gives up
	Close  bool          // HTTP: read the request, close the connection without an answer
}

// Error is the reply Asterisk gives with an error status.
func Error(status int, message string) Reply {
	return Reply{Status: status, Body: map[string]string{"message": message}}
}

// Server is the fake. All methods are safe for concurrent use.
type Server struct {
	listener net.Listener
	http     *http.Server
	served   sync.WaitGroup
	ctx      context.Context // ends at Close; a field because handlers outlive no method call
	cancel   context.CancelFunc

	mu       sync.Mutex // guards the fields below
	changed  chan struct{}
	requests []Request
	read     int // requests taken by Next
	ignored  map[arispec.Op]bool
	always   map[arispec.Op]func(Request) Reply
	once     map[arispec.Op][]Reply
	sockets  []*socket
	connects int
	refuse   int // status for websocket upgrades; 0 accepts
	refused  int // upgrades answered so
	stalled  bool
}

// New starts a fake on a free loopback port.
func New() (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "aritest", "", err)
	}
	return newOn(l), nil
}

// Restart starts a fake where a closed one was: Asterisk after a crash.
func (s *Server) Restart() (*Server, error) {
	l, err := net.Listen("tcp", s.listener.Addr().String())
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "aritest", "", err)
	}
	return newOn(l), nil
}

func newOn(l net.Listener) *Server {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		listener: l, ctx: ctx, cancel: cancel, changed: make(chan struct{}),
		ignored: map[arispec.Op]bool{}, always: map[arispec.Op]func(Request) Reply{}, once: map[arispec.Op][]Reply{},
	}
	s.http = &http.Server{Handler: http.HandlerFunc(s.handle), ReadHeaderTimeout: 10 * time.Second}
	s.served.Go(func() {
		// It ends with http.ErrServerClosed, at Close.
		_ = s.http.Serve(l)
	})
	return s
}

// TB is the part of testing.TB that Start needs.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// Start is New for a test: it fails the test on error and closes the fake at its end.
func Start(tb TB) *Server {
	tb.Helper()
	s, err := New()
	if err != nil {
		tb.Fatalf("aritest: %v", err)
	}
	tb.Cleanup(s.Close)
	return s
}

// URL is the ARI root.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + "/ari" }

// Close ends every connection abruptly and waits for every goroutine. It may be called twice.
func (s *Server) Close() {
	s.mu.Lock()
	s.cancel()
	s.mu.Unlock()
	// Closing is abrupt on purpose; what it interrupts is no news.
	_ = s.http.Close()
	s.Drop()
	s.served.Wait()
}

// On answers every request of an operation with f, which must not call the Server.
func (s *Server) On(op arispec.Op, f func(Request) Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always[op] = f
}

// Once answers the next requests of an operation with the replies, one each, before On and the default.
func (s *Server) Once(op arispec.Op, replies ...Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.once[op] = append(s.once[op], replies...)
}

// Ignore keeps operations, such as a heartbeat, out of Next.
func (s *Server) Ignore(ops ...arispec.Op) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, op := range ops {
		s.ignored[op] = true
	}
}

// Requests returns all requests in the order of arrival, ignored ones included.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Next waits for the next request that was not returned before and is not ignored.
func (s *Server) Next(ctx context.Context) (Request, error) {
	var got Request
	err := s.wait(ctx, func() bool {
		for s.read < len(s.requests) {
			got = s.requests[s.read]
			s.read++
			if !s.ignored[got.Op] {
				return true
			}
		}
		return false
	})
	return got, err
}

// Expect is Next that fails unless the request is of the given operation.
func (s *Server) Expect(ctx context.Context, op arispec.Op) (Request, error) {
	got, err := s.Next(ctx)
	if err != nil {
		return got, fault.Wrap(fault.Unavailable, "aritest expect", string(op), err)
	}
	if got.Op != op {
		return got, fault.Newf(fault.Conflict, "aritest expect", string(op), "got %s %s %v", got.Op, got.Path, got.Query)
	}
	return got, nil
}

// wait blocks until cond, which runs under mu, is true.
func (s *Server) wait(ctx context.Context, cond func() bool) error {
	for {
		s.mu.Lock()
		ok, changed := cond(), s.changed
		s.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.ctx.Done():
			return fault.New(fault.Stopped, "aritest", "", "closed")
		}
	}
}

// notify wakes every wait; mu is held.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// reply records the request and chooses its answer.
func (s *Server) reply(r Request) Reply {
	s.mu.Lock()
	if len(s.requests) < requestLimit {
		s.requests = append(s.requests, r)
	}
	s.notify()
	if q := s.once[r.Op]; len(q) > 0 {
		s.once[r.Op] = q[1:]
		s.mu.Unlock()
		return q[0]
	}
	f := s.always[r.Op]
	s.mu.Unlock()
	if f != nil {
		return f(r)
	}
	return defaultReply(r)
}
