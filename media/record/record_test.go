package record_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
	"time"

	"strowger/media/codec"
	"strowger/media/record"
	"strowger/switch/fault"
)

// track writes a track whose samples all have one value; claimed is the length
// that its header tells, in bytes.
func track(t *testing.T, value int16, d time.Duration, claimed int64) string {
	t.Helper()
	n := int(d * codec.SampleRate / time.Second)
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data")
	if claimed < 0 {
		claimed = int64(n) * 2
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(claimed))
	for range n {
		b = binary.LittleEndian.AppendUint16(b, uint16(value))
	}
	path := filepath.Join(t.TempDir(), "track.wav")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// samples reads a file and returns its channels.
func samples(t *testing.T, path string, channels int) [][]int16 {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	if string(b[:4]) != "RIFF" || int(le.Uint32(b[4:])) != len(b)-8 || int(le.Uint32(b[40:])) != len(b)-44 || int(le.Uint16(b[22:])) != channels {
		t.Fatalf("header % x of %d bytes", b[:44], len(b))
	}
	out := make([][]int16, channels)
	for i := 44; i < len(b); i += 2 {
		c := (i - 44) / 2 % channels
		out[c] = append(out[c], int16(le.Uint16(b[i:])))
	}
	return out
}

func compose(t *testing.T, channels int, parts ...record.Part) (record.Result, [][]int16) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out.wav")
	res, err := record.Compose(path, channels, parts)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != res.Bytes {
		t.Errorf("file: %v %v, result %+v", info, err, res)
	}
	sum, size, err := record.Sum(t.Context(), path)
	if err != nil || sum != res.SHA256 || size != res.Bytes {
		t.Errorf("sum %s of %d bytes, %v; result %+v", sum, size, err, res)
	}
	return res, samples(t, path, channels)
}

func TestPartsFollowEachOther(t *testing.T) {
	t.Parallel()
	one := record.Source{Path: track(t, 1, time.Second, -1)}
	two := record.Source{Path: track(t, 2, 500*time.Millisecond, -1), Blank: []record.Span{{From: 100 * time.Millisecond, To: 200 * time.Millisecond}}}
	res, got := compose(t, 1, record.Part{Tracks: []record.Source{one}}, record.Part{Tracks: []record.Source{two}})
	if res.Duration != 1500*time.Millisecond || res.Repaired || len(res.Parts) != 2 || res.Parts[1] != 500*time.Millisecond {
		t.Errorf("%+v", res)
	}
	for at, want := range map[int]int16{0: 1, 7999: 1, 8000: 2, 8799: 2, 8800: 0, 9599: 0, 9600: 2, 11999: 2} {
		if got[0][at] != want {
			t.Errorf("sample %d is %d, want %d", at, got[0][at], want)
		}
	}
}

// TestTwoChannels: the tracks are in line by when they began, and the shorter one ends in silence.
func TestTwoChannels(t *testing.T) {
	t.Parallel()
	left := record.Source{Path: track(t, 1, time.Second, -1)}
	right := record.Source{Path: track(t, 2, 500*time.Millisecond, -1), Late: 250 * time.Millisecond}
	res, got := compose(t, 2, record.Part{Tracks: []record.Source{left, right}}, record.Part{Tracks: []record.Source{{}, right}})
	if res.Duration != 1750*time.Millisecond || len(got[0]) != len(got[1]) {
		t.Errorf("%+v, %d and %d samples", res, len(got[0]), len(got[1]))
	}
	for at, want := range map[int][2]int16{0: {1, 0}, 1999: {1, 0}, 2000: {1, 2}, 5999: {1, 2}, 6000: {1, 0}, 7999: {1, 0}, 8000: {0, 0}, 10000: {0, 2}, 13999: {0, 2}} {
		if got[0][at] != want[0] || got[1][at] != want[1] {
			t.Errorf("sample %d is %d, %d, want %v", at, got[0][at], got[1][at], want)
		}
	}
}

// TestHeadersAreRepaired: a recorder that was killed has not written the length.
func TestHeadersAreRepaired(t *testing.T) {
	t.Parallel()
	one := record.Source{Path: track(t, 1, time.Second, -1)}
	res, got := compose(t, 1, record.Part{Tracks: []record.Source{one}}, record.Part{Silence: time.Second, Tracks: []record.Source{one}})
	if res.Duration != 3*time.Second || got[0][7999] != 1 || got[0][8000] != 0 || got[0][15999] != 0 || got[0][16000] != 1 {
		t.Errorf("a silence between two parts: %+v", res)
	}
	for name, claimed := range map[string]int64{"nothing": 0, "too much": 1 << 20, "all ones": 0xffffffff} {
		res, got := compose(t, 1, record.Part{Tracks: []record.Source{{Path: track(t, 3, time.Second, claimed)}}})
		if !res.Repaired || res.Duration != time.Second || got[0][7999] != 3 {
			t.Errorf("%s: %+v", name, res)
		}
	}
	if res, _ := compose(t, 1, record.Part{Tracks: []record.Source{{Path: track(t, 3, 0, 0)}}}); res.Repaired || res.Duration != 0 {
		t.Errorf("an empty track: %+v", res)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	junk := filepath.Join(dir, "junk.wav")
	if err := os.WriteFile(junk, []byte("RIFF\x00\x00\x00\x00WAVEdata\x00\x00\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out.wav")
	part := func(paths ...string) (p record.Part) {
		for _, path := range paths {
			p.Tracks = append(p.Tracks, record.Source{Path: path})
		}
		return p
	}
	for name, c := range map[string]struct {
		channels int
		part     record.Part
		kind     fault.Kind
	}{
		"three channels":   {3, part(junk, junk, junk), fault.Invalid},
		"a track too few":  {2, part(junk), fault.Invalid},
		"no format":        {1, part(junk), fault.Invalid},
		"no such file":     {1, part(filepath.Join(dir, "none")), fault.NotFound},
		"a folder as file": {1, part(dir), fault.Invalid},
	} {
		if _, err := record.Compose(out, c.channels, []record.Part{c.part}); !fault.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := record.Compose(filepath.Join(dir, "none", "out.wav"), 1, nil); !fault.Is(err, fault.Unavailable) {
		t.Errorf("no such folder: %v", err)
	}
	if _, _, err := record.Sum(t.Context(), out); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "out*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// FuzzHeader: whatever stands in a file, it is read within its bounds or refused.
func FuzzHeader(f *testing.F) {
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00ab"))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVELIST\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "x.wav")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		res, err := record.Compose(path+".out", 1, []record.Part{{Tracks: []record.Source{{Path: path}}}})
		if err == nil && res.Bytes > int64(len(b))+44 || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v, %v", res, err)
		}
	})
}
