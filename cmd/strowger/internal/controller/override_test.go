package controller

import (
	"strings"
	"testing"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/runner"
)

// TestOverrideIsAnIncident: as long as it lasts, and no longer.
func TestOverrideIsAnIncident(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	all := map[string]runner.Picture{
		"spring": {Override: campaign.Override{From: at, Until: at.Add(time.Hour), By: "ina", Reason: "recall of a product"}}, "autumn": {},
	}
	got := overridesNow(all, at.Add(time.Minute))
	if len(got) != 1 || !got[0].Time.Equal(at) || !strings.Contains(got[0].Reason, "spring may go beyond its budget until 2026-11-22T10:00:00Z, by ina: recall") {
		t.Errorf("%+v", got)
	}
	if got := overridesNow(all, at.Add(time.Hour)); len(got) != 0 {
		t.Errorf("it is over: %+v", got)
	}
}
