package acd

import "strowger/switch/callmodel"

// Router implements callmodel.Router with the strategies that the queue
// configurations name. The zero value is ready to use.
type Router struct{}

var _ callmodel.Router = Router{}

// Strategies lists the strategies that a queue may name.
func Strategies() []callmodel.Strategy {
	return []callmodel.Strategy{callmodel.LongestIdle}
}

// PickAgent returns the index of the agent who gets the call, or -1. Longest
// idle: the one whose last call, or whose login where there was none, is the
// longest ago; the lower agent number where two are equal.
func (Router) PickAgent(_ *callmodel.QueueConfig, _ *callmodel.Call, candidates []*callmodel.Agent, _ callmodel.Instant) int {
	best := -1
	for i, a := range candidates {
		if best < 0 || a.IdleSince < candidates[best].IdleSince {
			best = i
		}
	}
	return best
}

// PickCall returns the index of the call that an agent gets who has become
// ready: the queue with the higher priority first, then the call that came
// first, over all queues that the agent serves.
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
	if qa.Priority != qb.Priority {
		return qa.Priority > qb.Priority
	}
	return a.Order < b.Order
}
