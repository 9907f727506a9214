package screen_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"strowger/media/codec"
	"strowger/media/screen"
	"strowger/media/screen/screentest"
)

// voice is speech as far as its levels go: bursts of noise, 180 ms each with
// dips of 40 ms, as syllables are.
func voice(ms int) []int16 {
	rng := rand.New(rand.NewPCG(1, 2))
	pcm := make([]int16, ms*codec.SampleRate/1000)
	for i := range pcm {
		loud := 4000.0
		if i/codec.FrameSamples%11 >= 9 {
			loud = 60
		}
		pcm[i] = int16(loud * rng.NormFloat64() / 2)
	}
	return pcm
}

func hush(ms int) []int16 {
	rng := rand.New(rand.NewPCG(3, 4))
	pcm := make([]int16, ms*codec.SampleRate/1000)
	for i := range pcm {
		pcm[i] = int16(4 * rng.NormFloat64())
	}
	return pcm
}

func join(parts ...[]int16) (out []int16) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func tones(hz float64, ms int) []int16 {
	return screentest.Tones(screentest.Tone{Hz: []float64{hz}, MS: ms, Level: -14})
}

func TestVerdicts(t *testing.T) {
	ring := screentest.Tones(screentest.Tone{Hz: []float64{440, 480}, MS: 1200, Level: -16})
	for _, c := range []struct {
		name   string
		pcm    []int16
		word   screen.Word
		at, to time.Duration
	}{
		{"a word, and waiting", join(hush(300), voice(400), hush(2000)), screen.Human, 1000, 1060},
		{"two words with a short pause", join(hush(100), voice(200), hush(120), voice(200), hush(2000)), screen.Human, 900, 980},
		{"speaks on", join(hush(100), voice(5000)), screen.Machine, 1080, 1160},
		{"speaks on, begins late, is nearly long enough", join(hush(300), voice(5000)), screen.Machine, 1280, 1340},
		{"speaks on, but began too late to say", join(hush(700), voice(5000)), screen.Unsure, 1160, 1160},
		{"a word at the very end", join(hush(800), voice(250), hush(2000)), screen.Unsure, 1160, 1160},
		{"nobody", hush(3000), screen.Silence, 1160, 1160},
		{"digital silence", make([]int16, 24000), screen.Silence, 1160, 1160},
		{"a click", join(hush(200), voice(20), hush(3000)), screen.Silence, 1160, 1160},
		{"answer tone of a fax", join(hush(400), tones(2100, 3000)), screen.Fax, 680, 760},
		{"answer tone that begins just before the limit", join(hush(1000), tones(2100, 3000)), screen.Fax, 1280, 1360},
		{"calling tone of a fax", join(hush(100), tones(1100, 500), hush(3000)), screen.Fax, 600, 660},
		{"a tone of another length is no fax", join(hush(100), tones(1100, 800), hush(3000)), screen.Unsure, 900, 1860},
		{"special tones, the last one behind the limit", join(hush(700), screentest.SpecialTones(6), hush(2000)), screen.SIT, 1100, 1400},
		{"rings on, then a person", join(ring, hush(800), voice(400), hush(3000)), screen.Human, 2700, 2800},
		{"rings on, then a machine", join(ring, hush(800), voice(5000)), screen.Machine, 2960, 3100},
		{"rings on and nobody comes", join(ring, hush(4000), ring, hush(4000)), screen.SIT, 6000, 6000},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := listen(screen.New(screen.Settings{}), c.pcm)
			if v.Word != c.word || v.At < c.at*time.Millisecond || v.At > c.to*time.Millisecond {
				t.Errorf("%s after %v (%s), want %s after %d to %d ms", v.Word, v.At, v.Why, c.word, c.at, c.to)
			}
		})
	}
}

// The law counts from the end of the greeting where it is known.
func TestGreetingEnd(t *testing.T) {
	v := listen(screen.New(screen.Settings{}), join(hush(300), voice(400), hush(2000)))
	if v.Began < 280*time.Millisecond || v.Began > 320*time.Millisecond || v.Ended < 660*time.Millisecond || v.Ended > 720*time.Millisecond {
		t.Errorf("began %v, ended %v, want 300 and 700 ms", v.Began, v.Ended)
	}
	if s := v.SinceGreeting(); s != v.At-v.Ended || s < 300*time.Millisecond {
		t.Errorf("%v since the greeting, verdict at %v", s, v.At)
	}
	v = listen(screen.New(screen.Settings{}), join(hush(700), voice(3000)))
	if v.Ended != 0 || v.SinceGreeting() != 0 {
		t.Errorf("who is still speaking has ended at %v", v.Ended)
	}
}

