package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/switch/fault"
)

// payload is the content that every test gives to record seq; it carries seq,
// so that a record in the wrong place is seen.
func payload(seq uint64) []byte {
	return []byte(fmt.Sprintf("record %d %s", seq, strings.Repeat("x", int(seq%37))))
}

func open(t testing.TB, dir string, o Options) (*Journal, RecoveryReport) {
	t.Helper()
	j, rep, err := Open(dir, o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = j.Close() }) // a test that cares about the error closes it itself
	return j, rep
}

// fill appends and flushes records up to and including last, in batches.
func fill(t testing.TB, j *Journal, last uint64, batch int) {
	t.Helper()
	for n := 1; j.LastSeq() < last; n++ {
		seq := j.LastSeq() + 1
		if err := j.Append(seq, payload(seq)); err != nil {
			t.Fatalf("append %d: %v", seq, err)
		}
		if n%batch == 0 || seq == last {
			if err := j.Flush(); err != nil {
				t.Fatalf("flush %d: %v", seq, err)
			}
			rotateReady(t, j)
		}
	}
}

// rotateReady waits until the next rotation will find a spare.
func rotateReady(t testing.TB, j *Journal) {
	t.Helper()
	for {
		j.mu.Lock()
		ok := j.spare != nil
		j.mu.Unlock()
		if ok {
			return
		}
		synced(t, j, j.LastSeq())
		j.signal(j.urgent)
	}
}

func synced(t testing.TB, j *Journal, seq uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := j.WaitSynced(ctx, seq); err != nil {
		t.Fatalf("wait %d: %v", seq, err)
	}
}

func shut(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

// check replays everything after after and demands exactly the records up to last.
func check(t testing.TB, j *Journal, after, last uint64) {
	t.Helper()
	next := after + 1
	err := j.Replay(after, func(seq uint64, rec []byte) error {
		if seq != next {
			return fmt.Errorf("got record %d, want %d", seq, next)
		}
		if !bytes.Equal(rec, payload(seq)) {
			return fmt.Errorf("record %d holds %q", seq, rec)
		}
		next++
		return nil
	})
	if err != nil {
		t.Fatalf("replay after %d: %v", after, err)
	}
	if next != last+1 {
		t.Fatalf("replay ended with %d, want %d", next-1, last)
	}
}

func wantKind(t testing.TB, err error, k fault.Kind) {
	t.Helper()
	if !fault.Is(err, k) {
		t.Fatalf("got %v, want a fault of kind %v", err, k)
	}
}

func segmentsOf(t testing.TB, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "journal-*.seg"))
	if err != nil {
		t.Fatal(err)
	}
	var full []string
	for _, p := range all {
		if st, err := os.Stat(p); err == nil && st.Size() > 0 {
			full = append(full, p)
		}
	}
	return full
}

func TestRoundTripOverSegments(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "j")
	j, rep := open(t, dir, Options{SegmentBytes: 4096})
	if rep.Last != 0 || len(rep.Incidents) != 0 {
		t.Fatalf("new journal: %+v", rep)
	}
	fill(t, j, 1000, 7)
	check(t, j, 0, 1000)
	check(t, j, 555, 1000)
	check(t, j, 1000, 1000)
	synced(t, j, 1000)
	s := j.Stats()
	if s.Records != 1000 || s.SyncedSeq != 1000 || s.Lag != 0 || s.Segments < 5 || s.Fsyncs == 0 || s.State != StateOK {
		t.Fatalf("stats %+v", s)
	}
	shut(t, j)
	shut(t, j)
	wantKind(t, j.Append(1001, nil), fault.Stopped)
	wantKind(t, j.WaitSynced(t.Context(), 1001), fault.Stopped)

	j, rep = open(t, dir, Options{SegmentBytes: 4096})
	if rep.Last != 1000 || rep.First != 1 || rep.Records != 1000 || len(rep.Incidents) != 0 {
		t.Fatalf("reopened: %+v", rep)
	}
	fill(t, j, 1100, 3)
	check(t, j, 0, 1100)
	for _, p := range append(segmentsOf(t, dir), dir, filepath.Join(dir, "lock")) {
		st, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		want := os.FileMode(0o600)
		if st.IsDir() {
			want = 0o700
		}
		if st.Mode().Perm() != want {
			t.Errorf("%s has mode %v", p, st.Mode())
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	j, _ := open(t, t.TempDir(), Options{PendingBytes: 2 * MaxRecord})
	wantKind(t, j.Append(2, nil), fault.Invalid)
	wantKind(t, j.Append(0, nil), fault.Invalid)
	wantKind(t, j.Append(1, make([]byte, MaxRecord+1)), fault.Invalid)
	if err := j.Append(1, make([]byte, MaxRecord)); err != nil {
		t.Fatal(err)
	}
	wantKind(t, j.Append(2, make([]byte, MaxRecord)), fault.Busy)
	if err := j.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(2, make([]byte, MaxRecord)); err != nil {
		t.Fatal(err)
	}
	wantKind(t, j.Replay(7, nil), fault.Invalid)
}

func TestAppendCopies(t *testing.T) {
	j, _ := open(t, t.TempDir(), Options{})
	b := payload(1)
	if err := j.Append(1, b); err != nil {
		t.Fatal(err)
	}
	clear(b)
	if err := j.Flush(); err != nil {
		t.Fatal(err)
	}
	check(t, j, 0, 1)
}

func TestSecondOpenerIsRefused(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir, Options{})
	_, _, err := Open(dir, Options{})
	wantKind(t, err, fault.Conflict)
	if !strings.Contains(err.Error(), fmt.Sprintf("(process %d)", os.Getpid())) {
		t.Errorf("error does not name the holder: %v", err)
	}
	fill(t, j, 3, 1)
	shut(t, j)
	j, _ = open(t, dir, Options{})
	check(t, j, 0, 3)
}

func TestReplayStopsAtCallersError(t *testing.T) {
	j, _ := open(t, t.TempDir(), Options{})
	fill(t, j, 10, 10)
	mine := errors.New("enough")
	if err := j.Replay(2, func(uint64, []byte) error { return mine }); !errors.Is(err, mine) {
		t.Fatalf("got %v", err)
	}
}

func TestWaitSyncedEndsWithContext(t *testing.T) {
	j, _ := open(t, t.TempDir(), Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantKind(t, j.WaitSynced(ctx, 1), fault.Stopped)
	if w := j.Stats().Waiting; w != 0 {
		t.Fatalf("%d still waiting", w)
	}
}

func TestReadSegment(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir, Options{})
	fill(t, j, 20, 4)
	n := uint64(0)
	for _, p := range segmentsOf(t, dir) {
		err := ReadSegment(p, func(seq uint64, rec []byte) error {
			n++
			if seq != n || !bytes.Equal(rec, payload(n)) {
				return fmt.Errorf("record %d: %q", seq, rec)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n != 20 {
		t.Fatalf("read %d records", n)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []Options{
		{SegmentBytes: 1}, {FsyncEvery: -1}, {PendingBytes: 5}, {Retention: Retention{Bytes: -1}},
	} {
		_, _, err := Open(t.TempDir(), o)
		wantKind(t, err, fault.Invalid)
	}
}
