package callmodel

import "strowger/switch/fault"

// consult holds a call and prepares the consultation call, which starts when
// the hold is seen.
func (s *State) consult(in Consult) error {
	c1, p, err := s.allowed(in.Tag(), in.Conn, OpConsult)
	if err != nil {
		return err
	}
	if err := s.newCallID(in.Tag(), in.Call); err != nil {
		return err
	}
	if err := s.behalf(in.Tag(), in.Queue); err != nil {
		return err
	}
	if err := s.reachable(in.Tag(), c1, p.Agent, in.Queue, in.To); err != nil {
		return err
	}
	data, err := s.firstData(in.Tag(), in.Origin, c1.Attached, in.Data)
	if err != nil {
		return err
	}
	root := c1.lane()
	a := s.agents[p.Agent]
	c2 := s.newCall(in.Call, c1.Node)
	c2.Kind, c2.ConsultOf, c2.Root, c2.OnBehalf = KindConsult, c1.ID, root, p.Agent
	c2.Caller, c2.CallerName, c2.Dialled, c2.Attached, c2.Origin = a.Line, a.Name, in.To.Value, data, in.Origin
	held := p.ID
	if in.To.Kind != DestQueue { // which has rules of its own
		c2.Queue = in.Queue
	}
	c2.Target = &Target{To: in.To, Hold: held}
	conn := s.addConn(c2, Connection{
		Role: RoleAgent, Device: a.Line, Agent: a.ID, Station: p.Station, Leg: LegNone, State: Initiated, Processing: Active,
		Maker: true, Consult: true, Partner: held,
	})
	_, p = s.editConn(c1.ID, held)
	p.Partner = conn
	onHold := p.State == Hold
	s.occupy(a.ID, c2.ID, conn)
	s.emitCall(EvDataChanged, c1.ID, held)
	s.emitCall(EvCallStarted, c2.ID, conn)
	if onHold {
		s.consultHeld(held)
	} else {
		s.hold(c1.ID, held)
	}
	return nil
}

// consultHeld starts the consultation that waited for a call to be on hold.
func (s *State) consultHeld(held ConnID) {
	c1 := s.CallByConn(held)
	p := c1.Conn(held)
	c2, q := s.partner(p)
	if q == nil || c2.Target == nil || c2.Target.Hold != held {
		return
	}
	t := *c2.Target
	t.Hold = ConnID{}
	s.edit(c2.ID).Target = &t
	if p.Leg.alive() {
		s.moveLeg(ItemRef{c1.ID, held}, ItemRef{c2.ID, q.ID})
	}
	if a := s.agents[q.Agent]; a != nil && s.settle(q.Agent) {
		s.emitAgent(q.Agent)
	}
	s.emitCall(EvOriginated, c2.ID, q.ID)
	s.take(c2.ID, t.To)
}

// consultFailed ends a consultation whose call could not be put on hold.
func (s *State) consultFailed(held ConnID) {
	c1 := s.CallByConn(held)
	if c1 == nil {
		return
	}
	if c2, q := s.partner(c1.Conn(held)); q != nil && c2.Target != nil && c2.Target.Hold == held {
		s.edit(c2.ID).Target = nil
		s.turnAway(c2.ID, CauseNormal, OutcomeFailed)
	}
}

// pair finds the two connections of a line, whichever is given: the call that
// the line had first, and the consultation or the call that knocked.
func (s *State) pair(op string, conn ConnID, need Op) (first, second ItemRef, err error) {
	c, p, err := s.allowed(op, conn, need)
	if err != nil {
		return first, second, err
	}
	pc, q := s.partner(p)
	if q == nil {
		return first, second, fault.New(fault.Conflict, op, conn.Hex(), "the line has no second call")
	}
	if p.State != Hold && q.State != Hold {
		return first, second, fault.New(fault.Conflict, op, conn.Hex(), "neither of the line's calls is on hold yet: wait for its event")
	}
	if p.Wanted != 0 || q.Wanted != 0 || p.State == Alerting || q.State == Alerting {
		return first, second, fault.New(fault.Conflict, op, conn.Hex(), "the line is just going from one call to the other: wait for its event")
	}
	first, second = ItemRef{c.ID, p.ID}, ItemRef{pc.ID, q.ID}
	if q.before(p) {
		first, second = second, first
	}
	return first, second, nil
}

