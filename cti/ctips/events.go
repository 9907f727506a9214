package ctips

import (
	"maps"
	"strings"

	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// subject is what an event is about, for whoever waits for it.
type subject struct {
	call  callmodel.CallID
	conn  callmodel.ConnID
	agent callmodel.AgentID
}

// head begins an event. Its tenant and switch are the caller's to set.
func (b *board) head() CTIEvent { return CTIEvent{SiteID: b.rules.Site} }

// callHead begins an event about a call.
func (b *board) callHead(i *call, who callmodel.AgentID) CTIEvent {
	h := b.head()
	h.TenantID, h.SwitchID = i.tenant, b.dir.switchID(i.live.Node)
	h.ServiceID, h.AgentID = b.dir.serviceID(i.queue), b.dir.agentID(who)
	return h
}

// agentHead begins an event about an agent.
func (b *board) agentHead(a *callmodel.Agent) CTIEvent {
	h := b.head()
	h.TenantID, h.SwitchID = b.rules.Tenant("", a.ID), b.dir.switchID(a.Station.Node)
	h.AgentID = b.dir.agentID(a.ID)
	return h
}

// tell publishes an event to everybody; whoever waits for it gets their
// request's number with it.
func (b *board) tell(ev Event, s subject) {
	head := Stamp(ev).base()
	if head.TenantID == 0 && head.EventType != EventTypeLinkStatus {
		return // nobody is served
	}
	if i := b.calls[s.call]; i != nil && (i.number == 0 || i.hidden) {
		return // see board.exhausted
	}
	to := b.open.answer(ev, s)
	to.at = b.at
	b.out.publish(ev, to)
}

// answer publishes an event to who asked for it alone.
func (b *board) answer(ev Event, who requester, request int32) {
	b.out.publish(Stamp(ev), addressee{who: who, request: request, only: true})
}

// step tells one event.
func (b *board) step(e *port.Stamped) {
	var i *call
	if e.Call != nil {
		i = b.picture(e.Call)
		b.happened(e, i)
		i.data = dataNode(e.Call.Attached) // orders that pass a call on change it, too
	}
	switch e.Kind {
	case callmodel.EvQueueChanged:
		b.service(e.Queue)
	case callmodel.EvNodeDown:
		b.link(ComponentTypeGateway, ComponentStateDown, b.dir.switchID(e.Node))
	case callmodel.EvNodeUp:
		b.link(ComponentTypeGateway, ComponentStateUp, b.dir.switchID(e.Node))
	case callmodel.EvConfigChanged:
		b.services()
	case callmodel.EvPasscode:
		b.passcode(e.Agent, e.Reason)
	default:
	}
	if e.Agent != nil && e.Kind != callmodel.EvCallStarted { // its maker's state follows CallOriginated
		b.agent(e.Agent)
	}
	if i == nil {
		return
	}
	switch e.Kind {
	case callmodel.EvCleared, callmodel.EvWrapUpEnded:
		b.late(e.Conn)
		if e.Call.Outcome != callmodel.OutcomeTransferred || i.ended {
			b.over(i)
		}
	case callmodel.EvCallEnded:
		b.end(i)
		b.completed(i)
		delete(b.calls, e.Call.ID)
		delete(b.byNo, i.number)
		maps.DeleteFunc(b.passing, func(_ callmodel.AgentID, k *call) bool { return k == i })
	default:
	}
}

// happened tells what an event means for its call.
func (b *board) happened(e *port.Stamped, i *call) {
	p := e.Connection()
	byAgent := p != nil && p.Role == callmodel.RoleAgent
	switch e.Kind {
	case callmodel.EvCallStarted:
		b.started(i)
	case callmodel.EvQueued:
		i.goesOn()
		b.delivered(i)
	case callmodel.EvDiverted:
		i.goesOn()
	case callmodel.EvMenu:
		i.covered = false
	case callmodel.EvDelivered:
		i.goesOn()
		if byAgent && !p.Maker {
			b.presented(i, p)
		}
	case callmodel.EvEstablished:
		i.goesOn()
		if byAgent || i.outside(p) || i.calledBack(p) {
			b.established(i, p)
		}
	case callmodel.EvHeld:
		if byAgent && p.State == callmodel.Hold {
			b.tell(&CallHeldEvent{CTIEvent: b.callHead(i, p.Agent), CallRef: i.ref(b.rules.Site)}, about(i, p))
		}
	case callmodel.EvRetrieved:
		if byAgent {
			b.tell(&CallRetrievedEvent{CTIEvent: b.callHead(i, p.Agent), CallRef: i.ref(b.rules.Site)}, about(i, p))
		}
	case callmodel.EvParked: // by nobody who is still there
		b.tell(&CallHeldEvent{CTIEvent: b.callHead(i, ""), CallRef: i.ref(b.rules.Site)}, about(i, p))
	case callmodel.EvOriginated:
		i.told = false // of the wait; what is covered goes with who is dialled
		b.dialled(i, p)
	case callmodel.EvFailed:
		i.cause = e.Cause
	case callmodel.EvConferenced:
		b.conferenced(e, i, p)
	case callmodel.EvTransferred:
		b.joined(e, i)
	case callmodel.EvCleared:
		b.cleared(i, p)
	case callmodel.EvDataChanged:
		b.dataChanged(i, p)
	case callmodel.EvRouteRequest:
		b.routeRequest(i)
	case callmodel.EvRouteEnded:
		b.routeEnded(i, e.Reason)
	default:
	}
}

// goesOn is a call that has got further: what is told now is told of that.
func (i *call) goesOn() { i.told, i.covered = false, false }

// about is a connection as a subject.
func about(i *call, p *callmodel.Connection) subject {
	return subject{call: i.live.ID, conn: p.ID, agent: p.Agent}
}

// over tells that all parties have left a call, and that all work on it is done.
func (b *board) over(i *call) {
	if i.connected() {
		return
	}
	b.end(i)
	b.completed(i)
	if i.parent != nil {
		b.completed(i.parent)
	}
}

// end tells CallEnd, once.
func (b *board) end(i *call) {
	if p := lastAgent(i.live); p != nil {
		b.endOf(i, p.Agent, b.disposition(p))
	} else {
		b.endOf(i, "", 0)
	}
}

// endOf tells it of the agent who was the last.
func (b *board) endOf(i *call, who callmodel.AgentID, disposition int32) {
	if i.ended {
		return
	}
	i.ended = true
	b.lost(func(p *pending) bool { return p.call == i.live.ID }, i.cause)
	b.tell(&CallEndEvent{
		CTIEvent: b.callHead(i, who), CallRef: i.ref(b.rules.Site),
		AgentDisposition: disposition, CallData: b.rules.items(i.live.Attached),
	}, subject{call: i.live.ID})
}

// disposition is the number of the main result that an agent has given a call.
func (b *board) disposition(p *callmodel.Connection) int32 {
	if len(p.Codes) == 0 {
		return 0
	}
	for k := range b.dir.cfg.Dispositions {
		if d := &b.dir.cfg.Dispositions[k]; d.ID == p.Codes[0] {
			n, _ := narrow(d.Number)
			return n
		}
	}
	return 0
}

// completed tells CallCompleted, once, of a call whose consultations have ended
// as well. A consultation is part of its call.
func (b *board) completed(i *call) {
	if i.done || i.parent != nil || i.live.Kind == callmodel.KindConsult || !i.ended || i.wrapping() {
		return
	}
	for _, part := range i.parts {
		if !part.ended {
			return
		}
	}
	i.done = true
	h := b.callHead(i, "")
	h.ServiceID = 0
	trunk := b.beginning(i, &h)
	b.tell(&CallCompletedEvent{CTIEvent: h, CallRef: i.ref(b.rules.Site), Trunk: trunk}, subject{call: i.live.ID})
}

// beginning is where a call has come from, as CallStarted tells it. Calls inside,
// and those that an agent is shown before anybody is called, come from nowhere:
// not even from a switch.
func (b *board) beginning(i *call, h *CTIEvent) Trunk {
	if i.inside() || calls(i.live) {
		h.SwitchID = 0
		return Trunk{}
	}
	return b.trunk(i, i.live.CallerConn())
}

// inside reports whether nobody outside has made the call.
func (i *call) inside() bool {
	return i.live.Kind == callmodel.KindInternal || i.live.Kind == callmodel.KindConsult
}

// trunk is the way of a connection into the switch. A consultation that has
// become part of a call is still the one inside.
func (b *board) trunk(i *call, p *callmodel.Connection) Trunk {
	if i.inside() && p.Trunk == "" {
		return Trunk{}
	}
	channel, _ := narrow(p.Number)
	name := i.live.Trunk
	if i.inside() {
		name = p.Trunk
	}
	for k := range i.live.Conns {
		if t := i.live.Conns[k].Trunk; name == "" && i.live.Kind != callmodel.KindInbound {
			name = t
		}
	}
	return Trunk{ResourceGroupID: b.dir.trunks[name], ChannelID: channel}
}

// info is what is known about the caller.
func (b *board) info(i *call) []CallInfo {
	ani, dnis := b.numbers(i)
	return []CallInfo{{
		ANI: ani, DNIS: dnis, PhoneNumber: ani, CallerID: strings.TrimSpace(i.live.CallerName), CallData: b.rules.items(i.live.Attached),
	}}
}

// numbers are those of the caller and the one that was called.
func (b *board) numbers(i *call) (ani, dnis string) {
	if i.live.DNIS != nil && i.live.DNIS.Number != "" {
		return i.live.Caller, i.live.DNIS.Number
	}
	return i.live.Caller, b.dir.place(i.live.Dialled).dial
}
