package dialer

import (
	"math"
	"slices"
	"time"

	"strowger/dialer/pacing"
)

// supply dials for the agents who are free and those who should be within the
// time that a line rings on average, as many lines as should give each an answer,
// times a factor. The factor follows what was dropped.
type supply struct {
	target           float64
	factor           float64 // its logarithm
	humans, attempts float64
	rings            average
	talks, wraps     spell
}

const supplyMemory = 300

func newSupply(target float64) *supply {
	return &supply{target: target, humans: 4, attempts: 20, rings: average{sum: 11, n: 1, weight: 10}, talks: spell{mean: 120}, wraps: spell{mean: 20}}
}

func (p *supply) Decide(s *pacing.Scene, ended []pacing.Fact) int {
	for _, f := range ended {
		p.learn(f)
	}
	soon, there := 0.0, 0
	within := p.rings.mean()
	for i := range s.Agents {
		a := &s.Agents[i]
		since := (s.Now - a.Since).Seconds()
		if a.Status != pacing.Offline {
			there++
		}
		switch {
		case a.Leaving:
		case a.Status == pacing.Idle:
			soon++
		case a.Status == pacing.Wrapping:
			soon += p.wraps.ends(s.Now, since, within)
		case a.Status == pacing.Talking:
			soon += p.talks.ends(s.Now, since, math.Max(0, within-p.wraps.usual()))
		}
	}
	if there == 0 {
		return 0
	}
	n := int(math.Exp(p.factor)*(soon-float64(s.Waiting))/(p.humans/p.attempts)) - len(s.Ringing)
	return max(0, min(n, s.LineLimit-s.Lines))
}

func (p *supply) learn(f pacing.Fact) {
	const step = 0.1
	switch f.Kind {
	case pacing.DialEnded:
		p.humans, p.attempts = p.humans*(1-1.0/supplyMemory), p.attempts*(1-1.0/supplyMemory)+1
		if f.Outcome == pacing.Human {
			p.humans++
			p.rings.add(f.Took.Seconds())
		}
	case pacing.Bridged:
		p.factor += step * p.target
	case pacing.Abandoned:
		p.factor -= step * (1 - p.target)
	case pacing.TalkEnded:
		p.talks.add(f.Took.Seconds())
	case pacing.WrapEnded:
		p.wraps.add(f.Took.Seconds())
	}
}

// spell is how long something lasts: the last times, and until there are some, an
// exponential distribution.
type spell struct {
	mean   float64
	last   []float64
	next   int
	sorted []float64
	when   time.Duration // it was sorted
}

const spells = 400

func (l *spell) add(seconds float64) {
	if len(l.last) < spells {
		l.last = append(l.last, seconds)
		return
	}
	l.last[l.next] = seconds
	l.next = (l.next + 1) % spells
}

// usual is the mean.
func (l *spell) usual() float64 {
	if len(l.sorted) == 0 {
		return l.mean
	}
	return mean(l.sorted)
}

// ends is the chance that what has lasted for so long ends within a time.
func (l *spell) ends(now time.Duration, since, within float64) float64 {
	if now-l.when >= 30*time.Second && len(l.last) >= 20 {
		l.sorted, l.when = append(l.sorted[:0], l.last...), now
		slices.Sort(l.sorted)
	}
	from, _ := slices.BinarySearch(l.sorted, since)
	to, _ := slices.BinarySearch(l.sorted, since+within)
	if left := len(l.sorted) - from; left >= 15 {
		return float64(to-from) / float64(left)
	}
	return 1 - math.Exp(-within/l.usual())
}
