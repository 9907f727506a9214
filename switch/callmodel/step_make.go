package callmodel

import (
	"strings"

	"strowger/switch/fault"
)

// allowed looks up an agent's connection and checks the capability table.
func (s *State) allowed(op string, id ConnID, need Op) (*Call, *Connection, error) {
	c := s.CallByConn(id)
	if c == nil {
		return nil, nil, fault.New(fault.NotFound, op, id.Hex(), "no such connection: the call has ended or never was")
	}
	p := c.Conn(id)
	if !p.Knock && Impossible(p.Station.Mode).Has(need) {
		return nil, nil, fault.Newf(fault.Unsupported, op, id.Hex(),
			"a station with mode %s cannot do this: the phone itself must be answered; use mode call-on-accept to answer from the client", p.Station.Mode)
	}
	if !Capabilities(p).Has(need) {
		return nil, nil, fault.Newf(fault.Conflict, op, id.Hex(), "not possible while the connection is %s; possible now: %s",
			stateWords(p), capabilityWords(p))
	}
	if p.Wanted != 0 && (need == OpHold || need == OpRetrieve || need == OpAlternate || need == OpConsult || need == OpTransfer ||
		need == OpConference || need == OpBlindTransfer || need == OpPark) {
		return nil, nil, fault.New(fault.Conflict, op, id.Hex(), "a hold or retrieve of this connection is under way: wait for its event")
	}
	if c.Phase == PhaseDialing && (need == OpHold || need == OpConsult) {
		return nil, nil, fault.New(fault.Conflict, op, id.Hex(), "the other party has not answered yet")
	}
	return c, p, nil
}

// newCallID checks the id that a client has minted for a call.
func (s *State) newCallID(op string, id CallID) error {
	if id.IsZero() || s.calls[id] != nil {
		return fault.New(fault.Invalid, op, id.String(), "the id for the new call is missing or taken")
	}
	if len(s.calls) >= s.config.MaxCalls {
		return fault.Newf(fault.Busy, op, "", "the limit of %d calls at once is reached", s.config.MaxCalls)
	}
	return nil
}

// reachable checks a destination before anything is done for it: it exists,
// and policy lets the agent reach it.
func (s *State) reachable(op string, c *Call, agent AgentID, queue QueueID, to Dest) error {
	unknown := func() error {
		return fault.New(fault.NotFound, op, to.String(), "there is no such destination")
	}
	switch to.Kind {
	case DestQueue:
		if s.queues[QueueID(to.Value)] == nil || s.config.Queue(QueueID(to.Value)) == nil {
			return unknown()
		}
	case DestAgent:
		a := s.agents[AgentID(to.Value)]
		switch {
		case a == nil || a.Removed:
			return unknown()
		case a.ID == agent:
			return fault.New(fault.Invalid, op, to.String(), "this is the agent's own line")
		case a.State == LoggedOut:
			return fault.New(fault.Conflict, op, to.String(), "the agent is logged out")
		case c != nil && s.far(c, a):
			return fault.New(fault.Unsupported, op, to.String(), "the agent's nailed station is at another telephony server than the call")
		}
	case DestIVR:
		if s.config.IVR(IVRID(to.Value)) == nil {
			return unknown()
		}
	case DestNumber:
		return s.reachableNumber(op, c, agent, queue, to.Value)
	default:
		return fault.New(fault.Invalid, op, to.String(), "a call can be taken to a queue, an agent, a menu or a number")
	}
	return nil
}

func (s *State) reachableNumber(op string, c *Call, agent AgentID, queue QueueID, number string) error {
	if inside, ok := s.config.Number(number); ok {
		return s.reachable(op, c, agent, queue, inside)
	}
	if s.parkPlace(number) {
		return s.reachablePlace(op, number)
	}
	probe := Call{OnBehalf: agent, Queue: queue, Config: s.config.Version}
	if c != nil {
		probe.Gateway, probe.WantID, probe.Config, probe.Node = c.Gateway, c.WantID, c.Config, c.Node
		if queue == "" {
			probe.Queue = c.Queue
		}
	}
	_, err := s.resolve(&probe, number)
	return err
}

