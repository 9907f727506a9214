package sim

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/port"
	"strowger/switch/records"
)

// book is what a database would hold: rows by their keys.
type book struct {
	segments     map[string]records.Segment
	intervals    map[string]records.Interval
	attempts     map[string]records.Attempt
	dispositions map[string]records.Disposition
	writes       int
}

func newBook() *book {
	return &book{map[string]records.Segment{}, map[string]records.Interval{}, map[string]records.Attempt{}, map[string]records.Disposition{}, 0}
}

func (b *book) add(r records.Rows) {
	for _, g := range r.Segments {
		b.segments[fmt.Sprint(g.Conn, "/", g.Seq, "/", g.Part)] = g
	}
	for _, i := range r.Intervals {
		b.intervals[fmt.Sprint(i.Agent, "/", i.Started.UnixMicro(), "/", i.Seq)] = i
	}
	for _, a := range r.Attempts {
		b.attempts[a.ID] = a
	}
	for _, d := range r.Dispositions {
		b.dispositions[d.Conn+"/"+strconv.Itoa(d.N)] = d
	}
	b.writes += r.Len()
}

// open returns the rows with which a fold goes on after a crash.
func (b *book) open() records.Rows {
	var r records.Rows
	for _, g := range b.segments {
		if g.Open() {
			r.Segments = append(r.Segments, g)
		}
	}
	for _, i := range b.intervals {
		if i.Open() {
			r.Intervals = append(r.Intervals, i)
		}
	}
	return r
}

// eventsOf replays a run's journal, as a restarted controller does.
func eventsOf(t testing.TB, h *harness) (events []port.Stamped, last *callmodel.View) {
	t.Helper()
	st := callmodel.New(acd.Router{})
	for _, rec := range h.journal {
		in, err := callmodel.DecodeInput(rec.tag, rec.body)
		if err != nil {
			t.Fatal(err)
		}
		out := st.Step(rec.now, in)
		first := st.EventCount() - uint64(len(out.Events))
		for i := range out.Events {
			events = append(events, port.Stamped{Event: out.Events[i], Seq: first + uint64(i) + 1, At: rec.now, Wall: st.WallTime(rec.now)})
		}
	}
	return events, st.View()
}

// fold writes the rows of events, with a crash before those of the given
// numbers: what the fold held in memory is gone, and so is what was not stored.
func fold(t testing.TB, events []port.Stamped, crashes map[int]bool) *book {
	t.Helper()
	b := newBook()
	f, err := records.NewFold(records.Rows{})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range events {
		if crashes[i] {
			if f, err = records.NewFold(b.open()); err != nil {
				t.Fatal(err)
			}
		}
		b.add(f.Step(e))
	}
	return b
}

