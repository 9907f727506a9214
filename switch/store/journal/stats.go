package journal

import (
	"sync/atomic"
	"time"
)

// counters are written by the loop, the syncer and whoever saves snapshots.
type counters struct {
	records, bytes, flushes      atomic.Uint64
	fsyncs, fsyncLast, fsyncMax  atomic.Int64
	rotateLate, spareErrors      atomic.Uint64
	fullEpisodes                 atomic.Uint64
	snapshots, snapshotsDamaged  atomic.Uint64
	snapshotLast, snapshotErrors atomic.Int64
	segmentsRemoved              atomic.Uint64
}

// State is the journal's condition.
type State string

// The states of a journal: see "A disk that fails" in the package text.
const (
	StateOK     State = "ok"
	StateFull   State = "disk full"
	StateFailed State = "failed"
	StateClosed State = "closed"
)

// Stats are the journal's counters and gauges since [Open].
type Stats struct {
	State            State
	Records          uint64        // appended
	Bytes            uint64        // written, with record heads and segment headers
	Flushes          uint64        // writes handed to the kernel
	Fsyncs           int64         // fsync calls that ended well
	FsyncLast        time.Duration // duration of the last group fsync
	FsyncMax         time.Duration // the longest one
	LastSeq          uint64        // last appended
	FlushedSeq       uint64        // last handed to the kernel
	SyncedSeq        uint64        // last on the disk
	Lag              uint64        // appended, not yet on the disk
	Waiting          int           // callers inside WaitSynced
	PendingBytes     int64         // appended, not yet handed to the kernel
	Segments         int           // files with records
	SegmentBytes     int64         // their size
	SegmentsRemoved  uint64        // by retention
	RotateLate       uint64        // flushes that went on in a full segment because no spare was ready
	SpareErrors      uint64        // failed tries to make a spare segment
	FullEpisodes     uint64        // times the disk became full
	Snapshots        uint64        // saved
	SnapshotErrors   int64         // tries that failed
	SnapshotsDamaged uint64        // found unreadable
	SnapshotLast     time.Duration // time that the last one took to save
	SnapshotSeq      uint64        // of the newest valid one; 0 when none
}

// Stats returns the counters. It may be called from any goroutine.
func (j *Journal) Stats() Stats {
	c := &j.count
	s := Stats{
		Records: c.records.Load(), Bytes: c.bytes.Load(), Flushes: c.flushes.Load(),
		Fsyncs: c.fsyncs.Load(), FsyncLast: time.Duration(c.fsyncLast.Load()), FsyncMax: time.Duration(c.fsyncMax.Load()),
		SegmentsRemoved: c.segmentsRemoved.Load(), RotateLate: c.rotateLate.Load(), SpareErrors: c.spareErrors.Load(),
		FullEpisodes: c.fullEpisodes.Load(), Snapshots: c.snapshots.Load(), SnapshotErrors: c.snapshotErrors.Load(),
		SnapshotsDamaged: c.snapshotsDamaged.Load(), SnapshotLast: time.Duration(c.snapshotLast.Load()),
		PendingBytes: j.pending.Load(),
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	s.LastSeq, s.FlushedSeq, s.SyncedSeq = j.last.Load(), j.flushed, j.synced
	s.Lag = s.LastSeq - s.SyncedSeq
	s.Waiting = j.waiting
	for _, g := range j.segments {
		s.Segments++
		s.SegmentBytes += g.bytes
	}
	if len(j.snaps) > 0 {
		s.SnapshotSeq = j.snaps[len(j.snaps)-1]
	}
	switch {
	case j.failed.Load() != nil:
		s.State = StateFailed
	case j.closed:
		s.State = StateClosed
	case j.full != nil:
		s.State = StateFull
	default:
		s.State = StateOK
	}
	return s
}
