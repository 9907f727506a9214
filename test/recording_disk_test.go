package test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/sip/siptest"
)

// TestChaosRecordingDiskFull is fault 39 for recordings: on a full disk calls go on
// and none is recorded anew; what was recorded is kept when there is room again.
func TestChaosRecordingDiskFull(t *testing.T) {
	dir, fill, free := smallDisk(t, 64)
	s := stage(t, fmt.Sprintf("\nrecording: {dir: %s, min_free_mb: 32}%s", dir, recordSite("mono")))
	s.disturbed = true // the incident is wanted
	full := func(want bool) func() bool {
		return func() bool {
			var st rest.Status
			s.must(http.MethodGet, "/api/v1/status", nil, &st)
			return strings.Contains(strings.Join(st.Degraded, "\n"), "too little room on the disk of the recordings") == want
		}
	}
	caller, _ := s.recorded()
	first := s.recording("recording").ID
	fill()
	began := time.Now()
	eventually(t, "the full disk is told", full(true))
	progress(fmt.Sprintf("disk of the recordings full: told after %.1f s", time.Since(began).Seconds()))
	caller.MustHear(toneAnna)
	caller.MustHangup()
	s.waitAgent("anna", "ready")

	desk := s.desk("101")                       // before the call: it is another phone than that of the first
	caller = s.caller("4917055502").Dial("600") // served, and not recorded
	anna := desk.Expect()
	anna.MustAnswer()
	siptest.Talk(caller, anna)
	s.waitPhase("talking")
	var l rest.RecordingList
	s.must(http.MethodGet, "/api/v1/recordings", nil, &l)
	for _, r := range l.Recordings {
		if r.ID != first || r.State == "saved" {
			t.Errorf("on a full disk there is a recording %s in state %s", r.ID, r.State)
		}
	}
	free()
	eventually(t, "there is room again", full(false))
	caller.MustHangup()
	s.waitAgent("anna", "ready")
	eventually(t, "what was recorded is kept", func() bool {
		var r rest.Recording
		s.must(http.MethodGet, "/api/v1/recordings/"+first, nil, &r)
		return r.State == "saved"
	})
	var verdict rest.RecordingVerdict
	s.must(http.MethodGet, "/api/v1/recordings/"+first+"/verify", nil, &verdict)
	if !verdict.Good {
		t.Errorf("%+v", verdict)
	}
	s.noLeftovers()
}
