package rest

import "sync"

// ring keeps the newest things. Safe for concurrent use.
type ring[T any] struct {
	mu   sync.Mutex
	list []T
	next int
	max  int
}

func newRing[T any](most int) *ring[T] { return &ring[T]{max: most} }

func (r *ring[T]) add(v T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.list) < r.max {
		r.list = append(r.list, v)
		return
	}
	r.list[r.next] = v
	r.next = (r.next + 1) % r.max
}

// newest returns at most limit things for which keep says yes, newest first.
func (r *ring[T]) newest(limit int, keep func(*T) bool) []T {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := []T{}
	for i := 0; i < len(r.list) && len(out) < limit; i++ {
		v := &r.list[(r.next+len(r.list)-1-i)%len(r.list)]
		if keep(v) {
			out = append(out, *v)
		}
	}
	return out
}
