package ctips

import (
	"time"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// outcomeCase is a request; testdata/outcomes.txt has what is told from it on.
type outcomeCase struct {
	name   string
	before func(*stage)
	ask    any
	after  func(*stage)
	waits  int // requests without an outcome at the end
}

func loggedOut(s *stage) { s.state(ctitest.Anna, callmodel.LoggedOut) }
func talking(s *stage)   { s.talk() }

func outcomeCases() []outcomeCase {
	var all []outcomeCase
	for _, list := range [][]outcomeCase{loginCases(), stateCases(), callCases(), pairCases(), dialCases(), routeCases(), outsideCases(), systemCases()} {
		all = append(all, list...)
	}
	return all
}

func loginCases() []outcomeCase {
	const out = ctitest.Anna
	login := func(name, station string, st AgentState) *LoginAgentArgs {
		return &LoginAgentArgs{RequestHead: head7(), AgentLoginName: name, StationID: station, InitialState: st}
	}
	return []outcomeCase{
		{name: "login", before: loggedOut, ask: login("anna", "", AgentStateIdle)},
		{name: "login by number, away, at another station", before: loggedOut, ask: login("1", "9", AgentStateNotReadyPark)},
		{name: "login at the agent's own line", before: loggedOut, ask: login("ANNA", "101", AgentStateInvalid)},
		{name: "login of nobody", ask: login("nobody", "", AgentStateIdle)},
		{name: "login twice", ask: login("anna", "", AgentStateIdle)},
		{name: "login at no station", before: loggedOut, ask: login("anna", "77", AgentStateIdle)},
		{name: "login at a taken station", before: func(s *stage) {
			loggedOut(s)
			s.state(ctitest.Bernd, callmodel.LoggedOut)
			s.must(callmodel.Login{Agent: ctitest.Bernd, Station: "desk"})
		}, ask: login("anna", "desk", AgentStateIdle)},
		{name: "login in a call", before: loggedOut, ask: login("anna", "", AgentStateActive)},
		{name: "login, the switch is busy", before: func(s *stage) {
			loggedOut(s)
			s.sw.Fail(fault.New(fault.Unavailable, "do", "", "no server"))
			s.sub = nil
		}, ask: login("anna", "", AgentStateIdle), after: func(s *stage) { s.sw.Fail(nil) }},
		{name: "login with a passcode", before: coded, ask: login("anna", "code", AgentStateIdle), after: func(s *stage) {
			s.sw.Put(callmodel.ChannelUp{Node: ctitest.Node, Channel: s.entering().Channel})
			s.pump()
			s.types("999")
			s.types(s.entering().Code)
		}},
		{name: "login with a passcode that is wrong", before: coded, ask: login("anna", "code", AgentStateIdle), after: func(s *stage) {
			s.sw.Put(callmodel.ChannelUp{Node: ctitest.Node, Channel: s.entering().Channel})
			s.pump()
			for range callmodel.PasscodeTries {
				s.types("999")
			}
		}},
		{name: "login with a passcode, the phone is not answered", before: coded, ask: login("anna", "code", AgentStateIdle), after: func(s *stage) { s.wait(callmodel.PasscodeTime) }},
		{name: "login with a passcode, and another one", before: coded, ask: login("anna", "code", AgentStateIdle), after: func(s *stage) {
			a := login("anna", "code", AgentStateIdle)
			a.RequestID = 8
			s.sends(a)
		}, waits: 1},
		{name: "logout", ask: &LogoutAgentArgs{AgentHead: agent7(1), ReasonCode: 3}},
		{name: "logout of who is out", before: loggedOut, ask: &LogoutAgentArgs{AgentHead: agent7(1)}},
		{name: "logout of nobody", ask: &LogoutAgentArgs{AgentHead: agent7(99)}},
		{name: "logout in a call", before: talking, ask: &LogoutAgentArgs{AgentHead: agent7(1)}, after: func(s *stage) {
			s.putDown(ctitest.Anna)
			s.wait(10 * time.Second)
		}},
		{name: "panic logout", before: talking, ask: &PanicLogoutArgs{RequestHead: head7(), LogoutAllAgents: true}, after: func(s *stage) { s.putDown(ctitest.Anna) }},
		{name: "panic logout by names", before: loggedOut, ask: &PanicLogoutArgs{RequestHead: head7(), AgentLoginNameList: []string{"anna", "bernd", "nobody"}}},
		{name: "panic logout of nobody", before: func(s *stage) {
			s.state(out, callmodel.LoggedOut)
			s.state(ctitest.Bernd, callmodel.LoggedOut)
		}, ask: &PanicLogoutArgs{RequestHead: head7(), LogoutAllAgents: true}},
	}
}

// wrapUp is anna's work after a call.
func wrapUp(s *stage) { s.hangUp(s.talk()) }

func stateCases() []outcomeCase {
	set := func(st AgentState) *SetAgentStateArgs { return &SetAgentStateArgs{AgentHead: agent7(1), NewState: st} }
	dispose := func(n int32) *SetDispositionArgs { return &SetDispositionArgs{CallHead: call7(1, 1), DispositionID: n} }
	return []outcomeCase{
		{name: "not ready", ask: set(AgentStateNotReady)},
		{name: "away", ask: set(AgentStateNotReadyPark)},
		{name: "ready already", ask: set(AgentStateIdle)},
		{name: "not ready after the call", before: talking, ask: set(AgentStateNotReady), after: func(s *stage) {
			s.putDown(ctitest.Anna)
			s.wait(10 * time.Second)
		}},
		{name: "replaced by a later one", before: talking, ask: set(AgentStateNotReady), after: func(s *stage) {
			a := set(AgentStateIdle)
			a.RequestID = 8
			s.sends(a)
		}, waits: 1},
		{name: "another state is set meanwhile", before: talking, ask: set(AgentStateNotReady), after: func(s *stage) { s.state(ctitest.Anna, callmodel.Ready) }},
		{name: "another reason comes first", before: func(s *stage) { s.arrive(ctitest.Queue) }, ask: set(AgentStateNotReadyPark), after: func(s *stage) { s.wait(ctitest.RingTimeout) }},
		{name: "out of wrap-up", before: wrapUp, ask: set(AgentStateIdle)},
		{name: "out of wrap-up, where another state was to follow", before: func(s *stage) {
			wrapUp(s)
			s.state(ctitest.Anna, callmodel.NotReady)
		}, ask: set(AgentStateIdle)},
		{name: "wrap-up wanted", before: talking, ask: set(AgentStateWrap), after: func(s *stage) { s.putDown(ctitest.Anna) }},
		{name: "in wrap-up already", before: wrapUp, ask: set(AgentStateWrap)},
		{name: "wrap-up without a call", ask: set(AgentStateWrap)},
		{name: "a state that follows from calls", ask: set(AgentStateActive)},
		{name: "state of nobody", ask: &SetAgentStateArgs{AgentHead: agent7(99), NewState: AgentStateIdle}},
		{name: "what is the state", before: talking, ask: &GetAgentStateArgs{agent7(1)}},
		{name: "state of who is out", before: loggedOut, ask: &GetAgentStateArgs{agent7(1)}},
		{name: "result in wrap-up", before: wrapUp, ask: dispose(5)},
		{name: "result in the call", before: talking, ask: dispose(5), after: func(s *stage) { s.putDown(ctitest.Anna) }},
		{name: "no such result", before: wrapUp, ask: dispose(6)},
		{name: "result of no call", ask: dispose(5)},
	}
}

func callCases() []outcomeCase {
	ringing := func(s *stage) { s.arrive("49301000600") }
	atDesk := func(s *stage) {
		loggedOut(s)
		s.must(callmodel.Login{Agent: ctitest.Anna, Station: "desk", State: callmodel.Ready})
		s.arrive("49301000600")
	}
	digits := func(d string) *SendDTMFDigitsArgs { return &SendDTMFDigitsArgs{CallHead: call7(1, 1), DTMFDigits: d} }
	data := func(v ...string) *SetCallDataArgs { return &SetCallDataArgs{CallHead: call7(1, 1), UserData: v} }
	return []outcomeCase{
		{name: "accept", before: atDesk, ask: &AcceptCallArgs{CallHead: call7(1, 1), AcceptCall: true}},
		{name: "accept at a handset", before: ringing, ask: &AcceptCallArgs{CallHead: call7(1, 1), AcceptCall: true}},
		{name: "accept, the phone does not answer", before: func(s *stage) {
			s.sw.Ignore("originate")
			atDesk(s)
		}, ask: &AcceptCallArgs{CallHead: call7(1, 1), AcceptCall: true}, after: func(s *stage) { s.wait(6 * time.Second) }},
		{name: "turned down", before: ringing, ask: &AcceptCallArgs{CallHead: call7(1, 1), RejectReason: 8}},
		{name: "turned down for no reason that is known", before: ringing, ask: &AcceptCallArgs{CallHead: call7(1, 1), RejectReason: 9}},
		{name: "hold", before: talking, ask: &HoldCallArgs{call7(1, 1)}},
		{name: "hold another's call", before: talking, ask: &HoldCallArgs{call7(2, 1)}},
		{name: "hold twice", before: func(s *stage) { s.talk(); s.sends(&HoldCallArgs{call7(1, 1)}) }, ask: &HoldCallArgs{call7(1, 1)}},
		{name: "retrieve", before: func(s *stage) { s.talk(); s.sends(&HoldCallArgs{call7(1, 1)}) }, ask: &RetrieveCallArgs{call7(1, 1)}},
		{name: "retrieve what is not held", before: talking, ask: &RetrieveCallArgs{call7(1, 1)}},
		{name: "hold that is not done in time", before: func(s *stage) { s.talk(); s.sw.Ignore("leave") }, ask: &HoldCallArgs{call7(1, 1)}, after: func(s *stage) {
			s.now = s.now.Add(31 * time.Second)
			s.b.expire()
		}},
		{name: "digits", before: talking, ask: digits("12#")},
		{name: "digits that there are not", before: talking, ask: digits("12x")},
		{name: "digits in no call", ask: digits("1")},
		{name: "data", before: talking, ask: data("a", "b")},
		{name: "the same data", before: func(s *stage) { s.talk(); s.sends(data("a")) }, ask: data("a")},
		{name: "too much data", before: func(s *stage) { s.talk(); s.b.dir.cfg.AttachedMax = 20 }, ask: data("a")},
		{name: "data of no call", ask: data("a")},
		{name: "which data", before: func(s *stage) { s.talk(); s.sends(data("a")) }, ask: &GetCallDataArgs{call7(1, 1)}},
		{name: "no data", before: talking, ask: &GetCallDataArgs{call7(1, 1)}},
		{name: "clear", before: talking, ask: &ClearCallArgs{call7(1, 1)}},
		{name: "clear what rings", before: ringing, ask: &ClearCallArgs{call7(1, 1)}},
		{name: "clear no call", ask: &ClearCallArgs{call7(1, 1)}},
	}
}

func pairCases() []outcomeCase {
	pair := func(s *stage) { s.consulting() }
	conference := func(s *stage) {
		s.consulting()
		s.sends(&ConferenceCallArgs{CallHead: call7(1, 1), ConsultationCallID: 2})
	}
	return []outcomeCase{
		{name: "conference of no pair", before: talking, ask: &ConferenceCallArgs{CallHead: call7(1, 1), ConsultationCallID: 2}},
		{name: "conference before the other answers", before: func(s *stage) {
			s.talk()
			s.sends(&ConsultationCallArgs{CallHead: call7(1, 1), DestinationType: DestinationAgent, DestinationAddress: "bernd"})
		}, ask: &ConferenceCallArgs{CallHead: call7(1, 1), ConsultationCallID: 2}, waits: 1},
		{name: "consultation outside, for a service", before: talking, ask: &ConsultationCallArgs{
			CallHead: call7(1, 1), DestinationType: DestinationExternal, DestinationAddress: ctitest.Outside, ServiceID: 2,
		}, waits: 1},
		{name: "consultation of an agent, for a service", before: talking, ask: &ConsultationCallArgs{
			CallHead: call7(1, 1), DestinationType: DestinationAgent, DestinationAddress: "bernd", ServiceID: 2,
		}, after: func(s *stage) { s.lift(ctitest.Bernd); s.putDown(ctitest.Bernd) }},
		{name: "consultation for no such service", before: talking, ask: &ConsultationCallArgs{
			CallHead: call7(1, 1), DestinationType: DestinationAgent, DestinationAddress: "bernd", ServiceID: 99,
		}},
		{name: "the customer's leg of a conference", before: conference, ask: &ClearCallArgs{call7(1, 1)}},
		{name: "the consulted leg of a conference", before: conference, ask: &ClearCallArgs{call7(1, 2)}},
		{name: "another's leg of a conference", before: conference, ask: &ClearCallArgs{call7(2, 1)}},
		{name: "the consultation alone", before: pair, ask: &ClearCallArgs{call7(1, 2)}},
		{name: "the consulted one hangs up", before: pair, after: func(s *stage) { s.putDown(ctitest.Bernd) }},
		{name: "transfer before the other answers", before: func(s *stage) {
			s.talk()
			s.sends(&ConsultationCallArgs{CallHead: call7(1, 1), DestinationType: DestinationAgent, DestinationAddress: "bernd"})
		}, ask: func() any {
			a := &TransferCallArgs{CallHead: call7(1, 1), ConsultationCallID: 2, TransferType: TransferTypeConsultation}
			a.RequestID = 8
			return a
		}()},
		{name: "transfer when the customer has gone", before: func(s *stage) { s.hangUp(s.consulting()) }, ask: &TransferCallArgs{
			CallHead: call7(1, 1), ConsultationCallID: 2, TransferType: TransferTypeConsultation,
		}},
		{name: "conference when the customer has gone", before: func(s *stage) { s.hangUp(s.consulting()) }, ask: &ConferenceCallArgs{CallHead: call7(1, 1), ConsultationCallID: 2}},
		{name: "transfer of a call that has just ended", before: func(s *stage) {
			c := s.talk()
			s.sub = nil // its events have not arrived
			s.hangUp(c)
			s.wait(time.Minute)
		}, ask: &TransferCallArgs{CallHead: call7(1, 1), TransferType: TransferTypeBlind, DestinationType: DestinationAgent, DestinationAddress: "2"}},
		{name: "consultation for no service", before: talking, ask: &ConsultationCallArgs{
			CallHead: call7(1, 1), DestinationType: DestinationAgent, DestinationAddress: "bernd", ServiceID: 99,
		}},
		{name: "blind transfer nowhere", before: talking, ask: &TransferCallArgs{CallHead: call7(1, 1), TransferType: TransferTypeBlind, DestinationType: DestinationService, DestinationAddress: "99"}},
		{name: "blind transfer with data", before: talking, ask: &TransferCallArgs{
			CallHead: call7(1, 1), TransferType: TransferTypeBlind, DestinationType: DestinationAgent, DestinationAddress: "2", UserData: []string{"x"},
		}},
	}
}

func dialCases() []outcomeCase {
	dial := func(kind DestinationType, to string) *MakeCallArgs {
		return &MakeCallArgs{CallHead: call7(1, noCall), DestinationType: kind, DestinationAddress: to}
	}
	outside := func(s *stage) { s.lift(ctitest.Anna) }
	gone := func(cause callmodel.Cause) func(*stage) {
		return func(s *stage) {
			outside(s)
			s.sw.Clear(s.party(), cause)
			s.pump()
		}
	}
	out := dial(DestinationExternal, ctitest.Outside)
	return []outcomeCase{
		{name: "outside", ask: out, after: func(s *stage) {
			outside(s)
			s.sw.Lift(s.party())
			s.pump()
		}},
		{name: "outside, busy", ask: out, after: gone(callmodel.CauseBusy)},
		{name: "outside, no answer", ask: out, after: gone(callmodel.CauseNoAnswer)},
		{name: "outside, no such number", ask: out, after: gone(callmodel.CauseUnallocated)},
		{name: "outside, congestion", ask: out, after: gone(callmodel.CauseCongestion)},
		{name: "the agent gives up", ask: out, after: func(s *stage) { s.putDown(ctitest.Anna) }},
		{name: "for a service", ask: func() any {
			a := dial(DestinationExternal, ctitest.Outside)
			a.ServiceID = 1
			return a
		}(), waits: 1},
		{name: "a service that ServiceId names", ask: func() any {
			a := dial(DestinationService, "")
			a.ServiceID = 2
			return a
		}(), waits: 1},
		{name: "a call that is parked", before: func(s *stage) {
			s.talk()
			s.sends(&TransferCallArgs{CallHead: call7(1, 1), TransferType: TransferTypeBlind, DestinationType: DestinationExternal, DestinationAddress: "700"})
			s.wait(10 * time.Second)
		}, ask: dial(DestinationExternal, "700"), after: outside},
		{name: "who is out, by number", before: func(s *stage) { s.state(ctitest.Bernd, callmodel.LoggedOut) }, ask: dial(DestinationExternal, "102")},
		{name: "a service that nobody serves, by number", ask: dial(DestinationExternal, "605")},
		{name: "for no such service", ask: func() any {
			a := dial(DestinationExternal, ctitest.Outside)
			a.ServiceID = 99
			return a
		}()},
		{name: "no number", ask: dial(DestinationExternal, "not a number")},
		{name: "no route", ask: dial(DestinationExternal, "+43123456")},
		{name: "nobody", ask: dial(DestinationAgent, "nobody")},
		{name: "who is out", before: func(s *stage) { s.state(ctitest.Bernd, callmodel.LoggedOut) }, ask: dial(DestinationAgent, "bernd")},
		{name: "no service", ask: dial(DestinationService, "99")},
		{name: "a service that nobody serves", ask: dial(DestinationService, "5")},
		{name: "nowhere", ask: dial(DestinationNone, "")},
		{name: "too many calls", before: func(s *stage) { s.b.dir.cfg.MaxCalls = 1; s.arrive("49301000604") }, ask: out},
		{name: "while in a call", before: talking, ask: dial(DestinationAgent, "bernd")},
		{name: "in wrap-up", before: wrapUp, ask: out},
		{name: "out of a wrap-up", before: wrapUp, ask: func() any {
			a := dial(DestinationExternal, ctitest.Outside)
			a.WrapState = true
			return a
		}(), after: func(s *stage) {
			outside(s)
			s.sw.Lift(s.party())
			s.pump()
		}},
		{name: "from a call", before: talking, ask: &MakeCallArgs{CallHead: call7(1, 1), DestinationType: DestinationAgent, DestinationAddress: "bernd"}},
	}
}

func routeCases() []outcomeCase {
	asked := func(s *stage) { s.arrive("49301000604") }
	sel := func(how RouteType, to string) *RouteSelectArgs {
		return &RouteSelectArgs{RequestHead: head7(), CallID: 1, RouteActionType: how, RouteDestination: to}
	}
	return []outcomeCase{
		{name: "route to an agent", before: asked, ask: sel(RouteToAgent, "bernd")},
		{name: "route outside", before: asked, ask: sel(RouteToExternal, ctitest.Outside)},
		{name: "route to the default", before: asked, ask: sel(RouteToDefault, "")},
		{name: "route to no number", before: asked, ask: sel(RouteToExternal, "not a number")},
		{name: "route to a menu", before: asked, ask: sel(RouteTypeIvr, "1")},
		{name: "route to who is busy", before: func(s *stage) { s.state(ctitest.Bernd, callmodel.NotReady); asked(s) }, ask: sel(RouteToAgent, "2")},
		{name: "route to who is out", before: func(s *stage) { s.state(ctitest.Bernd, callmodel.LoggedOut); asked(s) }, ask: sel(RouteToAgent, "2")},
		{name: "route twice", before: func(s *stage) { asked(s); s.sends(sel(RouteToService, "1")) }, ask: sel(RouteToService, "1")},
		{name: "route too late", before: func(s *stage) { asked(s); s.wait(5 * time.Second) }, ask: sel(RouteToService, "1")},
		{name: "route of who has gone", before: func(s *stage) { s.hangUp(s.arrive("49301000604")) }, ask: sel(RouteToService, "1")},
		{name: "route of a call that was never asked about", before: talking, ask: sel(RouteToService, "1")},
		{name: "route while the switch is busy", before: func(s *stage) {
			asked(s)
			s.sub = nil
			s.sw.Fail(fault.New(fault.Busy, "do", "", "too many commands"))
		}, ask: sel(RouteToService, "1")},
	}
}

func outsideCases() []outcomeCase {
	passed := func(s *stage) {
		s.sends(&MakeCallArgs{CallHead: call7(1, noCall), DestinationType: DestinationAgent, DestinationAddress: "bernd"})
		s.lift(ctitest.Anna)
		s.lift(ctitest.Bernd)
	}
	blind := &TransferCallArgs{CallHead: call7(2, 1), DestinationType: DestinationExternal, DestinationAddress: ctitest.Outside, TransferType: TransferTypeBlind}
	end := func(s *stage) {
		view, err := s.sw.View(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		s.must(callmodel.EndCall{Cmd: callmodel.Cmd{By: "boss"}, Call: view.Calls[0].ID})
	}
	return []outcomeCase{
		{name: "a call inside that is passed outside", before: passed, ask: blind},
		{name: "a call outside that is passed outside", before: func(s *stage) {
			s.sends(&MakeCallArgs{CallHead: call7(1, noCall), DestinationType: DestinationExternal, DestinationAddress: ctitest.Outside})
			s.lift(ctitest.Anna)
			s.sw.Lift(s.party())
			s.pump()
		}, ask: &TransferCallArgs{CallHead: call7(1, 1), DestinationType: DestinationExternal, DestinationAddress: ctitest.Outside, TransferType: TransferTypeBlind}},
		{name: "a call that was being made when the picture was taken", before: func(s *stage) {
			s.sends(&MakeCallArgs{CallHead: call7(1, noCall), DestinationType: DestinationExternal, DestinationAddress: ctitest.Outside})
			s.watch()
		}, after: func(s *stage) { s.lift(ctitest.Anna) }, waits: 1},
		{name: "a supervisor ends a call", before: talking, after: end},
		{name: "a supervisor ends a call that waits", before: func(s *stage) { s.arrive("49301000604") }, after: end},
	}
}

func systemCases() []outcomeCase {
	all := []EntityType{EntityTypeAgentInfo, EntityTypeCallInfo, EntityTypeServiceInfo}
	return []outcomeCase{
		{name: "snapshot", before: talking, ask: &SnapshotArgs{SessionHead: SessionHead{TenantID: 1}, EntityType: all}},
		{name: "snapshot of nothing", ask: &SnapshotArgs{SessionHead: SessionHead{TenantID: 1}, EntityType: []EntityType{EntityTypeCallInfo}}},
		{name: "snapshot while events are missed", before: func(s *stage) { s.b.interrupted(nil) }, ask: &SnapshotArgs{EntityType: all}},
		{name: "the server goes and comes back", after: func(s *stage) {
			s.sw.Put(callmodel.NodeDown{Node: ctitest.Node, Cause: "test"})
			s.pump()
			s.sw.Put(callmodel.Resync{Node: ctitest.Node, Epoch: "1", AsOf: s.sw.Instant()})
			s.pump()
		}},
		{name: "asked while events are missed", before: func(s *stage) {
			s.b.interrupted(nil)
			s.sub = nil
		}, ask: &MakeCallArgs{CallHead: call7(1, noCall), DestinationType: DestinationAgent, DestinationAddress: "bernd"}, after: func(s *stage) { s.watch() }},
		{name: "events are missed", before: func(s *stage) {
			s.talk()
			s.sends(&SetAgentStateArgs{AgentHead: agent7(1), NewState: AgentStateNotReady})
		}, after: func(s *stage) {
			s.b.interrupted(nil)
			s.watch()
		}},
	}
}
