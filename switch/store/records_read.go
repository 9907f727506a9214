package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"strowger/switch/fault"
	"strowger/switch/records"
)

// MaxPage is the largest number of rows one page of records has.
const MaxPage = 10_000

// OpenRows returns what goes on: the state with which a fold starts again.
func (s *Store) OpenRows(ctx context.Context, shard string) (r records.Rows, err error) {
	const op = "store: open rows"
	if r.Segments, err = query(ctx, s, op, scanSegment, `SELECT `+segmentTable.columns+` FROM segments WHERE ended_us = 0 AND shard = ?`, shard); err != nil {
		return r, err
	}
	r.Intervals, err = query(ctx, s, op, scanState, `SELECT `+stateTable.columns+` FROM agent_states WHERE ended_us = 0 AND shard = ?`, shard)
	return r, err
}

// Segments returns a page of segments, in order of their start, and where the
// next one begins: empty after the last. Errors: Invalid, Unavailable, Stopped.
func (s *Store) Segments(ctx context.Context, f records.Filter) ([]records.Segment, string, error) {
	return page(ctx, s, f, &segmentTable, "queue_id", scanSegment, func(g records.Segment) (time.Time, string) { return g.Started, segmentRow{g}.key() })
}

// AgentStates is Segments for agents' states; a queue does not filter them.
func (s *Store) AgentStates(ctx context.Context, f records.Filter) ([]records.Interval, string, error) {
	f.Queue = ""
	return page(ctx, s, f, &stateTable, "''", scanState, func(i records.Interval) (time.Time, string) { return i.Started, stateRow{i}.key() })
}

// Attempts is Segments for attempts.
func (s *Store) Attempts(ctx context.Context, f records.Filter) ([]records.Attempt, string, error) {
	return page(ctx, s, f, &attemptTable, "queue_id", scanAttempt, func(a records.Attempt) (time.Time, string) { return a.Started, a.ID })
}

// Dispositions is Segments for dispositions.
func (s *Store) Dispositions(ctx context.Context, f records.Filter) ([]records.Disposition, string, error) {
	return page(ctx, s, f, &dispositionTable, "queue_id", scanDisposition, func(d records.Disposition) (time.Time, string) { return d.At, dispositionRow{d}.key() })
}

// CallsBetween is Segments for ended calls, by their start.
func (s *Store) CallsBetween(ctx context.Context, f records.Filter) ([]Call, string, error) {
	return page(ctx, s, f, &callTable, "queue_id", scanCall, func(c Call) (time.Time, string) { return c.Started, c.ID })
}

// page reads rows of a table with the columns id, started_us and agent_id.
func page[T any](ctx context.Context, s *Store, f records.Filter, tb *table, queue string, scan func(*sql.Rows) (T, error), at func(T) (time.Time, string)) ([]T, string, error) {
	op := "store: list " + tb.name
	c, err := cursorOf(op, &f)
	if err != nil {
		return nil, "", err
	}
	call := "call_id"
	if tb == &callTable {
		call = "id"
	}
	list, err := query(ctx, s, op, scan, `SELECT `+tb.columns+` FROM `+tb.name+`
		WHERE (started_us, id) > (?1, ?2) AND started_us >= ?3 AND started_us < ?4 AND (?5 = '' OR `+queue+` = ?5)
		AND (?6 = '' OR agent_id = ?6) AND (?7 = '' OR `+call+` = ?7) ORDER BY started_us, id LIMIT ?8`,
		c.us, c.id, c.from, c.to, f.Queue, f.Agent, f.Call, int64(f.Limit))
	if err != nil || len(list) < f.Limit {
		return list, "", err
	}
	return list, next(at(list[len(list)-1])), nil
}

// cursor is where a page begins, and the time that all pages are of.
type cursor struct {
	us       int64
	id       string
	from, to int64
}

