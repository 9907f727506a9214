package ici

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"strowger/switch/callmodel"
)

// busyEnd ends an item that shows a busy line.
type busyEnd struct{ timer *time.Timer }

// showsBusy reports whether an item that is over shows that the line was busy
// first (OII.ShowBusyStatus): a call of the agent's own that nobody took, or a
// campaign's whose customer did not.
func (b *board) showsBusy(c *callmodel.Call, p *callmodel.Connection) bool {
	if b.busy == 0 || b.closed || p.Cause != callmodel.CauseBusy {
		return false
	}
	return p.Maker && !p.Consult && p.ConnectedAt == 0 || c.Campaign != "" && c.Outcome == callmodel.OutcomeBusy && p.ConnectedAt != 0
}

// startBusy lets an item show a busy line for a while: a CRM cannot clear it.
// The timer's function runs on a goroutine of its own, for a moment.
func (b *board) startBusy(id callmodel.ConnID, item *liveItem) {
	item.busy = &busyEnd{time.AfterFunc(b.busy, func() { b.endBusy(id) })}
}

// hasEnded reports whether the item was told to be over, or in wrap-up.
func (i *liveItem) hasEnded() bool { return i.told.CallStatus.ID == strconv.Itoa(CallEnded) }

// endBusy ends an item that shows a busy line, if it still does.
func (b *board) endBusy(id callmodel.ConnID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.busyOver(id)
}

// busyOver does the work of endBusy: what follows is wrap-up, where the switch
// has it and it is not over by now. The caller holds mu.
func (b *board) busyOver(id callmodel.ConnID) {
	item := b.live[id]
	if item == nil || item.busy == nil || b.closed || b.paused {
		return
	}
	item.busy.timer.Stop()
	last, p := &liveItem{call: item.call, told: item.told, data: item.data}, item.call.Conn(id)
	st := status{CallEnded, processingStates[p.Processing]}
	last.told.CallStatus, last.told.ProcessingStatus = CallStatus(st.call), ProcessingStatus(st.processing)
	last.told.CapabilityList = b.say.capabilities(p, st)
	if b.live[id] = last; st.over() {
		delete(b.live, id)
		b.ended.add(id, b.whole(last))
	}
	b.tell(p, last)
	b.stats.live.Store(int64(len(b.live)))
	b.stats.ended.Store(int64(len(b.ended.items)))
}

// busyOn lists the items of a line that show that it was busy.
func (b *board) busyOn(line string) []PhoneCall {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []PhoneCall
	for _, item := range b.live {
		if item.busy != nil && item.told.LineNumber == line {
			out = append(out, b.whole(item))
		}
	}
	slices.SortFunc(out, func(x, y PhoneCall) int { return cmp.Compare(x.CallHandle, y.CallHandle) })
	return out
}

// close ends the timers.
func (b *board) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.closeCreated()
	for _, item := range b.live {
		if item.busy != nil {
			item.busy.timer.Stop()
		}
	}
}
