package ctips

import "strowger/switch/callmodel"

// agentState is CTIAgentState by the model's state of an agent; told is what
// was told last. An agent is reserved before a device rings, which nobody is
// told of.
func (b *board) agentState(a *callmodel.Agent, told AgentState) AgentState {
	switch a.State {
	case callmodel.LoggedOut:
		return AgentStateInvalid
	case callmodel.NotReady:
		if a.Park {
			return AgentStateNotReadyPark
		}
		return AgentStateNotReady
	case callmodel.Ready:
		return AgentStateIdle
	case callmodel.Reserved:
		if p := b.connection(a.Call, a.Conn); p != nil && p.State == callmodel.Alerting {
			return AgentStatePendingActive
		}
		if told == AgentStateInvalid {
			return AgentStateIdle
		}
		return told
	case callmodel.OnCall:
		switch {
		case a.ActiveWrap:
			return AgentStateActiveWrap
		case b.severalCalls(a):
			return AgentStateMultiLine
		}
		return AgentStateActive
	case callmodel.InWrapUp:
		if a.Warned {
			return AgentStateWrapWarning
		}
		return AgentStateWrap
	}
	return AgentStateInvalid
}

// connection is the last picture of a connection, or nil.
func (b *board) connection(call callmodel.CallID, conn callmodel.ConnID) *callmodel.Connection {
	if c := b.calls[call]; c != nil {
		return c.live.Conn(conn)
	}
	return nil
}

// severalCalls reports whether an agent talks in two calls that have nothing to
// do with each other.
func (b *board) severalCalls(a *callmodel.Agent) bool {
	var talks []*callmodel.Connection
	for _, it := range a.Items {
		if p := b.connection(it.Call, it.Conn); p != nil && inCall(p) {
			talks = append(talks, p)
		}
	}
	for i, x := range talks {
		for _, y := range talks[i+1:] {
			if !consults(x, y) && !consults(y, x) {
				return true
			}
		}
	}
	return false
}

// consults reports whether p is an agent's consultation for the call that they
// have q in, which may have begun as one itself.
func consults(p, q *callmodel.Connection) bool {
	return p.Consult && p.Partner == q.ID && (!q.Consult || q.Number < p.Number)
}

// inCall reports whether the party has the call, be it still dialling.
func inCall(p *callmodel.Connection) bool {
	switch p.State {
	case callmodel.Connected, callmodel.Hold, callmodel.Held:
		return true
	case callmodel.Initiated:
		return p.Maker
	case callmodel.Queued, callmodel.Alerting, callmodel.Ended:
	}
	return false
}

// callState is CTICallState of a call in a snapshot, and the agent whose part
// it is seen from.
func (b *board) callState(c *call) (CallState, *callmodel.Connection) {
	if c.ended || !c.connected() { // the picture may have been made just before the call was over
		if c.wrapping() {
			return CallStateCallEnd, lastAgent(c.live)
		}
		return CallStateCallStateUnknown, nil
	}
	switch c.live.Phase {
	case callmodel.PhaseOver:
		return CallStateCallStateUnknown, nil
	case callmodel.PhaseIVR, callmodel.PhaseRouting, callmodel.PhaseAutomat:
		return c.notReached(), c.maker()
	case callmodel.PhaseWaiting:
		return CallStateCallDelivered, nil
	case callmodel.PhaseOffered, callmodel.PhaseTalking, callmodel.PhaseDialing:
		return b.partState(c)
	case callmodel.PhaseParked:
		return CallStateCallHeld, nil
	}
	return CallStateCallStateUnknown, nil
}

// notReached is the state of a call that is on its way to somebody, as it was
// told last: passed on by an agent, sent on out of a queue, or new.
func (c *call) notReached() CallState {
	switch {
	case c.live.TransferredBy != "":
		return CallStateCallTransferred
	case len(c.live.Queues) > 0:
		return CallStateCallDelivered
	case c.live.Kind == callmodel.KindInbound:
		return CallStateCallOffered
	}
	return CallStateCallOriginated
}

// maker is the connection of the agent who has made a call, while they are in
// it, or nil.
func (c *call) maker() *callmodel.Connection {
	if p := c.live.CallerConn(); p.Maker && p.State != callmodel.Ended {
		return p
	}
	return nil
}

