package siptest

import (
	"context"
	"runtime"
	"testing"
	"time"

	"strowger/media/codec"
	"strowger/sip/ua"
	"strowger/sip/ua/sdp"
	"strowger/switch/fault"
)

// pair starts two phones that call each other without a server.
func pair(t *testing.T, cfg ua.Config) (alice, bob *Phone) {
	t.Helper()
	CheckGoroutines(t)
	cfg.Pacer = NewPacer(t)
	cfg.User = "alice"
	alice = NewCaller(t, cfg)
	cfg.User = "bob"
	cfg.Codecs = []codec.Codec{codec.PCMA, codec.PCMU}
	return alice, NewCaller(t, cfg)
}

func connect(t *testing.T, alice, bob *Phone) (a, b *Leg) {
	t.Helper()
	a = alice.Dial(bob.URI())
	b = bob.Expect()
	a.MustRing()
	b.MustAnswer()
	a.MustBeAnswered()
	return a, b
}

func TestTalkAndHangup(t *testing.T) {
	for _, who := range []string{"caller", "called"} {
		t.Run(who+" hangs up", func(t *testing.T) {
			alice, bob := pair(t, ua.Config{})
			a, b := connect(t, alice, bob)
			Talk(a, b)
			a.MustDigits(b, "12*#")
			b.MustDigits(a, "9D")
			if who == "called" {
				a, b = b, a
			}
			a.MustHangup()
			a.MustEndBy(ua.Local, 0)
			b.MustEndBy(ua.Remote, 0)
			a.MustHangup() // of a call that is over
			if n := len(alice.Calls()) + len(bob.Calls()); n != 0 {
				t.Errorf("%d calls left", n)
			}
		})
	}
}

func TestReject(t *testing.T) {
	alice, bob := pair(t, ua.Config{})
	a, b := alice.Dial(bob.URI()), bob.Expect()
	b.MustReject(486)
	a.MustEndBy(ua.Remote, 486)
	b.MustEndBy(ua.Local, 486)
	if err := b.Reject(t.Context(), 200); !fault.Is(err, fault.Invalid) {
		t.Errorf("reject with 200: %v", err)
	}
	if err := b.Answer(t.Context()); !fault.Is(err, fault.Conflict) {
		t.Errorf("answer after reject: %v", err)
	}
}

func TestRejectByPolicy(t *testing.T) {
	alice, bob := pair(t, ua.Config{Policy: ua.RejectWith(603)})
	a := alice.Dial(bob.URI())
	a.MustEndBy(ua.Remote, 603)
	if s := bob.Stats(); s.Refused != 1 || s.Received != 0 {
		t.Errorf("%+v", s)
	}
}

func TestCancel(t *testing.T) {
	alice, bob := pair(t, ua.Config{})
	a, b := alice.Dial(bob.URI()), bob.Expect()
	a.MustRing()
	a.MustHangup()
	a.MustEndBy(ua.Local, 487)
	b.MustEndBy(ua.Remote, 487)
	now := alice.Dial(bob.URI()) // cancelled before it can ring
	now.MustHangup()
	if e := now.MustEnd(); e.By != ua.Local {
		t.Errorf("%+v", e)
	}
	bob.Expect().MustEnd()
}

func TestCalledHangsUpWhileRinging(t *testing.T) {
	alice, bob := pair(t, ua.Config{})
	a, b := alice.Dial(bob.URI()), bob.Expect()
	a.MustRing()
	b.MustHangup()
	a.MustEndBy(ua.Remote, 603)
}

func TestRingLimit(t *testing.T) {
	alice, bob := pair(t, ua.Config{RingLimit: 50 * time.Millisecond})
	a := alice.Dial(bob.URI())
	a.MustEndBy(ua.Remote, 480)
	bob.Expect().MustEndBy(ua.Local, 480)
}

func TestAutoAnswer(t *testing.T) {
	for _, h := range []ua.Header{
		{Name: "Alert-Info", Value: "<http://localhost>;info=alert-autoanswer;delay=0"},
		{Name: "Call-Info", Value: "<sip:x>; answer-after=0"},
	} {
		t.Run(h.Name, func(t *testing.T) {
			alice, bob := pair(t, ua.Config{})
			a := alice.Dial(bob.URI(), h)
			b := bob.Expect()
			a.MustBeAnswered()
			if !b.AutoAnswer() || b.Header(h.Name) != h.Value {
				t.Errorf("header %q arrived as %q, auto answer %v", h.Value, b.Header(h.Name), b.AutoAnswer())
			}
			Talk(a, b)
		})
	}
}

