package journal

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"time"

	"strowger/switch/fault"
)

const (
	snapshotMagic = "STRWSNAP"
	snapshotHead  = 40
	// MaxSnapshot is the largest snapshot, in bytes.
	MaxSnapshot = 1 << 30
)

func snapshotName(seq uint64) string { return fmt.Sprintf("snapshot-%020d.snap", seq) }

// SaveSnapshot stores the state as it was after record seq. It waits until seq
// is on the disk (a snapshot never outruns the journal), writes the file
// atomically, keeps the newest two and removes segments that lie wholly before
// the older of them, as far as [Retention] does not keep them. It blocks on
// the disk and must not be called on the shard loop. Errors: Invalid (seq was
// never appended, or data too large), Stale (a newer one exists), Unavailable, Stopped.
func (j *Journal) SaveSnapshot(seq uint64, data []byte) error {
	j.snapMu.Lock()
	defer j.snapMu.Unlock()
	start := time.Now()
	err := j.saveSnapshot(seq, data)
	if err != nil {
		j.count.snapshotErrors.Add(1)
		return err
	}
	j.count.snapshots.Add(1)
	j.count.snapshotLast.Store(int64(time.Since(start)))
	return nil
}

func (j *Journal) saveSnapshot(seq uint64, data []byte) error {
	const op = "journal: save snapshot"
	if last := j.LastSeq(); seq == 0 || seq > last {
		return fault.Newf(fault.Invalid, op, "", "there is no record %d; the last one is %d", seq, last)
	}
	if len(data) > MaxSnapshot {
		return fault.Newf(fault.Invalid, op, "", "%d bytes are more than the limit of %d", len(data), MaxSnapshot)
	}
	if err := j.WaitSynced(context.Background(), seq); err != nil {
		return err
	}
	j.mu.Lock()
	closed, newest := j.closed, uint64(0)
	if len(j.snaps) > 0 {
		newest = j.snaps[len(j.snaps)-1]
	}
	j.mu.Unlock()
	switch {
	case closed:
		return fault.New(fault.Stopped, op, "", "the journal is closed")
	case seq < newest:
		return fault.Newf(fault.Stale, op, "", "a snapshot of %d exists; this one is of %d", newest, seq)
	}
	path := filepath.Join(j.dir, snapshotName(seq))
	if err := writeAtomic(path, snapshotHeader(seq, data), data); err != nil {
		return ioFault(op, path, err)
	}
	var drop []uint64
	j.mu.Lock()
	if seq != newest {
		j.snaps = append(j.snaps, seq)
	}
	if n := len(j.snaps) - 2; n > 0 {
		drop = slices.Clone(j.snaps[:n])
		j.snaps = slices.Delete(j.snaps, 0, n)
	}
	j.mu.Unlock()
	for _, s := range drop {
		if err := os.Remove(filepath.Join(j.dir, snapshotName(s))); err != nil && !errors.Is(err, os.ErrNotExist) {
			j.opts.Logger.Warn("journal: an old snapshot cannot be removed", "seq", s, "err", err)
		}
	}
	j.removeSegments()
	return nil
}

// LatestSnapshot returns the newest valid snapshot: seq 0 and nil data when
// there is none. A damaged one is counted, logged, moved to quarantine, and
// the one before it is returned.
func (j *Journal) LatestSnapshot() (seq uint64, data []byte, err error) {
	j.snapMu.Lock()
	defer j.snapMu.Unlock()
	for {
		j.mu.Lock()
		n := len(j.snaps)
		if n > 0 {
			seq = j.snaps[n-1]
		}
		j.mu.Unlock()
		if n == 0 {
			return 0, nil, nil
		}
		data, err := readSnapshot(j.dir, seq)
		if err == nil {
			return seq, data, nil
		}
		if f := (*fault.Error)(nil); errors.As(err, &f) {
			return 0, nil, err
		}
		if err := j.dropSnapshot(seq, err); err != nil {
			return 0, nil, err
		}
		j.mu.Lock()
		j.snaps = j.snaps[:n-1]
		j.mu.Unlock()
	}
}

// dropSnapshot counts a damaged snapshot and moves it out of the way.
func (j *Journal) dropSnapshot(seq uint64, why error) error {
	j.count.snapshotsDamaged.Add(1)
	j.opts.Logger.Error("journal: snapshot is damaged, using the one before it", "seq", seq, "why", why)
	return j.quarantineFile(filepath.Join(j.dir, snapshotName(seq)))
}

