package screen

import (
	"time"

	"strowger/media/codec"
)

// FrameTime is how long a frame is.
const FrameTime = 20 * time.Millisecond

// Settings are the thresholds. The zero value means [Defaults].
type Settings struct {
	// Limit is when there is a verdict at the latest, counted from the first
	// frame. Only tones extend it: a number that rings on, or that was no number.
	Limit time.Duration
	// Extra is added to Limit for somebody who speaks and has nearly spoken for Greeting.
	Extra time.Duration
	// Nearly is how much of Greeting that is.
	Nearly time.Duration
	// Greeting is how long somebody speaks without a pause before it is a machine.
	Greeting time.Duration
	// Silence after what was said: a person waits for an answer.
	Silence time.Duration
	// Pause is the longest pause inside what is said.
	Pause time.Duration
	// Least is the shortest sound that is speech and no click.
	Least time.Duration
	// Contrast is how far speech must stand out of its background, in dB, before
	// its length is believed: in noise a pause cannot be seen.
	Contrast float64
	// Depth is how far below the loudest frame speech goes, in dB.
	Depth float64
	// Listen is how long somebody is waited for while the line rings on after
	// its answer.
	Listen time.Duration
}

// Defaults are tuned on one half of the corpus and judged on the other
// (docs/amd.md).
func Defaults() Settings {
	return Settings{
		Limit: 1160 * time.Millisecond, Extra: 300 * time.Millisecond, Nearly: 800 * time.Millisecond, Greeting: 1000 * time.Millisecond,
		Silence: 320 * time.Millisecond, Pause: 160 * time.Millisecond, Least: 80 * time.Millisecond,
		Contrast: 14, Depth: 20, Listen: 6 * time.Second,
	}
}

// Within are the settings for a limit: who has longer to listen can let people
// say more, and finds more machines (docs/amd.md has the figures).
func Within(limit time.Duration) Settings {
	s := Defaults()
	if limit <= 0 {
		return s
	}
	if longer := (limit - s.Limit) / 4; longer > 0 {
		s.Greeting += longer
		s.Nearly += longer
	}
	s.Limit = limit
	return s.with()
}

// MaxListen bounds Limit and Listen.
const MaxListen = 8 * time.Second

// with fills what is not set, and bounds what would outgrow the memory.
func (s Settings) with() Settings {
	d := Defaults()
	for _, f := range []struct{ v, def *time.Duration }{
		{&s.Limit, &d.Limit}, {&s.Extra, &d.Extra}, {&s.Nearly, &d.Nearly}, {&s.Greeting, &d.Greeting}, {&s.Silence, &d.Silence}, {&s.Pause, &d.Pause}, {&s.Least, &d.Least}, {&s.Listen, &d.Listen},
	} {
		if *f.v <= 0 {
			*f.v = *f.def
		}
		*f.v = min(*f.v, MaxListen)
	}
	if s.Contrast <= 0 {
		s.Contrast = d.Contrast
	}
	if s.Depth <= 0 {
		s.Depth = d.Depth
	}
	return s
}

// Word is what a verdict comes to.
type Word string

// The words. Unsure is treated as a person, and so is silence.
const (
	Human   Word = "human"
	Machine Word = "machine"
	Unsure  Word = "unsure"
	Fax     Word = "fax"
	SIT     Word = "sit" // the network says that there is nobody: special information tones, or a line that rings on
	Silence Word = "silence"
)

// Verdict is what was heard.
type Verdict struct {
	Word Word
	Why  string        // one of a few sentences, for the log and for people
	At   time.Duration // when it was clear, from the first frame
	// Began and Ended are when somebody spoke, from the first frame; Ended is 0
	// while it is not over.
	Began, Ended time.Duration
	// Open: it was heard until At that nobody had ended what they say first.
	Open bool
}

// SinceGreeting is how long before the verdict the greeting was over; 0 when it was not.
func (v Verdict) SinceGreeting() time.Duration {
	if v.Ended == 0 {
		return 0
	}
	return v.At - v.Ended
}

// Screen listens to one answered call. It is for one goroutine.
type Screen struct {
	set    Settings
	limit  int // frames
	speech speech
	tones  tones
	n      int
	over   bool
}

