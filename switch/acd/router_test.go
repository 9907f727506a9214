package acd_test

import (
	"slices"
	"testing"
	"time"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
)

func capable(of ...callmodel.Capability) func(*callmodel.Agent, *callmodel.AgentConfig) {
	return func(_ *callmodel.Agent, c *callmodel.AgentConfig) { c.Capabilities = of }
}

func state(s callmodel.AgentState) func(*callmodel.Agent, *callmodel.AgentConfig) {
	return func(a *callmodel.Agent, _ *callmodel.AgentConfig) { a.State = s }
}

func skill(id string, level int) func(*callmodel.Agent, *callmodel.AgentConfig) {
	return func(_ *callmodel.Agent, c *callmodel.AgentConfig) {
		c.Skills = append(c.Skills, callmodel.AgentSkill{Skill: id, Level: level})
	}
}

func phoneOff(a *callmodel.Agent, _ *callmodel.AgentConfig) { a.PhoneOff = true }
func removed(a *callmodel.Agent, _ *callmodel.AgentConfig)  { a.Removed = true }

func elsewhere(a *callmodel.Agent, _ *callmodel.AgentConfig) { a.Elsewhere = "support@a1" }

// TestEveryReason gives one agent every reason at once and takes away the
// first, again and again: the verdicts must come in the stated order.
func TestEveryReason(t *testing.T) {
	t.Parallel()
	anna := with(ready("anna", 1), state(callmodel.LoggedOut), phoneOff, elsewhere, capable(callmodel.CapabilityDirector))
	bernd := ready("bernd", 2)
	bernd.Config.Skills = []callmodel.AgentSkill{{Skill: "german", Level: 50}}
	r := ask(callmodel.LongestIdle, anna, bernd)
	r.Queue.Skills = []callmodel.SkillStep{{Need: []callmodel.SkillNeed{{Skill: "german", Level: 50}}}}
	r.Call.Refused = []callmodel.AgentID{"anna"}
	r.Call.Required = []callmodel.AgentID{"bernd"}
	r.Call.Preferred = "bernd"
	r.Agents[0].Off = true
	steps := []struct {
		want callmodel.Why
		take func()
	}{
		{callmodel.WhyLoggedOut, func() { anna.Agent.State = callmodel.NotReady }},
		{callmodel.WhySignedOut, func() { r.Agents[0].Off = false }},
		{callmodel.WhyNotReady, func() { anna.Agent.State = callmodel.InWrapUp }},
		{callmodel.WhyBusy, func() { anna.Agent.State = callmodel.Ready }},
		{callmodel.WhyPhoneOff, func() { anna.Agent.PhoneOff = false }},
		{callmodel.WhyElsewhere, func() { anna.Agent.Elsewhere = "" }},
		{callmodel.WhyRefused, func() { r.Call.Refused = nil }},
		{callmodel.WhyDirector, func() { anna.Config.Capabilities = []callmodel.Capability{callmodel.CapabilityOnDemand} }},
		{callmodel.WhyNotRequired, func() { r.Call.Required = nil }},
		{callmodel.WhySkill, func() { skill("german", 99)(nil, anna.Config) }},
		{callmodel.WhyNotPreferred, func() { r.Waited = 30 * time.Second }},
		{callmodel.WhyOnDemand, func() { anna.Config.Capabilities = nil }},
		{callmodel.WhyChosen, func() {}},
	}
	for _, s := range steps {
		ch := acd.Router{}.Choose(r)
		if got := ch.Why[0].Why; got != s.want {
			t.Fatalf("got %q, want %q", got, s.want)
		}
		s.take()
	}
}

