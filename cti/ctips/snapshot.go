package ctips

import (
	"cmp"
	"maps"
	"slices"

	"strowger/switch/callmodel"
)

// snapshot tells a session everything of some kinds, as it is after what has
// been told so far. The caller holds the board's lock.
func (b *board) snapshot(who requester, kinds []EntityType) {
	if b.deaf.Load() {
		h := b.head()
		h.TenantID, h.SwitchID = who.tenantID(), 1
		b.answer(&SnapShotRequestFailedEvent{CTIEvent: h, Failure: Failure{
			FailureType: FailureTypeInternalServerError, FailureReason: "events have been missed: ask again when LinkStatus tells that the link is up",
		}}, who, 0)
		return
	}
	var all []*SnapShotUpdateEvent
	seen := map[EntityType]bool{}
	for _, k := range kinds {
		if seen[k] {
			continue
		}
		seen[k] = true
		switch k {
		case EntityTypeAgentInfo:
			all = append(all, b.snapAgents(who)...)
		case EntityTypeCallInfo:
			all = append(all, b.snapCalls(who)...)
		case EntityTypeServiceInfo:
			all = append(all, b.snapServices(who)...)
		case EntityTypeInvalid:
		}
	}
	if len(all) == 0 {
		all = append(all, b.snap(who, kinds[0], 1))
	}
	all[len(all)-1].SnapShotComplete = true
	for _, ev := range all {
		b.answer(ev, who, 0)
	}
}

// snap begins one object.
func (b *board) snap(who requester, what EntityType, at int32) *SnapShotUpdateEvent {
	h := b.head()
	h.TenantID, h.SwitchID = who.tenantID(), at
	return &SnapShotUpdateEvent{CTIEvent: h, SnapShotType: what}
}

// byNumber lists the values of a table in the order of their numbers.
func byNumber[K comparable, V any](m map[K]V, n func(V) int64) []V {
	return slices.SortedFunc(maps.Values(m), func(x, y V) int { return cmp.Compare(n(x), n(y)) })
}

func (b *board) snapAgents(who requester) []*SnapShotUpdateEvent {
	var out []*SnapShotUpdateEvent
	for _, st := range byNumber(b.agents, func(a *agent) int64 { return a.live.Number }) {
		a := st.live
		if a.State == callmodel.LoggedOut || b.rules.Tenant("", a.ID) != who.tenantID() {
			continue
		}
		ev := b.snap(who, EntityTypeAgentInfo, b.dir.switchID(a.Station.Node))
		ev.AgentID = b.dir.agentID(a.ID)
		d := &SnapShotAgentData{
			AgentID: ev.AgentID, AgentLoginName: string(a.ID), AgentWorkGroupID: workGroup(b.dir.cfg.Agent(a.ID)),
			SwitchID: ev.SwitchID, AgentState: st.told, Services: b.serviceStates(a), MediaType: MediaTypeVoiceSip,
			AgentStationAddress: a.Station.Endpoint,
		}
		if cfg := b.dir.cfg.Agent(a.ID); cfg != nil {
			d.AgentCapabilities = capabilities(cfg)
		}
		if c := b.holds(st); c != nil && c.tenant == who.tenantID() {
			d.CallID = c.number
			if p := c.live.Conn(a.Conn); p != nil {
				d.Trunk = b.trunk(c, p)
			}
		}
		ev.AgentData = d
		out = append(out, ev)
	}
	return out
}

func (b *board) snapCalls(who requester) []*SnapShotUpdateEvent {
	var out []*SnapShotUpdateEvent
	for _, i := range byNumber(b.calls, func(i *call) int64 { return i.live.Number }) {
		if i.number == 0 || i.hidden || i.tenant != who.tenantID() || (i.ended || !i.connected()) && !i.wrapping() {
			continue
		}
		state, p := b.callState(i)
		ev := b.snap(who, EntityTypeCallInfo, b.dir.switchID(i.live.Node))
		ev.ServiceID = b.dir.serviceID(i.queue)
		d := &SnapShotCallData{
			CallRef: i.ref(b.rules.Site), SwitchID: ev.SwitchID, ServiceID: ev.ServiceID, CallState: state, CallType: i.callType(p), MediaType: MediaTypeVoiceSip,
		}
		d.ANI, d.DNIS = b.numbers(i)
		to := b.bound(i)
		d.DestType, d.Destination = to.kind, to.name
		if p == nil {
			p = i.live.CallerConn()
		}
		d.Trunk, d.AgentID = b.trunk(i, p), b.dir.agentID(p.Agent)
		ev.AgentID = d.AgentID
		ev.CallData = d
		out = append(out, ev)
	}
	return out
}

// bound is where a call goes: outside where it has been sent there, else where
// it was dialled to.
func (b *board) bound(i *call) place {
	for k := range i.live.Conns {
		if p := &i.live.Conns[k]; i.live.Kind == callmodel.KindInbound && p.State != callmodel.Ended && i.outside(p) {
			return place{kind: DestinationExternal, name: p.Device}
		}
	}
	return b.dir.place(i.live.Dialled)
}

// holds is the call that an agent is told to be at, or to work on after it.
func (b *board) holds(st *agent) *call {
	c := b.calls[st.live.Call]
	switch {
	case c == nil, c.ended && !c.wrapping(), st.live.State == callmodel.Reserved && st.told != AgentStatePendingActive:
		return nil
	}
	return c
}

func (b *board) snapServices(who requester) []*SnapShotUpdateEvent {
	var out []*SnapShotUpdateEvent
	for _, q := range byNumber(b.queues, func(q *callmodel.Queue) int64 { return q.Number }) {
		cfg := b.dir.cfg.Queue(q.ID)
		n := b.dir.serviceID(q.ID)
		if cfg == nil || n == 0 || b.rules.Tenant(q.ID, "") != who.tenantID() {
			continue
		}
		ev := b.snap(who, EntityTypeServiceInfo, 1)
		ev.ServiceID = n
		ev.ServiceData = &SnapShotServiceData{ServiceID: n, ServiceState: serviceState(q.Service), ExternalRoutingEnabled: cfg.Route.Timeout > 0}
		out = append(out, ev)
	}
	return out
}
