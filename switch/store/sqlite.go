package store

import (
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"strowger/switch/fault"
)

// numbered finds parameters with a number. SQLite keeps these as names, which
// the driver looks up one by one: for thousands of them that takes longer than
// the insert. Bare ones have none.
var numbered = regexp.MustCompile(`\?[0-9]`)

var sqliteDialect = &dialect{
	name: "sqlite",
	sql: func(stmt string) string {
		parameter := func(n int) string { return "?" + strconv.Itoa(n) }
		if !numbered.MatchString(stmt) {
			parameter = func(int) string { return "?" }
		}
		return rewrite(stmt, parameter, func(column string) string { return "json_each(" + column + ")" })
	},
	types:    map[string]string{"AUTOID": "INTEGER NOT NULL PRIMARY KEY"},
	patience: `PRAGMA busy_timeout = `,
	sort:     sortSQLite,
}

func openSQLite(rawURL string, o Options) (*Store, error) {
	const op = "store: open"
	path, err := sqlitePath(rawURL)
	if err != nil {
		return nil, err
	}
	if err := createPrivate(path); err != nil {
		return nil, &fault.Error{
			Kind: fault.Unavailable, Op: op, Subject: path, Err: err,
			Reason: "the file cannot be made; check folder, owner and room on the disk",
		}
	}
	s := &Store{d: sqliteDialect, turn: newTurn(), busy: o.BusyTimeout}
	// synchronous=FULL: a number or a configuration version that was handed
	// out must be there after a power failure.
	if s.write, err = sql.Open("sqlite", dsn(path, o, "_txlock=immediate", "_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)")); err != nil {
		return nil, fault.Wrap(fault.Internal, op, path, err)
	}
	if s.read, err = sql.Open("sqlite", dsn(path, o, "_pragma=query_only(1)")); err != nil {
		return nil, errors.Join(fault.Wrap(fault.Internal, op, path, err), s.write.Close())
	}
	return s, nil
}

// sqlitePath returns the absolute path that a URL names.
func sqlitePath(raw string) (string, error) {
	const op = "store: open"
	rest := strings.TrimPrefix(raw, "sqlite:")
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
	ms := "_busy_timeout=" + msText(o.BusyTimeout)
	return u.String() + "?" + strings.Join(append([]string{ms}, more...), "&")
}

func msText(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

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

func sortSQLite(err error) verdict {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return verdict{}
	}
	v := verdict{kind: fault.Unavailable, reason: reasonOdd}
	switch se.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH:
		v.kind, v.reason = fault.Invalid, reasonValues
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		v.reason = reasonHeld
	case sqlite3.SQLITE_FULL:
		v.reason = reasonFull
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		v.reason = "the file is damaged or no SQLite database; restore it from a backup or move it away"
	}
	return v
}
