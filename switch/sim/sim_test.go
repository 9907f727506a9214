package sim

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// recorder is a feed that keeps what it gets.
type recorder struct {
	mu  sync.Mutex // what is written here is read by a pump that a timer has woken
	got []callmodel.Input
	ids byte
	bad error
}

func (r *recorder) Put(_ context.Context, in callmodel.Input) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, in)
	return r.bad
}

// take returns what came since the last look.
func (r *recorder) take() []callmodel.Input {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := r.got
	r.got = nil
	return got
}
func (r *recorder) NewID() callmodel.ID    { r.ids++; return callmodel.ID{15: r.ids} }
func (r *recorder) Now() callmodel.Instant { return 1 }

// tags lists what came since the last look.
func (r *recorder) tags() string {
	var out []string
	for _, in := range r.take() {
		out = append(out, in.Tag())
	}
	return strings.Join(out, " ")
}

// lab is an exchange in fake time with a feed; use it inside a bubble.
func lab(t *testing.T, opt Options) (*Exchange, *recorder) {
	t.Helper()
	e, r := New(opt), &recorder{}
	if err := e.Start(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Stop)
	if err := e.WaitLink(t.Context()); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	if got := r.tags(); got != "resync" {
		t.Fatalf("first facts: %s", got)
	}
	return e, r
}

func pass(d time.Duration) {
	<-time.After(d) // fake time
	synctest.Wait()
}

func originate(ch, endpoint string) callmodel.Originate {
	return callmodel.Originate{EffectHead: callmodel.EffectHead{ID: 1, Node: DefaultNode}, Channel: callmodel.ChannelID(ch), Endpoint: endpoint, Timeout: 10 * time.Second}
}

// TestOriginate: what each kind of phone gives.
func TestOriginate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		mode   PhoneMode
		kind   fault.Kind // of Apply
		facts  string
		cause  callmodel.Cause
		tech   int
		within time.Duration
	}{
		"answers":      {mode: Answers, facts: "channel-ringing channel-up", within: 5 * time.Second},
		"rejects":      {mode: Rejects, facts: "channel-ringing channel-gone", cause: 21, tech: 603, within: 5 * time.Second},
		"busy":         {mode: Busy, facts: "channel-gone", cause: 17, tech: 486, within: time.Second},
		"rings out":    {mode: Manual, facts: "channel-ringing channel-gone", cause: 19, tech: 480, within: 11 * time.Second},
		"silent":       {mode: Silent, facts: "channel-gone", cause: 19, tech: 480, within: 11 * time.Second},
		"unregistered": {mode: Unregistered, kind: fault.NotFound, within: time.Minute},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e, r := lab(t, Options{})
				e.Phone("p1", PhonePolicy{Mode: tc.mode, AnswerAfter: Exactly(time.Second)})
				synctest.Wait()
				if got, want := r.tags(), map[bool]string{true: "", false: "endpoint-state"}[tc.mode == Unregistered]; got != want {
					t.Fatalf("registration %q, want %q", got, want)
				}
				res := e.Apply(t.Context(), originate("sw-1", "p1"))
				if fault.KindOf(res.Err) != tc.kind || res.Gone {
					t.Fatalf("result %+v", res)
				}
				pass(tc.within)
				last := slices.Clone(r.got)
				if got := r.tags(); got != tc.facts {
					t.Fatalf("facts %q, want %q", got, tc.facts)
				}
				if tc.cause != 0 {
					if g := last[len(last)-1].(callmodel.ChannelGone); g.Cause != tc.cause || g.TechCause != tc.tech {
						t.Fatalf("end %+v", g)
					}
				}
			})
		})
	}
}