// alternate swaps the two calls of a line: first the active one is put on
// hold, then the other is taken back.
func (s *State) alternate(in Alternate) error {
	held, active, err := s.pair(in.Tag(), in.Conn, OpAlternate)
	if err != nil {
		return err
	}
	if s.calls[held.Call].Conn(held.Conn).State != Hold {
		held, active = active, held
	}
	return s.exchange(in.Tag(), held, active)
}

// exchange puts the active call of a line on hold and takes the held one back.
func (s *State) exchange(op string, held, active ItemRef) error {
	p := s.calls[active.Call].Conn(active.Conn)
	switch {
	case p.Wanted != 0:
		return fault.New(fault.Conflict, op, held.Conn.Hex(), "a hold or retrieve of the line's other call is under way: wait for its event")
	case p.State == Hold && !p.ByPhone:
		s.swap(active.Call, active.Conn, held.Conn)
		return nil
	case p.State != Connected:
		return fault.Newf(fault.Conflict, op, held.Conn.Hex(), "the line's other call is %s: it can be swapped when it is connected", p.State)
	}
	_, p = s.editConn(active.Call, active.Conn)
	p.SwapTo = held.Conn
	s.hold(active.Call, active.Conn)
	return nil
}

// retrieveCall takes a call off hold; where the line's leg is with its other
// call, that one is put on hold for it.
func (s *State) retrieveCall(id CallID, conn ConnID) error {
	p := s.calls[id].Conn(conn)
	if c, q := s.partner(p); q != nil && !p.Leg.alive() {
		return s.exchange("retrieve", ItemRef{id, conn}, ItemRef{c.ID, q.ID})
	}
	if !p.Leg.alive() {
		return fault.New(fault.Conflict, "retrieve", conn.Hex(), "the line's phone has hung up")
	}
	s.retrieve(id, conn)
	return nil
}

// swap gives the leg of a call that is now on hold to the line's other call.
func (s *State) swap(id CallID, from, to ConnID) {
	c := s.CallByConn(to)
	if c == nil {
		return
	}
	p, q := s.calls[id].Conn(from), c.Conn(to)
	if q.State == Ended {
		return
	}
	if p.Leg.alive() && !q.Leg.alive() {
		s.moveLeg(ItemRef{id, from}, ItemRef{c.ID, to})
	}
	if a := s.agents[q.Agent]; a != nil && s.settle(q.Agent) {
		s.emitAgent(q.Agent)
	}
	if q.Knock && q.State == Alerting {
		s.connect(c.ID, to)
		return
	}
	s.retrieve(c.ID, to)
}

// reconnect ends the consultation and takes the held call back.
func (s *State) reconnect(in Reconnect) error {
	held, active, err := s.pair(in.Tag(), in.Conn, OpReconnect)
	if err != nil {
		return err
	}
	switch p := s.calls[active.Call].Conn(active.Conn); {
	case !in.Ends.IsZero() && in.Ends != held.Conn && in.Ends != active.Conn:
		return fault.New(fault.Conflict, in.Tag(), in.Ends.Hex(), "this is neither of the line's two calls")
	case in.Ends == held.Conn, in.Ends.IsZero() && !p.Consult && p.State == Hold:
		held, active = active, held // as asked, or a call that knocked: the one that is active ends
	}
	s.endActive(active)
	if c := s.CallByConn(held.Conn); c != nil {
		if h := c.Conn(held.Conn); h.State == Hold && !h.ByPhone {
			s.retrieve(c.ID, held.Conn)
		}
	}
	return nil
}

