package test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"strowger/sip/ua"
	"strowger/sip/ua/sdp"
)

// realLine is a SIP call.
type realLine struct {
	ctx   context.Context
	call  *ua.Call
	hz    float64
	held  atomic.Bool // by a key at this phone, whose person hears nothing then
	heard string
}

func newRealLine(ctx context.Context, c *ua.Call) *realLine { return &realLine{ctx: ctx, call: c} }

func (l *realLine) state() lineState {
	switch l.call.Snapshot().State {
	case ua.Dialing:
		return lineCalling
	case ua.Ringing, ua.Answering:
		return lineRinging
	case ua.Up:
		return lineUp
	case ua.Over:
	}
	return lineOver
}

func (l *realLine) say(hz float64) error {
	l.hz = hz
	return l.call.SendTone(hz)
}

// limited does something at the phone within the time that everything has.
func (l *realLine) limited(do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(l.ctx, waitFor)
	defer cancel()
	return do(ctx)
}

func (l *realLine) answer() error { return l.limited(l.call.Answer) }

func (l *realLine) reject() error {
	return l.limited(func(ctx context.Context) error { return l.call.Reject(ctx, 603) })
}

func (l *realLine) hangup() error {
	if err := l.limited(l.call.Hangup); err != nil && l.state() != lineOver {
		return err
	}
	return nil
}

// hold is the key: who presses it does not speak to the other any more.
func (l *realLine) hold() error {
	l.call.SendSilence()
	l.held.Store(true)
	return l.limited(func(ctx context.Context) error { return l.call.Hold(ctx, sdp.SendOnly) })
}

func (l *realLine) resume() error {
	l.held.Store(false)
	if err := l.limited(l.call.Resume); err != nil {
		return err
	}
	return l.call.SendTone(l.hz)
}

func (l *realLine) press(digits string, way keyWay) error {
	switch way {
	case keysInfo:
		return l.limited(func(ctx context.Context) error { return l.call.SendInfoDTMF(ctx, digits) })
	case keysInband:
		return l.call.SendInbandDTMF(digits)
	case keysRTP:
	}
	return l.call.SendDTMF(digits)
}

func (l *realLine) refer(to string) error {
	return l.limited(func(ctx context.Context) error { return referred(l.call.Refer(ctx, to)) })
}

func (l *realLine) connect(with line) error {
	other, ok := with.(*realLine)
	if !ok {
		return fmt.Errorf("%T is no SIP call", with)
	}
	return l.limited(func(ctx context.Context) error { return referred(l.call.ReferReplaces(ctx, other.call)) })
}

func referred(r ua.ReferResult, err error) error {
	if err == nil && !r.Done() {
		err = fmt.Errorf("the transfer was not done: %+v", r)
	}
	return err
}

func (l *realLine) digits() string {
	for {
		select {
		case d := <-l.call.Digits():
			l.heard += string(d.Rune)
		default:
			return l.heard
		}
	}
}

// hears listens for all of it at once, so that one check takes as long as its
// longest part, and then again for what shall be heard: it must still be there.
func (l *realLine) hears(ctx context.Context, want, not []sound) error {
	if l.held.Load() {
		if len(want) > 0 {
			return fmt.Errorf("whoever has pressed hold hears nothing")
		}
		return nil
	}
	m := l.call.Heard()
	var wait sync.WaitGroup
	errs := make(chan error, len(not)+2)
	run := func(f func() error) { wait.Go(func() { errs <- f() }) }
	var hz []float64
	for _, x := range want {
		hz = append(hz, x.hz)
	}
	all := func() error { return m.WaitTones(ctx, hz...) }
	if len(want) == 0 {
		all = func() error { return m.WaitSilence(ctx, quiet) }
	}
	run(all)
	for _, x := range not {
		run(func() error {
			if err := m.WaitNoTone(ctx, x.hz, quiet); err != nil {
				return fmt.Errorf("%s is heard: %w", x.name, err)
			}
			return nil
		})
	}
	wait.Wait()
	errs <- all()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