func TestWhoMayGetIt(t *testing.T) {
	t.Parallel()
	on, dir := capable(callmodel.CapabilityOnDemand), capable(callmodel.CapabilityDirector)
	tests := map[string]struct {
		call   callmodel.Call
		waited time.Duration
		agents []callmodel.Candidate
		want   []int
	}{
		"nobody at all": {},
		"on demand, with a standard agent": {
			agents: []callmodel.Candidate{with(ready("a", 1), on), ready("b", 2)}, want: []int{1},
		},
		"on demand, the standard agent is busy": {
			agents: []callmodel.Candidate{with(ready("a", 1), on), with(ready("b", 2), state(callmodel.OnCall))}, want: []int{0},
		},
		"on demand and standard is standard": {
			agents: []callmodel.Candidate{with(ready("a", 1), capable(callmodel.CapabilityOnDemand, callmodel.CapabilityStandard)), ready("b", 2)}, want: []int{0, 1},
		},
		"only a director": {agents: []callmodel.Candidate{with(ready("a", 1), dir)}},
		"removed, or without configuration": {
			agents: []callmodel.Candidate{with(ready("a", 1), removed), {Agent: ready("b", 2).Agent}},
		},
		"preferred, and ready": {
			call: callmodel.Call{Preferred: "b"}, waited: 29 * time.Second,
			agents: []callmodel.Candidate{ready("a", 1), ready("b", 2)}, want: []int{1},
		},
		"preferred on demand": {
			call:   callmodel.Call{Preferred: "b"},
			agents: []callmodel.Candidate{ready("a", 1), with(ready("b", 2), on)}, want: []int{1},
		},
		"preferred and busy: nobody else": {
			call: callmodel.Call{Preferred: "b"}, waited: 29 * time.Second,
			agents: []callmodel.Candidate{ready("a", 1), with(ready("b", 2), state(callmodel.OnCall))},
		},
		"preferred and busy: long enough": {
			call: callmodel.Call{Preferred: "b"}, waited: 30 * time.Second,
			agents: []callmodel.Candidate{ready("a", 1), with(ready("b", 2), state(callmodel.OnCall))}, want: []int{0},
		},
		"preferred and logged out": {
			call:   callmodel.Call{Preferred: "b"},
			agents: []callmodel.Candidate{ready("a", 1), with(ready("b", 2), state(callmodel.LoggedOut))}, want: []int{0},
		},
		"preferred elsewhere": {
			call: callmodel.Call{Preferred: "z"}, agents: []callmodel.Candidate{ready("a", 1)}, want: []int{0},
		},
		"preferred, and has turned it down": {
			call:   callmodel.Call{Preferred: "b", Refused: []callmodel.AgentID{"b"}},
			agents: []callmodel.Candidate{ready("a", 1), ready("b", 2)}, want: []int{0},
		},
		"preferred without the skill": {
			call:   callmodel.Call{Preferred: "b", Skills: []callmodel.SkillNeed{{Skill: "x", Level: 5}}},
			agents: []callmodel.Candidate{with(ready("a", 1), skill("x", 5)), ready("b", 2)}, want: []int{0},
		},
		"required for good": {
			call:   callmodel.Call{Required: []callmodel.AgentID{"b"}},
			agents: []callmodel.Candidate{ready("a", 1), ready("b", 2)}, want: []int{1},
		},
		"required, a microsecond before the end": {
			call:   callmodel.Call{Required: []callmodel.AgentID{"b"}, RequiredTo: 1_000_000_001},
			agents: []callmodel.Candidate{ready("a", 1), ready("b", 2)}, want: []int{1},
		},
		"required, run out": {
			call:   callmodel.Call{Required: []callmodel.AgentID{"b"}, RequiredTo: 1_000_000_000},
			agents: []callmodel.Candidate{ready("a", 1), ready("b", 2)}, want: []int{0, 1},
		},
		"required without the skill": {
			call:   callmodel.Call{Required: []callmodel.AgentID{"b"}, Skills: []callmodel.SkillNeed{{Skill: "x", Level: 5}}},
			agents: []callmodel.Candidate{with(ready("a", 1), skill("x", 5)), with(ready("b", 2), skill("x", 4))},
		},
	}
	for name, tc := range tests {
		r := ask(callmodel.RingAll, tc.agents...)
		r.Call, r.Waited = &tc.call, tc.waited
		if got := (acd.Router{}).Choose(r).Agents; !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v", name, got, tc.want)
		}
	}
}

func TestUnknownStrategyIsLongestIdle(t *testing.T) {
	t.Parallel()
	idle := func(at callmodel.Instant) func(*callmodel.Agent, *callmodel.AgentConfig) {
		return func(a *callmodel.Agent, _ *callmodel.AgentConfig) { a.IdleSince = at }
	}
	r := ask("", with(ready("a", 1), idle(9)), with(ready("b", 2), idle(3)))
	if got := (acd.Router{}).Choose(r).Agents; !slices.Equal(got, []int{1}) {
		t.Errorf("got %v, want [1]", got)
	}
}

