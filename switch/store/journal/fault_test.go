package journal

import (
	"context"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"strowger/switch/fault"
)

// disk makes chosen calls fail.
type disk struct {
	mu          sync.Mutex
	sync, write error
	short       int // bytes that a failing write still takes
	hits        int
	gate        chan struct{} // when not nil, fsync waits for it
	entered     chan struct{} // when not nil, fsync announces itself first
}

func (d *disk) set(sync, write error, short int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sync, d.write, d.short = sync, write, short
}

type diskFile struct {
	*os.File
	d *disk
}

func (f diskFile) Sync() error {
	f.d.mu.Lock()
	err, gate, entered := f.d.sync, f.d.gate, f.d.entered
	if err != nil {
		f.d.hits++
	}
	f.d.mu.Unlock()
	if entered != nil {
		entered <- struct{}{}
	}
	if gate != nil {
		<-gate
	}
	if err != nil {
		return err
	}
	return f.File.Sync()
}

func (f diskFile) WriteAt(b []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.write == nil {
		return f.File.WriteAt(b, off)
	}
	f.d.hits++
	n, err := f.File.WriteAt(b[:min(len(b), f.d.short)], off)
	if err != nil {
		return n, err
	}
	return n, f.d.write
}

// bad opens a journal on d and returns a counter of OnFault calls.
func bad(t *testing.T, dir string, d *disk, o Options) (*Journal, func() int) {
	t.Helper()
	var mu sync.Mutex
	calls := 0
	o.OnFault = func(*fault.Error) { mu.Lock(); calls++; mu.Unlock() }
	o.wrap = func(f *os.File) segmentFile { return diskFile{f, d} }
	j, _ := open(t, dir, o)
	return j, func() int { mu.Lock(); defer mu.Unlock(); return calls }
}

