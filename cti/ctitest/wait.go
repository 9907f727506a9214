package ctitest

import (
	"testing"
	"time"
)

// eventuallyWithin is how long a test waits for what comes at once on a machine
// with nothing else to do.
const eventuallyWithin = 20 * time.Second

// Eventually waits for something that another goroutine brings about.
func Eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	limit := time.After(eventuallyWithin)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("not in time: %s", what)
		}
	}
}
