package records

import (
	"slices"
	"testing"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

const second = callmodel.Instant(time.Second / time.Microsecond)

func event(seq uint64, at callmodel.Instant, kind callmodel.EventKind, c *callmodel.Call, conn callmodel.ConnID) port.Stamped {
	return port.Stamped{Event: callmodel.Event{Kind: kind, Call: c, Conn: conn}, Seq: seq, At: at, Wall: time.Unix(1_700_000_000, 0).Add(time.Duration(at) * time.Microsecond).UTC()}
}

func newFold(t *testing.T, open Rows) *Fold {
	t.Helper()
	f, err := NewFold(open)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// waiting is a call in a queue since 10 s.
func waiting() *callmodel.Call {
	return &callmodel.Call{
		ID: callmodel.CallID{ID: callmodel.ID{1}}, Phase: callmodel.PhaseWaiting, Queue: "support",
		Conns:  []callmodel.Connection{{ID: callmodel.ConnID{ID: callmodel.ID{2}}, Role: callmodel.RoleCaller, Device: "+49", State: callmodel.Queued, CreatedAt: 10 * second}},
		Queues: []callmodel.QueueVisit{{Queue: "support", At: 10 * second, Position: 3, Target: 20 * time.Second}},
	}
}

// TestEndByEvidence: the controller hears at 100 s that a caller has gone at 40 s, or since 30 s.
func TestEndByEvidence(t *testing.T) {
	f, c := newFold(t, Rows{}), waiting()
	begun := f.Step(event(7, 10*second, callmodel.EvQueued, c, c.Conns[0].ID))
	if len(begun.Segments) != 1 || !begun.Segments[0].Open() || begun.Segments[0].Position != 3 || begun.Segments[0].Target != 20*time.Second {
		t.Fatalf("got %+v", begun)
	}
	f = newFold(t, f.Open()) // a crash
	over := waiting()
	p := &over.Conns[0]
	over.Phase, over.Outcome, p.State, p.Cause, p.EndedAt, p.LostFrom = callmodel.PhaseOver, callmodel.OutcomeLost, callmodel.Ended, callmodel.CauseLost, 40*second, 30*second
	over.Queues[0].Left, over.Queues[0].End = 100*second, callmodel.VisitLost
	ended := f.Step(event(9, 100*second, callmodel.EvCleared, over, p.ID))
	if len(ended.Segments) != 1 {
		t.Fatalf("got %+v", ended)
	}
	g := ended.Segments[0]
	if g.Conn != begun.Segments[0].Conn || g.Seq != 7 || g.Wrote != 9 || g.Length != 30*time.Second || g.End != "lost" || g.Ended.Sub(g.LostFrom) != 10*time.Second {
		t.Errorf("got %+v", g)
	}
	if open := f.Open(); open.Len() != 0 {
		t.Errorf("open: %+v", open)
	}
}

// TestAlignMendsWhatIsLost: open rows whose party or agent lives no more end
// as lost, and who lives without a row gets one.
func TestAlignMendsWhatIsLost(t *testing.T) {
	f, c := newFold(t, Rows{}), waiting()
	f.Step(event(7, 10*second, callmodel.EvQueued, c, c.Conns[0].ID))
	f.Step(port.Stamped{Event: callmodel.Event{Kind: callmodel.EvAgentChanged, Agent: &callmodel.Agent{ID: "anna", State: callmodel.Ready, Since: 5 * second, LoginAt: 5 * second}}, Seq: 8, At: 10 * second, Wall: time.Unix(1_700_000_010, 0)})
	st := callmodel.New(nil)
	st.Step(50*second, callmodel.WallClock{UnixMicro: 1_700_000_050_000_000})
	view := st.View()
	view.Events = 20
	view.Agents = []*callmodel.Agent{{ID: "ben", State: callmodel.NotReady, Reason: "lunch", Since: 40 * second}}
	mended := f.Align(view)
	if len(mended.Segments) != 1 || mended.Segments[0].End != EndLost || mended.Segments[0].Length != 40*time.Second || mended.Segments[0].LostFrom.IsZero() {
		t.Errorf("segments %+v", mended.Segments)
	}
	if len(mended.Intervals) != 2 || mended.Intervals[0].Agent != "ben" || !mended.Intervals[0].Open() || mended.Intervals[1].Agent != "anna" || !mended.Intervals[1].Logout || mended.Intervals[1].Length != 45*time.Second {
		t.Errorf("intervals %+v", mended.Intervals)
	}
	if again := f.Align(view); again.Len() != 0 {
		t.Errorf("a second look changes %+v", again)
	}
	if _, err := NewFold(Rows{Segments: []Segment{{Conn: "nonsense"}}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a row that no fold has made: %v", err)
	}
}

// TestFoldSigningOut: signing out of a queue ends the interval and begins one of
// the same state without that queue, at the moment of the event.
func TestFoldSigningOut(t *testing.T) {
	t.Parallel()
	f := newFold(t, Rows{})
	step := func(seq uint64, at callmodel.Instant, off ...callmodel.QueueID) Rows {
		a := &callmodel.Agent{ID: "anna", State: callmodel.Ready, Since: 5 * second, LoginAt: 5 * second, Queues: []callmodel.QueueID{"sales", "support"}, Off: off}
		return f.Step(port.Stamped{Event: callmodel.Event{Kind: callmodel.EvAgentChanged, Agent: a}, Seq: seq, At: at, Wall: time.Unix(1_700_000_000+int64(at/second), 0)})
	}
	step(1, 5*second)
	got := step(2, 25*second, "sales").Intervals
	if len(got) != 2 || got[0].Length != 20*time.Second || len(got[0].Queues) != 2 || got[1].Seq != 2 || got[1].At != 25*second || !slices.Equal(got[1].Queues, []string{"support"}) || !got[1].Login.Equal(got[0].Login) {
		t.Errorf("signing out makes %+v", got)
	}
	if again := step(3, 30*second, "sales"); again.Len() != 0 {
		t.Errorf("nothing new makes %+v", again)
	}
}
