package codec

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"strowger/switch/fault"
)

// Known points of ITU-T G.711: silence, and full scale on both sides.
func TestKnownPoints(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		codec Codec
		pcm   int16
		want  byte
	}{
		{PCMU, 0, 0xFF},
		{PCMU, 32767, 0x80},
		{PCMU, -32768, 0x00},
		{PCMA, 0, 0xD5},
		{PCMA, 32767, 0xAA},
		{PCMA, -32768, 0x2A},
		{PCMA, -1, 0x55},
	} {
		var b [1]byte
		if n := tc.codec.Encode(b[:], []int16{tc.pcm}); n != 1 || b[0] != tc.want {
			t.Errorf("%v encode %d = %#x (%d bytes), want %#x", tc.codec, tc.pcm, b[0], n, tc.want)
		}
	}
}

// Every byte survives decode then encode; mu-law has two zeros, so its negative zero becomes the positive one.
func TestByteRoundTrip(t *testing.T) {
	t.Parallel()
	for i := range 256 {
		b := byte(i)
		if got := EncodeALaw(DecodeALaw(b)); got != b {
			t.Errorf("A-law %#x came back as %#x", b, got)
		}
		want := b
		if b == 0x7F {
			want = 0xFF
		}
		if got := EncodeMuLaw(DecodeMuLaw(b)); got != want {
			t.Errorf("mu-law %#x came back as %#x, want %#x", b, got, want)
		}
	}
}

// For each of the 65,536 samples the error is at most half a step of its segment, and order is kept.
func TestSampleRoundTrip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		rt   func(int16) int16
		step func(int) int
	}{
		{"mu-law", func(s int16) int16 { return DecodeMuLaw(EncodeMuLaw(s)) }, func(a int) int { return max(8, (a+muLawBias)/16) }},
		{"A-law", func(s int16) int16 { return DecodeALaw(EncodeALaw(s)) }, func(a int) int { return max(16, a/16+1) }},
	} {
		last := math.MinInt16
		for s := math.MinInt16; s <= math.MaxInt16; s++ {
			got := int(c.rt(int16(s)))
			if got < last {
				t.Fatalf("%s: order lost at %d: %d after %d", c.name, s, got, last)
			}
			last = got
			a := s
			if a < 0 {
				a = -a
			}
			if d := got - s; a < muLawClip && (d > c.step(a) || -d > c.step(a)) {
				t.Fatalf("%s: %d came back as %d", c.name, s, got)
			}
		}
	}
}

func TestInvalidCodec(t *testing.T) {
	t.Parallel()
	c := Codec(3)
	if c.Valid() || c.Encode(make([]byte, 4), make([]int16, 4)) != 0 || c.Decode(make([]int16, 4), make([]byte, 4)) != 0 {
		t.Error("an unknown codec must not encode or decode")
	}
}

func TestWAVRoundTrip(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "x.wav"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // test file
	w, err := NewWAVWriter(f, 400)
	if err != nil {
		t.Fatal(err)
	}
	pcm := make([]int16, 300)
	for i := range pcm {
		pcm[i] = int16(i * 100)
	}
	if err := w.Write(pcm); err != nil {
		t.Fatal(err)
	}
	if err := w.Write(pcm); !fault.Is(err, fault.Busy) {
		t.Fatalf("beyond the limit: %v, want busy", err)
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Write(pcm); !fault.Is(err, fault.Conflict) {
		t.Fatalf("write after close: %v", err)
	}
	raw, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadWAV(bytes.NewReader(raw), 0)
	if err != nil || len(got) != 400 || got[299] != pcm[299] || got[300] != pcm[0] {
		t.Fatalf("read back %d samples, %v", len(got), err)
	}
	copy(raw[40:], []byte{0, 0, 0, 0}) // what a killed recorder leaves
	if got, err = ReadWAV(bytes.NewReader(raw), 0); err != nil || len(got) != 400 {
		t.Fatalf("length 0: %d samples, %v", len(got), err)
	}
	if got, err = ReadWAV(bytes.NewReader(raw), 10); err != nil || len(got) != 10 {
		t.Fatalf("limit 10: %d samples, %v", len(got), err)
	}
	raw[24] = 0x80 // another sample rate
	if _, err = ReadWAV(bytes.NewReader(raw), 0); !fault.Is(err, fault.Invalid) {
		t.Fatalf("wrong rate: %v", err)
	}
}

func FuzzReadWAV(f *testing.F) {
	f.Add(wavHeader(0))
	f.Add(append(wavHeader(2), 1, 0, 2, 0))
	f.Add([]byte("RIFF\xff\xff\xff\xffWAVELIST\x01\x00\x00\x00xxdata"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		pcm, err := ReadWAV(bytes.NewReader(raw), 1000)
		if err == nil && len(pcm) > 1000 {
			t.Fatalf("limit passed: %d samples", len(pcm))
		}
	})
}
