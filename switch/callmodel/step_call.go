package callmodel

import (
	"fmt"
	"slices"
	"time"
)

// channelArrived starts a call. adopted: the leg was found in a listing, and
// what it hears is not known.
func (s *State) channelArrived(in ChannelArrived, adopted bool) {
	if ref, known := s.legs[in.Channel]; known {
		s.channelBack(ref)
		return
	}
	if s.tombs.has(in.Channel) || s.calls[in.Call] != nil {
		return // the same fact again, as after a resync
	}
	s.counters.Call++
	c := &Call{
		ID: in.Call, Number: s.counters.Call, Node: in.Node, Config: s.config.Version, Phase: PhaseWaiting,
		Dialled: in.Dialled, Caller: in.Caller, CallerName: in.CallerName,
		ArrivedAt: s.now, Seq: 1, gen: s.gen,
	}
	leg := LegDown
	if in.Up {
		leg, c.AnsweredAt = LegUp, s.now
	}
	s.calls[c.ID] = c
	p := s.addConn(c, Connection{Role: RoleCaller, Device: in.Caller, Channel: in.Channel, Leg: leg, State: Queued, Processing: NotInProcess})
	s.legs[in.Channel] = legRef{call: c.ID, conn: p}
	if adopted && in.Up {
		s.do(StopMusic{EffectHead: s.head(c, p), Channel: in.Channel})
	}
	q, found := s.config.QueueFor(in.Dialled)
	if found {
		c.Queue = q
		c.Order = s.nextOrder()
		c.QueuedAt = s.now
	}
	s.emitCall(EvCallStarted, c.ID, p)
	switch {
	case len(s.calls) > s.config.MaxCalls:
		s.turnAway(c.ID, CauseCongestion, OutcomeOverload)
	case !found:
		s.turnAway(c.ID, CauseUnallocated, OutcomeUnknownNumber)
	case s.full(q):
		s.turnAway(c.ID, CauseBusy, OutcomeQueueFull)
	default:
		s.admit(c.ID)
	}
}

