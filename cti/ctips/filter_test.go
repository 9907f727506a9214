package ctips

import "testing"

// TestInterests: classes and filters say together what a session hears.
func TestInterests(t *testing.T) {
	t.Parallel()
	i := newInterests()
	i.classes[EventCategorySystem] = true
	service := Stamp(&ServiceStateChangeEvent{CTIEvent: CTIEvent{ServiceID: 3}})
	state := Stamp(&AgentStateChangeEvent{CTIEvent: CTIEvent{AgentID: 7, SwitchID: 1, TenantID: 1}, ServiceIDs: []int32{2, 3}})
	if !i.wants(service, false) || i.wants(state, false) || i.wants(state, true) {
		t.Error("the state of services is for those who watch the system too, and nothing else of the agents'")
	}
	i.classes[EventCategoryAgent] = true
	if !i.wants(state, false) {
		t.Error("registered and not wanted")
	}
	i.add(FieldTypeAgentID, 8)
	if i.wants(state, false) || !i.wants(state, true) {
		t.Error("another agent's filter")
	}
	i.add(FieldTypeAgentID, 7)
	i.add(FieldTypeServiceID, 4)
	if i.wants(state, false) {
		t.Error("kinds of filters have to fit all")
	}
	i.add(FieldTypeServiceID, 3)
	i.add(FieldTypeSwitchID, 1)
	i.add(FieldTypeTenantID, 1)
	if !i.wants(state, false) {
		t.Error("all kinds fit")
	}
	for _, ev := range []Event{
		&AudioPathStateChangeEvent{ServiceIDs: []int32{3}},
		&EnterPasscodeEvent{ServiceIDs: []int32{3}},
		&AgentLoginStateChangeEvent{ServiceState: []ServiceInfo{{ServiceID: 2}, {ServiceID: 3}}},
	} {
		*ev.base() = *state.base()
		if !i.wants(Stamp(ev), false) {
			t.Errorf("%T of an agent of the service does not pass", ev)
		}
	}
	call := Stamp(&CallHeldEvent{CTIEvent: *state.base()})
	i.classes[EventCategoryCall] = true
	if i.wants(call, false) {
		t.Error("a call without a service passes")
	}
	for v := range int32(2 * maxFilters) {
		i.add(FieldTypeAgentID, 100+v)
	}
	if i.count != maxFilters || i.add(FieldTypeAgentID, 5000) {
		t.Errorf("%d filters", i.count)
	}
}
