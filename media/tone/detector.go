package tone

import (
	"math"

	"strowger/media/codec"
)

// A block holds the tone alone when the tone is audible and carries at least a
// quarter of the block's power: neither speech nor noise is taken for one.
//
// In a mix of many a tone may be much weaker. There it stands out of its
// neighbourhood: tones that are multiples of 50 Hz leave nothing in each
// other's place, so that 50 Hz beside the tone only noise is found. One block
// of noise passes that test once in about fifty times, five in a row never.
const (
	presentLevel = -45.0
	presentShare = 0.25
	mixedShare   = 0.01 // 20 dB below all the others together
	mixedContour = 20.0 // 13 dB above both neighbours
)

// blockHz is the width of a 20 ms block.
const blockHz = 50

// Block is the decision on 20 ms of audio. Levels are in dBFS: 0 is a
// full-scale sine, [SilenceLevel] is digital silence.
type Block struct {
	Present bool    // the frequency dominates, or is one of few: it has a quarter of the power
	Mixed   bool    // the frequency stands out of a mix, at most 20 dB below the rest; look at several blocks
	Level   float64 // power at the frequency
	Total   float64 // power of the whole block
}

// Heard reports whether the tone is there, alone or in a mix.
func (b Block) Heard() bool { return b.Present || b.Mixed }

// Detector looks for one frequency in a stream. Use frequencies that are
// multiples of 50 Hz, the width of a 20 ms block, and at least 100 Hz apart.
// It is for one goroutine.
type Detector struct {
	at, below, above resonator
	power            float64
	n                int
}

// resonator is one Goertzel filter.
type resonator struct{ coeff, s1, s2 float64 }

func newResonator(hz float64) resonator {
	return resonator{coeff: 2 * math.Cos(2*math.Pi*hz/codec.SampleRate)}
}

func (r *resonator) feed(x float64) { r.s1, r.s2 = x+r.coeff*r.s1-r.s2, r.s1 }

// take returns the power seen in n samples and starts anew. Goertzel gives
// |X(f)|^2, and a sine of amplitude A gives (A*n/2)^2, so that the result is
// scaled to "a full-scale sine = 1".
func (r *resonator) take(n int) float64 {
	p := (r.s1*r.s1 + r.s2*r.s2 - r.coeff*r.s1*r.s2) * 4 / float64(n*n)
	r.s1, r.s2 = 0, 0
	return p
}

// NewDetector makes a detector for hz; outside [MinHz, MaxHz] it returns fault.Invalid.
func NewDetector(hz float64) (*Detector, error) {
	if err := checkHz(hz); err != nil {
		return nil, err
	}
	return &Detector{at: newResonator(hz), below: newResonator(hz - blockHz), above: newResonator(hz + blockHz)}, nil
}

// Feed takes samples in any portion and calls decide once per complete block.
func (d *Detector) Feed(pcm []int16, decide func(Block)) {
	for _, s := range pcm {
		x := float64(s) / math.MaxInt16
		d.at.feed(x)
		d.below.feed(x)
		d.above.feed(x)
		d.power += x * x
		if d.n++; d.n == codec.FrameSamples {
			decide(d.close())
		}
	}
}

// close ends a block.
func (d *Detector) close() Block {
	const n = codec.FrameSamples
	tone, beside := d.at.take(n), max(d.below.take(n), d.above.take(n))
	total := d.power * 2 / n
	b := Block{Level: decibel(tone), Total: decibel(total)}
	audible := b.Level >= presentLevel
	b.Present = audible && tone >= presentShare*total
	b.Mixed = audible && tone >= mixedShare*total && tone >= mixedContour*beside
	d.power, d.n = 0, 0
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
