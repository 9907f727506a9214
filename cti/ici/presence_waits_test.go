package ici

import (
	"testing"
	"time"

	"strowger/cti/ctitest"
)

func TestWaitingTimes(t *testing.T) {
	t.Parallel()
	sw := ctitest.NewFakeSwitch(ctitest.Config())
	sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	view, err := sw.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := view.WallTime(view.Calls[0].QueuedAt)
	second := *view.Calls[0] // came 30 s later, and is being offered
	second.QueuedAt = second.QueuedAt.Add(30 * time.Second)
	view.Calls = append(view.Calls, &second)
	for _, c := range []struct {
		now      time.Time
		avg, max string
	}{{at.Add(95*time.Second + time.Millisecond), "80", "95"}, {at.Add(-time.Hour), "0", "0"}} {
		q := queueFigures(view, c.now)["support"].info(view.Queues[0])
		if q.Pending != "2" || q.AvgWaiting != c.avg || q.MaxWaiting != c.max {
			t.Errorf("at %v: %+v", c.now, q)
		}
	}
}
