package runner

import (
	"context"
	"hash/fnv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/lead"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// third is a world in which a third answers, the rest does not, whoever was
// called before or not.
func third(number string) outcome {
	switch n := hash(number + time.Now().String()); {
	case n%3 == 0:
		return outcome{after: time.Duration(4+n%9) * time.Second, talk: time.Duration(20+n%80) * time.Second}
	case n%3 == 1:
		return outcome{after: time.Minute}
	}
	return outcome{after: 3 * time.Second, cause: callmodel.CauseBusy, tech: 486}
}

func hash(s string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s))
	return h.Sum32()
}

// stage is a runner with what it works on.
type stage struct {
	*Runner
	x   *exchange
	b   *book
	cfg *Config
	now Reason // what Options.Hold says
}

// with changes something that the runner reads while it runs.
func (s *stage) with(change func()) {
	s.x.mu.Lock()
	defer s.x.mu.Unlock()
	change()
}

func (s *stage) boot(t *testing.T) {
	t.Helper()
	opt := Options{
		Switch: s.x, Leads: s.b, Runs: s.b, Records: s.b,
		Config: func() (c *Config) { s.with(func() { c = s.cfg }); return c }, Hold: func() (why Reason) { s.with(func() { why = s.now }); return why },
	}
	s.Runner = New(opt)
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// set makes a stage on which a campaign of this mode runs, in the time of synctest.
func set(t *testing.T, world func(string) outcome, leads int, c Campaign, agents ...string) *stage {
	t.Helper()
	s := &stage{x: newExchange(t, world), cfg: &Config{Campaigns: []Campaign{c}, Groups: []Group{{ID: "isp", Trunks: []string{"isp"}}}}}
	s.begin(t, leads, agents...)
	return s
}

// begin has a stage's campaign call so many leads.
func (s *stage) begin(t *testing.T, leads int, agents ...string) {
	t.Helper()
	s.b = newBook(leads, s.x)
	for _, a := range agents {
		s.x.agent(a, nil)
	}
	s.boot(t)
	t.Cleanup(func() { s.Stop() })
	s.do(t, Order{Want: WantRunning, By: "anna"})
}

func (s *stage) do(t *testing.T, o Order) {
	t.Helper()
	o.Campaign = "spring"
	if err := s.Do(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}

func (s *stage) reason(t *testing.T, want Reason) {
	t.Helper()
	if p, _ := s.Live("spring"); p.Reason != want {
		t.Errorf("reason %s, want %s: %s", p.Reason, want, p.Text)
	}
}

// wait lets time pass.
func wait(d time.Duration) { <-time.After(d); synctest.Wait() }

// whole checks that each call has ended once, and that no lead is held without one.
func (s *stage) whole(t *testing.T) {
	t.Helper()
	s.x.mu.Lock()
	live, dials := len(s.x.calls), s.x.dials
	s.x.mu.Unlock()
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	if s.b.twice > 0 {
		t.Errorf("%d attempts were settled twice", s.b.twice)
	}
	missing := 0
	for _, d := range dials {
		if _, there := s.b.settled[d.Call]; !there {
			missing++
		}
	}
	if missing != live || len(s.b.open) != live {
		t.Errorf("of %d calls %d are not settled, %d leads are held, %d calls live", len(dials), missing, len(s.b.open), live)
	}
}

var ten = []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}

func TestPredictive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 3000, spring(t, callmodel.DialPredictive), ten...)
		wait(time.Hour)
		p, _ := s.Live("spring")
		t.Logf("%d dials, %d lines at most: %+v\n%s", s.x.dialed(), s.x.most, p.Budget.Counts, p.Text)
		if p.Budget.Dropped > int(0.03*float64(p.Budget.Live()))+4 { // how close it comes is shown by the bench
			t.Errorf("%d of %d people found nobody", p.Budget.Dropped, p.Budget.Live())
		}
		if p.Budget.Connected < 330 { // a line for each free agent gives 285
			t.Errorf("%d people were connected", p.Budget.Connected)
		}
		if p.Left.Sum() != 3000 || p.Ends.IsZero() {
			t.Errorf("left: %v, ends %s", p.Left, p.Ends)
		}
		s.do(t, Order{Want: WantStopped, By: "anna"})
		wait(5 * time.Minute)
		s.whole(t)
		if r := s.b.results(); r[lead.Talked] == 0 || r[lead.Busy] == 0 || r[lead.NoAnswer] == 0 || len(r) > 6 {
			t.Errorf("results: %v", r)
		}
	})
}

