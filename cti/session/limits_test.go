package session

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"strowger/switch/fault"
)

func TestOverflowEndsTheSessionAndNeverBlocks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var over endings
		p := newPeer(func(Message, int) (time.Duration, time.Duration, error) { return time.Hour, time.Hour, nil })
		d := mustStart(t, Config{Send: p.send, Ended: over.add, Limits: Limits{LaneLength: 4}})
		began := time.Now()
		enqueue(t, d, "s", "0")
		synctest.Wait() // "0" is on its way
		enqueue(t, d, "s", "1", "2", "3", "4")
		if err := d.Enqueue(Message{Session: "s", Destination: "crm"}); !fault.Is(err, fault.Overrun) {
			t.Errorf("a full queue says %v", err)
		}
		if time.Since(began) != 0 {
			t.Error("the producer was blocked")
		}
		synctest.Wait()
		over.want(t, ending{"s", Overflow})
		if d.Stats.Discarded.Load() != 5 || d.Stats.EndedOverflow.Load() != 1 || d.Stats.Refused.Load() != 1 {
			t.Errorf("discarded %d, ended %d", d.Stats.Discarded.Load(), d.Stats.EndedOverflow.Load())
		}
		d.Forget("s", "crm")
		stop(t, d)
	})
}

func TestLimitsPerDestinationAndOfLanes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(func(Message, int) (time.Duration, time.Duration, error) { return time.Minute, 0, nil })
		d := mustStart(t, Config{Send: p.send, DestLength: 3, MaxLanes: 5})
		enqueue(t, d, "a", "a0")
		enqueue(t, d, "b", "b0")
		synctest.Wait()
		enqueue(t, d, "a", "a1", "a2")
		enqueue(t, d, "b", "b1")
		if err := d.Enqueue(Message{Session: "b", Destination: "crm"}); !fault.Is(err, fault.Overrun) {
			t.Errorf("a full destination says %v", err)
		}
		enqueue(t, d, "a", "a3") // room again: what b had is gone
		for _, s := range []string{"x", "y", "z"} {
			if err := d.Enqueue(Message{Session: s, Destination: "other"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Enqueue(Message{Session: "w", Destination: "other"}); !fault.Is(err, fault.Busy) {
			t.Errorf("a lane too many says %v", err)
		}
		stop(t, d)
	})
}

func TestWorkersPerDestination(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(func(Message, int) (time.Duration, time.Duration, error) { return 0, time.Second, nil })
		d := mustStart(t, Config{Send: p.send})
		for i := range 60 {
			enqueue(t, d, fmt.Sprint("agent", i), fmt.Sprint(i))
		}
		stop(t, d)
		if p.most != 25 || d.Stats.Sent.Load() != 60 {
			t.Errorf("%d requests were open at once, want 25; sent %d", p.most, d.Stats.Sent.Load())
		}
	})
}

func TestCoalesce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(func(Message, int) (time.Duration, time.Duration, error) { return 0, 100 * ms, nil })
		d := mustStart(t, Config{Send: p.send})
		put := func(name, key string) {
			if err := d.Enqueue(Message{Session: "s", Destination: "crm", Name: name, Coalesce: key}); err != nil {
				t.Fatal(err)
			}
		}
		put("u1", "user")
		synctest.Wait() // u1 is on its way and stays
		put("u2", "user")
		put("c1", "")
		put("u3", "user")
		stop(t, d)
		expect(t, p, start{"u1", 0}, start{"c1", 100 * ms}, start{"u3", 200 * ms})
	})
}

func TestStopGivesUpAtItsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPeer(func(Message, int) (time.Duration, time.Duration, error) { return time.Hour, 0, nil })
		d := mustStart(t, Config{Send: p.send, Limits: Limits{ReplyTimeout: 2 * time.Hour}})
		enqueue(t, d, "s", "a", "b", "c")
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		err := d.Stop(ctx)
		if !fault.Is(err, fault.Stopped) || time.Since(began) != 3*time.Second {
			t.Errorf("Stop returned %v after %v", err, time.Since(began))
		}
		if err := d.Enqueue(Message{}); !fault.Is(err, fault.Stopped) {
			t.Errorf("a stopped deliverer takes messages: %v", err)
		}
		if err := d.Stop(t.Context()); err != nil {
			t.Errorf("second Stop: %v", err)
		}
		if d.Stats.Discarded.Load() != 3 {
			t.Errorf("discarded %d, want 3", d.Stats.Discarded.Load())
		}
		balance(t, d)
	})
}
