package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"strowger/switch/fault"
)

// Copied is one table of a [Copy]: how many rows of how many are in the new database.
type Copied struct {
	Table string
	Rows  int64
	Of    int64
}

const (
	copyRows = 200    // rows per statement, at most
	copyArgs = 20_000 // values per statement, at most; SQLite takes 32766
)

// Copy copies everything from one database to another, which must be empty; its tables
// are made. It is all or nothing: rows go over in one transaction, and are
// counted before it is committed. tell is called as it goes on. The program that
// uses the old database must not run. Errors: those of [Open] of either; Conflict when
// the old one has tables of another version, the new one holds rows, or the counts differ.
func Copy(ctx context.Context, from, to string, fromOpts, toOpts Options, tell func(Copied)) (done []Copied, err error) {
	const op = "store: copy"
	c, err := Examine(ctx, from, fromOpts)
	if err != nil {
		return nil, err
	}
	if c.Tables != c.Newest {
		return nil, fault.Newf(fault.Conflict, op, "", "the old database has tables of version %d, this program makes %d: start it on the old one once", c.Tables, c.Newest)
	}
	if fromOpts.BusyTimeout == 0 {
		fromOpts.BusyTimeout = defaultBusy
	}
	old, err := openToLook(ctx, from, fromOpts)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, old.Close()) }()
	fresh, err := Open(ctx, to, toOpts)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, fresh.Close()) }()
	fresh.limit = 0 // it takes as long as it takes; each statement is bounded
	reading, err := old.read.BeginTx(ctx, nil)
	if err != nil {
		return nil, old.fault(op, "", err)
	}
	defer func() { err = errors.Join(err, old.fault(op, "", ignoreDone(reading.Rollback()))) }()
	source := &tx{sql: reading, d: old.d}
	if old.d == postgresDialect {
		if err := source.exec(ctx, `SET LOCAL statement_timeout = 0`); err != nil { // one statement reads a whole table
			return nil, old.fault(op, "", err)
		}
	}
	err = fresh.update(ctx, op, "", func(ctx context.Context, target *tx) error {
		done = nil
		for _, t := range tables(known()) {
			one, err := copyTable(ctx, source, target, t, tell)
			if err != nil {
				return err
			}
			done = append(done, one)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}

// known are the migrations; that they can be read was seen when the database was opened.
func known() []migration {
	list, err := migrations()
	if err != nil {
		return nil
	}
	return list
}

var (
	tableMade = regexp.MustCompile(`CREATE TABLE (\w+) \(`)
	autoID    = regexp.MustCompile(`(?m)^\s*(\w+)\s+AUTOID\b`)
)

// copied is a table and its column that the database counts up, if any.
type copied struct{ name, auto string }

// tables are all tables that migrations make, in their order.
func tables(list []migration) (out []copied) {
	for _, m := range list {
		for statement := range strings.SplitSeq(m.text, ";") {
			made := tableMade.FindStringSubmatch(statement)
			if made == nil {
				continue
			}
			t := copied{name: made[1]}
			if auto := autoID.FindStringSubmatch(statement); auto != nil {
				t.auto = auto[1]
			}
			out = append(out, t)
		}
	}
	return out
}

func countRows(ctx context.Context, t *tx, table string) (n int64, err error) {
	return n, t.queryRow(ctx, `SELECT COUNT(*) FROM `+table).Scan(&n)
}

func copyTable(ctx context.Context, source, target *tx, t copied, tell func(Copied)) (c Copied, err error) {
	const op = "store: copy"
	c.Table = t.name
	if c.Of, err = countRows(ctx, source, t.name); err != nil {
		return c, err
	}
	there, err := countRows(ctx, target, t.name)
	if err != nil {
		return c, err
	}
	if there != 0 {
		return c, fault.Newf(fault.Conflict, op, t.name, "the new database is not empty: its table %s has %d rows", t.name, there)
	}
	if err := copyAll(ctx, source, target, &c, tell); err != nil {
		return c, err
	}
	if t.auto != "" && target.d == postgresDialect {
		stmt := fmt.Sprintf(`SELECT setval(pg_get_serial_sequence('%[1]s', '%[2]s'), (SELECT COALESCE(MAX(%[2]s), 0) + 1 FROM %[1]s), false)`, t.name, t.auto)
		if err := target.exec(ctx, stmt); err != nil {
			return c, err
		}
	}
	if there, err = countRows(ctx, target, t.name); err != nil {
		return c, err
	}
	if there != c.Of || c.Rows != c.Of {
		return c, fault.Newf(fault.Conflict, op, t.name, "the table %s had %d rows, %d were read and %d are in the new database: nothing was copied", t.name, c.Of, c.Rows, there)
	}
	tell(c)
	return c, nil
}

func copyAll(ctx context.Context, source, target *tx, c *Copied, tell func(Copied)) (err error) {
	rows, err := source.query(ctx, `SELECT * FROM `+c.Table)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	chunk := min(copyRows, copyArgs/len(columns))
	var values []any
	write := func() error {
		n := len(values) / len(columns)
		if n == 0 {
			return nil
		}
		stmt := insertMany(c.Table, columns, n)
		put := target.exec
		if n == chunk {
			put = target.put // prepared: all but the last are alike
		}
		if err := put(ctx, stmt, values...); err != nil {
			return err
		}
		c.Rows += int64(n)
		values = values[:0]
		tell(*c)
		return nil
	}
	for rows.Next() {
		row, err := scanAny(rows, len(columns))
		if err != nil {
			return err
		}
		if values = append(values, row...); len(values) == chunk*len(columns) {
			if err := write(); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return write()
}

func insertMany(table string, columns []string, rows int) string {
	one := "(?" + strings.Repeat(", ?", len(columns)-1) + ")"
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES " + one + strings.Repeat(", "+one, rows-1)
}

func scanAny(rows *sql.Rows, n int) ([]any, error) {
	row, into := make([]any, n), make([]any, n)
	for i := range row {
		into[i] = &row[i]
	}
	return row, rows.Scan(into...)
}
