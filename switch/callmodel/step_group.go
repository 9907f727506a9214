package callmodel

import "slices"

// join asks every leg that belongs into the bridge and is not there into it.
func (s *State) join(id CallID) {
	s.needBridge(id)
	c := s.edit(id)
	var chans []ChannelID
	for i := range c.Conns {
		p := &c.Conns[i]
		if !p.Leg.alive() || p.InBridge || p.JoinAsked || !p.talks() || s.outside(c, p) {
			continue
		}
		p.JoinAsked = true
		chans = append(chans, p.Channel)
	}
	if len(chans) > 0 {
		s.do(Join{EffectHead: s.head(c, ConnID{}), Bridge: c.Bridge, Channels: chans})
	}
}

// holds reports whether a connection keeps its call on hold by command.
func (c *Connection) holds() bool {
	return c.State == Hold && !c.ByPhone && c.Wanted != Connected
}

// outside reports whether a leg is kept out of the bridge: the other party of
// a call on hold hears music instead, and who holds a conference leaves it.
func (s *State) outside(c *Call, p *Connection) bool {
	if p.Conference {
		return p.holds()
	}
	for i := range c.Conns {
		if q := &c.Conns[i]; q.ID != p.ID && q.holds() {
			return true
		}
	}
	return false
}

// repair brings a talking call's legs back together after an order failed.
func (s *State) repair(id CallID) {
	if s.calls[id].Phase != PhaseTalking {
		return
	}
	s.answerWaiting(id)
	for _, conn := range s.calls[id].talkers() {
		c := s.calls[id]
		if p := c.Conn(conn); (p.MusicAsked || p.MusicMaybe || p.MusicLate || p.RingTone) && !s.outside(c, p) {
			_, p = s.editConn(id, conn)
			p.MusicMaybe, p.MusicLate = p.MusicMaybe || p.MusicLate, false
			s.stopMusic(id, conn)
			s.stopRing(id, conn)
		}
	}
	s.join(id)
}

// regroup follows a change of who is in the conversation: three and more are a
// conference, in two one can be on hold for the other.
func (s *State) regroup(id CallID) {
	c := s.edit(id)
	talkers := c.talkers()
	conference := len(talkers) >= 3
	var changed []ConnID
	for i := range c.Conns {
		p := &c.Conns[i]
		if !p.talks() {
			continue
		}
		if p.Conference != conference || p.Role == RoleAgent {
			changed = append(changed, p.ID)
		}
		p.Conference = conference
		p.Owner = p.Owner && conference
	}
	s.arrange(id)
	for _, conn := range changed {
		if s.calls[id].Conn(conn).Role == RoleAgent {
			s.emitCall(EvPartyChanged, id, conn)
		}
	}
}

// arrange orders every leg of a conversation to where it belongs: into the
// bridge, or outside with music.
func (s *State) arrange(id CallID) {
	for _, conn := range s.calls[id].talkers() {
		c, p := s.editConn(id, conn)
		if !p.Leg.alive() {
			continue
		}
		if s.outside(c, p) {
			if p.InBridge || p.JoinAsked {
				p.JoinAsked = false
				s.do(Leave{EffectHead: s.head(c, conn), Bridge: c.Bridge, Channel: p.Channel})
			}
			if !p.Conference {
				s.playMusic(id, conn)
			}
		} else {
			s.stopMusic(id, conn)
		}
		s.follow(id, conn)
	}
	s.join(id)
}

// follow gives a connection that is not on hold by its own party the state
// that follows from the other's, and tells its agent.
func (s *State) follow(id CallID, conn ConnID) {
	c := s.calls[id]
	p := c.Conn(conn)
	held := false
	if other := c.other(conn); other != nil && !p.Conference {
		held = other.holds() || p.Role == RoleAgent && other.ByPhone
	}
	next, kind := Connected, EvRetrieved
	if held {
		next, kind = Held, EvHeld
	}
	if p.State == next || p.State != Connected && p.State != Held {
		return
	}
	_, p = s.editConn(id, conn)
	p.State = next
	if p.Role == RoleAgent {
		s.emitCall(kind, id, conn)
	}
}

func (s *State) channelJoined(ch ChannelID, b BridgeID) {
	ref, ok := s.legs[ch]
	if !ok || ref.agent != "" {
		return
	}
	c, p := s.sawLeg(ref)
	p.In = b
	if c.Bridge != b {
		return
	}
	p.InBridge, p.JoinAsked = true, false
	s.bridged(ref.call, ref.conn)
	c, p = s.editConn(ref.call, ref.conn)
	if c.Phase == PhaseTalking && p.talks() && s.outside(c, p) && p.Wanted == 0 { // it came in late, after a hold
		s.do(Leave{EffectHead: s.head(c, p.ID), Bridge: b, Channel: ch})
		return
	}
	for i := range c.Conns {
		q := &c.Conns[i]
		if q.Wanted != Connected || q.State == Ended || q.ID != p.ID && q.Leg.alive() && !q.InBridge && !s.outside(c, q) {
			continue // its own leg is on its way
		}
		if other := c.other(q.ID); other != nil && other.Leg.alive() && !other.InBridge && !s.outside(c, other) {
			continue
		}
		s.retrieved(ref.call, q.ID)
		return
	}
}

