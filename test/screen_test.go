package test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/ari/link"
	"strowger/media/codec"
	"strowger/media/ears"
	"strowger/media/screen/screentest"
	"strowger/media/tone"
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
	t       *testing.T
	ex      *realExchange
	dir     string // of the journal
	journal *journal.Journal
	engine  *engine.Engine
	ears    *ears.Ears
	link    *link.Link
	trunk   *siptest.Trunk
	kept    chan ears.Heard
	log     *logBuffer
	next    int
}

// screenLimit is longer than a campaign would have: a machine that runs many
// tests at once stutters.
const screenLimit = 2 * time.Second

// screenCampaign names the campaign that uses a detector and does something with machines.
func screenCampaign(detector string, do callmodel.MachineDo) string {
	return detector + "-" + string(do)
}

func screenCampaigns() (out []callmodel.CampaignConfig) {
	for _, detector := range []string{callmodel.DetectorAsterisk, callmodel.DetectorAudio} {
		for _, do := range []callmodel.MachineDo{callmodel.MachineHangup, callmodel.MachineMessage} {
			c := callmodel.CampaignConfig{
				ID: screenCampaign(detector, do), Number: int64(len(out) + 1), Queue: "sales", Connect: 4 * time.Second,
				Screen: callmodel.ScreenConfig{Detector: detector, Limit: screenLimit, Sample: 100}, Dropped: []string{"sound:beep"}, Machine: do,
			}
			if do == callmodel.MachineMessage {
				c.MachineMedia = []string{"sound:beep"}
			}
			out = append(out, c)
		}
	}
	return out
}

func newScreenRig(t *testing.T) *screenRig {
	t.Helper()
	pacer := siptest.NewPacer(t)
	r := &screenRig{t: t, ex: newRealExchange(t, pacer), dir: t.TempDir(), kept: make(chan ears.Heard, 10), log: &logBuffer{}}
	r.trunk = siptest.NewTrunk(t, siptest.TrunkConfig{Phone: ua.Config{User: "carrier", Server: r.ex.in.SIPAddr(), Port: r.ex.carrier, Pacer: pacer}})
	r.start()
	t.Cleanup(func() {
		r.stop()
		if t.Failed() {
			t.Log(r.log.String())
		}
	})
	return r
}

// start starts the switch from its journal, and waits until it is in step.
func (r *screenRig) start() {
	r.t.Helper()
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	must := func(err error) {
		r.t.Helper()
		if err != nil {
			r.t.Fatal(err)
		}
	}
	var err error
	r.ears, err = ears.New(ears.Options{
		Listen: "127.0.0.1:0", Logger: log,
		Tell:     func(ctx context.Context, in callmodel.Input) error { return r.engine.Put(ctx, in) },
		Campaign: func(context.Context, callmodel.CallID) string { return "sampled" },
		Keep:     func(_ context.Context, h ears.Heard) error { r.kept <- h; return nil },
	})
	must(err)
	v := r.ex.in.Values()
	r.link, err = link.New(link.Options{
		Stream: link.Config{URL: r.ex.in.ARIURL(), User: v.ARIUser, Password: v.ARIPassword, App: "strowger"},
		Node:   "a1", Context: v.InContext, Ears: r.ears, Logger: log,
	})
	must(err)
	r.journal, _, err = journal.Open(r.dir, journal.Options{Logger: log})
	must(err)
	r.engine = engine.New(engine.Config{Router: acd.Router{}, Journal: r.journal, Effector: r.link, Logger: log, OnDoubt: r.link.Doubt})
	cfg := backendSite()
	cfg.Campaigns = screenCampaigns()
	must(r.engine.Start(r.t.Context(), cfg))
	must(r.ears.Start(r.t.Context()))
	must(r.link.Start(r.t.Context(), r.engine))
	eventually(r.t, "Asterisk is in step", func() bool {
		v, err := r.engine.View(r.t.Context())
		return err == nil && len(v.Nodes) == 1 && v.Nodes[0].Up
	})
}

// stop ends the switch; calls live on.
func (r *screenRig) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), waitFor)
	defer cancel()
	r.ears.Stop()
	r.link.Stop()
	if err := r.engine.Stop(ctx); err != nil {
		r.t.Errorf("engine: %v", err)
	}
	if err := r.journal.Close(); err != nil {
		r.t.Errorf("journal: %v", err)
	}
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

