package runner

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/fault"
)

// Bounds of what waits to be stored.
const (
	settleEvery = 100 * time.Millisecond
	settleBatch = 500
	// settleLimit is how many ends of attempts may wait; then no campaign dials.
	// Those of calls that are on the way come on top.
	settleLimit = 10_000
	retryLeast  = 200 * time.Millisecond
	retryMost   = 5 * time.Second
	storeLimit  = 10 * time.Second // for one batch
)

// settler stores ends of attempts and leads that go back, behind the events and
// as often as it takes: an order to store is never given up while it runs.
type settler struct {
	leads Leads
	log   *slog.Logger

	mu    sync.Mutex // guards all below
	ends  []lead.Settled
	back  []lead.Release
	wake  chan struct{}
	told  uint64 // ends since the start
	kept  uint64 // and how many of them are stored
	fails atomic.Uint64
	count atomic.Int64 // that wait
}

func newSettler(leads Leads, log *slog.Logger) *settler {
	return &settler{leads: leads, log: log, wake: make(chan struct{}, 1)}
}

// waiting is how many ends and leads are not stored yet.
func (s *settler) waiting() int { return int(s.count.Load()) }

// full reports whether no more attempts should be begun.
func (s *settler) full() bool { return s.waiting() >= settleLimit }

// settle stores ends in their time, see [settler.stored].
func (s *settler) settle(ends ...lead.Settled) (last uint64) {
	s.mu.Lock()
	s.ends = append(s.ends, ends...)
	s.told += uint64(len(ends))
	last = s.told
	s.mu.Unlock()
	s.added(len(ends))
	return last
}

// stored reports whether an end is stored, and all before it.
func (s *settler) stored(end uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept >= end
}

func (s *settler) release(back ...lead.Release) {
	s.mu.Lock()
	s.back = append(s.back, back...)
	s.mu.Unlock()
	s.added(len(back))
}

func (s *settler) added(n int) {
	if n == 0 {
		return
	}
	s.count.Add(int64(n))
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run stores until ctx ends, and then what is left, once.
func (s *settler) run(ctx context.Context) {
	pause := retryLeast
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeLimit)
			s.rest(last)
			cancel()
			return
		case <-s.wake:
		}
		wait := settleEvery // for others to come
		for {
			if !sleep(ctx, wait) {
				break
			}
			left, err := s.store(ctx)
			switch {
			case err != nil:
				s.fails.Add(1)
				s.log.Warn("dialer: ends of attempts could not be stored; trying again", "waiting", s.waiting(), "error", err)
				wait, pause = pause, min(2*pause, retryMost)
				continue
			case left:
				wait, pause = 0, retryLeast
				continue
			}
			pause = retryLeast
			break
		}
	}
}

// rest stores what is left at the end. What cannot be stored is worked out
// again at the next start, from the records of calls.
func (s *settler) rest(ctx context.Context) {
	for {
		left, err := s.store(ctx)
		if err != nil {
			s.log.Warn("dialer: ends of attempts are left for the next start", "waiting", s.waiting(), "error", err)
			return
		}
		if !left {
			return
		}
	}
}

// store stores one batch of each, and reports whether something is left.
func (s *settler) store(ctx context.Context) (left bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	s.mu.Lock()
	ends, back := s.ends[:min(len(s.ends), settleBatch)], s.back[:min(len(s.back), settleBatch)]
	s.mu.Unlock()
	if err := s.storeEnds(ctx, ends); err != nil {
		return true, err
	}
	if len(back) > 0 {
		if err := s.leads.Release(ctx, back); err != nil {
			s.done(len(ends), 0)
			return true, err
		}
	}
	return s.done(len(ends), len(back)), nil
}

// storeEnds stores ends together. One that is refused would be refused again:
// it is left out, so that it keeps nobody else back.
func (s *settler) storeEnds(ctx context.Context, ends []lead.Settled) error {
	if len(ends) == 0 {
		return nil
	}
	err := s.leads.Settle(ctx, ends)
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	if len(ends) == 1 {
		s.log.Error("dialer: the end of an attempt was refused", "attempt", ends[0].Attempt, "result", ends[0].Result, "error", err)
		return nil
	}
	for i := range ends {
		if err := s.storeEnds(ctx, ends[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// done forgets what was stored.
func (s *settler) done(ends, back int) (left bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends, s.back = s.ends[ends:], s.back[back:]
	s.kept += uint64(ends)
	s.count.Add(-int64(ends + back))
	return len(s.ends)+len(s.back) > 0
}

// sleep waits, and reports false if ctx ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
