package ici

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/port"
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

	mu      sync.Mutex // guards what follows
	seq     uint64     // last event that was told
	moved   chan struct{}
	names   queueNames
	agents  map[callmodel.AgentID]*callmodel.Agent
	users   map[callmodel.AgentID]User   // as told last
	spelled map[callmodel.AgentID]string // the CRM's spelling of user ids
	up      map[callmodel.NodeID]bool
	failed  bool // no server is in step: no phone works
	live    map[callmodel.ConnID]*callmodel.Call
	ended   *endedItems
}

func newBoard(say translator, push publisher, stats *counters) *board {
	return &board{
		say: say, push: push, stats: stats, moved: make(chan struct{}), ended: newEndedItems(&stats.forgotten),
		names: queueNames{}, agents: map[callmodel.AgentID]*callmodel.Agent{}, users: map[callmodel.AgentID]User{},
		spelled: map[callmodel.AgentID]string{}, up: map[callmodel.NodeID]bool{}, live: map[callmodel.ConnID]*callmodel.Call{},
	}
}

// apply tells an event.
func (b *board) apply(e *port.Stamped) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.event(&e.Event)
	b.reached(e.Seq)
}

// reached notes how far the events have been told, and wakes who waits for it.
func (b *board) reached(seq uint64) {
	b.seq = seq
	close(b.moved)
	b.moved = make(chan struct{})
	b.stats.live.Store(int64(len(b.live)))
	b.stats.ended.Store(int64(len(b.ended.items)))
}

// await waits until the events up to seq have been told, for a moment at most.
func (b *board) await(ctx context.Context, seq uint64) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	for {
		b.mu.Lock()
		there, moved := b.seq >= seq, b.moved
		b.mu.Unlock()
		if there {
			return
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return
		}
	}
}

// event is the table of events (see the package documentation).
func (b *board) event(e *callmodel.Event) {
	switch e.Kind {
	case callmodel.EvDelivered, callmodel.EvEstablished, callmodel.EvHeld, callmodel.EvRetrieved, callmodel.EvCleared, callmodel.EvWrapUpEnded:
		b.show(e.Call, e.Conn)
	case callmodel.EvDataChanged, callmodel.EvCallEnded:
		for i := range e.Call.Conns {
			if id := e.Call.Conns[i].ID; b.live[id] != nil {
				b.show(e.Call, id)
			}
		}
	case callmodel.EvAgentChanged:
		b.agent(e.Agent)
	case callmodel.EvNodeUp, callmodel.EvNodeDown:
		b.up[e.Node] = e.Kind == callmodel.EvNodeUp
		b.lines()
	case callmodel.EvCallStarted, callmodel.EvQueued, callmodel.EvConfigChanged, callmodel.EvIncident:
	}
}

// show tells the present state of an item. An offer that ends before it has
// alerted was never told and is not now.
func (b *board) show(c *callmodel.Call, id callmodel.ConnID) {
	p := c.Conn(id)
	if p == nil {
		return
	}
	st, visible := statusOf(p)
	if !visible || st.over() && b.live[id] == nil {
		return
	}
	if !st.over() {
		b.live[id] = c
		if target := LineTarget(p.Device); b.push.Subscribed(target) {
			b.push.Publish(string(p.Agent), target, &PhoneCallChanged{PhoneCall: b.say.phoneCall(b.names, c, p)})
		}
		return
	}
	delete(b.live, id)
	last := b.say.phoneCall(b.names, c, p)
	b.ended.add(id, last)
	b.push.Publish(string(p.Agent), LineTarget(p.Device), &PhoneCallChanged{PhoneCall: last})
}

// subscribed runs a subscription to a line between two events, and with replay
// tells the line's live items right after it.
func (b *board) subscribed(line Target, replay bool, subscribe func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := subscribe(); err != nil || !replay {
		return err
	}
	var items []itemEnd
	for id, c := range b.live {
		if LineTarget(c.Conn(id).Device) == line {
			items = append(items, itemEnd{c, id})
		}
	}
	slices.SortFunc(items, func(x, y itemEnd) int { return cmp.Compare(x.call.Conn(x.id).Number, y.call.Conn(y.id).Number) })
	for _, i := range items {
		b.show(i.call, i.id)
	}
	return nil
}

// lastOf returns an ended item as it was told last.
func (b *board) lastOf(id callmodel.ConnID) (PhoneCall, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ended.get(id)
}
