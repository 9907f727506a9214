package pacing

import (
	"math"
	"testing"
)

// TestTalkTable: the chance to be free is that of a talk that has lasted so
// long already, and of the wrap-up behind it, counted sample by sample.
func TestTalkTable(t *testing.T) {
	t.Parallel()
	l := learned{changed: true}
	l.answers.add(5, answersMost)
	l.others.add(20, othersMost)
	for i := range 200 {
		l.talks.add(float64(i%100) + 0.5)
		l.wraps.add(float64(i%10) + 0.5)
	}
	var tab tables
	const grace = 2
	tab.build(&l, grace)
	for _, from := range []int{0, 4, 40, 80} {
		for _, k := range []int{0, 3, 15} {
			within := middle(k) + grace
			free, there := 0.0, 0.0
			for _, talk := range l.talks.T {
				if talk < float64(from) {
					continue
				}
				there++
				for _, wrap := range l.wraps.T {
					if talk+wrap <= float64(from)+within {
						free += 1 / float64(len(l.wraps.T))
					}
				}
			}
			near(t, "talk table", tab.talk[from/elapsed][k], free/there, 0.03)
		}
	}
	for _, from := range []int{0, 4} {
		done, there := 0.0, 0.0
		for _, wrap := range l.wraps.T {
			if wrap >= float64(from) {
				there++
				if wrap <= float64(from)+middle(1)+grace {
					done++
				}
			}
		}
		near(t, "wrap table", tab.wrap[from/elapsed][1], done/there, 0.11)
	}
}

// TestRowsEndWhereSamplesDo: who has talked for longer than nearly everybody
// before is judged by the last row that means something.
func TestRowsEndWhereSamplesDo(t *testing.T) {
	t.Parallel()
	l := newLearned()
	var tab tables
	tab.build(&l, 2)
	// 20 assumed talks: the row at 0 s has 20, the next ones with 15 and more follow.
	survive := 0
	for _, s := range l.talks.T {
		if s >= float64(len(tab.talk)*elapsed) {
			survive++
		}
	}
	if len(tab.talk) == 0 || survive >= least {
		t.Fatalf("%d rows, and %d samples are left behind the last", len(tab.talk), survive)
	}
	if *rowFor(tab.talk, 3000) != tab.talk[len(tab.talk)-1] || *rowFor(tab.talk, -1) != tab.talk[0] {
		t.Error("beyond its ends a table has other rows than its first and last")
	}
	if *rowFor(nil, 1) != (row{}) {
		t.Error("an empty table says that somebody will be free")
	}
}

// TestRate: the answer rate begins with what is assumed, follows what happens,
// and forgets.
func TestRate(t *testing.T) {
	t.Parallel()
	p := New(Settings{})
	near(t, "assumed", p.know.rate(), priorRate, 1e-12)
	tell := func(n int, every int) {
		for i := range n {
			f := Fact{Kind: DialEnded, Outcome: NoAnswer, Took: 20e9}
			if i%every == 0 {
				f.Outcome, f.Took = Human, 8e9
			}
			p.Learn([]Fact{f})
		}
	}
	tell(1, 1)
	near(t, "after one answer", p.know.rate(), 5/21.0, 1e-3)
	tell(3000, 10)
	near(t, "a tenth answers", p.know.rate(), 0.1, 0.01)
	tell(20000, 2)
	near(t, "a half answers", p.know.rate(), 0.5, 0.01)
	if p.know.answers.N > answersMost+1 || p.know.others.N > othersMost+1 {
		t.Errorf("the histograms grow: %v %v", p.know.answers.N, p.know.others.N)
	}
	if len(p.know.recent) > rateMost {
		t.Errorf("%d attempts are kept", len(p.know.recent))
	}
}

// TestRing: a line that has rung for long says by that alone that it is hardly answered.
func TestRing(t *testing.T) {
	t.Parallel()
	p := New(Settings{})
	for i := range 1000 {
		f := Fact{Kind: DialEnded, Outcome: NoAnswer, Took: 24e9}
		if i%4 == 0 {
			f.Outcome, f.Took = Human, 1e9*8
		}
		p.Learn([]Fact{f})
	}
	p.refresh(0)
	sum := func(since int64) (n float64) {
		p.tick++
		p.seats.reset(20)
		p.due = row{}
		p.ring(durationOf(float64(since)))
		for _, d := range p.due {
			n += d
		}
		return n
	}
	if a, b, c := sum(0), sum(6), sum(15); math.Abs(a-0.25) > 0.03 || math.Abs(b-a) > 0.01 || c > 0.05 {
		t.Errorf("expected answers of one line: %v just dialled, %v after 6 s, %v after 15 s", a, b, c)
	}
	if n := sum(500); n != 0 {
		t.Errorf("a line that has rung for longer than any before brings %v", n)
	}
}
