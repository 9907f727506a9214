package callmodel

// channelReplaced puts a new leg in an old one's place, as the server has done.
func (s *State) channelReplaced(in ChannelReplaced) {
	ref, ok := s.legs[in.Old]
	if _, taken := s.legs[in.New]; !ok || taken || s.tombs.has(in.New) {
		return
	}
	if ref.entering {
		delete(s.legs, in.Old)
		s.legs[in.New] = ref
		s.passcodeMoved(ref.agent, in.New)
		return
	}
	if ref.agent != "" {
		a := s.editAgent(ref.agent)
		st := *a.Standing
		st.Channel, st.SeenAt = in.New, s.now
		a.Standing = &st
		delete(s.legs, in.Old)
		s.legs[in.New] = ref
		return
	}
	_, p := s.sawLeg(ref)
	delete(s.legs, in.Old)
	p.Channel, p.SIPCallID, p.IDLate = in.New, "", false // another SIP call
	s.legs[in.New] = ref
	if a := s.agents[p.Agent]; p.Borrowed && a != nil && a.Standing != nil {
		a = s.editAgent(p.Agent)
		st := *a.Standing
		st.Channel = in.New
		a.Standing = &st
	}
	s.tellAgain(ref)
}

// phoneTransferred is an agent who has sent the other party elsewhere by the
// phone's own transfer key: the same as the command, but that what the phone
// asks for may be refused here only by taking the call back.
func (s *State) phoneTransferred(in PhoneTransferred) {
	ref, ok := s.legs[in.Channel]
	if !ok || ref.agent != "" {
		return
	}
	c, p := s.sawLeg(ref)
	if p.Role != RoleAgent || !p.talks() {
		return
	}
	if p.Conference || c.other(ref.conn) == nil {
		s.incident(c.Node, "a transfer by phone to "+in.To+" out of a conference is not possible: the others go on without who transferred")
		s.endAgentConn(ref.call, ref.conn, CauseNormal)
		s.partyLeft(ref.call)
		return
	}
	to := Dest{DestNumber, in.To}
	if err := s.reachable(in.Tag(), c, p.Agent, "", to); err != nil {
		s.incident(c.Node, "a transfer by phone to "+in.To+" is not possible or not allowed; the call comes back to its agent")
		s.comeBack(ref.call, ref.conn, "the transfer to "+in.To+" is not possible, it comes back")
		return
	}
	p.ByPhone, p.Wanted = false, 0
	if p.State == Hold {
		p.State = Connected
	}
	s.sendOn(ref.call, ref.conn, to)
}

// phoneTransferredTo is an agent who has connected the parties of the phone's
// two calls.
func (s *State) phoneTransferredTo(in PhoneTransferredTo) {
	a, okA := s.legs[in.First]
	b, okB := s.legs[in.Second]
	if !okA || !okB || a.agent != "" || b.agent != "" || a.call == b.call || s.calls[a.call].Node != s.calls[b.call].Node {
		return
	}
	p, q := s.calls[a.call].Conn(a.conn), s.calls[b.call].Conn(b.conn)
	if p.Role != RoleAgent || q.Role != RoleAgent || p.Agent != q.Agent || p.State == Ended || q.State == Ended {
		return
	}
	first, second := ItemRef{a.call, a.conn}, ItemRef{b.call, b.conn}
	if p.Maker && !q.Maker || p.Maker == q.Maker && p.Number > q.Number {
		first, second = second, first
	}
	if agent := s.inBoth(first, second); agent != "" { // its phone hangs up now, and whoever waits comes back
		s.incident(s.calls[first.Call].Node, "a transfer by phone is not possible: agent "+string(agent)+" is in both calls")
		return
	}
	s.freshen(first)
	s.freshen(second)
	s.complete(first, second)
}

// freshen forgets what the phone's own hold key has done to a call: the phone
// has left it.
func (s *State) freshen(r ItemRef) {
	c, p := s.editConn(r.Call, r.Conn)
	p.ByPhone, p.Wanted = false, 0
	if p.State == Hold {
		p.State = Connected
	}
	for i := range c.Conns {
		q := &c.Conns[i]
		if q.ID != p.ID {
			q.InBridge, q.JoinAsked = false, false
			if q.State == Held {
				q.State = Connected
			}
		}
	}
}
