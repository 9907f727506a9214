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
	"strowger/switch/numbering"
	"strowger/switch/port"
)

// slowDisk is a journal whose fsync takes a time of its own.
type slowDisk struct {
	*memJournal
	sync time.Duration // 0: it never comes back
}

func (j *slowDisk) WaitSynced(ctx context.Context, _ uint64) error {
	var done <-chan time.Time
	if j.sync > 0 {
		done = time.After(j.sync)
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fault.Wrap(fault.KindOf(ctx.Err()), "journal: wait", "", ctx.Err())
	}
}

// dialOrder is an order to call somebody that must not be given twice.
func dialOrder(e *engine.Engine, ch string) callmodel.Originate {
	return callmodel.Originate{
		EffectHead: callmodel.EffectHead{ID: 1, Node: "a1", Call: callmodel.CallID{ID: e.NewID()}}, Channel: callmodel.ChannelID(ch),
		Endpoint: "trunk", Dial: "+4930123456", Timeout: 20 * time.Second, Intent: true,
	}
}

func startOn(t testing.TB, j port.Journal, r port.Effector) *engine.Engine {
	t.Helper()
	cfg := testConfig()
	plan, err := numbering.DefaultPlan("DE")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Plan, cfg.Queues[0].DialRule = plan, "all"
	cfg.Trunks = []numbering.Trunk{{ID: "t1", Number: 1, Endpoint: "trunk", AllowWithheld: true}}
	cfg.Routes = []numbering.Route{{ID: "r1", Number: 1, Prefixes: []string{""}, Trunks: []string{"t1"}}}
	cfg.DialRules = []numbering.DialRule{{ID: "all", Number: 1, Allow: []string{""}}}
	cfg.Campaigns = []callmodel.CampaignConfig{{ID: "spring", Number: 1, Queue: "sales"}}
	e := engine.New(engine.Config{Router: acd.Router{}, Journal: j, Effector: r})
	if err := e.Start(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	return e
}

// failures are the orders of which the journal says that they have failed, and
// whether it was no fault of theirs.
func failures(t *testing.T, j *memJournal) (later []bool) {
	t.Helper()
	for _, raw := range j.crashed().recs {
		rec, err := engine.DecodeRecord(raw)
		if err != nil {
			t.Fatal(err)
		}
		if done, ok := rec.Input.(callmodel.EffectDone); ok && done.What == "originate" && done.Outcome == callmodel.Failed {
			later = append(later, done.Later)
		}
	}
	return later
}

// TestIntentWaitsForTheDisk: nobody is called before the disk has the intent,
// and what else there is to do goes on meanwhile.
func TestIntentWaitsForTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		e := startOn(t, &slowDisk{memJournal: &memJournal{}, sync: 40 * time.Millisecond}, r)
		engine.Order(e, dialOrder(e, "s1"))
		engine.Order(e, callmodel.Hangup{EffectHead: callmodel.EffectHead{ID: 2, Node: "a1"}, Channel: "other"})
		synctest.Wait()
		if got := r.list(); len(got) != 1 || !strings.HasPrefix(got[0], "hangup") || e.Stats().EffectsGated != 1 {
			t.Fatalf("before the fsync: %q was sent, %d orders wait for it; want the other order alone, and 1", got, e.Stats().EffectsGated)
		}
		time.Sleep(41 * time.Millisecond) // fake time
		synctest.Wait()
		if got := r.list(); len(got) != 2 || !strings.HasPrefix(got[1], "originate") || e.Stats().EffectsGated != 0 {
			t.Errorf("after the fsync: %q was sent, %d orders wait for it; want the call too, and none", got, e.Stats().EffectsGated)
		}
		if err := e.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestDialWaitsForTheDisk: what the dialer asks for is accepted at once, and the
// customer is called when the disk has it.
func TestDialWaitsForTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		e := startOn(t, &slowDisk{memJournal: &memJournal{}, sync: 40 * time.Millisecond}, r)
		up(t, e)
		synctest.Wait()
		dial := callmodel.Dial{Call: callmodel.CallID{ID: e.NewID()}, Campaign: "spring", Lead: "1", Mode: callmodel.DialProgressive, Number: "+49301234567"}
		began := time.Now()
		if err := e.Do(t.Context(), dial); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("the verdict took %s", took)
		}
		synctest.Wait()
		if got := r.list(); len(got) != 0 {
			t.Errorf("%q was sent before the disk had the dial", got)
		}
		time.Sleep(41 * time.Millisecond) // fake time
		synctest.Wait()
		if got := r.list(); len(got) != 2 || !strings.HasPrefix(got[0], "originate") || !strings.HasPrefix(got[1], "create-bridge") {
			t.Errorf("%q was sent, want the call and its bridge, in order", got)
		}
		if err := e.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestIntentOfADeadDisk: an fsync that never comes back keeps the call from
