package dialer

import (
	"context"
	"math"
)

// Trial is one pacer over some cells and seeds, shift by shift.
type Trial struct {
	Kind   string
	Target float64
	Shifts []Result // cell by cell, seed by seed
}

// Try lets a pacer work every cell with every seed.
func Try(ctx context.Context, kind string, target float64, cells []Cell, seeds int) (Trial, error) {
	t := Trial{Kind: kind, Target: target}
	for _, c := range cells {
		for seed := range seeds {
			if err := ctx.Err(); err != nil {
				return t, err
			}
			t.Shifts = append(t.Shifts, NewWorld(c, uint64(seed+1), New(kind, target, c)).Run())
		}
	}
	return t, nil
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
