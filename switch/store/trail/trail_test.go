package trail_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"strowger/switch/fault"
	"strowger/switch/store"
	"strowger/switch/store/trail"
)

// books is a database that can be away.
type books struct {
	mu   sync.Mutex
	away bool
	rows map[string]store.Action
}

func (b *books) SaveActions(_ context.Context, list []store.Action) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away {
		return fault.New(fault.Unavailable, "books", "", "away")
	}
	for _, a := range list {
		if old, there := b.rows[a.ID]; !there || old.Outcome == store.AuditAsked {
			b.rows[a.ID] = a
		}
	}
	return nil
}

func (b *books) LoseActions(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away {
		return fault.New(fault.Unavailable, "books", "", "away")
	}
	for id, a := range b.rows {
		if a.Outcome == store.AuditAsked {
			a.Outcome = store.AuditUnknown
			b.rows[id] = a
		}
	}
	return nil
}

func (b *books) ListActions(context.Context, store.ActionFilter) ([]store.Action, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []store.Action
	for _, a := range b.rows {
		out = append(out, a)
	}
	return out, nil
}

func (b *books) set(away bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.away = away
}

func started(t *testing.T, path string, b *books) *trail.Trail {
	t.Helper()
	tr, err := trail.Open(path, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	tr.Start(t.Context())
	return tr
}

func action(op string) store.Action {
	return store.Action{Time: time.Now(), Who: "boss", Role: "supervisor", Operation: op}
}

// TestNothingIsLost: what was begun and ended while the database is away is
// there after the process has ended without a word.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.log")
	b := &books{rows: map[string]store.Action{}, away: true}
	tr := started(t, path, b)
	done := action("endCall")
	id, err := tr.Begin(t.Context(), done)
	if err != nil {
		t.Fatal(err)
	}
	done.ID, done.Outcome = id, "accepted"
	if err := tr.End(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	cut, err := tr.Begin(t.Context(), action("panicLogoutAgent"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.List(t.Context(), store.ActionFilter{}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("list without a database: %v", err)
	}
	killed := filepath.Join(t.TempDir(), "audit.log") // what is on the disk at this moment
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tr.Stop(t.Context()), os.WriteFile(killed, append(text, `{"ID":"half a li`...), 0o600)); err != nil {
		t.Fatal(err)
	}

	b.set(false)
	tr = started(t, killed, b)
	late, err := tr.Begin(t.Context(), action("forceAgentState"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := tr.List(t.Context(), store.ActionFilter{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{id: "accepted", cut: store.AuditUnknown, late: store.AuditAsked}
	for _, a := range got {
		if want[a.ID] != a.Outcome {
			t.Errorf("%s %s is %q, want %q", a.ID, a.Operation, a.Outcome, want[a.ID])
		}
		delete(want, a.ID)
	}
	if len(want) > 0 || len(got) != 3 {
		t.Errorf("%d rows, missing: %v", len(got), want)
	}
	if st := tr.Stats(); st.Bytes != 0 {
		t.Errorf("the file keeps what the database has: %+v", st)
	}
	if err := tr.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestTakenOverLate: what the process before has left open is given its outcome
// as soon as the database is there.
func TestTakenOverLate(t *testing.T) {
	t.Parallel()
	b := &books{rows: map[string]store.Action{"before": {ID: "before", Outcome: store.AuditAsked}}, away: true}
	tr := started(t, filepath.Join(t.TempDir(), "audit.log"), b)
	b.set(false)
	lost := func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.rows["before"].Outcome == store.AuditUnknown
	}
	limit := time.After(time.Minute)
	for tick := time.NewTicker(50 * time.Millisecond); !lost(); {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("what the process before has left is still being done")
		}
	}
	if err := tr.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestDiskFull: a line that a full disk has cut off takes no other with it.
func TestDiskFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.log")
	b := &books{rows: map[string]store.Action{}, away: true}
	tr := started(t, path, b)
	first, err := tr.Begin(t.Context(), action("endCall"))
	if err != nil {
		t.Fatal(err)
	}
	fileLimit(t, uint64(tr.Stats().Bytes)+20, func() {
		if _, err := tr.Begin(t.Context(), action("panicLogoutAgent")); !fault.Is(err, fault.Unavailable) {
			t.Errorf("it was written on a full disk: %v", err)
		}
	})
	second, err := tr.Begin(t.Context(), action("forceAgentState"))
	if err != nil {
		t.Fatal(err)
	}
	b.set(false)
	got, err := tr.List(t.Context(), store.ActionFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range got {
		if a.ID != first && a.ID != second {
			t.Errorf("nobody was told that this is written: %+v", a)
		}
	}
	if len(got) != 2 {
		t.Errorf("%d rows, want those of %s and %s: %+v", len(got), first, second, got)
	}
	if err := tr.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// fileLimit does something while no file of this process may grow beyond a size.
func fileLimit(t *testing.T, size uint64, do func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
			t.Error(err)
		}
	}()
	do()
}

// TestManyWriters: lines that come while others are moved stay.
func TestManyWriters(t *testing.T) {
	t.Parallel()
	b := &books{rows: map[string]store.Action{}}
	tr := started(t, filepath.Join(t.TempDir(), "audit.log"), b)
	const writers, each = 8, 25
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				a := action("endCall")
				id, err := tr.Begin(t.Context(), a)
				if err == nil {
					a.ID, a.Outcome = id, "accepted"
					err = tr.End(t.Context(), a)
				}
				if err == nil {
					_, err = tr.List(t.Context(), store.ActionFilter{})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	got, err := tr.List(t.Context(), store.ActionFilter{})
	if err != nil || len(got) != writers*each {
		t.Errorf("%d rows of %d: %v", len(got), writers*each, err)
	}
	for _, a := range got {
		if a.Outcome != "accepted" {
			t.Errorf("%+v", a)
		}
	}
	if err := tr.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestFull: a full file takes nothing more, and says so.
func TestFull(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.log")
	long := store.Action{ID: "1", Time: time.Now(), Detail: strings.Repeat("x", trail.MaxFile-250)}
	line, err := json.Marshal(long)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(line, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	tr := started(t, path, &books{rows: map[string]store.Action{}, away: true})
	if _, err := tr.Begin(t.Context(), action("endCall")); !fault.Is(err, fault.Busy) {
		t.Errorf("got %v", err)
	}
	if err := tr.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}
