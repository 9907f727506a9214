package callmodel

import (
	"slices"
	"strings"
	"time"
)

// endAgentConn ends an agent's part in a conversation; wrap-up follows where
// the queue or the agent's client wants it. A leg that the line's other call
// needs stays up for it.
func (s *State) endAgentConn(id CallID, conn ConnID, cause Cause) {
	c, p := s.editConn(id, conn)
	if p.State == Ended {
		return
	}
	p.State, p.EndedAt, p.Cause, p.Wanted, p.SwapTo = Ended, s.endOf(p), cause, 0, ConnID{}
	wrap := s.wrapUp(c, p)
	if wrap {
		p.Processing = WrapUp
	} else {
		p.Processing = NotInProcess
	}
	s.cancelTimer(TimerTarget, id, conn)
	s.stopRing(id, conn)
	partner := p.Partner
	s.letGo(id, conn)
	_, p = s.editConn(id, conn)
	agent := p.Agent
	a := s.editAgent(agent)
	if p.ConnectedAt != 0 {
		a.Talk += p.EndedAt.Sub(p.ConnectedAt)
	}
	s.handled(id, conn, wrap)
	if wrap {
		s.settle(agent)
	}
	s.emitCall(EvCleared, id, conn)
	s.alone(partner)
	if wrap {
		s.emitAgent(agent)
	}
	s.release(id, conn)
}

// alone tells that the line's other call is the only one now: it can do less. A
// consultation that waited for a hold starts.
func (s *State) alone(conn ConnID) {
	c := s.CallByConn(conn)
	if c == nil || c.Conn(conn).State == Ended {
		return
	}
	s.emitCall(EvDataChanged, c.ID, conn)
	if c = s.calls[c.ID]; c.Target == nil || c.Target.Hold.IsZero() {
		return
	}
	if !c.Conn(conn).Leg.alive() {
		s.cancelMade(c.ID, conn)
		return
	}
	t := *c.Target // the call that was to be put on hold first has ended
	t.Hold = ConnID{}
	s.edit(c.ID).Target = &t
	s.emitCall(EvOriginated, c.ID, conn)
	s.take(c.ID, t.To)
}

// letGo hangs a connection's leg up, or leaves it to the line's other call.
func (s *State) letGo(id CallID, conn ConnID) {
	c, p := s.editConn(id, conn)
	pc, q := s.partner(p)
	if q != nil && p.Leg.alive() && !q.Leg.alive() && q.State != Ended {
		bridge, channel, inside := c.Bridge, p.Channel, p.InBridge || p.JoinAsked
		s.moveLeg(ItemRef{id, conn}, ItemRef{pc.ID, q.ID})
		if inside {
			c = s.edit(id)
			s.do(Leave{EffectHead: s.head(c, conn), Bridge: bridge, Channel: channel})
		}
	} else {
		cause := CauseNormal
		if p.Leg != LegUp && !p.Channel.Ours() {
			cause = p.Cause // what the phone that has called shows
		}
		s.hangup(c, p, cause)
	}
	s.unpair(id, conn)
}

// handleWindow is how many calls the mean handle time looks back.
const handleWindow = 64

// handled adds a finished piece of work to its queue's mean handle time: from
// the answer to the end of the wrap-up.
func (s *State) handled(id CallID, conn ConnID, wrapFollows bool) {
	c := s.calls[id]
	p := c.Conn(conn)
	if wrapFollows || p.ConnectedAt == 0 || c.Queue == "" || p.Direct || p.Maker || s.queues[c.Queue] == nil {
		return
	}
	q := s.editQueue(c.Queue)
	q.Handles++
	k := int64(min(q.Handles, handleWindow))
	q.Handle += time.Duration((int64(s.now.Sub(p.ConnectedAt)) - int64(q.Handle)) / k)
}

// release lets go of a connection of which nothing is left: its agent is
// free, or goes on with what else is on the line, and the call may be over.
func (s *State) release(id CallID, conn ConnID) {
	p := s.calls[id].Conn(conn)
	if !p.done() {
		s.rest(p.Agent)
		return
	}
	if a := s.agents[p.Agent]; a != nil && a.has(conn) {
		a = s.editAgent(p.Agent)
		a.Items = slices.DeleteFunc(slices.Clone(a.Items), func(r ItemRef) bool { return r.Conn == conn })
		s.without(a)
	}
	s.finish(id)
}

// without is an agent whose line has one item less.
func (s *State) without(a *Agent) {
	switch {
	case !a.busy(): // wrap-up that has not kept them from anything
		a.ActiveWrap = len(a.Items) > 0
		s.emitAgent(a.ID)
	case len(a.Items) == 0:
		s.free(a.ID)
	case s.rest(a.ID):
	case s.settle(a.ID):
		s.emitAgent(a.ID)
	}
}