// cursorOf reads it and gives the filter its limit.
func cursorOf(op string, f *records.Filter) (c cursor, err error) {
	if f.Limit == 0 {
		f.Limit = 1000
	}
	if f.Limit < 0 || f.Limit > MaxPage {
		return c, fault.Newf(fault.Invalid, op, "limit", "must be between 1 and %d", MaxPage)
	}
	c.from, c.to = bounds(f.From, f.To)
	c.us = c.from
	if f.After == "" {
		return c, nil
	}
	first, rest, ok := strings.Cut(f.After, ".")
	if c.us, err = strconv.ParseInt(first, 10, 64); !ok || err != nil {
		return c, fault.New(fault.Invalid, op, "after", "give what the page before has returned as next")
	}
	c.id = rest
	return c, nil
}

// next is the cursor of the page behind a row.
func next(at time.Time, key string) string { return strconv.FormatInt(micros(at), 10) + "." + key }

func bounds(from, to time.Time) (int64, int64) {
	f, t := micros(from), int64(math.MaxInt64)
	if !to.IsZero() {
		t = micros(to)
	}
	return f, t
}

// Facts gives every row of a time to see, as statistics count it: segments and
// dispositions by when the call was offered, agents' states where they
// overlap it. Rows are not kept in memory. Errors: Unavailable, Stopped.
func (s *Store) Facts(ctx context.Context, from, to time.Time, see func(*records.Segment, *records.Interval, *records.Disposition)) error {
	f, t := bounds(from, to)
	return errors.Join(
		each(ctx, s, scanSegment, func(g *records.Segment) { see(g, nil, nil) },
			`SELECT `+segmentTable.columns+` FROM segments WHERE fact_us >= ? AND fact_us < ?`, f, t),
		each(ctx, s, scanState, func(i *records.Interval) { see(nil, i, nil) },
			`SELECT `+stateTable.columns+` FROM agent_states WHERE ended_us > ? AND started_us < ?`, max(f, 0), t),
		each(ctx, s, scanState, func(i *records.Interval) { see(nil, i, nil) },
			`SELECT `+stateTable.columns+` FROM agent_states WHERE ended_us = 0 AND started_us < ?`, t),
		each(ctx, s, scanDisposition, func(d *records.Disposition) { see(nil, nil, d) },
			`SELECT `+dispositionTable.columns+` FROM dispositions WHERE fact_us >= ? AND fact_us < ?`, f, t))
}

// each is query for more rows than should be in memory at once.
func each[T any](ctx context.Context, s *Store, scan func(*sql.Rows) (T, error), see func(*T), stmt string, args ...any) error {
	const op = "store: read facts"
	rows, err := s.read.QueryContext(ctx, s.d.sql(stmt), args...)
	if err != nil {
		return s.fault(op, "", err)
	}
	for rows.Next() && err == nil {
		var row T
		if row, err = scan(rows); err == nil {
			see(&row)
		}
	}
	return s.fault(op, "", errors.Join(err, rows.Err(), rows.Close()))
}

// Prune deletes up to MaxPage rows of a kind that are over and began before a
// moment, and reports how many there were: as many as MaxPage means that there may be more.
// Kinds: calls, segments, agent-states, attempts, dispositions, audit.
func (s *Store) Prune(ctx context.Context, kind string, before time.Time) (deleted int, err error) {
	const op = "store: prune"
	tables := map[string]string{"calls": "calls", "segments": "segments", "agent-states": "agent_states", "attempts": "attempts", "dispositions": "dispositions", "audit": "audit"}
	tb, ok := tables[kind]
	if !ok {
		return 0, fault.New(fault.Invalid, op, clip(kind, 64), "there is no such kind of rows")
	}
	over := " AND ended_us > 0"
	if kind == "dispositions" || kind == "audit" {
		over = ""
	}
	stmt := `DELETE FROM ` + tb + ` WHERE id IN (SELECT id FROM ` + tb + ` WHERE started_us < ?` + over + ` ORDER BY started_us LIMIT ?) RETURNING id`
	err = s.update(ctx, op, kind, func(ctx context.Context, t *tx) error {
		rows, err := t.query(ctx, stmt, micros(before), int64(MaxPage))
		if err != nil {
			return err
		}
		ids, err := scanAll(rows, func(r *sql.Rows) (id string, err error) { return id, r.Scan(&id) })
		deleted = len(ids)
		return err
	})
	return deleted, err
}
