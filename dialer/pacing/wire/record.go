package wire

import (
	"bytes"
	"encoding/json"
	"math"
	"time"

	"strowger/dialer/pacing"
	"strowger/switch/fault"
)

// Tick is one decision of a campaign, to be recorded.
type Tick struct {
	Scene    pacing.Scene
	Facts    []pacing.Fact // that have ended since the tick that was recorded last
	Decision pacing.Decision
	Made     int    // lines that were dialled
	Held     string // a word for why not all; empty: they were
}

// Write appends the lines of the tick: the state and the reply.
func (t *Tick) Write(to *bytes.Buffer) error {
	reply := replyOf(&t.Decision, true)
	if reply.Held = t.Held; t.Made != t.Decision.Dial {
		reply.Made = &t.Made
	}
	return write(to, stateOf(&t.Scene, t.Facts), reply)
}

// Write appends the line of the hello.
func (h Hello) Write(to *bytes.Buffer) error {
	return write(to, struct {
		Hello Hello `json:"hello"`
	}{h})
}

func write(to *bytes.Buffer, lines ...any) error {
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	for _, l := range lines {
		if err := enc.Encode(l); err != nil {
			return fault.Wrap(fault.Internal, "pacing: record", "", err)
		}
	}
	return nil
}

// stateOf puts a scene into the protocol's form.
func stateOf(s *pacing.Scene, facts []pacing.Fact) State {
	out := State{
		T: instant(s.Now), Agents: make([][3]float64, 0, len(s.Agents)), Ringing: make([]float64, 0, len(s.Ringing)), Waiting: s.Waiting,
		TrunkLimit: s.LineLimit, Trunks: s.Lines, Answered: s.Today.Humans, Abandoned: s.Today.Abandoned,
		Log: make([][4]float64, 0, len(facts)), Target: &s.Target, Begin: instant(s.Begin), Ends: instant(s.End),
	}
	for _, a := range s.Agents {
		leaving := 0.0
		if a.Leaving {
			leaving = 1
		}
		out.Agents = append(out.Agents, [3]float64{float64(a.Status), instant(a.Since), leaving})
	}
	for _, r := range s.Ringing {
		out.Ringing = append(out.Ringing, instant(r))
	}
	for _, f := range facts {
		out.Log = append(out.Log, [4]float64{instant(f.At), float64(f.Kind), float64(f.Outcome), instant(f.Took)})
	}
	for _, w := range s.Windows {
		out.Windows = append(out.Windows, [3]float64{float64(w.Humans), float64(w.Abandoned), w.Limit})
	}
	return out
}

// instant is a time in seconds, to the millisecond, which keeps lines short.
func instant(d time.Duration) float64 { return math.Round(max(d.Seconds(), 0)*1e3) / 1e3 }
