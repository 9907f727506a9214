package ici

import (
	"sync/atomic"
	"time"

	"strowger/switch/callmodel"
)

// Limits of what is remembered of ended items.
const (
	endedFor     = 5 * time.Minute // sap.md 4.2
	maxEnded     = 30_000          // 100 calls a second for endedFor
	maxEndedText = 32 << 20        // bytes of attached data in them
)

// endedItems remembers ended items for a while, the oldest first. The board's
// lock guards it.
type endedItems struct {
	items     map[callmodel.ConnID]PhoneCall
	order     []endedAt
	text      int
	forgotten *atomic.Uint64 // before their time
	now       func() time.Time
}

type endedAt struct {
	id callmodel.ConnID
	at time.Time
}

func newEndedItems(forgotten *atomic.Uint64) *endedItems {
	return &endedItems{items: map[callmodel.ConnID]PhoneCall{}, forgotten: forgotten, now: time.Now}
}

func (e *endedItems) add(id callmodel.ConnID, last PhoneCall) {
	now := e.now()
	e.expire(now)
	for len(e.order) > 0 && (len(e.order) >= maxEnded || e.text+len(last.AttachedData) > maxEndedText) {
		e.forgotten.Add(1)
		e.drop()
	}
	e.items[id] = last
	e.order = append(e.order, endedAt{id, now})
	e.text += len(last.AttachedData)
}

func (e *endedItems) get(id callmodel.ConnID) (PhoneCall, bool) {
	e.expire(e.now())
	last, ok := e.items[id]
	return last, ok
}

func (e *endedItems) expire(now time.Time) {
	for len(e.order) > 0 && now.Sub(e.order[0].at) > endedFor {
		e.drop()
	}
}

func (e *endedItems) drop() {
	id := e.order[0].id
	e.order = e.order[1:]
	e.text -= len(e.items[id].AttachedData)
	delete(e.items, id)
}
