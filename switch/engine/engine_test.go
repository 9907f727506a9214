package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/engine"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// memJournal keeps records in memory; what was not flushed is lost by crash.
type memJournal struct {
	mu      sync.Mutex
	recs    [][]byte
	pending [][]byte
	snapSeq uint64
	snap    []byte
	failing bool
}

func (j *memJournal) Append(seq uint64, rec []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if want := uint64(len(j.recs)+len(j.pending)) + 1; seq != want {
		return fmt.Errorf("record %d, want %d", seq, want)
	}
	j.pending = append(j.pending, append([]byte(nil), rec...))
	return nil
}

func (j *memJournal) Flush() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failing {
		return fault.New(fault.Unavailable, "flush", "", "disk full")
	}
	j.recs, j.pending = append(j.recs, j.pending...), nil
	return nil
}

func (j *memJournal) LastSeq() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return uint64(len(j.recs) + len(j.pending))
}

func (j *memJournal) WaitSynced(context.Context, uint64) error { return nil }

func (j *memJournal) Replay(after uint64, fn func(uint64, []byte) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := after; i < uint64(len(j.recs)); i++ {
		if err := fn(i+1, j.recs[i]); err != nil {
			return err
		}
	}
	return nil
}

func (j *memJournal) SaveSnapshot(seq uint64, data []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.snapSeq, j.snap = seq, data
	return nil
}

func (j *memJournal) LatestSnapshot() (uint64, []byte, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.snapSeq, j.snap, nil
}

// crashed returns what a kill -9 would leave: everything that was flushed.
func (j *memJournal) crashed() *memJournal {
	j.mu.Lock()
	defer j.mu.Unlock()
	return &memJournal{recs: append([][]byte(nil), j.recs...), snap: j.snap, snapSeq: j.snapSeq}
}

// recorder is an effector that notes what it is asked and answers as told.
type recorder struct {
	mu     sync.Mutex
	done   []string
	answer func(callmodel.Effect) port.EffectResult
	block  chan struct{}
}

func (r *recorder) Apply(ctx context.Context, e callmodel.Effect) port.EffectResult {
	if r.block != nil {
		select {
		case <-r.block:
		case <-ctx.Done():
			return port.EffectResult{Outcome: callmodel.Unknown, Err: ctx.Err()}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = append(r.done, string(callmodel.AppendEffect(nil, e)))
	if r.answer != nil {
		return r.answer(e)
	}
	return port.EffectResult{Outcome: callmodel.Done}
}

func (r *recorder) list() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.done...)
}

func testConfig() *callmodel.Config {
	return &callmodel.Config{
		Queues: []callmodel.QueueConfig{{ID: "sales", Number: 1, Name: "Sales", Address: "600", Strategy: callmodel.LongestIdle, RingTimeout: 15 * time.Second, WrapUp: 10 * time.Second}},
		Agents: []callmodel.AgentConfig{{ID: "anna", Number: 1, Name: "Anna", Line: "101", Queues: []callmodel.QueueID{"sales"}, Station: callmodel.Station{Endpoint: "101", Mode: callmodel.Handset}}},
	}
}

func start(t *testing.T, j *memJournal, r *recorder, change func(*engine.Config)) *engine.Engine {
	t.Helper()
	cfg := engine.Config{Router: acd.Router{}, Journal: j, Effector: r}
	if change != nil {
		change(&cfg)
	}
	e := engine.New(cfg)
	if err := e.Start(t.Context(), testConfig()); err != nil {
		t.Fatal(err)
	}
	return e
}

