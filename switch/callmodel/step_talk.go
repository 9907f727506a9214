package callmodel

// endAgentConn ends an agent's part in a conversation; wrap-up follows where
// the queue or the agent's client wants it.
func (s *State) endAgentConn(id CallID, conn ConnID, cause Cause) {
	c, p := s.editConn(id, conn)
	if p.State == Ended {
		return
	}
	p.State, p.EndedAt, p.Cause, p.Wanted = Ended, s.now, cause, 0
	wrap := s.wrapUp(c, p)
	if wrap {
		p.Processing = WrapUp
	} else {
		p.Processing = NotInProcess
	}
	s.hangup(c, p, CauseNormal)
	agent := p.Agent
	if wrap {
		a := s.editAgent(agent)
		a.State, a.Since = InWrapUp, s.now
	}
	s.emitCall(EvCleared, id, conn)
	if wrap {
		s.emitAgent(agent)
	}
	s.release(id, conn)
}

// wrapUp decides whether wrap-up follows, and starts its timer. Where only the
// client asked for it, the client ends it.
func (s *State) wrapUp(c *Call, p *Connection) bool {
	if p.ConnectedAt == 0 {
		return false
	}
	q := s.queueConfig(c)
	if q != nil && q.WrapUp > 0 {
		s.setTimer(TimerWrapUp, c.ID, p.ID, q.WrapUp)
		return true
	}
	return p.NeedWrapUp
}

// wrapUpOver ends the after-call work, by timer or by command.
func (s *State) wrapUpOver(id CallID, conn ConnID) {
	s.cancelTimer(TimerWrapUp, id, conn)
	_, p := s.editConn(id, conn)
	if p.Processing != WrapUp {
		return
	}
	p.Processing, p.WrapUpEnd = NotInProcess, s.now
	s.emitCall(EvWrapUpEnded, id, conn)
	s.release(id, conn)
}

// release lets go of a connection of which nothing is left: its agent is
// free, and the call may be over.
func (s *State) release(id CallID, conn ConnID) {
	p := s.calls[id].Conn(conn)
	if !p.done() {
		return
	}
	if a := s.agents[p.Agent]; a != nil && a.Conn == conn {
		s.free(a.ID)
	}
	s.finish(id)
}

// free ends an agent's occupation by a call and gives them their next state.
func (s *State) free(id AgentID) {
	a := s.editAgent(id)
	next, reason := Ready, ""
	if a.Pending != 0 {
		next, reason = a.Pending, a.PendingReason
	}
	if a.State == OnCall || a.State == InWrapUp {
		a.IdleSince = s.now
	}
	a.State, a.Reason, a.Since = next, reason, s.now
	a.Pending, a.PendingReason = 0, ""
	a.Call, a.Conn = CallID{}, ConnID{}
	s.emitAgent(id)
	if a.Removed {
		delete(s.agents, id)
		return
	}
	s.serve(id)
}

func (s *State) channelJoined(ch ChannelID, b BridgeID) {
	ref, ok := s.legs[ch]
	if !ok || s.calls[ref.call].Bridge != b {
		return
	}
	c, p := s.sawLeg(ref)
	p.InBridge, p.JoinAsked = true, false
	if a := c.AgentConn(); p.Role == RoleCaller && a != nil && a.Wanted == Connected {
		a.State, a.Wanted = Connected, 0
		p.State = Connected
		s.emitCall(EvRetrieved, ref.call, a.ID)
	}
}

func (s *State) channelLeft(ch ChannelID, b BridgeID) {
	ref, ok := s.legs[ch]
	if !ok || s.calls[ref.call].Bridge != b {
		return
	}
	c, p := s.sawLeg(ref)
	p.InBridge = false
	if a := c.AgentConn(); p.Role == RoleCaller && a != nil && a.Wanted == Hold {
		a.State, a.Wanted, a.ByPhone = Hold, 0, false
		p.State = Held
		s.playMusic(ref.call, ref.conn)
		s.emitCall(EvHeld, ref.call, a.ID)
	}
}

