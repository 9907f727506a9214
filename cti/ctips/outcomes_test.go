package ctips

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/soap"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// Requests of the tests, all with number 7.
func head7() RequestHead               { return RequestHead{RequestID: 7, TenantID: 1} }
func agent7(agent int32) AgentHead     { return AgentHead{RequestHead: head7(), AgentID: agent} }
func call7(agent, call int32) CallHead { return CallHead{AgentHead: agent7(agent), CallID: call} }

// talk brings the customer to anna.
func (s *stage) talk() callmodel.CallID {
	c := s.arrive("49301000600")
	s.lift(ctitest.Anna)
	return c
}

// consulting has anna ask bernd, who answers; the consultation is call 2.
func (s *stage) consulting() callmodel.CallID {
	s.t.Helper()
	c := s.talk()
	s.sends(&ConsultationCallArgs{CallHead: call7(1, 1), DestinationType: DestinationAgent, DestinationAddress: "bernd"})
	s.lift(ctitest.Bernd)
	return c
}

// sends asks for what is understood.
func (s *stage) sends(args any) {
	s.t.Helper()
	if err := s.ask(args); err != nil {
		s.t.Fatalf("%T: %v", args, err)
	}
}

// party is the newest connection outside.
func (s *stage) party() callmodel.ConnID {
	s.t.Helper()
	view, err := s.sw.View(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	c := view.Calls[len(view.Calls)-1]
	for k := range c.Conns {
		if p := &c.Conns[k]; p.Role == callmodel.RoleParty && p.State != callmodel.Ended {
			return p.ID
		}
	}
	s.t.Fatal("nobody outside is called")
	return callmodel.ConnID{}
}

func (s *stage) state(a callmodel.AgentID, st callmodel.AgentState) {
	s.must(callmodel.SetAgentState{Agent: a, State: st})
}

// entering is anna's login that waits for its passcode.
func (s *stage) entering() *callmodel.Entering {
	s.t.Helper()
	view, err := s.sw.View(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	if view.Agents[0].Entering == nil {
		s.t.Fatal("no passcode is waited for")
	}
	return view.Agents[0].Entering
}

// types types digits at anna's phone; 999 is always wrong.
func (s *stage) types(digits string) {
	s.t.Helper()
	n := s.entering()
	if digits == "999" && n.Code == digits {
		digits = "998"
	}
	for _, d := range digits {
		s.sw.Put(callmodel.DigitReceived{Channel: n.Channel, Collect: n.Collect, Digit: string(d)})
	}
	s.pump()
}

// coded has anna away from the phone that asks for a passcode.
func coded(s *stage) { loggedOut(s) }

// outcomeScene has everything that requests can name.
func outcomeScene() *callmodel.Config {
	c := scene()
	c.Queues = append(c.Queues, c.Queues[2])
	c.Queues[4].ID, c.Queues[4].Number, c.Queues[4].Address, c.Queues[4].Overflow = "void", 5, "605", nil
	c.Stations = []callmodel.StationConfig{{ID: "desk", Number: 9, Station: callmodel.Station{Endpoint: "109", Mode: callmodel.CallOnAccept, AcceptTimeout: 5 * time.Second}}}
	c.Stations = append(c.Stations, c.Stations[0])
	c.Stations[1].ID, c.Stations[1].Number, c.Stations[1].Endpoint, c.Stations[1].Mode, c.Stations[1].Passcode = "code", 10, "110", callmodel.Handset, true
	c.Agents[0].Email = "anna@example.com"
	c.Parking = callmodel.ParkingConfig{First: "700", Places: 3, Timeout: time.Minute}
	c.Reasons = []callmodel.ReasonConfig{{ID: "lunch", Number: 7, For: "not-ready", Park: true}, {ID: "no", Number: 8, For: "reject"}}
	c.Dispositions = []callmodel.DispositionConfig{{ID: "sold", Number: 5, Success: true}}
	c.IVRs = []callmodel.IVRConfig{{ID: "main", Number: 1, Address: "800", Nodes: []callmodel.IVRNode{
		{ID: "hello", Kind: callmodel.NodeMenu, Prompts: []string{"sound:hello"}, Choices: []callmodel.IVRChoice{{Digits: "1", Next: "queue:support"}, {Digits: "2", Next: "agent:bernd"}}},
	}}}
	return c
}

// readOutcomes reads what the cases are to tell: a heading and lines each.
func readOutcomes(t *testing.T) map[string]string {
	t.Helper()
	raw, err := os.ReadFile("testdata/outcomes.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, part := range strings.Split(string(raw), "\n# ")[1:] {
		name, lines, _ := strings.Cut(part, "\n")
		out[name] = strings.TrimSpace(lines)
	}
	if len(out) != len(outcomeCases()) {
		t.Errorf("%d lists for %d cases", len(out), len(outcomeCases()))
	}
	return out
}

// TestOutcomes: what a request leads to, for everybody; R7 marks what carries
// its number.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	want := readOutcomes(t)
	for _, tt := range outcomeCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, outcomeScene())
			if tt.before != nil {
				tt.before(s)
			}
			s.take()
			if tt.ask != nil {
				s.sends(tt.ask)
			}
			if tt.after != nil {
				tt.after(s)
			}
			got := strings.TrimSpace(short(s.take()))
			if w, ok := want[tt.name]; !ok || got != w {
				t.Errorf("told\n%s\nwant\n%s", got, w)
			}
			if n := s.b.waiting(); n != tt.waits {
				t.Errorf("%d requests wait, want %d", n, tt.waits)
			}
		})
	}
}

