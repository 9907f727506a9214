package pacing

const (
	cells   = 16
	cell    = 2.0  // seconds
	elapsed = 4    // seconds between two rows of a table
	least   = 15   // samples that a row needs; else the last row with enough stands in
	longest = 3600 // seconds that a distribution tells apart
	rebuild = 30   // seconds between two times that the tables are built
)

// row is the chance to be free by the middle of each cell, and a grace period after it.
type row [cells]float64

// tables are what a decision looks up.
type tables struct {
	rate            float64
	answered, other [ringBins + 1]float64
	talk, wrap      []row // by seconds in the state, in steps of elapsed
	first, middle   row   // of a line dialled now: share answered within a cell, and by its middle
	typical         int   // cell in which half of the answers have come
}

func middle(k int) float64 { return cell * (float64(k) + 0.5) }

// at reads a distribution between its edges.
func at(t *[ringBins + 1]float64, seconds float64) float64 {
	x := max(seconds, 0) / ringBin
	i := int(x)
	if i >= ringBins {
		return t[ringBins]
	}
	return t[i] + (t[i+1]-t[i])*(x-float64(i))
}

func (t *tables) build(l *learned, grace float64) {
	l.answers.cdf(&t.answered)
	l.others.cdf(&t.other)
	t.typical = cells - 1
	for k := range cells {
		t.first[k] = at(&t.answered, cell*float64(k+1)) - at(&t.answered, cell*float64(k))
		t.middle[k] = at(&t.answered, middle(k))
		if t.typical == cells-1 && at(&t.answered, cell*float64(k+1)) >= 0.5 {
			t.typical = k
		}
	}
	talks, wraps := spread(l.talks.T), spread(l.wraps.T)
	t.talk = t.talk[:0]
	for from := 0; talks.enough(from); from += elapsed {
		var r row
		for k := range cells {
			within := middle(k) + grace
			free := 0.0
			for s := from; s < len(talks.mass) && float64(s-from) < within; s++ {
				free += talks.mass[s] * wraps.by(within-(float64(s-from)+0.5)) // a talk ends in the middle of its second
			}
			r[k] = min(1, free/talks.left[from])
		}
		t.talk = append(t.talk, r)
	}
	t.wrap = t.wrap[:0]
	for from := 0; wraps.enough(from); from += elapsed {
		var r row
		gone := wraps.by(float64(from))
		for k := range cells {
			r[k] = min(1, (wraps.by(float64(from)+middle(k)+grace)-gone)/wraps.left[from])
		}
		t.wrap = append(t.wrap, r)
	}
}

// rowFor is the row for who has been in a state for so long; a zero row where nothing is known.
func rowFor(rows []row, seconds float64) *row {
	if len(rows) == 0 {
		return &row{}
	}
	return &rows[min(int(max(seconds, 0)/elapsed), len(rows)-1)]
}

// distribution is that of samples on a grid of seconds.
type distribution struct {
	n    int
	mass []float64 // share that ends within each second
	upTo []float64 // share that ends before each second begins
	left []float64 // share that goes on at its beginning
}

func spread(samples []float64) distribution {
	size := 1
	for _, s := range samples {
		size = max(size, min(int(s), longest-1)+1)
	}
	d := distribution{n: len(samples), mass: make([]float64, size), upTo: make([]float64, size+1), left: make([]float64, size+1)}
	one := 1 / float64(max(len(samples), 1))
	for _, s := range samples {
		d.mass[min(int(s), size-1)] += one
	}
	d.left[0] = 1
	for i, m := range d.mass {
		d.upTo[i+1] = d.upTo[i] + m
		d.left[i+1] = max(0, 1-d.upTo[i+1])
	}
	return d
}

// enough reports whether so many samples have lasted as long that a row can be made of them.
func (d *distribution) enough(from int) bool {
	return from < len(d.mass) && nano(d.left[from]*float64(d.n)) >= nano(least)
}

// by is the share that has ended after so many seconds.
func (d *distribution) by(seconds float64) float64 {
	if seconds <= 0 {
		return 0
	}
	i := int(seconds)
	if i >= len(d.mass) {
		return 1
	}
	return d.upTo[i] + d.mass[i]*(seconds-float64(i))
}
