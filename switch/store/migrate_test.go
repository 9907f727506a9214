package store

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/switch/fault"
	"strowger/switch/store/pgtest"
)

// onBoth runs a test with the URL of a new, empty database of each kind.
func onBoth(t *testing.T, f func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { f(t, "sqlite:"+filepath.Join(t.TempDir(), "s.db")) })
	t.Run("postgres", func(t *testing.T) {
		server := pgtest.Shared(t)
		f(t, server.URL(server.Database(t)))
	})
}

// bare opens a database without touching its tables.
func bare(t *testing.T, url string) *Store {
	t.Helper()
	s, err := open(t.Context(), url, Options{BusyTimeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	s.write.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func allMigrations(t *testing.T) []migration {
	t.Helper()
	list, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func run(t *testing.T, s *Store, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := s.write.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// TestRowsOfAnOlderVersion: a database with a row from before the details of
// calls were kept is taken over, and what is not known of the row is empty.
func TestRowsOfAnOlderVersion(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		old := bare(t, url)
		if strings.HasPrefix(url, "sqlite:") { // as goose made it
			run(t, old, `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
				is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`,
				`INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1)`)
		}
		if err := old.migrate(t.Context(), allMigrations(t)[:2]); err != nil {
			t.Fatal(err)
		}
		run(t, old, `INSERT INTO calls VALUES ('01HFOLD', 'main', 7, 100, 'n', '8001', '49301', 'sales', 'anna', 1000000, 2000000, 5000000, 'handled', 16, 1000, 3000, 0, 4)`)
		s, err := Open(t.Context(), url, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }() // what matters was read
		calls, err := s.ListCalls(t.Context(), CallFilter{AgentID: "anna"})
		at := func(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
		want := Call{
			ID: "01HFOLD", Shard: "main", Seq: 7, Number: 100, Node: "n", Dialled: "8001", Caller: "49301", QueueID: "sales", AgentID: "anna",
			Started: at(1), Answered: at(2), Ended: at(5), Outcome: "handled", Cause: 16, Wait: time.Second, Talk: 3 * time.Second, ConfigVersion: 4,
		}
		if err != nil || len(calls) != 1 || !reflect.DeepEqual(calls[0], want) {
			t.Fatalf("got %+v %v", calls, err)
		}
		if err := s.SaveCall(t.Context(), want); err != nil {
			t.Fatal(err)
		}
	})
}

func TestNewerTablesAreRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := bare(t, url)
		list := allMigrations(t)
		next := migration{version: int64(len(list) + 1), file: "next.sql", text: `CREATE TABLE later (id TEXT NOT NULL PRIMARY KEY)`}
		if err := s.migrate(t.Context(), append(list[:len(list):len(list)], next)); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), url, Options{})
		if !fault.Is(err, fault.Unsupported) || !strings.Contains(err.Error(), "newer version") {
			t.Fatalf("got %v", err)
		}
	})
}

// TestAMigrationThatFailsLeavesTheVersionBefore: half of a step is none.
func TestAMigrationThatFailsLeavesTheVersionBefore(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := bare(t, url)
		list := allMigrations(t)
		wrong := migration{version: int64(len(list) + 1), file: "wrong.sql", text: `CREATE TABLE half (id TEXT NOT NULL PRIMARY KEY);
			INSERT INTO half VALUES ('a'); INSERT INTO half VALUES ('a');`}
		err := s.migrate(t.Context(), append(list[:len(list):len(list)], wrong))
		if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "wrong.sql") {
			t.Fatalf("got %v", err)
		}
		have, err := s.schemaVersion(t.Context())
		if err != nil || have != int64(len(list)) {
			t.Fatalf("version %d %v", have, err)
		}
		if _, err := s.write.ExecContext(t.Context(), `SELECT * FROM half`); err == nil {
			t.Fatal("half of a migration was left")
		}
	})
}

// TestSeveralStartAtOnce: each step is made once, whoever makes it.
func TestSeveralStartAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				s, err := Open(t.Context(), url, Options{BusyTimeout: 30 * time.Second})
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		s := bare(t, url)
		var rows int
		if err := s.queryRow(t.Context(), `SELECT COUNT(*) FROM `+versionTable).Scan(&rows); err != nil || rows != len(allMigrations(t)) {
			t.Fatalf("%d steps were made, %d exist (%v)", rows, len(allMigrations(t)), err)
		}
	})
}

// TestOpenDoesNotWaitForAWriter: tables that are up to date are not written.
func TestOpenDoesNotWaitForAWriter(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s, err := Open(t.Context(), url, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }() // only a tool of the test
		held := errors.New("held")
		err = s.update(t.Context(), "test", "", func(ctx context.Context, _ *tx) error {
			again, err := Open(ctx, url, Options{BusyTimeout: 50 * time.Millisecond})
			if err != nil {
				return err
			}
			return errors.Join(held, again.Close())
		})
		if !errors.Is(err, held) {
			t.Fatal(err)
		}
	})
}

func TestStatementsInBothForms(t *testing.T) {
	for in, want := range map[string][2]string{
		`SELECT 1`:                           {`SELECT 1`, `SELECT 1`},
		`INSERT INTO t (a, b) VALUES (?, ?)`: {`INSERT INTO t (a, b) VALUES (?, ?)`, `INSERT INTO t (a, b) VALUES ($1, $2)`},
		`a = ?2 OR b = ?1 AND c = '?' || 'it''s ?' || ?12`: {`a = ?2 OR b = ?1 AND c = '?' || 'it''s ?' || ?12`, `a = $2 OR b = $1 AND c = '?' || 'it''s ?' || $12`},
		`SELECT 1 FROM LIST(?2) JOIN t ON t.a = value WHERE b = ?1`: {
			`SELECT 1 FROM json_each(?2) JOIN t ON t.a = value WHERE b = ?1`,
			`SELECT 1 FROM json_array_elements_text(CAST($2 AS json)) AS list(value) JOIN t ON t.a = value WHERE b = $1`,
		},
		`SELECT 1 FROM LIST(agents) WHERE value = ?`: {
			`SELECT 1 FROM json_each(agents) WHERE value = ?`,
			`SELECT 1 FROM json_array_elements_text(CAST(agents AS json)) AS list(value) WHERE value = $1`,
		},
	} {
		if got := [2]string{sqliteDialect.sql(in), postgresDialect.sql(in)}; got != want {
			t.Errorf("%s: got %q", in, got)
		}
	}
	in := `CREATE TABLE t (id AUTOID, text TEXT NOT NULL, n INTEGER, r REAL, b BLOB, INTEGERS TEXT)`
	if got, want := sqliteDialect.migration(in), `CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL, n INTEGER, r REAL, b BLOB, INTEGERS TEXT)`; got != want {
		t.Errorf("got %s", got)
	}
	want := `CREATE TABLE t (id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, text TEXT COLLATE "C" NOT NULL, n BIGINT, r DOUBLE PRECISION, b BYTEA, INTEGERS TEXT COLLATE "C")`
	if got := postgresDialect.migration(in); got != want {
		t.Errorf("got %s", got)
	}
}
