package typet

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// handler serves calls with a function and counts conversations.
type handler struct {
	call   func(ctx context.Context, c *Call) (*Reply, error)
	refuse error // of Open

	opened, closed atomic.Int64
	mu             sync.Mutex
	last           Peer
}

func (h *handler) Open(p Peer) (Session, error) {
	h.mu.Lock()
	h.last = p
	h.mu.Unlock()
	if h.refuse != nil {
		return nil, h.refuse
	}
	h.opened.Add(1)
	return h, nil
}

func (h *handler) Call(ctx context.Context, c *Call) (*Reply, error) { return h.call(ctx, c) }
func (h *handler) Close()                                            { h.closed.Add(1) }

// echo returns what came: imports as exports, tables as tables.
func echo(_ context.Context, c *Call) (*Reply, error) {
	return &Reply{Exports: c.Imports, Tables: c.Tables}, nil
}

// park waits until the call is ended, and says so on entered.
func park(entered chan<- string) func(context.Context, *Call) (*Reply, error) {
	return func(ctx context.Context, c *Call) (*Reply, error) {
		entered <- c.Function
		<-ctx.Done()
		return nil, &Exception{Name: "COMMUNICATION_FAILURE", Text: context.Cause(ctx).Error(), System: true}
	}
}

func loopback() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

// listen starts a listener, and stops it at the test's end. It fails the test
// if a conversation is then still open.
func listen(t testing.TB, cfg Config, h *handler) *Listener {
	t.Helper()
	cfg.Listen = "127.0.0.1:0"
	if cfg.Allow == nil {
		cfg.Allow = loopback()
	}
	l, err := New(cfg, h, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := l.Stop(ctx); err != nil {
			t.Error(err)
		}
		if h.opened.Load() != h.closed.Load() || len(l.open) != 0 || len(l.peers) != 0 || l.mem.used.Load() != 0 || l.Stats.Connections.Load() != 0 || l.Stats.Calls.Load() != 0 || l.talks.Load() != 0 {
			t.Errorf("after Stop: %d conversations opened and %d closed, %d connections and %d peers known, %d bytes held, %d calls, %d conversations",
				h.opened.Load(), h.closed.Load(), len(l.open), len(l.peers), l.mem.used.Load(), l.Stats.Calls.Load(), l.talks.Load())
		}
	})
	return l
}

func dial(t testing.TB, l *Listener, cfg ClientConfig) *Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := Dial(ctx, l.Addr().String(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func call(t testing.TB, c *Client, in Call) (*Reply, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	return c.Call(ctx, in)
}

// raw is a peer that sends what it likes.
type raw struct {
	t    testing.TB
	conn net.Conn
	in   frameReader
}

func dialRaw(t testing.TB, l *Listener) *raw {
	t.Helper()
	return dialAddr(t, l.Addr().String())
}

func dialAddr(t testing.TB, addr string) *raw {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	return &raw{t: t, conn: conn, in: frameReader{in: bufio.NewReader(conn), limit: 8 << 20, mem: &memory{limit: 1 << 30}}}
}

func (r *raw) send(payload []byte) {
	r.t.Helper()
	r.bytes(appendFrame(nil, payload))
}

func (r *raw) bytes(b []byte) {
	r.t.Helper()
	if _, err := r.conn.Write(b); err != nil {
		r.t.Fatal(err)
	}
}

func (r *raw) receive() []byte {
	r.t.Helper()
	f, err := r.in.read()
	if err != nil {
		r.t.Fatal(err)
	}
	return f.data
}

// ended waits until the listener closes the connection.
func (r *raw) ended() {
	r.t.Helper()
	for {
		if _, err := r.in.read(); err != nil {
			var timeout net.Error
			if errors.As(err, &timeout) && timeout.Timeout() {
				r.t.Fatal("the connection was not closed")
			}
			return
		}
	}
}

// hello is a greeting as ABAP systems send it.
func hello(version, request byte) []byte {
	b := make([]byte, helloSize2)
	if version == 3 {
		b = make([]byte, helloSize3)
	}
	b[0], b[1] = version, request
	copy(b[10:], "sapgw88")
	copy(b[20:], "1100")
	b[helloAsked] = 0x0e
	copy(b[30:54], "saphost STROWGER        ")
	b[helloHeader], b[helloAccepts], b[56], b[57] = appcVersion, 0xcb, 0xff, 0xff
	return b
}

// allocated greets and asks for the program.
func (r *raw) allocated() {
	r.t.Helper()
	r.send(hello(2, helloClient))
	r.receive()
	r.send(sapInit())
	r.receive()
}

func sapInit() []byte {
	params := make([]byte, 373)
	copy(params, "STROWGER                        \x01\x01CPIC\x00\x00\x00\x000123456789ABCDEFfedcba9876543210")
	q := record{function: fnSAPInit, protocol: 7, uid: 0x63ac, pad: 2}
	return q.append(nil, params)
}

func sapSend(data []byte) []byte {
	q := record{function: fnSAPSend, protocol: 7, uid: 0x63ac, pad: 2}
	return q.append(nil, data)
}

// message is a call in bytes.
func callBytes(t testing.TB, c Call) []byte {
	t.Helper()
	if c.Page == 0 {
		c.Page = LittleEndian
	}
	b, err := appendCall(Logon{}, &c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// until waits for something that happens on another goroutine.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%s: not in time", what)
		}
	}
}
