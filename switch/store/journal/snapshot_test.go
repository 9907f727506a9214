package journal

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"strowger/switch/fault"
)

func save(t testing.TB, j *Journal, seq uint64, data string) {
	t.Helper()
	if err := j.SaveSnapshot(seq, []byte(data)); err != nil {
		t.Fatalf("save snapshot %d: %v", seq, err)
	}
}

func latest(t testing.TB, j *Journal, seq uint64, data string) {
	t.Helper()
	s, d, err := j.LatestSnapshot()
	if err != nil || s != seq || string(d) != data {
		t.Fatalf("latest snapshot is %d %q (%v), want %d %q", s, d, err, seq, data)
	}
}

func TestSnapshotsKeepTwo(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir, Options{})
	latest(t, j, 0, "")
	fill(t, j, 30, 4)
	save(t, j, 10, "ten")
	save(t, j, 10, "ten again")
	latest(t, j, 10, "ten again")
	save(t, j, 20, "twenty")
	save(t, j, 30, "thirty")
	latest(t, j, 30, "thirty")
	names, err := filepath.Glob(filepath.Join(dir, "snapshot-*"))
	if err != nil || len(names) != 2 {
		t.Fatalf("files %v (%v)", names, err)
	}
	wantKind(t, j.SaveSnapshot(25, nil), fault.Stale)
	wantKind(t, j.SaveSnapshot(31, nil), fault.Invalid)
	wantKind(t, j.SaveSnapshot(0, nil), fault.Invalid)
	if s := j.Stats(); s.Snapshots != 4 || s.SnapshotErrors != 3 || s.SnapshotSeq != 30 {
		t.Fatalf("%+v", s)
	}
	shut(t, j)
	wantKind(t, j.SaveSnapshot(30, nil), fault.Stopped)
	j, rep := open(t, dir, Options{})
	if rep.SnapshotSeq != 30 || len(rep.Incidents) != 0 {
		t.Fatalf("%+v", rep)
	}
	latest(t, j, 30, "thirty")
}

// TestSnapshotFallback damages the newest snapshot in every byte, before a
// start and while running.
func TestSnapshotFallback(t *testing.T) {
	for _, running := range []bool{false, true} {
		dir := t.TempDir()
		j, _ := open(t, dir, Options{SegmentBytes: 4096})
		fill(t, j, 300, 3)
		save(t, j, 100, "older")
		save(t, j, 200, "newer")
		path := filepath.Join(dir, snapshotName(200))
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range len(good) + 1 {
			b := slices.Clone(good)
			if i == len(good) {
				b = b[:i-1]
			} else {
				b[i] ^= 4
			}
			if !running {
				shut(t, j)
			}
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if !running {
				var rep RecoveryReport
				j, rep = open(t, dir, Options{SegmentBytes: 4096})
				if !slices.Equal(kinds(rep), []IncidentKind{SnapshotDamaged}) || rep.SnapshotSeq != 100 {
					t.Fatalf("byte %d: %+v", i, rep)
				}
			}
			latest(t, j, 100, "older")
			if n := j.Stats().SnapshotsDamaged; n == 0 {
				t.Fatal("not counted")
			}
			check(t, j, 100, 300)
			save(t, j, 200, "newer")
		}
		shut(t, j)
	}
}

