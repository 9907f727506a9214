package journal

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// maxQuarantine is the number of files kept in the folder "quarantine".
const maxQuarantine = 64

// removeSegments removes segments wholly before the older kept snapshot, as
// far as the retention does not keep them. While a replay reads, it leaves
// them for the next snapshot.
func (j *Journal) removeSegments() {
	if !j.files.TryLock() {
		return
	}
	defer j.files.Unlock()
	j.mu.Lock()
	var old []*segment
	if len(j.snaps) >= 2 {
		for _, g := range j.segments {
			if g.last > j.snaps[0] || g.file != nil || g == j.active {
				break
			}
			old = append(old, g)
		}
	}
	j.mu.Unlock()
	n := j.surplus(old)
	removed := 0
	for _, g := range old[:n] {
		if err := os.Remove(g.path); err != nil && !errors.Is(err, os.ErrNotExist) {
			j.opts.Logger.Warn("journal: an old segment cannot be removed", "file", g.path, "err", err)
			break
		}
		removed++
	}
	j.count.segmentsRemoved.Add(uint64(removed))
	j.mu.Lock()
	j.segments = slices.Delete(j.segments, 0, removed)
	j.mu.Unlock()
}

// surplus returns how many of old, from the oldest on, the retention gives up.
func (j *Journal) surplus(old []*segment) int {
	r := j.opts.Retention
	if r.Bytes == 0 && r.Age == 0 {
		return len(old)
	}
	var total int64
	for _, g := range old {
		total += g.bytes
	}
	limit := j.opts.now().Add(-r.Age)
	for i, g := range old {
		tooMuch := r.Bytes > 0 && total > r.Bytes
		if !tooMuch && (r.Age == 0 || !writtenBefore(g.path, limit)) {
			return i
		}
		total -= g.bytes
	}
	return len(old)
}

func writtenBefore(path string, t time.Time) bool {
	st, err := os.Stat(path)
	return err == nil && st.ModTime().Before(t)
}

// quarantineFile moves a file into the folder "quarantine".
func (j *Journal) quarantineFile(path string) error {
	to, err := j.quarantinePath(path)
	if err != nil {
		return err
	}
	if err := os.Rename(path, to); err != nil {
		return ioFault("journal: quarantine", path, err)
	}
	return j.syncQuarantine()
}

// quarantineBytes keeps a copy of bytes that recovery is about to cut from path.
func (j *Journal) quarantineBytes(path string, b []byte) error {
	to, err := j.quarantinePath(path)
	if err != nil {
		return err
	}
	if err := writeAtomic(to, b); err != nil {
		return ioFault("journal: quarantine", path, err)
	}
	return j.syncQuarantine()
}

func (j *Journal) syncQuarantine() error {
	if err := errors.Join(syncDir(filepath.Join(j.dir, "quarantine")), syncDir(j.dir)); err != nil {
		return ioFault("journal: quarantine", j.dir, err)
	}
	return nil
}

// quarantinePath names a new file there, after making room for it.
func (j *Journal) quarantinePath(path string) (string, error) {
	const op = "journal: quarantine"
	dir := filepath.Join(j.dir, "quarantine")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", ioFault(op, dir, err)
	}
	names, err := os.ReadDir(dir) // sorted by name, which begins with the time
	if err != nil {
		return "", ioFault(op, dir, err)
	}
	for i := 0; i <= len(names)-maxQuarantine; i++ {
		j.opts.Logger.Warn("journal: quarantine is full, the oldest file is removed", "file", names[i].Name())
		if err := os.Remove(filepath.Join(dir, names[i].Name())); err != nil {
			return "", ioFault(op, names[i].Name(), err)
		}
	}
	stamp := strings.ReplaceAll(j.opts.now().UTC().Format("20060102T150405.000000000"), ".", "-")
	return filepath.Join(dir, stamp+"-"+filepath.Base(path)), nil
}
