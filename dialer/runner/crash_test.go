package runner

import (
	"testing"
	"testing/synctest"
	"time"

	"strowger/dialer/campaign"
	"strowger/dialer/lead"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// kill ends the runner as kill -9 would: nothing is stored any more.
func (s *stage) kill() {
	s.b.mu.Lock()
	s.b.down = true
	s.b.mu.Unlock()
	s.Stop()
	s.b.mu.Lock()
	s.b.down = false
	s.b.mu.Unlock()
}

// counted is what the answers of all calls were.
func (s *stage) counted() (all campaign.Counts) {
	s.x.mu.Lock()
	defer s.x.mu.Unlock()
	for _, e := range s.x.ended {
		all.Humans += e.Counts.Humans
		all.Connected += e.Counts.Connected
		all.Dropped += e.Counts.Dropped
		all.Left += e.Counts.Left
		all.Machines += e.Counts.Machines
	}
	return all
}

// wantCounted compares what a campaign shows of its day with what was.
func (s *stage) wantCounted(t *testing.T) {
	t.Helper()
	p, _ := s.Live("spring")
	if want := s.counted(); p.Today.Counts != want || want.Connected == 0 {
		t.Errorf("it shows %+v, there were %+v", p.Today.Counts, want)
	}
}

// TestKilled: killed again and again while calls are in every state, each call
// has one end, is counted once, and no lead is lost.
func TestKilled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 3000, spring(t, callmodel.DialPredictive), ten...)
		for i := range 12 {
			wait(time.Duration(7+5*i) * time.Second)
			s.kill()
			wait(time.Duration(i*4) * time.Second) // calls go on without us
			s.boot(t)
			if p, there := s.Live("spring"); !there || p.Reason != Starting {
				t.Errorf("right after the start it is not shown as starting: %v, %s", there, p.Reason)
			}
		}
		wait(30 * time.Second)
		if why := s.why(); why != Dialing && why != Pacing {
			t.Errorf("it does not go on by itself: %s", why)
		}
		s.do(t, Order{Want: WantStopped, By: "anna"})
		wait(5 * time.Minute)
		s.whole(t)
		if n := s.stats.Unknown.Load(); n > 0 {
			t.Errorf("%d attempts have an unknown end", n)
		}
		s.wantCounted(t)
		if s.x.dialed() < 100 {
			t.Errorf("%d calls: it does not show much", s.x.dialed())
		}
	})
}

func (s *stage) why() Reason {
	p, _ := s.Live("spring")
	return p.Reason
}

// TestJournalLost: where calls may have been made that nobody knows of, no lead
// is called again as if it had not been.
func TestJournalLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 3000, spring(t, callmodel.DialPredictive), ten...)
		wait(20 * time.Second)
		s.kill()
		open := s.b.stillOpen()
		s.x.mu.Lock()
		clear(s.x.calls)
		clear(s.x.ended)
		s.x.mu.Unlock()
		s.b.lost = true
		s.cfg.Campaigns[0].MaxLines = 1
		s.boot(t)
		wait(3 * time.Second)
		s.do(t, Order{Want: WantStopped, By: "anna"})
		wait(2 * time.Minute)
		if n := s.b.results()[lead.UnknownEnd]; n != open || open == 0 {
			t.Errorf("%d of %d attempts have an unknown end", n, open)
		}
	})
}

// TestEventsLost: ends of calls whose events never come are found in the records.
func TestEventsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 3000, spring(t, callmodel.DialPredictive), ten...)
		wait(10 * time.Second)
		s.x.mu.Lock()
		s.x.silent = true
		s.x.mu.Unlock()
		wait(10 * time.Minute)
		s.do(t, Order{Want: WantStopped, By: "anna"})
		wait(5 * time.Minute)
		s.whole(t)
		s.wantCounted(t)
		if s.stats.Vanished.Load() < 50 {
			t.Errorf("%d ends were looked up", s.stats.Vanished.Load())
		}
		if r := s.b.results(); r[lead.UnknownEnd] > 0 || r[lead.Talked] == 0 {
			t.Errorf("results: %v", r)
		}
	})
}