// New returns a Screen that has heard nothing yet.
func New(s Settings) *Screen {
	s = s.with()
	return &Screen{set: s, limit: frames(s.Limit), speech: newSpeech(s)}
}

func frames(d time.Duration) int { return int((d + FrameTime - 1) / FrameTime) }

func length(frames int) time.Duration { return time.Duration(frames) * FrameTime }

// Frame takes the next 20 ms, and says true with the verdict once there is one.
// A frame that is too short or too long counts as 20 ms of what it has; after
// the verdict frames mean nothing.
func (s *Screen) Frame(pcm []int16) (Verdict, bool) {
	if s.over {
		return Verdict{}, false
	}
	pcm = pcm[:min(len(pcm), codec.FrameSamples)]
	level, heard := s.speech.level(pcm), s.tones.frame(pcm)
	s.n++
	s.speech.frame(level)
	if heard != toneNone {
		if v, ok := s.tone(heard); ok {
			return v, true
		}
	}
	u := s.speech.look()
	switch {
	case s.tones.on():
		// whoever speaks is heard after the tone
	case u.long:
		return s.say(Machine, whyLong, u), true
	case u.ended && !s.tones.expecting():
		return s.say(Human, whyShort, u), true
	}
	if s.n >= s.until(u) {
		v := s.late(u)
		v.Open = v.Ended == 0 && v.Word != SIT
		return v, true
	}
	return Verdict{}, false
}

// Extended reports whether the limit is over and listening goes on, because of
// tones: the line rings on, or more of them may come.
func (s *Screen) Extended() bool {
	return !s.over && s.n >= s.limit && (s.tones.rings || s.tones.on() || s.tones.expecting())
}

// Timeout is the verdict on what was heard until now: for a line that sends no
// audio, which frames cannot end. Whoever spoke may have ended with the last of them.
func (s *Screen) Timeout() Verdict { return s.late(s.speech.look()) }

const (
	whyLong    = "spoke on without a pause"
	whyShort   = "spoke briefly and waits"
	whyTalking = "still speaking at the limit"
	whyMaybe   = "a sound at the limit, too short to judge"
	whyNothing = "nobody spoke until the limit"
	whySIT     = "special information tones"
	whyFax     = "tone of a fax machine"
	whyRings   = "the line rang on after its answer and nobody came"
)

// tone acts on a tone that has become clear.
func (s *Screen) tone(heard toneKind) (Verdict, bool) {
	switch heard {
	case toneSIT:
		return s.say(SIT, whySIT, utterance{}), true
	case toneFax:
		return s.say(Fax, whyFax, utterance{}), true
	case toneRing:
		s.speech.restart()
	case toneNone:
	}
	return Verdict{}, false
}

// until is the frame by which there is a verdict.
func (s *Screen) until(u utterance) int {
	listen := max(frames(s.set.Listen), s.limit)
	switch {
	case s.tones.rings && u.spoken == 0:
		return listen
	case s.tones.rings: // the answer of the line was none: the person's is what counts
		return min(u.began+s.limit, listen)
	case s.tones.expecting() || s.tones.on():
		return s.limit + toneSlack
	case u.silent <= frames(s.set.Pause) && u.end-u.began >= frames(s.set.Nearly):
		return s.limit + frames(s.set.Extra)
	}
	return s.limit
}

// late is the verdict when the time is over.
func (s *Screen) late(u utterance) Verdict {
	switch {
	case u.spoken == 0 && s.tones.rings:
		return s.say(SIT, whyRings, u)
	case u.spoken == 0:
		return s.say(Silence, whyNothing, u)
	case u.silent <= s.speech.pause:
		return s.say(Unsure, whyTalking, u)
	}
	return s.say(Unsure, whyMaybe, u)
}

func (s *Screen) say(w Word, why string, u utterance) Verdict {
	s.over = true
	v := Verdict{Word: w, Why: why, At: length(s.n)}
	if u.spoken > 0 {
		v.Began = length(u.began)
		if u.silent > s.speech.pause {
			v.Ended = length(u.end)
		}
	}
	return v
}
