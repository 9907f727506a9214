package storetest

import (
	"fmt"
	"testing"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/records"
	"strowger/switch/store"
)

var recordsBegin = time.UnixMicro(1_700_000_000_000_123).UTC()

// sampleRows are rows with every field set; n orders them.
func sampleRows(n int) records.Rows {
	at := recordsBegin.Add(time.Duration(n) * time.Minute)
	conn := fmt.Sprintf("%032X", n+1)
	return records.Rows{
		Segments: []records.Segment{{
			Conn: conn, Seq: uint64(n + 1), Part: 1, Call: fmt.Sprintf("01HF%022d", n), Kind: "callback", Role: "agent", Party: "+49301", Agent: "anna", Trunk: "t1",
			State: records.Talking, Queue: fmt.Sprintf("q%d", n%2), At: 5_000_000_000, Started: at, Ended: at.Add(1500 * time.Microsecond), Length: 1500 * time.Microsecond,
			End: "hung-up", Cause: 16, By: "bert", To: "600", Offered: at.Add(-time.Second), Target: 20 * time.Second, Position: 3, Last: 1, Rule: "wait",
			LostFrom: at.Add(time.Microsecond), Wrote: uint64(n + 2),
		}},
		Intervals: []records.Interval{{
			Agent: "anna", Seq: uint64(n + 1), State: "not-ready", Reason: "lunch", Station: "PJSIP/101", Queues: []string{"q0", "q1"}, Login: at.Add(-time.Hour),
			Call: "c", At: 7_000_000_000, Started: at, Ended: at.Add(time.Minute), Length: time.Minute, Logout: true, LostFrom: at, Wrote: uint64(n + 2),
		}},
		Attempts: []records.Attempt{{
			ID: conn, Seq: uint64(n + 2), Call: "c", Callback: "b", Number: "+4930", Trunk: "t1", Shown: "+4931", Queue: "q0", Agent: "anna", Started: at,
			Ringing: at.Add(1), Answered: at.Add(time.Second), Ended: at.Add(time.Minute), Ring: time.Second, Talk: 59 * time.Second, Cause: 16, TechCause: 486, Outcome: "answered",
			Dialer: records.DialerPart{
				Campaign: fmt.Sprintf("c%d", n%2), List: "l", Lead: "L-1", Mode: "predictive", Verdict: "human", Took: 640 * time.Millisecond, Greeting: at.Add(1100 * time.Millisecond),
				Deadline: at.Add(3 * time.Second), Bridged: at.Add(2 * time.Second), Message: records.ToldWhole, Dropped: true, Own: true, CutShort: true, Kept: true, Result: "handled", Version: 7,
				DoNotCall: true, Again: at.Add(time.Hour), AgainBy: "anna", AgainAt: "+49302",
			},
		}},
		Dispositions: []records.Disposition{
			{Conn: conn, N: 0, Seq: uint64(n + 2), Call: "c", Queue: "q0", Agent: "anna", Code: "sold", Success: true, At: at, Offered: at.Add(-time.Second)},
			{Conn: conn, N: 1, Seq: uint64(n + 2), Call: "c", Queue: "q0", Agent: "anna", Code: "later", Success: true, At: at, Offered: at.Add(-time.Second)},
		},
	}
}

// recordsGoOn: a row that is open is found again, ends, and is still one row.
func recordsGoOn(t *testing.T, open Open) {
	s := opened(t, open)
	whole := sampleRows(0)
	whole.Attempts[0].Ringing = whole.Attempts[0].Started // the database keeps microseconds
	begun := sampleRows(0)
	begun.Segments[0].Ended, begun.Intervals[0].Ended = time.Time{}, time.Time{}
	begun.Segments[0].Wrote, begun.Intervals[0].Wrote = 1, 1
	must(t, s.Project(t.Context(), store.Batch{Shard: "main", Seq: 1, Rows: store.RecordRows(begun)}))
	got, err := s.OpenRows(t.Context(), "main")
	must(t, err)
	equal(t, got, records.Rows{Segments: begun.Segments, Intervals: begun.Intervals})
	for range 2 {
		must(t, s.Project(t.Context(), store.Batch{Shard: "main", Seq: 2, Rows: store.RecordRows(whole)}))
	}
	got, err = s.OpenRows(t.Context(), "main")
	must(t, err)
	equal(t, got, records.Rows{})
	equal(t, facts(t, s, records.Filter{}), whole)
	call, err := s.CallOf(t.Context(), whole.Segments[0].Conn)
	must(t, err)
	equal(t, call, whole.Segments[0].Call)
	for _, unknown := range []string{"", "x", whole.Segments[0].Conn[1:], whole.Segments[0].Conn + "0"} {
		_, err = s.CallOf(t.Context(), unknown)
		want(t, err, fault.NotFound)
	}

	again := records.Rows{Dispositions: []records.Disposition{whole.Dispositions[0]}}
	again.Dispositions[0].Seq, again.Dispositions[0].Code = 9, "not sold"
	must(t, s.Project(t.Context(), store.Batch{Shard: "main", Seq: 9, Rows: store.RecordRows(again)}))
	list, _, err := s.Dispositions(t.Context(), records.Filter{})
	must(t, err)
	equal(t, list, again.Dispositions)
}