// endActive ends a line's part in a call and the call, where nobody is left to
// talk; a call that was only being made is cancelled.
func (s *State) endActive(r ItemRef) {
	c := s.calls[r.Call]
	if c.Conn(r.Conn).State == Initiated || c.Phase != PhaseTalking {
		s.cancelMade(r.Call, r.Conn)
		return
	}
	s.endAgentConn(r.Call, r.Conn, CauseNormal)
	s.partyLeft(r.Call)
}

// cancelMade is the maker giving up.
func (s *State) cancelMade(id CallID, conn ConnID) {
	c := s.calls[id]
	if c.Phase == PhaseWaiting {
		s.dequeue(id)
		s.abandoned(s.edit(id))
	}
	c = s.edit(id)
	c.Outcome = outcomeOr(c.Outcome, OutcomeCancelled)
	s.dropTarget(id, CauseNormal)
	s.withdrawAll(id, CauseNormal)
	s.endParty(id, conn, CauseNormal)
	s.over(id)
}

// transfer connects the parties of a line's two calls and takes the line out.
func (s *State) transfer(in Transfer) error {
	held, active, err := s.pair(in.Tag(), in.Conn, OpTransfer)
	if err != nil {
		return err
	}
	if c := s.calls[active.Call]; c.Phase == PhaseIVR || c.Phase == PhaseRouting {
		return fault.New(fault.Conflict, in.Tag(), in.Conn.Hex(), "the consultation is in a menu: wait until somebody is being called")
	}
	if s.calls[held.Call].Phase != PhaseTalking {
		return fault.New(fault.Conflict, in.Tag(), in.Conn.Hex(), "the other party of the held call has sent it on: nobody is left to be connected")
	}
	if err := s.apart(in.Tag(), held, active); err != nil {
		return err
	}
	if !s.mergeable(held, active) {
		return fault.New(fault.Conflict, in.Tag(), in.Conn.Hex(), "the held call is a conference: wait until the consulted party has answered")
	}
	data, err := s.withData(in.Tag(), in.Conn.Hex(), s.calls[held.Call].Attached, in.Data)
	if err != nil {
		return err
	}
	s.edit(held.Call).Attached = data
	if theirs, fits := s.mergeData(s.calls[active.Call].Attached, in.Data); fits {
		s.edit(active.Call).Attached = theirs // or what was removed would come back with the consultation's
	}
	if in.End {
		_, p := s.editConn(held.Call, held.Conn)
		p.NoWrapUp = true
	}
	s.complete(held, active)
	return nil
}

// mergeable reports whether a consultation can become part of the held call
// now: a conference goes on and cannot wait for somebody.
func (s *State) mergeable(held, active ItemRef) bool {
	p := s.calls[held.Call].Conn(held.Conn)
	return s.calls[active.Call].Phase == PhaseTalking || !p.Conference
}

// complete moves whoever was consulted into the held call.
func (s *State) complete(held, active ItemRef) {
	c2 := s.calls[active.Call]
	phase, back := c2.Phase, c2.Conn(active.Conn).Agent
	moved := s.absorb(held.Call, active)
	s.endMoved(active)
	_, p := s.editConn(held.Call, held.Conn)
	p.Passed, p.PassedTo = PassedAttended, c2.Dialled
	s.endAgentConn(held.Call, held.Conn, CauseNormal)
	c1 := s.edit(held.Call)
	c1.TransferredBy = back
	switch phase {
	case PhaseTalking:
		if len(c1.talkers()) < 2 {
			s.partyLeft(c1.ID) // the held party has gone in the same moment
			break
		}
		s.regroup(c1.ID)
	case PhaseWaiting:
		s.leave(c1.ID)
		s.requeue(c1.ID)
	case PhaseOffered, PhaseDialing:
		s.cancelTimer(TimerRetry, held.Call, ConnID{})
		c1.Phase = phase
		if c1.Target != nil {
			t := *c1.Target
			t.Back = back
			c1.Target = &t
		}
		s.leave(c1.ID)
	case PhaseParked: // who was parked leaves, and the held party waits in the place
		c1.Phase = PhaseParked
		s.leave(c1.ID)
		s.setTimer(TimerPark, c1.ID, ConnID{}, s.config.Parking.Timeout)
	case PhaseIVR, PhaseRouting: // nobody has been reached: the held party comes back
		s.leave(c1.ID)
		s.recall(c1.ID, back, c1.Queue, "nobody was reached, it comes back")
	case PhaseOver, PhaseAutomat: // no consultation is a campaign's call
	}
	for _, conn := range moved {
		if c := s.CallByConn(conn); c != nil && c.Conn(conn).State != Ended {
			s.emit(s.transferred(c, conn, active.Call))
		}
	}
	s.over(active.Call)
}

