package port

import (
	"context"
	"time"

	"strowger/switch/callmodel"
)

// Switch is what a client sees of the controller. Safe for concurrent use.
type Switch interface {
	// Do applies a command and returns Step's verdict (a *fault.Error, or nil
	// for accepted). Accepted is not the end of the story: that comes as
	// events. Kinds of its own: Busy (too many commands wait), Stopped.
	Do(ctx context.Context, cmd callmodel.Command) error
	// View returns a consistent picture of the switch.
	View(ctx context.Context) (*callmodel.View, error)
	// Watch returns a picture and every event after it, without a gap or a
	// duplicate: the first event has number View.Events+1.
	Watch(ctx context.Context, name string) (*callmodel.View, Subscription, error)
	// NewID mints an id for what a client creates.
	NewID() callmodel.ID
}

// Stamped is an event with its number and time. Immutable, shared by all readers.
type Stamped struct {
	callmodel.Event
	Seq  uint64            // number of the event, without gaps
	At   callmodel.Instant // on the shard's time line
	Wall time.Time         // UTC
}

// Subscription delivers events in order. Used by one goroutine.
type Subscription interface {
	// Next waits for events and returns all that are there, at least one. Its
	// error is of kind Overrun when the reader was too slow and has been cut
	// off (call Watch again), Stopped at the end, or the context's.
	Next(ctx context.Context) ([]Stamped, error)
	// Close ends the subscription; it may be called twice.
	Close()
}

// Feed takes facts from a telephony backend. It blocks while the engine is
// full and never drops a fact.
type Feed interface {
	Put(ctx context.Context, in callmodel.Input) error
	// NewID mints a call id for an arriving call.
	NewID() callmodel.ID
	// Now is the shard's present instant, for Resync.AsOf.
	Now() callmodel.Instant
}

// Effector executes orders. The engine calls it in order per call and in
// parallel across calls; every call has a deadline.
type Effector interface {
	Apply(ctx context.Context, e callmodel.Effect) EffectResult
}

// EffectResult is the outcome of an order.
type EffectResult struct {
	Outcome callmodel.Result
	Gone    bool  // the leg or bridge does not exist
	Later   bool  // the link is down or full: no fault of the order
	Err     error // nil when Outcome is Done
}

// Journal is the log of inputs (DESIGN.md 4). Append and Flush are called by
// the shard loop only; the rest is safe for concurrent use.
type Journal interface {
	// Append buffers record seq, which is one above the last. It copies rec and touches no disk.
	Append(seq uint64, rec []byte) error
	// Flush hands what was appended to the kernel: kill -9 loses nothing after it. It does not fsync.
	Flush() error
	// LastSeq is the last appended record, 0 for none.
	LastSeq() uint64
	// WaitSynced blocks until record seq is on disk.
	WaitSynced(ctx context.Context, seq uint64) error
	// Replay calls fn for every record after a sequence number, in order.
	Replay(after uint64, fn func(seq uint64, rec []byte) error) error
	// SaveSnapshot keeps a snapshot that includes record seq, and drops what two snapshots no longer need.
	SaveSnapshot(seq uint64, data []byte) error
	// LatestSnapshot returns the newest good snapshot, or seq 0 and nil.
	LatestSnapshot() (seq uint64, data []byte, err error)
}

// Clock tells the time. Tests use a fake one or testing/synctest.
type Clock interface {
	Now() time.Time
}
