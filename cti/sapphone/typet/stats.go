package typet

import "sync/atomic"

// Stats are the figures of a [Listener].
type Stats struct {
	Connections atomic.Int64 // open now
	Calls       atomic.Int64 // running now, parked ones among them

	Accepted   atomic.Uint64 // connections
	Denied     atomic.Uint64 // connections from a source outside Allow
	Overloaded atomic.Uint64 // connections beyond a limit

	Frames     atomic.Uint64 // received
	Pings      atomic.Uint64 // of them
	Called     atomic.Uint64 // calls that were passed on
	Exceptions atomic.Uint64 // of them, those that ended in an exception
	Refused    atomic.Uint64 // calls in a form that is not served

	Cut [cutReasons]atomic.Uint64 // connections that we ended, by [Reason]
}

// Reason says why we ended a connection.
type Reason uint8

// The reasons.
const (
	Garbled Reason = iota // what came was not understood
	Silent                // nothing came in time
	Slow                  // a frame did not arrive in one go, or an answer was not read
	Short                 // memory for large messages was short
	Leaving               // we stop
	cutReasons
)

// String returns the reason as a metric's label.
func (r Reason) String() string {
	switch r {
	case Garbled:
		return "garbled"
	case Silent:
		return "silent"
	case Slow:
		return "slow"
	case Short:
		return "memory"
	case Leaving:
		return "stopping"
	case cutReasons:
	}
	return "unknown"
}

// Reasons lists all reasons.
func Reasons() []Reason { return []Reason{Garbled, Silent, Slow, Short, Leaving} }
