package siptest

import (
	"testing"
	"time"

	"strowger/media/codec"
	"strowger/media/tone"
	"strowger/sip/ua"
	"strowger/sip/ua/sdp"
	"strowger/switch/fault"
)

// mix is a conference in one source: several tones at several levels.
type mix []*tone.Generator

func (m mix) ReadFrame(pcm []int16) bool {
	clear(pcm)
	var one [codec.FrameSamples]int16
	for _, g := range m {
		g.Fill(one[:])
		for i := range pcm {
			pcm[i] += one[i]
		}
	}
	return true
}

// beep is silence with one short tone.
type beep struct {
	frame int
	tone  *tone.Generator
}

func (b *beep) ReadFrame(pcm []int16) bool {
	clear(pcm)
	if b.frame++; b.frame > 20 && b.frame <= 25 {
		b.tone.Fill(pcm)
	}
	return true
}

func generator(t *testing.T, hz, level float64) *tone.Generator {
	t.Helper()
	g, err := tone.NewGenerator(hz, level)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// A phone with two calls: each has its own audio; it holds one and swaps.
func TestTwoCallsOnOnePhone(t *testing.T) {
	alice, bob := pair(t, ua.Config{})
	carol := NewCaller(t, ua.Config{User: "carol", Pacer: NewPacer(t)})
	a, b := connect(t, alice, bob)
	Talk(a, b)
	b.MustHold(sdp.SendOnly)
	b2 := bob.Dial(carol.URI())
	c := carol.Expect()
	c.MustAnswer()
	b2.MustBeAnswered()
	b2.Say(1300)
	c.Say(1600)
	for range 2 {
		c.MustHear(1300)
		b2.MustHear(1600)
		a.MustBeSilent(200 * time.Millisecond)
		b.MustNotHear(400, 200*time.Millisecond)
		b2.MustHold(sdp.SendOnly)
		b.MustResume()
		a.MustHear(1000)
		b.MustHear(400)
		c.MustBeSilent(200 * time.Millisecond)
		b.MustHold(sdp.SendOnly)
		b2.MustResume()
	}
	if n := len(bob.Calls()); n != 2 {
		t.Errorf("%d calls", n)
	}
	d := alice.Dial(bob.URI()) // a third one knocks
	e := bob.Expect()
	d.MustRing()
	e.MustReject(486)
	d.MustEndBy(ua.Remote, 486)
	b.MustHangup()
	a.MustEndBy(ua.Remote, 0)
	c.MustHear(1300)
}

func TestManyVoices(t *testing.T) {
	alice, bob := pair(t, ua.Config{})
	a, b := connect(t, alice, bob)
	b.SendSource(mix{generator(t, 400, -12), generator(t, 700, -18), generator(t, 1000, -24), generator(t, 1300, -29)})
	a.MustHearAll(400, 700, 1000, 1300)
	a.MustHear(1300)
	a.MustNotHear(1600, 300*time.Millisecond)
	alice.Limit = 400 * time.Millisecond
	ctx, cancel := alice.ctx()
	defer cancel()
	if err := a.Heard().WaitNoTone(ctx, 1300, 300*time.Millisecond); !fault.Is(err, fault.Unavailable) {
		t.Errorf("the weakest voice was not noticed: %v", err)
	}
	alice.Limit = DefaultLimit
	b.SendSource(&beep{tone: generator(t, 1400, -10)})
	a.MustBeSilent(100 * time.Millisecond)
	a.MustHearSound()
}

func TestDigitsThreeWays(t *testing.T) {
	alice, bob := pair(t, ua.Config{})
	a, b := connect(t, alice, bob)
	Talk(a, b)
	a.MustDigits(b, "12#")
	a.MustInbandDigits(b, "159D*0#")
	b.MustHear(400) // the voice goes on
	a.MustInfoDigits("34A")
	if got := b.Snapshot().InfoDigits; got != "34A" {
		t.Errorf("by INFO: %q", got)
	}
	select {
	case d := <-b.Digits():
		t.Errorf("digit %c was taken for an RFC 4733 one", d.Rune)
	default:
	}
	if err := a.SendInbandDTMF("12"); err != nil {
		t.Error(err)
	}
	if err := a.SendInbandDTMF("3"); !fault.Is(err, fault.Busy) {
		t.Errorf("while others are sent: %v", err)
	}
	for _, digits := range []string{"", "x", "1 "} {
		if err := a.SendInbandDTMF(digits); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q in the audio: %v", digits, err)
		}
		if err := a.SendInfoDTMF(t.Context(), digits); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q by INFO: %v", digits, err)
		}
	}
	b.MustHangup()
	a.MustEnd()
	if err := a.SendInfoDTMF(t.Context(), "1"); !fault.Is(err, fault.Conflict) {
		t.Errorf("after the end: %v", err)
	}
	if err := a.SendInbandDTMF("1"); !fault.Is(err, fault.Conflict) {
		t.Errorf("after the end: %v", err)
	}
}

// An INVITE with Replaces takes a call over; the replaced peer is hung up.
func TestReplaces(t *testing.T) {
	alice, bob := pair(t, ua.Config{})
	carol := NewCaller(t, ua.Config{User: "carol", Pacer: NewPacer(t)})
	replace := func(old *Leg, extra string) *Leg {
		to, from := old.Tags()
		return carol.Dial(bob.URI(), ua.Header{Name: "Replaces", Value: old.ID() + ";to-tag=" + to + ";from-tag=" + from + extra}, ua.Header{Name: "Require", Value: "replaces"})
	}
	a, b := connect(t, alice, bob)
	Talk(a, b)
	replace(b, ";early-only").MustEndBy(ua.Remote, 486)
	replace(a, "").MustEndBy(ua.Remote, 481) // alice's dialog, which bob does not have
	carol.Dial(bob.URI(), ua.Header{Name: "Replaces", Value: "x"}).MustEndBy(ua.Remote, 400)
	c := replace(b, "")
	n := bob.Expect()
	c.MustBeAnswered()
	a.MustEndBy(ua.Remote, 0)
	if n.Replaced() != b.Call {
		t.Error("the new call does not name the old one")
	}
	c.MustHear(1000) // bob's voice, as before
	c.Say(700)
	n.MustHear(700)

	ringing := bob.Dial(alice.URI()) // an early dialog of bob's own
	far := alice.Expect()
	ringing.MustRing()
	c2 := replace(ringing, ";early-only")
	bob.Expect().MustBeAnswered()
	c2.MustBeAnswered()
	far.MustEndBy(ua.Remote, 487)

	in := alice.Dial(bob.URI()) // an early dialog that bob did not begin
	theirs := bob.Expect()
	in.MustRing()
	replace(theirs, "").MustEndBy(ua.Remote, 481)
	if s := theirs.Snapshot().State; s != ua.Ringing {
		t.Errorf("the ringing call is %v", s)
	}
}

// Refers are declined, and the transferring phone learns it.
func TestReferDeclined(t *testing.T) {
	alice, bob := pair(t, ua.Config{})
	a, b := connect(t, alice, bob)
	if res, err := b.Refer(t.Context(), "sip:x@127.0.0.1:9"); err == nil || res.Accepted != 603 {
		t.Errorf("%+v, %v", res, err)
	}
	if s := a.Snapshot(); s.Refers != 1 || s.State != ua.Up {
		t.Errorf("%+v", s)
	}
	Talk(a, b)
}
