package storetest

import (
	"fmt"
	"testing"
	"time"

	"strowger/switch/fault"
	"strowger/switch/records"
	"strowger/switch/store"
)

// campaignSums adds the attempts of a campaign up in every way.
func campaignSums(t *testing.T, open Open) {
	s := opened(t, open)
	for i := range 6 { // of the campaign c0: 0, 2 and 4, two minutes apart
		rows := sampleRows(i)
		a := &rows.Attempts[0]
		a.Call = fmt.Sprintf("01HF%022d", i)
		a.Dialer.Bridged = a.Answered.Add(time.Duration(i+1) * 100 * time.Millisecond)
		for n := range rows.Dispositions {
			rows.Dispositions[n].Call, rows.Dispositions[n].Success = a.Call, i != 4
		}
		switch i {
		case 2:
			a.Agent, a.Dialer.Dropped, a.Dialer.List, a.Dialer.Bridged, a.Dialer.Result = "", true, "m", time.Time{}, "dropped"
			rows.Dispositions = nil
		case 4:
			a.Dialer.Verdict, a.Dialer.Dropped, a.Dialer.Bridged, a.Dialer.Result = "machine", false, time.Time{}, "machine"
		}
		must(t, s.Project(t.Context(), store.Batch{Shard: "main", Seq: uint64(i + 1), Rows: store.RecordRows(rows)}))
		must(t, s.SaveCall(t.Context(), SampleCall(i)))
	}
	sum := func(by string, ahead time.Duration) []records.CampaignSum {
		t.Helper()
		out, err := s.CampaignSums(t.Context(), "c0", by, time.Time{}, time.Time{}, ahead)
		must(t, err)
		return out
	}
	lists := sum("list", 0)
	equal(t, lists, []records.CampaignSum{
		{
			Group: "l", Begin: lists[0].Begin, Attempts: 2, Humans: 1, Machines: 1, Connected: 1, Dropped: 1, Kept: 1, Successes: 1, Ring: 2 * time.Second, Talk: 118 * time.Second,
			Connect: 100 * time.Millisecond, Longest: 100 * time.Millisecond,
		},
		{Group: "m", Begin: lists[0].Begin, Attempts: 1, Humans: 1, Dropped: 1, Missed: 1, Ring: time.Second, Talk: 59 * time.Second},
	})
	for by, want := range map[string][]string{"agent": {"", "anna"}, "outcome": {"dropped", "handled", "machine"}} {
		var got []string
		for _, line := range sum(by, 0) {
			got = append(got, line.Group)
		}
		equal(t, got, want)
	}
	// Hours begin on the clock of the zone: here 30 minutes ahead of UTC.
	for _, line := range sum("hour", 30*time.Minute) {
		if line.Begin.Add(30*time.Minute).Truncate(time.Hour) != line.Begin.Add(30*time.Minute) {
			t.Errorf("an hour begins at %s", line.Begin)
		}
	}
	equal(t, len(sum("day", 0)), 1)
	// A preview has its agent before the call, and a machine that an agent got is nobody who waited.
	for i, change := range []func(*records.Attempt){
		func(a *records.Attempt) { a.Dialer.Mode = "preview" }, func(a *records.Attempt) { a.Dialer.Verdict = "machine" },
	} {
		rows := sampleRows(10 + 2*i)
		a := &rows.Attempts[0]
		a.Dialer.Bridged, a.Dialer.Dropped = a.Answered.Add(time.Second), false
		change(a)
		must(t, s.Project(t.Context(), store.Batch{Shard: "main", Seq: uint64(10 + i), Rows: store.RecordRows(rows)}))
	}
	if l := sum("list", 0)[0]; l.Connected != 3 || l.Kept != 1 || l.Missed != 0 {
		t.Errorf("got %+v", l)
	}
	_, err := s.CampaignSums(t.Context(), "c0", "weather", time.Time{}, time.Time{}, 0)
	want(t, err, fault.Invalid)
}

// campaignRows reads the attempts of a campaign page by page, with the version
// of the objects of each.
func campaignRows(t *testing.T, open Open) {
	s := opened(t, open)
	for i := range 5 {
		rows := sampleRows(i)
		rows.Attempts[0].Call = SampleCall(i).ID
		must(t, s.Project(t.Context(), store.Batch{Shard: "main", Seq: uint64(i + 1), Rows: store.RecordRows(rows)}))
		must(t, s.SaveCall(t.Context(), SampleCall(i)))
	}
	_, err := s.Prune(t.Context(), "calls", recordsBegin.Add(100*24*time.Hour)) // attempts outlive them
	must(t, err)
	first, next, err := s.CampaignRows(t.Context(), "c0", records.Filter{Limit: 2})
	must(t, err)
	second, end, err := s.CampaignRows(t.Context(), "c0", records.Filter{Limit: 2, After: next})
	must(t, err)
	if len(first) != 2 || len(second) != 1 || next == "" || end != "" || first[0].Dialer.Version != 7 || second[0].Call != SampleCall(4).ID {
		t.Errorf("pages %+v %q and %+v %q", first, next, second, end)
	}
	_, _, err = s.CampaignRows(t.Context(), "c0", records.Filter{After: "x"})
	want(t, err, fault.Invalid)

	put := func(version int64, body string) {
		t.Helper()
		change := store.ObjectChange{Expect: version - 1, By: "t", At: recordsBegin, Diff: []byte("{}")}
		if body == "" {
			change.Remove = []store.ObjectKey{{Kind: "campaign", ID: "c0"}}
		} else {
			change.Put = []store.Object{{Kind: "campaign", ID: "c0", Body: []byte(body)}}
		}
		_, err := s.ChangeObjects(t.Context(), change)
		must(t, err)
	}
	put(1, `{"id":"c0"}`)
	put(2, `{"id":"c0","rules":"us"}`)
	put(3, "")
	for version, body := range map[int64]string{1: `{"id":"c0"}`, 2: `{"id":"c0","rules":"us"}`} {
		o, err := s.ObjectAt(t.Context(), "campaign", "c0", version)
		must(t, err)
		equal(t, string(o.Body), body)
	}
	_, err = s.ObjectAt(t.Context(), "campaign", "c0", 3)
	want(t, err, fault.NotFound)
	_, err = s.ObjectAt(t.Context(), "campaign", "c9", 3)
	want(t, err, fault.NotFound)
}
