package ctips

import (
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
)

// has wants members, written as "Name=value", in the first event of a class
// among what has been told.
func (s *stage) has(class string, want ...string) {
	s.t.Helper()
	for _, d := range s.told {
		got := " " + strings.Join(members(d), " ") + " "
		if d.base().EventType.String() != class {
			continue
		}
		for _, w := range want {
			if !strings.Contains(got, " "+w+" ") {
				s.t.Errorf("%s lacks %s:%s", class, w, got)
			}
		}
		return
	}
	s.t.Errorf("%s is not told:\n%s", class, short(s.told))
}

// TestFieldsOfConfiguration: what events tell of agents and services as they
// are configured.
func TestFieldsOfConfiguration(t *testing.T) {
	t.Parallel()
	c := outcomeScene()
	c.Agents[0].WorkGroup, c.Agents[0].Capabilities = "12", []callmodel.Capability{callmodel.CapabilityStandard, callmodel.CapabilityDirector}
	c.Agents[0].Station.Mode, c.Agents[0].Station.AcceptTimeout = callmodel.CallOnAccept, 20*time.Second
	c.Queues[0].RejectReason, c.Queues[0].AudioAlert = true, "sound:beep"
	s := newStage(t, c)
	s.state(ctitest.Anna, callmodel.LoggedOut)
	s.has("AgentLoginStateChange", "AgentId=1", "LoginState=AgentLoggedOut", "AgentWorkGroupId=-1")
	s.take()
	s.sends(&LoginAgentArgs{RequestHead: head7(), AgentLoginName: "anna", InitialState: AgentStateIdle})
	s.has("AgentLoginStateChange", "RequestId=7", "AgentId=1", "AgentCTIId=1", "AgentLoginName=anna", "AgentWorkGroupId=12", "AgentMailbox=anna@example.com",
		"AgentCapabilities=[StandardAgent,Director]", "AgentStationAddress=101", "ServiceState=[{ServiceId=1,ServiceState=Active}]", "LoginState=AgentLoggedIn")
	s.has("AgentStateChange", "RequestId=0", "AgentId=1", "ServiceId=0", "ServiceIds=[1]", "AgentState=Idle")
	s.has("ServiceStateChange", "ServiceId=1", "AgentId=0", "RequestIdList=[1]", "ServiceState=Active")
	s.take()
	s.sw.Put(callmodel.ChannelArrived{
		Node: ctitest.Node, Channel: "named", Call: callmodel.CallID{ID: s.sw.NewID()}, Dialled: "49301000600", Caller: customer, CallerName: " Jo Doe ", Endpoint: ctitest.Trunk,
	})
	s.pump()
	s.has("CallConnected", "AgentId=1", "ServiceId=1", "ResponseRequired=true", "RejectReasonRequired=true", "PlayAudioAlert=true", "OriginatingAgentId=0")
	for _, d := range s.take() {
		if ev, ok := d.Event.(*CallConnectedEvent); ok && (len(ev.CallInfo) != 1 || ev.CallInfo[0].CallerID != "Jo Doe" || ev.CallInfo[0].PhoneNumber != customer) {
			t.Errorf("CallInfo %+v", ev.CallInfo)
		}
	}
	s.sends(&SnapshotArgs{SessionHead: SessionHead{TenantID: 1}, EntityType: []EntityType{EntityTypeServiceInfo}})
	for _, d := range s.take() {
		if ev, ok := d.Event.(*SnapShotUpdateEvent); !ok || ev.ServiceData == nil || ev.ServiceData.ExternalRoutingEnabled != (ev.ServiceID == 4) {
			t.Errorf("%+v", d.Event)
		}
	}
}

// TestFieldsOfEnd: the end of a call tells its result and its data, and its
// last event is about where it began.
func TestFieldsOfEnd(t *testing.T) {
	t.Parallel()
	s := newStage(t, outcomeScene())
	call := s.arrive("49301000600")
	s.has("CallStarted", "CallId=1", "ServiceId=0", "AgentId=0", "SwitchId=1", "ResourceGroupId=1", "ChannelId=1")
	s.lift(ctitest.Anna)
	s.sends(&SetCallDataArgs{CallHead: call7(1, 1), UserData: []string{"a", "", "c"}})
	s.sends(&SetDispositionArgs{CallHead: call7(1, 1), DispositionID: 5, SummaryDispositionSuccessful: true})
	s.take()
	s.hangUp(call)
	s.has("CallEnd", "AgentId=1", "AgentDisposition=5")
	for _, d := range s.told {
		if ev, ok := d.Event.(*CallEndEvent); ok && (len(ev.CallData) != dataFields || ev.CallData[2] != (CallDataItem{"UserData3", "c"}) || ev.CallData[1].Value != "") {
			t.Errorf("CallData %+v", ev.CallData)
		}
	}
	s.wait(10 * time.Second)
	s.has("CallCompleted", "CallId=1", "ServiceId=0", "AgentId=0", "SwitchId=1", "ResourceGroupId=1", "ChannelId=1")
}
