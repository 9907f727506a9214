package ctips

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// A client that answers no heartbeat so often in a row loses its session, and
// the slot is free; one answer forgives what was before.
func TestMissedHeartbeats(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) {
		c.HeartbeatInterval, c.MissedHeartbeats, c.MaxConnections = 200*time.Millisecond, 3, 1
	})
	s := newSink(t)
	var asked atomic.Int64
	s.onBeat = func(w http.ResponseWriter) bool {
		if n := asked.Add(1); n <= 2 || n >= 4 { // two missed, one answered, then none
			http.Error(w, "<html>", http.StatusInternalServerError)
			return true
		}
		return false
	}
	c := r.opened(s)
	c.must("OnLine", &OnLineArgs{c.head()})
	eventually(t, "the session is closed", func() bool { return r.srv.Stats().Ended[EndHeartbeat] == 1 })
	if n := asked.Load(); n != 6 {
		t.Errorf("%d heartbeats", n)
	}
	if st := r.srv.Stats(); st.Missed != 5 || st.Heartbeats != 6 || len(r.desk.ends()) != 1 {
		t.Errorf("%+v", st)
	}
	c.refused("no such session", "OnLine", &OnLineArgs{c.head()})
	s.onBeat = nil
	again := r.opened(s)
	again.must("OnLine", &OnLineArgs{again.head()})
	again.beat(t)
}

// A client that has died, without a word and with its connections, is noticed.
func TestDeadClient(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) { c.HeartbeatInterval, c.MissedHeartbeats = 300*time.Millisecond, 2 })
	c, other := r.connect(), r.connect()
	c.beat(t)
	c.Close()
	other.hold(1, 1, 1)
	eventually(t, "the session is closed", func() bool { return r.srv.Stats().Ended[EndHeartbeat] == 1 })
	other.hold(1, 2, 2)
	for want := int32(1); want <= 2; want++ {
		if got := other.next(t).(*CallHeldEvent); got.CallID != want {
			t.Errorf("the other got %+v", got)
		}
	}
}

// A slow client has one event in flight, in order, keeps its heartbeats
// meanwhile, and is cut off when its queue is full. Others do not notice.
func TestSlowClient(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) { c.HeartbeatInterval, c.MissedHeartbeats, c.QueueLength = 50*time.Millisecond, 50, 10 })
	slow, quick := r.connect(), r.connect()
	release := make(chan struct{})
	slow.onEvent = func(ev Event, _ http.ResponseWriter) bool {
		if Head(ev).AgentID == 1 {
			<-release
		}
		return false
	}
	quick.hold(1, 1, 1)
	quick.next(t)
	eventually(t, "the event is in flight", func() bool { return slow.inFlight.Load() == 1 })
	for len(slow.beats) > 0 {
		<-slow.beats
	}
	for range 3 {
		slow.beat(t)
	}
	for n := int32(2); n <= 11; n++ {
		quick.hold(2, n, 1)
		quick.next(t)
	}
	eventually(t, "eleven wait for one and are sent to the other", func() bool {
		info := r.srv.Sessions()
		return info[0].Waiting == 11 && info[1].Sent == 11 && info[1].Waiting == 0
	})
	close(release)
	for want := int32(1); want <= 11; want++ {
		if got := slow.next(t).(*CallHeldEvent); got.CallID != want {
			t.Errorf("got %d, want %d", got.CallID, want)
		}
	}
	if n := slow.most.Load(); n != 1 {
		t.Errorf("%d events at once", n)
	}

	again := make(chan struct{})
	defer close(again)
	release = again
	for n := int32(20); n <= 31; n++ { // one in flight, ten waiting, one too many
		quick.hold(1, n, 1)
		quick.next(t)
		if n == 20 {
			eventually(t, "the event is in flight", func() bool { return slow.inFlight.Load() == 1 })
		}
	}
	eventually(t, "the slow one is cut off", func() bool { return r.srv.Stats().Ended[EndSlow] == 1 })
	eventually(t, "its queue is gone", func() bool { return r.srv.Delivery().Waiting.Load() == 0 })
	quick.hold(1, 40, 1)
	quick.next(t)
	if st := r.srv.Stats(); st.Sessions != 1 || st.Ended[EndHeartbeat] != 0 || st.Lost == 0 {
		t.Errorf("%+v", st)
	}
}

// An event that may have been received is never sent twice.
func TestEventTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	c := r.connect()
	var seen atomic.Int64
	c.onEvent = func(_ Event, w http.ResponseWriter) bool {
		if seen.Add(1) == 1 {
			panic(http.ErrAbortHandler) // read, and not answered
		}
		return false
	}
	c.hold(1, 1, 1)
	c.hold(1, 2, 2)
	if got := c.next(t).(*CallHeldEvent); got.CallID != 2 {
		t.Errorf("got %+v", got)
	}
	if info := r.srv.Sessions(); seen.Load() != 2 || info[0].Lost != 1 {
		t.Errorf("seen %d times, %+v", seen.Load(), info)
	}
}
