package ctips

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// recording notes the commands that a switch is given.
type recording struct {
	port.Switch
	done []callmodel.Command
}

func (r *recording) Do(ctx context.Context, cmd callmodel.Command) error {
	r.done = append(r.done, cmd)
	return r.Switch.Do(ctx, cmd)
}

// commandText shows a command. Ids of calls that are made, and who asked, are left out.
func commandText(t *testing.T, cmd callmodel.Command) string {
	t.Helper()
	raw, err := json.Marshal(cmd)
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]any{}
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	delete(m, "by")
	if _, made := m["to"]; made && cmd.Tag() != "route-select" {
		delete(m, "call")
	}
	if code, is := m["passcode"].(string); is {
		m["passcode"] = strings.Repeat("#", min(len(code), 1))
	}
	if raw, err = json.Marshal(m); err != nil {
		t.Fatal(err)
	}
	return cmd.Tag() + " " + string(raw)
}

// parameterScene has what every parameter can name.
func parameterScene() *callmodel.Config {
	c := outcomeScene()
	c.Reasons = append(c.Reasons, callmodel.ReasonConfig{ID: "home", Number: 3, For: "logout"})
	c.Dispositions = append(c.Dispositions, callmodel.DispositionConfig{ID: "lost", Number: 6})
	return c
}

// parameterCase is a request, and the commands that it is to become. conn is
// anna's newest connection, call the newest call.
type parameterCase struct {
	name   string
	before func(*stage)
	ask    any
	want   func(conn callmodel.ConnID, call callmodel.CallID) []callmodel.Command
}

// is is a list of commands.
func is(cmds ...callmodel.Command) func(callmodel.ConnID, callmodel.CallID) []callmodel.Command {
	return func(callmodel.ConnID, callmodel.CallID) []callmodel.Command { return cmds }
}

// on is a command about a connection, for a call likewise.
func on(f func(callmodel.ConnID) callmodel.Command) func(callmodel.ConnID, callmodel.CallID) []callmodel.Command {
	return func(conn callmodel.ConnID, _ callmodel.CallID) []callmodel.Command {
		return []callmodel.Command{f(conn)}
	}
}

func ofCall(f func(callmodel.CallID) callmodel.Command) func(callmodel.ConnID, callmodel.CallID) []callmodel.Command {
	return func(_ callmodel.ConnID, call callmodel.CallID) []callmodel.Command {
		return []callmodel.Command{f(call)}
	}
}

// The user data of the cases, and what is attached for it.
var (
	someFields = []string{"a", "", "c"}
	someData   = []callmodel.AttachedData{{App: dataApp, Media: dataMedia, Data: `<fields><f n="1">a</f><f n="3">c</f></fields>`}}
)