// TestRecords folds random runs and holds the rows against what the model
// itself says of its calls and agents.
func TestRecords(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	calls, crashes := 0, 0
	for seed := uint64(1); seed <= 60; seed++ {
		h := runSeed(seed)
		if h.err != nil {
			t.Fatalf("seed %d: %v", seed, h.err)
		}
		events, last := eventsOf(t, h)
		b := fold(t, events, nil)
		for _, err := range slices.Concat(b.checkSegments(events, last), b.checkIntervals(last), b.checkQueues(events), b.checkDials(events)) {
			t.Errorf("seed %d: %v", seed, err)
		}
		rng, at := rand.New(rand.NewPCG(seed, 99)), map[int]bool{}
		for range 40 {
			at[rng.IntN(len(events))] = true
		}
		if again := fold(t, events, at); !same(b, again) {
			t.Errorf("seed %d: the rows of a run with crashes differ", seed)
		}
		crashes += len(at)
		for _, g := range b.segments {
			seen[string(g.State)+" "+g.End]++
		}
		for _, e := range events {
			if e.Kind == callmodel.EvCallEnded {
				calls++
			}
		}
		seen["attempts"] += len(b.attempts)
		for _, a := range b.attempts {
			seen["dial "+a.Dialer.Result]++
		}
		seen["dispositions"] += len(b.dispositions)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d calls, %d crashes; %v", calls, crashes, seen)
	for _, want := range []string{"queued answered", "queued abandoned", "queued overflow", "ringing no-answer", "ringing rejected", "talking hung-up", "talking other-hung-up", "wrap-up done", "attempts", "dispositions", "dial handled", "dial dropped", "dial skipped", "dial machine"} {
		if seen[want] == 0 {
			t.Errorf("no row %q in all runs: they prove less than they should", want)
		}
	}
}

// same compares books; reflect would take times in different words for different.
func same(a, b *book) bool {
	return reflect.DeepEqual(a.segments, b.segments) && reflect.DeepEqual(a.intervals, b.intervals) && reflect.DeepEqual(a.attempts, b.attempts) &&
		reflect.DeepEqual(a.dispositions, b.dispositions)
}

// checkSegments: those of one party follow one another, none is open that does
// not live, and the time of a conversation is all there.
func (b *book) checkSegments(events []port.Stamped, last *callmodel.View) (errs []error) {
	of := map[string][]records.Segment{}
	for _, g := range b.segments {
		of[g.Conn] = append(of[g.Conn], g)
	}
	live := map[string]bool{}
	for _, c := range last.Calls {
		for _, p := range c.Conns {
			live[p.ID.Hex()] = true
		}
	}
	spoken := map[string]time.Duration{}
	for conn, list := range of {
		slices.SortFunc(list, func(x, y records.Segment) int {
			return cmp.Or(cmp.Compare(x.At, y.At), cmp.Compare(x.Seq, y.Seq), cmp.Compare(x.Part, y.Part))
		})
		for i, g := range list {
			if g.State == records.Talking || g.State == records.Hold || g.State == records.Held || g.State == records.Calling && (g.Kind == string(callmodel.KindCallback) || g.Kind == string(callmodel.KindCampaign)) {
				spoken[conn] += g.Length
			}
			if g.Open() && (!live[conn] || i != len(list)-1) {
				errs = append(errs, fmt.Errorf("open although it is over or has a successor: %+v", g))
			}
			if i > 0 && g.At < list[i-1].At.Add(list[i-1].Length) {
				errs = append(errs, fmt.Errorf("overlap:\n%+v\n%+v", list[i-1], g))
			}
		}
	}
	ended := map[callmodel.CallID]int{}
	for _, e := range events {
		if e.Kind != callmodel.EvCallEnded {
			continue
		}
		if ended[e.Call.ID]++; ended[e.Call.ID] > 1 {
			errs = append(errs, fmt.Errorf("call %s ended twice", e.Call.ID))
		}
		for _, p := range e.Call.Conns {
			if p.Role == callmodel.RoleAgent && p.ConnectedAt != 0 && !p.Maker && p.EndedAt.Sub(p.ConnectedAt) != spoken[p.ID.Hex()] {
				errs = append(errs, fmt.Errorf("call %d, connection %d: rows hold %s of conversation, the model %s", e.Call.Number, p.Number, spoken[p.ID.Hex()], p.EndedAt.Sub(p.ConnectedAt)))
			}
		}
	}
	return errs
}

// checkIntervals: an agent's intervals follow one another without a gap from
// login to logout.
func (b *book) checkIntervals(last *callmodel.View) (errs []error) {
	of := map[string][]records.Interval{}
	for _, i := range b.intervals {
		of[i.Agent] = append(of[i.Agent], i)
	}
	states := map[string]string{}
	for _, a := range last.Agents {
		states[string(a.ID)] = a.State.String()
	}
	for agent, list := range of {
		slices.SortFunc(list, func(x, y records.Interval) int { return cmp.Or(cmp.Compare(x.At, y.At), cmp.Compare(x.Seq, y.Seq)) })
		var span, sum time.Duration
		var login callmodel.Instant
		for i, iv := range list {
			if i == 0 || list[i-1].Logout {
				login, sum = iv.At, 0
			}
			if i > 0 && !list[i-1].Logout && iv.At != list[i-1].At.Add(list[i-1].Length) {
				errs = append(errs, fmt.Errorf("gap or overlap:\n%+v\n%+v", list[i-1], iv))
			}
			sum += iv.Length
			if iv.Logout {
				if span = iv.At.Add(iv.Length).Sub(login); span != sum {
					errs = append(errs, fmt.Errorf("%s: intervals of %s in a shift of %s", agent, sum, span))
				}
			}
			if iv.Open() && (i != len(list)-1 || states[agent] != iv.State) {
				errs = append(errs, fmt.Errorf("open, but the agent is %s: %+v", states[agent], iv))
			}
		}
	}
	return errs
}

// checkQueues: the stays that were answered and given up are those that the
// model's queues have counted.
func (b *book) checkQueues(events []port.Stamped) (errs []error) {
	rows, answers, left := map[string]int{}, 0, 0
	for _, g := range b.segments {
		if g.Stay() && !g.Open() {
			rows[g.End]++
		}
	}
	for _, e := range events {
		if e.Kind != callmodel.EvCallEnded {
			continue
		}
		for _, v := range e.Call.Queues {
			switch v.End {
			case callmodel.VisitAnswered:
				answers++
			case callmodel.VisitAbandoned:
				left++
			case callmodel.VisitOverflow, callmodel.VisitFull, callmodel.VisitCallback, callmodel.VisitMoved, callmodel.VisitLost, callmodel.VisitEnded:
			default:
				errs = append(errs, fmt.Errorf("call %d: a stay without an end: %+v", e.Call.Number, v))
			}
		}
	}
	if rows[string(callmodel.VisitAnswered)] != answers || rows[string(callmodel.VisitAbandoned)] != left {
		errs = append(errs, fmt.Errorf("rows %v, calls: %d answered, %d abandoned", maps.Collect(maps.All(rows)), answers, left))
	}
	return errs
}
