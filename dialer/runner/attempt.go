package runner

import (
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/lead"
	"strowger/dialer/pacing"
	"strowger/dialer/rule"
	"strowger/switch/callmodel"
)

// attempt is a lead that the switch was ordered to call.
type attempt struct {
	lead.Claimed
	campaign string
	group    string
	agent    string // preview: who gets it
	at       time.Time

	seen      bool      // the switch has it, or had
	missing   time.Time // since when the switch does not show it; zero: it does
	looked    bool      // the records are being asked for it
	cancelled bool      // it was ordered to be given up
	over      bool      // the dialling has ended, one way or the other
	judged    bool      // the ledger has it
	again     string    // the agent who wants to call them again at once, as the call shows it
	told      []toldConn
}

// toldConn is what the pacer knows of an agent's part.
type toldConn struct {
	conn       callmodel.ConnID
	talk, wrap bool
}

// pacingTime is an instant on the pacers' time line.
func (r *Runner) pacingTime(t callmodel.Instant) time.Duration { return t.Sub(r.zero) }

// observe takes in what a call shows of an attempt. It may be shown the same
// twice, and older after newer.
func (r *Runner) observe(a *attempt, c *callmodel.Call, now time.Time) {
	run := r.runs[a.campaign]
	if c.Dial == nil || run == nil {
		return
	}
	a.seen, a.missing = true, time.Time{}
	run.wanted(a, c, now)
	if !a.over {
		if end, ok := dialEnd(c); ok {
			a.over = true
			r.dialEnded(run, a, c, end, now)
		}
	}
	if !a.judged {
		if counts, ok := fate(c); ok {
			a.judged = true
			r.judge(run, c, counts, now)
		}
	}
	for i := range c.Conns {
		if conn := &c.Conns[i]; conn.Role == callmodel.RoleAgent && conn.ConnectedAt != 0 && conn.EndedAt != 0 {
			r.worked(run, a, conn)
		}
	}
}

// dialing is how the dialling of a call has ended.
type dialing struct {
	result lead.Result // empty: somebody or something has answered
	fact   pacing.Outcome
	at     callmodel.Instant
	took   time.Duration
}

// networkFacts are results that the pacer tells from no answer.
var networkFacts = map[lead.Result]pacing.Outcome{lead.Busy: pacing.Busy, lead.InvalidNumber: pacing.SIT, lead.NumberChanged: pacing.SIT}

// dialEnd says how the dialling has ended, false while it goes on.
func dialEnd(c *callmodel.Call) (dialing, bool) {
	customer := &c.Conns[0]
	if c.AnsweredAt == 0 {
		if c.OverAt == 0 {
			return dialing{}, false
		}
		d := dialing{result: resultOf(endedOf(c)), fact: pacing.NoAnswer, at: c.OverAt, took: c.OverAt.Sub(customer.AskedAt)}
		if fact, special := networkFacts[d.result]; special {
			d.fact = fact
		}
		return d, true
	}
	d := dialing{fact: pacing.Human, at: c.AnsweredAt}
	if c.Dial.VerdictAt != 0 {
		d.at = c.Dial.VerdictAt
	}
	d.took = d.at.Sub(customer.AskedAt)
	switch c.Dial.Verdict {
	case callmodel.VerdictMachine:
		d.fact = pacing.Machine
		return d, true
	case callmodel.VerdictFax, callmodel.VerdictSIT:
		d.fact = pacing.SIT
		return d, true
	case callmodel.VerdictHuman, callmodel.VerdictUnsure, callmodel.VerdictSilence, callmodel.VerdictGone, callmodel.VerdictRings, "":
	}
	// Who is gone at once was no person: trunks that answer falsely must not make
	// the pacer believe in people. So it hears of one when it is sure.
	if c.Outcome == callmodel.OutcomeShortAnswer {
		d.fact = pacing.NoAnswer
	}
	return d, c.OverAt != 0 || c.Outcome == callmodel.OutcomeDropped || bridged(c) != nil
}

// dialEnded tells the pacer and the breaker.
func (r *Runner) dialEnded(run *run, a *attempt, c *callmodel.Call, d dialing, now time.Time) {
	if g := r.groups[a.group]; g != nil && d.result != lead.Cancelled && d.result != lead.NotStarted {
		if g.breaker.Ended(now, a.at, a.how(d.result)) {
			open, _, why := g.breaker.Open()
			r.log.Warn("dialer: the breaker of a trunk group has changed", "group", a.group, "open", open, "why", why)
		}
	}
	if d.result != "" && !rule.Counts(d.result) || c.Conns[0].AskedAt == 0 {
		return // it says nothing of people, or nobody was called
	}
	run.learn(pacing.Fact{At: r.pacingTime(d.at), Kind: pacing.DialEnded, Outcome: d.fact, Took: d.took})
}

