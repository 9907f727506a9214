package ctips

import (
	"slices"
	"strconv"

	"strowger/switch/callmodel"
)

// agent tells what has changed of an agent. Every event that names one carries
// their newest state.
func (b *board) agent(a *callmodel.Agent) {
	st := b.agents[a.ID]
	if st == nil {
		st = &agent{}
		b.agents[a.ID] = st
	}
	st.live = a
	if in := a.State != callmodel.LoggedOut; in != st.in {
		st.in = in
		b.tell(b.loginState(a), subject{agent: a.ID})
		if !in {
			b.lost(func(p *pending) bool { return p.sets && p.agent == a.ID }, 0)
		}
	}
	if now := b.agentState(a, st.told); now != st.told {
		st.told = now
		if now != AgentStateInvalid {
			b.tell(b.readiness(a), subject{agent: a.ID})
		}
	}
	if up := standing(a); up != st.path {
		st.path = up
		b.tell(b.audioPath(a, up), subject{agent: a.ID})
	}
	b.recheck(a)
	if a.Removed {
		delete(b.agents, a.ID)
	}
}

// readiness is an agent's state as it was told last, as an event.
func (b *board) readiness(a *callmodel.Agent) *AgentStateChangeEvent {
	return &AgentStateChangeEvent{
		CTIEvent: b.agentHead(a), AgentState: b.agents[a.ID].told, ServiceIDs: b.dir.serviceIDs(a.Queues),
	}
}

// loginState tells that an agent has logged in or out.
func (b *board) loginState(a *callmodel.Agent) *AgentLoginStateChangeEvent {
	ev := &AgentLoginStateChangeEvent{
		CTIEvent: b.agentHead(a), AgentLoginName: string(a.ID),
		LoginState: AgentLoginStateAgentLoggedOut, AgentWorkGroupID: -1,
		AgentStationAddress: a.Station.Endpoint, ServiceState: b.serviceStates(a), AgentCTIID: b.dir.agentID(a.ID),
	}
	cfg := b.dir.cfg.Agent(a.ID)
	if cfg != nil {
		ev.AgentCapabilities, ev.AgentMailbox = capabilities(cfg), cfg.Email
	}
	if a.State != callmodel.LoggedOut {
		ev.LoginState, ev.AgentWorkGroupID = AgentLoginStateAgentLoggedIn, workGroup(cfg)
	}
	return ev
}

// workGroup is an agent's work group where it is a number.
func workGroup(a *callmodel.AgentConfig) int32 {
	if a == nil {
		return 0
	}
	n, err := strconv.ParseInt(a.WorkGroup, 10, 32)
	if err != nil {
		return 0
	}
	return int32(n)
}

// serviceStates are an agent's services and their states. One that nobody has
// served is served by an agent who logs in: its own event comes a moment later.
func (b *board) serviceStates(a *callmodel.Agent) []ServiceInfo {
	out := make([]ServiceInfo, 0, len(a.Queues))
	for _, id := range a.Queues {
		n, st := b.dir.serviceID(id), b.stateOf(id)
		if st == ServiceStateUnManned && a.State != callmodel.LoggedOut && !slices.Contains(a.Off, id) {
			st = ServiceStateActive
		}
		if n != 0 {
			out = append(out, ServiceInfo{ServiceID: n, ServiceState: st})
		}
	}
	return out
}

// stateOf is a service's state as it was told last.
func (b *board) stateOf(id callmodel.QueueID) ServiceState {
	if q := b.queues[id]; q != nil {
		return serviceState(q.Service)
	}
	return ServiceStateNoState
}

// audioPath tells that the standing leg of an agent's station is up, or down.
func (b *board) audioPath(a *callmodel.Agent, up bool) *AudioPathStateChangeEvent {
	ev := &AudioPathStateChangeEvent{
		CTIEvent: b.agentHead(a), AudioPathState: AudioPathStateDisconnected, ServiceIDs: b.dir.serviceIDs(a.Queues),
	}
	if up {
		ev.AudioPathState = AudioPathStateConnected
	}
	return ev
}

// service tells a queue's new state.
func (b *board) service(q *callmodel.Queue) {
	if q == nil {
		return
	}
	before := b.queues[q.ID]
	b.queues[q.ID] = q
	if before == nil || before.Service != q.Service {
		b.tellService(q, serviceState(q.Service))
	}
}

func (b *board) tellService(q *callmodel.Queue, st ServiceState) {
	h := b.head()
	h.TenantID, h.SwitchID = b.rules.Tenant(q.ID, ""), 1
	h.ServiceID, _ = narrow(q.Number)
	b.tell(&ServiceStateChangeEvent{CTIEvent: h, ServiceState: st, RequestIDList: b.dir.serving[q.ID]}, subject{})
}

// services tells the services that a new configuration adds and removes. Their
// states come as events of their own.
func (b *board) services() {
	for k := range b.dir.cfg.Queues {
		cfg := &b.dir.cfg.Queues[k]
		if b.queues[cfg.ID] == nil {
			q := &callmodel.Queue{ID: cfg.ID, Number: cfg.Number}
			b.queues[cfg.ID] = q
			b.tellService(q, ServiceStateAddService)
		}
	}
	for _, q := range byNumber(b.queues, func(q *callmodel.Queue) int64 { return q.Number }) {
		if b.dir.cfg.Queue(q.ID) == nil {
			b.tellService(q, ServiceStateRemoveService)
			delete(b.queues, q.ID)
		}
	}
	b.assigned()
}

// reassigned notes whose services a new configuration changes. A service whose
// state changes with its agents tells of them with that.
func (b *board) reassigned(before *directory, v *callmodel.View) {
	for _, st := range byNumber(b.agents, func(st *agent) int64 { return st.live.Number }) {
		cfg := b.dir.cfg.Agent(st.live.ID)
		if cfg == nil || slices.Equal(before.serviceIDs(st.live.Queues), b.dir.serviceIDs(cfg.Queues)) {
			continue
		}
		live := *st.live
		live.Queues = cfg.Queues
		st.live = &live
		b.moved = append(b.moved, live.ID)
	}
	for _, q := range v.Queues {
		old := b.queues[q.ID]
		if old != nil && old.Service == q.Service && !slices.Equal(before.serving[q.ID], b.dir.serving[q.ID]) {
			b.staffed = append(b.staffed, q.ID)
		}
	}
}

// assigned tells the agents' services, and the services' agents.
func (b *board) assigned() {
	for _, id := range b.moved {
		if st := b.agents[id]; st != nil && st.told != AgentStateInvalid {
			b.tell(b.readiness(st.live), subject{agent: id})
		}
	}
	for _, id := range b.staffed {
		if q := b.queues[id]; q != nil {
			b.tellService(q, serviceState(q.Service))
		}
	}
	b.moved, b.staffed = nil, nil
}

// link tells that a telephony server, or the switch itself, went or came back:
// to the sessions of all tenants.
func (b *board) link(what ComponentType, state ComponentState, at int32) {
	h := b.head()
	h.SwitchID = at
	b.tell(&LinkStatusEvent{CTIEvent: h, ComponentType: what, ComponentState: state}, subject{})
}
