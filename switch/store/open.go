package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"strowger/switch/fault"
)

//go:embed migrations
var migrations embed.FS

// readers is the number of connections for queries beside the one that writes.
const readers = 4

// Options configure [Open].
type Options struct {
	// BusyTimeout is how long a statement waits for another process's lock; 5 s if 0.
	BusyTimeout time.Duration
}

// Store is an open database. All methods may be called from any goroutine,
// none from the engine loop.
type Store struct {
	write *sql.DB // one connection: SQLite has one writer
	read  *sql.DB
}

// Open opens the database at a URL and brings its tables up to date:
// "sqlite:///var/lib/strowger/strowger.db" (absolute) or
// "sqlite:var/strowger.db" (relative to the working directory). Missing
// folders (0700) and the file (0600) are made. Errors: Invalid for a bad URL,
// Unsupported for another database or one that a newer version has
// migrated, Unavailable when it cannot be opened.
func Open(ctx context.Context, rawURL string, o Options) (*Store, error) {
	const op = "store: open"
	path, err := sqlitePath(rawURL)
	if err != nil {
		return nil, err
	}
	if o.BusyTimeout == 0 {
		o.BusyTimeout = 5 * time.Second
	}
	if o.BusyTimeout < time.Millisecond || o.BusyTimeout > time.Minute {
		return nil, fault.New(fault.Invalid, op, "BusyTimeout", "must be between 1 ms and 1 min")
	}
	if err := createPrivate(path); err != nil {
		return nil, &fault.Error{
			Kind: fault.Unavailable, Op: op, Subject: path, Err: err,
			Reason: "the file cannot be made; check folder, owner and room on the disk",
		}
	}
	s := &Store{}
	// synchronous=FULL: a number or a configuration version that was handed
	// out must be there after a power failure.
	if s.write, err = sql.Open("sqlite", dsn(path, o, "_txlock=immediate", "_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)")); err != nil {
		return nil, fault.Wrap(fault.Internal, op, path, err)
	}
	s.write.SetMaxOpenConns(1)
	if s.read, err = sql.Open("sqlite", dsn(path, o, "_pragma=query_only(1)")); err != nil {
		return nil, errors.Join(fault.Wrap(fault.Internal, op, path, err), s.write.Close())
	}
	s.read.SetMaxOpenConns(readers)
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close closes the database. It may be called twice.
func (s *Store) Close() error {
	return dbFault("store: close", "", errors.Join(s.read.Close(), s.write.Close()))
}

func (s *Store) migrate(ctx context.Context) error {
	const op = "store: migrate"
	dir, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return fault.Wrap(fault.Internal, op, "", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, s.write, dir, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fault.Wrap(fault.Internal, op, "", err)
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return dbFault(op, "", err)
	}
	sources := p.ListSources()
	if want := sources[len(sources)-1].Version; have > want {
		return fault.Newf(fault.Unsupported, op, "",
			"the tables have version %d, this program knows %d; start the newer version, or open a copy from before the upgrade", have, want)
	}
	if _, err := p.Up(ctx); err != nil {
		return dbFault(op, "", err)
	}
	return nil
}

// sqlitePath returns the absolute path that a URL names.
func sqlitePath(raw string) (string, error) {
	const op = "store: open"
	scheme, rest, ok := strings.Cut(raw, ":")
	switch {
	case !ok:
		return "", fault.New(fault.Invalid, op, "", "a database is given as sqlite:///absolute/path.db or sqlite:relative/path.db")
	case scheme == "postgres" || scheme == "postgresql":
		return "", fault.New(fault.Unsupported, op, scheme, "this program is built with SQLite only; use sqlite:///absolute/path.db")
	case scheme != "sqlite":
		return "", fault.New(fault.Unsupported, op, clip(scheme, 32), "unknown kind of database; use sqlite:///absolute/path.db")
	}
	if strings.HasPrefix(rest, "//") && !strings.HasPrefix(rest, "///") {
		return "", fault.New(fault.Invalid, op, "", "a host has no meaning for SQLite; write sqlite:///absolute/path.db or sqlite:relative/path.db")
	}
	rest = strings.TrimPrefix(rest, "//")
	if rest == "" || strings.HasSuffix(rest, "/") || strings.ContainsAny(rest, "?#\x00") {
		return "", fault.New(fault.Invalid, op, "", "the URL must name a file and carry no options")
	}
	path, err := filepath.Abs(rest)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, op, rest, err)
	}
	return path, nil
}

func dsn(path string, o Options, more ...string) string {
	u := url.URL{Scheme: "file", Path: path}
	ms := "_busy_timeout=" + url.QueryEscape(msText(o.BusyTimeout))
	return u.String() + "?" + strings.Join(append([]string{ms}, more...), "&")
}

// createPrivate makes the file before SQLite does, because SQLite would give
// it the umask's mode; -wal and -shm take the mode of the file.
func createPrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// dbFault sorts a database error: Invalid when the row itself is refused (the
// same write can never succeed), Stopped or Unavailable for a context's end,
// Unavailable for everything that can pass: locks, a full disk, lost files.
func dbFault(op, subject string, err error) error {
	if err == nil {
		return nil
	}
	if f := (*fault.Error)(nil); errors.As(err, &f) {
		return err
	}
	e := &fault.Error{Kind: fault.Unavailable, Op: op, Subject: subject, Err: err, Reason: "the database does not answer as it should"}
	var se *sqlite.Error
	switch {
	case errors.Is(err, context.Canceled):
		e.Kind, e.Reason = fault.Stopped, "cancelled"
	case errors.Is(err, sql.ErrNoRows):
		e.Kind, e.Reason = fault.NotFound, "there is no such row"
	case errors.As(err, &se):
		switch se.Code() & 0xff {
		case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH:
			e.Kind, e.Reason = fault.Invalid, "the database refuses the values"
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			e.Reason = "another process holds the database; end it or wait"
		case sqlite3.SQLITE_FULL:
			e.Reason = "the disk is full; make room on it"
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			e.Reason = "the file is damaged or no SQLite database; restore it from a backup or move it away"
		}
	}
	return e
}