func put(t *testing.T, e *engine.Engine, in callmodel.Input) {
	t.Helper()
	if err := e.Put(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

func arrive(t *testing.T, e *engine.Engine, ch string) {
	t.Helper()
	put(t, e, callmodel.ChannelArrived{Node: "a1", Channel: callmodel.ChannelID(ch), Call: callmodel.CallID{ID: e.NewID()}, Dialled: "600", Caller: "+4917055501"})
}

func up(t *testing.T, e *engine.Engine) {
	t.Helper()
	put(t, e, callmodel.Resync{Node: "a1", Epoch: "e1", AsOf: e.Now(), Fresh: true})
}

// TestOfferTimesOut runs a whole offer in fake time: the ring timer fires by
// the clock, and orders come in the call's order.
func TestOfferTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		e := start(t, &memJournal{}, r, nil)
		up(t, e)
		if err := e.Do(t.Context(), callmodel.SetAgentState{Agent: "anna", State: callmodel.Ready}); err != nil {
			t.Fatal(err)
		}
		arrive(t, e, "c1")
		time.Sleep(16 * time.Second) // fake time
		synctest.Wait()
		v, err := e.View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if a := v.Agents[0]; a.State != callmodel.NotReady || a.Reason != callmodel.ReasonNoAnswer {
			t.Errorf("agent is %s (%s), want not-ready (no-answer)", a.State, a.Reason)
		}
		var order []string
		for _, d := range r.list() {
			order = append(order, strings.Fields(d)[0])
		}
		if got, want := strings.Join(order, " "), "originate create-bridge hangup answer start-music"; got != want {
			t.Errorf("orders %q, want %q", got, want)
		}
		if err := e.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestCrashAndReplay stops an engine the hard way (its memory is dropped) and
// starts another on the same journal: same calls, same agents, and the timers go on.
func TestCrashAndReplay(t *testing.T) {
	for _, snapshot := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			j := &memJournal{}
			e := start(t, j, &recorder{}, func(c *engine.Config) {
				if snapshot {
					c.SnapshotRecords = 3
				}
			})
			up(t, e)
			if err := e.Do(t.Context(), callmodel.SetAgentState{Agent: "anna", State: callmodel.Ready}); err != nil {
				t.Fatal(err)
			}
			arrive(t, e, "c1")
			arrive(t, e, "c2")
			synctest.Wait()
			before, _ := e.View(t.Context())
			crash := j.crashed()
			if snapshot != (crash.snap != nil) {
				t.Fatalf("snapshot written: %v, want %v", crash.snap != nil, snapshot)
			}
			if err := e.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Second) // fake: the offer's timer is overdue after this
			again := start(t, crash, &recorder{}, nil)
			synctest.Wait()
			after, _ := again.View(t.Context())
			if len(after.Calls) != len(before.Calls) || after.Calls[0].ID != before.Calls[0].ID || after.Calls[1].Order != before.Calls[1].Order {
				t.Fatalf("calls after the crash %v, before %v", after.Calls, before.Calls)
			}
			if after.Config.Version != 1 {
				t.Errorf("the same configuration became version %d", after.Config.Version)
			}
			if again.Stats().Mismatches != 0 {
				t.Errorf("%d replayed records gave another result", again.Stats().Mismatches)
			}
			if a := after.Agents[0]; a.Reason != callmodel.ReasonNoAnswer {
				t.Errorf("the overdue ring timer did not fire: agent is %s", a.State)
			}
			if err := again.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestWatchHasNoGap: a picture, then every event after it, once and in order.
func TestWatchHasNoGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, &memJournal{}, &recorder{}, nil)
		up(t, e)
		go func() {
			for i := range 200 {
				arrive(t, e, fmt.Sprintf("c%d", i))
			}
		}()
		v, sub, err := e.Watch(t.Context(), "test")
		if err != nil {
			t.Fatal(err)
		}
		seen := v.Events
		for calls := len(v.Calls); calls < 200; {
			batch, err := sub.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, ev := range batch {
				if ev.Seq != seen+1 {
					t.Fatalf("event %d after %d", ev.Seq, seen)
				}
				seen = ev.Seq
				if ev.Kind == callmodel.EvCallStarted {
					calls++
				}
			}
		}
		sub.Close()
		if err := e.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := sub.Next(t.Context()); !fault.Is(err, fault.Stopped) {
			t.Errorf("after Close: %v, want stopped", err)
		}
	})
}

func TestSlowReaderIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, &memJournal{}, &recorder{}, func(c *engine.Config) { c.SubscriberEvents = 10; c.Subscribers = 1 })
		up(t, e)
		_, sub, err := e.Watch(t.Context(), "slow")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := e.Watch(t.Context(), "second"); !fault.Is(err, fault.Busy) {
			t.Errorf("one reader too many: %v, want busy", err)
		}
		for i := range 20 {
			arrive(t, e, fmt.Sprintf("c%d", i))
		}
		synctest.Wait()
		for err == nil {
			_, err = sub.Next(t.Context())
		}
		if !fault.Is(err, fault.Overrun) || e.Stats().Overruns != 1 {
			t.Errorf("got %v and %d overruns, want overrun and 1", err, e.Stats().Overruns)
		}
		if err := e.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// brokenRouter panics for one caller: a defect in the model.
type brokenRouter struct{ acd.Router }

