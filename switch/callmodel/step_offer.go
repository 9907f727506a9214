package callmodel

import (
	"slices"
	"time"
)

// offerResult says how an offer ended without an answer.
type offerResult uint8

const (
	offerNoAnswer    offerResult = 1 // rang out: the agent is not ready
	offerUnreachable offerResult = 2 // the phone could not be called: the agent is not ready
	offerRejected    offerResult = 3 // turned down: not offered to this agent again
	offerLink        offerResult = 4 // the link failed: nobody's fault, try again soon
	offerLogout      offerResult = 5 // the agent logged out
	offerForced      offerResult = 6 // taken away by somebody else: the agent's next state is set already
	offerSignedOut   offerResult = 7 // the agent signed out of the queue, and works on
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
	if c.Phase != PhaseWaiting || !s.canRoute(c) || s.queues[c.Queue].Paused {
		return false
	}
	q := s.queueConfig(c)
	if q == nil { // the queue was removed and no version of it is left
		s.dequeue(id)
		s.turnAway(id, CauseNormal, OutcomeLost)
		return false
	}
	r := s.routeQuery(q, c)
	ch := s.router.Choose(r)
	s.decided(id, r, ch)
	if len(ch.Agents) == 0 {
		return false
	}
	chosen := make([]AgentID, len(ch.Agents))
	for i, n := range ch.Agents {
		chosen[i] = r.Agents[n].Agent.ID
	}
	s.dequeue(id)
	s.edit(id).Phase = PhaseOffered
	s.editQueue(c.Queue).LastTo = chosen[0]
	for _, a := range chosen {
		if s.mayStillOffer(id, a) {
			s.offer(id, a, s.offerTime(s.calls[id], q))
		}
	}
	return true
}

// mayStillOffer reports whether the next of several agents is to be offered a
// call, after what the offers to those before have brought about: a nailed agent
// who hears the queue's sound has it, and whose offer ended may have another.
func (s *State) mayStillOffer(id CallID, agent AgentID) bool {
	c, a := s.calls[id], s.agents[agent]
	if c == nil || c.Phase != PhaseOffered || a.State != Ready {
		return false
	}
	return !slices.ContainsFunc(c.Conns, func(p Connection) bool { return p.offered() && p.Borrowed && s.soundFirst(c) })
}

// decided keeps why a call was offered to whom, for explain.
func (s *State) decided(id CallID, r *RouteQuery, ch Choice) {
	c := s.edit(id)
	need, _ := s.router.Step(r.Queue, c, r.Waited)
	d := &RouteDecision{At: s.now, Queue: r.Queue.ID, Strategy: r.Queue.Strategy, Waited: r.Waited, Need: need}
	for _, n := range ch.Agents {
		if n < len(ch.Why) && len(d.Agents) < MaxVerdicts {
			d.Agents = append(d.Agents, ch.Why[n])
		}
	}
	for i := range ch.Why {
		switch {
		case ch.Why[i].Why == WhyChosen:
		case len(d.Agents) < MaxVerdicts:
			d.Agents = append(d.Agents, ch.Why[i])
		default:
			d.More++
		}
	}
	c.Decided = d
}

// routeQuery collects everybody who serves a call's queue.
func (s *State) routeQuery(q *QueueConfig, c *Call) *RouteQuery {
	s.scratch = s.scratch[:0]
	several := s.config.several() // asked once: a queue may have hundreds of agents
	for _, cfg := range s.config.serving[c.Queue] {
		if a := s.agents[cfg.ID]; a != nil && s.inTime(c, &a.Station) {
			at := Candidate{Agent: a, Config: cfg, Off: slices.Contains(a.Off, c.Queue)}
			if several {
				at.Far, at.Away = s.far(c, a), s.away(c, s.stationNode(&a.Station))
			}
			s.scratch = append(s.scratch, at)
		}
	}
	r := &RouteQuery{Queue: q, Call: c, Agents: s.scratch, Last: s.queues[c.Queue].LastTo, Waited: s.now.Sub(c.QueuedAt), Now: s.now}
	if q.Strategy == Random {
		r.Random = s.draw()
	}
	return r
}

