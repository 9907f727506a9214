package faultproxy_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"strowger/test/faultproxy"
)

const patience = 20 * time.Second

func startProxy(t *testing.T, cfg faultproxy.Config) *faultproxy.Proxy {
	t.Helper()
	p, err := faultproxy.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

func inject(t *testing.T, p *faultproxy.Proxy, f faultproxy.Fault) *faultproxy.Active {
	t.Helper()
	a, err := p.Inject(f)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// echo is a server that sends back what it gets.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func dial(t *testing.T, p *faultproxy.Proxy) net.Conn {
	t.Helper()
	c, err := net.DialTimeout("tcp", p.Addr(), patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("heard %q, %v; want %q", got[:n], err, want)
	}
}

// silent checks that nothing comes for a moment.
func silent(t *testing.T, c net.Conn) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(150 * time.Millisecond))
	n, err := c.Read(make([]byte, 100))
	if !errors.Is(err, context.DeadlineExceeded) && !isTimeout(err) {
		t.Fatalf("got %d bytes, %v; want silence", n, err)
	}
	_ = c.SetReadDeadline(time.Now().Add(patience))
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

func bitten(t *testing.T, a *faultproxy.Active) {
	t.Helper()
	if !a.Bitten().Any() {
		t.Errorf("%s has touched nothing", a.Mode)
	}
}

func TestTCPPassesAndEnds(t *testing.T) {
	p := startProxy(t, faultproxy.Config{Network: "tcp", Target: echo(t)})
	c := dial(t, p)
	big := strings.Repeat("0123456789", 50_000)
	go func() { _, _ = c.Write([]byte(big)) }()
	hear(t, c, big)
	tcp, _ := c.(*net.TCPConn)
	_ = tcp.CloseWrite()
	if n, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("after the end: %d, %v", n, err)
	}
	if n := p.Counts(); n.Conns != 1 || n.ToServerBytes != uint64(len(big)) || n.ToClientBytes != uint64(len(big)) {
		t.Errorf("counted: %v", n)
	}
}

func TestTCPFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault faultproxy.Fault
		run   func(*testing.T, *faultproxy.Proxy, *faultproxy.Active, net.Conn)
	}{
		{"stall", faultproxy.Fault{Mode: faultproxy.Stall}, func(t *testing.T, _ *faultproxy.Proxy, a *faultproxy.Active, c net.Conn) {
			say(t, c, "one")
			silent(t, c)
			a.Lift()
			hear(t, c, "one")
		}},
		{"drop", faultproxy.Fault{Mode: faultproxy.Drop, Ways: faultproxy.ToClient}, func(t *testing.T, p *faultproxy.Proxy, a *faultproxy.Active, c net.Conn) {
			say(t, c, "one")
			silent(t, c)
			if n := p.Counts(); n.ToServerBytes != 3 || n.ToClientBytes != 3 {
				t.Errorf("counted: %v", n)
			}
			a.Lift()
			say(t, c, "two")
			hear(t, c, "two")
		}},
		{"reset", faultproxy.Fault{Mode: faultproxy.Reset, Ways: faultproxy.ToServer, After: 1}, func(t *testing.T, _ *faultproxy.Proxy, _ *faultproxy.Active, c net.Conn) {
			say(t, c, "one")
			hear(t, c, "one")
			say(t, c, "two")
			if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("want a reset, got %v", err)
			}
		}},
		{"close", faultproxy.Fault{Mode: faultproxy.Close, Ways: faultproxy.ToClient}, func(t *testing.T, _ *faultproxy.Proxy, _ *faultproxy.Active, c net.Conn) {
			say(t, c, "one")
			all, err := io.ReadAll(c)
			if err != nil || string(all) != "one" {
				t.Errorf("%q, %v", all, err)
			}
		}},
		{"truncate", faultproxy.Fault{Mode: faultproxy.Truncate, Bytes: 2, Ways: faultproxy.ToClient}, func(t *testing.T, _ *faultproxy.Proxy, _ *faultproxy.Active, c net.Conn) {
			say(t, c, "one")
			all, err := io.ReadAll(c)
			if err != nil || string(all) != "on" {
				t.Errorf("%q, %v", all, err)
			}
		}},
		{"corrupt", faultproxy.Fault{Mode: faultproxy.Corrupt, Ways: faultproxy.ToClient}, func(t *testing.T, _ *faultproxy.Proxy, _ *faultproxy.Active, c net.Conn) {
			say(t, c, "one")
			hear(t, c, "o\xffe")
		}},
		{"insert", faultproxy.Fault{Mode: faultproxy.Insert, Payload: [][]byte{[]byte("+"), []byte("-")}, Ways: faultproxy.ToServer, Count: 1}, func(t *testing.T, _ *faultproxy.Proxy, _ *faultproxy.Active, c net.Conn) {
			say(t, c, "one")
			hear(t, c, "one+-")
			say(t, c, "two")
			hear(t, c, "two")
		}},
		{"latency", faultproxy.Fault{Mode: faultproxy.Latency, Delay: 100 * time.Millisecond}, func(t *testing.T, _ *faultproxy.Proxy, _ *faultproxy.Active, c net.Conn) {
			began := time.Now()
			say(t, c, "one")
			hear(t, c, "one")
			if d := time.Since(began); d < 200*time.Millisecond {
				t.Errorf("there and back in %v", d)
			}
		}},
		{"throttle", faultproxy.Fault{Mode: faultproxy.Throttle, Rate: 10_000, Ways: faultproxy.ToServer}, func(t *testing.T, _ *faultproxy.Proxy, _ *faultproxy.Active, c net.Conn) {
			began := time.Now()
			text := strings.Repeat("x", 3000)
			say(t, c, text)
			hear(t, c, text)
			if d := time.Since(began); d < 300*time.Millisecond {
				t.Errorf("3000 bytes at 10000 a second in %v", d)
			}
		}},
		{"contains", faultproxy.Fault{Mode: faultproxy.Drop, Contains: "bad"}, func(t *testing.T, _ *faultproxy.Proxy, _ *faultproxy.Active, c net.Conn) {
			say(t, c, "bad")
			silent(t, c)
			say(t, c, "good")
			hear(t, c, "good")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := startProxy(t, faultproxy.Config{Network: "tcp", Target: echo(t)})
			a := inject(t, p, c.fault)
			c.run(t, p, a, dial(t, p))
			bitten(t, a)
		})
	}
}

