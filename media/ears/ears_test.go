package ears_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"strings"
	"testing"
	"time"

	"strowger/media/codec"
	"strowger/media/ears"
	"strowger/media/screen/screentest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

const patience = 20 * time.Second

type rig struct {
	*ears.Ears
	t     *testing.T
	facts chan callmodel.Screened
	kept  chan ears.Heard
	full  error
}

func start(t *testing.T, change func(*ears.Options)) *rig {
	t.Helper()
	r := &rig{t: t, facts: make(chan callmodel.Screened, 100), kept: make(chan ears.Heard, 100)}
	o := ears.Options{
		Listen: "127.0.0.1:0",
		Tell: func(_ context.Context, in callmodel.Input) error {
			v, ok := in.(callmodel.Screened)
			if !ok {
				t.Errorf("told %T", in)
			}
			r.facts <- v
			return nil
		},
		Campaign: func(context.Context, callmodel.CallID) string { return "spring" },
		Keep: func(_ context.Context, h ears.Heard) error {
			if r.full != nil {
				return r.full
			}
			r.kept <- h
			return nil
		},
	}
	if change != nil {
		change(&o)
	}
	var err error
	if r.Ears, err = ears.New(o); err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Stop)
	return r
}

// ear is where a call is to be sent.
type ear struct {
	id, address string
	forget      func()
}

func (r *rig) hear(o callmodel.Screen) ear {
	r.t.Helper()
	o.Channel = "sw-1"
	if o.Limit == 0 {
		o.Limit = 1200 * time.Millisecond
	}
	id, address, forget, err := r.Hear(o)
	if err != nil {
		r.t.Fatal(err)
	}
	return ear{id, address, forget}
}

// call sends sound as Asterisk does, as fast as it goes, and returns what comes back.
func (r *rig) call(e ear, pcm []int16, end []byte) []byte {
	r.t.Helper()
	return r.send(e, pcm, end, true)
}

// stall is a line that sends sound, and then nothing, until it is given back.
func (r *rig) stall(e ear, pcm []int16) { r.send(e, pcm, nil, false) }

func (r *rig) send(e ear, pcm []int16, end []byte, hangUp bool) []byte {
	c, err := net.Dial("tcp", e.address)
	if err != nil {
		r.t.Error(err)
		return nil
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(patience))
	var b bytes.Buffer
	id := strings.ReplaceAll(e.id, "-", "")
	b.Write([]byte{1, 0, 16})
	for i := 0; i < len(id); i += 2 {
		var x byte
		for _, d := range id[i : i+2] {
			x = x<<4 | byte(strings.IndexRune("0123456789abcdef", d))
		}
		b.WriteByte(x)
	}
	for ; len(pcm) > 0; pcm = pcm[min(len(pcm), codec.FrameSamples):] {
		part := pcm[:min(len(pcm), codec.FrameSamples)]
		b.Write([]byte{0x10, byte(2 * len(part) >> 8), byte(2 * len(part))})
		for _, s := range part {
			b.Write(binary.LittleEndian.AppendUint16(nil, uint16(s)))
		}
	}
	b.Write(end)
	_, _ = c.Write(b.Bytes()) // the other side may have heard enough
	if t, ok := c.(*net.TCPConn); ok && hangUp {
		_ = t.CloseWrite()
	}
	var back bytes.Buffer
	_, _ = back.ReadFrom(c) // until it closes
	return back.Bytes()
}

func (r *rig) fact() callmodel.Screened {
	r.t.Helper()
	select {
	case v := <-r.facts:
		return v
	case <-time.After(patience):
		r.t.Fatal("no verdict")
		return callmodel.Screened{}
	}
}

// speech is a tone with pauses, as long as said.
func speech(ms int) (out []int16) {
	for len(out) < ms*8 {
		out = append(out, screentest.Tones(screentest.Tone{Hz: []float64{300, 700, 1100}, MS: 160, Level: -18}, screentest.Tone{MS: 40})...)
	}
	return out[:ms*8]
}

func quiet(ms int) []int16 { return make([]int16, ms*8) }

var hangup = []byte{0, 0, 0}

