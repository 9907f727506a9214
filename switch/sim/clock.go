package sim

import (
	"container/heap"
	"sync"
	"time"
)

// Clock tells the time and wakes up. Real time, [Virtual] time, or the fake
// time of testing/synctest (through [RealClock]).
type Clock interface {
	Now() time.Time
	// AfterFunc calls f once, d from now, on any goroutine.
	AfterFunc(d time.Duration, f func()) Timer
	// After delivers the time once, d from now.
	After(d time.Duration) <-chan time.Time
}

// Timer is a pending AfterFunc.
type Timer interface {
	// Stop prevents the call, and reports whether it did.
	Stop() bool
}

// RealClock is the machine's clock.
func RealClock() Clock { return realClock{} }

type realClock struct{}

func (realClock) Now() time.Time                            { return time.Now() }
func (realClock) AfterFunc(d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }
func (realClock) After(d time.Duration) <-chan time.Time    { return time.After(d) }

// Virtual is a clock that moves only when it is told to. Callbacks run on the
// goroutine that moves it, in order of their time, then of their creation.
type Virtual struct {
	mu    sync.Mutex
	now   time.Time
	seq   uint64
	queue timerHeap
}

// NewVirtual returns a virtual clock that shows start.
func NewVirtual(start time.Time) *Virtual { return &Virtual{now: start} }

// Now implements Clock.
func (v *Virtual) Now() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// AfterFunc implements Clock.
func (v *Virtual) AfterFunc(d time.Duration, f func()) Timer {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seq++
	t := &virtualTimer{clock: v, due: v.now.Add(max(d, 0)), seq: v.seq, f: f}
	heap.Push(&v.queue, t)
	return t
}

// After implements Clock.
func (v *Virtual) After(d time.Duration) <-chan time.Time {
	ch := make(chan time.Time, 1)
	v.AfterFunc(d, func() { ch <- v.Now() })
	return ch
}

// RunNext jumps to the next callback and runs it. It reports false when
// nothing is pending.
func (v *Virtual) RunNext() bool { return v.runUntil(time.Time{}) }

// Advance runs everything that falls due within d, then shows d later.
func (v *Virtual) Advance(d time.Duration) {
	end := v.Now().Add(d)
	for v.runUntil(end) {
	}
	v.mu.Lock()
	v.now = end
	v.mu.Unlock()
}

// runUntil runs the next callback unless it is due after end (zero: no end).
func (v *Virtual) runUntil(end time.Time) bool {
	v.mu.Lock()
	if len(v.queue) == 0 || (!end.IsZero() && v.queue[0].due.After(end)) {
		v.mu.Unlock()
		return false
	}
	t := heap.Pop(&v.queue).(*virtualTimer)
	v.now = t.due
	v.mu.Unlock()
	t.f()
	return true
}

type virtualTimer struct {
	clock *Virtual
	due   time.Time
	seq   uint64
	f     func()
	index int
}

// Stop implements Timer.
func (t *virtualTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	if t.index < 0 {
		return false
	}
	heap.Remove(&t.clock.queue, t.index)
	return true
}

type timerHeap []*virtualTimer

func (h timerHeap) Len() int { return len(h) }
func (h timerHeap) Less(i, j int) bool {
	if !h[i].due.Equal(h[j].due) {
		return h[i].due.Before(h[j].due)
	}
	return h[i].seq < h[j].seq
}

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *timerHeap) Push(x any) {
	t := x.(*virtualTimer)
	t.index = len(*h)
	*h = append(*h, t)
}

func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	old[len(old)-1] = nil
	t.index = -1
	*h = old[:len(old)-1]
	return t
}
