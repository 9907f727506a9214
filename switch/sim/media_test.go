package sim

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// party is two or more answered legs with which orders are tried.
type party struct {
	t *testing.T
	e *Exchange
	r *recorder
}

func newParty(t *testing.T) *party {
	t.Helper()
	e, r := lab(t, Options{})
	e.Trunk("gw", 2)
	p := &party{t: t, e: e, r: r}
	for _, name := range []string{"p1", "p2", "p3"} {
		e.Phone(name, PhonePolicy{Mode: Answers, Lines: 2})
	}
	p.facts()
	return p
}

func (p *party) do(eff callmodel.Effect) {
	p.t.Helper()
	if res := p.e.Apply(p.t.Context(), eff); res.Outcome != callmodel.Done {
		p.t.Fatalf("%s: %+v", eff.What(), res)
	}
}

// facts lists what came since the last look.
func (p *party) facts() string {
	synctest.Wait()
	return p.r.tags()
}

func (p *party) want(facts string) {
	p.t.Helper()
	if got := p.facts(); got != facts {
		p.t.Fatalf("facts %q, want %q", got, facts)
	}
}

// call has a phone answer and puts it and others into a bridge.
func (p *party) call(bridge, leg, endpoint string, others ...callmodel.ChannelID) {
	p.t.Helper()
	p.do(originate(leg, endpoint))
	pass(time.Second)
	p.do(callmodel.CreateBridge{Bridge: callmodel.BridgeID(bridge)})
	p.do(callmodel.Join{Bridge: callmodel.BridgeID(bridge), Channels: append([]callmodel.ChannelID{callmodel.ChannelID(leg)}, others...)})
	p.facts()
}

func (p *party) customer() *CallerLeg {
	p.t.Helper()
	leg, err := p.e.Place("801", Caller{Number: "5"})
	if err != nil {
		p.t.Fatal(err)
	}
	p.do(callmodel.Answer{Channel: leg.Channel()})
	return leg
}

// hears compares who is heard at a leg.
func (p *party) hears(leg callmodel.ChannelID, want ...callmodel.ChannelID) {
	p.t.Helper()
	if got := p.e.Hears(leg).Legs; !slices.Equal(got, want) {
		p.t.Errorf("%s hears %v, want %v", leg, got, want)
	}
}

// TestWhoHearsWhom: bridges, moves, mute, hold keys, music and sounds.
func TestWhoHearsWhom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParty(t)
		c := p.customer().Channel()
		p.call("b1", "sw-a", "p1", c)
		p.hears(c, "sw-a")
		p.hears("sw-a", c)
		p.do(callmodel.MuteLeg{Channel: "sw-a", On: true})
		p.hears(c)
		p.hears("sw-a", c)
		p.do(callmodel.MuteLeg{Channel: "sw-a"})
		if err := p.e.Phone("p1", PhonePolicy{Mode: Answers, Lines: 2}).Hold(); err != nil {
			t.Fatal(err)
		}
		p.hears("sw-a")
		if h := p.e.Hears(c); h.Music != HeldMusic || len(h.Legs) > 0 {
			t.Errorf("the other party of a hold key hears %+v", h)
		}
		if err := p.e.Phone("p1", PhonePolicy{Mode: Answers, Lines: 2}).Resume(); err != nil {
			t.Fatal(err)
		}
		p.facts()
		// The agent's leg moves to a second call, the customer stays alone with music.
		p.call("b2", "sw-b", "p2")
		p.do(callmodel.Join{Bridge: "b2", Channels: []callmodel.ChannelID{"sw-a"}})
		p.want("channel-left channel-joined")
		p.hears("sw-a", "sw-b")
		p.hears("sw-b", "sw-a")
		if !p.e.Hears(c).Silent() {
			t.Errorf("left alone: %+v", p.e.Hears(c))
		}
		p.do(callmodel.StartMusic{Channel: c, Class: "jazz"})
		if h := p.e.Hears(c); h.Music != "jazz" {
			t.Errorf("music: %+v", h)
		}
		// Music is not stopped by a join, as in Asterisk; that is the model's task.
		p.do(callmodel.Join{Bridge: "b2", Channels: []callmodel.ChannelID{c}})
		if h := p.e.Hears(c); h.Music != "jazz" || !h.Hears("sw-a") || !h.Hears("sw-b") {
			t.Errorf("three: %+v", h)
		}
		p.do(callmodel.StopMusic{Channel: c})
		p.do(callmodel.Play{Play: "sw-p-1", Channel: c, Media: []string{"sound:hello"}})
		p.hears(c)
		p.hears("sw-a", "sw-b") // who hears a sound alone is cut off both ways
		p.do(callmodel.Play{Play: "sw-p-2", Bridge: "b2", Media: []string{"sound:beep"}})
		if h := p.e.Hears("sw-a"); !slices.Equal(h.Media, []string{"sound:beep"}) || !h.Hears("sw-b") {
			t.Errorf("a sound for all: %+v", h)
		}
		pass(soundLength)
		p.hears(c, "sw-a", "sw-b")
	})
}

