package engine

import (
	"context"
	"runtime/debug"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Bounds of one batch: facts come first, and no lane can starve another.
const (
	batchFacts    = 256
	batchTimers   = 64
	batchCommands = 64
)

// clockEvery is how often the calendar is written to the journal.
const clockEvery = time.Minute

// ask is a command on its way through the loop.
type ask struct {
	cmd   callmodel.Command
	reply chan verdict
}

type verdict struct {
	seq uint64
	err error
}

// batch is what a batch of inputs has yielded, delivered after the flush.
type batch struct {
	events   []port.Stamped
	effects  []order
	verdicts []pendingVerdict
}

type pendingVerdict struct {
	to chan verdict
	v  verdict
}

func (e *Engine) loop() {
	defer close(e.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	tick := time.NewTicker(clockEvery)
	defer tick.Stop()
	for e.fatal == nil {
		timer.Reset(e.idle())
		select {
		case in := <-e.facts:
			e.apply(in)
		case a := <-e.commands:
			e.command(a)
		case f := <-e.asks:
			f()
		case <-timer.C:
		case <-tick.C:
			e.apply(callmodel.WallClock{UnixMicro: e.cfg.Clock.Now().UnixMicro()})
		case <-e.stop:
			e.drain()
			return
		}
		e.drain()
	}
	e.log.Error("the switch stops", "error", e.fatal)
}

// drain takes what else is waiting, in bounds, and delivers the batch.
func (e *Engine) drain() {
	for range batchFacts {
		select {
		case in := <-e.facts:
			e.apply(in)
			continue
		default:
		}
		break
	}
	for range batchTimers {
		t, due := e.timers.due(e.Now())
		if !due {
			break
		}
		e.stats.timersFired.Add(1)
		e.apply(callmodel.TimerFired{Key: t.Key, Gen: t.Gen})
	}
	for range batchCommands {
		select {
		case a := <-e.commands:
			e.command(a)
			continue
		default:
		}
		break
	}
	e.finishBatch()
}

// apply runs one input through Step and collects the outcome.
func (e *Engine) apply(in callmodel.Input) (out callmodel.Output) {
	if e.fatal != nil {
		return out
	}
	defer func() {
		if cause := recover(); cause != nil {
			e.rebuild(in, cause, debug.Stack())
			out = callmodel.Output{Fault: fault.New(fault.Internal, in.Tag(), "", "the input broke the model and was left out")}
		}
	}()
	now := max(e.Now(), e.state.Now())
	began := time.Now()
	out = e.state.Step(now, in)
	e.cfg.Observe.Step(time.Since(began))
	e.stats.inputs.Add(1)
	e.record(now, in, &out)
	e.out.events = append(e.out.events, stamp(e.state, now, out.Events)...)
	for _, eff := range out.Effects {
		e.out.effects = append(e.out.effects, order{eff: eff, seq: e.seq})
	}
	for _, t := range out.Timers {
		if t.Cancel {
			e.timers.cancel(t.Key)
		} else {
			e.timers.set(t.Timer)
		}
	}
	return out
}

func (e *Engine) record(now callmodel.Instant, in callmodel.Input, out *callmodel.Output) {
	e.seq++
	if e.broken {
		return
	}
	body, err := callmodel.EncodeInput(in)
	if err == nil {
		var hash uint64
		hash, e.scratch = out.Hash(e.scratch)
		e.encoded = appendRecord(e.encoded[:0], e.seq, now, e.cfg.Clock.Now(), in.Tag(), body, hash)
		err = e.cfg.Journal.Append(e.seq, e.encoded)
	}
	if err != nil {
		e.journalFailed(err)
	}
}

func (e *Engine) command(a ask) {
	e.stats.commands.Add(1)
	out := e.apply(a.cmd)
	e.out.verdicts = append(e.out.verdicts, pendingVerdict{to: a.reply, v: verdict{seq: e.seq, err: out.Fault}})
}

// idle is how long the loop may sleep: until the next timer, and not long
// while the journal waits for room on the disk.
func (e *Engine) idle() time.Duration {
	wait := e.timers.wait(e.Now())
	if e.full {
		wait = min(wait, journalRetry)
	}
	return wait
}

// journalRetry is how often a full disk is tried again.
const journalRetry = 500 * time.Millisecond

func (e *Engine) flush() error {
	if e.broken {
		return nil
	}
	err := e.cfg.Journal.Flush()
	if e.full != (err != nil) {
		e.full = err != nil
		e.stats.journalFailed.Store(0)
		if e.full {
			e.stats.journalFailed.Store(1)
			e.log.Error("the journal cannot be written: calls go on, and a crash now would lose what is not written yet; free disk space", "error", err)
		} else {
			e.log.Info("the journal is written again; nothing was lost")
		}
	}
	return err
}

// journalFailed goes on without a journal: calls matter more than their log.
// Health shows it, and commands that must be durable are refused.
func (e *Engine) journalFailed(err error) {
	e.broken = true
	e.stats.journalFailed.Store(1)
	e.log.Error("the journal has failed for good: calls go on, a restart would lose what happens from here on; restart soon", "error", err)
}

// finishBatch makes the batch durable against a crash of ours and hands it out.
func (e *Engine) finishBatch() {
	_ = e.flush() // said and counted there; calls go on all the same
	for _, o := range e.out.effects {
		e.lanes.add(o)
	}
	if len(e.out.events) > 0 {
		e.fan.publish(e.out.events)
		e.out.events = nil // readers share it
	}
	for _, v := range e.out.verdicts {
		v.to <- v.v // buffered: one place per command
	}
	e.out.effects, e.out.verdicts = e.out.effects[:0], e.out.verdicts[:0]
	e.maybeSnapshot()
}

// Do applies a command and returns the verdict.
func (e *Engine) Do(ctx context.Context, cmd callmodel.Command) error {
	a := ask{cmd: cmd, reply: make(chan verdict, 1)}
	if durable(cmd) && e.stats.journalFailed.Load() != 0 {
		return fault.New(fault.Unavailable, cmd.Tag(), "", "the journal cannot be written, so that what you send could be lost: nothing was done")
	}
	select {
	case <-e.done:
		return stopped(cmd.Tag())
	default:
	}
	select {
	case e.commands <- a:
	default:
		e.stats.commandsRefused.Add(1)
		return fault.New(fault.Busy, cmd.Tag(), "", "too many commands are waiting: try again in a moment")
	}
	select {
	case v := <-a.reply:
		if v.err == nil && durable(cmd) {
			return e.cfg.Journal.WaitSynced(ctx, v.seq)
		}
		return v.err
	case <-e.done:
		return stopped(cmd.Tag())
	case <-ctx.Done():
		return fault.Wrap(fault.Unknown, cmd.Tag(), "", ctx.Err())
	}
}

// durable says which commands are acknowledged only when they are on disk:
// those that hand us something that exists nowhere else (DESIGN.md 4).
func durable(cmd callmodel.Command) bool {
	switch c := cmd.(type) {
	case callmodel.Reject:
		return c.Callback != nil
	case callmodel.SetData, callmodel.SetDisposition, callmodel.CreateCallback, callmodel.UpdateCallback:
		return true
	}
	return false
}

// onLoop runs f on the loop between two batches.
func (e *Engine) onLoop(ctx context.Context, op string, f func()) error {
	ran := make(chan struct{})
	select {
	case e.asks <- func() { f(); close(ran) }:
		<-ran
		return nil
	case <-e.done:
		return stopped(op)
	case <-ctx.Done():
		return fault.Wrap(fault.Unavailable, op, "", ctx.Err())
	}
}

// View returns a consistent picture of the switch.
func (e *Engine) View(ctx context.Context) (v *callmodel.View, err error) {
	err = e.onLoop(ctx, "view", func() { v = e.picture() })
	return v, err
}

// picture is how things are now: since the last input nothing has changed but
// the time, which a quiet switch would tell as up to a minute ago.
func (e *Engine) picture() *callmodel.View {
	v := e.state.View()
	v.Now = max(v.Now, e.Now())
	return v
}

// Watch returns a picture and a subscription that continues it.
func (e *Engine) Watch(ctx context.Context, name string) (v *callmodel.View, sub port.Subscription, err error) {
	var failed error
	err = e.onLoop(ctx, "watch", func() {
		v = e.picture()
		// Events of inputs that have been stepped and not handed out yet are part of the view.
		sub, failed = e.fan.subscribe(name, v.Events)
	})
	if err == nil {
		err = failed
	}
	return v, sub, err
}
