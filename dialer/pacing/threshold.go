package pacing

import (
	"math"
	"time"
)

const (
	steepMost, steepLeast = 2.2, -5.0
	thresholdMost         = 0.7
	perTarget             = 2.0              // threshold at a headroom of zero, as a multiple of the target
	settling              = 10 * time.Minute // before it, what is to come is not known
	settlingWeight        = 0.5
	reserveDrops          = 1.0 // kept back, where nothing else is said
	reserveShare          = 0.25
	hoursUnknown          = 4 * time.Hour // that a shift goes on whose end is not known
)

// threshold is the risk that one more line may have, and the headroom: drops
// that today's answers allow beyond those that have happened and the reserve.
func threshold(s *Scene, spare float64) (limit, headroom float64) {
	due := s.Target * float64(s.Today.Humans)
	headroom = due - float64(s.Today.Abandoned) - spare - reserveShare*math.Sqrt(due)
	steep := weight(s) * headroom
	for _, w := range s.Windows {
		left := w.Limit*float64(w.Humans) - float64(w.Abandoned)
		if left < headroom {
			headroom = left
		}
		steep = min(steep, weight(s)*left)
	}
	steep = max(steepLeast, min(steepMost, steep))
	return min(thresholdMost, perTarget*s.Target*math.Exp(steep)), headroom
}

// weight is how much a drop of headroom weighs: little while many answers are
// still to come that can make up for it.
func weight(s *Scene) float64 {
	gone := s.Now - s.Begin
	if gone < settling {
		return settlingWeight
	}
	left := s.End - s.Now
	if s.End <= s.Begin {
		left = hoursUnknown
	}
	expected := float64(s.Today.Humans) * max(left, 0).Seconds() / gone.Seconds()
	return 1 / math.Sqrt(1+s.Target*expected)
}