// TestCallOnAcceptIsTooSlowBehindADetector: who is listened to until its limit
// could not be connected in time to an agent whose phone is called then. So
// nobody is dialled for such an agent, and it is told why.
func TestCallOnAcceptIsTooSlowBehindADetector(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := spring(t, callmodel.DialProgressive)
		slow.Slow = true
		s := set(t, third, 1000, slow)
		s.x.agent("home", func(a *callmodel.Agent) { a.Station.Mode, a.Standing = callmodel.CallOnAccept, nil })
		wait(time.Minute)
		s.reason(t, Unreachable)
		p, _ := s.Live("spring")
		if s.x.dialed() > 0 || p.ByHand != 1 || !strings.Contains(p.Text, "nailed, since call-on-accept takes too long") || len(p.Notes) != 1 || !strings.HasPrefix(p.Notes[0], "1 of 1 agents have no station") {
			t.Errorf("%d calls, by hand %d, %q, notes %q", s.x.dialed(), p.ByHand, p.Text, p.Notes)
		}
		s.x.agent("desk", func(*callmodel.Agent) {})
		wait(time.Minute)
		if s.x.dialed() == 0 {
			t.Error("nobody is dialled for the agent who can be reached")
		}
	})
}

// TestNeverWithoutAgents: what an agent is not there for is not dialled, and
// where they go what rings is given up, after as long as it must ring.
func TestNeverWithoutAgents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 1000, spring(t, callmodel.DialPredictive))
		wait(time.Minute)
		s.reason(t, NoAgents)
		s.x.agent("desk", func(a *callmodel.Agent) { a.Station.Mode = callmodel.Handset })
		wait(time.Minute)
		s.reason(t, Unreachable)
		s.x.agent("late", func(a *callmodel.Agent) { a.State = callmodel.NotReady })
		s.x.agent("far", func(a *callmodel.Agent) { a.PhoneOff = true })
		s.x.agent("cut", func(a *callmodel.Agent) { a.Standing.Leg = callmodel.LegGone })
		wait(time.Minute)
		s.reason(t, NoAgents)
		if n := s.x.dialed(); n > 0 {
			t.Fatalf("%d calls without an agent", n)
		}
		for _, a := range ten {
			s.x.agent(a, nil)
		}
		wait(20 * time.Second)
		if s.x.dialed() == 0 {
			t.Fatal("nobody is called though agents are there")
		}
		for _, a := range ten { // all log off at once
			s.x.agent(a, func(a *callmodel.Agent) { a.State = callmodel.LoggedOut })
		}
		wait(600 * time.Millisecond)
		n := s.x.dialed()
		wait(5 * time.Minute)
		if s.x.dialed() != n {
			t.Errorf("%d calls after the agents had gone", s.x.dialed()-n)
		}
		if len(s.x.cancels) == 0 {
			t.Error("what rang was not given up")
		}
		for _, c := range s.x.cancels {
			if c.Now {
				t.Error("a phone was cut off before it had rung for as long as it must")
			}
		}
		s.whole(t)
	})
}

// TestStop: nothing is dialled from a second after the order on, what rings goes
// on for as long as it must, who has answered is served.
func TestStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 1000, spring(t, callmodel.DialPredictive), ten...)
		wait(30 * time.Second)
		s.x.mu.Lock()
		talking := 0
		for _, c := range s.x.calls {
			if c.Phase == callmodel.PhaseTalking {
				talking++
			}
		}
		s.x.mu.Unlock()
		if err := s.Do(t.Context(), Order{Campaign: "spring", Want: WantStopped, Now: true, By: "anna"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a stop at once without a reason: %v", err)
		}
		s.do(t, Order{Want: WantStopped, By: "anna", Why: "lunch"})
		n := s.x.dialed()
		s.reason(t, Stopped)
		wait(5 * time.Minute)
		if s.x.dialed() != n {
			t.Errorf("%d calls after the stop", s.x.dialed()-n)
		}
		for _, c := range s.x.cancels {
			if c.Now {
				t.Error("a phone was cut off before its time")
			}
		}
		if r := s.b.results(); r[lead.Cancelled] != 0 || r[lead.Talked] < talking || talking == 0 {
			t.Errorf("%d were talking; results: %v", talking, r)
		}
		s.whole(t)
		s.do(t, Order{Want: WantRunning, By: "anna"})
		for p, _ := s.Live("spring"); p.Ringing == 0; p, _ = s.Live("spring") {
			wait(time.Second)
		}
		s.do(t, Order{Want: WantStopped, Now: true, By: "anna", Why: "fire alarm"})
		if last := s.x.cancels[len(s.x.cancels)-1]; !last.Now || last.By != "anna" {
			t.Errorf("a stop at once orders %+v", last)
		}
		wait(5 * time.Minute)
		s.whole(t)
	})
}