// has reports whether a connection is on the agent's line.
func (a *Agent) has(conn ConnID) bool {
	return slices.ContainsFunc(a.Items, func(r ItemRef) bool { return r.Conn == conn })
}

// settle gives an agent with items on the line the state that follows from
// them, and reports whether it has changed: a conversation wins over wrap-up,
// wrap-up over an offer, unless it does not keep the agent from one.
func (s *State) settle(id AgentID) bool {
	a := s.editAgent(id)
	was, wasActive, wasWrap := a.State, a.Conn, a.ActiveWrap
	next, wraps, active, multi := AgentState(0), 0, ItemRef{}, s.config.CTI.MultiSession
	for _, r := range a.Items {
		p := s.calls[r.Call].Conn(r.Conn)
		switch {
		case p.Processing == WrapUp:
			if wraps++; next != OnCall && !(multi && next == Reserved) {
				next, active = InWrapUp, r
			}
		case p.State == Ended: // its leg is still on its way out
			if active.Conn.IsZero() {
				active = r
			}
		case p.talks() || p.Maker:
			if next != OnCall || p.Leg.alive() {
				active = r
			}
			next = OnCall
		case next == 0 || next == Reserved || multi && next == InWrapUp:
			next, active = Reserved, r
		}
	}
	if next == 0 {
		next = a.State // only legs that are on their way out are left
	}
	a.State, a.Call, a.Conn, a.ActiveWrap = next, active.Call, active.Conn, wraps > 0 && (next == OnCall || multi && next == Reserved)
	a.Paperwork = next == InWrapUp && s.config.CTI.Paperwork
	if a.State == was {
		return a.Conn != wasActive || a.ActiveWrap != wasWrap
	}
	a.Since = s.now
	return true
}

// free ends an agent's occupation by a call and gives them their next state.
// Wrap-up that does not occupy them stays.
func (s *State) free(id AgentID) {
	a := s.editAgent(id)
	aside := s.asides(a)
	if !a.Supervises.IsZero() { // the leg of a supervision is still on its way out
		a.State, a.Reason, a.Since = OnCall, "", s.now
		a.Call, a.Conn, a.Items, a.ActiveWrap, a.Warned, a.Paperwork = CallID{}, ConnID{}, nil, false, false, false
		s.emitAgent(id)
		return
	}
	next, reason := Ready, a.Profile
	if a.Pending != 0 {
		next, reason = a.Pending, a.PendingReason
	}
	if next == Ready && a.Station.Mode == Nailed && (a.Standing == nil || a.Standing.Leg != LegUp) {
		a.Resume, next, reason = Ready, NotReady, ReasonLegLost
	}
	if a.State == OnCall || a.State == InWrapUp {
		a.IdleSince = s.now
	}
	a.State, a.Reason, a.Since = next, reason, s.now
	a.Pending, a.PendingReason = 0, ""
	a.Call, a.Conn, a.Items = CallID{}, ConnID{}, aside
	a.ActiveWrap, a.Warned, a.Paperwork = len(aside) > 0, s.warned(aside), false
	a.Profile = s.profile(next, reason)
	a.Park = next == NotReady && s.parkReason(reason)
	s.emitAgent(id)
	if next == LoggedOut {
		s.loggedOut(id)
	} else {
		s.needStanding(id)
	}
	if a.Removed {
		s.dropStanding(id)
		delete(s.agents, id)
		return
	}
	s.serve(id)
}

