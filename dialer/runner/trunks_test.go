package runner

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/lead"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// TestBreaker: trunks that fail are left alone but for a call from time to time,
// and no lead is burnt on them.
func TestBreaker(t *testing.T) {
	t.Parallel()
	for _, group := range []string{"isp", ""} {
		synctest.Test(t, func(t *testing.T) { breaks(t, group) })
	}
}

func breaks(t *testing.T, group string) {
	t.Helper()
	c := spring(t, callmodel.DialPredictive)
	c.Group = group
	s := set(t, third, 3000, c, ten...)
	wait(time.Minute)
	s.x.mu.Lock()
	before, world := len(s.x.dials), s.x.world
	s.x.world = func(string) outcome { return outcome{after: 100 * time.Millisecond, cause: 34, tech: 503} }
	s.x.mu.Unlock()
	wait(5 * time.Minute)
	s.reason(t, Breaker)
	s.x.mu.Lock()
	burst := s.x.dials[before:]
	s.x.world = world
	s.x.mu.Unlock()
	if len(burst) < 20 || len(burst) > 80 { // a probe each 10 s, what a tick or two had dialled, and for once those of the same numbers again
		t.Errorf("%d calls into trunks that fail", len(burst))
	}
	for _, d := range burst {
		if got := s.b.settled[d.Call]; got.Counted || got.Next.IsZero() {
			t.Errorf("a lead was burnt: %+v", got)
			break
		}
	}
	n := s.x.dialed()
	wait(2 * time.Minute)
	if p, _ := s.Live("spring"); p.Breaker != "" || s.x.dialed() < n+20 {
		t.Errorf("it does not dial again: %+v", p.Text)
	}
}

// TestBreakerOfASlowDatabase: trunks that work again are tried also where leads
// take longer to come than the dialer takes between two looks.
func TestBreakerOfASlowDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 3000, spring(t, callmodel.DialPredictive), ten...)
		wait(30 * time.Second)
		s.x.mu.Lock()
		s.x.world = func(string) outcome { return outcome{after: 100 * time.Millisecond, cause: 34, tech: 503} }
		s.x.mu.Unlock()
		wait(time.Minute)
		s.reason(t, Breaker)
		s.b.mu.Lock()
		s.b.takes = 1200 * time.Millisecond
		s.b.mu.Unlock()
		s.x.mu.Lock()
		s.x.world = third
		s.x.mu.Unlock()
		wait(3 * time.Minute)
		if p, _ := s.Live("spring"); p.Breaker != "" {
			t.Errorf("nothing is tried: %s", p.Text)
		}
	})
}

// TestNumbersThatAlwaysFail: numbers that the carrier refuses each time, as it
// does while it fails, do not keep a campaign from all others.
func TestNumbersThatAlwaysFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := spring(t, callmodel.DialPredictive)
		c.Group = "isp"
		s := set(t, func(number string) outcome {
			if hash(number)%6 == 0 {
				return outcome{after: 100 * time.Millisecond, cause: 34, tech: 503}
			}
			return third(number)
		}, 600, c, ten...)
		wait(2 * time.Hour)
		tried := map[string]bool{}
		for _, d := range s.x.dials {
			tried[d.Number] = true
		}
		if len(tried) != 600 {
			p, _ := s.Live("spring")
			t.Errorf("%d of 600 people were called; %s: %s", len(tried), p.Reason, p.Text)
		}
	})
}

// TestTrunks: a group's lines and calls per second bound every campaign of it.
func TestTrunks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := spring(t, callmodel.DialPredictive)
		c.Group = "isp"
		s := set(t, third, 3000, c, ten...)
		s.with(func() {
			s.cfg = &Config{Campaigns: []Campaign{c}, Groups: []Group{{ID: "isp", Trunks: []string{"isp"}, Bounds: campaign.Trunks{MaxCalls: 8, Reserve: 2, Rate: 1000}}}}
		})
		wait(10 * time.Minute)
		if s.x.most != 6 {
			t.Errorf("%d lines at once, 6 are allowed", s.x.most)
		}
		for i := 3; i < len(s.x.dialedAt); i++ {
			if s.x.dialedAt[i].Sub(s.x.dialedAt[i-3]) < time.Second {
				t.Errorf("more than a call a second, and one saved up, at %d", i)
				break
			}
		}
	})
}

// TestFaults: a campaign whose calls all fail by our own fault is paused.
func TestFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, func(string) outcome { return outcome{after: time.Second, cause: 58, tech: 488} }, 1000, spring(t, callmodel.DialPredictive), ten...)
		wait(5 * time.Minute)
		s.reason(t, Faults)
		if n := s.x.dialed(); n > 4*len(ten) {
			t.Errorf("%d calls", n)
		}
		s.whole(t)
	})
}

// TestBarred: who comes onto the do-not-call list after the claim is not called.
func TestBarred(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 3, spring(t, callmodel.DialProgressive))
		wait(10 * time.Second)
		all := s.b.takeAll()
		s.Bar("+49300000000", false)
		s.Bar("+4930000000", true)
		for _, a := range []string{"a", "b", "c"} {
			s.x.agent(a, nil)
		}
		if err := s.ask(t.Context(), func(context.Context) { s.runs["spring"].hopper.put(time.Now(), "", 0, all) }); err != nil {
			t.Fatal(err)
		}
		wait(barLasts - time.Second)
		if s.x.dialed() > 0 {
			t.Errorf("%d calls to numbers on the do-not-call list", s.x.dialed())
		}
		s.whole(t)
	})
}

