package engine

import (
	"context"

	"strowger/switch/callmodel"
)

// maybeSnapshot starts a snapshot when one is due. The loop only freezes the
// state; encoding and writing run elsewhere, one at a time.
func (e *Engine) maybeSnapshot() {
	if e.broken || e.full || e.seq == e.snapSeq {
		return
	}
	now := e.cfg.Clock.Now()
	if e.seq-e.snapSeq < e.cfg.SnapshotRecords && now.Sub(e.snapAt) < e.cfg.SnapshotEvery {
		return
	}
	if !e.stats.snapshotting.CompareAndSwap(0, 1) {
		return
	}
	seq, snap := e.seq, e.state.Freeze()
	e.snapSeq, e.snapAt = seq, now
	e.snaps.Add(1)
	go func() {
		defer e.snaps.Done()
		defer e.stats.snapshotting.Store(0)
		ctx, cancel := context.WithTimeout(context.Background(), e.cfg.SnapshotEvery)
		defer cancel()
		e.saveSnapshot(ctx, seq, snap)
	}()
}

func (e *Engine) saveSnapshot(ctx context.Context, seq uint64, snap *callmodel.Snapshot) {
	err := e.cfg.BeforeSnapshot(ctx, snap.Events())
	var data []byte
	if err == nil {
		data, err = snap.Encode()
	}
	if err == nil {
		err = e.cfg.Journal.SaveSnapshot(seq, data)
	}
	if err != nil {
		e.stats.snapshotsFailed.Add(1)
		e.log.Warn("a snapshot could not be written; the journal still has everything, a restart takes longer", "seq", seq, "error", err)
		return
	}
	e.stats.snapshots.Add(1)
}