func agentParameters() []parameterCase {
	const anna, bernd = ctitest.Anna, ctitest.Bernd
	yes, no := true, false
	login := func(station string, st AgentState, lines int32) *LoginAgentArgs {
		return &LoginAgentArgs{RequestHead: head7(), AgentLoginName: "anna", StationID: station, InitialState: st, MultiLine: lines}
	}
	out := func(code int32) *LogoutAgentArgs { return &LogoutAgentArgs{AgentHead: agent7(1), ReasonCode: code} }
	set := func(st AgentState) *SetAgentStateArgs { return &SetAgentStateArgs{AgentHead: agent7(1), NewState: st} }
	dispose := func(id int32, success, noWrap bool) *SetDispositionArgs {
		return &SetDispositionArgs{CallHead: call7(1, 1), DispositionID: id, SummaryDispositionSuccessful: success, WrapNotRequired: noWrap}
	}
	gone := callmodel.SetAgentState{Agent: anna, State: callmodel.LoggedOut}
	withReason, panicked, other := gone, gone, gone
	withReason.Reason = "home"
	panicked.SkipWrapUp = true
	other.SkipWrapUp, other.Agent = true, bernd
	return []parameterCase{
		{"login at the own station, one line", loggedOut, login("", AgentStateIdle, 0), is(callmodel.Login{Agent: anna, State: callmodel.Ready, OneLine: true})},
		{"login at another, two lines, away", loggedOut, login("9", AgentStateNotReadyPark, 1), is(callmodel.Login{Agent: anna, Station: "desk", State: callmodel.NotReady, Reason: "lunch"})},
		{"login, not ready", loggedOut, login("desk", AgentStateNotReady, 1), is(callmodel.Login{Agent: anna, Station: "desk", State: callmodel.NotReady})},
		{"login where a passcode is asked for", loggedOut, login("code", AgentStateIdle, 1), is(callmodel.Login{Agent: anna, Station: "code", State: callmodel.Ready, Passcode: "000"})},
		{"logout", nil, out(0), is(gone)},
		{"logout, -1 is no reason", nil, out(-1), is(gone)},
		{"logout for a reason", nil, out(3), is(withReason)},
		{"logout for a reason of something else", nil, out(7), is(gone)},
		{"panic logout by names", nil, &PanicLogoutArgs{RequestHead: head7(), AgentLoginNameList: []string{"anna"}}, is(panicked)},
		{"panic logout of all", nil, &PanicLogoutArgs{RequestHead: head7(), LogoutAllAgents: true}, is(panicked, other)},
		{"ready", nil, set(AgentStateIdle), is(callmodel.SetAgentState{Agent: anna, State: callmodel.Ready})},
		{"not ready", nil, set(AgentStateNotReady), is(callmodel.SetAgentState{Agent: anna, State: callmodel.NotReady})},
		{"away", nil, set(AgentStateNotReadyPark), is(callmodel.SetAgentState{Agent: anna, State: callmodel.NotReady, Reason: "lunch"})},
		{"wrap-up after the call", talking, set(AgentStateWrap), on(func(c callmodel.ConnID) callmodel.Command { return callmodel.RequireWrapUp{Conn: c} })},
		{"what is the state", nil, &GetAgentStateArgs{agent7(1)}, is()},
		{"result", talking, dispose(5, true, false), on(func(c callmodel.ConnID) callmodel.Command {
			return callmodel.SetDisposition{Conn: c, Codes: []string{"sold"}, Success: &yes}
		})},
		{"another result, no wrap-up", talking, dispose(6, false, true), on(func(c callmodel.ConnID) callmodel.Command {
			return callmodel.SetDisposition{Conn: c, Codes: []string{"lost"}, Success: &no, NoWrapUp: true}
		})},
	}
}

