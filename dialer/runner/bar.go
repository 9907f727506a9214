package runner

import (
	"strings"
	"sync"
	"time"
)

// barLasts is for how long the runner itself remembers who must not be called
// any more: longer than a lead may be claimed before it is dialled. Later
// claims look at the list.
const barLasts = 2 * claimLasts

// bars are numbers and the beginnings of numbers that were put on a do-not-call
// list a moment ago.
type bars struct {
	mu   sync.Mutex // guards all below
	list []bar
}

type bar struct {
	prefix string
	whole  bool // the number, not all that begin so
	until  time.Time
}

// Bar tells that a number was put on a do-not-call list, or, with area, all that
// begin so: leads that are claimed already are not called either.
func (r *Runner) Bar(number string, area bool) {
	now := r.opt.Clock.Now()
	r.bars.mu.Lock()
	defer r.bars.mu.Unlock()
	r.bars.clean(now)
	r.bars.list = append(r.bars.list, bar{number, !area, now.Add(barLasts)})
}

func (b *bars) clean(now time.Time) {
	for len(b.list) > 0 && !now.Before(b.list[0].until) {
		b.list = b.list[1:]
	}
}

// has reports whether a number must not be called.
func (b *bars) has(number string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clean(now)
	for _, x := range b.list {
		if x.prefix == number || !x.whole && strings.HasPrefix(number, x.prefix) {
			return true
		}
	}
	return false
}

// Review has leads claimed anew that were claimed before now and not dialled:
// what forbids to call them may have changed for any number of them.
func (r *Runner) Review() { r.reviews.Add(1) }
