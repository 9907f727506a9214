package siptest

import (
	"context"
	"testing"
	"time"

	"strowger/media/rtpio"
	"strowger/sip/ua"
	"strowger/sip/ua/sdp"
)

// DefaultLimit is how long a wait may take unless a Phone says otherwise.
const DefaultLimit = 10 * time.Second

// NewPacer makes a pacer that ends with the test, for all phones of the test.
func NewPacer(t testing.TB) *rtpio.Pacer {
	t.Helper()
	p := rtpio.NewPacer()
	t.Cleanup(p.Stop)
	return p
}

// Phone is a UA in a test.
type Phone struct {
	*ua.UA
	Limit time.Duration // of every wait, DefaultLimit at first
	t     testing.TB
}

// NewCaller starts a phone that is not registered: a trunk, or a direct call.
func NewCaller(t testing.TB, cfg ua.Config) *Phone {
	t.Helper()
	u, err := ua.New(cfg)
	if err != nil {
		t.Fatalf("phone %s: %v", cfg.User, err)
	}
	p := &Phone{UA: u, Limit: DefaultLimit, t: t}
	ctx, cancel := p.ctx()
	defer cancel()
	if err := u.Start(ctx); err != nil {
		t.Fatalf("phone %s: %v", cfg.User, err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), DefaultLimit)
		defer cancel()
		if err := u.Stop(ctx); err != nil {
			t.Logf("phone %s: stop: %v", cfg.User, err)
		}
		if n := u.Stats().Panics; n > 0 {
			t.Errorf("phone %s: %d handlers panicked", cfg.User, n)
		}
	})
	return p
}

// NewPhone starts a phone and registers it.
func NewPhone(t testing.TB, cfg ua.Config) *Phone {
	t.Helper()
	p := NewCaller(t, cfg)
	ctx, cancel := p.ctx()
	defer cancel()
	if err := p.Register(ctx); err != nil {
		t.Fatalf("phone %s: register: %v", cfg.User, err)
	}
	return p
}

func (p *Phone) ctx() (context.Context, context.CancelFunc) {
	return context.WithTimeout(p.t.Context(), p.Limit)
}

// Dial places a call.
func (p *Phone) Dial(target string, headers ...ua.Header) *Leg {
	p.t.Helper()
	return p.DialAs(target, ua.CallOptions{Headers: headers})
}

// DialAs places a call that shows another caller, as a trunk does.
func (p *Phone) DialAs(target string, opt ua.CallOptions) *Leg {
	p.t.Helper()
	ctx, cancel := p.ctx()
	defer cancel()
	c, err := p.Call(ctx, target, opt)
	if err != nil {
		p.t.Fatalf("phone %s: dial %s: %v", p.User(), target, err)
	}
	return &Leg{Call: c, phone: p, t: p.t}
}

// Expect returns the next call that comes in.
func (p *Phone) Expect() *Leg {
	p.t.Helper()
	ctx, cancel := p.ctx()
	defer cancel()
	c, err := p.WaitIncoming(ctx)
	if err != nil {
		p.t.Fatalf("phone %s: %v", p.User(), err)
	}
	return &Leg{Call: c, phone: p, t: p.t}
}

// Poll returns a call that has come in, if one has.
func (p *Phone) Poll() (*Leg, bool) {
	select {
	case c := <-p.Incoming():
		return &Leg{Call: c, phone: p, t: p.t}, true
	default:
		return nil, false
	}
}

// Leg is one call of a phone in a test.
type Leg struct {
	*ua.Call
	phone *Phone
	t     testing.TB
}

// must runs a wait under the phone's limit and ends the test when it fails.
func (l *Leg) must(what string, wait func(context.Context) error) {
	l.t.Helper()
	ctx, cancel := l.phone.ctx()
	defer cancel()
	if err := wait(ctx); err != nil {
		l.t.Fatalf("phone %s: %s: %v (call %v, heard %v)", l.phone.User(), what, err, l.Snapshot().State, l.Heard())
	}
}

// MustRing waits until the call rings.
func (l *Leg) MustRing() { l.t.Helper(); l.must("must ring", l.WaitRinging) }

// MustBeAnswered waits until the peer answered.
func (l *Leg) MustBeAnswered() { l.t.Helper(); l.must("must be answered", l.WaitAnswered) }

// MustAnswer answers.
func (l *Leg) MustAnswer() { l.t.Helper(); l.must("answer", l.Answer) }

// MustReject refuses with a status.
func (l *Leg) MustReject(code int) {
	l.t.Helper()
	l.must("reject", func(ctx context.Context) error { return l.Reject(ctx, code) })
}

// MustHangup ends the call from this side.
func (l *Leg) MustHangup() { l.t.Helper(); l.must("hang up", l.Hangup) }

// MustEnd waits until the call is over and says how.
func (l *Leg) MustEnd() (end ua.End) {
	l.t.Helper()
	l.must("must end", func(ctx context.Context) (err error) {
		end, err = l.WaitEnded(ctx)
		return err
	})
	return end
}

// MustEndBy waits for the end and checks who caused it and with which status.
func (l *Leg) MustEndBy(by ua.By, code int) {
	l.t.Helper()
	if e := l.MustEnd(); e.By != by || e.Code != code {
		l.t.Fatalf("phone %s: ended by %v with status %d (%s), want %v and %d", l.phone.User(), e.By, e.Code, e.Reason, by, code)
	}
}

// Say sends a tone from now on.
func (l *Leg) Say(hz float64) {
	l.t.Helper()
	l.must("say", func(context.Context) error { return l.SendTone(hz) })
}

// MustHear waits until the tone is heard.
func (l *Leg) MustHear(hz float64) {
	l.t.Helper()
	l.must("must hear", func(ctx context.Context) error { return l.Heard().WaitTone(ctx, hz) })
}

// MustBeSilent waits until nothing was heard for d.
func (l *Leg) MustBeSilent(d time.Duration) {
	l.t.Helper()
	l.must("must be silent", func(ctx context.Context) error { return l.Heard().WaitSilence(ctx, d) })
}

// MustHold puts the peer on hold.
func (l *Leg) MustHold(dir sdp.Direction) {
	l.t.Helper()
	l.must("hold", func(ctx context.Context) error { return l.Hold(ctx, dir) })
}

// MustResume takes the peer off hold.
func (l *Leg) MustResume() { l.t.Helper(); l.must("resume", l.Resume) }

// MustBeHeld waits until the peer holds this side, or no longer does.
func (l *Leg) MustBeHeld(held bool) {
	l.t.Helper()
	l.must("must be held or retrieved", func(ctx context.Context) error { return l.WaitRemoteHold(ctx, held) })
}

// MustDigits sends digits on l and expects them at peer.
func (l *Leg) MustDigits(peer *Leg, digits string) {
	l.t.Helper()
	if err := l.SendDTMF(digits); err != nil {
		l.t.Fatalf("phone %s: digits: %v", l.phone.User(), err)
	}
	peer.must("must get digits", func(ctx context.Context) error {
		got, err := peer.WaitDigits(ctx, len(digits))
		if err == nil && got != digits {
			l.t.Fatalf("digits %q arrived as %q", digits, got)
		}
		return err
	})
}

// Talk has both sides send a tone of their own and hear the other's.
func Talk(a, b *Leg) {
	a.t.Helper()
	const hzA, hzB = 400, 1000
	a.Say(hzA)
	b.Say(hzB)
	a.MustHear(hzB)
	b.MustHear(hzA)
}
