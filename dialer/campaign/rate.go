package campaign

import (
	"math"
	"time"

	"strowger/dialer/pacing"
)

// Rate is how a campaign stands within a window.
type Rate struct {
	Counts
	From          time.Time // since when
	FalseMachines float64   // people taken for machines, estimated
	Limit         float64
	Share         float64 // of the answers that counts as dropped
	Used          float64 // part of the budget that is used; 1: all of it
	Headroom      float64 // drops that are left now; below zero: too many
	Projected     float64 // share by close, if it goes on as in the last hour
	Coming        float64 // answers that the same window will still have by close, at that pace; 0: not known, or it ends at each instant
}

// Live are the answers that a rate is measured by.
func (c Counts) Live() int { return c.Connected + c.Dropped }

// rateOf is the rate of some counts.
func rateOf(c Counts, limit, falseShare float64) Rate {
	r := Rate{Counts: c, Limit: limit, FalseMachines: falseShare * float64(c.Machines)}
	bad := float64(c.Dropped) + r.FalseMachines
	all := bad + float64(c.Connected)
	r.Headroom = limit*all - bad
	if all > 0 {
		r.Share = bad / all
	}
	switch {
	case limit*all > 0:
		r.Used = bad / (limit * all)
	case bad > 0:
		r.Used = 1
	}
	return r
}

// Rate is how the campaign stands within the rule's window. Close is when no
// more is dialled today; not after now: not known.
func (l *Ledger) Rate(now, closes time.Time) Rate { return l.rate(l.rule.Window, now, closes) }

// Today is how it stands since midnight, by the same formula.
func (l *Ledger) Today(now, closes time.Time) Rate { return l.rate(Window{Kind: Day}, now, closes) }

func (l *Ledger) rate(w Window, now, closes time.Time) Rate {
	from := w.begin(now, l.since, l.rule.Zone)
	r := rateOf(l.Since(from), l.rule.Limit, l.rule.falseShare(l.labels))
	r.From = from
	r.Projected = r.Share
	if closes.After(now) {
		r.Projected = l.projected(w, now, closes)
		r.Coming = l.coming(w, now, closes)
	}
	return r
}

// The time by which is judged how a campaign goes on.
const (
	paceLongest  = time.Hour
	paceShortest = 10 * time.Minute
)

// projected is the share by close: what the window will hold of what there is,
// and the rest at the pace of the last hour.
func (l *Ledger) projected(w Window, now, closes time.Time) float64 {
	c := l.Since(w.begin(closes, l.since, l.rule.Zone))
	last, over := l.pace(now)
	more := closes.Sub(now).Seconds() / over.Seconds()
	wrong := l.rule.falseShare(l.labels)
	bad := float64(c.Dropped) + wrong*float64(c.Machines) + more*(float64(last.Dropped)+wrong*float64(last.Machines))
	all := bad + float64(c.Connected) + more*float64(last.Connected)
	if all <= 0 {
		return 0
	}
	return bad / all
}

// pace is what the last hour has brought, and for how long of it there was anything.
func (l *Ledger) pace(now time.Time) (last Counts, over time.Duration) {
	from := now.Add(-paceLongest)
	over = paceLongest
	if i, _ := l.find(minuteOf(from)); i < len(l.slots) {
		first := time.Unix(l.slots[i].minute*60, 0)
		over = min(paceLongest, max(paceShortest, now.Sub(first)))
	}
	return l.Since(from), over
}

// coming is how many answers the window in which now is will still have by close,
// at the pace of the last hour.
func (l *Ledger) coming(w Window, now, closes time.Time) float64 {
	if w.Kind == Rolling {
		return 0
	}
	if ends := w.ends(now, l.since, l.rule.Zone); ends.Before(closes) {
		closes = ends
	}
	last, over := l.pace(now)
	return closes.Sub(now).Seconds() / over.Seconds() * float64(last.Live())
}

// Pace is what the pacer is told: the answers of the day, the rule's window
// beside it, and the share that it may aim at.
func (l *Ledger) Pace(now time.Time) (today pacing.Counts, windows []pacing.Window, target float64) {
	day, rule := l.Today(now, now), l.Rate(now, now)
	limit := rule.target()
	return day.pacing(), []pacing.Window{{Counts: rule.pacing(), Limit: limit}}, min(l.rule.Aim, limit, day.target())
}

func (r *Rate) pacing() pacing.Counts {
	return pacing.Counts{Humans: r.Live(), Abandoned: r.Dropped}
}

// target is the limit minus the part that people who were taken for machines
// have in the answers, at least zero.
func (r *Rate) target() float64 {
	if r.FalseMachines <= 0 {
		return r.Limit
	}
	return math.Max(0, r.Limit-r.FalseMachines/(float64(r.Live())+r.FalseMachines))
}
