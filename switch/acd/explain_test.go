package acd_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
)

// clock shows instant 0 as 14:00:00.
func clock(at callmodel.Instant) time.Time {
	return time.Date(2026, 3, 2, 14, 0, 0, 0, time.UTC).Add(at.Sub(0))
}

const minute = callmodel.Instant(time.Minute / time.Microsecond)

func mustBe(t *testing.T, got []string, want string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.TrimSpace(want); g != w {
		t.Errorf("got:\n%s\nwant:\n%s", g, w)
	}
}

func shift() *callmodel.RouteQuery {
	since := func(s callmodel.AgentState, at callmodel.Instant, reason string) func(*callmodel.Agent, *callmodel.AgentConfig) {
		return func(a *callmodel.Agent, _ *callmodel.AgentConfig) {
			a.State, a.Since, a.IdleSince, a.Reason = s, at, at, reason
		}
	}
	at := 10 * minute
	phone := func(a *callmodel.Agent, _ *callmodel.AgentConfig) {
		a.PhoneOff, a.Station.Endpoint = true, "107"
	}
	r := ask(callmodel.LongestIdle,
		with(ready("anna", 1), since(callmodel.Ready, 7*minute, ""), skill("german", 80)),
		with(ready("bernd", 2), since(callmodel.OnCall, 2*minute, "")),
		with(ready("carl", 3), since(callmodel.Ready, 8*minute, ""), skill("german", 60)),
		with(ready("dora", 4), since(callmodel.Ready, minute, ""), skill("german", 40)),
		with(ready("emil", 5), since(callmodel.NotReady, 9*minute, "lunch")),
		with(ready("frida", 6), since(callmodel.LoggedOut, 3*minute, "")),
		with(ready("gustav", 7), since(callmodel.Ready, minute, ""), phone),
		with(ready("hanna", 8), since(callmodel.Ready, minute, ""), capable(callmodel.CapabilityDirector)),
		with(ready("ida", 9), since(callmodel.Ready, minute, ""), skill("german", 70), capable(callmodel.CapabilityOnDemand)),
		with(ready("jan", 10), since(callmodel.Ready, minute, ""), skill("german", 100)),
		with(ready("kira", 11), since(callmodel.Ready, 7*minute, ""), skill("german", 90)),
	)
	r.Now, r.Waited, r.Queue.ID = at, 25*time.Second, "sales"
	r.Queue.Skills = []callmodel.SkillStep{
		{Need: []callmodel.SkillNeed{{Skill: "german", Level: 60}}},
		{After: time.Minute, Need: []callmodel.SkillNeed{{Skill: "german", Level: 20}}},
		{After: 5 * time.Minute},
	}
	r.Call.Refused = []callmodel.AgentID{"jan"}
	return r
}

func TestExplainChoice(t *testing.T) {
	t.Parallel()
	r := shift()
	mustBe(t, acd.ExplainChoice(r, acd.Router{}.Choose(r), clock), `
queue sales, longest-idle, at 14:10:00, after 25 s of waiting; needs german >= 60
anna: chosen: idle for 3 min 0 s
bernd: busy since 14:02:00 (on-call)
carl: could have got it: idle for 2 min 0 s
dora: lacks german >= 60 (has 40); the rule relaxes to 20 in 35 s
emil: not ready since 14:09:00 (lunch)
frida: logged out since 14:03:00
gustav: phone 107 not registered
hanna: is a director, who gets no calls of queues
ida: on demand only, and a standard agent could get it
jan: has turned this call down
kira: could have got it: idle for 3 min 0 s too, the lower number comes first`)
}

func TestExplainHeldCall(t *testing.T) {
	t.Parallel()
	r := shift()
	r.Agents = r.Agents[:4]
	r.Call.Preferred = "bernd"
	r.Call.Required = []callmodel.AgentID{"bernd", "carl", "dora"}
	r.Call.RequiredTo = 11 * minute
	r.Queue.Skills[0].Need[0].Level = 0
	skill("german", 1)(nil, r.Agents[1].Config)
	mustBe(t, acd.ExplainChoice(r, acd.Router{}.Choose(r), nil), `
queue sales, longest-idle, at the time of the decision, after 25 s of waiting; needs german >= 0
nobody could get it
anna: required is bernd or carl or dora for another 1 min 0 s
bernd: busy since 8 min 0 s before (on-call)
carl: bernd is preferred for another 5 s
dora: bernd is preferred for another 5 s`)
}

