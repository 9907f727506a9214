package ici

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	"strowger/switch/callmodel"
)

// agent tells an agent's state if something of it shows.
func (b *board) agent(a *callmodel.Agent) {
	b.agents[a.ID] = a
	next := b.user(a)
	if !reflect.DeepEqual(b.users[a.ID], next) {
		b.users[a.ID] = next
		b.push.Publish(string(a.ID), UserTarget(string(a.ID)), &UserChanged{User: next})
	}
	b.line(a)
	if a.Removed && a.State == callmodel.LoggedOut {
		b.gone(a, b.lineOwners()) // the last call of an agent that the configuration no longer has is over
	}
}

// gone tells the end of an agent and of the line that nobody else has.
func (b *board) gone(a *callmodel.Agent, lines map[string]int) {
	if mode, _ := workmodeOf(a); mode != LoggedOff {
		last := *a
		last.State, last.Reason, last.Profile, last.Pending, last.Removed = callmodel.LoggedOut, "", "", 0, false
		b.agent(&last)
	}
	delete(b.agents, a.ID)
	delete(b.users, a.ID)
	delete(b.spelled, a.ID)
	delete(b.addresses, a.ID)
	delete(b.down, a.ID)
	if lines[Number(a.Line)]--; lines[Number(a.Line)] == 0 {
		b.container(a, ContainerRemoved)
	}
}

// lineOwners counts the agents of each line.
func (b *board) lineOwners() map[string]int {
	out := make(map[string]int, len(b.agents))
	for _, a := range b.agents {
		out[Number(a.Line)]++
	}
	return out
}

// followed runs a subscription to a user between two events, and with replay
// tells the user as they are right after it.
func (b *board) followed(id callmodel.AgentID, replay bool, subscribe func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := subscribe(); err != nil || !replay {
		return err
	}
	if a := b.agents[id]; a != nil {
		b.users[id] = b.user(a)
		b.push.Publish(string(id), UserTarget(string(id)), &UserChanged{User: b.users[id]})
	}
	return nil
}

func (b *board) user(a *callmodel.Agent) User {
	out := b.say.user(b.dir.staff, a, b.spelling(a.ID))
	out.Addresses = append(out.Addresses, b.addresses[a.ID]...)
	return out
}

// lines tells the lines that the loss or the return of a server concerns.
func (b *board) lines() {
	failed := true
	for _, up := range b.up {
		failed = failed && !up
	}
	b.failed = failed
	for _, a := range b.inOrder() {
		b.line(a)
	}
}

// line tells that an agent's line works, or does not any more: the last server
// is lost, or the phone of somebody who is logged in cannot be reached.
func (b *board) line(a *callmodel.Agent) {
	down := b.failed || a.PhoneOff && a.State != callmodel.LoggedOut
	if down == b.down[a.ID] {
		return
	}
	b.down[a.ID] = down
	st := ContainerOK
	if down {
		st = ContainerFailure
	}
	b.container(a, st)
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
	if b.paused {
		return
	}
	b.dir = directoryOf(v).keeping(b.dir)
	next := make([]*callmodel.Agent, 0, len(v.Agents))
	for _, a := range v.Agents {
		if old := b.agents[a.ID]; old != nil {
			merged := *old
			merged.Number, merged.Name, merged.Line, merged.Queues, merged.Off, merged.Station = a.Number, a.Name, a.Line, a.Queues, a.Off, a.Station
			a = &merged
		}
		next = append(next, a)
	}
	b.staff(next)
}

// staff tells every agent who shows another state, the agents that are gone,
// and the lines that nobody has any more. Who is removed while they are on a
// call stays until its end.
func (b *board) staff(agents []*callmodel.Agent) {
	there, busy := map[callmodel.AgentID]bool{}, map[callmodel.AgentID]bool{}
	for id, item := range b.live {
		busy[item.call.Conn(id).Agent] = true
	}
	before := b.inOrder()
	for _, a := range agents {
		there[a.ID] = true
		b.agent(a)
	}
	lines := b.lineOwners()
	for _, old := range before {
		switch {
		case there[old.ID]:
			if lines[Number(old.Line)] == 0 {
				b.container(old, ContainerRemoved)
			}
		case !old.Removed || !busy[old.ID]:
			b.gone(old, lines)
		}
	}
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
