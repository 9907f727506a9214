package session

import (
	"slices"
	"sync"
	"time"
)

// gate keeps back the messages that were accepted while it was there.
type gate chan struct{}

// Hold keeps back messages that are accepted for a session from now on, at all
// destinations, until release is called, but none for longer than HoldLimit:
// who answers a request lets its reply go first. Several may hold a session at
// once. release may be called again.
func (d *Deliverer) Hold(session string) (release func()) {
	g := make(gate)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gates[session] = append(d.gates[session], g)
	return sync.OnceFunc(func() {
		close(g)
		d.mu.Lock()
		defer d.mu.Unlock()
		left := slices.DeleteFunc(d.gates[session], func(have gate) bool { return have == g })
		if d.gates[session] = left; len(left) == 0 {
			delete(d.gates, session)
		}
	})
}

// pass waits until nobody holds a message back any more.
func (d *Deliverer) pass(l *lane, w waiting) {
	if len(w.gates) == 0 {
		return
	}
	d.Stats.Held.Add(1)
	timer := time.NewTimer(d.limits().HoldLimit - time.Since(w.since))
	defer timer.Stop()
	for _, g := range w.gates {
		select {
		case <-g:
		case <-l.ctx.Done():
			return
		case <-timer.C:
			d.Stats.HeldTooLong.Add(1)
			return
		}
	}
}
