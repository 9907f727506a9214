package audiotest

import (
	"testing"
	"testing/synctest"
	"time"

	"strowger/switch/fault"
)

func TestOnset(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := NewMonitor()
		sound, err := m.MarkOnset(AnySound)
		if err != nil {
			t.Fatal(err)
		}
		agent, err := m.MarkOnset(1000)
		if err != nil {
			t.Fatal(err)
		}
		feed(t, m, 0, 200*time.Millisecond)
		feed(t, m, 1000, 20*time.Millisecond) // a click
		feed(t, m, 0, 100*time.Millisecond)
		if !sound.At().IsZero() || !agent.At().IsZero() {
			t.Errorf("a click began something: %v %v", sound.At(), agent.At())
		}
		first := time.Now().Add(20 * time.Millisecond)
		feed(t, m, 500, 300*time.Millisecond)
		if !sound.At().Equal(first) || !agent.At().IsZero() {
			t.Errorf("500 Hz: %v and %v, want %v and none", sound.At(), agent.At(), first)
		}
		second := time.Now().Add(20 * time.Millisecond)
		feed(t, m, 1000, 300*time.Millisecond)
		feed(t, m, 0, 100*time.Millisecond)
		feed(t, m, 1000, 300*time.Millisecond)
		if !sound.At().Equal(first) || !agent.At().Equal(second) {
			t.Errorf("1000 Hz: %v and %v, want %v and %v", sound.At(), agent.At(), first, second)
		}
		if _, err := m.MarkOnset(1); !fault.Is(err, fault.Invalid) {
			t.Errorf("1 Hz: %v", err)
		}
		for range MaxTones {
			_, err = m.MarkOnset(AnySound)
		}
		if _, busy := m.MarkOnset(AnySound); err != nil || !fault.Is(busy, fault.Busy) {
			t.Errorf("too many: %v, %v", err, busy)
		}
	})
}
