package store

import (
	"context"
	"database/sql"
	"errors"

	"strowger/switch/port"
)

var _ port.Tables = (*Store)(nil)

// Update is part of [port.Tables].
func (s *Store) Update(ctx context.Context, op, subject string, fn func(context.Context, port.Tx) error) error {
	return s.update(ctx, op, subject, func(ctx context.Context, t *tx) error { return fn(ctx, handle{t}) })
}

// Query is part of [port.Tables].
func (s *Store) Query(ctx context.Context, op string, scan func(port.Row) error, stmt string, args ...any) error {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	rows, err := s.read.QueryContext(ctx, s.d.sql(stmt), args...)
	return s.fault(op, "", eachRow(rows, err, scan))
}

// handle is a transaction in the hands of another package.
type handle struct{ t *tx }

func (h handle) Exec(ctx context.Context, stmt string, args ...any) (int64, error) {
	return changed(h.t.sql.ExecContext(ctx, h.t.d.sql(stmt), args...))
}

func (h handle) Put(ctx context.Context, stmt string, args ...any) (int64, error) {
	st, err := h.t.prepare(ctx, stmt)
	if err != nil {
		return 0, err
	}
	return changed(st.ExecContext(ctx, args...))
}

func (h handle) Query(ctx context.Context, scan func(port.Row) error, stmt string, args ...any) error {
	st, err := h.t.prepare(ctx, stmt)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(ctx, args...)
	return eachRow(rows, err, scan)
}

func changed(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func eachRow(rows *sql.Rows, err error, scan func(port.Row) error) error {
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := scan(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// prepare returns the transaction's own form of a statement, made when it is first asked for.
func (t *tx) prepare(ctx context.Context, stmt string) (*sql.Stmt, error) {
	st := t.prepared[stmt]
	if st == nil {
		var err error
		if st, err = t.sql.PrepareContext(ctx, t.d.sql(stmt)); err != nil {
			return nil, err
		}
		t.prepared[stmt] = st
	}
	return st, nil
}
