package ctips

import (
	"slices"
	"strconv"
	"time"

	"strowger/switch/callmodel"
)

// Limits of requests whose outcome is awaited.
const (
	maxPerAgent  = 16
	maxPerClient = 1000
	// maxLater bounds the requests that are done and are told when the switch's
	// events have come so far.
	maxLater = 4096
)

// pending is an accepted request whose outcome is an event still to come. The
// fields that are set say which.
type pending struct {
	ask

	want  EventType
	call  callmodel.CallID
	conn  callmodel.ConnID
	other callmodel.ConnID      // the line's second connection
	is    func(AgentState) bool // of an AgentStateChange: one of these

	made  bool                 // the call was made by it: it ends with its maker
	own   callmodel.ConnID     // the maker's, as soon as it is told: it may be taken into a call that was parked
	after bool                 // it follows the end of conn
	sets  bool                 // it asks for a state of the agent: the latest such request counts
	state callmodel.AgentState // which the switch keeps until it can be taken; 0: none
	armed bool                 // the switch has accepted it, and the picture shows that

	failure FailureType // where the outcome does not come
	due     time.Time   // then; zero: never
	over    bool
}

// ends reports whether a connection's end is the end of the request.
func (w *pending) ends(call callmodel.CallID, p *callmodel.Connection) bool {
	switch {
	case w.want == EventTypeCallCleared || w.after:
		return false
	case w.made:
		return w.call == call && p.Maker
	}
	return !w.conn.IsZero() && (w.conn == p.ID || w.other == p.ID)
}

// fits reports whether an event is the outcome.
func (w *pending) fits(ev Event, s subject) bool {
	if st, ok := ev.(*AgentStateChangeEvent); ok {
		return w.agent == s.agent && (w.is == nil || w.is(st.AgentState))
	}
	switch {
	case !w.own.IsZero() && w.own == s.conn:
		return true
	case !w.call.IsZero() && w.call != s.call:
		return false
	case !w.conn.IsZero() && w.conn != s.conn && w.other != s.conn:
		return false
	}
	return !w.call.IsZero() || !w.conn.IsZero() || w.agent == s.agent
}

// ledger holds the open requests, by the event that they wait for, oldest
// first. Its zero value is ready; the board's lock guards it.
type ledger struct {
	open map[EventType][]*pending
}

func (l *ledger) add(p *pending) {
	if l.open == nil {
		l.open = map[EventType][]*pending{}
	}
	l.open[p.want] = append(l.open[p.want], p)
}

func (l *ledger) remove(p *pending) {
	p.over = true
	if left := slices.DeleteFunc(l.open[p.want], func(q *pending) bool { return q == p }); len(left) > 0 {
		l.open[p.want] = left
	} else {
		delete(l.open, p.want)
	}
}

// answer finds who waits for an event, and takes the first of them out. Some
// events are no outcome, and carry the number all the same.
func (l *ledger) answer(ev Event, s subject) addressee {
	what := ev.base().EventType
	for _, p := range l.open[what] {
		if p.fits(ev, s) {
			l.remove(p)
			return addressee{who: p.who, request: p.request}
		}
	}
	if what == EventTypeCallOriginated {
		for _, want := range []EventType{EventTypeCallEstablished, EventTypeCallConsultation} {
			for _, p := range l.open[want] {
				if p.made && p.call == s.call {
					p.own = s.conn
					return addressee{who: p.who, request: p.request}
				}
			}
		}
	}
	return addressee{}
}

// waits reports whether a connection's event of a kind was asked for.
func (l *ledger) waits(want EventType, conn callmodel.ConnID) bool {
	return slices.ContainsFunc(l.open[want], func(p *pending) bool { return p.conn == conn })
}

