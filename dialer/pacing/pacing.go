package pacing

import (
	"math"
	"sort"
	"time"
)

// Settings are what holds for a whole shift. One set does for teams of every size.
type Settings struct {
	Grace     time.Duration // that a person who has answered is given before nobody comes; default 2 s
	RingLeast time.Duration // of a line, since it was dialled, before it may be given up for being late; default 15 s
	Reserve   float64       // drops that are kept back; default 1
}

// What the law gives in most countries: from answer to agent, and for ringing.
const (
	DefaultGrace     = 2 * time.Second
	DefaultRingLeast = 15 * time.Second
)

// Pacer decides how many lines to dial. See the package comment.
type Pacer struct {
	grace float64
	least time.Duration
	spare float64
	know  learned
	table tables
	built time.Duration // when the tables were
	fresh bool          // they have been built
	seats taken
	due   row // answers that are to be expected of the lines that ring, within each cell
	lines [lineKinds]line
	tick  uint64
}

const (
	lineStep  = 0.25 // seconds
	lineKinds = 240
)

// line is what is to be expected of a line that has rung for so long.
type line struct {
	tick   uint64 // that it was worked out for
	rings  bool   // somebody may answer it yet
	by     row    // chance that a human has answered by the middle of each cell
	within row    // and within each cell
	cells  row    // the same, given that one answers
}

// New makes a pacer that knows nothing yet.
func New(s Settings) *Pacer {
	if s.Grace <= 0 {
		s.Grace = DefaultGrace
	}
	if s.RingLeast <= 0 {
		s.RingLeast = DefaultRingLeast
	}
	if s.Reserve <= 0 {
		s.Reserve = reserveDrops
	}
	return &Pacer{grace: s.Grace.Seconds(), least: s.RingLeast, spare: s.Reserve, know: newLearned()}
}

// Learn takes what has ended since it was told last, in order.
func (p *Pacer) Learn(facts []Fact) {
	for _, f := range facts {
		p.know.take(f)
	}
}

// Decide says how many lines to dial now.
func (p *Pacer) Decide(s *Scene) Decision {
	p.refresh(s.Now)
	p.tick++
	d := p.look(s)
	if d.Reachable == 0 {
		d.Why, d.Cancel = NoAgents, len(s.Ringing)
		return d
	}
	p.fill(s)
	d.FreeSoon, d.AnswersSoon = p.soon(s)
	if s.Target <= 0 {
		d.Dial, d.Why = d.Idle-len(s.Ringing)-s.Waiting, OneEach
		if d.Dial = max(d.Dial, 0); d.Dial > s.LineLimit-s.Lines {
			d.Dial, d.Why = max(s.LineLimit-s.Lines, 0), LinesFull
		}
		d.Cancel = max(0, min(len(s.Ringing), len(s.Ringing)+s.Waiting-d.Idle))
		return d
	}
	full := p.full()
	p.dial(s, &d)
	d.Late = p.tooLate(s, &full, d.Allowed)
	if d.Dial == 0 {
		d.Cancel = p.excess(s)
	}
	return d
}

// full is the chance that all agents are taken in each cell.
func (p *Pacer) full() (r row) {
	for k := range cells {
		r[k] = p.seats.every(k)
	}
	return r
}

// tooLate is how many of the lines that have rung for as long as the law wants,
// the oldest first, are worth no more what one dialled now is worth: who answers them finds
// nobody with a chance that is more than allowed. full is with all that rings.
func (p *Pacer) tooLate(s *Scene, full *row, allowed float64) int {
	n := 0
	for i, dialled := range s.Ringing {
		since := s.Now - dialled
		if since < p.least {
			break
		}
		if l := p.line(since); l.rings { // else nobody will answer: it ends by itself
			if nano(l.lost(full)) <= nano(allowed) {
				break
			}
			n = i + 1
		}
	}
	return n
}

// refresh builds the tables anew, every half a minute where something has
// changed: at the same times in a replay that does not have every tick.
func (p *Pacer) refresh(now time.Duration) {
	if p.fresh && now/(rebuild*time.Second) == p.built/(rebuild*time.Second) {
		p.table.rate = p.know.rate()
		return
	}
	if p.know.changed {
		p.table.build(&p.know, p.grace)
		p.know.changed = false
	}
	p.table.rate = p.know.rate()
	p.built, p.fresh = now, true
}

// look counts what is there.
func (p *Pacer) look(s *Scene) Decision {
	d := Decision{Ringing: len(s.Ringing), Waiting: s.Waiting, Rate: p.know.rate(), Within: time.Duration(middle(p.table.typical) * float64(time.Second)), Today: s.Today, Target: s.Target}
	for i := range s.Agents {
		switch s.Agents[i].Status {
		case Offline:
			continue
		case Idle:
			d.Idle++
		case Talking, Wrapping:
		}
		d.Agents++
		if !s.Agents[i].Leaving {
			d.Reachable++
		}
	}
	return d
}

// fill computes who will be taken in each cell.
func (p *Pacer) fill(s *Scene) {
	n := 0
	for i := range s.Agents {
		if s.Agents[i].Status != Offline {
			n++
		}
	}
	p.seats.reset(n)
	for range s.Waiting {
		p.seats.addAll()
	}
	for i := range s.Agents {
		a := &s.Agents[i]
		if free := p.free(a, s.Now); free != nil {
			var still row
			for k := range cells {
				still[k] = 1 - free[k]
			}
			p.seats.addRow(&still)
		}
	}
	p.due = row{}
	for _, dialled := range s.Ringing {
		p.ring(s.Now - dialled)
	}
}

