package campaign

import (
	"cmp"
	"slices"
	"time"
)

// Running is a campaign that dials now.
type Running struct {
	Number int64 // of the campaign; ties go to the smaller
	Weight int   // against the others; at least 1
}

// Seat is an agent.
type Seat struct {
	Agent  string
	Serves []int64 // campaigns
	Busy   bool    // not free: in a call, or with the work after it
	With   int64   // the campaign whose call it is; 0: of none
}

// Share lends agents who serve several campaigns, to one at a time. Who is busy
// stays where they are; who is free goes to where least was lent for its weight.
// Only the time of agents who can be lent counts.
type Share struct {
	used map[int64]float64 // agent-seconds lent, by campaign
	at   map[string]int64  // where agents are
	last time.Time
}

// NewShare makes a Share to which nothing was lent.
func NewShare() *Share {
	return &Share{used: map[int64]float64{}, at: map[string]int64{}}
}

// patience is by how many seconds of an agent, for each weight, a campaign must be
// behind before a free agent is taken from another: who moves leaves lines behind
// that were dialled for them. A tick uses it as the cost of an agent, too.
const patience = 60.0

// Assign says for each agent to which campaign they count now; 0: to none. It is
// asked at each tick with all agents, in an order that does not change.
func (s *Share) Assign(now time.Time, running []Running, seats []Seat) []int64 {
	on := map[int64]float64{}
	for _, r := range running {
		on[r.Number] = float64(max(r.Weight, 1))
	}
	s.enter(on)
	gone := 0.0
	if !s.last.IsZero() {
		gone = max(0, now.Sub(s.last).Seconds())
	}
	s.last = now
	out, here := make([]int64, len(seats)), make(map[string]int64, len(seats))
	bill := map[int64]float64{} // what is used, with what each agent will use who is there now
	for n, used := range s.used {
		bill[n] = used
	}
	var free []int
	for i := range seats {
		a := &seats[i]
		serves := campaignsOf(a, on)
		at := s.at[a.Agent]
		if len(serves) > 1 && slices.Contains(serves, at) {
			s.used[at] += gone
			bill[at] += gone
		}
		switch {
		case len(serves) == 0:
			continue
		case a.Busy && slices.Contains(serves, a.With):
			out[i] = a.With
		case len(serves) == 1:
			out[i] = serves[0]
		case a.Busy && slices.Contains(serves, at):
			out[i] = at
		default:
			free = append(free, i)
			continue
		}
		here[a.Agent] = out[i]
		if len(serves) > 1 {
			bill[out[i]] += patience
		}
	}
	for _, i := range free {
		a := &seats[i]
		serves := campaignsOf(a, on)
		best := slices.MinFunc(serves, func(x, y int64) int {
			return cmp.Or(cmp.Compare(bill[x]/on[x], bill[y]/on[y]), cmp.Compare(x, y))
		})
		if at := s.at[a.Agent]; slices.Contains(serves, at) && bill[at]/on[at]-bill[best]/on[best] <= patience/min(on[at], on[best]) {
			best = at
		}
		out[i] = best
		here[a.Agent] = best
		bill[best] += patience
	}
	s.at = here
	return out
}

// enter begins to count for campaigns that have begun, from where the others
// are, so that a new one does not get all agents; others are forgotten.
func (s *Share) enter(on map[int64]float64) {
	least, any := 0.0, false
	for n, used := range s.used {
		w, runs := on[n]
		if !runs {
			delete(s.used, n)
			continue
		}
		if per := used / w; !any || per < least {
			least, any = per, true
		}
	}
	for n, w := range on {
		if _, known := s.used[n]; !known {
			s.used[n] = least * w
		}
	}
}

// campaignsOf are the running campaigns that an agent serves.
func campaignsOf(a *Seat, on map[int64]float64) []int64 {
	var out []int64
	for _, n := range a.Serves {
		if _, runs := on[n]; runs && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// Used are the agent-seconds that were lent to a campaign since it began to run.
func (s *Share) Used(number int64) float64 { return s.used[number] }
