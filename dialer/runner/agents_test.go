package runner

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"strowger/dialer/lead"
	"strowger/dialer/rule"
	"strowger/switch/calendar"
	"strowger/switch/callmodel"
)

// TestPreview: every free agent has one customer to look at.
func TestPreview(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, func(string) outcome { return outcome{after: time.Minute} }, 1000, spring(t, callmodel.DialPreview), "a", "b", "c")
		s.x.agent("desk", func(a *callmodel.Agent) { a.Station.Mode = callmodel.Handset })
		wait(10 * time.Second)
		who := map[callmodel.AgentID]int{}
		for _, d := range s.x.dials {
			who[d.Agent]++
		}
		if len(who) != 4 || len(s.x.dials) != 4 {
			t.Errorf("customers for %v", who)
		}
	})
}

// TestPreviewWithdrawn: a customer who comes onto the do-not-call list while an
// agent looks at them is taken away from the agent, and so is one whose hours end.
func TestPreviewWithdrawn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := spring(t, callmodel.DialPreview)
		pack := c.Plan.Pack
		pack.Hours.Week = []calendar.Span{{Days: []string{"mon-sun"}, From: "00:00", To: "01:10"}} // in Berlin; the test begins there at one
		hours, err := rule.NewHours(&pack, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		c.Hours = hours
		s := set(t, func(string) outcome { return outcome{looks: time.Hour, after: time.Minute} }, 1000, c, "a", "b")
		wait(10 * time.Second)
		s.x.mu.Lock()
		shown := slices.Clone(s.x.dials)
		s.x.mu.Unlock()
		if len(shown) != 2 {
			t.Fatalf("%d customers are shown", len(shown))
		}
		s.Bar(shown[1].Number, false)
		wait(2 * time.Second)
		withdrawn := func(d callmodel.Dial) bool {
			s.x.mu.Lock()
			defer s.x.mu.Unlock()
			return slices.ContainsFunc(s.x.cancels, func(c callmodel.CancelDial) bool { return c.Call == d.Call && c.Now })
		}
		if !withdrawn(shown[1]) || withdrawn(shown[0]) {
			t.Error("not the one, or also the other, was withdrawn")
		}
		wait(10 * time.Minute)
		if !withdrawn(shown[0]) || s.b.stillOpen() != 0 {
			t.Errorf("after the hours: %v, %d leads are held", withdrawn(shown[0]), s.b.stillOpen())
		}
	})
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

// TestPromisedInTurn: who waits for one agent is called by that agent, and not
// somebody else in their place; and not while the trunks fail.
func TestPromisedInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := spring(t, callmodel.DialPredictive)
		c.Group = "isp"
		s := set(t, func(string) outcome { return outcome{after: 100 * time.Millisecond, cause: 34, tech: 503} }, 500, c, ten...)
		s.b.mu.Lock()
		for i := range 100 {
			s.b.leads[300+i].Owner = ten[i%len(ten)]
		}
		s.b.mu.Unlock()
		wait(5 * time.Minute)
		s.reason(t, Breaker)
		if n := s.x.dialed(); n > 80 {
			t.Errorf("%d calls into trunks that fail", n)
		}
		for _, d := range s.x.dials {
			if (d.Mode == callmodel.DialPreview) != (d.Agent != "") {
				t.Fatalf("lead %s is called in the mode %s by %q", d.Lead, d.Mode, d.Agent)
			}
		}
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
		if n := after.Today.Humans - before.Today.Humans; n > len(ten) { // of those before
			t.Errorf("%d people are shown, and nobody was there", n)
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

// TestBreakAskedFor: the pacer does not count on agents who have asked for a
// break, or for the logout, after the call that they have.
func TestBreakAskedFor(t *testing.T) {
	t.Parallel()
	for _, pending := range []callmodel.AgentState{callmodel.NotReady, callmodel.LoggedOut} {
		synctest.Test(t, func(t *testing.T) {
			s := set(t, third, 3000, spring(t, callmodel.DialPredictive), ten...)
			wait(10 * time.Minute)
			if p, _ := s.Live("spring"); p.Decision.Reachable != 10 {
				t.Fatalf("of ten %d are counted on", p.Decision.Reachable)
			}
			for _, a := range ten {
				s.x.agent(a, func(a *callmodel.Agent) { a.Pending = pending })
			}
			wait(time.Second)
			p, _ := s.Live("spring")
			n := s.x.dialed()
			wait(time.Minute)
			if more := s.x.dialed() - n; more > 0 || p.Decision.Agents != 10 || p.Decision.Reachable != 0 {
				t.Errorf("%s: %d of %d are counted on, %d calls for nobody", pending, p.Decision.Reachable, p.Decision.Agents, more)
			}
		})
	}
}
