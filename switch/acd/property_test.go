package acd_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
)

var names = []callmodel.AgentID{"anna", "bernd", "carl", "dora", "emil", "frida", "gustav", "hanna", "ida", "jan"}

// question draws any question: few values each, so that ties and exclusions abound.
func question(t *rapid.T) *callmodel.RouteQuery {
	some := rapid.SliceOfN(rapid.SampledFrom(names), 0, 3)
	one := func(label string) callmodel.AgentID {
		return rapid.SampledFrom(append([]callmodel.AgentID{"", "", "stranger"}, names...)).Draw(t, label)
	}
	needs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) callmodel.SkillNeed {
		return callmodel.SkillNeed{Skill: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "skill"), Level: rapid.IntRange(1, 3).Draw(t, "level")}
	}), 0, 2)
	r := &callmodel.RouteQuery{
		Queue: &callmodel.QueueConfig{ID: queueID, Strategy: rapid.SampledFrom(acd.Strategies()).Draw(t, "strategy"), PreferredWait: 10},
		Call: &callmodel.Call{
			Refused: some.Draw(t, "refused"), Preferred: one("preferred"),
			RequiredTo: callmodel.Instant(rapid.IntRange(0, 2).Draw(t, "to") * 100),
		},
		Last: one("last"), Random: rapid.Uint64().Draw(t, "random"), Now: 100, Waited: time.Duration(rapid.IntRange(0, 20).Draw(t, "waited")),
	}
	if rapid.Bool().Draw(t, "require") {
		r.Call.Required = some.Draw(t, "required")
	}
	for after := range rapid.IntRange(0, 3).Draw(t, "steps") {
		r.Queue.Skills = append(r.Queue.Skills, callmodel.SkillStep{After: time.Duration(after * 7), Need: needs.Draw(t, "need")})
	}
	r.Call.Skills = needs.Draw(t, "own")
	for i, id := range names[:rapid.IntRange(0, len(names)).Draw(t, "agents")] {
		r.Agents = append(r.Agents, anybody(t, id, int64(i+1)))
	}
	return r
}

func anybody(t *rapid.T, id callmodel.AgentID, number int64) callmodel.Candidate {
	small := rapid.IntRange(0, 3)
	c := ready(string(id), number)
	c.Agent.State = rapid.SampledFrom([]callmodel.AgentState{
		callmodel.Ready, callmodel.Ready, callmodel.Ready, callmodel.LoggedOut,
		callmodel.NotReady, callmodel.Reserved, callmodel.OnCall, callmodel.InWrapUp,
	}).Draw(t, "state")
	c.Agent.PhoneOff = small.Draw(t, "phone") == 0
	c.Off = rapid.IntRange(0, 7).Draw(t, "off") == 0
	c.Agent.IdleSince, c.Agent.Handled = callmodel.Instant(small.Draw(t, "idle")), uint64(small.Draw(t, "handled"))
	c.Agent.Talk = time.Duration(small.Draw(t, "talk"))
	c.Config.Skills = []callmodel.AgentSkill{{Skill: "x", Level: 1 + small.Draw(t, "x")}, {Skill: "y", Level: 1 + small.Draw(t, "y")}}
	c.Config.Ranks = []callmodel.QueueRank{{Queue: queueID, Rank: small.Draw(t, "rank")}}
	c.Config.Capabilities = rapid.SampledFrom([][]callmodel.Capability{
		nil, nil,
		{callmodel.CapabilityStandard},
		{callmodel.CapabilityDirector},
		{callmodel.CapabilityOnDemand},
		{callmodel.CapabilityDirector, callmodel.CapabilityOnDemand},
	}).Draw(t, "capabilities")
	return c
}

// may says plainly whether an agent is allowed the call, on-demand or not.
func may(r *callmodel.RouteQuery, c callmodel.Candidate) bool {
	a, call := c.Agent, r.Call
	if a.State != callmodel.Ready || c.Off || a.PhoneOff || slices.Contains(call.Refused, a.ID) {
		return false
	}
	if caps := c.Config.Capabilities; len(caps) == 1 && caps[0] == callmodel.CapabilityDirector {
		return false
	}
	if len(call.Required) > 0 && (call.RequiredTo == 0 || call.RequiredTo > r.Now) && !slices.Contains(call.Required, a.ID) {
		return false
	}
	need := call.Skills
	if len(need) == 0 {
		for _, s := range r.Queue.Skills { // in order of After
			if s.After <= r.Waited {
				need = s.Need
			}
		}
	}
	for _, n := range need {
		if c.Config.Skill(n.Skill) < n.Level {
			return false
		}
	}
	return true
}

// held says whether the call is kept for its preferred agent.
func held(r *callmodel.RouteQuery) bool {
	for _, c := range r.Agents {
		if c.Agent.ID != r.Call.Preferred || c.Agent.State == callmodel.LoggedOut || c.Off {
			continue
		}
		free := *c.Agent
		free.State, free.PhoneOff = callmodel.Ready, false
		return r.Waited < r.Queue.PreferredWait && may(r, callmodel.Candidate{Agent: &free, Config: c.Config})
	}
	return false
}

