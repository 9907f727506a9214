package dialer

import (
	"context"
	"fmt"

	"strowger/bench/report"
)

// work is what a team of a size does, and with how many seeds: large ones take long.
func (o Options) work(size int) (cells []Cell, seeds int) {
	cells, seeds = Cells(size), o.Seeds
	switch {
	case o.Quick:
		return []Cell{cells[2], cells[8], cells[14]}, seeds // two minutes' talk, short wrap-up
	case size >= 50: // six of them, with talks of two minutes: in published cells their mean is that of all
		return []Cell{cells[2], cells[3], cells[8], cells[9], cells[14], cells[15]}, max(1, seeds/2)
	case size >= 25:
		return cells, max(1, seeds/2)
	}
	return cells, seeds
}

// runTable lets every pacer work teams of all sizes and enters how busy agents were.
func runTable(ctx context.Context, o Options, book *report.Book) error {
	book.Note("the published figures were made in another simulator, of which what was told is assumed here too: compare differences between pacers with those published, before the figures themselves")
	for _, size := range o.Sizes {
		if err := o.table(ctx, size, book); err != nil {
			return err
		}
	}
	return nil
}

func (o Options) table(ctx context.Context, size int, book *report.Book) error {
	cells, seeds := o.work(size)
	trials := map[string]Trial{}
	for _, kind := range Kinds() {
		o.Progress("%d agents, %s: %d shifts", size, kind, len(cells)*seeds)
		t, err := Try(ctx, kind, 0.03, cells, seeds)
		if err != nil {
			return err
		}
		trials[kind] = t
		o.enter(book, size, t)
	}
	o.Progress("%d agents, ours at 1 %%, and in their first half hour", size)
	one, err := Try(ctx, "ours", 0.01, cells, seeds)
	if err != nil {
		return err
	}
	half := make([]Cell, len(cells))
	for i, c := range cells {
		c.Hours = 0.5
		half[i] = c
	}
	cold, err := Try(ctx, "ours", 0.03, half, 2*seeds)
	if err != nil {
		return err
	}
	o.distances(book, size, trials)
	o.goals(book, size, trials["ours"], one, cold)
	for _, other := range []string{"hazard", "erlang", "supply", "vicidial", "progressive"} {
		diff, within := Difference(trials["ours"], trials[other], busy)
		book.Note("%d agents: ours is busy %+.2f points (+- %.2f, 95 %%, %d pairs) beside %s", size, diff, within, len(one.Shifts), other)
	}
	return nil
}

func (o Options) enter(book *report.Book, size int, t Trial) {
	var ref *float64
	if figure := published[t.Kind][size]; figure > 0 && !o.Quick { // it is of all cells
		ref = report.Ref(figure)
	}
	name := fmt.Sprintf("busy_%d_%s", size, t.Kind)
	book.Add(name, t.Mean(busy), "%", ref)
	book.Note("%s: %.2f %% dropped, %.1f s idle and %.1f lines per call, %d of %d shifts over by more than one",
		name, t.Mean(share), t.Mean(idle), t.Mean(lines), t.Beyond(), len(t.Shifts))
}

// distances says whether the pacers stand as they were published.
func (o Options) distances(book *report.Book, size int, trials map[string]Trial) {
	kept := 1.0
	for i, kind := range inOrder[1:] {
		diff, within := Difference(trials[kind], trials[inOrder[i]], busy)
		if diff <= 0 {
			book.Note("%d agents: %s is busy %+.2f points (+- %.2f) beside %s, which was published as less busy", size, kind, diff, within, inOrder[i])
		}
		if diff+within <= 0 {
			kept = 0
		}
	}
	if o.Quick {
		book.Add(fmt.Sprintf("order_%d", size), kept, "kept", nil)
		return
	}
	book.AtLeast(fmt.Sprintf("order_%d", size), kept, "kept", nil, 1)
	furthest := 0.0
	for _, kind := range inOrder {
		d := trials[kind].Mean(busy) - published[kind][size]
		furthest = max(furthest, d, -d)
		book.Note("%d agents, %s: %+.1f points beside the published figure", size, kind, d)
	}
	book.AtMost(fmt.Sprintf("distance_%d", size), furthest, "points", nil, near)
	own, rule := trials["ours"].Mean(busy), trials["hazard"].Mean(busy)
	book.Note("%d agents: the goal is %.1f points above the published rule, ours %.1f above that rule here", size, goalAtThree[size]-published["hazard"][size], own-rule)
}

// goals enters ours beside what it is to reach.
func (o Options) goals(book *report.Book, size int, three, one, cold Trial) {
	enter := func(name string, value float64, unit string, goal float64, most bool) {
		name = fmt.Sprintf(name, size)
		switch {
		case o.Quick:
			book.Add(name, value, unit, nil)
		case most:
			book.AtMost(name, value, unit, nil, goal)
		default:
			book.AtLeast(name, value, unit, nil, goal)
		}
	}
	enter("busy_%d_at_three_percent", three.Mean(busy), "%", goalAtThree[size], false)
	enter("busy_%d_at_one_percent", one.Mean(busy), "%", goalAtOne[size], false)
	enter("idle_%d_at_three_percent", three.Mean(idle), "s", goalIdle[size], true)
	enter("shifts_over_%d_at_3_percent", float64(three.Beyond()), "shifts", 0, true)
	enter("shifts_over_%d_at_1_percent", float64(one.Beyond()), "shifts", 0, true)
	enter("first_half_hour_%d", cold.Together(), "%", 3, true)
	book.Note("%d agents: the first half hour of %d shifts together; %d of them were over by more than one drop when it ended", size, len(cold.Shifts), cold.Beyond())
}