var never row

// free is the chance that a busy agent is free by each cell; nil for one who is.
func (p *Pacer) free(a *Agent, now time.Duration) *row {
	since := (now - a.Since).Seconds()
	switch {
	case a.Status == Offline, a.Status == Idle && !a.Leaving:
		return nil
	case a.Leaving:
		return &never
	case a.Status == Talking:
		return rowFor(p.table.talk, since)
	}
	return rowFor(p.table.wrap, since)
}

// ring adds a line that has been dialled for so long and has not ended.
func (p *Pacer) ring(since time.Duration) {
	if l := p.line(since); l.rings {
		p.seats.addRow(&l.by)
		for k := range cells {
			p.due[k] += l.within[k]
		}
	}
}

// line is what is to be expected of a line. Those that were dialled within a
// quarter of a second count as one kind, so that many cost little.
func (p *Pacer) line(since time.Duration) *line {
	kind := min(int(max(since.Seconds(), 0)/lineStep), lineKinds-1)
	l := &p.lines[kind]
	if l.tick == p.tick {
		return l
	}
	l.tick = p.tick
	t, e := &p.table, (float64(kind)+0.5)*lineStep
	answered := at(&t.answered, e)
	open := 1 - t.rate*answered - (1-t.rate)*at(&t.other, e)
	if l.rings = nano(open) > 0 && nano(1-answered) > 0; !l.rings {
		return l // longer than any that is known: nobody will answer
	}
	share, before := t.rate/open, answered
	for k := range cells {
		by := at(&t.answered, e+cell*float64(k+1))
		l.by[k] = min(1, max(0, share*(at(&t.answered, e+middle(k))-answered)))
		l.within[k] = share * (by - before)
		l.cells[k] = (by - before) / (1 - answered)
		before = by
	}
	return l
}

// dial adds lines while the risk of one more is within the threshold: one by one
// for a small team. For a large one, whose moments add up, the first line that is
// too much is found by halving: hundreds may be added at a tick.
func (p *Pacer) dial(s *Scene, d *Decision) {
	d.Threshold, d.Headroom = threshold(s, p.spare)
	room := max(s.LineLimit-s.Lines, 0)
	if p.seats.exact() {
		for p.weigh(d); d.Dial < room && !d.tooRisky(); p.weigh(d) {
			p.addLines(1)
			d.Dial++
		}
	} else {
		seats, due := p.seats, p.due
		with := func(n int) bool {
			p.seats, p.due = seats, due
			p.addLines(n)
			p.weigh(d)
			return d.tooRisky()
		}
		d.Dial = sort.Search(room, with)
		with(d.Dial)
	}
	if d.Why = LinesFull; d.tooRisky() {
		d.Why = TooRisky
	}
}

// addLines takes so many new lines among those that ring.
func (p *Pacer) addLines(n int) {
	t := &p.table
	for k := range cells {
		p.seats.addMany(k, t.rate*t.middle[k], n)
		p.due[k] += float64(n) * t.rate * t.first[k]
	}
}

// weigh says what risk one more line has now, and what is allowed for what it gains.
func (p *Pacer) weigh(d *Decision) {
	t := &p.table
	risk, gain, most := 0.0, 0.0, 0.0
	for k := range cells {
		all, allButOne := p.seats.all(k)
		risk += t.first[k]*all + t.middle[k]*allButOne*p.due[k]
		gain += t.middle[k] * (1 - all)
		most += t.middle[k]
	}
	d.Risk, d.Allowed = risk, d.Threshold
	if most > 0 {
		d.Allowed = d.Threshold * gain / most
	}
}

func (d *Decision) tooRisky() bool { return nano(d.Risk) > nano(d.Allowed) }

// soon is how many busy agents should be free, and how many of the lines that
// ring answered, by the time in which half of the answers come.
func (p *Pacer) soon(s *Scene) (free, answers float64) {
	k := p.table.typical
	for i := range s.Agents {
		if r := p.free(&s.Agents[i], s.Now); r != nil {
			free += r[k]
		}
	}
	for i := range k + 1 {
		answers += p.due[i]
	}
	return free, answers
}

// hopeless is the risk from which on a line that rings is given up: agents have
// gone since it was dialled.
const hopeless = 0.5

// excess is how many of the lines that ring, the newest first, would most
// likely find nobody. p.seats holds all that rings.
func (p *Pacer) excess(s *Scene) int {
	rings := len(s.Ringing)
	step := 1
	if !p.seats.exact() {
		step += rings / 64 // many lines are not weighed one by one
	}
	for n := 0; n < rings; n += step {
		full := p.full()
		if l := p.line(s.Now - s.Ringing[rings-1-n]); !l.rings || nano(l.lost(&full)) <= nano(hopeless) {
			return n
		}
		if p.seats.exact() {
			less := *s
			less.Ringing = s.Ringing[:rings-1-n]
			p.fill(&less)
			continue
		}
		for i := n; i < min(n+step, rings); i++ {
			if l := p.line(s.Now - s.Ringing[rings-1-i]); l.rings {
				p.seats.remove(&l.by)
			}
		}
	}
	return rings
}

// lost is the chance that who answers the line finds all taken. It is itself
// among those who are counted, which makes it a little too much.
func (l *line) lost(full *row) float64 {
	lost := 0.0
	for k := range cells {
		lost += l.cells[k] * full[k]
	}
	return lost
}

// nano rounds to a billionth, so that comparisons do not hang on the last bit.
func nano(x float64) int64 { return int64(math.Round(min(max(x, -9e9), 9e9) * 1e9)) }
