package controller

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// taker is a switch that takes every command.
type taker struct {
	port.Switch
	taken int
}

func (s *taker) Do(context.Context, callmodel.Command) error { s.taken++; return nil }

// TestPressureShedsInOrder: reports go first, then outbound calls, then new
// callers; what belongs to a call that is up is never refused.
func TestPressureShedsInOrder(t *testing.T) {
	share := 0.0
	p := newPressure(gauge{what: "the little one", share: func(context.Context) float64 { return 0.1 }},
		gauge{what: "the big one", share: func(context.Context) float64 { return share }})
	under := &taker{}
	sw := sparing{under, p}
	for _, c := range []struct {
		share                   float64
		reports, dials, arrives bool
	}{{0.69, true, true, true}, {0.70, false, true, true}, {0.85, false, false, true}, {0.95, false, false, false}, {1, false, false, false}, {0.2, true, true, true}} {
		share = c.share
		p.measure(t.Context())
		report, dial, hold := p.report(), sw.Do(t.Context(), callmodel.MakeCall{}), sw.Do(t.Context(), callmodel.HoldCall{})
		if (report == nil) != c.reports || (dial == nil) != c.dials || hold != nil || (p.level() < shedArrivals) != c.arrives {
			t.Errorf("at %v: report %v, dial %v, hold %v, level %v", c.share, report, dial, hold, p.level())
		}
		for _, err := range []error{report, dial} {
			if err != nil && (!fault.Is(err, fault.Busy) || !strings.Contains(err.Error(), "the big one is short")) {
				t.Errorf("at %v: %v", c.share, err)
			}
		}
		if text := p.trouble(); (text == "") != c.reports || !c.arrives && !strings.Contains(text, "way out") {
			t.Errorf("at %v: %q", c.share, text)
		}
	}
	if p.reports.Load() != 4 || p.dials.Load() != 3 || under.taken != 9 {
		t.Errorf("%d reports and %d dials refused, %d commands taken", p.reports.Load(), p.dials.Load(), under.taken)
	}
}

// TestPressureOfTheLoop: a loop that does not answer is full, and is looked at again.
func TestPressureOfTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var answer atomic.Int64 // how long the loop takes
		p := newPressure(loopGauge(func(ctx context.Context) error {
			select {
			case <-time.After(time.Duration(answer.Load())):
				return nil
			case <-ctx.Done():
				return errors.New("late")
			}
		}))
		p.start(t.Context())
		defer p.stop()
		for _, c := range []struct {
			answer time.Duration
			want   shed
		}{{0, shedNothing}, {750 * time.Millisecond, shedReports}, {time.Minute, shedArrivals}, {10 * time.Millisecond, shedNothing}} {
			answer.Store(int64(c.answer))
			time.Sleep(5 * time.Second)
			if got := p.level(); got != c.want {
				t.Errorf("answer after %v: level %v, want %v", c.answer, got, c.want)
			}
		}
	})
}

// TestPressureOfMemory measures this process against more and less than it uses.
func TestPressureOfMemory(t *testing.T) {
	before := memoryGauge(1 << 40)
	if s := before.share(t.Context()); s <= 0 || s > 0.5 {
		t.Errorf("share of a terabyte: %v", s)
	}
	if s := memoryGauge(1 << 20).share(t.Context()); s < 1 {
		t.Errorf("share of a megabyte: %v", s)
	}
	memoryGauge(1 << 40)
}
