package ici

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"strowger/cti/ctitest"
)

// The settings of delivery do what they say: the form of events, how many
// requests are open at once, when silence ends a subscription.
func TestDeliverySettingsReachTheClient(t *testing.T) {
	t.Parallel()
	t.Run("eventStyle", func(t *testing.T) {
		t.Parallel()
		for style, want := range map[string]map[string]bool{ // whether the children have a namespace, by appUrl
			namespaceQualified: {"/a": true, "/b?style=document": true}, namespaceUnqualified: {"/a": false, "/b?style=document": false},
			eventStyleAuto: {"/a": false, "/b?style=document": true},
		} {
			got := make(chan *http.Request, 2)
			bodies := make(chan string, 2)
			crm := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				b, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				got <- r
				bodies <- string(b)
			}))
			p := startPush(t, func(c *Config) { c.EventStyle, c.EventSoapAction = style, "urn:mine" })
			for path := range want {
				subscribe(t, p, crm.URL+path, "a", LineTarget("+1"))
			}
			p.Publish("agent", LineTarget("+1"), callEvent(1))
			for range want {
				r, body := <-got, <-bodies
				if r.Header.Get("SOAPAction") != `"urn:mine"` {
					t.Errorf("SOAPAction %s", r.Header.Get("SOAPAction"))
				}
				env := envelope(t, body)
				if qualified := env.Body[0].Children[0].Space != ""; qualified != want[r.URL.RequestURI()] {
					t.Errorf("%s to %s: qualified %v", style, r.URL, qualified)
				}
			}
			if err := p.Stop(t.Context()); err != nil {
				t.Error(err)
			}
			crm.Close()
		}
	})
	t.Run("callbackWorkers", func(t *testing.T) {
		t.Parallel()
		var open, most atomic.Int64
		full, release := make(chan struct{}, 100), make(chan struct{})
		crm := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			n := open.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			full <- struct{}{}
			<-release
			open.Add(-1)
		}))
		t.Cleanup(crm.Close)
		p := startPush(t, func(c *Config) { c.CallbackWorkers = 3 })
		subscribe(t, p, crm.URL, "a", LineTarget("+1"))
		for i := range 12 { // of as many agents, so that none waits for another's
			p.Publish(string(rune('a'+i)), LineTarget("+1"), callEvent(i))
		}
		for range 3 {
			<-full
		}
		close(release)
		ctitest.Eventually(t, "all are sent", func() bool { return p.Delivery().Sent.Load() == 12 })
		if most.Load() != 3 {
			t.Errorf("%d requests were open at once, want 3", most.Load())
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("maxSilence", func(t *testing.T) {
		t.Parallel()
		crm := httptest.NewServer(nil)
		crm.Close() // an answer would be a sign of life
		p := startPush(t, func(c *Config) { c.MaxSilence, c.MaxFailures = time.Nanosecond, 1000 })
		subscribe(t, p, crm.URL, "a", LineTarget("+1"))
		p.Publish("agent", LineTarget("+1"), callEvent(1))
		ctitest.Eventually(t, "the subscription has ended", func() bool { return !p.Subscribed(LineTarget("+1")) })
		if err := p.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("connectTimeout", func(t *testing.T) {
		t.Parallel()
		p := startPush(t, func(c *Config) { c.ConnectTimeout, c.MaxFailures = 20*time.Millisecond, 1 })
		subscribe(t, p, "http://"+nobodyAccepts(t), "a", LineTarget("+1"))
		p.Publish("agent", LineTarget("+1"), callEvent(1))
		began := time.Now()
		ctitest.Eventually(t, "the CRM is given up", func() bool { return p.HTTP().Unreachable.Load() > 0 })
		if took := time.Since(began); took > DefaultConnectTimeout/2 {
			t.Errorf("after %v", took)
		}
		if err := p.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// nobodyAccepts is an address whose queue of connections is full: one more
// never comes about.
func nobodyAccepts(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) }) // the test is over
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	four, ok := at.(*syscall.SockaddrInet4)
	if !ok {
		t.Fatalf("listens at %v", at)
	}
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(four.Port))
	for range 4 { // more than the queue has
		c, err := (&net.Dialer{Timeout: 200 * time.Millisecond}).DialContext(t.Context(), "tcp", addr)
		if err != nil {
			return addr
		}
		t.Cleanup(func() { _ = c.Close() }) // the test is over
	}
	t.Fatal("this system takes any number of connections that nobody accepts")
	return ""
}
