package tone

import (
	"math"

	"strowger/media/codec"
	"strowger/switch/fault"
)

// Limits of what a telephone line carries.
const (
	// MinHz is the lowest frequency accepted: one 20 ms block holds one period.
	MinHz = 50
	// MaxHz is the highest frequency accepted.
	MaxHz = 3800
	// DefaultLevel is a loud but unclipped tone, in dBFS (0 = a full-scale sine).
	DefaultLevel = -10.0
	// SilenceLevel is the level of digital silence, in dBFS.
	SilenceLevel = -100.0
)

// Generator makes a sine without phase jumps between calls. It is for one goroutine.
type Generator struct {
	phase, step, amplitude float64
}

// NewGenerator makes a generator of hz at level dBFS. Outside [MinHz, MaxHz]
// or [SilenceLevel, 0] it returns fault.Invalid.
func NewGenerator(hz, level float64) (*Generator, error) {
	if err := checkHz(hz); err != nil {
		return nil, err
	}
	if math.IsNaN(level) || level > 0 || level < SilenceLevel {
		return nil, fault.Newf(fault.Invalid, "tone: generate", "", "level %g dBFS: must be %g to 0", level, SilenceLevel)
	}
	return &Generator{step: 2 * math.Pi * hz / codec.SampleRate, amplitude: math.MaxInt16 * math.Pow(10, level/20)}, nil
}

// Fill overwrites pcm with the next samples of the tone.
func (g *Generator) Fill(pcm []int16) {
	for i := range pcm {
		pcm[i] = int16(math.Round(g.amplitude * math.Sin(g.phase)))
		g.phase += g.step
		if g.phase > 2*math.Pi {
			g.phase -= 2 * math.Pi
		}
	}
}

// ReadFrame is Fill in the shape that media/rtpio asks of an audio source.
func (g *Generator) ReadFrame(pcm []int16) bool {
	g.Fill(pcm)
	return true
}

func checkHz(hz float64) error {
	if math.IsNaN(hz) || hz < MinHz || hz > MaxHz {
		return fault.Newf(fault.Invalid, "tone: frequency", "", "%g Hz: must be %d to %d", hz, MinHz, MaxHz)
	}
	return nil
}
