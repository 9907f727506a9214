package acd

import (
	"strowger/switch/callmodel"
)

// Router implements callmodel.Router with the strategies that the queue
// configurations name. The zero value is ready to use, by several goroutines too.
type Router struct{}

var _ callmodel.Router = Router{}

// Strategies lists the strategies that a queue may name.
func Strategies() []callmodel.Strategy {
	return []callmodel.Strategy{
		callmodel.LongestIdle, callmodel.RoundRobin, callmodel.FewestCalls, callmodel.LeastTalkTime,
		callmodel.Random, callmodel.Ordered, callmodel.RingAll,
	}
}

// Choose says who is offered a call: nobody, one agent, or with the strategy
// ring-all everybody who may get it, by number. Why has one verdict for each of
// r.Agents, in their order; its Key is what the strategy compared, and 0 for
// agents who may not get the call. A strategy that is not known counts as
// longest idle.
func (Router) Choose(r *callmodel.RouteQuery) callmodel.Choice {
	why, eligible := verdicts(r)
	if eligible == 0 {
		return callmodel.Choice{Why: why}
	}
	order := newOrder(r, why, eligible)
	if r.Queue.Strategy == callmodel.RingAll {
		return callmodel.Choice{Agents: ringAll(r, why, eligible), Why: why}
	}
	best := -1
	for i := range why {
		if why[i].Why != callmodel.WhyLater {
			continue
		}
		why[i].Key = order.key(i)
		if best < 0 || why[i].Key < why[best].Key || why[i].Key == why[best].Key && byNumber(r, i, best) < 0 {
			best = i
		}
	}
	why[best].Why = callmodel.WhyChosen
	return callmodel.Choice{Agents: []int{best}, Why: why}
}

// PickCall returns the index of the call that an agent gets who has become
// ready, or -1: the call with the higher sum of queue priority and call
// priority, then the one that came first, over all queues that the agent
// serves. Whether the agent may get the calls is the caller's to know.
func (Router) PickCall(_ *callmodel.Agent, queues []*callmodel.QueueConfig, calls []*callmodel.Call, _ callmodel.Instant) int {
	best := -1
	for i := range calls {
		if best < 0 || before(queues[i], calls[i], queues[best], calls[best]) {
			best = i
		}
	}
	return best
}

func before(qa *callmodel.QueueConfig, a *callmodel.Call, qb *callmodel.QueueConfig, b *callmodel.Call) bool {
	if pa, pb := qa.Priority+a.Priority, qb.Priority+b.Priority; pa != pb {
		return pa > pb
	}
	return a.Order < b.Order
}