// TestOrders: each order on something that is not there, there already, or not ready.
func TestOrders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, r := lab(t, Options{})
		e.Phone("p1", PhonePolicy{})
		leg, err := e.Place("801", Caller{Number: "5"})
		if err != nil {
			t.Fatal(err)
		}
		do := func(eff callmodel.Effect, want callmodel.Result, gone bool, kind fault.Kind) {
			t.Helper()
			if res := e.Apply(t.Context(), eff); res.Outcome != want || res.Gone != gone || fault.KindOf(res.Err) != kind {
				t.Errorf("%s: %+v", eff.What(), res)
			}
		}
		c1 := leg.Channel()
		do(callmodel.Hangup{Channel: "none"}, callmodel.Failed, true, fault.NotFound)
		do(callmodel.Answer{Channel: "none"}, callmodel.Failed, true, fault.NotFound)
		do(callmodel.DestroyBridge{Bridge: "none"}, callmodel.Failed, true, fault.NotFound)
		do(callmodel.CreateBridge{Bridge: "b"}, callmodel.Done, false, 0)
		do(callmodel.CreateBridge{Bridge: "b"}, callmodel.Failed, false, fault.Conflict)
		do(originate("sw-1", "p1"), callmodel.Done, false, 0)
		do(originate("sw-1", "p1"), callmodel.Failed, false, fault.Conflict)
		do(callmodel.Join{Bridge: "b", Channels: []callmodel.ChannelID{c1, "sw-1"}}, callmodel.Failed, false, fault.Conflict)
		do(callmodel.Join{Bridge: "b", Channels: []callmodel.ChannelID{c1, "none"}}, callmodel.Failed, false, fault.Invalid)
		do(callmodel.Join{Bridge: "none", Channels: []callmodel.ChannelID{c1}}, callmodel.Failed, true, fault.NotFound)
		do(callmodel.Leave{Bridge: "b", Channel: c1}, callmodel.Failed, false, fault.Conflict)
		do(callmodel.Answer{Channel: c1}, callmodel.Done, false, 0)
		pass(time.Second)
		if err := e.phones["p1"].Answer(); err != nil {
			t.Fatal(err)
		}
		do(callmodel.Join{Bridge: "b", Channels: []callmodel.ChannelID{c1, "sw-1"}}, callmodel.Done, false, 0)
		synctest.Wait()
		if got := r.tags(); got != "endpoint-state channel-arrived channel-up channel-ringing channel-up channel-joined channel-joined" {
			t.Errorf("facts %s", got)
		}
		if err := leg.WaitTalking(t.Context()); err != nil || !e.Inventory().Talking("sw-1") {
			t.Errorf("nobody talks: %v %s", err, e.Inventory())
		}
		do(callmodel.Join{Bridge: "b", Channels: []callmodel.ChannelID{c1}}, callmodel.Done, false, 0)
		leg.Hangup()
		do(callmodel.Hangup{Channel: "sw-1"}, callmodel.Done, false, 0)
		do(callmodel.DestroyBridge{Bridge: "b"}, callmodel.Done, false, 0)
		synctest.Wait()
		if got := r.tags(); got != "channel-left channel-left-app channel-gone channel-left-app channel-gone bridge-gone" {
			t.Errorf("facts %s", got)
		}
		if v := e.Inventory(); !v.Empty() || v.Timers != 0 {
			t.Errorf("left over: %s, %d timers", v, v.Timers)
		}
	})
}

// TestOutages: a cut loses facts and lets calls live, a restart kills them,
// a new controller gets a fresh inventory.
func TestOutages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, r := lab(t, Options{ListDelay: Exactly(10 * time.Millisecond)})
		leg, err := e.Place("801", Caller{Number: "5"})
		if err != nil {
			t.Fatal(err)
		}
		e.CutLink(time.Second)
		if res := e.Apply(t.Context(), callmodel.Answer{Channel: leg.Channel()}); !res.Later || res.Outcome != callmodel.Failed {
			t.Errorf("order while cut: %+v", res)
		}
		if _, err := e.Place("801", Caller{}); !fault.Is(err, fault.Unavailable) {
			t.Errorf("call while cut: %v", err)
		}
		pass(2 * time.Second)
		if r.got[len(r.got)-1].(callmodel.Resync).Channels[0].Channel != leg.Channel() {
			t.Errorf("resync %+v", r.got)
		}
		if got := r.tags(); got != "channel-arrived node-down resync" {
			t.Errorf("facts %s", got)
		}
		e.Restart(time.Second)
		<-leg.Done()
		pass(2 * time.Second)
		if rs := r.got[len(r.got)-1].(callmodel.Resync); rs.Epoch == "boot-0" || len(rs.Channels) > 0 || rs.Fresh {
			t.Errorf("resync after restart %+v", rs)
		}
		if got := r.tags(); got != "node-down resync" {
			t.Errorf("facts %s", got)
		}
		e.Detach()
		e.Detach()
		second := &recorder{}
		if err := e.Start(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		if len(second.got) != 1 || !second.got[0].(callmodel.Resync).Fresh || len(r.got) > 0 {
			t.Errorf("new controller got %v, old %v", second.got, r.got)
		}
		if e.Start(t.Context(), second) == nil {
			t.Error("started twice")
		}
		if s := e.Stats(); s.Cuts != 1 || s.Restarts != 1 || s.RefusedInCut != 1 || s.Fallbacks != 1 || s.FaultsBitten() == 0 {
			t.Errorf("stats %+v", s)
		}
	})
}