// eligible says plainly who may get the call.
func eligible(r *callmodel.RouteQuery) []callmodel.AgentID {
	var standard, demand []callmodel.AgentID
	for _, c := range r.Agents {
		switch {
		case !may(r, c) || held(r) && c.Agent.ID != r.Call.Preferred:
		case c.Config.Has(callmodel.CapabilityStandard):
			standard = append(standard, c.Agent.ID)
		default:
			demand = append(demand, c.Agent.ID)
		}
	}
	if len(standard) > 0 {
		return standard
	}
	return demand
}

func TestChooseProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := question(t)
		ch := acd.Router{}.Choose(r)
		if len(ch.Why) != len(r.Agents) {
			t.Fatalf("%d verdicts for %d agents", len(ch.Why), len(r.Agents))
		}
		want, chosen := eligible(r), []callmodel.AgentID{}
		for _, i := range ch.Agents {
			chosen = append(chosen, r.Agents[i].Agent.ID)
		}
		for i, v := range ch.Why {
			able := slices.Contains(want, v.Agent)
			switch {
			case v.Agent != r.Agents[i].Agent.ID || v.Why == "":
				t.Fatalf("verdict %d is %+v, agent is %s", i, v, r.Agents[i].Agent.ID)
			case able != (v.Why == callmodel.WhyChosen || v.Why == callmodel.WhyLater):
				t.Fatalf("%+v; may get it: %v", v, want)
			case slices.Contains(ch.Agents, i) != (v.Why == callmodel.WhyChosen):
				t.Fatalf("%+v; chosen: %v", v, chosen)
			case !able && v.Key != 0:
				t.Fatalf("%+v has a key and may not get the call", v)
			}
		}
		checkChosen(t, r, ch, want, chosen)
		checkOrderOfAgents(t, r, ch, chosen)
	})
}

// checkChosen: all of them with ring-all, else the one with the lowest key, and
// the lower number on a tie.
func checkChosen(t *rapid.T, r *callmodel.RouteQuery, ch callmodel.Choice, want, chosen []callmodel.AgentID) {
	switch {
	case r.Queue.Strategy == callmodel.RingAll:
		if !slices.Equal(want, chosen) {
			t.Fatalf("ring-all chose %v of %v", chosen, want)
		}
	case len(want) == 0:
		if len(chosen) != 0 {
			t.Fatalf("chose %v of nobody", chosen)
		}
	case len(chosen) != 1:
		t.Fatalf("chose %v", chosen)
	default:
		best := ch.Why[ch.Agents[0]]
		for i, v := range ch.Why {
			if v.Why == callmodel.WhyLater && (v.Key < best.Key || v.Key == best.Key && i < ch.Agents[0]) {
				t.Fatalf("chose %+v, but %+v", best, v)
			}
		}
	}
}

// checkOrderOfAgents asks again with the agents in another order: the same
// agents, keys and verdicts must come out.
func checkOrderOfAgents(t *rapid.T, r *callmodel.RouteQuery, ch callmodel.Choice, chosen []callmodel.AgentID) {
	mixed := *r
	mixed.Agents = rapid.Permutation(r.Agents).Draw(t, "order")
	got := acd.Router{}.Choose(&mixed)
	for n, i := range got.Agents {
		if n >= len(chosen) || mixed.Agents[i].Agent.ID != chosen[n] {
			t.Fatalf("in another order: chose %v, not %v", got.Agents, chosen)
		}
	}
	if len(got.Agents) != len(chosen) {
		t.Fatalf("in another order: %d chosen, not %v", len(got.Agents), chosen)
	}
	for _, v := range got.Why {
		if !slices.Contains(ch.Why, v) {
			t.Fatalf("in another order: %+v is not in %+v", v, ch.Why)
		}
	}
}

func TestStepProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := question(t)
		need, next := acd.Router{}.Step(r.Queue, r.Call, r.Waited)
		if next != 0 && next <= r.Waited {
			t.Fatalf("next step at %d, waited %d", next, r.Waited)
		}
		for at := r.Waited; at < max(next, r.Waited+1); at++ {
			same, then := acd.Router{}.Step(r.Queue, r.Call, at)
			if !slices.Equal(same, need) || then != next {
				t.Fatalf("at %d: %v, %d; at %d: %v, %d", r.Waited, need, next, at, same, then)
			}
		}
	})
}

func TestPickCallProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 8).Draw(t, "n")
		queues, calls := make([]*callmodel.QueueConfig, n), make([]*callmodel.Call, n)
		prio := rapid.IntRange(-2, 2)
		for i := range n {
			queues[i] = &callmodel.QueueConfig{Priority: prio.Draw(t, "queue")}
			calls[i] = &callmodel.Call{Order: uint64(i+1) * 7919 % 31, Priority: prio.Draw(t, "call")}
		}
		got := acd.Router{}.PickCall(nil, queues, calls, 0)
		if n == 0 && got == -1 {
			return
		}
		sum := func(i int) int { return queues[i].Priority + calls[i].Priority }
		for i := range n {
			if sum(i) > sum(got) || sum(i) == sum(got) && calls[i].Order < calls[got].Order {
				t.Fatalf("picked %d (priority %d, order %d), not %d (%d, %d)", got, sum(got), calls[got].Order, i, sum(i), calls[i].Order)
			}
		}
	})
}
