package callmodel

import "strowger/switch/numbering"

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
	s.arrivedFromMirror(in.Channel)
	c := s.newCall(in.Call, in.Node)
	c.Dialled, c.Caller, c.CallerName = in.Dialled, in.Caller, in.CallerName
	if len(in.SIPCallID) <= MaxSIPCallID {
		c.SIPCallID = in.SIPCallID
	}
	leg := LegDown
	if in.Up {
		leg, c.AnsweredAt = LegUp, s.now
	}
	p := Connection{Role: RoleCaller, Device: in.Caller, Channel: in.Channel, Leg: leg, State: Queued, Processing: NotInProcess}
	if a := s.agentAt(in.Node, in.Endpoint); a != nil {
		s.fromAgent(c, &p, a)
	} else {
		s.fromOutside(c, in)
	}
	conn := s.addConn(c, p)
	s.legs[in.Channel] = legRef{call: c.ID, conn: conn}
	if adopted && in.Up {
		s.do(StopMusic{EffectHead: s.head(c, conn), Channel: in.Channel})
	}
	if p.Role == RoleAgent {
		s.occupy(p.Agent, c.ID, conn)
	}
	to, found := s.arrivalDest(c)
	if to.Kind == DestQueue {
		c.Queue = QueueID(to.Value)
		c.Order = s.nextOrder()
		c.QueuedAt = s.now
	}
	s.emitCall(EvCallStarted, c.ID, conn)
	if p.Role == RoleAgent {
		s.emitAgent(p.Agent)
	}
	switch {
	case len(s.calls) > s.config.MaxCalls:
		s.turnAway(c.ID, CauseCongestion, OutcomeOverload)
	case !found:
		s.turnAway(c.ID, CauseUnallocated, OutcomeUnknownNumber)
	default:
		s.take(c.ID, to)
	}
}

// newCall makes an empty call that this step may write to.
func (s *State) newCall(id CallID, node NodeID) *Call {
	s.counters.Call++
	c := &Call{
		ID: id, Number: s.counters.Call, Node: node, Config: s.config.Version, Phase: PhaseDialing,
		ArrivedAt: s.now, Seq: 1, gen: s.gen,
	}
	s.calls[id] = c
	return c
}

// fromOutside notes who calls and what was dialled, by the DNIS table.
func (s *State) fromOutside(c *Call, in ChannelArrived) {
	c.Phase = PhaseWaiting
	c.Withheld, c.Trunk = in.Withheld, s.config.trunkAt(in.Node, in.Endpoint)
	if s.config.planned() && in.Caller != "" {
		switch n := s.config.Plan.E164(in.Caller); n.Kind {
		case numbering.KindWithheld:
			c.Withheld = true
		case numbering.KindInternational:
			c.CallerID = n.Text
		case numbering.KindInternal, numbering.KindEmergency, numbering.KindLocal, numbering.KindOther:
		}
	}
	if s.config.book == nil {
		return
	}
	arrival := numbering.Arrival{Dialled: in.Dialled, CallerName: in.CallerName}
	if h := in.Headers; h != nil {
		arrival.Diversion, arrival.HistoryInfo, arrival.PCalledParty, arrival.To = h.Diversion, h.HistoryInfo, h.CalledParty, h.To
	}
	found := s.config.book.Find(arrival)
	c.CallerName = found.CallerName
	if found.DNIS == "" {
		return
	}
	info := &DNISInfo{Number: found.DNIS, Label: found.Label, By: string(found.By)}
	if e := found.Entry; e != nil {
		info.Entry, info.Label, info.Colour, info.Script, info.CRM = e.ID, e.Label, e.Colour, e.Script, e.CRM
	}
	c.DNIS = info
}

