package store

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"strowger/switch/fault"
)

// Projection is what a [Writer] writes to; [*Store] is one.
type Projection interface {
	Project(ctx context.Context, b Batch) error
	ProjectedSeq(ctx context.Context, shard string) (uint64, error)
}

// WriterOptions configure [NewWriter].
type WriterOptions struct {
	Shard  string
	Queue  int           // rows and marks that may wait; 4096 if 0
	Batch  int           // rows per transaction; 256 if 0
	Delay  time.Duration // how long a row waits for company; 50 ms if 0
	Logger *slog.Logger  // nothing is logged if nil
	// OnAway is called when the database no longer takes rows, and with nil when
	// it does again. It must not block.
	OnAway func(error)
}

const (
	retryFirst = 100 * time.Millisecond
	retryMost  = 5 * time.Second
)

// item is rows, and the mark that all rows up to seq have been given.
type item struct {
	rows []Row
	seq  uint64
}

// Writer projects rows into a database behind a bounded queue, in
// batches. It retries while the database is away, for ever; a row that the
// database can never take is logged and counted and does not stop the others.
type Writer struct {
	db    Projection
	opts  WriterOptions
	queue chan item
	quit  chan struct{}
	done  chan struct{}

	mu        sync.Mutex
	started   bool
	stopped   bool
	projected uint64
	moved     chan struct{} // closed when projected moves

	saved, refused, batches, retries atomic.Uint64
	failing                          atomic.Bool
	inHand                           atomic.Int64
}

// WriterStats are a Writer's counters and gauges.
type WriterStats struct {
	Saved     uint64 // rows written
	Refused   uint64 // rows that the database can never take
	Batches   uint64 // transactions
	Retries   uint64 // transactions that failed and were tried again
	Queued    int    // rows and marks waiting
	Waiting   int    // Queued, and those in the transaction that is being tried
	Projected uint64 // rows up to here are in the database
	Failing   bool   // the last transaction failed
}

// NewWriter makes a Writer; it does nothing before [Writer.Start].
func NewWriter(db Projection, o WriterOptions) (*Writer, error) {
	if o.Queue == 0 {
		o.Queue = 4096
	}
	if o.Batch == 0 {
		o.Batch = 256
	}
	if o.Delay == 0 {
		o.Delay = 50 * time.Millisecond
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.OnAway == nil {
		o.OnAway = func(error) {}
	}
	if o.Queue < 1 || o.Queue > 1<<20 || o.Batch < 1 || o.Batch > 1<<16 || o.Delay < 0 {
		return nil, fault.New(fault.Invalid, "store: writer", o.Shard, "queue (to 1048576), batch (to 65536) or delay is out of bounds")
	}
	return &Writer{
		db: db, opts: o, queue: make(chan item, o.Queue),
		quit: make(chan struct{}), done: make(chan struct{}), moved: make(chan struct{}),
	}, nil
}

// Start reads how far the projection is and begins to write. Errors: Conflict
// when it was started before, Unavailable when the database is away.
func (w *Writer) Start(ctx context.Context) error {
	seq, err := w.db.ProjectedSeq(ctx, w.opts.Shard)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.started || w.stopped {
		return fault.New(fault.Conflict, "store: writer", w.opts.Shard, "a writer is started once")
	}
	w.started, w.projected = true, seq
	go w.run()
	return nil
}

// Stop writes what is queued, as far as the database takes it before ctx
// ends, and waits for the goroutine. What is not written is projected again
// after the next start. It may be called twice.
func (w *Writer) Stop(ctx context.Context) error {
	w.mu.Lock()
	if !w.stopped {
		w.stopped = true
		close(w.quit)
	}
	started := w.started
	w.mu.Unlock()
	if !started {
		return nil
	}
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		return fault.Wrap(fault.KindOf(ctx.Err()), "store: writer", w.opts.Shard, ctx.Err())
	}
}

// Save gives rows to the writer, which writes them with its own shard. It
// blocks while the queue is full, so it must not be called on the engine loop.
// Errors: Invalid when one of them can never be written (then none is taken),
// Stopped, or ctx's end.
func (w *Writer) Save(ctx context.Context, rows ...Row) error {
	for _, r := range rows {
		if err := r.check(); err != nil {
			return err
		}
	}
	for _, r := range rows {
		if err := w.put(ctx, item{rows: []Row{r}}); err != nil {
			return err
		}
	}
	return nil
}

// Project gives the writer rows and the mark that they complete; they are
// written in one transaction, for rows that are read again after a crash and
// must be as of the mark. Rows that can never be written are logged, counted
// and left out. It blocks like Save. Errors: Stopped, or ctx's end.
func (w *Writer) Project(ctx context.Context, rows []Row, seq uint64) error {
	good := make([]Row, 0, len(rows))
	for _, r := range rows {
		if err := r.check(); err != nil {
			w.refused.Add(1)
			w.opts.Logger.Error("store: a row cannot be written", "row", r.key(), "err", err)
			continue
		}
		good = append(good, r)
	}
	return w.put(ctx, item{rows: good, seq: seq})
}

// Advance tells the writer that all rows of records up to seq have been given
// to it. It blocks like Save.
func (w *Writer) Advance(ctx context.Context, seq uint64) error {
	return w.put(ctx, item{seq: seq})
}

func (w *Writer) put(ctx context.Context, it item) error {
	const op = "store: writer"
	select {
	case <-w.quit:
		return fault.New(fault.Stopped, op, w.opts.Shard, "the writer is stopped")
	default:
	}
	select {
	case w.queue <- it:
		return nil
	case <-w.quit:
		return fault.New(fault.Stopped, op, w.opts.Shard, "the writer is stopped")
	case <-ctx.Done():
		return fault.Wrap(fault.KindOf(ctx.Err()), op, w.opts.Shard, ctx.Err())
	}
}

// ProjectedSeq returns how far the database is known to be complete.
func (w *Writer) ProjectedSeq() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.projected
}

// WaitProjected returns once the database is complete up to seq. Whoever
// saves journal snapshots calls it first, with a deadline, and leaves a snapshot out
// when it fails: a snapshot ahead of the projection would lose rows at a restart.
func (w *Writer) WaitProjected(ctx context.Context, seq uint64) error {
	for {
		w.mu.Lock()
		projected, moved := w.projected, w.moved
		w.mu.Unlock()
		if projected >= seq {
			return nil
		}
		select {
		case <-moved:
		case <-w.done:
			if w.ProjectedSeq() >= seq {
				return nil
			}
			return fault.New(fault.Stopped, "store: writer", w.opts.Shard, "the writer is stopped")
		case <-ctx.Done():
			return fault.Wrap(fault.KindOf(ctx.Err()), "store: writer", w.opts.Shard, ctx.Err())
		}
	}
}

// Stats returns the counters. It may be called from any goroutine.
func (w *Writer) Stats() WriterStats {
	return WriterStats{
		Saved: w.saved.Load(), Refused: w.refused.Load(), Batches: w.batches.Load(), Retries: w.retries.Load(),
		Queued: len(w.queue), Waiting: len(w.queue) + int(w.inHand.Load()), Projected: w.ProjectedSeq(), Failing: w.failing.Load(),
	}
}
