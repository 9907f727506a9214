package callmodel

import "time"

// offerResult says how an offer ended without an answer.
type offerResult uint8

const (
	offerNoAnswer    offerResult = 1 // rang out: the agent is not ready
	offerUnreachable offerResult = 2 // the phone could not be called: the agent is not ready
	offerRejected    offerResult = 3 // turned down: not offered to this agent again
	offerLink        offerResult = 4 // the link failed: nobody's fault, try again soon
	offerLogout      offerResult = 5 // the agent logged out
)

// offerEnd reads the end of an offer's leg that we did not ask for. 480, 404
// and the like mean that the phone is not there; a busy or reject key means
// that its owner does not want the call (specs/asterisk.md 1.4).
func offerEnd(cause Cause, tech int) offerResult {
	if cause == CauseLost {
		return offerLink // it ended while we could not see how
	}
	if cause.refusal() && tech != 480 {
		return offerRejected
	}
	return offerUnreachable
}

// originateMargin lets our own timer fire before the backend's.
const originateMargin = 5 * time.Second

// place offers a waiting call to an agent and reports whether it did.
func (s *State) place(id CallID) bool {
	c := s.calls[id]
	if c == nil {
		return false
	}
	if c.Phase == PhaseTalking {
		s.repair(id)
		return false
	}
	if c.Phase != PhaseWaiting || !s.canRoute(c) {
		return false
	}
	q := s.queueConfig(c)
	if q == nil { // the queue was removed and no version of it is left
		s.dequeue(id)
		s.turnAway(id, CauseNormal, OutcomeLost)
		return false
	}
	s.scratch = s.scratch[:0]
	for _, a := range s.config.serving[c.Queue] {
		if ag := s.agents[a]; ag != nil && ag.State == Ready && !c.refusedBy(a) {
			s.scratch = append(s.scratch, ag)
		}
	}
	if len(s.scratch) == 0 {
		return false
	}
	i := s.router.PickAgent(q, c, s.scratch, s.now)
	if i < 0 {
		return false
	}
	s.offer(id, s.scratch[i].ID)
	return true
}

func (s *State) canRoute(c *Call) bool {
	n := s.nodes[c.Node]
	return n != nil && n.Up && c.RetryAt <= s.now
}

// serve finds a waiting call for an agent who has become ready.
func (s *State) serve(id AgentID) {
	a := s.agents[id]
	if a == nil || a.State != Ready {
		return
	}
	var queues []*QueueConfig
	var heads []*Call
	for _, qid := range a.Queues {
		q := s.queues[qid]
		if q == nil {
			continue
		}
		for _, w := range q.Waiting {
			if c := s.calls[w]; s.canRoute(c) && !c.refusedBy(id) {
				queues, heads = append(queues, s.queueConfig(c)), append(heads, c)
				break
			}
		}
	}
	if len(heads) == 0 {
		return
	}
	if i := s.router.PickCall(a, queues, heads, s.now); i >= 0 {
		s.offer(heads[i].ID, id)
	}
}

// serveAll places every call that waits, the longest first.
func (s *State) serveAll() {
	for _, c := range s.callsInOrder() {
		if c.Phase == PhaseWaiting {
			s.place(c.ID)
		}
	}
}

// offer reserves the agent and lets the call alert at the station.
func (s *State) offer(id CallID, agent AgentID) {
	s.dequeue(id)
	c, a := s.edit(id), s.editAgent(agent)
	q := s.queueConfig(c)
	c.Phase = PhaseOffered
	p := Connection{Role: RoleAgent, Device: a.Line, Agent: agent, Station: a.Station, Leg: LegNone, State: Initiated, Processing: NotInProcess}
	conn := s.addConn(c, p)
	a.State, a.Since, a.Call, a.Conn, a.Reason = Reserved, s.now, id, conn, ""
	s.setTimer(TimerOffer, id, conn, q.RingTimeout)
	if a.Station.Mode == Handset {
		s.callStation(id, conn, q.RingTimeout, false)
	}
	s.needBridge(id)
	s.emitAgent(agent)
	if a.Station.Mode == CallOnAccept {
		s.alert(id, conn)
	}
}

// callStation asks for the leg to the agent's phone.
func (s *State) callStation(id CallID, conn ConnID, timeout time.Duration, auto bool) {
	c, p := s.editConn(id, conn)
	p.Channel, p.Leg, p.AskedAt = channelOf(conn), LegAsked, s.now
	s.legs[p.Channel] = legRef{call: id, conn: conn}
	s.do(Originate{
		EffectHead: s.head(c, conn), Channel: p.Channel, Endpoint: p.Station.Endpoint, CallerID: c.Caller,
		CallerName: c.CallerName, AutoAnswer: auto, Timeout: timeout + originateMargin,
	})
}

func (s *State) needBridge(id CallID) {
	c := s.edit(id)
	if c.BridgeUp {
		return
	}
	c.BridgeUp = true
	c.Bridges++
	c.Bridge = bridgeOf(id, c.Bridges)
	s.do(CreateBridge{EffectHead: s.head(c, ConnID{}), Bridge: c.Bridge})
}

