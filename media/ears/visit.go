package ears

import (
	"errors"
	"io"
	"time"

	"strowger/media/audiosocket"
	"strowger/media/codec"
	"strowger/media/screen"
	"strowger/switch/callmodel"
)

// visit is one call that is heard. It belongs to the goroutine of its
// connection, or of its limit when it does not come.
type visit struct {
	e        *Ears
	order    callmodel.Screen
	began    time.Time
	screen   *screen.Screen // nil with Beep
	beep     *screen.Beep
	heard    time.Time // when the last sound came; zero: none has yet
	said     bool
	extended bool // it was told that this takes longer
	verdict  callmodel.ScreenVerdict
	campaign string  // of the sample
	kept     []int16 // its sound; nil: none is kept
}

// words are what the model calls the verdicts.
var words = map[screen.Word]callmodel.ScreenVerdict{
	screen.Human: callmodel.VerdictHuman, screen.Machine: callmodel.VerdictMachine, screen.Unsure: callmodel.VerdictUnsure,
	screen.Fax: callmodel.VerdictFax, screen.SIT: callmodel.VerdictSIT, screen.Silence: callmodel.VerdictSilence,
}

// hear takes 20 ms; true: enough.
func (v *visit) hear(pcm []int16) bool {
	v.heard = time.Now()
	v.kept = append(v.kept, pcm[:min(len(pcm), cap(v.kept)-len(v.kept))]...)
	switch {
	case v.said:
	case v.order.Beep:
		if end, ok := v.beep.Frame(pcm); ok {
			v.saidBeep(end)
		}
	default:
		verdict, ok := v.screen.Frame(pcm)
		switch {
		case ok:
			v.say(verdict, verdict.SinceGreeting())
		case !v.extended && v.screen.Extended():
			v.extended = true
			v.e.tell(callmodel.Screened{Channel: v.order.Channel, Verdict: callmodel.VerdictRings, Why: "tones of the network after the answer", Took: time.Since(v.began)})
		}
	}
	// A machine that is kept is heard on, unless a message waits for it.
	return v.said && (v.order.Beep || !v.keeps() || len(v.kept) == cap(v.kept))
}

// keeps tells whether the sound so far is a sample.
func (v *visit) keeps() bool { return cap(v.kept) > 0 && v.verdict == callmodel.VerdictMachine }

// say tells a verdict, and how long ago the greeting was over; 0: it was not.
func (v *visit) say(s screen.Verdict, greeting time.Duration) {
	v.said, v.verdict = true, words[s.Word]
	v.e.tell(callmodel.Screened{
		Channel: v.order.Channel, Verdict: v.verdict, Why: s.Why, Took: time.Since(v.began), Greeting: greeting, Open: s.Open,
	})
}

// late is the verdict on a line that has sent too little sound for one. Some send
// none while nobody speaks: who spoke was silent since the last of it.
func (v *visit) late() {
	s := v.screen.Timeout()
	greeting := time.Duration(0)
	if s.Word == screen.Unsure {
		greeting = s.SinceGreeting() + time.Since(v.heard)
	}
	v.say(s, greeting)
}

func (v *visit) saidBeep(end screen.BeepEnd) {
	v.said, v.verdict = true, callmodel.VerdictMachine
	v.e.tell(callmodel.Screened{Channel: v.order.Channel, Verdict: v.verdict, Why: end.Why, Took: time.Since(v.began), Beep: end.Found})
}

// over ends it: who has said nothing yet does so.
func (v *visit) over(end audiosocket.End) {
	if !v.said {
		v.ended(end)
	}
	if !v.keeps() || len(v.kept) == 0 {
		return
	}
	sound, err := wav(v.kept)
	if err == nil {
		select {
		case v.e.keep <- Heard{Call: v.order.Call, Campaign: v.campaign, Verdict: v.verdict, At: v.began, Sound: sound}:
			return
		default:
		}
	}
	v.e.lost.Add(1)
}

func (v *visit) ended(end audiosocket.End) {
	switch end {
	case audiosocket.Closed:
		v.said = true // this process ends; the next one asks the telephony server
	case audiosocket.Gone:
		v.said = true
		v.e.tell(callmodel.Screened{Channel: v.order.Channel, Verdict: callmodel.VerdictGone, Why: "hung up while it was listened to", Took: time.Since(v.began)})
	case audiosocket.Broken, audiosocket.Never:
		v.said = true
		v.e.tell(callmodel.Screened{Channel: v.order.Channel, Verdict: v.unknown(), Why: "its sound did not come", Took: time.Since(v.began)})
	case audiosocket.Late, audiosocket.Enough:
		if v.order.Beep {
			v.saidBeep(v.beep.Timeout())
			return
		}
		v.late()
	}
}

// unknown is the verdict on what was not heard.
func (v *visit) unknown() callmodel.ScreenVerdict {
	if v.order.Beep {
		return callmodel.VerdictMachine
	}
	return callmodel.VerdictUnsure
}

func samplesOf(d time.Duration) int { return int(d.Seconds() * codec.SampleRate) }

// wav is a sound as a file.
func wav(pcm []int16) ([]byte, error) {
	var m memory
	w, err := codec.NewWAVWriter(&m, 0)
	if err == nil {
		err = w.Write(pcm)
	}
	if err == nil {
		err = w.Close()
	}
	return m.b, err
}

// memory is a file that is none.
type memory struct {
	b  []byte
	at int
}

func (m *memory) Write(p []byte) (int, error) {
	m.b = append(m.b[:m.at], append(p[:len(p):len(p)], m.b[min(len(m.b), m.at+len(p)):]...)...)
	m.at += len(p)
	return len(p), nil
}

func (m *memory) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
		m.at = int(offset)
	case io.SeekEnd:
		m.at = len(m.b) + int(offset)
	case io.SeekCurrent:
		m.at += int(offset)
	}
	if m.at < 0 || m.at > len(m.b) {
		return 0, errors.New("ears: seek outside of the sound")
	}
	return int64(m.at), nil
}
