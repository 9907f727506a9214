package siptest

import (
	"math"
	"os"
	"time"

	"strowger/media/codec"
	"strowger/media/rtpio"
	"strowger/media/tone"
)

// Clip is audio of the outside world that is played once: samples of 8 kHz.
// Calls may share one.
type Clip []int16

// Pause is silence.
func Pause(d time.Duration) Clip { return make(Clip, samples(d)) }

// Beep is one tone; one that no telephone line carries is silence.
func Beep(hz float64, d time.Duration) Clip {
	c := Pause(d)
	if g, err := tone.NewGenerator(hz, tone.DefaultLevel); err == nil {
		g.Fill(c)
	}
	return c
}

// Join plays clips one after the other.
func Join(clips ...Clip) (out Clip) {
	for _, c := range clips {
		out = append(out, c...)
	}
	return out
}

// SIT is the special information tone of a number out of service (ITU-T E.180):
// three rising tones of 330 ms, as a switch sends it that answers instead of refusing.
func SIT() Clip {
	const each = 330 * time.Millisecond
	return Join(Beep(950, each), Beep(1400, each), Beep(1800, each), Pause(time.Second))
}

// Syllables sounds as speech does to a detector that knows no words: syllables
// of 180 ms on a voice's harmonics, short gaps, and nothing at the end.
func Syllables(d time.Duration) Clip {
	const (
		voice    = 140.0 // Hz
		syllable = 180 * time.Millisecond
		gap      = 60 * time.Millisecond
		level    = 5000.0
	)
	c := Pause(d)
	on, period := samples(syllable), samples(syllable+gap)
	for i := range c {
		at := i % period
		if at >= on {
			continue
		}
		envelope := math.Sin(math.Pi * float64(at) / float64(on))
		phase := 2 * math.Pi * voice * float64(i) / codec.SampleRate
		c[i] = int16(level * envelope * (math.Sin(phase) + math.Sin(3*phase)/2 + math.Sin(8*phase)/4))
	}
	return c
}

// Machine is an answering machine's greeting and its beep.
func Machine(greeting Clip) Clip {
	return Join(Pause(200*time.Millisecond), greeting, Pause(400*time.Millisecond), Beep(1000, 400*time.Millisecond))
}

// ReadClip reads a WAV file, see [codec.ReadWAV] for the form and the errors.
func ReadClip(file string) (Clip, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	pcm, err := codec.ReadWAV(f, 0)
	return pcm, err
}

// Length is how long it plays.
func (c Clip) Length() time.Duration {
	return time.Duration(len(c)) * time.Second / codec.SampleRate
}

func samples(d time.Duration) int { return int(d * codec.SampleRate / time.Second) }

// playback is a clip on one call, and what is sent after it; nil: silence.
type playback struct {
	left  Clip
	after rtpio.Source
}

// ReadFrame implements [rtpio.Source].
func (p *playback) ReadFrame(pcm []int16) bool {
	if len(p.left) == 0 && p.after != nil {
		return p.after.ReadFrame(pcm)
	}
	n := copy(pcm, p.left)
	clear(pcm[n:])
	p.left = p.left[n:]
	return true
}
