package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"strowger/switch/fault"
)

// retryFull is how long a flush waits before it tries a full disk again.
const retryFull = 250 * time.Millisecond

// segment is one file of records. Its fields are written under Journal.mu.
type segment struct {
	path  string
	first uint64 // 0 while the file is empty
	last  uint64
	bytes int64
	file  segmentFile // nil once everything in it is on the disk and no more will come
}

// Journal is an open journal folder. See the package text for who may call what.
type Journal struct {
	dir   string
	opts  Options
	lock  *os.File
	count counters

	// Owned by the loop: records not yet written, behind room for a segment
	// header, so that a fresh segment takes one write(2) too.
	buf       []byte
	bufFirst  uint64
	fullRetry time.Time

	last    atomic.Uint64 // last appended
	pending atomic.Int64  // bytes in buf
	failed  atomic.Pointer[fault.Error]

	mu       sync.Mutex
	segments []*segment // with records, oldest first; the active one is last once it has any
	active   *segment
	spare    *segment   // nil while the syncer makes one
	dirty    []*segment // left behind by the loop, not yet fsynced
	flushed  uint64
	synced   uint64
	full     *fault.Error
	waiting  int
	advanced chan struct{} // closed when synced, full, failed or closed changes; nil without waiters
	closed   bool
	snaps    []uint64 // valid snapshots, oldest first

	nextIndex uint64        // syncer's
	spareBad  bool          // syncer's: the last try to make a spare failed
	kick      chan struct{} // something was flushed
	urgent    chan struct{} // somebody waits for it
	quit      chan struct{}
	done      chan struct{}

	snapMu sync.Mutex   // one snapshot at a time
	files  sync.RWMutex // read: a replay is reading segments; write: removing some
}