// TestPause: what rings goes on.
func TestPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 1000, spring(t, callmodel.DialPredictive), ten...)
		wait(30 * time.Second)
		before := len(s.x.cancels)
		s.do(t, Order{Want: WantPaused, By: "anna"})
		n := s.x.dialed()
		wait(5 * time.Minute)
		s.reason(t, Paused)
		if s.x.dialed() != n || len(s.x.cancels) != before {
			t.Errorf("%d calls and %d cancels after the pause", s.x.dialed()-n, len(s.x.cancels)-before)
		}
		s.whole(t)
	})
}

// TestProgressive: never more lines than free agents.
func TestProgressive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 1000, spring(t, callmodel.DialProgressive), ten...)
		wait(20 * time.Minute)
		if p, _ := s.Live("spring"); p.Budget.Dropped > 0 || p.Budget.Connected < 30 || s.x.most > 10 {
			t.Errorf("%d lines at once, %+v", s.x.most, p.Budget.Counts)
		}
	})
}

// TestMessage: a campaign without agents fills its lines.
func TestMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := spring(t, callmodel.DialMessage)
		c.MaxLines = 7
		s := set(t, func(string) outcome { return outcome{after: time.Minute} }, 1000, c)
		wait(time.Minute)
		if s.x.most != 7 || s.x.dialed() < 14 {
			t.Errorf("%d lines at once, %d calls", s.x.most, s.x.dialed())
		}
	})
}

// TestHeld: what forbids every campaign to dial.
func TestHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 1000, spring(t, callmodel.DialPredictive), ten...)
		quiet := func(why Reason) {
			t.Helper()
			wait(time.Second)
			n := s.x.dialed()
			wait(time.Minute)
			s.reason(t, why)
			if s.x.dialed() != n {
				t.Errorf("%s: %d calls", why, s.x.dialed()-n)
			}
		}
		for _, why := range []Reason{Journal, Pressure} {
			s.with(func() { s.now = why })
			quiet(why)
		}
		s.with(func() { s.now, s.x.nodeDown = "", true })
		quiet(NodeDown)
		s.with(func() { s.x.nodeDown = false })
		n := s.x.dialed()
		wait(4 * time.Second)
		if s.x.dialed() != n {
			t.Error("it dials as soon as the server is back")
		}
		wait(10 * time.Second)
		if s.x.dialed() == n {
			t.Error("it does not dial again")
		}
		s.with(func() { s.cfg = &Config{} })
		wait(time.Second)
		n = s.x.dialed()
		if _, there := s.Live("spring"); there {
			t.Error("a campaign that is no longer configured is shown")
		}
		wait(5 * time.Minute)
		if s.x.dialed() != n {
			t.Error("a campaign that is no longer configured dials")
		}
		s.whole(t)
	})
}

// TestOrders: who may want what.
func TestOrders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := spring(t, callmodel.DialPredictive)
		c.Problems = []string{"dropped: no message"}
		s := &stage{x: newExchange(t, third), cfg: &Config{Campaigns: []Campaign{c}}}
		s.b = newBook(10, s.x)
		s.boot(t)
		defer s.Stop()
		for _, bad := range []struct {
			o    Order
			kind fault.Kind
		}{
			{Order{Campaign: "spring", Want: WantRunning, By: "anna"}, fault.Conflict},
			{Order{Campaign: "summer", Want: WantRunning, By: "anna"}, fault.NotFound},
			{Order{Campaign: "spring", Want: "faster", By: "anna"}, fault.Invalid},
			{Order{Campaign: "spring", Want: WantRunning}, fault.Invalid},
			{Order{Campaign: "spring", Want: WantPaused, By: "anna", Now: true, Why: "x"}, fault.Invalid},
		} {
			if err := s.Do(t.Context(), bad.o); !fault.Is(err, bad.kind) {
				t.Errorf("%+v: %v", bad.o, err)
			}
		}
		got, err := s.Check(t.Context(), "spring")
		if err != nil || len(got.Problems) != 1 || len(got.Notes) != 1 || got.Leads[lead.Now] != 10 {
			t.Errorf("check: %+v, %v", got, err)
		}
		s.Stop()
		if err := s.Do(context.Background(), Order{Campaign: "spring", Want: WantStopped, By: "anna"}); !fault.Is(err, fault.Stopped) {
			t.Errorf("after the end: %v", err)
		}
	})
}

