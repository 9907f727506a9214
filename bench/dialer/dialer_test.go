package dialer

import (
	"context"
	"math"
	"testing"

	"strowger/dialer/pacing"
)

// TestSameWorld: the same seed is the same shift, and the nth line has the same
// lot whatever the pacer does.
func TestSameWorld(t *testing.T) {
	t.Parallel()
	c := Usual(5, 0.25, 60, 15)
	c.Hours = 1
	one, two := NewWorld(c, 7, New("progressive", 0, c)).Run(), NewWorld(c, 7, New("progressive", 0, c)).Run()
	if one != two {
		t.Errorf("%+v, then %+v", one, two)
	}
	if other := NewWorld(c, 8, New("progressive", 0, c)).Run(); one == other {
		t.Error("another seed gives the same shift")
	}
}

// TestBusyAndDropped adds a shift up by hand: one agent, and talks, waits and
// drops as the pacer was told of them.
func TestBusyAndDropped(t *testing.T) {
	t.Parallel()
	c := Usual(1, 0.5, 30, 10)
	c.Steady, c.Hours = true, 0.5
	w := &witness{}
	r := NewWorld(c, 3, w).Run()
	work := w.took[pacing.TalkEnded] + w.took[pacing.WrapEnded] + w.open
	if got := r.Busy * 1800; math.Abs(got-work) > 2 {
		t.Errorf("busy for %.1f s, told of %.1f s", got, work)
	}
	if r.Humans != w.humans || r.Dropped != w.n[pacing.Abandoned] || r.Bridged != w.n[pacing.Bridged] {
		t.Errorf("%+v, told of %d humans, %v", r, w.humans, w.n)
	}
	if r.Humans != r.Dropped+r.Bridged+w.waiting || r.Dropped == 0 || r.Bridged == 0 {
		t.Errorf("%d people are %d dropped and %d bridged", r.Humans, r.Dropped, r.Bridged)
	}
}

// witness dials two lines at a time and adds up what it is told.
type witness struct {
	n       map[pacing.FactKind]int
	took    map[pacing.FactKind]float64
	humans  int
	waiting int
	open    float64
}

func (w *witness) Decide(s *pacing.Scene, ended []pacing.Fact) int {
	if w.n == nil {
		w.n, w.took = map[pacing.FactKind]int{}, map[pacing.FactKind]float64{}
	}
	for _, f := range ended {
		w.n[f.Kind]++
		w.took[f.Kind] += f.Took.Seconds()
		if f.Kind == pacing.DialEnded && f.Outcome == pacing.Human {
			w.humans++
		}
	}
	w.waiting, w.open = s.Waiting, 0
	if a := s.Agents[0]; a.Status == pacing.Talking || a.Status == pacing.Wrapping {
		w.open = (s.Now - a.Since).Seconds()
	}
	return 2 - len(s.Ringing)
}

// TestColdStart: knowing nothing, it stays near the limit in its first half hour.
func TestColdStart(t *testing.T) {
	t.Parallel()
	for _, size := range []int{5, 25} {
		c := Usual(size, 0.25, 60, 15)
		c.Hours = 0.5
		trial, err := Try(t.Context(), "ours", 0.03, []Cell{c}, 10)
		if err != nil {
			t.Fatal(err)
		}
		humans, dropped := 0, 0
		for _, r := range trial.Shifts {
			humans, dropped = humans+r.Humans, dropped+r.Dropped
		}
		if got := float64(dropped) / float64(humans); got > 0.03 {
			t.Errorf("%d agents: %d of %d people dropped in the first half hour", size, dropped, humans)
		}
	}
}

// TestOtherWorlds: the limit holds where the world is otherwise than usual.
func TestOtherWorlds(t *testing.T) {
	t.Parallel()
	for _, v := range Variations() {
		c := Usual(10, 0.2, 90, 20)
		v.Make(&c)
		trial, err := Try(t.Context(), "ours", 0.03, []Cell{c}, 1)
		if err != nil {
			t.Fatal(err)
		}
		chance := 1.0
		if c.Deaf > 0 { // how many were taken for machines is only estimated
			chance += 3 * math.Sqrt(c.Deaf*float64(trial.Shifts[0].Humans))
		}
		if r := trial.Shifts[0]; r.Over(0.03) > chance || r.Bridged < 500 || (r.False > 0) != (c.Deaf > 0) {
			t.Errorf("%s: %+v", v.Name, r)
		}
	}
}

// TestGivenUp: a line is given up when it has rung for as long as it must, not
// before, and says then that nobody has answered.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	c := Usual(1, 0.2, 600, 10)
	c.Steady, c.Hours = true, 1
	w := &quitter{}
	r := NewWorld(c, 5, w).Run()
	if r.GivenUp < 20 || w.least < ringLeast {
		t.Errorf("%d given up, one after %.1f s", r.GivenUp, w.least)
	}
	if w.ends != r.Dials-w.rings {
		t.Errorf("%d of %d lines have ended, %d ring", w.ends, r.Dials, w.rings)
	}
}

// quitter dials three lines and gives all of them up at once.
type quitter struct {
	least       float64 // ringing of one that nobody has answered
	ends, rings int
}

func (q *quitter) Decide(s *pacing.Scene, ended []pacing.Fact) int {
	for _, f := range ended {
		if f.Kind != pacing.DialEnded {
			continue
		}
		q.ends++
		if took := f.Took.Seconds(); f.Outcome == pacing.NoAnswer && (q.least == 0 || took < q.least) {
			q.least = took
		}
	}
	q.rings = len(s.Ringing)
	return 3 - len(s.Ringing)
}

func (q *quitter) GiveUp() (oldest, newest int) { return 1, 3 }

func TestDifference(t *testing.T) {
	t.Parallel()
	a := Trial{Shifts: []Result{{Busy: 0.52}, {Busy: 0.63}, {Busy: 0.71}, {Busy: 0.84}}}
	b := Trial{Shifts: []Result{{Busy: 0.50}, {Busy: 0.60}, {Busy: 0.70}, {Busy: 0.80}}}
	diff, within := Difference(a, b, busy) // differences 2, 3, 1, 4: mean 2.5, deviation 1.291, t 3.182
	if math.Abs(diff-2.5) > 1e-9 || math.Abs(within-2.054) > 0.03 {
		t.Errorf("%.3f +- %.3f", diff, within)
	}
	if _, within := Difference(a, Trial{}, busy); !math.IsInf(within, 1) {
		t.Error("trials of different shifts are compared")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Try(ctx, "ours", 0.03, Cells(5), 1); err == nil {
		t.Error("a trial goes on when nobody wants it")
	}
}
