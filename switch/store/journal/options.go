package journal

import (
	"log/slog"
	"os"
	"time"

	"strowger/switch/fault"
)

// Options configure [Open]. The zero value is what a controller should use.
type Options struct {
	// SegmentBytes is the size at which a new segment begins; 64 MiB if 0. A
	// segment may be larger by one batch, and while the next file is being made.
	SegmentBytes int64
	// FsyncEvery is the longest time that a flushed record waits for its fsync
	// when nobody asks for it; 20 ms if 0. [Journal.WaitSynced] does not wait for it.
	FsyncEvery time.Duration
	// PendingBytes limits what Append keeps in memory between flushes, and
	// while the disk is full; 32 MiB if 0.
	PendingBytes int
	// Retention says how much to keep beyond what the snapshots need.
	Retention Retention
	// Logger receives incidents and faults; nothing is logged if nil.
	Logger *slog.Logger
	// OnFault is called when the disk becomes full (once until it recovers)
	// and when the journal fails for good (once). It is called from the
	// goroutine that met the fault, possibly the shard loop: it must not block.
	OnFault func(*fault.Error)

	now  func() time.Time
	wrap func(*os.File) segmentFile
}

// Retention limits the segments that no snapshot needs any more. A limit of
// zero is not applied; when both are zero such segments are removed at once.
type Retention struct {
	Bytes int64         // at most so many bytes
	Age   time.Duration // not older than this since their last write
}

// segmentFile is what the journal does to an open segment; tests put failing
// disks behind it.
type segmentFile interface {
	WriteAt(b []byte, off int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

func (o Options) check() (Options, error) {
	if o.SegmentBytes == 0 {
		o.SegmentBytes = 64 << 20
	}
	if o.FsyncEvery == 0 {
		o.FsyncEvery = 20 * time.Millisecond
	}
	if o.PendingBytes == 0 {
		o.PendingBytes = 32 << 20
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.OnFault == nil {
		o.OnFault = func(*fault.Error) {}
	}
	if o.now == nil {
		o.now = time.Now
	}
	if o.wrap == nil {
		o.wrap = func(f *os.File) segmentFile { return f }
	}
	const op = "journal: options"
	switch {
	case o.SegmentBytes < 4096 || o.SegmentBytes > 1<<30:
		return o, fault.New(fault.Invalid, op, "SegmentBytes", "must be between 4 KiB and 1 GiB")
	case o.FsyncEvery < 0 || o.FsyncEvery > 10*time.Second:
		return o, fault.New(fault.Invalid, op, "FsyncEvery", "must be between 0 and 10 s")
	case o.PendingBytes < 2*MaxRecord || o.PendingBytes > 1<<30:
		return o, fault.New(fault.Invalid, op, "PendingBytes", "must be between 2 MiB and 1 GiB")
	case o.Retention.Bytes < 0 || o.Retention.Age < 0:
		return o, fault.New(fault.Invalid, op, "Retention", "must not be negative")
	}
	return o, nil
}
