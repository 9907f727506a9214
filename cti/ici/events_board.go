package ici

import (
	"cmp"
	"reflect"
	"slices"
	"sync"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/port"
	"strowger/switch/watch"
)

// publisher is the part of [Push] that the board needs.
type publisher interface {
	Subscribed(target Target) bool
	Publish(agent string, target Target, e Event) int
}

// board is what the CRM has been told, or would have been if it had asked: the
// agents, the live items and, for a while, the ended ones. It turns the
// switch's events into ICI's. Its lock keeps the order: nothing is published
// without it.
type board struct {
	say   translator
	push  publisher
	stats *counters
	busy  time.Duration  // how long a busy line shows; 0: not at all
	at    watch.Progress // up to which event has been told

	mu        sync.Mutex // guards what follows
	dir       *directory
	agents    map[callmodel.AgentID]*callmodel.Agent
	users     map[callmodel.AgentID]User      // as told last
	spelled   map[callmodel.AgentID]string    // the CRM's spelling of user ids
	addresses map[callmodel.AgentID][]Address // of other channels than the phone
	up        map[callmodel.NodeID]bool
	created   createdItems
	failed    bool // no server is in step: no phone works
	live      map[callmodel.ConnID]*liveItem
	ended     *endedItems
	down      map[callmodel.AgentID]bool // whose line was told not to work
	paused    bool                       // events are not told; resume compares
	closed    bool
}

func newBoard(say translator, push publisher, stats *counters, busy time.Duration) *board {
	return &board{
		say: say, push: push, stats: stats, busy: busy, ended: newEndedItems(&stats.forgotten),
		dir: directoryOf(&callmodel.View{}), agents: map[callmodel.AgentID]*callmodel.Agent{}, users: map[callmodel.AgentID]User{},
		spelled: map[callmodel.AgentID]string{}, addresses: map[callmodel.AgentID][]Address{}, up: map[callmodel.NodeID]bool{}, down: map[callmodel.AgentID]bool{}, live: map[callmodel.ConnID]*liveItem{},
	}
}

// apply tells an event, unless a picture has told it already.
func (b *board) apply(e *port.Stamped) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e.Seq <= b.at.Seq() {
		return
	}
	if !b.paused {
		b.dir.record(e)
		b.event(&e.Event)
	}
	b.reached(e.Seq)
}

// reached notes how far the events have been told, and wakes who waits for it.
func (b *board) reached(seq uint64) {
	b.at.Reach(seq)
	b.stats.live.Store(int64(len(b.live)))
	b.stats.ended.Store(int64(len(b.ended.items)))
}

// event is the table of events (see the package documentation). What is told of
// a call follows from its state after the event, for every party whose part
// shows something new.
func (b *board) event(e *callmodel.Event) {
	switch k := e.Kind; {
	case k == callmodel.EvAgentChanged || k == callmodel.EvPhoneChanged:
		b.agent(e.Agent)
	case k == callmodel.EvNodeUp || k == callmodel.EvNodeDown:
		b.up[e.Node] = k == callmodel.EvNodeUp
		b.lines()
	case k == callmodel.EvCallbackChanged:
		b.dir.callback(e.Callback, e.Callback.Call)
	case e.Call != nil:
		for i := range e.Call.Conns {
			b.show(e.Call, e.Call.Conns[i].ID)
		}
		b.partners(e.Call)
		if k == callmodel.EvCallEnded {
			b.dir.over(e.Call)
		}
	}
}

// show tells the present state of an item, if it differs from what was told.
// An offer that ends before it has alerted was never told and is not now.
func (b *board) show(c *callmodel.Call, id callmodel.ConnID) {
	p := c.Conn(id)
	if p == nil {
		return
	}
	st, visible := b.say.shown(c, p)
	item := b.live[id]
	switch {
	case item == nil && (!visible || st.over() || b.hidden(c, p)):
		if st.over() {
			b.endsCreated(id)
		}
		return
	case item != nil && (!visible || item.busy != nil):
		item.call = c
		return
	}
	if p.State == callmodel.Ended && b.showsBusy(c, p) && (item == nil || !item.hasEnded()) {
		st = status{CallBusy, Active}
	}
	next := &liveItem{call: c, data: b.say.dataOf(b.dir, c, p)}
	if item == nil {
		next.next = b.shownFirst(id)
	} else {
		next.next = item.next
	}
	now := b.composed(c, p, st, item)
	if item != nil && reflect.DeepEqual(item.told, now) && slices.Equal(item.data, next.data) {
		item.call = c
		return
	}
	next.told = now
	b.live[id] = next
	if st.call == CallBusy {
		b.startBusy(id, next)
	}
	if st.over() {
		delete(b.live, id)
		delete(b.dir.kept, id)
		b.ended.add(id, b.whole(next))
	}
	b.tell(p, next)
}

func (b *board) tell(p *callmodel.Connection, item *liveItem) {
	if target := LineTarget(p.Device); b.push.Subscribed(target) {
		b.push.Publish(string(p.Agent), target, &PhoneCallChanged{PhoneCall: b.whole(item)})
	}
}

// whole is an item as it was told last, with all of its attached data.
func (b *board) whole(item *liveItem) PhoneCall {
	out := item.told
	out.RemoteNumbers = slices.Clone(out.RemoteNumbers)
	out.AttachedData = b.say.attached(item.told.AttachedData, item.data)
	return out
}

// present is an item as it is in a picture of the switch; ok is false where the
// CRM has no such item.
func (b *board) present(c *callmodel.Call, p *callmodel.Connection) (call PhoneCall, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	st, visible := b.say.shown(c, p)
	item := b.live[p.ID]
	if !visible || st.over() || item == nil && b.hidden(c, p) || item != nil && item.busy != nil {
		return PhoneCall{}, false
	}
	return b.whole(&liveItem{call: c, told: b.composed(c, p, st, item), data: b.say.dataOf(b.dir, c, p)}), true
}

// subscribed runs a subscription to a line between two events, and with replay
// tells the line's live items right after it.
func (b *board) subscribed(line Target, replay bool, subscribe func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := subscribe(); err != nil || !replay {
		return err
	}
	for _, i := range b.items() {
		if LineTarget(i.call.Conn(i.id).Device) == line {
			b.tell(i.call.Conn(i.id), b.live[i.id])
		}
	}
	return nil
}

// items lists the live items in a stable order.
func (b *board) items() []itemEnd {
	out := make([]itemEnd, 0, len(b.live))
	for id, item := range b.live {
		out = append(out, itemEnd{item.call, id})
	}
	slices.SortFunc(out, func(x, y itemEnd) int { return cmp.Compare(x.call.Conn(x.id).Number, y.call.Conn(y.id).Number) })
	return out
}

// lastOf returns an ended item as it was told last.
func (b *board) lastOf(id callmodel.ConnID) (PhoneCall, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if item := b.live[id]; item != nil && item.busy != nil {
		return b.whole(item), true
	}
	return b.ended.get(id)
}
