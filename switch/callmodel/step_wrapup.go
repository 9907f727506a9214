package callmodel

import (
	"time"

	"strowger/switch/fault"
)

// wrapUp decides whether wrap-up follows, and starts its timers. Where only the
// client asked for it, the client ends it. A consultation has none of its own.
// Where wrap-up follows requests only (see CTIConfig), the queues' times apply
// to wrap-up that was asked for; a queue that wants a disposition gets it.
func (s *State) wrapUp(c *Call, p *Connection) bool {
	if p.NoWrapUp || p.Consult || p.ConnectedAt == 0 && !s.wrapsInVain(c, p) {
		return false
	}
	q, cti := s.queueConfig(c), &s.config.CTI
	disposition := q != nil && q.WrapUpMode == WrapUpDisposition
	var limit time.Duration
	switch {
	case unanswered(c) && !disposition && !s.wrapsInVain(c, p):
		return false
	case disposition:
		if len(p.Codes) > 0 {
			return false // it has been given during the call
		}
		limit = q.WrapUpMax
	case cti.Requested && !p.NeedWrapUp:
		return false
	case q != nil && q.WrapUpMode != WrapUpRequest && q.WrapUp > 0:
		limit = q.WrapUp
	case q == nil && (s.byClient(c, p) || p.Joined || cti.Direct && p.Direct):
		limit = cti.WrapUpLimit()
	case !p.NeedWrapUp:
		return false
	case q != nil && q.WrapUpMode == WrapUpRequest:
		limit = q.WrapUpMax
	default:
		limit = cti.WrapUpMax
	}
	if limit > 0 {
		p.WrapUpDue = s.now.Add(limit)
		s.setTimer(TimerWrapUp, c.ID, p.ID, limit)
		if q != nil && q.WrapUpWarn > 0 && q.WrapUpWarn < limit {
			s.setTimer(TimerWrapWarn, c.ID, p.ID, limit-q.WrapUpWarn)
		}
	}
	return true
}

// onlyWrapUp reports whether an agent does after-call work and nothing of any
// call is left on the phone.
func (s *State) onlyWrapUp(a *Agent) bool {
	return a.State == InWrapUp && len(s.onLine(a)) == 0
}

// byClient reports whether an agent has made the call in a CTI client, or
// elsewhere where that is the same.
func (s *State) byClient(c *Call, p *Connection) bool {
	return p.Maker && (c.Origin != "" || s.config.CTI.Made)
}

// unanswered reports whether a campaign's customer has not answered the call.
func unanswered(c *Call) bool {
	return c.Campaign != "" && c.Phase == PhaseDialing && c.Conns[0].Leg != LegUp
}

// wrapsInVain reports whether wrap-up follows a call on which nobody has
// answered its maker, or the agent who took it from a campaign.
func (s *State) wrapsInVain(c *Call, p *Connection) bool {
	return s.config.CTI.Outbound && (s.byClient(c, p) || p.ConnectedAt != 0 && unanswered(c))
}

// wrapUpEnds is wrap-up ended by command: some queues want a disposition first.
func (s *State) wrapUpEnds(id CallID, conn ConnID) error {
	c := s.calls[id]
	q := s.queueConfig(c)
	if q != nil && q.WrapUpMode == WrapUpDisposition && len(c.Conn(conn).Codes) == 0 {
		return fault.New(fault.Conflict, "end-wrap-up", conn.Hex(), "this queue's wrap-up ends with a disposition: set one")
	}
	s.wrapUpOver(id, conn)
	return nil
}

// wrapWarn tells the agent that the wrap-up ends soon.
func (s *State) wrapWarn(id CallID, conn ConnID) {
	_, p := s.editConn(id, conn)
	if p.Processing != WrapUp {
		return
	}
	p.Warned = true
	agent := p.Agent
	s.emitCall(EvDataChanged, id, conn)
	if a := s.agents[agent]; a != nil {
		s.editAgent(agent).Warned = true
		s.emitAgent(agent)
	}
}

// wrapUpOver ends the after-call work, by timer or by command.
func (s *State) wrapUpOver(id CallID, conn ConnID) {
	s.cancelTimer(TimerWrapUp, id, conn)
	s.cancelTimer(TimerWrapWarn, id, conn)
	_, p := s.editConn(id, conn)
	if p.Processing != WrapUp {
		return
	}
	p.Processing, p.WrapUpEnd = NotInProcess, s.now
	agent := p.Agent
	if a := s.agents[agent]; a != nil && a.Warned {
		s.editAgent(agent).Warned = s.warned(a.Items)
	}
	s.handled(id, conn, false)
	s.emitCall(EvWrapUpEnded, id, conn)
	s.release(id, conn)
}
