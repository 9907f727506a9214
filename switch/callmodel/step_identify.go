package callmodel

// wantsID reports whether the Call-ID of a leg that is called now is of use: a
// call that did not come in by SIP has that of whom it calls outside.
func (c *Call) wantsID(p *Connection) bool {
	return c.SIPCallID == "" && c.Conns[0].Role != RoleCaller && p.Role == RoleParty
}

// SIPID is the Call-ID that a call is known by in SIP: of the leg that it came
// in by, else of whom it has called, once their phone rings. Of several that is
// the first who is there, who was there, or the last who did not answer. One that
// was late shows from the answer on, so that how fast a server says it makes no
// difference to what is told while a phone rings.
func (c *Call) SIPID() string {
	if c.SIPCallID != "" || c.Conns[0].Role == RoleCaller {
		return c.SIPCallID
	}
	id, best := "", 0
	for i := range c.Conns {
		p, rank := &c.Conns[i], 1
		switch {
		case p.SIPCallID == "" || p.AlertingAt == 0 || p.IDLate && p.ConnectedAt == 0:
			continue
		case p.State != Ended:
			rank = 3
		case p.ConnectedAt != 0:
			rank = 2
		}
		if rank > best || rank == 1 && best == 1 {
			id, best = p.SIPCallID, rank
		}
	}
	return id
}

// channelIdentified keeps a leg's Call-ID. It is told with whatever is told
// next of the call, by itself where they talk already.
func (s *State) channelIdentified(in ChannelIdentified) {
	ref, ok := s.legs[in.Channel]
	c := s.calls[ref.call]
	if !ok || ref.agent != "" || c == nil || c.Conn(ref.conn) == nil || in.SIPCallID == "" || len(in.SIPCallID) > MaxSIPCallID {
		return
	}
	if p := c.Conn(ref.conn); p.SIPCallID == in.SIPCallID || !c.wantsID(p) {
		return
	}
	c, p := s.editConn(ref.call, ref.conn)
	p.SIPCallID, p.IDLate = in.SIPCallID, p.AlertingAt != 0
	if c.Phase != PhaseTalking || c.SIPID() != in.SIPCallID {
		return
	}
	for i := range s.calls[ref.call].Conns {
		if q := &s.calls[ref.call].Conns[i]; q.Role == RoleAgent && q.talks() {
			s.emitCall(EvDataChanged, ref.call, q.ID)
		}
	}
}
