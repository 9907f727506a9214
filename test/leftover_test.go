package test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"strowger/switch/callmodel"
)

// TestLeftoverCheckIsRed plants what a test could leave behind and sees the
// checker report it, and no longer once it is gone.
func TestLeftoverCheckIsRed(t *testing.T) {
	in := testAsterisk(t)
	eventually(t, "Asterisk is empty", func() bool { return leftovers(t, in) == "" })
	const stray, bridge = "stray-channel", callmodel.OwnPrefix + "b-planted"
	for _, plant := range []struct{ name, method, path, remove, want string }{
		{
			"stray channel", http.MethodPost,
			"/channels/" + stray + "?endpoint=" + url.QueryEscape("Local/*44@sandbox-checks") + "&context=sandbox-checks&extension=" + url.QueryEscape("*43") + "&priority=1",
			"/channels/" + stray, "channel Local/*44@sandbox-checks",
		},
		{"stray bridge", http.MethodPost, "/bridges/" + bridge + "?type=mixing", "/bridges/" + bridge, "bridge " + bridge},
	} {
		if status, body := ariDo(t, in, plant.method, plant.path); status != http.StatusOK {
			t.Fatalf("%s: %d %s", plant.name, status, body)
		}
		var got string
		eventually(t, "the "+plant.name+" is reported", func() bool {
			got = leftovers(t, in)
			return strings.Contains(got, plant.want)
		}, &got)
		if status, body := ariDo(t, in, http.MethodDelete, plant.remove); status != http.StatusNoContent {
			t.Fatalf("remove the %s: %d %s", plant.name, status, body)
		}
		eventually(t, "the "+plant.name+" is gone", func() bool { return leftovers(t, in) == "" })
	}
	// A bridge of somebody else is not ours to report.
	if status, _ := ariDo(t, in, http.MethodPost, "/bridges/theirs?type=mixing"); status != http.StatusOK {
		t.Fatalf("bridge: %d", status)
	}
	if got := leftovers(t, in); got != "" {
		t.Errorf("reported: %s", got)
	}
	if status, _ := ariDo(t, in, http.MethodDelete, "/bridges/theirs"); status != http.StatusNoContent {
		t.Errorf("delete: %d", status)
	}
}

// TestControllerKeepsNoGoroutines places calls one after the other: what a
// call costs must be given back, not only within the tolerance of one test.
func TestControllerKeepsNoGoroutines(t *testing.T) {
	s := stage(t, threeDesks)
	const rounds = 40
	c := s.caller("4917055501")
	for range rounds {
		a := c.Dial("600")
		a.MustBeAnswered()
		a.MustHangup()
	}
	s.noLeftovers()
	const tolerance = rounds / 2 // a leak of one per call would be twice that
	var now float64
	eventually(t, "the goroutines of the calls are gone", func() bool {
		now = s.metric("go_goroutines")
		return now <= s.goroutines+tolerance
	}, &now)
}