// TestUnknown: an attempt that was seen and of which nothing is left has an
// unknown end after a minute, and not before.
func TestUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := spring(t, callmodel.DialProgressive)
		s := set(t, func(string) outcome { return outcome{after: time.Minute} }, 1, c, "a")
		wait(8 * time.Second)
		s.x.mu.Lock()
		clear(s.x.calls)
		s.x.mu.Unlock()
		wait(55 * time.Second)
		if r := s.b.results(); len(r) > 0 {
			t.Errorf("settled at once: %v", r)
		}
		wait(10 * time.Second)
		if r := s.b.results(); r[lead.UnknownEnd] != 1 {
			t.Errorf("not settled after a minute: %v", r)
		}
	})
}

// TestNeverSent: an order of which nobody knows whether it was taken is
// neither lost nor repeated.
func TestNeverSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 40, spring(t, callmodel.DialProgressive), "a")
		taken := 0
		s.with(func() {
			s.x.verdict = func(cmd callmodel.Command) error {
				if d, ok := cmd.(callmodel.Dial); ok {
					if taken++; taken%2 == 0 {
						s.x.dial(d) // it was taken, and the answer was lost
					}
					return fault.New(fault.Unknown, "dial", "", "no answer in time")
				}
				return nil
			}
		})
		wait(10 * time.Minute)
		s.x.mu.Lock()
		s.x.verdict = nil
		s.x.mu.Unlock()
		s.do(t, Order{Want: WantStopped, By: "anna"})
		wait(5 * time.Minute)
		s.whole(t)
		if taken < 10 {
			t.Errorf("%d orders", taken)
		}
	})
}

// TestDatabaseAway: nothing is dialled without the database, and nothing that
// was dialled is lost.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 3000, spring(t, callmodel.DialPredictive), ten...)
		wait(time.Minute)
		s.b.mu.Lock()
		s.b.down = true
		s.b.mu.Unlock()
		wait(10 * time.Second) // what is claimed may still be dialled
		n := s.x.dialed()
		wait(10 * time.Minute)
		s.reason(t, Database)
		if s.x.dialed() != n {
			t.Errorf("%d calls without the database", s.x.dialed()-n)
		}
		if s.Waiting() == 0 || s.settler.fails.Load() == 0 {
			t.Error("nothing waits to be stored")
		}
		if err := s.Do(t.Context(), Order{Campaign: "spring", Want: WantStopped, By: "anna"}); !fault.Is(err, fault.Unavailable) || s.why() != Stopped {
			t.Errorf("a stop without the database: %v, %s", err, s.why())
		}
		if err := s.Do(t.Context(), Order{Campaign: "spring", Want: WantRunning, By: "anna"}); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a start without the database: %v", err)
		}
		s.b.mu.Lock()
		s.b.down = false
		s.b.mu.Unlock()
		wait(time.Minute)
		if s.x.dialed() != n {
			t.Error("a start that could not be stored has started it")
		}
		s.do(t, Order{Want: WantRunning, By: "anna"})
		wait(time.Minute)
		if s.x.dialed() == n {
			t.Error("it does not go on")
		}
		s.do(t, Order{Want: WantStopped, By: "anna"})
		wait(5 * time.Minute)
		s.whole(t)
	})
}

// TestSettleBehind: where too many ends wait to be stored nothing is dialled.
func TestSettleBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 100, spring(t, callmodel.DialPredictive), ten...)
		wait(3 * time.Second)
		s.b.mu.Lock()
		s.b.down = true
		s.b.mu.Unlock()
		s.settler.settle(make([]lead.Settled, settleLimit)...)
		wait(10 * time.Second)
		n := s.x.dialed()
		wait(time.Minute)
		s.reason(t, Database)
		if s.x.dialed() != n {
			t.Errorf("%d calls", s.x.dialed()-n)
		}
	})
}

// TestBeginIsKept: the window of a budget counts from the first dial, also when
// the record of it is gone.
func TestBeginIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, third, 500, spring(t, callmodel.DialPredictive), ten...)
		wait(time.Minute)
		first, _ := s.Live("spring")
		s.Stop()
		wait(45 * 24 * time.Hour)
		s.b.mu.Lock()
		s.b.first = time.Now().Add(-20 * 24 * time.Hour) // records of before are not kept
		begun := s.b.runs["spring"].Begun
		s.b.mu.Unlock()
		s.boot(t)
		wait(time.Minute)
		p, _ := s.Live("spring")
		if begun.IsZero() || begun.Sub(first.Budget.From) > time.Minute || !p.Budget.From.Equal(begun.Add(campaign.Longest)) {
			t.Errorf("the window begins at %s; the first dial was at %s", p.Budget.From, begun)
		}
	})
}