func TestVerdictsReachTheSwitch(t *testing.T) {
	r := start(t, nil)
	for name, c := range map[string]struct {
		pcm  []int16
		end  []byte
		want callmodel.ScreenVerdict
		back bool
	}{
		"a person":        {append(speech(400), quiet(1500)...), nil, callmodel.VerdictHuman, true},
		"a machine":       {speech(3000), nil, callmodel.VerdictMachine, true},
		"a fax":           {screentest.Tones(screentest.Tone{Hz: []float64{2100}, MS: 1000, Level: -14}), nil, callmodel.VerdictFax, true},
		"nobody":          {quiet(3000), nil, callmodel.VerdictSilence, true},
		"number is wrong": {append(screentest.SpecialTones(0), quiet(500)...), nil, callmodel.VerdictSIT, true},
		"hangs up":        {speech(100), hangup, callmodel.VerdictGone, false},
		"is cut off":      {speech(100), nil, callmodel.VerdictGone, false},
		"is nonsense":     {nil, []byte{0x42, 1, 2}, callmodel.VerdictUnsure, false},
	} {
		back := r.call(r.hear(callmodel.Screen{}), c.pcm, c.end)
		v := r.fact()
		if v.Verdict != c.want || v.Channel != "sw-1" || v.Why == "" || v.Took <= 0 || v.Beep {
			t.Errorf("%s: %+v, want %s", name, v, c.want)
		}
		if (v.Verdict == callmodel.VerdictHuman) != (v.Greeting > 0) {
			t.Errorf("%s: the greeting was over %v ago", name, v.Greeting)
		}
		if open := v.Verdict == callmodel.VerdictSilence; v.Open != open {
			t.Errorf("%s: heard that they have not ended their greeting: %v, want %v", name, v.Open, open)
		}
		if given := bytes.Equal(back, hangup); given != c.back {
			t.Errorf("%s: given back with % x", name, back)
		}
	}
	if n := r.Counts(); n.Verdicts[callmodel.VerdictHuman] != 1 || n.Verdicts[callmodel.VerdictGone] != 2 || len(r.facts) != 0 {
		t.Errorf("%+v, %d more verdicts", n, len(r.facts))
	}
}

// TestWhoIsStillSpeakingHasNotEnded: only what was heard until the verdict says
// so. A line that sends nothing any more may have been silent since.
func TestWhoIsStillSpeakingHasNotEnded(t *testing.T) {
	r := start(t, nil)
	r.call(r.hear(callmodel.Screen{}), append(quiet(700), speech(3000)...), nil)
	if v := r.fact(); v.Verdict != callmodel.VerdictUnsure || !v.Open || v.Greeting != 0 {
		t.Errorf("still speaking: %+v", v)
	}
	e := r.hear(callmodel.Screen{Limit: 300 * time.Millisecond})
	began := time.Now()
	stall := make(chan struct{})
	go func() {
		defer close(stall)
		r.stall(e, append(quiet(40), speech(100)...))
	}()
	v := r.fact()
	if v.Verdict != callmodel.VerdictUnsure || v.Open || v.Greeting < 200*time.Millisecond || v.Greeting > time.Since(began) {
		t.Errorf("a line that sends no more: %+v", v)
	}
	<-stall
}

func TestALineThatRingsOnIsToldAtOnce(t *testing.T) {
	r := start(t, nil)
	ring := screentest.Tones(screentest.Tone{Hz: []float64{425}, MS: 1000, Level: -16}, screentest.Tone{MS: 600})
	r.call(r.hear(callmodel.Screen{}), append(append(ring, speech(400)...), quiet(1000)...), nil)
	if v := r.fact(); v.Verdict != callmodel.VerdictRings {
		t.Errorf("%+v", v)
	}
	if v := r.fact(); v.Verdict != callmodel.VerdictHuman || v.Greeting == 0 {
		t.Errorf("%+v", v)
	}
}

func TestNobodyComesToBeHeard(t *testing.T) {
	r := start(t, nil)
	r.hear(callmodel.Screen{Limit: 50 * time.Millisecond})
	if v := r.fact(); v.Verdict != callmodel.VerdictUnsure {
		t.Errorf("%+v", v)
	}
	r.hear(callmodel.Screen{Limit: 50 * time.Millisecond, Beep: true})
	if v := r.fact(); v.Verdict != callmodel.VerdictMachine || v.Beep {
		t.Errorf("%+v", v)
	}
	e := r.hear(callmodel.Screen{Limit: time.Second})
	e.forget()
	if back := r.call(e, speech(100), nil); len(back) != 0 {
		t.Errorf("a forgotten ear gave back % x", back)
	}
	r.Stop()
	if len(r.facts) != 0 {
		t.Errorf("a verdict of who was not heard: %+v", <-r.facts)
	}
	if _, _, _, err := r.Hear(callmodel.Screen{Channel: "sw-1", Limit: time.Second}); !fault.Is(err, fault.Stopped) {
		t.Errorf("after Stop: %v", err)
	}
}

