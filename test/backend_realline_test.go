package test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"strowger/media/audiotest"
	"strowger/sip/ua"
	"strowger/sip/ua/sdp"
	"strowger/switch/fault"
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
		return l.limited(func(ctx context.Context) error { return l.pressTones(ctx, digits) })
	case keysRTP:
	}
	return l.call.SendDTMF(digits)
}

// pressTones waits until the tones of the digits before have ended.
func (l *realLine) pressTones(ctx context.Context, digits string) error {
	tick := time.NewTicker(lookAt)
	defer tick.Stop()
	for {
		if err := l.call.SendInbandDTMF(digits); !fault.Is(err, fault.Busy) {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
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

// fewestBlocks of 20 ms make a sound that was heard.
const fewestBlocks = 3

func (l *realLine) listenFor(x sound) (func() bool, error) {
	g, err := l.call.Heard().MarkGap(x.hz)
	if err != nil {
		return nil, err
	}
	return func() bool { return g.Blocks() >= fewestBlocks }, nil
}

// hears looks at windows of time until one shows all that is wanted without a
// gap, and nothing else: in a moment without any audio, as when the machine has
// no time for the phones, others cannot be heard either.
func (l *realLine) hears(ctx context.Context, want, not []sound) error {
	if l.held.Load() {
		if len(want) > 0 {
			return fmt.Errorf("whoever has pressed hold hears nothing")
		}
		return nil
	}
	for {
		unbroken, err := l.window(ctx, want, not)
		if unbroken || err != nil {
			return err
		}
	}
}

// longestGap is how long a sound may be away within a window.
const longestGap = 100 * time.Millisecond

// window waits until all of want is there and none of not for a while, and
// reports whether want was there all the while.
func (l *realLine) window(ctx context.Context, want, not []sound) (unbroken bool, err error) {
	m := l.call.Heard()
	var hz []float64
	for _, x := range want {
		hz = append(hz, x.hz)
	}
	if len(want) > 0 {
		if err := m.WaitTones(ctx, hz...); err != nil {
			return false, err
		}
	}
	var gaps []*audiotest.Gap
	for _, x := range hz {
		g, err := m.MarkGap(x)
		if err != nil {
			return false, err
		}
		gaps = append(gaps, g)
	}
	err = silent(ctx, m, not, len(want) == 0)
	unbroken = true
	for _, g := range gaps {
		unbroken = g.Stop() <= longestGap && unbroken
	}
	return unbroken, err
}

// silent waits until none of the sounds has been heard for a while, and where all is set nothing at all.
func silent(ctx context.Context, m *audiotest.Monitor, not []sound, all bool) error {
	var wait sync.WaitGroup
	errs := make(chan error, len(not)+1)
	for _, x := range not {
		wait.Go(func() {
			if err := m.WaitNoTone(ctx, x.hz, quiet); err != nil {
				errs <- fmt.Errorf("%s is heard: %w", x.name, err)
			}
		})
	}
	if all {
		wait.Go(func() {
			if err := m.WaitSilence(ctx, quiet); err != nil {
				errs <- err
			}
		})
	}
	wait.Wait()
	close(errs)
	return <-errs
}
