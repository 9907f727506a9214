package faultproxy_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"strowger/test/faultproxy"
)

// target is an HTTP server with a websocket that counts to 20 at /events, and
// echoes at /echo.
func target(t *testing.T) (address string, requests *atomic.Int64) {
	t.Helper()
	requests = &atomic.Int64{}
	mux := http.NewServeMux()
	mux.HandleFunc("/rest/", func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		body, _ := io.ReadAll(r.Body)
		if r.Method == http.MethodDelete {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		_, _ = fmt.Fprintf(w, "%s %s %s", r.Method, r.URL, body)
	})
	socket := func(serve func(context.Context, *websocket.Conn)) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			c, err := websocket.Accept(w, r, nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = c.CloseNow() }()
			serve(r.Context(), c)
		}
	}
	mux.HandleFunc("/events", socket(func(ctx context.Context, c *websocket.Conn) {
		for n := range 20 {
			_ = c.Write(ctx, websocket.MessageText, []byte(fmt.Sprintf("event %d", n)))
		}
		_, _, _ = c.Read(ctx) // until the client goes
	}))
	mux.HandleFunc("/echo", socket(func(ctx context.Context, c *websocket.Conn) {
		for {
			_, b, err := c.Read(ctx)
			if err != nil || c.Write(ctx, websocket.MessageText, b) != nil {
				return
			}
		}
	}))
	s := httptest.NewServer(mux)
	t.Cleanup(s.CloseClientConnections)
	return strings.TrimPrefix(s.URL, "http://"), requests
}

func httpProxy(t *testing.T) (*faultproxy.Proxy, *http.Client, *atomic.Int64) {
	t.Helper()
	address, requests := target(t)
	p := startProxy(t, faultproxy.Config{Network: "tcp", HTTP: true, Target: address, Seed: 7})
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return p, &http.Client{Transport: transport, Timeout: patience}, requests
}

func ask(t *testing.T, c *http.Client, p *faultproxy.Proxy, method, path, body string) (int, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+p.Addr()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		return 0, "", err
	}
	b, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	return resp.StatusCode, string(b), err
}

func TestHTTPPasses(t *testing.T) {
	p, c, _ := httpProxy(t)
	for n := range 5 {
		body := strings.Repeat("b", n*1000)
		if status, got, err := ask(t, c, p, "POST", "/rest/a?x=%20y", body); err != nil || status != 200 || got != "POST /rest/a?x=%20y "+body {
			t.Fatalf("%d %q %v", status, got, err)
		}
		if status, _, err := ask(t, c, p, "DELETE", "/rest/a", ""); err != nil || status != 204 {
			t.Fatalf("%d %v", status, err)
		}
		if status, _, err := ask(t, c, p, "HEAD", "/rest/a", ""); err != nil || status != 200 {
			t.Fatalf("%d %v", status, err)
		}
	}
	if n := p.Counts(); n.Conns != 1 || n.ToServer != 15 || n.ToClient != 15 {
		t.Errorf("counted: %v; want one connection kept alive, 15 requests", n)
	}
}

func TestHTTPReply(t *testing.T) {
	p, c, requests := httpProxy(t)
	a := inject(t, p, faultproxy.Fault{Mode: faultproxy.Reply, Path: "/rest/bad", Method: "POST", Answer: faultproxy.Answer{Status: 503, Type: "text/html", Body: "<p>busy"}})
	if status, body, err := ask(t, c, p, "POST", "/rest/bad/1", "x"); err != nil || status != 503 || body != "<p>busy" {
		t.Errorf("%d %q %v", status, body, err)
	}
	if status, _, err := ask(t, c, p, "GET", "/rest/bad/1", ""); err != nil || status != 200 {
		t.Errorf("another method: %d %v", status, err)
	}
	if n := requests.Load(); n != 1 {
		t.Errorf("the target got %d requests, want 1", n)
	}
	a.Lift()
	forward := inject(t, p, faultproxy.Fault{Mode: faultproxy.Reply, Count: 1, Answer: faultproxy.Answer{Status: 500, Forward: true}})
	if status, body, err := ask(t, c, p, "POST", "/rest/x", ""); err != nil || status != 500 || body != "" {
		t.Errorf("%d %q %v", status, body, err)
	}
	if n := requests.Load(); n != 2 {
		t.Errorf("the target got %d requests, want 2", n)
	}
	cut := inject(t, p, faultproxy.Fault{Mode: faultproxy.Reply, Count: 1, Answer: faultproxy.Answer{Body: `{"half`, CutBody: true}})
	if _, body, err := ask(t, c, p, "POST", "/rest/x", ""); err == nil || body != `{"half` {
		t.Errorf("%q %v, want an error of the body", body, err)
	}
	if status, _, err := ask(t, c, p, "POST", "/rest/x", ""); err != nil || status != 200 {
		t.Errorf("afterwards: %d %v", status, err)
	}
	for _, f := range []*faultproxy.Active{a, forward, cut} {
		bitten(t, f)
	}
}

func TestHTTPStallsOnePath(t *testing.T) {
	p, c, requests := httpProxy(t)
	a := inject(t, p, faultproxy.Fault{Mode: faultproxy.Stall, Path: "/rest/slow", Ways: faultproxy.ToServer})
	got := make(chan int, 1)
	go func() {
		status, _, _ := ask(t, c, p, "GET", "/rest/slow", "")
		got <- status
	}()
	for deadline := time.Now().Add(patience); !a.Bitten().Any() && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	if status, _, err := ask(t, c, p, "GET", "/rest/other", ""); err != nil || status != 200 {
		t.Errorf("%d %v", status, err)
	}
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests at the target", n)
	}
	a.Lift()
	if status := <-got; status != 200 {
		t.Errorf("after lifting: %d", status)
	}
}

