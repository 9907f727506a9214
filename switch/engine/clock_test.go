package engine_test

import (
	"bytes"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"strowger/switch/acd"
	"strowger/switch/calendar"
	"strowger/switch/callmodel"
	"strowger/switch/engine"
)

// steppedClock is the system's clock after somebody has set it: the calendar
// has moved, the time since the start has not.
type steppedClock struct{ step atomic.Int64 }

// Now is a reading with two parts, as the system's: the calendar, which has
// been set, and the time since the start, which has not. Package time has no
// way to make such a reading and a bubble of synctest gives none, so it is put
// together here as package time keeps it; [TestSteppedClock] looks whether it works.
func (c *steppedClock) Now() time.Time {
	now := time.Now()
	running := now.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) + 1 // the bubble's clock begins there
	now = now.Add(time.Duration(c.step.Load()))
	since1885 := uint64(now.Unix() - time.Date(1885, 1, 1, 0, 0, 0, 0, time.UTC).Unix())
	parts := (*[2]uint64)(unsafe.Pointer(&now))
	parts[0], parts[1] = 1<<63|since1885<<30|uint64(now.Nanosecond()), uint64(running)
	return now
}

func (c *steppedClock) set(step time.Duration) { c.step.Store(int64(step)) }

func officeHours() *callmodel.Config {
	c := testConfig()
	c.Calendars = []calendar.Calendar{{ID: "office", Number: 1, Zone: "UTC", Week: []calendar.Span{{Days: []string{"mon-fri"}, From: "09:00", To: "17:00"}}}}
	c.Queues[0].Hours = "office"
	return c
}

// begin starts an engine with office hours on a clock, as start does.
func (c *steppedClock) begin(t *testing.T, j *memJournal, r *recorder, logs *bytes.Buffer) *engine.Engine {
	t.Helper()
	e := engine.New(engine.Config{Router: acd.Router{}, Journal: j, Effector: r, Clock: c, Logger: slog.New(slog.NewTextHandler(logs, nil))})
	if err := e.Start(t.Context(), officeHours()); err != nil {
		t.Fatal(err)
	}
	return e
}

func view(t *testing.T, e *engine.Engine) *callmodel.View {
	t.Helper()
	v, err := e.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestQuietClock: a picture of a switch to which nothing happens tells the time
// of the look. Who says until when an order is good reckons with it.
func TestQuietClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, &memJournal{}, &recorder{}, nil)
		defer func() { _ = e.Stop(t.Context()) }()
		before := view(t, e).Now
		time.Sleep(20 * time.Second)
		if v := view(t, e); v.Now.Sub(before) != 20*time.Second {
			t.Errorf("after 20 s: %v", v.Now.Sub(before))
		}
		cmd := callmodel.SetAgentState{Agent: "anna", State: callmodel.Ready}
		cmd.ValidUntil = view(t, e).Now.Add(5 * time.Second)
		if err := e.Do(t.Context(), cmd); err != nil {
			t.Errorf("an order that is good for 5 s: %v", err)
		}
	})
}

// TestSteppedClock: the machine's clock is set while a phone rings (fault 42).
// The ring time and every duration stay what they are, the hours of the queue
// are looked at anew within a minute, and a replay gives the same.
func TestSteppedClock(t *testing.T) {
	for name, c := range map[string]struct {
		step time.Duration
		want callmodel.ServiceState
	}{
		"an hour forward":   {time.Hour, callmodel.ServiceClosed},
		"an hour back":      {-time.Hour, callmodel.ServiceActive},
		"a day back":        {-24 * time.Hour, callmodel.ServiceActive},
		"over the weekend":  {24 * time.Hour, callmodel.ServiceClosed},
		"a leap second":     {time.Second, callmodel.ServiceActive},
		"before the office": {-10 * time.Hour, callmodel.ServiceClosed},
	} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { stepWhileRinging(t, c.step, c.want) }) })
	}
}

func stepWhileRinging(t *testing.T, step time.Duration, want callmodel.ServiceState) {
	clock, logs := &steppedClock{}, &bytes.Buffer{}
	before := clock.Now()
	clock.set(step)
	if after := clock.Now(); after.Sub(before) != 0 || after.Round(0).Sub(before.Round(0)) != step {
		t.Fatalf("the clock is not stepped by %v: %v, then %v", step, before, after)
	}
	// Friday afternoon.
	friday := time.Date(2000, 1, 7, 16, 30, 0, 0, time.UTC).Sub(before.Round(0))
	clock.set(friday)
	j, r := &memJournal{}, &recorder{}
	e := clock.begin(t, j, r, logs)
	up(t, e)
	if err := e.Do(t.Context(), callmodel.SetAgentState{Agent: "anna", State: callmodel.Ready}); err != nil {
		t.Fatal(err)
	}
	arrive(t, e, "c1")
	synctest.Wait()
	first, began := view(t, e), e.Now()
	if first.Queues[0].Service != callmodel.ServiceActive || first.Agents[0].State != callmodel.Reserved {
		t.Fatalf("the queue is %v, the agent %v", first.Queues[0].Service, first.Agents[0].State)
	}
	time.Sleep(5 * time.Second) // fake time, as below
	clock.set(friday + step)
	if took := e.Now().Sub(began); took != 5*time.Second {
		t.Errorf("5 s of the switch's time line are %v", took)
	}
	arrive(t, e, "c2") // so that the loop looks at its timers
	time.Sleep(9900 * time.Millisecond)
	synctest.Wait()
	if a := view(t, e).Agents[0]; a.State != callmodel.Reserved {
		t.Errorf("100 ms before the end of the ring time the agent is %v (%s)", a.State, a.Reason)
	}
	time.Sleep(200 * time.Millisecond)
	synctest.Wait()
	if a := view(t, e).Agents[0]; a.State != callmodel.NotReady || a.Reason != callmodel.ReasonNoAnswer || a.Since.Sub(began) != 15*time.Second {
		t.Errorf("after the ring time the agent is %v (%s) since %v after the call", a.State, a.Reason, a.Since.Sub(began))
	}
	if err := e.Do(t.Context(), callmodel.SetAgentState{Agent: "anna", State: callmodel.Ready}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
	synctest.Wait()
	v := view(t, e)
	if got := v.Queues[0].Service; got != want {
		t.Errorf("a minute after the step the queue is %v, want %v", got, want)
	}
	if off := v.WallTime(v.Now).Sub(clock.Now().Round(0)); off.Abs() > time.Minute {
		t.Errorf("the switch's calendar is %v off", off)
	}
	replaySame(t, clock, e, j, logs)
}

// replaySame restarts the engine on its journal while the clock stands where it
// was set: everything comes out as before, and the time line goes on.
func replaySame(t *testing.T, clock *steppedClock, e *engine.Engine, j *memJournal, logs *bytes.Buffer) {
	t.Helper()
	last := e.Now()
	calls := len(view(t, e).Calls)
	crashed := j.crashed()
	if err := e.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	logs.Reset()
	again := clock.begin(t, crashed, &recorder{}, logs)
	if !bytes.Contains(logs.Bytes(), []byte("mismatches=0")) || len(view(t, again).Calls) != calls {
		t.Errorf("replayed with %d calls, want %d:\n%s", len(view(t, again).Calls), calls, logs)
	}
	if gone := again.Now().Sub(last); gone < 0 || gone > time.Minute {
		t.Errorf("the time line went on by %v in a restart that took none", gone)
	}
	if err := again.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}
