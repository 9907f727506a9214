package records

import "strowger/switch/callmodel"

// dialed reports whether a party is the customer of a call of the dialer, in that call.
func dialed(c *callmodel.Call, p *callmodel.Connection) bool {
	return c.Kind == callmodel.KindCampaign && p.Dialed
}

// attempts follows the tries to reach somebody that an event tells of. That of a
// campaign is written with every event of its call: a conference or a transfer may
// take the customer into another call, where nothing is known of it.
func (s *step) attempts(c *callmodel.Call) {
	p := s.e.Connection()
	if len(c.Conns) > 0 && dialed(c, &c.Conns[0]) {
		s.attempt(c, &c.Conns[0])
		if p == &c.Conns[0] {
			return
		}
	}
	if p != nil && !p.Dialed {
		s.attempt(c, p)
	}
}

// dialer fills in what is different with an attempt of the dialer: an answer is
// that of the customer's phone, talk begins when customer and agent hear one
// another. One that an agent has looked at and not made has a row too: that it
// was not made is the attempt's result.
func (s *step) dialer(c *callmodel.Call, p *callmodel.Connection, a *Attempt) {
	d := DialerPart{
		Campaign: c.Campaign, List: c.ListID, Lead: c.Lead, Mode: string(c.DialMode), Result: string(c.Outcome), Dropped: c.Outcome == callmodel.OutcomeDropped, Version: int64(c.Config),
	}
	d.wishes(c)
	a.Answered = s.wall(c.AnsweredAt)
	switch {
	case p.AskedAt == 0:
		a.Started = s.wall(c.ArrivedAt)
		if p.State == callmodel.Ended {
			a.Outcome = EndWithdrawn
		}
	case c.AnsweredAt != 0:
		a.Outcome, a.Ring = EndAnswered, c.AnsweredAt.Sub(p.AskedAt)
	case p.State == callmodel.Ended:
		a.Outcome, a.Ring = attemptOutcome(p), p.EndedAt.Sub(p.AskedAt)
	}
	if agent := servedBy(c); agent != nil {
		a.Agent = string(agent.Agent)
		if p.BridgedAt != 0 && agent.BridgedAt != 0 {
			talk := max(p.BridgedAt, agent.BridgedAt)
			d.Bridged = s.wall(talk)
			if p.EndedAt != 0 {
				a.Talk = p.EndedAt.Sub(talk)
			}
		}
	}
	if t := c.Dial; t != nil {
		d.Verdict, d.Greeting, d.Deadline = string(t.Verdict), s.wall(t.GreetingEnd), s.wall(t.Deadline)
		if t.VerdictAt != 0 {
			d.Took = t.VerdictAt.Sub(c.AnsweredAt)
		}
		switch {
		case t.Heard:
			d.Message = ToldWhole
		case t.Told != 0:
			d.Message = TellBegun
		}
		d.Own, d.CutShort, d.Kept = t.Own, t.CutShort, t.Kept && t.Verdict == callmodel.VerdictMachine // only machines are kept
	}
	a.Dialer = d
}

// servedBy is the agent's part: of who talked to the customer first, else of
// who was offered the call last.
func servedBy(c *callmodel.Call) (last *callmodel.Connection) {
	for i := range c.Conns {
		p := &c.Conns[i]
		if p.Role != callmodel.RoleAgent {
			continue
		}
		if p.BridgedAt != 0 {
			return p
		}
		last = p
	}
	return last
}

// wishes notes how the customer wants to be called from now on: by the key
// that they have pressed, or as an agent says.
func (d *DialerPart) wishes(c *callmodel.Call) {
	for i := range c.Conns {
		p := &c.Conns[i]
		d.DoNotCall = d.DoNotCall || p.DoNotCall
		if w := p.Callback; w != nil {
			d.Again, d.AgainBy, d.AgainAt = w.At, "", w.Number
			if w.Mine {
				d.AgainBy = string(p.Agent)
			}
		}
	}
}