func TestFsyncErrorIsFinal(t *testing.T) {
	dir, d := t.TempDir(), &disk{}
	j, calls := bad(t, dir, d, Options{})
	fill(t, j, 5, 1)
	synced(t, j, 5)
	d.set(syscall.EIO, nil, 0)
	if err := j.Append(6, payload(6)); err != nil {
		t.Fatal(err)
	}
	if err := j.Flush(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	wantKind(t, j.WaitSynced(ctx, 6), fault.Unavailable)
	if ctx.Err() != nil {
		t.Fatal("the waiter was not woken")
	}
	d.set(nil, nil, 0) // a disk that works again must not be believed
	size := j.active.bytes
	for range 3 {
		wantKind(t, j.Append(7, payload(7)), fault.Unavailable)
		wantKind(t, j.Flush(), fault.Unavailable)
		wantKind(t, j.WaitSynced(t.Context(), 6), fault.Unavailable)
		wantKind(t, j.SaveSnapshot(6, nil), fault.Unavailable)
	}
	if j.SyncedSeq() != 5 || j.active.bytes != size || j.Stats().State != StateFailed {
		t.Fatalf("after the fault: %+v", j.Stats())
	}
	wantKind(t, j.Close(), fault.Unavailable) // the goroutine that has met the fault has ended
	if calls() != 1 || d.hits != 1 {
		t.Fatalf("OnFault called %d times, fsync failed %d times; want 1 and 1", calls(), d.hits)
	}
}

func TestWriteErrorIsFinalAndLeavesNoTornRecord(t *testing.T) {
	dir, d := t.TempDir(), &disk{}
	j, calls := bad(t, dir, d, Options{})
	fill(t, j, 5, 1)
	d.set(nil, syscall.EIO, 9)
	if err := j.Append(6, payload(6)); err != nil {
		t.Fatal(err)
	}
	wantKind(t, j.Flush(), fault.Unavailable)
	wantKind(t, j.WaitSynced(t.Context(), 6), fault.Unavailable)
	if calls() != 1 || d.hits != 1 {
		t.Fatalf("OnFault %d, failing writes %d", calls(), d.hits)
	}
	wantKind(t, j.Close(), fault.Unavailable)
	j, rep := open(t, dir, Options{})
	if rep.Last != 5 || len(rep.Incidents) != 0 {
		t.Fatalf("reopened: %+v", rep)
	}
	check(t, j, 0, 5)
}

func TestFullDiskRecoversWithoutLoss(t *testing.T) {
	dir, d := t.TempDir(), &disk{}
	now := time.Unix(1000, 0)
	j, calls := bad(t, dir, d, Options{now: func() time.Time { return now }})
	fill(t, j, 5, 1)
	d.set(nil, syscall.ENOSPC, 11)
	waiter := make(chan error, 1)
	for seq := uint64(6); seq <= 20; seq++ {
		if err := j.Append(seq, payload(seq)); err != nil {
			t.Fatal(err)
		}
		if seq == 6 {
			go func() { waiter <- j.WaitSynced(t.Context(), 6) }()
			for j.Stats().Waiting == 0 { // the waiter must be woken by the fault, not find it
				j.signal(j.kick)
			}
		}
		wantKind(t, j.Flush(), fault.Unavailable)
	}
	wantKind(t, <-waiter, fault.Unavailable)
	if d.hits != 1 {
		t.Fatalf("%d tries within the same quarter second", d.hits)
	}
	now = now.Add(time.Second)
	wantKind(t, j.Flush(), fault.Unavailable)
	if s := j.Stats(); s.State != StateFull || calls() != 1 || d.hits != 2 || s.FullEpisodes != 1 {
		t.Fatalf("OnFault %d, hits %d, %+v", calls(), d.hits, s)
	}
	synced(t, j, 5) // what was written before still counts
	d.set(nil, nil, 0)
	now = now.Add(time.Second)
	if err := j.Flush(); err != nil {
		t.Fatal(err)
	}
	synced(t, j, 20)
	check(t, j, 0, 20)
	shut(t, j)
	j, rep := open(t, dir, Options{})
	if len(rep.Incidents) != 0 {
		t.Fatalf("incidents: %+v", rep.Incidents)
	}
	check(t, j, 0, 20)
}

func TestFullDiskEndsAtTheMemoryLimit(t *testing.T) {
	dir, d := t.TempDir(), &disk{}
	j, calls := bad(t, dir, d, Options{PendingBytes: 2 * MaxRecord})
	d.set(nil, syscall.ENOSPC, 0)
	big := make([]byte, MaxRecord-100)
	for seq := uint64(1); seq <= 2; seq++ {
		if err := j.Append(seq, big); err != nil {
			t.Fatal(err)
		}
		wantKind(t, j.Flush(), fault.Unavailable)
	}
	wantKind(t, j.Append(3, big), fault.Unavailable)
	if s := j.Stats(); s.State != StateFailed || s.LastSeq != 2 || calls() != 2 {
		t.Fatalf("OnFault %d, %+v", calls(), s)
	}
}

// TestLoopNeverWaitsForFsync: while an fsync hangs, appends, flushes and even
// a full segment go on.
func TestLoopNeverWaitsForFsync(t *testing.T) {
	dir, d := t.TempDir(), &disk{gate: make(chan struct{})}
	j, _ := bad(t, dir, d, Options{SegmentBytes: 4096})
	for seq := uint64(1); seq <= 2000; seq++ {
		if err := j.Append(seq, payload(seq)); err != nil {
			t.Fatal(err)
		}
		if err := j.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	s := j.Stats()
	if s.SyncedSeq != 0 || s.FlushedSeq != 2000 || s.RotateLate == 0 {
		t.Fatalf("the fsync did not hang: %+v", s)
	}
	close(d.gate)
	synced(t, j, 2000)
	check(t, j, 0, 2000)
}

// TestFsyncCoversOnlyWhatWasFlushedBefore: a record written while an fsync
// runs is not on the disk when that fsync ends.
func TestFsyncCoversOnlyWhatWasFlushedBefore(t *testing.T) {
	d := &disk{gate: make(chan struct{}), entered: make(chan struct{}, 64)}
	j, _ := bad(t, t.TempDir(), d, Options{})
	t.Cleanup(func() { // before the journal is closed, also when the test fails
		d.mu.Lock()
		defer d.mu.Unlock()
		close(d.gate)
	})
	put := func(seq uint64) {
		if err := j.Append(seq, payload(seq)); err != nil {
			t.Fatal(err)
		}
		if err := j.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	put(1)
	<-d.entered
	put(2)
	d.gate <- struct{}{}
	synced(t, j, 1)
	if s := j.SyncedSeq(); s != 1 {
		t.Fatalf("synced %d before record 2 had its own fsync", s)
	}
	d.gate <- struct{}{}
	synced(t, j, 2)
}
