package screen

import "math"

// Levels in dB below a full-scale square wave.
const (
	levelFloor = -75.0 // what is below is silence
	audible    = -48.0 // what is below is nobody's speech
	aboveFloor = 8.0   // speech stands this far above the background
	maxFrames  = int(MaxListen/FrameTime) + 64
	runFrames  = 2 // frames in a row that are speech and no click
)

// speech remembers the level of every frame and looks at all of them anew each
// time: how loud the background is, and how loud the speaker, is known only
// afterwards, and it decides what the first frames were.
type speech struct {
	levels [maxFrames]float32
	n      int
	from   int // where listening began: after a line has rung on

	depth, contrast              float64
	least, pause, silence, limit int
}

func newSpeech(s Settings) speech {
	return speech{
		depth: s.Depth, contrast: s.Contrast,
		least: frames(s.Least), pause: frames(s.Pause), silence: frames(s.Silence), limit: frames(s.Greeting),
	}
}

// utterance is what was said without a longer pause, in frames. Of several it
// is the last.
type utterance struct {
	began, end  int // the frame behind the last
	spoken      int // frames of speech in it; 0: nobody has spoken
	silent      int // frames since its end
	ended, long bool
}

func (s *speech) level(pcm []int16) float64 {
	if len(pcm) == 0 {
		return levelFloor
	}
	sum := 0.0
	for _, x := range pcm {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return levelFloor
	}
	return max(levelFloor, 10*math.Log10(sum/float64(len(pcm))/(1<<30)))
}

func (s *speech) frame(level float64) {
	if s.n < maxFrames {
		s.levels[s.n] = float32(level)
		s.n++
	}
}

// restart forgets what was heard: it was the line, not a person.
func (s *speech) restart() { s.from = s.n }

// bounds are the level of the background, the quietest 60 ms (a single quiet
// frame is chance), and of the loudest frame.
func (s *speech) bounds() (floor, peak float64) {
	floor, peak = 0, levelFloor
	for i := s.from; i < s.n; i++ {
		peak = max(peak, float64(s.levels[i]))
		if i >= s.from+2 {
			floor = min(floor, float64(s.levels[i]+s.levels[i-1]+s.levels[i-2])/3)
		}
	}
	return max(floor, levelFloor), peak
}

// look finds the last utterance.
func (s *speech) look() utterance {
	if s.n-s.from < 3 {
		return utterance{}
	}
	floor, peak := s.bounds()
	limit := float32(max(floor+aboveFloor, peak-s.depth, audible))
	var u, before utterance // before: the last one that is no click
	run := 0
	for i := s.from; i < s.n; i++ {
		if s.levels[i] < limit {
			run = 0
			continue
		}
		if run++; run < runFrames {
			continue
		}
		if u.spoken == 0 || i-run+1-u.end > s.pause {
			if u.spoken >= s.least {
				before = u
			}
			u = utterance{began: i - run + 1}
		}
		if run == runFrames {
			u.spoken += runFrames
		} else {
			u.spoken++
		}
		u.end = i + 1
	}
	if u.spoken < s.least {
		u = before
	}
	if u.spoken == 0 {
		return u
	}
	u.silent = s.n - u.end
	u.long = u.end-u.began >= s.limit && peak-floor >= s.contrast && 2*u.spoken >= u.end-u.began
	u.ended = !u.long && u.silent >= s.silence
	return u
}
