package records

import (
	"slices"

	"strowger/switch/callmodel"
)

// why says how a party's part in a call came to its end.
func (s *step) why(c *callmodel.Call, p *callmodel.Connection, g *Segment) string {
	switch {
	case g.State == Ringing && p.Role == callmodel.RoleAgent:
		return s.offerEnd(c, p)
	case g.State == Ringing || g.State == Dialing:
		return attemptOutcome(p)
	case p.Passed != "":
		return string(p.Passed)
	}
	for i := range c.Conns { // whoever left first has hung up
		q := &c.Conns[i]
		if q.ID == p.ID || q.State != callmodel.Ended || q.ConnectedAt == 0 || q.EndedAt != p.EndedAt {
			continue
		}
		if o := s.segments[q.ID]; o == nil || o.State == WrapUp {
			return EndOtherLeft
		}
	}
	return EndHungUp
}

// offerEnd says why an offer to an agent ended without an answer.
func (s *step) offerEnd(c *callmodel.Call, p *callmodel.Connection) string {
	caller := c.CallerConn()
	switch {
	case p.Cause == callmodel.CauseElsewhere:
		return EndElsewhere
	case p.Cause == callmodel.CauseNoAnswer:
		return EndNoAnswer
	case caller.ID != p.ID && caller.State == callmodel.Ended:
		return EndCallerLeft
	case slices.Contains(c.Refused, p.Agent) || p.Cause == callmodel.CauseRejected || p.Cause == callmodel.CauseBusy:
		return EndRejected
	case p.Cause == callmodel.CauseNormal:
		return EndWithdrawn
	}
	return EndFailed
}

// attempt follows a try to reach somebody outside.
func (s *step) attempt(c *callmodel.Call, p *callmodel.Connection) {
	if p.Role != callmodel.RoleParty || p.AskedAt == 0 && !dialed(c, p) {
		return
	}
	a := Attempt{
		ID: p.ID.Hex(), Seq: s.e.Seq, Call: c.ID.String(), Number: p.Device, Trunk: p.Trunk, Shown: p.ShowID, Queue: string(c.Queue),
		Agent: string(c.OnBehalf), Started: s.wall(p.AskedAt), Ringing: s.wall(p.AlertingAt), Answered: s.wall(p.ConnectedAt),
		Ended: s.wall(p.EndedAt), Cause: int(p.Cause), TechCause: p.TechCause,
	}
	if !c.Callback.IsZero() {
		a.Callback = c.Callback.String()
	}
	if agent := c.AgentConn(); a.Agent == "" && agent != nil {
		a.Agent = string(agent.Agent)
	}
	switch {
	case dialed(c, p):
		s.dialer(c, p, &a)
	case p.ConnectedAt != 0:
		a.Outcome, a.Ring = EndAnswered, p.ConnectedAt.Sub(p.AskedAt)
		if p.EndedAt != 0 {
			a.Talk = p.EndedAt.Sub(p.ConnectedAt)
		}
	case p.State == callmodel.Ended:
		a.Outcome, a.Ring = attemptOutcome(p), p.EndedAt.Sub(p.AskedAt)
	}
	s.rows.Attempts = append(s.rows.Attempts, a)
}

// attemptOutcome says why a called party was not reached.
func attemptOutcome(p *callmodel.Connection) string {
	switch p.Cause {
	case callmodel.CauseBusy:
		return EndBusy
	case callmodel.CauseNoAnswer:
		return EndNoAnswer
	case callmodel.CauseRejected:
		return EndRejected
	case callmodel.CauseLost:
		return EndLost
	case callmodel.CauseNormal:
		if p.TechCause != 0 {
			return EndRejected
		}
		return EndWithdrawn
	default:
		return EndFailed
	}
}

// dispositions are the codes that an agent has given, all of them again.
func (s *step) dispositions(c *callmodel.Call, p *callmodel.Connection) {
	var row Disposition
	if g := s.segments[p.ID]; g != nil {
		row.Offered = g.Offered
	}
	for n, code := range p.Codes {
		row.Conn, row.N, row.Seq, row.Call = p.ID.Hex(), n, s.e.Seq, c.ID.String()
		row.Queue, row.Agent, row.Code, row.Success, row.At = string(c.Queue), string(p.Agent), code, p.Success, s.e.Wall
		s.rows.Dispositions = append(s.rows.Dispositions, row)
	}
}
