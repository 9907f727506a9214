package sapphone

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"strowger/cti/ici"
	"strowger/switch/callmodel"
	"strowger/switch/port"
	"strowger/switch/watch"
)

// Limits of what is remembered of ended calls.
const (
	listedFor = time.Minute     // an ended call waits so long to be listed once
	maxListed = 16              // of them for each line
	pastFor   = 5 * time.Minute // a handle stays known so long after its end
	maxPast   = 30_000          // 100 calls a second for pastFor
)

// announcer is told what SAP itself may want to know.
type announcer interface {
	// alerted tells a call that nobody waits for; it returns the lines' names
	// under which it was told, which get its end too.
	alerted(line string, n notice) []announced
	ended(handle string, to []announced)
}

// board is what a SAP system sees of the switch: the calls on agents' lines,
// who waits for one, and which ended ones have not been listed. Its lock keeps
// the order of what is announced.
type board struct {
	cfg   *settings
	say   words
	out   announcer
	stats *counters
	now   func() time.Time
	at    watch.Progress // up to which event has been seen

	mu    sync.Mutex // guards what follows
	dir   *directory
	lens  *ici.Lens
	live  map[callmodel.ConnID]*item
	lines map[string]*line
	own   map[callmodel.CallID]bool // made by SPS_MAKECALL: never hidden
	past  map[callmodel.ConnID]bool
	order []pastAt
	begun bool // a first picture was taken
	// closed: the server stops, and nobody waits any more.
	closed bool
	paused bool // an operator has stopped the interface
}

type pastAt struct {
	id callmodel.ConnID
	at time.Time
}

// item is one party's part in a call, as long as it can be acted on.
type item struct {
	id    callmodel.ConnID
	call  *callmodel.Call
	line  string // plain number
	over  bool   // ended; wrap-up may be left
	told  []announced
	given bool   // to who waited for it
	state string // of the words
}

func (i *item) conn() *callmodel.Connection { return i.call.Conn(i.id) }

// offered reports whether the agent is to take the call, or not.
func (i *item) offered() bool { return i.state == stateAlerting || i.state == statePreview }

// line is what is kept of an extension.
type line struct {
	ended []endedCall
	wait  *wait
}

// endedCall is a call that has ended and was not listed since.
type endedCall struct {
	row map[string]string
	at  time.Time
}

func newBoard(cfg *settings, say words, out announcer, stats *counters) *board {
	b := &board{
		cfg: cfg, say: say, out: out, stats: stats, now: time.Now,
		live: map[callmodel.ConnID]*item{}, lines: map[string]*line{}, own: map[callmodel.CallID]bool{}, past: map[callmodel.ConnID]bool{},
	}
	b.configured(&callmodel.View{})
	return b
}

// configured takes names, lines and queues from a picture.
func (b *board) configured(v *callmodel.View) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.learn(v)
}

func (b *board) learn(v *callmodel.View) {
	b.dir = newDirectory(v, b.cfg.Load().ExtDigits)
	b.lens = ici.NewLens(v, b.cfg.Load().LensConfig, &b.stats.dataLeftOut)
	for number, l := range b.lines {
		if b.dir.full[number] == nil && l.wait == nil {
			delete(b.lines, number)
		}
	}
}

// lineOf returns what is kept of a line; the caller holds mu.
func (b *board) lineOf(number string) *line {
	l := b.lines[number]
	if l == nil {
		l = &line{}
		b.lines[number] = l
	}
	return l
}

// apply takes an event in.
func (b *board) apply(e *port.Stamped) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lens.See(e)
	if e.Kind == callmodel.EvAgentChanged && e.Agent != nil {
		b.seat(e.Agent)
	}
	if e.Call != nil {
		for i := range e.Call.Conns {
			b.show(e.Call, e.Call.Conns[i].ID)
		}
		if e.Kind == callmodel.EvCallEnded {
			delete(b.own, e.Call.ID)
		}
	}
	b.reached(e.Seq)
}

