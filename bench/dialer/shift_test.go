package dialer

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// What the suite's part "stack" asks for; without it three short shifts do.
var (
	stackOut   = flag.String("stack.out", "", "file that gets a line of JSON per shift")
	stackSizes = flag.String("stack.sizes", "5,10,25", "sizes of the teams")
	stackSeeds = flag.Int("stack.seeds", 1, "shifts of each kind")
)

// coldHour is how many points below its pacer's the first hour of a campaign of
// which nothing is known may be: it begins with one line for each free agent.
const coldHour = 5.0

// TestStack lets the whole dialer work shifts in the time of synctest, and its
// pacer alone the same ones: what lies between them, from hopper to guard, costs
// hardly any of the agents' time.
func TestStack(t *testing.T) {
	t.Parallel()
	s := stacked{}
	t.Run("shifts", func(t *testing.T) {
		for text := range strings.SplitSeq(*stackSizes, ",") {
			size, err := strconv.Atoi(text)
			if err != nil {
				t.Fatal(err)
			}
			cells := stackCells(size)
			if *stackOut == "" {
				cells = cells[:1]
				cells[0].Hours = 1
			}
			for i, c := range cells {
				for seed := range uint64(*stackSeeds) {
					t.Run(fmt.Sprintf("%d agents/work %d/seed %d", size, i+1, seed+1), func(t *testing.T) {
						t.Parallel()
						synctest.Test(t, func(t *testing.T) { s.work(t, c, seed+1) })
					})
				}
			}
		}
	})
	whole, alone := Trial{Target: stackTarget}, Trial{Target: stackTarget}
	for _, b := range s.shifts {
		whole.Shifts, alone.Shifts = append(whole.Shifts, b.Whole), append(alone.Shifts, b.Alone)
	}
	diff, within := Difference(whole, alone, busy)
	t.Logf("busy %.2f %%, the pacer alone %.2f: %+.2f +- %.2f", whole.Mean(busy), alone.Mean(busy), diff, within)
	farthest := stackFarthest
	if *stackOut == "" {
		farthest = coldHour
	}
	if diff < -farthest {
		t.Errorf("the whole dialer keeps agents busy %.1f points less than its pacer does", -diff)
	}
	if *stackOut != "" {
		s.write(t)
	}
}

// stacked are shifts that were worked twice.
type stacked struct {
	mu     sync.Mutex // guards all below
	shifts []Both
}

func (s *stacked) work(t *testing.T, c Cell, seed uint64) {
	whole, err := Shift(t.Context(), c, seed, stackTarget)
	if err != nil {
		t.Error(err)
	}
	alone := NewWorld(c, seed, New("ours", stackTarget, c)).Run()
	if whole.Bridged < 20 || whole.Over(stackTarget) > 4 { // how close it comes is shown by the suite
		t.Errorf("%+v", whole)
	}
	t.Logf("whole %+v", whole)
	t.Logf("alone %+v", alone)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shifts = append(s.shifts, Both{c.Agents, whole, alone})
}

func (s *stacked) write(t *testing.T) {
	f, err := os.Create(*stackOut)
	if err != nil {
		t.Fatal(err)
	}
	enc := json.NewEncoder(f)
	for _, b := range s.shifts {
		if err := enc.Encode(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
