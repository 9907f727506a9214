package screen

import "time"

// What ends a machine's greeting, in frames.
const (
	beepLeast, beepMost = 6, 60   // 120 ms to 1.2 s
	beepQuiet           = 10      // 200 ms of silence after it: a note of music is followed by another
	hushAfter           = 150     // 3 s of a greeting...
	hushFrames          = 75      // ...and 1.5 s of silence: a machine without a beep
	beepLimit           = 25 * 50 // nobody waits longer
	hushDB              = 20.0    // below the loudest
)

// BeepEnd is how a wait for the beep ended.
type BeepEnd struct {
	Found bool // now is the time to speak
	Why   string
	At    time.Duration // from the first frame
}

const (
	whyBeep    = "a tone, and silence after it"
	whyHush    = "silence after the greeting, without a tone"
	whyEndless = "no end of the greeting"
)

// Beep listens to a machine until it records. It is for one goroutine.
type Beep struct {
	run
	n, loud, quiet int
	peak           float64
	tone           int // frames since a tone that may be the beep has ended; 0: none
	over           bool
}

// NewBeep returns a Beep that has heard nothing yet.
func NewBeep() *Beep { return &Beep{peak: levelFloor} }

// Frame takes the next 20 ms, and says true with the end once it is there.
func (b *Beep) Frame(pcm []int16) (BeepEnd, bool) {
	if b.over {
		return BeepEnd{}, false
	}
	b.n++
	hz, level, share, near := estimate(pcm)
	was := b.run
	b.peak = max(b.peak, level)
	hush := level < max(audible, b.peak-hushDB)
	if hush {
		b.quiet++
	} else {
		b.quiet = 0
		b.loud++
	}
	switch {
	case share >= purity && b.follow(hz, level, share, near):
		b.tone = 0
	case was.n >= beepLeast && was.n <= beepMost && was.pure():
		b.run = run{}
		b.tone = 1
	case b.tone > 0 && hush:
		b.tone++
	case !hush && b.tone > 1: // somebody speaks on: it was none
		b.tone = 0
	}
	switch {
	case b.tone > 0 && b.quiet >= beepQuiet:
		return b.say(true, whyBeep), true
	case b.loud >= hushAfter && b.quiet >= hushFrames:
		return b.say(true, whyHush), true
	case b.n >= beepLimit:
		return b.say(false, whyEndless), true
	}
	return BeepEnd{}, false
}

// Timeout ends the wait for a line that sends nothing more.
func (b *Beep) Timeout() BeepEnd { return b.say(false, whyEndless) }

func (b *Beep) say(found bool, why string) BeepEnd {
	b.over = true
	return BeepEnd{Found: found, Why: why, At: length(b.n)}
}
