package callmodel

// standingStays is a nailed agent's leg that was to leave the bridge of a call
// which the agent has left, and may not have: the order has failed, or nobody
// knows. It is ordered again until the leg is out, or another call has it; the
// agent would else hear the call, and be heard in it.
func (s *State) standingStays(in EffectDone) {
	ref, ok := s.legs[in.Channel]
	if !ok || ref.agent == "" || ref.entering {
		return
	}
	a := s.agents[ref.agent]
	if a == nil || a.Standing == nil || a.Standing.Channel != in.Channel {
		return
	}
	bridge := a.Standing.In
	if c := s.calls[in.Call]; c != nil && c.BridgeUp {
		bridge = c.Bridge
	}
	if in.Gone || in.Outcome == Failed && !in.Later { // it is not there, or the bridge is not
		bridge = ""
	}
	s.standingIn(a.ID, bridge)
}

// standingIn notes the bridge that a nailed agent's leg is to leave.
func (s *State) standingIn(id AgentID, bridge BridgeID) {
	if s.agents[id].Standing.In != bridge {
		a := s.editAgent(id)
		st := *a.Standing
		st.In = bridge
		a.Standing = &st
	}
	if bridge != "" {
		s.setAgentTimer(TimerStation, id, s.config.RetryBackoff)
	}
}

// standingLeaves orders a nailed agent's leg out of a bridge again, where no
// call has it.
func (s *State) standingLeaves(id AgentID) {
	a := s.agents[id]
	if a == nil || a.Standing == nil || a.Standing.In == "" {
		return
	}
	st := *a.Standing
	node := s.stationNode(&a.Station)
	if ref := s.legs[st.Channel]; ref.agent != id || !st.Leg.alive() {
		s.standingIn(id, "")
		return
	}
	if s.nodeUp(node) {
		s.counters.Effect++
		s.do(Leave{EffectHead: EffectHead{ID: s.counters.Effect, Node: node}, Bridge: st.In, Channel: st.Channel})
	}
	s.standingIn(id, st.In)
}

// standingLeft is a nailed agent's leg, which no call has, seen out of a bridge.
func (s *State) standingLeft(id AgentID, b BridgeID) {
	if a := s.agents[id]; a != nil && a.Standing != nil && a.Standing.In == b && b != "" {
		s.standingIn(id, "")
		s.cancelAgentTimer(TimerStation, id)
	}
}