// Open takes the folder dir (made if missing), repairs what a crash left
// behind and returns the journal with a report of what it found. Errors:
// Conflict when another controller has the folder, Unsupported when it was
// written by a newer version, Denied or Unavailable when the disk refuses,
// Invalid for bad options. Damage is not an error: see [RecoveryReport].
func Open(dir string, opts Options) (*Journal, RecoveryReport, error) {
	opts, err := opts.check()
	if err != nil {
		return nil, RecoveryReport{}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, RecoveryReport{}, ioFault("journal: open", dir, err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, RecoveryReport{}, err
	}
	j := &Journal{
		dir: dir, opts: opts, lock: lock, buf: make([]byte, headerSize, 64<<10),
		kick: make(chan struct{}, 1), urgent: make(chan struct{}, 1),
		quit: make(chan struct{}), done: make(chan struct{}),
	}
	report, err := j.recover()
	if err == nil {
		j.active, err = j.createSegment()
	}
	if err != nil {
		_ = lock.Close() // nothing was written through it
		return nil, report, err
	}
	j.signal(j.kick) // the first spare
	go j.syncLoop()
	return j, report, nil
}

// Append takes a copy of one record; seq must be [Journal.LastSeq]+1. It never
// touches the disk. Errors: Invalid (sequence, size), Busy when PendingBytes
// are waiting for [Journal.Flush], Unavailable when the journal has failed,
// Stopped after Close; the record is then not in the journal.
func (j *Journal) Append(seq uint64, rec []byte) error {
	const op = "journal: append"
	if f := j.failed.Load(); f != nil {
		return f
	}
	last := j.last.Load()
	switch {
	case j.buf == nil:
		return fault.New(fault.Stopped, op, "", "the journal is closed")
	case seq != last+1:
		return fault.Newf(fault.Invalid, op, "", "sequence %d does not follow %d", seq, last)
	case len(rec) > MaxRecord:
		return fault.Newf(fault.Invalid, op, "", "record %d has %d bytes; at most %d fit", seq, len(rec), MaxRecord)
	case len(j.buf)+recordHead+len(rec) > j.opts.PendingBytes:
		return j.overfull()
	}
	if len(j.buf) == headerSize {
		j.bufFirst = seq
	}
	j.buf = appendRecord(j.buf, seq, rec)
	j.last.Store(seq)
	j.pending.Store(int64(len(j.buf) - headerSize))
	j.count.records.Add(1)
	return nil
}

// overfull is the memory limit: ordinary back-pressure on a good disk, the end
// on a full one, because from here on records would be missing.
func (j *Journal) overfull() error {
	j.mu.Lock()
	full := j.full
	j.mu.Unlock()
	if full == nil {
		return fault.Newf(fault.Busy, "journal: append", "", "%d bytes wait to be flushed; flush first", len(j.buf))
	}
	return j.fail(&fault.Error{
		Kind: fault.Unavailable, Op: "journal: append", Subject: j.dir, Err: full,
		Reason: "the disk is full and so is the memory kept for its recovery; make room on the disk, then restart the controller",
	})
}

// Flush hands all appended records to the kernel in one write(2) and wakes the
// syncer. It never fsyncs. Errors: Unavailable when the disk is full (the
// records stay in memory and the next Flush tries again) or the journal has failed.
func (j *Journal) Flush() error {
	if f := j.failed.Load(); f != nil {
		return f
	}
	if len(j.buf) <= headerSize {
		return nil
	}
	if !j.fullRetry.IsZero() && j.opts.now().Before(j.fullRetry) {
		j.mu.Lock()
		defer j.mu.Unlock()
		return j.full
	}
	if j.active.bytes > 0 && j.active.bytes+int64(len(j.buf)) > j.opts.SegmentBytes {
		j.rotate()
	}
	b, off := j.buf[headerSize:], j.active.bytes
	if off == 0 {
		putHeader(j.buf, j.bufFirst, j.opts.now().UnixMicro())
		b = j.buf
	}
	if n, err := j.active.file.WriteAt(b, off); err != nil {
		return j.writeFailed(n, off, err)
	}
	j.written(int64(len(b)))
	return nil
}

// written books a batch that the kernel took.
func (j *Journal) written(n int64) {
	last := j.last.Load()
	j.mu.Lock()
	g := j.active
	if g.bytes == 0 {
		g.first = j.bufFirst
		j.segments = append(j.segments, g)
	}
	g.last, g.bytes, j.flushed = last, g.bytes+n, last
	recovered := j.full != nil
	j.full = nil
	waiting := j.waiting > 0
	j.mu.Unlock()
	j.buf = j.buf[:headerSize]
	j.fullRetry = time.Time{}
	j.pending.Store(0)
	j.count.bytes.Add(uint64(n))
	j.count.flushes.Add(1)
	if waiting {
		j.signal(j.urgent)
	} else {
		j.signal(j.kick)
	}
	if recovered {
		j.opts.Logger.Info("journal: the disk has room again, no record was lost", "dir", j.dir, "seq", last)
	}
}

// rotate moves on to the spare segment. Without one the loop goes on in the
// old file: a late spare must not stop calls.
func (j *Journal) rotate() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.spare == nil {
		j.count.rotateLate.Add(1)
		return
	}
	j.dirty = append(j.dirty, j.active)
	j.active, j.spare = j.spare, nil
}

// writeFailed cuts a half-written batch off again and decides whether the
// fault can end.
func (j *Journal) writeFailed(n int, off int64, err error) error {
	e := ioFault("journal: write", j.active.path, err)
	if n > 0 {
		if terr := j.active.file.Truncate(off); terr != nil {
			e.Err = errors.Join(err, terr)
			return j.fail(e)
		}
	}
	if !diskFull(err) {
		return j.fail(e)
	}
	j.fullRetry = j.opts.now().Add(retryFull)
	j.mu.Lock()
	first := j.full == nil
	j.full = e
	j.broadcast()
	j.mu.Unlock()
	if first {
		j.count.fullEpisodes.Add(1)
		j.opts.Logger.Error("journal: the disk is full, records stay in memory", "file", e.Subject)
		j.opts.OnFault(e)
	}
	return e
}

