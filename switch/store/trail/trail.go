package trail

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"strowger/switch/fault"
	"strowger/switch/store"
)

const (
	// MaxFile bounds the file, in bytes: what has not got into the database yet.
	// When it is full an action that cannot be written down is refused.
	MaxFile = 16 << 20

	batch = 500
	// again is the wait after the database was away.
	again = 2 * time.Second
)

// Database is where actions end up; [*store.Store] is one.
type Database interface {
	SaveActions(ctx context.Context, list []store.Action) error
	LoseActions(ctx context.Context) error
	ListActions(ctx context.Context, f store.ActionFilter) ([]store.Action, error)
}

// Trail is the record of forced actions. Safe for concurrent use.
type Trail struct {
	path string
	db   Database
	log  *slog.Logger

	mu   sync.Mutex // guards the file
	file *os.File
	size int64
	torn bool // the last line has no end: the next one begins with it

	moving sync.Mutex // one at a time empties the file
	wake   chan struct{}
	cancel context.CancelFunc
	done   chan struct{}

	written, moved, failed atomic.Uint64
}

// Stats are a Trail's counters and gauges.
type Stats struct {
	Written uint64 // lines
	Moved   uint64 // lines that were written into the database
	Failed  uint64 // times that the database could not be written
	Bytes   int64  // in the file
}

// Open opens the file and takes over what a process before has left. Errors:
// Unavailable where the file cannot be used.
func Open(path string, db Database, log *slog.Logger) (*Trail, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	t := &Trail{path: path, db: db, log: log, wake: make(chan struct{}, 1), done: make(chan struct{})}
	if err := t.open(); err != nil {
		return nil, err
	}
	if t.size > 0 {
		last := make([]byte, 1)
		if _, err := t.file.ReadAt(last, t.size-1); err != nil {
			_ = t.file.Close() // the first error counts
			return nil, fault.Wrap(fault.Unavailable, "audit: open", filepath.Base(path), err)
		}
		t.torn = last[0] != '\n'
	}
	return t, nil
}

func (t *Trail) open() (err error) {
	const op = "audit: open"
	if t.file, err = os.OpenFile(t.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600); err != nil {
		return fault.Wrap(fault.Unavailable, op, filepath.Base(t.path), err)
	}
	info, err := t.file.Stat()
	if err != nil {
		return fault.Wrap(fault.Unavailable, op, filepath.Base(t.path), err)
	}
	t.size = info.Size()
	return nil
}

// Start moves what is left of the process before into the database: what it
// was asked for and did not finish has the outcome [store.AuditUnknown]. Then it
// moves what comes. A database that is away delays that.
func (t *Trail) Start(ctx context.Context) {
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	t.cancel = cancel
	fresh := t.takeOver(run)
	go func() {
		defer close(t.done)
		t.run(run, fresh)
	}()
}

// takeOver ends what the process before was asked for and did not finish.
func (t *Trail) takeOver(ctx context.Context) bool {
	return t.move(ctx) == nil && t.db.LoseActions(ctx) == nil
}