// list returns the requests that fit, oldest of each kind first, kinds in order.
func (l *ledger) list(fits func(*pending) bool) []*pending {
	var out []*pending
	kinds := make([]EventType, 0, len(l.open))
	for k := range l.open {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for _, k := range kinds {
		for _, p := range l.open[k] {
			if fits(p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// count returns how many requests a client has open, and how many are for an agent.
func (l *ledger) count(who requester, a callmodel.AgentID) (own, agents int) {
	for _, open := range l.open {
		for _, p := range open {
			if p.who == who {
				own++
			}
			if a != "" && p.agent == a {
				agents++
			}
		}
	}
	return own, agents
}

// lost fails the requests whose outcome cannot come any more.
func (b *board) lost(fits func(*pending) bool, cause callmodel.Cause) {
	if len(b.open.open) == 0 {
		return
	}
	for _, p := range b.open.list(fits) {
		b.open.remove(p)
		why := refuse(p.failure, "it ended before that")
		if p.made {
			why = byCause(cause, p.failure)
		}
		b.failed(&p.ask, why)
	}
}

// late fails what was to follow a connection's end and has not.
func (b *board) late(conn callmodel.ConnID) {
	if len(b.open.open) == 0 {
		return
	}
	for _, p := range b.open.list(func(p *pending) bool { return p.after && p.conn == conn }) {
		b.open.remove(p)
		b.failed(&p.ask, refuse(p.failure, "no after-call work has followed the call"))
	}
}

// present tells an agent's state to who has asked, as the outcome.
func (b *board) present(p *pending) {
	st := b.agents[p.agent]
	if st == nil || st.told == AgentStateInvalid {
		b.failed(&p.ask, refuse(FailureTypeInvalidAgent, "the agent is not logged in"))
		return
	}
	b.answer(b.readiness(st.live), p.who, p.request)
}

// recheck looks at requests for an agent's state: it is there, or the switch
// does not mean to take it any more.
func (b *board) recheck(a *callmodel.Agent) {
	if len(b.open.open) == 0 {
		return
	}
	for _, p := range b.open.list(func(p *pending) bool { return p.armed && p.agent == a.ID && p.state != 0 && a.Pending != p.state }) {
		switch {
		case p.want == EventTypeAgentStateChange && p.is(b.agents[a.ID].told):
			b.open.remove(p)
			b.present(p)
		case a.State != p.state, p.want == EventTypeAgentStateChange: // not at all, or for another reason than was asked for
			b.open.remove(p)
			b.failed(&p.ask, refuse(FailureTypeRequestFailed, "the agent will not take this state: another one was set, or the station does not allow it"))
		}
	}
}

// arm is called when the picture shows what an accepted request for an agent's
// state has led to. Earlier ones are over.
func (b *board) arm(p *pending) {
	for _, q := range b.open.list(func(q *pending) bool { return q.sets && q.agent == p.agent && q.armed && q != p }) {
		b.open.remove(q)
		b.failed(&q.ask, refuse(FailureTypeRequestFailed, "replaced by request "+strconv.Itoa(int(p.request))))
	}
	if p.over {
		return
	}
	p.armed = true
	if st := b.agents[p.agent]; st != nil {
		b.recheck(st.live)
	}
}

// done is called when the picture shows what a request has led to that is done
// at once: where that has changed nothing, the agent's state is the outcome.
func (b *board) done(p *pending) {
	if !p.over {
		b.open.remove(p)
		b.present(p)
	}
}

// failAll fails everything that waits: events have been missed.
func (b *board) failAll() {
	for _, p := range b.open.list(func(*pending) bool { return true }) {
		b.open.remove(p)
		b.failed(&p.ask, refuse(FailureTypeInternalServerError, "events have been missed: what became of it is not known; take a snapshot"))
	}
}

// forget drops the requests of a session that is over.
func (b *board) forget(who requester) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.open.list(func(p *pending) bool { return p.who == who }) {
		b.open.remove(p)
	}
}

// expire fails the requests whose time has passed, and returns how many.
func (b *board) expire() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	late := b.open.list(func(p *pending) bool { return !p.due.IsZero() && now.After(p.due) })
	for _, p := range late {
		b.open.remove(p)
		b.failed(&p.ask, refuse(p.failure, "the telephone system has not done it in time"))
	}
	return len(late)
}

// waiting is how many requests wait for their outcome.
func (b *board) waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, open := range b.open.open {
		n += len(open)
	}
	return n
}
