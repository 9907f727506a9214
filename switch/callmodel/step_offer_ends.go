package callmodel

// offerCosts says what becomes of the agent whose offer ends.
func (s *State) offerCosts(agent AgentID, why offerResult) {
	switch why {
	case offerNoAnswer:
		s.afterOffer(agent, NotReady, ReasonNoAnswer)
	case offerUnreachable:
		s.afterOffer(agent, NotReady, ReasonUnreachable)
	case offerLogout:
		s.afterOffer(agent, LoggedOut, "")
	case offerRejected, offerLink, offerForced, offerSignedOut:
	}
}

// afterOffer says what becomes of the agent whose offer ends: it wins over
// being ready, and gives way to a pending logout.
func (s *State) afterOffer(id AgentID, st AgentState, reason string) {
	a := s.editAgent(id)
	if a.Pending != LoggedOut {
		a.Pending, a.PendingReason = st, reason
	}
}

// callerShown is what a phone that is called shows: who calls, as the other
// party of the call sees it.
func (c *Call) callerShown(to ConnID) (number, name string) {
	w := c.Waiting()
	if w.ID == to { // the maker's own phone: it shows where the call goes
		if c.Target != nil {
			return c.Target.To.Value, ""
		}
		return c.Dialled, ""
	}
	if w.Role == RoleCaller || w.Role == RoleAgent && w.Device == c.Caller || c.Kind == KindCampaign && w.ID == c.Conns[0].ID {
		return c.Caller, c.CallerName
	}
	return w.Device, ""
}