// Who waits for a verdict is told when it takes longer, and why: tones.
func TestExtended(t *testing.T) {
	ring := screentest.Tones(screentest.Tone{Hz: []float64{425}, MS: 1000, Level: -16})
	for name, c := range map[string]struct {
		pcm      []int16
		extended bool
	}{
		"rings on":           {join(ring, hush(3000)), true},
		"special tones late": {join(hush(700), screentest.SpecialTones(6), hush(2000)), true},
		"speaks on":          {join(hush(300), voice(5000)), false},
		"nobody":             {hush(3000), false},
	} {
		s, extended := screen.New(screen.Settings{}), false
		for pcm := c.pcm; len(pcm) > 0; pcm = pcm[min(len(pcm), codec.FrameSamples):] {
			if _, ok := s.Frame(pcm[:min(len(pcm), codec.FrameSamples)]); ok {
				break
			}
			extended = extended || s.Extended()
		}
		if extended != c.extended || s.Extended() && name != "rings on" {
			t.Errorf("%s: extended %v, want %v", name, extended, c.extended)
		}
	}
}

func TestNoiseIsNoSpeech(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, loud := range []float64{10, 100, 1000, 5000} {
		pcm := make([]int16, 3*codec.SampleRate)
		for i := range pcm {
			pcm[i] = int16(loud * rng.NormFloat64())
		}
		if v := listen(screen.New(screen.Settings{}), pcm); v.Word != screen.Silence {
			t.Errorf("noise of %g: %s (%s)", loud, v.Word, v.Why)
		}
	}
}

func TestTimeoutOfALineWithoutAudio(t *testing.T) {
	s := screen.New(screen.Settings{})
	if v := s.Timeout(); v.Word != screen.Silence || v.At != 0 {
		t.Errorf("nothing at all: %+v", v)
	}
	if _, ok := s.Frame(hush(20)); ok {
		t.Error("a second verdict")
	}
}

func TestEveryLimitHolds(t *testing.T) {
	for limit := 200 * time.Millisecond; limit < 12*time.Second; limit += 700 * time.Millisecond {
		v := listen(screen.New(screen.Within(limit)), hush(20000))
		if want := min(max(limit, 0), screen.MaxListen); v.At < want || v.At > want+screen.FrameTime {
			t.Errorf("limit %v: nobody spoke and it took %v", limit, v.At)
		}
	}
}

func TestBeep(t *testing.T) {
	for _, c := range []struct {
		name   string
		pcm    []int16
		found  bool
		at, to time.Duration
	}{
		{"after the greeting", join(voice(4000), hush(300), tones(1000, 400), hush(3000)), true, 4880, 4960},
		{"short and high", join(voice(2000), hush(300), tones(2000, 140), hush(3000)), true, 2620, 2700},
		{"low and long", join(voice(2000), hush(100), tones(425, 1000), hush(3000)), true, 3280, 3360},
		{"straight after the voice", join(voice(2000), tones(850, 300), hush(3000)), true, 2480, 2580},
		{"a pip inside the greeting is not it", join(voice(1000), tones(850, 200), voice(2000), tones(850, 300), hush(3000)), true, 3680, 3760},
		{"none, but silence", join(voice(4000), hush(5000)), true, 5480, 5600},
		{"a short greeting and no beep: it may be a pause", join(voice(1000), hush(40000)), false, 25000, 25000},
		{"music without an end", join(tunes(), tunes(), tunes(), tunes(), tunes()), false, 25000, 25000},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := screen.NewBeep()
			for pcm := c.pcm; len(pcm) > 0; pcm = pcm[min(len(pcm), codec.FrameSamples):] {
				e, ok := b.Frame(pcm[:min(len(pcm), codec.FrameSamples)])
				if !ok {
					continue
				}
				if e.Found != c.found || e.At < c.at*time.Millisecond || e.At > c.to*time.Millisecond {
					t.Errorf("%v after %v (%s), want %v after %d to %d ms", e.Found, e.At, e.Why, c.found, c.at, c.to)
				}
				return
			}
			t.Error("no end")
		})
	}
}

