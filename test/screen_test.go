package test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/ari/link"
	"strowger/media/ears"
	"strowger/media/rtpio"
	"strowger/media/screen/screentest"
	"strowger/sip/siptest"
	"strowger/sip/ua"
	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/engine"
	"strowger/switch/store/journal"
)

// screenRig is a switch on a real Asterisk whose campaigns have no agent, and a
// world outside that answers in many ways.
type screenRig struct {
	t      *testing.T
	engine *engine.Engine
	ears   *ears.Ears
	trunk  *siptest.Trunk
	kept   chan ears.Heard
	log    *logBuffer
	next   byte
}

// screenLimit is longer than a campaign would have: a machine that runs many
// tests at once stutters.
const screenLimit = 2 * time.Second

func screenCampaigns() (out []callmodel.CampaignConfig) {
	for _, detector := range []string{callmodel.DetectorAsterisk, callmodel.DetectorAudio} {
		for _, do := range []callmodel.MachineDo{callmodel.MachineHangup, callmodel.MachineMessage} {
			c := callmodel.CampaignConfig{
				ID: detector + "-" + string(do), Number: int64(len(out) + 1), Queue: "sales", Connect: 4 * time.Second,
				Screen: callmodel.ScreenConfig{Detector: detector, Limit: screenLimit}, Dropped: []string{"sound:beep"}, Machine: do,
			}
			if do == callmodel.MachineMessage {
				c.MachineMedia = []string{"tone:busy"}
			}
			out = append(out, c)
		}
	}
	return out
}

