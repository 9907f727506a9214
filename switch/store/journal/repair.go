package journal

import (
	"fmt"
	"os"
	"path/filepath"
)

// chain decides which runs stay: one sequence without a gap that a kept
// snapshot (or nothing) comes before. It returns its last sequence number.
//
// A hole whose records the newest snapshot already holds costs nothing: what
// lies before it is given up. Any other hole ends the chain, because an input
// must never be applied to a state that misses the inputs before it.
func (j *Journal) chain(files []*found, floor uint64, rep *RecoveryReport) uint64 {
	last, ended := floor, false
	var kept []*found
	for _, f := range files {
		for _, r := range f.runs {
			if len(kept) == 0 && !ended && r.first <= last {
				last = r.first - 1 // the file in which the snapshot lies
			}
			switch {
			case ended || r.first <= last:
				// its records count as unusable when the file is repaired
			case r.first == last+1:
				f.kept, kept, last = append(f.kept, r), append(kept, f), r.last
			case r.first-1 <= rep.SnapshotSeq:
				rep.hole(j, f, last+1, r.first-1, true)
				for _, k := range kept {
					k.kept = nil
				}
				f.kept, kept, last = []run{r}, []*found{f}, r.last
			default:
				rep.hole(j, f, last+1, r.first-1, false)
				ended = true
			}
		}
	}
	for i := len(files) - 1; i >= 0; i-- {
		files[i].tail = true
		if len(files[i].runs) > 0 {
			break
		}
	}
	return last
}

// hole reports records that are not in any file.
func (rep *RecoveryReport) hole(j *Journal, f *found, first, last uint64, covered bool) {
	what := "what follows it cannot be applied and goes to quarantine; the journal goes on after the last good record"
	if covered {
		what = "the newest snapshot holds them, so nothing is lost; what lies before the hole goes to quarantine"
	}
	rep.add(j, Incident{
		Kind: Missing, File: filepath.Base(f.path), Covered: covered, Records: last - first + 1,
		Text: fmt.Sprintf("records %d to %d are missing before or in this file; %s", first, last, what),
	})
}

// repair makes a file hold exactly its kept runs. Whatever else it held is in
// quarantine first.
func (j *Journal) repair(f *found, rep *RecoveryReport) error {
	switch {
	case whole(f.kept, f.size) && len(f.runs) == 1 && f.first != 0:
		return nil
	case len(f.runs) == 0 && len(f.kept) == 0:
		rep.add(j, Incident{
			Kind: tailKind(f), File: filepath.Base(f.path), Bytes: f.size,
			Text: "no record in this file can be read; it was moved to quarantine",
		})
		return j.quarantineFile(f.path)
	case len(f.kept) == 0:
		rep.add(j, Incident{
			Kind: Unusable, File: filepath.Base(f.path), Bytes: f.size, Records: records(f.runs),
			Covered: f.runs[len(f.runs)-1].last <= rep.SnapshotSeq,
			Text:    "the records before or after these are lost; the file was moved to quarantine",
		})
		return j.quarantineFile(f.path)
	}
	data, err := os.ReadFile(f.path)
	if err != nil {
		return ioFault("journal: open", f.path, err)
	}
	if len(f.runs) == 1 && f.first != 0 && f.kept[0].start == headerSize {
		return j.cutTail(f, data, rep)
	}
	return j.rewrite(f, data, rep)
}

// cutTail drops what follows the last good record.
func (j *Journal) cutTail(f *found, data []byte, rep *RecoveryReport) error {
	end := f.kept[0].end
	if err := j.quarantineBytes(f.path, data[end:]); err != nil {
		return err
	}
	if err := truncate(f.path, end); err != nil {
		return ioFault("journal: open", f.path, err)
	}
	rep.add(j, Incident{
		Kind: tailKind(f), File: filepath.Base(f.path), Bytes: f.size - end,
		Text: fmt.Sprintf("the bytes after record %d are no record and were cut off; a copy is in quarantine", f.kept[0].last),
	})
	f.size = end
	return nil
}

// rewrite replaces a file by its kept runs, after copying it whole.
func (j *Journal) rewrite(f *found, data []byte, rep *RecoveryReport) error {
	if err := j.quarantineBytes(f.path, data); err != nil {
		return err
	}
	head := make([]byte, headerSize)
	putHeader(head, f.kept[0].first, j.opts.now().UnixMicro())
	parts, size := [][]byte{head}, int64(headerSize)
	for _, r := range f.kept {
		parts = append(parts, data[r.start:r.end])
		size += r.end - r.start
	}
	if err := writeAtomic(f.path, parts...); err != nil {
		return ioFault("journal: open", f.path, err)
	}
	lost := records(f.runs) - records(f.kept)
	rep.add(j, Incident{
		Kind: Damaged, File: filepath.Base(f.path), Bytes: f.size - size, Records: lost, Covered: lost == 0,
		Text: fmt.Sprintf("a damaged place lies among the records of this file; %d to %d were kept, a copy of the whole file is in quarantine",
			f.kept[0].first, f.kept[len(f.kept)-1].last),
	})
	f.size, f.first = size, f.kept[0].first
	return nil
}

// tailKind tells a write that did not end from damage: only the end of the
// newest records can be torn.
func tailKind(f *found) IncidentKind {
	if f.tail {
		return TornTail
	}
	return Damaged
}

func records(runs []run) (n uint64) {
	for _, r := range runs {
		n += r.last - r.first + 1
	}
	return n
}

func truncate(path string, size int64) error {
	if err := os.Truncate(path, size); err != nil {
		return err
	}
	return syncFile(path)
}
