package campaign

import (
	"fmt"
	"time"
)

// Fuse says when a trunk group counts as failing.
type Fuse struct {
	InRow  int           // failures in a row
	Last   int           // or half of the last so many ends,
	Within time.Duration // all of them within this time
	Probe  time.Duration // between two calls that try whether it works again
	Good   int           // of them, in a row, that must end well
}

// DefaultFuse is what holds where nothing else is said.
func DefaultFuse() Fuse {
	return Fuse{InRow: 5, Last: 20, Within: 10 * time.Second, Probe: 10 * time.Second, Good: 2}
}

// Breaker keeps a campaign from burning its leads on a trunk group that fails.
type Breaker struct {
	fuse   Fuse
	ends   []end // the last ones, oldest first
	row    int   // failures in a row
	open   bool
	opened time.Time
	probed time.Time // when the last probe was allowed
	good   int       // probes in a row that have ended well
	why    string
}

type end struct {
	at     time.Time
	failed bool
}

// How is how a call over the trunks ended.
type How int

// Ends of calls, for the breaker.
const (
	Well        How = iota // or badly, by the number's fault
	Failed                 // the trunk was the cause
	FailedAgain            // so it was, and the number's call before failed so too: it may be the number's after all
)

// NewBreaker makes a closed breaker. What a fuse leaves at zero is as in [DefaultFuse].
func NewBreaker(f Fuse) *Breaker {
	d := DefaultFuse()
	for _, v := range []struct{ have, usual *int }{{&f.InRow, &d.InRow}, {&f.Last, &d.Last}, {&f.Good, &d.Good}} {
		if *v.have <= 0 {
			*v.have = *v.usual
		}
	}
	if f.Within <= 0 {
		f.Within = d.Within
	}
	if f.Probe <= 0 {
		f.Probe = d.Probe
	}
	return &Breaker{fuse: f}
}

// Allow is how many of want calls may be made now: all of them, or, while the
// breaker is open, one from time to time.
func (b *Breaker) Allow(now time.Time, want int) int {
	if !b.open {
		return max(want, 0)
	}
	if want <= 0 || now.Sub(b.probed) < b.fuse.Probe {
		return 0
	}
	b.probed = now
	return 1
}

// Ended tells how a call ended that was dialled at an instant. It reports whether
// the breaker has opened or closed by it. Numbers that always fail count in a row
// alone: among others that get through they say nothing about the trunk.
func (b *Breaker) Ended(now, dialled time.Time, how How) bool {
	failed := how != Well
	if b.open {
		if dialled.Before(b.opened) {
			return false // it says nothing about how the trunk is now
		}
		if failed {
			if how == Failed {
				b.good = 0
			}
			return false
		}
		if b.good++; b.good < b.fuse.Good {
			return false
		}
		*b = Breaker{fuse: b.fuse, ends: b.ends[:0]}
		return true
	}
	if how != FailedAgain {
		b.ends = append(b.ends, end{now, failed})
	}
	if len(b.ends) > b.fuse.Last {
		b.ends = b.ends[1:]
	}
	if b.row++; !failed {
		b.row = 0
	}
	switch bad, all := b.recent(now); {
	case b.row >= b.fuse.InRow:
		b.why = fmt.Sprintf("the last %d calls failed because of the trunk", b.row)
	case all >= b.fuse.Last && 2*bad >= all:
		b.why = fmt.Sprintf("%d of the last %d calls failed because of the trunk", bad, all)
	default:
		return false
	}
	b.open, b.opened, b.probed, b.good = true, now, now, 0
	return true
}

// recent counts the ends that are not too old.
func (b *Breaker) recent(now time.Time) (bad, all int) {
	for _, e := range b.ends {
		if now.Sub(e.at) > b.fuse.Within {
			continue
		}
		if all++; e.failed {
			bad++
		}
	}
	return bad, all
}

// Open reports whether the breaker is open, since when and why.
func (b *Breaker) Open() (open bool, since time.Time, why string) { return b.open, b.opened, b.why }
