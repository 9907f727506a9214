package callmodel

import (
	"slices"
	"time"

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
	if reason != "" && st == NotReady && !s.knownReason(reason, "not-ready") {
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
	if other := s.agentAt(station.Endpoint); other != nil && other.ID != in.Agent {
		return fault.New(fault.Conflict, in.Tag(), string(in.Agent), "the station is taken by agent "+string(other.ID))
	}
	reason := in.Reason
	if st == NotReady && reason == "" {
		reason = ReasonLogin
	}
	s.enterShift(in.Agent, station)
	s.setState(in.Agent, st, reason)
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
	a.PhoneOff = s.phoneOff(station.Endpoint)
}

// phoneOff reports whether a phone is known to be out of reach.
func (s *State) phoneOff(endpoint string) bool {
	online, known := s.phones[endpoint]
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
	if a.State == LoggedOut && c.State != LoggedOut {
		station := s.config.Agent(c.Agent).Station // it may have changed since the last shift
		if other := s.agentAt(station.Endpoint); other != nil && other.ID != c.Agent {
			return fault.New(fault.Conflict, c.Tag(), string(c.Agent), "the station is taken by agent "+string(other.ID))
		}
		s.enterShift(c.Agent, station)
	}
	if a.busy() {
		return s.setPending(c)
	}
	s.setState(c.Agent, c.State, c.Reason)
	return nil
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

// loggedOut is the end of a shift.
func (s *State) loggedOut(id AgentID) {
	s.dropStanding(id)
	s.watchService()
}

// setPending keeps the state for after the call; logging out while an offer
// rings withdraws the offer at once.
func (s *State) setPending(c SetAgentState) error {
	a := s.editAgent(c.Agent)
	if a.State == Reserved && c.State == LoggedOut {
		call, conn := a.Call, a.Conn
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
		if a.State == LoggedOut && in.State != LoggedOut {
			return s.setAgentState(SetAgentState{Cmd: in.Cmd, Agent: in.Agent, State: in.State, Reason: in.Reason})
		}
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
		return nil
	}
	if !a.busy() {
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

// standingRetry is how long a nailed station that could not be called is left
// alone; it doubles up to the longest.
const (
	standingRetry    = 2 * time.Second
	standingRetryMax = time.Minute
)

// needStanding calls a nailed station, so that its leg is up for the shift.
func (s *State) needStanding(id AgentID) {
	a := s.agents[id]
	if a == nil || a.Removed || a.Station.Mode != Nailed || a.State == LoggedOut || a.Standing != nil && a.Standing.Leg.alive() {
		return
	}
	key := TimerKey{Kind: TimerStation, Agent: id}
	if _, waits := s.timers[key]; waits {
		return
	}
	node := s.homeNode()
	if n := s.nodes[node]; n == nil || !n.Up {
		return // the resync asks again
	}
	a = s.editAgent(id)
	st := Standing{}
	if a.Standing != nil {
		st = *a.Standing
	}
	st.Count++
	s.counters.Conn++
	st.Channel = standingOf(id, s.counters.Conn)
	st.Leg, st.AskedAt, st.SeenAt = LegAsked, s.now, s.now
	a.Standing = &st
	s.legs[st.Channel] = legRef{agent: id}
	s.counters.Effect++
	s.do(Originate{
		EffectHead: EffectHead{ID: s.counters.Effect, Node: node}, Channel: st.Channel, Endpoint: a.Station.Endpoint,
		CallerID: a.Line, CallerName: a.Name, AutoAnswer: true, Timeout: DirectRing,
	})
}

// standingUp is the leg of a nailed station answered: the agent can work.
func (s *State) standingUp(id AgentID) {
	a := s.editAgent(id)
	if a.Standing == nil {
		return
	}
	st := *a.Standing
	was := st.Leg
	st.Leg, st.Tries, st.SeenAt = LegUp, 0, s.now
	a.Standing = &st
	if was == LegUp {
		return
	}
	if a.Resume == Ready && a.State == NotReady {
		a.Resume = 0
		s.setState(id, Ready, "")
		return
	}
	s.emitAgent(id)
}

// standingGone is the leg of a nailed station lost while no call uses it.
func (s *State) standingGone(id AgentID, _ Cause) {
	a := s.agents[id]
	if a == nil || a.Standing == nil {
		return
	}
	a = s.editAgent(id)
	st := *a.Standing
	st.Leg = LegGone
	st.Tries++
	a.Standing = &st
	if a.State == LoggedOut {
		a.Standing = nil
		return
	}
	if a.State == Ready {
		a.Resume, a.State, a.Reason, a.Since = Ready, NotReady, ReasonLegLost, s.now
	}
	s.emitAgent(id)
	if a.Removed {
		return
	}
	wait := min(standingRetry<<min(st.Tries-1, 5), standingRetryMax)
	s.setAgentTimer(TimerStation, id, wait)
}

// borrowedGone is the leg of a nailed station lost during a call.
func (s *State) borrowedGone(id AgentID) {
	if a := s.agents[id]; a != nil && a.Standing != nil {
		s.standingGone(id, CauseNormal)
	}
}

// dropStanding ends the leg of a nailed station.
func (s *State) dropStanding(id AgentID) {
	s.cancelAgentTimer(TimerStation, id)
	a := s.agents[id]
	if a == nil || a.Standing == nil {
		return
	}
	st := a.Standing
	a = s.editAgent(id)
	a.Standing = nil
	ref, ours := s.legs[st.Channel]
	if !ours || ref.agent == "" || !st.Leg.alive() {
		return
	}
	delete(s.legs, st.Channel)
	s.counters.Effect++
	s.do(Hangup{EffectHead: EffectHead{ID: s.counters.Effect, Node: s.homeNode()}, Channel: st.Channel, Cause: CauseNormal})
}

// borrow gives a standing leg to a connection.
func (s *State) borrow(id CallID, conn ConnID) {
	_, p := s.editConn(id, conn)
	a := s.agents[p.Agent]
	p.Channel, p.Leg, p.Borrowed, p.SeenAt = a.Standing.Channel, LegUp, true, s.now
	s.legs[p.Channel] = legRef{call: id, conn: conn}
	if a.Standing.Muted {
		a = s.editAgent(p.Agent)
		st := *a.Standing
		st.Muted = false
		a.Standing = &st
		s.do(MuteLeg{EffectHead: s.head(s.calls[id], conn), Channel: p.Channel})
		_, p = s.editConn(id, conn)
	}
	if p.Maker {
		return
	}
	if s.alertFirst(id, conn) {
		return
	}
	beep := p.Station.Beep
	if beep == "" {
		beep = defaultBeep
	}
	s.beep(id, conn, beep, beepWindow)
}

// alertFirst lets an agent who has answered hear the queue's sound before the
// caller, and reports whether there is one.
func (s *State) alertFirst(id CallID, conn ConnID) bool {
	q := s.queueConfig(s.calls[id])
	if q == nil || q.AudioAlert == "" || s.calls[id].Phase != PhaseOffered {
		return false
	}
	if s.calls[id].Conn(conn).State == Initiated {
		s.alert(id, conn)
	}
	s.cancelTimer(TimerOffer, id, conn)
	s.withdrawOthers(id, conn)
	s.beep(id, conn, q.AudioAlert, alertWindow)
	return true
}

// beep plays a sound to the agent, who is connected at its end.
func (s *State) beep(id CallID, conn ConnID, media string, window time.Duration) {
	play := s.play(id, conn, media)
	_, p := s.editConn(id, conn)
	p.Beep = play
	s.setTimer(TimerAccept, id, conn, window)
}

// How long an agent at a nailed station hears the beep, or the queue's own
// sound, before the caller: a join waits for whatever plays, so it is cut off.
const (
	beepWindow  = 120 * time.Millisecond
	alertWindow = 3 * time.Second
)

// beepOver connects an agent after the sound.
func (s *State) beepOver(id CallID, conn ConnID) {
	c, p := s.editConn(id, conn)
	if !p.offered() {
		return
	}
	if play := p.Beep; play != "" {
		p.Beep = ""
		s.do(StopPlay{EffectHead: s.head(c, conn), Play: play, Channel: p.Channel})
	}
	s.connect(id, conn)
}

// defaultBeep is the sound before a call at a nailed station.
const defaultBeep = "sound:beep"

// giveBack ends a connection's use of a standing leg.
func (s *State) giveBack(id CallID, conn ConnID) {
	s.stopMusic(id, conn)
	s.stopRing(id, conn)
	c, p := s.editConn(id, conn)
	if p.Muted {
		s.do(MuteLeg{EffectHead: s.head(c, conn), Channel: p.Channel})
	}
	if p.InBridge || p.JoinAsked {
		s.do(Leave{EffectHead: s.head(c, conn), Bridge: c.Bridge, Channel: p.Channel})
	}
	ch, agent := p.Channel, p.Agent
	s.cancelTimer(TimerLeft, id, conn)
	p.Channel, p.Leg, p.Borrowed, p.InBridge, p.JoinAsked, p.Muted = "", LegGone, false, false, false, false
	a := s.agents[agent]
	if a == nil || a.Standing == nil || a.Standing.Channel != ch || a.State == LoggedOut {
		delete(s.legs, ch)
		s.do(Hangup{EffectHead: s.head(c, conn), Channel: ch, Cause: CauseNormal})
		return
	}
	s.legs[ch] = legRef{agent: agent}
	a = s.editAgent(agent)
	st := *a.Standing
	st.SeenAt = s.now
	a.Standing = &st
}

// endpointState follows a phone's registration.
func (s *State) endpointState(endpoint string, online bool) {
	if was, known := s.phones[endpoint]; known && was == online {
		return
	}
	if _, known := s.phones[endpoint]; !known && len(s.phones) >= maxPhones {
		return
	}
	s.phones[endpoint] = online
	for _, a := range s.agentsInOrder() {
		if a.State == LoggedOut || a.Station.Endpoint != endpoint || a.PhoneOff == !online {
			continue
		}
		s.editAgent(a.ID).PhoneOff = !online
		s.emit(Event{Kind: EvPhoneChanged, Agent: s.agents[a.ID], Reason: endpoint})
		if online {
			s.needStanding(a.ID)
			s.serve(a.ID)
		}
	}
}

// maxPhones bounds what is remembered of phones.
const maxPhones = 20_000