func (s *State) transferred(c *Call, conn ConnID, from CallID) Event {
	e := Event{Kind: EvTransferred, Call: c, Conn: conn, Node: c.Node, Other: from}
	if p := c.Conn(conn); p.Agent != "" {
		e.Agent = s.agents[p.Agent]
	}
	return e
}

// endMoved ends the maker's part in a consultation that has become part of the
// held call.
func (s *State) endMoved(active ItemRef) {
	c2 := s.edit(active.Call)
	c2.Outcome = OutcomeTransferred
	s.endAgentConn(active.Call, active.Conn, CauseNormal)
}

// leave takes the waiting party out of the bridge and lets it hear music.
func (s *State) leave(id CallID) {
	c := s.calls[id]
	p := c.Waiting()
	if p.InBridge || p.JoinAsked {
		c, p = s.editConn(id, p.ID)
		p.JoinAsked = false
		s.do(Leave{EffectHead: s.head(c, p.ID), Bridge: c.Bridge, Channel: p.Channel})
	}
	conn := p.ID
	if p.State == Hold && !p.Partner.IsZero() {
		return // its party is busy with the line's other call
	}
	s.playMusic(id, conn)
	if _, p = s.editConn(id, conn); !p.talks() {
		return
	}
	p.Conference, p.Owner, p.Wanted, p.SwapTo = false, false, 0, ConnID{}
	if p.Role != RoleAgent {
		p.State = Queued
		return
	}
	p.State, p.Maker, p.ByPhone = Initiated, true, false // an agent who waits is as one who calls
	s.emitCall(EvPartyChanged, id, conn)
}

// absorb moves everybody but the maker from the consultation into another
// call, with their legs and timers, and returns their connections.
func (s *State) absorb(into CallID, active ItemRef) []ConnID {
	c2 := s.edit(active.Call)
	c1 := s.edit(into)
	var moved []ConnID
	keep := c2.Conns[:0:0]
	for _, p := range c2.Conns {
		if p.ID == active.Conn || p.State == Ended {
			keep = append(keep, p)
			continue
		}
		p.InBridge, p.JoinAsked, p.Joined = false, false, c1.Origin != ""
		c1.Conns = append(c1.Conns, p)
		s.conns[p.ID] = into
		if p.Leg.alive() && p.Channel != "" {
			s.legs[p.Channel] = legRef{call: into, conn: p.ID}
		}
		s.moveTimers(p.ID, active.Call, into)
		if a := s.agents[p.Agent]; a != nil {
			s.moveItem(p.Agent, p.ID, into)
		}
		moved = append(moved, p.ID)
	}
	c2.Conns = keep
	if both, fits := s.mergeData(c2.Attached, c1.Attached); fits {
		c1.Attached = both // a consultation's are the same; those of a call that knocked are added
	}
	if t := c2.Target; t != nil {
		next := *t
		c1.Target, c2.Target = &next, nil
	}
	switch c2.Phase {
	case PhaseParked:
		c1.Parked, c2.Parked = c2.Parked, nil
		s.cancelTimer(TimerPark, c2.ID, ConnID{})
	case PhaseWaiting:
		s.dequeue(c2.ID)
		s.visitEnds(c2, VisitMoved)
		c1.Queue, c1.Order, c1.QueuedAt, c1.Config = c2.Queue, c2.Order, c2.QueuedAt, c2.Config
	case PhaseOffered:
		s.visitEnds(c2, VisitMoved)
		c1.Queue, c1.Order, c1.QueuedAt, c1.Config = c2.Queue, c2.Order, c2.QueuedAt, c2.Config
		s.visit(c1)
	case PhaseTalking, PhaseDialing, PhaseOver, PhaseIVR, PhaseRouting, PhaseAutomat:
	}
	return moved
}

