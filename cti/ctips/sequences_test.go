package ctips

import (
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
)

// away has anna send the customer of call 1 outside.
func (s *stage) away() {
	s.t.Helper()
	s.sends(&TransferCallArgs{CallHead: call7(1, 1), TransferType: TransferTypeBlind, DestinationType: DestinationExternal, DestinationAddress: ctitest.Outside})
}

// TestGoesOnOutside: a call that no agent has any more is told on, to its end.
func TestGoesOnOutside(t *testing.T) {
	t.Parallel()
	for name, pass := range map[string]func(*stage){
		"blind": func(s *stage) {
			s.talk()
			s.away()
			s.take()
			s.sw.Lift(s.party())
			s.pump()
			s.expects("CallEstablished s1")
		},
		"after a consultation": func(s *stage) {
			s.talk()
			s.sends(&ConsultationCallArgs{CallHead: call7(1, 1), DestinationType: DestinationExternal, DestinationAddress: ctitest.Outside})
			s.sw.Lift(s.party())
			s.pump()
			s.sends(&TransferCallArgs{CallHead: call7(1, 1), ConsultationCallID: 2, TransferType: TransferTypeConsultation})
			s.take()
		},
	} {
		s := newStage(t, outcomeScene())
		pass(s)
		s.wait(10 * time.Second)
		s.expects("AgentStateChange a1 Idle")
		s.sw.Clear(s.party(), callmodel.CauseNormal)
		s.pump()
		t.Log(name)
		s.expects("CallCleared s1 FarEnd", "CallEnd a1 s1", "CallCompleted")
	}
}

// TestSentOutsideTwice: each number outside to which a call goes is told.
func TestSentOutsideTwice(t *testing.T) {
	t.Parallel()
	s := newStage(t, outcomeScene())
	s.talk()
	s.away()
	s.sw.Clear(s.party(), callmodel.CauseBusy) // the customer comes back
	s.pump()
	s.wait(10 * time.Second)
	s.lift(ctitest.Anna)
	s.take()
	s.away()
	s.expects("CallTransferred a1 s1 R7", "CallCleared a1 s1 NearEnd", "AgentStateChange a1 Wrap", "CallOriginated s1")
}

// TestConsultationInConsultation: what the consulted agent asks somebody else
// is part of the call that they have come into.
func TestConsultationInConsultation(t *testing.T) {
	t.Parallel()
	s := newStage(t, outcomeScene())
	s.consulting()
	s.sends(&ConsultationCallArgs{CallHead: call7(2, 2), DestinationType: DestinationExternal, DestinationAddress: ctitest.Outside})
	s.take()
	s.sends(&TransferCallArgs{CallHead: call7(1, 1), ConsultationCallID: 2, TransferType: TransferTypeConsultation})
	s.expects("CallTransferred a1 s1 R7", "CallEnd a1", "CallCleared a1 s1 NearEnd", "AgentStateChange a1 Wrap")
	s.sw.Lift(s.party())
	s.pump()
	all := s.take()
	if got := strings.TrimSpace(short(all)); got != "CallConsultation a2 s1 R7" {
		t.Fatalf("told\n%s", got)
	}
	if ev, ok := all[0].Event.(*CallConsultationEvent); !ok || ev.CallID != 1 || ev.ConsultationCallID != 3 {
		t.Errorf("told %+v", ev)
	}
	before := s.snapshot()
	if s.watch(); s.snapshot() != before {
		t.Errorf("after a new picture\n%s\nbefore\n%s", s.snapshot(), before)
	}
}

// TestParked: a parked call is held, by nobody.
func TestParked(t *testing.T) {
	t.Parallel()
	s := newStage(t, outcomeScene())
	s.talk()
	s.take()
	s.must(callmodel.Park{Conn: s.conn(ctitest.Anna), Place: "700"})
	s.expects("CallCleared a1 s1 NearEnd", "AgentStateChange a1 Wrap", "CallHeld s1")
}

// TestTurnedAway: whom the switch sends away has not hung up.
func TestTurnedAway(t *testing.T) {
	t.Parallel()
	s := newStage(t, outcomeScene())
	s.arrive("49309999")
	s.expects("CallStarted", "CallOffered", "CallCleared Internal", "CallEnd", "CallCompleted")
}

// TestDataBack: data that came with a transfer and are taken back by somebody
// else have changed twice.
func TestDataBack(t *testing.T) {
	t.Parallel()
	s := newStage(t, outcomeScene())
	s.talk()
	s.sends(&TransferCallArgs{CallHead: call7(1, 1), TransferType: TransferTypeBlind, DestinationType: DestinationAgent, DestinationAddress: "2", UserData: []string{"x"}})
	s.lift(ctitest.Bernd)
	s.take()
	s.must(callmodel.SetData{Conn: s.conn(ctitest.Bernd), Entries: entries([]string{})})
	s.expects("CallDataUpdate a2 s1 SetCallDataSucceeded")
}