// reachablePlace checks a parking place: a call is transferred to a free one,
// and called from one that is taken.
func (s *State) reachablePlace(op, place string) error {
	transfer := op == (BlindTransfer{}).Tag() || op == (PhoneTransferred{}).Tag()
	switch taken := s.parkedAt(place) != nil; {
	case transfer && taken:
		return fault.New(fault.Conflict, op, place, "the parking place is taken")
	case !transfer && !taken:
		return fault.New(fault.NotFound, op, place, "nobody is parked there")
	}
	return nil
}

// makeCall calls the agent's phone, and then the destination.
func (s *State) makeCall(in MakeCall) error {
	a := s.agents[in.Agent]
	if a == nil || a.Removed {
		return fault.New(fault.NotFound, in.Tag(), string(in.Agent), "no such agent in the configuration")
	}
	if err := s.mayMake(in.Tag(), a, in.InWrapUp); err != nil {
		return err
	}
	if err := s.newCallID(in.Tag(), in.Call); err != nil {
		return err
	}
	if err := s.behalf(in.Tag(), in.Queue); err != nil {
		return err
	}
	data, err := s.firstData(in.Tag(), in.Origin, nil, in.Data)
	if err != nil {
		return err
	}
	home := s.stationNode(&a.Station)
	draft := Call{Node: home, Gateway: in.Gateway, WantID: in.CallerID, Config: s.config.Version}
	if err := s.reachable(in.Tag(), &draft, a.ID, in.Queue, in.To); err != nil {
		return err
	}
	c := s.newCall(in.Call, home)
	c.Kind, c.OnBehalf, c.Gateway, c.WantID, c.Queue = s.kindOf(in.To), a.ID, in.Gateway, in.CallerID, in.Queue
	c.Caller, c.CallerName, c.Dialled, c.Origin, c.Attached = a.Line, a.Name, in.To.Value, in.Origin, data
	c.Target = &Target{To: in.To}
	conn := s.addConn(c, Connection{
		Role: RoleAgent, Device: a.Line, Agent: a.ID, Station: a.Station, Leg: LegNone, State: Initiated, Processing: Active, Maker: true,
	})
	s.occupy(a.ID, c.ID, conn)
	s.emitCall(EvCallStarted, c.ID, conn)
	s.emitCall(EvOriginated, c.ID, conn)
	s.emitAgent(a.ID)
	s.ownLeg(c.ID, conn)
	return nil
}

// firstData checks what a client gives a call that it makes, and returns the
// call's attached data: those of the call that it comes from, with the client's.
func (s *State) firstData(op, origin string, base, entries []AttachedData) ([]AttachedData, error) {
	if len(origin) > MaxOrigin {
		return nil, fault.Newf(fault.Invalid, op, "", "the origin of a call has at most %d bytes", MaxOrigin)
	}
	return s.withData(op, "", base, entries)
}

// behalf checks the queue on whose behalf an agent makes a call.
func (s *State) behalf(op string, q QueueID) error {
	if q != "" && s.config.Queue(q) == nil {
		return fault.New(fault.NotFound, op, string(q), "no such queue")
	}
	return nil
}

// mayMake reports why an agent cannot start a call now, or nil.
func (s *State) mayMake(op string, a *Agent, inWrapUp bool) error {
	busy := a.busy() && !(inWrapUp && s.onlyWrapUp(a))
	switch {
	case a.State == LoggedOut:
		return fault.New(fault.Conflict, op, string(a.ID), "the agent is logged out: log in first")
	case busy && inWrapUp && a.State == InWrapUp:
		return fault.New(fault.Conflict, op, string(a.ID), "the phone has not hung up the call before yet: try again in a moment")
	case busy:
		return fault.New(fault.Conflict, op, string(a.ID), "the agent is busy with a call or wrap-up; a second call is made with consult")
	case a.PhoneOff:
		return fault.New(fault.Unavailable, op, string(a.ID), "the agent's phone is not registered")
	case a.Elsewhere != "":
		return fault.New(fault.Conflict, op, string(a.ID), "the agent's phone is in a call of "+string(a.Elsewhere))
	}
	if !s.nodeUp(s.stationNode(&a.Station)) {
		return fault.New(fault.Unavailable, op, string(a.ID), "no telephony server is in step: try again in a moment")
	}
	return nil
}

