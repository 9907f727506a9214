package ctips

import (
	"testing"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
)

// apartment gives anna and support to one of two tenants, everything else to the other.
func apartment(anna int32) func(*Config) {
	return func(c *Config) {
		c.Tenants = []Tenant{
			{ID: 3 - anna, Queues: []callmodel.QueueID{"tech", "empty", "routed"}, Agents: []callmodel.AgentID{"bernd"}},
			{ID: anna, Queues: []callmodel.QueueID{"support"}, Agents: []callmodel.AgentID{"anna"}},
		}
	}
}

// Agents and queues change their tenant while calls are up: calls go with them,
// a request of the old tenant for them has failed, and sessions of a tenant that
// is gone end.
func TestTenantsChange(t *testing.T) {
	t.Parallel()
	sw := ctitest.NewFakeSwitch(scene())
	t.Cleanup(sw.Stop)
	r := listener(t, sw, apartment(1))
	one := r.connect()
	s := newSink(t)
	args := openArgs(s.URL)
	args.TenantIDs = []int32{2}
	two := &client{r, s, r.opens(args).SessionID, 2}
	two.all()
	two.must("OnLine", &OnLineArgs{two.head()})
	one.must("LoginAgent", &LoginAgentArgs{RequestHead: one.agent(0, 1).RequestHead, AgentLoginName: "anna", InitialState: AgentStateIdle})
	until[*AgentLoginStateChangeEvent](t, one.sink)
	call := sw.Arrive("49301000600", customer, "")
	sw.PickUp(call)
	no := until[*CallEstablishedEvent](t, one.sink).CallID
	one.must("SetAgentState", &SetAgentStateArgs{AgentHead: one.agent(1, 5), NewState: AgentStateNotReady}) // when the call is over
	if calls, agents := two.snapshot(t); len(calls)+len(agents) != 0 {
		t.Errorf("before: calls %v, agents %v", calls, agents)
	}

	r.apply(apartment(2))
	if failed := until[*AgentRequestFailedEvent](t, one.sink); failed.RequestID != 5 || failed.TenantID != 1 {
		t.Errorf("the open request: %+v", failed)
	}
	if calls, agents := one.snapshot(t); len(calls)+len(agents) != 0 {
		t.Errorf("who had them: calls %v, agents %v", calls, agents)
	}
	if calls, agents := two.snapshot(t); calls[no] != CallStateCallEstablished || agents[1] != AgentStateActive {
		t.Errorf("who has them: calls %v, agents %v", calls, agents)
	}
	two.must("HoldCall", &HoldCallArgs{CallHead{AgentHead: two.agent(1, 6), CallID: no}})
	if held := until[*CallHeldEvent](t, two.sink); held.RequestID != 6 || held.TenantID != 2 {
		t.Errorf("held %+v", held)
	}
	one.must("HoldCall", &HoldCallArgs{CallHead{AgentHead: one.agent(1, 7), CallID: no}})
	if failed := until[*CallRequestFailedEvent](t, one.sink); failed.RequestID != 7 || failed.FailureType != FailureTypeInvalidAgent {
		t.Errorf("who had them asks: %+v", failed)
	}
	one.refused("no agent", "AddFilter", &AddFilterArgs{SessionHead: one.head(), FieldType: FieldTypeAgentID, FieldValue: "anna"})

	r.apply(func(c *Config) { c.Tenants = c.Tenants[:1] }) // tenant 1
	two.over(1)
	r.apply(func(c *Config) { c.Site, c.UserDataNames = 77, []string{"Customer"} })
	one.must("LoginAgent", &LoginAgentArgs{RequestHead: one.agent(0, 8).RequestHead, AgentLoginName: "bernd", InitialState: AgentStateIdle})
	if in := until[*AgentLoginStateChangeEvent](t, one.sink); in.SiteID != 77 || in.RequestID != 8 {
		t.Errorf("at another site: %+v", in)
	}
}

// A consultation belongs to who has its call.
func TestConsultationChangesTenant(t *testing.T) {
	t.Parallel()
	sw := ctitest.NewFakeSwitch(scene())
	t.Cleanup(sw.Stop)
	r := listener(t, sw, nil)
	one := r.connect()
	for i, name := range []string{"anna", "bernd"} {
		one.must("LoginAgent", &LoginAgentArgs{RequestHead: one.agent(0, int32(i+1)).RequestHead, AgentLoginName: name, InitialState: AgentStateIdle}) //nolint:gosec // two
		until[*AgentLoginStateChangeEvent](t, one.sink)
	}
	sw.PickUp(sw.Arrive("49301000600", customer, ""))
	no := until[*CallEstablishedEvent](t, one.sink).CallID
	one.must("ConsultationCall", &ConsultationCallArgs{CallHead: CallHead{AgentHead: one.agent(1, 5), CallID: no}, DestinationAddress: "bernd", DestinationType: DestinationAgent})
	part := until[*CallOriginatedEvent](t, one.sink).CallID
	r.apply(func(c *Config) {
		c.Tenants = []Tenant{
			{ID: 1, Queues: []callmodel.QueueID{"support"}},
			{ID: 2, Agents: []callmodel.AgentID{"anna", "bernd"}},
		}
	})
	if calls, agents := one.snapshot(t); len(calls) != 2 || calls[part] == 0 || len(agents) != 0 {
		t.Errorf("calls %v, agents %v", calls, agents)
	}
}
