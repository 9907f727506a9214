package dialer

import (
	"math"
	"math/rand/v2"
	"time"

	"strowger/dialer/pacing"
)

const (
	machines       = 0.45   // of what no person answers
	weatherChanges = 2700.0 // seconds between two new factors
	tide           = 4 * 3600.0
)

// weather is how the answer rate and the talks drift.
type weather struct {
	cell  Cell
	end   float64
	phase float64
	rate  []float64
	talk  []float64
}

func newWeather(c Cell, r *rand.Rand, end float64) weather {
	w := weather{cell: c, end: end, phase: 2 * math.Pi * r.Float64()}
	for t := 0.0; t <= end+weatherChanges; t += weatherChanges {
		w.rate = append(w.rate, 0.75+0.5*r.Float64())
		w.talk = append(w.talk, 0.88+0.24*r.Float64())
	}
	return w
}

// answers is the share of the attempts made now that a person would answer.
func (w *weather) answers(now float64) float64 {
	p := w.cell.Rate
	if w.cell.Turn > 0 && now > w.end/2 {
		p *= w.cell.Turn
	}
	if w.cell.Steady {
		return p
	}
	return p * (1 + 0.25*math.Sin(w.phase+2*math.Pi*now/tide)) * w.rate[int(now/weatherChanges)]
}

func (w *weather) talkMean(now float64) float64 {
	if w.cell.Steady {
		return w.cell.Talk
	}
	return w.cell.Talk * w.talk[int(now/weatherChanges)]
}

// lot is what was drawn for a line.
type lot struct {
	who, what             float64
	setup, rings, machine float64 // seconds: until it rings, and from then on until a person or a machine answers
}

// draw draws the next line's lot. Every line draws the same number of times, so
// that all pacers get the same lots.
func draw(r *rand.Rand) lot {
	l := lot{who: r.Float64(), what: r.Float64(), setup: lognormal(r, setupMean, 0.5)}
	l.rings = -3 * math.Log((1-r.Float64())*(1-r.Float64())*(1-r.Float64())) // gamma, shape 3, mean 9
	l.machine = 18 + 1.5*r.NormFloat64()
	if r.Float64() < 0.2 {
		l.machine = 0.5
	}
	return l
}

// becomes says what becomes of a line with a lot, and how long after it has begun to ring.
func (w *weather) becomes(l lot, now float64) (how pacing.Outcome, after float64) {
	switch {
	case l.who < w.answers(now):
		if l.rings <= w.cell.RingLimit {
			return pacing.Human, l.rings
		}
	case l.what < machines:
		if l.machine <= w.cell.RingLimit {
			return pacing.Machine, math.Max(l.machine, 0.5)
		}
	case l.what < 0.52:
		return pacing.Busy, 0.3
	case l.what < 0.60:
		return pacing.SIT, 0.5
	}
	return pacing.NoAnswer, w.cell.RingLimit
}

// lognormal draws with a mean and a coefficient of variation.
func lognormal(r *rand.Rand, mean, variation float64) float64 {
	v := math.Log(1 + variation*variation)
	return mean * math.Exp(math.Sqrt(v)*r.NormFloat64()-v/2)
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// agent is somebody at a desk.
type agent struct {
	status      pacing.Status
	since       float64
	leaving     bool
	pause       float64 // length of the break that was asked for
	pace        float64 // talks last so many times as long as others'
	absent      bool    // does not notice the offer
	r           *rand.Rand
	work, there float64
}

// away is a break.
type away struct{ at, length float64 }

// rota draws the agent's pace, login and breaks: a quarter of an hour about every
// two hours, half an hour in mid-shift.
func (a *agent) rota(c Cell, end float64, r *rand.Rand) (login float64, breaks []away) {
	a.r = r
	a.pace = math.Exp(0.15*r.NormFloat64() - 0.15*0.15/2)
	login = 600 * r.Float64()
	noon := end/2 - 1800 + 3600*r.Float64()
	if c.Steady {
		return 0, nil
	}
	for t := login + 3600 + 3600*r.Float64(); t < end-1800; t += 5400 + 3600*r.Float64() {
		if math.Abs(t-end/2) >= 2700 {
			breaks = append(breaks, away{t, 900})
		}
	}
	return login, append(breaks, away{noon, 1800})
}

// begin plans the agent's shift.
func (a *agent) begin(w *World, r *rand.Rand) {
	login, breaks := a.rota(w.cell, w.end, r)
	w.at(login, func() { a.free(w) })
	for _, b := range breaks {
		w.at(b.at, func() { a.wantsBreak(w, b.length) })
	}
}

// become changes the status and counts the time in the one before.
func (a *agent) become(w *World, st pacing.Status) {
	spent := w.now - a.since
	if a.status != pacing.Offline {
		a.there += spent
	}
	if (a.status == pacing.Talking || a.status == pacing.Wrapping) && !a.absent {
		a.work += spent
	}
	a.status, a.since, a.absent = st, w.now, false
}

func (a *agent) wantsBreak(w *World, length float64) {
	a.pause = length
	switch a.status {
	case pacing.Idle:
		a.leave(w)
	case pacing.Talking, pacing.Wrapping:
		a.leaving = true
	case pacing.Offline:
	}
}

func (a *agent) leave(w *World) {
	a.leaving = false
	a.become(w, pacing.Offline)
	w.at(w.now+a.pause, func() { a.free(w) })
}

// free is an agent with nothing to do.
func (a *agent) free(w *World) {
	if a.leaving {
		a.leave(w)
		return
	}
	a.become(w, pacing.Idle)
	w.serve()
}

// ignores is an agent who lets an offer pass: whoever waits is lost, and the
// agent is taken out for a minute.
func (a *agent) ignores(w *World, c *call) {
	a.become(w, pacing.Talking)
	a.absent = true
	w.at(c.answered+w.cell.Grace, func() {
		w.result.Dropped++
		w.tell(pacing.Abandoned, pacing.Human, w.cell.Grace)
		a.become(w, pacing.Offline)
		w.at(w.now+60, func() { a.free(w) })
	})
}

// take is a conversation and the work after it.
func (a *agent) take(w *World, c *call) {
	if w.cell.Ignored > 0 && a.r.Float64() < w.cell.Ignored {
		a.ignores(w, c)
		return
	}
	w.result.Bridged++
	w.tell(pacing.Bridged, pacing.Human, w.now-c.answered)
	a.become(w, pacing.Talking)
	w.talks++
	talk, wrap := a.lasts(&w.weather, w.now, c.machine)
	w.at(w.now+talk, func() {
		w.talks--
		w.tell(pacing.TalkEnded, pacing.Human, w.now-a.since)
		a.become(w, pacing.Wrapping)
		w.at(w.now+wrap*a.r.ExpFloat64(), func() {
			w.tell(pacing.WrapEnded, pacing.Human, w.now-a.since)
			a.free(w)
		})
	})
}

// lasts is how long a conversation takes, and the work after it on average.
func (a *agent) lasts(w *weather, now float64, machine bool) (talk, wrap float64) {
	const short = 8.0 // of a refusal, or until a machine is noticed
	if machine {
		return short * a.r.ExpFloat64(), 2
	}
	mean := w.talkMean(now) * a.pace
	if talk = lognormal(a.r, mean, 0.8); w.cell.Refusals {
		if talk = lognormal(a.r, (mean-0.4*short)/0.6, 0.8); a.r.Float64() < 0.4 {
			talk = short * a.r.ExpFloat64()
		}
	}
	return talk, w.cell.Wrap
}
