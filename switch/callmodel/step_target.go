package callmodel

import (
	"time"

	"strowger/switch/fault"
	"strowger/switch/numbering"
)

// Ring times of calls that no queue has a time for.
const (
	DirectRing  = 30 * time.Second // an agent's line
	OutsideRing = 60 * time.Second // a number outside
)

// takeNumber takes the waiting party to an agent's line or to a number.
func (s *State) takeNumber(id CallID, to Dest) {
	c := s.calls[id]
	if to.Kind == DestNumber {
		if inside, ok := s.config.Number(to.Value); ok {
			s.take(id, inside)
			return
		}
		if s.parkPlace(to.Value) {
			s.pickUpBy(id, to.Value)
			return
		}
	}
	if c.Target == nil {
		s.edit(id).Target = &Target{To: to}
	} else {
		t := *c.Target
		t.To = to
		s.edit(id).Target = &t
	}
	if cause := s.dial(id, to); cause != 0 {
		s.targetFailed(id, cause, 0)
	}
}

// dial calls the destination for the waiting party. It returns why that cannot
// be done, or 0.
func (s *State) dial(id CallID, to Dest) Cause {
	s.edit(id).Phase = PhaseDialing
	if to.Kind == DestAgent {
		return s.dialAgent(id, AgentID(to.Value))
	}
	d, err := s.resolve(s.calls[id], to.Value)
	if err != nil {
		return causeOf(err)
	}
	s.ringBack(id)
	c := s.edit(id)
	conn := s.addConn(c, Connection{
		Role: RoleParty, Device: d.E164, Dial: d.Dial, Trunk: d.Trunk, ShowID: d.CallerID, Leg: LegAsked,
		State: Initiated, Processing: NotInProcess, AskedAt: s.now,
	})
	p := c.Conn(conn)
	p.Station.Endpoint, p.Station.Node = d.Endpoint, NodeID(d.Node)
	p.Channel = channelOf(conn)
	s.legs[p.Channel] = legRef{call: id, conn: conn}
	t := *c.Target
	t.Conn = conn
	c.Target = &t
	s.emitCall(EvOriginated, id, conn)
	ring := OutsideRing
	if c = s.calls[id]; c.Kind == KindCallback {
		if q := s.queueConfig(c); q != nil {
			ring = q.Callback.Ring
		}
	}
	s.originateOutside(id, conn, ring)
	return 0
}

func (s *State) originateOutside(id CallID, conn ConnID, ring time.Duration) {
	c, p := s.editConn(id, conn)
	shown := p.ShowID
	if shown == anonymous {
		shown = ""
	}
	p.Via = s.via(c, &p.Station)
	s.setTimer(TimerTarget, id, conn, ring)
	s.do(Originate{
		EffectHead: s.head(c, conn), Channel: p.Channel, Endpoint: p.Station.Endpoint, Dial: p.Dial,
		CallerID: shown, Timeout: ring + s.ringMargin(c), Via: p.Via, Identify: c.wantsID(p), Intent: c.Kind == KindCampaign && conn == c.Conns[0].ID,
	})
	if c.DialMode != DialMessage {
		s.needBridge(id)
	}
}

// anonymous is how the routing table says that no number is shown.
const anonymous = "anonymous"

// resolve finds the way to a number outside, if policy allows it: the rules of
// the agent who asks and of the queue on whose behalf.
func (s *State) resolve(c *Call, number string) (numbering.Decision, error) {
	if s.config.dial == nil {
		return numbering.Decision{}, fault.New(fault.Denied, "dial", number, "no numbering plan is configured, so no number outside can be called")
	}
	q := numbering.Query{Raw: number, GatewayPrefix: c.Gateway, CallerID: c.WantID, Busy: s.trunkCalls, Away: func(node string) bool { return s.away(c, s.config.node(NodeID(node))) }}
	if c.Dial != nil {
		q.Only = c.Dial.Trunks
	}
	if a := s.config.Agent(c.OnBehalf); a != nil {
		q.Rules = append(q.Rules, a.DialRule)
		if q.CallerID == "" {
			q.CallerID = a.CallerID
		}
	}
	if qc := s.queueConfig(c); qc != nil && (qc.DialRule != "" || c.OnBehalf == "") {
		q.Rules = append(q.Rules, qc.DialRule)
		if qc.CallerID != "" && c.WantID == "" {
			q.CallerID = qc.CallerID
		}
	}
	return s.config.dial.Resolve(q)
}