// TestDropRequest: who gives up is noticed, and the rest works on.
func TestDropRequest(t *testing.T) {
	p, c, requests := httpProxy(t)
	c.Timeout = 200 * time.Millisecond
	a := inject(t, p, faultproxy.Fault{Mode: faultproxy.Drop, Ways: faultproxy.ToServer, Count: 1})
	if _, _, err := ask(t, c, p, "POST", "/rest/x", "y"); err == nil {
		t.Error("a swallowed request was answered")
	}
	bitten(t, a)
	c.Timeout = patience
	if status, _, err := ask(t, c, p, "POST", "/rest/x", ""); err != nil || status != 200 || requests.Load() != 1 {
		t.Errorf("%d %v, %d requests", status, err, requests.Load())
	}
}

func socket(t *testing.T, p *faultproxy.Proxy, path string) *websocket.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	c, _, err := websocket.Dial(ctx, "ws://"+p.Addr()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.CloseNow() })
	return c
}

// events reads so many messages, or until the end.
func events(t *testing.T, c *websocket.Conn, most int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var out []string
	for len(out) < most {
		_, b, err := c.Read(ctx)
		if err != nil {
			break
		}
		out = append(out, string(b))
	}
	return out
}

func counted(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("event %d", i))
	}
	return out
}

func TestFrames(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault faultproxy.Fault
		most  int
		ok    func([]string) bool
	}{
		{"cut after the third", faultproxy.Fault{Mode: faultproxy.Reset, Frames: true, Ways: faultproxy.ToClient, After: 3}, 99, func(got []string) bool {
			return len(got) <= 3 && slices.Equal(got, counted(len(got))) // a RST may overtake what was sent
		}},
		{"closed after the third", faultproxy.Fault{Mode: faultproxy.Close, Contains: "event 2", Ways: faultproxy.ToClient}, 99, func(got []string) bool {
			return slices.Equal(got, counted(3))
		}},
		{"withheld", faultproxy.Fault{Mode: faultproxy.Drop, Contains: "event 1", Ways: faultproxy.ToClient}, 9, func(got []string) bool {
			return slices.Equal(got, append([]string{"event 0"}, counted(10)[2:]...))
		}},
		{"doubled", faultproxy.Fault{Mode: faultproxy.Dup, Contains: "event 5", Ways: faultproxy.ToClient}, 21, func(got []string) bool {
			return got[5] == "event 5" && got[6] == "event 5" && len(got) == 21
		}},
		{"reordered", faultproxy.Fault{Mode: faultproxy.Reorder, Delay: 50 * time.Millisecond, Contains: "event", Ways: faultproxy.ToClient}, 20, func(got []string) bool {
			ordered := slices.Equal(got, counted(20))
			slices.Sort(got)
			want := counted(20)
			slices.Sort(want)
			return !ordered && slices.Equal(got, want)
		}},
		{"inserted", faultproxy.Fault{Mode: faultproxy.Insert, Contains: "event 0", Payload: [][]byte{[]byte(strings.Repeat("y", 20_000)), []byte(strings.Repeat("x", 100_000))}, Ways: faultproxy.ToClient}, 22, func(got []string) bool {
			return len(got) == 22 && len(got[1]) == 20_000 && len(got[2]) == 100_000 && got[3] == "event 1"
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, _, _ := httpProxy(t)
			a := inject(t, p, c.fault)
			conn := socket(t, p, "/events")
			conn.SetReadLimit(1 << 20)
			if got := events(t, conn, c.most); !c.ok(got) {
				t.Errorf("got %.60q", got)
			}
			bitten(t, a)
		})
	}
}

func TestFramesToServer(t *testing.T) {
	p, _, _ := httpProxy(t)
	conn := socket(t, p, "/echo")
	a := inject(t, p, faultproxy.Fault{Mode: faultproxy.Dup, Ways: faultproxy.ToServer, Contains: "twice"})
	b := inject(t, p, faultproxy.Fault{Mode: faultproxy.Insert, Ways: faultproxy.ToServer, Contains: "more", Payload: [][]byte{[]byte("inserted")}})
	for _, text := range []string{"twice", "once", "more"} {
		if err := conn.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"twice", "twice", "once", "more", "inserted"}
	if got := events(t, conn, len(want)); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	bitten(t, a)
	bitten(t, b)
	if n := p.Cut("/rest"); n != 0 {
		t.Errorf("%d connections of another path were cut", n)
	}
	if n := p.Cut("/echo"); n != 1 {
		t.Errorf("%d connections were cut", n)
	}
	if got := events(t, conn, 1); len(got) != 0 {
		t.Errorf("after the cut: %q", got)
	}
}

// TestCorruptFrame: the frame arrives whole, its text is no UTF-8.
func TestCorruptFrame(t *testing.T) {
	p, _, _ := httpProxy(t)
	a := inject(t, p, faultproxy.Fault{Mode: faultproxy.Corrupt, Ways: faultproxy.ToClient, Frames: true, Count: 1})
	got := events(t, socket(t, p, "/events"), 20)
	if len(got) != 20 || got[0] != "eve\xfft 0" || got[1] != "event 1" {
		t.Errorf("got %q", got)
	}
	bitten(t, a)
}
