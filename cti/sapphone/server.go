package sapphone

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"strowger/cti/soap"
	"strowger/cti/watch"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Observer gets timings for metrics; its functions must be quick. Both may be nil.
type Observer struct {
	// Request is told the time to serve a call, the function as the default
	// metadata names it, and the refusal, if any.
	Request func(function string, took time.Duration, err error)
	// Event is told the time from a call's alerting to SAP's reply.
	Event func(function string, took time.Duration, err error)
}

// Server is the dispatcher with the SOAP-RFC transport and the client side.
// Safe for concurrent use.
type Server struct {
	set      settings
	applying sync.Mutex // one Apply at a time
	paused   atomic.Bool
	trace    trace
	sw       port.Switch
	meta     *Metadata
	log      *slog.Logger
	observe  Observer
	history  History
	board    *board
	follower *watch.Follower
	push     *push
	soap     *soap.Handler
	guard    *soap.Guard
	http     *http.Server
	secure   atomic.Pointer[tls.Config] // of the next connection; nil: TLS is off
	stats    counters
	slots    chan struct{} // calls under way, without those that wait

	registrations int // that the connection strings of the server side allow; 0: they do not say

	mu               sync.Mutex // guards what follows
	started          bool
	stopped          bool
	listener         net.Listener
	cancel           context.CancelFunc // ends the reader of the switch's events
	open             map[uint64]*Conversation
	perTransport     map[string]int
	named            map[string]bool // parameters that the metadata do not have, see strange
	lastConversation uint64

	calls   sync.WaitGroup // under way; counted under mu
	loops   sync.WaitGroup
	stop    sync.Once
	stopErr error
	conns   soap.Conns
}

// New makes a server; nothing listens before Start. history may be nil: then
// the function for reporting data says that there are none. Errors are
// fault.Invalid with the configuration key as subject.
func New(cfg Config, sw port.Switch, history History, log *slog.Logger, observe Observer) (*Server, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if observe.Request == nil {
		observe.Request = func(string, time.Duration, error) {}
	}
	if observe.Event == nil {
		observe.Event = func(string, time.Duration, error) {}
	}
	meta, err := LoadMetadata(cfg.Metadata)
	if err != nil {
		return nil, err
	}
	secure, err := cfg.serverTLS()
	if err != nil {
		return nil, err
	}
	nets, err := networks("allowClients", cfg.AllowClients)
	if err != nil {
		return nil, err
	}
	s := &Server{
		sw: sw, meta: meta, log: log, observe: observe, history: history,
		guard: soap.NewGuard(soap.Rules{Allow: nets, User: cfg.User, Password: cfg.Password}),
		slots: make(chan struct{}, cfg.MaxInFlight), open: map[uint64]*Conversation{}, perTransport: map[string]int{}, named: map[string]bool{},
	}
	s.conns.Most = int64(cfg.MaxInFlight)*soap.ConnsPerRequest + int64(cfg.MaxWaiting)
	s.set.Store(&cfg)
	s.secure.Store(secure)
	s.stats.init()
	return s, s.assemble()
}

// assemble makes the parts that need each other.
func (s *Server) assemble() error {
	servers, err := s.now().servers()
	if err != nil {
		return err
	}
	for _, c := range servers {
		s.registrations += c.Conversations()
	}
	if s.push, err = newPush(&s.set, s.meta, s.log, s.observe.Event); err != nil {
		return err
	}
	s.board = newBoard(&s.set, words{s.meta}, s.push, &s.stats)
	s.follower = s.newFollower()
	s.push.lineOf = func(ext string) string {
		if a := s.board.extension(ext); a != nil {
			return plainNumber(a.Line)
		}
		return plainNumber(ext)
	}
	s.soap = soap.NewHandler(soap.HandlerConfig{
		Limits: soap.Limits{Bytes: s.now().MaxBody}, MaxInFlight: s.now().MaxInFlight + s.now().MaxWaiting, Log: s.log,
		Bare:    func(root *soap.Element) bool { return root.Space == namespaceRFC },
		Landing: s.now().ProductName + ": SAPphone is served here over SOAP-RFC. Add ?wsdl for the description.\n",
	}, front{s})
	s.http = soap.NewServer(s.guard.Wrap(s.routes()), &s.conns, s.log)
	return nil
}

// Start takes a picture of the switch, opens the listener and returns when
// calls are served. ctx bounds the start only. Errors: Conflict when it was
// started before or the address is in use, Denied when the system refuses the
// address, Stopped after Stop, and what Watch says. On an error nothing is
// left open.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.stopped:
		return fault.New(fault.Stopped, "sapphone: start", "", "the server has been stopped")
	case s.started:
		return fault.New(fault.Conflict, "sapphone: start", "", "the server has been started before")
	}
	l, err := soap.Listen(ctx, watchName, s.now().Listen)
	if err != nil {
		return err
	}
	view, sub, err := s.sw.Watch(ctx, watchName)
	if err != nil {
		_ = l.Close() // nobody has used it yet
		return err
	}
	s.board.sync(view)
	if err := s.push.start(ctx); err != nil {
		sub.Close()
		_ = l.Close() // nobody has used it yet
		return err
	}
	s.started, s.listener = true, l
	following, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	s.loops.Go(func() { s.follower.Run(following, sub) })
	if s.secure.Load() != nil {
		l = tls.NewListener(l, s.renewable())
	}
	s.loops.Go(func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("sapphone: the listener ended by itself", "addr", s.now().Listen, "error", err)
		}
	})
	s.log.Info("sapphone: serving", "addr", s.listener.Addr().String(), "path", s.now().Path, "tls", s.secure.Load() != nil, "login", s.now().User != "", "systems", len(s.push.all()))
	return nil
}

// Addr returns the listener's address, empty before Start.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// Stop refuses new calls, ends those that wait as cancelled, and waits until
// the others are answered and what was announced is delivered, or ctx ends. A
// second call waits for the first and returns the same. Its error is of kind
// Stale when calls were cut off, of kind Stopped when announcements were not
// delivered.
func (s *Server) Stop(ctx context.Context) error {
	s.stop.Do(func() { s.stopErr = s.shutdown(ctx) })
	return s.stopErr
}

func (s *Server) shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.stopped = true
	started, cancel := s.started, s.cancel
	s.mu.Unlock()
	if !started {
		return nil
	}
	s.board.cancelAll()
	var late error
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close() // the listener is closed already; connections have nothing to tell
		late = fault.Wrap(fault.Stale, "sapphone: stop", "", err)
	}
	s.mu.Lock()
	left := make([]*Conversation, 0, len(s.open))
	for _, c := range s.open {
		left = append(left, c)
	}
	s.mu.Unlock()
	for _, c := range left {
		s.Close(c)
	}
	s.calls.Wait()
	cancel()
	s.loops.Wait()
	return errors.Join(late, s.push.stop(ctx))
}

// begin counts a call as under way, unless the server stops.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped || !s.started {
		return false
	}
	s.calls.Add(1)
	return true
}
