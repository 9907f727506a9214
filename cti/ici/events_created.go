package ici

import (
	"cmp"
	"slices"
	"time"

	"strowger/switch/callmodel"
)

// Limits of items that were created and not dialled yet.
const (
	maxCreatedPerLine = 4
	maxCreated        = 5000
	createdFor        = 10 * time.Minute
)

// originICI marks calls that were made through this interface; the CRM is told
// of them though it is spared others.
const originICI = "ici"

// created is an item that a CRM has asked for and not dialled yet (reference
// 9.4.1). The switch knows nothing of it; it does not outlive this program. Its
// handle is that of the connection which its call will have.
type created struct {
	id    callmodel.ConnID
	call  callmodel.CallID
	agent callmodel.AgentID
	line  string // as Number writes it
	data  []callmodel.AttachedData
	used  bool // it has been dialled, and its call does not show yet
	next  int  // what a consultation is meant for
	order uint64
	timer *time.Timer
}

// createdItems are the created items. The board's lock guards them.
type createdItems struct {
	byConn map[callmodel.ConnID]*created
	made   uint64
}

// create makes an item. Its timer's function runs on a goroutine of its own,
// for a moment.
func (b *board) create(agent callmodel.AgentID, line string, call callmodel.CallID) (PhoneCall, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	on := 0
	for _, it := range b.created.byConn {
		if it.line == line {
			on++
		}
	}
	switch {
	case b.closed:
		return PhoneCall{}, Refuse(ServiceItem, NotConnected(ServiceItem), "the interface is stopping")
	case on >= maxCreatedPerLine:
		return PhoneCall{}, Refuse(ServiceItem, CodeNotCapable, "line %s has %d items that were created and not dialled: drop one", line, on)
	case len(b.created.byConn) >= maxCreated:
		return PhoneCall{}, Refuse(ServiceItem, NotConnected(ServiceItem), "there are %d items that were created and not dialled", maxCreated)
	}
	b.created.made++
	it := &created{id: callmodel.FirstConn(call), call: call, agent: agent, line: line, order: b.created.made}
	it.timer = time.AfterFunc(createdFor, func() { b.dropCreated(it.id) })
	if b.created.byConn == nil {
		b.created.byConn = map[callmodel.ConnID]*created{}
	}
	b.created.byConn[it.id] = it
	return b.createdCall(it), nil
}

// createdItem returns a created item and how it looks.
func (b *board) createdItem(id callmodel.ConnID) (created, PhoneCall, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	it := b.created.byConn[id]
	if it == nil {
		return created{}, PhoneCall{}, false
	}
	return *it, b.createdCall(it), true
}

func (b *board) createdCall(it *created) PhoneCall {
	parts := make([]Application, 0, len(it.data))
	for _, d := range it.data {
		parts = append(parts, partOf(d))
	}
	return PhoneCall{
		LineNumber: it.line, CallHandle: it.id.Hex(), CallStatus: CallStatus(CallCreated), ProcessingStatus: ProcessingStatus(NotInProcess),
		RemoteNumbers: []string{}, CapabilityList: b.createdCapabilities(it), AttachedData: JoinAttachedData(parts),
	}
}

// createdCapabilities leave out, where only what can succeed now is offered,
// dialling while there is another call and consulting while there is none.
func (b *board) createdCapabilities(it *created) []int {
	list := DefaultCapabilities(CallCreated, NotInProcess)
	if !b.say.strict {
		return list
	}
	a, consults := b.agents[it.agent], false
	for id, item := range b.live {
		p := item.call.Conn(id)
		waits := p.State == callmodel.Connected || p.State == callmodel.Hold
		consults = consults || waits && p.Agent == it.agent && callmodel.Capabilities(p).Has(callmodel.OpConsult)
	}
	dials := a != nil && a.Conn.IsZero() && a.Supervises.IsZero() && !a.PhoneOff && a.State != callmodel.LoggedOut
	return slices.DeleteFunc(list, func(n int) bool { return n == CapDial && !dials || n == CapConsult && !consults })
}

// createdOn lists the created items of a line, the oldest first.
func (b *board) createdOn(line string) []PhoneCall {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []PhoneCall
	for _, it := range b.sortedCreated(line) {
		out = append(out, b.createdCall(it))
	}
	return out
}

func (b *board) sortedCreated(line string) []*created {
	var on []*created
	for _, it := range b.created.byConn {
		if it.line == line {
			on = append(on, it)
		}
	}
	slices.SortFunc(on, func(x, y *created) int { return cmp.Compare(x.order, y.order) })
	return on
}

// use makes the call of a created item by a command of the caller's. Where the
// command fails the item stays what it was.
func (b *board) use(id callmodel.ConnID, next int, command func() error) error {
	b.mu.Lock()
	it := b.created.byConn[id]
	ready := it != nil && !it.used
	if ready {
		it.used, it.next = true, next
	}
	b.mu.Unlock()
	if !ready {
		return dialledAlready(id.Hex())
	}
	err := command()
	if err != nil {
		b.mu.Lock()
		it.used = false
		b.mu.Unlock()
	}
	return err
}

// attach replaces the attached data of a created item; ok is false where its
// call has begun, and has them now.
func (b *board) attach(id callmodel.ConnID, data []callmodel.AttachedData) (ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	it := b.created.byConn[id]
	if it == nil || it.used {
		return false
	}
	it.data = data
	return true
}

// shownFirst notes that a call shows for the first time, and returns what a
// consultation is meant for. If it is that of a created item, it is one no more.
func (b *board) shownFirst(id callmodel.ConnID) (next int) {
	it := b.created.byConn[id]
	if it == nil {
		return nextUnknown
	}
	it.timer.Stop()
	delete(b.created.byConn, id)
	return it.next
}

// dropCreated ends a created item, if it is one still.
func (b *board) dropCreated(id callmodel.ConnID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.endsCreated(id)
	b.stats.ended.Store(int64(len(b.ended.items)))
}

// endCreated ends all created items of a line.
func (b *board) endCreated(line string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, it := range b.sortedCreated(line) {
		if !it.used {
			b.endsCreated(it.id)
		}
	}
	b.stats.ended.Store(int64(len(b.ended.items)))
}

// endsCreated tells the end of a created item: it was dropped, is too old, or
// its call has ended before it could show.
func (b *board) endsCreated(id callmodel.ConnID) {
	it := b.created.byConn[id]
	if it == nil || b.closed {
		return
	}
	it.timer.Stop()
	delete(b.created.byConn, id)
	last := b.createdCall(it)
	last.CallStatus, last.CapabilityList = CallStatus(CallEnded), []int{}
	b.ended.add(id, last)
	if target := LineTarget(it.line); b.push.Subscribed(target) {
		b.push.Publish(string(it.agent), target, &PhoneCallChanged{PhoneCall: last})
	}
}

// closeCreated ends the timers.
func (b *board) closeCreated() {
	for _, it := range b.created.byConn {
		it.timer.Stop()
	}
}