// attemptsOfCalls: what is recorded of the dialer's calls is found by their ids, and
// that of other calls is not.
func attemptsOfCalls(t *testing.T, open Open) {
	s := opened(t, open)
	ids := make([]callmodel.CallID, 4)
	for i := range ids {
		rows := sampleRows(i)
		a := &rows.Attempts[0]
		ids[i] = callmodel.CallID{ID: callmodel.ID{byte(i + 1)}}
		a.Call, a.Ringing = ids[i].String(), a.Started
		switch i {
		case 0:
			a.Dialer = records.DialerPart{} // not the dialer's
		case 3:
			continue // nothing is recorded of it
		}
		must(t, s.Project(t.Context(), store.Batch{Shard: "main", Seq: uint64(i + 1), Rows: store.RecordRows(rows)}))
	}
	got, err := s.AttemptsOf(t.Context(), ids)
	must(t, err)
	if len(got) != 2 || got[ids[1]].Dialer.Campaign != "c1" || got[ids[2]].Dialer.Campaign != "c0" {
		t.Errorf("got %+v", got)
	}
	got, err = s.AttemptsOf(t.Context(), nil)
	must(t, err)
	equal(t, len(got), 0)
	_, err = s.AttemptsOf(t.Context(), make([]callmodel.CallID, store.MaxPage+1))
	want(t, err, fault.Invalid)
}

// facts reads every kind of row as a list.
func facts(t *testing.T, s *store.Store, f records.Filter) (r records.Rows) {
	t.Helper()
	var err error
	r.Segments, _, err = s.Segments(t.Context(), f)
	must(t, err)
	r.Intervals, _, err = s.AgentStates(t.Context(), f)
	must(t, err)
	r.Attempts, _, err = s.Attempts(t.Context(), f)
	must(t, err)
	r.Dispositions, _, err = s.Dispositions(t.Context(), f)
	must(t, err)
	return r
}

func recordsPage(t *testing.T, open Open) {
	s := opened(t, open)
	const n = 7
	for i := range n {
		must(t, s.Project(t.Context(), store.Batch{Shard: "main", Rows: store.RecordRows(sampleRows(i))}))
		must(t, s.SaveCall(t.Context(), SampleCall(i)))
	}
	var got []string
	for f := (records.Filter{Limit: 3}); ; {
		page, next, err := s.Segments(t.Context(), f)
		must(t, err)
		for _, g := range page {
			got = append(got, g.Conn)
		}
		if f.After = next; next == "" {
			break
		}
	}
	if len(got) != n {
		t.Fatalf("got %v", got)
	}
	at := func(i int) time.Time { return recordsBegin.Add(time.Duration(i) * time.Minute) }
	some := facts(t, s, records.Filter{From: at(2), To: at(5), Queue: "q0", Agent: "anna"})
	equal(t, []int{len(some.Segments), len(some.Intervals), len(some.Attempts), len(some.Dispositions)}, []int{2, 3, 3, 6})
	none := facts(t, s, records.Filter{Agent: "nobody"})
	equal(t, none.Len(), 0)
	calls, next, err := s.CallsBetween(t.Context(), records.Filter{Limit: 2})
	must(t, err)
	equal(t, calls, []store.Call{SampleCall(0), SampleCall(1)})
	calls, _, err = s.CallsBetween(t.Context(), records.Filter{After: next, Call: SampleCall(4).ID})
	must(t, err)
	equal(t, calls, []store.Call{SampleCall(4)})
	var seen [3]int
	must(t, s.Facts(t.Context(), at(1), at(3), func(g *records.Segment, i *records.Interval, d *records.Disposition) {
		switch {
		case g != nil:
			seen[0]++
		case i != nil:
			seen[1]++
		default:
			seen[2]++
		}
	}))
	equal(t, seen, [3]int{2, 2, 4}) // offered a second before their start; of agents' states, those that overlap
}

func recordsArePruned(t *testing.T, open Open) {
	s := opened(t, open)
	for i := range 4 {
		rows := sampleRows(i)
		if i == 0 {
			rows.Segments[0].Ended = time.Time{} // goes on: it stays
		}
		must(t, s.Project(t.Context(), store.Batch{Shard: "main", Rows: store.RecordRows(rows)}))
	}
	for _, kind := range []string{"calls", "segments", "agent-states", "attempts", "dispositions"} {
		if _, err := s.Prune(t.Context(), kind, recordsBegin.Add(2*time.Minute)); err != nil {
			t.Fatal(kind, err)
		}
	}
	left := facts(t, s, records.Filter{})
	equal(t, []int{len(left.Segments), len(left.Intervals), len(left.Attempts), len(left.Dispositions)}, []int{3, 2, 2, 4})
}
