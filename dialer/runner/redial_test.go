package runner

import (
	"testing"
	"testing/synctest"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/callmodel"
)

// TestRedial: a customer whom an agent wants to call again at once comes back to
// that agent when the wrap-up is over, before anybody else and in every mode.
func TestRedial(t *testing.T) {
	t.Parallel()
	for _, mode := range []callmodel.DialMode{callmodel.DialPreview, callmodel.DialProgressive, callmodel.DialPredictive} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { redialed(t, mode) })
		})
	}
}

func redialed(t *testing.T, mode callmodel.DialMode) {
	all := func(string) outcome { return outcome{after: 3 * time.Second, talk: 20 * time.Second} }
	s := set(t, all, 50, spring(t, mode), "a", "b")
	agents, over := map[string][]string{}, time.Time{}
	s.with(func() {
		s.x.wish = func(c *callmodel.Call) {
			p := &c.Conns[1]
			if agents[c.Lead] = append(agents[c.Lead], string(p.Agent)); c.Lead == "2" && len(agents["2"]) == 1 {
				p.Callback, over = &callmodel.CallbackAt{At: time.Now(), Mine: true}, time.Now().Add(wrapTime)
			}
		}
	})
	wait(2 * time.Minute)
	s.do(t, Order{Want: WantStopped, By: "anna"})
	wait(2 * time.Minute)
	who := agents["2"]
	if len(who) != 2 || who[0] != who[1] {
		t.Fatalf("they have talked to %v", who)
	}
	for i, d := range s.x.dials {
		after := s.x.dialedAt[i].Sub(over)
		switch again := d.Lead == "2" && after >= 0; {
		case again && (d.Mode != callmodel.DialPreview || string(d.Agent) != who[0] || after > time.Second):
			t.Errorf("called again %s later in the mode %s by %q, want by %s at once", after, d.Mode, d.Agent, who[0])
		case !again && mode != callmodel.DialPreview && d.Agent != "":
			t.Errorf("lead %s is kept for %s", d.Lead, d.Agent)
		}
	}
	if l := s.b.leads[1]; l.Attempts != 2 || l.Result != lead.Talked || l.State != lead.Done {
		t.Errorf("the lead is %+v", l)
	}
	s.whole(t)
}

// TestRedialGoes: an agent who goes on a break, or whose customer the rules
// forbid, is not kept for longer than it takes to find out; the customer waits.
func TestRedialGoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := func(string) outcome { return outcome{after: 3 * time.Second, talk: 20 * time.Second} }
		s := set(t, all, 50, spring(t, callmodel.DialProgressive), "a", "b")
		s.b.mu.Lock()
		s.b.barred = 1
		s.b.mu.Unlock()
		s.with(func() {
			s.x.wish = func(c *callmodel.Call) {
				if c.Lead == "1" || c.Lead == "2" {
					c.Conns[1].Callback = &callmodel.CallbackAt{At: time.Now(), Mine: true}
				}
				if c.Lead == "2" {
					s.x.setAgent(c.Conns[1].Agent, callmodel.NotReady, callmodel.CallID{})
				}
			}
		})
		wait(2 * time.Minute)
		calls := map[string]int{}
		for _, d := range s.x.dials {
			calls[d.Lead]++
		}
		if calls["1"] != 1 || calls["2"] != 1 || len(calls) < 5 {
			t.Errorf("calls by lead: %v", calls)
		}
	})
}

// TestPromiseOfWhoSaysIt: the agent who promises a call makes it, though
// another one talked to the customer after them.
func TestPromiseOfWhoSaysIt(t *testing.T) {
	t.Parallel()
	call := callmodel.Call{Outcome: callmodel.OutcomeTransferred, Conns: []callmodel.Connection{
		{Role: callmodel.RoleParty},
		{Role: callmodel.RoleAgent, Agent: "anna", ConnectedAt: 1, Callback: &callmodel.CallbackAt{At: time.Now(), Mine: true}},
		{Role: callmodel.RoleAgent, Agent: "ben", ConnectedAt: 2},
	}}
	if e := endedOf(&call); e.Agent != "anna" {
		t.Errorf("promised by %s", e.Agent)
	}
	call.Conns[1].Callback.Mine = false
	if e := endedOf(&call); e.Agent != "ben" {
		t.Errorf("talked to %s last", e.Agent)
	}
}
