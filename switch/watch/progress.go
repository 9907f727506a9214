package watch

import (
	"context"
	"sync"
	"time"
)

// awaitLimit is how long [Progress.Await] waits at most.
const awaitLimit = time.Second

// Progress is how far the switch's events have been taken in. Its zero value is
// ready; safe for concurrent use.
type Progress struct {
	mu    sync.Mutex // guards all below
	seq   uint64
	moved chan struct{} // closed at the next step; nil: nobody waits
}

// Reach notes how far it is, and wakes who waits for that.
func (p *Progress) Reach(seq uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq = seq
	if p.moved != nil {
		close(p.moved)
		p.moved = nil
	}
}

// Seq is the number of the last event.
func (p *Progress) Seq() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seq
}

// Await waits until the events up to seq have been taken in, for a moment at most.
func (p *Progress) Await(ctx context.Context, seq uint64) {
	ctx, cancel := context.WithTimeout(ctx, awaitLimit)
	defer cancel()
	for {
		moved, there := p.next(seq)
		if there {
			return
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return
		}
	}
}

func (p *Progress) next(seq uint64) (moved chan struct{}, there bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.moved == nil {
		p.moved = make(chan struct{})
	}
	return p.moved, p.seq >= seq
}
