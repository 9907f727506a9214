package pacing

import (
	"encoding/json"
	"math"

	"strowger/switch/fault"
)

// memory is what a pacer knows, as it is kept over a restart.
type memory struct {
	Humans   float64   `json:"humans"`
	Attempts float64   `json:"attempts"`
	Recent   int       `json:"recent,omitempty"` // attempts that the rate's memory spanned beside its least
	Answers  histogram `json:"answers"`
	Others   histogram `json:"others"`
	Talks    last      `json:"talks"`
	Wraps    last      `json:"wraps"`
}

// Memory is what has been learned, for [Pacer.Remember].
func (p *Pacer) Memory() ([]byte, error) {
	k := &p.know
	b, err := json.Marshal(memory{k.humans, k.attempts, max(len(k.recent), k.carried), k.answers, k.others, k.talks, k.wraps})
	return b, fault.Wrap(fault.Internal, "pacing: memory", "", err)
}

// Remember goes on with what a pacer before has learned. What is not fit to be
// used is refused, and nothing is changed then.
func (p *Pacer) Remember(data []byte) error {
	const op = "pacing: remember"
	var m memory
	if err := json.Unmarshal(data, &m); err != nil {
		return fault.Wrap(fault.Invalid, op, "", err)
	}
	good := sound(m.Attempts) && m.Attempts > 0 && sound(m.Humans) && m.Humans <= m.Attempts && m.Recent >= 0 && m.Recent <= rateMost &&
		m.Answers.sound() && m.Others.sound() && m.Talks.sound() && m.Wraps.sound()
	if !good {
		return fault.New(fault.Invalid, op, "", "the figures contradict each other or are no figures: begin anew")
	}
	know := newLearned()
	know.humans, know.attempts, know.carried = m.Humans, m.Attempts, m.Recent
	know.answers, know.others, know.talks, know.wraps = m.Answers, m.Others, m.Talks, m.Wraps
	p.know, p.fresh = know, false
	return nil
}

// most bounds every figure of a memory.
const most = 1e6

func sound(x float64) bool { return x >= 0 && x <= most && !math.IsNaN(x) }

func (h *histogram) sound() bool {
	sum := 0.0
	for _, n := range h.Bin {
		if !sound(n) {
			return false
		}
		sum += n
	}
	return sound(h.N) && h.N > 0 && math.Abs(sum-h.N) < 1e-3*h.N
}

func (l *last) sound() bool {
	for _, t := range l.T {
		if !sound(t) {
			return false
		}
	}
	return len(l.T) > 0 && len(l.T) <= samples && l.Next >= 0 && l.Next < samples && (l.Next == 0 || len(l.T) == samples)
}