func TestBeepIsToldAndGivesBack(t *testing.T) {
	r := start(t, nil)
	pcm := append(append(speech(3000), screentest.Tones(screentest.Tone{Hz: []float64{1000}, MS: 400, Level: -12})...), quiet(2000)...)
	back := r.call(r.hear(callmodel.Screen{Beep: true, Limit: 25 * time.Second}), pcm, nil)
	if v := r.fact(); !v.Beep || v.Verdict != callmodel.VerdictMachine || !bytes.Equal(back, hangup) {
		t.Errorf("%+v, given back with % x", v, back)
	}
	r.call(r.hear(callmodel.Screen{Beep: true, Limit: 25 * time.Second}), speech(500), nil)
	if v := r.fact(); v.Beep {
		t.Errorf("a beep of a machine that was cut off: %+v", v)
	}
}

// TestSamples: a machine is heard on for four seconds, anybody else is not kept.
func TestSamples(t *testing.T) {
	r := start(t, nil)
	id := callmodel.CallID{ID: callmodel.ID{7}}
	order := callmodel.Screen{EffectHead: callmodel.EffectHead{Call: id}, Keep: true}
	for name, pcm := range map[string][]int16{"a person": append(speech(400), quiet(5000)...), "nobody": quiet(6000)} {
		r.call(r.hear(order), pcm, nil)
		if v := r.fact(); v.Verdict == callmodel.VerdictMachine {
			t.Errorf("%s: %+v", name, v)
		}
	}
	r.call(r.hear(order), speech(6000), nil)
	if v := r.fact(); v.Verdict != callmodel.VerdictMachine {
		t.Fatalf("%+v", v)
	}
	r.call(r.hear(order), speech(2000), hangup) // the switch hangs up before
	r.fact()
	order.Beep, order.Limit = true, 25*time.Second // whoever it is hears a message soon
	r.call(r.hear(order), append(append(speech(1000), screentest.Tones(screentest.Tone{Hz: []float64{1000}, MS: 400, Level: -12})...), quiet(320)...), nil)
	if v := r.fact(); !v.Beep {
		t.Errorf("%+v", v)
	}
	r.call(r.hear(order), speech(500), hangup) // a person whom nobody answers
	if v := r.fact(); v.Verdict != callmodel.VerdictGone {
		t.Errorf("%+v", v)
	}
	order.Beep, order.Limit = false, 0
	for _, want := range []int{32000, 16000, 1600 * 8, 500 * 8} {
		select {
		case h := <-r.kept:
			pcm, err := codec.ReadWAV(bytes.NewReader(h.Sound), 0)
			if err != nil || len(pcm) != want || h.Campaign != "spring" || h.Call != id || h.Verdict != callmodel.VerdictMachine || time.Since(h.At) > time.Hour {
				t.Errorf("%d samples, want %d; %+v, %v", len(pcm), want, h.Campaign, err)
			}
			if h.Sound[40] != byte(2*want) || len(h.Sound) != 44+2*want {
				t.Errorf("a header that is not true: % x", h.Sound[:44])
			}
		case <-time.After(patience):
			t.Fatal("no sample")
		}
	}
	r.full = fault.New(fault.Busy, "keep", "", "full")
	r.call(r.hear(order), speech(2000), hangup)
	r.fact()
	r.Stop()
	if n := r.Counts(); n.Kept != 4 || n.Lost != 1 {
		t.Errorf("%d kept, %d lost", n.Kept, n.Lost)
	}
}

func TestAddresses(t *testing.T) {
	if _, err := ears.New(ears.Options{Listen: "127.0.0.1"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an address without a port: %v", err)
	}
	for _, listen := range []string{":0", "0.0.0.0:0", "[::]:0"} {
		e, err := ears.New(ears.Options{Listen: listen})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Start(t.Context()); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s without an address: %v", listen, err)
		}
		e.Stop()
	}
	r := start(t, func(o *ears.Options) { o.Address = "switch.example.com:9092" })
	if a := r.hear(callmodel.Screen{}).address; a != "switch.example.com:9092" {
		t.Error(a)
	}
}
