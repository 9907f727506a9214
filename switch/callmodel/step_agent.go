package callmodel

import (
	"slices"

	"strowger/switch/fault"
)

// MaxReason is the longest not-ready reason, in bytes.
const MaxReason = 64

func (s *State) agentFor(op string, id AgentID) (*Agent, error) {
	a := s.agents[id]
	if a == nil || a.Removed {
		return nil, fault.New(fault.NotFound, op, string(id), "no such agent in the configuration")
	}
	return a, nil
}

// settable checks a state and a reason that somebody asks for.
func (s *State) settable(op string, id AgentID, st AgentState, reason string) error {
	switch st {
	case LoggedOut, NotReady, Ready:
	case Reserved, OnCall, InWrapUp:
		return fault.New(fault.Invalid, op, string(id), "only logged-out, not-ready and ready can be set; the others follow from calls")
	default:
		return fault.New(fault.Invalid, op, string(id), "unknown agent state")
	}
	if len(reason) > MaxReason {
		return fault.Newf(fault.Invalid, op, string(id), "the reason has more than %d bytes", MaxReason)
	}
	purpose := map[AgentState]string{NotReady: "not-ready", Ready: "ready", LoggedOut: "logout"}[st]
	if reason != "" && !s.knownReason(reason, purpose) {
		return fault.New(fault.Invalid, op, string(id), "the reason "+reason+" is not configured")
	}
	return nil
}

// knownReason reports whether a reason may be given: where reasons are
// configured for the purpose, only those.
func (s *State) knownReason(id, purpose string) bool {
	any := false
	for i := range s.config.Reasons {
		r := &s.config.Reasons[i]
		if r.For == purpose {
			if any = true; r.ID == id {
				return true
			}
		}
	}
	return !any
}

// profile is the reason that an agent keeps while they are ready, over calls.
func (s *State) profile(st AgentState, reason string) string {
	if r := s.config.reasons[reason]; st == Ready && r != nil && r.For == "ready" {
		return reason
	}
	return ""
}

func (s *State) parkReason(id string) bool {
	r := s.config.reasons[id]
	return r != nil && r.Park
}

// login logs an agent in at a station.
func (s *State) login(in Login) error {
	a, err := s.agentFor(in.Tag(), in.Agent)
	if err != nil {
		return err
	}
	st := in.State
	if st == 0 {
		st = NotReady
	}
	if err := s.settable(in.Tag(), in.Agent, st, in.Reason); err != nil || st == LoggedOut {
		if err == nil {
			err = fault.New(fault.Invalid, in.Tag(), string(in.Agent), "an agent logs in as ready or not ready")
		}
		return err
	}
	if err := checkPasscode(in.Tag(), in.Passcode); err != nil {
		return err
	}
	if a.State != LoggedOut {
		return fault.New(fault.Conflict, in.Tag(), string(in.Agent), "the agent is logged in: log out first to change the station")
	}
	station := s.config.Agent(in.Agent).Station
	if in.Station != "" {
		cfg := s.config.Station(in.Station)
		if cfg == nil {
			return fault.New(fault.NotFound, in.Tag(), string(in.Station), "no such station")
		}
		station = cfg.Station
		station.ID = cfg.ID
	}
	if station.Endpoint == "" {
		return fault.New(fault.Invalid, in.Tag(), string(in.Agent), "the agent has no station of their own: name one")
	}
	if err := s.freeSeat(in.Tag(), in.Agent, &station); err != nil {
		return err
	}
	reason := in.Reason
	if st == NotReady && reason == "" {
		reason = ReasonLogin
	}
	if station.Passcode {
		return s.askPasscode(entry{in, station, st, reason})
	}
	s.endEntering(in.Agent, PasscodeOver, CauseNormal)
	s.beginShift(in.Agent, station, st, reason, in.OneLine)
	return nil
}

// enterShift is the beginning of an agent's shift at a station.
func (s *State) enterShift(id AgentID, station Station) {
	if station.Mode == "" {
		station.Mode = Handset
	}
	if station.AcceptTimeout <= 0 {
		station.AcceptTimeout = DefaultAcceptTimeout
	}
	a := s.editAgent(id)
	a.Station, a.Handled, a.Talk, a.LoginAt = station, 0, 0, s.now
	a.PhoneOff, a.Elsewhere = s.phoneOff(&station), s.mirror.occupied(s.config.node(station.Node), station.Endpoint)
	s.seats[s.keyOf(&station)] = id
}

// leaveSeat is an agent getting up from the phone.
func (s *State) leaveSeat(id AgentID) {
	if at := s.keyOf(&s.agents[id].Station); s.seats[at] == id {
		delete(s.seats, at)
	}
	if a := s.agents[id]; a.Elsewhere != "" || a.OneLine {
		a = s.editAgent(id)
		a.Elsewhere, a.OneLine = "", false
	}
}

