package ctips

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
)

var update = flag.Bool("update", false, "write testdata/snapshots.txt anew: read what has changed")

// snapshotCases are moments of agents and calls.
func snapshotCases() []outcomeCase {
	return append(stateMoments(), kindMoments()...)
}

// stateMoments are calls in all their states.
func stateMoments() []outcomeCase {
	consult := func(kind DestinationType, to string) *ConsultationCallArgs {
		return &ConsultationCallArgs{CallHead: call7(1, 1), DestinationType: kind, DestinationAddress: to}
	}
	return []outcomeCase{
		{name: "nothing goes on", before: func(s *stage) {
			s.state(ctitest.Bernd, callmodel.LoggedOut)
			s.sends(&SetAgentStateArgs{AgentHead: agent7(1), NewState: AgentStateNotReadyPark})
		}},
		{name: "waiting", before: func(s *stage) { s.state(ctitest.Anna, callmodel.NotReady); s.arrive("49301000600") }},
		{name: "waiting for a route", before: func(s *stage) { s.arrive("49301000604") }},
		{name: "ringing", before: func(s *stage) { s.arrive("49301000600") }},
		{name: "ringing by number", before: func(s *stage) { s.arrive("102") }},
		{name: "talking, with data", before: func(s *stage) {
			s.talk()
			s.sends(&SetCallDataArgs{CallHead: call7(1, 1), UserData: []string{"a"}})
		}},
		{name: "on hold", before: func(s *stage) { s.talk(); s.sends(&HoldCallArgs{call7(1, 1)}) }},
		{name: "wrap-up", before: wrapUp},
		{name: "dialling inside", ask: &MakeCallArgs{CallHead: call7(1, noCall), DestinationType: DestinationAgent, DestinationAddress: "bernd"}},
		{name: "talking inside, held by the maker", before: func(s *stage) {
			s.sends(&MakeCallArgs{CallHead: call7(1, noCall), DestinationType: DestinationAgent, DestinationAddress: "bernd"})
			s.lift(ctitest.Anna)
			s.lift(ctitest.Bernd)
			s.sends(&HoldCallArgs{call7(1, 1)})
		}},
		{name: "talking outside", before: func(s *stage) {
			s.sends(&MakeCallArgs{CallHead: call7(1, noCall), DestinationType: DestinationExternal, DestinationAddress: ctitest.Outside, ServiceID: 2})
			s.lift(ctitest.Anna)
			s.sw.Lift(s.party())
			s.pump()
		}},
		{name: "dialling in consultation", before: func(s *stage) { s.talk(); s.sends(consult(DestinationExternal, ctitest.Outside)) }},
		{name: "ringing in consultation", before: func(s *stage) { s.talk(); s.sends(consult(DestinationService, "2")) }},
		{name: "consulting", before: func(s *stage) { s.consulting() }},
		{name: "consulting, the customer has gone", before: func(s *stage) { s.hangUp(s.consulting()) }},
		{name: "conference", before: func(s *stage) {
			s.consulting()
			s.sends(&ConferenceCallArgs{CallHead: call7(1, 1), ConsultationCallID: 2})
		}},
		{name: "transferred, being called", before: func(s *stage) {
			s.talk()
			s.sw.Ignore("originate")
			s.sends(&TransferCallArgs{CallHead: call7(1, 1), TransferType: TransferTypeBlind, DestinationType: DestinationAgent, DestinationAddress: "bernd"})
		}},
		{name: "sent outside", before: func(s *stage) { s.talk(); s.away() }},
		{name: "talking outside, without an agent", before: func(s *stage) {
			s.talk()
			s.away()
			s.wait(10 * time.Second)
			s.sw.Lift(s.party())
			s.pump()
		}},
		{name: "parked", before: func(s *stage) { s.talk(); s.must(callmodel.Park{Conn: s.conn(ctitest.Anna), Place: "700"}) }},
		{name: "two calls at one agent", before: func(s *stage) {
			s.state(ctitest.Bernd, callmodel.LoggedOut)
			s.talk()
			s.arrive("101")
			s.sends(&AcceptCallArgs{CallHead: call7(1, 2), AcceptCall: true})
		}},
	}
}

// TestSnapshots: every member of what a snapshot tells of agents and calls, but
// for those that are the same in all; and after a new picture it tells the same.
func TestSnapshots(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/snapshots.txt")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, tt := range snapshotCases() {
		cfg := outcomeScene()
		cfg.Agents[0].MultiLine = true
		s := newStage(t, cfg)
		if tt.before != nil {
			tt.before(s)
		}
		if tt.ask != nil {
			s.sends(tt.ask)
		}
		now := s.snapshot()
		s.watch()
		if again := s.snapshot(); again != now {
			t.Errorf("%s: after a new picture\n%s\nbefore\n%s", tt.name, again, now)
		}
		fmt.Fprintf(&b, "\n# %s\n%s", tt.name, now)
	}
	if *update {
		if err := os.WriteFile("testdata/snapshots.txt", []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	for i, part := range strings.Split(b.String(), "\n# ") {
		if all := strings.Split(string(raw), "\n# "); i >= len(all) || strings.TrimSpace(part) != strings.TrimSpace(all[i]) {
			t.Errorf("told\n%s", part)
		}
	}
}

// snapshot is what a snapshot of agents and calls tells, a line for each.
func (s *stage) snapshot() string {
	s.t.Helper()
	s.take()
	s.sends(&SnapshotArgs{SessionHead: SessionHead{TenantID: 1}, EntityType: []EntityType{EntityTypeAgentInfo, EntityTypeCallInfo}})
	var b strings.Builder
	for _, d := range s.take() {
		for _, m := range members(d) {
			if key, value, _ := strings.Cut(m, "="); strings.HasSuffix(key, "Data") && value != "nil" {
				value = strings.NewReplacer("{", "", "}", "", "MediaType=VoiceSip,", "", "SipIpAddress=nil,SipPortNumber=0,", "", ",SipPortNumber=0", "",
					"SipIpAddress=nil,", "", ",SipPortNumber=0", "", "AgentCapabilities=[StandardAgent],", "", "CircuitId=0,", "", "CallOriginatingSiteId=1,", "",
					",SwitchId=1", "", "AgentWorkGroupId=0,", "", ",", " ").Replace(value)
				fmt.Fprintf(&b, "%s %s\n", key, value)
			}
		}
	}
	return b.String()
}