func (s *State) kindOf(to Dest) CallKind {
	if to.Kind == DestNumber {
		if _, inside := s.config.Number(to.Value); !inside && !s.parkPlace(to.Value) {
			return KindOutbound
		}
	}
	return KindInternal
}

// homeNode is the server that new calls are made on: the first by name that is up.
func (s *State) homeNode() NodeID {
	var best NodeID
	up := false
	for id, n := range s.nodes {
		if best == "" || n.Up && !up || n.Up == up && id < best {
			best, up = id, n.Up
		}
	}
	return best
}

// ownLeg gets the maker's own phone into the call: a standing leg is there,
// other phones are called and, where they can, answer by themselves.
func (s *State) ownLeg(id CallID, conn ConnID) {
	p := s.calls[id].Conn(conn)
	if a := s.agents[p.Agent]; a.Standing != nil && a.Standing.Leg == LegUp && p.Station.Mode == Nailed {
		s.borrow(id, conn)
		s.makerUp(id, conn)
		return
	}
	s.setTimer(TimerTarget, id, conn, DirectRing)
	s.callStation(id, conn, DirectRing, p.Station.Mode == CallOnAccept)
	if p.Station.Mode == TalkNotify {
		_, p := s.editConn(id, conn)
		p.Accepted = true
		s.notifyTalk(id, conn)
	}
}

// makerUp is the maker's phone answering: now the destination is called.
func (s *State) makerUp(id CallID, conn ConnID) {
	s.cancelTimer(TimerTarget, id, conn)
	c := s.edit(id)
	if c.agentFirst() || c.Target == nil {
		return
	}
	to := c.Target.To
	c.Target = nil
	if c.Queue != "" && to.Kind == DestQueue {
		c.Queue = ""
	}
	s.take(id, to)
}

// makerGone is the maker hanging up before anybody has answered, or a phone of
// the maker's own that does not answer.
func (s *State) makerGone(id CallID, conn ConnID, cause Cause) {
	s.cancelTimer(TimerTarget, id, conn)
	c := s.calls[id]
	if s.transferByHangup(id, conn) {
		return
	}
	partner := c.Conn(conn).Partner
	if c.Phase == PhaseWaiting {
		s.dequeue(id)
		s.abandoned(s.edit(id))
	}
	c = s.edit(id)
	c.Outcome = outcomeOr(c.Outcome, OutcomeCancelled)
	s.dropTarget(id, CauseNormal)
	s.withdrawAll(id, CauseNormal)
	s.endAgentConn(id, conn, cause)
	s.over(id)
	s.stranded(partner)
}

// makerTimeout is the maker's own phone not answering in time.
func (s *State) makerTimeout(id CallID, conn ConnID) {
	if p := s.calls[id].Conn(conn); p.Maker && p.State == Initiated && p.Leg != LegUp {
		s.makerGone(id, conn, CauseNoAnswer)
	}
}

// blindTransfer sends the other party elsewhere.
func (s *State) blindTransfer(in BlindTransfer) error {
	c, p, err := s.allowed(in.Tag(), in.Conn, OpBlindTransfer)
	if err != nil {
		return err
	}
	if c.other(p.ID) == nil {
		return fault.New(fault.Conflict, in.Tag(), in.Conn.Hex(), "nobody else is in the call")
	}
	if err := s.reachable(in.Tag(), c, p.Agent, "", in.To); err != nil {
		return err
	}
	data, err := s.withData(in.Tag(), in.Conn.Hex(), c.Attached, in.Data)
	if err != nil {
		return err
	}
	s.edit(c.ID).Attached = data
	if in.End {
		_, p = s.editConn(c.ID, p.ID)
		p.NoWrapUp = true
	}
	s.sendOn(c.ID, p.ID, in.To)
	return nil
}