func TestHold(t *testing.T) {
	for _, dir := range []sdp.Direction{sdp.SendOnly, sdp.Inactive} {
		t.Run(dir.String(), func(t *testing.T) {
			alice, bob := pair(t, ua.Config{})
			a, b := connect(t, alice, bob)
			Talk(a, b)
			b.MustHold(dir)
			a.MustBeHeld(true)
			a.MustBeSilent(200 * time.Millisecond)
			b.MustBeSilent(200 * time.Millisecond)
			if s := b.Snapshot(); !s.LocalHold || s.RemoteHold || s.Direction != dir {
				t.Errorf("holder: %+v", s)
			}
			b.MustResume()
			a.MustBeHeld(false)
			Talk(a, b)
			a.MustHold(dir) // and the other way round
			b.MustBeHeld(true)
			a.MustResume()
			b.MustBeHeld(false)
			Talk(a, b)
			if err := a.Hold(t.Context(), sdp.SendRecv); !fault.Is(err, fault.Invalid) {
				t.Errorf("hold with sendrecv: %v", err)
			}
		})
	}
}

// Both sides hold at the same moment: the glare of RFC 3261 section 14.1 must resolve.
func TestHoldGlare(t *testing.T) {
	alice, bob := pair(t, ua.Config{T1: 100 * time.Millisecond})
	a, b := connect(t, alice, bob)
	errs := make(chan error, 2)
	for _, l := range []*Leg{a, b} {
		go func() { errs <- l.Hold(t.Context(), sdp.SendOnly) }()
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	a.MustResume()
	b.MustResume()
	Talk(a, b)
}

func TestMaxCallsAndUnknownUser(t *testing.T) {
	alice, bob := pair(t, ua.Config{MaxCalls: 2})
	alice.Dial(bob.URI()).MustRing()
	second := alice.Dial(bob.URI())
	second.MustRing()
	if _, err := alice.Call(t.Context(), bob.URI(), ua.CallOptions{}); !fault.Is(err, fault.Busy) {
		t.Errorf("third call: %v", err)
	}
	second.MustHangup()
	a := alice.Dial("sip:nobody@" + bob.LocalAddr().String())
	a.MustEndBy(ua.Remote, 404)
}

// Stop hangs up what is alive, and the peer learns of it.
func TestStopHangsUp(t *testing.T) {
	alice, bob := pair(t, ua.Config{})
	a, b := connect(t, alice, bob)
	ringing := alice.Dial(bob.URI())
	ringing.MustRing()
	second := bob.Expect()
	if err := alice.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.MustEndBy(ua.Remote, 0)
	second.MustEndBy(ua.Remote, 487)
	if e := a.MustEnd(); e.By != ua.Local {
		t.Errorf("%+v", e)
	}
	if _, err := alice.Call(t.Context(), bob.URI(), ua.CallOptions{}); !fault.Is(err, fault.Stopped) {
		t.Errorf("call after stop: %v", err)
	}
}

// An abandoned phone says nothing; its peer still has the call.
func TestAbandon(t *testing.T) {
	alice, bob := pair(t, ua.Config{})
	a, b := connect(t, alice, bob)
	alice.Abandon()
	if e := a.MustEnd(); e.By != ua.Local {
		t.Errorf("%+v", e)
	}
	if s := b.Snapshot(); s.State != ua.Up {
		t.Errorf("peer of an abandoned phone: %+v", s)
	}
	bob.Abandon()
}

// Many phones in one process: everybody talks at once.
func TestManyCalls(t *testing.T) {
	const n = 30
	alice, bob := pair(t, ua.Config{MaxCalls: n, Policy: func(ua.Invite) ua.Decision { return ua.Decision{Action: ua.Answer} }})
	bobs := make(chan struct{})
	var legs []*Leg
	go func() {
		defer close(bobs)
		for range n {
			c, err := bob.WaitIncoming(t.Context())
			if err != nil {
				return
			}
			_ = c.SendTone(700) // a valid frequency
		}
	}()
	for range n {
		a := alice.Dial(bob.URI())
		a.MustBeAnswered()
		legs = append(legs, a)
	}
	<-bobs
	for _, l := range legs {
		l.MustHear(700)
	}
}

// The leak check is shown red on a planted leak, and green once it is gone.
func TestLeakCheckIsRed(t *testing.T) {
	before := runtime.NumGoroutine()
	plug := make(chan struct{})
	go func() { <-plug }()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := settle(ctx, before); err == nil {
		t.Fatal("the planted goroutine was not noticed")
	}
	close(plug)
	if err := settle(t.Context(), before); err != nil {
		t.Fatal(err)
	}
}
