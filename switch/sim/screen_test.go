package sim

import (
	"testing"
	"testing/synctest"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// TestDetectorHearsVoices: the verdict on each voice, when it comes, and that the
// leg is out of our application until then.
func TestDetectorHearsVoices(t *testing.T) {
	t.Parallel()
	const limit = 1500 * time.Millisecond
	for name, c := range map[string]struct {
		voice Voice
		hello time.Duration
		beep  bool
		limit time.Duration
		word  callmodel.ScreenVerdict
		took  time.Duration // without the detour
		since time.Duration // the hello's end
	}{
		"a person":              {voice: Person, word: callmodel.VerdictHuman, took: personHello + helloPause, since: helloPause},
		"a short hello":         {voice: Person, hello: 300 * time.Millisecond, word: callmodel.VerdictHuman, took: 300*time.Millisecond + helloPause, since: helloPause},
		"a person who talks on": {voice: Person, hello: 3 * time.Second, word: callmodel.VerdictMachine, took: machineSpeaks},
		"a machine":             {voice: Machine, word: callmodel.VerdictMachine, took: machineSpeaks},
		"too short a time":      {voice: Machine, limit: time.Second, word: callmodel.VerdictUnsure, took: time.Second},
		"the network's tones":   {voice: Tones, word: callmodel.VerdictSIT, took: tonesTake},
		"a fax":                 {voice: FaxTone, word: callmodel.VerdictFax, took: faxTakes},
		"nothing":               {voice: Nothing, word: callmodel.VerdictSilence, took: limit},
		"the beep":              {voice: Machine, beep: true, limit: 25 * time.Second, word: callmodel.VerdictMachine, took: machineHello + beepTakes},
		"no beep":               {voice: Person, beep: true, limit: 8 * time.Second, word: callmodel.VerdictUnsure, took: 8 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := newParty(t)
				p.e.Outside("49301", PhonePolicy{Mode: Answers, Voice: c.voice, Greeting: Exactly(c.hello)})
				o := originate("sw-1", "gw")
				o.Dial = "49301"
				p.do(o)
				pass(DefaultRingDelay)
				p.want("channel-ringing channel-up")
				if c.limit == 0 {
					c.limit = limit
				}
				p.do(callmodel.Screen{Channel: "sw-1", Detector: callmodel.DetectorAudio, Limit: c.limit, Beep: c.beep})
				p.want("channel-left-app")
				if r := p.e.Apply(t.Context(), callmodel.Play{Channel: "sw-1", Play: "x", Media: []string{"sound:a"}}); !fault.Is(r.Err, fault.Conflict) {
					t.Errorf("a sound for a leg that is with the detector: %+v", r)
				}
				pass(c.took + detourTakes - time.Millisecond)
				p.want("")
				pass(time.Millisecond)
				synctest.Wait()
				facts := p.r.take()
				if len(facts) != 2 || facts[1].Tag() != "channel-up" {
					t.Fatalf("got %+v, want a verdict and the leg's return", facts)
				}
				got, ok := facts[0].(callmodel.Screened)
				want := callmodel.Screened{Channel: "sw-1", Verdict: c.word, Took: c.took + detourTakes, Beep: c.beep && c.word == callmodel.VerdictMachine}
				want.Open = !c.beep && (c.word == callmodel.VerdictSilence || c.word == callmodel.VerdictUnsure)
				if c.since > 0 {
					want.Greeting = c.since + detourTakes
				}
				if !ok || got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
				p.do(callmodel.Play{Channel: "sw-1", Play: "x", Media: []string{"sound:a"}})
			})
		})
	}
}

// TestGoneWhileScreened: who hangs up while the detector listens ends the leg,
// and no verdict follows.
func TestGoneWhileScreened(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParty(t)
		p.e.Outside("49301", PhonePolicy{Mode: Answers, Voice: Machine})
		o := originate("sw-1", "gw")
		o.Dial = "49301"
		p.do(o)
		pass(DefaultRingDelay)
		p.do(callmodel.Screen{Channel: "sw-1", Limit: time.Second})
		p.facts()
		p.do(callmodel.Hangup{Channel: "sw-1", Cause: 16})
		p.want("channel-gone")
		pass(5 * time.Second)
		p.want("")
	})
}

// TestWorldHasItsShares: a thousand calls end as the world says, and the same
// seed gives the same.
func TestWorldHasItsShares(t *testing.T) {
	t.Parallel()
	w := World{People: 0.25, Machines: 0.3, Busy: 0.1, NoNumber: 0.05, Refusing: 0.02, Ring: Range{3 * time.Second, 9 * time.Second}}
	a, b := w.Answers(7), w.Answers(7)
	n := map[PhonePolicy]int{}
	for range 10_000 {
		p := a("49301")
		if b("49302") != p {
			t.Fatal("the same seed draws two worlds")
		}
		n[p]++
	}
	for p, want := range map[PhonePolicy]int{
		{Mode: Answers, AnswerAfter: w.Ring}:                                                    2500,
		{Mode: Answers, AnswerAfter: Range{16 * time.Second, 20 * time.Second}, Voice: Machine}: 3000,
		{Mode: Busy}: 1000, {Mode: NoSuchNumber}: 500, {Mode: Congested}: 200, {Mode: Manual}: 2800,
	} {
		if got := n[p]; got < want*9/10-50 || got > want*11/10+50 {
			t.Errorf("%+v: %d of 10000 calls, want about %d", p, got, want)
		}
	}
}

// TestTrunkRefusesABurst: so many calls are refused, and the next ones go through.
func TestTrunkRefusesABurst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParty(t)
		p.e.Outside("49301", PhonePolicy{Mode: Manual})
		p.e.Trunk("gw", 2).Refuse(Congested, 3)
		p.e.Trunk("gw", 2).Refuse(Manual, 5) // no refusal: nothing
		for i, want := range []callmodel.Input{
			callmodel.ChannelGone{Channel: "sw-1", Cause: callmodel.CauseCongestion, TechCause: 503},
			callmodel.ChannelGone{Channel: "sw-2", Cause: callmodel.CauseCongestion, TechCause: 503},
			callmodel.ChannelGone{Channel: "sw-3", Cause: callmodel.CauseCongestion, TechCause: 503},
			callmodel.ChannelRinging{Node: DefaultNode, Channel: "sw-4"},
		} {
			o := originate("sw-"+string(rune('1'+i)), "gw")
			o.Dial = "49301"
			p.do(o)
			pass(time.Second)
			if facts := p.r.take(); len(facts) != 1 || facts[0] != want {
				t.Errorf("call %d: got %+v, want %+v", i+1, facts, want)
			}
		}
		if n := p.e.Stats().TrunkRefused; n != 3 {
			t.Errorf("%d calls were refused", n)
		}
	})
}
