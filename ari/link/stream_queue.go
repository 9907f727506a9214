package link

import (
	"context"
	"sync"
	"sync/atomic"

	"strowger/switch/fault"
)

const (
	// frameOverhead is counted for each frame beside its data.
	frameOverhead = 128
	// batchLimit bounds what Next returns at once.
	batchLimit = 1024
)

// queue is the buffer between reader and consumer, bounded by bytes.
// Lifecycle frames always fit: there are two per connection, and a connection
// is only made when the queue has room again.
type queue struct {
	limit int
	n     *streamCounters
	wake  chan struct{} // holds one token when there may be something to read
	room  chan struct{} // holds one token when there may be room again

	mu     sync.Mutex // guards the fields below
	frames []Frame
	bytes  int
	closed bool
}

func newQueue(limit int, n *streamCounters) *queue {
	return &queue{limit: limit, n: n, wake: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// put appends. It returns false when an event does not fit.
func (q *queue) put(f Frame) bool {
	size := len(f.Data) + frameOverhead
	q.mu.Lock()
	if f.Kind == FrameEvent && q.bytes+size > q.limit {
		q.mu.Unlock()
		return false
	}
	q.frames = append(q.frames, f)
	q.bytes += size
	raise(&q.n.highWater, int64(q.bytes))
	q.n.queued.Store(int64(q.bytes))
	q.mu.Unlock()
	signal(q.wake)
	return true
}

// next is [Stream.Next].
func (q *queue) next(ctx context.Context, app string) ([]Frame, error) {
	for {
		q.mu.Lock()
		batch, closed := q.take(), q.closed
		q.mu.Unlock()
		if len(batch) > 0 {
			return batch, nil
		}
		if closed {
			return nil, fault.New(fault.Stopped, "ari stream", app, "stopped")
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// poll is [Stream.Poll].
func (q *queue) poll() (batch []Frame, open bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch = q.take()
	return batch, len(batch) > 0 || !q.closed
}

// take removes up to batchLimit frames; mu is held.
func (q *queue) take() []Frame {
	n := min(len(q.frames), batchLimit)
	if n == 0 {
		return nil
	}
	batch := q.frames[:n:n]
	if n == len(q.frames) {
		q.frames = nil
	} else {
		q.frames = q.frames[n:]
		signal(q.wake)
	}
	for i := range batch {
		q.bytes -= len(batch[i].Data) + frameOverhead
	}
	q.n.queued.Store(int64(q.bytes))
	signal(q.room)
	return batch
}

// waitRoom returns when the queue is at most half full, or ctx is done.
func (q *queue) waitRoom(ctx context.Context) {
	for {
		q.mu.Lock()
		free := q.bytes <= q.limit/2
		q.mu.Unlock()
		if free {
			return
		}
		select {
		case <-q.room:
		case <-ctx.Done():
			return
		}
	}
}

// close lets next end after the last frame.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	signal(q.wake)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func raise(high *atomic.Int64, v int64) {
	for {
		old := high.Load()
		if v <= old || high.CompareAndSwap(old, v) {
			return
		}
	}
}

type streamCounters struct {
	connects, dialFailures, denied, overruns, pingsMissed, dead atomic.Uint64
	frames, bytes, lateResponses                                atomic.Uint64
	queued, highWater                                           atomic.Int64
}

// StreamStats are the counters of a [Stream] since it was made.
type StreamStats struct {
	Connected     bool   // now
	Connects      uint64 // connections made; reconnects are one fewer
	DialFailures  uint64 // tries that failed, denied ones included
	Denied        uint64 // tries refused with 401 or 403
	Frames        uint64 // events read
	Bytes         uint64 // of events read
	QueueBytes    int64  // in the queue now
	QueueHigh     int64  // most bytes in the queue
	QueueLimit    int
	Overruns      uint64 // connections closed because the queue was full
	PingsMissed   uint64 // ping periods without a sign of life
	Dead          uint64 // connections closed because of silence
	LateResponses uint64 // REST answers that nobody waited for any more
}

// Stats returns the counters.
func (s *Stream) Stats() StreamStats {
	s.mu.Lock()
	connected := s.conn != nil
	s.mu.Unlock()
	return StreamStats{
		Connected: connected, Connects: s.n.connects.Load(), DialFailures: s.n.dialFailures.Load(), Denied: s.n.denied.Load(),
		Frames: s.n.frames.Load(), Bytes: s.n.bytes.Load(), QueueBytes: s.n.queued.Load(), QueueHigh: s.n.highWater.Load(),
		QueueLimit: s.cfg.QueueBytes, Overruns: s.n.overruns.Load(), PingsMissed: s.n.pingsMissed.Load(), Dead: s.n.dead.Load(),
		LateResponses: s.n.lateResponses.Load(),
	}
}
