package journal

import "time"

// syncLoop is the group fsync: one call covers everything that was flushed
// until then. It lets a group grow for at most FsyncEvery, or not at all when
// somebody waits.
func (j *Journal) syncLoop() {
	defer close(j.done)
	for {
		prompt := false
		select {
		case <-j.quit:
			j.syncNow()
			return
		case <-j.urgent:
			prompt = true
		case <-j.kick:
		}
		j.keepSpare()
		if !prompt && j.unsynced() {
			t := time.NewTimer(j.opts.FsyncEvery)
			select {
			case <-t.C:
			case <-j.urgent:
			case <-j.quit:
			}
			t.Stop()
		}
		j.syncNow()
		j.keepSpare()
	}
}

func (j *Journal) unsynced() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.flushed > j.synced
}

// syncNow fsyncs the segments the loop has left, then the active one. Only
// this goroutine closes segments while the journal is open, so a file cannot
// go away under its fsync.
func (j *Journal) syncNow() {
	j.mu.Lock()
	target := j.flushed
	left := j.dirty
	j.dirty = nil
	active := j.active
	nothing := target == j.synced && len(left) == 0
	j.mu.Unlock()
	if nothing || j.failed.Load() != nil {
		j.giveBack(left)
		return
	}
	start := time.Now()
	for i, g := range left {
		if err := g.file.Sync(); err != nil {
			j.giveBack(left[i:])
			_ = j.fail(ioFault("journal: fsync", g.path, err))
			return
		}
		j.count.fsyncs.Add(1)
		j.mu.Lock()
		f := g.file
		g.file = nil
		j.mu.Unlock()
		if err := f.Close(); err != nil {
			j.giveBack(left[i+1:])
			_ = j.fail(ioFault("journal: close", g.path, err))
			return
		}
	}
	if err := active.file.Sync(); err != nil {
		_ = j.fail(ioFault("journal: fsync", active.path, err))
		return
	}
	j.count.fsyncs.Add(1)
	took := int64(time.Since(start))
	j.count.fsyncLast.Store(took)
	if took > j.count.fsyncMax.Load() {
		j.count.fsyncMax.Store(took)
	}
	j.mu.Lock()
	j.synced = max(j.synced, target)
	j.broadcast()
	j.mu.Unlock()
}

// giveBack returns segments that were not fsynced, for Close to close.
func (j *Journal) giveBack(left []*segment) {
	if len(left) == 0 {
		return
	}
	j.mu.Lock()
	j.dirty = append(left, j.dirty...)
	j.mu.Unlock()
}

// keepSpare makes the file that the loop will need next.
func (j *Journal) keepSpare() {
	j.mu.Lock()
	have := j.spare != nil
	j.mu.Unlock()
	if have || j.failed.Load() != nil {
		return
	}
	g, err := j.createSegment()
	if err != nil {
		j.count.spareErrors.Add(1)
		if !j.spareBad {
			j.opts.Logger.Warn("journal: no new segment, going on in the old one", "err", err)
		}
		j.spareBad = true
		return
	}
	j.spareBad = false
	j.mu.Lock()
	j.spare = g
	j.mu.Unlock()
}
