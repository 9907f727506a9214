package rest_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"strowger/cti/rest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// socketClient is a client over the unix socket.
func socketClient(t *testing.T, path string) *http.Client {
	tr := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func openStream(t *testing.T, c *http.Client, base string) func() (message, bool) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("status %d, %v", resp.StatusCode, resp.Header)
	}
	return messages(resp.Body)
}

func TestEventStream(t *testing.T) {
	f, _ := running(t, nil)
	next := openStream(t, http.DefaultClient, "http://"+f.srv.Addr())
	m, _ := next()
	var snap rest.Snapshot
	if err := json.Unmarshal([]byte(m.data), &snap); err != nil || m.event != "snapshot" || m.id != strconv.FormatUint(snap.Events, 10) {
		t.Fatalf("first message %+v: %v", m, err)
	}
	id := f.sw.Arrive("600", "0301", "x\ny\r\ndata: forged\n\nevent: end")
	f.sw.Advance(4 * time.Second)
	f.sw.HangUp(id)
	want := snap.Events
	for kind := ""; kind != "CallEnded"; {
		m, ok := next()
		var e rest.Event
		if err := json.Unmarshal([]byte(m.data), &e); err != nil || !ok || m.event != "change" {
			t.Fatalf("message %+v: %v", m, err)
		}
		if want++; e.Seq != want || m.id != strconv.FormatUint(want, 10) {
			t.Fatalf("event %d follows %d", e.Seq, want-1)
		}
		if kind = e.Kind; kind == "CallEnded" && (e.Call.ID != id.String() || e.Call.Outcome != "abandoned" || e.Call.WaitingSeconds != 4 ||
			e.Time.Format(time.RFC3339) != "2026-03-02T09:00:04Z") {
			t.Fatalf("event %+v", e)
		}
	}
	f.sw.Stop()
	expectEnd(t, next, "stopped")
}

func expectEnd(t *testing.T, next func() (message, bool), reason string) {
	t.Helper()
	for {
		m, ok := next()
		if !ok {
			t.Fatalf("the stream ended without a reason")
		}
		var e rest.StreamEnd
		if m.event == "end" {
			if err := json.Unmarshal([]byte(m.data), &e); err != nil || e.Reason != reason || e.Detail == "" {
				t.Fatalf("end %+v (%v), want %s", e, err, reason)
			}
			if _, more := next(); more {
				t.Fatal("the stream goes on after its end")
			}
			return
		}
	}
}

// TestOverrun: a reader that was cut off is told why and can come back.
func TestOverrun(t *testing.T) {
	f, _ := running(t, nil)
	f.sw.LimitWatch(0)
	next := openStream(t, http.DefaultClient, "http://"+f.srv.Addr())
	if m, _ := next(); m.event != "snapshot" {
		t.Fatalf("first message %+v", m)
	}
	f.sw.Arrive("600", "1", "")
	expectEnd(t, next, "overrun")
	if n := f.srv.Stats().StreamsOverrun; n != 1 {
		t.Fatalf("%d overruns are counted", n)
	}
	next = openStream(t, http.DefaultClient, "http://"+f.srv.Addr())
	var snap rest.Snapshot
	if m, _ := next(); json.Unmarshal([]byte(m.data), &snap) != nil || len(snap.Calls) != 1 {
		t.Fatalf("the new snapshot lacks the call: %+v", snap)
	}
}

func TestStreamLimitAndStop(t *testing.T) {
	f, socket := running(t, func(o *rest.Options) { o.MaxStreams = 1 })
	c := socketClient(t, socket)
	next := openStream(t, c, "http://strowger")
	if m, _ := next(); m.event != "snapshot" {
		t.Fatalf("first message %+v", m)
	}
	problem(t, f.do(rest.RoleReader, http.MethodGet, "/api/v1/events", ""), http.StatusServiceUnavailable, "busy")
	if err := f.srv.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	expectEnd(t, next, "stopped")
	if f.sw.Watchers() != 0 {
		t.Fatal("a subscription is left over")
	}
	if _, err := os.Lstat(socket); !os.IsNotExist(err) {
		t.Fatalf("the socket is left over: %v", err)
	}
	if s := f.srv.Stats(); s.StreamsOpen != 0 || s.StreamsRefused != 1 || s.Connections != 0 {
		t.Fatalf("stats %+v", s)
	}
	if err := f.srv.Start(t.Context()); !fault.Is(err, fault.Stopped) {
		t.Fatalf("start after stop: %v", err)
	}
}

