package controller

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"strowger/cti/ici"
	"strowger/switch/callmodel"
	"strowger/switch/records"
	"strowger/switch/store"
	"strowger/switch/store/trail"
)

// A CRM finds the recording of a call by what it knows of it, and each question
// is written down.
func TestRecordingsForICI(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := store.Open(t.Context(), "sqlite://"+filepath.Join(dir, "x.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	notes, err := trail.Open(filepath.Join(dir, "trail"), db, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	notes.Start(t.Context())
	t.Cleanup(func() { _ = notes.Stop(t.Context()) })
	id, err := callmodel.ParseID("0F1E2D3C4B5A69788796A5B4C3D2E1F0")
	if err != nil {
		t.Fatal(err)
	}
	call, conn := callmodel.CallID{ID: id}, callmodel.ConnID{ID: id}
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	rec := store.Recording{
		ID: "r1", CallID: call.String(), Agents: []string{"anna"}, Caller: "+491", Dialled: "600", Started: at, Ended: at.Add(time.Minute),
		Stored: at.Add(time.Hour), State: store.RecordingSaved, File: "2026/03/02/r1.wav",
	}
	gone := rec
	gone.ID, gone.State, gone.Deleted = "r2", store.RecordingDeleted, at
	for _, r := range []store.Recording{rec, gone} {
		if err := db.SaveRecording(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	part := records.Segment{Conn: conn.Hex(), Seq: 1, Part: 1, Call: call.String(), Role: "agent", Agent: "anna", State: records.Talking, Started: at, Ended: at.Add(time.Minute), Wrote: 2}
	if err := db.Project(t.Context(), store.Batch{Shard: "main", Seq: 1, Rows: store.RecordRows(records.Rows{Segments: []records.Segment{part}})}); err != nil {
		t.Fatal(err)
	}
	f := recordingFinder{store: db, trail: notes, log: slog.New(slog.DiscardHandler)}
	want := []ici.CallRecording{{
		CallHandle: conn.Hex(), UserID: "anna", CreationTime: rec.Stored, StartTime: at, EndTime: rec.Ended, Source: "+491", Destination: "600", FileName: rec.File,
	}}
	other := callmodel.ConnID{ID: callmodel.ID{1}}
	for name, c := range map[string]struct {
		q    ici.RecordingQuery
		want []ici.CallRecording
	}{
		"everything":         {ici.RecordingQuery{}, want},
		"the call":           {ici.RecordingQuery{Call: call}, want},
		"a party's part":     {ici.RecordingQuery{Conn: conn}, want},
		"an unknown part":    {ici.RecordingQuery{Conn: other}, nil},
		"another agent":      {ici.RecordingQuery{Agent: "bernd"}, []ici.CallRecording{}},
		"the time":           {ici.RecordingQuery{From: at, To: at.Add(time.Second)}, want},
		"a time before":      {ici.RecordingQuery{To: at}, []ici.CallRecording{}},
		"the path and name":  {ici.RecordingQuery{Path: "2026/03", Name: "R1.WAV"}, want},
		"another name":       {ici.RecordingQuery{Name: "r2"}, []ici.CallRecording{}},
		"a pattern, no name": {ici.RecordingQuery{Name: "%"}, []ici.CallRecording{}},
	} {
		c.q.Limit, c.q.By = ici.MaxRecordings, "ici anna"
		got, err := f.Find(t.Context(), c.q)
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	list, err := notes.List(t.Context(), store.ActionFilter{Operation: opFindRecordings})
	if err != nil || len(list) != 10 || list[0].Who != "ici anna" || list[0].Outcome != "accepted" {
		t.Errorf("audit: %v, %+v", err, list)
	}
}
