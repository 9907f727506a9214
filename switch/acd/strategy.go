package acd

import (
	"cmp"
	"math/bits"
	"slices"

	"strowger/switch/callmodel"
)

// order computes what a strategy compares; the lowest key gets the call.
type order struct {
	r        *callmodel.RouteQuery
	last     int64 // RoundRobin: number of the agent who got the last call, 0 for none
	highest  int64 // RoundRobin: highest agent number
	eligible int64
	drawn    int64   // Random: place of the agent who was drawn, among those who may get the call
	places   []int64 // Random: place of each agent, by number
}

func newOrder(r *callmodel.RouteQuery, why []callmodel.Verdict, eligible int) order {
	o := order{r: r, eligible: int64(eligible)}
	switch r.Queue.Strategy {
	case callmodel.RoundRobin:
		for i := range r.Agents {
			a := r.Agents[i].Agent
			o.highest = max(o.highest, a.Number)
			if a.ID == r.Last {
				o.last = a.Number
			}
		}
	case callmodel.Random:
		// The high word of a 64 by 64 bit product: each of n places has a share
		// that differs from 1/n by less than 2^-64.
		hi, _ := bits.Mul64(r.Random, uint64(eligible))
		o.drawn = int64(hi)
		o.places = make([]int64, len(r.Agents))
		for place, i := range numbered(r, why, eligible) {
			o.places[i] = int64(place)
		}
	default: // the others need nothing beyond the agent
	}
	return o
}

// key returns what the strategy compares of an agent who may get the call:
//
//	longest-idle     when the agent became idle, µs of the time line
//	round-robin      steps upwards from the agent of the last call, cyclic
//	fewest-calls     calls answered
//	least-talk-time  time talked, ns
//	random           steps upwards from the drawn agent, cyclic
//	ordered          rank in the queue
//	ring-all         0
func (o *order) key(i int) int64 {
	c := &o.r.Agents[i]
	switch o.r.Queue.Strategy {
	case callmodel.RoundRobin:
		if c.Agent.Number > o.last {
			return c.Agent.Number - o.last
		}
		return c.Agent.Number - o.last + o.highest
	case callmodel.FewestCalls:
		return int64(c.Agent.Handled)
	case callmodel.LeastTalkTime:
		return int64(c.Agent.Talk)
	case callmodel.Random:
		return (o.places[i] - o.drawn + o.eligible) % o.eligible
	case callmodel.Ordered:
		return int64(c.Config.Rank(o.r.Queue.ID))
	case callmodel.RingAll:
		return 0
	case callmodel.LongestIdle:
		return int64(c.Agent.IdleSince)
	default:
		return int64(c.Agent.IdleSince)
	}
}

// ringAll chooses everybody who may get the call, by number.
func ringAll(r *callmodel.RouteQuery, why []callmodel.Verdict, eligible int) []int {
	all := numbered(r, why, eligible)
	for _, i := range all {
		why[i].Why = callmodel.WhyChosen
	}
	return all
}

// numbered returns the indexes of those who may get the call, by number. The
// model gives them so already, which makes it one pass.
func numbered(r *callmodel.RouteQuery, why []callmodel.Verdict, eligible int) []int {
	out := make([]int, 0, eligible)
	sorted := true
	for i := range why {
		if why[i].Why != callmodel.WhyLater {
			continue
		}
		sorted = sorted && (len(out) == 0 || byNumber(r, out[len(out)-1], i) < 0)
		out = append(out, i)
	}
	if !sorted {
		slices.SortFunc(out, func(a, b int) int { return byNumber(r, a, b) })
	}
	return out
}

// byNumber compares two agents by number, and by id should numbers be equal.
func byNumber(r *callmodel.RouteQuery, a, b int) int {
	x, y := r.Agents[a].Agent, r.Agents[b].Agent
	return cmp.Or(cmp.Compare(x.Number, y.Number), cmp.Compare(x.ID, y.ID))
}