// answers has a number outside answer.
func (r *screenRig) answers(a screenAnswer) {
	r.trunk.Script(strings.TrimPrefix(a.number, "+"), siptest.Script{Answer: true, AnswerAfter: 100 * time.Millisecond, Greet: a.greet})
}

// TestScreen: what Asterisk's detector and ours take those for who answer, on
// real lines; the leg comes back, and goes on as the campaign says.
func TestScreen(t *testing.T) {
	siptest.CheckGoroutines(t)
	outside := screenAnswers(t)
	r := newScreenRig(t)
	for _, a := range outside {
		r.answers(a)
	}
	for _, detector := range []string{callmodel.DetectorAudio, callmodel.DetectorAsterisk} {
		ids := map[string]callmodel.CallID{}
		calls := r.ended(func() {
			for _, a := range outside {
				ids[a.name] = r.dial(screenCampaign(detector, callmodel.MachineHangup), a.number, callmodel.DialProgressive)
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
		if detector == callmodel.DetectorAudio {
			r.sampleOf(ids["a machine"])
		}
	}
	r.afterTheBeep(outside[1])
	r.overRestart(outside[0])
}

// sampleOf waits for the first seconds of a machine.
func (r *screenRig) sampleOf(id callmodel.CallID) {
	r.t.Helper()
	ctx, cancel := contextFor(r.t, waitFor)
	defer cancel()
	select {
	case h := <-r.kept:
		pcm, err := codec.ReadWAV(bytes.NewReader(h.Sound), 0)
		if err != nil || h.Call != id || len(pcm) < 3*codec.SampleRate || tone.Level(pcm[codec.SampleRate:2*codec.SampleRate]) < -35 {
			r.t.Errorf("a sample of %v with %d samples, %v", h.Call, len(pcm), err)
		}
	case <-ctx.Done():
		r.t.Error("the machine's sound was not kept")
	}
}

// afterTheBeep: a machine hears the message when it has beeped, not before.
func (r *screenRig) afterTheBeep(machine screenAnswer) {
	r.t.Helper()
	for i, detector := range []string{callmodel.DetectorAudio, callmodel.DetectorAsterisk} {
		machine.number = fmt.Sprintf("+491705510%d", i)
		r.answers(machine)
		calls := r.ended(func() {
			r.dial(screenCampaign(detector, callmodel.MachineMessage), machine.number, callmodel.DialProgressive)
		})
		for _, c := range calls {
			if c.Outcome != callmodel.OutcomeMachine || !c.Dial.Heard {
				r.t.Errorf("%s: %s (%s), outcome %s, message heard to its end: %v", detector, c.Dial.Verdict, c.Dial.Why, c.Outcome, c.Dial.Heard)
			}
		}
		log := r.trunk.Log()
		e := log[len(log)-1]
		beeped := e.Answered.Add(time.Duration(len(machine.greet)) * time.Second / codec.SampleRate)
		r.t.Logf("%s: the message began %v after the beep", detector, e.Sound.Sub(beeped))
		if e.Sound.Before(beeped) {
			r.t.Errorf("%s: the message began at %v, before the beep was over at %v", detector, e.Sound, beeped)
		}
	}
	for len(r.kept) > 0 {
		<-r.kept
	}
}

// overRestart: a controller that is away while it listens drops nobody; the leg
// waits for it in the dialplan, and who has answered is told who called.
func (r *screenRig) overRestart(person screenAnswer) {
	r.t.Helper()
	person.number = "+4917055201"
	r.answers(person)
	id := r.dial(screenCampaign(callmodel.DetectorAudio, callmodel.MachineHangup), person.number, callmodel.DialProgressive)
	eventually(r.t, "the detector listens", func() bool {
		v, err := r.engine.View(r.t.Context())
		return err == nil && slices.ContainsFunc(v.Calls, func(c *callmodel.Call) bool {
			return c.ID == id && c.Dial.Stage == callmodel.StageScreening && c.Dial.Away
		})
	})
	r.stop()
	r.start()
	eventually(r.t, "the person has heard the message, and the call is over", func() bool {
		log := r.trunk.Log()
		e := log[len(log)-1]
		return !e.Sound.IsZero() && !e.Ended.IsZero()
	})
}