// ended compares which plays have ended since the last look; "!" is failed.
func (p *party) ended(want string) {
	p.t.Helper()
	synctest.Wait()
	got := ""
	for _, in := range p.r.take() {
		if f, ok := in.(callmodel.PlayEnded); ok {
			got += " " + string(f.Play) + map[bool]string{true: "!"}[f.Failed]
		}
	}
	if strings.TrimSpace(got) != want {
		p.t.Errorf("ended %q, want %q", got, want)
	}
}

// TestPlays: each Play has one end, in whatever way.
func TestPlays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParty(t)
		leg := p.customer()
		c := leg.Channel()
		p.e.SetMedia("sound:none", -1)
		p.e.SetMedia("sound:long", time.Minute)
		p.do(callmodel.StartMusic{Channel: c})
		p.facts()
		play := func(id callmodel.PlayID, media ...string) {
			p.do(callmodel.Play{Play: id, Channel: c, Media: media})
		}
		ended := p.ended
		play("1", "sound:a", "number:12")
		if p.e.Hears(c).Music != "" {
			t.Error("a sound leaves the music on")
		}
		play("2", "sound:none")
		pass(soundLength + 2*spokenLength)
		ended("1 2!")
		play("3", "tone:ring")
		play("4", "sound:long")
		p.do(callmodel.StopPlay{Play: "4"}) // ends when its turn comes
		ended("")
		// An order for the leg waits for the end of the tone; music is acknowledged before.
		p.do(callmodel.CreateBridge{Bridge: "b"})
		p.do(callmodel.StartMusic{Channel: c, Class: "x"})
		done := make(chan callmodel.Result, 1)
		go func() {
			done <- p.e.Apply(t.Context(), callmodel.Join{Bridge: "b", Channels: []callmodel.ChannelID{c}}).Outcome
		}()
		pass(time.Second)
		if len(done) > 0 || p.e.Hears(c).Music != "" {
			t.Error("an order was carried out while the leg plays a tone")
		}
		pass(blockedFor)
		if got := <-done; got != callmodel.Unknown {
			t.Errorf("blocked order: %s", got)
		}
		p.do(callmodel.StopPlay{Play: "3"})
		ended("3 4")
		if l, _ := p.e.Inventory().Leg(c); l.Bridge != "b" || l.Class != "x" {
			t.Errorf("what waited was not carried out: %+v", l)
		}
		for _, id := range []callmodel.PlayID{"5", "6"} {
			play(id, "sound:long")
		}
		p.do(callmodel.Play{Play: "7", Bridge: "b", Media: []string{"sound:long"}})
		leg.Hangup()
		ended("6! 5!")
		p.do(callmodel.DestroyBridge{Bridge: "b"})
		ended("7!")
		if r := p.e.Apply(t.Context(), callmodel.StopPlay{Play: "7"}); !r.Gone {
			t.Errorf("stop of what has ended: %+v", r)
		}
		if v := p.e.Inventory(); v.Timers != 0 {
			t.Errorf("%d timers left", v.Timers)
		}
	})
}

