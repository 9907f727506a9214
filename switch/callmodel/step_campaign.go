package callmodel

import "strowger/switch/fault"

// checkCampaign bounds what names a campaign and an entry of its list.
func checkCampaign(in CreateCallback) error {
	if len(in.Campaign) > MaxCampaign || len(in.ListID) > MaxListID {
		return fault.Newf(fault.Invalid, in.Tag(), in.Number, "a campaign's name has at most %d bytes, an entry of its list %d", MaxCampaign, MaxListID)
	}
	if in.ListID != "" && in.Campaign == "" {
		return fault.New(fault.Invalid, in.Tag(), in.Number, "an entry of a list belongs to a campaign: name it")
	}
	return nil
}

// rejectCallback is an agent who will not make the call that they are shown.
// The customer has not been called: this attempt is over, or all of them are.
func (s *State) rejectCallback(in Reject, c *Call) error {
	cb := s.callbacks[c.Callback]
	switch {
	case in.Result != ResultSkip && in.Result != ResultAgentRejected:
		return badResult(in)
	case cb == nil || cb.Call != c.ID || cb.State == CallbackDone:
		return fault.New(fault.Conflict, in.Tag(), in.Conn.Hex(), "only a callback that has not been called yet has a result")
	}
	_, p := s.editConn(c.ID, in.Conn)
	p.RejectReason = in.Reason
	s.editCallback(cb.ID).Agent = p.Agent
	return s.updateCallback(UpdateCallback{Cmd: in.Cmd, ID: cb.ID, Result: in.Result})
}

// badResult refuses what is no result of a call that was not made.
func badResult(in Reject) error {
	return fault.New(fault.Invalid, in.Tag(), string(in.Result), "a call that was not made has the result SKIP or AGENT_REJECTED")
}