// TestBudget: when the budget is gone the campaign stops, and goes on only by
// somebody's word.
func TestBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{x: newExchange(t, third), cfg: &Config{Campaigns: []Campaign{spring(t, callmodel.DialPredictive)}}}
		s.b = newBook(1000, s.x)
		s.b.minutes = []campaign.Minute{{At: time.Now().Add(-time.Hour), Counts: campaign.Counts{Humans: 100, Connected: 90, Dropped: 10}}}
		s.b.first = time.Now().Add(-time.Hour)
		s.x.agent("a", nil)
		s.boot(t)
		defer func() { s.Stop() }() // of the last of its runners
		wait(2 * time.Second)
		s.do(t, Order{Want: WantRunning, By: "anna"})
		wait(time.Minute)
		p, _ := s.Live("spring")
		if p.Stage != campaign.Careful {
			t.Fatalf("stage %s: %s", p.Stage, p.Text)
		}
		s.x.mu.Lock()
		s.x.world = func(string) outcome { return outcome{after: 3 * time.Second, talk: time.Minute} }
		s.x.mu.Unlock()
		for range 100 { // an agent who leaves whenever somebody is being called
			if p, _ := s.Live("spring"); p.Reason == Budget {
				break
			}
			s.x.agent("a", func(a *callmodel.Agent) { a.State, a.Since = callmodel.Ready, s.x.now() })
			wait(2 * time.Second)
			s.x.agent("a", func(a *callmodel.Agent) { a.State, a.Since = callmodel.NotReady, s.x.now() })
			wait(20 * time.Second)
		}
		s.reason(t, Budget)
		s.x.agent("a", func(a *callmodel.Agent) { a.State = callmodel.Ready })
		n := s.x.dialed()
		wait(5 * time.Minute)
		if s.x.dialed() != n {
			t.Error("it dials though its budget is gone")
		}
		if kept := s.b.runs["spring"]; kept.Wanted != WantPaused || kept.By != own {
			t.Errorf("kept: %+v", kept)
		}
		if err := s.Do(t.Context(), Order{Campaign: "spring", Want: WantRunning, By: "anna"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("start without a budget: %v", err)
		}
		s.restarted(t)
		if err := s.Override(t.Context(), "spring", campaign.Override{By: "anna", Until: time.Now().Add(time.Hour)}); !fault.Is(err, fault.Invalid) {
			t.Errorf("override without a reason: %v", err)
		}
		if err := s.Override(t.Context(), "spring", campaign.Override{By: "anna", Reason: "court order", Until: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		s.do(t, Order{Want: WantRunning, By: "anna"})
		wait(time.Minute)
		if s.x.dialed() == n {
			p, _ := s.Live("spring")
			t.Errorf("it does not dial though it may: %s", p.Text)
		}
		if kept := s.b.runs["spring"]; kept.Override.By != "anna" || kept.Wanted != WantRunning {
			t.Errorf("kept: %s, %+v", kept.Wanted, kept.Override)
		}
		s.heldAgain(t)
	})
}

// restarted: neither a restart nor a stop by somebody lets a campaign be started
// whose budget is gone.
func (s *stage) restarted(t *testing.T) {
	t.Helper()
	s.do(t, Order{Want: WantStopped, By: "ben", Why: "for the night"})
	s.kill()
	p, _ := s.Live("spring")
	s.b.minutes = []campaign.Minute{{At: time.Now().Add(-time.Hour), Counts: p.Budget.Counts}}
	s.boot(t)
	for _, want := range []fault.Kind{fault.Unavailable, fault.Conflict} { // before its past is known, and after
		if err := s.Do(t.Context(), Order{Campaign: "spring", Want: WantRunning, By: "anna"}); !fault.Is(err, want) {
			t.Errorf("start without a budget after a restart: %v", err)
		}
		wait(2 * time.Second)
	}
}
