package ici_test

import (
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
)

// The dialer has called a customer, who has answered: the agent whose phone
// answers by itself is told whom they have, with the entry of the list, and is
// talking at once.
func TestDialed(t *testing.T) {
	t.Parallel()
	cfg := ctitest.Config()
	cfg.Campaigns = []callmodel.CampaignConfig{{ID: "autumn", Number: 1, Queue: "support"}}
	sw := ctitest.NewFakeSwitch(cfg)
	r := rigOn(t, sw, sw, nil)
	r.login(ctitest.Bernd)
	s := r.script(ctitest.Bernd)
	s.expect("user BERND 2")
	id := callmodel.CallID{ID: r.sw.NewID()}
	if err := r.sw.Do(t.Context(), callmodel.Dial{Call: id, Campaign: "autumn", List: "may", Lead: "L-1", Mode: callmodel.DialPredictive, Number: ctitest.Outside, Name: "Muster"}); err != nil {
		t.Fatal(err)
	}
	s.silent(ctitest.Bernd) // it rings, and is nobody's yet
	r.sw.Lift(r.sw.Call(id).Conns[0].ID)
	shown := nextCall(s)
	if shown.CallStatus.ID != "3" || shown.Inbound || len(shown.RemoteNumbers) != 1 || shown.RemoteNumbers[0] != ctitest.Outside || !strings.Contains(shown.AttachedData, "<CALLID>L-1</CALLID>") {
		t.Errorf("shown %+v", shown)
	}
	for p := shown; ; p = nextCall(s) {
		if p.CallHandle != shown.CallHandle {
			t.Fatalf("another item: %+v", p)
		}
		if p.CallStatus.ID == "101" {
			break
		}
	}
}
