package tone

import (
	"math"
	"math/rand/v2"
	"testing"

	"strowger/media/codec"
	"strowger/switch/fault"
)

func blocks(t *testing.T, hz float64, pcm []int16, portion int) []Block {
	t.Helper()
	d, err := NewDetector(hz)
	if err != nil {
		t.Fatal(err)
	}
	var out []Block
	for len(pcm) > 0 {
		n := min(portion, len(pcm))
		d.Feed(pcm[:n], func(b Block) { out = append(out, b) })
		pcm = pcm[n:]
	}
	return out
}

func sine(t *testing.T, hz, level float64, samples int) []int16 {
	t.Helper()
	g, err := NewGenerator(hz, level)
	if err != nil {
		t.Fatal(err)
	}
	pcm := make([]int16, samples)
	g.Fill(pcm)
	return pcm
}

// The tone is found at its level through both codecs, in odd portions, and its neighbours are not.
func TestDetect(t *testing.T) {
	t.Parallel()
	for _, c := range []codec.Codec{codec.PCMU, codec.PCMA} {
		for _, hz := range []float64{200, 400, 1000, 2600, 3400} {
			for _, level := range []float64{-3, -10, -30} {
				pcm := sine(t, hz, level, 10*codec.FrameSamples)
				wire := make([]byte, len(pcm))
				c.Encode(wire, pcm)
				c.Decode(pcm, wire)
				got := blocks(t, hz, pcm, 37)
				if len(got) != 10 {
					t.Fatalf("%d blocks, want 10", len(got))
				}
				for _, b := range got {
					if !b.Present || math.Abs(b.Level-level) > 1 || math.Abs(b.Total-level) > 1 {
						t.Errorf("%v %g Hz at %g dBFS: %+v", c, hz, level, b)
					}
				}
				for _, b := range blocks(t, hz+100, pcm, 160) {
					if b.Present {
						t.Errorf("%v: %g Hz heard in %g Hz: %+v", c, hz+100, hz, b)
					}
				}
			}
		}
	}
}

func TestMixNoiseSilence(t *testing.T) {
	t.Parallel()
	a, b := sine(t, 400, -13, 1600), sine(t, 900, -13, 1600)
	noise, silence := make([]int16, 1600), make([]int16, 1600)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range a {
		a[i] += b[i]
		noise[i] = int16(r.IntN(20000) - 10000)
	}
	for _, hz := range []float64{400, 900} {
		for _, x := range blocks(t, hz, a, 160) {
			if !x.Present {
				t.Errorf("%g Hz not found in a mix of two: %+v", hz, x)
			}
		}
		for name, pcm := range map[string][]int16{"noise": noise, "silence": silence, "quiet": sine(t, hz, -60, 1600)} {
			for _, x := range blocks(t, hz, pcm, 160) {
				if x.Present {
					t.Errorf("%g Hz found in %s: %+v", hz, name, x)
				}
			}
		}
	}
	if l := Level(silence); l != SilenceLevel {
		t.Errorf("silence is %g dBFS", l)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for _, hz := range []float64{0, -1, 49, 3801, math.NaN(), math.Inf(1)} {
		if _, err := NewGenerator(hz, -10); !fault.Is(err, fault.Invalid) {
			t.Errorf("generator %g Hz: %v", hz, err)
		}
		if _, err := NewDetector(hz); !fault.Is(err, fault.Invalid) {
			t.Errorf("detector %g Hz: %v", hz, err)
		}
	}
	for _, level := range []float64{1, -101, math.NaN()} {
		if _, err := NewGenerator(400, level); !fault.Is(err, fault.Invalid) {
			t.Errorf("level %g: %v", level, err)
		}
	}
}