// retrieved is the end of a hold: both legs are where they belong.
func (s *State) retrieved(id CallID, conn ConnID) {
	c, p := s.editConn(id, conn)
	p.State, p.Wanted = Connected, 0
	other := c.other(conn)
	if other != nil && !p.Conference && (other.holds() || other.ByPhone) {
		p.State = Held
	}
	s.emitCall(EvRetrieved, id, conn)
	if other != nil {
		s.follow(id, other.ID)
	}
}

func (s *State) channelLeft(ch ChannelID, b BridgeID) {
	ref, ok := s.legs[ch]
	if ok && ref.agent != "" {
		s.standingLeft(ref.agent, b)
	}
	if !ok || ref.agent != "" {
		return
	}
	c, p := s.sawLeg(ref)
	if p.In == b {
		p.In = ""
	}
	if c.Bridge != b {
		return
	}
	p.InBridge = false
	if p.Wanted == Hold && (p.Conference || c.other(p.ID) == nil) { // nobody else is there to be taken out
		p.State, p.Wanted, p.ByPhone = Hold, 0, false
		s.stopRing(ref.call, ref.conn)
		s.emitCall(EvHeld, ref.call, ref.conn)
		s.afterHold(ref.call, ref.conn)
		return
	}
	for i := range c.Conns {
		q := &c.Conns[i]
		if q.ID == p.ID || q.Wanted != Hold || q.Conference {
			continue
		}
		q.State, q.Wanted, q.ByPhone = Hold, 0, false
		holder := q.ID
		s.playMusic(ref.call, ref.conn)
		s.emitCall(EvHeld, ref.call, holder)
		s.follow(ref.call, ref.conn)
		s.afterHold(ref.call, holder)
		return
	}
	if c.Phase == PhaseTalking && c.BridgeUp && p.talks() && p.Wanted == 0 && !p.JoinAsked && !s.outside(c, p) {
		s.join(ref.call) // no order of ours explains it
	}
}

// heldNow tells that a call is on hold, and goes on with what waited for it.
func (s *State) heldNow(id CallID, conn ConnID) {
	s.emitCall(EvHeld, id, conn)
	if other := s.calls[id].other(conn); other != nil {
		s.follow(id, other.ID)
	}
	s.afterHold(id, conn)
}

// afterHold goes on with what waited for a hold: a swap, or a consultation.
func (s *State) afterHold(id CallID, conn ConnID) {
	c := s.calls[id]
	if p := c.Conn(conn); !p.SwapTo.IsZero() {
		_, p = s.editConn(id, conn)
		to := p.SwapTo
		p.SwapTo = ConnID{}
		s.swap(id, conn, to)
		return
	}
	s.consultHeld(conn)
}

// phoneHold follows the hold key of a phone. The agent's key puts the call on
// hold; whoever else presses it, the agent is held.
func (s *State) phoneHold(ch ChannelID, on bool) {
	ref, ok := s.legs[ch]
	if !ok || ref.agent != "" {
		return
	}
	c, p := s.sawLeg(ref)
	if c.Phase != PhaseTalking {
		return
	}
	if p.Role == RoleAgent {
		s.agentKey(ref.call, ref.conn, on)
	}
	if p.Conference {
		return
	}
	if p.Role != RoleAgent {
		_, p = s.editConn(ref.call, ref.conn)
		p.ByPhone = on
	}
	if other := s.calls[ref.call].other(ref.conn); other != nil && other.Role == RoleAgent {
		s.otherKey(ref.call, other.ID, on)
	}
}

func (s *State) agentKey(id CallID, conn ConnID, on bool) {
	_, p := s.editConn(id, conn)
	switch {
	case p.Wanted != 0: // a hold or retrieve of ours is under way and wins
	case on && p.State == Connected:
		p.State, p.ByPhone = Hold, true
		s.emitCall(EvHeld, id, conn)
	case !on && p.State == Hold && p.ByPhone:
		p.State, p.ByPhone = Connected, false
		s.emitCall(EvRetrieved, id, conn)
	}
}

