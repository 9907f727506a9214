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

// kill ends the runner as kill -9 would: nothing is stored any more.
func (s *stage) kill() {
	s.b.mu.Lock()
	s.b.down = true
	s.b.mu.Unlock()
	s.Stop()
	s.b.mu.Lock()
	s.b.down = false
	s.b.mu.Unlock()
}

// TestKilled: killed again and again while calls are in every state, each call
// has one end and no lead is lost.
func TestKilled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 3000, spring(t, callmodel.DialPredictive), ten...)
		for i := range 12 {
			wait(time.Duration(7+5*i) * time.Second)
			s.kill()
			wait(time.Duration(i*4) * time.Second) // calls go on without us
			s.boot(t)
		}
		wait(30 * time.Second)
		if why := s.why(); why != Dialing && why != Pacing {
			t.Errorf("it does not go on by itself: %s", why)
		}
		s.do(t, Order{Want: WantStopped, By: "anna"})
		wait(5 * time.Minute)
		s.whole(t)
		if n := s.stats.Unknown.Load(); n > 0 {
			t.Errorf("%d attempts have an unknown end", n)
		}
		if s.x.dialed() < 100 {
			t.Errorf("%d calls: it does not show much", s.x.dialed())
		}
	})
}

func (s *stage) why() Reason {
	p, _ := s.Live("spring")
	return p.Reason
}

// TestJournalLost: where calls may have been made that nobody knows of, no lead
// is called again as if it had not been.
func TestJournalLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 3000, spring(t, callmodel.DialPredictive), ten...)
		wait(20 * time.Second)
		s.kill()
		open := s.b.stillOpen()
		s.x.mu.Lock()
		clear(s.x.calls)
		clear(s.x.ended)
		s.x.mu.Unlock()
		s.b.lost = true
		s.cfg.Campaigns[0].MaxLines = 1
		s.boot(t)
		wait(3 * time.Second)
		s.do(t, Order{Want: WantStopped, By: "anna"})
		wait(2 * time.Minute)
		if n := s.b.results()[lead.UnknownEnd]; n != open || open == 0 {
			t.Errorf("%d of %d attempts have an unknown end", n, open)
		}
	})
}

// TestEventsLost: ends of calls whose events never come are found in the records.
func TestEventsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 3000, spring(t, callmodel.DialPredictive), ten...)
		wait(10 * time.Second)
		s.x.mu.Lock()
		s.x.silent = true
		s.x.mu.Unlock()
		wait(10 * time.Minute)
		s.do(t, Order{Want: WantStopped, By: "anna"})
		wait(5 * time.Minute)
		s.whole(t)
		if s.stats.Vanished.Load() < 50 {
			t.Errorf("%d ends were looked up", s.stats.Vanished.Load())
		}
		if r := s.b.results(); r[lead.UnknownEnd] > 0 || r[lead.Talked] == 0 {
			t.Errorf("results: %v", r)
		}
	})
}

// TestUnknown: an attempt that was seen and of which nothing is left has an
// unknown end after a minute, and not before.
func TestUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := spring(t, callmodel.DialProgressive)
		s := set(t, func(string) outcome { return outcome{after: time.Minute} }, 1, c, "a")
		wait(8 * time.Second)
		s.x.mu.Lock()
		clear(s.x.calls)
		s.x.mu.Unlock()
		wait(55 * time.Second)
		if r := s.b.results(); len(r) > 0 {
			t.Errorf("settled at once: %v", r)
		}
		wait(10 * time.Second)
		if r := s.b.results(); r[lead.UnknownEnd] != 1 {
			t.Errorf("not settled after a minute: %v", r)
		}
	})
}

// TestNeverSent: an order of which nobody knows whether it was taken is
// neither lost nor repeated.
func TestNeverSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 40, spring(t, callmodel.DialProgressive), "a")
		taken := 0
		s.with(func() {
			s.x.verdict = func(cmd callmodel.Command) error {
				if d, ok := cmd.(callmodel.Dial); ok {
					if taken++; taken%2 == 0 {
						s.x.dial(d) // it was taken, and the answer was lost
					}
					return fault.New(fault.Unknown, "dial", "", "no answer in time")
				}
				return nil
			}
		})
		wait(10 * time.Minute)
		s.x.mu.Lock()
		s.x.verdict = nil
		s.x.mu.Unlock()
		s.do(t, Order{Want: WantStopped, By: "anna"})
		wait(5 * time.Minute)
		s.whole(t)
		if taken < 10 {
			t.Errorf("%d orders", taken)
		}
	})
}