// TestDigits: the vault tells digits of plain collections, lengths of secret
// ones, and nothing at all otherwise.
func TestDigits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParty(t)
		leg := p.customer()
		c := leg.Channel()
		p.facts()
		press := func(keys, want string) {
			t.Helper()
			if err := leg.Press(keys); err != nil {
				t.Fatal(err)
			}
			pass(time.Duration(len(keys)) * keyTime)
			var got []string
			for _, in := range p.r.take() {
				switch f := in.(type) {
				case callmodel.DigitReceived:
					got = append(got, f.Digit)
				case callmodel.DigitSecret:
					got = append(got, "s"+string('0'+rune(f.Count))+map[bool]string{true: "!"}[f.Done])
				default:
					t.Errorf("%s", in.Tag())
				}
			}
			if g := strings.Join(got, " "); g != want {
				t.Errorf("pressed %s: got %q, want %q", keys, g, want)
			}
		}
		collect := func(n uint32, most int, secret bool) {
			p.do(callmodel.Collect{Channel: c, Collect: n, Max: most, Terminators: "#", Secret: secret})
		}
		press("12", "")
		collect(1, 3, false)
		press("12345", "1 2 3")
		collect(2, 9, false)
		press("1#2", "1 #")
		collect(3, 4, true)
		press("98765", "s1 s2 s3 s4")
		collect(4, 9, true)
		press("98#5", "s1 s2 s2!")
		collect(5, 9, true)
		press("9", "s1")
		collect(6, 9, false) // replaces the one before
		press("8", "8")
		p.do(callmodel.StopCollect{Channel: c})
		press("8", "")
		collect(7, 9, true)
		leg.Hangup()
		p.facts()
		if v := p.e.Inventory(); v.Vaults != 0 {
			t.Errorf("%d collections left", v.Vaults)
		}
		if s := p.e.Stats(); s.DigitsForgotten != 8 || s.Digits+s.DigitsForgotten != s.DigitsPressed {
			t.Errorf("digits: %+v", s)
		}
	})
}

// TestDigitsSent: digits that are sent are heard by the person at the leg, and only there.
func TestDigitsSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParty(t)
		far := p.customer()
		p.call("b", "sw-a", "p1", far.Channel())
		p.do(callmodel.SendDTMF{Channel: far.Channel(), Digits: "1*#D"})
		pass(time.Second)
		ph := p.e.Phone("p1", PhonePolicy{Lines: 2})
		if far.Heard() != "1*#D" || ph.Heard() != "" {
			t.Errorf("heard %q and %q", far.Heard(), ph.Heard())
		}
		if err := ph.Press("7"); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		if far.Heard() != "1*#D7" || !fault.Is(far.Press("x"), fault.Invalid) {
			t.Errorf("heard %q", far.Heard())
		}
	})
}

// TestOutsideNumbers: what becomes of calls by a trunk.
func TestOutsideNumbers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParty(t)
		p.e.Outside("49301", PhonePolicy{Mode: Answers, Presses: "12"})
		p.e.Outside("49302", PhonePolicy{Mode: Busy})
		p.e.Outside("49303", PhonePolicy{Mode: NumberGone})
		call := func(id, number, want string, tech int) {
			t.Helper()
			o := originate(id, "gw")
			o.Dial, o.CallerID = number, "+4989"
			p.do(o)
			pass(time.Second)
			if n := len(p.r.got); n > 0 && tech > 0 {
				if g, ok := p.r.got[n-1].(callmodel.ChannelGone); !ok || g.TechCause != tech {
					t.Errorf("%s ended with %+v", number, p.r.got[n-1])
				}
			}
			p.want(want)
		}
		call("sw-1", "49301", "channel-ringing channel-up", 0)
		call("sw-2", "49302", "channel-gone", 486)
		call("sw-3", "49303", "channel-gone", 410)
		call("sw-4", "49304", "channel-gone", 404)
		p.e.Elsewhere(Always(PhonePolicy{Mode: Manual}))
		call("sw-5", "49305", "channel-ringing", 0)
		call("sw-6", "49306", "channel-gone", 503) // the trunk has two channels
		if l, _ := p.e.Inventory().Leg("sw-5"); l.Dial != "49305" || l.CallerID != "+4989" || l.Trunk != "gw" || l.Endpoint != "" {
			t.Errorf("%+v", l)
		}
		if _, err := p.e.Place("801", Caller{Trunk: "gw"}); !fault.Is(err, fault.Busy) {
			t.Errorf("a call in by a full trunk: %v", err)
		}
		o := originate("sw-7", "p1")
		o.Dial = "49301"
		if r := p.e.Apply(t.Context(), o); !fault.Is(r.Err, fault.NotFound) {
			t.Errorf("a phone as trunk: %+v", r)
		}
		pass(20 * time.Second)
		p.want("channel-gone")
		if n := p.e.Trunk("gw", 2).Live(); n != 1 {
			t.Errorf("%d legs by the trunk", n)
		}
	})
}

