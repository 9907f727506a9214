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

// feed gives the monitor d of hz (0: silence) in 20 ms frames, in fake time.
func feed(t *testing.T, m *Monitor, hz float64, d time.Duration) {
	t.Helper()
	pcm := make([]int16, codec.FrameSamples)
	var g *tone.Generator
	if hz > 0 {
		var err error
		if g, err = tone.NewGenerator(hz, tone.DefaultLevel); err != nil {
			t.Fatal(err)
		}
	}
	for range d / (20 * time.Millisecond) {
		if g != nil {
			g.Fill(pcm)
		}
		<-time.After(20 * time.Millisecond)
		m.WriteFrame(time.Now(), pcm)
	}
}

// start runs wait in the background and returns where its error appears.
func start(t *testing.T, limit time.Duration, wait func(context.Context) error) <-chan error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	ch := make(chan error, 1)
	go func() { ch <- wait(ctx) }()
	synctest.Wait()
	return ch
}

func TestWaitTone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := NewMonitor()
		tone := func(ctx context.Context) error { return m.WaitTone(ctx, 400) }
		heard := start(t, time.Minute, tone)
		feed(t, m, 400, 80*time.Millisecond)
		feed(t, m, 0, 40*time.Millisecond)
		feed(t, m, 700, time.Second)
		if len(heard) != 0 {
			t.Fatal("80 ms of tone or another tone was taken for it")
		}
		feed(t, m, 400, 100*time.Millisecond)
		feed(t, m, 0, 20*time.Millisecond) // the waiter may wake after the tone ended
		if err := <-heard; err != nil {
			t.Fatal(err)
		}
		late := start(t, time.Second, tone)
		feed(t, m, 0, 2*time.Second)
		if err := <-late; !fault.Is(err, fault.Unavailable) {
			t.Fatalf("a tone of the past was heard: %v", err)
		}
		for _, l := range m.tones {
			if len(l.watches) != 0 {
				t.Errorf("%d watches left", len(l.watches))
			}
		}
	})
}

func TestGap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := NewMonitor()
		g, err := m.MarkGap(400)
		if err != nil {
			t.Fatal(err)
		}
		feed(t, m, 400, time.Second)
		if d := g.Longest(); d != 20*time.Millisecond || g.Blocks() != 50 {
			t.Fatalf("unbroken tone: gap %v, %d blocks", d, g.Blocks())
		}
		<-time.After(60 * time.Millisecond) // packets missing
		feed(t, m, 400, time.Second)
		if d := g.Longest(); d != 80*time.Millisecond {
			t.Fatalf("3 packets missing: gap %v, want 80ms", d)
		}
		feed(t, m, 0, 200*time.Millisecond) // packets without the tone
		feed(t, m, 400, 40*time.Millisecond)
		if d := g.Longest(); d != 220*time.Millisecond {
			t.Fatalf("200 ms of silence: gap %v, want 220ms", d)
		}
		<-time.After(time.Second) // the gap that is still open counts
		if d := g.Stop(); d != time.Second {
			t.Fatalf("open gap: %v, want 1s", d)
		}
		<-time.After(time.Second)
		if d := g.Longest(); d != time.Second {
			t.Fatalf("a stopped measurement went on: %v", d)
		}
	})
}

func TestWaitSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := NewMonitor()
		quiet := func(ctx context.Context) error { return m.WaitSilence(ctx, 300*time.Millisecond) }
		begin := time.Now()
		if err := <-start(t, time.Minute, quiet); err != nil || time.Since(begin) != 300*time.Millisecond {
			t.Fatalf("no packets: %v after %v", err, time.Since(begin))
		}
		ch := start(t, time.Minute, quiet)
		feed(t, m, 400, 500*time.Millisecond)
		if len(ch) != 0 {
			t.Fatal("a tone was taken for silence")
		}
		feed(t, m, 0, 300*time.Millisecond)
		if err := <-ch; err != nil {
			t.Fatal(err)
		}
		if m.Level() != tone.SilenceLevel || m.Frames() != 40 {
			t.Errorf("level %g, %d frames", m.Level(), m.Frames())
		}
		ch = start(t, 200*time.Millisecond, quiet)
		if err := <-ch; !fault.Is(err, fault.Unavailable) {
			t.Fatalf("deadline before the silence was long enough: %v", err)
		}
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	m := NewMonitor()
	for i := range MaxTones {
		if _, err := m.MarkGap(float64(200 + 100*i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.MarkGap(3000); !fault.Is(err, fault.Busy) {
		t.Errorf("17th tone: %v", err)
	}
	if err := m.WaitTone(t.Context(), 1); !fault.Is(err, fault.Busy) {
		t.Errorf("17th tone: %v", err)
	}
	for range MaxTones - 1 {
		if _, err := m.MarkGap(200); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.MarkGap(200); !fault.Is(err, fault.Busy) {
		t.Errorf("17th gap: %v", err)
	}
	if err := NewMonitor().WaitTone(t.Context(), 1); !fault.Is(err, fault.Invalid) {
		t.Errorf("1 Hz: %v", err)
	}
}
