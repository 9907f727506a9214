package pacing

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// brute computes the distribution of a sum of chances by going through every combination.
func brute(chances []float64) []float64 {
	out := make([]float64, len(chances)+1)
	for set := range 1 << len(chances) {
		p, n := 1.0, 0
		for i, q := range chances {
			if set>>i&1 == 1 {
				p, n = p*q, n+1
			} else {
				p *= 1 - q
			}
		}
		out[n] += p
	}
	return out
}

func near(t testing.TB, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within || math.IsNaN(got) {
		t.Errorf("%s: %.6f, want %.6f", what, got, want)
	}
}

// TestTakenIsExact: small teams get the true distribution.
func TestTakenIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, exactUpTo).Draw(t, "agents")
		chances := rapid.SliceOfN(rapid.Float64Range(0, 1), 0, 10).Draw(t, "chances")
		var x taken
		x.reset(n)
		for _, q := range chances {
			x.add(3, q)
		}
		all, allButOne := x.all(3)
		want := brute(chances)
		wantAll, wantLast := 0.0, 0.0
		for k, p := range want {
			if k >= n {
				wantAll += p
			}
			if k == n-1 {
				wantLast = p
			}
		}
		if math.Abs(all-wantAll) > 1e-9 || math.Abs(allButOne-wantLast) > 1e-9 {
			t.Fatalf("%v of %d: %v %v, want %v %v", chances, n, all, allButOne, wantAll, wantLast)
		}
		if other, _ := x.all(4); other != 0 {
			t.Fatal("another cell has changed")
		}
	})
}

// TestTakenIsNearlyExact: the approximation for large teams stays close to the
// truth, which the recursion of small ones would give.
func TestTakenIsNearlyExact(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n       int
		chances []float64
	}{
		{13, repeat(0.9, 10, 0.2, 12)},
		{25, repeat(0.7, 24, 0.1, 60)},
		{100, repeat(0.8, 90, 0.15, 200)},
		{300, repeat(0.85, 290, 0.1, 600)},
	} {
		var x taken
		x.reset(c.n)
		truth := []float64{1}
		for _, q := range c.chances {
			x.add(0, q)
			next := make([]float64, len(truth)+1)
			for k, p := range truth {
				next[k] += p * (1 - q)
				next[k+1] += p * q
			}
			truth = next
		}
		want := 0.0
		for k := c.n; k < len(truth); k++ {
			want += truth[k]
		}
		all, allButOne := x.all(0)
		near(t, "all", all, want, 0.006)
		last := 0.0
		if c.n-1 < len(truth) {
			last = truth[c.n-1]
		}
		near(t, "all but one", allButOne, last, 0.006)
	}
}

func repeat(q float64, n int, r float64, m int) []float64 {
	var out []float64
	for range n {
		out = append(out, q)
	}
	for range m {
		out = append(out, r)
	}
	return out
}

// TestTakenForCertain: nothing is random, so nothing is approximated.
func TestTakenForCertain(t *testing.T) {
	t.Parallel()
	for _, n := range []int{3, 40} {
		var x taken
		x.reset(n)
		for range n - 1 {
			x.addAll()
		}
		all, allButOne := x.all(7)
		near(t, "one is left", all, 0, 0)
		near(t, "all but one", allButOne, 1, 0)
		x.addAll()
		all, _ = x.all(7)
		near(t, "none is left", all, 1, 0)
	}
}