// TestDatabaseAway: nothing is dialled without the database, and nothing that
// was dialled is lost.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 3000, spring(t, callmodel.DialPredictive), ten...)
		wait(time.Minute)
		s.b.mu.Lock()
		s.b.down = true
		s.b.mu.Unlock()
		wait(10 * time.Second) // what is claimed may still be dialled
		n := s.x.dialed()
		wait(10 * time.Minute)
		s.reason(t, Database)
		if s.x.dialed() != n {
			t.Errorf("%d calls without the database", s.x.dialed()-n)
		}
		if s.Waiting() == 0 || s.settler.fails.Load() == 0 {
			t.Error("nothing waits to be stored")
		}
		if err := s.Do(t.Context(), Order{Campaign: "spring", Want: WantStopped, By: "anna"}); !fault.Is(err, fault.Unavailable) || s.why() != Stopped {
			t.Errorf("a stop without the database: %v, %s", err, s.why())
		}
		if err := s.Do(t.Context(), Order{Campaign: "spring", Want: WantRunning, By: "anna"}); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a start without the database: %v", err)
		}
		s.b.mu.Lock()
		s.b.down = false
		s.b.mu.Unlock()
		wait(time.Minute)
		if s.x.dialed() != n {
			t.Error("a start that could not be stored has started it")
		}
		s.do(t, Order{Want: WantRunning, By: "anna"})
		wait(time.Minute)
		if s.x.dialed() == n {
			t.Error("it does not go on")
		}
		s.do(t, Order{Want: WantStopped, By: "anna"})
		wait(5 * time.Minute)
		s.whole(t)
	})
}

// TestSettleBehind: where too many ends wait to be stored nothing is dialled.
func TestSettleBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 100, spring(t, callmodel.DialPredictive), ten...)
		wait(3 * time.Second)
		s.b.mu.Lock()
		s.b.down = true
		s.b.mu.Unlock()
		s.settler.settle(make([]lead.Settled, settleLimit)...)
		wait(10 * time.Second)
		n := s.x.dialed()
		wait(time.Minute)
		s.reason(t, Database)
		if s.x.dialed() != n {
			t.Errorf("%d calls", s.x.dialed()-n)
		}
	})
}

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
	if len(burst) < 20 || len(burst) > 60 { // a probe each 10 s, and what a tick or two had dialled
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
		s.b.mu.Lock()
		var all []lead.Claimed
		for i, l := range s.b.leads {
			c := lead.Claimed{Attempt: callmodel.CallID{ID: callmodel.ID{byte(7 + i)}}, Lead: *l, Number: l.Numbers[0]}
			l.State, l.Attempt = lead.Taken, c.Attempt
			s.b.open[c.Attempt] = c
			all = append(all, c)
		}
		s.b.mu.Unlock()
		s.Bar("+49300000000", false)
		s.Bar("+4930000000", true)
		for _, a := range []string{"a", "b", "c"} {
			s.x.agent(a, nil)
		}
		if err := s.ask(t.Context(), func(context.Context) { s.runs["spring"].hopper.put(time.Now(), "", all) }); err != nil {
			t.Fatal(err)
		}
		wait(barLasts - time.Second)
		if s.x.dialed() > 0 {
			t.Errorf("%d calls to numbers on the do-not-call list", s.x.dialed())
		}
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

// TestPromised: who one agent alone may call is shown to that agent, also where
// a campaign calls everybody else without them.
func TestPromised(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 500, spring(t, callmodel.DialPredictive), ten...)
		s.b.mu.Lock()
		s.b.leads[3].Owner, s.b.leads[4].Owner, s.b.leads[5].Owner = "b", "b", "nobody"
		s.b.mu.Unlock()
		wait(10 * time.Minute)
		s.do(t, Order{Want: WantStopped, By: "anna"})
		wait(2 * time.Minute)
		for _, d := range s.x.dials {
			own := d.Lead == "4" || d.Lead == "5"
			if own != (d.Mode == callmodel.DialPreview) || own != (d.Agent == "b") || d.Lead == "6" {
				t.Fatalf("lead %s is called in the mode %s by %q", d.Lead, d.Mode, d.Agent)
			}
		}
		if s.b.leads[3].Result == "" || s.b.leads[4].Result == "" {
			t.Error("what only one agent may call is not called")
		}
		s.whole(t)
	})
}

