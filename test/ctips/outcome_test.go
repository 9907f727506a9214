package ctips_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctips"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// callsEnd ends all calls, and the work after them that somebody has asked for,
// and waits until nothing of them is left.
func (s *site) callsEnd(t *testing.T) {
	t.Helper()
	end := time.After(patience)
	for {
		v := s.view(t)
		if len(v.Calls) == 0 {
			return
		}
		for _, c := range v.Calls {
			if err := s.eng.Do(t.Context(), callmodel.EndCall{Call: c.ID}); err != nil && !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
			for i := range c.Conns {
				if p := &c.Conns[i]; p.Processing == callmodel.WrapUp {
					_ = s.eng.Do(t.Context(), callmodel.EndWrapUp{Conn: p.ID}) // it may be over by now
				}
			}
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-end:
			t.Fatalf("%d calls do not end", len(v.Calls))
		}
	}
}

// outcomes counts the events that are a request's outcome. That a call is being
// made is said on the way to it.
func outcomes(events []ctips.Event) map[int32][]ctips.Event {
	out := map[int32][]ctips.Event{}
	for _, ev := range events {
		if _, progress := ev.(*ctips.CallOriginatedEvent); !progress && ctips.Head(ev).RequestID != 0 {
			out[ctips.Head(ev).RequestID] = append(out[ctips.Head(ev).RequestID], ev)
		}
	}
	return out
}

// settle waits until all requests have their outcomes, and for one more: what
// came too often would have come before it.
func (a *asker) settle() {
	a.t.Helper()
	missing := int32(0)
	a.until("an outcome of each request", func(all []ctips.Event) bool {
		have := outcomes(all)
		for n, want := range a.want {
			if len(have[n]) < want {
				missing = n
				return false
			}
		}
		return true
	}, func() string { return a.what[missing] })
	last := a.next
	a.send(&ctips.GetAgentStateArgs{AgentHead: ctips.AgentHead{RequestHead: a.request(last), AgentID: 99}})
	a.until("the outcome of the last request", func(all []ctips.Event) bool { return len(outcomes(all)[last]) > 0 }, nil)
}

// misfits holds the outcomes that a client was told against its requests.
func misfits(want map[int32]int, what map[int32]string, have map[int32][]ctips.Event) (wrong []string) {
	for n, times := range want {
		if len(have[n]) != times {
			wrong = append(wrong, fmt.Sprintf("request %d has %d outcomes, want %d: %s", n, len(have[n]), times, what[n]))
		}
	}
	for n, events := range have {
		if _, asked := want[n]; !asked {
			wrong = append(wrong, fmt.Sprintf("a client is told the outcome %T of request %d, which it has not made", events[0], n))
		}
	}
	return wrong
}

// count checks the outcomes that everybody was told.
func count(t *testing.T, askers []*asker, looks *client) {
	t.Helper()
	accepted, refused, failed := 0, 0, 0
	kinds := map[string]int{}
	for _, a := range askers {
		have := outcomes(a.soFar())
		for _, w := range misfits(a.want, a.what, have) {
			t.Error(w)
		}
		for n, want := range a.want {
			if want == 0 {
				refused++
			}
			accepted += min(want, 1)
			for _, ev := range have[n] {
				name := ctips.Head(ev).EventType.String()
				if kinds[name]++; strings.HasSuffix(name, "Failed") || name == "RouteReject" {
					failed++
				}
			}
		}
	}
	for _, w := range misfits(nil, nil, outcomes(looks.soFar())) {
		t.Error(w)
	}
	t.Logf("%d requests accepted, %d refused by a fault, %d failed later; outcomes %v", accepted, refused, failed, kinds)
	if done := accepted - failed; done < *asksFlag*4/5 || len(kinds) < 15 { // of twice as many requests; there are 17 kinds
		t.Errorf("%d requests were carried out with %d kinds of outcome: the run proves little", done, len(kinds))
	}
}

// TestOutcomesNoticed plants an outcome that is lost, one that comes twice and
// one of somebody else's request.
func TestOutcomesNoticed(t *testing.T) {
	t.Parallel()
	ev := func(n int32) ctips.Event { return &ctips.CallHeldEvent{CTIEvent: ctips.CTIEvent{RequestID: n}} }
	making := &ctips.CallOriginatedEvent{CTIEvent: ctips.CTIEvent{RequestID: 1}}
	want := map[int32]int{1: 1, 3: 0}
	for name, c := range map[string]struct {
		events []ctips.Event
		wrong  int
	}{
		"sound":              {[]ctips.Event{making, ev(0), ev(1)}, 0},
		"lost":               {[]ctips.Event{making}, 1},
		"twice":              {[]ctips.Event{ev(1), ev(1)}, 1},
		"of a refused one":   {[]ctips.Event{ev(1), ev(3)}, 1},
		"of somebody else's": {[]ctips.Event{ev(1), ev(2)}, 1},
	} {
		if wrong := misfits(want, nil, outcomes(c.events)); len(wrong) != c.wrong {
			t.Errorf("%s: %v, want %d", name, wrong, c.wrong)
		}
	}
}
