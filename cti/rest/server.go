package rest

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"strowger/cti/behalf"
	"strowger/switch/fault"
)

// Server serves the interface on a unix socket and a TCP address. Safe for
// concurrent use.
type Server struct {
	opts     Options
	started  time.Time
	stats    counters
	mux      *http.ServeMux
	handler  http.Handler
	rules    map[string]rule // by mux pattern; fixed after New
	keys     *keys
	refusals behalf.Refusals
	trail    Trail
	ended    *ring[endedCall]
	built    *huma.OpenAPI

	streams    context.Context // ends when event streams must
	endStreams context.CancelFunc

	mu      sync.Mutex // guards what follows
	servers []*http.Server
	tcpAddr string
	stopped bool
	loops   sync.WaitGroup
}

// New prepares a server; nothing listens yet. Errors: Internal or Invalid for
// options that cannot work.
func New(opts Options) (*Server, error) {
	opts, err := opts.check()
	if err != nil {
		return nil, err
	}
	keys, err := newKeys(opts.Tokens)
	if err != nil {
		return nil, err
	}
	s := &Server{
		opts: opts, started: opts.Clock.Now(), keys: keys, trail: opts.Trail, ended: newRing[endedCall](maxEnded),
	}
	s.streams, s.endStreams = context.WithCancel(context.Background())
	s.mux = s.build()
	s.handler = s.guard(s.mux)
	return s, nil
}

// Handler returns the interface for peers without a token who have a fixed
// role, for a listener of the caller's own. Such an agent has no line.
func (s *Server) Handler(role Role, by string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.handler.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, caller{role: role, by: by, local: role == RoleAdmin})))
	})
}

// Start opens the listeners that the options name and returns when they
// accept connections. Errors: Conflict when the socket or the address is in
// use, Denied when the system refuses, Invalid for an impossible path,
// Stopped after Stop. On an error nothing is left open.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return fault.New(fault.Stopped, "rest: start", "", "the server has been stopped")
	}
	var unix, tcp net.Listener
	var err error
	if s.opts.Socket != "" {
		if unix, err = listenUnix(ctx, s.opts.Socket); err != nil {
			return err
		}
	}
	if s.opts.Listen != "" {
		if tcp, err = listenTCP(ctx, s.opts.Listen); err != nil {
			if unix != nil {
				_ = unix.Close() // nobody has used it yet
			}
			return err
		}
		s.tcpAddr = tcp.Addr().String()
	}
	s.follow(ctx)
	if unix != nil {
		s.serve(&guarded{Listener: unix, admit: ownerOnly, stats: &s.stats, limit: s.opts.MaxConnections}, unixCaller)
	}
	if tcp != nil {
		s.serve(&guarded{Listener: tcp, stats: &s.stats, limit: s.opts.MaxConnections}, tcpCaller)
	}
	return nil
}

func (s *Server) serve(l net.Listener, who func(net.Conn) caller) {
	srv := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader,
		ErrorLog:       slog.NewLogLogger(s.opts.Logger.Handler(), slog.LevelWarn),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, callerKey{}, who(c))
		},
	}
	s.servers = append(s.servers, srv)
	s.loops.Go(func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.opts.Logger.Error("rest: a listener ended by itself", "addr", l.Addr().String(), "err", err)
		}
	})
}

// Addr returns the TCP listener's address, empty without one.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tcpAddr
}

// Stop ends the event streams, lets running requests finish until ctx ends,
// closes the rest and removes the socket. It waits for the accept loops and
// may be called twice. Its error is of kind Stale when ctx ended first.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	s.stopped = true
	servers := s.servers
	s.mu.Unlock()
	s.endStreams()
	var late error
	for _, srv := range servers {
		if err := srv.Shutdown(ctx); err != nil {
			_ = srv.Close() // its listener is closed already; connections have nothing to tell
			late = fault.Wrap(fault.Stale, "rest: stop", "", err)
		}
	}
	s.loops.Wait()
	return late
}