// TestExplainLater: what the agents have done since the decision is not told
// as if it had been so then, and without facts the verdicts alone are told.
func TestExplainLater(t *testing.T) {
	t.Parallel()
	r := shift()
	ch := acd.Router{}.Choose(r)
	d := &callmodel.RouteDecision{At: r.Now, Queue: "sales", Strategy: callmodel.LongestIdle, Waited: r.Waited, Agents: ch.Why[:5], More: 6}
	d.Need, _ = acd.Router{}.Step(r.Queue, r.Call, r.Waited)
	mustBe(t, acd.Explain(d, acd.Facts{}), `
queue sales, longest-idle, at the time of the decision, after 25 s of waiting; needs german >= 60
anna: chosen: idle for 3 min 0 s
bernd: busy
carl: could have got it: idle for 2 min 0 s
dora: lacks a skill
emil: not ready
and 6 more agents, whose verdicts were not kept`)
	bernd, emil := r.Agents[1].Agent, r.Agents[4].Agent
	bernd.State, bernd.Since = callmodel.Ready, 12*minute
	emil.State, emil.Since = callmodel.NotReady, 13*minute
	now := acd.Facts{Clock: clock, Queue: r.Queue, Call: r.Call, Agent: func(id callmodel.AgentID) (*callmodel.Agent, *callmodel.AgentConfig) {
		for _, c := range r.Agents {
			if c.Agent.ID == id {
				return c.Agent, c.Config
			}
		}
		return nil, nil
	}}
	got := acd.Explain(d, now)
	for _, line := range []string{"bernd: busy", "emil: not ready"} {
		if !slices.Contains(got, line) {
			t.Errorf("no line %q in %q", line, got)
		}
	}
	if got := acd.Explain(nil, now); got != nil {
		t.Errorf("no decision: got %q", got)
	}
}

func TestExplainSkills(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*callmodel.RouteQuery)
		want   string
	}{
		"dropped next": {
			func(r *callmodel.RouteQuery) { r.Waited = 100 * time.Second },
			"dora: lacks german >= 20 (has 10); the rule drops it in 3 min 20 s",
		},
		"never relaxed": {
			func(r *callmodel.RouteQuery) { r.Queue.Skills = r.Queue.Skills[:1] },
			"dora: lacks german >= 60 (has 10)",
		},
		"the call's own": {
			func(r *callmodel.RouteQuery) {
				r.Call.Skills = []callmodel.SkillNeed{{Skill: "medical", Level: 5}, {Skill: "german", Level: 11}}
			},
			"dora: lacks medical >= 5 (has 0); lacks german >= 11 (has 10)",
		},
		"harder before it is dropped": {
			func(r *callmodel.RouteQuery) { r.Queue.Skills[1].Need[0].Level = 90 },
			"dora: lacks german >= 60 (has 10); the rule drops it in 4 min 35 s",
		},
	}
	for name, tc := range tests {
		r := shift()
		r.Agents[3].Config.Skills[0].Level = 10
		tc.change(r)
		if got := acd.ExplainChoice(r, acd.Router{}.Choose(r), clock); !slices.Contains(got, tc.want) {
			t.Errorf("%s: no line %q in\n%s", name, tc.want, strings.Join(got, "\n"))
		}
	}
}

// TestExplainStrategies: every strategy says what it compared.
func TestExplainStrategies(t *testing.T) {
	t.Parallel()
	tests := map[callmodel.Strategy][]string{
		callmodel.LongestIdle:   {"anna: chosen: idle for 1 h 1 min", "bernd: could have got it: idle for 1 min 0 s"},
		callmodel.RoundRobin:    {"anna: chosen: 1 after the agent of the last call", "bernd: could have got it: 2 after the agent of the last call"},
		callmodel.FewestCalls:   {"anna: chosen: has answered 3 calls since login", "bernd: could have got it: has answered 4 calls since login"},
		callmodel.LeastTalkTime: {"anna: chosen: has talked for 30 s since login", "bernd: could have got it: has talked for 1 min 1 s since login"},
		callmodel.Random:        {"anna: chosen: drawn", "bernd: could have got it: 1 after the drawn agent"},
		callmodel.Ordered:       {"anna: chosen: has rank 5", "bernd: could have got it: has no rank"},
		callmodel.RingAll:       {"anna: chosen: everybody who may get it rings", "bernd: chosen: everybody who may get it rings"},
	}
	for _, s := range acd.Strategies() {
		r := ask(s, ready("anna", 1), ready("bernd", 2))
		r.Now = 62 * minute
		a, b := r.Agents[0], r.Agents[1]
		a.Agent.IdleSince, b.Agent.IdleSince = minute, 61*minute
		a.Agent.Handled, b.Agent.Handled = 3, 4
		a.Agent.Talk, b.Agent.Talk = 30*time.Second, 61*time.Second
		a.Config.Ranks = []callmodel.QueueRank{{Queue: queueID, Rank: 5}}
		if got := acd.ExplainChoice(r, acd.Router{}.Choose(r), clock)[1:]; !slices.Equal(got, tests[s]) {
			t.Errorf("%s: got %q, want %q", s, got, tests[s])
		}
	}
}
