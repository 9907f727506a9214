package siptest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"strowger/media/codec"
	"strowger/sip/ua"
)

// The trunk's log says of each INVITE what became of it, by the trunk's clock.
func TestTrunkLog(t *testing.T) {
	CheckGoroutines(t)
	pacer := NewPacer(t)
	tr := NewTrunk(t, TrunkConfig{
		Phone: ua.Config{Pacer: pacer}, Default: RingOnly(),
		Numbers: map[string]Script{
			"404": Refuse(404), "busy": {Reject: 486, RefuseAfter: 100 * time.Millisecond}, "short": {Answer: true, HangupAfter: 50 * time.Millisecond},
			"person":  {Answer: true, AnswerAfter: 200 * time.Millisecond, Greet: Beep(600, 300*time.Millisecond), Say: 700, Listen: 1000},
			"machine": {Answer: true, Greet: Machine(Beep(500, 200*time.Millisecond)), HangupAfter: 2 * time.Second},
		},
	})
	alice := NewCaller(t, ua.Config{User: "alice", Pacer: pacer})
	to := func(number string) string { return "sip:" + number + "@" + tr.LocalAddr().String() }
	alice.Dial(to("404")).MustEndBy(ua.Remote, 404)
	alice.Dial(to("busy")).MustEndBy(ua.Remote, 486)
	alice.Dial(to("short")).MustEndBy(ua.Remote, 0)

	a := alice.Dial(to("ring"))
	a.MustRing()
	a.MustHangup()

	a = alice.Dial(to("person"))
	a.MustBeAnswered()
	began := time.Now()
	a.MustHear(600)
	a.MustHear(700)
	far := tr.Expect()
	for far.Dialed() != "person" {
		far = tr.Expect()
	}
	a.Say(500) // a message: a sound, and not the agent
	far.MustHear(500)
	a.Say(1000)
	far.MustHear(1000)
	a.MustHangup()

	a = alice.Dial(to("machine"))
	a.MustBeAnswered()
	a.MustHear(500)
	a.MustHear(1000)
	a.MustEndBy(ua.Remote, 0)

	if err := tr.WaitQuiet(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		number    string
		code      int
		by        ua.By
		answered  bool
		cancelled bool
	}{
		{"404", 404, ua.Local, false, false},
		{"busy", 486, ua.Local, false, false},
		{"short", 200, ua.Local, true, false},
		{"ring", 487, ua.Remote, false, true},
		{"person", 200, ua.Remote, true, false},
		{"machine", 200, ua.Local, true, false},
	} {
		e := entry(tr, c.number)
		if e.CallID == "" || e.Code != c.code || e.By != c.by || e.Answered.IsZero() == c.answered || e.Cancelled() != c.cancelled || e.Ended.Before(e.At) {
			t.Errorf("%s: %+v", c.number, e)
		}
	}
	if e := entry(tr, "busy"); e.Ended.Sub(e.At) < 100*time.Millisecond {
		t.Errorf("refused after %v", e.Ended.Sub(e.At))
	}
	p := entry(tr, "person")
	if p.Answered.Sub(p.At) < 200*time.Millisecond || p.Answered.After(began) || !p.Sound.After(p.Answered) || !p.Heard.After(p.Sound) || !p.Ended.After(p.Heard) {
		t.Errorf("the times of a conversation: %+v", p)
	}
	if tr.Live() != 0 {
		t.Errorf("%d calls are alive", tr.Live())
	}
}

func entry(tr *Trunk, number string) Entry {
	for _, e := range tr.Log() {
		if e.Dialed == number {
			return e
		}
	}
	return Entry{}
}

func TestTrunkWaitsInVain(t *testing.T) {
	CheckGoroutines(t)
	pacer := NewPacer(t)
	tr := NewTrunk(t, TrunkConfig{Phone: ua.Config{Pacer: pacer}})
	a := NewCaller(t, ua.Config{User: "alice", Pacer: pacer}).Dial("sip:1@" + tr.LocalAddr().String())
	a.MustRing()
	ctx, cancel := tr.ctx()
	cancel()
	if err := tr.WaitQuiet(ctx, 1); err == nil {
		t.Error("a ringing call is quiet")
	}
	a.MustHangup()
}

func TestClips(t *testing.T) {
	t.Parallel()
	clip := Join(SIT(), Syllables(500*time.Millisecond), Beep(0, time.Second))
	if d := clip.Length(); d != 3*330*time.Millisecond+2500*time.Millisecond {
		t.Errorf("%v long", d)
	}
	file := filepath.Join(t.TempDir(), "a.wav")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w, err := codec.NewWAVWriter(f, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{func() error { return w.Write(clip) }, w.Close, f.Close} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if read, err := ReadClip(file); err != nil || len(read) != len(clip) || read[100] != clip[100] {
		t.Errorf("read %d samples of %d: %v", len(read), len(clip), err)
	}
	if _, err := ReadClip(file + ".gone"); err == nil {
		t.Error("a clip was read that is not there")
	}
}
