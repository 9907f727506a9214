package callmodel

import (
	"strconv"

	"strowger/switch/fault"
)

// places lists the numbers of the parking places.
func (p *ParkingConfig) places() []string {
	first, err := strconv.Atoi(p.First)
	if err != nil {
		return nil
	}
	n := p.Places
	if n <= 0 {
		n = DefaultParkPlaces
	}
	out := make([]string, 0, n)
	for i := range n {
		text := strconv.Itoa(first + i)
		for len(text) < len(p.First) {
			text = "0" + text
		}
		out = append(out, text)
	}
	return out
}

// parkPlace reports whether a number is a parking place's.
func (s *State) parkPlace(number string) bool {
	if s.config.Parking.First == "" || len(number) != len(s.config.Parking.First) {
		return false
	}
	first, err1 := strconv.Atoi(s.config.Parking.First)
	n, err2 := strconv.Atoi(number)
	return err1 == nil && err2 == nil && n >= first && n < first+s.config.Parking.Places
}

// parkedAt returns the call in a place, or nil.
func (s *State) parkedAt(place string) *Call {
	for _, c := range s.calls {
		if c.Phase == PhaseParked && c.Parked != nil && c.Parked.Place == place {
			return c
		}
	}
	return nil
}

// park puts the other party into a parking place.
func (s *State) park(in Park) error {
	c, p, err := s.allowed(in.Tag(), in.Conn, OpPark)
	if err != nil {
		return err
	}
	switch {
	case s.config.Parking.First == "":
		return fault.New(fault.Unsupported, in.Tag(), "", "no parking places are configured: set parking.first")
	case c.other(p.ID) == nil:
		return fault.New(fault.Conflict, in.Tag(), in.Conn.Hex(), "nobody else is in the call")
	case in.Place != "" && !s.parkPlace(in.Place):
		return fault.New(fault.Invalid, in.Tag(), in.Place, "no such parking place")
	case in.Place != "" && s.parkedAt(in.Place) != nil:
		return fault.New(fault.Conflict, in.Tag(), in.Place, "the parking place is taken")
	}
	place := in.Place
	if place == "" {
		for _, n := range s.config.Parking.places() {
			if s.parkedAt(n) == nil {
				place = n
				break
			}
		}
	}
	if place == "" {
		return fault.New(fault.Busy, in.Tag(), "", "all parking places are taken")
	}
	id, agent := c.ID, p.Agent
	c = s.edit(id)
	c.Target = &Target{To: Dest{DestNumber, place}} // keeps the other party from being cleared
	p = c.Conn(in.Conn)
	p.Passed, p.PassedTo = PassedPark, place
	s.endAgentConn(id, in.Conn, CauseNormal)
	s.parkAt(id, place, agent)
	return nil
}

// parkAt puts a call's waiting party into a place.
func (s *State) parkAt(id CallID, place string, agent AgentID) {
	c := s.edit(id)
	c.Target = nil
	c.Phase, c.Parked = PhaseParked, &ParkState{Place: place, By: agent, At: s.now}
	s.leave(id)
	s.setTimer(TimerPark, id, ConnID{}, s.config.Parking.Timeout)
	c = s.calls[id]
	s.emit(Event{Kind: EvParked, Call: c, Conn: c.Waiting().ID, Node: c.Node, Reason: place})
}

// parkTimeout takes a parked call back to whoever parked it.
func (s *State) parkTimeout(id CallID) {
	c := s.edit(id)
	if c.Phase != PhaseParked {
		return
	}
	by := c.Parked.By
	c.Parked, c.Hops = nil, 0
	s.recall(id, by, c.Queue, "nobody picked it up, it comes back")
}

