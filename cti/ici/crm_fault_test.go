package ici

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"strowger/cti/soap"
)

// badCRM does what its test wants with every event, and notes the order in
// which it got them.
func badCRM(t *testing.T, answer http.HandlerFunc) (*httptest.Server, func() []string) {
	var mu sync.Mutex
	var got []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err == nil {
			if env, err := soap.ReadEnvelope(data, "", soap.Limits{}, nil); err == nil {
				if e, err := DecodeEvent(env); err == nil {
					if c, ok := e.(*PhoneCallChanged); ok {
						mu.Lock()
						got = append(got, c.PhoneCall.CallHandle)
						mu.Unlock()
					}
				}
			}
		}
		answer(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), got...)
	}
}

// deafCRM accepts connections and never reads.
func deafCRM(t *testing.T) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns sync.Map
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Store(c, true)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close() // the test is over
		<-done
		conns.Range(func(c, _ any) bool { _ = c.(net.Conn).Close(); return true })
	})
	return "http://" + l.Addr().String()
}

const faultQueue = 16 // events that may wait in these tests

// A CRM that misbehaves, in whatever way, does not disturb another one, gets
// its events in order or not at all, and costs bounded memory.
func TestFaultyCRMs(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) })
	wait := func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}
	elsewhere := atomic.Int64{}
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(other.Close)
	fault200 := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault><faultcode>e:Client</faultcode><faultstring>bad</faultstring></e:Fault></e:Body></e:Envelope>`)
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, c := range []struct {
		name   string
		url    string // of a CRM that is no badCRM
		answer http.HandlerFunc
		sign   func(p *Push) uint64 // counts what shows the fault
		wait   time.Duration        // of an event for the reply to the one before; 2 s
	}{
		{name: "slow", answer: wait, sign: func(p *Push) uint64 { return p.Delivery().Overtaken.Load() }, wait: 250 * time.Millisecond},
		{name: "500", answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, sign: func(p *Push) uint64 { return p.HTTP().HTTPErrors.Load() }},
		{name: "503", answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, sign: func(p *Push) uint64 { return p.Delivery().Retried.Load() }},
		{name: "200 and a fault", answer: fault200, sign: func(p *Push) uint64 { return p.Stats.PeerFaults.Load() }},
		{name: "redirect", answer: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		}, sign: func(p *Push) uint64 { return p.HTTP().HTTPErrors.Load() }},
		{name: "an answer without end", answer: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 1<<20)) }, sign: func(p *Push) uint64 { return p.HTTP().Oversized.Load() }},
		{name: "breaks off", answer: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, sign: func(p *Push) uint64 { return p.HTTP().Unanswered.Load() }},
		{name: "never reads", url: deafCRM(t), sign: func(p *Push) uint64 {
			return p.Delivery().Refused.Load() + p.HTTP().Unreachable.Load() + p.HTTP().Unanswered.Load()
		}, wait: 20 * time.Millisecond},
		{name: "refuses", url: gone.URL, sign: func(p *Push) uint64 { return p.HTTP().Unreachable.Load() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			order := func() []string { return nil }
			url := c.url
			if url == "" {
				var srv *httptest.Server
				srv, order = badCRM(t, c.answer)
				url = srv.URL
			}
			good := newSink(t, nil)
			p := startPush(t, func(cfg *Config) {
				cfg.SoapWait, cfg.SoapTimeout, cfg.QueueLength, cfg.MaxFailures = cmp.Or(c.wait, 2*time.Second), 2*time.Second, faultQueue, 5
			})
			bad, fine := LineTarget("101"), LineTarget("102")
			subscribe(t, p, url, "bad", bad)
			subscribe(t, p, good.URL, "good", fine)
			const events = 60
			for i := range events {
				e := callEvent(i)
				e.PhoneCall.AttachedData = strings.Repeat("x", 20<<10) // more than sockets take
				p.Publish("anna", bad, e)
				p.Publish("bernd", fine, callEvent(i))
				if w := p.Delivery().Waiting.Load(); w > 2*faultQueue {
					t.Fatalf("%d events wait", w)
				}
				if got := good.next(t).event.(*PhoneCallChanged); got.PhoneCall.CallHandle != fmt.Sprint(i) {
					t.Fatalf("the other CRM got %s as event %d", got.PhoneCall.CallHandle, i)
				}
				limit := time.Now().Add(20 * time.Second)
				for i == 0 && c.sign(p) == 0 { // before the others fill its queue, which ends everything for it
					if time.Now().After(limit) {
						t.Fatal("no counter shows the fault")
					}
					<-time.After(5 * time.Millisecond)
				}
			}
			last := -1
			for _, h := range order() {
				var n int
				if _, err := fmt.Sscan(h, &n); err != nil || n < last {
					t.Fatalf("events came as %v", order())
				}
				last = n
			}
			if elsewhere.Load() != 0 {
				t.Error("a redirect was followed")
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if err := p.Stop(ctx); err != nil && errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("stop: %v", err)
			}
			if d := p.Delivery(); d.Waiting.Load() != 0 || d.Open.Load() != 0 {
				t.Errorf("after the end %d wait, %d are open", d.Waiting.Load(), d.Open.Load())
			}
		})
	}
}
