package sim

import (
	"math/rand/v2"
	"time"
)

// World is a population of numbers outside, as shares of all calls. What is
// left of them rings and is not answered.
type World struct {
	People     float64 // answer, say hello and talk
	Machines   float64 // answer with a greeting
	Busy       float64
	NoNumber   float64 // 404
	Refusing   float64 // 503, as from a carrier without free lines
	Ring       Range   // until people answer
	RingBefore Range   // until machines answer
	Talk       Range   // then people hang up; 0: they leave it to the other side
	Hello      Range   // 0: as long as a hello takes
}

// Answers makes a world for [Exchange.Elsewhere]: what a number does is drawn
// anew for each call, and the same seed draws the same.
func (w World) Answers(seed uint64) func(number string) PhonePolicy {
	rng := rand.New(rand.NewPCG(seed, 0x776f726c64))
	if w.RingBefore == (Range{}) {
		w.RingBefore = Range{16 * time.Second, 20 * time.Second}
	}
	return func(string) PhonePolicy {
		at := rng.Float64()
		for _, one := range []struct {
			share float64
			does  PhonePolicy
		}{
			{w.People, PhonePolicy{Mode: Answers, AnswerAfter: w.Ring, Talk: w.Talk, Greeting: w.Hello}},
			{w.Machines, PhonePolicy{Mode: Answers, AnswerAfter: w.RingBefore, Voice: Machine}},
			{w.Busy, PhonePolicy{Mode: Busy}},
			{w.NoNumber, PhonePolicy{Mode: NoSuchNumber}},
			{w.Refusing, PhonePolicy{Mode: Congested}},
		} {
			if at < one.share {
				return one.does
			}
			at -= one.share
		}
		return PhonePolicy{Mode: Manual}
	}
}

// Always is a world in which all numbers do the same.
func Always(p PhonePolicy) func(number string) PhonePolicy {
	return func(string) PhonePolicy { return p }
}
