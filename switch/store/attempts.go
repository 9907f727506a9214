package store

import (
	"context"
	"database/sql"
	"strings"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/records"
)

func (r attemptRow) key() string { return r.ID }

func (r attemptRow) check() error { return checkRecord(r.ID, r.ID, r.Seq, r.Started) }

func (r attemptRow) save(ctx context.Context, t *tx, shard string) error {
	d := &r.Dialer
	return attemptTable.put(ctx, t, []any{
		r.ID, shard, int64(r.Seq), r.Call, r.Callback, clip(r.Number, maxText), r.Trunk, clip(r.Shown, maxText), r.Queue, r.Agent, micros(r.Started),
		micros(r.Ringing), micros(r.Answered), micros(r.Ended), r.Ring.Microseconds(), r.Talk.Microseconds(), int64(r.Cause), int64(r.TechCause), r.Outcome,
		d.Campaign, d.List, d.Lead, d.Mode, d.Verdict, d.Took.Milliseconds(), micros(d.Greeting), micros(d.Deadline), micros(d.Bridged),
		int64(d.Message), flag(d.Dropped), flag(d.Own), flag(d.CutShort), flag(d.Kept), d.Result, d.Version,
		flag(d.DoNotCall), micros(d.Again), d.AgainBy, clip(d.AgainAt, maxText),
	})
}

func scanAttempt(rows *sql.Rows) (a records.Attempt, err error) {
	var shard string
	var seq, started, ringing, answered, ended, ring, talk, took, greeting, deadline, bridged, dropped, own, short, kept, never, again int64
	d := &a.Dialer
	err = rows.Scan(
		&a.ID, &shard, &seq, &a.Call, &a.Callback, &a.Number, &a.Trunk, &a.Shown, &a.Queue, &a.Agent,
		&started, &ringing, &answered, &ended, &ring, &talk, &a.Cause, &a.TechCause, &a.Outcome, &d.Campaign, &d.List, &d.Lead, &d.Mode,
		&d.Verdict, &took, &greeting, &deadline, &bridged, &d.Message, &dropped, &own, &short, &kept, &d.Result, &d.Version,
		&never, &again, &d.AgainBy, &d.AgainAt,
	)
	a.Seq, a.Ring, a.Talk = uint64(seq), microseconds(ring), microseconds(talk)
	a.Started, a.Ringing, a.Answered, a.Ended = fromMicros(started), fromMicros(ringing), fromMicros(answered), fromMicros(ended)
	d.Took, d.Greeting, d.Deadline, d.Bridged = microseconds(took*1000), fromMicros(greeting), fromMicros(deadline), fromMicros(bridged)
	d.Dropped, d.Own, d.CutShort, d.Kept = dropped != 0, own != 0, short != 0, kept != 0
	d.DoNotCall, d.Again = never != 0, fromMicros(again)
	return a, err
}

// AttemptsOf returns what is recorded of calls of the dialer, by the ids of the
// calls; those that nothing is recorded of are left out. At most MaxPage at
// once. Errors: Invalid, Unavailable, Stopped.
func (s *Store) AttemptsOf(ctx context.Context, calls []callmodel.CallID) (map[callmodel.CallID]records.Attempt, error) {
	const op = "store: attempts of calls"
	if len(calls) > MaxPage {
		return nil, fault.Newf(fault.Invalid, op, "", "ask for %d calls at most", MaxPage)
	}
	if len(calls) == 0 {
		return nil, nil
	}
	ids, at := make([]any, len(calls)), make(map[string]callmodel.CallID, len(calls))
	for i, c := range calls {
		ids[i], at[c.String()] = c.String(), c
	}
	rows, err := query(ctx, s, op, scanAttempt,
		`SELECT `+attemptTable.columns+` FROM attempts WHERE campaign <> '' AND call_id IN (?`+strings.Repeat(", ?", len(ids)-1)+`)`, ids...)
	if err != nil {
		return nil, err
	}
	out := make(map[callmodel.CallID]records.Attempt, len(rows))
	for i := range rows {
		out[at[rows[i].Call]] = rows[i]
	}
	return out, nil
}