// TestShortAnswer: trunks that answer and hang up at once make nobody believe
// in people, and use up no budget.
func TestShortAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 3000, spring(t, callmodel.DialPredictive), ten...)
		wait(10 * time.Minute)
		before, _ := s.Live("spring")
		s.x.mu.Lock()
		s.x.world = func(string) outcome { return outcome{after: 3 * time.Second, talk: -1} }
		s.x.mu.Unlock()
		wait(10 * time.Minute)
		after, _ := s.Live("spring")
		if after.Results[lead.ShortAnswer] < 100 {
			t.Fatalf("results: %v", after.Results)
		}
		if after.Decision.Rate > before.Decision.Rate/3 {
			t.Errorf("the answer rate went from %.2f to %.2f", before.Decision.Rate, after.Decision.Rate)
		}
		if n := after.Budget.Dropped - before.Budget.Dropped; n > 2 { // of those before
			t.Errorf("%d of them count as dropped", n)
		}
		for _, e := range s.b.settled {
			if e.Result == lead.ShortAnswer && (e.Next.IsZero() || !e.Counted) {
				t.Fatalf("settled as %+v", e)
			}
		}
	})
}

// TestBlend: while a caller waits whom agents of the campaign serve, nothing is dialled.
func TestBlend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := spring(t, callmodel.DialPredictive)
		c.Blend = true
		s := set(t, third, 3000, c, ten...)
		for _, a := range ten {
			s.x.agent(a, func(a *callmodel.Agent) { a.Queues = append(a.Queues, "service") })
		}
		waits := func(queue callmodel.QueueID) {
			s.with(func() {
				s.x.calls[callmodel.CallID{ID: callmodel.ID{9}}] = &callmodel.Call{Queue: queue, Phase: callmodel.PhaseWaiting, Conns: make([]callmodel.Connection, 1)}
			})
		}
		waits("service")
		wait(time.Minute)
		s.reason(t, Inbound)
		waits("others")
		wait(time.Minute)
		if s.x.dialed() == 0 {
			t.Error("a caller whom nobody of the campaign serves holds it up")
		}
	})
}

// TestShared: agents who serve two campaigns are lent by weight. Nobody counts
// twice; a line that was dialled for an agent may find them lent to the other.
func TestShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		one, two := spring(t, callmodel.DialProgressive), spring(t, callmodel.DialProgressive)
		two.ID, two.Number, two.Weight = "summer", 2, 3
		s := set(t, third, 3000, one, ten...)
		s.with(func() { s.cfg = &Config{Campaigns: []Campaign{one, two}} })
		wait(time.Second)
		if err := s.Do(t.Context(), Order{Campaign: "summer", Want: WantRunning, By: "anna"}); err != nil {
			t.Fatal(err)
		}
		wait(20 * time.Minute)
		calls := map[string]int{}
		for _, d := range s.x.dials {
			calls[d.Campaign]++
		}
		if s.x.most > 13 || calls["summer"] < 2*calls["spring"] || calls["spring"] == 0 {
			t.Errorf("%d lines at once, calls %v", s.x.most, calls)
		}
	})
}

// TestSharedWithoutLeads: a campaign whose leads are used up keeps no agents from
// one that has some, and says of both what is true.
func TestSharedWithoutLeads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		one, two := spring(t, callmodel.DialProgressive), spring(t, callmodel.DialProgressive)
		two.ID, two.Number, two.Lists = "summer", 2, []lead.Share{{List: "empty"}}
		s := set(t, third, 3000, one, ten...)
		s.with(func() { s.cfg = &Config{Campaigns: []Campaign{one, two}} })
		wait(time.Second)
		if err := s.Do(t.Context(), Order{Campaign: "summer", Want: WantRunning, By: "anna"}); err != nil {
			t.Fatal(err)
		}
		lent, looks := 0, 0
		for range 10 * 60 {
			wait(time.Second)
			p, _ := s.Live("summer")
			looks++
			lent += p.Free + p.Talking + p.WrapUp
		}
		if lent > looks { // of ten, less than one on average
			t.Errorf("%d agents counted for a campaign without leads in %d seconds", lent, looks)
		}
	})
}
