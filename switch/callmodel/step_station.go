package callmodel

import "time"

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
	node := s.stationNode(&a.Station)
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
	s.do(Hangup{EffectHead: EffectHead{ID: s.counters.Effect, Node: s.stationNode(&a.Station)}, Channel: st.Channel, Cause: CauseNormal})
}

// borrow gives a standing leg to a connection.
func (s *State) borrow(id CallID, conn ConnID) {
	_, p := s.editConn(id, conn)
	a := s.agents[p.Agent]
	p.Channel, p.Leg, p.Borrowed, p.SeenAt = a.Standing.Channel, LegUp, true, s.now
	if a.Standing.In != "" { // it goes from that bridge into this call's
		s.standingIn(p.Agent, "")
		s.cancelAgentTimer(TimerStation, p.Agent)
		a = s.agents[p.Agent]
	}
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
	if !s.soundFirst(s.calls[id]) {
		return false
	}
	if s.calls[id].Conn(conn).State == Initiated {
		s.alert(id, conn)
	}
	s.cancelTimer(TimerOffer, id, conn)
	s.withdrawOthers(id, conn)
	s.beep(id, conn, s.queueConfig(s.calls[id]).AudioAlert, alertWindow)
	return true
}

// soundFirst reports whether an agent hears the queue's sound before a call
// that is being offered. There is no time for it where a customer waits whom a
// campaign has called.
func (s *State) soundFirst(c *Call) bool {
	q := s.queueConfig(c)
	return q != nil && q.AudioAlert != "" && c.Phase == PhaseOffered && c.customer(StageWaiting) == nil
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
	p.Channel, p.Leg, p.Borrowed, p.In, p.InBridge, p.JoinAsked, p.Muted = "", LegGone, false, "", false, false, false
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
