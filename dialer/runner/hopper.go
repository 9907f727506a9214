package runner

import (
	"slices"
	"time"

	"strowger/dialer/lead"
)

// claimLasts is how long a claimed lead waits for a line; then it goes back.
const claimLasts = 5 * time.Second

// ahead is for how long a campaign's lines are claimed ahead of need.
const ahead = 2 * time.Second

// claimMost is how many leads are claimed at once.
const claimMost = 200

// held is a claimed lead that is to be dialled.
type held struct {
	lead.Claimed
	until time.Time
	agent string // preview: whom it was claimed for
	known uint64 // what had been reviewed when it was claimed
}

// hopper are the leads of a campaign that are to be dialled next: those that are
// for an agent who is there, then the others, oldest first.
type hopper struct {
	leads  []held
	asked  map[string]bool      // claims that are being made, by the agent they are for; empty: anybody
	dry    map[string]time.Time // claims that brought nothing, likewise
	dialed []time.Time          // of the time ahead, oldest first
}

func newHopper() hopper {
	return hopper{asked: map[string]bool{}, dry: map[string]time.Time{}}
}

// dryFor is how long nothing is claimed after a claim that brought nothing, or failed.
const dryFor = 2 * time.Second

// dries reports whether a claim was in vain a moment ago.
func (h *hopper) dries(agent string, now time.Time) bool { return now.Sub(h.dry[agent]) < dryFor }

func (h *hopper) put(now time.Time, agent string, known uint64, leads []lead.Claimed) {
	fresh := make([]held, 0, len(leads)+len(h.leads))
	for _, c := range leads {
		fresh = append(fresh, held{c, now.Add(claimLasts), agent, known})
	}
	if agent != "" {
		h.leads = append(fresh, h.leads...)
		return
	}
	h.leads = append(h.leads, fresh...)
}

// take returns the next lead that is still good, false if there is none, and
// those that have become too old.
func (h *hopper) take(now time.Time) (next held, ok bool, old []lead.Release) {
	old = h.expire(now)
	if len(h.leads) == 0 {
		return held{}, false, old
	}
	next, h.leads = h.leads[0], h.leads[1:]
	return next, true, old
}

// expire lets go of the leads that have waited too long.
func (h *hopper) expire(now time.Time) (old []lead.Release) {
	h.leads = slices.DeleteFunc(h.leads, func(c held) bool {
		gone := !now.Before(c.until)
		if gone {
			old = append(old, lead.Release{Attempt: c.Attempt})
		}
		return gone
	})
	return old
}

// empty lets go of all.
func (h *hopper) empty() (back []lead.Release) {
	for _, c := range h.leads {
		back = append(back, lead.Release{Attempt: c.Attempt})
	}
	h.leads = nil
	return back
}

// dials notes a dial, for [hopper.lacks].
func (h *hopper) dials(now time.Time) { h.dialed = append(h.dialed, now) }

// lacks is how many leads should be claimed, so that those owed now and the
// lines of the next moments are there.
func (h *hopper) lacks(now time.Time, owed int) int {
	for len(h.dialed) > 0 && now.Sub(h.dialed[0]) > ahead {
		h.dialed = h.dialed[1:]
	}
	if owed == 0 && len(h.dialed) == 0 {
		return 0
	}
	return min(max(owed, len(h.dialed))-len(h.leads), claimMost)
}
