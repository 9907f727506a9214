package ici

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"strowger/cti/soap"
	"strowger/switch/port"
	"strowger/switch/watch"
)

// Observer gets timings for metrics; its functions must be quick. Both may be nil.
type Observer struct {
	// Request is told the time to serve a request, its operation
	// (IciItem.accept) and the refusal, if any.
	Request func(operation string, took time.Duration, err error)
	// Event is told the time from the event in the switch's queue to the CRM's
	// reply, the message's name and the failure, if any.
	Event func(name string, took time.Duration, err error)
}

// Server is the whole interface: a listener for the CRM's requests and the
// delivery of events to it. Safe for concurrent use.
type Server struct {
	set        atomic.Pointer[settings]
	applying   sync.Mutex // one Apply after the other
	sw         port.Switch
	log        *slog.Logger
	observe    Observer
	ops        []handler
	channels   map[string]channel // by type, all but the phone's
	recordings Recordings         // nil: there are none
	push       *Push
	board      *board
	follower   *watch.Follower
	monitor    *monitor
	soap       *soap.Handler
	guard      *soap.Guard
	end        *soap.Endpoint
	secure     certificates
	stats      counters
	trace      Tracer
	logged     *logWitness

	paused atomic.Bool // by an operator
}

// New makes a server; nothing listens before Start. Without CmsHostID one is
// made from the host's name and the address, so that it stays the same over
// restarts. Errors are fault.Invalid with the configuration key as subject.
func New(cfg Config, sw port.Switch, log *slog.Logger, observe Observer) (*Server, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	logged := &logWitness{}
	log = watched(log, logged)
	if cfg.CmsHostID == "" {
		cfg.CmsHostID = hostID(&cfg)
	}
	if observe.Request == nil {
		observe.Request = func(string, time.Duration, error) {}
	}
	push, err := NewPush(cfg, log, observe.Event) // validates cfg
	if err != nil {
		return nil, err
	}
	nets, err := cfg.Clients()
	if err != nil {
		return nil, err
	}
	s := &Server{
		log: log, logged: logged, observe: observe, push: push, ops: handlers(), channels: newChannels(),
		guard: soap.NewGuard(soap.Rules{Allow: nets, User: cfg.User, Password: cfg.Password}),
	}
	if err := s.secure.load(&cfg); err != nil {
		return nil, err
	}
	s.sw, push.trace = gated{sw, s}, &s.trace
	s.stats.init()
	s.set.Store(settingsOf(cfg, &s.stats))
	s.board = newBoard(s.now().say, push, &s.stats, cfg.busyFor())
	s.follower, s.monitor = s.newFollower(), newMonitor(s)
	s.soap = soap.NewHandler(soap.HandlerConfig{
		Limits: soap.Limits{Bytes: cfg.MaxBody}, FaultStatus: cfg.FaultHTTPStatus, MaxInFlight: cfg.MaxInFlight,
		Landing: cfg.ProductName + ": SAP ICI is served here. Add ?wsdl for the description.\n", Understood: Understood, Log: log,
	}, front{s})
	s.end = soap.NewEndpoint(watchName, s.guard.Wrap(s.routes()), cfg.MaxInFlight, log)
	return s, nil
}

func hostID(c *Config) string {
	host, err := os.Hostname()
	if err != nil {
		host = "" // the address alone still tells the sites of one host apart
	}
	sum := sha256.Sum256([]byte("strowger ici " + host + " " + c.Listen + " " + c.BasePath))
	return strings.ToUpper(hex.EncodeToString(sum[:16]))
}

// routes serves the base URL and everything beside it: the services' own URLs.
func (s *Server) routes() http.Handler {
	folder := strings.TrimSuffix(path.Dir(s.now().BasePath), "/") + "/"
	mux := http.NewServeMux()
	mux.Handle(folder, s.soap)
	for _, name := range []string{"default.aspx", "status"} {
		mux.HandleFunc("GET "+folder+name, s.statusPage)
	}
	if s.now().BasePath != folder {
		mux.Handle(s.now().BasePath, s.soap)
	}
	return mux
}

// Start takes a picture of the switch, opens the listener and returns when
// requests are served. ctx bounds the start only. Its errors are those of
// [soap.Endpoint.Start] and what Watch says. On an error nothing is left open.
func (s *Server) Start(ctx context.Context) error {
	secure := s.secure.config()
	if err := s.end.Start(ctx, s.now().Listen, secure, func(context.Context) error { return s.begin(ctx) }); err != nil {
		return err
	}
	s.log.Info("ici: serving", "addr", s.Addr(), "path", s.now().BasePath, "tls", secure != nil, "login", s.now().User != "")
	return nil
}

// begin brings in what stands behind the listener. Who is to be told all there
// is must be subscribed again before the board has it.
func (s *Server) begin(ctx context.Context) error {
	view, sub, err := s.sw.Watch(ctx, watchName)
	if err != nil {
		return err
	}
	if err := s.push.Start(ctx); err != nil {
		sub.Close()
		return err
	}
	replay := s.now().ReplayOnSubscribe
	if replay {
		s.restore(ctx, view)
	}
	s.board.sync(view)
	if !replay {
		s.restore(ctx, view)
	}
	s.end.Go(func(loops context.Context) { s.follower.Run(loops, sub) })
	s.end.Go(s.report)
	s.end.Go(s.monitor.run)
	return nil
}

// Addr returns the listener's address, empty before Start.
func (s *Server) Addr() string { return s.end.Addr() }

// Stop closes the listener, lets running requests finish, tells every
// subscriber that its subscription ended (reason 1) and waits until what was
// queued is delivered or ctx ends. A second call waits for the first and
// returns the same. Its error is of kind Stale when requests were cut off, of
// kind Stopped when messages were not delivered.
func (s *Server) Stop(ctx context.Context) error {
	return s.end.Stop(func() error {
		late := s.end.Drain(ctx)
		s.end.Finish()
		s.board.close()
		return errors.Join(late, s.push.Stop(ctx))
	})
}
