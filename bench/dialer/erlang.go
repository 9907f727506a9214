package dialer

import (
	"math"

	"strowger/dialer/pacing"
)

// erlang takes every agent for memoryless: the largest number of lines with
// which the expected overflow stays within a share of the expected answers, and
// that share follows what was dropped.
type erlang struct {
	target, grace    float64
	bend             float64
	humans, attempts float64
	rings            average
	talk, wrap       average
}

const erlangMemory = 300

func newErlang(target, grace float64) *erlang {
	return &erlang{
		target: target, grace: grace, humans: 4, attempts: 20,
		rings: average{sum: 14, n: 1, weight: 10}, talk: average{sum: 120, n: 1, weight: 20}, wrap: average{sum: 20, n: 1, weight: 20},
	}
}

// average is a mean that begins with an assumption and fades.
type average struct {
	sum, n, weight float64 // sum and n of what was assumed are those of one
}

func (a *average) add(x float64) {
	if a.weight > 0 {
		a.sum, a.n, a.weight = a.sum*a.weight, a.n*a.weight, 0
	}
	if a.n >= 400 {
		a.sum, a.n = a.sum*399/400, a.n*399/400
	}
	a.sum, a.n = a.sum+x, a.n+1
}

func (a *average) mean() float64 { return a.sum / a.n }

func (e *erlang) Decide(s *pacing.Scene, ended []pacing.Fact) int {
	for _, f := range ended {
		e.learn(f)
	}
	p, within := e.humans/e.attempts, e.rings.mean()+e.grace
	free := 1 - math.Exp(-within/(e.talk.mean()+e.wrap.mean()))
	idle, _, there := team(s)
	if there == 0 {
		return 0
	}
	busy, most, n := float64(there-idle), e.target*math.Exp(e.bend), 0
	for s.Lines+n < s.LineLimit {
		lines := float64(len(s.Ringing) + n + 1)
		m := busy*(1-free) + lines*p + float64(s.Waiting)
		sd := math.Sqrt(busy*free*(1-free) + lines*p*(1-p) + 1e-9)
		x := (float64(there) - m) / sd
		over := sd * (math.Exp(-x*x/2)/math.Sqrt(2*math.Pi) - x*math.Erfc(x/math.Sqrt2)/2)
		if over > most*lines*p {
			break
		}
		n++
	}
	return n
}

func (e *erlang) learn(f pacing.Fact) {
	const step, furthest = 0.3, 5
	switch f.Kind {
	case pacing.DialEnded:
		e.humans, e.attempts = e.humans*(1-1.0/erlangMemory), e.attempts*(1-1.0/erlangMemory)+1
		if f.Outcome == pacing.Human {
			e.humans++
			e.rings.add(f.Took.Seconds())
		}
	case pacing.Bridged:
		e.bend = math.Min(furthest, e.bend+step*e.target)
	case pacing.Abandoned:
		e.bend = math.Max(-furthest, e.bend-step*(1-e.target))
	case pacing.TalkEnded:
		e.talk.add(f.Took.Seconds())
	case pacing.WrapEnded:
		e.wrap.add(f.Took.Seconds())
	}
}
