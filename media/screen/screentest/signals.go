package screentest

import (
	"fmt"
	"math/rand/v2"

	"strowger/media/codec"
	"strowger/media/tone"
)

// Tone is some frequencies together, or silence, for a time.
type Tone struct {
	Hz    []float64
	MS    int
	Level float64 // dBFS of each
}

// Tones makes one tone after the other.
func Tones(all ...Tone) []int16 {
	var out []int16
	for _, t := range all {
		pcm := make([]int16, t.MS*codec.SampleRate/1000)
		part := make([]int16, len(pcm))
		for _, hz := range t.Hz {
			g, err := tone.NewGenerator(hz, t.Level)
			if err != nil {
				panic(err) // a table of this package
			}
			g.Fill(part)
			for i, x := range part {
				pcm[i] += x
			}
		}
		out = append(out, pcm...)
	}
	return out
}

// SpecialTones are the tones before "this number is not in service", in the
// long and short forms and both tunings that networks use.
func SpecialTones(variant int) []int16 {
	first, second, ms1, ms2 := 913.8, 1370.6, 274, 274
	if variant&1 != 0 {
		first, second = 985.2, 1428.5
	}
	if variant&2 != 0 {
		ms1 = 380
	}
	if variant&4 != 0 {
		ms2 = 380
	}
	if variant&8 != 0 {
		first, second, ms1, ms2 = 950, 1400, 330, 330
	}
	return Tones(Tone{[]float64{first}, ms1, -14}, Tone{[]float64{second}, ms2, -14}, Tone{[]float64{1776.7}, 380, -14})
}

// signals are lines on which nobody speaks.
func signals() []Clip {
	var out []Clip
	add := func(truth Truth, name string, seed int, pcm []int16) {
		rng := rand.New(rand.NewPCG(uint64(seed), 3))
		lead := make([]int16, rng.IntN(46)*codec.FrameSamples)
		all := append(lead, pcm...)
		all = append(all, make([]int16, max(0, heard-len(all)))...)
		noise := float64(4 + 40*(seed%4))
		for i := range all {
			all[i] += int16(noise * rng.NormFloat64())
		}
		out = append(out, Clip{Truth: truth, Name: name, Line: "tones", Tune: seed%2 == 0, PCM: through(codec.PCMA, all)})
	}
	for v := range 32 {
		add(SIT, fmt.Sprintf("special tones %d", v%16), v, SpecialTones(v%16))
		add(Nobody, "a line without a sound", v, nil)
	}
	for v := range 16 {
		add(Fax, "answer tone of a fax", v, Tones(Tone{[]float64{2100}, 3000, -14}))
		add(Fax, "calling tone of a fax", v, Tones(Tone{[]float64{1100}, 500, -14}))
	}
	return out
}
