package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"strowger/switch/fault"
)

// readers is the number of connections for queries beside the one that writes; defaultBusy is Options.BusyTimeout.
const (
	readers     = 4
	defaultBusy = 5 * time.Second
)

// Options configure [Open].
type Options struct {
	// BusyTimeout is how long a change waits for another process's lock, the
	// wait for its turn behind other changes included; 5 s if 0.
	BusyTimeout time.Duration
	// Password of PostgreSQL's user; the URL's own, or none, if empty.
	Password string
}

// Store is an open database. All methods may be called from any goroutine,
// none from the engine loop.
type Store struct {
	d     *dialect
	write *sql.DB // one connection: there is one writer
	turn  *turn   // to write
	read  *sql.DB
	limit time.Duration // of a transaction; none if 0
	busy  time.Duration // Options.BusyTimeout; 0: the connections wait as their URL says
}

// Open opens the database at a URL and brings its tables up to date:
//
//   - "sqlite:///var/lib/strowger/strowger.db" (absolute) or
//     "sqlite:var/strowger.db" (relative to the working directory). Missing
//     folders (0700) and the file (0600) are made.
//   - "postgres://user@host:5432/database?sslmode=verify-full", with the
//     options of libpq; "postgres:///database?host=/run/postgresql" for a unix
//     socket. The database must exist, in UTF-8, and its user must be allowed
//     to make tables in the schema that the search_path names first.
//
// Errors: Invalid for a bad URL, Unsupported for another database or one that a
// newer version has migrated, Unavailable when it cannot be opened. No error
// shows a password.
func Open(ctx context.Context, rawURL string, o Options) (*Store, error) {
	const op = "store: open"
	if o.BusyTimeout == 0 {
		o.BusyTimeout = defaultBusy
	}
	if o.BusyTimeout < time.Millisecond || o.BusyTimeout > time.Minute {
		return nil, fault.New(fault.Invalid, op, "BusyTimeout", "must be between 1 ms and 1 min")
	}
	s, err := open(ctx, rawURL, o)
	if err != nil {
		return nil, err
	}
	s.write.SetMaxOpenConns(1)
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	list, err := migrations()
	if err == nil {
		err = s.migrate(ctx, list)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func open(ctx context.Context, rawURL string, o Options) (*Store, error) {
	const op = "store: open"
	switch kindOf(rawURL) {
	case sqliteDialect:
		return openSQLite(rawURL, o)
	case postgresDialect:
		return openPostgres(ctx, rawURL, o)
	}
	scheme, _, ok := strings.Cut(rawURL, ":")
	if !ok {
		return nil, fault.New(fault.Invalid, op, "", "a database is given as sqlite:///absolute/path.db, sqlite:relative/path.db or postgres://user@host/database")
	}
	return nil, fault.New(fault.Unsupported, op, clip(scheme, 32), "unknown kind of database; use sqlite:///absolute/path.db or postgres://user@host/database")
}

// kindOf returns the dialect of a URL's database, nil when there is none.
func kindOf(rawURL string) *dialect {
	switch scheme, _, _ := strings.Cut(rawURL, ":"); scheme {
	case "sqlite":
		return sqliteDialect
	case "postgres", "postgresql":
		return postgresDialect
	}
	return nil
}

// Database returns "sqlite" or "postgres".
func (s *Store) Database() string { return s.d.name }

// Close closes the database. It may be called twice.
func (s *Store) Close() error {
	return s.fault("store: close", "", errors.Join(s.read.Close(), s.write.Close()))
}

// Pool is the state of the connections, for metrics.
type Pool struct {
	Name  string // "write" or "read"
	Limit int
	Open  int
	InUse int
	Waits int64         // statements that waited for a connection
	Wait  time.Duration // how long all of them together
}

// Pools describes the connections. It may be called from any goroutine.
func (s *Store) Pools() []Pool {
	var out []Pool
	for _, p := range []struct {
		name string
		db   *sql.DB
	}{{"read", s.read}, {"write", s.write}} {
		st := p.db.Stats()
		pool := Pool{Name: p.name, Limit: st.MaxOpenConnections, Open: st.OpenConnections, InUse: st.InUse, Waits: st.WaitCount, Wait: st.WaitDuration}
		if p.db == s.write {
			pool.Waits += s.turn.waits.Load()
			pool.Wait += time.Duration(s.turn.wait.Load())
		}
		out = append(out, pool)
	}
	return out
}

// Reasons that both databases share.
const (
	reasonOdd    = "the database does not answer as it should"
	reasonValues = "the database refuses the values"
	reasonHeld   = "another process holds the database; end it or wait"
	reasonFull   = "the disk is full; make room on it"
)

// fault sorts a database error: Invalid when the row itself is refused (the
// same write can never succeed), Stopped or Unavailable for a context's end,
// Unavailable for everything that can pass: locks, a full disk, lost files and connections.
func (s *Store) fault(op, subject string, err error) error {
	if err == nil {
		return nil
	}
	if f := (*fault.Error)(nil); errors.As(err, &f) {
		return err
	}
	e := &fault.Error{Kind: fault.Unavailable, Op: op, Subject: subject, Err: err, Reason: reasonOdd}
	switch {
	case errors.Is(err, context.Canceled):
		e.Kind, e.Reason = fault.Stopped, "cancelled"
	case errors.Is(err, sql.ErrNoRows):
		e.Kind, e.Reason = fault.NotFound, "there is no such row"
	default:
		if v := s.d.sort(err); v.kind != 0 {
			e.Kind, e.Reason = v.kind, v.reason
		}
	}
	return e
}
