package ici_test

import (
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
)

// TestPasscode: a CRM cannot log in at a station that asks for a passcode, and
// is told why; who has logged in otherwise works with it.
func TestPasscode(t *testing.T) {
	t.Parallel()
	cfg := ctitest.Config()
	cfg.Agents[0].Station.Passcode = true
	sw := ctitest.NewFakeSwitch(cfg)
	r := rigOn(t, sw, sw, nil)
	for _, mode := range []string{"2", "3"} {
		_, err := r.ask(ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "anna", Workmode: mode})
		if err == nil || !strings.Contains(err.Error(), "2/3") || !strings.Contains(err.Error(), "passcode") || !strings.Contains(err.Error(), "strowger agents login") {
			t.Errorf("work mode %s: %v", mode, err)
		}
	}
	r.must(ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "bernd", Workmode: "2"})
	if err := sw.Enter(t.Context(), ctitest.Anna); err != nil {
		t.Fatal(err)
	}
	r.must(ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "anna", Workmode: "2"})
	r.must(ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "anna", Workmode: "1"})
}
