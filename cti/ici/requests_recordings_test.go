package ici_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/fault"
)

// shelf answers what it has, and notes what was asked.
type shelf struct {
	asked []ici.RecordingQuery
	has   []ici.CallRecording
	err   error
}

func (s *shelf) Find(_ context.Context, q ici.RecordingQuery) ([]ici.CallRecording, error) {
	s.asked = append(s.asked, q)
	return slices.Clone(s.has), s.err
}

func TestCallRecordings(t *testing.T) {
	t.Parallel()
	files := &shelf{has: []ici.CallRecording{{CallHandle: "other", UserID: "anna", FileName: "2026/03/02/x.wav", Source: "+1"}}}
	sw := ctitest.NewFakeSwitch(ctitest.Config())
	cfg := ici.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	srv, err := ici.New(cfg, sw, nil, ici.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	srv.UseRecordings(files)
	if err := srv.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := &rig{T: t, sw: sw, srv: srv, crm: newCRM(t), url: "http://" + srv.Addr() + cfg.BasePath}
	t.Cleanup(func() { _ = srv.Stop(context.Background()) })
	call, _, handle := r.alerting(ctitest.Anna)
	find := func(q ici.CallRecordingQuery) []ici.CallRecording {
		t.Helper()
		return r.must(ici.OpGetCallRecordings, &q).(*ici.CallRecordings).List
	}
	last := func() ici.RecordingQuery { return files.asked[len(files.asked)-1] }

	if got := find(ici.CallRecordingQuery{CallHandle: handle}); len(got) != 1 || got[0].CallHandle != handle || got[0].FileName != files.has[0].FileName {
		t.Errorf("%+v", got)
	}
	if q := last(); q.Call != call || !q.Conn.IsZero() || q.Limit != ici.MaxRecordings || q.By != "ici" {
		t.Errorf("of a live call: %+v", q)
	}
	if got := find(ici.CallRecordingQuery{CallHandle: noItem, UserID: "ANNA", MaxHits: "7", FilePath: `2026\03`, FileName: "x"}); got[0].CallHandle != noItem {
		t.Errorf("%+v", got)
	}
	if q := last(); q.Conn.Hex() != noItem || !q.Call.IsZero() || q.Agent != "anna" || q.Limit != 7 || q.Path != "2026/03" || q.Name != "x" {
		t.Errorf("of a call on record: %+v", q)
	}
	if got := find(ici.CallRecordingQuery{DateTimeFrom: "2026-03-02 09:00:00", DateTimeTo: "2026-03-03T00:00:00+01:00", MaxHits: "100000"}); got[0].CallHandle != "other" {
		t.Errorf("%+v", got)
	}
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	if q := last(); !q.From.Equal(at) || !q.To.Equal(at.Add(14*time.Hour)) || q.Limit != ici.MaxRecordings {
		t.Errorf("of a time: %+v", q)
	}
	n := len(files.asked)
	for _, q := range []ici.CallRecordingQuery{{CallHandle: "12"}, {DateTimeFrom: "yesterday"}, {DateTimeTo: "x"}, {MaxHits: "0"}, {MaxHits: "many"}} {
		r.refused("1/91", ici.OpGetCallRecordings, &q)
	}
	if len(files.asked) != n {
		t.Error("a refused question was asked all the same")
	}
	files.err = fault.New(fault.Unavailable, "", "", "the database is away for a while")
	r.refused("1/90", ici.OpGetCallRecordings, &ici.CallRecordingQuery{})
	files.err, files.has = errors.New("x"), nil
	r.refused("1/1", ici.OpGetCallRecordings, &ici.CallRecordingQuery{})
}

// A switch that keeps no recordings has none.
func TestNoRecordings(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	if got := r.must(ici.OpGetCallRecordings, &ici.CallRecordingQuery{CallHandle: noItem}).(*ici.CallRecordings); len(got.List) != 0 {
		t.Errorf("%+v", got)
	}
}
