package recordings

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
	"strowger/switch/store"
	"strowger/switch/watch"
)

// Source is where the tracks lie. Errors: NotFound for one that is not there,
// Unavailable while the server cannot be reached.
type Source interface {
	Tracks(ctx context.Context) (map[callmodel.NodeID][]callmodel.RecordName, error)
	Fetch(ctx context.Context, node callmodel.NodeID, n callmodel.RecordName, w io.Writer, limit int64) error
	Delete(ctx context.Context, node callmodel.NodeID, n callmodel.RecordName) error
}

// Index is the part of the store that is used.
type Index interface {
	SaveRecording(ctx context.Context, r store.Recording) error
	ListRecordings(ctx context.Context, f store.RecordingFilter) ([]store.Recording, error)
	Recording(ctx context.Context, id string) (store.Recording, error)
}

// Options set a Keeper up.
type Options struct {
	Dir     string
	Keep    time.Duration // of files whose rule says nothing; 0: for ever
	MinFree uint64        // bytes; below it no recording is started
	Source  Source        // nil: there is no sound, as with the simulated exchange
	Index   Index
	Tell    func(ctx context.Context, in callmodel.Input) error // hands a fact to the switch
	Free    func(dir string) (uint64, error)                    // room for us on the disk; nil: ask it
	Logger  *slog.Logger
}

const (
	lookEvery  = 5 * time.Second  // after the disk
	sweepEvery = 10 * time.Minute // for files whose time is over and tracks that nobody fetched
	retryAfter = 10 * time.Second
	stepLimit  = 10 * time.Minute // for fetching one track
	maxTrack   = 2 << 30          // bytes
	// roomAgain is how much more than MinFree there must be for recordings to
	// start again, in percent: at the limit they would come and go.
	roomAgain = 110
)

// Stats are the figures of a Keeper since its start.
type Stats struct {
	Saved, Failed, Lost, Deleted, Adopted, Repaired, Retries uint64
	Bytes                                                    uint64
	Pending                                                  int64
	Free                                                     uint64
	Full                                                     bool
}

// Keeper keeps the files. Safe for concurrent use.
type Keeper struct {
	opt Options
	log *slog.Logger

	mu   sync.Mutex // guards todo
	todo map[callmodel.RecordingID]*job
	wake chan struct{}

	saved, failed, lost, deleted, adopted, repaired, retries, bytes, free atomic.Uint64
	full                                                                  atomic.Bool
	sw                                                                    port.Switch
	cancel                                                                context.CancelFunc
	wg                                                                    sync.WaitGroup
}

// job is a recording whose file is to be kept.
type job struct {
	r     *callmodel.Recording
	wall  func(callmodel.Instant) time.Time
	after time.Time
	found bool // at the server: the switch does not know it
}

// New makes the folder, for nobody but us.
func New(opt Options) (*Keeper, error) {
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	if opt.Free == nil {
		opt.Free = freeBytes
	}
	if err := os.MkdirAll(filepath.Join(opt.Dir, fetching), 0o700); err != nil {
		return nil, fault.Wrap(fault.Denied, "recordings", opt.Dir, err)
	}
	return &Keeper{opt: opt, log: opt.Logger, todo: map[callmodel.RecordingID]*job{}, wake: make(chan struct{}, 1)}, nil
}

// watchName is how our subscription appears in the switch's figures.
const watchName = "recordings"

// fetching is the folder of tracks that are on their way.
const fetching = ".fetching"

// Start follows a switch.
func (k *Keeper) Start(ctx context.Context, sw port.Switch) error {
	view, sub, err := sw.Watch(ctx, watchName)
	if err != nil {
		return err
	}
	k.sw = sw
	k.full.Store(view.StorageFull != "")
	k.takeView(view)
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	k.cancel = cancel
	k.look(run)
	follower := watch.Follower{Switch: sw, Name: watchName, Log: k.log, Apply: k.event, Sync: k.takeView}
	k.wg.Go(func() { follower.Run(run, sub) })
	k.wg.Add(2)
	go k.work(run)
	go k.mind(run)
	return nil
}

// Stop ends everything; what is not done comes back with the next start.
func (k *Keeper) Stop() {
	if k.cancel != nil {
		k.cancel()
		k.wg.Wait()
	}
}

// Stats returns the figures of this moment.
func (k *Keeper) Stats() Stats {
	k.mu.Lock()
	pending := len(k.todo)
	k.mu.Unlock()
	return Stats{
		Saved: k.saved.Load(), Failed: k.failed.Load(), Lost: k.lost.Load(), Deleted: k.deleted.Load(), Adopted: k.adopted.Load(),
		Repaired: k.repaired.Load(), Retries: k.retries.Load(), Bytes: k.bytes.Load(), Pending: int64(pending), Free: k.free.Load(), Full: k.full.Load(),
	}
}

func (k *Keeper) takeView(v *callmodel.View) {
	for _, r := range v.Recordings {
		if r.Over() {
			k.add(&job{r: r, wall: v.WallTime})
		}
	}
}

// add queues a recording. The switch bounds how many of its own there can be;
// those that it does not know are as many as an answer of the server can list.
func (k *Keeper) add(j *job) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.todo[j.r.ID] == nil {
		k.todo[j.r.ID] = j
		signal(k.wake)
	}
}

func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

func (k *Keeper) event(e *port.Stamped) {
	if e.Kind != callmodel.EvRecording {
		return
	}
	r := e.Recording
	k.log.Info("recording "+e.Reason, "recording", r.ID.String(), "call", r.Call.String(), "number", r.CallNumber, "parts", r.Parts, "seq", e.Seq)
	if r.Over() && r.File == nil {
		at, wall := e.At, e.Wall
		k.add(&job{r: r, wall: func(t callmodel.Instant) time.Time {
			if t == 0 {
				return time.Time{}
			}
			return wall.Add(-at.Sub(t))
		}})
	}
}

// work keeps one recording after the other.
func (k *Keeper) work(ctx context.Context) {
	defer k.wg.Done()
	for {
		j, wait := k.next()
		if j == nil {
			select {
			case <-k.wake:
			case <-time.After(wait):
			case <-ctx.Done():
				return
			}
			continue
		}
		err := k.keep(ctx, j)
		k.mu.Lock()
		if err == nil {
			delete(k.todo, j.r.ID)
		} else {
			j.after = time.Now().Add(retryAfter)
		}
		k.mu.Unlock()
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			k.retries.Add(1)
			k.log.Warn("a recording could not be kept yet; trying again", "recording", j.r.ID.String(), "error", err)
		}
	}
}

// next returns a job that is due, or how long to wait for one.
func (k *Keeper) next() (*job, time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, wait := time.Now(), time.Hour
	for _, j := range k.todo {
		d := j.after.Sub(now)
		if d <= 0 {
			return j, 0
		}
		wait = min(wait, d)
	}
	return nil, wait
}

// waits reports whether a recording is in the queue.
func (k *Keeper) waits(id callmodel.RecordingID) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.todo[id] != nil
}
