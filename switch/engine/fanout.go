package engine

import (
	"context"
	"slices"
	"sync"

	"strowger/switch/fault"
	"strowger/switch/port"
)

// fanout hands events to subscribers. Batches are shared and immutable; each
// subscriber has a bounded backlog, and one that falls behind is cut off.
type fanout struct {
	limit  int // subscribers
	behind int // events
	stats  *counters

	mu   sync.Mutex // guards subs and closed
	subs map[*subscription]struct{}
	dead error // set when closed
}

func newFanout(limit, behind int, stats *counters) *fanout {
	return &fanout{limit: limit, behind: behind, stats: stats, subs: map[*subscription]struct{}{}}
}

// subscribe adds a reader of every event after number seen.
func (f *fanout) subscribe(name string, seen uint64) (port.Subscription, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead != nil {
		return nil, f.dead
	}
	if len(f.subs) >= f.limit {
		return nil, fault.Newf(fault.Busy, "watch", name, "%d readers are watching already; the limit is watch_subscribers", f.limit)
	}
	s := &subscription{f: f, name: name, seen: seen, ready: make(chan struct{}, 1)}
	f.subs[s] = struct{}{}
	f.stats.subscribers.Store(int64(len(f.subs)))
	return s, nil
}

func (f *fanout) publish(events []port.Stamped) {
	f.stats.events.Add(uint64(len(events)))
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.subs {
		if !s.offer(events, f.behind) {
			f.stats.overruns.Add(1)
			f.remove(s)
		}
	}
}

func (f *fanout) remove(s *subscription) {
	delete(f.subs, s)
	f.stats.subscribers.Store(int64(len(f.subs)))
}

func (f *fanout) closeAll(why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead = why
	for s := range f.subs {
		s.end(why)
		f.remove(s)
	}
}

// subscription is one reader's backlog.
type subscription struct {
	f     *fanout
	name  string
	ready chan struct{} // holds a token when there is something to read

	mu      sync.Mutex // guards what follows
	seen    uint64
	batches [][]port.Stamped
	waiting int
	err     error
}

// offer appends a batch; false means that the reader is cut off.
func (s *subscription) offer(events []port.Stamped, limit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(events) > 0 && events[0].Seq <= s.seen {
		events = events[1:] // part of the picture that the reader started with
	}
	if len(events) == 0 {
		return true
	}
	if s.waiting+len(events) > limit {
		s.batches, s.waiting = nil, 0
		s.err = fault.Newf(fault.Overrun, "watch", s.name, "the reader was more than %d events behind and was cut off: watch again", limit)
		s.wake()
		return false
	}
	s.batches = append(s.batches, events)
	s.waiting += len(events)
	s.seen = events[len(events)-1].Seq
	s.wake()
	return true
}

func (s *subscription) wake() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

func (s *subscription) end(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = why
	}
	s.wake()
}

// Next waits for events and returns all that are there.
func (s *subscription) Next(ctx context.Context) ([]port.Stamped, error) {
	for {
		s.mu.Lock()
		if len(s.batches) > 0 {
			b := s.batches[0] // shared with other readers: never appended to
			if len(s.batches) > 1 {
				b = slices.Concat(s.batches...)
			}
			s.batches, s.waiting = nil, 0
			s.mu.Unlock()
			return b, nil
		}
		err := s.err
		s.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-s.ready:
		case <-ctx.Done():
			return nil, fault.Wrap(fault.Stopped, "watch", s.name, ctx.Err())
		}
	}
}

// Close ends the subscription.
func (s *subscription) Close() {
	s.f.mu.Lock()
	if _, open := s.f.subs[s]; open {
		s.f.remove(s)
	}
	s.f.mu.Unlock()
	s.end(fault.New(fault.Stopped, "watch", s.name, "the subscription was closed"))
}
