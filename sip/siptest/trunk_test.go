package siptest

import (
	"testing"
	"time"

	"strowger/sip/ua"
)

func TestTrunk(t *testing.T) {
	CheckGoroutines(t)
	pacer := NewPacer(t)
	tr := NewTrunk(t, TrunkConfig{
		Phone: ua.Config{Pacer: pacer}, Default: Script{Answer: true, Say: 900},
		Numbers: map[string]Script{
			"486": Refuse(486), "404": Refuse(404), "603": Refuse(603), "480": Refuse(480), "ring": RingOnly(), "early": EarlyTone(500),
			"late": {Answer: true, AnswerAfter: 300 * time.Millisecond, Early: 600}, "short": {Answer: true, HangupAfter: 50 * time.Millisecond},
		},
	})
	alice := NewCaller(t, ua.Config{User: "alice", Pacer: pacer})
	to := func(number string) string { return "sip:" + number + "@" + tr.LocalAddr().String() }
	for number, code := range map[string]int{"486": 486, "404": 404, "603": 603, "480": 480} {
		alice.Dial(to(number)).MustEndBy(ua.Remote, code)
		if a := tr.MustArrive(); a.Dialed != number || a.From.User != "alice" {
			t.Errorf("%+v", a)
		}
	}
	a := alice.DialAs(to("4930123"), ua.CallOptions{FromUser: "100", Headers: []ua.Header{
		{Name: "P-Asserted-Identity", Value: `"Desk, one" <sip:100@x>`}, {Name: "X-Test", Value: "1"},
	}})
	got, far := tr.MustArrive(), tr.Expect()
	if got.Dialed != "4930123" || got.From.User != "100" || got.Asserted.Name != "Desk, one" || got.Header("x-test") != "1" || far.Dialed() != "4930123" {
		t.Errorf("%+v", got)
	}
	a.MustBeAnswered()
	a.MustHear(900)
	if who := far.Snapshot().RemoteParty; who.User != "100" || who.Name != "Desk, one" {
		t.Errorf("remote party %+v", who)
	}
	a.MustHangup()
	far.MustEndBy(ua.Remote, 0)

	a = alice.Dial(to("late"))
	a.MustHear(600)
	if s := a.Snapshot(); !s.EarlyMedia || s.State != ua.Ringing || s.Code != 183 {
		t.Errorf("before the answer: %+v", s)
	}
	a.MustBeAnswered()
	a.MustHear(600)
	a.Say(1000)
	far = tr.Expect()
	far.MustHear(1000)
	far.MustHangup()
	a.MustEndBy(ua.Remote, 0)

	for _, number := range []string{"early", "ring"} {
		a = alice.Dial(to(number))
		a.MustRing()
		if number == "early" {
			a.MustHear(500)
		}
		a.MustHangup()
		tr.Expect().MustEndBy(ua.Remote, 487)
	}
	alice.Dial(to("short")).MustEndBy(ua.Remote, 0)
	tr.Script("short", Refuse(404))
	alice.Dial(to("short")).MustEndBy(ua.Remote, 404)
	if tr.Count() != 10 || len(tr.Arrivals()) != 10 {
		t.Errorf("%d arrivals", tr.Count())
	}
}
