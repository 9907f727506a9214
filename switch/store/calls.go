package store

import (
	"context"
	"database/sql"
	"errors"
	"math"

	"strowger/switch/fault"
)

var callTable = newTable("calls", "id", `id, shard, seq, number, node, dialled, caller, queue_id, agent_id,
	started_us, answered_us, ended_us, outcome, hangup_cause, wait_ms, talk_ms, wrap_ms, config_version,
	kind, dnis_number, dnis_entry, dnis_label, queues, agents, dispositions, success,
	callback_id, consult_of, root_id, estimate_ms, priority, overflows, lost_from_us`)

func (c Call) key() string { return c.ID }

func (c Call) save(ctx context.Context, t *tx, shard string) error {
	c.Shard = shard
	values, err := rowValues(c)
	if err != nil {
		return err
	}
	return callTable.put(ctx, t, values)
}

// SaveCall writes the row of a call; the row with the highest Seq stays, and
// saving the same row again changes nothing. Errors: Invalid, Unavailable, Stopped.
func (s *Store) SaveCall(ctx context.Context, c Call) error {
	return s.Project(ctx, Batch{Shard: c.Shard, Rows: []Row{c}})
}

// Project writes rows and the projected sequence number in one transaction:
// all of it or nothing. Errors: Invalid when a row can never be written,
// Unavailable, Stopped.
func (s *Store) Project(ctx context.Context, b Batch) error {
	const op = "store: project"
	for _, r := range b.Rows {
		if err := r.check(); err != nil {
			return err
		}
	}
	if err := checkShard(op, b.Shard, b.Seq); err != nil {
		return err
	}
	return s.update(ctx, op, b.Shard, func(ctx context.Context, t *tx) error {
		for _, r := range b.Rows {
			if err := r.save(ctx, t, b.Shard); err != nil {
				return err
			}
		}
		if b.Seq == 0 {
			return nil
		}
		return setProjected(ctx, t, b.Shard, b.Seq)
	})
}

func checkShard(op, shard string, seq uint64) error {
	if seq > 1<<62 {
		return fault.Newf(fault.Invalid, op, "", "journal sequence %d is out of bounds", seq)
	}
	return checkText(op, "shard", shard)
}

func setProjected(ctx context.Context, t *tx, shard string, seq uint64) error {
	return t.exec(ctx, `INSERT INTO projections (shard, seq) VALUES (?, ?) ON CONFLICT (shard) DO UPDATE SET seq = excluded.seq`, shard, int64(seq))
}

// ProjectedSeq returns the sequence number up to which the rows of a shard are
// complete; 0 when nothing was projected.
func (s *Store) ProjectedSeq(ctx context.Context, shard string) (uint64, error) {
	var seq int64
	err := s.queryRow(ctx, `SELECT seq FROM projections WHERE shard = ?`, shard).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return uint64(seq), s.fault("store: projected", shard, err)
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
	return s.update(ctx, op, shard, func(ctx context.Context, t *tx) error {
		for _, table := range projected {
			if err := t.exec(ctx, `UPDATE `+table.name+` SET seq = ?1 WHERE shard = ?2 AND seq > ?1`, int64(seq), shard); err != nil {
				return err
			}
		}
		return setProjected(ctx, t, shard, seq)
	})
}

var listCalls = `SELECT ` + callTable.columns + ` FROM calls
	WHERE (ended_us, id) < (?1, ?2) AND (?3 = '' OR queue_id = ?3)
	AND (?4 = '' OR agent_id = ?4 OR EXISTS (SELECT 1 FROM LIST(agents) WHERE value = ?4))
	ORDER BY ended_us DESC, id DESC LIMIT ?5`

// ListCalls returns ended calls, newest end first. Errors: Invalid for a limit
// out of bounds, Unavailable, Stopped.
func (s *Store) ListCalls(ctx context.Context, f CallFilter) ([]Call, error) {
	const op = "store: list calls"
	limit, err := checkLimit(op, f.Limit)
	if err != nil {
		return nil, err
	}
	before := int64(math.MaxInt64)
	if !f.Before.Ended.IsZero() {
		before = micros(f.Before.Ended)
	}
	return query(ctx, s, op, scanCall, listCalls, before, f.Before.ID, f.QueueID, f.AgentID, limit)
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