// sendOn takes a connection out of its call and the other party to a
// destination; whoever sent it gets it back where nobody answers.
func (s *State) sendOn(id CallID, conn ConnID, to Dest) {
	agent, back := s.calls[id].Conn(conn).Agent, s.calls[id].Queue
	c := s.edit(id)
	c.OnBehalf, c.TransferredBy, c.Hops = agent, agent, 0
	c.Target = &Target{To: to, Back: agent, Queue: back} // keeps the other party from being cleared
	p := c.Conn(conn)
	p.Passed, p.PassedTo = PassedBlind, to.Value
	s.endAgentConn(id, conn, CauseNormal)
	if to.Kind == DestNumber && s.parkPlace(to.Value) {
		s.parkAt(id, to.Value, agent)
		return
	}
	s.leave(id)
	c = s.edit(id)
	c.Phase = PhaseDialing
	if to.Kind == DestNumber {
		if inside, ok := s.config.Number(to.Value); ok {
			to = inside
		}
	}
	if to.Kind == DestQueue || to.Kind == DestIVR {
		c.Target, c.Order = nil, 0
	}
	s.diverted(id, to.String(), "transferred by "+string(agent))
	s.take(id, to)
}

// deflect sends an alerting call elsewhere.
func (s *State) deflect(in Deflect) error {
	c, p, err := s.allowed(in.Tag(), in.Conn, OpDeflect)
	if err != nil {
		return err
	}
	if c.customer(StageWaiting) != nil {
		return fault.New(fault.Conflict, in.Tag(), in.Conn.Hex(), "a customer of a campaign is for its agents, who have them in time or not at all: reject the call, and the next agent gets it")
	}
	if err := s.reachable(in.Tag(), c, p.Agent, "", in.To); err != nil {
		return err
	}
	if !c.Waiting().Leg.alive() {
		return fault.New(fault.Conflict, in.Tag(), in.Conn.Hex(), "nobody is on the line: a callback can be rejected, not sent elsewhere")
	}
	id, agent := c.ID, p.Agent
	queue := c.Queue
	c = s.edit(id)
	if c.Phase != PhaseOffered {
		queue = ""
	}
	c.Refused = append(c.Refused[:len(c.Refused):len(c.Refused)], agent)
	c.OnBehalf = agent
	c.Target = nil
	s.visitEnds(c, VisitMoved)
	s.withdrawAll(id, CauseNormal)
	c = s.edit(id)
	c.Phase = PhaseDialing
	if in.To.Kind != DestQueue && in.To.Kind != DestIVR {
		c.Target = &Target{To: in.To, Queue: queue}
	}
	s.diverted(id, in.To.String(), "deflected by "+string(agent))
	s.take(id, in.To)
	return nil
}

// drop ends the party's part in the call.
func (s *State) drop(id CallID, conn ConnID) error {
	c := s.calls[id]
	p := c.Conn(conn)
	switch {
	case p.Processing == WrapUp:
		return s.wrapUpEnds(id, conn)
	case p.State == Alerting:
		s.offerOver(id, conn, CauseRejected, offerRejected)
	default:
		s.endActive(ItemRef{id, conn})
	}
	return nil
}

// dropAll ends the call for everybody.
func (s *State) dropAll(id CallID, cause Cause) {
	c := s.edit(id)
	switch c.Phase {
	case PhaseWaiting:
		s.dequeue(id)
	case PhaseRouting:
		s.routeEnded(id, "abandoned")
	case PhaseOffered, PhaseTalking, PhaseOver, PhaseDialing, PhaseIVR, PhaseParked, PhaseAutomat:
	}
	c = s.edit(id)
	c.Outcome = outcomeOr(c.Outcome, c.givenUp())
	s.visitEnds(c, VisitEnded)
	s.dropTarget(id, cause)
	s.withdrawAll(id, cause)
	for i := range s.calls[id].Conns {
		if p := &s.calls[id].Conns[i]; p.State != Ended {
			s.endParty(id, p.ID, cause)
		}
	}
	s.over(id)
}

// dropParty ends another party's part in a conference.
func (s *State) dropParty(in DropParty) error {
	c, p, err := s.allowed(in.Tag(), in.Conn, OpDropParty)
	if err != nil {
		return err
	}
	for i := range c.Conns {
		q := &c.Conns[i]
		if q.ID != p.ID && q.talks() && (q.Device == in.Party || q.ID.String() == in.Party || strings.EqualFold(q.ID.Hex(), in.Party)) {
			id, conn := c.ID, q.ID
			s.endParty(id, conn, CauseNormal)
			s.partyLeft(id)
			return nil
		}
	}
	return fault.New(fault.NotFound, in.Tag(), in.Party, "no such party in the conference; the parties are "+strings.Join(c.Remote(p.ID), ", "))
}
