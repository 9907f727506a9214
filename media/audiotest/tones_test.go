package audiotest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"strowger/media/codec"
	"strowger/media/tone"
	"strowger/switch/fault"
)

// voice is one tone of a mix.
type voice struct{ hz, level float64 }

// feedMix gives the monitor a mix in 20 ms frames, in fake time.
func feedMix(t *testing.T, m *Monitor, d time.Duration, voices ...voice) {
	t.Helper()
	var gens []*tone.Generator
	for _, v := range voices {
		g, err := tone.NewGenerator(v.hz, v.level)
		if err != nil {
			t.Fatal(err)
		}
		gens = append(gens, g)
	}
	pcm, one := make([]int16, codec.FrameSamples), make([]int16, codec.FrameSamples)
	for range d / (20 * time.Millisecond) {
		clear(pcm)
		for _, g := range gens {
			g.Fill(one)
			for i := range pcm {
				pcm[i] += one[i]
			}
		}
		<-time.After(20 * time.Millisecond)
		m.WriteFrame(time.Now(), pcm)
	}
}

func TestTonesTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := NewMonitor()
		all := func(ctx context.Context) error { return m.WaitTones(ctx, 400, 700, 1000, 1300) }
		heard := start(t, time.Minute, all)
		feedMix(t, m, time.Second, voice{400, -10}, voice{700, -15}, voice{1000, -20})
		feedMix(t, m, time.Second, voice{1300, -20})
		feedMix(t, m, 80*time.Millisecond, voice{400, -10}, voice{700, -15}, voice{1000, -20}, voice{1300, -28})
		if len(heard) != 0 {
			t.Fatal("three of four, one after the other, or 80 ms were taken for all at once")
		}
		feed(t, m, 0, 20*time.Millisecond)
		feedMix(t, m, 40*time.Millisecond, voice{400, -10}, voice{700, -15}, voice{1000, -20}, voice{1300, -28})
		if len(heard) != 0 {
			t.Fatal("80 ms and 40 ms with a break between them are no 100 ms")
		}
		feed(t, m, 0, 20*time.Millisecond)
		feedMix(t, m, 100*time.Millisecond, voice{400, -10}, voice{700, -15}, voice{1000, -20}, voice{1300, -28})
		if err := <-heard; err != nil {
			t.Fatal(err)
		}
		if len(m.chords) != 0 || len(m.tones[400].watches) != 0 {
			t.Error("a wait left something behind")
		}
	})
}

func TestToneAbsent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := NewMonitor()
		absent := func(ctx context.Context) error { return m.WaitNoTone(ctx, 1000, 300*time.Millisecond) }
		ch := start(t, time.Second, absent)
		feedMix(t, m, 1100*time.Millisecond, voice{400, -10}, voice{1000, -26})
		if err := <-ch; !fault.Is(err, fault.Unavailable) {
			t.Fatalf("a weak tone in a mix was not noticed: %v", err)
		}
		ch = start(t, time.Second, absent)
		feedMix(t, m, 200*time.Millisecond, voice{400, -10})
		if len(ch) != 0 {
			t.Fatal("200 ms were taken for 300")
		}
		feedMix(t, m, 200*time.Millisecond, voice{400, -10}, voice{700, -10})
		if err := <-ch; err != nil {
			t.Fatal(err)
		}
	})
}

func TestWaitSound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := NewMonitor()
		feed(t, m, 400, 200*time.Millisecond)
		ch := start(t, time.Minute, m.WaitSound)
		feed(t, m, 400, time.Second) // was there before
		feed(t, m, 0, 40*time.Millisecond)
		feed(t, m, 400, 100*time.Millisecond) // the pause was too short
		feed(t, m, 0, 200*time.Millisecond)
		feed(t, m, 400, 20*time.Millisecond) // a click
		feed(t, m, 0, 20*time.Millisecond)
		if len(ch) != 0 {
			t.Fatal("a sound without silence before it, or a click, was taken for a beep")
		}
		feed(t, m, 0, 100*time.Millisecond)
		feed(t, m, 1400, 60*time.Millisecond)
		feed(t, m, 0, 100*time.Millisecond)
		if err := <-ch; err != nil {
			t.Fatal(err)
		}
		ch = start(t, time.Minute, m.WaitSound)
		<-time.After(time.Second) // no packets are silence too
		feed(t, m, 900, 40*time.Millisecond)
		if err := <-ch; err != nil {
			t.Fatal(err)
		}
		if err := <-start(t, time.Second, m.WaitSound); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("silence only: %v", err)
		}
		if len(m.sounds) != 0 {
			t.Error("a wait left something behind")
		}
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	m := NewMonitor()
	k, err := m.MarkKeys()
	if err != nil {
		t.Fatal(err)
	}
	d, err := tone.NewDial("12#")
	if err != nil {
		t.Fatal(err)
	}
	pcm := make([]int16, codec.FrameSamples)
	for d.ReadFrame(pcm) {
		m.WriteFrame(time.Now(), pcm)
	}
	if got, err := k.Wait(t.Context(), 3); err != nil || got != "12#" {
		t.Errorf("%q, %v", got, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if got, err := k.Wait(ctx, 4); got != "12#" || !fault.Is(err, fault.Unavailable) {
		t.Errorf("a fourth: %q, %v", got, err)
	}
	if k.Stop() != "12#" || m.dial != nil || k.Stop() != "12#" {
		t.Error("stop")
	}
	for range MaxTones {
		if _, err := m.MarkKeys(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.MarkKeys(); !fault.Is(err, fault.Busy) {
		t.Errorf("17th: %v", err)
	}
	if err := m.WaitTones(t.Context()); !fault.Is(err, fault.Invalid) {
		t.Errorf("no tone: %v", err)
	}
	if err := m.WaitTones(t.Context(), 400, 1); !fault.Is(err, fault.Invalid) || len(m.tones[400].watches) != 0 {
		t.Errorf("a bad tone after a good one: %v", err)
	}
}
