package acd

import (
	"slices"
	"time"

	"strowger/switch/callmodel"
)

// verdicts says for each agent whether they may get the call: WhyLater where
// they may. It returns how many may.
func verdicts(r *callmodel.RouteQuery) (why []callmodel.Verdict, eligible int) {
	f := newFilter(r)
	why = make([]callmodel.Verdict, len(r.Agents))
	standard, onDemand := 0, 0
	for i := range r.Agents {
		w := f.check(&r.Agents[i])
		why[i] = callmodel.Verdict{Agent: r.Agents[i].Agent.ID, Why: w}
		switch w {
		case callmodel.WhyLater:
			standard++
		case callmodel.WhyOnDemand:
			onDemand++
		default: // may not get it
		}
	}
	if standard > 0 || onDemand == 0 {
		return why, standard
	}
	for i := range why {
		if why[i].Why == callmodel.WhyOnDemand {
			why[i].Why = callmodel.WhyLater
		}
	}
	return why, onDemand
}

// filter is what one question asks of an agent.
type filter struct {
	call      *callmodel.Call
	need      []callmodel.SkillNeed
	required  []callmodel.AgentID // nil: anybody
	preferred callmodel.AgentID   // empty: nobody is preferred, or no longer
}

func newFilter(r *callmodel.RouteQuery) filter {
	f := filter{call: r.Call, required: required(r.Call, r.Now)}
	f.need, _ = Router{}.Step(r.Queue, r.Call, r.Waited)
	if r.Call.Preferred == "" || r.Waited >= r.Queue.PreferredWait {
		return f
	}
	for i := range r.Agents {
		c := &r.Agents[i]
		if c.Agent.ID == r.Call.Preferred && present(c) && !c.Off && f.barred(c) == "" {
			f.preferred = r.Call.Preferred
		}
	}
	return f
}

// required returns the agents of whom one must get the call at an instant, nil
// for anybody.
func required(c *callmodel.Call, now callmodel.Instant) []callmodel.AgentID {
	if c.RequiredTo != 0 && now >= c.RequiredTo {
		return nil
	}
	return c.Required
}

// check returns the first reason against an agent. Without one it is WhyLater,
// or WhyOnDemand for agents who come in only where no standard agent may.
func (f *filter) check(c *callmodel.Candidate) callmodel.Why {
	switch {
	case !present(c):
		return callmodel.WhyLoggedOut
	case c.Off:
		return callmodel.WhySignedOut
	}
	switch c.Agent.State {
	case callmodel.Ready:
	case callmodel.Reserved, callmodel.OnCall, callmodel.InWrapUp:
		return callmodel.WhyBusy
	case callmodel.NotReady, callmodel.LoggedOut:
		return callmodel.WhyNotReady
	default:
		return callmodel.WhyNotReady
	}
	if c.Away {
		return callmodel.WhyServerAway
	}
	if c.Agent.PhoneOff {
		return callmodel.WhyPhoneOff
	}
	if c.Agent.Elsewhere != "" {
		return callmodel.WhyElsewhere
	}
	if w := f.barred(c); w != "" {
		return w
	}
	if f.preferred != "" && f.preferred != c.Agent.ID {
		return callmodel.WhyNotPreferred
	}
	if c.Config.Has(callmodel.CapabilityOnDemand) && !c.Config.Has(callmodel.CapabilityStandard) {
		return callmodel.WhyOnDemand
	}
	return callmodel.WhyLater
}

// present reports whether the agent is configured and logged in.
func present(c *callmodel.Candidate) bool {
	return c.Config != nil && !c.Agent.Removed && c.Agent.State != callmodel.LoggedOut
}

// barred returns what stands between this agent and this call, however ready
// the agent may be; empty for nothing.
func (f *filter) barred(c *callmodel.Candidate) callmodel.Why {
	switch {
	case slices.Contains(f.call.Refused, c.Agent.ID):
		return callmodel.WhyRefused
	case director(c.Config):
		return callmodel.WhyDirector
	case len(f.required) > 0 && !slices.Contains(f.required, c.Agent.ID):
		return callmodel.WhyNotRequired
	case !skilled(c.Config, f.need):
		return callmodel.WhySkill
	case c.Far:
		return callmodel.WhyFar
	}
	return ""
}

func director(a *callmodel.AgentConfig) bool {
	return a.Has(callmodel.CapabilityDirector) && !a.Has(callmodel.CapabilityStandard) && !a.Has(callmodel.CapabilityOnDemand)
}

// skilled reports whether an agent has every skill at its level.
func skilled(a *callmodel.AgentConfig, need []callmodel.SkillNeed) bool {
	for i := range need {
		if a.Skill(need[i].Skill) < need[i].Level {
			return false
		}
	}
	return true
}

// Step returns the skill needs that hold for a call that has waited for so
// long: those of the call itself where it has any, else those of the queue's
// step with the highest After that has passed; none before the first step. next
// is the waiting time, on the scale of After, from which other needs hold; 0
// where these hold for good.
func (Router) Step(q *callmodel.QueueConfig, c *callmodel.Call, waited time.Duration) (need []callmodel.SkillNeed, next time.Duration) {
	if len(c.Skills) > 0 {
		return c.Skills, 0
	}
	found := -1
	for i := range q.Skills {
		after := q.Skills[i].After
		switch {
		case after > waited:
			if next == 0 || after < next {
				next = after
			}
		case found < 0 || after >= q.Skills[found].After:
			found = i
		}
	}
	if found < 0 {
		return nil, next
	}
	return q.Skills[found].Need, next
}
