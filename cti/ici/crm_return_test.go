package ici

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/cti/ctitest"
)

// stamped notes when each event came.
type stamped struct {
	mu   sync.Mutex
	at   []time.Time
	done int
}

func (s *stamped) came() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = append(s.at, time.Now())
}

func (s *stamped) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done++
}

func (s *stamped) counts() (came, done int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.at), s.done
}

// TestTenSecondsLate: a CRM that answers every event after ten seconds, with the
// settings as they come. By the real clock: the next event of the agent waits a
// quarter of a second, all come in order, each once, and another CRM does not
// notice.
func TestTenSecondsLate(t *testing.T) {
	t.Parallel()
	const late, events = 10 * time.Second, 12
	var slow stamped
	crm, order := badCRM(t, func(w http.ResponseWriter, r *http.Request) {
		slow.came()
		select {
		case <-time.After(late):
			slow.answered()
			w.WriteHeader(http.StatusOK)
		case <-r.Context().Done():
		}
	})
	good := newSink(t, nil)
	p := startPush(t, nil)
	bad, fine := LineTarget("101"), LineTarget("102")
	subscribe(t, p, crm.URL, "bad", bad)
	subscribe(t, p, good.URL, "good", fine)
	var worst time.Duration
	for i := range events {
		began := time.Now()
		p.Publish("anna", bad, callEvent(i))
		p.Publish("bernd", fine, callEvent(i))
		if got := good.next(t).event.(*PhoneCallChanged); got.PhoneCall.CallHandle != fmt.Sprint(i) {
			t.Fatalf("the other CRM got %s as event %d", got.PhoneCall.CallHandle, i)
		}
		worst = max(worst, time.Since(began))
	}
	limit := time.After(late + 20*time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for p.Delivery().Sent.Load() != 2*events {
		select {
		case <-tick.C:
		case <-limit:
			came, done := slow.counts()
			t.Fatalf("%d events came, %d were answered, %d count as sent", came, done, p.Delivery().Sent.Load())
		}
	}
	want := make([]string, events)
	for i := range want {
		want[i] = fmt.Sprint(i)
	}
	if got := order(); !slices.Equal(got, want) {
		t.Errorf("events came as %v", got)
	}
	for i := 1; i < events; i++ {
		if gap := slow.at[i].Sub(slow.at[i-1]); gap < DefaultSoapWait-50*time.Millisecond || gap > DefaultSoapWait+5*time.Second {
			t.Errorf("event %d came %v after the one before", i, gap)
		}
	}
	if worst > late/2 {
		t.Errorf("the other CRM waited %v", worst)
	}
	if n := p.Delivery().Overtaken.Load(); n == 0 || p.Delivery().Failed.Load() != 0 || !p.Subscribed(bad) {
		t.Errorf("%d overtaken, %d failed, subscribed %v", n, p.Delivery().Failed.Load(), p.Subscribed(bad))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_ = p.Stop(ctx) // its goodbye is answered late too
}

// mortal is a CRM that can be taken off its port and put back.
type mortal struct {
	handler http.Handler
	addr    string
	server  *http.Server
	done    chan error
}

func (m *mortal) live(t *testing.T) {
	t.Helper()
	if m.addr == "" {
		m.addr = "127.0.0.1:0"
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", m.addr)
	if err != nil {
		t.Fatal(err)
	}
	m.addr, m.server, m.done = l.Addr().String(), &http.Server{Handler: m.handler, ReadHeaderTimeout: time.Minute}, make(chan error, 1)
	go func(s *http.Server, done chan error) { done <- s.Serve(l) }(m.server, m.done)
}

func (m *mortal) die(t *testing.T) {
	t.Helper()
	_ = m.server.Close() // connections break off
	if err := <-m.done; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}

// TestDiesAndReturns: a CRM whose host goes away for a moment gets what happened
// meanwhile, in order; one that stays away loses its subscription and gets
// events again when it subscribes again. Another CRM does not notice.
func TestDiesAndReturns(t *testing.T) {
	t.Parallel()
	heard, order := badCRM(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	m := &mortal{handler: heard.Config.Handler}
	m.live(t)
	good := newSink(t, nil)
	p := startPush(t, func(c *Config) { c.SoapWait, c.MaxFailures = time.Minute, 3 })
	bad, fine := LineTarget("101"), LineTarget("102")
	subscribe(t, p, "http://"+m.addr, "bad", bad)
	subscribe(t, p, good.URL, "good", fine)
	next := 0
	publish := func(n int) {
		t.Helper()
		for range n {
			p.Publish("anna", bad, callEvent(next))
			p.Publish("bernd", fine, callEvent(next))
			if got := good.next(t).event.(*PhoneCallChanged); got.PhoneCall.CallHandle != fmt.Sprint(next) {
				t.Fatalf("the other CRM got %s as event %d", got.PhoneCall.CallHandle, next)
			}
			next++
		}
	}
	inOrder := func() {
		t.Helper()
		ctitest.Eventually(t, fmt.Sprintf("%d events have come", next), func() bool { return len(order()) >= next })
		for i, h := range order() {
			if h != fmt.Sprint(i) {
				t.Fatalf("events came as %v", order())
			}
		}
	}
	publish(5)
	inOrder()
	m.die(t)
	publish(5)
	ctitest.Eventually(t, "it is missed", func() bool { return p.HTTP().Unreachable.Load() > 0 })
	m.live(t)
	inOrder()
	if !p.Subscribed(bad) || p.Delivery().Failed.Load() != 0 || p.Delivery().Retried.Load() == 0 {
		t.Errorf("subscribed %v, %d failed, %d tried again", p.Subscribed(bad), p.Delivery().Failed.Load(), p.Delivery().Retried.Load())
	}
	m.die(t)
	before := len(order())
	now := *p.cfg.Load()
	now.MaxFailures = 1 // it stays away for longer than one event is tried
	if err := p.apply(now); err != nil {
		t.Fatal(err)
	}
	publish(2)
	ctitest.Eventually(t, "its subscription has ended", func() bool { return !p.Subscribed(bad) })
	m.live(t)
	t.Cleanup(func() { m.die(t) })
	subscribe(t, p, "http://"+m.addr, "bad", bad)
	publish(1)
	ctitest.Eventually(t, "it hears again", func() bool { return len(order()) > before })
	if got := order(); got[len(got)-1] != fmt.Sprint(next-1) {
		t.Errorf("after its return it got %v", got[before:])
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// A CRM that never reads costs as much memory as is set aside for it, however
// much there is to tell. Not beside other tests: it measures the heap.
func TestMemoryOfADeafCRM(t *testing.T) {
	url := deafCRM(t)
	p := startPush(t, nil)
	const agents, rounds, size = 200, 100, 20 << 10 // 400 MiB in all
	const bound = 64 << 20                          // of one destination, see session.Config
	data := strings.Repeat("x", size)
	before := heap()
	var most uint64
	line := func(i int) Target { return LineTarget(fmt.Sprint(1000 + i)) }
	for range rounds {
		for i := range agents {
			if !p.Subscribed(line(i)) {
				if err := p.Subscribe(t.Context(), Key{url, fmt.Sprint(i)}, line(i)); err != nil {
					t.Fatal(err)
				}
			}
			e := callEvent(i)
			e.PhoneCall.AttachedData = data
			p.Publish(fmt.Sprint("agent", i), line(i), e)
		}
		most = max(most, heap())
	}
	grown := int64(most) - int64(before)
	t.Logf("%d MiB told, the heap grew by %d MiB at most", agents*rounds*size>>20, grown>>20)
	if grown > bound+bound/2 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
	if p.Delivery().Refused.Load() == 0 {
		t.Error("nothing was refused: the limit was not reached")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_ = p.Stop(ctx) // what waits is given up
	if left := int64(heap()) - int64(before); left > 8<<20 {
		t.Errorf("%d MiB are left after the end", left>>20)
	}
}

// heap is what is in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