// being made, and what follows in the same call from waiting for ever.
func TestIntentOfADeadDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, j := &recorder{}, &memJournal{}
		e := startOn(t, &slowDisk{memJournal: j}, r)
		order := dialOrder(e, "s1")
		engine.Order(e, order)
		engine.Order(e, callmodel.CreateBridge{EffectHead: order.EffectHead, Bridge: "b1"})
		time.Sleep(6 * time.Second) // fake: longer than an order may take
		synctest.Wait()
		if got := r.list(); len(got) != 1 || !strings.HasPrefix(got[0], "create-bridge") {
			t.Errorf("%q was sent, want the order behind the call alone", got)
		}
		if later := failures(t, j); len(later) != 1 || !later[0] {
			t.Errorf("failures of calls, and whether they are to be made later: %v, want one that is", later)
		}
		if err := e.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestIntentIsCancelledOnStop: a stop does not hang on a disk that does, and
// sends nothing.
func TestIntentIsCancelledOnStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &recorder{}
		e := startOn(t, &slowDisk{memJournal: &memJournal{}}, r)
		engine.Order(e, dialOrder(e, "s1"))
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if err := e.Stop(ctx); !fault.Is(err, fault.Unavailable) {
			t.Errorf("stop says %v, want that it did not wait for all", err)
		}
		if took := time.Since(began); took != time.Second || len(r.list()) != 0 {
			t.Errorf("stopped after %s, sent %q; want 1s and nothing", took, r.list())
		}
	})
}

// TestIntentWithoutAJournal: where nothing can be written no call is made, and
// the refusal comes at once.
func TestIntentWithoutAJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, j := &recorder{}, &memJournal{}
		e := startOn(t, j, r)
		j.mu.Lock()
		j.failing = true
		j.mu.Unlock()
		arrive(t, e, "c1")
		synctest.Wait()
		engine.Order(e, dialOrder(e, "s1"))
		synctest.Wait()
		for _, sent := range r.list() {
			if strings.HasPrefix(sent, "originate") {
				t.Errorf("%q was sent, with a journal that cannot be written", sent)
			}
		}
		if e.Stats().EffectsFailed != 1 {
			t.Errorf("%d orders have failed, want 1", e.Stats().EffectsFailed)
		}
		j.mu.Lock()
		j.failing = false
		j.mu.Unlock()
		if err := e.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestIntentsDoNotHoldUpOthers: beside 50 intents a second on a disk that takes
// 30 ms for each fsync, orders of other calls leave in the moment they are given.
func TestIntentsDoNotHoldUpOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		origin := time.Now()
		var mu sync.Mutex
		sent := map[callmodel.ChannelID]time.Duration{}
		r := &recorder{answer: func(eff callmodel.Effect) port.EffectResult {
			mu.Lock()
			defer mu.Unlock()
			switch eff := eff.(type) {
			case callmodel.Originate:
				sent[eff.Channel] = time.Since(origin)
			case callmodel.Hangup:
				sent[eff.Channel] = time.Since(origin)
			}
			return port.EffectResult{Outcome: callmodel.Done}
		}}
		e := startOn(t, &slowDisk{memJournal: &memJournal{}, sync: 30 * time.Millisecond}, r)
		given := map[callmodel.ChannelID]time.Duration{}
		for i := range 100 {
			dial, other := dialOrder(e, fmt.Sprint("dial", i)), callmodel.ChannelID(fmt.Sprint("other", i))
			given[dial.Channel], given[other] = time.Since(origin), time.Since(origin)
			engine.Order(e, dial)
			engine.Order(e, callmodel.Hangup{EffectHead: callmodel.EffectHead{ID: 2, Node: "a1"}, Channel: other})
			time.Sleep(20 * time.Millisecond) // fake time
		}
		time.Sleep(time.Second)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		for ch, at := range given {
			want := time.Duration(0)
			if strings.HasPrefix(string(ch), "dial") {
				want = 30 * time.Millisecond
			}
			if got, ok := sent[ch]; !ok || got-at != want {
				t.Errorf("%s was sent %s after it was given (sent: %v), want %s", ch, got-at, ok, want)
			}
		}
		if err := e.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