func (b brokenRouter) Choose(q *callmodel.RouteQuery) callmodel.Choice {
	if q.Call.Caller == "666" && q.Agents[0].Agent.State == callmodel.Ready {
		panic("planted")
	}
	return b.Router.Choose(q)
}

func TestPoisonousInputIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		doubts := 0
		e := start(t, &memJournal{}, &recorder{}, func(c *engine.Config) {
			c.Router, c.OnDoubt = brokenRouter{}, func() { doubts++ }
		})
		up(t, e)
		if err := e.Do(t.Context(), callmodel.SetAgentState{Agent: "anna", State: callmodel.Ready}); err != nil {
			t.Fatal(err)
		}
		poison := callmodel.ChannelArrived{Node: "a1", Channel: "bad", Call: callmodel.CallID{ID: e.NewID()}, Dialled: "600", Caller: "666"}
		put(t, e, poison)
		synctest.Wait()
		v, err := e.View(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(v.Calls) != 0 || v.Agents[0].State != callmodel.Ready || doubts != 1 {
			t.Errorf("calls %d, agent %s, doubts %d; want 0, ready, 1", len(v.Calls), v.Agents[0].State, doubts)
		}
		arrive(t, e, "good")
		if v, _ = e.View(t.Context()); len(v.Calls) != 1 {
			t.Errorf("the switch does not go on after the poisonous input")
		}
		put(t, e, poison) // the agent is taken: harmless now
		time.Sleep(2 * time.Minute)
		if err := e.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if e.Err() != nil {
			t.Errorf("one poisonous input stopped the switch: %v", e.Err())
		}
	})
}

func TestJournalFailureKeepsCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &memJournal{}
		e := start(t, j, &recorder{}, nil)
		up(t, e)
		arrive(t, e, "c1")
		synctest.Wait()
		j.mu.Lock()
		j.failing = true
		j.mu.Unlock()
		arrive(t, e, "c2")
		v, err := e.View(t.Context())
		if err != nil || len(v.Calls) != 2 {
			t.Fatalf("calls %d, error %v: a full disk must not stop calls", len(v.Calls), err)
		}
		synctest.Wait()
		conn := v.Calls[0].Conns[0].ID
		err = e.Do(t.Context(), callmodel.SetData{Conn: conn, Entries: []callmodel.AttachedData{{App: "A", Data: "x"}}})
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("data that would not be kept was accepted: %v", err)
		}
		if !e.Stats().JournalFailed {
			t.Error("the failure does not show in the figures")
		}
		if err := e.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestCommandsAreRefusedWhenFull: the loop is held up, the lane fills, more is refused.
func TestCommandsAreRefusedWhenFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold, held := make(chan struct{}), make(chan struct{})
		e := start(t, &memJournal{}, &recorder{}, func(c *engine.Config) { c.CommandsWaiting = 2 })
		slow := engine.HoldLoop(e, hold, held)
		<-held
		results := make(chan error, 10)
		for range 10 {
			go func() {
				results <- e.Do(t.Context(), callmodel.SetAgentState{Agent: "anna", State: callmodel.Ready})
			}()
		}
		synctest.Wait()
		close(hold)
		<-slow
		busy := 0
		for range 10 {
			if fault.Is(<-results, fault.Busy) {
				busy++
			}
		}
		if busy != 8 {
			t.Errorf("%d commands were refused as busy, want 8", busy)
		}
		if err := e.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := e.Stop(t.Context()); err != nil {
			t.Errorf("second stop: %v", err)
		}
	})
}

// TestOrdersBeyondTheLane: what finds no room is reported as failed, by one
// goroutine however much it is, and the loop goes on.
func TestOrdersBeyondTheLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, j := &recorder{block: make(chan struct{})}, &memJournal{}
		e := start(t, j, r, func(c *engine.Config) { c.LaneEffects = 1 })
		up(t, e)
		if err := e.Do(t.Context(), callmodel.SetAgentState{Agent: "anna", State: callmodel.Ready}); err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			arrive(t, e, fmt.Sprint("c", i))
		}
		synctest.Wait()
		close(r.block)
		synctest.Wait()
		reported := 0
		for _, rec := range j.crashed().recs {
			if strings.Contains(string(rec), "too many orders wait") {
				reported++
			}
		}
		if st := e.Stats(); st.EffectsShed == 0 || st.EffectsLost != 0 || reported != int(st.EffectsShed) {
			t.Errorf("%d orders were given up, %d of them reported, %d lost", st.EffectsShed, reported, st.EffectsLost)
		}
		if err := e.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