// keyOf is what a station's phone is known by.
func (s *State) keyOf(st *Station) string { return s.config.phoneKey(st.Node, st.Endpoint) }

// phoneOff reports whether a phone is known to be out of reach. One of several
// servers takes its phones along.
func (s *State) phoneOff(st *Station) bool {
	if s.config.several() && !s.nodeUp(s.stationNode(st)) {
		return true
	}
	online, known := s.phones[s.keyOf(st)]
	return known && !online
}

func (s *State) setAgentState(c SetAgentState) error {
	a, err := s.agentFor(c.Tag(), c.Agent)
	if err != nil {
		return err
	}
	if err := s.settable(c.Tag(), c.Agent, c.State, c.Reason); err != nil {
		return err
	}
	if c.SkipWrapUp && c.State != LoggedOut {
		return fault.New(fault.Invalid, c.Tag(), string(c.Agent), "only who logs out skips the wrap-up")
	}
	if a.State == LoggedOut && c.State != LoggedOut {
		station := s.config.Agent(c.Agent).Station // it may have changed since the last shift
		if station.Passcode || a.Entering != nil {
			return fault.New(fault.Conflict, c.Tag(), string(c.Agent), "the station asks for a passcode: the agent logs in with login, and types it at the phone")
		}
		if err := s.freeSeat(c.Tag(), c.Agent, &station); err != nil {
			return err
		}
		s.enterShift(c.Agent, station)
	}
	if c.State == LoggedOut {
		s.endEntering(c.Agent, PasscodeOver, CauseNormal)
	}
	ends := c.State == Ready && !c.KeepWrapUp && s.config.CTI.ReadyEnds
	if a.busy() {
		if err := s.setPending(c); err != nil {
			return err
		}
		if ends {
			s.endOpenWrapUp(c.Agent)
		}
		if c.SkipWrapUp {
			s.skipWrapUps(c.Agent)
		}
		s.rest(c.Agent)
		return nil
	}
	if ends {
		s.endOpenWrapUp(c.Agent)
	}
	if c.SkipWrapUp {
		s.endWrapUps(c.Agent)
	}
	if c.State == LoggedOut && len(s.agents[c.Agent].Items) > 0 {
		s.workOn(c.Agent, LoggedOut, c.Reason)
		return nil
	}
	s.setState(c.Agent, c.State, c.Reason)
	return nil
}

// endOpenWrapUp ends an agent's wrap-up, but for what still needs a disposition.
func (s *State) endOpenWrapUp(id AgentID) {
	for _, r := range slices.Clone(s.agents[id].Items) {
		c := s.calls[r.Call]
		if c == nil || c.Conn(r.Conn) == nil || c.Conn(r.Conn).Processing != WrapUp {
			continue
		}
		if q := s.queueConfig(c); q == nil || q.WrapUpMode != WrapUpDisposition || len(c.Conn(r.Conn).Codes) > 0 {
			s.wrapUpOver(r.Call, r.Conn)
		}
	}
}

// setState gives an agent whom no call occupies a state.
func (s *State) setState(id AgentID, st AgentState, reason string) {
	a := s.agents[id]
	if a.State == st && a.Reason == reason {
		return
	}
	a = s.editAgent(id)
	if st == Ready && a.Station.Mode == Nailed && (a.Standing == nil || a.Standing.Leg != LegUp) {
		a.Resume, st, reason = Ready, NotReady, ReasonLegLost
	} else {
		a.Resume = 0
	}
	if st == Ready && a.State != Ready {
		a.IdleSince = s.now
	}
	a.State, a.Reason, a.Since = st, reason, s.now
	a.Park = st == NotReady && s.parkReason(reason)
	a.Profile = s.profile(st, reason)
	if st == LoggedOut {
		a.LoginAt = 0
	}
	s.emitAgent(id)
	if st == LoggedOut {
		s.loggedOut(id)
		return
	}
	s.needStanding(id)
	s.watchService()
	s.serve(id)
}

// loggedOut is the end of a shift. Calls that waited for this agent first need
// not wait any more.
func (s *State) loggedOut(id AgentID) {
	s.dropStanding(id)
	s.leaveSeat(id)
	s.watchService()
	for _, c := range s.callsInOrder() {
		if c.Preferred == id && c.Phase == PhaseWaiting {
			s.place(c.ID)
		}
	}
}

// rings reports whether an agent is being offered a call: not any more where
// only the leg of an offer is on its way out.
func (s *State) rings(a *Agent) bool {
	c := s.calls[a.Call]
	if a.State != Reserved || c == nil {
		return false
	}
	p := c.Conn(a.Conn)
	return p != nil && p.offered()
}

// setPending keeps the state for after the call; logging out while an offer
// rings withdraws the offer at once.
func (s *State) setPending(c SetAgentState) error {
	a := s.editAgent(c.Agent)
	if call, conn := a.Call, a.Conn; c.State == LoggedOut && s.rings(a) {
		a.Pending, a.PendingReason = LoggedOut, c.Reason // which gives way to nothing
		s.offerOver(call, conn, CauseNormal, offerLogout)
		return nil
	}
	if a.Pending == c.State && a.PendingReason == c.Reason {
		return nil
	}
	a.Pending, a.PendingReason = c.State, c.Reason
	s.emitAgent(c.Agent)
	return nil
}

