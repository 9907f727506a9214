package campaign

import (
	"slices"
	"time"
)

// Counts are answers of a campaign, by what became of them.
type Counts struct {
	Humans    int // people who answered, or who may be: the detector was not sure, or there is none
	Connected int // of them, who got an agent in time
	Dropped   int // of them, who got nobody in time
	Left      int // of them, who hung up before the time was over
	Machines  int // taken for machines, and not given to an agent
}

func (c *Counts) add(d Counts) {
	c.Humans += d.Humans
	c.Connected += d.Connected
	c.Dropped += d.Dropped
	c.Left += d.Left
	c.Machines += d.Machines
}

func (c Counts) less(d Counts) Counts {
	return Counts{c.Humans - d.Humans, c.Connected - d.Connected, c.Dropped - d.Dropped, c.Left - d.Left, c.Machines - d.Machines}
}

// Minute is what a minute has brought, as it is stored.
type Minute struct {
	At time.Time // any instant in it
	Counts
}

// Keep is for how long minutes are kept: the longest window, and a day.
const Keep = 31 * 24 * time.Hour

// slot is a minute in which something was counted.
type slot struct {
	minute int64  // since 1970
	upTo   Counts // of this minute and all before it
}

// Ledger counts the answers of one campaign.
type Ledger struct {
	rule   Rule
	labels Labels
	slots  []slot // by minute; those without an answer are not there
	gone   Counts // of minutes that are no longer kept
	since  time.Time
}

// NewLedger makes an empty ledger of a campaign that was started first at an instant.
func NewLedger(r Rule, since time.Time) *Ledger { return &Ledger{rule: r, since: since} }

// SetRule changes the rule; what was counted stays.
func (l *Ledger) SetRule(r Rule) { l.rule = r }

// SetLabels tells what the samples of machines were found to be.
func (l *Ledger) SetLabels(n Labels) { l.labels = n }

// Load replaces what was counted by what is stored. Minutes may come in any order.
func (l *Ledger) Load(minutes []Minute) {
	l.slots, l.gone = l.slots[:0], Counts{}
	sorted := slices.Clone(minutes)
	slices.SortStableFunc(sorted, func(a, b Minute) int { return a.At.Compare(b.At) })
	for _, m := range sorted {
		l.Add(m.At, m.Counts)
	}
}

// Add counts what has happened at an instant. A little late is no harm: it goes
// to the minute it belongs to.
func (l *Ledger) Add(at time.Time, c Counts) {
	minute := minuteOf(at)
	i, found := l.find(minute)
	if !found {
		before := l.gone
		if i > 0 {
			before = l.slots[i-1].upTo
		}
		l.slots = slices.Insert(l.slots, i, slot{minute, before})
	}
	for ; i < len(l.slots); i++ {
		l.slots[i].upTo.add(c)
	}
	l.forget(l.slots[len(l.slots)-1].minute - int64(Keep/time.Minute))
}

// forget lets go of the minutes before one.
func (l *Ledger) forget(before int64) {
	if i, _ := l.find(before); i > 0 {
		l.gone = l.slots[i-1].upTo
		l.slots = slices.Delete(l.slots, 0, i)
	}
}

// find is where a minute is, or where it would be.
func (l *Ledger) find(minute int64) (int, bool) {
	if n := len(l.slots); n > 0 && l.slots[n-1].minute < minute { // what is counted now is nearly always the last
		return n, false
	}
	return slices.BinarySearchFunc(l.slots, minute, func(s slot, m int64) int {
		switch {
		case s.minute < m:
			return -1
		case s.minute > m:
			return 1
		}
		return 0
	})
}

// Since is what was counted from an instant on; its whole minute is in it.
func (l *Ledger) Since(from time.Time) Counts {
	if len(l.slots) == 0 {
		return Counts{}
	}
	before, i := l.gone, 0
	if i, _ = l.find(minuteOf(from)); i > 0 {
		before = l.slots[i-1].upTo
	}
	return l.slots[len(l.slots)-1].upTo.less(before)
}

// minuteOf is an instant's minute since 1970, before it too.
func minuteOf(at time.Time) int64 {
	s := at.Unix()
	m := s / 60
	if s%60 < 0 {
		m--
	}
	return m
}
