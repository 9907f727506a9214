package runner

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/callmodel"
)

// TestShownSoon: who starts a campaign sees its leads at once, counts that are
// of the last seconds while it runs, and why it begins with few lines; of one
// that is stopped nobody is told when it ends.
func TestShownSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, func(string) outcome { return outcome{after: time.Minute} }, 3000, spring(t, callmodel.DialPredictive), ten[:4]...)
		wait(2 * time.Second)
		p, _ := s.Live("spring")
		if p.Left.Sum() != 3000 {
			t.Errorf("two seconds after the start %d leads are shown", p.Left.Sum())
		}
		wait(6 * time.Second)
		p, _ = s.Live("spring")
		if p.Ringing != 4 || p.Reason != Pacing || !strings.Contains(p.Text, "until it is known how many answer") {
			t.Errorf("%d lines ring, reason %s: %s", p.Ringing, p.Reason, p.Text)
		}
		wait(6 * time.Second)
		if p, _ = s.Live("spring"); p.Left[lead.Dialling] < 4 {
			t.Errorf("fourteen seconds after the start: %v", p.Left)
		}
		wait(time.Minute)
		if p, _ = s.Live("spring"); p.Ends.IsZero() {
			t.Errorf("no end is known: %v", p.Left)
		}
		s.do(t, Order{Want: WantStopped, By: "anna"})
		wait(time.Second)
		if p, _ = s.Live("spring"); !p.Ends.IsZero() || p.Left.Sum() != 3000 {
			t.Errorf("stopped: ends %s, leads %v", p.Ends, p.Left)
		}
		wait(5 * time.Minute)
		s.whole(t)
	})
}

// TestLinesFull: what the campaign's own lines limit is said as that.
func TestLinesFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := spring(t, callmodel.DialPredictive)
		c.MaxLines = 2
		s := set(t, func(string) outcome { return outcome{after: time.Minute} }, 300, c, ten[:4]...)
		wait(8 * time.Second)
		s.reason(t, TrunkLimit)
	})
}
