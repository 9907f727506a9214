package ici

import (
	"cmp"
	"slices"

	"strowger/switch/callmodel"
)

// sync makes the board equal to a picture and tells what differs: items
// that changed, items that ended unseen, agents, lines.
func (b *board) sync(v *callmodel.View) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.paused {
		b.reached(v.Events)
		return
	}
	b.compare(v)
}

// compare does the work of sync. The caller holds mu.
func (b *board) compare(v *callmodel.View) {
	b.dir = directoryOf(v).keeping(b.dir)
	seen := map[callmodel.ConnID]bool{}
	for _, c := range v.Calls {
		for i := range c.Conns {
			id := c.Conns[i].ID
			seen[id] = true
			b.show(c, id)
		}
	}
	for _, lost := range b.vanished(seen) {
		b.show(lost.call, lost.id)
	}
	b.staff(v.Agents)
	clear(b.up)
	for _, n := range v.Nodes {
		b.up[n.ID] = n.Up
	}
	b.lines()
	b.reached(v.Events)
}

type itemEnd struct {
	call *callmodel.Call
	id   callmodel.ConnID
}

// vanished returns the live items that a picture no longer has, as ended.
func (b *board) vanished(seen map[callmodel.ConnID]bool) []itemEnd {
	var out []itemEnd
	for id, item := range b.live {
		if seen[id] || item.busy != nil {
			continue
		}
		c := item.call
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
