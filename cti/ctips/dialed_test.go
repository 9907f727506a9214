package ctips

import (
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
)

// dial has a customer of a campaign of the service "support" called.
func (s *stage) dial() {
	s.t.Helper()
	s.must(callmodel.Dial{Call: callmodel.CallID{ID: s.sw.NewID()}, Campaign: "autumn", Lead: "1", Mode: callmodel.DialPredictive, Number: ctitest.Outside})
}

// TestDialed: a call of the dialer begins when an agent is shown it, as a
// callback does: what rings, and whom nobody was there for, is no call of the
// service.
func TestDialed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		run  func(*stage)
		want []string
	}{
		"an agent has the customer": {func(s *stage) {
			s.dial()
			s.customerLifts()
			s.sw.Clear(s.customer().ID, callmodel.CauseNormal)
			s.pump()
		}, []string{
			"CallStarted", "CallConnected a1 s1", "AgentStateChange a1 PendingActive", "CallEstablished a1 s1", "AgentStateChange a1 Active",
			"CallCleared a1 s1 FarEnd", "AgentStateChange a1 Wrap", "CallEnd a1 s1",
		}},
		"nobody answers": {func(s *stage) { s.dial(); s.wait(30 * time.Second) }, nil},
		"nobody in time": {func(s *stage) {
			s.state(ctitest.Anna, callmodel.NotReady)
			s.take()
			s.dial()
			s.customerLifts()
			s.wait(10 * time.Second)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := outcomeScene()
			c.Agents[0].Station.Mode, c.Agents[0].Station.AcceptTimeout = callmodel.CallOnAccept, 5*time.Second
			c.Campaigns = []callmodel.CampaignConfig{{ID: "autumn", Number: 1, Queue: "support"}}
			s := newStage(t, c)
			s.take()
			tt.run(s)
			for _, d := range s.told {
				switch ev := d.Event.(type) {
				case *CallStartedEvent:
					if ev.SwitchID != 0 || ev.Trunk != (Trunk{}) {
						t.Errorf("it comes from %+v", ev)
					}
				case *CallConnectedEvent:
					if ev.CallType != CallTypeOutboundAod {
						t.Errorf("it is %s", ev.CallType)
					}
				}
			}
			s.expects(tt.want...)
		})
	}
}
