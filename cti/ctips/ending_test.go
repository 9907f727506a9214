package ctips

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"strowger/cti/soap"
)

// A client whose web service is away for a moment gets every event, in order,
// when it is back.
func TestClientAwayForAMoment(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	c, other := r.connect(), r.connect()
	addr := c.Listener.Addr().String()
	c.hold(1, 1, 1)
	c.next(t)
	c.sink.Close()
	r.srv.table.all()[0].now().events.Close() // the switch has noticed: else the next event may be one that was perhaps received
	for n := int32(2); n <= 4; n++ {
		other.hold(1, n, 1)
	}
	eventually(t, "the first event is tried several times", func() bool { return r.srv.Callbacks().Unreachable.Load() >= 3 })
	back := newSinkAt(t, addr)
	for want := int32(2); want <= 4; want++ {
		if got := back.next(t).(*CallHeldEvent); got.CallID != want {
			t.Errorf("got %d, want %d", got.CallID, want)
		}
	}
	eventually(t, "all are taken, and none is lost", func() bool {
		info := r.srv.Sessions()[0]
		return info.Lost == 0 && info.Sent == 4
	})
}

// What was not received is tried for as long as heartbeats may be missed.
func TestRetries(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		every      time.Duration
		missed     int
		least, big time.Duration
	}{
		{30 * time.Second, 3, 90 * time.Second, 95 * time.Second},
		{10 * time.Millisecond, 1, eventRetry, eventRetry},
		{time.Hour, 999, maxTrying, maxTrying + maxRetry},
	} {
		c := DefaultConfig()
		c.HeartbeatInterval, c.MissedHeartbeats = tt.every, tt.missed
		sum := time.Duration(0)
		for _, d := range c.retries() {
			sum += d
		}
		if sum < tt.least || sum > tt.big {
			t.Errorf("%v x %d: tried for %v", tt.every, tt.missed, sum)
		}
	}
}

// Where networks are listed alone, the name in a callback's URL does not matter,
// but the address that it leads to.
func TestCallbackNetworks(t *testing.T) {
	t.Parallel()
	s := newSink(t)
	named := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	inside := newRig(t, func(c *Config) { c.CallbackAllow = []string{"127.0.0.0/8"} })
	inside.http = from("127.0.0.2") // it is not the client's own address that counts
	for _, u := range []string{s.URL, named} {
		if got := inside.opens(openArgs(u)); got.Status != 0 {
			t.Errorf("%s: status %d", u, got.Status)
		}
	}
	outside := newRig(t, func(c *Config) { c.CallbackAllow = []string{"192.0.2.0/24"} })
	listed := newRig(t, func(c *Config) { c.CallbackAllow = []string{"127.0.0.0/8", "crm.example"} })
	for _, r := range []*rig{outside, listed} {
		if got := r.opens(openArgs(named)); got.Status != int32(StatusCallbackURL) {
			t.Errorf("%s: status %d", named, got.Status)
		}
	}
	if outside.srv.Callbacks().Denied.Load() == 0 || len(s.started) != 2 {
		t.Errorf("%d sessions were told of", len(s.started))
	}
}

// A server that stops while a session is being opened opens none, says so, and
// leaves no connection to the client behind.
func TestStopWhileOpening(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	s := newSink(t)
	called, release := make(chan struct{}), make(chan struct{})
	s.onStart = func(http.ResponseWriter) bool { close(called); <-release; return false }
	answer := make(chan error, 1)
	go func() {
		_, err := r.ask(Namespaces{}, "OpenConnection", openArgs(s.URL))
		answer <- err
	}()
	<-called
	stopped := make(chan error, 1)
	go func() { stopped <- r.srv.Stop(context.WithoutCancel(t.Context())) }()
	eventually(t, "no session is let in any more", func() bool { r.srv.table.mu.RLock(); defer r.srv.table.mu.RUnlock(); return r.srv.table.closed })
	close(release)
	var f *soap.Fault
	if err := <-answer; !errors.As(err, &f) || f.Code != soap.CodeServer || !strings.Contains(f.Text, "stopping") {
		t.Errorf("answered %v", err)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	s.left(t)
	if st := r.srv.Stats(); st.Sessions != 0 || st.Opened != 0 {
		t.Errorf("%+v", st)
	}
}

// A server that stops does not wait for a client that cannot be reached.
func TestStopWithClientAway(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) { c.CallbackTimeout = 15 * time.Second })
	c, other := r.connect(), r.connect()
	c.beat(t)
	c.sink.Close()
	r.srv.table.all()[0].now().events.Close() // the switch has noticed
	other.hold(1, 1, 1)
	other.next(t)
	eventually(t, "the event is tried", func() bool { return r.srv.Callbacks().Unreachable.Load() >= 1 })
	began := time.Now()
	if err := r.srv.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it stopped after %v", took)
	}
	if st := r.srv.Stats(); st.Ended[EndStop] != 2 || st.Waiting != 0 {
		t.Errorf("%+v", st)
	}
}

// A session that is closed while a request of its own is served leaves nothing
// that waits for an outcome.
func TestClosedWhileServed(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	c := r.connect()
	r.desk.before = func() { r.srv.CloseSession(1) }
	c.hold(1, 1, 1)
	if got := r.desk.ends(); !slices.Equal(got, []int64{1, 1}) {
		t.Errorf("the desk was told of the ends %v: once with the session, once after the request", got)
	}
}

// A session that is closed while events are on their way gets no more than the
// one that is in flight, and no heartbeat; its connections are closed.
func TestCloseWithEventsInFlight(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) { c.HeartbeatInterval = 20 * time.Millisecond })
	c, other := r.connect(), r.connect()
	release := make(chan struct{})
	var seen atomic.Int64
	c.onEvent = func(Event, http.ResponseWriter) bool { seen.Add(1); <-release; return false }
	for n := range int32(20) {
		other.hold(1, n+1, 1)
	}
	eventually(t, "an event is in flight", func() bool { return seen.Load() == 1 })
	c.must("CloseConnection", &CloseConnectionArgs{c.id})
	close(release)
	c.left(t)
	beats := len(c.beats)
	other.hold(1, 30, 1)
	for range 20 {
		other.next(t)
	}
	if other.next(t).(*CallHeldEvent).CallID != 30 || seen.Load() != 1 || len(c.beats) != beats {
		t.Errorf("%d events, %d heartbeats after the end", seen.Load(), len(c.beats)-beats)
	}
	if st := r.srv.Stats(); st.Lost < 19 || st.Waiting != 0 {
		t.Errorf("%+v", st)
	}
}

// A defect of ours is written down once, with what it was about; the client is
// told no details.
func TestInternalError(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	c := r.connect()
	r.desk.fails = errors.New("the shelf is broken")
	_, err := c.ask(Namespaces{}, "HoldCall", &HoldCallArgs{CallHead{AgentHead: c.agent(1, 1), CallID: 1}})
	var f *soap.Fault
	if !errors.As(err, &f) || f.Code != soap.CodeServer || strings.Contains(f.Text, "shelf") {
		t.Errorf("answered %v", err)
	}
	if log := r.log.String(); strings.Count(log, "the shelf is broken") != 1 || !strings.Contains(log, "op=HoldCall") || !strings.Contains(log, "level=ERROR") {
		t.Errorf("the log has %s", log)
	}
}
