package runner

import (
	"testing"
	"testing/synctest"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/callmodel"
)

// TestGivenUpLate: what has rung for as long as the law wants is given up while
// everybody talks. It was a call to the lead as any that nobody answers.
func TestGivenUpLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		late := func(number string) outcome {
			o := third(number)
			if o.talk > 0 {
				o.after += time.Duration(hash(number)%12) * time.Second
			}
			return o
		}
		s := set(t, late, 20_000, spring(t, callmodel.DialPredictive), ten...)
		wait(40 * time.Minute)
		s.x.mu.Lock()
		early := 0
		cancels := len(s.x.cancels)
		for _, c := range s.x.cancels {
			if c.Now {
				early++
			}
		}
		s.x.mu.Unlock()
		if r := s.b.results(); cancels < 20 || early > 0 || r[lead.Cancelled] > 0 || r[lead.NoAnswer] < cancels/2 {
			t.Errorf("%d given up, %d of them before their time; results: %v", cancels, early, r)
		}
	})
}

func TestResultOfGivenUp(t *testing.T) {
	t.Parallel()
	const second = callmodel.Instant(time.Second / time.Microsecond)
	for _, c := range []struct {
		name  string
		rang  callmodel.Instant
		short bool
		want  lead.Result
	}{
		{"for as long as it must", 15 * second, false, lead.NoAnswer},
		{"cut short", 16 * second, true, lead.Cancelled},
		{"not for long", 14 * second, false, lead.Cancelled},
	} {
		call := callmodel.Call{Outcome: callmodel.OutcomeCancelled, OverAt: 100*second + c.rang, Dial: &callmodel.DialState{CutShort: c.short}}
		call.Conns = []callmodel.Connection{{AskedAt: 100 * second}}
		if got := resultOf(endedOf(&call)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := resultOf(Ended{Outcome: callmodel.OutcomeCancelled}); got != lead.Cancelled {
		t.Errorf("of a preview: %s", got)
	}
}
