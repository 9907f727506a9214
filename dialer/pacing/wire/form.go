package wire

import (
	"bytes"
	"encoding/json"
	"math"
	"time"

	"strowger/dialer/pacing"
	"strowger/switch/fault"
)

// Bounds of what a line may hold.
const (
	MaxLine   = 4 << 20 // bytes
	maxAgents = 10_000
	maxLines  = 100_000
	maxTime   = 366 * 24 * 3600 // seconds

	maxWindows = 8
)

// Hello is what is said once.
type Hello struct {
	Agents     int     `json:"agents"`
	TrunkLimit int     `json:"trunk_limit"`
	Grace      float64 `json:"grace"`      // seconds that a person who has answered waits
	RingLimit  float64 `json:"ring_limit"` // seconds after which a line is given up
	ShiftEnds  float64 `json:"shift_ends"` // seconds; 0: not known
	Target     float64 `json:"target"`     // share that may be abandoned

	// Memory is what the pacer knew when the record began; see pacing.Pacer.Memory.
	Memory json.RawMessage `json:"memory,omitempty"`
}

// State is what can be seen at a tick.
type State struct {
	T          float64      `json:"t"`
	Agents     [][3]float64 `json:"agents"`
	Ringing    []float64    `json:"ringing"`
	Waiting    int          `json:"waiting"`
	TrunkLimit int          `json:"trunk_limit"`
	Trunks     int          `json:"trunks"`
	Answered   int          `json:"answered"`
	Abandoned  int          `json:"abandoned"`
	Log        [][4]float64 `json:"log"`

	// What a campaign has beside it; a simulator need not say it.
	Target  *float64     `json:"target,omitempty"`  // now, where it is not the hello's
	Begin   float64      `json:"begin,omitempty"`   // of the shift
	Ends    float64      `json:"ends,omitempty"`    // of the shift, where it is not the hello's
	Windows [][3]float64 `json:"windows,omitempty"` // further budgets: [answered, abandoned, limit]
}

// Reply is the answer to a State. All but Dial only where the sentence is asked for.
type Reply struct {
	Dial      int     `json:"dial"`
	Cancel    int     `json:"cancel,omitempty"` // the newest, when the law allows it
	Late      int     `json:"late,omitempty"`   // the oldest
	Why       string  `json:"why,omitempty"`
	Rate      float64 `json:"rate,omitempty"`
	Risk      float64 `json:"risk,omitempty"`
	Allowed   float64 `json:"allowed,omitempty"`
	FreeSoon  float64 `json:"free_soon,omitempty"`
	Answers   float64 `json:"answers_soon,omitempty"`
	Headroom  float64 `json:"headroom,omitempty"`
	Reachable int     `json:"reachable,omitempty"`

	// What has become of it, in a campaign's record.
	Made *int   `json:"made,omitempty"` // lines that were dialled, where fewer than decided
	Held string `json:"held,omitempty"` // a word for why
}

// line is any line of the protocol.
type line struct {
	Hello *Hello `json:"hello"`
	State
	Dial *int `json:"dial"`
}

func wrong(n int, format string, args ...any) error {
	args = append([]any{n}, args...)
	return fault.Newf(fault.Invalid, "pacing: read", "", "line %d: "+format, args...)
}

// parse reads one line.
func parse(n int, text []byte) (line, error) {
	var l line
	dec := json.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(&l); err != nil {
		return l, wrong(n, "this is no JSON object of the protocol (%v)", err)
	}
	if dec.More() {
		return l, wrong(n, "there is more than one object in the line")
	}
	return l, nil
}

func (h *Hello) check(n int) error {
	switch {
	case h.Agents < 0 || h.Agents > maxAgents:
		return wrong(n, "agents: 0 to %d", maxAgents)
	case h.TrunkLimit < 0 || h.TrunkLimit > maxLines:
		return wrong(n, "trunk_limit: 0 to %d", maxLines)
	case !seconds(h.Grace) || h.Grace > 60:
		return wrong(n, "grace: 0 to 60 seconds")
	case !seconds(h.RingLimit) || !seconds(h.ShiftEnds):
		return wrong(n, "ring_limit and shift_ends: seconds, up to a year")
	case !share(h.Target):
		return wrong(n, "target: a share of 0 to 0.5")
	}
	return nil
}

