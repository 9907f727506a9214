package tone

import (
	"math"

	"strowger/media/codec"
)

// A block holds the tone when the tone is audible and carries at least a
// quarter of the block's power, so that two mixed tones are both found and
// neither speech nor noise is taken for one.
const (
	presentLevel = -45.0
	presentShare = 0.25
)

// Block is the decision on 20 ms of audio. Levels are in dBFS: 0 is a
// full-scale sine, [SilenceLevel] is digital silence.
type Block struct {
	Present bool    // the frequency is there
	Level   float64 // power at the frequency
	Total   float64 // power of the whole block
}

// Detector looks for one frequency in a stream. Use frequencies that are
// multiples of 50 Hz, the width of a 20 ms block, and at least 100 Hz apart.
// It is for one goroutine.
type Detector struct {
	coeff  float64
	s1, s2 float64
	power  float64
	n      int
}

// NewDetector makes a detector for hz; outside [MinHz, MaxHz] it returns fault.Invalid.
func NewDetector(hz float64) (*Detector, error) {
	if err := checkHz(hz); err != nil {
		return nil, err
	}
	return &Detector{coeff: 2 * math.Cos(2*math.Pi*hz/codec.SampleRate)}, nil
}

// Feed takes samples in any portion and calls decide once per complete block.
func (d *Detector) Feed(pcm []int16, decide func(Block)) {
	for _, s := range pcm {
		x := float64(s) / math.MaxInt16
		d.s1, d.s2 = x+d.coeff*d.s1-d.s2, d.s1
		d.power += x * x
		if d.n++; d.n == codec.FrameSamples {
			decide(d.close())
		}
	}
}

// close ends a block: Goertzel gives |X(f)|^2, and a sine of amplitude A gives
// (A*N/2)^2, so both powers are scaled to "mean square of a full-scale sine = 1".
func (d *Detector) close() Block {
	const n = codec.FrameSamples
	tone := (d.s1*d.s1 + d.s2*d.s2 - d.coeff*d.s1*d.s2) * 4 / (n * n)
	total := d.power * 2 / n
	b := Block{Level: decibel(tone), Total: decibel(total)}
	b.Present = b.Level >= presentLevel && tone >= presentShare*total
	d.s1, d.s2, d.power, d.n = 0, 0, 0, 0
	return b
}

// Level returns the power of pcm in dBFS.
func Level(pcm []int16) float64 {
	if len(pcm) == 0 {
		return SilenceLevel
	}
	sum := 0.0
	for _, s := range pcm {
		x := float64(s) / math.MaxInt16
		sum += x * x
	}
	return decibel(sum * 2 / float64(len(pcm)))
}

func decibel(power float64) float64 {
	if power <= 0 {
		return SilenceLevel
	}
	return max(SilenceLevel, 10*math.Log10(power))
}