// forceState is somebody else setting an agent's state.
func (s *State) forceState(in ForceAgentState) error {
	a, err := s.agentFor(in.Tag(), in.Agent)
	if err != nil {
		return err
	}
	if in.State == LoggedOut || in.State == Ready || in.State == NotReady {
		if len(in.Reason) > MaxReason {
			return fault.Newf(fault.Invalid, in.Tag(), string(in.Agent), "the reason has more than %d bytes", MaxReason)
		}
	} else {
		return s.settable(in.Tag(), in.Agent, in.State, "")
	}
	reason := in.Reason
	if reason == "" && in.State == NotReady {
		reason = ReasonForced
	}
	if !a.busy() {
		if a.State == LoggedOut { // a login that waits for its passcode goes on in no other way
			return s.setAgentState(SetAgentState{Cmd: in.Cmd, Agent: in.Agent, State: in.State, Reason: in.Reason})
		}
		s.endWrapUps(in.Agent)
		s.setState(in.Agent, in.State, reason)
		return nil
	}
	a = s.editAgent(in.Agent)
	a.Pending, a.PendingReason = in.State, reason
	s.emitAgent(in.Agent)
	for _, r := range slices.Clone(a.Items) {
		c := s.calls[r.Call]
		if c == nil {
			continue
		}
		switch p := c.Conn(r.Conn); {
		case p.Processing == WrapUp:
			s.wrapUpOver(r.Call, r.Conn)
		case p.offered():
			s.offerOver(r.Call, r.Conn, CauseNormal, offerForced)
		}
	}
	return nil
}

// panicLogout logs an agent out at once, whatever they do.
func (s *State) panicLogout(in PanicLogout) error {
	a, err := s.agentFor(in.Tag(), in.Agent)
	if err != nil {
		return err
	}
	if a.State == LoggedOut {
		s.endEntering(in.Agent, PasscodeOver, CauseNormal)
		return nil
	}
	if !a.busy() {
		s.endWrapUps(in.Agent)
		s.setState(in.Agent, LoggedOut, "")
		return nil
	}
	a = s.editAgent(in.Agent)
	a.Pending, a.PendingReason = LoggedOut, ""
	s.emitAgent(in.Agent)
	for _, r := range slices.Clone(a.Items) {
		c := s.calls[r.Call]
		if c == nil || c.Conn(r.Conn) == nil {
			continue
		}
		switch p := c.Conn(r.Conn); {
		case p.Processing == WrapUp:
			s.wrapUpOver(r.Call, r.Conn)
		case p.offered():
			s.offerOver(r.Call, r.Conn, CauseNormal, offerLogout)
		case p.talks():
			s.abandonTo(r.Call, r.Conn)
		case p.Maker && p.State != Ended:
			s.cancelMade(r.Call, r.Conn)
		}
	}
	s.endSupervision(a.Supervises, "supervisor-logged-out", in.By)
	return nil
}

// abandonTo takes an agent out of a conversation; whoever would be left alone
// goes back to the call's queue, where it has one.
func (s *State) abandonTo(id CallID, conn ConnID) {
	c := s.edit(id)
	other := c.other(conn)
	if other == nil || c.Queue == "" || other.Role == RoleAgent || s.queues[c.Queue] == nil {
		s.endAgentConn(id, conn, CauseNormal)
		s.partyLeft(id)
		return
	}
	c.Target = &Target{To: Dest{DestQueue, string(c.Queue)}} // keeps the other party from being cleared
	_, p := s.editConn(id, conn)
	p.NoWrapUp = true
	s.endAgentConn(id, conn, CauseNormal)
	s.edit(id).Target = nil
	s.leave(id)
	s.requeue(id)
}

// endpointState follows a phone's registration.
func (s *State) endpointState(node NodeID, endpoint string, online bool) {
	key := s.config.phoneKey(node, endpoint)
	if was, known := s.phones[key]; known && was == online {
		return
	}
	if _, known := s.phones[key]; !known && len(s.phones) >= maxPhones {
		return
	}
	s.phones[key] = online
	for _, a := range s.agentsInOrder() {
		off := s.phoneOff(&a.Station)
		if a.State == LoggedOut || s.keyOf(&a.Station) != key || a.PhoneOff == off {
			continue
		}
		s.editAgent(a.ID).PhoneOff = off
		s.emit(Event{Kind: EvPhoneChanged, Agent: s.agents[a.ID], Reason: endpoint})
		if !off {
			s.needStanding(a.ID)
			s.serve(a.ID)
		}
	}
}

// maxPhones bounds what is remembered of phones.
const maxPhones = 20_000
