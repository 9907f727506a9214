package audiosocket

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"strowger/switch/fault"
)

// Config sets up a [Server]. Zero values mean the default.
type Config struct {
	Listen   string        // host:port
	MaxConns int           // connections at once; default 500
	Idle     time.Duration // a connection that sends nothing for so long is closed; default 5 s
	Logger   *slog.Logger
}

// Defaults and bounds.
const (
	DefaultConns = 500
	MaxConns     = 5000
	DefaultIdle  = 5 * time.Second
	hello        = 2 * time.Second        // until the first message
	farewell     = time.Second            // for the other side to close after "hang up"
	MaxLimit     = time.Minute            // of an ear
	slowWrite    = 200 * time.Millisecond // of the three bytes that we ever write
)

// End says how hearing a call has ended.
type End int

// The ends.
const (
	Enough End = iota + 1 // the ear had heard enough
	Gone                  // the call has ended, or was taken away
	Late                  // the ear's limit was over
	Broken                // the connection was, or what came was not the protocol
	Never                 // nobody came until the limit
	Closed                // the server was stopped
)

// Ear is who hears one call. Its functions are called by one goroutine at a time.
type Ear struct {
	// Hear gets the next 20 ms; true: enough.
	Hear func(pcm []int16) bool
	// Over is called exactly once, after the last Hear and before the call is given back.
	Over func(End)
	// Limit is how long it waits for its end, from Expect on.
	Limit time.Duration
	// Quiet is how long it waits for sound: for the first, and between frames.
	// 0: the server's idle limit, and for the first sound Limit.
	Quiet time.Duration
}

// UUID names a call on its way here.
type UUID [16]byte

// String is the usual form: 8-4-4-4-12 hexadecimal digits.
func (u UUID) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// Counts are what a server has seen since its start.
type Counts struct {
	Conns, Waiting                                  int64 // now
	Heard, Frames, Unknown, Refused, Broken, Missed uint64
}

// Server listens. Its methods are safe for concurrent use.
type Server struct {
	cfg  Config
	log  *slog.Logger
	lis  net.Listener
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu      sync.Mutex // guards expected and ended
	waiting map[UUID]*visit
	ended   bool

	conns                                           atomic.Int64
	heard, frames, unknown, refused, broken, missed atomic.Uint64
}

// visit is a call that is expected, or heard.
type visit struct {
	ear   Ear
	until time.Time
	timer *time.Timer // of a visit that has not come; nil afterwards
}

// New checks the options; it does not listen.
func New(cfg Config) (*Server, error) {
	const op = "audiosocket"
	if cfg.MaxConns == 0 {
		cfg.MaxConns = DefaultConns
	}
	if cfg.Idle == 0 {
		cfg.Idle = DefaultIdle
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.MaxConns < 1 || cfg.MaxConns > MaxConns {
		return nil, fault.Newf(fault.Invalid, op, cfg.Listen, "%d connections at once: 1 to %d are possible", cfg.MaxConns, MaxConns)
	}
	if cfg.Idle < 0 {
		return nil, fault.New(fault.Invalid, op, cfg.Listen, "the idle limit is negative")
	}
	if _, _, err := net.SplitHostPort(cfg.Listen); err != nil {
		return nil, fault.New(fault.Invalid, op, cfg.Listen, "write the address to listen at as host:port")
	}
	return &Server{cfg: cfg, log: cfg.Logger, waiting: map[UUID]*visit{}}, nil
}

// Start listens, and returns when it does.
func (s *Server) Start(ctx context.Context) error {
	var lc net.ListenConfig
	lis, err := lc.Listen(ctx, "tcp", s.cfg.Listen)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "audiosocket", s.cfg.Listen, err)
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.lis, s.stop = lis, stop
	s.wg.Add(1)
	go s.accept(run)
	return nil
}

// Addr is where it listens, after Start.
func (s *Server) Addr() net.Addr { return s.lis.Addr() }

// Stop ends all that is heard, and waits. It may be called twice.
func (s *Server) Stop() {
	if s.lis == nil {
		return
	}
	s.stop()
	_ = s.lis.Close() // it is only listened at
	s.mu.Lock()
	s.ended = true
	left := s.waiting
	s.waiting = map[UUID]*visit{}
	s.mu.Unlock()
	for _, v := range left {
		v.timer.Stop()
		v.ear.Over(Closed)
	}
	s.wg.Wait()
}

// Counts returns what the server has seen.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	waiting := len(s.waiting)
	s.mu.Unlock()
	return Counts{
		Conns: s.conns.Load(), Waiting: int64(waiting), Heard: s.heard.Load(), Frames: s.frames.Load(), Unknown: s.unknown.Load(),
		Refused: s.refused.Load(), Broken: s.broken.Load(), Missed: s.missed.Load(),
	}
}

// Expect waits for a call and returns the id by which it must come. Busy: as
// many are expected as can be heard; Stopped: the server is.
func (s *Server) Expect(e Ear) (UUID, error) {
	const op = "audiosocket: expect"
	if e.Hear == nil || e.Over == nil || e.Limit <= 0 || e.Limit > MaxLimit || e.Quiet < 0 {
		return UUID{}, fault.Newf(fault.Invalid, op, "", "an ear hears, ends, and has a limit of at most %v", MaxLimit)
	}
	var id UUID
	_, _ = rand.Read(id[:]) // it never fails
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended:
		return UUID{}, fault.New(fault.Stopped, op, "", "the server is stopped")
	case len(s.waiting) >= s.cfg.MaxConns:
		s.refused.Add(1)
		return UUID{}, fault.Newf(fault.Busy, op, "", "%d calls are on their way already", len(s.waiting))
	}
	first := e.Limit
	if e.Quiet > 0 {
		first = min(first, e.Quiet)
	}
	v := &visit{ear: e, until: time.Now().Add(e.Limit)}
	v.timer = time.AfterFunc(first, func() { s.never(id) })
	s.waiting[id] = v
	return id, nil
}

// never ends a wait for a call that did not come.
func (s *Server) never(id UUID) {
	if v := s.take(id); v != nil {
		s.missed.Add(1)
		v.ear.Over(Never)
	}
}

// Forget takes an expectation back: the call will not come. The ear is not told.
func (s *Server) Forget(id UUID) {
	if v := s.take(id); v != nil {
		v.timer.Stop()
	}
}

// take gives an expected call to who asks first.
func (s *Server) take(id UUID) *visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.waiting[id]
	delete(s.waiting, id)
	return v
}

func (s *Server) accept(ctx context.Context) {
	defer s.wg.Done()
	for {
		c, err := s.lis.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			// Too many open files, or the like: it passes.
			s.log.Warn("a call could not be heard", "error", err)
			select {
			case <-ctx.Done():
				return
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		if s.conns.Add(1) > int64(s.cfg.MaxConns) {
			s.conns.Add(-1)
			s.refused.Add(1)
			_ = c.Close() // the call goes on without us
			continue
		}
		s.wg.Add(1)
		go func() {
			defer s.wg.Done()
			defer s.conns.Add(-1)
			cut := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Now()) })
			defer cut()
			defer func() { _ = c.Close() }()
			s.serve(ctx, c)
		}()
	}
}