// TestPhoneTransfers: what the controller is told of transfers by phone.
func TestPhoneTransfers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParty(t)
		ph := p.e.Phone("p1", PhonePolicy{Mode: Answers, Lines: 2})
		c := p.customer().Channel()
		p.call("b1", "sw-a", "p1", c)
		if err := ph.Connect(); !fault.Is(err, fault.Conflict) {
			t.Errorf("connect with one call: %v", err)
		}
		now, err := p.e.Replace("sw-a")
		if err != nil || ph.Channel() != now {
			t.Fatal(err, ph.Channel())
		}
		p.want("channel-replaced channel-left channel-joined channel-left-app channel-gone")
		p.hears(c, now)
		if err := ph.Transfer("8005"); err != nil {
			t.Fatal(err)
		}
		p.want("channel-unheld phone-transferred channel-left channel-left-app channel-gone")
		if b, _ := p.e.Inventory().Bridge("b1"); !slices.Equal(b.Members, []callmodel.ChannelID{c}) {
			t.Errorf("left behind: %v", b.Members)
		}
		p.call("b2", "sw-b", "p1", c)
		second, err := ph.Dial("102")
		if err != nil {
			t.Fatal(err)
		}
		p.want("channel-held channel-arrived")
		p.do(callmodel.Answer{Channel: second})
		p.call("b3", "sw-c", "p2", second)
		p.hears("sw-c", second)
		if _, err := ph.Dial("103"); !fault.Is(err, fault.Busy) {
			t.Errorf("third line: %v", err)
		}
		if err := ph.Connect(); err != nil {
			t.Fatal(err)
		}
		p.want("channel-unheld channel-unheld")
		pass(referWait)
		p.want("phone-transferred-to channel-left channel-left-app channel-gone channel-left-app channel-gone")
		if ph.LegState() != callmodel.LegNone {
			t.Errorf("the phone has a leg: %v", ph.Legs())
		}
	})
}

// TestStations: registration, notified answer, and what a Resync says of them.
func TestStations(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newParty(t)
		ph := p.e.Phone("p1", PhonePolicy{Mode: Manual})
		p.do(originate("sw-a", "p1"))
		pass(time.Second)
		p.do(callmodel.NotifyTalk{Channel: "sw-a", Endpoint: "p1"})
		pass(time.Second)
		p.want("channel-ringing channel-up")
		ph.SetPolicy(PhonePolicy{Mode: Unregistered})
		ph.SetPolicy(PhonePolicy{Mode: Unregistered})
		p.want("endpoint-state")
		if r := p.e.Apply(t.Context(), callmodel.NotifyTalk{Channel: "sw-a", Endpoint: "p1"}); !fault.Is(r.Err, fault.NotFound) {
			t.Errorf("notify of a phone that is away: %+v", r)
		}
		p.e.Resync()
		synctest.Wait()
		if rs := p.r.got[0].(callmodel.Resync); !slices.Equal(rs.Endpoints, []string{"p2", "p3"}) {
			t.Errorf("endpoints %v", rs.Endpoints)
		}
		p.facts()
		d := callmodel.Decide{EffectHead: callmodel.EffectHead{Call: callmodel.CallID{ID: callmodel.ID{1}}}, Step: 7}
		if r := p.e.Apply(t.Context(), d); r.Outcome != callmodel.Failed {
			t.Errorf("decision without a decider: %+v", r)
		}
		p.e.SetDecider(func(callmodel.Decide) (callmodel.Decision, time.Duration) {
			return callmodel.Decision{To: "queue:q1"}, time.Second
		})
		p.do(d)
		pass(time.Second)
		if got := p.r.got[0].(callmodel.Decision); got.Step != 7 || got.Call != d.Call || got.Outcome != callmodel.Done || got.To != "queue:q1" {
			t.Errorf("%+v", got)
		}
	})
}
