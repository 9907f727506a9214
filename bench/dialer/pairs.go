package dialer

import (
	"context"
	"math"
	"runtime"
	"sync"
)

// Trial is one pacer over some cells and seeds, shift by shift.
type Trial struct {
	Kind   string
	Target float64
	Shifts []Result // cell by cell, seed by seed
}

// Try lets a pacer work every cell with every seed, as many shifts at a time as
// there are processors.
func Try(ctx context.Context, kind string, target float64, cells []Cell, seeds int) (Trial, error) {
	t := Trial{Kind: kind, Target: target, Shifts: make([]Result, len(cells)*seeds)}
	next := make(chan int)
	var done sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(t.Shifts)) {
		done.Go(func() {
			for i := range next {
				c := cells[i/seeds]
				t.Shifts[i] = NewWorld(c, uint64(i%seeds+1), New(kind, target, c)).Run()
			}
		})
	}
	err := ctx.Err()
	for i := 0; i < len(t.Shifts) && err == nil; i++ {
		select {
		case next <- i:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	close(next)
	done.Wait()
	return t, err
}

// Mean is the mean of a figure over the shifts.
func (t Trial) Mean(of func(Result) float64) float64 {
	sum := 0.0
	for _, r := range t.Shifts {
		sum += of(r)
	}
	return sum / math.Max(1, float64(len(t.Shifts)))
}

// Beyond counts the shifts that ended with more than one drop too many.
func (t Trial) Beyond() int {
	n := 0
	for _, r := range t.Shifts {
		if r.Over(t.Target) > 1 {
			n++
		}
	}
	return n
}

func busy(r Result) float64 { return 100 * r.Busy }

func share(r Result) float64 { return 100 * r.Share() }

func idle(r Result) float64 { return r.Idle }

// lines are those that were dialled for each call.
func lines(r Result) float64 { return float64(r.Dials) / math.Max(1, float64(r.Bridged)) }

// Together is the share of the people who were dropped in all shifts, in percent.
func (t Trial) Together() float64 {
	var all Result
	for _, r := range t.Shifts {
		all.Humans, all.Dropped, all.False = all.Humans+r.Humans, all.Dropped+r.Dropped, all.False+r.False
	}
	return share(all)
}

// Difference is the mean of a figure's differences between two trials of the
// same shifts, and half the length of its 95 % interval.
func Difference(a, b Trial, of func(Result) float64) (diff, within float64) {
	n := float64(len(a.Shifts))
	if n < 2 || len(a.Shifts) != len(b.Shifts) {
		return 0, math.Inf(1)
	}
	sum, squares := 0.0, 0.0
	for i := range a.Shifts {
		d := of(a.Shifts[i]) - of(b.Shifts[i])
		sum += d
		squares += d * d
	}
	diff = sum / n
	deviation := math.Sqrt(math.Max(0, squares/n-diff*diff) * n / (n - 1))
	return diff, student(n-1) * deviation / math.Sqrt(n)
}

// student is the 97.5 % point of Student's distribution, by the first terms of
// its expansion around the normal one (Abramowitz and Stegun, 26.7.5).
func student(freedom float64) float64 {
	const z = 1.959964
	third, fifth, seventh := math.Pow(z, 3), math.Pow(z, 5), math.Pow(z, 7)
	return z + (third+z)/(4*freedom) + (5*fifth+16*third+3*z)/(96*freedom*freedom) +
		(3*seventh+19*fifth+17*third-15*z)/(384*math.Pow(freedom, 3))
}
