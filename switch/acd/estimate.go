package acd

import (
	"math/bits"
	"time"

	"strowger/switch/callmodel"
)

const (
	// DefaultHandle stands for the mean handle time of a queue that has not
	// handled a call yet.
	DefaultHandle = 3 * time.Minute
	// Unknown is the estimate where nobody serves the queue: no finite wait can
	// be told. Check for it before comparing or announcing.
	Unknown time.Duration = -1
	// MaxEstimate bounds an estimate; whoever is told a day need not know more.
	MaxEstimate = 24 * time.Hour
)

// Estimate returns the estimated wait of a call that ahead calls wait before,
// in a queue that staffed agents serve (logged in and working, whatever they
// are doing now), ready of them free:
//
//	0                                    ready > ahead: a free agent is left for it
//	Unknown                              otherwise, with nobody staffed
//	(ahead - ready + 1) * handle / staffed   otherwise, rounded down, at most MaxEstimate
//
// handle is the queue's mean handle time (DefaultHandle before the first call).
// Reason: while all n agents of an M/M/n queue are busy, calls end at the rate
// n / handle, so the k-th in line waits for k ends, k * handle / n in the mean.
// The calls ahead take the ready agents first. Where other queues share the
// agents the truth is longer; where callers give up it is shorter.
func (Router) Estimate(q *callmodel.Queue, ahead, staffed, ready int) time.Duration {
	ahead, ready = max(ahead, 0), max(ready, 0)
	if ready > ahead {
		return 0
	}
	if staffed <= 0 {
		return Unknown
	}
	handle := q.Handle
	if q.Handles == 0 {
		handle = DefaultHandle
	}
	hi, lo := bits.Mul64(uint64(ahead-ready+1), uint64(max(handle, 0)))
	if hi >= uint64(staffed) {
		return MaxEstimate
	}
	wait, _ := bits.Div64(hi, lo, uint64(staffed))
	return time.Duration(min(wait, uint64(MaxEstimate)))
}
