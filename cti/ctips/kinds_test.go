package ctips

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
)

// callBack has somebody outside called for the service "support"; campaign may
// be empty.
func (s *stage) callBack(campaign string) {
	s.t.Helper()
	s.must(callmodel.CreateCallback{ID: callmodel.CallbackID{ID: s.sw.NewID()}, Number: ctitest.Outside, Queue: "support", Campaign: campaign})
}

// customer is the first connection of the newest call.
func (s *stage) customer() *callmodel.Connection {
	s.t.Helper()
	view, err := s.sw.View(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return view.Calls[len(view.Calls)-1].CallerConn()
}

func (s *stage) customerLifts() {
	s.t.Helper()
	s.sw.Lift(s.customer().ID)
	s.pump()
}

// presses has the caller of the newest call press a key in a menu.
func (s *stage) presses(digit string) {
	s.t.Helper()
	view, err := s.sw.View(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	c := view.Calls[len(view.Calls)-1]
	s.sw.Put(callmodel.DigitReceived{Channel: c.CallerConn().Channel, Collect: c.IVR.Collect, Digit: digit})
	s.pump()
}

// kindMoments are calls that nobody has made by hand, and those in menus.
func kindMoments() []outcomeCase {
	busy := func(s *stage) { s.state(ctitest.Anna, callmodel.NotReady) }
	taken := func(campaign string) func(*stage) {
		return func(s *stage) { s.callBack(campaign); s.lift(ctitest.Anna) }
	}
	talks := func(campaign string) func(*stage) {
		return func(s *stage) { taken(campaign)(s); s.customerLifts() }
	}
	return []outcomeCase{
		{name: "callback that waits for an agent", before: func(s *stage) { busy(s); s.callBack("") }},
		{name: "callback that an agent is shown", before: func(s *stage) { s.callBack("") }},
		{name: "callback, the customer is called", before: taken("")},
		{name: "callback, talking", before: talks("")},
		{name: "callback, wrap-up", before: func(s *stage) { talks("")(s); s.putDown(ctitest.Anna) }},
		{name: "campaign, shown", before: func(s *stage) { s.callBack("spring") }},
		{name: "campaign, the customer is called", before: taken("spring")},
		{name: "campaign, talking, on hold", before: func(s *stage) { talks("spring")(s); s.sends(&HoldCallArgs{call7(1, 1)}) }},
		{name: "in a menu", before: func(s *stage) { s.arrive("800") }},
		{name: "out of a menu, waiting", before: func(s *stage) { busy(s); s.arrive("800"); s.presses("1") }},
		{name: "out of a menu, ringing at an agent", before: func(s *stage) { s.arrive("800"); s.presses("2") }},
		{name: "out of a menu, talking", before: func(s *stage) { s.arrive("800"); s.presses("1"); s.lift(ctitest.Anna) }},
		{name: "consulting a menu", before: func(s *stage) {
			s.talk()
			s.sends(&ConsultationCallArgs{CallHead: call7(1, 1), DestinationType: DestinationExternal, DestinationAddress: "800"})
		}},
	}
}

// TestKinds: what is told of calls that nobody has made by hand, and of those in
// menus. A callback begins when an agent is shown it (1609).
func TestKinds(t *testing.T) {
	t.Parallel()
	shown := []string{"CallStarted", "CallConnected a1 s1", "AgentStateChange a1 PendingActive"}
	taken := append(shown[:3:3], "CallEstablished a1 s1", "AgentStateChange a1 Active", "CallOriginated a1 s1")
	for name, tt := range map[string]struct {
		run  func(*stage)
		want []string
	}{
		"callback": {func(s *stage) {
			s.callBack("")
			s.lift(ctitest.Anna)
			s.customerLifts()
			s.putDown(ctitest.Anna)
			s.wait(10 * time.Second)
		}, append(taken[:6:6], "CallEstablished a1 s1", "CallCleared a1 s1 NearEnd", "AgentStateChange a1 Wrap", "CallEnd a1 s1", "CallCompleted", "AgentStateChange a1 Idle")},
		"campaign, turned down": {func(s *stage) {
			s.callBack("spring")
			s.must(callmodel.Reject{Conn: s.conn(ctitest.Anna), Result: callmodel.ResultSkip})
		}, append(shown[:3:3], "CallCleared s1 NearEnd", "CallEnd a1 s1", "CallCompleted", "AgentStateChange a1 Idle")},
		"campaign, no answer": {func(s *stage) {
			s.callBack("spring")
			s.lift(ctitest.Anna)
			s.sw.Clear(s.customer().ID, callmodel.CauseNoAnswer)
			s.pump()
		}, append(taken[:6:6], "CallCleared a1 s1 FarEnd", "CallEnd a1 s1", "CallCompleted", "AgentStateChange a1 Idle")},
		"callback, ended before anybody was shown it": {func(s *stage) {
			s.state(ctitest.Anna, callmodel.NotReady)
			s.take()
			s.callBack("")
			view, err := s.sw.View(s.t.Context())
			if err != nil {
				s.t.Fatal(err)
			}
			s.must(callmodel.EndCall{Call: view.Calls[0].ID})
		}, nil},
		"menu": {func(s *stage) {
			s.arrive("800")
			s.presses("1")
			s.lift(ctitest.Anna)
		}, []string{"CallStarted", "CallOffered", "CallDelivered s1", "CallConnected a1 s1", "AgentStateChange a1 PendingActive", "CallEstablished a1 s1", "AgentStateChange a1 Active"}},
		"menu, the caller goes": {
			func(s *stage) { s.hangUp(s.arrive("800")) },
			[]string{"CallStarted", "CallOffered", "CallCleared FarEnd", "CallEnd", "CallCompleted"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, outcomeScene())
			s.take()
			tt.run(s)
			for _, d := range s.told {
				switch ev := d.Event.(type) {
				case *CallStartedEvent:
					if back := strings.HasPrefix(name, "ca"); back != (ev.SwitchID == 0) || back != (ev.Trunk == Trunk{}) {
						t.Errorf("it comes from %+v", ev)
					}
				case *CallOriginatedEvent:
					if ev.DestType != DestinationExternal || ev.Destination != ctitest.Outside || ev.ResourceGroupID != 1 {
						t.Errorf("it goes to %+v", ev)
					}
				case *CallConnectedEvent:
					if (ev.CallType == CallTypeOutboundAod) != strings.HasPrefix(name, "ca") {
						t.Errorf("it is %s", ev.CallType)
					}
				}
			}
			s.expects(tt.want...)
		})
	}
}

// TestDialerPreview: a customer of the dialer whom an agent sees first is told as
// a callback is.
func TestDialerPreview(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(*stage){
		"made": func(s *stage) {
			s.lift(ctitest.Anna)
			s.customerLifts()
			s.putDown(ctitest.Anna)
			s.wait(10 * time.Second)
		},
		"turned down": func(s *stage) {
			s.must(callmodel.Reject{Conn: s.conn(ctitest.Anna), Result: callmodel.ResultSkip})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var told [2][]string
			for n, begin := range []func(*stage){
				func(s *stage) { s.callBack("spring") },
				func(s *stage) {
					s.must(callmodel.Dial{Call: callmodel.CallID{ID: s.sw.NewID()}, Campaign: ctitest.Campaign, List: "l", Lead: "7", Mode: callmodel.DialPreview, Number: ctitest.Outside})
				},
			} {
				s := newStage(t, outcomeScene())
				s.take()
				begin(s)
				run(s)
				for _, d := range s.told {
					told[n] = append(told[n], fmt.Sprintf("%T", d.Event))
				}
			}
			if len(told[0]) < 5 || !slices.Equal(told[0], told[1]) {
				t.Errorf("a callback is told as %v, a preview as %v", told[0], told[1])
			}
		})
	}
}
