package acd

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"strowger/switch/callmodel"
)

// Facts is what [Explain] may look up to say more than a verdict does. Every
// field may be left out; the text then says less. The facts may be newer than
// the decision: what has changed since is not told as if it had been so.
type Facts struct {
	// Agent returns an agent as they are now, with their configuration; either
	// may be nil.
	Agent func(callmodel.AgentID) (*callmodel.Agent, *callmodel.AgentConfig)
	Queue *callmodel.QueueConfig // the decision's queue
	Call  *callmodel.Call        // the call that was decided on
	// Clock converts an instant to the time of day to show, in the zone to show
	// (callmodel.View.WallTime). Without it times are told as so long before.
	Clock func(callmodel.Instant) time.Time
}

// Explain puts a decision into words, one line for the question and one per
// agent, the chosen ones first, in the order of the decision: why this agent,
// and why not each other. The same decision and facts give the same lines; nil
// where there is no decision.
func Explain(d *callmodel.RouteDecision, f Facts) []string {
	if d == nil {
		return nil
	}
	x := explainer{d: d, f: f}
	for i := range d.Agents {
		if d.Agents[i].Why == callmodel.WhyChosen {
			x.chosen++
			x.key = d.Agents[i].Key
		}
	}
	lines := make([]string, 0, len(d.Agents)+3)
	lines = append(lines, x.question())
	if x.chosen == 0 {
		lines = append(lines, "nobody could get it")
	}
	for i := range d.Agents {
		v := &d.Agents[i]
		lines = append(lines, string(v.Agent)+": "+x.verdict(v))
	}
	if d.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more agents, whose verdicts were not kept", d.More))
	}
	return lines
}

// ExplainChoice is [Explain] for a question that has just been asked, with all
// its agents. clock may be nil.
func ExplainChoice(r *callmodel.RouteQuery, ch callmodel.Choice, clock func(callmodel.Instant) time.Time) []string {
	need, _ := Router{}.Step(r.Queue, r.Call, r.Waited)
	d := &callmodel.RouteDecision{At: r.Now, Queue: r.Queue.ID, Strategy: r.Queue.Strategy, Waited: r.Waited, Need: need}
	chosen := make(map[int]bool, len(ch.Agents))
	for _, i := range ch.Agents {
		chosen[i] = true
		d.Agents = append(d.Agents, ch.Why[i])
	}
	for i := range ch.Why {
		if !chosen[i] {
			d.Agents = append(d.Agents, ch.Why[i])
		}
	}
	find := func(id callmodel.AgentID) (*callmodel.Agent, *callmodel.AgentConfig) {
		for i := range r.Agents {
			if r.Agents[i].Agent.ID == id {
				return r.Agents[i].Agent, r.Agents[i].Config
			}
		}
		return nil, nil
	}
	return Explain(d, Facts{Agent: find, Queue: r.Queue, Call: r.Call, Clock: clock})
}

type explainer struct {
	d      *callmodel.RouteDecision
	f      Facts
	chosen int   // how many
	key    int64 // of the last chosen
}

// question is the line that says what was decided.
func (x *explainer) question() string {
	var b strings.Builder
	fmt.Fprintf(&b, "queue %s, %s, at %s, after %s of waiting", x.d.Queue, x.d.Strategy, x.when(x.d.At), span(x.d.Waited))
	if len(x.d.Need) == 0 {
		b.WriteString("; no skill needed")
		return b.String()
	}
	b.WriteString("; needs ")
	for i, n := range x.d.Need {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s >= %d", n.Skill, n.Level)
	}
	if x.f.Call != nil && len(x.f.Call.Skills) > 0 {
		b.WriteString(" (asked for by the call itself)")
	}
	return b.String()
}

// verdict says why one agent was, or was not, offered the call.
func (x *explainer) verdict(v *callmodel.Verdict) string {
	a, cfg := x.agent(v.Agent)
	switch v.Why {
	case callmodel.WhyChosen:
		return "chosen: " + x.compared(v.Key)
	case callmodel.WhyLater:
		return x.later(v.Key)
	case callmodel.WhyLoggedOut, callmodel.WhyNotReady, callmodel.WhyBusy:
		return x.state(v.Why, a)
	case callmodel.WhyPhoneOff:
		if a != nil && a.Station.Endpoint != "" {
			return fmt.Sprintf("phone %s not registered", a.Station.Endpoint)
		}
		return string(v.Why)
	case callmodel.WhyServerAway:
		if a != nil && a.Station.Node != "" {
			return fmt.Sprintf("the phone's telephony server %s is out of reach", a.Station.Node)
		}
		return string(v.Why)
	case callmodel.WhyFar:
		return "its station is nailed up at another telephony server than the call"
	case callmodel.WhyElsewhere:
		if a != nil && a.Elsewhere != "" {
			return fmt.Sprintf("phone %s is in a call of %s, which another queue system serves", a.Station.Endpoint, a.Elsewhere)
		}
		return string(v.Why)
	case callmodel.WhySkill:
		return x.lacks(cfg)
	case callmodel.WhyNotPreferred:
		return x.notPreferred()
	case callmodel.WhyNotRequired:
		return x.notRequired()
	case callmodel.WhyDirector:
		return "is a director, who gets no calls of queues"
	case callmodel.WhyOnDemand:
		return "on demand only, and a standard agent could get it"
	case callmodel.WhyRefused, callmodel.WhySignedOut:
		return string(v.Why)
	}
	return string(v.Why)
}