// alert marks the connection as alerting and tells everybody.
func (s *State) alert(id CallID, conn ConnID) {
	_, p := s.editConn(id, conn)
	p.State, p.AlertingAt = Alerting, s.now
	s.emitCall(EvDelivered, id, conn)
}

func (s *State) channelRinging(node NodeID, ch ChannelID) {
	ref, ok := s.legs[ch]
	if !ok {
		s.orphan(node, ch)
		return
	}
	_, p := s.sawLeg(ref)
	if p.Role != RoleAgent || (p.Leg != LegAsked && p.Leg != LegDown) {
		return
	}
	p.Leg = LegRinging
	if p.State != Initiated {
		return
	}
	s.ringCaller(ref.call)
	s.alert(ref.call, ref.conn)
}

// connect joins the caller and the agent who has answered.
func (s *State) connect(id CallID, conn ConnID) {
	if s.calls[id].Conn(conn).State == Initiated {
		s.alert(id, conn) // answered without ringing first
	}
	s.cancelTimer(TimerOffer, id, conn)
	s.cancelTimer(TimerAccept, id, conn)
	c, p := s.editConn(id, conn)
	p.State, p.Processing, p.ConnectedAt = Connected, Active, s.now
	c.Phase, c.Outcome = PhaseTalking, OutcomeHandled
	if c.TalkingAt == 0 {
		c.TalkingAt = s.now
	}
	c.Conns[0].State = Connected
	c.Conns[0].ConnectedAt = s.now
	s.stopMusic(id, c.Conns[0].ID)
	s.answerCaller(id)
	s.join(id)
	a := s.editAgent(p.Agent)
	a.State, a.Since = OnCall, s.now
	a.Handled++
	s.editQueue(c.Queue).Answered++
	s.emitCall(EvEstablished, id, conn)
	s.emitAgent(p.Agent)
}

// join asks every leg that belongs into the bridge and is not there into it.
func (s *State) join(id CallID) {
	s.needBridge(id)
	c := s.edit(id)
	var chans []ChannelID
	for i := range c.Conns {
		p := &c.Conns[i]
		if !p.Leg.alive() || p.InBridge || p.JoinAsked || p.State == Ended || s.outside(c, p) {
			continue
		}
		p.JoinAsked = true
		chans = append(chans, p.Channel)
	}
	if len(chans) > 0 {
		s.do(Join{EffectHead: s.head(c, ConnID{}), Bridge: c.Bridge, Channels: chans})
	}
}

// outside reports whether a leg is kept out of the bridge: the caller of a
// call on hold hears music instead.
func (s *State) outside(c *Call, p *Connection) bool {
	a := c.AgentConn()
	return p.Role == RoleCaller && a != nil && a.State == Hold && !a.ByPhone && a.Wanted != Connected
}

// repair brings a talking call's legs back together after an order failed.
func (s *State) repair(id CallID) {
	if s.calls[id].Phase != PhaseTalking {
		return
	}
	s.answerCaller(id)
	s.join(id)
}

// offerOver ends an offer without an answer and puts the caller back at the
// head of the queue.
func (s *State) offerOver(id CallID, conn ConnID, cause Cause, why offerResult) {
	p := s.calls[id].Conn(conn)
	if p == nil || (p.State != Initiated && p.State != Alerting) {
		return
	}
	agent := p.Agent
	c := s.edit(id)
	switch why {
	case offerRejected:
		c.Refused = append(c.Refused[:len(c.Refused):len(c.Refused)], agent)
	case offerLink:
		c.RetryAt = s.now.Add(s.config.RetryBackoff)
		s.setTimer(TimerRetry, id, ConnID{}, s.config.RetryBackoff)
	case offerNoAnswer, offerUnreachable, offerLogout:
	}
	switch why {
	case offerNoAnswer:
		s.afterOffer(agent, NotReady, ReasonNoAnswer)
	case offerUnreachable:
		s.afterOffer(agent, NotReady, ReasonUnreachable)
	case offerLogout:
		s.afterOffer(agent, LoggedOut, "")
	case offerRejected, offerLink:
	}
	s.withdraw(id, conn, cause)
	s.enqueue(id)
	if !s.place(id) {
		s.treat(id)
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

// withdraw ends the offer's connection.
func (s *State) withdraw(id CallID, conn ConnID, cause Cause) {
	s.cancelTimer(TimerOffer, id, conn)
	s.cancelTimer(TimerAccept, id, conn)
	c, p := s.editConn(id, conn)
	p.State, p.EndedAt, p.Cause = Ended, s.now, cause
	s.hangup(c, p, CauseNormal)
	agent := p.Agent
	s.emitCall(EvCleared, id, conn)
	if a := s.agents[agent]; a != nil && a.Pending != 0 && a.Pending != Ready {
		s.free(agent) // no calls for this agent: no need to wait for the leg's end
	}
	s.release(id, conn)
}
