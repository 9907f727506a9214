package ctips

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/soap"
	"strowger/switch/callmodel"
)

// Everybody can be logged out at once, however many they are and whatever waits
// for them; who is named twice is logged out once.
func TestPanicLogoutOfMany(t *testing.T) {
	t.Parallel()
	cfg := outcomeScene()
	const more = 1010
	for k := range more {
		a := cfg.Agents[1]
		a.ID, a.Number, a.Line, a.Station.Endpoint = callmodel.AgentID(fmt.Sprintf("m%d", k)), int64(100+k), fmt.Sprint(10_000+k), fmt.Sprint(10_000+k)
		cfg.Agents = append(cfg.Agents, a)
	}
	s := newStage(t, cfg)
	for k := range more {
		s.must(callmodel.Login{Agent: callmodel.AgentID(fmt.Sprintf("m%d", k)), State: callmodel.Ready})
	}
	s.sends(&PanicLogoutArgs{RequestHead: head7(), AgentLoginNameList: []string{"m0", "100", "M0"}})
	for range maxPerAgent {
		s.b.open.add(&pending{ask: ask{who: s.me, op: opHold, agent: ctitest.Anna}, want: EventTypeCallHeld, failure: FailureTypeRequestFailed})
	}
	s.sends(&PanicLogoutArgs{RequestHead: head7(), LogoutAllAgents: true})
	outcomes := map[int32]int{}
	for _, d := range s.take() {
		if d.to.request != 7 {
			continue
		}
		if _, is := d.Event.(*AgentLoginStateChangeEvent); !is {
			t.Errorf("told %T", d.Event)
		}
		outcomes[d.base().AgentID]++
	}
	for agent, n := range outcomes {
		if n != 1 {
			t.Errorf("%d outcomes for agent %d", n, agent)
		}
	}
	if len(outcomes) != more+2 {
		t.Errorf("outcomes for %d agents, want %d", len(outcomes), more+2)
	}
	err := s.ask(&PanicLogoutArgs{RequestHead: head7(), AgentLoginNameList: make([]string, maxPerClient+1)})
	if err == nil || !strings.Contains(err.Error(), "in parts") {
		t.Errorf("a list that is too long: %v", err)
	}
}

// Requests that are done, and are told when the switch's events have come so
// far, are bounded too: they come in whole while these are late.
func TestTooManyAnswersWait(t *testing.T) {
	t.Parallel()
	s := newStage(t, outcomeScene())
	sub := s.sub
	s.sub = nil // events are late
	s.must(callmodel.SetAgentState{Agent: ctitest.Bernd, State: callmodel.NotReady})
	for range 4096 {
		s.sends(&GetAgentStateArgs{agent7(1)})
	}
	var f *soap.Fault
	if err := s.ask(&GetAgentStateArgs{agent7(1)}); !errors.As(err, &f) || f.Code != soap.CodeServer || !strings.Contains(f.Text, "4096 for events of the switch") {
		t.Errorf("one too many: %v", err)
	}
	s.sub = sub
	s.take()
	s.pump()
	told := 0
	for _, d := range s.take() {
		if d.to.request == 7 {
			told++
		}
	}
	if told != 4096 {
		t.Errorf("%d answers", told)
	}
	s.sends(&GetAgentStateArgs{agent7(1)})
}

// A tenant's session can do nothing about another's call, and learns nothing of
// it: not that it is there, nor that it was routed.
func TestCallsOfOtherTenants(t *testing.T) {
	t.Parallel()
	s := newStage(t, outcomeScene())
	s.b.rules.Tenant = func(q callmodel.QueueID, a callmodel.AgentID) int32 {
		if q == "tech" || q == "" && a == ctitest.Bernd {
			return 2
		}
		return 1
	}
	one, two := s.me, &tester{2}
	s.arrive("49301000604")
	s.sends(&RouteSelectArgs{RequestHead: head7(), CallID: 1, RouteActionType: RouteToAgent, RouteDestination: "anna"})
	s.lift(ctitest.Anna)
	s.me = two
	s.take()
	s.sends(&RouteSelectArgs{RequestHead: head7(), CallID: 1, RouteActionType: RouteToAgent, RouteDestination: "bernd"})
	if got := short(s.take()); !strings.Contains(got, "UnknownReason") {
		t.Errorf("a route of another tenant's call: %s", got)
	}
	s.sends(&MakeCallArgs{CallHead: call7(2, 1), DestinationType: DestinationExternal, DestinationAddress: ctitest.Outside})
	if got := short(s.take()); strings.Contains(got, "Failed") {
		t.Errorf("a call beside another tenant's: %s", got)
	}
	s.putDown(ctitest.Bernd)

	s.me = one // anna's call to bernd is her tenant's
	s.sends(&ConsultationCallArgs{CallHead: call7(1, 1), DestinationType: DestinationExternal, DestinationAddress: s.b.dir.cfg.Agent(ctitest.Bernd).Line})
	s.lift(ctitest.Bernd)
	view, err := s.sw.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	number := int32(view.Calls[len(view.Calls)-1].Number) //nolint:gosec // a small one
	s.me = two
	s.take()
	for _, args := range []any{&GetCallDataArgs{call7(2, number)}, &HoldCallArgs{call7(2, number)}, &ClearCallArgs{call7(2, number)}, &ClearCallArgs{call7(1, 1)}} {
		s.sends(args)
		if got := short(s.take()); !strings.Contains(got, "InvalidCallId R7 alone") && !strings.Contains(got, "InvalidAgent R7 alone") || strings.Count(got, "\n") != 1 {
			t.Errorf("%T: %s", args, got)
		}
	}
	s.b.snapshot(two, []EntityType{EntityTypeAgentInfo})
	for _, d := range s.take() {
		if data := d.Event.(*SnapShotUpdateEvent).AgentData; data == nil || data.AgentLoginName != "bernd" || data.CallID != 0 {
			t.Errorf("the snapshot has %+v", data)
		}
	}
}