// snapshotHeader is magic 8, version u32, CRC-32C of the rest of the header
// u32, seq u64, length u64, CRC-32C of the data u32, zero u32.
func snapshotHeader(seq uint64, data []byte) []byte {
	b := make([]byte, snapshotHead)
	copy(b, snapshotMagic)
	binary.LittleEndian.PutUint32(b[8:], formatVersion)
	binary.LittleEndian.PutUint64(b[16:], seq)
	binary.LittleEndian.PutUint64(b[24:], uint64(len(data)))
	binary.LittleEndian.PutUint32(b[32:], crc32.Checksum(data, castagnoli))
	binary.LittleEndian.PutUint32(b[12:], snapshotSum(b))
	return b
}

func snapshotSum(b []byte) uint32 {
	return crc32.Update(crc32.Checksum(b[:12], castagnoli), castagnoli, b[16:snapshotHead])
}

var errSnapshot = errors.New("snapshot is cut off or its checksum does not match")

// decodeSnapshot returns the data of a snapshot file's content.
func decodeSnapshot(b []byte) (seq uint64, data []byte, err error) {
	if len(b) < snapshotHead || string(b[:8]) != snapshotMagic || snapshotSum(b) != binary.LittleEndian.Uint32(b[12:]) {
		return 0, nil, errSnapshot
	}
	if v := binary.LittleEndian.Uint32(b[8:]); v != formatVersion {
		return 0, nil, versionError{version: v}
	}
	data = b[snapshotHead:]
	if binary.LittleEndian.Uint64(b[24:]) != uint64(len(data)) ||
		crc32.Checksum(data, castagnoli) != binary.LittleEndian.Uint32(b[32:]) {
		return 0, nil, errSnapshot
	}
	return binary.LittleEndian.Uint64(b[16:]), data, nil
}

// readSnapshot reads one file. A fault is the disk's or the version's; any
// other error means that the content is damaged.
func readSnapshot(dir string, seq uint64) ([]byte, error) {
	const op = "journal: read snapshot"
	path := filepath.Join(dir, snapshotName(seq))
	st, err := os.Stat(path)
	if err != nil {
		return nil, ioFault(op, path, err)
	}
	if st.Size() > MaxSnapshot+snapshotHead {
		return nil, errSnapshot
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, ioFault(op, path, err)
	}
	got, data, err := decodeSnapshot(b)
	if v := (versionError{}); errors.As(err, &v) {
		return nil, versionFault(path, v.version)
	}
	if err != nil {
		return nil, err
	}
	if got != seq {
		return nil, fmt.Errorf("file name says %d, content says %d", seq, got)
	}
	return data, nil
}

func versionFault(path string, version uint32) *fault.Error {
	return fault.Newf(fault.Unsupported, "journal: open", path,
		"it has format version %d, this program reads %d; start the newer controller again, or move the journal folder away to begin empty",
		version, formatVersion)
}

// writeAtomic writes a file so that after a crash either all of it or none is there.
func writeAtomic(path string, parts ...[]byte) (err error) {
	tmp := path + ".tmp"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err == nil {
			_, err = f.Write(p)
		}
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return syncDir(filepath.Dir(path))
}

// Snapshot is one kept snapshot, for tools that read a journal from outside.
type Snapshot struct {
	Seq  uint64 // the last record that it includes
	Data []byte
}

// ReadSnapshots returns the good snapshots in a journal's folder, the oldest
// first. It takes no lock, so it works beside a running controller; what is
// damaged, or removed while it reads, is left out.
func ReadSnapshots(dir string) ([]Snapshot, error) {
	names, err := filepath.Glob(filepath.Join(dir, "snapshot-*.snap"))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "journal: read snapshots", dir, err)
	}
	var out []Snapshot
	for _, name := range names {
		var seq uint64
		if _, err := fmt.Sscanf(filepath.Base(name), "snapshot-%d.snap", &seq); err != nil {
			continue
		}
		if data, err := readSnapshot(dir, seq); err == nil {
			out = append(out, Snapshot{Seq: seq, Data: data})
		}
	}
	return out, nil
}
