package callmodel

import (
	"fmt"
	"slices"
	"time"
)

// channelBack is a leg that left our application for a moment, as for a
// dialplan detour, and has come back: it is the same call. What the leg was
// told before is forgotten by the server and is told again. The same fact
// twice, without the leaving, changes nothing.
func (s *State) channelBack(ref legRef) {
	if _, away := s.timers[TimerKey{Kind: TimerLeft, Call: ref.call, Conn: ref.conn}]; !away {
		return
	}
	s.cancelTimer(TimerLeft, ref.call, ref.conn)
	s.tellAgain(ref)
}

// tellAgain orders again what a leg should hear and where it should be: the
// server has forgotten it.
func (s *State) tellAgain(ref legRef) {
	c, p := s.sawLeg(ref)
	if p.Music || p.MusicAsked {
		s.do(StopMusic{EffectHead: s.head(c, p.ID), Channel: p.Channel})
	}
	p.In, p.InBridge, p.JoinAsked, p.Music, p.MusicAsked, p.RingTone = "", false, false, false, false, false
	if p.Muted {
		s.do(MuteLeg{EffectHead: s.head(c, p.ID), Channel: p.Channel, On: true})
	}
	c, p = s.editConn(ref.call, ref.conn)
	c.RingAsked = false
	switch c.Phase {
	case PhaseWaiting:
		s.treat(ref.call)
	case PhaseTalking:
		if s.outside(c, p) {
			s.playMusic(ref.call, ref.conn)
		}
		s.repair(ref.call)
	case PhaseIVR:
		s.menuAgain(ref.call)
	case PhaseParked, PhaseRouting:
		s.playMusic(ref.call, ref.conn)
	case PhaseDialing:
		s.ringBack(ref.call)
	case PhaseOffered, PhaseOver, PhaseAutomat:
	}
}

func (s *State) nextOrder() uint64 {
	s.counters.Order++
	return s.counters.Order
}

func (s *State) full(q QueueID) bool {
	cfg := s.config.Queue(q)
	return cfg.MaxWaiting > 0 && len(s.queues[q].Waiting) >= cfg.MaxWaiting
}

// addConn gives a connection its ids and appends it to a call that is being edited.
func (s *State) addConn(c *Call, p Connection) ConnID {
	s.counters.Conn++
	p.ID, p.Number, p.CreatedAt, p.SeenAt = ConnID{c.ID.derive(c.NextConn)}, s.counters.Conn, s.now, s.now
	c.NextConn++
	c.Conns = append(c.Conns, p)
	s.conns[p.ID] = c.ID
	return p.ID
}

// turnAway ends a call that gets no place.
func (s *State) turnAway(id CallID, cause Cause, why Outcome) {
	c := s.edit(id)
	c.Outcome = why
	s.visitEnds(c, visitEndOf(why))
	s.endParty(id, c.Waiting().ID, cause)
	s.over(id)
}

// endWaiting is turnAway for a call that may have an outcome already, or
// somebody who is being called.
func (s *State) endWaiting(id CallID, cause Cause, why Outcome) {
	s.dropTarget(id, CauseNormal)
	s.turnAway(id, cause, outcomeOr(s.calls[id].Outcome, why))
}

// admit puts an arrived call into its queue and tries to place it.
func (s *State) admit(id CallID) {
	c := s.edit(id)
	q := s.editQueue(c.Queue)
	q.Arrived++
	s.visit(c)
	ahead := len(q.Waiting)
	s.enqueue(id)
	if s.queueConfig(s.calls[id]).Answer == AnswerAtOnce {
		s.answerWaiting(id)
	}
	if !s.place(id) && s.calls[id] != nil {
		c = s.edit(id)
		c.Estimate = s.estimate(c, ahead)
		s.treat(id)
	}
	s.watchWait(id)
}

// enqueue gives the call its place: by priority, then by first arrival, so
// that a call that comes back from a failed offer is served first.
func (s *State) enqueue(id CallID) {
	c := s.edit(id)
	c.Phase = PhaseWaiting
	p := c.Waiting()
	if p.Role != RoleAgent {
		p.State = Queued
	}
	q := s.editQueue(c.Queue)
	at, _ := slices.BinarySearchFunc(q.Waiting, c, func(w CallID, c *Call) int {
		o := s.calls[w]
		if d := s.priority(c) - s.priority(o); d != 0 {
			return d
		}
		if o.Order < c.Order {
			return -1
		}
		return 1
	})
	q.Waiting = slices.Insert(q.Waiting, at, id)
	if c.inVisit() && c.Visit().Position == 0 {
		c.editVisit().Position = at + 1
	}
	s.emitCall(EvQueued, id, p.ID)
}

