package test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"strowger/cti/rest"
)

// TestChaosControllerKilled is fault 1: kill -9 with calls in all states.
func TestChaosControllerKilled(t *testing.T) {
	n := size(load{talking: 4, ringing: 2, waiting: 3}, load{talking: 10, ringing: 5, waiting: 5})
	x := startTrial(t, "1 controller kill -9", n, trialSetup{tape: true})
	x.strike(func() int {
		touched := len(x.s.calls())
		x.s.kill()
		return touched
	}, x.s.start)
	x.e.Recoveries++
	x.resubscribe()
	x.afterwards()
	x.goHome()
	x.finish()
}

// TestChaosTwoHundredCalls is the promise about kill -9 (DESIGN.md 7): with 200
// live calls, control is back within 3 s, no call is dropped and no fact lost.
func TestChaosTwoHundredCalls(t *testing.T) {
	const fault = "1 controller kill -9 with 200 calls"
	onlyLong(t, fault)
	x := startTrial(t, fault, load{talking: 200}, trialSetup{own: true, tape: true})
	before := len(x.s.calls())
	x.strike(func() int {
		x.s.kill()
		return before
	}, x.s.start)
	x.e.Recoveries++
	if x.recover > backInTime {
		t.Errorf("control is back after %v, %v are promised", x.recover, backInTime)
	}
	if n := len(x.s.calls()); n != before || before != 200 {
		t.Errorf("%d of %d calls are left", n, before)
	}
	x.s.mustMatchAsterisk()
	x.resubscribe()
	x.afterwards()
	x.goHome()
	x.finish()
}

// TestChaosControllerStopped is fault 6: SIGTERM under load. What is under way
// goes on, and calls end meanwhile that only Asterisk's events tell of.
func TestChaosControllerStopped(t *testing.T) {
	n := size(load{talking: 4, ringing: 1, waiting: 3}, load{talking: 15, ringing: 5, waiting: 10})
	x := startTrial(t, "6 controller SIGTERM", n, trialSetup{})
	gone := []*pair{x.talking[0], x.waiting[1]}
	kept := x.talking[1:]
	x.s.agentState(gone[0].agent, "not-ready") // after this call
	x.strike(func() int {
		touched := len(x.s.calls())
		began := time.Now()
		x.s.stop()
		x.detect = time.Since(began)
		progress("SIGTERM: ended after " + x.detect.Round(time.Millisecond).String())
		if x.detect > 10*time.Second {
			t.Errorf("the controller took %v to end, 10 s are allowed", x.detect)
		}
		for _, p := range gone {
			p.a.MustHangup()
		}
		gone[0].b.MustHangup()
		missed := x.s.caller("4917055599").Dial("600") // the dialplan serves it
		missed.MustBeAnswered()
		missed.MustHangup()
		return touched
	}, x.s.start)
	x.e.Recoveries++
	x.marks = x.marks[1:]
	x.talking, x.waiting = kept, slices.Delete(x.waiting, 1, 2)
	x.resubscribe()
	x.wantOutcome("4917055599", "fallback")
	x.wantOutcome(gone[0].number, "handled")
	x.wantOutcome(gone[1].number, "abandoned")
	x.afterwards()
	x.goHome()
	x.finish()
}

// wantOutcome waits until a caller's call is recorded, and checks how it ended.
func (x *trial) wantOutcome(number, outcome string) {
	x.t.Helper()
	last := ""
	eventually(x.t, "the call of "+number+" is recorded", func() bool {
		var l rest.CallList
		x.s.must(http.MethodGet, "/api/v1/calls?ended=true&limit=1000", nil, &l)
		for _, c := range l.Calls {
			if c.Caller == number && !c.Live {
				last = c.Outcome
			}
		}
		return last != ""
	})
	if last != outcome {
		x.t.Errorf("the call of %s is recorded as %s, want %s", number, last, outcome)
	}
}