// compared says what the strategy saw in an agent.
func (x *explainer) compared(key int64) string {
	switch x.d.Strategy {
	case callmodel.RoundRobin:
		return fmt.Sprintf("%d after the agent of the last call", key)
	case callmodel.FewestCalls:
		return fmt.Sprintf("has answered %d calls since login", key)
	case callmodel.LeastTalkTime:
		return fmt.Sprintf("has talked for %s since login", span(time.Duration(key)))
	case callmodel.Random:
		if key == 0 {
			return "drawn"
		}
		return fmt.Sprintf("%d after the drawn agent", key)
	case callmodel.Ordered:
		if key == unranked() {
			return "has no rank"
		}
		return fmt.Sprintf("has rank %d", key)
	case callmodel.RingAll:
		return "everybody who may get it rings"
	case callmodel.LongestIdle:
	}
	return fmt.Sprintf("idle for %s", span(x.d.At.Sub(callmodel.Instant(key))))
}

// unranked is what AgentConfig.Rank returns for an agent without a rank.
func unranked() int64 { return int64((&callmodel.AgentConfig{}).Rank("")) }

func (x *explainer) later(key int64) string {
	if x.chosen > 0 && key == x.key {
		return "could have got it: " + x.compared(key) + " too, the lower number comes first"
	}
	return "could have got it: " + x.compared(key)
}

// state says since when an agent has been logged out, not ready or busy, where
// they still are.
func (x *explainer) state(w callmodel.Why, a *callmodel.Agent) string {
	if a == nil || a.Since > x.d.At || !sameState(w, a.State) {
		return string(w)
	}
	s := fmt.Sprintf("%s since %s", w, x.when(a.Since))
	switch {
	case w == callmodel.WhyBusy:
		return s + " (" + a.State.String() + ")"
	case w == callmodel.WhyNotReady && a.Reason != "":
		return s + " (" + a.Reason + ")"
	}
	return s
}

// sameState reports whether an agent's state is one that the verdict is about.
func sameState(w callmodel.Why, s callmodel.AgentState) bool {
	switch s {
	case callmodel.LoggedOut:
		return w == callmodel.WhyLoggedOut
	case callmodel.NotReady:
		return w == callmodel.WhyNotReady
	case callmodel.Reserved, callmodel.OnCall, callmodel.InWrapUp:
		return w == callmodel.WhyBusy
	case callmodel.Ready:
	}
	return false
}

// lacks lists the skills that an agent falls short of, and when each is asked
// for no more, or less of it.
func (x *explainer) lacks(cfg *callmodel.AgentConfig) string {
	if cfg == nil {
		return string(callmodel.WhySkill)
	}
	var out []string
	for _, n := range x.d.Need {
		have := cfg.Skill(n.Skill)
		if have >= n.Level {
			continue
		}
		s := fmt.Sprintf("lacks %s >= %d (has %d)", n.Skill, n.Level, have)
		if r := x.relaxes(n); r != "" {
			s += "; " + r
		}
		out = append(out, s)
	}
	if len(out) == 0 { // the agent's skills have changed since
		return string(callmodel.WhySkill)
	}
	return strings.Join(out, "; ")
}

// relaxes says when the queue's rule asks for less of a skill, empty for never.
func (x *explainer) relaxes(n callmodel.SkillNeed) string {
	if x.f.Queue == nil || x.f.Call == nil || len(x.f.Call.Skills) > 0 {
		return ""
	}
	for at := x.d.Waited; ; {
		_, next := Router{}.Step(x.f.Queue, x.f.Call, at)
		if next == 0 {
			return ""
		}
		at = next
		level := 0
		need, _ := Router{}.Step(x.f.Queue, x.f.Call, at)
		for _, m := range need {
			if m.Skill == n.Skill {
				level = m.Level
			}
		}
		switch in := span(at - x.d.Waited); {
		case level == 0:
			return "the rule drops it in " + in
		case level < n.Level:
			return "the rule relaxes to " + strconv.Itoa(level) + " in " + in
		}
	}
}

func (x *explainer) notPreferred() string {
	if x.f.Call == nil || x.f.Call.Preferred == "" {
		return string(callmodel.WhyNotPreferred)
	}
	s := string(x.f.Call.Preferred) + " is preferred"
	if x.f.Queue != nil && x.f.Queue.PreferredWait > x.d.Waited {
		s += " for another " + span(x.f.Queue.PreferredWait-x.d.Waited)
	}
	return s
}

func (x *explainer) notRequired() string {
	if x.f.Call == nil || len(required(x.f.Call, x.d.At)) == 0 {
		return string(callmodel.WhyNotRequired)
	}
	names := make([]string, len(x.f.Call.Required))
	for i, id := range x.f.Call.Required {
		names[i] = string(id)
	}
	s := "required is " + strings.Join(names, " or ")
	if x.f.Call.RequiredTo != 0 {
		s += " for another " + span(x.f.Call.RequiredTo.Sub(x.d.At))
	}
	return s
}

func (x *explainer) agent(id callmodel.AgentID) (*callmodel.Agent, *callmodel.AgentConfig) {
	if x.f.Agent == nil {
		return nil, nil
	}
	return x.f.Agent(id)
}

// when shows an instant as a time of day, or as so long before the decision.
func (x *explainer) when(t callmodel.Instant) string {
	if x.f.Clock != nil {
		if at := x.f.Clock(t); !at.IsZero() {
			return at.Format("15:04:05")
		}
	}
	if t == x.d.At {
		return "the time of the decision"
	}
	return span(x.d.At.Sub(t)) + " before"
}

// span shows a time as "35 s", "2 min 5 s" or "3 h 20 min".
func span(d time.Duration) string {
	s := int64(max(d, 0).Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	}
	return fmt.Sprintf("%d h %d min", s/3600, s%3600/60)
}
