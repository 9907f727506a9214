package store

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/switch/fault"
	"strowger/switch/store/pgtest"
)

// TestCopyKnowsEveryTable: what a migration makes in another way than the others would be left behind.
func TestCopyKnowsEveryTable(t *testing.T) {
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "s.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // only read from
	rows, err := s.read.QueryContext(t.Context(), `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	got := []string{versionTable}
	for _, c := range tables(known()) {
		got = append(got, c.name)
	}
	slices.Sort(got)
	if rows.Err() != nil || !slices.Equal(got, names) {
		t.Fatalf("the migrations make %v, the database has %v", got, names)
	}
}

// fillForCopy puts something into the tables.
func fillForCopy(t *testing.T, s *Store, calls int) {
	t.Helper()
	at := time.UnixMicro(1_700_000_000_000_123).UTC()
	var rows []Row
	for n := range calls {
		rows = append(rows, Call{ID: fmt.Sprintf("call-%05d", n), Seq: uint64(n + 1), Caller: "ä'\"", Started: at, Ended: at.Add(time.Duration(n)), Success: n%2 == 0, Agents: []string{"a"}})
	}
	err := s.Project(t.Context(), Batch{Shard: "main", Seq: uint64(calls), Rows: rows})
	for n := range 3 {
		if err == nil {
			err = s.AddIncident(t.Context(), Incident{Time: at, Kind: "k", Text: fmt.Sprint(n)})
		}
	}
	change := ObjectChange{At: at, Diff: []byte(`{}`), Put: []Object{{Kind: "queue", ID: "a", Body: []byte(`{"x": "ü"}`)}, {Kind: "queue", ID: "b", Body: []byte(`{}`)}}}
	if err == nil {
		_, err = s.ChangeObjects(t.Context(), change)
	}
	if err == nil {
		_, err = s.ChangeObjects(t.Context(), ObjectChange{Expect: 1, At: at, Diff: []byte(`{}`), Remove: []ObjectKey{{"queue", "b"}}}) // NULL in the history
	}
	if err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, s *Store) string {
	t.Helper()
	var b strings.Builder
	calls, err := s.ListCalls(t.Context(), CallFilter{Limit: MaxList})
	if err == nil {
		fmt.Fprintln(&b, calls)
		var incidents []Incident
		incidents, err = s.ListIncidents(t.Context(), 0, 0)
		fmt.Fprintln(&b, incidents)
	}
	if err == nil {
		var set ObjectSet
		set, err = s.Objects(t.Context())
		fmt.Fprintf(&b, "%+v\n", set)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCopy(t *testing.T) {
	server := pgtest.Shared(t)
	for name, pair := range map[string][2]string{
		"to postgres": {"sqlite:" + filepath.Join(t.TempDir(), "a.db"), server.URL(server.Database(t))},
		"to sqlite":   {server.URL(server.Database(t)), "sqlite:" + filepath.Join(t.TempDir(), "b.db")},
	} {
		t.Run(name, func(t *testing.T) {
			from, to := pair[0], pair[1]
			old, err := Open(t.Context(), from, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = old.Close() }() // only read from
			const calls = 950
			fillForCopy(t, old, calls)
			told := 0
			done, err := Copy(t.Context(), from, to, Options{}, Options{}, func(Copied) { told++ })
			if err != nil || told <= len(done) {
				t.Fatalf("%v, told %d times", err, told)
			}
			for _, c := range done {
				if c.Rows != c.Of || c.Table == "calls" && c.Rows != calls {
					t.Errorf("%+v", c)
				}
			}
			fresh, err := Open(t.Context(), to, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = fresh.Close() }() // what matters was read
			if was, is := contents(t, old), contents(t, fresh); was != is {
				t.Errorf("was %s\nis %s", was, is)
			}
			if err := fresh.AddIncident(t.Context(), Incident{Time: time.Now(), Kind: "next"}); err != nil {
				t.Errorf("the numbers of the database do not go on: %v", err)
			}
			if seq, err := fresh.ProjectedSeq(t.Context(), "main"); err != nil || seq != calls {
				t.Errorf("mark %d %v", seq, err)
			}
			if numbers, err := fresh.Numbers(t.Context(), "queue", []string{"c"}); err != nil || numbers["c"] != 3 {
				t.Errorf("%v %v", numbers, err)
			}
			if _, err := Copy(t.Context(), from, to, Options{}, Options{}, func(Copied) {}); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "not empty") {
				t.Errorf("a second copy: %v", err)
			}
		})
	}
}

// TestCopyIsAllOrNothing: a row that the new database refuses leaves it empty.
func TestCopyIsAllOrNothing(t *testing.T) {
	server := pgtest.Shared(t)
	from, to := "sqlite:"+filepath.Join(t.TempDir(), "a.db"), server.URL(server.Database(t))
	old, err := Open(t.Context(), from, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = old.Close() }() // only a tool of the test
	fillForCopy(t, old, 10)
	run(t, old, `UPDATE object_history SET body = CAST(x'ff00' AS TEXT)`) // as no program of ours writes it
	if _, err := Copy(t.Context(), from, to, Options{}, Options{}, func(Copied) {}); !fault.Is(err, fault.Invalid) {
		t.Fatalf("got %v", err)
	}
	fresh, err := Open(t.Context(), to, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = fresh.Close() }() // only read from
	if calls, err := fresh.ListCalls(t.Context(), CallFilter{}); err != nil || len(calls) != 0 {
		t.Fatalf("%d calls were left (%v)", len(calls), err)
	}
	if _, err := Copy(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "none.db"), to, Options{}, Options{}, func(Copied) {}); !fault.Is(err, fault.NotFound) {
		t.Fatalf("got %v", err)
	}
}