// phoneHold follows the hold key of a phone. The agent's key puts the call on
// hold, the caller's key has the agent held.
func (s *State) phoneHold(ch ChannelID, on bool) {
	ref, ok := s.legs[ch]
	if !ok {
		return
	}
	c, p := s.sawLeg(ref)
	a := c.AgentConn()
	if c.Phase != PhaseTalking || a == nil || a.Wanted != 0 {
		return // a hold or retrieve of ours is under way and wins
	}
	target := Held
	if p.Role == RoleAgent {
		target = Hold
	}
	switch {
	case on && a.State == Connected:
		a.State, a.ByPhone = target, target == Hold
		s.emitCall(EvHeld, ref.call, a.ID)
	case !on && a.State == target && (target == Held || a.ByPhone):
		a.State, a.ByPhone = Connected, false
		s.emitCall(EvRetrieved, ref.call, a.ID)
	}
}

// hold takes the caller out of the bridge; the connection is on hold when it
// has left (state moves on events, not on replies).
func (s *State) hold(id CallID, conn ConnID) {
	c, p := s.editConn(id, conn)
	p.Wanted = Hold
	s.do(Leave{EffectHead: s.head(c, conn), Bridge: c.Bridge, Channel: c.Conns[0].Channel})
}

func (s *State) retrieve(id CallID, conn ConnID) {
	_, p := s.editConn(id, conn)
	p.Wanted = Connected
	s.stopMusic(id, s.calls[id].Conns[0].ID)
	s.join(id)
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
	}
	s.incident(c.Node, "the bridge of a live call was destroyed and is made again")
	s.repair(c.ID)
}

// channelLeftApp waits a moment for the leg's end, which normally follows.
func (s *State) channelLeftApp(ch ChannelID) {
	if ref, ok := s.legs[ch]; ok {
		s.setTimer(TimerLeft, ref.call, ref.conn, s.config.LeftGrace)
	}
}

// legTaken gives up a leg that somebody has taken out of our application and
// that lives on elsewhere.
func (s *State) legTaken(id CallID, conn ConnID) {
	c := s.calls[id]
	p := c.Conn(conn)
	if p == nil || !p.Leg.alive() {
		return
	}
	s.incident(c.Node, "leg "+string(p.Channel)+" was taken out of our control by somebody else")
	s.channelGone(p.Channel, CauseNormal, 0)
	s.tombs.remove(p.Channel) // it lives: it may come back as a new call
}

func (s *State) effectDone(in EffectDone) {
	c := s.calls[in.Call]
	if in.Outcome == Failed && in.Gone && in.What == (Hangup{}).What() {
		s.channelGone(in.Channel, CauseLost, 0)
		return
	}
	if c == nil {
		return
	}
	switch in.What {
	case Originate{}.What():
		s.originateDone(in)
	case StartMusic{}.What():
		if p := c.Conn(in.Conn); p != nil && p.MusicAsked {
			_, p = s.editConn(in.Call, in.Conn)
			p.Music, p.MusicAsked = in.Outcome == Done, in.Outcome == Done
		}
	case Leave{}.What():
		if p := c.Conn(in.Conn); p != nil && p.Wanted == Hold && in.Outcome == Failed {
			_, p = s.editConn(in.Call, in.Conn)
			p.Wanted = 0
			s.emitCall(EvDataChanged, in.Call, in.Conn)
		}
	case Answer{}.What():
		if in.Outcome == Failed && !in.Gone {
			s.edit(in.Call).AnswerAsked = false
			s.retryTalk(in.Call)
		}
	case CreateBridge{}.What():
		if in.Outcome == Failed {
			s.edit(in.Call).BridgeUp = false
			s.retryTalk(in.Call)
		}
	case Join{}.What():
		s.joinFailed(in)
	}
}

func (s *State) originateDone(in EffectDone) {
	if in.Outcome != Failed {
		return // unknown: the offer's timer and the evidence decide
	}
	ref, ok := s.legs[in.Channel]
	if !ok {
		return
	}
	delete(s.legs, in.Channel)
	_, p := s.editConn(ref.call, ref.conn)
	p.Leg = LegGone
	if p.State == Ended {
		s.release(ref.call, ref.conn)
		return
	}
	why := offerUnreachable
	if in.Later {
		why = offerLink
	}
	s.offerOver(ref.call, ref.conn, CauseNormal, why)
}

func (s *State) joinFailed(in EffectDone) {
	c := s.edit(in.Call)
	if in.Gone {
		c.BridgeUp = false
	}
	for i := range c.Conns {
		c.Conns[i].JoinAsked = false
	}
	s.retryTalk(in.Call)
}

// retryTalk tries a little later to bring a talking call together.
func (s *State) retryTalk(id CallID) {
	if s.calls[id].Phase == PhaseTalking {
		s.setTimer(TimerRetry, id, ConnID{}, s.config.RetryBackoff)
	}
}
