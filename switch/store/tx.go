package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync/atomic"
	"time"
)

const (
	// attempts is how often a transaction is made when others are in its way.
	attempts = 5
	// attemptPause is how long the next one waits, times its number.
	attemptPause = 10 * time.Millisecond
	// leastPatience is the part of Options.BusyTimeout that a transaction which
	// has waited that long for its turn waits for a lock nevertheless.
	leastPatience = 50
)

// tx is a writing transaction. Statements are in the form that doc.go describes.
type tx struct {
	sql      *sql.Tx
	d        *dialect
	prepared map[string]*sql.Stmt // as many as the code has statements; the transaction's end closes them
}

func (t *tx) exec(ctx context.Context, stmt string, args ...any) error {
	_, err := t.sql.ExecContext(ctx, t.d.sql(stmt), args...)
	return err
}

// put is exec for a statement that comes many times in a transaction.
func (t *tx) put(ctx context.Context, stmt string, args ...any) error {
	st, err := t.prepare(ctx, stmt)
	if err != nil {
		return err
	}
	_, err = st.ExecContext(ctx, args...)
	return err
}

func (t *tx) query(ctx context.Context, stmt string, args ...any) (*sql.Rows, error) {
	return t.sql.QueryContext(ctx, t.d.sql(stmt), args...)
}

func (t *tx) queryRow(ctx context.Context, stmt string, args ...any) *sql.Row {
	return t.sql.QueryRowContext(ctx, t.d.sql(stmt), args...)
}

// update runs fn in a writing transaction, which no other writer of the
// database runs beside. fn runs again when another transaction was in its way
// nevertheless, so it must leave nothing behind but what it writes with its tx.
func (s *Store) update(ctx context.Context, op, subject string, fn func(context.Context, *tx) error) error {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	asked := time.Now()
	for n := 1; ; n++ {
		err := s.once(ctx, asked, fn)
		if err == nil || n == attempts || !s.d.sort(err).again {
			return s.fault(op, subject, err)
		}
		select {
		case <-time.After(time.Duration(n) * attemptPause):
		case <-ctx.Done():
			return s.fault(op, subject, err)
		}
	}
}

// bounded ends the wait for a server that does not answer at all.
func (s *Store) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.limit == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, s.limit)
}

func (s *Store) once(ctx context.Context, asked time.Time, fn func(context.Context, *tx) error) (err error) {
	if err := s.turn.take(ctx); err != nil {
		return err
	}
	defer s.turn.pass()
	conn, begun, err := s.begin(ctx, asked)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ignoreDone(conn.Close())) }()
	t := &tx{sql: begun, d: s.d, prepared: map[string]*sql.Stmt{}}
	if s.d.lock != "" {
		err = t.exec(ctx, s.d.lock)
	}
	if err == nil {
		err = fn(ctx, t)
	}
	if err != nil {
		return errors.Join(err, ignoreDone(begun.Rollback()))
	}
	return begun.Commit()
}

// turn lets one change after the other write, in the order in which they asked:
// the pool of connections would serve any of those who wait, and one that has
// just come would make the others wait for its whole patience once more.
type turn struct {
	free  chan struct{} // holds one token; who waits for it is served in order
	waits atomic.Int64
	wait  atomic.Int64 // nanoseconds, of all together
}

func newTurn() *turn {
	t := &turn{free: make(chan struct{}, 1)}
	t.pass()
	return t
}

func (t *turn) take(ctx context.Context) error {
	select {
	case <-t.free:
		return nil
	default:
	}
	began := time.Now()
	t.waits.Add(1)
	defer func() { t.wait.Add(int64(time.Since(began))) }()
	select {
	case <-t.free:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *turn) pass() { t.free <- struct{}{} }

// begin opens a transaction on the one connection that writes. A connection
// that turns out to be dead was not used yet, so the next is tried.
func (s *Store) begin(ctx context.Context, asked time.Time) (conn *sql.Conn, begun *sql.Tx, err error) {
	for n := 1; ; n++ {
		if conn, err = s.write.Conn(ctx); err != nil {
			return nil, nil, err
		}
		if err = s.bePatient(ctx, conn, asked); err == nil {
			begun, err = conn.BeginTx(ctx, nil)
		}
		if err == nil {
			return conn, begun, nil
		}
		closed := ignoreDone(conn.Close())
		if n == attempts || !errors.Is(err, driver.ErrBadConn) {
			return nil, nil, errors.Join(err, closed)
		}
	}
}

// bePatient says how long the connection waits for another program's lock.
// What a change has waited for its turn counts: while another program holds
// the database, the changes before it have waited for that lock already.
func (s *Store) bePatient(ctx context.Context, conn *sql.Conn, asked time.Time) error {
	if s.busy == 0 {
		return nil
	}
	left := max(s.busy-time.Since(asked), s.busy/leastPatience, time.Millisecond)
	_, err := conn.ExecContext(ctx, s.d.patience+msText(left))
	return err
}

// ignoreDone: a transaction that its context's end, or the loss of its
// connection, has rolled back already is no error, nor is a connection that
// its own failure has closed.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) || errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}

func (s *Store) queryRow(ctx context.Context, stmt string, args ...any) *sql.Row {
	return s.read.QueryRowContext(ctx, s.d.sql(stmt), args...)
}

// query returns the rows of a statement, read by scan. Its errors are faults.
func query[T any](ctx context.Context, s *Store, op string, scan func(*sql.Rows) (T, error), stmt string, args ...any) ([]T, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	rows, err := s.read.QueryContext(ctx, s.d.sql(stmt), args...)
	if err != nil {
		return nil, s.fault(op, "", err)
	}
	list, err := scanAll(rows, scan)
	if err != nil {
		return nil, s.fault(op, "", err)
	}
	return list, nil
}

func scanAll[T any](rows *sql.Rows, scan func(*sql.Rows) (T, error)) (list []T, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		row, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, rows.Err()
}
