package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"strowger/switch/fault"
)

// maxSegment is larger than any segment of ours can become.
const maxSegment = 4 << 30

// found is a segment file as recovery sees it.
type found struct {
	path     string
	index    uint64
	size     int64
	first    uint64 // 0 when the header is damaged
	runs     []run
	kept     []run
	verified bool
	tail     bool // no good record lies in a later file
}

// recover brings the folder into a state in which the records are one chain
// without a gap, and fills the Journal from it.
func (j *Journal) recover() (RecoveryReport, error) {
	start := time.Now()
	var rep RecoveryReport
	if err := j.recoverSnapshots(&rep); err != nil {
		return rep, err
	}
	files, err := j.listSegments()
	if err != nil {
		return rep, err
	}
	var floor uint64 // of the oldest snapshot a restart may have to begin with
	if len(j.snaps) > 0 {
		floor = j.snaps[0]
		rep.SnapshotSeq = j.snaps[len(j.snaps)-1]
	}
	from := firstNeeded(files, floor)
	if err := verify(files[from:], floor, &rep); err != nil {
		return rep, err
	}
	last := j.chain(files[from:], floor, &rep)
	for _, f := range files[from:] {
		if err := j.repair(f, &rep); err != nil {
			return rep, err
		}
	}
	if err := j.adopt(files, from); err != nil {
		return rep, err
	}
	if last < rep.SnapshotSeq {
		rep.add(j, Incident{Kind: BehindSnapshot, Covered: true, Text: fmt.Sprintf(
			"the journal ends with record %d, the newest snapshot holds %d; going on from the snapshot", last, rep.SnapshotSeq)})
		last = rep.SnapshotSeq
	}
	j.last.Store(last)
	j.flushed, j.synced = last, last
	rep.Last, rep.Segments = last, len(j.segments)
	if len(j.segments) > 0 {
		rep.First = j.segments[0].first
	}
	rep.Took = time.Since(start)
	return rep, nil
}

func (rep *RecoveryReport) add(j *Journal, i Incident) {
	rep.Incidents = append(rep.Incidents, i)
	rep.DroppedBytes += i.Bytes
	j.opts.Logger.Error("journal: "+string(i.Kind), "file", i.File, "what", i.Text,
		"bytes", i.Bytes, "records", i.Records, "covered", i.Covered)
}

// recoverSnapshots fills j.snaps with the snapshots that can be read.
func (j *Journal) recoverSnapshots(rep *RecoveryReport) error {
	names, err := filepath.Glob(filepath.Join(globEscape(j.dir), "snapshot-*"))
	if err != nil {
		return ioFault("journal: open", j.dir, err)
	}
	slices.Sort(names)
	for _, path := range names {
		base := filepath.Base(path)
		if strings.HasSuffix(base, ".tmp") { // a save that did not end
			if err := os.Remove(path); err != nil {
				return ioFault("journal: open", path, err)
			}
			continue
		}
		seq, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimPrefix(base, "snapshot-"), ".snap"), 10, 64)
		if err != nil || base != snapshotName(seq) || seq == 0 {
			continue // not ours
		}
		_, err = readSnapshot(j.dir, seq)
		if err == nil {
			j.snaps = append(j.snaps, seq)
			continue
		}
		if f := (*fault.Error)(nil); errors.As(err, &f) {
			return err
		}
		rep.add(j, Incident{Kind: SnapshotDamaged, File: base, Text: fmt.Sprintf("%v; moved to quarantine", err)})
		if err := j.dropSnapshot(seq, err); err != nil {
			return err
		}
	}
	return nil
}

