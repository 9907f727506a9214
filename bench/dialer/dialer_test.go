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

// TestOrderOfPacers: in two cells of a small team the pacers stand in the
// published order. The suite holds them against the published figures.
func TestOrderOfPacers(t *testing.T) {
	t.Parallel()
	cells := []Cell{Usual(10, 0.25, 120, 15), Usual(10, 0.10, 60, 45)}
	got := map[string]float64{}
	if New("nobody", 0, cells[0]) != nil {
		t.Error("there is a pacer of any name")
	}
	for _, kind := range Kinds() {
		trial, err := Try(t.Context(), kind, 0.03, cells, 1)
		if err != nil {
			t.Fatal(err)
		}
		got[kind] = trial.Mean(busy)
		if kind == "ours" && trial.Beyond() > 0 {
			t.Errorf("ours drops too many: %+v", trial.Shifts)
		}
	}
	for _, pair := range [][2]string{{"preview", "progressive"}, {"progressive", "erlang"}, {"vicidial", "erlang"}, {"erlang", "ours"}} {
		if got[pair[0]] >= got[pair[1]] {
			t.Errorf("%s is busy %.1f %%, %s %.1f %%", pair[0], got[pair[0]], pair[1], got[pair[1]])
		}
	}
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

// TestOtherWorlds: the limit holds where people behave otherwise than usual.
func TestOtherWorlds(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Cell){
		"refusals":         func(c *Cell) { c.Refusals = true },
		"the rate doubles": func(c *Cell) { c.Turn = 2 },
		"the rate halves":  func(c *Cell) { c.Turn = 0.5 },
		"few lines":        func(c *Cell) { c.Lines = 1.5 },
		"slow decisions":   func(c *Cell) { c.Tick = 2.5 },
		"nothing drifts":   func(c *Cell) { c.Steady = true },
	} {
		c := Usual(10, 0.2, 90, 20)
		change(&c)
		trial, err := Try(t.Context(), "ours", 0.03, []Cell{c}, 2)
		if err != nil {
			t.Fatal(err)
		}
		if trial.Beyond() > 0 {
			t.Errorf("%s: %+v", name, trial.Shifts)
		}
	}
}

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
