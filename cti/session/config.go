package session

import (
	"context"
	"sync/atomic"
	"time"

	"strowger/switch/fault"
)

// Message is one message on its way. The Deliverer does not change it.
type Message struct {
	Session     string // the agent session: order is kept inside one
	Destination string // where it goes; lanes of one destination share its workers
	URL         string // the same as the Sender needs it; for the Sender alone
	Name        string // of the message, for logs
	Body        []byte
	// Coalesce, when not empty, lets this message replace a waiting one of the
	// same lane with the same value. Only for messages that tell a whole state.
	Coalesce string
	// Once forbids second tries, and failures do not count against the lane:
	// for the farewell of a lane that was ended.
	Once bool
	// Note is the owner's own; [Config.Observe] gets it back.
	Note any
}

// Sender sends a message and waits for the reply until ctx ends. It calls
// sent once, when the message has been written to the peer's connection.
type Sender func(ctx context.Context, m Message, sent func()) error

// Reason says why a lane was ended.
type Reason uint8

// Reasons for ending a lane.
const (
	Overflow Reason = iota + 1 // a queue was full: the peer is slower than the events
	Failures                   // too many failures in a row
	Silence                    // no contact for too long
)

// String returns the reason as a metric's label.
func (r Reason) String() string {
	switch r {
	case Overflow:
		return "overflow"
	case Failures:
		return "failures"
	case Silence:
		return "silence"
	}
	return "unknown"
}

// Limits are what can change while a [Deliverer] works. Zero values mean the
// defaults.
type Limits struct {
	Wait         time.Duration // for a reply, then the next message is sent; default 250 ms
	ReplyTimeout time.Duration // default 100 s
	HoldLimit    time.Duration // that Hold keeps a message back; default 1 s
	LaneLength   int           // messages waiting in a lane, default 256
	MaxFailures  int           // in a row; default 20
	MaxSilence   time.Duration // default 24 h
	// Backoff are the pauses before further tries; default 0.5 s, 2 s, 5 s.
	Backoff []time.Duration
}

func (l Limits) filled() Limits {
	positive(&l.Wait, 250*time.Millisecond)
	positive(&l.ReplyTimeout, 100*time.Second)
	positive(&l.HoldLimit, time.Second)
	positive(&l.LaneLength, 256)
	positive(&l.MaxFailures, 20)
	positive(&l.MaxSilence, 24*time.Hour)
	if l.Backoff == nil {
		l.Backoff = []time.Duration{500 * time.Millisecond, 2 * time.Second, 5 * time.Second}
	}
	return l
}

// Config configures a [Deliverer]. Zero values mean the defaults; Send is
// required.
type Config struct {
	Send Sender
	// Ended is told that a lane was ended. Messages for it are refused until
	// the owner calls Forget. It runs on its own goroutine and may call the
	// Deliverer. May be nil.
	Ended func(session, destination string, why Reason)
	// Observe is told the time from Enqueue to the outcome of every message
	// that was sent, and its error. It must be quick. May be nil.
	Observe func(m Message, took time.Duration, err error)

	Limits
	Workers    int // per destination, default 25
	DestLength int // messages waiting for a destination, default 20000
	DestBytes  int // their bytes, default 64 MiB
	MaxLanes   int // default 20000
}

func (c Config) filled() (Config, error) {
	if c.Send == nil {
		return c, fault.New(fault.Invalid, "session: new", "", "Send is required")
	}
	c.Limits = c.Limits.filled()
	positive(&c.Workers, 25)
	positive(&c.DestLength, 20000)
	positive(&c.DestBytes, 64<<20)
	positive(&c.MaxLanes, 20000)
	return c, nil
}

func positive[T int | time.Duration](v *T, fallback T) {
	if *v <= 0 {
		*v = fallback
	}
}

// Stats counts what a [Deliverer] did. Waiting, Open and Lanes are gauges,
// the others only grow. Every accepted message ends as exactly one of Sent,
// Failed, Coalesced or Discarded.
type Stats struct {
	Queued      atomic.Uint64 // accepted by Enqueue
	Refused     atomic.Uint64 // refused by Enqueue
	Sent        atomic.Uint64 // answered without an error
	Failed      atomic.Uint64 // given up
	Retried     atomic.Uint64 // second and later tries
	Overtaken   atomic.Uint64 // the next message was sent before the reply came
	Coalesced   atomic.Uint64 // replaced by a newer one while waiting
	Held        atomic.Uint64 // kept back by Hold for a moment
	HeldTooLong atomic.Uint64 // of these, sent before their release
	Discarded   atomic.Uint64 // dropped with an ended lane or at Stop

	EndedOverflow atomic.Uint64
	EndedFailures atomic.Uint64
	EndedSilence  atomic.Uint64

	Waiting atomic.Int64 // messages in queues
	Open    atomic.Int64 // requests without reply
	Lanes   atomic.Int64

	WaitingMax, OpenMax atomic.Int64 // the most so far
}

// raise adds one to a gauge and notes its highest value.
func raise(gauge, highest *atomic.Int64) {
	n := gauge.Add(1)
	for {
		most := highest.Load()
		if n <= most || highest.CompareAndSwap(most, n) {
			return
		}
	}
}

func (s *Stats) ended(r Reason) {
	switch r {
	case Overflow:
		s.EndedOverflow.Add(1)
	case Failures:
		s.EndedFailures.Add(1)
	case Silence:
		s.EndedSilence.Add(1)
	}
}