// how is what a result says about the trunks.
func (a *attempt) how(r lead.Result) campaign.How {
	if !rule.Trouble(r) {
		return campaign.Well
	}
	for _, p := range a.Lead.Past { // newest first
		if p.Number == a.Number.E164 && p.Result != "" {
			if rule.Trouble(p.Result) {
				return campaign.FailedAgain
			}
			break
		}
	}
	return campaign.Failed
}

// fate is what an answer was, for the ledger; false: it is not sure yet, or the
// law counts nothing here.
func fate(c *callmodel.Call) (campaign.Counts, bool) {
	if c.AnsweredAt == 0 || c.DialMode == callmodel.DialPreview || c.DialMode == callmodel.DialMessage {
		return campaign.Counts{}, false
	}
	talked := bridged(c) != nil
	return CountsOf(c.Outcome, c.Dial.Verdict, talked), talked || c.Outcome == callmodel.OutcomeDropped || c.OverAt != 0
}

// CountsOf is what an answer is for the ledger, by the outcome of its call, the
// verdict on it, and whether an agent and the customer could talk. Who was gone
// at once was nobody.
func CountsOf(o callmodel.Outcome, v callmodel.ScreenVerdict, talked bool) campaign.Counts {
	machine := v == callmodel.VerdictMachine
	switch {
	case talked && machine: // an agent talks to it
	case talked:
		return campaign.Counts{Humans: 1, Connected: 1}
	case o == callmodel.OutcomeDropped:
		return campaign.Counts{Humans: 1, Dropped: 1}
	case machine:
		return campaign.Counts{Machines: 1}
	case o == callmodel.OutcomeAbandoned || o == callmodel.OutcomeAbandonedRing:
		return campaign.Counts{Humans: 1, Left: 1}
	}
	return campaign.Counts{}
}

// bridged is the first agent who was in the call's bridge with the customer, or nil.
func bridged(c *callmodel.Call) *callmodel.Connection {
	for i := range c.Conns {
		if conn := &c.Conns[i]; conn.Role == callmodel.RoleAgent && conn.BridgedAt != 0 && c.Conns[0].BridgedAt != 0 {
			return conn
		}
	}
	return nil
}

// judge puts an answer into the ledger.
func (r *Runner) judge(run *run, c *callmodel.Call, counts campaign.Counts, now time.Time) {
	run.count(now, counts)
	from := run.clock(c)
	switch {
	case counts.Connected > 0:
		at := max(bridged(c).BridgedAt, c.Conns[0].BridgedAt)
		r.opt.Observe(MeasureConnect, at.Sub(from))
		run.today.connected(at.Sub(from))
		run.learn(pacing.Fact{At: r.pacingTime(at), Kind: pacing.Bridged, Took: at.Sub(from)})
	case counts.Dropped > 0:
		run.learn(pacing.Fact{At: r.pacingTime(c.AnsweredAt), Kind: pacing.Abandoned})
	}
}

// count puts what happened at an instant into the ledger and into the day's figures.
func (run *run) count(at time.Time, c campaign.Counts) {
	run.ledger.Add(at, c)
	if !at.Before(run.today.begin) {
		run.today.add(c)
	}
}

// clock is when the time to connect a customer began, by the rule.
func (run *run) clock(c *callmodel.Call) callmodel.Instant {
	return c.Clock(callmodel.ConnectFrom(run.cfg.Plan.Pack.From))
}

// worked tells the pacer how long an agent has talked and worked after it.
func (r *Runner) worked(run *run, a *attempt, conn *callmodel.Connection) {
	t := a.toldOf(conn.ID)
	if !t.talk {
		t.talk = true
		run.learn(pacing.Fact{At: r.pacingTime(conn.EndedAt), Kind: pacing.TalkEnded, Took: conn.EndedAt.Sub(conn.ConnectedAt)})
	}
	if !t.wrap && conn.WrapUpEnd != 0 {
		t.wrap = true
		run.learn(pacing.Fact{At: r.pacingTime(conn.WrapUpEnd), Kind: pacing.WrapEnded, Took: conn.WrapUpEnd.Sub(conn.EndedAt)})
	}
}

func (a *attempt) toldOf(conn callmodel.ConnID) *toldConn {
	for i := range a.told {
		if a.told[i].conn == conn {
			return &a.told[i]
		}
	}
	a.told = append(a.told, toldConn{conn: conn})
	return &a.told[len(a.told)-1]
}