func (s *State) otherKey(id CallID, conn ConnID, on bool) {
	_, p := s.editConn(id, conn)
	switch {
	case p.Wanted != 0:
	case on && p.State == Connected:
		p.State = Held
		s.emitCall(EvHeld, id, conn)
	case !on && p.State == Held:
		p.State = Connected
		s.emitCall(EvRetrieved, id, conn)
	}
}

// hold takes the other party out of the bridge; the connection is on hold when
// it has left (state moves on events, not on replies). Who is in a conference
// leaves it themselves.
func (s *State) hold(id CallID, conn ConnID) {
	c, p := s.editConn(id, conn)
	p.Wanted = Hold
	leg := p
	if other := c.other(conn); other != nil && !p.Conference {
		leg = other
	}
	if !leg.Leg.alive() || !leg.InBridge && !leg.JoinAsked {
		p.State, p.Wanted, p.ByPhone = Hold, 0, false // it is outside already
		s.heldNow(id, conn)
		return
	}
	leg.JoinAsked = false
	s.do(Leave{EffectHead: s.head(c, conn), Bridge: c.Bridge, Channel: leg.Channel})
}

func (s *State) retrieve(id CallID, conn ConnID) {
	c, p := s.editConn(id, conn)
	if !p.Leg.alive() {
		return
	}
	p.Wanted = Connected
	if other := c.other(conn); other != nil {
		s.stopMusic(id, other.ID)
	}
	s.stopMusic(id, conn)
	s.join(id)
	if c = s.calls[id]; !s.pendingJoin(c) { // nothing to wait for
		s.retrieved(id, conn)
	}
}

func (s *State) pendingJoin(c *Call) bool {
	return slices.ContainsFunc(c.Conns, func(p Connection) bool { return p.JoinAsked })
}

// moveLeg gives a leg from one connection of a line to the other.
func (s *State) moveLeg(from, to ItemRef) {
	_, p := s.editConn(from.Call, from.Conn)
	c, q := s.editConn(to.Call, to.Conn)
	q.Channel, q.Leg, q.SeenAt, q.AskedAt, q.Borrowed = p.Channel, p.Leg, p.SeenAt, p.AskedAt, p.Borrowed
	q.In = p.In
	q.InBridge = c.BridgeUp && p.In != "" && p.In == c.Bridge && !p.JoinAsked // an order is moving it elsewhere
	q.JoinAsked, q.Muted = false, p.Muted
	q.Music, q.MusicAsked, q.RingTone = p.Music, p.MusicAsked, p.RingTone
	q.MusicMaybe, q.MusicLate, q.MusicStopAt = p.MusicMaybe, p.MusicLate, p.MusicStopAt // they are the leg's
	p.Channel, p.Leg, p.Borrowed, p.In = "", LegNone, false, ""
	p.InBridge, p.JoinAsked, p.Music, p.MusicAsked, p.Muted, p.RingTone = false, false, false, false, false, false
	p.MusicMaybe, p.MusicLate, p.MusicStopAt = false, false, 0
	s.legs[q.Channel] = legRef{call: to.Call, conn: to.Conn}
	if _, away := s.timers[TimerKey{Kind: TimerLeft, Call: from.Call, Conn: from.Conn}]; away {
		s.cancelTimer(TimerLeft, from.Call, from.Conn)
		s.setTimer(TimerLeft, to.Call, to.Conn, s.config.LeftGrace)
	}
}

// partner returns the line's other connection in a consultation, or nil.
func (s *State) partner(p *Connection) (*Call, *Connection) {
	if p.Partner.IsZero() {
		return nil, nil
	}
	c := s.CallByConn(p.Partner)
	if c == nil {
		return nil, nil
	}
	return c, c.Conn(p.Partner)
}

// unpair ends the partnership of two connections of a line.
func (s *State) unpair(id CallID, conn ConnID) {
	_, p := s.editConn(id, conn)
	if c, q := s.partner(p); q != nil {
		_, q = s.editConn(c.ID, q.ID)
		q.Partner = ConnID{}
	}
	_, p = s.editConn(id, conn)
	p.Partner = ConnID{}
}

func (s *State) bridgeGone(b BridgeID) {
	id, ok := b.call()
	if !ok {
		return
	}
	old := s.calls[id]
	if old == nil || old.Phase == PhaseOver || !old.BridgeUp || old.Bridge != b {
		return // an earlier bridge of the call, or its end in the normal way
	}
	c := s.edit(id)
	c.BridgeUp = false
	for i := range c.Conns {
		c.Conns[i].InBridge, c.Conns[i].JoinAsked = false, false
		if c.Conns[i].In == b {
			c.Conns[i].In = ""
		}
	}
	s.incident(c.Node, "the bridge of a live call was destroyed and is made again")
	s.repair(c.ID)
	if c = s.calls[id]; c != nil && s.footloose(c) {
		s.place(id) // agents at other servers can have it now
	}
}