func callParameters() []parameterCase {
	ringing := func(s *stage) { s.arrive("49301000600") }
	atDesk := func(s *stage) {
		loggedOut(s)
		s.must(callmodel.Login{Agent: ctitest.Anna, Station: "desk", State: callmodel.Ready})
		ringing(s)
	}
	turnDown := func(code int32) *AcceptCallArgs { return &AcceptCallArgs{CallHead: call7(1, 1), RejectReason: code} }
	held := func(s *stage) { s.talk(); s.sends(&HoldCallArgs{call7(1, 1)}) }
	data := func(v []string) *SetCallDataArgs { return &SetCallDataArgs{CallHead: call7(1, 1), UserData: v} }
	attachedAs := func(d []callmodel.AttachedData) func(callmodel.ConnID) callmodel.Command {
		return func(c callmodel.ConnID) callmodel.Command { return callmodel.SetData{Conn: c, Entries: d} }
	}
	return []parameterCase{
		{"accept", atDesk, &AcceptCallArgs{CallHead: call7(1, 1), AcceptCall: true, RejectReason: 8}, on(func(c callmodel.ConnID) callmodel.Command { return callmodel.Accept{Conn: c} })},
		{"turn down", ringing, turnDown(-1), on(func(c callmodel.ConnID) callmodel.Command { return callmodel.Reject{Conn: c} })},
		{"turn down for a reason", ringing, turnDown(8), on(func(c callmodel.ConnID) callmodel.Command { return callmodel.Reject{Conn: c, Reason: "no"} })},
		{"clear", talking, &ClearCallArgs{call7(1, 1)}, on(func(c callmodel.ConnID) callmodel.Command { return callmodel.Drop{Conn: c} })},
		{"hold", talking, &HoldCallArgs{call7(1, 1)}, on(func(c callmodel.ConnID) callmodel.Command { return callmodel.HoldCall{Conn: c} })},
		{"retrieve", held, &RetrieveCallArgs{call7(1, 1)}, on(func(c callmodel.ConnID) callmodel.Command { return callmodel.Retrieve{Conn: c} })},
		{"digits", talking, &SendDTMFDigitsArgs{CallHead: call7(1, 1), DTMFDigits: " 12# "}, on(func(c callmodel.ConnID) callmodel.Command { return callmodel.SendDigits{Conn: c, Digits: "12#"} })},
		{"data", talking, data(someFields), on(attachedAs(someData))},
		{"data that is left as it is", talking, data(nil), on(attachedAs(nil))},
		{"data that is taken away", talking, data([]string{}), on(attachedAs([]callmodel.AttachedData{{App: dataApp}}))},
		{"which data", talking, &GetCallDataArgs{call7(1, 1)}, is()},
	}
}

func dialParameters() []parameterCase {
	const anna = ctitest.Anna
	toAgent, toService := callmodel.Dest{Kind: callmodel.DestAgent, Value: "bernd"}, callmodel.Dest{Kind: callmodel.DestQueue, Value: "tech"}
	toNumber := callmodel.Dest{Kind: callmodel.DestNumber, Value: ctitest.Outside}
	pair := func(s *stage) { s.consulting() }
	asked := func(s *stage) { s.arrive("49301000604") }
	dial := func(kind DestinationType, address string, service int32, wrap bool) *MakeCallArgs {
		return &MakeCallArgs{CallHead: call7(1, noCall), DestinationType: kind, DestinationAddress: address, ServiceID: service, WrapState: wrap}
	}
	consult := func(kind DestinationType, address string) *ConsultationCallArgs {
		return &ConsultationCallArgs{CallHead: call7(1, 1), DestinationType: kind, DestinationAddress: address, UserData: someFields}
	}
	consults := func(to callmodel.Dest) func(callmodel.ConnID, callmodel.CallID) []callmodel.Command {
		return on(func(c callmodel.ConnID) callmodel.Command { return callmodel.Consult{Conn: c, To: to, Data: someData} })
	}
	blind := func(kind DestinationType, address string) *TransferCallArgs {
		return &TransferCallArgs{CallHead: call7(1, 1), TransferType: TransferTypeBlind, DestinationType: kind, DestinationAddress: address, UserData: someFields}
	}
	transfers := func(to callmodel.Dest) func(callmodel.ConnID, callmodel.CallID) []callmodel.Command {
		return on(func(c callmodel.ConnID) callmodel.Command {
			return callmodel.BlindTransfer{Conn: c, To: to, Data: someData}
		})
	}
	route := func(kind RouteType, address string) *RouteSelectArgs {
		return &RouteSelectArgs{RequestHead: head7(), CallID: 1, RouteActionType: kind, RouteDestination: address, UserData: someFields}
	}
	routes := func(to callmodel.Dest) func(callmodel.ConnID, callmodel.CallID) []callmodel.Command {
		return ofCall(func(c callmodel.CallID) callmodel.Command {
			return callmodel.RouteSelect{Call: c, To: to, Data: someData}
		})
	}
	return []parameterCase{
		{"make a call to an agent", nil, dial(DestinationAgent, "2", 0, false), is(callmodel.MakeCall{Agent: anna, To: toAgent})},
		{"make a call to a service", nil, dial(DestinationService, "2", 1, false), is(callmodel.MakeCall{Agent: anna, To: toService})},
		{"make a call outside for a service, out of wrap-up", nil, dial(DestinationExternal, ctitest.Outside, 1, true), is(callmodel.MakeCall{Agent: anna, To: toNumber, Queue: "support", InWrapUp: true})},
		{"consult an agent", talking, consult(DestinationAgent, "bernd"), consults(toAgent)},
		{"consult a service", talking, consult(DestinationService, "2"), consults(toService)},
		{"consult outside", talking, consult(DestinationExternal, ctitest.Outside), consults(toNumber)},
		{"transfer to an agent", talking, blind(DestinationAgent, "bernd"), transfers(toAgent)},
		{"transfer to a service", talking, blind(DestinationService, "tech"), transfers(toService)},
		{"transfer outside", talking, blind(DestinationExternal, ctitest.Outside), transfers(toNumber)},
		{"transfer to who was consulted", pair, &TransferCallArgs{CallHead: call7(1, 1), TransferType: TransferTypeConsultation, ConsultationCallID: 2, UserData: someFields}, nil},
		{"conference", pair, &ConferenceCallArgs{CallHead: call7(1, 1), ConsultationCallID: 2}, nil},
		{"route to an agent", asked, route(RouteToAgent, "bernd"), routes(toAgent)},
		{"route to a service", asked, route(RouteToService, "2"), routes(toService)},
		{"route outside", asked, route(RouteToExternal, ctitest.Outside), routes(toNumber)},
		{"route as configured", asked, route(RouteToDefault, "2"), ofCall(func(c callmodel.CallID) callmodel.Command { return callmodel.RouteReject{Call: c} })},
	}
}

