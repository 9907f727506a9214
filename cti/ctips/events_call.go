package ctips

import (
	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// started tells a new call. A consultation is part of its call.
func (b *board) started(i *call) {
	if i.live.Kind == callmodel.KindConsult || i.hidden {
		return
	}
	h := b.callHead(i, "")
	h.ServiceID = 0
	trunk := b.beginning(i, &h)
	b.tell(&CallStartedEvent{CTIEvent: h, CallRef: i.ref(b.rules.Site), Trunk: trunk}, subject{call: i.live.ID})
	if i.live.Kind != callmodel.KindInbound {
		return
	}
	ani, dnis := b.numbers(i)
	b.tell(&CallOfferedEvent{
		CTIEvent: b.callHead(i, ""), CallRef: i.ref(b.rules.Site), Trunk: trunk, ANI: ani, DNIS: dnis,
	}, subject{call: i.live.ID})
}

// delivered tells that a call waits for a service.
func (b *board) delivered(i *call) {
	i.queue = i.live.Queue
	ani, dnis := b.numbers(i)
	b.tell(&CallDeliveredEvent{
		CTIEvent: b.callHead(i, ""), CallRef: i.ref(b.rules.Site), CallType: i.callType(nil), ANI: ani, DNIS: dnis,
	}, subject{call: i.live.ID})
}

// presented tells that a call alerts at an agent's device.
func (b *board) presented(i *call, p *callmodel.Connection) {
	if i.live.Queue != "" {
		i.queue = i.live.Queue
	}
	if i.hidden {
		i.hidden = false
		b.started(i)
	}
	q := b.dir.cfg.Queue(i.queue)
	b.tell(&CallConnectedEvent{
		CTIEvent: b.callHead(i, p.Agent), CallRef: i.ref(b.rules.Site), Trunk: b.trunk(i, p), CallInfo: b.info(i),
		ResponseRequired:     callmodel.Capabilities(p).Has(callmodel.OpAccept),
		RejectReasonRequired: q != nil && q.RejectReason, PlayAudioAlert: q != nil && q.AudioAlert != "",
		CallType: i.callType(p), OriginatingAgentID: b.dir.agentID(originator(i.live, p)),
	}, about(i, p))
}

// originator is the agent from whom another one gets a call.
func originator(c *callmodel.Call, p *callmodel.Connection) callmodel.AgentID {
	if c.TransferredBy != "" {
		return c.TransferredBy
	}
	for k := range c.Conns {
		if q := &c.Conns[k]; q.Maker && q.ID != p.ID && q.Agent != "" {
			return q.Agent
		}
	}
	return ""
}

// established tells that an agent has answered, or that whoever an agent has
// called outside has. Whoever an agent consults answers the consultation.
func (b *board) established(i *call, p *callmodel.Connection) {
	if p.Maker && p.Consult {
		b.consulting(i, p)
		return
	}
	if p.Maker {
		for k := range i.live.Conns {
			if q := &i.live.Conns[k]; q.ID != p.ID && q.State == callmodel.Connected && q.Role == callmodel.RoleAgent {
				return // told of the one who was called
			}
		}
	}
	who := p.Agent
	if i.calledBack(p) {
		who = i.caller()
	}
	ani, dnis := b.numbers(i)
	b.tell(&CallEstablishedEvent{
		CTIEvent: b.callHead(i, who), CallRef: i.ref(b.rules.Site), Trunk: b.trunk(i, p),
		MediaType: MediaTypeVoiceSip, ANI: ani, DNIS: dnis,
	}, about(i, p))
}

// consulting tells that a consultation was answered.
func (b *board) consulting(k *call, p *callmodel.Connection) {
	i := k.parent
	if i == nil {
		return // it began before the first picture, and its call is gone
	}
	var other callmodel.AgentID
	for n := range k.live.Conns {
		if q := &k.live.Conns[n]; q.ID != p.ID && q.State != callmodel.Ended && q.Agent != "" {
			other = q.Agent
		}
	}
	b.tell(&CallConsultationEvent{
		CTIEvent: b.callHead(i, p.Agent), CallRef: i.ref(b.rules.Site),
		ConsultationCallID: k.number, ConsultationAgentID: b.dir.agentID(other),
	}, about(k, p))
}

// outside reports whether a connection is of somebody outside who talks to
// somebody outside: no agent is left in the call.
func (i *call) outside(p *callmodel.Connection) bool {
	return p != nil && p.Role == callmodel.RoleParty && !i.has(func(q *callmodel.Connection) bool { return q.Role == callmodel.RoleAgent })
}

// calledBack reports whether a connection is the customer's of a callback or a campaign.
func (i *call) calledBack(p *callmodel.Connection) bool {
	return calls(i.live) && p != nil && p.ID == i.live.CallerConn().ID
}

// caller is the agent who has such a customer called.
func (i *call) caller() callmodel.AgentID {
	if p := i.live.AgentConn(); p != nil {
		return p.Agent
	}
	return ""
}

// makerWaits reports whether an agent makes a call whose other party has not
// been dialled yet.
func (i *call) makerWaits() bool {
	for k := range i.live.Conns {
		if p := &i.live.Conns[k]; p.Role == callmodel.RoleParty || p.State != callmodel.Ended && !(p.Maker && p.State == callmodel.Initiated) {
			return false
		}
	}
	return i.live.Phase == callmodel.PhaseDialing
}

// dialled tells that a call goes out. The agent who makes it comes first, and
// is told for the party that is dialled then; whoever is dialled after others
// had the call is told again.
func (b *board) dialled(i *call, p *callmodel.Connection) {
	switch {
	case p == nil:
		return
	case p.Maker:
		i.covered = true
	case i.covered:
		i.covered = false
		return
	}
	to := b.dir.place(i.live.Dialled)
	if p.Role == callmodel.RoleParty { // it was not for them that somebody has called
		to = place{kind: DestinationExternal, name: p.Device}
		if t := i.live.Target; t != nil && t.Conn == p.ID {
			to = b.dir.placeOf(t.To, t.To.Value)
		}
	}
	if i.queue == "" || i.live.Kind == callmodel.KindConsult {
		i.queue = i.live.Queue
		if to.queue != "" {
			i.queue = to.queue
		}
	}
	who := p.Agent
	if i.calledBack(p) {
		who = i.caller()
	}
	b.tell(&CallOriginatedEvent{
		CTIEvent: b.callHead(i, who), CallRef: i.ref(b.rules.Site), Trunk: b.trunk(i, p),
		DestType: to.kind, Destination: to.name, CallProgressSignal: CallProgressSignalNone,
	}, about(i, p))
}

// conferenced tells that a consultation has become part of its call.
func (b *board) conferenced(e *port.Stamped, i *call, p *callmodel.Connection) {
	var consulted int32
	k := b.calls[e.Other]
	if k != nil {
		consulted = k.number
	}
	b.tell(&CallConferencedEvent{
		CTIEvent: b.callHead(i, p.Agent), CallRef: i.ref(b.rules.Site),
		ConsultingCallID: i.number, ConsultedCallID: consulted, ConsultationAgentID: b.dir.agentID(p.Agent), ConferenceCallID: i.number,
	}, about(i, p))
	if k != nil {
		b.endOf(k, p.Agent, 0) // the others have a part in the call now
	}
}

// joined notes a party who has come from another call: clients know them by it.
func (b *board) joined(e *port.Stamped, i *call) {
	if k := b.calls[e.Other]; k != nil {
		if i.joined == nil {
			i.joined = map[callmodel.ConnID]*call{}
		}
		i.joined[e.Conn] = k
		for _, part := range k.parts { // what they ask others is part of this call now
			if !part.ended && part.parent == k && !i.within(part) {
				part.parent, i.parts = i, append(i.parts, part)
			}
		}
	}
}

// within reports whether a call is a consultation of another, or it itself: after
// alternating it may be the consultation that goes on.
func (i *call) within(other *call) bool {
	for i != nil && i != other {
		i = i.parent
	}
	return i != nil
}

// cleared tells that a party has left.
func (b *board) cleared(i *call, p *callmodel.Connection) {
	if p == nil {
		return
	}
	if i.live.Outcome == callmodel.OutcomeTransferred {
		if !i.ended { // it has become part of another call, which tells; a conference has told already
			b.passing[p.Agent] = i
		}
		return
	}
	b.passed(i, p)
	party, agents := i.partyLeft(p)
	asked := b.open.waits(EventTypeCallCleared, p.ID)
	own := p.Role == callmodel.RoleAgent && (p.ConnectedAt != 0 || party.last)
	leaves := p.Role != callmodel.RoleAgent && party.others >= 2 && i.live.TalkingAt != 0
	alone := p.Role != callmodel.RoleAgent && !agents && !i.told
	b.lost(func(w *pending) bool { return w.ends(i.live.ID, p) }, i.cause)
	if !own && !leaves && !alone && !asked {
		return
	}
	if own || alone {
		i.told = party.others < 2 // or the others go on
	}
	how := ClearingPartyFarEnd
	switch {
	case p.Cause == callmodel.CauseLost, p.Cause == callmodel.CauseDeadAir, i.turnedAway(), i.live.EndedBy != "":
		how = ClearingPartyInternal
	case asked, own && !party.last, i.calledBack(p) && p.AskedAt == 0: // the last: nobody has called them
		how = ClearingPartyNearEnd
	}
	b.tell(&CallClearedEvent{
		CTIEvent: b.callHead(i, p.Agent), CallRef: i.ref(b.rules.Site),
		ConsultationCallID: i.consultation(), ClearingPartyType: how,
	}, about(i, p))
}

// turnedAway reports whether the switch has sent the caller away before
// anybody was reached.
func (i *call) turnedAway() bool {
	switch i.live.Outcome {
	case callmodel.OutcomeOverload, callmodel.OutcomeUnknownNumber, callmodel.OutcomeQueueFull:
		return true
	default:
		return false
	}
}

// leaving is what is left behind by a party.
type leaving struct {
	others int
	last   bool
}

// partyLeft counts who stays when a party leaves, and tells whether an agent does.
func (i *call) partyLeft(p *callmodel.Connection) (left leaving, agents bool) {
	for k := range i.live.Conns {
		q := &i.live.Conns[k]
		if q.State == callmodel.Ended {
			continue
		}
		agents = agents || q.Role == callmodel.RoleAgent
		if q.ID != p.ID {
			left.others++
		}
	}
	left.last = left.others == 0
	return left, agents
}

// passed tells that an agent has passed the call on, and so has left it.
func (b *board) passed(i *call, p *callmodel.Connection) {
	if p.Role != callmodel.RoleAgent || p.Passed != callmodel.PassedBlind && p.Passed != callmodel.PassedAttended {
		return
	}
	var k *call
	if p.Passed == callmodel.PassedAttended {
		k = b.passing[p.Agent]
		delete(b.passing, p.Agent)
	}
	ev := &CallTransferredEvent{
		CTIEvent: b.callHead(i, p.Agent), CallRef: i.ref(b.rules.Site),
		ConsultingCallID: i.number, ConsultationAgentID: b.dir.agentID(p.Agent),
		TransferredCallID: i.number, TransferredCallSwitchID: b.dir.switchID(i.live.Node),
	}
	if k != nil {
		ev.ConsultedCallID = k.number
	}
	b.tell(ev, about(i, p))
	if k != nil {
		b.over(k)
	}
}

// dataChanged tells new user data of a call.
func (b *board) dataChanged(i *call, p *callmodel.Connection) {
	if dataNode(i.live.Attached) == i.data {
		return
	}
	var who callmodel.AgentID
	s := subject{call: i.live.ID}
	if p != nil {
		who, s.conn, s.agent = p.Agent, p.ID, p.Agent
	}
	b.tell(b.dataUpdate(i, who, CallDataUpdateSetCallDataSucceeded), s)
}

// dataUpdate is a call's data as an event.
func (b *board) dataUpdate(i *call, who callmodel.AgentID, what CallDataUpdate) *CallDataUpdateEvent {
	return &CallDataUpdateEvent{
		CTIEvent: b.callHead(i, who), CallRef: i.ref(b.rules.Site),
		CallData: b.rules.items(i.live.Attached), UpdateType: what,
	}
}