// trunkCalls counts a trunk's calls now.
func (s *State) trunkCalls(trunk string) int {
	n := 0
	for _, c := range s.calls {
		for i := range c.Conns {
			if c.Conns[i].Trunk == trunk && c.Conns[i].Leg.alive() {
				n++
			}
		}
	}
	return n
}

// causeOf is the clearing cause of a call that routing has refused.
func causeOf(err error) Cause {
	switch {
	case fault.Is(err, fault.Denied):
		return CauseBarred
	case fault.Is(err, fault.Busy):
		return CauseCongestion
	}
	return CauseUnallocated
}

// dialAgent offers the call at an agent's line, whatever queue they serve. A
// busy line with more than one place gets it as a knocking call.
func (s *State) dialAgent(id CallID, agent AgentID) Cause {
	a := s.agents[agent]
	switch {
	case a == nil || a.Removed || a.State == LoggedOut:
		return CauseAbsent
	case a.PhoneOff || s.far(s.calls[id], a) || s.away(s.calls[id], s.stationNode(&a.Station)):
		return CauseUnreachable
	case a.Elsewhere != "":
		return CauseBusy
	case !a.busy() || s.leaving(a, s.calls[id].Target.Held):
		s.ringBack(id)
		s.offer(id, agent, DirectRing)
		return 0
	case s.mayKnock(s.calls[id], a):
		s.ringBack(id)
		s.knock(id, agent)
		return 0
	}
	return CauseBusy
}

// leaving reports whether only legs that are on their way out occupy an agent.
// Wrap-up that was open beside a call does not keep that call from coming back.
func (s *State) leaving(a *Agent, comesBack bool) bool {
	items := s.occupying(a)
	for _, r := range items {
		switch p := s.calls[r.Call].Conn(r.Conn); {
		case comesBack && p.paperwork():
		case p.State != Ended || p.Processing == WrapUp:
			return false
		}
	}
	return len(items) > 0
}

// mayKnock reports whether a second call may wait on a busy agent's line: one
// at a time, only behind a conversation, and on the same server, because the
// line's one leg goes from one to the other. Wrap-up beside the conversation
// has nothing on the line. Nobody is called by the call that they are in.
func (s *State) mayKnock(c *Call, a *Agent) bool {
	cfg := s.config.Agent(a.ID)
	if cfg == nil || !cfg.MultiLine || a.OneLine || a.State != OnCall {
		return false
	}
	on := s.onLine(a)
	return len(on) == 1 && on[0].Call != c.ID && s.calls[on[0].Call].Node == c.Node
}

// knock shows a call at a line that is busy. The phone does not ring.
func (s *State) knock(id CallID, agent AgentID) {
	c, a := s.edit(id), s.agents[agent]
	conn := s.addConn(c, Connection{
		Role: RoleAgent, Device: a.Line, Agent: agent, Station: a.Station, Leg: LegNone, State: Initiated,
		Processing: NotInProcess, Knock: true, Direct: true,
	})
	t := *c.Target
	t.Conn = conn
	c.Target = &t
	s.occupy(agent, id, conn)
	s.setTimer(TimerOffer, id, conn, DirectRing)
	s.alert(id, conn)
}

// ringBack lets the waiting party hear that somebody is being called: ringing
// before the answer, music for who was left by a transfer, else a tone.
func (s *State) ringBack(id CallID) {
	c := s.calls[id]
	p := c.Waiting()
	switch {
	case !p.Leg.alive() || p.MusicAsked || p.RingTone || c.customer(StageRinging) != nil && !c.preview():
	case p.Leg != LegUp && !p.Channel.Ours():
		s.ringWaiting(id)
	case p.Role != RoleAgent:
		s.playMusic(id, p.ID)
	case p.Leg == LegUp:
		c, p = s.editConn(id, p.ID)
		p.RingTone = true
		s.do(Ring{EffectHead: s.head(c, p.ID), Channel: p.Channel})
	}
}

// stopRing ends ringBack's tone.
func (s *State) stopRing(id CallID, conn ConnID) {
	if p := s.calls[id].Conn(conn); !p.RingTone {
		return
	}
	c, p := s.editConn(id, conn)
	p.RingTone = false
	if p.Leg.alive() {
		s.do(StopRing{EffectHead: s.head(c, conn), Channel: p.Channel})
	}
}

