package store_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/switch/fault"
	"strowger/switch/store"
	"strowger/switch/store/pgtest"
	"strowger/switch/store/storetest"
)

func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // only a tool of the test
	return db
}

// TestLockedDatabase: another writer holds the database. Reads go on, a write
// fails clean and retryable, the Writer keeps its rows and writes them later.
func TestLockedDatabase(t *testing.T) {
	const wait = 10 * time.Millisecond
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s.db")
		s := openStore(t, "sqlite://"+path, store.Options{BusyTimeout: wait})
		locked(t, s, raw(t, path), `BEGIN EXCLUSIVE`)
	})
	// Another user of the tables is waited for as another writer of ours is.
	for name, lock := range map[string]string{
		"table":  `BEGIN; LOCK TABLE calls IN SHARE ROW EXCLUSIVE MODE; LOCK TABLE object_numbers IN SHARE ROW EXCLUSIVE MODE`,
		"writer": `BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('strowger public', 0))`,
	} {
		t.Run("postgres/"+name, func(t *testing.T) {
			server := pgtest.Shared(t)
			database := server.Database(t)
			s := openStore(t, server.URL(database), store.Options{BusyTimeout: wait})
			locked(t, s, server.Open(t, database), lock)
		})
	}
}

func openStore(t *testing.T, url string, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func locked(t *testing.T, s *store.Store, other *sql.DB, lock string) {
	other.SetMaxOpenConns(1)
	if _, err := other.ExecContext(t.Context(), lock); err != nil {
		t.Fatal(err)
	}
	err := s.SaveCall(t.Context(), storetest.SampleCall(1))
	if !fault.Is(err, fault.Unavailable) || !fault.Retryable(err) || !strings.Contains(err.Error(), "another process") {
		t.Fatalf("got %v", err)
	}
	if _, err := s.Numbers(t.Context(), "queue", []string{"a"}); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("got %v", err)
	}
	if _, err := s.ListCalls(t.Context(), store.CallFilter{}); err != nil {
		t.Fatalf("reading: %v", err)
	}
	w := startWriter(t, s, store.WriterOptions{Delay: time.Millisecond})
	ok(t, w.Save(t.Context(), storetest.SampleCall(1)))
	ok(t, w.Advance(t.Context(), 2))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := w.WaitProjected(ctx, 2); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("got %v", err)
	}
	if st := w.Stats(); st.Retries == 0 || !st.Failing || st.Waiting != 1 {
		t.Fatalf("the lock did not bite: %+v", st)
	}
	if _, err := other.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	ok(t, w.WaitProjected(t.Context(), 2))
	ok(t, w.Stop(t.Context()))
	calls, err := s.ListCalls(t.Context(), store.CallFilter{})
	if err != nil || len(calls) != 1 {
		t.Fatalf("%v %v", calls, err)
	}
}

// TestLockIsWaitedForOnce: changes that wait for each other and for another
// program are refused when their own patience is over, whoever comes meanwhile.
func TestLockIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	const wait, changes = 2 * time.Second, 8
	refused := func(t *testing.T, s *store.Store, other *sql.DB, lock string) {
		other.SetMaxOpenConns(1)
		if _, err := other.ExecContext(t.Context(), lock); err != nil {
			t.Fatal(err)
		}
		change := func(n int) {
			began := time.Now()
			err := s.SaveCall(t.Context(), storetest.SampleCall(n+1))
			if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "another process") {
				t.Errorf("got %v", err)
			}
			if took := time.Since(began); took < wait/2 || took > wait*9/5 {
				t.Errorf("change %d was refused after %v, its patience is %v", n, took, wait)
			}
		}
		var all sync.WaitGroup
		for n := range changes {
			all.Go(func() {
				change(n)
				change(n) // behind the others, who have waited long
			})
		}
		all.Wait()
		if _, err := other.ExecContext(t.Context(), `ROLLBACK`); err != nil {
			t.Fatal(err)
		}
		ok(t, s.SaveCall(t.Context(), storetest.SampleCall(1)))
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "s.db")
		refused(t, openStore(t, "sqlite://"+path, store.Options{BusyTimeout: wait}), raw(t, path), `BEGIN EXCLUSIVE`)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		server := pgtest.Shared(t)
		database := server.Database(t)
		refused(t, openStore(t, server.URL(database), store.Options{BusyTimeout: wait}), server.Open(t, database),
			`BEGIN; LOCK TABLE calls IN ACCESS EXCLUSIVE MODE`)
	})
}