// moveTimers gives a connection's timers to the call that it has moved to.
func (s *State) moveTimers(conn ConnID, from, to CallID) {
	for _, k := range []TimerKind{TimerOffer, TimerAccept, TimerTarget, TimerLeft} {
		t, ok := s.timers[TimerKey{Kind: k, Call: from, Conn: conn}]
		if !ok {
			continue
		}
		s.cancelTimer(k, from, conn)
		s.setTimer(k, to, conn, max(t.Due.Sub(s.now), 0))
	}
}

// moveItem follows a connection that has moved to another call.
func (s *State) moveItem(agent AgentID, conn ConnID, to CallID) {
	a := s.editAgent(agent)
	items := make([]ItemRef, len(a.Items))
	for i, r := range a.Items {
		if r.Conn == conn {
			r.Call = to
		}
		items[i] = r
	}
	a.Items = items
	if a.Conn == conn {
		a.Call = to
	}
}

// conference makes one call of a line's two.
func (s *State) conference(in Conference) error {
	held, active, err := s.pair(in.Tag(), in.Conn, OpConference)
	if err != nil {
		return err
	}
	if c := s.calls[active.Call]; c.Phase != PhaseTalking || s.calls[held.Call].Phase != PhaseTalking {
		return fault.New(fault.Conflict, in.Tag(), in.Conn.Hex(), "the consulted party has not answered yet")
	}
	if err := s.apart(in.Tag(), held, active); err != nil {
		return err
	}
	p := s.calls[active.Call].Conn(active.Conn)
	if q := s.calls[held.Call].Conn(held.Conn); p.Leg.alive() && !q.Leg.alive() {
		s.moveLeg(active, held)
	}
	moved := s.absorb(held.Call, active)
	_, q := s.editConn(held.Call, held.Conn)
	q.State, q.Wanted, q.Owner, q.ByPhone = Connected, 0, true, false
	s.unpair(held.Call, held.Conn)
	s.regroup(held.Call)
	_, q = s.editConn(held.Call, held.Conn)
	q.Owner = q.Conference
	e := s.transferred(s.calls[held.Call], held.Conn, active.Call)
	e.Kind = EvConferenced
	s.emit(e)
	for _, conn := range moved {
		s.emit(s.transferred(s.calls[held.Call], conn, active.Call))
	}
	s.endMoved(active)
	s.over(active.Call)
	return nil
}

// transferByHangup completes a transfer when the agent hangs up the phone in a
// consultation: the held party must not be lost.
func (s *State) transferByHangup(id CallID, conn ConnID) bool {
	p := s.calls[id].Conn(conn)
	pc, q := s.partner(p)
	if q == nil || q.State == Ended || q.Leg.alive() || !p.Consult && !q.Consult {
		return false // two calls that knocked have nothing to do with each other
	}
	if q.State != Hold {
		return false
	}
	held, active := ItemRef{pc.ID, q.ID}, ItemRef{id, conn}
	if p.before(q) {
		held, active = active, held // after alternating: the call that the line had first stays
	}
	if c := s.calls[active.Call]; c.Phase == PhaseIVR || c.Phase == PhaseRouting || p.State == Ended || !s.mergeable(held, active) || s.inBoth(held, active) != "" {
		return false
	}
	if s.calls[held.Call].Phase != PhaseTalking {
		return false // the other party has sent it on: nobody is left to be connected
	}
	s.complete(held, active)
	return true
}
