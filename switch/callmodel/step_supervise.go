package callmodel

import (
	"strconv"

	"strowger/switch/fault"
)

// supervise calls a supervisor's phone for a supervision.
func (s *State) supervise(in Supervise) error {
	if !in.Mode.Known() {
		return fault.New(fault.Invalid, in.Tag(), string(in.Mode), "the modes are listen, whisper and barge")
	}
	return s.startSupervision(in.Tag(), in.Supervisor, in.Conn, in.Mode, in.By)
}

// startSupervision checks everything before anything is done.
func (s *State) startSupervision(op string, who AgentID, conn ConnID, mode SuperviseMode, by string) error {
	a, err := s.agentFor(op, who)
	if err != nil {
		return err
	}
	c := s.CallByConn(conn)
	if c == nil || c.Conn(conn).Role != RoleAgent {
		return fault.New(fault.NotFound, op, conn.Hex(), "no such connection of an agent: the call has ended or never was")
	}
	p := c.Conn(conn)
	if err := s.mayTakePart(op, a, p); err != nil {
		return err
	}
	if !p.talks() || c.Phase != PhaseTalking {
		return fault.Newf(fault.Conflict, op, conn.Hex(), "the agent talks to nobody: the connection is %s", stateWords(p))
	}
	if mode == TakingOver {
		if err := s.replaceable(op, c, p); err != nil {
			return err
		}
	}
	if a.Station.Mode == Nailed && s.via(c, &a.Station) != "" {
		return fault.New(fault.Unsupported, op, string(who), "the standing leg of the supervisor's station is at another telephony server than the call")
	}
	if n := s.nodes[c.Node]; n == nil || !n.Up {
		return fault.New(fault.Unavailable, op, conn.Hex(), "the link to the call's telephony server is down")
	}
	s.counters.Conn++
	id := ConnID{c.ID.derive(1<<31 | uint32(s.counters.Conn))}
	s.supervisions[id] = &Supervision{
		ID: id, Number: s.counters.Conn, Node: c.Node, Supervisor: who, Agent: p.Agent, Call: c.ID, Conn: conn, Mode: mode, By: by,
		Station: a.Station, Leg: LegNone, StartedAt: s.now, gen: s.gen,
	}
	s.occupySupervisor(who, id)
	s.emitSupervision(EvSupervisionStarted, id, "", by)
	s.callSupervisor(id, p.Device)
	return nil
}

// mayTakePart checks the supervisor: the right kind of agent, free, and not
// one more than there may be.
func (s *State) mayTakePart(op string, a *Agent, p *Connection) error {
	cfg := s.config.Agent(a.ID)
	switch {
	case cfg == nil || !cfg.Has(CapabilityDirector):
		return fault.New(fault.Denied, op, string(a.ID), "the agent does not have the capability director")
	case a.ID == p.Agent:
		return fault.New(fault.Invalid, op, string(a.ID), "nobody supervises themselves")
	case a.State == LoggedOut:
		return fault.New(fault.Conflict, op, string(a.ID), "the supervisor is logged out: log in, so that it is known which phone to call")
	case !a.Supervises.IsZero():
		return fault.New(fault.Conflict, op, string(a.ID), "the supervisor is with an agent already: end that first")
	case a.busy():
		return fault.Newf(fault.Conflict, op, string(a.ID), "the supervisor is %s", a.State)
	case len(a.Items) > 0:
		return fault.New(fault.Conflict, op, string(a.ID), "the supervisor has wrap-up left to do: end it first")
	case a.PhoneOff:
		return fault.New(fault.Conflict, op, string(a.ID), "the supervisor's phone is not registered")
	case a.Station.Mode == Nailed && (a.Standing == nil || a.Standing.Leg != LegUp):
		return fault.New(fault.Conflict, op, string(a.ID), "the standing leg of the supervisor's station is down")
	}
	with := 0
	for _, v := range s.supervisions {
		if v.Agent == p.Agent && !v.Over {
			with++
		}
	}
	if with >= MaxSupervisors {
		return fault.Newf(fault.Busy, op, string(p.Agent), "%d supervisors are with this agent already", with)
	}
	return nil
}

// occupySupervisor makes the supervisor busy: no call is offered meanwhile.
func (s *State) occupySupervisor(who AgentID, id ConnID) {
	a := s.editAgent(who)
	if a.State == NotReady && a.Pending == 0 {
		a.Pending, a.PendingReason = NotReady, a.Reason
	}
	a.Supervises, a.State, a.Reason, a.Since = id, OnCall, "", s.now
	s.emitAgent(who)
}

