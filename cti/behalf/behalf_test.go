package behalf_test

import (
	"regexp"
	"testing"
	"time"

	"strowger/cti/behalf"
	"strowger/cti/ctitest"
)

// A passcode is drawn where the station asks for one, and is another each time.
func TestPasscode(t *testing.T) {
	t.Parallel()
	cfg := ctitest.Config()
	cfg.Agents[0].Station.Passcode = true
	sw := ctitest.NewFakeSwitch(cfg)
	t.Cleanup(sw.Stop)
	view, err := sw.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cfg = view.Config
	seen := map[string]bool{}
	for range 200 {
		code, err := behalf.Passcode(cfg, cfg.Agents[0].ID, "")
		if err != nil || !regexp.MustCompile(`^[0-9]{3}$`).MatchString(code) {
			t.Fatalf("%q, %v", code, err)
		}
		seen[code] = true
	}
	if len(seen) < 100 { // of a thousand
		t.Errorf("%d different ones", len(seen))
	}
	if code, err := behalf.Passcode(cfg, cfg.Agents[1].ID, ""); code != "" || err != nil {
		t.Errorf("at a station without: %q, %v", code, err)
	}
}

// Twenty a second are written down, also when the clock goes back.
func TestRefusals(t *testing.T) {
	t.Parallel()
	var r behalf.Refusals
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	allowed := func(at time.Time) (n int) {
		for range 100 {
			if r.Allow(at) {
				n++
			}
		}
		return n
	}
	for _, at := range []time.Duration{0, 999 * time.Millisecond, time.Second, 2500 * time.Millisecond, -time.Hour} {
		want := 20
		if at == 999*time.Millisecond {
			want = 0
		}
		if got := allowed(now.Add(at)); got != want {
			t.Errorf("%v: %d, want %d", at, got, want)
		}
	}
}