func TestPickCall(t *testing.T) {
	t.Parallel()
	queue := func(prio int) *callmodel.QueueConfig { return &callmodel.QueueConfig{Priority: prio} }
	call := func(order uint64, prio int) *callmodel.Call { return &callmodel.Call{Order: order, Priority: prio} }
	tests := map[string]struct {
		queues []*callmodel.QueueConfig
		calls  []*callmodel.Call
		want   int
	}{
		"nothing waits":         {nil, nil, -1},
		"first come":            {[]*callmodel.QueueConfig{queue(0), queue(0)}, []*callmodel.Call{call(7, 0), call(2, 0)}, 1},
		"priority over coming":  {[]*callmodel.QueueConfig{queue(0), queue(5)}, []*callmodel.Call{call(1, 0), call(9, 0)}, 1},
		"the call's own":        {[]*callmodel.QueueConfig{queue(0), queue(5)}, []*callmodel.Call{call(1, 6), call(9, 0)}, 0},
		"the sum decides":       {[]*callmodel.QueueConfig{queue(4), queue(5)}, []*callmodel.Call{call(9, 2), call(1, 0)}, 0},
		"equal sums: who first": {[]*callmodel.QueueConfig{queue(3), queue(5)}, []*callmodel.Call{call(9, 2), call(1, 0)}, 1},
	}
	for name, tc := range tests {
		if got := (acd.Router{}).PickCall(nil, tc.queues, tc.calls, 10); got != tc.want {
			t.Errorf("%s: got %d, want %d", name, got, tc.want)
		}
	}
}

func TestStrategiesAreKnown(t *testing.T) {
	t.Parallel()
	want := []callmodel.Strategy{
		callmodel.LongestIdle, callmodel.RoundRobin, callmodel.FewestCalls, callmodel.LeastTalkTime,
		callmodel.Random, callmodel.Ordered, callmodel.RingAll,
	}
	if got := acd.Strategies(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEstimateHasLimits(t *testing.T) {
	t.Parallel()
	huge := &callmodel.Queue{Handle: 1 << 62, Handles: 1}
	tests := map[string]struct {
		q                     *callmodel.Queue
		ahead, staffed, ready int
		want                  time.Duration
	}{
		"product above 64 bits":      {huge, 1 << 40, 1, 0, acd.MaxEstimate},
		"quotient above 64 bits":     {huge, 79, 20, 0, acd.MaxEstimate}, // 80 * 2^62 = 20 * 2^64
		"no negative places":         {&callmodel.Queue{}, -5, 1, -3, acd.DefaultHandle},
		"negative handle time":       {&callmodel.Queue{Handle: -1, Handles: 1}, 3, 2, 0, 0},
		"nobody staffed, none ready": {&callmodel.Queue{}, 0, 0, 0, acd.Unknown},
	}
	for name, tc := range tests {
		if got := (acd.Router{}).Estimate(tc.q, tc.ahead, tc.staffed, tc.ready); got != tc.want {
			t.Errorf("%s: got %v, want %v", name, got, tc.want)
		}
	}
}

// TestRandomIsEven draws often: the share of nobody may be off by more than
// five standard deviations, and nothing but the number drawn may decide.
func TestRandomIsEven(t *testing.T) {
	t.Parallel()
	const n, draws = 7, 70_000
	agents := crowd(40)
	left := 0
	for i := range agents {
		agents[i].Agent.State = callmodel.OnCall
		if i%5 == 0 && left < n {
			agents[i].Agent.State = callmodel.Ready
			left++
		}
	}
	r := ask(callmodel.Random, agents...)
	got := make([]int, len(agents))
	for range draws {
		r.Random = r.Random*6364136223846793005 + 1442695040888963407
		got[acd.Router{}.Choose(r).Agents[0]]++
	}
	for i, c := range got {
		switch {
		case agents[i].Agent.State != callmodel.Ready && c != 0:
			t.Errorf("agent %d is busy and was drawn %d times", i, c)
		case agents[i].Agent.State == callmodel.Ready && (c < draws/n-470 || c > draws/n+470):
			t.Errorf("agent %d was drawn %d times of %d", i, c, draws)
		}
	}
}