// TestParameters: every parameter of every request about agents, calls and
// routes reaches the switch as what it means there.
func TestParameters(t *testing.T) {
	t.Parallel()
	for _, list := range [][]parameterCase{agentParameters(), callParameters(), dialParameters()} {
		for _, tt := range list {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, parameterScene())
				if tt.before != nil {
					tt.before(s)
				}
				conn, call := s.newest()
				if tt.want == nil {
					tt.want = s.ofPair(tt.ask)
				}
				want := tt.want(conn, call)
				sw := &recording{Switch: s.sw}
				s.r.sw = sw
				s.sends(tt.ask)
				if len(sw.done) != len(want) {
					t.Fatalf("%d commands %+v, want %d", len(sw.done), sw.done, len(want))
				}
				for i := range want {
					if got, want := commandText(t, sw.done[i]), commandText(t, want[i]); got != want {
						t.Errorf("%s\nwant %s", got, want)
					}
				}
			})
		}
	}
}

// newest are anna's newest connection and the newest call, where there are any.
func (s *stage) newest() (conn callmodel.ConnID, call callmodel.CallID) {
	for _, c := range s.view().Calls {
		call = c.ID
		for k := range c.Conns {
			if p := &c.Conns[k]; p.Agent == ctitest.Anna && p.State != callmodel.Ended {
				conn = p.ID
			}
		}
	}
	return conn, call
}

// ofPair is a request about a call and its consultation: the command is about
// the call with the customer.
func (s *stage) ofPair(ask any) func(callmodel.ConnID, callmodel.CallID) []callmodel.Command {
	held := s.view().Calls[0].Conns
	for k := range held {
		if held[k].Agent != ctitest.Anna {
			continue
		}
		if _, joined := ask.(*ConferenceCallArgs); joined {
			return is(callmodel.Conference{Conn: held[k].ID})
		}
		return is(callmodel.Transfer{Conn: held[k].ID, Data: someData})
	}
	s.t.Fatal("anna has no call")
	return nil
}

func (s *stage) view() *callmodel.View {
	s.t.Helper()
	v, err := s.sw.View(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}
