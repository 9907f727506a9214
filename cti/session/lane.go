package session

import (
	"context"
	"sync"
	"time"

	"strowger/switch/fault"
)

// lane is the queue of one agent session at one destination. Deliverer.mu
// owns it, except ctx.
type lane struct {
	key    laneKey
	dest   *dest
	ctx    context.Context // ends with the lane
	cancel context.CancelCauseFunc

	queue    []waiting
	running  bool // the lane's goroutine lives
	open     int  // requests without reply
	ended    bool
	failures int       // in a row
	contact  time.Time // the peer's last sign of life
}

// flight is one request on its way.
type flight struct {
	sent chan struct{} // closed when it has been written
	done chan struct{} // closed when err is known

	mu       sync.Mutex
	finished bool
	detached bool // the lane went on without the reply
	err      error
}

// run is a lane's goroutine: it delivers until the queue is empty.
func (d *Deliverer) run(l *lane) {
	defer d.work.Done()
	for {
		w, ok := d.next(l)
		if !ok {
			return
		}
		d.pass(l, w)
		d.deliver(l, w)
	}
}

// next takes the first waiting message, or ends the lane's goroutine.
func (d *Deliverer) next(l *lane) (waiting, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(l.queue) == 0 || l.ctx.Err() != nil {
		l.running = false
		d.purge(l)
		d.retire(l)
		return waiting{}, false
	}
	w := l.queue[0]
	l.queue[0] = waiting{}
	l.queue = l.queue[1:]
	d.leave(l, w)
	return w, true
}

// retire removes a lane that has nothing to remember. The caller holds mu.
func (d *Deliverer) retire(l *lane) {
	if !l.running && l.open == 0 && l.failures == 0 && !l.ended {
		d.remove(l)
	}
}

// deliver sends one message until it is settled or overtaken.
func (d *Deliverer) deliver(l *lane, w waiting) {
	for try := 0; ; try++ {
		select {
		case l.dest.slots <- struct{}{}:
		case <-l.ctx.Done():
			d.settle(l, w, context.Cause(l.ctx))
			return
		}
		overtaken, err := d.attempt(l, w)
		if overtaken {
			d.Stats.Overtaken.Add(1)
			return
		}
		pause, again := d.again(w.msg, err, try)
		if !again {
			d.settle(l, w, err)
			return
		}
		d.Stats.Retried.Add(1)
		if !sleep(l.ctx, pause) {
			d.settle(l, w, err)
			return
		}
	}
}

// attempt sends a message, for which the caller has taken one of the
// destination's slots. It reports true when the lane goes on without the reply.
// Where that cannot be, the lane's own goroutine sends: one for each message
// costs a tenth of what a message costs.
func (d *Deliverer) attempt(l *lane, w waiting) (overtaken bool, err error) {
	d.mu.Lock()
	l.open++
	d.mu.Unlock()
	raise(&d.Stats.Open, &d.Stats.OpenMax)
	if limits := d.limits(); limits.Wait > limits.ReplyTimeout {
		err = d.send(l, w, func() {})
		d.mu.Lock()
		l.open--
		d.mu.Unlock()
		return false, err
	}
	f := d.launch(l, w)
	if d.overtaken(f) {
		return true, nil
	}
	return false, f.err
}

// send has the message sent, and gives the slot back.
func (d *Deliverer) send(l *lane, w waiting, sent func()) error {
	ctx, cancel := context.WithTimeout(l.ctx, d.limits().ReplyTimeout)
	defer cancel()
	err := d.cfg.Send(ctx, w.msg, sent)
	<-l.dest.slots
	d.Stats.Open.Add(-1)
	return err
}

// launch sends on a goroutine of its own.
func (d *Deliverer) launch(l *lane, w waiting) *flight {
	f := &flight{sent: make(chan struct{}), done: make(chan struct{})}
	d.work.Add(1)
	go func() {
		defer d.work.Done()
		err := d.send(l, w, sync.OnceFunc(func() { close(f.sent) }))
		f.mu.Lock()
		f.err, f.finished = err, true
		detached := f.detached
		f.mu.Unlock()
		d.mu.Lock()
		l.open--
		d.mu.Unlock()
		close(f.done)
		if detached {
			d.settle(l, w, err)
		}
	}()
	return f
}

// overtaken waits for the outcome, or for Wait after the message was written.
// It reports true when the lane goes on and the flight settles itself.
func (d *Deliverer) overtaken(f *flight) bool {
	select {
	case <-f.done:
		return false
	case <-f.sent:
	}
	timer := time.NewTimer(d.limits().Wait)
	defer timer.Stop()
	select {
	case <-f.done:
		return false
	case <-timer.C:
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.detached = !f.finished
	return f.detached
}

// again decides about another try.
func (d *Deliverer) again(m Message, err error, try int) (time.Duration, bool) {
	if m.Once || err == nil {
		return 0, false
	}
	limit, pauses := 0, d.limits().Backoff
	if fault.Is(err, fault.Unavailable) {
		limit = len(pauses)
	} else if fault.Is(err, fault.Busy) {
		limit = min(1, len(pauses))
	}
	if try >= limit {
		return 0, false
	}
	return pauses[try], true
}

// settle records the outcome of a message and judges the lane by it.
func (d *Deliverer) settle(l *lane, w waiting, err error) {
	if d.cfg.Observe != nil {
		d.cfg.Observe(w.msg, time.Since(w.since), err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	switch {
	case err == nil:
		d.Stats.Sent.Add(1)
		l.failures, l.contact = 0, now
		d.retire(l)
		return
	case l.ctx.Err() != nil:
		d.Stats.Discarded.Add(1)
		return
	}
	d.Stats.Failed.Add(1)
	if answered(err) {
		l.contact = now
	}
	if w.msg.Once {
		d.retire(l)
		return
	}
	l.failures++
	switch {
	case l.failures >= d.limits().MaxFailures:
		d.end(l, Failures)
	case now.Sub(l.contact) >= d.limits().MaxSilence:
		d.end(l, Silence)
	}
}

// answered reports whether an error proves that the peer lives.
func answered(err error) bool {
	k := fault.KindOf(err)
	return k != fault.Unavailable && k != fault.Unknown && k != fault.Stopped && k != fault.Denied
}

// sleep waits, or returns false when ctx ends first.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