// priority is the queue's, and the call's own on top.
func (s *State) priority(c *Call) int {
	if q := s.queueConfig(c); q != nil {
		return q.Priority + c.Priority
	}
	return c.Priority
}

func (s *State) dequeue(id CallID) {
	s.cancelTimer(TimerWait, id, ConnID{})
	q := s.editQueue(s.calls[id].Queue)
	if i := slices.Index(q.Waiting, id); i >= 0 {
		if c := s.edit(id); c.inVisit() {
			c.editVisit().LastPosition = i + 1
		}
		q.Waiting = slices.Delete(q.Waiting, i, i+1)
	}
}

// treat is what a caller gets who has to wait.
func (s *State) treat(id CallID) {
	c := s.calls[id]
	p := c.Waiting()
	if c.Phase != PhaseWaiting || c.seeks() || !p.Leg.alive() || c.Announce != nil && c.Announce.Play != "" {
		return
	}
	q := s.queueConfig(c)
	if c.rings(q) {
		s.stopMusic(id, p.ID) // where an order to stop it has failed
		s.ringWaiting(id)
		return
	}
	s.answerWaiting(id)
	s.playMusic(id, p.ID)
	s.collectForCallback(id)
}

// rings reports whether whoever waits hears ringing in a queue. Who has been
// answered before pays already, and hears music.
func (c *Call) rings(q *QueueConfig) bool {
	return q.Answer == AnswerAgent && c.Waiting().Leg != LegUp && !c.AnswerAsked
}

// answerWaiting answers the leg of whoever waits, where it has called in.
func (s *State) answerWaiting(id CallID) {
	c := s.calls[id]
	p := c.Waiting()
	if p.Leg == LegUp || c.AnswerAsked || !p.Leg.alive() || p.Channel.Ours() {
		return
	}
	c = s.edit(id)
	c.AnswerAsked = true
	s.do(Answer{EffectHead: s.head(c, p.ID), Channel: p.Channel})
}

func (s *State) ringWaiting(id CallID) {
	c := s.calls[id]
	p := c.Waiting()
	if p.Leg == LegUp || !p.Leg.alive() || c.AnswerAsked || c.RingAsked || p.Channel.Ours() {
		return
	}
	c = s.edit(id)
	c.RingAsked = true
	s.do(Ring{EffectHead: s.head(c, p.ID), Channel: p.Channel})
}

func (s *State) playMusic(id CallID, conn ConnID) {
	c, p := s.editConn(id, conn)
	if p.MusicAsked || !p.Leg.alive() {
		return
	}
	p.MusicAsked = true
	class := ""
	if q := s.queueConfig(c); q != nil {
		class = q.Music
	}
	if c.Phase == PhaseParked && s.config.Parking.Music != "" {
		class = s.config.Parking.Music
	}
	s.do(StartMusic{EffectHead: s.head(c, conn), Channel: p.Channel, Class: class})
}

func (s *State) stopMusic(id CallID, conn ConnID) {
	c, p := s.editConn(id, conn)
	if !p.MusicAsked && !p.MusicMaybe || !p.Leg.alive() {
		return
	}
	p.MusicAsked, p.Music, p.MusicMaybe, p.MusicStopAt = false, false, false, s.now
	s.do(StopMusic{EffectHead: s.head(c, conn), Channel: p.Channel})
}

// endParty ends anybody's part in a call.
func (s *State) endParty(id CallID, conn ConnID, cause Cause) {
	if s.calls[id].Conn(conn).Role == RoleAgent {
		s.endAgentConn(id, conn, cause)
		return
	}
	s.clearParty(id, conn, cause)
}

// clearParty ends the connection of a party that is no agent and hangs its leg up.
func (s *State) clearParty(id CallID, conn ConnID, cause Cause) {
	c, p := s.editConn(id, conn)
	if p.State == Ended {
		return
	}
	p.State, p.EndedAt, p.Cause, p.Wanted = Ended, s.endOf(p), cause, 0
	s.cancelTimer(TimerTarget, id, conn)
	s.hangup(c, p, cause)
	s.emitCall(EvCleared, id, conn)
}

