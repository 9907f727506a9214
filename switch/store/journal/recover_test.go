package journal

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"strowger/switch/fault"
)

// image returns the bytes of a one-segment journal of n records, and the
// offset at which each record begins (and, last, the end).
func image(t testing.TB, n uint64) (b []byte, at []int) {
	t.Helper()
	b = make([]byte, headerSize)
	putHeader(b, 1, 0)
	for seq := uint64(1); seq <= n; seq++ {
		at = append(at, len(b))
		b = appendRecord(b, seq, payload(seq))
	}
	return b, append(at, len(b))
}

func put(t testing.TB, dir string, index int, b []byte) {
	t.Helper()
	name := filepath.Join(dir, "journal-000000000"+string(rune('0'+index))+".seg")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func kinds(rep RecoveryReport) (k []IncidentKind) {
	for _, i := range rep.Incidents {
		k = append(k, i.Kind)
	}
	return k
}

func quarantined(t testing.TB, dir string) int {
	t.Helper()
	n, err := filepath.Glob(filepath.Join(dir, "quarantine", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(n)
}

// reopenClean proves that a repair is lasting: a second start finds nothing.
func reopenClean(t *testing.T, dir string, first, last uint64) {
	t.Helper()
	j, rep := open(t, dir, Options{})
	if len(rep.Incidents) != 0 {
		t.Fatalf("second start reports %+v", rep.Incidents)
	}
	check(t, j, first-1, last)
	fill(t, j, last+5, 2)
	check(t, j, first-1, last+5)
	shut(t, j)
}

func TestTornTailAtEveryOffset(t *testing.T) {
	b, at := image(t, 5)
	touched := 0
	for cut := at[4]; cut < at[5]; cut++ {
		dir := t.TempDir()
		put(t, dir, 1, b[:cut])
		j, rep := open(t, dir, Options{})
		if rep.Last != 4 || rep.DroppedBytes != int64(cut-at[4]) {
			t.Fatalf("cut at %d: %+v", cut, rep)
		}
		if torn := cut > at[4]; torn != slices.Equal(kinds(rep), []IncidentKind{TornTail}) || (!torn && len(rep.Incidents) > 0) {
			t.Fatalf("cut at %d: incidents %+v", cut, rep.Incidents)
		}
		check(t, j, 0, 4)
		shut(t, j)
		reopenClean(t, dir, 1, 4)
		touched++
	}
	if touched < 20 {
		t.Fatalf("only %d offsets tried", touched)
	}
}

func TestTornFirstWrite(t *testing.T) {
	b, _ := image(t, 1)
	for cut := 1; cut < len(b); cut++ {
		dir := t.TempDir()
		put(t, dir, 1, b[:cut])
		j, rep := open(t, dir, Options{})
		if rep.Last != 0 || !slices.Equal(kinds(rep), []IncidentKind{TornTail}) {
			t.Fatalf("cut at %d: %+v", cut, rep)
		}
		shut(t, j)
		reopenClean(t, dir, 1, 0)
	}
}

func TestZeroedTail(t *testing.T) {
	b, _ := image(t, 3)
	dir := t.TempDir()
	put(t, dir, 1, append(b, make([]byte, 5000)...))
	_, rep := open(t, dir, Options{})
	if rep.Last != 3 || rep.DroppedBytes != 5000 || !slices.Equal(kinds(rep), []IncidentKind{TornTail}) {
		t.Fatalf("%+v", rep)
	}
}

// TestEveryBitFlip flips each bit of a journal: never a wrong record, never
// silence, and what was cut is in quarantine.
func TestEveryBitFlip(t *testing.T) {
	b, at := image(t, 4)
	dir := t.TempDir()
	for i := range len(b) * 8 {
		sub := filepath.Join(dir, "j")
		if err := os.RemoveAll(sub); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(sub, 0o700); err != nil {
			t.Fatal(err)
		}
		c := slices.Clone(b)
		c[i/8] ^= 1 << (i % 8)
		put(t, sub, 1, c)
		j, rep, err := Open(sub, Options{})
		if err != nil {
			t.Fatalf("bit %d: %v", i, err)
		}
		want := uint64(4) // a damaged header costs no record
		for r := range 4 {
			if i/8 >= at[r] && i/8 < at[r+1] {
				want = uint64(r)
			}
		}
		if rep.Last != want || len(rep.Incidents) == 0 || quarantined(t, sub) == 0 {
			t.Fatalf("bit %d of byte %d: want last %d: %+v", i%8, i/8, want, rep)
		}
		middle := i/8 >= headerSize && i/8 < at[3]
		if middle != slices.Contains(kinds(rep), Missing) {
			t.Fatalf("byte %d: incidents %v", i/8, kinds(rep))
		}
		check(t, j, 0, want)
		shut(t, j)
	}
}

func TestMiddleDamageKeepsACopyAndSaysWhatIsLost(t *testing.T) {
	b, at := image(t, 9)
	dir := t.TempDir()
	c := slices.Clone(b)
	c[at[4]+recordHead] ^= 1 // record 5
	put(t, dir, 1, c)
	j, rep := open(t, dir, Options{})
	if rep.Last != 4 || !slices.Equal(kinds(rep), []IncidentKind{Missing, Damaged}) {
		t.Fatalf("%+v", rep)
	}
	if rep.Incidents[0].Records != 1 || rep.Incidents[1].Records != 4 || rep.Incidents[0].Covered || rep.Incidents[1].Covered {
		t.Fatalf("%+v", rep.Incidents)
	}
	names, err := filepath.Glob(filepath.Join(dir, "quarantine", "*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("quarantine holds %v (%v)", names, err)
	}
	if got, err := os.ReadFile(names[0]); err != nil || !slices.Equal(got, c) {
		t.Fatalf("the copy differs (%v)", err)
	}
	shut(t, j)
	reopenClean(t, dir, 1, 4)
}

func TestDamageUnderTheSnapshotLosesNothing(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir, Options{})
	fill(t, j, 20, 3)
	if err := j.SaveSnapshot(4, []byte("four")); err != nil {
		t.Fatal(err)
	}
	if err := j.SaveSnapshot(12, []byte("twelve")); err != nil {
		t.Fatal(err)
	}
	shut(t, j)
	p := segmentsOf(t, dir)[0]
	b, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	_, at := image(t, 20)
	b[at[8]+3] ^= 0x40 // record 9, between the two snapshots
	if err := os.WriteFile(p, b, 0o600); err != nil {
		t.Fatal(err)
	}
	j, rep := open(t, dir, Options{})
	if rep.Last != 20 || rep.First != 10 || !slices.Equal(kinds(rep), []IncidentKind{Missing, Damaged}) || !rep.Incidents[0].Covered {
		t.Fatalf("%+v", rep)
	}
	check(t, j, 12, 20)
	wantKind(t, j.Replay(4, func(uint64, []byte) error { return nil }), fault.NotFound)
	shut(t, j)
	j, _ = open(t, dir, Options{})
	check(t, j, 12, 20)
}

func TestMissingSegment(t *testing.T) {
	dir := t.TempDir()
	j, _ := open(t, dir, Options{SegmentBytes: 4096})
	fill(t, j, 600, 5)
	shut(t, j)
	list := segmentsOf(t, dir)
	if len(list) < 4 {
		t.Fatalf("only %d segments", len(list))
	}
	if err := os.Remove(list[1]); err != nil {
		t.Fatal(err)
	}
	j, rep := open(t, dir, Options{})
	want := []IncidentKind{Missing}
	for range list[2:] {
		want = append(want, Unusable)
	}
	if !slices.Equal(kinds(rep), want) || quarantined(t, dir) != len(list)-2 {
		t.Fatalf("%+v", rep)
	}
	last := rep.Last
	check(t, j, 0, last)
	shut(t, j)
	reopenClean(t, dir, 1, last)
}

func TestFirstSegmentMissing(t *testing.T) {
	dir := t.TempDir()
	b := make([]byte, headerSize)
	putHeader(b, 7, 0)
	put(t, dir, 2, appendRecord(b, 7, payload(7)))
	j, rep := open(t, dir, Options{})
	if rep.Last != 0 || !slices.Equal(kinds(rep), []IncidentKind{Missing, Unusable}) {
		t.Fatalf("%+v", rep)
	}
	shut(t, j)
	reopenClean(t, dir, 1, 0)
}

func TestOtherVersionIsRefusedUntouched(t *testing.T) {
	b, _ := image(t, 3)
	binary.LittleEndian.PutUint32(b[8:], 2)
	binary.LittleEndian.PutUint32(b[12:], headerSum(b))
	dir := t.TempDir()
	put(t, dir, 1, b)
	_, _, err := Open(dir, Options{})
	wantKind(t, err, fault.Unsupported)
	got, rerr := os.ReadFile(segmentsOf(t, dir)[0])
	if rerr != nil || !slices.Equal(got, b) {
		t.Fatalf("the file was changed (%v)", rerr)
	}
}

func TestCraftedLengthsCannotStallAStart(t *testing.T) {
	b, _ := image(t, 1)
	junk := make([]byte, 4<<20)
	for i := 0; i+16 < len(junk); i += 16 {
		binary.LittleEndian.PutUint32(junk[i:], MaxRecord)
		binary.LittleEndian.PutUint64(junk[i+8:], 2)
	}
	dir := t.TempDir()
	put(t, dir, 1, append(b, junk...))
	_, rep := open(t, dir, Options{})
	if rep.Last != 1 || rep.DroppedBytes != int64(len(junk)) {
		t.Fatalf("%+v", rep)
	}
}

func TestQuarantineIsBounded(t *testing.T) {
	dir := t.TempDir()
	b, at := image(t, 1)
	for range maxQuarantine + 5 {
		put(t, dir, 1, b[:at[1]-1])
		j, _ := open(t, dir, Options{})
		shut(t, j)
	}
	if n := quarantined(t, dir); n != maxQuarantine {
		t.Fatalf("%d files in quarantine", n)
	}
}
