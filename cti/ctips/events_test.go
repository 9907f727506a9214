package ctips

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
)

// told compares what has been told with lines.
func (s *stage) expects(want ...string) {
	s.t.Helper()
	if got := strings.TrimSpace(short(s.take())); got != strings.Join(want, "\n") {
		s.t.Errorf("told\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

// TestServicesChange: a new configuration adds and removes services, and adds an agent to one.
func TestServicesChange(t *testing.T) {
	t.Parallel()
	s := newStage(t, scene())
	next := scene()
	next.Version = 2
	next.Queues = slices.Delete(next.Queues, 2, 3)
	added := next.Queues[0]
	added.ID, added.Number, added.Address, added.DNIS = "new", 8, "608", nil
	next.Queues = append(next.Queues, added)
	dora := next.Agents[0]
	dora.ID, dora.Number, dora.Line, dora.Station.Endpoint = "dora", 9, "109", "109"
	next.Agents = append(next.Agents, dora)
	s.sw.Put(callmodel.ConfigLoaded{Config: next})
	s.pump()
	s.expects("ServiceStateChange s8 AddService", "ServiceStateChange s3 RemoveService", "ServiceStateChange s1 Active", "ServiceStateChange s8 UnManned")
	s.sends(&LoginAgentArgs{RequestHead: head7(), AgentLoginName: "dora", InitialState: AgentStateIdle})
	s.expects("AgentLoginStateChange a9 AgentLoggedIn R7", "AgentStateChange a9 Idle")
}

// TestServicesReassigned: agents whose queues a new configuration changes, and
// the services, are told with it.
func TestServicesReassigned(t *testing.T) {
	t.Parallel()
	s := newStage(t, scene())
	next := scene()
	next.Version = 2
	next.Agents[0].Queues = []callmodel.QueueID{"support", "tech", "empty"}
	next.Agents[1].Queues = nil
	s.sw.Put(callmodel.ConfigLoaded{Config: next})
	s.pump()
	var got []string
	for _, d := range s.take() {
		switch ev := d.Event.(type) {
		case *AgentStateChangeEvent:
			got = append(got, fmt.Sprint("agent ", ev.AgentID, " ", ev.AgentState, " ", ev.ServiceIDs))
		case *ServiceStateChangeEvent:
			got = append(got, fmt.Sprint("service ", ev.ServiceID, " ", ev.ServiceState, " ", ev.RequestIDList))
		default:
			t.Errorf("%T", ev)
		}
	}
	want := []string{"agent 1 Idle [1 2 3]", "agent 2 Idle []", "service 2 Active [1]", "service 3 Active [1]"}
	if !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
	s.sends(&GetAgentStateArgs{agent7(1)})
	if ev, ok := s.take()[0].Event.(*AgentStateChangeEvent); !ok || !slices.Equal(ev.ServiceIDs, []int32{1, 2, 3}) {
		t.Errorf("asked for: %+v", ev)
	}
	next = scene()
	next.Version = 3
	next.Agents[0].Queues = []callmodel.QueueID{"support", "tech", "empty"}
	next.Agents[1].Queues, next.Agents[1].Name = nil, "Bernd"
	s.sw.Put(callmodel.ConfigLoaded{Config: next})
	s.pump()
	s.expects("")
}

// TestPassedOutside: a caller who is sent outside is told to go there, not to
// the number that they have called.
func TestPassedOutside(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(*stage){
		"routed": func(s *stage) {
			s.arrive("49301000604")
			s.sends(&RouteSelectArgs{RequestHead: head7(), CallID: 1, RouteActionType: RouteToExternal, RouteDestination: ctitest.Outside})
		},
		"transferred": func(s *stage) {
			s.talk()
			s.sends(&TransferCallArgs{CallHead: call7(1, 1), TransferType: TransferTypeBlind, DestinationType: DestinationExternal, DestinationAddress: ctitest.Outside})
		},
		"transferred out of a call inside": func(s *stage) {
			s.sends(&MakeCallArgs{CallHead: call7(1, noCall), DestinationType: DestinationAgent, DestinationAddress: "bernd"})
			s.lift(ctitest.Anna)
			s.lift(ctitest.Bernd)
			s.take()
			s.sends(&TransferCallArgs{CallHead: call7(2, 1), TransferType: TransferTypeBlind, DestinationType: DestinationExternal, DestinationAddress: ctitest.Outside})
		},
	} {
		s := newStage(t, scene())
		send(s)
		found := false
		for _, d := range s.take() {
			if ev, ok := d.Event.(*CallOriginatedEvent); ok {
				found = true
				if ev.DestType != DestinationExternal || ev.Destination != ctitest.Outside || ev.AgentID != 0 || ev.ResourceGroupID != 1 {
					t.Errorf("%s: %+v", name, ev)
				}
			}
		}
		if !found {
			t.Errorf("%s: CallOriginated is not told", name)
		}
	}
}

// TestAudioPath: the standing leg of a nailed station goes up and down with the
// shift.
func TestAudioPath(t *testing.T) {
	t.Parallel()
	c := scene()
	c.Agents[0].Station.Mode = callmodel.Nailed
	s := newStage(t, c)
	s.take()
	s.state(ctitest.Anna, callmodel.LoggedOut)
	s.must(callmodel.Login{Agent: ctitest.Anna, State: callmodel.Ready})
	var paths []string
	for _, d := range s.take() {
		if ev, ok := d.Event.(*AudioPathStateChangeEvent); ok {
			paths = append(paths, ev.AudioPathState.String())
		}
	}
	if got := strings.Join(paths, " "); got != "Disconnected Connected" {
		t.Errorf("audio path: %s", got)
	}
}

// TestTenants: what is a tenant's is told with its number, and others' requests
// do not see it; what is nobody's is not told.
func TestTenants(t *testing.T) {
	t.Parallel()
	s := newStage(t, scene())
	cfg := Config{Tenants: []Tenant{
		{ID: 1, Queues: []callmodel.QueueID{"support"}, Agents: []callmodel.AgentID{ctitest.Anna}},
		{ID: 2, Queues: []callmodel.QueueID{"tech"}, Agents: []callmodel.AgentID{ctitest.Bernd}},
	}}
	s.b = newBoard(rules{Site: 1, DataLength: 10, RequestTimeout: 1e9, Tenant: cfg.owner}, s, slog.New(slog.DiscardHandler))
	s.r = &requests{sw: s.sw, b: s.b}
	s.watch()
	s.talk()
	for _, d := range s.take() {
		if d.base().TenantID != 1 {
			t.Errorf("%s is tenant %d's", d.base().EventType, d.base().TenantID)
		}
	}
	s.sends(&GetAgentStateArgs{agent7(2)})
	s.expects("AgentRequestFailed a2 InvalidAgent R7 alone")
	s.sends(&TransferCallArgs{CallHead: call7(1, 1), TransferType: TransferTypeBlind, DestinationType: DestinationService, DestinationAddress: "2"})
	s.expects("CallRequestFailed a1 s1 DestinationInvalidServiceIdentifier R7 alone")
	s.sends(&SnapshotArgs{EntityType: []EntityType{EntityTypeAgentInfo, EntityTypeCallInfo, EntityTypeServiceInfo}})
	s.expects("SnapShotUpdate a1 alone", "SnapShotUpdate a1 s1 alone", "SnapShotUpdate s1 alone")
	s.me = &tester{2}
	s.sends(&GetCallDataArgs{call7(2, 1)})
	s.expects("CallRequestFailed a2 InvalidCallId R7 alone")
	s.arrive("49301000604") // routed is nobody's
	s.expects()
	s.must(callmodel.Consult{Conn: s.conn(ctitest.Anna), To: callmodel.Dest{Kind: callmodel.DestAgent, Value: string(ctitest.Bernd)}, Call: callmodel.CallID{ID: s.sw.NewID()}})
	s.lift(ctitest.Bernd)
	s.take()
	s.sends(&HoldCallArgs{call7(2, 3)}) // bernd is in a call of tenant 1's, and its events are not for tenant 2
	s.expects("CallRequestFailed a2 InvalidCallId R7 alone")
}

// TestNumbersRunOut: a call number that does not fit is never wrapped.
func TestNumbersRunOut(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]int32{1: 1, 1<<31 - 1: 1<<31 - 1, 1 << 31: 0, 1<<32 + 1: 0, 0: 0, -1: 0} {
		if got, ok := narrow(n); got != want || ok != (want != 0) {
			t.Errorf("%d is %d, %v", n, got, ok)
		}
	}
	s := newStage(t, scene())
	c := *s.sw.Call(s.arrive("49301000600"))
	c.ID, c.Number = callmodel.CallID{ID: s.sw.NewID()}, 1<<31
	s.take()
	i := s.b.picture(&c)
	s.b.started(i)
	s.expects()
	if !s.b.exhausted.Load() {
		t.Error("nobody notices")
	}
	o := &office{board: s.b}
	if o.ready() == nil {
		t.Error("sessions are still opened")
	}
}

// TestUserData: what is attached comes back, and nobody else's is touched.
func TestUserData(t *testing.T) {
	t.Parallel()
	r := rulesForTest()
	r.DataNames = []string{"Customer"}
	for _, values := range [][]string{{"a"}, {"", "<b> & \"c\"", "ä\nö"}, make([]string, dataFields)} {
		data := []callmodel.AttachedData{{App: "crm", Media: "application/xml", Data: "<x/>"}, attach(values)}
		got := attached(data)
		for i, v := range values {
			if got[i] != v {
				t.Errorf("%q came back as %q", v, got[i])
			}
		}
		items := r.items(data)
		if len(items) != dataFields || items[0].Key != "Customer" || items[1].Key != "UserData2" || items[0].Value != values[0] {
			t.Errorf("%+v", items)
		}
	}
	if r.items(nil) != nil || attached([]callmodel.AttachedData{{App: dataApp, Data: "{"}}) != nil {
		t.Error("no data is none")
	}
	if got := cut("äöü", 2); got != "äö" {
		t.Errorf("cut to %q", got)
	}
}