// fail ends the journal for good and returns the fault that did it first.
func (j *Journal) fail(e *fault.Error) *fault.Error {
	if !j.failed.CompareAndSwap(nil, e) {
		return j.failed.Load()
	}
	j.mu.Lock()
	j.broadcast()
	j.mu.Unlock()
	j.opts.Logger.Error("journal: failed for good, nothing more is written", "err", e)
	j.opts.OnFault(e)
	return e
}

// LastSeq returns the sequence number of the last appended record; after
// [Open] that of the last good record or of the newest snapshot; 0 when there is none.
func (j *Journal) LastSeq() uint64 { return j.last.Load() }

// SyncedSeq returns the highest sequence number known to be on the disk.
func (j *Journal) SyncedSeq() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.synced
}

// WaitSynced is the ack gate: it asks for a prompt fsync and returns once seq
// is on the disk. Errors: Unavailable when the disk is full or has failed,
// Stopped when the journal was closed first; ctx's end gives Stopped (cancelled) or
// Unavailable (deadline).
func (j *Journal) WaitSynced(ctx context.Context, seq uint64) error {
	const op = "journal: wait"
	j.mu.Lock()
	j.waiting++
	defer func() { j.waiting--; j.mu.Unlock() }()
	for {
		switch {
		case j.synced >= seq:
			return nil
		case j.failed.Load() != nil:
			return j.failed.Load()
		case j.full != nil && seq > j.flushed:
			return j.full
		case j.closed:
			return fault.New(fault.Stopped, op, "", "the journal is closed")
		}
		if j.advanced == nil {
			j.advanced = make(chan struct{})
		}
		ch := j.advanced
		if j.flushed > j.synced {
			j.signal(j.urgent)
		}
		j.mu.Unlock()
		select {
		case <-ch:
			j.mu.Lock()
		case <-ctx.Done():
			j.mu.Lock()
			return fault.Wrap(fault.KindOf(ctx.Err()), op, fmt.Sprint(seq), ctx.Err())
		}
	}
}

// Close flushes, fsyncs and gives the folder back. It belongs to the goroutine
// that appends and may be called twice. It reports a journal that failed.
func (j *Journal) Close() error {
	j.mu.Lock()
	closed := j.closed
	j.mu.Unlock()
	if closed {
		return nil
	}
	j.fullRetry = time.Time{} // the last chance does not wait
	err := j.Flush()
	close(j.quit)
	<-j.done // the syncer's last act is an fsync
	if f := j.failed.Load(); f != nil {
		err = f
	}
	j.mu.Lock()
	j.closed = true
	j.broadcast()
	open := append(j.dirty, j.active)
	if j.spare != nil {
		open = append(open, j.spare)
	}
	j.dirty = nil
	j.mu.Unlock()
	j.buf = nil
	for _, g := range open {
		if cerr := g.file.Close(); cerr != nil && err == nil {
			err = ioFault("journal: close", g.path, cerr)
		}
	}
	j.snapMu.Lock() // a snapshot being saved still needs the folder
	defer j.snapMu.Unlock()
	if cerr := j.lock.Close(); cerr != nil && err == nil {
		err = ioFault("journal: close", j.dir, cerr)
	}
	return err
}

// broadcast wakes everybody in WaitSynced; mu is held.
func (j *Journal) broadcast() {
	if j.advanced != nil {
		close(j.advanced)
		j.advanced = nil
	}
}

func (j *Journal) signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default: // one is waiting already
	}
}

// createSegment makes the next empty file and its name durable.
func (j *Journal) createSegment() (*segment, error) {
	j.nextIndex++
	path := filepath.Join(j.dir, fmt.Sprintf("journal-%010d.seg", j.nextIndex))
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, ioFault("journal: new segment", path, err)
	}
	if err := syncDir(j.dir); err != nil {
		_ = f.Close() // the file is empty; the next Open removes it
		return nil, ioFault("journal: new segment", path, err)
	}
	return &segment{path: path, file: j.opts.wrap(f)}, nil
}
