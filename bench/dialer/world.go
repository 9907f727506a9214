package dialer

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"slices"

	"strowger/dialer/pacing"
)

// Pacer says how many lines to dial.
type Pacer interface {
	// Decide gets what can be seen, and what has ended since it was asked last.
	Decide(s *pacing.Scene, ended []pacing.Fact) int
}

// Canceller is a pacer that also says, after Decide, which of the lines that
// ring are to be given up: so many of the oldest, and of the newest. That comes
// to pass when they have rung for as long as the law wants.
type Canceller interface {
	GiveUp() (oldest, newest int)
}

// ringLeast is how long a line must ring before it may be given up, in seconds.
const ringLeast = 15.0

// occurrence is something that will happen. Of two at a time the earlier planned comes first.
type occurrence struct {
	at   float64
	nth  int
	what func()
}

type agenda []occurrence

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].nth < a[j].nth
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(occurrence)) }
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// call is a line that rings, or somebody who waits.
type call struct {
	dialled, answered float64
	rings             float64 // since when
	givenUp, over     bool
	machine           bool // that nobody has told from a person
}

// World is one shift.
type World struct {
	cell    Cell
	pacer   Pacer
	now     float64
	end     float64
	plan    agenda
	planned int

	agents  []agent
	ringing []*call // in the order of dialling
	waiting []*call // in the order of answering
	talks   int
	ended   []pacing.Fact
	scene   pacing.Scene
	result  Result
	weather weather
	lots    *rand.Rand // of the lines
	deaf    *rand.Rand // of the detector
}

// NewWorld makes a shift.
func NewWorld(c Cell, seed uint64, p Pacer) *World {
	w := &World{cell: c, pacer: p, end: c.Hours * 3600, lots: stream(seed, 1), deaf: stream(seed, 3)}
	w.weather = newWeather(c, stream(seed, 2), w.end)
	w.agents = make([]agent, c.Agents)
	for i := range w.agents {
		w.agents[i].begin(w, stream(seed, 100+uint64(i)))
	}
	w.at(0, w.tick)
	return w
}

func stream(seed, which uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, which)) }

func (w *World) at(when float64, what func()) {
	w.planned++
	heap.Push(&w.plan, occurrence{when, w.planned, what})
}

// Run lets the shift pass.
func (w *World) Run() Result {
	for len(w.plan) > 0 {
		next := heap.Pop(&w.plan).(occurrence)
		if next.at > w.end {
			break
		}
		w.now = next.at
		next.what()
	}
	w.now = w.end
	work, there := 0.0, 0.0
	for i := range w.agents {
		w.agents[i].become(w, pacing.Offline)
		work += w.agents[i].work
		there += w.agents[i].there
	}
	w.result.Busy = work / there
	w.result.Idle = (there - work) / math.Max(1, float64(w.result.Bridged))
	return w.result
}

// tell notes what has ended.
func (w *World) tell(kind pacing.FactKind, how pacing.Outcome, took float64) {
	w.ended = append(w.ended, pacing.Fact{At: duration(w.now), Kind: kind, Outcome: how, Took: duration(took)})
}

// tick asks the pacer and dials.
func (w *World) tick() {
	s := &w.scene
	s.Agents, s.Ringing = s.Agents[:0], s.Ringing[:0]
	for i := range w.agents {
		a := &w.agents[i]
		s.Agents = append(s.Agents, pacing.Agent{Status: a.status, Since: duration(a.since), Leaving: a.leaving})
	}
	for _, c := range w.ringing {
		s.Ringing = append(s.Ringing, duration(c.dialled))
	}
	s.Now, s.End, s.Waiting = duration(w.now), duration(w.end), len(w.waiting)
	s.Lines, s.LineLimit = len(w.ringing)+len(w.waiting)+w.talks, int(w.cell.Lines*float64(w.cell.Agents))
	s.Today = pacing.Counts{Humans: w.result.Humans, Abandoned: w.result.Dropped}
	n := w.pacer.Decide(s, w.ended)
	w.ended = w.ended[:0]
	if c, can := w.pacer.(Canceller); can {
		oldest, newest := c.GiveUp()
		now := slices.Clone(w.ringing)
		for i, c := range now {
			if i < oldest || i >= len(now)-newest {
				w.giveUp(c)
			}
		}
	}
	for range min(n, s.LineLimit-s.Lines) {
		w.dial()
	}
	w.at(w.now+w.cell.Tick, w.tick)
}

// dial draws a line's lot.
func (w *World) dial() {
	w.result.Dials++
	c := &call{dialled: w.now}
	l := draw(w.lots)
	how, after := w.weather.becomes(l, w.now)
	c.rings = w.now + l.setup
	w.ringing = append(w.ringing, c)
	w.at(c.rings+after, func() { w.dialEnds(c, how) })
}

// giveUp ends a line, when it has rung for long enough.
func (w *World) giveUp(c *call) {
	if c.givenUp {
		return
	}
	c.givenUp = true
	end := func() {
		if !c.over {
			w.result.GivenUp++
			w.dialEnds(c, pacing.NoAnswer)
		}
	}
	if at := c.rings + ringLeast; w.now < at {
		w.at(at, end)
		return
	}
	end()
}

func (w *World) dialEnds(c *call, how pacing.Outcome) {
	if c.over {
		return
	}
	c.over = true
	w.ringing = slices.DeleteFunc(w.ringing, func(r *call) bool { return r == c })
	switch {
	case how == pacing.Machine && w.cell.NoScreen:
		how, c.machine = pacing.Human, true
	case how == pacing.Human && w.cell.Deaf > 0 && w.deaf.Float64() < w.cell.Deaf:
		how = pacing.Machine
		w.result.False++
	}
	w.tell(pacing.DialEnded, how, w.now-c.dialled)
	if how != pacing.Human {
		return
	}
	w.result.Humans++
	c.answered = w.now
	w.waiting = append(w.waiting, c)
	w.serve()
	if slices.Contains(w.waiting, c) {
		w.at(w.now+w.cell.Grace, func() { w.dropped(c) })
	}
}

func (w *World) dropped(c *call) {
	if i := slices.Index(w.waiting, c); i >= 0 {
		w.waiting = slices.Delete(w.waiting, i, i+1)
		w.result.Dropped++
		w.tell(pacing.Abandoned, pacing.Human, w.cell.Grace)
	}
}

// serve gives those who wait to the agents who have been free for the longest.
func (w *World) serve() {
	for len(w.waiting) > 0 {
		var best *agent
		for i := range w.agents {
			if a := &w.agents[i]; a.status == pacing.Idle && (best == nil || a.since < best.since) {
				best = a
			}
		}
		if best == nil {
			return
		}
		c := w.waiting[0]
		w.waiting = w.waiting[1:]
		best.take(w, c)
	}
}
