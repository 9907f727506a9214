package faultproxy

import (
	"container/heap"
	"errors"
	"sync"
	"time"
)

var errCut = errors.New("cut by the fault proxy")

type unitKind uint8

const (
	chunk unitKind = iota
	message
	frame
	control // ping, pong, close, part of a message: not doubled, reordered or counted
	datagram
	eof
)

// unit is what faults work on.
type unit struct {
	kind         unitKind
	data         []byte
	path, method string // of the HTTP request
}

// payload is what Contains looks in.
func (u *unit) payload() []byte {
	if u.kind == frame {
		return framePayload(u.data)
	}
	return u.data
}

// entry is a unit that waits for its time.
type entry struct {
	due   time.Time
	seq   uint64
	data  []byte
	close bool // ends the connection after it
	rst   bool // ends it with a RST
	fin   bool // the sender has ended
}

type entries []entry

func (e entries) Len() int { return len(e) }
func (e entries) Less(i, j int) bool {
	if e[i].due.Equal(e[j].due) {
		return e[i].seq < e[j].seq
	}
	return e[i].due.Before(e[j].due)
}
func (e entries) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *entries) Push(x any)   { *e = append(*e, x.(entry)) } //nolint:forcetypeassert // only put pushes
func (e *entries) Pop() any {
	last := len(*e) - 1
	x := (*e)[last]
	(*e)[last] = entry{}
	*e = (*e)[:last]
	return x
}

// way is one direction of one connection: a reader passes units in, faults
// decide what becomes of them, and a writer sends what is left at its time.
type way struct {
	p    *Proxy
	dir  Way
	gone <-chan struct{} // the connection has ended

	write func([]byte) error
	fin   func()           // the sender has ended
	cut   func(reset bool) // ends the connection; nil for UDP

	mu      sync.Mutex     // guards the fields below
	passed  map[uint64]int // matching units per fault with After
	free    time.Time      // when a throttled line is idle again
	waiting entries
	bytes   int
	seq     uint64
	last    time.Time // due of the last unit that kept the order
	latest  time.Time // due of the last unit of all
	wake    chan struct{}
	room    chan struct{}
}

func newWay(p *Proxy, dir Way, gone <-chan struct{}) *way {
	return &way{p: p, dir: dir, gone: gone, passed: map[uint64]int{}, wake: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// pass takes a unit through the faults. An error ends the reader.
func (w *way) pass(u unit) error {
	w.count(&u)
	due, ordered, end := time.Now(), true, false
	var after []entry
	for _, a := range w.p.faults() {
		if a.Ways&w.dir == 0 || !a.matches(&u) || !a.take(w, &u) {
			continue
		}
		switch a.Mode {
		case Stall:
			if !w.waitLift(a) {
				return errCut
			}
			due = time.Now()
		case Drop:
			return nil
		case Reset:
			a.conns.Add(1)
			w.put(due, true, entry{rst: true}) // what came before still arrives
			return errCut
		case Close:
			a.conns.Add(1)
			end = true
		case Truncate:
			u.data = u.data[:min(a.Bytes, len(u.data))]
			end = w.cut != nil
		case Throttle:
			due = w.paced(due, len(u.data), a.Rate)
		case Latency:
			due = due.Add(a.Delay)
		case Dup:
			after = append(after, entry{due: due.Add(w.within(a.Delay)), data: u.data})
		case Reorder:
			due, ordered = due.Add(w.within(a.Delay)), false
		case Corrupt:
			u.data = corrupt(u)
		case Insert:
			for _, data := range a.Payload {
				after = append(after, entry{due: due, data: w.wrap(u, data)})
			}
		case Refuse, Reply: // not of units: see accept, and the loops of http.go
		}
	}
	w.put(due, ordered, entry{data: u.data, close: end})
	for _, e := range after {
		w.put(e.due, !e.due.After(due), e)
	}
	return nil
}

// paced returns when a throttled line has sent so many bytes more.
func (w *way) paced(now time.Time, bytes, rate int) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.free.Before(now) {
		w.free = now
	}
	w.free = w.free.Add(time.Duration(bytes) * time.Second / time.Duration(rate))
	return w.free
}

// passes counts a unit that a fault is about, and says whether it is one of
// the first ones, which are let through.
func (w *way) passes(a *Active) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.passed[a.id]++
	return w.passed[a.id] <= a.After
}

// finish passes the end of the sender on, a FIN or a RST, which a half-open
// line does not.
func (w *way) finish(path string, rst bool) {
	for _, a := range w.p.faults() {
		holds := (a.Mode == Drop || a.Mode == Stall) && a.Contains == "" && a.Share == 0 && a.Count == 0
		if holds && a.Ways&w.dir != 0 && a.matches(&unit{kind: eof, path: path, method: a.Method}) && !w.waitLift(a) {
			return
		}
	}
	if rst {
		w.cut(true)
		return
	}
	w.put(time.Now(), true, entry{fin: true})
}

func (w *way) waitLift(a *Active) bool {
	select {
	case <-a.lifted:
		return true
	case <-w.gone:
		return false
	}
}

func (w *way) within(d time.Duration) time.Duration { return time.Duration(w.p.chance() * float64(d)) }

// wrap makes data a unit of the kind that it follows.
func (w *way) wrap(u unit, data []byte) []byte {
	if u.kind == frame {
		return textFrame(data, w.dir == ToServer)
	}
	return data
}

func (w *way) count(u *unit) {
	n, bytes := &w.p.n.toServer, &w.p.n.toServerBytes
	if w.dir == ToClient {
		n, bytes = &w.p.n.toClient, &w.p.n.toClientBytes
	}
	n.Add(1)
	bytes.Add(uint64(len(u.data)))
}

// put gives a unit to the writer. It waits for room, so that what a fault
// holds back is bounded and the sender feels it.
func (w *way) put(due time.Time, ordered bool, e entry) {
	w.mu.Lock()
	for w.bytes > maxWaiting {
		w.mu.Unlock()
		select {
		case <-w.room:
		case <-w.gone:
			return
		}
		w.mu.Lock()
	}
	if ordered && due.Before(w.last) {
		due = w.last
	}
	if (e.fin || e.close || e.rst) && due.Before(w.latest) {
		due = w.latest
	}
	if ordered {
		w.last = due
	}
	if due.After(w.latest) {
		w.latest = due
	}
	w.seq++
	e.due, e.seq = due, w.seq
	w.bytes += len(e.data)
	heap.Push(&w.waiting, e)
	w.mu.Unlock()
	signal(w.wake)
}

// run is the writer.
func (w *way) run() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		e, wait, ok := w.next()
		if !ok {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-w.wake:
			case <-w.gone:
				return
			}
			continue
		}
		if e.fin {
			w.fin()
			return
		}
		if e.rst {
			w.cut(true)
			return
		}
		if err := w.write(e.data); err != nil && w.cut != nil {
			w.cut(true)
			return
		}
		if e.close {
			w.cut(false)
			return
		}
	}
}

func (w *way) next() (e entry, wait time.Duration, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.waiting) == 0 {
		return entry{}, time.Hour, false
	}
	if wait = time.Until(w.waiting[0].due); wait > 0 {
		return entry{}, wait, false
	}
	e = heap.Pop(&w.waiting).(entry) //nolint:forcetypeassert // only put pushes
	w.bytes -= len(e.data)
	signal(w.room)
	return e, 0, true
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