// hangup ends a connection's leg. A standing leg only leaves the call.
func (s *State) hangup(c *Call, p *Connection, cause Cause) {
	switch {
	case !p.Leg.alive():
	case p.Borrowed:
		s.giveBack(c.ID, p.ID)
	default:
		s.do(Hangup{EffectHead: s.head(c, p.ID), Channel: p.Channel, Cause: cause})
	}
}

// over ends the conversation: what is left is wrap-up and clean-up.
func (s *State) over(id CallID) {
	c := s.edit(id)
	if c.Phase == PhaseOver {
		return
	}
	c.Phase, c.OverAt = PhaseOver, s.overAt(c)
	c.Target, c.IVR, c.Announce, c.Parked = nil, nil, nil, nil
	s.visitEnds(c, visitEndOf(c.Outcome))
	for _, k := range []TimerKind{TimerRetry, TimerWait, TimerDigit, TimerDecision, TimerRoute, TimerPark, TimerConnect, TimerScreen, TimerMessage, TimerRing} {
		s.cancelTimer(k, id, ConnID{})
	}
	if c.BridgeUp {
		c.BridgeUp = false
		s.do(DestroyBridge{EffectHead: s.head(c, ConnID{}), Bridge: c.Bridge})
	}
	s.callbackOver(id)
	s.finish(id)
}

// finish forgets a call of which nothing is left.
func (s *State) finish(id CallID) {
	c := s.calls[id]
	if c == nil || c.Phase != PhaseOver {
		return
	}
	for i := range c.Conns {
		if !c.Conns[i].done() {
			return
		}
	}
	s.emitCall(EvCallEnded, id, ConnID{})
	for i := range c.Conns {
		delete(s.conns, c.Conns[i].ID)
	}
	delete(s.calls, id)
}

func (s *State) channelUp(node NodeID, ch ChannelID) {
	ref, ok := s.legs[ch]
	switch {
	case !ok:
		s.orphan(node, ch)
		return
	case ref.entering:
		s.passcodeUp(ref.agent)
		return
	case ref.agent != "":
		s.standingUp(ref.agent)
		return
	}
	c, p := s.sawLeg(ref)
	if p.Leg == LegUp {
		if !s.legBack(ref.call, ref.conn) {
			s.channelBack(ref)
		}
		return
	}
	p.Leg = LegUp
	switch {
	case p.State == Ended: // answered in the moment when we gave up
		s.hangup(c, p, CauseNormal)
	case c.customer(StageRinging) == p:
		s.customerUp(ref.call, ref.conn)
	case p.Role == RoleCaller || p.Maker && !p.Channel.Ours():
		if c.AnsweredAt == 0 {
			c.AnsweredAt = s.now
		}
	case p.Maker:
		s.makerUp(ref.call, ref.conn)
	case p.offered() && s.alertFirst(ref.call, ref.conn):
	case p.State == Initiated || p.State == Alerting:
		s.connect(ref.call, ref.conn)
	}
}

// orphanAgain is when a leg that was hung up as an orphan and still shows is hung up again.
const orphanAgain = 5 * time.Second

// orphan hangs up a leg of ours that no call knows, such as an originate that
// ran long after we had given it up.
func (s *State) orphan(node NodeID, ch ChannelID) {
	if ch.Ours() {
		s.hangupOrphan(node, ch)
	}
}

// hangupOrphan hangs up a leg that is under our control.
func (s *State) hangupOrphan(node NodeID, ch ChannelID) {
	at, again := s.orphans.at[ch]
	if again && s.now.Sub(at) < orphanAgain {
		return
	}
	s.orphans.remove(ch)
	s.orphans.add(ch, s.now)
	s.counters.Effect++
	s.do(Hangup{EffectHead: EffectHead{ID: s.counters.Effect, Node: node}, Channel: ch, Cause: CauseNormal})
	s.incident(node, fmt.Sprintf("leg %s belongs to no call and was hung up", ch))
}

