package dialer

import (
	"context"
	"fmt"
	"slices"
	"time"

	"strowger/bench/report"
	"strowger/dialer/pacing"
)

// Options say how much is measured.
type Options struct {
	Sizes    []int // teams
	Seeds    int
	Quick    bool // three of the cells
	Progress func(format string, a ...any)
}

// published are the figures that the pacers are held against: mean share of
// busy time in percent, by size of the team.
var published = map[string]map[int]float64{
	"preview":     {5: 49.9, 10: 50.0, 25: 50.6, 50: 50.6, 100: 50.7, 300: 50.5},
	"progressive": {5: 63.5, 10: 63.6, 25: 64.2, 50: 64.2, 100: 64.2, 300: 64.4},
	"vicidial":    {5: 65.0, 10: 65.9, 25: 68.6, 50: 69.9, 100: 71.1, 300: 72.7},
	"erlang":      {5: 71.8, 10: 80.4, 25: 87.8, 50: 91.6, 100: 94.3, 300: 96.4},
}

// Goals of the product's pacer: busy time in percent at a target of 3 and of 1 %.
var (
	goalAtThree = map[int]float64{5: 78, 10: 83, 25: 89.5, 50: 93, 100: 95.8, 300: 98.5}
	goalAtOne   = map[int]float64{5: 73, 10: 78.5, 25: 86, 50: 90.5, 100: 94, 300: 97.3}
)

// Run lets every pacer work teams of all sizes and enters how busy agents were.
func Run(ctx context.Context, o Options, book *report.Book) error {
	for _, size := range o.Sizes {
		cells := Cells(size)
		if o.Quick {
			cells = []Cell{cells[2], cells[8], cells[14]} // two minutes' talk, short wrap-up
		}
		trials := map[string]Trial{}
		for _, kind := range Kinds() {
			o.Progress("%d agents, %s: %d shifts", size, kind, len(cells)*o.Seeds)
			t, err := Try(ctx, kind, 0.03, cells, o.Seeds)
			if err != nil {
				return err
			}
			trials[kind] = t
			reference := published[kind][size]
			if o.Quick {
				reference = 0 // it is of all cells
			}
			enter(book, fmt.Sprintf("busy_%d_%s", size, kind), t, reference)
		}
		one, err := Try(ctx, "ours", 0.01, cells, o.Seeds)
		if err != nil {
			return err
		}
		own := trials["ours"]
		if o.Quick {
			book.Add(fmt.Sprintf("busy_%d_at_one_percent", size), one.Mean(busy), "%", nil)
			continue
		}
		book.AtLeast(fmt.Sprintf("busy_%d_at_three_percent", size), own.Mean(busy), "%", nil, goalAtThree[size])
		book.AtLeast(fmt.Sprintf("busy_%d_at_one_percent", size), one.Mean(busy), "%", nil, goalAtOne[size])
		for _, t := range []Trial{own, one} {
			book.AtMost(fmt.Sprintf("shifts_over_%d_at_%.0f_percent", size, 100*t.Target), float64(t.Beyond()), "shifts", nil, 0)
		}
		for _, other := range []string{"erlang", "vicidial", "progressive"} {
			diff, within := Difference(own, trials[other], busy)
			book.Note("%d agents: ours is busy %+.2f points (+- %.2f, 95 %%, %d pairs) beside %s", size, diff, within, len(own.Shifts), other)
		}
	}
	p50, p99 := Cost()
	book.Add("decision_us_p50", micro(p50), "us", nil)
	book.AtMost("decision_us_p99", micro(p99), "us", nil, 1000)
	return nil
}

func enter(book *report.Book, name string, t Trial, reference float64) {
	var ref *float64
	if reference > 0 {
		ref = report.Ref(reference)
	}
	book.Add(name, t.Mean(busy), "%", ref)
	book.Note("%s: %.2f %% dropped, %.1f s idle per call, %d of %d shifts over by more than one", name, t.Mean(share), t.Mean(idle), t.Beyond(), len(t.Shifts))
}

func micro(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// Cost measures decisions of a team of 300 with 1,500 lines that ring.
func Cost() (p50, p99 time.Duration) {
	const decisions = 2000
	p := pacing.New(pacing.Settings{})
	s := pacing.Scene{Now: 4 * time.Hour, End: 8 * time.Hour, LineLimit: 3000, Target: 0.03, Today: pacing.Counts{Humans: 9000, Abandoned: 250}}
	for i := range 300 {
		a := pacing.Agent{Status: pacing.Talking, Since: s.Now - time.Duration(i)*time.Second/2}
		if i%15 == 0 {
			a.Status = pacing.Idle
		}
		s.Agents = append(s.Agents, a)
	}
	for i := range 1500 {
		s.Ringing = append(s.Ringing, s.Now-time.Duration(1500-i)*14*time.Millisecond)
	}
	for i := range 2000 {
		f := pacing.Fact{At: s.Now, Kind: pacing.DialEnded, Outcome: pacing.NoAnswer, Took: 24 * time.Second}
		if i%10 == 0 {
			f.Outcome, f.Took = pacing.Human, time.Duration(6+i%9)*time.Second
		}
		p.Learn([]pacing.Fact{f})
	}
	took := make([]time.Duration, decisions)
	for i := range took {
		s.Now += 500 * time.Millisecond
		p.Learn([]pacing.Fact{{At: s.Now, Kind: pacing.TalkEnded, Took: time.Duration(30+i%200) * time.Second}})
		began := time.Now()
		p.Decide(&s)
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took[decisions/2], took[decisions*99/100]
}
