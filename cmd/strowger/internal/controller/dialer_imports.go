package controller

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/switch/fault"
)

const (
	// importsAtOnce is how many files are read at a time; others wait.
	importsAtOnce = 2
	// importsWaiting is how many wait at most.
	importsWaiting = 100
	// importKept is how long the file of a stopped import is kept.
	importKept = 30 * 24 * time.Hour
)

// imports reads files of leads in goroutines of its own, and goes on after a
// restart with those that were not done.
type imports struct {
	lists *list.Store
	dir   string
	log   *slog.Logger

	ctx    context.Context
	cancel context.CancelFunc
	turns  chan struct{}
	wait   sync.WaitGroup

	mu      sync.Mutex
	running map[int64]bool
	stopped bool
}

func startImports(ctx context.Context, lists *list.Store, dir string, log *slog.Logger) (*imports, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Wrap(fault.Unavailable, "imports", dir, err)
	}
	i := &imports{lists: lists, dir: dir, log: log, turns: make(chan struct{}, importsAtOnce), running: map[int64]bool{}}
	i.ctx, i.cancel = context.WithCancel(context.WithoutCancel(ctx))
	i.tidy(ctx, time.Now())
	open, err := lists.Unfinished(ctx)
	if err != nil {
		i.log.Error("imports of leads that were not done cannot be looked up; they wait for the next start", "error", err)
		return i, nil
	}
	for _, x := range open {
		if err := i.run(x); err != nil {
			i.log.Error("an import of leads does not go on", "import", x.Import, "error", err)
		}
	}
	return i, nil
}

// tidy deletes files that are kept for nobody any more: of imports that were
// stopped long ago, and what a controller that was killed has left behind.
func (i *imports) tidy(ctx context.Context, now time.Time) {
	kept, err := i.lists.KeptFiles(ctx)
	if err != nil {
		i.log.Error("it is not known which files of leads are still needed; they wait for the next start", "error", err)
		return
	}
	entries, err := os.ReadDir(i.dir)
	if err != nil {
		i.log.Error("the folder of imports cannot be read", "error", err)
		return
	}
	for _, e := range entries {
		if _, err := ulid.ParseStrict(e.Name()); err != nil {
			continue // it is somebody else's
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && (!kept[e.Name()] || now.Sub(info.ModTime()) > importKept) {
			i.drop(e.Name())
		}
	}
}

func (i *imports) drop(name string) {
	if err := os.Remove(filepath.Join(i.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		i.log.Error("a file of leads cannot be deleted", "error", err)
	}
}

// stop ends what runs, which goes on with the next start.
func (i *imports) stop(context.Context) error {
	i.mu.Lock()
	i.stopped = true
	i.mu.Unlock()
	i.cancel()
	i.wait.Wait()
	return nil
}

// keep stores a file and returns its name in the folder.
func (i *imports) keep(from io.Reader) (name string, err error) {
	const op = "import: store"
	name = ulid.Make().String()
	f, err := os.OpenFile(filepath.Join(i.dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", fault.Wrap(fault.Unavailable, op, "", err)
	}
	_, err = io.Copy(f, from)
	if err == nil {
		err = f.Sync() // the import may go on after a power failure
	}
	if err = errors.Join(err, f.Close()); err != nil {
		i.drop(name)
		return "", &fault.Error{Kind: fault.Unavailable, Op: op, Reason: "the file did not arrive whole, or there is no room for it on the disk", Err: err}
	}
	return name, nil
}

func (i *imports) open(name string) (*os.File, error) {
	f, err := os.Open(filepath.Join(i.dir, filepath.Base(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "import: open", "", "its file is kept no longer: import it again")
	}
	return f, fault.Wrap(fault.Unavailable, "import: open", "", err)
}

// run reads what is left of an import, in a goroutine of its own.
func (i *imports) run(x list.Import) error {
	const op = "import: start"
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case i.stopped:
		return fault.New(fault.Stopped, op, x.List, "the controller is stopping")
	case i.running[x.Import]:
		return fault.Newf(fault.Conflict, op, x.List, "import %d is running", x.Import)
	case len(i.running) >= importsWaiting:
		return fault.Newf(fault.Busy, op, x.List, "%d imports are waiting; try again later", len(i.running))
	}
	f, err := i.open(x.Options.Stored)
	if err != nil {
		return errors.Join(err, i.lists.Abandon(i.ctx, x.Import, fault.ReasonOf(err), time.Now()))
	}
	i.running[x.Import] = true
	i.wait.Go(func() {
		defer func() {
			_ = f.Close() // it was only read
			i.mu.Lock()
			delete(i.running, x.Import)
			i.mu.Unlock()
		}()
		select {
		case i.turns <- struct{}{}:
			defer func() { <-i.turns }()
		case <-i.ctx.Done():
			return
		}
		i.read(x, f)
	})
	return nil
}

func (i *imports) read(x list.Import, f *os.File) {
	done, err := i.lists.Resume(i.ctx, x.Import, f, time.Now, func(lead.Progress) {})
	switch {
	case i.ctx.Err() != nil:
		i.log.Info("an import of leads goes on with the next start", "import", x.Import, "list", x.List)
		return
	case err != nil:
		i.log.Error("an import of leads has ended early", "import", x.Import, "list", x.List, "error", err)
	default:
		i.log.Info("leads were imported", "import", x.Import, "list", x.List, "state", done.State, "rows", done.Rows, "good", done.Good, "bad", done.Bad)
	}
	if done.State == list.ImportDone || done.State == list.ImportFailed {
		i.drop(x.Options.Stored)
	}
}