// TestHalfOpen: an end is not told to the other side while the line drops.
func TestHalfOpen(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	p := startProxy(t, faultproxy.Config{Network: "tcp", Target: l.Addr().String()})
	c := dial(t, p)
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	a := inject(t, p, faultproxy.Fault{Mode: faultproxy.Drop})
	_ = s.Close()
	silent(t, c)
	a.Lift()
	if _, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("after lifting: %v, want the end", err)
	}
}

func TestRefuseAndCut(t *testing.T) {
	p := startProxy(t, faultproxy.Config{Network: "tcp", Target: echo(t)})
	old := dial(t, p)
	say(t, old, "one")
	hear(t, old, "one")
	a := inject(t, p, faultproxy.Fault{Mode: faultproxy.Refuse})
	refused, err := net.DialTimeout("tcp", p.Addr(), patience)
	if err == nil { // the RST may come before this is known
		_, err = refused.Read(make([]byte, 1))
		_ = refused.Close()
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("want a reset, got %v", err)
	}
	bitten(t, a)
	say(t, old, "two")
	hear(t, old, "two")
	if n := p.Cut(""); n != 1 {
		t.Errorf("%d connections cut", n)
	}
	if _, err := old.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("want a reset, got %v", err)
	}
}

// TestNoTarget: the client sees what it would have seen.
func TestNoTarget(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	p := startProxy(t, faultproxy.Config{Network: "tcp", Target: l.Addr().String()})
	c, err := net.DialTimeout("tcp", p.Addr(), patience)
	if err == nil {
		_, err = c.Read(make([]byte, 1))
		_ = c.Close()
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("want a reset, got %v", err)
	}
}

// TestStopLeavesNothing stops proxies in the middle of every fault.
func TestStopLeavesNothing(t *testing.T) {
	target := echo(t)
	before := runtime.NumGoroutine()
	for _, mode := range []faultproxy.Mode{faultproxy.Stall, faultproxy.Drop, faultproxy.Latency, faultproxy.Throttle} {
		p, err := faultproxy.Start(t.Context(), faultproxy.Config{Network: "tcp", Target: target})
		if err != nil {
			t.Fatal(err)
		}
		a := inject(t, p, faultproxy.Fault{Mode: mode, Delay: time.Hour, Rate: 1})
		for range 10 {
			c := dial(t, p)
			_, _ = c.Write(bytes.Repeat([]byte("x"), 1000))
			defer func() { _ = c.Close() }()
		}
		for deadline := time.Now().Add(patience); a.Bitten().Units < 10 && time.Now().Before(deadline); {
			runtime.Gosched()
		}
		bitten(t, a)
		p.Stop()
		p.Stop()
	}
	deadline := time.Now().Add(patience)
	for runtime.NumGoroutine() > before+1 && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > before+1 {
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines, %d before:\n%s", n, before, buf[:runtime.Stack(buf, true)])
	}
}
