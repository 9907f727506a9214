package sapphone

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"strowger/cti/soap"
	"strowger/switch/port"
	"strowger/switch/watch"
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
	dialer   Dialer // nil: there is none
	board    *board
	follower *watch.Follower
	push     *push
	soap     *soap.Handler
	guard    *soap.Guard
	end      *soap.Endpoint
	secure   atomic.Pointer[tls.Config] // of the next connection; nil: TLS is off
	stats    counters
	slots    chan struct{} // calls under way, without those that wait

	registrations int // that the connection strings of the server side allow; 0: they do not say

	mu               sync.Mutex // guards what follows
	open             map[uint64]*Conversation
	perTransport     map[string]int
	named            map[string]bool // parameters that the metadata do not have, see strange
	lastConversation uint64

	calls sync.WaitGroup // under way; counted under mu
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
	s.end = soap.NewEndpoint(watchName, s.guard.Wrap(s.routes()), s.now().MaxInFlight, s.log)
	s.end.Conns.Most += int64(s.now().MaxWaiting)
	return nil
}

// Start takes a picture of the switch, opens the listener and returns when
// calls are served. ctx bounds the start only. Its errors are those of
// [soap.Endpoint.Start] and what Watch says. On an error nothing is left open.
func (s *Server) Start(ctx context.Context) error {
	var secure *tls.Config
	if s.secure.Load() != nil {
		secure = soap.Renewable(s.secure.Load)
	}
	err := s.end.Start(ctx, s.now().Listen, secure, func(context.Context) error {
		view, sub, err := s.sw.Watch(ctx, watchName)
		if err != nil {
			return err
		}
		s.board.sync(view)
		if err := s.push.start(ctx); err != nil {
			sub.Close()
			return err
		}
		s.end.Go(func(loops context.Context) { s.follower.Run(loops, sub) })
		return nil
	})
	if err != nil {
		return err
	}
	s.log.Info("sapphone: serving", "addr", s.Addr(), "path", s.now().Path, "tls", secure != nil, "login", s.now().User != "", "systems", len(s.push.all()))
	return nil
}

// Addr returns the listener's address, empty before Start.
func (s *Server) Addr() string { return s.end.Addr() }

// Stop refuses new calls, ends those that wait as cancelled, and waits until
// the others are answered and what was announced is delivered, or ctx ends. A
// second call waits for the first and returns the same. Its error is of kind
// Stale when calls were cut off, of kind Stopped when announcements were not
// delivered.
func (s *Server) Stop(ctx context.Context) error {
	return s.end.Stop(func() error {
		s.board.cancelAll()
		late := s.end.Drain(ctx)
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
		s.end.Finish()
		return errors.Join(late, s.push.stop(ctx))
	})
}

// begin counts a call as under way, unless the server stops.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.end.Open() {
		return false
	}
	s.calls.Add(1)
	return true
}