// tunes is music: notes without silence between them.
func tunes() (out []int16) {
	for _, hz := range []float64{440, 523, 659, 784, 659, 523, 587, 698, 880, 698} {
		out = append(out, tones(hz, 700)...)
	}
	return out
}

// What is heard at the end of machines' greetings by the same voices as the
// detector's corpus: the wait must end at the beep, not in a pause of the greeting.
func TestBeepAfterSpokenGreetings(t *testing.T) {
	clips := half(t, true)
	tried := 0
	for i, c := range clips {
		if c.Truth != screentest.Machine || !slices.Contains(screentest.Lines[:2], c.Line) {
			continue
		}
		hz := []float64{440, 850, 1000, 1400, 2000}[i%5]
		line := join(c.PCM, hush(200), tones(hz, 150+i%5*150), hush(2000))
		want := time.Duration(len(c.PCM)+200*8) * time.Second / codec.SampleRate
		b := screen.NewBeep()
		tried++
		for at := 0; at < len(line); at += codec.FrameSamples {
			e, ok := b.Frame(line[at:min(len(line), at+codec.FrameSamples)])
			if ok && (!e.Found || e.At < want || e.At > want+1200*time.Millisecond) {
				t.Errorf("%s, %s: %v after %v (%s), the beep began at %v", c.Line, c.Name, e.Found, e.At, e.Why, want)
			}
			if ok {
				break
			}
		}
	}
	if tried < 20 {
		t.Errorf("only %d greetings were tried", tried)
	}
}

func TestFramesDoNotAllocate(t *testing.T) {
	pcm := join(hush(300), voice(400), hush(20000))
	s, b := screen.New(screen.Settings{Limit: screen.MaxListen, Silence: screen.MaxListen}), screen.NewBeep()
	at := 0
	if n := testing.AllocsPerRun(300, func() {
		frame := pcm[at : at+codec.FrameSamples]
		at += codec.FrameSamples
		s.Frame(frame)
		b.Frame(frame)
	}); n != 0 {
		t.Errorf("%g allocations per frame", n)
	}
}

func BenchmarkFrame(b *testing.B) {
	pcm := join(hush(300), voice(400), hush(20000))
	s, at := screen.New(screen.Settings{}), 0
	b.ReportAllocs()
	for b.Loop() {
		if _, over := s.Frame(pcm[at : at+codec.FrameSamples]); over {
			s, at = screen.New(screen.Settings{}), 0
		}
		at += codec.FrameSamples
	}
}

// FuzzFrames feeds anything: there is one verdict, in time, and no panic.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{}, uint16(160))
	f.Add(make([]byte, 4000), uint16(1))
	var b []byte
	for _, x := range screentest.SpecialTones(3) {
		b = binary.LittleEndian.AppendUint16(b, uint16(x))
	}
	f.Add(b, uint16(160))
	f.Fuzz(func(t *testing.T, raw []byte, frame uint16) {
		pcm := make([]int16, len(raw)/2)
		for i := range pcm {
			pcm[i] = int16(binary.LittleEndian.Uint16(raw[2*i:]))
		}
		size := int(frame)%400 + 1
		s, w := screen.New(screen.Settings{}), screen.NewBeep()
		verdicts, n := 0, 0
		for ; len(pcm) > 0; pcm = pcm[min(len(pcm), size):] {
			n++
			part := pcm[:min(len(pcm), size)]
			if v, ok := s.Frame(part); ok {
				verdicts++
				if v.At != time.Duration(n)*screen.FrameTime || v.Ended > v.At || v.Began > v.At || v.Word == "" || v.Why == "" {
					t.Errorf("%+v after %d frames", v, n)
				}
			}
			w.Frame(part)
		}
		if most := int(6 * time.Second / screen.FrameTime); verdicts > 1 || (n > most+60 && verdicts == 0) {
			t.Errorf("%d verdicts after %d frames", verdicts, n)
		}
	})
}
