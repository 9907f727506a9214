package journal

import (
	"errors"
	"os"

	"strowger/switch/fault"
)

// Replay calls fn for every flushed record with a sequence number above after,
// in order. rec belongs to the journal and is valid during the call only. It
// is meant for the start but works while the journal is written, too: it then
// ends with what was flushed when it began. An error of fn ends it and is
// returned as it is. Errors: NotFound when records after after have been
// removed (begin with [Journal.LatestSnapshot]), Invalid when after is ahead
// of the journal, Internal when a record is damaged or missing.
func (j *Journal) Replay(after uint64, fn func(seq uint64, rec []byte) error) error {
	const op = "journal: replay"
	j.files.RLock()
	defer j.files.RUnlock()
	j.mu.Lock()
	end := j.flushed
	var list []segment
	for _, g := range j.segments {
		if g.last > after {
			list = append(list, *g)
		}
	}
	j.mu.Unlock()
	if after > end {
		return fault.Newf(fault.Invalid, op, "", "record %d is asked for, the journal ends with %d", after+1, end)
	}
	if after == end {
		return nil
	}
	if len(list) == 0 || list[0].first > after+1 {
		return fault.Newf(fault.NotFound, op, "",
			"record %d is not in the journal any more; begin with the newest snapshot", after+1)
	}
	next := list[0].first
	for i := range list {
		g := &list[i]
		if g.first != next {
			return fault.Newf(fault.Internal, op, g.path, "records %d to %d are missing before this file", next, g.first-1)
		}
		if err := replaySegment(g, after, fn); err != nil {
			return err
		}
		next = g.last + 1
	}
	if next != end+1 {
		return fault.Newf(fault.Internal, op, "", "records %d to %d are missing", next, end)
	}
	return nil
}

// replaySegment reads the part of a file that was flushed when the replay began.
func replaySegment(g *segment, after uint64, fn func(uint64, []byte) error) error {
	data, err := os.ReadFile(g.path)
	if err != nil {
		return ioFault("journal: replay", g.path, err)
	}
	if int64(len(data)) < g.bytes {
		return fault.Newf(fault.Internal, "journal: replay", g.path, "the file has shrunk from %d to %d bytes", g.bytes, len(data))
	}
	return eachRecord(g.path, data[:g.bytes], g.first, g.last, func(seq uint64, rec []byte) error {
		if seq <= after {
			return nil
		}
		return fn(seq, rec)
	})
}

// eachRecord walks a segment's content, checking everything. last 0 means to
// the end of data.
func eachRecord(path string, data []byte, first, last uint64, fn func(uint64, []byte) error) error {
	const op = "journal: read"
	got, err := decodeHeader(data)
	if v := (versionError{}); errors.As(err, &v) {
		return versionFault(path, v.version)
	}
	if err != nil || (first != 0 && got != first) {
		return fault.New(fault.Internal, op, path, "the header of this file is damaged; restart the controller to repair it")
	}
	next := got
	for pos := headerSize; pos < len(data); {
		seq, rec, size, err := decodeRecord(data[pos:])
		if err != nil || seq != next {
			return &fault.Error{
				Kind: fault.Internal, Op: op, Subject: path, Err: err,
				Reason: "a record is damaged; restart the controller to repair the journal",
			}
		}
		if err := fn(seq, rec); err != nil {
			return err
		}
		pos, next = pos+size, next+1
	}
	if last != 0 && next != last+1 {
		return fault.Newf(fault.Internal, op, path, "the file ends with record %d instead of %d", next-1, last)
	}
	return nil
}

// ReadSegment calls fn for every record of one segment file, without opening
// the folder: for `strowger replay` and other tools, also while a controller
// runs. It returns an error at the first byte that is no record, after fn saw
// all records before it; the last file of a running controller may end so.
func ReadSegment(path string, fn func(seq uint64, rec []byte) error) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return ioFault("journal: read", path, err)
	}
	if len(data) == 0 {
		return nil // a spare
	}
	return eachRecord(path, data, 0, 0, fn)
}
