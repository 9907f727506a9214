package screentest

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"strowger/media/codec"
	"strowger/switch/fault"
)

// Program is the voice; test/deps.sh installs it.
const Program = "espeak-ng"

// Found tells whether there is a voice.
func Found() bool {
	_, err := exec.LookPath(Program)
	return err == nil
}

// maxText bounds what is said at once.
const maxText = 1000

// Speak returns a text spoken by a voice (a language and variant of espeak-ng,
// such as "de+f2") at words per minute, as a telephone carries it: 8 kHz, 300
// to 3,400 Hz, its loudest part at about -12 dBFS. What was said once is read
// from dir the next time.
func Speak(ctx context.Context, dir, voice, text string, words int) ([]int16, error) {
	const op = "screentest: speak"
	if len(text) > maxText {
		return nil, fault.Newf(fault.Invalid, op, voice, "a text has at most %d bytes", maxText)
	}
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "3 %s %d %s", voice, words, text)
	file := filepath.Join(dir, fmt.Sprintf("%016x.wav", h.Sum64()))
	if raw, err := os.ReadFile(file); err == nil {
		if pcm, err := codec.ReadWAV(bytes.NewReader(raw), 0); err == nil && len(pcm) > 0 {
			return pcm, nil
		}
	}
	c := exec.CommandContext(ctx, Program, "-v", voice, "-s", fmt.Sprint(words), "--stdout", "--", text)
	var said, complaint bytes.Buffer
	c.Stdout, c.Stderr = &said, &complaint
	if err := c.Run(); err != nil {
		return nil, fault.Wrap(fault.Unavailable, op, voice+" "+complaint.String(), err)
	}
	pcm, rate, err := spoken(said.Bytes())
	if err != nil {
		return nil, err
	}
	line := trim(telephone(pcm, rate))
	return line, keep(dir, file, line)
}

// keep writes a file that is whole or not there.
func keep(dir, file string, pcm []int16) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fault.Wrap(fault.Unavailable, "screentest: keep", dir, err)
	}
	f, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return fault.Wrap(fault.Unavailable, "screentest: keep", dir, err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	w, err := codec.NewWAVWriter(f, 0)
	if err == nil {
		err = w.Write(pcm)
	}
	if err == nil {
		err = w.Close()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, "screentest: keep", file, err)
	}
	return nil
}

// spoken reads what espeak-ng writes: 16-bit mono at its own rate, its length
// unknown in the header.
func spoken(wav []byte) (pcm []float64, rate float64, err error) {
	at := bytes.Index(wav, []byte("data"))
	if len(wav) < 44 || at < 36 {
		return nil, 0, fault.New(fault.Unavailable, "screentest: speak", "", "the voice has said nothing")
	}
	rate = float64(binary.LittleEndian.Uint32(wav[24:]))
	for b := wav[at+8:]; len(b) >= 2; b = b[2:] {
		pcm = append(pcm, float64(int16(binary.LittleEndian.Uint16(b))))
	}
	return pcm, rate, nil
}

// telephone brings sound to 8 kHz and takes away what a line does not carry.
func telephone(in []float64, rate float64) []int16 {
	step := rate / codec.SampleRate
	reach := int(halfTaps*step) + 1
	taps := lowPass(rate, reach)
	out := make([]float64, int(float64(len(in))/step))
	for i := range out {
		center := float64(i) * step
		at := int(center)
		phase := taps[int((center-float64(at))*phases)]
		sum := 0.0
		for k, tap := range phase {
			if from := at - reach + k; from >= 0 && from < len(in) {
				sum += in[from] * tap
			}
		}
		out[i] = sum
	}
	return quantise(normal(highPass(highPass(out)), -12))
}

const (
	halfTaps = 24 // of the low-pass on each side, in samples of 8 kHz
	phases   = 64 // places between two samples
)

// lowPass makes the taps of a low-pass of 3,400 Hz for every place between two samples.
func lowPass(rate float64, reach int) [phases][]float64 {
	cut := 3400 / rate
	var out [phases][]float64
	for p := range out {
		for k := -reach; k <= reach; k++ {
			d := float64(k) - float64(p)/phases
			window := max(0, 0.5+0.5*math.Cos(math.Pi*d/float64(reach+1)))
			out[p] = append(out[p], window*sinc(2*cut*d)*2*cut)
		}
	}
	return out
}

func sinc(x float64) float64 {
	if math.Abs(x) < 1e-9 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// highPass takes away what is below 300 Hz, 12 dB per octave.
func highPass(in []float64) []float64 {
	w := 2 * math.Pi * 300 / codec.SampleRate
	alpha := math.Sin(w) / math.Sqrt2
	c := math.Cos(w)
	a0 := 1 + alpha
	b0, b1, a1, a2 := (1+c)/2/a0, -(1+c)/a0, -2*c/a0, (1-alpha)/a0
	out := make([]float64, len(in))
	var x1, x2, y1, y2 float64
	for i, x := range in {
		y := b0*x + b1*x1 + b0*x2 - a1*y1 - a2*y2
		x1, x2, y1, y2 = x, x1, y, y1
		out[i] = y
	}
	return out
}

// normal brings the loudest 20 ms to a level in dB.
func normal(in []float64, level float64) []float64 {
	peak := 0.0
	for at := 0; at+codec.FrameSamples <= len(in); at += codec.FrameSamples {
		peak = max(peak, power(in[at:at+codec.FrameSamples]))
	}
	if peak == 0 {
		return in
	}
	gain := math.MaxInt16 * math.Pow(10, level/20) / math.Sqrt(peak)
	for i := range in {
		in[i] *= gain
	}
	return in
}

func power(in []float64) float64 {
	sum := 0.0
	for _, x := range in {
		sum += x * x
	}
	return sum / float64(max(len(in), 1))
}

// trim takes away the silence before and after what is said.
func trim(pcm []int16) []int16 {
	const quiet = 300 // 40 dB below full scale
	loud := func(x int16) bool { return x > quiet || x < -quiet }
	from, to := slices.IndexFunc(pcm, loud), len(pcm)
	for to > 0 && !loud(pcm[to-1]) {
		to--
	}
	if from < 0 {
		return pcm
	}
	return pcm[from:to]
}

func quantise(in []float64) []int16 {
	out := make([]int16, len(in))
	for i, x := range in {
		out[i] = int16(math.Round(max(-32000, min(32000, x))))
	}
	return out
}