// globEscape makes a folder name literal in a pattern.
func globEscape(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// listSegments removes spares and temporary files, and reads every header. A
// version that cannot be read refuses the start before anything is changed.
func (j *Journal) listSegments() ([]*found, error) {
	const op = "journal: open"
	names, err := filepath.Glob(filepath.Join(globEscape(j.dir), "journal-*"))
	if err != nil {
		return nil, ioFault(op, j.dir, err)
	}
	var files []*found
	var remove []string
	for _, path := range names {
		base := filepath.Base(path)
		index, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimPrefix(base, "journal-"), ".seg"), 10, 63)
		st, serr := os.Stat(path)
		switch {
		case serr != nil:
			return nil, ioFault(op, path, serr)
		case strings.HasSuffix(base, ".tmp"), err == nil && st.Size() == 0:
			remove = append(remove, path)
			j.nextIndex = max(j.nextIndex, index)
			continue
		case err != nil || !strings.HasSuffix(base, ".seg"):
			continue // not ours
		}
		f := &found{path: path, index: index, size: st.Size()}
		if f.first, err = readHeader(path); err != nil {
			return nil, err
		}
		files = append(files, f)
		j.nextIndex = max(j.nextIndex, index)
	}
	for _, path := range remove {
		if err := os.Remove(path); err != nil {
			return nil, ioFault(op, path, err)
		}
	}
	slices.SortFunc(files, func(a, b *found) int {
		if a.index < b.index {
			return -1
		}
		return 1
	})
	return files, nil
}

// readHeader returns a segment's first sequence number, 0 when damaged.
func readHeader(path string) (uint64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, ioFault("journal: open", path, err)
	}
	b := make([]byte, headerSize)
	n, err := io.ReadFull(f, b)
	_ = f.Close() // only read
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, ioFault("journal: open", path, err)
	}
	first, err := decodeHeader(b[:n])
	if v := (versionError{}); errors.As(err, &v) {
		return 0, versionFault(path, v.version)
	}
	return first, nil // 0: verify decides what a damaged header means
}

// firstNeeded returns the index of the file that holds record floor+1. Files
// before it are history that only a trace reads; a restart does not check them.
func firstNeeded(files []*found, floor uint64) int {
	from := 0
	for i, f := range files {
		if f.first != 0 && f.first <= floor+1 {
			from = i
		}
	}
	return from
}

// verify reads and checks files.
func verify(files []*found, floor uint64, rep *RecoveryReport) error {
	next := floor + 1
	for _, f := range files {
		if f.size > maxSegment {
			return fault.Newf(fault.Invalid, "journal: open", f.path,
				"the file has %d bytes and was not written by this program; move it away", f.size)
		}
		data, err := os.ReadFile(f.path)
		if err != nil {
			return ioFault("journal: open", f.path, err)
		}
		f.verified = true
		f.size = int64(len(data))
		runs, ok, err := scan(data, next)
		if err != nil {
			return ioFault("journal: open", f.path, err) // readHeader has refused other versions
		}
		if !ok {
			f.first = 0
		}
		f.runs = runs
		rep.Bytes += f.size
		for _, r := range runs {
			next = r.last + 1
			rep.Records += r.last - r.first + 1
		}
	}
	return nil
}

// adopt makes the files that are left the journal's segments. Each is fsynced:
// after kill -9 some of it may be in the kernel only.
func (j *Journal) adopt(files []*found, from int) error {
	for i, f := range files {
		g := &segment{path: f.path, first: f.first, bytes: f.size}
		switch {
		case !f.verified && f.first == 0:
			continue // damaged history: nobody can tell what it holds, it stays where it is
		case !f.verified:
			next := i + 1
			for next < from && files[next].first == 0 {
				next++
			}
			if files[next].first == 0 {
				continue
			}
			g.last = files[next].first - 1
		case len(f.kept) == 0:
			continue
		default:
			g.first, g.last = f.kept[0].first, f.kept[len(f.kept)-1].last
		}
		if err := syncFile(f.path); err != nil {
			return ioFault("journal: open", f.path, err)
		}
		j.segments = append(j.segments, g)
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = f.Sync()
	return errors.Join(err, f.Close())
}