// partState is the state of a call that somebody takes part in.
func (b *board) partState(c *call) (CallState, *callmodel.Connection) {
	var alerting, dialling, talking *callmodel.Connection
	outside := false // somebody outside is being called
	for i := range c.live.Conns {
		p := &c.live.Conns[i]
		if p.Role != callmodel.RoleAgent {
			outside = outside || p.Role == callmodel.RoleParty && (p.State == callmodel.Initiated || p.State == callmodel.Alerting)
			continue
		}
		switch p.State {
		case callmodel.Alerting:
			alerting = p
		case callmodel.Initiated:
			if p.Maker {
				dialling = p
			}
		case callmodel.Connected, callmodel.Hold, callmodel.Held:
			if talking == nil || weight(p) >= weight(talking) {
				talking = p
			}
		case callmodel.Queued, callmodel.Ended:
		}
	}
	switch {
	case talking != nil && c.live.Phase == callmodel.PhaseTalking:
		return b.talkState(talking), talking
	case alerting != nil:
		return CallStateCallConnected, alerting
	case dialling != nil || talking != nil:
		return CallStateCallOriginated, either(dialling, talking)
	case c.live.Phase == callmodel.PhaseOffered:
		return CallStateCallDelivered, nil
	case c.live.Phase == callmodel.PhaseTalking:
		return CallStateCallEstablished, nil // two parties outside
	case outside:
		return CallStateCallOriginated, nil
	}
	return c.notReached(), nil
}

// weight tells whose part in a conversation says what is told of it: whoever
// consults somebody, whoever holds the call, then the newest.
func weight(p *callmodel.Connection) int {
	switch {
	case p.State != callmodel.Hold:
		return 0
	case p.Partner.IsZero():
		return 1
	}
	return 2
}

func either(p, q *callmodel.Connection) *callmodel.Connection {
	if p != nil {
		return p
	}
	return q
}

// talkState is the state of a conversation, seen from an agent in it.
func (b *board) talkState(p *callmodel.Connection) CallState {
	switch {
	case p.State == callmodel.Hold:
	case p.Conference:
		return CallStateCallConferenced
	default:
		return CallStateCallEstablished
	}
	for _, c := range b.calls {
		q := c.live.Conn(p.Partner)
		if q == nil || !consults(q, p) || q.State == callmodel.Ended || q.State == callmodel.Hold { // after alternating neither is talked in
			continue
		}
		if c.live.Phase == callmodel.PhaseTalking {
			return CallStateCallConsulting
		}
		return CallStateCallOnHoldDialing
	}
	return CallStateCallHeld
}

// lastAgent is the agent's connection with the highest number, or nil.
func lastAgent(c *callmodel.Call) *callmodel.Connection {
	var last *callmodel.Connection
	for i := range c.Conns {
		p := &c.Conns[i]
		if p.Role == callmodel.RoleAgent && (last == nil || p.Number > last.Number) {
			last = p
		}
	}
	return last
}

// callType is CTICallType, seen from a connection; nil is whoever has not been
// reached yet.
func (c *call) callType(p *callmodel.Connection) CallType {
	maker := p != nil && p.Maker
	switch {
	case p != nil && p.Conference:
		return CallTypeConference
	case calls(c.live) || c.live.Campaign != "":
		return CallTypeOutboundAod
	case c.live.Phase == callmodel.PhaseIVR && c.live.Kind == callmodel.KindInbound:
		return CallTypeInboundIvr
	}
	switch c.live.Kind {
	case callmodel.KindInbound:
		if c.queue == "" {
			return CallTypeInboundDid
		}
		return CallTypeInboundAcd
	case callmodel.KindInternal:
		if maker {
			return CallTypeOutboundMakecall
		}
		return CallTypeInboundInternal
	case callmodel.KindConsult:
		switch {
		case maker && c.live.Outcome == callmodel.OutcomeTransferred:
			return CallTypeOutboundConsultationTransfer
		case maker:
			return CallTypeOutboundConsultation
		}
		return CallTypeInboundConsultation
	case callmodel.KindOutbound:
		return CallTypeOutboundMakecall
	case callmodel.KindCallback, callmodel.KindCampaign:
		return CallTypeOutboundAod
	}
	return CallTypeUnavailable
}

// serviceState is CTIServiceState of a queue.
func serviceState(s callmodel.ServiceState) ServiceState {
	switch s {
	case callmodel.ServiceActive:
		return ServiceStateActive
	case callmodel.ServicePaused:
		return ServiceStatePause
	case callmodel.ServiceUnmanned:
		return ServiceStateUnManned
	case callmodel.ServiceClosed:
		return ServiceStateInActive
	case callmodel.ServiceHoliday:
		return ServiceStateHoliday
	case callmodel.ServiceFailed:
		return ServiceStateFailed
	}
	return ServiceStateNoState
}

// capabilities is CTIAgentCapabilities of an agent.
func capabilities(a *callmodel.AgentConfig) []AgentCapability {
	var out []AgentCapability
	for _, c := range []struct {
		has callmodel.Capability
		is  AgentCapability
	}{
		{callmodel.CapabilityStandard, AgentCapabilityStandardAgent},
		{callmodel.CapabilityDirector, AgentCapabilityDirector},
		{callmodel.CapabilityOnDemand, AgentCapabilityOnDemand},
	} {
		if a.Has(c.has) {
			out = append(out, c.is)
		}
	}
	return out
}
