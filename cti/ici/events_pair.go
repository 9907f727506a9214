package ici

import (
	"slices"

	"strowger/switch/callmodel"
)

// composed is compose with the trunk, and where only what can succeed now is offered it heeds
// the line's other call: two calls can be joined, swapped or ended for each
// other only while one is on hold and the other is connected.
func (b *board) composed(c *callmodel.Call, p *callmodel.Connection, st status, item *liveItem) PhoneCall {
	out := b.say.compose(b.dir, c, p, st, item)
	out.TrunkID = trunkOf(c, p, st, item)
	if !b.say.strict {
		return out
	}
	second := b.live[p.Partner] != nil || b.created.byConn[p.Partner] != nil
	if !b.paired(p) {
		out.CapabilityList = slices.DeleteFunc(out.CapabilityList, func(n int) bool {
			return n == CapTransfer || n == CapConference || n == CapAlternate || n == CapReconnect || n == CapUnhold && second
		})
	}
	if at := slices.Index(out.CapabilityList, CapTransfer); at > 0 && item != nil && item.next == nextTransfer {
		out.CapabilityList = slices.Insert(slices.Delete(out.CapabilityList, at, at+1), 0, CapTransfer)
	}
	return out
}

// trunkOf is the trunk by which the other party was called. While nobody rings
// none is told: another one may be tried yet.
func trunkOf(c *callmodel.Call, p *callmodel.Connection, st status, old *liveItem) string {
	if old != nil && p.State == callmodel.Ended {
		return old.told.TrunkID
	}
	if st.call == CallDialing {
		return ""
	}
	for _, q := range othersOf(c, p, st) {
		if q.Trunk != "" {
			return q.Trunk
		}
	}
	return ""
}

// numberOf is the number by which a party of a call is told.
func (b *board) numberOf(c *callmodel.Call, q *callmodel.Connection) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.say.partyNumber(b.dir, c, q)
}

func (b *board) paired(p *callmodel.Connection) bool {
	other := b.live[p.Partner]
	if other == nil {
		return false
	}
	q := other.call.Conn(p.Partner)
	return p.State == callmodel.Hold && q.State == callmodel.Connected || p.State == callmodel.Connected && q.State == callmodel.Hold
}

// partners tells what has changed for the lines' other calls by what has
// happened to a call: nothing, where all that a state can offer is offered.
func (b *board) partners(c *callmodel.Call) {
	if !b.say.strict {
		return
	}
	for i := range c.Conns {
		p := &c.Conns[i]
		if other := b.live[p.Partner]; other != nil && p.State != callmodel.Ended {
			b.show(other.call, p.Partner)
		}
	}
}
