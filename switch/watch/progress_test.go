package watch

import (
	"context"
	"testing"
	"time"
)

// TestProgress: who waits for an event goes on when it has been taken in, not
// before, and not for ever.
func TestProgress(t *testing.T) {
	t.Parallel()
	var p Progress
	p.Await(t.Context(), 0) // there already
	done := make(chan uint64, 2)
	for range 2 {
		go func() {
			p.Await(t.Context(), 3)
			done <- p.Seq()
		}()
	}
	for seq := uint64(1); seq <= 3; seq++ {
		p.Reach(seq)
	}
	for range 2 {
		select {
		case at := <-done:
			if at != 3 {
				t.Errorf("woken at %d", at)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("nobody is woken")
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	p.Await(gone, 4)
	if p.Seq() != 3 {
		t.Errorf("at %d", p.Seq())
	}
}