// takeAll claims every lead at once.
func (b *book) takeAll() (all []lead.Claimed) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, l := range b.leads {
		c := lead.Claimed{Attempt: callmodel.CallID{ID: callmodel.ID{byte(7 + i)}}, Lead: *l, Number: l.Numbers[0]}
		l.State, l.Attempt = lead.Taken, c.Attempt
		b.open[c.Attempt] = c
		all = append(all, c)
	}
	return all
}

// TestReview: after a file of numbers that must not be called nobody is called
// by a claim of before; who may be called is claimed anew.
func TestReview(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 3, spring(t, callmodel.DialProgressive))
		wait(10 * time.Second)
		all := s.b.takeAll()
		s.Review()
		for _, a := range []string{"a", "b", "c"} {
			s.x.agent(a, nil)
		}
		if err := s.ask(t.Context(), func(context.Context) { s.runs["spring"].hopper.put(time.Now(), "", 0, all) }); err != nil {
			t.Fatal(err)
		}
		wait(barLasts)
		if s.x.dialed() != 3 {
			t.Errorf("%d calls to 3 people", s.x.dialed())
		}
		s.x.mu.Lock()
		for _, c := range all {
			if s.x.calls[c.Attempt] != nil {
				t.Errorf("%s was called by the claim of before", c.Number.E164)
			}
		}
		s.x.mu.Unlock()
		s.whole(t)
	})
}

// TestCallerID: the number that is shown goes by the longest prefix, and round
// the numbers of a pool.
func TestCallerID(t *testing.T) {
	t.Parallel()
	r := run{cfg: Campaign{Callers: []Caller{{"+49", []string{"+49301"}, 0}, {"+4989", []string{"+49891", "+49892"}, 2}, {"", []string{"+1"}, 0}}}, shown: map[string]int{}}
	show := func(number string) string {
		s := r.caller(number)
		r.shown[s]++
		return s
	}
	for i, want := range []string{"+49891", "+49892", "+49891", "+49892", ""} {
		if got := show("+49891234"); got != want {
			t.Errorf("call %d shows %q, want %q", i, got, want)
		}
	}
	if show("+493012") != "+49301" || show("+1212") != "+1" {
		t.Error("by prefix")
	}
}

// TestCallerIDAfterRestart: what was shown on this day before the start counts.
func TestCallerIDAfterRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := spring(t, callmodel.DialProgressive)
		c.Callers = []Caller{{"", []string{"+1", "+2"}, 3}}
		s := set(t, third, 100, c, ten...)
		s.Stop()
		s.b.mu.Lock()
		s.b.shown = map[string]int{"+1": 3, "+2": 1}
		s.b.mu.Unlock()
		before := s.x.dialed()
		s.boot(t)
		wait(time.Minute)
		shown := map[string]int{}
		for _, d := range s.x.dials[before:] {
			shown[d.CallerID]++
		}
		if shown["+1"] != 0 || shown["+2"] != 2 || shown[""] == 0 {
			t.Errorf("shown: %v", shown)
		}
	})
}

// TestNoWayOut: a few numbers for which there is no route keep nobody from the
// others, and are not tried at each tick.
func TestNoWayOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{x: newExchange(t, third), cfg: &Config{Campaigns: []Campaign{spring(t, callmodel.DialPredictive)}}}
		refused := 0
		s.x.verdict = func(cmd callmodel.Command) error {
			if d, ok := cmd.(callmodel.Dial); ok && d.Number < "+49300000008" {
				refused++
				return fault.New(fault.NotFound, "dial", d.Number, "no route fits")
			}
			return nil
		}
		s.begin(t, 300, ten...)
		wait(10 * time.Minute)
		s.x.mu.Lock()
		calls, refusals := len(s.x.dials), refused
		s.x.mu.Unlock()
		if calls < 30 || refusals > 10 {
			p, _ := s.Live("spring")
			t.Errorf("%d calls, %d refusals; %s: %s", calls, refusals, p.Reason, p.Text)
		}
		s.do(t, Order{Want: WantStopped, By: "anna"})
		wait(5 * time.Minute)
		s.whole(t)
	})
}

// TestWrongRule: a dial rule that lets nobody be called pauses the campaign, and
// costs no lead a try.
func TestWrongRule(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{x: newExchange(t, third), cfg: &Config{Campaigns: []Campaign{spring(t, callmodel.DialPredictive)}}}
		s.x.verdict = func(cmd callmodel.Command) error {
			return fault.New(fault.Denied, cmd.Tag(), "", "the dial rule does not allow it")
		}
		s.begin(t, 3000, ten...)
		wait(5 * time.Minute)
		s.reason(t, Faults)
		if len(s.b.settled) != 0 {
			t.Errorf("%d leads have had a try", len(s.b.settled))
		}
		s.x.mu.Lock()
		s.x.verdict = nil
		s.x.mu.Unlock()
		s.do(t, Order{Want: WantRunning, By: "anna"})
		wait(time.Minute)
		if s.x.dialed() == 0 {
			t.Error("it does not go on when the rule is right")
		}
	})
}
