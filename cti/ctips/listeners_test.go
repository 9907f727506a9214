package ctips

import (
	"net/http"
	"runtime"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
)

// listener serves a switch that others serve too.
func listener(t *testing.T, sw *ctitest.FakeSwitch, adjust func(*Config)) *rig {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	if adjust != nil {
		adjust(&cfg)
	}
	srv, err := New(cfg, sw, nil, Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := &rig{T: t, srv: srv, url: "http://" + srv.Addr() + cfg.Path, log: &ctitest.Log{}, http: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(func() {
		_ = srv.Stop(t.Context()) // the test may have stopped it; the context is over, so nobody is waited for
		r.http.CloseIdleConnections()
	})
	return r
}

// snapshot reads what a session is told of everything.
func (c *client) snapshot(t *testing.T) (calls map[int32]CallState, agents map[int32]AgentState) {
	t.Helper()
	calls, agents = map[int32]CallState{}, map[int32]AgentState{}
	c.must("Snapshot", &SnapshotArgs{SessionHead: c.head(), EntityType: []EntityType{EntityTypeAgentInfo, EntityTypeCallInfo, EntityTypeServiceInfo}})
	for {
		e, is := c.next(t).(*SnapShotUpdateEvent)
		if !is {
			continue // what happens meanwhile
		}
		if e.CallData != nil {
			calls[e.CallData.CallID] = e.CallData.CallState
		}
		if e.AgentData != nil {
			agents[e.AgentData.AgentID] = e.AgentData.AgentState
		}
		if e.SnapShotComplete {
			return calls, agents
		}
	}
}

// until reads events up to one of a class, and returns it.
func until[E Event](t *testing.T, s *sink) E {
	t.Helper()
	for {
		if e, is := s.next(t).(E); is {
			return e
		}
	}
}

// One of two listeners is lost in mid-call: the other keeps its sessions, and a
// client that opens a session there finds the call as it was, under its CallId,
// and can go on with it.
func TestLostListener(t *testing.T) {
	t.Parallel()
	sw := ctitest.NewFakeSwitch(scene())
	t.Cleanup(sw.Stop)
	first, second := listener(t, sw, nil), listener(t, sw, nil)
	mine, other := first.connect(), second.connect()
	mine.must("LoginAgent", &LoginAgentArgs{RequestHead: mine.agent(0, 11).RequestHead, AgentLoginName: "anna", InitialState: AgentStateIdle})
	anna := until[*AgentLoginStateChangeEvent](t, mine.sink)
	if anna.RequestID != 11 || anna.AgentID != 1 || until[*AgentLoginStateChangeEvent](t, other.sink).RequestID != 0 {
		t.Errorf("login told as %+v", anna)
	}
	call := sw.Arrive("49301000600", customer, "")
	connected := until[*CallConnectedEvent](t, mine.sink)
	sw.PickUp(call)
	established := until[*CallEstablishedEvent](t, mine.sink)
	if established.CallID != connected.CallID || until[*CallEstablishedEvent](t, other.sink).CallID != connected.CallID {
		t.Error("the listeners give a call different ids")
	}
	if err := first.srv.Stop(t.Context()); err != nil {
		t.Error(err)
	}

	again := second.connect()
	again.refused("no such session", "OnLine", &OnLineArgs{mine.head()})
	calls, agents := again.snapshot(t)
	if len(calls) != 1 || calls[connected.CallID] != CallStateCallEstablished || agents[1] != AgentStateActive {
		t.Errorf("after the loss: calls %v, agents %v", calls, agents)
	}
	again.must("HoldCall", &HoldCallArgs{CallHead{AgentHead: again.agent(1, 12), CallID: connected.CallID}})
	if held := until[*CallHeldEvent](t, again.sink); held.RequestID != 12 || held.CallID != connected.CallID {
		t.Errorf("held %+v", held)
	}
	if held := until[*CallHeldEvent](t, other.sink); held.RequestID != 0 {
		t.Errorf("the other session was told %+v", held)
	}
}

// Tenants see their own agents, services and calls, in events, snapshots and
// requests.
func TestTenantsApart(t *testing.T) {
	t.Parallel()
	sw := ctitest.NewFakeSwitch(scene())
	t.Cleanup(sw.Stop)
	r := listener(t, sw, func(c *Config) {
		c.Tenants = []Tenant{
			{ID: 1, Queues: []callmodel.QueueID{"support"}, Agents: []callmodel.AgentID{"anna"}},
			{ID: 2, Queues: []callmodel.QueueID{"tech", "empty", "routed"}, Agents: []callmodel.AgentID{"bernd"}},
		}
	})
	one := r.connect()
	s := newSink(t)
	args := openArgs(s.URL)
	args.TenantIDs = []int32{2}
	two := &client{r, s, r.opens(args).SessionID, 2}
	two.all()
	two.must("OnLine", &OnLineArgs{two.head()})

	two.must("LoginAgent", &LoginAgentArgs{RequestHead: two.agent(0, 1).RequestHead, AgentLoginName: "anna", InitialState: AgentStateIdle})
	if failed := until[*AgentLoginRequestFailedEvent](t, two.sink); failed.FailureType != FailureTypeInvalidAgentName {
		t.Errorf("another tenant's agent: %+v", failed)
	}
	one.must("LoginAgent", &LoginAgentArgs{RequestHead: one.agent(0, 2).RequestHead, AgentLoginName: "anna", InitialState: AgentStateIdle})
	until[*AgentLoginStateChangeEvent](t, one.sink)
	sw.Arrive("49301000600", customer, "")
	connected := until[*CallConnectedEvent](t, one.sink)
	two.must("GetCallData", &GetCallDataArgs{CallHead{AgentHead: two.agent(1, 3), CallID: connected.CallID}})
	if failed := until[*CallRequestFailedEvent](t, two.sink); failed.RequestID != 3 || failed.FailureType == FailureTypeInvalid {
		t.Errorf("another tenant's call: %+v", failed)
	}
	calls, agents := two.snapshot(t)
	if len(calls) != 0 || len(agents) != 0 {
		t.Errorf("another tenant's snapshot has calls %v, agents %v", calls, agents)
	}
	two.refused("no agent", "AddFilter", &AddFilterArgs{SessionHead: two.head(), FieldType: FieldTypeAgentID, FieldValue: "anna"})
	for len(s.events) > 0 {
		if ev := <-s.events; Head(ev).TenantID == 1 {
			t.Errorf("tenant 2 was told %+v", ev)
		}
	}
}

// A thousand sessions a minute come and go: nothing is left behind, and the
// eleventh at a time is refused.
func TestManySessions(t *testing.T) {
	sw := ctitest.NewFakeSwitch(scene())
	t.Cleanup(sw.Stop)
	r := listener(t, sw, nil)
	s := newSink(t)
	rounds := 10
	if !testing.Short() {
		rounds = 100
	}
	began := time.Now()
	for range rounds {
		clients := make([]*client, r.srv.Config().MaxConnections)
		for i := range clients {
			clients[i] = r.opened(s)
			clients[i].must("OnLine", &OnLineArgs{clients[i].head()})
		}
		if got := r.opens(openArgs(s.URL)); got.Status != int32(StatusTooMany) {
			t.Fatalf("the eleventh: %+v", got)
		}
		for _, c := range clients {
			c.must("CloseConnection", &CloseConnectionArgs{c.id})
		}
		for len(s.started) > 0 {
			<-s.started
		}
	}
	st := r.srv.Stats()
	t.Logf("%d sessions opened and closed in %v", st.Opened, time.Since(began))
	if st.Sessions != 0 || st.Opened != uint64(10*rounds) || st.Ended[EndClosed] != st.Opened || st.Refused[StatusTooMany] != uint64(rounds) {
		t.Errorf("%+v", st)
	}
	eventually(t, "queues are gone", func() bool { return r.srv.Delivery().Lanes.Load() == 0 })
	s.left(t)
}

// A session costs less than 200 KiB with both ends of its connections, and gives
// them back.
func TestMemoryOfSessions(t *testing.T) {
	const many, most = 300, 200 << 10 // with the test's own ends of four connections each
	sw := ctitest.NewFakeSwitch(scene())
	t.Cleanup(sw.Stop)
	r := listener(t, sw, func(c *Config) { c.MaxConnections = many })
	s := newSink(t)
	used := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	r.opened(s).must("CloseConnection", &CloseConnectionArgs{r.srv.table.all()[0].id}) // what is made once
	before := used()
	clients := make([]*client, many)
	for i := range clients {
		clients[i] = r.opened(s)
		clients[i].all()
		clients[i].must("OnLine", &OnLineArgs{clients[i].head()})
	}
	open := used()
	for _, c := range clients {
		c.must("CloseConnection", &CloseConnectionArgs{c.id})
	}
	s.left(t)
	if open > before+many*most {
		t.Errorf("%d sessions took %d bytes", many, open-before)
	}
	after := open
	eventually(t, "the memory is free", func() bool { after = used(); return after < before+many*most/20 })
	t.Logf("%d bytes for each session, %d left of all", (open-min(open, before))/many, after-min(after, before))
}
