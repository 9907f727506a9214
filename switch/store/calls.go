package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strconv"
	"time"

	"strowger/switch/fault"
)

func msText(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// update runs fn in one writing transaction.
func (s *Store) update(ctx context.Context, op, subject string, fn func(*sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return dbFault(op, subject, err)
	}
	if err := fn(tx); err != nil {
		return dbFault(op, subject, errors.Join(err, ignoreDone(tx.Rollback())))
	}
	return dbFault(op, subject, tx.Commit())
}

// ignoreDone: a transaction that its context's end has rolled back already is no error.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// callColumns are the columns of a row in the order of [rowValues]; the first is the key.
const callColumns = `id, shard, seq, number, node, dialled, caller, queue_id, agent_id,
	started_us, answered_us, ended_us, outcome, hangup_cause, wait_ms, talk_ms, wrap_ms, config_version,
	kind, dnis_number, dnis_entry, dnis_label, queues, agents, dispositions, success,
	callback_id, consult_of, root_id, estimate_ms, priority, overflows`

const saveCall = `INSERT INTO calls (` + callColumns + `)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET shard = excluded.shard, seq = excluded.seq, number = excluded.number,
	node = excluded.node, dialled = excluded.dialled, caller = excluded.caller, queue_id = excluded.queue_id,
	agent_id = excluded.agent_id, started_us = excluded.started_us, answered_us = excluded.answered_us,
	ended_us = excluded.ended_us, outcome = excluded.outcome, hangup_cause = excluded.hangup_cause,
	wait_ms = excluded.wait_ms, talk_ms = excluded.talk_ms, wrap_ms = excluded.wrap_ms,
	config_version = excluded.config_version, kind = excluded.kind, dnis_number = excluded.dnis_number,
	dnis_entry = excluded.dnis_entry, dnis_label = excluded.dnis_label, queues = excluded.queues,
	agents = excluded.agents, dispositions = excluded.dispositions, success = excluded.success,
	callback_id = excluded.callback_id, consult_of = excluded.consult_of, root_id = excluded.root_id,
	estimate_ms = excluded.estimate_ms, priority = excluded.priority, overflows = excluded.overflows
WHERE excluded.seq >= calls.seq`

// SaveCall writes the row of a call; the row with the highest Seq stays, and
// saving the same row again changes nothing. Errors: Invalid, Unavailable, Stopped.
func (s *Store) SaveCall(ctx context.Context, c Call) error {
	return s.Project(ctx, Batch{Calls: []Call{c}})
}

// Project writes rows and the projected sequence number in one transaction:
// all of it or nothing. Errors: Invalid when a row can never be written,
// Unavailable, Stopped.
func (s *Store) Project(ctx context.Context, b Batch) error {
	const op = "store: project"
	for _, c := range b.Calls {
		if err := c.check(); err != nil {
			return err
		}
	}
	if err := checkShard(op, b.Shard, b.Seq); err != nil {
		return err
	}
	return s.update(ctx, op, b.Shard, func(tx *sql.Tx) error {
		if err := insertCalls(ctx, tx, b.Calls); err != nil || b.Seq == 0 {
			return err
		}
		return setProjected(ctx, tx, b.Shard, b.Seq)
	})
}

func insertCalls(ctx context.Context, tx *sql.Tx, calls []Call) (err error) {
	if len(calls) == 0 {
		return nil
	}
	st, err := tx.PrepareContext(ctx, saveCall)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	for _, c := range calls {
		values, err := rowValues(c)
		if err != nil {
			return err
		}
		if _, err := st.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	return nil
}

func checkShard(op, shard string, seq uint64) error {
	if seq > 1<<62 {
		return fault.Newf(fault.Invalid, op, "", "journal sequence %d is out of bounds", seq)
	}
	return checkText(op, "shard", shard)
}

func setProjected(ctx context.Context, tx *sql.Tx, shard string, seq uint64) error {
	_, err := tx.ExecContext(ctx,
		`INSERT INTO projections (shard, seq) VALUES (?, ?) ON CONFLICT (shard) DO UPDATE SET seq = excluded.seq`, shard, int64(seq))
	return err
}

// ProjectedSeq returns the sequence number up to which the rows of a shard are
// complete; 0 when nothing was projected.
func (s *Store) ProjectedSeq(ctx context.Context, shard string) (uint64, error) {
	var seq int64
	err := s.read.QueryRowContext(ctx, `SELECT seq FROM projections WHERE shard = ?`, shard).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return uint64(seq), dbFault("store: projected", shard, err)
}

// SetProjectedSeq moves the projected sequence number of a shard to seq. Moving
// it back is for a journal that lost records (its LastSeq is lower than
// [Store.ProjectedSeq] at start): rows from the lost part then give way to
// any later row of the same call.
func (s *Store) SetProjectedSeq(ctx context.Context, shard string, seq uint64) error {
	const op = "store: set projected"
	if err := checkShard(op, shard, seq); err != nil {
		return err
	}
	return s.update(ctx, op, shard, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE calls SET seq = ?1 WHERE shard = ?2 AND seq > ?1`, int64(seq), shard); err != nil {
			return err
		}
		return setProjected(ctx, tx, shard, seq)
	})
}

const listCalls = `SELECT ` + callColumns + `
FROM calls
WHERE (ended_us, id) < (?1, ?2) AND (?3 = '' OR queue_id = ?3) 
	AND (?4 = '' OR agent_id = ?4 OR EXISTS (SELECT 1 FROM json_each(agents) WHERE value = ?4))
ORDER BY ended_us DESC, id DESC LIMIT ?5`

// ListCalls returns ended calls, newest end first. Errors: Invalid for a limit
// out of bounds, Unavailable, Stopped.
func (s *Store) ListCalls(ctx context.Context, f CallFilter) (calls []Call, err error) {
	const op = "store: list calls"
	if f.Limit, err = checkLimit(op, f.Limit); err != nil {
		return nil, err
	}
	before := int64(math.MaxInt64)
	if !f.Before.Ended.IsZero() {
		before = micros(f.Before.Ended)
	}
	rows, err := s.read.QueryContext(ctx, listCalls, before, f.Before.ID, f.QueueID, f.AgentID, f.Limit)
	if err != nil {
		return nil, dbFault(op, "", err)
	}
	defer func() { err = dbFault(op, "", errors.Join(err, rows.Close())) }()
	for rows.Next() {
		c, err := scanCall(rows)
		if err != nil {
			return nil, err
		}
		calls = append(calls, c)
	}
	return calls, rows.Err()
}

func checkLimit(op string, n int) (int, error) {
	if n == 0 {
		return 100, nil
	}
	if n < 0 || n > MaxList {
		return 0, fault.Newf(fault.Invalid, op, "limit", "must be between 1 and %d", MaxList)
	}
	return n, nil
}