// channelBack is a leg that left our application for a moment, as for a
// dialplan detour, and has come back: it is the same call. What the leg was
// told before is forgotten by the server and is told again. The same fact
// twice, without the leaving, changes nothing.
func (s *State) channelBack(ref legRef) {
	if _, away := s.timers[TimerKey{Kind: TimerLeft, Call: ref.call, Conn: ref.conn}]; !away {
		return
	}
	s.cancelTimer(TimerLeft, ref.call, ref.conn)
	c, p := s.sawLeg(ref)
	p.InBridge, p.JoinAsked, p.Music, p.MusicAsked = false, false, false, false
	c.RingAsked = false
	switch c.Phase {
	case PhaseWaiting:
		s.treat(ref.call)
	case PhaseTalking:
		if s.outside(c, p) {
			s.playMusic(ref.call, ref.conn)
		}
		s.repair(ref.call)
	case PhaseOffered, PhaseOver:
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
	s.edit(id).Outcome = why
	s.clearCaller(id, cause)
	s.over(id)
}

// admit puts an arrived call into its queue and tries to place it.
func (s *State) admit(id CallID) {
	s.editQueue(s.calls[id].Queue).Arrived++
	s.enqueue(id)
	if s.queueConfig(s.calls[id]).Answer == AnswerAtOnce {
		s.answerCaller(id)
	}
	if !s.place(id) {
		s.treat(id)
	}
}

// enqueue gives the call its place: by priority, then by first arrival, so
// that a call that comes back from a failed offer is served first.
func (s *State) enqueue(id CallID) {
	c := s.edit(id)
	c.Phase = PhaseWaiting
	c.Conns[0].State = Queued
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
	s.emitCall(EvQueued, id, c.Conns[0].ID)
}

func (s *State) priority(c *Call) int {
	if q := s.queueConfig(c); q != nil {
		return q.Priority
	}
	return 0
}

func (s *State) dequeue(id CallID) {
	q := s.editQueue(s.calls[id].Queue)
	if i := slices.Index(q.Waiting, id); i >= 0 {
		q.Waiting = slices.Delete(q.Waiting, i, i+1)
	}
}

// treat is what a caller gets who has to wait.
func (s *State) treat(id CallID) {
	c := s.calls[id]
	if c.Phase != PhaseWaiting || !c.Conns[0].Leg.alive() {
		return
	}
	q := s.queueConfig(c)
	if q.Answer == AnswerAgent {
		s.ringCaller(id)
		return
	}
	s.answerCaller(id)
	s.playMusic(id, c.Conns[0].ID)
}

func (s *State) answerCaller(id CallID) {
	c := s.calls[id]
	if c.Conns[0].Leg == LegUp || c.AnswerAsked {
		return
	}
	c = s.edit(id)
	c.AnswerAsked = true
	s.do(Answer{EffectHead: s.head(c, c.Conns[0].ID), Channel: c.Conns[0].Channel})
}

func (s *State) ringCaller(id CallID) {
	c := s.calls[id]
	if c.Conns[0].Leg == LegUp || c.AnswerAsked || c.RingAsked {
		return
	}
	c = s.edit(id)
	c.RingAsked = true
	s.do(Ring{EffectHead: s.head(c, c.Conns[0].ID), Channel: c.Conns[0].Channel})
}

func (s *State) playMusic(id CallID, conn ConnID) {
	c, p := s.editConn(id, conn)
	if p.MusicAsked {
		return
	}
	p.MusicAsked = true
	class := ""
	if q := s.queueConfig(c); q != nil {
		class = q.Music
	}
	s.do(StartMusic{EffectHead: s.head(c, conn), Channel: p.Channel, Class: class})
}

func (s *State) stopMusic(id CallID, conn ConnID) {
	c, p := s.editConn(id, conn)
	if !p.MusicAsked || !p.Leg.alive() {
		return
	}
	p.MusicAsked, p.Music = false, false
	s.do(StopMusic{EffectHead: s.head(c, conn), Channel: p.Channel})
}

// clearCaller ends the caller's connection and hangs its leg up.
func (s *State) clearCaller(id CallID, cause Cause) {
	c, p := s.editConn(id, s.calls[id].Conns[0].ID)
	if p.State == Ended {
		return
	}
	p.State, p.EndedAt, p.Cause = Ended, s.now, cause
	s.hangup(c, p, cause)
	s.emitCall(EvCleared, id, p.ID)
}

func (s *State) hangup(c *Call, p *Connection, cause Cause) {
	if p.Leg.alive() {
		s.do(Hangup{EffectHead: s.head(c, p.ID), Channel: p.Channel, Cause: cause})
	}
}

// over ends the conversation: what is left is wrap-up and clean-up.
func (s *State) over(id CallID) {
	c := s.edit(id)
	if c.Phase == PhaseOver {
		return
	}
	c.Phase, c.OverAt = PhaseOver, s.now
	s.cancelTimer(TimerRetry, id, ConnID{})
	if c.BridgeUp {
		c.BridgeUp = false
		s.do(DestroyBridge{EffectHead: s.head(c, ConnID{}), Bridge: c.Bridge})
	}
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
	if !ok {
		s.orphan(node, ch)
		return
	}
	c, p := s.sawLeg(ref)
	if p.Leg == LegUp {
		return
	}
	p.Leg = LegUp
	if p.Role == RoleCaller {
		if c.AnsweredAt == 0 {
			c.AnsweredAt = s.now
		}
		return
	}
	if p.State == Ended { // answered in the moment when we gave up
		s.hangup(c, p, CauseNormal)
		return
	}
	s.connect(ref.call, ref.conn)
}

// orphanAgain is when a leg that was hung up as an orphan and still shows is hung up again.
const orphanAgain = 5 * time.Second

// orphan hangs up a leg of ours that no call knows, such as an originate that
// ran long after we had given it up.
func (s *State) orphan(node NodeID, ch ChannelID) {
	at, again := s.orphans.at[ch]
	if !ch.Ours() || again && s.now.Sub(at) < orphanAgain {
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
	_, p := s.editConn(ref.call, ref.conn)
	p.Leg, p.InBridge, p.JoinAsked = LegGone, false, false
	s.cancelTimer(TimerLeft, ref.call, ref.conn)
	if p.Role == RoleCaller {
		s.callerGone(ref.call, cause)
		return
	}
	switch p.State {
	case Initiated, Alerting:
		s.offerOver(ref.call, ref.conn, cause, offerEnd(cause, tech))
	case Connected, Hold, Held:
		s.endAgentConn(ref.call, ref.conn, cause)
		s.clearCaller(ref.call, CauseNormal)
		s.over(ref.call)
	case Ended:
		s.release(ref.call, ref.conn)
	case Queued: // only callers queue
	}
}

// callerGone is the far end's hang-up, in whatever state the call is.
func (s *State) callerGone(id CallID, cause Cause) {
	c, p := s.editConn(id, s.calls[id].Conns[0].ID)
	if p.State == Ended {
		s.finish(id)
		return
	}
	p.State, p.EndedAt, p.Cause = Ended, s.now, cause
	phase, agent := c.Phase, c.AgentConn()
	switch phase {
	case PhaseWaiting:
		c.Outcome = lostOr(cause, OutcomeAbandoned)
		s.dequeue(id)
		s.editQueue(c.Queue).Abandoned++
	case PhaseOffered:
		c.Outcome = lostOr(cause, OutcomeAbandonedRing)
		s.editQueue(c.Queue).Abandoned++
	case PhaseTalking, PhaseOver:
	}
	s.emitCall(EvCleared, id, p.ID)
	if agent != nil {
		if phase == PhaseOffered {
			s.withdraw(id, agent.ID, CauseNormal)
		} else {
			s.endAgentConn(id, agent.ID, CauseNormal)
		}
	}
	s.over(id)
}

func lostOr(cause Cause, o Outcome) Outcome {
	if cause == CauseLost {
		return OutcomeLost
	}
	return o
}