func newScreenRig(t *testing.T, pacer *rtpio.Pacer) *screenRig {
	t.Helper()
	ex := newRealExchange(t, pacer)
	r := &screenRig{t: t, kept: make(chan ears.Heard, 10), log: &logBuffer{}}
	r.trunk = siptest.NewTrunk(t, siptest.TrunkConfig{Phone: ua.Config{User: "carrier", Server: ex.in.SIPAddr(), Port: ex.carrier, Pacer: pacer}})
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	r.ears, err = ears.New(ears.Options{
		Listen: "127.0.0.1:0", Logger: log,
		Tell:     func(ctx context.Context, in callmodel.Input) error { return r.engine.Put(ctx, in) },
		Campaign: func(context.Context, callmodel.CallID) string { return "sampled" },
		Keep:     func(_ context.Context, h ears.Heard) error { r.kept <- h; return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.ears.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.ears.Stop)
	v := ex.in.Values()
	l, err := link.New(link.Options{
		Stream: link.Config{URL: ex.in.ARIURL(), User: v.ARIUser, Password: v.ARIPassword, App: "strowger"},
		Node:   "a1", Context: v.InContext, Ears: r.ears, Logger: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	j, _, err := journal.Open(t.TempDir(), journal.Options{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	r.engine = engine.New(engine.Config{Router: acd.Router{}, Journal: j, Effector: l, Logger: log, OnDoubt: l.Doubt})
	cfg := backendSite()
	cfg.Campaigns = screenCampaigns()
	if err := r.engine.Start(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), waitFor)
		defer cancel()
		if err := r.engine.Stop(ctx); err != nil {
			t.Errorf("engine: %v", err)
		}
		l.Stop()
		if t.Failed() {
			t.Log(r.log.String())
		}
	})
	if err := l.Start(t.Context(), r.engine); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Asterisk is in step", func() bool {
		v, err := r.engine.View(t.Context())
		return err == nil && len(v.Nodes) == 1 && v.Nodes[0].Up
	})
	return r
}

// speak is what a voice says, or the layer is skipped.
func speak(t *testing.T, voice, text string) siptest.Clip {
	t.Helper()
	if !screentest.Found() {
		skipLayer(t, "spoken greetings", screentest.Program+" is not installed: apt-get install "+screentest.Program)
	}
	pcm, err := screentest.Speak(t.Context(), filepath.Join(cacheDir(), "speech"), voice, text, 160)
	if err != nil {
		t.Fatal(err)
	}
	return pcm
}

// screenAnswer is how somebody outside answers, and what that is taken for.
type screenAnswer struct {
	number string
	name   string
	greet  siptest.Clip
	audio  []callmodel.ScreenVerdict // by our detector
	amd    []callmodel.ScreenVerdict // by Asterisk's
}

func screenAnswers(t *testing.T) []screenAnswer {
	const text = "Welcome to the voice mail service. The customer you have dialled cannot take your call."
	hello, greeting := speak(t, "en+f2", "Hello?"), speak(t, "en+m3", text)
	ring := siptest.Clip(screentest.Tones(screentest.Tone{Hz: []float64{425}, MS: 1000, Level: -16}))
	human, machine := []callmodel.ScreenVerdict{callmodel.VerdictHuman}, []callmodel.ScreenVerdict{callmodel.VerdictMachine}
	notMachine := []callmodel.ScreenVerdict{callmodel.VerdictHuman, callmodel.VerdictUnsure, callmodel.VerdictSilence}
	anything := append([]callmodel.ScreenVerdict{callmodel.VerdictMachine}, notMachine...) // Asterisk's detector knows no tones
	return []screenAnswer{
		{"+4917055001", "a person", siptest.Join(siptest.Pause(300*time.Millisecond), hello), human, human},
		{"+4917055002", "a machine", siptest.Join(greeting, siptest.Pause(200*time.Millisecond), siptest.Beep(1000, 400*time.Millisecond)), machine, machine},
		{"+4917055003", "special tones", siptest.SIT(), []callmodel.ScreenVerdict{callmodel.VerdictSIT}, anything},
		{"+4917055004", "a fax", siptest.Join(siptest.Pause(200*time.Millisecond), siptest.Beep(2100, 3*time.Second)), []callmodel.ScreenVerdict{callmodel.VerdictFax}, anything},
		{"+4917055005", "nobody", siptest.Pause(10 * time.Second), []callmodel.ScreenVerdict{callmodel.VerdictSilence}, notMachine},
		{"+4917055006", "a line that rings on, then a person", siptest.Join(ring, siptest.Pause(500*time.Millisecond), hello), human, anything},
	}
}

// dial calls a number for a campaign and returns the call's id.
func (r *screenRig) dial(campaign, number string, mode callmodel.DialMode) callmodel.CallID {
	r.t.Helper()
	r.next++
	id := callmodel.CallID{ID: r.engine.NewID()}
	err := r.engine.Do(r.t.Context(), callmodel.Dial{Call: id, Campaign: campaign, Lead: fmt.Sprint(r.next), Mode: mode, Number: number})
	if err != nil {
		r.t.Fatalf("%s to %s: %v", campaign, number, err)
	}
	return id
}

// ended collects calls as they were when they ended.
func (r *screenRig) ended(begin func()) map[callmodel.CallID]*callmodel.Call {
	r.t.Helper()
	_, sub, err := r.engine.Watch(r.t.Context(), "screen")
	if err != nil {
		r.t.Fatal(err)
	}
	defer sub.Close()
	begin()
	ctx, cancel := contextFor(r.t, time.Minute)
	defer cancel()
	open, out := map[callmodel.CallID]bool{}, map[callmodel.CallID]*callmodel.Call{}
	for began := false; !began || len(open) > 0; {
		events, err := sub.Next(ctx)
		if err != nil {
			r.t.Fatalf("%v; still open: %v", err, open)
		}
		for _, e := range events {
			switch {
			case e.Kind == callmodel.EvCallStarted:
				open[e.Call.ID], began = true, true
			case e.Kind == callmodel.EvCallEnded:
				delete(open, e.Call.ID)
				out[e.Call.ID] = e.Call
			}
		}
	}
	return out
}

// TestScreen: what Asterisk's detector and ours take those for who answer, on
// real lines; the leg comes back, and goes on as the campaign says.
func TestScreen(t *testing.T) {
	siptest.CheckGoroutines(t)
	outside := screenAnswers(t)
	r := newScreenRig(t, siptest.NewPacer(t))
	for _, a := range outside {
		r.trunk.Script(strings.TrimPrefix(a.number, "+"), siptest.Script{Answer: true, AnswerAfter: 100 * time.Millisecond, Greet: a.greet})
	}
	for _, detector := range []string{callmodel.DetectorAudio, callmodel.DetectorAsterisk} {
		ids := map[string]callmodel.CallID{}
		calls := r.ended(func() {
			for _, a := range outside {
				ids[a.name] = r.dial(detector+"-"+string(callmodel.MachineHangup), a.number, callmodel.DialProgressive)
			}
		})
		for _, a := range outside {
			c := calls[ids[a.name]]
			want := a.audio
			if detector == callmodel.DetectorAsterisk {
				want = a.amd
			}
			t.Logf("%s, %s: %s (%s) %v after the answer, by the detector's clock %v; outcome %s", detector, a.name, c.Dial.Verdict, c.Dial.Why, c.Dial.VerdictAt.Sub(c.AnsweredAt), c.Dial.Took, c.Outcome)
			if !slices.Contains(want, c.Dial.Verdict) {
				t.Errorf("%s takes %s for %s (%s), want one of %v", detector, a.name, c.Dial.Verdict, c.Dial.Why, want)
			}
		}
	}
}