// channelLeftApp waits a moment for the leg's end, which normally follows.
func (s *State) channelLeftApp(ch ChannelID) {
	ref, ok := s.legs[ch]
	if !ok || ref.agent != "" {
		return
	}
	if c := s.calls[ref.call]; c != nil && c.Dial != nil && c.Dial.Away && c.Conns[0].ID == ref.conn {
		return // by our order, and it comes back
	}
	s.setTimer(TimerLeft, ref.call, ref.conn, s.config.LeftGrace)
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
	if in.Call.IsZero() && in.What == (Originate{}).What() {
		s.originateDone(in) // of a standing leg
		return
	}
	if strings.HasPrefix(in.What, "record-") {
		s.recordOutcome(in)
		return
	}
	if in.What == (Leave{}).What() {
		s.standingStays(in)
	}
	c := s.calls[in.Call]
	if in.Outcome == Failed && in.Gone && in.What == (Hangup{}).What() {
		s.channelGone(in.Channel, CauseLost, 0)
		return
	}
	if c == nil {
		if in.What == (MuteLeg{}).What() && in.Outcome == Failed && !in.Gone {
			s.stillMuted(in.Channel)
		}
		return
	}
	switch in.What {
	case Originate{}.What():
		s.dialDone(in)
		s.originateDone(in)
	case Screen{}.What():
		s.screenDone(in)
	case StartMusic{}.What():
		if p := c.Conn(in.Conn); p != nil && p.MusicAsked {
			_, p = s.editConn(in.Call, in.Conn)
			p.Music, p.MusicAsked = in.Outcome == Done, in.Outcome == Done
			p.MusicMaybe = p.MusicMaybe || in.Outcome != Done && !in.Gone
			p.MusicLate = p.MusicLate || in.Outcome == Unknown
		} else if p != nil && p.Channel == in.Channel && in.Outcome == Unknown { // stopped meanwhile, by an order that may run before it
			_, p = s.editConn(in.Call, in.Conn)
			p.MusicMaybe, p.MusicLate = true, true
		}
	case Leave{}.What():
		if p := c.Conn(in.Conn); p != nil && p.Wanted == Hold && in.Outcome == Failed {
			_, p = s.editConn(in.Call, in.Conn)
			p.Wanted, p.SwapTo = 0, ConnID{}
			s.emitCall(EvDataChanged, in.Call, in.Conn)
			s.consultFailed(in.Conn)
		}
	case StopMusic{}.What(), StopRing{}.What():
		s.stillPlays(in)
	case MuteLeg{}.What():
		if p := c.Conn(in.Conn); p != nil && in.Outcome == Failed && !in.Gone {
			s.muteFailed(in)
		}
	case Play{}.What():
		s.playFailed(in)
	case StopPlay{}.What():
		if in.Gone && c.Playing != "" { // it has ended while nobody saw
			s.playEnded(c.Playing, false)
		}
	case Decide{}.What():
		if in.Outcome != Done {
			s.decisionFailed(in.Call)
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
	if !ok || !in.Channel.Ours() {
		return
	}
	delete(s.legs, in.Channel)
	if ref.entering {
		s.passcodeGone(ref.agent, CauseUnreachable)
		return
	}
	if ref.agent != "" {
		s.standingGone(ref.agent, CauseUnreachable)
		return
	}
	c, p := s.editConn(ref.call, ref.conn)
	p.Leg = LegGone
	s.cancelTimer(TimerLeft, ref.call, ref.conn)
	switch {
	case p.State == Ended && p.Role == RoleAgent:
		s.release(ref.call, ref.conn)
	case p.State == Ended:
		s.finish(ref.call)
	case p.talks() && p.Role == RoleAgent:
		s.agentLegGone(ref.call, ref.conn, CauseUnreachable)
	case p.Maker:
		s.makerGone(ref.call, ref.conn, CauseUnreachable)
	case p.Role != RoleAgent && c.Target != nil && c.Target.Conn == ref.conn:
		s.targetFailed(ref.call, CauseUnreachable, 0)
	case p.Role != RoleAgent:
		s.partyGone(ref.call, ref.conn, CauseUnreachable)
	case in.Later && c.Target == nil:
		s.offerOver(ref.call, ref.conn, CauseNormal, offerLink)
	default:
		s.offerOver(ref.call, ref.conn, CauseNormal, offerUnreachable)
	}
}

// muteFailed takes a mute back that was not carried out. A standing leg that
// may still be muted is unmuted again before its next call.
func (s *State) muteFailed(in EffectDone) {
	_, p := s.editConn(in.Call, in.Conn)
	if p.State != Ended {
		p.Muted = !p.Muted
		s.emitCall(EvDataChanged, in.Call, in.Conn)
		return
	}
	s.stillMuted(in.Channel)
}

// stillMuted is a standing leg that could not be unmuted at the end of a call.
func (s *State) stillMuted(ch ChannelID) {
	ref, ok := s.legs[ch]
	if !ok {
		return
	}
	if ref.agent == "" {
		if c := s.calls[ref.call]; c != nil && c.Conn(ref.conn).Borrowed { // the next call has the leg already
			s.do(MuteLeg{EffectHead: s.head(c, ref.conn), Channel: ch})
		}
		return
	}
	if a := s.agents[ref.agent]; a != nil && a.Standing != nil && a.Standing.Channel == ch {
		a = s.editAgent(ref.agent)
		st := *a.Standing
		st.Muted = true
		a.Standing = &st
	}
}

// stillPlays is music or ringing that could not be stopped: it is tried again.
func (s *State) stillPlays(in EffectDone) {
	p := s.calls[in.Call].Conn(in.Conn)
	if in.Outcome == Done || in.Gone || p == nil || p.Channel != in.Channel {
		return
	}
	_, p = s.editConn(in.Call, in.Conn)
	if in.What == (StopRing{}).What() {
		p.RingTone = true
	} else {
		p.MusicMaybe = true
		p.MusicLate = p.MusicLate || in.Outcome == Unknown
	}
	if in.Later { // what the server refuses is left to the next resync
		s.retryTalk(in.Call)
	}
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
