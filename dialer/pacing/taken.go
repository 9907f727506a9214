package pacing

import "math"

// exactUpTo is the largest team whose distribution is computed exactly.
const exactUpTo = 12

// taken is, for each cell, the distribution of the number of agents who are
// taken: a sum of independent chances.
type taken struct {
	n int // agents there are

	// Small teams: the chance of each number below n, and of n or more.
	chance [cells][exactUpTo]float64
	full   [cells]float64

	// Large teams: mean, variance and third central moment.
	mean, variance, third [cells]float64
}

func (t *taken) reset(n int) {
	*t = taken{n: n}
	for k := range cells {
		t.chance[k][0] = 1
	}
}

func (t *taken) exact() bool { return t.n <= exactUpTo }

// add takes one more agent in a cell with a chance.
func (t *taken) add(k int, q float64) {
	if q <= 0 {
		return
	}
	q = min(q, 1)
	if !t.exact() {
		v := q * (1 - q)
		t.mean[k] += q
		t.variance[k] += v
		t.third[k] += v * (1 - 2*q)
		return
	}
	c := &t.chance[k]
	t.full[k] += c[t.n-1] * q
	for j := t.n - 1; j > 0; j-- {
		c[j] += (c[j-1] - c[j]) * q
	}
	c[0] -= c[0] * q
}

// addMany takes n more agents in a cell, each with the same chance.
func (t *taken) addMany(k int, q float64, n int) {
	if t.exact() {
		for range n {
			t.add(k, q)
		}
		return
	}
	q = min(max(q, 0), 1)
	all, v := float64(n)*q, float64(n)*q*(1-q)
	t.mean[k] += all
	t.variance[k] += v
	t.third[k] += v * (1 - 2*q)
}

// addRow takes one more agent with the chances of a row.
func (t *taken) addRow(r *row) {
	if t.exact() {
		for k := range cells {
			t.add(k, r[k])
		}
		return
	}
	t.sum(r, 1)
}

// remove undoes addRow, of a large team.
func (t *taken) remove(r *row) { t.sum(r, -1) }

// sum adds a row of chances, each from 0 to 1, to the moments of a large team.
func (t *taken) sum(r *row, sign float64) {
	for k, q := range r {
		v := q * (1 - q)
		t.mean[k] += sign * q
		t.variance[k] += sign * v
		t.third[k] += sign * v * (1 - 2*q)
	}
}

// addAll takes one agent in every cell for certain.
func (t *taken) addAll() {
	for k := range cells {
		t.add(k, 1)
	}
}

// every is the chance that all agents are taken in a cell.
func (t *taken) every(k int) float64 {
	if t.exact() {
		return t.full[k]
	}
	return t.above(k, float64(t.n)-0.5)
}

// all is the chance that all agents are taken in a cell, and allButOne that one is left.
func (t *taken) all(k int) (all, allButOne float64) {
	if t.exact() {
		return t.full[k], t.chance[k][t.n-1]
	}
	all = t.every(k)
	return all, max(0, t.above(k, float64(t.n)-1.5)-all)
}

// above is the chance of more than x: normal, corrected for skewness.
func (t *taken) above(k int, x float64) float64 {
	if t.variance[k] < 1e-9 {
		if t.mean[k] > x {
			return 1
		}
		return 0
	}
	sd := math.Sqrt(t.variance[k])
	z := (x - t.mean[k]) / sd
	skew := t.third[k] / (t.variance[k] * sd)
	density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
	below := math.Erfc(-z/math.Sqrt2) / 2
	return min(1, max(0, 1-below-skew*(1-z*z)*density/6))
}
