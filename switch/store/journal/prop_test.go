package journal

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestAgainstModel runs random appends, flushes, snapshots, crashes (the file
// handles go away, what was flushed stays) and replays against a plain list.
func TestAgainstModel(t *testing.T) {
	base := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		dir := fmt.Sprintf("%s/%d", base, n)
		defer func() { _ = os.RemoveAll(dir) }() // only to save room
		o := Options{SegmentBytes: 4096}
		var recs [][]byte // recs[i] is record i+1
		flushed, snap := 0, uint64(0)
		var j *Journal
		start := func() {
			var err error
			var rep RecoveryReport
			if j, rep, err = Open(dir, o); err != nil {
				t.Fatal(err)
			}
			if rep.Last != uint64(flushed) || len(rep.Incidents) != 0 || rep.SnapshotSeq != snap {
				t.Fatalf("flushed %d, snapshot %d: %+v", flushed, snap, rep)
			}
			recs = recs[:flushed]
		}
		start()
		defer func() { _ = j.Close() }() // the run is judged already
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				rec := rapid.SliceOfN(rapid.Byte(), 0, 700).Draw(t, "rec")
				if err := j.Append(uint64(len(recs)+1), rec); err != nil {
					t.Fatal(err)
				}
				recs = append(recs, rec)
			},
			"flush": func(t *rapid.T) {
				if err := j.Flush(); err != nil {
					t.Fatal(err)
				}
				flushed = len(recs)
			},
			"snapshot": func(t *rapid.T) {
				if flushed == 0 {
					t.Skip("nothing to snapshot")
				}
				seq := rapid.Uint64Range(max(snap, 1), uint64(flushed)).Draw(t, "seq")
				if err := j.SaveSnapshot(seq, fmt.Append(nil, seq)); err != nil {
					t.Fatal(err)
				}
				snap = seq
			},
			"crash": func(*rapid.T) {
				j.buf = j.buf[:headerSize] // what was not flushed dies with the process
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
				start()
			},
			"": func(t *rapid.T) {
				seq, data, err := j.LatestSnapshot()
				if err != nil || seq != snap || (seq > 0 && string(data) != fmt.Sprint(seq)) {
					t.Fatalf("snapshot %d %q %v, want %d", seq, data, err, snap)
				}
				sameRecords(t, j, snap, recs[:flushed])
			},
		})
	})
}

// sameRecords demands that a replay after after yields the rest of recs.
func sameRecords(t *rapid.T, j *Journal, after uint64, recs [][]byte) {
	next := after
	err := j.Replay(after, func(seq uint64, rec []byte) error {
		if next++; seq != next || !slices.Equal(rec, recs[seq-1]) {
			return fmt.Errorf("record %d, want %d", seq, next)
		}
		return nil
	})
	if err != nil || next != uint64(len(recs)) {
		t.Fatalf("replay ended at %d of %d: %v", next, len(recs), err)
	}
}

// TestRandomDamage writes random bytes over a random place of a journal: the
// start never panics, never yields a wrong record and never stays silent.
func TestRandomDamage(t *testing.T) {
	good, _ := image(t, 40)
	base := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		dir := fmt.Sprintf("%s/%d", base, n)
		if err := os.Mkdir(dir, 0o700); err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }() // only to save room
		b := slices.Clone(good)
		for range rapid.IntRange(1, 4).Draw(rt, "places") {
			at := rapid.IntRange(0, len(b)-1).Draw(rt, "at")
			copy(b[at:], rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(rt, "junk"))
		}
		b = b[:rapid.IntRange(1, len(b)).Draw(rt, "cut")]
		put(t, dir, 1, b)
		j, rep, err := Open(dir, Options{})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = j.Close() }() // the run is judged already
		if !slices.Equal(b, good[:len(b)]) && len(rep.Incidents) == 0 {
			rt.Fatal("damage was not reported")
		}
		check(t, j, 0, rep.Last)
	})
}
