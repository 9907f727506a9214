package callmodel

import "slices"

// aside reports whether a connection does not keep its agent from another
// call: it is in wrap-up, nothing of it is left on the phone, and agents may
// work on several calls at a time (see CTIConfig.MultiSession).
func (s *State) aside(p *Connection) bool {
	return s.config.CTI.MultiSession && p.paperwork()
}

// paperwork reports whether a connection is in wrap-up with nothing of it left
// on the phone.
func (c *Connection) paperwork() bool {
	return c.Processing == WrapUp && !c.Leg.alive()
}

// onLine lists the items that have something on an agent's phone, or will have.
func (s *State) onLine(a *Agent) []ItemRef {
	return slices.DeleteFunc(slices.Clone(a.Items), func(r ItemRef) bool { return s.calls[r.Call].Conn(r.Conn).paperwork() })
}

// asides lists the items of an agent's line that do not occupy it.
func (s *State) asides(a *Agent) []ItemRef {
	if !s.config.CTI.MultiSession {
		return nil
	}
	var out []ItemRef
	for _, r := range a.Items {
		if s.aside(s.calls[r.Call].Conn(r.Conn)) {
			out = append(out, r)
		}
	}
	return out
}

// occupying lists the items of an agent's line that keep it from another call.
func (s *State) occupying(a *Agent) []ItemRef {
	if !s.config.CTI.MultiSession {
		return a.Items
	}
	return s.onLine(a)
}

// warned reports whether one of an agent's items in wrap-up ends soon.
func (s *State) warned(items []ItemRef) bool {
	return slices.ContainsFunc(items, func(r ItemRef) bool {
		p := s.calls[r.Call].Conn(r.Conn)
		return p.Processing == WrapUp && p.Warned
	})
}

// rest gives an agent whose calls are all in wrap-up their next state already,
// and reports whether it did. Who logs out does so after the last wrap-up.
func (s *State) rest(id AgentID) bool {
	a := s.agents[id]
	if a == nil || !s.config.CTI.MultiSession || !a.busy() || a.Pending == LoggedOut || !a.Supervises.IsZero() ||
		len(a.Items) == 0 || len(s.occupying(a)) > 0 {
		return false
	}
	s.free(id)
	return true
}

// workOn is an agent with wrap-up left who does nothing else until it is over.
func (s *State) workOn(id AgentID, then AgentState, reason string) {
	a := s.editAgent(id)
	a.Pending, a.PendingReason, a.Reason = then, reason, ""
	s.settle(id)
	s.emitAgent(id)
}

// endWrapUps ends all of an agent's wrap-up, whatever the queues want.
func (s *State) endWrapUps(id AgentID) {
	for _, r := range slices.Clone(s.agents[id].Items) {
		if c := s.calls[r.Call]; c != nil && c.Conn(r.Conn).Processing == WrapUp {
			s.wrapUpOver(r.Call, r.Conn)
		}
	}
}

// sessions follows a configuration that lets agents work on several calls at a
// time, or no longer does.
func (s *State) sessions() {
	for _, a := range s.agentsInOrder() {
		switch {
		case s.config.CTI.MultiSession:
			s.rest(a.ID)
		case !a.busy() && len(a.Items) > 0:
			s.workOn(a.ID, a.State, a.Reason)
		}
	}
}

// only reports whether a connection is all that occupies an agent, and nothing
// is left to do before they log out.
func (s *State) only(a *Agent, conn ConnID) bool {
	items := s.occupying(a)
	return len(items) == 1 && items[0].Conn == conn && (a.Pending != LoggedOut || len(a.Items) == 1)
}
