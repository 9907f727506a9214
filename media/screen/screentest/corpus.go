package screentest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"sync"

	"strowger/media/codec"
)

// Truth is who is on the line.
type Truth string

// Who may be on the line.
const (
	Person  Truth = "person"
	Machine Truth = "machine"
	Fax     Truth = "fax"
	SIT     Truth = "sit"
	Nobody  Truth = "nobody"
)

// Clip is one answered call as its line sounds from the answer on.
type Clip struct {
	Truth Truth
	Name  string // voice and text
	Line  string // what the line is like
	Tune  bool   // of the half for tuning; the others judge
	PCM   []int16
}

// Lines are the conditions under which every text is heard.
var Lines = []string{"clean", "noise 20 dB", "noise 10 dB", "babble 20 dB", "babble 10 dB", "hum and hiss"}

// heard is how much of a line is kept: no verdict takes longer, but after ring-back.
const heard = 3 * codec.SampleRate

// Corpus speaks all texts, each by some voices, and puts them on lines of every
// kind. Half of the texts are for tuning, by a hash of the text: no text is in
// both halves.
func Corpus(ctx context.Context, dir string) ([]Clip, error) {
	babble, err := crowd(ctx, dir)
	if err != nil {
		return nil, err
	}
	var jobs []job
	for i, l := range people {
		jobs = append(jobs, takes(Person, i, l, 4)...)
	}
	for i, l := range machines {
		jobs = append(jobs, takes(Machine, i, l, 3)...)
	}
	if err := speakAll(ctx, dir, jobs); err != nil {
		return nil, err
	}
	var clips []Clip
	for i, j := range jobs {
		for n, kind := range Lines {
			clips = append(clips, j.clip(kind, babble, uint64(i*len(Lines)+n)))
		}
		if j.truth == Person && i%4 == 0 {
			clips = append(clips, j.ringing(uint64(i)))
		}
	}
	return append(clips, signals()...), nil
}

// job is a text for one voice.
type job struct {
	truth Truth
	line
	voice string
	words int
	tune  bool
	pcm   []int16
}

// takes gives a text to n voices, at three speeds.
func takes(truth Truth, at int, l line, n int) []job {
	h := fnv.New32a()
	_, _ = h.Write([]byte(l.text))
	tune := h.Sum32()>>8&1 == 0
	var out []job
	for k := range n {
		out = append(out, job{
			truth: truth, line: l, voice: l.lang + "+" + voices[(at*3+k*(1+at%2*2))%len(voices)],
			words: 140 + 30*((at+k)%3), tune: tune,
		})
	}
	return out
}

// speakAll lets two voices speak at once.
func speakAll(ctx context.Context, dir string, jobs []job) error {
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for w := range errs {
		wg.Go(func() {
			for i := w; i < len(jobs) && errs[w] == nil; i += len(errs) {
				jobs[i].pcm, errs[w] = Speak(ctx, dir, jobs[i].voice, jobs[i].text, jobs[i].words)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// crowd is people who talk at once.
func crowd(ctx context.Context, dir string) ([]float64, error) {
	mix := make([]float64, 6*codec.SampleRate)
	for i := range 2 * len(talk) {
		l := talk[i%len(talk)]
		pcm, err := Speak(ctx, dir, l.lang+"+"+voices[i%len(voices)], l.text, 150+10*i)
		if err != nil {
			return nil, err
		}
		for k := range mix {
			mix[k] += float64(pcm[(k+i*7919)%len(pcm)])
		}
	}
	return mix, nil
}

// clip puts what is said on a line: after a delay, louder or softer, with what
// else is heard there, through the codec.
func (j *job) clip(kind string, babble []float64, seed uint64) Clip {
	rng := rand.New(rand.NewPCG(seed, 7))
	delay := rng.IntN(46) * codec.FrameSamples // 0 to 900 ms
	delay += rng.IntN(codec.FrameSamples)
	gain := math.Pow(10, -float64(rng.IntN(13))/20)
	line := make([]float64, heard)
	for i, x := range j.pcm {
		if delay+i < len(line) {
			line[delay+i] = float64(x) * gain
		}
	}
	disturb(line, kind, loudness(j.pcm)*gain*gain, babble, rng)
	law := codec.PCMA
	if rng.IntN(2) == 0 {
		law = codec.PCMU
	}
	return Clip{
		Truth: j.truth, Name: fmt.Sprintf("%s %d: %s", j.voice, j.words, j.text), Line: kind, Tune: j.tune,
		PCM: through(law, quantise(line)),
	}
}

// ringing is a person who comes while the line, answered too early, rings on.
func (j *job) ringing(seed uint64) Clip {
	rng := rand.New(rand.NewPCG(seed, 11))
	var pcm []int16
	cadences := [][]Tone{
		{{[]float64{440, 480}, 1400, -16}, {nil, 900, 0}},
		{{[]float64{425}, 1000, -16}, {nil, 1200, 0}},
		{{[]float64{400, 450}, 400, -16}, {nil, 200, 0}, {[]float64{400, 450}, 400, -16}, {nil, 700, 0}},
	}
	pcm = append(pcm, Tones(cadences[rng.IntN(len(cadences))]...)...)
	pcm = append(pcm, j.pcm...)
	pcm = append(pcm, make([]int16, heard)...)
	return Clip{Truth: Person, Name: fmt.Sprintf("%s %d: %s", j.voice, j.words, j.text), Line: "rings on first", Tune: j.tune, PCM: through(codec.PCMA, pcm)}
}

// loudness is the power of what is said where it is loud.
func loudness(pcm []int16) float64 {
	sum, n := 0.0, 0
	for at := 0; at+codec.FrameSamples <= len(pcm); at += codec.FrameSamples {
		p := 0.0
		for _, x := range pcm[at : at+codec.FrameSamples] {
			p += float64(x) * float64(x)
		}
		if p /= codec.FrameSamples; p > 1e4 {
			sum += p
			n++
		}
	}
	return sum / float64(max(n, 1))
}

// disturb adds what else is on the line, against the power of the speaker.
func disturb(line []float64, kind string, speaker float64, babble []float64, rng *rand.Rand) {
	scale := func(db, power float64) float64 { return math.Sqrt(speaker * math.Pow(10, -db/10) / power) }
	white := func(db float64) {
		g := scale(db, 1)
		for i := range line {
			line[i] += g * rng.NormFloat64()
		}
	}
	others := func(db float64) {
		g, from := scale(db, power(babble)), rng.IntN(len(babble))
		for i := range line {
			line[i] += g * babble[(from+i)%len(babble)]
		}
	}
	switch kind {
	case "noise 20 dB":
		white(20)
	case "noise 10 dB":
		white(10)
	case "babble 20 dB":
		others(20)
	case "babble 10 dB":
		others(10)
	case "hum and hiss":
		white(32)
		g := scale(26, 0.5)
		for i := range line {
			line[i] += g * math.Sin(2*math.Pi*100*float64(i)/codec.SampleRate)
		}
	}
}

// through is what a codec leaves of a line.
func through(c codec.Codec, pcm []int16) []int16 {
	b := make([]byte, len(pcm))
	c.Encode(b, pcm)
	c.Decode(pcm, b)
	return pcm
}