// dropTarget gives up who is being called.
func (s *State) dropTarget(id CallID, cause Cause) {
	c := s.calls[id]
	if c.Target == nil {
		return
	}
	conn := c.Target.Conn
	if c.customer(StageRinging) != nil && s.rungFor(c) > 0 { // by whoever ends the call
		s.editDial(id).CutShort = true
	}
	s.edit(id).Target = nil
	if conn.IsZero() {
		return
	}
	s.cancelTimer(TimerTarget, id, conn)
	p := s.calls[id].Conn(conn)
	switch {
	case p == nil || p.State == Ended:
	case p.Role == RoleAgent:
		s.withdraw(id, conn, cause)
	default:
		s.clearParty(id, conn, cause)
	}
}

// targetFailed sees to a call whose called party does not answer or cannot be
// reached: back to who transferred it, back to its queue, or over.
func (s *State) targetFailed(id CallID, cause Cause, tech int) {
	c := s.edit(id)
	t := *c.Target
	if tech == 486 || tech == 600 {
		cause = CauseBusy
	}
	if p := c.Conn(t.Conn); p != nil {
		s.cancelTimer(TimerTarget, id, t.Conn)
		if p.State != Ended {
			p.State, p.EndedAt, p.Cause, p.TechCause = Ended, s.endOf(p), cause, tech
			s.hangup(c, p, CauseNormal)
		}
		s.emitCall(EvFailed, id, t.Conn)
	} else {
		s.emit(Event{Kind: EvFailed, Call: s.calls[id], Node: c.Node, Cause: cause, Reason: t.To.String()})
	}
	s.edit(id).Target = nil
	switch {
	case c.customer(StageRinging) != nil:
		s.notReached(id, cause)
	case c.Kind == KindCallback && s.calls[id].Phase != PhaseOver && t.Back == "":
		s.callbackFailed(id, cause)
	case t.Back != "" && !t.Recall:
		s.recall(id, t.Back, t.Queue, "nobody answered, it comes back")
	case t.Queue != "":
		s.edit(id).Queue = t.Queue
		s.requeue(id)
	default:
		s.turnAway(id, cause, outcomeOf(cause))
	}
}

// outcomeOf is the outcome of a call that reached nobody.
func outcomeOf(cause Cause) Outcome {
	switch {
	case cause == CauseBusy:
		return OutcomeBusy
	case cause.unanswered():
		return OutcomeNoAnswer
	}
	return OutcomeFailed
}

// recall takes a call back to the agent who transferred or parked it.
func (s *State) recall(id CallID, back AgentID, queue QueueID, why string) {
	s.recallTo(id, Target{Back: back, Queue: queue}, why)
}

func (s *State) recallTo(id CallID, t Target, why string) {
	t.To, t.Recall = Dest{DestAgent, string(t.Back)}, true
	s.edit(id).Target = &t
	s.diverted(id, t.To.String(), why)
	s.takeNumber(id, t.To)
}

// requeue puts a call back into its queue, in its old place.
func (s *State) requeue(id CallID) {
	if s.queues[s.calls[id].Queue] == nil {
		s.turnAway(id, CauseNormal, OutcomeLost)
		return
	}
	c := s.edit(id)
	if c.Order == 0 {
		c.Order, c.QueuedAt = s.nextOrder(), s.now
	}
	if !c.inVisit() {
		s.visit(c)
	}
	s.enqueue(id)
	if !s.place(id) {
		s.treat(id)
	}
	s.watchWait(id)
}

func (s *State) diverted(id CallID, to, why string) {
	c := s.calls[id]
	s.emit(Event{Kind: EvDiverted, Call: c, Conn: c.Waiting().ID, Node: c.Node, Reason: why + ": " + to})
}

// targetTimeout is a called party outside that does not answer in time.
func (s *State) targetTimeout(id CallID, conn ConnID) {
	switch c := s.calls[id]; {
	case c.Target == nil || c.Target.Conn != conn:
	case c.customer(StageRinging) != nil:
		s.ringTimeout(id)
	default:
		s.targetFailed(id, CauseNoAnswer, 0)
	}
}
