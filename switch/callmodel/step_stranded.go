package callmodel

// stranded sees to a call on hold whose agent's leg is gone for good: the held
// party comes back to the agent's line, and a conference goes on without them.
func (s *State) stranded(conn ConnID) {
	c := s.CallByConn(conn)
	if c == nil {
		return
	}
	p := c.Conn(conn)
	if p.State != Hold || p.Leg.alive() || !p.Partner.IsZero() {
		return
	}
	if c.Phase != PhaseTalking && c.Waiting().ID == conn { // the other party has sent it on, and they would have waited
		s.cancelMade(c.ID, conn)
		return
	}
	if p.Conference || c.other(conn) == nil {
		s.endAgentConn(c.ID, conn, CauseNormal)
		s.partyLeft(c.ID)
		return
	}
	s.comeBack(c.ID, conn, "the phone was hung up, the held call comes back")
}

// comeBack takes an agent's connection out of a call and calls their line for
// the other party, who hears music meanwhile.
func (s *State) comeBack(id CallID, conn ConnID, why string) {
	c := s.calls[id]
	p := c.Conn(conn)
	agent, queue := p.Agent, c.Queue
	s.edit(id).Target = &Target{To: Dest{DestAgent, string(agent)}} // keeps the held party from being cleared
	_, p = s.editConn(id, conn)
	p.NoWrapUp = true
	s.endAgentConn(id, conn, CauseNormal)
	s.edit(id).Hops = 0
	s.leave(id)
	s.recallTo(id, Target{Back: agent, Queue: queue, Held: true}, why)
}