// draw returns the next pseudo-random number (SplitMix64). Its state is part
// of the switch's, so that a replay draws the same.
func (s *State) draw() uint64 {
	s.counters.Random += 0x9e3779b97f4a7c15
	z := s.counters.Random
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (s *State) canRoute(c *Call) bool {
	node := c.Node
	if s.footloose(c) {
		node = s.homeNode()
	}
	return s.nodeUp(node) && c.RetryAt <= s.now
}

// serve finds a waiting call for an agent who has become ready. The agent's
// queues are asked in the router's order until one of the first calls can be
// offered: another agent may be preferred for it, or it may need a skill.
func (s *State) serve(id AgentID) {
	a := s.agents[id]
	if a == nil || a.State != Ready {
		return
	}
	var queues []*QueueConfig
	var heads []*Call
	for _, qid := range a.SignedIn() {
		q := s.queues[qid]
		if q == nil || q.Paused {
			continue
		}
		for _, w := range q.Waiting {
			if c := s.calls[w]; s.canRoute(c) && !c.refusedBy(id) && s.couldGet(c, id) {
				queues, heads = append(queues, s.queueConfig(c)), append(heads, c)
				break
			}
		}
	}
	for len(heads) > 0 {
		i := s.router.PickCall(a, queues, heads, s.now)
		if i < 0 {
			return
		}
		if s.place(heads[i].ID) {
			s.serve(id) // it may have gone to somebody who comes first
			return
		}
		queues, heads = slices.Delete(queues, i, i+1), slices.Delete(heads, i, i+1)
	}
}

// couldGet asks the router whether an agent who is ready may get a call, where
// that is not plain.
func (s *State) couldGet(c *Call, id AgentID) bool {
	q := s.queueConfig(c)
	switch {
	case q == nil:
		return true
	case !s.inTime(c, &s.agents[id].Station) || s.far(c, s.agents[id]) || s.away(c, s.stationNode(&s.agents[id].Station)):
		return false
	}
	if len(q.Skills) == 0 && len(c.Skills) == 0 && len(c.Required) == 0 && c.Preferred == "" && len(s.config.Agent(id).Capabilities) == 0 {
		return true
	}
	r := s.routeQuery(q, c)
	for _, v := range s.router.Choose(r).Why {
		if v.Agent == id {
			return v.Why == WhyChosen || v.Why == WhyLater
		}
	}
	return false
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
func (s *State) offer(id CallID, agent AgentID, ring time.Duration) {
	s.settleAt(id, &s.agents[agent].Station)
	c, a := s.edit(id), s.editAgent(agent)
	p := Connection{Role: RoleAgent, Device: a.Line, Agent: agent, Station: a.Station, Leg: LegNone, State: Initiated, Processing: NotInProcess}
	p.Direct = c.Target != nil
	conn := s.addConn(c, p)
	s.occupy(agent, id, conn)
	if p.Direct {
		t := *c.Target
		t.Conn = conn
		c.Target = &t
	}
	if a.Station.Mode == Nailed && a.Standing != nil && a.Standing.Leg == LegUp {
		s.needBridge(id)
		s.emitAgent(agent)
		s.alert(id, conn)
		if c = s.calls[id]; c.preview() && !p.Direct { // the agent looks at the customer first
			s.setTimer(TimerOffer, id, conn, ring)
			return
		}
		s.borrow(id, conn)
		return
	}
	s.setTimer(TimerOffer, id, conn, ring)
	if a.Station.Mode == Handset || a.Station.Mode == TalkNotify {
		s.callStation(id, conn, ring, false)
	}
	s.needBridge(id)
	s.emitAgent(agent)
	if a.Station.Mode == CallOnAccept {
		s.alert(id, conn)
		s.acceptFor(id, conn)
	}
}

// occupy puts a connection on an agent's line.
func (s *State) occupy(agent AgentID, call CallID, conn ConnID) {
	a := s.editAgent(agent)
	a.Items = append(slices.Clone(a.Items), ItemRef{Call: call, Conn: conn})
	if len(a.Items) > 1 && a.busy() {
		s.settle(agent)
		return
	}
	if a.State == NotReady && a.Pending == 0 {
		a.Pending, a.PendingReason = NotReady, a.Reason
	}
	a.State, a.Since, a.Call, a.Conn, a.Reason = Reserved, s.now, call, conn, ""
	if s.calls[call].Conn(conn).Maker {
		a.State = OnCall
	}
}

// callStation asks for the leg to the agent's phone.
func (s *State) callStation(id CallID, conn ConnID, timeout time.Duration, auto bool) {
	c, p := s.editConn(id, conn)
	p.Channel, p.Leg, p.AskedAt, p.Via = channelOf(conn), LegAsked, s.now, s.via(c, &p.Station)
	s.legs[p.Channel] = legRef{call: id, conn: conn}
	number, name := c.callerShown(conn)
	s.do(Originate{
		EffectHead: s.head(c, conn), Channel: p.Channel, Endpoint: p.Station.Endpoint, CallerID: number,
		CallerName: name, AutoAnswer: auto, Timeout: timeout + originateMargin, Via: p.Via,
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
	s.watchPreview(id, conn)
	s.emitCall(EvDelivered, id, conn)
}

func (s *State) channelRinging(node NodeID, ch ChannelID) {
	ref, ok := s.legs[ch]
	if !ok {
		s.orphan(node, ch)
		return
	}
	if ref.agent != "" {
		return
	}
	c, p := s.sawLeg(ref)
	if p.Role == RoleCaller || (p.Leg != LegAsked && p.Leg != LegDown) {
		return
	}
	p.Leg = LegRinging
	if p.State != Initiated || p.Maker {
		return
	}
	if c.Phase != PhaseTalking {
		s.ringWaiting(ref.call)
	}
	s.alert(ref.call, ref.conn)
}

// connect joins the waiting party and whoever has answered.
func (s *State) connect(id CallID, conn ConnID) {
	if s.calls[id].late(s.now) { // its timer is still on its way, as after a restart
		s.dropCustomer(id)
		return
	}
	if s.calls[id].Conn(conn).State == Initiated {
		s.alert(id, conn) // answered without ringing first
	}
	s.cancelTimer(TimerPreview, id, conn)
	s.cancelTimer(TimerOffer, id, conn)
	s.cancelTimer(TimerAccept, id, conn)
	s.cancelTimer(TimerTarget, id, conn)
	s.withdrawOthers(id, conn)
	s.quiet(id)
	c, p := s.editConn(id, conn)
	queued := c.Phase == PhaseOffered
	waiting := c.Waiting()
	p.State, p.ConnectedAt = Connected, s.now
	if p.Role == RoleAgent {
		p.Processing = Active
	}
	c.Phase, c.Outcome, c.Target, c.Announce = PhaseTalking, OutcomeTalked, nil, nil
	if c.Queue != "" {
		c.Outcome = OutcomeHandled
	}
	if c.TalkingAt == 0 {
		c.TalkingAt = s.now
	}
	s.customerTaken(id)
	maker, makerAgent := ConnID{}, AgentID("")
	if waiting.Role == RoleAgent && waiting.State == Initiated {
		maker, makerAgent, waiting.Processing = waiting.ID, waiting.Agent, Active
	}
	if waiting.State != Hold {
		waiting.State = Connected
	}
	if waiting.ConnectedAt == 0 {
		waiting.ConnectedAt = s.now
	}
	s.stopRing(id, waiting.ID)
	s.stopMusic(id, waiting.ID)
	s.answerWaiting(id)
	s.join(id)
	if queued {
		s.answered(id, conn)
	}
	agent := p.Agent
	if agent != "" {
		s.editAgent(agent).Handled++
		s.settle(agent)
	}
	s.emitCall(EvEstablished, id, conn)
	if agent != "" {
		s.emitAgent(agent)
	}
	if !maker.IsZero() {
		changed := s.settle(makerAgent)
		s.emitCall(EvEstablished, id, maker)
		if changed {
			s.emitAgent(makerAgent)
		}
	}
	if s.calls[id].Conn(waiting.ID).State == Hold {
		s.arrange(id) // who waited is busy with another call: the one who has answered hears music
	}
	s.callbackAnswered(id, conn)
}

// answered counts a call of a queue that an agent has answered.
func (s *State) answered(id CallID, conn ConnID) {
	c, p := s.editConn(id, conn)
	q := s.editQueue(c.Queue)
	q.Answered++
	if cfg := s.queueConfig(c); cfg != nil && s.now.Sub(c.QueuedAt) <= cfg.ServiceLevel {
		q.InTime++
	}
	if c.inVisit() {
		v := c.editVisit()
		v.Left, v.Agent, v.End = s.now, p.Agent, VisitAnswered
	}
	s.cancelTimer(TimerWait, id, ConnID{})
}

// offerOver ends an offer without an answer and puts the caller back at the
// head of the queue, once nobody else is being offered the call.
func (s *State) offerOver(id CallID, conn ConnID, cause Cause, why offerResult) {
	p := s.calls[id].Conn(conn)
	if p == nil || !p.offered() {
		return
	}
	agent := p.Agent
	c := s.edit(id)
	switch why {
	case offerRejected:
		c.Refused = append(c.Refused[:len(c.Refused):len(c.Refused)], agent)
	case offerLink:
		if c.Phase == PhaseOffered {
			c.RetryAt = s.now.Add(s.config.RetryBackoff)
			s.setTimer(TimerRetry, id, ConnID{}, s.config.RetryBackoff)
		}
	case offerNoAnswer, offerUnreachable, offerLogout, offerForced, offerSignedOut:
	}
	if !p.Knock {
		s.offerCosts(agent, why)
	}
	direct := c.Target != nil && c.Target.Conn == conn
	s.withdraw(id, conn, cause)
	switch c = s.calls[id]; {
	case c == nil || c.Phase == PhaseOver || s.anyOffer(c):
	case direct:
		s.targetFailed(id, cause, 0)
	case c.Phase == PhaseOffered:
		s.enqueue(id)
		if !s.place(id) {
			s.treat(id)
		}
		s.watchWait(id)
	}
}

func (s *State) anyOffer(c *Call) bool {
	return slices.ContainsFunc(c.Conns, func(p Connection) bool { return p.offered() })
}

// withdrawOthers ends the offers to everybody but one: with ring-all somebody
// else has answered.
func (s *State) withdrawOthers(id CallID, but ConnID) {
	conns := slices.Clone(s.calls[id].Conns)
	for i := range conns {
		if conns[i].ID != but && conns[i].offered() {
			s.withdraw(id, conns[i].ID, CauseElsewhere)
		}
	}
}

func (s *State) withdrawAll(id CallID, cause Cause) {
	conns := slices.Clone(s.calls[id].Conns)
	for i := range conns {
		if conns[i].offered() {
			s.withdraw(id, conns[i].ID, cause)
		}
	}
}

// withdraw ends the offer's connection.
func (s *State) withdraw(id CallID, conn ConnID, cause Cause) {
	s.cancelTimer(TimerPreview, id, conn)
	s.cancelTimer(TimerOffer, id, conn)
	s.cancelTimer(TimerAccept, id, conn)
	c, p := s.editConn(id, conn)
	p.State, p.EndedAt, p.Cause = Ended, s.endOf(p), cause
	if play := p.Beep; play != "" {
		p.Beep = ""
		s.do(StopPlay{EffectHead: s.head(c, conn), Play: play, Channel: p.Channel})
	}
	s.hangup(c, p, CauseNormal)
	agent, partner := p.Agent, p.Partner
	if !partner.IsZero() {
		s.unpair(id, conn)
	}
	s.emitCall(EvCleared, id, conn)
	s.alone(partner)
	if a := s.agents[agent]; a != nil && a.Pending != 0 && a.Pending != Ready && s.only(a, conn) {
		s.free(agent) // no calls for this agent: no need to wait for the leg's end
	}
	s.release(id, conn)
}