// callSupervisor asks for the leg to the supervisor's phone.
func (s *State) callSupervisor(id ConnID, line string) {
	v := s.editSupervision(id)
	if v.Station.Mode == Nailed {
		st := s.agents[v.Supervisor].Standing
		v.Channel, v.Leg, v.Borrowed, v.SeenAt = st.Channel, LegUp, true, s.now
		s.legs[v.Channel] = legRef{supervision: id}
		return
	}
	auto := v.Station.Mode == CallOnAccept
	v.Via = s.via(s.calls[v.Call], &v.Station)
	v.Channel, v.Leg, v.AskedAt, v.SeenAt = channelOf(id), LegAsked, s.now, s.now
	s.legs[v.Channel] = legRef{supervision: id}
	s.setSuperviseTimer(id, DirectRing)
	h := s.superviseHead(id)
	v = s.editSupervision(id)
	s.do(Originate{
		EffectHead: h, Channel: v.Channel, Endpoint: v.Station.Endpoint, CallerID: line, CallerName: s.agents[v.Agent].Name,
		AutoAnswer: auto, Timeout: DirectRing + originateMargin, Via: v.Via,
	})
}

// supervisionOf returns what a supervisor takes part in.
func (s *State) supervisionOf(op string, who AgentID) (*Supervision, error) {
	a, err := s.agentFor(op, who)
	if err != nil {
		return nil, err
	}
	v := s.supervisions[a.Supervises]
	if v == nil || v.Over {
		return nil, fault.New(fault.NotFound, op, string(who), "the supervisor is with nobody")
	}
	return v, nil
}

func (s *State) setSupervision(in SetSupervision) error {
	v, err := s.supervisionOf(in.Tag(), in.Supervisor)
	switch {
	case err != nil:
		return err
	case !in.Mode.Known():
		return fault.New(fault.Invalid, in.Tag(), string(in.Mode), "the modes are listen, whisper and barge")
	case v.Mode == in.Mode:
		return nil
	}
	s.editSupervision(v.ID).Mode = in.Mode
	s.emitSupervision(EvSupervisionChanged, v.ID, "", in.By)
	return nil
}

func (s *State) stopSupervision(in EndSupervision) error {
	v, err := s.supervisionOf(in.Tag(), in.Supervisor)
	if err != nil {
		return err
	}
	s.endSupervision(v.ID, "ended", in.By)
	return nil
}

// takeOver puts a supervisor in the place of an agent.
func (s *State) takeOver(in TakeOver) error {
	a, err := s.agentFor(in.Tag(), in.Supervisor)
	if err != nil {
		return err
	}
	v := s.supervisions[a.Supervises]
	if in.Conn.IsZero() && (v == nil || v.Over) {
		return fault.New(fault.NotFound, in.Tag(), string(in.Supervisor), "the supervisor is with nobody: say whose place is to be taken")
	}
	if v == nil || v.Over {
		return s.startSupervision(in.Tag(), in.Supervisor, in.Conn, TakingOver, in.By)
	}
	if !in.Conn.IsZero() && s.conns[in.Conn] != s.conns[v.Conn] {
		return fault.New(fault.Conflict, in.Tag(), in.Conn.Hex(), "the supervisor is with another agent: end that first")
	}
	c := s.CallByConn(v.Conn)
	if c == nil {
		return fault.New(fault.NotFound, in.Tag(), v.Conn.Hex(), "the call has ended")
	}
	if err := s.replaceable(in.Tag(), c, c.Conn(v.Conn)); err != nil {
		return err
	}
	if v.Mode != TakingOver {
		s.editSupervision(v.ID).Mode = TakingOver
		s.emitSupervision(EvSupervisionChanged, v.ID, "", in.By)
	}
	return nil
}

// replaceable reports why an agent's place cannot be taken now.
func (s *State) replaceable(op string, c *Call, p *Connection) error {
	switch {
	case !p.Partner.IsZero():
		return fault.New(fault.Conflict, op, p.ID.Hex(), "the agent's line has two calls: wait until one is left")
	case !p.talks() || c.Phase != PhaseTalking:
		return fault.Newf(fault.Conflict, op, p.ID.Hex(), "the agent talks to nobody: the connection is %s", stateWords(p))
	case p.Wanted != 0:
		return fault.New(fault.Conflict, op, p.ID.Hex(), "a hold or retrieve is under way: wait for its event")
	}
	return nil
}

// takenOver makes the supervisor the agent of the call; the one before gets
// the wrap-up of the queue.
func (s *State) takenOver(id ConnID) {
	v := s.supervisions[id]
	c := s.CallByConn(v.Conn)
	if err := s.replaceable("take-over", c, c.Conn(v.Conn)); err != nil {
		s.endSupervision(id, fault.ReasonOf(err), "")
		return
	}
	s.dropTap(id)
	s.stopSilence(id)
	v = s.editSupervision(id)
	a, old := s.editAgent(v.Supervisor), v.Conn
	c = s.edit(c.ID)
	q := Connection{
		Role: RoleAgent, Device: a.Line, Agent: a.ID, Station: v.Station, Channel: v.Channel, Via: v.Via, Leg: LegUp, State: Connected, Processing: Active,
		Borrowed: v.Borrowed, AskedAt: v.AskedAt, AlertingAt: v.StartedAt, ConnectedAt: s.now, Direct: true,
		In: v.In, InBridge: c.BridgeUp && v.In != "" && v.In == c.Bridge && v.To == "",
	}
	q.Owner, q.Conference = c.Conn(old).Owner, c.Conn(old).Conference
	conn := s.addConn(c, q)
	s.legs[v.Channel] = legRef{call: c.ID, conn: conn}
	a.Supervises, a.Items, a.Handled = ConnID{}, []ItemRef{{c.ID, conn}}, a.Handled+1
	s.settle(a.ID)
	s.emitSupervision(EvSupervisionEnded, id, "taken-over", v.By)
	s.emitCall(EvEstablished, c.ID, conn)
	s.emitAgent(v.Supervisor)
	s.endAgentConn(c.ID, old, CauseNormal)
	if c = s.calls[c.ID]; len(c.talkers()) >= 2 {
		s.regroup(c.ID)
	} else {
		s.partyLeft(c.ID) // the other party has gone in the same moment
	}
	s.supervisionDone(id)
	delete(s.supervisions, id)
}