// seat notes an agent's new state: of several at one line it is who is logged in.
func (b *board) seat(a *callmodel.Agent) {
	if a.Removed {
		return
	}
	b.dir.agents[a.ID] = a
	number := plainNumber(a.Line)
	have := b.dir.full[number]
	if have == nil || have.ID == a.ID || a.State != callmodel.LoggedOut {
		b.dir.full[number] = a
	}
}

// reached notes how far the events have been seen, and wakes who waits for it.
func (b *board) reached(seq uint64) {
	b.at.Reach(seq)
	b.stats.live.Store(int64(len(b.live)))
}

// show takes in the present state of an item. What ends before it has alerted
// was never shown and is not now.
func (b *board) show(c *callmodel.Call, id callmodel.ConnID) {
	p := c.Conn(id)
	if p == nil {
		return
	}
	status, processing, visible := b.lens.Status(c, p)
	over := visible && status == ici.CallEnded
	i := b.live[id]
	if i == nil {
		if !visible || over || b.lens.Hidden(c, p) && !(b.own[c.ID] && b.lens.Made(c, p)) {
			return
		}
		i = &item{id: id, line: plainNumber(p.Device)}
		b.live[id] = i
	}
	before := i.state
	i.call = c
	if !visible {
		return
	}
	i.state = stateSems[status]
	switch {
	case over && !i.over:
		i.over = true
		b.finished(i)
	case i.offered() && before != i.state:
		b.alerts(i)
	}
	if over && processing != ici.WrapUp {
		delete(b.live, id)
		b.remember(id)
	}
}

// alerts gives a call to who waits for it, or announces it.
func (b *board) alerts(i *item) {
	l := b.lineOf(i.line)
	if w := l.wait; w != nil {
		l.wait, i.given = nil, true
		b.release(w, b.notice(i))
		return
	}
	if !b.paused {
		i.told = b.out.alerted(i.line, b.notice(i))
	}
}

// finished lists an ended call once more, and tells its end where its begin was told.
func (b *board) finished(i *item) {
	if len(i.told) > 0 {
		b.out.ended(i.id.Hex(), i.told)
	}
	l := b.lineOf(i.line)
	l.expire(b.now())
	if len(l.ended) >= maxListed {
		l.ended = l.ended[1:]
		b.stats.unlisted.Add(1)
	}
	l.ended = append(l.ended, endedCall{b.row(i), b.now()})
}

func (l *line) expire(now time.Time) {
	l.ended = slices.DeleteFunc(l.ended, func(e endedCall) bool { return now.Sub(e.at) > listedFor })
}

// remember keeps the handle of a call that is over.
func (b *board) remember(id callmodel.ConnID) {
	now := b.now()
	for len(b.order) > 0 && (len(b.order) >= maxPast || now.Sub(b.order[0].at) > pastFor) {
		delete(b.past, b.order[0].id)
		b.order = b.order[1:]
	}
	b.past[id] = true
	b.order = append(b.order, pastAt{id, now})
}

// sync makes the board equal to a picture. Calls that ended unseen are ended.
func (b *board) sync(v *callmodel.View) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.learn(v)
	seen := map[callmodel.ConnID]bool{}
	for _, c := range v.Calls {
		if !b.begun && c.Kind != callmodel.KindInbound {
			b.own[c.ID] = true // who made it is not known after a restart: better shown than lost
		}
		for i := range c.Conns {
			seen[c.Conns[i].ID] = true
			b.show(c, c.Conns[i].ID)
		}
	}
	b.begun = true
	for _, lost := range b.vanished(seen) {
		if !lost.over {
			lost.over, lost.state = true, stateEnded
			b.finished(lost)
		}
		delete(b.live, lost.id)
		b.remember(lost.id)
	}
	b.reached(v.Events)
}

func (b *board) vanished(seen map[callmodel.ConnID]bool) []*item {
	var out []*item
	for id, i := range b.live {
		if !seen[id] {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(x, y *item) int { return cmp.Compare(x.conn().Number, y.conn().Number) })
	return out
}

// mine notes a call that SAP is about to make, or has failed to.
func (b *board) mine(id callmodel.CallID, made bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if made {
		b.own[id] = true
	} else {
		delete(b.own, id)
	}
}
