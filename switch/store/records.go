package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/records"
)

var (
	segmentTable = newTable("segments", "id", `id, shard, seq, conn_id, began, part, call_id, kind, role, party, agent_id, trunk, state, queue_id,
		at_us, started_us, ended_us, length_us, end_reason, cause, passed_by, passed_to, offered_us, fact_us, target_us,
		position, last_position, rule, lost_from_us`)
	stateTable = newTable("agent_states", "id", `id, shard, seq, agent_id, began, state, reason, station, queues, login_us, call_id,
		at_us, started_us, ended_us, length_us, logout, lost_from_us`)
	attemptTable = newTable("attempts", "id", `id, shard, seq, call_id, callback_id, number, trunk, shown, queue_id, agent_id,
		started_us, ringing_us, answered_us, ended_us, ring_us, talk_us, cause, tech_cause, outcome, campaign, list, lead, mode,
		verdict, verdict_ms, greeting_us, deadline_us, bridge_us, message, dropped, own_timer, cut_short, kept, result, version,
		do_not_call, again_us, again_by, again_at`)
	dispositionTable = newTable("dispositions", "id", `id, shard, seq, conn_id, n, call_id, queue_id, agent_id, code, success,
		started_us, offered_us, fact_us`)
)

// The rows that package records makes, each as a [Row].
type (
	segmentRow     struct{ records.Segment }
	stateRow       struct{ records.Interval }
	attemptRow     struct{ records.Attempt }
	dispositionRow struct{ records.Disposition }
)

// RecordRows gives rows the form in which a [Writer] takes them. Of several
// forms of one row only the last is kept.
func RecordRows(r records.Rows) []Row {
	out := make([]Row, 0, r.Len())
	at := map[string]int{}
	add := func(row Row) {
		key := row.key()
		if i, ok := at[key]; ok {
			out[i] = row
			return
		}
		at[key] = len(out)
		out = append(out, row)
	}
	for _, g := range r.Segments {
		add(segmentRow{g})
	}
	for _, i := range r.Intervals {
		add(stateRow{i})
	}
	for _, a := range r.Attempts {
		add(attemptRow{a})
	}
	for _, d := range r.Dispositions {
		add(dispositionRow{d})
	}
	return out
}

func (r segmentRow) key() string { return fmt.Sprintf("%s-%d-%d", r.Conn, r.Seq, r.Part) }

func (r segmentRow) check() error { return checkRecord(r.key(), r.Conn, r.Wrote, r.Started) }

func (r segmentRow) save(ctx context.Context, t *tx, shard string) error {
	return segmentTable.put(ctx, t, []any{
		r.key(), shard, int64(r.Wrote), r.Conn, int64(r.Seq), int64(r.Part), r.Call, r.Kind, r.Role, clip(r.Party, maxText), r.Agent, r.Trunk,
		string(r.State), r.Queue, int64(r.At), micros(r.Started), micros(r.Ended), r.Length.Microseconds(), r.End, int64(r.Cause), r.By,
		clip(r.To, maxText), micros(r.Offered), micros(r.Fact()), r.Target.Microseconds(), int64(r.Position), int64(r.Last), r.Rule, micros(r.LostFrom),
	})
}

func (r stateRow) key() string {
	return fmt.Sprintf("%s-%d-%d", r.Agent, micros(r.Started), r.Seq)
}

func (r stateRow) check() error { return checkRecord(r.key(), r.Agent, r.Wrote, r.Started) }

func (r stateRow) save(ctx context.Context, t *tx, shard string) error {
	queues, err := json.Marshal(append([]string{}, r.Queues...))
	if err != nil {
		return err
	}
	return stateTable.put(ctx, t, []any{
		r.key(), shard, int64(r.Wrote), r.Agent, int64(r.Seq), r.State, clip(r.Reason, maxText), clip(r.Station, maxText), string(queues), micros(r.Login),
		r.Call, int64(r.At), micros(r.Started), micros(r.Ended), r.Length.Microseconds(), flag(r.Logout), micros(r.LostFrom),
	})
}

func (r dispositionRow) key() string { return fmt.Sprintf("%s-%d", r.Conn, r.N) }

func (r dispositionRow) check() error { return checkRecord(r.key(), r.Conn, r.Seq, r.At) }

func (r dispositionRow) save(ctx context.Context, t *tx, shard string) error {
	if r.N == 0 { // a later answer replaces the earlier, which may have had more
		if err := t.exec(ctx, `DELETE FROM dispositions WHERE conn_id = ? AND seq < ?`, r.Conn, int64(r.Seq)); err != nil {
			return err
		}
	}
	return dispositionTable.put(ctx, t, []any{
		r.key(), shard, int64(r.Seq), r.Conn, int64(r.N), r.Call, r.Queue, r.Agent, r.Code, flag(r.Success), micros(r.At), micros(r.Offered), micros(r.Fact()),
	})
}

func checkRecord(key, id string, seq uint64, at time.Time) error {
	const op = "store: save row"
	switch {
	case id == "" || len(key) > maxText:
		return fault.New(fault.Invalid, op, clip(key, 64), "a row needs an id of bounded length")
	case seq == 0 || seq > 1<<62:
		return fault.Newf(fault.Invalid, op, key, "event number %d is out of bounds", seq)
	case at.IsZero():
		return fault.New(fault.Invalid, op, key, "a row needs a time")
	}
	return checkText(op, "id", key)
}

func scanSegment(rows *sql.Rows) (g records.Segment, err error) {
	var id, shard, state string
	var wrote, began, at, started, ended, length, offered, fact, target, lost int64
	err = rows.Scan(&id, &shard, &wrote, &g.Conn, &began, &g.Part, &g.Call, &g.Kind, &g.Role, &g.Party, &g.Agent, &g.Trunk, &state, &g.Queue,
		&at, &started, &ended, &length, &g.End, &g.Cause, &g.By, &g.To, &offered, &fact, &target, &g.Position, &g.Last, &g.Rule, &lost)
	g.Wrote, g.Seq, g.At, g.State = uint64(wrote), uint64(began), callmodel.Instant(at), records.State(state)
	g.Started, g.Ended, g.Offered, g.LostFrom = fromMicros(started), fromMicros(ended), fromMicros(offered), fromMicros(lost)
	g.Length, g.Target = microseconds(length), microseconds(target)
	return g, err
}

func scanState(rows *sql.Rows) (i records.Interval, err error) {
	var id, shard, queues string
	var wrote, began, login, at, started, ended, length, logout, lost int64
	err = rows.Scan(&id, &shard, &wrote, &i.Agent, &began, &i.State, &i.Reason, &i.Station, &queues, &login, &i.Call,
		&at, &started, &ended, &length, &logout, &lost)
	if err == nil && queues != "[]" {
		err = json.Unmarshal([]byte(queues), &i.Queues)
	}
	i.Wrote, i.Seq, i.At, i.Logout, i.Length = uint64(wrote), uint64(began), callmodel.Instant(at), logout != 0, microseconds(length)
	i.Login, i.Started, i.Ended, i.LostFrom = fromMicros(login), fromMicros(started), fromMicros(ended), fromMicros(lost)
	return i, err
}

func scanDisposition(rows *sql.Rows) (d records.Disposition, err error) {
	var id, shard string
	var seq, success, at, offered, fact int64
	err = rows.Scan(&id, &shard, &seq, &d.Conn, &d.N, &d.Call, &d.Queue, &d.Agent, &d.Code, &success, &at, &offered, &fact)
	d.Seq, d.Success, d.At, d.Offered = uint64(seq), success != 0, fromMicros(at), fromMicros(offered)
	return d, err
}

func microseconds(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
