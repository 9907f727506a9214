package pacing

import (
	"math"
	"time"
)

const (
	ringBin  = 0.5 // seconds
	ringBins = 120 // the last one takes whatever is longer
	samples  = 400 // talks and wrap-ups that are remembered

	rateMemory = 300              // attempts
	rateRecent = 10 * time.Minute // or as many as in this time
	rateMost   = 1 << 16          // attempts of that time that are counted

	answersMost = 1500 // observations after which a histogram is halved
	othersMost  = 4000
)

// What is assumed before anything is known, and how many observations it weighs.
const (
	priorRate, priorRateWeight = 0.2, 20.0
	priorRingFrom, priorRingTo = 3.0, 25.0
	priorRingWeight            = 10.0
	priorTalk, priorWrap       = 120.0, 20.0
	priorSamples               = 20
)

// learned is what the pacer knows of the campaign.
type learned struct {
	humans, attempts float64
	recent           []time.Duration // ends of attempts, oldest first
	carried          int             // how many of them there were when this was remembered
	answers, others  histogram       // time to a human's answer, and to any other end
	talks, wraps     last
	changed          bool // since the tables were built
}

func newLearned() learned {
	l := learned{humans: priorRate * priorRateWeight, attempts: priorRateWeight, changed: true}
	for b := int(priorRingFrom / ringBin); b < int(priorRingTo/ringBin); b++ {
		share := priorRingWeight / ((priorRingTo - priorRingFrom) / ringBin)
		l.answers.Bin[b], l.others.Bin[b] = share, share
	}
	l.answers.N, l.others.N = priorRingWeight, priorRingWeight
	for i := range priorSamples {
		// the middles of equally likely parts of an exponential distribution
		x := -math.Log(1 - (float64(i)+0.5)/priorSamples)
		l.talks.add(priorTalk * x)
		l.wraps.add(priorWrap * x)
	}
	return l
}

func (l *learned) take(f Fact) {
	took := max(f.Took.Seconds(), 0)
	switch f.Kind {
	case DialEnded:
		l.ended(f.At, f.Outcome, took)
	case TalkEnded:
		l.talks.add(took)
		l.changed = true
	case WrapEnded:
		l.wraps.add(took)
		l.changed = true
	case Bridged, Abandoned:
	}
}

func (l *learned) ended(at time.Duration, how Outcome, took float64) {
	for i := range l.carried { // as if they had been spread evenly
		l.recent = append(l.recent, at-rateRecent+rateRecent*time.Duration(i)/time.Duration(l.carried))
	}
	l.carried = 0
	l.recent = append(l.recent, at)
	first := 0
	for first < len(l.recent) && (l.recent[first] < at-rateRecent || len(l.recent)-first > rateMost) {
		first++
	}
	l.recent = l.recent[first:]
	keep := 1 - 1/max(rateMemory, float64(len(l.recent)))
	l.humans *= keep
	l.attempts = l.attempts*keep + 1
	l.changed = true
	if how == Human {
		l.humans++
		l.answers.add(took, answersMost)
		return
	}
	l.others.add(took, othersMost)
}

// rate is the share of attempts that a human answers.
func (l *learned) rate() float64 { return l.humans / l.attempts }

// histogram counts times in bins of half a second; old ones fade.
type histogram struct {
	Bin [ringBins]float64
	N   float64
}

func (h *histogram) add(seconds, most float64) {
	h.Bin[min(int(seconds/ringBin), ringBins-1)]++
	if h.N++; h.N <= most {
		return
	}
	for i := range h.Bin {
		h.Bin[i] /= 2
	}
	h.N /= 2
}

// cdf is the share of the times that are at most so long, at the bins' edges.
func (h *histogram) cdf(to *[ringBins + 1]float64) {
	sum := 0.0
	for i := range h.Bin {
		to[i] = sum / h.N
		sum += h.Bin[i]
	}
	to[ringBins] = 1
}

// last remembers the last times.
type last struct {
	T    []float64 // seconds
	Next int       // the oldest, once it is full
}

func (l *last) add(seconds float64) {
	if len(l.T) < samples {
		l.T = append(l.T, seconds)
		return
	}
	l.T[l.Next] = seconds
	l.Next = (l.Next + 1) % samples
}
