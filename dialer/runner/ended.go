package runner

import (
	"time"

	"strowger/dialer/lead"
	"strowger/dialer/pacing"
	"strowger/dialer/rule"
	"strowger/switch/callmodel"
)

// endedOf is how a call has ended, as its last picture shows it.
func endedOf(c *callmodel.Call) Ended {
	customer, by := &c.Conns[0], ""
	e := Ended{Outcome: c.Outcome, Cause: int(customer.Cause), Tech: customer.TechCause, Block: customer.DoNotCall, Digit: customer.DoNotCall}
	if c.Dial != nil {
		e.Own = c.Dial.Own
		e.Rang = customer.AskedAt != 0 && RangFor(c.Outcome, c.Dial.CutShort, c.OverAt.Sub(customer.AskedAt))
	}
	for i := range c.Conns {
		conn := &c.Conns[i]
		if conn.Role != callmodel.RoleAgent {
			continue
		}
		if conn.ConnectedAt != 0 || e.Agent == "" {
			e.Agent = string(conn.Agent)
		}
		if len(conn.Codes) > 0 {
			e.Codes = conn.Codes
		}
		if conn.Callback != nil {
			e.Callback, by = conn.Callback, string(conn.Agent)
		}
		e.Block = e.Block || conn.DoNotCall
		if conn.RejectReason != "" {
			e.Rejected = conn.RejectReason
		}
	}
	if e.Callback != nil && e.Callback.Mine { // who has promised it, whoever talked last
		e.Agent = by
	}
	return e
}

// RangFor reports whether an attempt was given up after the phone had rung for
// as long as the law wants: then it is one of the times that they were called.
func RangFor(o callmodel.Outcome, cutShort bool, ring time.Duration) bool {
	return o == callmodel.OutcomeCancelled && !cutShort && ring >= pacing.DefaultRingLeast
}

// words are the outcomes whose result needs no cause.
var words = map[callmodel.Outcome]lead.Result{
	callmodel.OutcomeHandled:       lead.Talked,
	callmodel.OutcomeTalked:        lead.Talked,
	callmodel.OutcomeTransferred:   lead.Talked,
	callmodel.OutcomeDropped:       lead.Dropped,
	callmodel.OutcomeAbandoned:     lead.Abandoned,
	callmodel.OutcomeAbandonedRing: lead.Abandoned,
	callmodel.OutcomeShortAnswer:   lead.ShortAnswer,
	callmodel.OutcomeMachine:       lead.Machine,
	callmodel.OutcomeFax:           lead.Fax,
	callmodel.OutcomeSIT:           lead.SITTone,
	callmodel.OutcomeMessage:       lead.Message,
	callmodel.OutcomeOptOut:        lead.OptOut,
	callmodel.OutcomeSkipped:       lead.Skipped,
	callmodel.OutcomeAgentRejected: lead.AgentRejected,
	callmodel.OutcomeCancelled:     lead.Cancelled,
	callmodel.OutcomeNotStarted:    lead.NotStarted,
}

// resultOf is what an end means for the lead.
func resultOf(e Ended) lead.Result {
	switch o := e.Outcome; {
	case o == callmodel.OutcomeNoAnswer || o == callmodel.OutcomeBusy || o == callmodel.OutcomeFailed:
		return rule.Classify(rule.Tried{Own: e.Own, Cause: e.Cause, Tech: e.Tech})
	case o == callmodel.OutcomeCancelled && e.Rang:
		return lead.NoAnswer // their phone has rung, and nobody came: it is one of the times that they were called
	case o == callmodel.OutcomeSkipped && e.Rejected == string(callmodel.ResultAgentRejected):
		return lead.AgentRejected
	}
	if r, known := words[e.Outcome]; known {
		return r
	}
	return lead.UnknownEnd
}

// finish settles an attempt.
func (r *Runner) finish(a *attempt, e Ended) {
	delete(r.attempts, a.Attempt)
	run := r.runs[a.campaign]
	result := resultOf(e)
	if g := r.groups[a.group]; g != nil && result == lead.NoResponse {
		if open, _, _ := g.breaker.Open(); open {
			result = lead.TrunkFailed // not the number's fault
		}
	}
	s := run.settled(&a.Claimed, result, e)
	run.redials(a, &s, r.settler.settle(s), r.opt.Clock.Now())
	if s.DoNotCall != "" {
		r.Bar(a.Number.E164, false) // another list may have claimed it
	}
	run.results[result]++
	r.faulty(run, result, e)
}

// settled says what follows from an attempt's end.
func (run *run) settled(c *lead.Claimed, result lead.Result, e Ended) lead.Settled {
	plan := &run.cfg.Plan
	var s lead.Settled
	if result == lead.Talked {
		s = plan.Talked(c, e.Codes, e.At)
	} else {
		s = plan.Next(c, result, e.At)
	}
	s.Seq, s.Agent, s.Fresh = e.Seq, e.Agent, run.cfg.FreshFirst
	if len(e.Codes) > 0 {
		s.Code = e.Codes[0]
	}
	if w := e.Callback; w != nil {
		s.Next, s.Callback = w.At, lead.Callback{At: w.At}
		if w.Mine {
			s.Callback.Agent, s.Callback.Mine = e.Agent, run.cfg.MineOnly
		}
		s.Agreed = w.Number
	}
	if e.Block {
		s.Next, s.Close = time.Time{}, true
		s.DoNotCall, s.Source = plan.Scope, "the agent's note in call "+c.Attempt.String()
		if e.Digit {
			s.Source = "the customer's key in call " + c.Attempt.String()
		}
	}
	return s
}

// faultsInRow is how many calls in a row may end by a fault of ours.
const faultsInRow = 5

// faulty pauses a campaign whose calls end by a fault of ours: more of them
// would help nobody.
func (r *Runner) faulty(run *run, result lead.Result, e Ended) {
	if !rule.Ours(result) {
		run.faults = 0
		return
	}
	if run.faults++; run.faults == faultsInRow && run.kept().Wanted == WantRunning {
		r.log.Error("dialer: campaign paused: its calls end by a fault of ours", "campaign", run.id, "result", result, "cause", e.Cause, "status", e.Tech)
		r.pause(run, Faults, "the last calls ended with "+string(result)+": look at the trunk's codecs and numbers, then start it again")
	}
}