func TestNewerSnapshotVersionIsRefused(t *testing.T) {
	dir := t.TempDir()
	b := snapshotHeader(3, nil)
	binary.LittleEndian.PutUint32(b[8:], 9)
	binary.LittleEndian.PutUint32(b[12:], snapshotSum(b))
	if err := os.WriteFile(filepath.Join(dir, snapshotName(3)), b, 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := Open(dir, Options{})
	wantKind(t, err, fault.Unsupported)
}

func TestSegmentsGoOnlyAfterTheOlderSnapshot(t *testing.T) {
	dir := t.TempDir()
	o := Options{SegmentBytes: 4096}
	j, _ := open(t, dir, o)
	fill(t, j, 800, 5)
	synced(t, j, 800)
	before := j.Stats().Segments
	save(t, j, 500, "")
	if n := j.Stats().Segments; n != before {
		t.Fatalf("one snapshot removed segments: %d of %d left", n, before)
	}
	save(t, j, 800, "")
	s := j.Stats()
	if s.SegmentsRemoved == 0 || len(segmentsOf(t, dir)) != s.Segments {
		t.Fatalf("%+v", s)
	}
	check(t, j, 500, 800) // what the older snapshot needs is all there
	if first := j.segments[0]; first.last <= 500 || first.first > 501 {
		t.Fatalf("oldest segment holds %d to %d", first.first, first.last)
	}
	wantKind(t, j.Replay(0, func(uint64, []byte) error { return nil }), fault.NotFound)
	shut(t, j)
	j, rep := open(t, dir, o)
	if len(rep.Incidents) != 0 {
		t.Fatalf("%+v", rep.Incidents)
	}
	check(t, j, 500, 800)
}

func TestRetentionKeepsMore(t *testing.T) {
	now := time.Now()
	for name, c := range map[string]struct {
		r    Retention
		want func(removed uint64, surplus int64) bool
	}{
		"bytes": {Retention{Bytes: 10_000}, func(n uint64, left int64) bool { return n > 0 && left > 0 && left <= 10_000 }},
		"young": {Retention{Age: time.Hour}, func(n uint64, left int64) bool { return n == 0 && left > 0 }},
		"old":   {Retention{Age: time.Nanosecond}, func(n uint64, left int64) bool { return n > 0 && left == 0 }},
		"both":  {Retention{Bytes: 10_000, Age: time.Hour}, func(n uint64, left int64) bool { return n > 0 && left <= 10_000 }},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{SegmentBytes: 4096, Retention: c.r, now: func() time.Time { return now.Add(time.Minute) }}
			dir := t.TempDir()
			j, _ := open(t, dir, o)
			fill(t, j, 800, 5)
			save(t, j, 700, "")
			save(t, j, 800, "")
			var left int64
			for _, g := range j.segments {
				if g.last <= 700 {
					left += g.bytes
				}
			}
			if n := j.Stats().SegmentsRemoved; !c.want(n, left) {
				t.Fatalf("%d segments removed, %d surplus bytes left", n, left)
			}
			first := j.segments[0].first
			shut(t, j)
			j, rep := open(t, dir, o) // history is neither checked nor in the way
			if len(rep.Incidents) != 0 || rep.First != first {
				t.Fatalf("%+v", rep)
			}
			check(t, j, first-1, 800)
		})
	}
}

// TestReplayHoldsSegments: a snapshot must not remove what a replay reads.
func TestReplayHoldsSegments(t *testing.T) {
	j, _ := open(t, t.TempDir(), Options{SegmentBytes: 4096})
	fill(t, j, 400, 5)
	next := uint64(1)
	err := j.Replay(0, func(seq uint64, _ []byte) error {
		if seq != next {
			t.Fatalf("got %d, want %d", seq, next)
		}
		if next++; seq == 1 {
			save(t, j, 300, "")
			save(t, j, 400, "")
		}
		return nil
	})
	if err != nil || next != 401 {
		t.Fatalf("ended at %d: %v", next, err)
	}
	if n := j.Stats().SegmentsRemoved; n != 0 {
		t.Fatalf("%d segments removed under the replay", n)
	}
	save(t, j, 400, "")
	if n := j.Stats().SegmentsRemoved; n == 0 {
		t.Fatal("the next snapshot did not remove them")
	}
}

func TestJournalBehindSnapshot(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir, Options{})
	fill(t, j, 10, 1)
	save(t, j, 10, "ten")
	shut(t, j)
	_, at := image(t, 10)
	if err := os.Truncate(segmentsOf(t, dir)[0], int64(at[6])); err != nil { // as if six were on the disk
		t.Fatal(err)
	}
	j, rep := open(t, dir, Options{})
	if rep.Last != 10 || !slices.Equal(kinds(rep), []IncidentKind{BehindSnapshot}) {
		t.Fatalf("%+v", rep)
	}
	fill(t, j, 15, 2)
	check(t, j, 10, 15)
	shut(t, j)
	j, rep = open(t, dir, Options{})
	if rep.Last != 15 || rep.SnapshotSeq != 10 {
		t.Fatalf("%+v", rep)
	}
	check(t, j, 10, 15)
}
