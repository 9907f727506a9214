package tone

import (
	"math/rand/v2"
	"testing"

	"strowger/media/codec"
	"strowger/switch/fault"
)

// dialled renders digits.
func dialled(t *testing.T, digits string) []int16 {
	t.Helper()
	d, err := NewDial(digits)
	if err != nil {
		t.Fatal(err)
	}
	var out []int16
	frame := make([]int16, codec.FrameSamples)
	for d.ReadFrame(frame) {
		out = append(out, frame...)
	}
	return out
}

func keysIn(pcm []int16, portion int) string {
	d, got := NewDialDetector(), ""
	for len(pcm) > 0 {
		n := min(portion, len(pcm))
		d.Feed(pcm[:n], func(k byte) { got += string(rune(k)) })
		pcm = pcm[n:]
	}
	return got
}

// Every key is found through both codecs, wherever its first block starts, repeated keys included.
func TestDialAndDetect(t *testing.T) {
	t.Parallel()
	const all = Keys + "1100"
	for _, c := range []codec.Codec{codec.PCMU, codec.PCMA} {
		for _, offset := range []int{0, 1, 53, 80, 159} {
			pcm := append(make([]int16, offset), dialled(t, all)...)
			wire := make([]byte, len(pcm))
			c.Encode(wire, pcm)
			c.Decode(pcm, wire)
			if got := keysIn(pcm, 160); got != all {
				t.Errorf("%v, %d samples late: %q", c, offset, got)
			}
			if got := keysIn(pcm, 37); got != all {
				t.Errorf("%v, %d samples late, in portions of 37: %q", c, offset, got)
			}
		}
	}
}

// A key is heard through one other tone; tones, noise, silence and short clicks are no keys.
func TestDialDetectorIsNotFooled(t *testing.T) {
	t.Parallel()
	over := dialled(t, "159D")
	for i, s := range sine(t, 2600, -13, len(over)) {
		over[i] += s
	}
	if got := keysIn(over, 160); got != "159D" {
		t.Errorf("through another tone: %q", got)
	}
	noise := make([]int16, codec.SampleRate)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range noise {
		noise[i] = int16(r.IntN(20000) - 10000)
	}
	short := dialled(t, "5")[:codec.FrameSamples]
	for name, pcm := range map[string][]int16{
		"noise": noise, "silence": make([]int16, 8000), "one group": sine(t, 697, -10, 8000), "tone": sine(t, 1000, -10, 8000),
		"20 ms": append(short, make([]int16, 800)...), "high group": sine(t, 1477, -10, 8000),
	} {
		if got := keysIn(pcm, 160); got != "" {
			t.Errorf("%s was taken for %q", name, got)
		}
	}
}

func TestDialRefuses(t *testing.T) {
	t.Parallel()
	for _, digits := range []string{"", "x", "1 2", "a", string(make([]byte, MaxKeys+1))} {
		if _, err := NewDial(digits); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", digits, err)
		}
	}
}

// Four tones of a conference, up to 18 dB apart, are all found through the
// codec; what nobody sends is not, and noise never for 100 ms.
func TestManyTones(t *testing.T) {
	t.Parallel()
	voices := map[float64]float64{400: -10, 700: -16, 1000: -22, 1300: -28}
	mix := make([]int16, 40*codec.FrameSamples)
	for hz, level := range voices {
		for i, s := range sine(t, hz, level, len(mix)) {
			mix[i] += s
		}
	}
	wire := make([]byte, len(mix))
	codec.PCMU.Encode(wire, mix)
	codec.PCMU.Decode(mix, wire)
	for hz := 200.0; hz <= 3400; hz += 100 {
		_, spoken := voices[hz]
		for i, b := range blocks(t, hz, mix, 160) {
			if b.Heard() != spoken {
				t.Fatalf("%g Hz in block %d: heard %v, want %v: %+v", hz, i, b.Heard(), spoken, b)
			}
		}
	}
	noise := make([]int16, 60*codec.SampleRate)
	r := rand.New(rand.NewPCG(5, 6))
	for i := range noise {
		noise[i] = int16(r.IntN(20000) - 10000)
	}
	for _, hz := range []float64{300, 1000, 2600} {
		run, single := 0, 0
		for _, b := range blocks(t, hz, noise, 160) {
			if !b.Heard() {
				run = 0
				continue
			}
			single++
			if run++; run >= 4 {
				t.Fatalf("%g Hz: 80 ms of noise were taken for a tone", hz)
			}
		}
		if single > 150 {
			t.Errorf("%g Hz: %d of 3000 blocks of noise were taken for a tone", hz, single)
		}
	}
}
