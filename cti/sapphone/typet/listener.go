package typet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"strowger/switch/fault"
)

// Peer is who calls.
type Peer struct {
	Remote netip.AddrPort
	Logon  Logon // by the peer's own account: nothing of it is proven
}

// Handler serves calls. It is safe for concurrent use.
type Handler interface {
	// Open is told of a connection before its first call, with what the caller
	// said of itself by then. It must be quick.
	Open(p Peer) (Session, error)
}

// Session is a connection's. Calls come one at a time, or several at once where
// the connection carries several conversations.
type Session interface {
	// Call executes a call. ctx ends when the peer has gone or has given the
	// conversation up, or when the listener stops. An error that is no
	// *Exception becomes a system failure without details.
	Call(ctx context.Context, c *Call) (*Reply, error)
	// Close is told of the connection's end, once, after its last call.
	Close()
}

// Listener plays the gateway, and the program behind it, for destinations of
// type T.
type Listener struct {
	Stats Stats

	cfg     Config
	allow   atomic.Pointer[[]netip.Prefix] // of cfg, or those of SetAllow
	handler Handler
	log     *slog.Logger
	mem     memory
	ids     atomic.Uint32 // of conversations
	talks   atomic.Int64  // conversations now
	work    sync.WaitGroup
	warned  atomic.Int64 // when a refused connection was logged last, Unix seconds

	mu     sync.Mutex // owns everything below
	ln     net.Listener
	cancel context.CancelCauseFunc
	open   map[*connection]bool
	peers  map[netip.Addr]int
}

// New makes a Listener that serves calls with handler.
func New(cfg Config, handler Handler, log *slog.Logger) (*Listener, error) {
	cfg, err := cfg.filled()
	if err != nil {
		return nil, err
	}
	l := &Listener{
		cfg: cfg, handler: handler, log: log, mem: memory{limit: int64(cfg.MaxMemory)},
		open: map[*connection]bool{}, peers: map[netip.Addr]int{},
	}
	l.SetAllow(cfg.Allow)
	return l, nil
}

// SetAllow changes which networks may connect. Connections that are open stay.
func (l *Listener) SetAllow(nets []netip.Prefix) { l.allow.Store(&nets) }

// Start opens the port and returns. Values of ctx reach the handler; its end
// does not stop anything.
func (l *Listener) Start(ctx context.Context) error {
	const op = "typet: start"
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cancel != nil {
		return fault.New(fault.Conflict, op, "", "the listener was started before")
	}
	var lc net.ListenConfig
	// A parked call is silent for minutes: the kernel finds out who is gone.
	lc.KeepAliveConfig = net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 3}
	ln, err := lc.Listen(ctx, "tcp", l.cfg.Listen)
	if err != nil {
		return &fault.Error{Kind: fault.Unavailable, Op: op, Subject: l.cfg.Listen, Reason: "the port cannot be opened: is something else listening there?", Err: err}
	}
	l.ln = ln
	ctx, l.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	l.work.Go(func() { l.accept(ctx, ln) })
	return nil
}

// Addr returns the address that is listened on, after Start.
func (l *Listener) Addr() net.Addr {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ln.Addr()
}

// Stop closes the port, ends running calls, lets their answers out, and
// returns when all connections are closed. What is left when ctx ends is cut.
func (l *Listener) Stop(ctx context.Context) error {
	l.mu.Lock()
	cancel, ln := l.cancel, l.ln
	l.mu.Unlock()
	if cancel == nil {
		return nil
	}
	_ = ln.Close() // a second Stop closes it again
	cancel(fault.New(fault.Stopped, "typet", "", "the switch stops"))
	done := make(chan struct{})
	go func() {
		l.work.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	for c := range l.open {
		_ = c.conn.Close() // its goroutines notice
	}
	l.mu.Unlock()
	<-done
	return nil
}

func (l *Listener) accept(ctx context.Context, ln net.Listener) {
	for {
		conn, err := ln.Accept()
		switch {
		case err == nil:
			l.admit(ctx, conn)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			// Out of file descriptors, most likely: a busy loop would not help.
			l.warn("the SAPphone port cannot accept a connection", "error", err.Error())
			select {
			case <-ctx.Done():
				return
			case <-time.After(acceptPause):
			}
		}
	}
}

const acceptPause = 100 * time.Millisecond

// admit serves a connection or closes it.
func (l *Listener) admit(ctx context.Context, conn net.Conn) {
	remote := addrPort(conn.RemoteAddr())
	if !allowed(*l.allow.Load(), remote.Addr()) {
		l.Stats.Denied.Add(1)
		l.warn("a connection to the SAPphone port was refused: its address is not among the allowed ones", "peer", remote.String())
		_ = conn.Close()
		return
	}
	c := newConnection(l, conn, remote)
	l.mu.Lock()
	full := len(l.open) >= l.cfg.MaxConnections || l.peers[remote.Addr()] >= l.cfg.MaxPerPeer
	if !full {
		l.open[c] = true
		l.peers[remote.Addr()]++
	}
	l.mu.Unlock()
	if full {
		l.Stats.Overloaded.Add(1)
		l.warn("a connection to the SAPphone port was refused: there are too many", "peer", remote.String())
		_ = conn.Close()
		return
	}
	l.Stats.Accepted.Add(1)
	l.Stats.Connections.Add(1)
	l.work.Go(func() {
		c.serve(ctx)
		l.leave(c)
	})
}

func (l *Listener) leave(c *connection) {
	l.Stats.Connections.Add(-1)
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, c)
	if l.peers[c.remote.Addr()]--; l.peers[c.remote.Addr()] == 0 {
		delete(l.peers, c.remote.Addr())
	}
}

// warnEvery keeps a port scan from filling the log: the figures count each.
const warnEvery = 10

func (l *Listener) warn(what string, args ...any) {
	now, last := time.Now().Unix(), l.warned.Load()
	if now-last >= warnEvery && l.warned.CompareAndSwap(last, now) {
		l.log.Warn(what, args...)
	}
}

// nextID returns the number of a new conversation, and its id: eight digits.
func (l *Listener) nextID() (uint32, [8]byte) {
	n := l.ids.Add(1) % 100_000_000
	return n, [8]byte(fmt.Appendf(nil, "%08d", n))
}

func addrPort(a net.Addr) netip.AddrPort {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// allowed reports whether one of the networks holds the address. An address
// with a zone is in no network.
func allowed(nets []netip.Prefix, a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" {
		return false
	}
	for _, p := range nets {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
