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
	again  int   // numbers that failed before as well, since the last call that ended otherwise
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
	FailedAgain            // so it was, and the last call to the number failed so too: it may be the number's after all
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

// Return gives back a call that was allowed and not made: what tries whether the
// trunk works again has not been tried.
func (b *Breaker) Return() { b.probed = time.Time{} }

// Ended tells how a call ended that was dialled at an instant. It reports whether
// the breaker has opened or closed by it. A number that failed before as well
// says little about the trunk: they come back together, one after the other, and
// only many of them among which no other gets through open the breaker.
func (b *Breaker) Ended(now, dialled time.Time, how How) bool {
	if b.open {
		return !dialled.Before(b.opened) && b.probeEnded(how) // else it says nothing about how the trunk is now
	}
	if how == FailedAgain {
		b.again++
	} else {
		b.ends = append(b.ends, end{now, how == Failed})
		b.again = 0
		if b.row++; how == Well {
			b.row = 0
		}
	}
	if len(b.ends) > b.fuse.Last {
		b.ends = b.ends[1:]
	}
	switch bad, all := b.recent(now); {
	case b.again >= b.fuse.Last:
		b.why = fmt.Sprintf("the last %d calls failed because of the trunk, as the calls before to the same numbers did", b.again)
	case b.row >= b.fuse.InRow:
		b.why = fmt.Sprintf("the last %d calls failed because of the trunk", b.row)
	case all >= b.fuse.Last && 2*bad >= all:
		b.why = fmt.Sprintf("%d of the last %d calls failed because of the trunk", bad, all)
	default:
		return false
	}
	b.open, b.opened, b.probed, b.good, b.again = true, now, now, 0, 0
	return true
}

// probeEnded tells how a call ended that tried whether the trunk works again, and
// reports whether it does. One to a number that failed before was no good try:
// another may follow at once, for a while.
func (b *Breaker) probeEnded(how How) bool {
	switch how {
	case Failed:
		b.good, b.again = 0, 0
	case FailedAgain:
		if b.again++; b.again < b.fuse.Last {
			b.probed = time.Time{}
		}
	case Well:
		if b.good++; b.good >= b.fuse.Good {
			*b = Breaker{fuse: b.fuse, ends: b.ends[:0]}
			return true
		}
	}
	return false
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