// Filters of agents take a login name as LoginAgent does, and a filter of what
// is not there any more can be taken away.
func TestFilterNames(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	c := r.connect()
	c.must("AddFilter", &AddFilterArgs{SessionHead: c.head(), FieldType: FieldTypeAgentID, FieldValue: "Anna"})
	r.srv.table.all()[0].wishes.add(FieldTypeServiceID, 99) // of a service that has been removed since
	c.must("DeleteFilter", &DeleteFilterArgs{SessionHead: c.head(), FieldType: FieldTypeServiceID, FieldValue: "99"})
	c.refused("no service", "DeleteFilter", &DeleteFilterArgs{SessionHead: c.head(), FieldType: FieldTypeServiceID, FieldValue: "99"})
	c.refused("INVALID", "DeleteFilter", &DeleteFilterArgs{SessionHead: c.head(), FieldValue: "99"})
	if got := r.srv.Sessions()[0].Filters; len(got) != 1 || got[0] != (Filter{FieldTypeAgentID, 1}) {
		t.Errorf("filters %v", got)
	}
	cfg := ctitest.Config()
	cfg.Agents[0].Number = 1<<32 + 7
	if n, err := agentNumber(cfg, &everything, "anna"); err == nil {
		t.Errorf("a number of more than 32 bits became %d", n)
	}
}

// What waits for one session is bounded, whoever it is about; another session
// goes on.
func TestTooManyRequestsOfASession(t *testing.T) {
	t.Parallel()
	s := newStage(t, outcomeScene())
	s.talk()
	other := &tester{1}
	for k := range maxPerClient {
		s.b.open.add(&pending{ask: ask{who: s.me, op: opHold, request: int32(k), agent: callmodel.AgentID(fmt.Sprint(k))}, want: EventTypeCallHeld, failure: FailureTypeRequestFailed}) //nolint:gosec // small
	}
	hold := &HoldCallArgs{call7(1, 1)}
	err := s.ask(hold)
	var f *soap.Fault
	if !errors.As(err, &f) || f.Code != soap.CodeServer || !strings.Contains(f.Text, "1000 of this session") || s.b.waiting() != maxPerClient {
		t.Errorf("%v, %d wait", err, s.b.waiting())
	}
	s.sends(&GetAgentStateArgs{agent7(1)}) // it waits for nothing
	s.me = other
	s.take()
	s.sends(hold)
	if got := short(s.take()); !strings.Contains(got, "CallHeld a1 s1 R7") {
		t.Errorf("another session: %s", got)
	}
}

// A session that sends many requests at once has half of the places, so that
// another one is served too.
func TestFloodOfOneSession(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) { c.MaxInFlight = 4 })
	c, other := r.connect(), r.connect()
	release := make(chan struct{})
	held := make(chan struct{}, 4)
	r.desk.before = func() { held <- struct{}{}; <-release }
	answers := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := c.ask(Namespaces{}, "HoldCall", &HoldCallArgs{CallHead{AgentHead: c.agent(1, 1), CallID: 1}})
			answers <- err
		}()
		<-held
	}
	third := make(chan error, 1)
	go func() {
		_, err := c.ask(Namespaces{}, "HoldCall", &HoldCallArgs{CallHead{AgentHead: c.agent(1, 1), CallID: 1}})
		third <- err
	}()
	select {
	case err := <-third:
		var f *soap.Fault
		if !errors.As(err, &f) || f.Code != soap.CodeServer || !strings.Contains(f.Text, "of this session at once") {
			t.Errorf("the third at once: %v", err)
		}
	case <-held:
		t.Error("the third at once is served")
	}
	other.must("AddMessageClass", &AddMessageClassArgs{SessionHead: other.head(), MessageClass: MessageClassCall})
	close(release)
	for range 2 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
	c.hold(1, 2, 2) // there is room again
	for range 3 {
		c.next(t)
		other.next(t)
	}
}
