package daylog

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"strowger/dialer/pacing/wire"
	"strowger/switch/fault"
)

// Options say where records are kept, and how much of them.
type Options struct {
	Dir     string
	Keep    time.Duration // after which a file is removed; 0: 30 days
	Queue   int           // ticks that may wait to be written; 0: 1024
	MaxFile int64         // bytes after which another file is begun; 0: 64 MiB
	Logger  *slog.Logger
	Now     func() time.Time // nil: time.Now
}

const (
	usualKeep  = 30 * 24 * time.Hour
	usualQueue = 1024
	usualFile  = 64 << 20
	sweepEvery = time.Hour
)

// Stats count since the start.
type Stats struct {
	Written uint64 // ticks
	Lost    uint64 // ticks and facts that there was no room for
	Failed  uint64 // ticks that the disk did not take
	Bytes   uint64
	Waiting int // ticks
}

// Log writes the records of all campaigns.
type Log struct {
	o     Options
	queue chan item
	quit  chan struct{}
	sweep chan struct{}
	done  sync.WaitGroup
	once  sync.Once

	written, drops, failed, bytes atomic.Uint64

	mu   sync.Mutex
	open map[string]bool // files that are written to, by name
}

// item is something to write.
type item struct {
	part  *part
	hello *wire.Hello
	tick  *wire.Tick
	close bool
}

// part is one file, from its hello on.
type part struct {
	number int64
	day    string
	full   atomic.Bool // another one must be begun: it is long enough, or cannot be written
	file   *file       // the writer's
}

// New makes a log; its folder is made where it is not there.
func New(o Options) (*Log, error) {
	if o.Keep <= 0 {
		o.Keep = usualKeep
	}
	if o.Queue <= 0 {
		o.Queue = usualQueue
	}
	if o.MaxFile <= 0 {
		o.MaxFile = usualFile
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, &fault.Error{Kind: fault.Unavailable, Op: "dialer: log", Subject: o.Dir, Err: err, Reason: "the folder of the decisions cannot be made: check dialer.log_dir and who owns it"}
	}
	return &Log{o: o, queue: make(chan item, o.Queue), quit: make(chan struct{}), sweep: make(chan struct{}, 1), open: map[string]bool{}}, nil
}

// Start begins to write, and to put old files away.
func (l *Log) Start() {
	l.done.Add(2)
	go l.write()
	go l.keep()
	l.wake()
}

// Stop writes what waits, closes the files and ends. Nobody may record any more.
func (l *Log) Stop(ctx context.Context) error {
	l.once.Do(func() { close(l.quit) })
	ended := make(chan struct{})
	go func() {
		l.done.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fault.Wrap(fault.Unavailable, "dialer: stop the log", l.o.Dir, ctx.Err())
	}
}

// Stats are the counters now.
func (l *Log) Stats() Stats {
	return Stats{Written: l.written.Load(), Lost: l.drops.Load(), Failed: l.failed.Load(), Bytes: l.bytes.Load(), Waiting: len(l.queue)}
}

// put hands an item on, or counts it as lost.
func (l *Log) put(i item) bool {
	select {
	case l.queue <- i:
		return true
	default:
		l.lost(1)
		return false
	}
}

func (l *Log) lost(n int) { l.drops.Add(uint64(n)) }

// wake lets old files be put away now.
func (l *Log) wake() {
	select {
	case l.sweep <- struct{}{}:
	default:
	}
}