// TestRefusedByFault: what cannot be understood is a fault, and no event follows.
func TestRefusedByFault(t *testing.T) {
	t.Parallel()
	for name, args := range map[string]any{
		"no agent":            &GetAgentStateArgs{agent7(0)},
		"a negative agent":    &LogoutAgentArgs{AgentHead: agent7(-1)},
		"no call":             &HoldCallArgs{call7(1, 0)},
		"no call to make of":  &ClearCallArgs{call7(1, -1)},
		"no name":             &LoginAgentArgs{RequestHead: head7(), AgentLoginName: " "},
		"three lines":         &LoginAgentArgs{RequestHead: head7(), AgentLoginName: "anna", MultiLine: 3},
		"no names":            &PanicLogoutArgs{RequestHead: head7()},
		"no state":            &SetAgentStateArgs{AgentHead: agent7(1)},
		"no kind":             &MakeCallArgs{CallHead: call7(1, -1), DestinationAddress: "1"},
		"21 fields":           &SetCallDataArgs{CallHead: call7(1, 1), UserData: make([]string, 21)},
		"a long field":        &SetCallDataArgs{CallHead: call7(1, 1), UserData: []string{strings.Repeat("ä", 1025)}},
		"no transfer type":    &TransferCallArgs{CallHead: call7(1, 1)},
		"no consultation":     &ConferenceCallArgs{CallHead: call7(1, 1)},
		"no call to route":    &RouteSelectArgs{RequestHead: head7(), RouteActionType: RouteToDefault},
		"no route":            &RouteSelectArgs{RequestHead: head7(), CallID: 1},
		"nothing to snapshot": &SnapshotArgs{},
		"a snapshot of what":  &SnapshotArgs{EntityType: []EntityType{EntityTypeInvalid}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, outcomeScene())
			s.talk()
			s.take()
			err := s.ask(args)
			var f *soap.Fault
			if !errors.As(err, &f) || f.Code != soap.CodeClient || f.Text == "" {
				t.Errorf("%v", err)
			}
			if len(s.told) > 0 {
				t.Errorf("told %s", short(s.told))
			}
		})
	}
}

// TestTooManyRequests: what waits is bounded, and the rest go on.
func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	s := newStage(t, outcomeScene())
	s.sw.Ignore("start-music")
	s.talk()
	for k := range maxPerAgent {
		w := &pending{ask: ask{who: s.me, op: opHold, request: int32(k), agent: ctitest.Anna}, want: EventTypeCallHeld, failure: FailureTypeRequestFailed}
		s.b.open.add(w)
	}
	err := s.ask(&LogoutAgentArgs{AgentHead: agent7(1)})
	var f *soap.Fault
	if !errors.As(err, &f) || f.Code != soap.CodeServer {
		t.Fatalf("%v", err)
	}
	s.b.forget(s.me)
	if s.b.waiting() != 0 {
		t.Errorf("%d wait for a session that is gone", s.b.waiting())
	}
	s.sends(&GetAgentStateArgs{agent7(1)})
}

// TestFailureOf: each operation has a failure for each kind of refusal.
func TestFailureOf(t *testing.T) {
	t.Parallel()
	for op := range translations {
		for kind := fault.Internal; kind <= fault.Stopped; kind++ {
			why := failureOf(op, fault.New(kind, "test", "", "why"))
			if why.kind == FailureTypeInvalid && why.reject == RejectReasonInvalid || why.reason != "why" {
				t.Errorf("%s, %s: %+v", op, kind, why)
			}
			if why.reject != RejectReasonInvalid && op != opRoute {
				t.Errorf("%s, %s: %s is about routes", op, kind, why.reject)
			}
		}
		if why := failureOf(op, t.Context().Err()); why.kind == FailureTypeInvalid {
			t.Errorf("%s: %+v", op, why)
		}
	}
	if failureOf(opHold, errors.New("what")).kind != FailureTypeInternalError {
		t.Error("an error that is no fault")
	}
}

// TestFailuresExplained: the table of causes in the documentation has every
// failure type and every reason for which a route is refused.
func TestFailuresExplained(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/adr/0027-ctips-outcomes.md")
	if err != nil {
		t.Fatal(err)
	}
	for k := FailureTypeInvalid + 1; k <= FailureTypeRequestFailed; k++ {
		if !strings.Contains(string(doc), k.String()) {
			t.Errorf("%s is not explained", k)
		}
	}
	for k := RejectReasonInvalid + 1; k <= RejectReasonUnknownReason; k++ {
		if !strings.Contains(string(doc), k.String()) {
			t.Errorf("%s is not explained", k)
		}
	}
}
