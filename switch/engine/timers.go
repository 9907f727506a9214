package engine

import (
	"container/heap"
	"time"

	"strowger/switch/callmodel"
)

// timerHeap keeps the pending timers, the next one first. Owned by the loop.
// Its zero value is empty.
type timerHeap struct {
	items []callmodel.Timer
	at    map[callmodel.TimerKey]int
}

func (h *timerHeap) Len() int { return len(h.items) }
func (h *timerHeap) Less(i, j int) bool {
	a, b := h.items[i], h.items[j]
	return a.Due < b.Due || a.Due == b.Due && a.Gen < b.Gen
}

func (h *timerHeap) Swap(i, j int) {
	h.items[i], h.items[j] = h.items[j], h.items[i]
	h.at[h.items[i].Key], h.at[h.items[j].Key] = i, j
}

// Push is for container/heap; use set.
func (h *timerHeap) Push(x any) {
	t, _ := x.(callmodel.Timer) // set is the only caller
	h.at[t.Key] = len(h.items)
	h.items = append(h.items, t)
}

// Pop is for container/heap; use due or cancel.
func (h *timerHeap) Pop() any {
	last := len(h.items) - 1
	t := h.items[last]
	h.items = h.items[:last]
	delete(h.at, t.Key)
	return t
}

func (h *timerHeap) set(t callmodel.Timer) {
	if h.at == nil {
		h.at = map[callmodel.TimerKey]int{}
	}
	if i, ok := h.at[t.Key]; ok {
		h.items[i] = t
		heap.Fix(h, i)
		return
	}
	heap.Push(h, t)
}

func (h *timerHeap) cancel(k callmodel.TimerKey) {
	if i, ok := h.at[k]; ok {
		heap.Remove(h, i)
	}
}

// due takes the next timer if its time has come.
func (h *timerHeap) due(now callmodel.Instant) (callmodel.Timer, bool) {
	if len(h.items) == 0 || h.items[0].Due > now {
		return callmodel.Timer{}, false
	}
	t, ok := heap.Pop(h).(callmodel.Timer)
	return t, ok
}

// wait returns how long to sleep until the next timer.
func (h *timerHeap) wait(now callmodel.Instant) time.Duration {
	if len(h.items) == 0 {
		return time.Hour
	}
	return max(0, h.items[0].Due.Sub(now))
}
