package store

import (
	"context"
	"time"

	"strowger/switch/fault"
)

// run is the writer's goroutine.
func (w *Writer) run() {
	defer close(w.done)
	for {
		b, more := w.collect()
		if len(b.Rows) > 0 || b.Seq > 0 {
			if !w.write(b) {
				return
			}
		}
		if !more {
			return
		}
	}
}

// collect waits for a first item, then for company; more is false when the
// writer is being stopped and nothing is left.
func (w *Writer) collect() (b Batch, more bool) {
	b.Shard = w.opts.Shard
	select {
	case it := <-w.queue:
		b.add(it)
	case <-w.quit:
		return b, w.drain(&b)
	}
	t := time.NewTimer(w.opts.Delay)
	defer t.Stop()
	for n := 1; n < w.opts.Batch && len(b.Rows) < w.opts.Batch; n++ {
		select {
		case it := <-w.queue:
			b.add(it)
		case <-t.C:
			return b, true
		case <-w.quit:
			return b, w.drain(&b)
		}
	}
	return b, true
}

// drain takes what is queued without waiting and reports whether more is left.
func (w *Writer) drain(b *Batch) bool {
	for range w.opts.Batch {
		select {
		case it := <-w.queue:
			b.add(it)
		default:
			return false
		}
	}
	return true
}

func (b *Batch) add(it item) {
	b.Rows = append(b.Rows, it.rows...)
	b.Seq = max(b.Seq, it.seq)
}

// write tries until the batch is in the database. It returns false when the
// writer is being stopped and the database is away.
func (w *Writer) write(b Batch) bool {
	if b.Seq <= w.ProjectedSeq() {
		b.Seq = 0 // a re-projection from before must not move the mark back
	}
	w.inHand.Store(int64(len(b.Rows)))
	defer w.inHand.Store(0)
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		err := w.try(b)
		if err == nil {
			if w.failing.Swap(false) {
				w.opts.Logger.Info("store: the database takes rows again", "shard", w.opts.Shard)
				w.opts.OnAway(nil)
			}
			return true
		}
		if !w.failing.Swap(true) {
			w.opts.Logger.Warn("store: the database is away, rows wait", "shard", w.opts.Shard, "err", err)
			w.opts.OnAway(err)
		}
		w.retries.Add(1)
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-w.quit:
			t.Stop()
			return false
		}
	}
}

// try writes the batch once; if the database refuses one of its rows for good,
// the rows are written one by one and only that one is left out.
func (w *Writer) try(b Batch) error {
	// No deadline of its own: the store bounds each statement.
	ctx := context.Background()
	refused := 0
	err := w.db.Project(ctx, b)
	if fault.Is(err, fault.Invalid) {
		refused, err = w.oneByOne(ctx, b)
	}
	if err != nil {
		return err
	}
	w.refused.Add(uint64(refused))
	w.saved.Add(uint64(len(b.Rows) - refused))
	w.batches.Add(1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if b.Seq > w.projected {
		w.projected = b.Seq
		close(w.moved)
		w.moved = make(chan struct{})
	}
	return nil
}

// oneByOne writes each row in a transaction of its own, then the mark.
func (w *Writer) oneByOne(ctx context.Context, b Batch) (refused int, err error) {
	for _, r := range b.Rows {
		err := w.db.Project(ctx, Batch{Shard: b.Shard, Rows: []Row{r}})
		switch {
		case fault.Is(err, fault.Invalid):
			refused++
			w.opts.Logger.Error("store: the database refuses a row", "row", r.key(), "err", err)
		case err != nil:
			return 0, err
		}
	}
	return refused, w.db.Project(ctx, Batch{Shard: b.Shard, Seq: b.Seq})
}