// arrivalDest says where an arriving call goes: by the DNIS table, else by
// what the dialled number means. Only agents reach numbers outside.
func (s *State) arrivalDest(c *Call) (Dest, bool) {
	if c.DNIS != nil && c.DNIS.Entry != "" {
		for i := range s.config.DNIS {
			if e := &s.config.DNIS[i]; e.ID == c.DNIS.Entry {
				to, err := ParseDest(e.To)
				return to, err == nil
			}
		}
	}
	if to, ok := s.config.Number(c.Dialled); ok {
		return to, true
	}
	if s.parkPlace(c.Dialled) || c.Conns[0].Role == RoleAgent {
		return Dest{DestNumber, c.Dialled}, true
	}
	return Dest{}, false
}

// fromAgent makes the arriving leg an agent's own: they have dialled at their phone.
func (s *State) fromAgent(c *Call, p *Connection, a *Agent) {
	c.CallerName, c.Caller, c.OnBehalf = a.Name, a.Line, a.ID
	c.Kind = s.kindOf(Dest{DestNumber, c.Dialled})
	p.Role, p.Device, p.Agent, p.Station = RoleAgent, a.Line, a.ID, a.Station
	p.State, p.Maker, p.Processing = Initiated, true, Active
}

// agentAt returns the agent who is logged in at a phone, or nil.
func (s *State) agentAt(node NodeID, endpoint string) *Agent {
	if endpoint == "" {
		return nil
	}
	key := s.config.phoneKey(node, endpoint)
	id, ok := s.seats[key]
	if a := s.agents[id]; ok && a != nil && a.State != LoggedOut && s.keyOf(&a.Station) == key {
		return a
	}
	return nil
}

// take brings a call's waiting party to a destination.
func (s *State) take(id CallID, to Dest) {
	s.cancelTimer(TimerPark, id, ConnID{})
	c := s.edit(id)
	c.Parked = nil
	if c.Hops++; c.Hops > MaxHops {
		s.incident(c.Node, "a call was sent on more than 10 times and was ended: its destinations lead in a circle")
		s.endWaiting(id, CauseCongestion, OutcomeFailed)
		return
	}
	switch to.Kind {
	case DestQueue:
		s.takeQueue(id, QueueID(to.Value))
	case DestIVR:
		s.takeMenu(id, IVRID(to.Value))
	case DestAgent, DestNumber:
		s.takeNumber(id, to)
	case DestAnnounce:
		s.takeAnnounce(id, to.Value)
	case DestHangup:
		s.endWaiting(id, hangupCauses[to.Value], outcomeOr(c.Outcome, OutcomeMenu))
	}
}

func outcomeOr(have, otherwise Outcome) Outcome {
	if have != "" {
		return have
	}
	return otherwise
}

// takeQueue queues a call. One that has been in a queue before keeps its
// place by the time of its first.
func (s *State) takeQueue(id CallID, q QueueID) {
	c := s.edit(id)
	if s.queues[q] == nil || s.config.Queue(q) == nil {
		s.endWaiting(id, CauseUnallocated, OutcomeUnknownNumber)
		return
	}
	c.Queue, c.Target = q, nil
	if c.Order == 0 {
		c.Order, c.QueuedAt = s.nextOrder(), s.now
	}
	if to, why, over := s.arrivalOverflow(c); over {
		s.overflow(id, to, why)
		return
	}
	if s.full(q) {
		s.turnAway(id, CauseBusy, OutcomeQueueFull)
		return
	}
	if s.askRoute(id) {
		return
	}
	s.admit(id)
}

// takeAnnounce plays a sound to the waiting party and ends the call.
func (s *State) takeAnnounce(id CallID, media string) {
	c := s.edit(id)
	c.Phase = PhaseIVR
	c.Outcome = outcomeOr(c.Outcome, OutcomeMenu)
	c.IVR = &IVRState{Menu: "", Node: "announce"}
	s.answerWaiting(id)
	s.stopMusic(id, c.Waiting().ID)
	c = s.edit(id)
	ivr := *c.IVR
	ivr.Play = s.play(id, c.Waiting().ID, announced(media))
	s.edit(id).IVR = &ivr
}