func (t *Trail) run(ctx context.Context, fresh bool) {
	if !fresh {
		t.log.Warn("the record of forced actions cannot be moved to the database: it stays in its file, and is tried again")
	}
	tick := time.NewTicker(again)
	defer tick.Stop()
	for {
		select {
		case <-t.wake:
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if !fresh { // what is being done at this moment gets its outcome all the same
			fresh = t.takeOver(ctx)
			continue
		}
		if t.Stats().Bytes == 0 {
			continue
		}
		if err := t.move(ctx); err != nil {
			if t.failed.Add(1) == 1 {
				t.log.Warn("the record of forced actions cannot be moved to the database and stays in its file", "error", err)
			}
			select { // the tick tries again
			case <-t.wake:
			default:
			}
		}
	}
}

// Stop moves what is left and closes the file.
func (t *Trail) Stop(ctx context.Context) error {
	t.cancel()
	<-t.done
	if err := t.move(ctx); err != nil {
		t.log.Warn("some of the record of forced actions stays in its file until the next start", "error", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.file.Close()
}

// Stats returns the counters.
func (t *Trail) Stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Stats{Written: t.written.Load(), Moved: t.moved.Load(), Failed: t.failed.Load(), Bytes: t.size}
}

// Begin writes down an action that is about to be done, or, with an Outcome, one
// that is over; it returns its id. Where it fails the action must not be done.
// Errors: Busy when the file is full, Unavailable when the disk fails.
func (t *Trail) Begin(_ context.Context, a store.Action) (string, error) {
	a.ID = newID(a.Time)
	if a.Outcome == "" {
		a.Outcome = store.AuditAsked
	}
	return a.ID, t.append(a)
}

// End writes down what came of an action.
func (t *Trail) End(_ context.Context, a store.Action) error { return t.append(a) }

func (t *Trail) append(a store.Action) error {
	line, err := json.Marshal(a)
	if err != nil {
		return fault.Wrap(fault.Internal, "audit: write", a.ID, err)
	}
	if err := t.write(append(line, '\n')); err != nil {
		return err
	}
	t.written.Add(1)
	select {
	case t.wake <- struct{}{}:
	default:
	}
	return nil
}

func (t *Trail) write(line []byte) error {
	const op = "audit: write"
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.size+int64(len(line)) > MaxFile {
		return fault.New(fault.Busy, op, filepath.Base(t.path), "the file for forced actions is full because the database takes none: look after the database")
	}
	if t.torn {
		line = append([]byte{'\n'}, line...)
	}
	n, err := t.file.Write(line)
	t.size += int64(n)
	if n > 0 {
		t.torn = line[n-1] != '\n'
	}
	if err == nil {
		err = t.file.Sync()
	}
	return fault.Wrap(fault.Unavailable, op, filepath.Base(t.path), err)
}

// List returns actions, the newest first, with those that are not in the
// database yet.
func (t *Trail) List(ctx context.Context, f store.ActionFilter) ([]store.Action, error) {
	if err := t.move(ctx); err != nil {
		return nil, err
	}
	return t.db.ListActions(ctx, f)
}

// move writes what the file holds into the database, and then empties it.
func (t *Trail) move(ctx context.Context) error {
	t.moving.Lock()
	defer t.moving.Unlock()
	text, err := t.content()
	if err != nil || len(text) == 0 {
		return err
	}
	var list []store.Action
	lines := 0
	for line := range bytes.Lines(text) {
		var a store.Action
		if json.Unmarshal(line, &a) != nil || a.ID == "" || a.Time.IsZero() {
			continue // cut off in the middle: nobody was told that it was written
		}
		lines++
		if list = append(list, a); len(list) == batch {
			if err := t.db.SaveActions(ctx, list); err != nil {
				return err
			}
			list = list[:0]
		}
	}
	if len(list) > 0 {
		if err := t.db.SaveActions(ctx, list); err != nil {
			return err
		}
	}
	t.moved.Add(uint64(lines))
	return t.forget(int64(len(text)))
}

func (t *Trail) content() ([]byte, error) {
	t.mu.Lock()
	size := t.size
	t.mu.Unlock()
	text := make([]byte, size)
	if size == 0 {
		return nil, nil
	}
	_, err := t.file.ReadAt(text, 0)
	return text, fault.Wrap(fault.Unavailable, "audit: read", filepath.Base(t.path), err)
}

// forget takes the first n bytes out of the file. What has come since goes into
// a new file that takes the old one's place in one step.
func (t *Trail) forget(n int64) error {
	const op = "audit: empty"
	t.mu.Lock()
	defer t.mu.Unlock()
	if n == t.size {
		if err := t.file.Truncate(0); err != nil {
			return fault.Wrap(fault.Unavailable, op, filepath.Base(t.path), err)
		}
		t.size, t.torn = 0, false
		return nil
	}
	rest := make([]byte, t.size-n)
	if _, err := t.file.ReadAt(rest, n); err != nil {
		return fault.Wrap(fault.Unavailable, op, filepath.Base(t.path), err)
	}
	next := t.path + ".next"
	if err := writeSynced(next, rest); err != nil {
		return fault.Wrap(fault.Unavailable, op, filepath.Base(next), err)
	}
	if err := os.Rename(next, t.path); err != nil {
		return fault.Wrap(fault.Unavailable, op, filepath.Base(t.path), err)
	}
	old := t.file
	err := t.open()
	if err != nil {
		t.file = old
		return err
	}
	return fault.Wrap(fault.Unavailable, op, filepath.Base(t.path), old.Close())
}

func writeSynced(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(text); err == nil {
		err = f.Sync()
	}
	if bad := f.Close(); err == nil {
		err = bad
	}
	return err
}

// newID is an id that later actions' ids are greater than.
func newID(at time.Time) string {
	var tail [6]byte
	_, _ = rand.Read(tail[:]) // never fails
	return fmt.Sprintf("%014x-%s", at.UnixMicro(), hex.EncodeToString(tail[:]))
}