// TestHeartbeat: a quiet stream says that it lives.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		server, client := net.Pipe()
		l := &oneConn{conn: server, done: make(chan struct{})}
		srv := &http.Server{Handler: f.srv.Handler(rest.RoleReader, "test"), ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second}
		go func() { _ = srv.Serve(l) }()
		go func() { _, _ = client.Write([]byte("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")) }()
		next := messages(client)
		begin := time.Now()
		for i, want := range []string{"snapshot", "alive", "alive", "alive", "alive"} {
			if m, ok := next(); !ok || m.event != want {
				t.Fatalf("message %d: %+v, want %s", i, m, want)
			}
		}
		if d := time.Since(begin); d != time.Minute {
			t.Fatalf("four heartbeats took %s: the server's time limits must not end a stream", d)
		}
		_ = client.Close()
		_ = srv.Close()
		synctest.Wait()
		if f.sw.Watchers() != 0 {
			t.Fatal("a subscription is left over")
		}
	})
}

type oneConn struct {
	conn net.Conn
	done chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	<-l.done
	return nil, net.ErrClosed
}

func (l *oneConn) Close() error   { close(l.done); return nil }
func (l *oneConn) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func TestRolesOfListeners(t *testing.T) {
	f, socket := running(t, nil)
	info, err := os.Stat(socket)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("socket mode %v: %v", info.Mode(), err)
	}
	for _, l := range []struct {
		client *http.Client
		base   string
		status int
	}{{socketClient(t, socket), "http://strowger", 200}, {http.DefaultClient, "http://" + f.srv.Addr(), 403}} {
		resp, err := l.client.Post(l.base+"/api/v1/agents/anna/state", "application/json", jsonBody(`{"state":"ready"}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != l.status {
			t.Errorf("%s: status %d, want %d", l.base, resp.StatusCode, l.status)
		}
	}
	v, err := f.sw.View(t.Context())
	if err != nil || v.Agents[0].State != callmodel.Ready {
		t.Fatalf("the socket's command had no effect: %v", err)
	}
}

func TestSocketFile(t *testing.T) {
	start := func(path string) (*rest.Server, error) {
		f := newFixture(t, func(o *rest.Options) { o.Socket = path })
		return f.srv, f.srv.Start(t.Context())
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "new folder", "s.sock")
	first, err := start(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := start(path); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second controller: %v", err)
	}
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false) // as after kill -9
	_ = l.Close()
	again, err := start(path)
	if err != nil {
		t.Fatalf("a stale socket is in the way: %v", err)
	}
	if err := again.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(dir, "file")
	if err := os.WriteFile(plain, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := start(plain); !fault.Is(err, fault.Conflict) {
		t.Errorf("a plain file: %v", err)
	}
	if b, _ := os.ReadFile(plain); string(b) != "precious" {
		t.Error("a plain file was removed")
	}
	if _, err := start(filepath.Join(dir, string(make([]byte, 120)))); !fault.Is(err, fault.Invalid) {
		t.Errorf("a path that is too long: %v", err)
	}
}

func TestAddressInUse(t *testing.T) {
	f, _ := running(t, nil)
	socket := filepath.Join(t.TempDir(), "s.sock")
	g := newFixture(t, func(o *rest.Options) { o.Socket, o.Listen = socket, f.srv.Addr() })
	if err := g.srv.Start(t.Context()); !fault.Is(err, fault.Conflict) {
		t.Fatalf("start: %v", err)
	}
	if _, err := os.Lstat(socket); !os.IsNotExist(err) {
		t.Error("the socket is left over from a failed start")
	}
}

func TestConnectionLimit(t *testing.T) {
	f, _ := running(t, func(o *rest.Options) { o.MaxConnections = 1 })
	first, err := net.Dial("tcp", f.srv.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Close() }()
	_, _ = first.Write([]byte("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	if n, err := first.Read(make([]byte, 1)); n != 1 {
		t.Fatal(err)
	}
	second, err := net.Dial("tcp", f.srv.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Close() }()
	if n, err := second.Read(make([]byte, 1)); err == nil {
		t.Fatalf("the connection over the limit got %d bytes", n)
	}
	if s := f.srv.Stats(); s.ConnsRefused != 1 || s.Connections != 1 {
		t.Fatalf("stats %+v", s)
	}
}