func (s *State) check(n int) error {
	switch {
	case !seconds(s.T):
		return wrong(n, "t: seconds since the shift began")
	case len(s.Agents) > maxAgents:
		return wrong(n, "agents: at most %d", maxAgents)
	case len(s.Ringing) > maxLines || len(s.Log) > maxLines:
		return wrong(n, "ringing and log: at most %d each", maxLines)
	case min(s.Waiting, s.TrunkLimit, s.Trunks, s.Answered, s.Abandoned) < 0 || max(s.Waiting, s.TrunkLimit, s.Trunks) > maxLines:
		return wrong(n, "waiting, trunk_limit and trunks: 0 to %d; answered and abandoned: 0 or more", maxLines)
	}
	for i, a := range s.Agents {
		if !whole(a[0], 3) || !seconds(a[1]) || !whole(a[2], 1) {
			return wrong(n, "agents[%d]: [status 0 to 3, since, pending 0 or 1]", i)
		}
	}
	if len(s.Windows) > maxWindows || !seconds(s.Begin) || !seconds(s.Ends) || s.Target != nil && !share(*s.Target) {
		return wrong(n, "target: a share of 0 to 0.5; begin and ends: seconds; windows: at most %d", maxWindows)
	}
	for i, w := range s.Windows {
		if !whole(w[0], math.MaxInt32) || !whole(w[1], math.MaxInt32) || !share(w[2]) {
			return wrong(n, "windows[%d]: [answered, abandoned, limit]", i)
		}
	}
	for i, r := range s.Ringing {
		if !seconds(r) {
			return wrong(n, "ringing[%d]: when it was dialled, in seconds", i)
		}
	}
	for i, f := range s.Log {
		if !seconds(f[0]) || !whole(f[1], 4) || !whole(f[2], 4) || !seconds(f[3]) {
			return wrong(n, "log[%d]: [t, kind 0 to 4, outcome 0 to 4, took]", i)
		}
	}
	return nil
}

func share(x float64) bool { return x >= 0 && x <= 0.5 }

func seconds(x float64) bool { return x >= 0 && x <= maxTime }

func whole(x float64, most int) bool {
	return x >= 0 && x <= float64(most) && x == math.Trunc(x)
}

func duration(s float64) time.Duration {
	return time.Duration(math.Round(s * float64(time.Second)))
}

// facts appends what has ended.
func (s *State) facts(to []pacing.Fact) []pacing.Fact {
	for _, f := range s.Log {
		to = append(to, pacing.Fact{At: duration(f[0]), Kind: pacing.FactKind(f[1]), Outcome: pacing.Outcome(f[2]), Took: duration(f[3])})
	}
	return to
}

// scene puts a state into the pacer's form; to's slices are used again. A target
// of the options stands for every share that the state names.
func (s *State) scene(h *Hello, o *Options, to *pacing.Scene) {
	agents, ringing, windows := to.Agents[:0], to.Ringing[:0], to.Windows[:0]
	for _, a := range s.Agents {
		agents = append(agents, pacing.Agent{Status: pacing.Status(a[0]), Since: duration(a[1]), Leaving: a[2] != 0})
	}
	for _, r := range s.Ringing {
		ringing = append(ringing, duration(r))
	}
	for _, w := range s.Windows {
		windows = append(windows, pacing.Window{Counts: pacing.Counts{Humans: int(w[0]), Abandoned: int(w[1])}, Limit: w[2]})
	}
	*to = pacing.Scene{
		Now: duration(s.T), Agents: agents, Ringing: ringing, Waiting: s.Waiting, Lines: s.Trunks, LineLimit: s.TrunkLimit,
		Today: pacing.Counts{Humans: s.Answered, Abandoned: s.Abandoned}, Windows: windows, Target: h.Target, Begin: duration(s.Begin), End: duration(h.ShiftEnds),
	}
	if s.Target != nil {
		to.Target = *s.Target
	}
	if s.Ends > 0 {
		to.End = duration(s.Ends)
	}
	if o.Target != nil {
		to.Target = *o.Target
		for i := range to.Windows {
			to.Windows[i].Limit = *o.Target
		}
	}
}

func replyOf(d *pacing.Decision, why bool) Reply {
	if !why {
		return Reply{Dial: d.Dial}
	}
	return Reply{
		Dial: d.Dial, Cancel: d.Cancel, Late: d.Late, Why: d.String(), Rate: round(d.Rate), Risk: round(d.Risk), Allowed: round(d.Allowed),
		FreeSoon: round(d.FreeSoon), Answers: round(d.AnswersSoon), Headroom: round(d.Headroom), Reachable: d.Reachable,
	}
}

// round keeps figures short.
func round(x float64) float64 { return math.Round(x*1e6) / 1e6 }
