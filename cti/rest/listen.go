package rest

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"strowger/switch/fault"
)

const (
	// maxSocketPath is what Linux takes, less the final zero byte.
	maxSocketPath = 107
	probeTimeout  = time.Second
)

// listenUnix opens the admin socket with mode 0600. A socket file that nobody
// answers is left over from a crash and is removed.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	const op = "rest: socket"
	if len(path) > maxSocketPath {
		return nil, fault.Newf(fault.Invalid, op, path, "the path has %d bytes and a socket's may have %d: choose a shorter http.socket", len(path), maxSocketPath)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, listenFault(op, path, err)
	}
	if err := removeStale(ctx, path); err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		return nil, listenFault(op, path, err)
	}
	// Between Listen and Chmod the mode is the umask's; ownerOnly looks at the
	// peer itself.
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close() // nobody has used it yet
		return nil, listenFault(op, path, err)
	}
	return l, nil
}

func removeStale(ctx context.Context, path string) error {
	const op = "rest: socket"
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return listenFault(op, path, err)
	case info.Mode()&os.ModeSocket == 0:
		return fault.New(fault.Conflict, op, path, "there is a file of this name that is not a socket: move it away or choose another http.socket")
	}
	d := net.Dialer{Timeout: probeTimeout}
	c, err := d.DialContext(ctx, "unix", path)
	if err == nil {
		_ = c.Close() // it was only to see whether somebody answers
		return fault.New(fault.Conflict, op, path, "another controller answers here: stop it first, or choose another http.socket")
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return listenFault(op, path, err)
	}
	if err := os.Remove(path); err != nil {
		return listenFault(op, path, err)
	}
	return nil
}

func listenTCP(ctx context.Context, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, listenFault("rest: listen", addr, err)
	}
	return l, nil
}

func listenFault(op, subject string, err error) error {
	e := &fault.Error{Kind: fault.Unavailable, Op: op, Subject: subject, Err: err, Reason: "cannot listen: " + err.Error()}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		e.Kind, e.Reason = fault.Conflict, "the address is in use: stop what listens there, or choose another in the configuration (http.listen)"
	case errors.Is(err, os.ErrPermission):
		e.Kind, e.Reason = fault.Denied, "the system does not allow it: check the owner and mode of the folder, or choose a port above 1023"
	}
	return e
}

// guarded is a listener with a limit of connections and a look at the peer.
type guarded struct {
	net.Listener
	admit func(net.Conn) bool // nil: everybody
	stats *counters
	limit int

	mu   sync.Mutex
	open int
}

// Accept returns the next peer that may come in; others are closed and counted.
func (g *guarded) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if g.admit != nil && !g.admit(c) {
			g.stats.peersRefused.Add(1)
			_ = c.Close() // it gets nothing from us
			continue
		}
		if !g.enter() {
			g.stats.connsRefused.Add(1)
			_ = c.Close() // it gets nothing from us
			continue
		}
		return &counted{Conn: c, leave: sync.OnceFunc(g.leave)}, nil
	}
}

func (g *guarded) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open >= g.limit {
		return false
	}
	g.open++
	g.stats.conns.Add(1)
	return true
}

func (g *guarded) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
	g.stats.conns.Add(-1)
}

type counted struct {
	net.Conn
	leave func()
}

// Close closes the connection and gives its place back.
func (c *counted) Close() error {
	defer c.leave()
	return c.Conn.Close()
}

func unixCaller(c net.Conn) caller {
	by := "local socket"
	if uid, ok := peerUID(c); ok {
		by = "local user " + strconv.Itoa(uid)
	}
	return caller{role: RoleAdmin, by: by + " (admin)", local: true}
}

func tcpCaller(c net.Conn) caller {
	return caller{role: RoleReader, by: "web " + c.RemoteAddr().String()}
}

// ownerOnly admits the controller's own user and root, where the system tells
// who the peer is; elsewhere the mode of the socket decides alone.
func ownerOnly(c net.Conn) bool {
	uid, ok := peerUID(c)
	return !ok || uid == 0 || uid == os.Geteuid()
}
