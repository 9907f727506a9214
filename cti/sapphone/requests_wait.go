package sapphone

import (
	"context"
	"time"
)

// wait is a call of SPS_WAITFORCALL that is parked.
type wait struct {
	outcome chan waited   // buffered: one
	done    chan struct{} // closed when the parked call has its answer
}

// waited is how a wait ends: with a call, or with a return code.
type waited struct {
	call notice
	code string
}

// release ends a wait that was taken out of its line.
func (b *board) release(w *wait, n notice) {
	b.stats.parked.Add(-1)
	w.outcome <- waited{call: n, code: codeOK}
}

// park waits for a call on a line, or returns one that alerts there already.
// The wait is nil when the outcome is known at once.
func (b *board) park(number string) (*wait, waited) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, i := range b.live {
		if i.line == number && i.offered() {
			i.given = true
			return nil, waited{call: b.notice(i), code: codeOK}
		}
	}
	l := b.lineOf(number)
	switch {
	case b.closed || b.paused:
		return nil, waited{code: codeWaitCancelled}
	case l.wait != nil:
		return nil, waited{code: codeWaitActive}
	case b.stats.parked.Load() >= int64(b.cfg.Load().MaxWaiting):
		b.stats.waitsRefused.Add(1)
		return nil, waited{code: codeRejected}
	}
	l.wait = &wait{outcome: make(chan waited, 1), done: make(chan struct{})}
	b.stats.parked.Add(1)
	return l.wait, waited{}
}

// unpark ends a line's wait with a return code; only is that wait alone, nil
// any. It returns the wait that was ended, or nil.
func (b *board) unpark(number string, only *wait, code string) *wait {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.lines[number]
	if l == nil || l.wait == nil || only != nil && l.wait != only {
		return nil
	}
	w := l.wait
	l.wait = nil
	b.stats.parked.Add(-1)
	w.outcome <- waited{code: code}
	return w
}

// cancelAll ends all waits, and those to come.
func (b *board) cancelAll() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.cancelWaits()
}

// waitForCall parks the call until one alerts at the extension (sap.md 1.5).
func (s *Server) waitForCall(ctx context.Context, q *query) error {
	a, err := q.extension()
	if err != nil {
		return err
	}
	limit, err := s.waitLimit(q)
	if err != nil {
		return err
	}
	number := plainNumber(a.Line)
	w, out := s.board.park(number)
	if w != nil {
		defer close(w.done)
		q.leaveQueue()
		out = s.await(ctx, number, w, limit)
	}
	if out.code != codeOK {
		return refuse(out.code, "no call came to %s", q.args.text("ext"))
	}
	q.deliver(out.call)
	return nil
}

// waitLimit is how long to wait: as asked for, the longest where nothing was.
func (s *Server) waitLimit(q *query) (time.Duration, error) {
	seconds, err := q.args.number("timeout")
	if err != nil {
		return 0, err
	}
	if seconds <= 0 || time.Duration(seconds)*time.Second > s.now().MaxWait {
		return s.now().MaxWait, nil
	}
	return time.Duration(seconds) * time.Second, nil
}

// await is the parked call itself. The end of ctx is that of the conversation:
// a cancellation.
func (s *Server) await(ctx context.Context, number string, w *wait, limit time.Duration) waited {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case out := <-w.outcome:
		return out
	case <-timer.C:
		s.board.unpark(number, w, codeWaitTimeout)
	case <-ctx.Done():
		s.board.unpark(number, w, codeWaitCancelled)
	}
	return <-w.outcome // either ours, or a call that came in the same moment
}

// cancelPatience bounds how long SPS_CANCELWAIT waits for the parked call's answer.
const cancelPatience = time.Second

// cancelWait ends the parked call, which gets its answer first.
func (s *Server) cancelWait(ctx context.Context, q *query) error {
	a, err := q.extension()
	if err != nil {
		return err
	}
	w := s.board.unpark(plainNumber(a.Line), nil, codeWaitCancelled)
	if w == nil {
		return refuse(codeNoWait, "nobody waits for calls at %s", q.args.text("ext"))
	}
	late := time.NewTimer(cancelPatience)
	defer late.Stop()
	select {
	case <-w.done:
	case <-late.C:
	case <-ctx.Done():
	}
	return nil
}
