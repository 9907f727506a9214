package runner

import (
	"testing"
	"time"

	"strowger/dialer/campaign"
	"strowger/switch/fault"
)

// heldAgain: a campaign that was stopped is stopped again when its override is
// over, and one that could not be kept does not hold.
func (s *stage) heldAgain(t *testing.T) {
	t.Helper()
	if err := s.EndOverride(t.Context(), "spring", "ben"); err != nil {
		t.Fatal(err)
	}
	if over, err := s.Overrides(t.Context(), "spring", time.Time{}, time.Now()); err != nil || len(over) != 1 || over[0].EndedBy != "ben" || over[0].Until.After(time.Now()) {
		t.Errorf("the report shows %+v, %v", over, err)
	}
	wait(2 * time.Second)
	s.reason(t, Budget)
	n := s.x.dialed()
	wait(time.Minute)
	if p, _ := s.Live("spring"); s.x.dialed() != n || p.Wanted != WantPaused || p.Stage != campaign.Stopped {
		t.Errorf("after the override: %d calls, %s, %s", s.x.dialed()-n, p.Wanted, p.Stage)
	}
	if err := s.EndOverride(t.Context(), "spring", "ben"); !fault.Is(err, fault.Conflict) {
		t.Errorf("ended twice: %v", err)
	}
	s.with(func() { s.b.down = true })
	if err := s.Override(t.Context(), "spring", campaign.Override{By: "anna", Reason: "court order", Until: time.Now().Add(time.Hour)}); err == nil {
		t.Error("an override that could not be kept is taken")
	}
	wait(time.Minute)
	if s.x.dialed() != n {
		t.Error("it dials by an override that no report will show")
	}
	s.with(func() { s.b.down = false })
}
