package callmodel

import "strowger/switch/fault"

func noQueue(op string, q QueueID) error {
	return fault.New(fault.NotFound, op, string(q), "no such queue")
}

// askRoute asks a CTI client where an arriving call shall go, where its queue
// wants that, and reports whether it did.
func (s *State) askRoute(id CallID) bool {
	c := s.calls[id]
	q := s.queueConfig(c)
	if q == nil || q.Route.Timeout <= 0 || c.Routed || c.Kind == KindCallback {
		return false
	}
	c = s.edit(id)
	c.Phase, c.Routed = PhaseRouting, true
	s.setTimer(TimerRoute, id, ConnID{}, q.Route.Timeout)
	if c.rings(q) {
		s.ringWaiting(id)
	} else {
		s.answerWaiting(id)
		s.playMusic(id, s.calls[id].Waiting().ID)
	}
	s.emitCall(EvRouteRequest, id, s.calls[id].Waiting().ID)
	return true
}

// routeEnded tells how a route request ended.
func (s *State) routeEnded(id CallID, how string) {
	s.cancelTimer(TimerRoute, id, ConnID{})
	c := s.calls[id]
	s.emit(Event{Kind: EvRouteEnded, Call: c, Conn: c.Waiting().ID, Node: c.Node, Reason: how})
}

// routeDefault takes the default route: nobody answered in time, or declined.
func (s *State) routeDefault(id CallID, how string) {
	c := s.calls[id]
	if c.Phase != PhaseRouting {
		return
	}
	to, own := Dest{DestQueue, string(c.Queue)}, true
	if q := s.queueConfig(c); q != nil && !q.Route.Default.IsZero() {
		to, own = q.Route.Default, false
	}
	s.edit(id).RouteTo = to
	s.routeEnded(id, how)
	if own {
		s.takeQueue(id, s.calls[id].Queue)
		return
	}
	s.take(id, to)
}

func (s *State) routing(op string, id CallID) (*Call, error) {
	c := s.calls[id]
	switch {
	case c == nil:
		return nil, fault.New(fault.NotFound, op, id.String(), "no such call: it has ended or never was")
	case c.Phase != PhaseRouting:
		return nil, fault.New(fault.Conflict, op, id.String(), "the call does not wait for a route: the request was answered, timed out or never made")
	}
	return c, nil
}

// routeSelect takes the route that a client has chosen.
func (s *State) routeSelect(in RouteSelect) error {
	c, err := s.routing(in.Tag(), in.Call)
	if err != nil {
		return err
	}
	if err := s.reachable(in.Tag(), c, "", c.Queue, in.To); err != nil {
		return err
	}
	for _, a := range append([]AgentID{in.Preferred}, in.Required...) {
		if a != "" && s.config.Agent(a) == nil {
			return fault.New(fault.NotFound, in.Tag(), string(a), "no such agent")
		}
	}
	if err := s.knownSkills(in.Tag(), in.Skills); err != nil {
		return err
	}
	data, err := s.withData(in.Tag(), in.Call.String(), c.Attached, in.Data)
	if err != nil {
		return err
	}
	c = s.edit(in.Call)
	c.RouteTo, c.Attached = in.To, data
	c.Preferred, c.Required, c.Skills = in.Preferred, in.Required, in.Skills
	c.RequiredTo = 0
	if in.Expire > 0 && len(in.Required) > 0 {
		c.RequiredTo = s.now.Add(in.Expire)
	}
	if in.Priority != nil {
		c.Priority = *in.Priority
	}
	s.routeEnded(in.Call, "used")
	if in.To.Kind == DestAgent || in.To.Kind == DestNumber {
		s.edit(in.Call).Target = &Target{To: in.To, Queue: c.Queue}
	}
	s.take(in.Call, in.To)
	return nil
}

func (s *State) routeReject(in RouteReject) error {
	if _, err := s.routing(in.Tag(), in.Call); err != nil {
		return err
	}
	s.routeDefault(in.Call, "rejected")
	return nil
}

func (s *State) knownSkills(op string, needs []SkillNeed) error {
	for _, n := range needs {
		known := false
		for i := range s.config.Skills {
			known = known || s.config.Skills[i].ID == n.Skill
		}
		if !known || n.Level < 1 || n.Level > 100 {
			return fault.Newf(fault.Invalid, op, n.Skill, "level %d: the skill must exist and levels are 1 to 100", n.Level)
		}
	}
	return nil
}