// supervisionDone takes back what a supervision has besides its leg and tap.
func (s *State) supervisionDone(id ConnID) {
	s.cancelSuperviseTimer(id)
	if v := s.editSupervision(id); v.BridgeUp {
		v.BridgeUp = false
		h := s.superviseHead(id)
		s.do(DestroyBridge{EffectHead: h, Bridge: s.supervisions[id].Bridge})
	}
}

// endSupervision takes the supervisor out. They are free when their leg has ended.
func (s *State) endSupervision(id ConnID, why, by string) {
	if v := s.supervisions[id]; v == nil || v.Over {
		return
	}
	s.dropTap(id)
	s.stopSilence(id)
	v := s.editSupervision(id)
	v.Over, v.To = true, ""
	switch {
	case !v.Leg.alive():
	case v.Borrowed:
		s.returnLeg(id)
	default:
		h := s.superviseHead(id)
		s.do(Hangup{EffectHead: h, Channel: s.supervisions[id].Channel, Cause: CauseNormal})
	}
	s.supervisionDone(id)
	s.emitSupervision(EvSupervisionEnded, id, why, by)
	s.freeSupervisor(id)
}

// returnLeg ends the use of a standing leg.
func (s *State) returnLeg(id ConnID) {
	v := s.editSupervision(id)
	ch, in, agent := v.Channel, v.In, v.Supervisor
	if v.To != "" {
		in = v.To
	}
	v.Channel, v.Leg, v.Borrowed, v.In = "", LegGone, false, ""
	if in != "" {
		h := s.superviseHead(id)
		s.do(Leave{EffectHead: h, Bridge: in, Channel: ch})
	}
	a := s.agents[agent]
	if a == nil || a.Standing == nil || a.Standing.Channel != ch || a.State == LoggedOut {
		delete(s.legs, ch)
		h := s.superviseHead(id)
		s.do(Hangup{EffectHead: h, Channel: ch, Cause: CauseNormal})
		return
	}
	s.legs[ch] = legRef{agent: agent}
	a = s.editAgent(agent)
	st := *a.Standing
	st.SeenAt = s.now
	a.Standing = &st
}

// freeSupervisor forgets a supervision whose leg has ended; its supervisor can
// be called again.
func (s *State) freeSupervisor(id ConnID) {
	v := s.supervisions[id]
	if !v.Over || v.Leg.alive() {
		return
	}
	delete(s.supervisions, id)
	if v.Channel != "" {
		delete(s.legs, v.Channel)
	}
	a := s.agents[v.Supervisor]
	if a == nil || a.Supervises != id {
		return
	}
	a = s.editAgent(v.Supervisor)
	a.Supervises = ConnID{}
	if len(a.Items) == 0 {
		s.free(a.ID)
		return
	}
	s.rest(a.ID)
}

// playNotice lets all who talk hear that somebody listens, where the queue wants that.
func (s *State) playNotice(id ConnID) {
	v := s.supervisions[id]
	c := s.calls[v.Call]
	if c == nil {
		return
	}
	q := s.queueConfig(c)
	if q == nil || q.Supervision.Beep == "" || !c.BridgeUp {
		return
	}
	s.superviseSound(id, c.Bridge, q.Supervision.Beep)
	s.noticeAgain(id)
}

// superviseSound plays something to all in a bridge.
func (s *State) superviseSound(id ConnID, b BridgeID, media string) PlayID {
	v := s.editSupervision(id)
	v.Plays++
	play := PlayID(OwnPrefix + "p-" + id.String() + "-" + strconv.FormatUint(uint64(v.Plays), 10))
	h := s.superviseHead(id)
	s.do(Play{EffectHead: h, Play: play, Bridge: b, Media: []string{media}})
	return play
}

// noticeAgain sets the time for the next notice.
func (s *State) noticeAgain(id ConnID) {
	c := s.calls[s.supervisions[id].Call]
	q := s.queueConfig(c)
	if q == nil || q.Supervision.Beep == "" || q.Supervision.Every <= 0 {
		return
	}
	if _, set := s.timers[TimerKey{Kind: TimerSupervise, Conn: id}]; !set {
		s.setSuperviseTimer(id, q.Supervision.Every)
	}
}