func (s *State) channelGone(ch ChannelID, cause Cause, tech int) {
	ref, ok := s.legs[ch]
	s.tombs.add(ch, s.now)
	if !ok {
		return
	}
	delete(s.legs, ch)
	if ref.entering {
		s.passcodeGone(ref.agent, cause)
		return
	}
	if ref.agent != "" {
		s.standingGone(ref.agent, cause)
		return
	}
	c, p := s.editConn(ref.call, ref.conn)
	p.Leg, p.In, p.InBridge, p.JoinAsked = LegGone, "", false, false
	s.cancelTimer(TimerLeft, ref.call, ref.conn)
	if p.Borrowed {
		s.borrowedGone(p.Agent)
		c, p = s.editConn(ref.call, ref.conn)
	}
	switch {
	case p.State == Ended && p.Role == RoleAgent:
		s.release(ref.call, ref.conn)
	case p.State == Ended:
		s.finish(ref.call)
	case c.Target != nil && c.Target.Conn == ref.conn && p.Role != RoleAgent:
		s.targetFailed(ref.call, cause, tech)
	case p.Role != RoleAgent:
		s.partyGone(ref.call, ref.conn, cause)
	case p.Maker && p.State == Initiated:
		s.makerGone(ref.call, ref.conn, cause)
	case p.State == Initiated || p.State == Alerting:
		s.offerOver(ref.call, ref.conn, cause, offerEnd(cause, tech))
	default:
		s.agentLegGone(ref.call, ref.conn, cause)
	}
}

// agentLegGone is an agent who hangs up the phone in a conversation. Where
// they are in consultation, that completes the transfer, as it does on a PBX.
func (s *State) agentLegGone(id CallID, conn ConnID, cause Cause) {
	if s.transferByHangup(id, conn) {
		return
	}
	c := s.calls[id]
	partner := c.Conn(conn).Partner
	if c.Phase != PhaseTalking && c.Waiting().ID == conn { // the other party has sent the call on, and they would have waited
		s.cancelMade(id, conn)
	} else {
		s.endAgentConn(id, conn, cause)
		s.partyLeft(id)
	}
	s.stranded(partner)
}

// partyGone is the far end's hang-up, in whatever state the call is.
func (s *State) partyGone(id CallID, conn ConnID, cause Cause) {
	if p := s.calls[id].customer(StageScreening, StageWaiting, StageBeep, StageMessage); p != nil && p.ID == conn {
		s.customerGone(id, conn, cause)
		return
	}
	c, p := s.editConn(id, conn)
	p.State, p.EndedAt, p.Cause, p.Wanted = Ended, s.endOf(p), cause, 0
	phase := c.Phase
	switch phase {
	case PhaseWaiting:
		c.Outcome = lostOr(cause, OutcomeAbandoned)
		s.dequeue(id)
		s.abandoned(c)
	case PhaseOffered:
		c.Outcome = lostOr(cause, OutcomeAbandonedRing)
		s.abandoned(c)
	case PhaseRouting:
		c.Outcome = lostOr(cause, OutcomeAbandoned)
	case PhaseDialing:
		c.Outcome = outcomeOr(c.Outcome, lostOr(cause, OutcomeCancelled))
	case PhaseIVR, PhaseParked, PhaseAutomat:
		c.Outcome = outcomeOr(c.Outcome, lostOr(cause, OutcomeAbandoned))
	case PhaseTalking, PhaseOver:
	}
	s.emitCall(EvCleared, id, conn)
	if phase == PhaseTalking {
		s.partyLeft(id)
		return
	}
	if phase == PhaseRouting {
		s.routeEnded(id, "abandoned")
	}
	s.dropTarget(id, CauseNormal)
	s.withdrawAll(id, CauseNormal)
	s.over(id)
}

// abandoned counts a caller who gave up.
func (s *State) abandoned(c *Call) {
	how := VisitAbandoned
	if c.Outcome == OutcomeLost {
		how = VisitLost
	}
	s.visitEnds(c, how)
	q := s.editQueue(c.Queue)
	q.Abandoned++
	if cfg := s.queueConfig(c); cfg != nil && s.now.Sub(c.QueuedAt) <= cfg.ServiceLevel {
		q.GoneFast++
	}
}

// partyLeft sees to those whom somebody has left: two and more go on, and one
// who is alone is cleared, unless somebody else is being called for them.
func (s *State) partyLeft(id CallID) {
	c := s.calls[id]
	if c == nil || c.Phase == PhaseOver {
		return
	}
	if c.Target != nil {
		if w := c.Waiting(); w.State == Ended || w.ID == c.Target.Conn { // nobody is left to be called for
			s.dropTarget(id, CauseNormal)
			s.edit(id).Outcome = outcomeOr(s.calls[id].Outcome, OutcomeCancelled)
			s.over(id)
		}
		return
	}
	if s.seekAgain(id) {
		return
	}
	left := c.talkers()
	if len(left) >= 2 {
		s.regroup(id)
		return
	}
	for _, conn := range left {
		s.endParty(id, conn, CauseNormal)
	}
	s.over(id)
}

func lostOr(cause Cause, o Outcome) Outcome {
	if cause == CauseLost {
		return OutcomeLost
	}
	return o
}
