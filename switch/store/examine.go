package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"time"

	"strowger/switch/fault"
)

// Condition is what [Examine] finds.
type Condition struct {
	Server string // name and version of the database program
	Tables int64  // version of the tables; 0: there are none yet
	Newest int64  // version that this program makes
	Bytes  int64  // size of the database
	MayAdd bool   // whether tables can be made and written
}

// Examine looks at the database that a URL names and changes nothing. Errors:
// those of [Open]; NotFound when a SQLite file does not exist yet.
func Examine(ctx context.Context, rawURL string, o Options) (c Condition, err error) {
	const op = "store: examine"
	if o.BusyTimeout == 0 {
		o.BusyTimeout = time.Second
	}
	list, err := migrations()
	if err != nil {
		return c, err
	}
	c.Newest = list[len(list)-1].version
	s, err := openToLook(ctx, rawURL, o)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if s.d == postgresDialect {
		err = s.queryRow(ctx, `SELECT 'PostgreSQL ' || current_setting('server_version'), pg_database_size(current_database()),
			has_schema_privilege(current_schema(), 'CREATE')`).Scan(&c.Server, &c.Bytes, &c.MayAdd)
	} else {
		c.MayAdd = true // who may write the file may do everything
		err = s.queryRow(ctx, `SELECT 'SQLite ' || sqlite_version(), (SELECT page_count FROM pragma_page_count()) * (SELECT page_size FROM pragma_page_size())`).Scan(&c.Server, &c.Bytes)
	}
	if err != nil {
		return c, s.fault(op, "", err)
	}
	there, err := s.hasTable(ctx, versionTable)
	if err == nil && there {
		c.Tables, err = s.schemaVersion(ctx)
	}
	if err != nil {
		return c, s.fault(op, "", err)
	}
	if c.Tables > c.Newest {
		return c, newerTables(op, c.Tables, c.Newest)
	}
	return c, nil
}

// openToLook opens a database of which nothing is made.
func openToLook(ctx context.Context, rawURL string, o Options) (*Store, error) {
	const op = "store: examine"
	if kindOf(rawURL) != sqliteDialect {
		return open(ctx, rawURL, o)
	}
	path, err := sqlitePath(rawURL)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, op, path, "there is no such file yet: the first start makes it")
	} else if err != nil {
		return nil, &fault.Error{Kind: fault.Unavailable, Op: op, Subject: path, Err: err, Reason: "the file cannot be looked at"}
	}
	s := &Store{d: sqliteDialect, turn: newTurn()}
	if s.read, err = sql.Open("sqlite", dsn(path, o, "mode=ro", "_pragma=query_only(1)")); err != nil {
		return nil, fault.Wrap(fault.Internal, op, path, err)
	}
	s.write = s.read
	return s, nil
}

func (s *Store) hasTable(ctx context.Context, name string) (there bool, err error) {
	stmt := `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ?`
	if s.d == postgresDialect {
		stmt = `SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?`
	}
	var n int
	err = s.queryRow(ctx, stmt, name).Scan(&n)
	return n > 0, err
}
