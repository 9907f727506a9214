package campaign

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// desks lets agents work through ticks of half a second: free for a while, then
// busy with a call of the campaign that they count to.
type desks struct {
	r     *rand.Rand
	seats []Seat
	now   time.Time
}

func newDesks(seed uint64, n int, serves ...int64) *desks {
	d := &desks{r: rand.New(rand.NewPCG(seed, 3)), now: start}
	for i := range n {
		d.seats = append(d.seats, Seat{Agent: fmt.Sprint("a", i), Serves: serves})
	}
	return d
}

// tick asks where everybody counts to, and lets them go on.
func (d *desks) tick(s *Share, running []Running) []int64 {
	d.now = d.now.Add(500 * time.Millisecond)
	out := s.Assign(d.now, running, d.seats)
	for i := range d.seats {
		a := &d.seats[i]
		switch {
		case a.Busy && d.r.IntN(200) == 0:
			a.Busy, a.With = false, 0
		case !a.Busy && d.r.IntN(40) == 0:
			a.Busy, a.With = true, out[i]
		}
	}
	return out
}

// TestShareByWeight: over time each campaign gets agents by its weight, and who
// is busy is never taken away.
func TestShareByWeight(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		agents  int
		weights []int
	}{{10, []int{1, 1}}, {7, []int{3, 1}}, {2, []int{3, 1}}, {1, []int{1, 1}}, {40, []int{5, 3, 2}}, {5, []int{0, 4}}} {
		var running []Running
		var serves []int64
		all := 0.0
		for i, w := range c.weights {
			running, serves = append(running, Running{int64(i + 1), w}), append(serves, int64(i+1))
			all += float64(max(w, 1))
		}
		d, s, lent, moves := newDesks(1, c.agents, serves...), NewShare(), map[int64]float64{}, 0
		before := make([]int64, c.agents)
		const ticks = 40_000
		for tick := range ticks {
			held := slices.Clone(d.seats)
			out := d.tick(s, running)
			for i, n := range out {
				if held[i].Busy && n != held[i].With {
					t.Fatalf("%+v: agent %d is busy with %d and counts to %d", c, i, held[i].With, n)
				}
				if lent[n]++; tick > 0 && n != before[i] {
					moves++
				}
			}
			before = out
		}
		for i, w := range c.weights {
			want := float64(max(w, 1)) / all
			if got := lent[int64(i+1)] / float64(ticks*c.agents); math.Abs(got-want) > 0.03 {
				t.Errorf("%+v: campaign %d has %.3f of the agents, want %.3f", c, i+1, got, want)
			}
		}
		if perMinute := float64(moves) / float64(c.agents) / (ticks / 120.0); perMinute > 1 {
			t.Errorf("%+v: an agent moves %.1f times a minute", c, perMinute)
		}
	}
}

func TestShareOthers(t *testing.T) {
	t.Parallel()
	running := []Running{{1, 1}, {2, 1}}
	s := NewShare()
	seats := []Seat{
		{Agent: "only one", Serves: []int64{2}},
		{Agent: "none", Serves: []int64{9}},
		{Agent: "nothing"},
		{Agent: "in a call from outside", Serves: []int64{1, 2}, Busy: true},
		{Agent: "twice", Serves: []int64{2, 2}},
		{Agent: "both", Serves: []int64{1, 2}},
	}
	want := []int64{2, 0, 0, 1, 2, 2}
	if got := s.Assign(start, running, seats); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := s.Assign(at(0.5), running, seats); !slices.Equal(got, want) {
		t.Errorf("a tick later %v", got)
	}
	// One campaign stops: all who serve the other are its own, at once.
	if got := s.Assign(at(1), running[:1], seats); !slices.Equal(got, []int64{0, 0, 0, 1, 0, 1}) {
		t.Errorf("one campaign: %v", got)
	}
	if got := s.Assign(at(2), nil, seats); !slices.Equal(got, make([]int64, 6)) || len(s.at) != 0 || len(s.used) != 0 {
		t.Errorf("no campaign: %v", got)
	}
}

// TestShareNewcomer: a campaign that begins later gets its part, not everybody
// until it has caught up.
func TestShareNewcomer(t *testing.T) {
	t.Parallel()
	d, s := newDesks(4, 10, 1, 2, 3), NewShare()
	for range 10_000 {
		d.tick(s, []Running{{1, 1}, {2, 1}})
	}
	lent := map[int64]int{}
	for tick := range 3000 {
		for _, n := range d.tick(s, []Running{{1, 1}, {2, 1}, {3, 1}}) {
			if tick >= 1000 {
				lent[n]++
			}
		}
	}
	if got := float64(lent[3]) / 20_000; got < 0.25 || got > 0.45 {
		t.Errorf("the newcomer has %.2f of the agents: %v", got, lent)
	}
	if s.Used(3) <= 0 {
		t.Error("nothing was used")
	}
}
