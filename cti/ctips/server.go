package ctips

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"path"
	"sync"
	"sync/atomic"
	"time"

	"strowger/cti/behalf"
	delivery "strowger/cti/session"
	"strowger/cti/soap"
	"strowger/switch/port"
	"strowger/switch/watch"
)

// watchName is the adapter's name for the switch, in logs and in errors.
const watchName = "ctips"

// Observer gets timings for metrics; its function must be quick. It may be nil.
type Observer struct {
	// Event is told the time from an event of the switch to the client's answer.
	Event func(event string, took time.Duration, err error)
}

// Server is one listener with its sessions. Several may serve one switch, each
// with sessions of its own. Safe for concurrent use.
type Server struct {
	set        atomic.Pointer[settings]
	applying   sync.Mutex // one at a time brings others into force
	refusals   behalf.Refusals
	sw         port.Switch
	desk       desk
	log        *slog.Logger
	observe    Observer
	table      *sessions
	auth       *auth
	out        *delivery.Deliverer
	follower   *watch.Follower
	guard      *soap.Guard
	soap       *soap.Handler
	end        *soap.Endpoint
	callbackAt string // path of the callback's description
	calls      soap.ClientStats
	stats      counters
	troubles   troubles
	ctx        context.Context // of sessions; there before requests are served
}

// newServer makes a server around what stands behind its sessions; nothing
// listens before Start. Errors are fault.Invalid with the configuration key as
// subject.
func newServer(cfg Config, sw port.Switch, behind func(*Server) desk, log *slog.Logger, observe Observer) (*Server, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	set, err := settingsOf(cfg)
	if err != nil {
		return nil, err
	}
	if observe.Event == nil {
		observe.Event = func(string, time.Duration, error) {}
	}
	s := &Server{sw: sw, log: log, observe: observe, table: newSessions(cfg.MaxConnections)}
	s.set.Store(set)
	s.stats.init()
	s.callbackAt = path.Join(path.Dir(cfg.Path), PublishEvents.Endpoint)
	if s.auth, err = newAuth(); err != nil {
		return nil, err
	}
	if s.out, err = s.newDeliverer(); err != nil {
		return nil, err
	}
	s.desk = behind(s)
	s.follower = &watch.Follower{
		Switch: sw, Name: watchName, Log: log, Apply: s.desk.apply, Configured: s.desk.configured, Interrupted: s.desk.interrupted, Sync: s.desk.sync,
	}
	s.guard = soap.NewGuard(soap.Rules{Allow: set.allow})
	s.soap = soap.NewHandler(soap.HandlerConfig{
		Limits: soap.Limits{Bytes: cfg.MaxBody}, MaxInFlight: cfg.MaxInFlight, Strict11: true, Log: log,
		Landing: "CTI Portal Server interface. Add ?wsdl for the description; that of the callback is at " + s.callbackAt + "?wsdl\n",
	}, front{s})
	s.end = soap.NewEndpoint(watchName, s.guard.Wrap(s.routes()), cfg.MaxInFlight, log)
	return s, nil
}

// Start takes a picture of the switch, opens the listener and returns when
// requests are served. ctx bounds the start only. Its errors are those of
// [soap.Endpoint.Start] and what Watch says. On an error nothing is left open.
func (s *Server) Start(ctx context.Context) error {
	set := s.now()
	var secure *tls.Config
	if set.secure != nil {
		secure = soap.Renewable(func() *tls.Config { return s.now().secure })
	}
	if err := s.end.Start(ctx, set.Listen, secure, func(loops context.Context) error { return s.begin(ctx, loops) }); err != nil {
		return err
	}
	s.log.Info("ctips: serving", "addr", s.Addr(), "path", set.Path, "tls", secure != nil, "login", !set.users.open)
	return nil
}

// begin brings in what stands behind the listener.
func (s *Server) begin(ctx, loops context.Context) error {
	view, sub, err := s.sw.Watch(ctx, watchName)
	if err != nil {
		return err
	}
	if err := s.out.Start(ctx); err != nil {
		sub.Close()
		return err
	}
	s.ctx = loops
	s.desk.sync(view)
	s.end.Go(func(loops context.Context) { s.follower.Run(loops, sub) })
	s.end.Go(s.sweep)
	s.end.Go(s.desk.run)
	return nil
}

// Addr returns the listener's address, empty before Start.
func (s *Server) Addr() string { return s.end.Addr() }

// Stop refuses new requests, waits until those under way are answered and what
// waits for clients that can be reached is delivered, as long as one answer may
// take or ctx ends, and closes all sessions. A second call waits for the first
// and returns the same. Its error is of kind Stale when requests were cut off,
// of kind Stopped when events were not delivered.
func (s *Server) Stop(ctx context.Context) error {
	return s.end.Stop(func() error {
		s.table.close()
		late := s.end.Drain(ctx)
		for _, c := range s.table.all() {
			if c.away.Load() {
				s.dispose(c, EndStop) // else what waits for it would be waited for
			}
		}
		drain, done := context.WithTimeout(ctx, s.now().CallbackTimeout)
		defer done()
		late = errors.Join(late, s.out.Stop(drain))
		for _, c := range s.table.all() {
			s.dispose(c, EndStop)
		}
		s.end.Finish()
		return late
	})
}

// sweep closes sessions that are not online and have not been heard of for
// long, so that their slots come back.
func (s *Server) sweep(ctx context.Context) {
	for s.pause(ctx, time.Now(), func(set *settings) time.Duration { return max(set.IdleTimeout/10, time.Millisecond) }) {
		limit := s.now().IdleTimeout
		for _, c := range s.table.all() {
			c.mu.Lock()
			idle := c.state != SessionOnline && time.Since(c.last) > limit
			c.mu.Unlock()
			if idle {
				s.dispose(c, EndIdle)
			}
		}
	}
}

// dispose ends a session, once. It does not wait: what is under way for it ends
// by itself.
func (s *Server) dispose(c *session, why End) bool {
	if !s.table.remove(c) {
		return false
	}
	c.mu.Lock()
	c.state, c.silence = SessionClosed, nil
	c.mu.Unlock()
	s.out.Forget(c.lane(), c.lane())
	c.end()
	s.stats.ended(why)
	s.log.Info("ctips: session closed", "session", c.short(), "number", c.number, "user", c.user, "reason", string(why))
	s.desk.ended(c)
	return true
}
