package ici

import (
	"cmp"
	"context"
	"maps"
	"reflect"
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

// apply tells a batch of events.
func (b *board) apply(batch []port.Stamped) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range batch {
		b.event(&batch[i].Event)
	}
	b.reached(batch[len(batch)-1].Seq)
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

// agent tells an agent's state if something of it shows.
func (b *board) agent(a *callmodel.Agent) {
	b.agents[a.ID] = a
	next := b.user(a)
	if reflect.DeepEqual(b.users[a.ID], next) {
		return
	}
	b.users[a.ID] = next
	b.push.Publish(string(a.ID), UserTarget(string(a.ID)), &UserChanged{User: next})
}

func (b *board) user(a *callmodel.Agent) User {
	name := b.spelled[a.ID]
	if name == "" {
		name = string(a.ID)
	}
	return b.say.user(b.names, a, name)
}

// lines tells all lines when the last server is lost and when one is back.
func (b *board) lines() {
	failed := true
	for _, up := range b.up {
		failed = failed && !up
	}
	if failed == b.failed {
		return
	}
	b.failed = failed
	st := ContainerOK
	if failed {
		st = ContainerFailure
	}
	for _, a := range b.inOrder() {
		b.container(a, st)
	}
}

func (b *board) container(a *callmodel.Agent, st int) {
	b.push.Publish(string(a.ID), LineTarget(a.Line), &ContainerChanged{
		ChannelType: ChannelPhone, ContainerID: Number(a.Line), ContainerStatus: ContainerStatus(st),
	})
}

func (b *board) inOrder() []*callmodel.Agent {
	return slices.SortedFunc(maps.Values(b.agents), func(x, y *callmodel.Agent) int { return cmp.Compare(x.Number, y.Number) })
}

// directory takes names, lines and queues from a picture.
func (b *board) directory(v *callmodel.View) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.names = namesOf(v)
	next := make([]*callmodel.Agent, 0, len(v.Agents))
	for _, a := range v.Agents {
		if old := b.agents[a.ID]; old != nil {
			merged := *old
			merged.Number, merged.Name, merged.Line, merged.Queues, merged.Station = a.Number, a.Name, a.Line, a.Queues, a.Station
			a = &merged
		}
		next = append(next, a)
	}
	b.staff(next)
}

// staff tells every agent who shows another state, and the end of the lines
// that are gone.
func (b *board) staff(agents []*callmodel.Agent) {
	lines := map[string]bool{}
	there := map[callmodel.AgentID]bool{}
	for _, a := range agents {
		lines[Number(a.Line)], there[a.ID] = true, true
	}
	for _, old := range b.inOrder() {
		if !lines[Number(old.Line)] {
			b.container(old, ContainerRemoved)
		}
		if !there[old.ID] {
			gone := *old
			gone.State, gone.Reason, gone.Pending = callmodel.LoggedOut, "", 0
			b.agent(&gone)
			delete(b.agents, old.ID)
			delete(b.users, old.ID)
			delete(b.spelled, old.ID)
		}
	}
	for _, a := range agents {
		b.agent(a)
	}
}

// sync makes the board equal to a picture and tells what differs: agents,
// lines, items that changed and items that ended unseen.
func (b *board) sync(v *callmodel.View) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.names = namesOf(v)
	b.staff(v.Agents)
	clear(b.up)
	for _, n := range v.Nodes {
		b.up[n.ID] = n.Up
	}
	b.lines()
	seen := map[callmodel.ConnID]bool{}
	for _, c := range v.Calls {
		for i := range c.Conns {
			id := c.Conns[i].ID
			seen[id] = true
			if old := b.live[id]; old == nil || old.Seq != c.Seq {
				b.show(c, id)
			}
		}
	}
	for _, lost := range b.vanished(seen) {
		b.show(lost.call, lost.id)
	}
	b.reached(v.Events)
}

type itemEnd struct {
	call *callmodel.Call
	id   callmodel.ConnID
}

// vanished returns the live items that a picture no longer has, as ended.
func (b *board) vanished(seen map[callmodel.ConnID]bool) []itemEnd {
	var out []itemEnd
	for id, c := range b.live {
		if seen[id] {
			continue
		}
		last := *c
		last.Conns = slices.Clone(c.Conns)
		p := last.Conn(id)
		p.State, p.Processing = callmodel.Ended, callmodel.NotInProcess
		out = append(out, itemEnd{&last, id})
	}
	slices.SortFunc(out, func(x, y itemEnd) int {
		return cmp.Compare(x.call.Conn(x.id).Number, y.call.Conn(y.id).Number)
	})
	return out
}

// named notes how the CRM spells a user id, for the events about it.
func (b *board) named(id callmodel.AgentID, userID string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a := b.agents[id]; a != nil && b.spelled[id] != userID {
		b.spelled[id] = userID
		b.users[id] = b.user(a) // another spelling is no news
	}
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
