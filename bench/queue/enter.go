package queue

import (
	"fmt"
	"math"
	"runtime"

	"strowger/bench/report"
)

// Goals of DESIGN.md 7.
const (
	goalRatio         = 1.5
	goalCleanRate     = 150
	goalControllerCPU = 3 // ms per call
)

// enter writes the figures into the book and reports whether they count.
func (b *bench) enter(book *report.Book) (valid bool) {
	worst, complete := 0.0, len(b.o.Rates) > 0
	valid = true
	for _, rate := range b.o.Rates {
		ours, ref := b.samples[rate][b.ours], b.samples[rate][b.reference]
		if ours == nil || ours.calls == 0 || ref.calls == 0 {
			complete = false
			continue
		}
		b.enterRate(book, rate, ours, ref)
		worst = math.Max(worst, ours.median()/ref.median())
		b.remarks(book, rate)
		valid = valid && ours.valid() && ref.valid()
	}
	if complete {
		book.AtMost("connect_ms_p50_ratio", worst, "x", report.Ref(1), goalRatio)
		b.enterCPU(book)
	}
	if len(b.o.Steps) > 0 && (b.ours.clean > 0 || b.ours.over) {
		book.AtLeast("clean_rate", float64(b.ours.clean), "calls/s", report.Ref(float64(b.reference.clean)), goalCleanRate)
	}
	return valid
}

func (b *bench) enterRate(book *report.Book, rate int, ours, ref *sample) {
	name := func(what string) string { return fmt.Sprintf("%s_at_%d", what, rate) }
	p50 := ref.median()
	book.AtMost(name("connect_ms_p50"), round(ours.median()), "ms", report.Ref(round(p50)), round(goalRatio*p50))
	book.Add(name("connect_ms_p99"), round(ours.percentile(99)), "ms", report.Ref(round(ref.percentile(99))))
	book.Add(name("failed_or_late"), float64(ours.failed+ours.late), "calls", report.Ref(float64(ref.failed+ref.late)))
	book.Add(name("controller_cpu_ms"), round(ours.perCall(ours.controller)), "ms", nil)
	book.Add(name("asterisk_cpu_ms"), round(ours.perCall(ours.asterisk)), "ms", report.Ref(round(ref.perCall(ref.asterisk))))
}

// enterCPU enters processor time per call over all rates together.
func (b *bench) enterCPU(book *report.Book) {
	var ours, ref sample
	for _, rate := range b.o.Rates {
		ours.add(b.samples[rate][b.ours])
		ref.add(b.samples[rate][b.reference])
	}
	book.AtMost("controller_cpu_ms", round(ours.perCall(ours.controller)), "ms", nil, goalControllerCPU)
	book.Add("asterisk_cpu_ms", round(ours.perCall(ours.asterisk)), "ms", report.Ref(round(ref.perCall(ref.asterisk))))
}

// remarks says what throws doubt on a rate's figures.
func (b *bench) remarks(book *report.Book, rate int) {
	for _, s := range []*side{b.ours, b.reference} {
		m := b.samples[rate][s]
		if !m.clean() {
			book.Note("%d/s, %s: %d of %d calls failed, %d were late", rate, s.name, m.failed, m.calls, m.late)
		}
		if m.mended > 0 {
			book.Note("%d/s, %s: %d agents were out of service after the calls", rate, s.name, m.mended)
		}
		if tool := math.Max(m.callers, m.phones); tool > toolLimit {
			book.Note("%d/s, %s: SIPp used %.0f %% of a processor, the figures may be SIPp's", rate, s.name, 100*tool)
		}
		if m.others > 0.1 {
			book.Note("%d/s, %s: other programs used up to %.0f %% of the machine's %d processors", rate, s.name, 100*m.others, runtime.NumCPU())
		}
	}
}

// round keeps figures to a thousandth.
func round(v float64) float64 { return math.Round(v*1000) / 1000 }