// pickUp takes a parked call to an agent's line.
func (s *State) pickUp(in PickUp) error {
	a := s.agents[in.Agent]
	if a == nil || a.Removed {
		return fault.New(fault.NotFound, in.Tag(), string(in.Agent), "no such agent in the configuration")
	}
	if err := s.mayMake(in.Tag(), a, false); err != nil {
		return err
	}
	c := s.parkedAt(in.Place)
	if c == nil {
		return fault.New(fault.NotFound, in.Tag(), in.Place, "nobody is parked there")
	}
	if s.far(c, a) {
		return fault.New(fault.Unsupported, in.Tag(), in.Place, "the agent's nailed station is at another telephony server than the call")
	}
	s.pickUpAt(c.ID, a.ID)
	return nil
}

// pickUpAt takes a parked call to an agent's line.
func (s *State) pickUpAt(id CallID, agent AgentID) {
	c := s.calls[id]
	by, queue := c.Parked.By, c.Queue
	s.unpark(id)
	c = s.edit(id)
	c.Phase = PhaseDialing
	c.Target = &Target{To: Dest{DestAgent, string(agent)}, Back: by, Queue: queue}
	s.take(id, Dest{DestAgent, string(agent)})
}

func (s *State) unpark(id CallID) {
	s.cancelTimer(TimerPark, id, ConnID{})
	c := s.edit(id)
	c.Parked, c.Hops = nil, 0
}

// pickUpBy joins whoever has called a parking place's number with the call
// that is parked there: the parked call goes on, the caller's becomes part of it.
func (s *State) pickUpBy(id CallID, place string) {
	parked := s.parkedAt(place)
	c := s.calls[id]
	w := c.Waiting()
	if parked == nil || w.Role != RoleAgent || parked.ID == id {
		s.endWaiting(id, CauseUnallocated, OutcomeFailed)
		return
	}
	if parked.Node != c.Node { // a leg cannot change its server: the parked call comes to the agent's line
		s.endWaiting(id, CauseNormal, OutcomeCancelled)
		s.pickUpAt(parked.ID, w.Agent)
		return
	}
	s.unpark(parked.ID)
	s.edit(id).Target = nil
	conn := w.ID
	s.stopRing(id, conn)
	s.adopt(parked.ID, id, conn)
}

// adopt moves one connection into another call that waits for somebody, and
// connects it there. The call that it leaves is over.
func (s *State) adopt(into, from CallID, conn ConnID) {
	c := s.edit(from)
	var p Connection
	keep := c.Conns[:0:0]
	for _, q := range c.Conns {
		if q.ID == conn {
			p = q
			continue
		}
		keep = append(keep, q)
	}
	// the call that is left keeps a connection, so that its end can be told
	ghost := p
	s.counters.Conn++
	ghost.ID, ghost.Number = ConnID{c.ID.derive(c.NextConn)}, s.counters.Conn
	c.NextConn++
	ghost.Channel, ghost.Leg, ghost.State, ghost.Processing, ghost.EndedAt = "", LegNone, Ended, NotInProcess, s.now
	s.conns[ghost.ID] = from
	c.Conns = append([]Connection{ghost}, keep...)
	c.Outcome = OutcomeTransferred
	into1 := s.edit(into)
	p.InBridge, p.JoinAsked, p.Maker, p.Direct = false, false, false, true
	p.State = Alerting
	into1.Conns = append(into1.Conns, p)
	if both, fits := s.mergeData(c.Attached, into1.Attached); fits {
		into1.Attached = both // what was with the call that is left is added
	}
	s.conns[conn] = into
	s.legs[p.Channel] = legRef{call: into, conn: conn}
	s.moveItem(p.Agent, conn, into)
	s.moveTimers(conn, from, into)
	into1.Phase = PhaseDialing
	if p.Leg != LegUp && !p.Channel.Ours() {
		into1 = s.edit(into)
		s.do(Answer{EffectHead: s.head(into1, conn), Channel: p.Channel})
	}
	s.connect(into, conn)
	s.emit(s.transferred(s.calls[into], conn, from))
	s.emitCall(EvCleared, from, ghost.ID)
	s.over(from)
}