// TestFates: unknown outcomes do, do not, or do later what was ordered.
func TestFates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, _ := lab(t, Options{Faults: Faults{LateBy: Exactly(time.Second)}})
		for fate, want := range map[Fate][2]bool{ReplyLost: {true, true}, OrderLost: {false, false}, OrderLate: {false, true}} {
			b := callmodel.BridgeID("b" + string('0'+rune(fate)))
			has := func() bool {
				return slices.ContainsFunc(e.Inventory().Bridges, func(x Bridge) bool { return x.ID == b })
			}
			e.FateNext("create-bridge", 1, fate)
			res := e.Apply(t.Context(), callmodel.CreateBridge{Bridge: b})
			now := has()
			pass(2 * time.Second)
			if res.Outcome != callmodel.Unknown || !fault.Is(res.Err, fault.Unknown) || now != want[0] || has() != want[1] {
				t.Errorf("fate %d: %+v, there at once %v, later %v", fate, res, now, has())
			}
		}
		e.SlowEffects(time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if res := e.Apply(ctx, callmodel.CreateBridge{Bridge: "slow"}); res.Outcome != callmodel.Unknown {
			t.Errorf("deadline: %+v", res)
		}
	})
}

// TestFactFaults: planned loss and duplicates hit the planned number of facts.
func TestFactFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, r := lab(t, Options{})
		e.LoseNext(1)
		lost, err := e.Place("801", Caller{})
		if err != nil {
			t.Fatal(err)
		}
		e.DuplicateNext(1)
		if _, err := e.Place("801", Caller{Patience: time.Second}); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Second)
		lost.Hangup()
		synctest.Wait()
		if got := r.tags(); got != "channel-arrived channel-arrived channel-left-app channel-gone channel-left-app channel-gone" {
			t.Errorf("facts %s", got)
		}
	})
}

// TestOverrunAndDeadFeed: a reader that is too slow is cut off, a dead one ends the link.
func TestOverrunAndDeadFeed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := New(Options{MaxOutbox: 4})
		defer e.Stop()
		if err := e.attach(&recorder{}, func() {}); err != nil { // nobody takes
			t.Fatal(err)
		}
		for range 10 {
			_, _ = e.Place("801", Caller{}) // refused once the link is down
		}
		if facts := e.take(); len(facts) != 4 || facts[3].Tag() != "node-down" || e.Stats().Overruns != 1 {
			t.Errorf("%d facts, %+v", len(facts), e.Stats())
		}
		e.Stop()
		dead := New(Options{})
		if err := dead.Start(t.Context(), &recorder{bad: fault.New(fault.Stopped, "feed", "", "stopped")}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if v, s := dead.Inventory(), dead.Stats(); v.LinkUp || s.FeedErrors != 1 {
			t.Errorf("link up %v, %+v", v.LinkUp, s)
		}
		dead.Stop()
		dead.Stop()
		if err := dead.Start(t.Context(), &recorder{}); !fault.Is(err, fault.Stopped) {
			t.Errorf("start after stop: %v", err)
		}
	})
}

// TestDemo: callers arrive, are reported in order, and are gone at the end.
func TestDemo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, _ := lab(t, Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		seen := map[HappeningKind]int{}
		err := e.Demo(ctx, Traffic{Numbers: []string{"801"}, Interval: time.Second, Patience: Exactly(2 * time.Second), MaxLive: 3, Seed: 1}, func(h Happening) { seen[h.Kind]++ })
		if err != nil || seen[HappenedPlaced] < 20 || seen[HappenedEnded] < 20 {
			t.Errorf("%v %v", err, seen)
		}
		if !e.Inventory().Empty() {
			t.Errorf("left over: %s", e.Inventory())
		}
		if err := e.Demo(ctx, Traffic{}, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("no numbers: %v", err)
		}
	})
}

// TestSameSeedSameRun: a seed decides everything.
func TestSameSeedSameRun(t *testing.T) {
	t.Parallel()
	a, b := runSeed(7), runSeed(7)
	if a.ex.Stats() != b.ex.Stats() || !slices.EqualFunc(a.journal, b.journal, func(x, y record) bool { return x.hash == y.hash && x.now == y.now }) {
		t.Errorf("two runs of one seed differ: %+v %+v", a.ex.Stats(), b.ex.Stats())
	}
}

var _ port.Feed = (*recorder)(nil)
