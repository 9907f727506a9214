package journal

import (
	"encoding/binary"
	"errors"
)

const (
	// scanBudget bounds the bytes that the search behind a bad record may sum
	// up, so that crafted lengths cannot stall a start.
	scanBudget = 256 << 20
	// maxRuns bounds the pieces one file may fall into.
	maxRuns = 1024
	// maxJump is how far a sequence number behind a bad record may be ahead.
	maxJump = 1 << 32
)

// run is a piece of a file in which records follow each other without a gap.
type run struct {
	start, end  int64 // byte offsets
	first, last uint64
}

// scan finds the runs in a segment's content. next is the sequence number
// that the file should begin with if its header cannot say so. headerOK is
// false when the header is damaged; a versionError is returned as it is.
func scan(data []byte, next uint64) (runs []run, headerOK bool, err error) {
	pos := headerSize
	first, herr := decodeHeader(data)
	if v := (versionError{}); errors.As(herr, &v) {
		return nil, false, herr
	}
	if herr == nil {
		next = first
	}
	budget := scanBudget
	for len(runs) < maxRuns {
		r := run{start: int64(pos), first: next}
		for pos < len(data) {
			seq, _, size, err := decodeRecord(data[pos:])
			if err != nil || seq != next {
				break
			}
			r.last, next, pos = seq, next+1, pos+size
		}
		if r.end = int64(pos); r.end > r.start {
			runs = append(runs, r)
		}
		var found bool
		pos, next, found = findRecord(data, pos, next, &budget)
		if !found {
			break
		}
	}
	return runs, herr == nil, nil
}

// findRecord looks for the next good record at or behind pos whose sequence
// number is not below least.
func findRecord(data []byte, pos int, least uint64, budget *int) (at int, seq uint64, found bool) {
	for ; pos+recordHead <= len(data); pos++ {
		n := int(binary.LittleEndian.Uint32(data[pos:]))
		s := binary.LittleEndian.Uint64(data[pos+8:])
		if n > MaxRecord || n > len(data)-pos-recordHead || s < least || s-least > maxJump {
			continue
		}
		if *budget -= recordHead + n; *budget < 0 {
			return 0, 0, false
		}
		if _, _, _, err := decodeRecord(data[pos:]); err == nil {
			return pos, s, true
		}
	}
	return 0, 0, false
}

// whole reports whether the runs are one run from the header to the end.
func whole(runs []run, size int64) bool {
	return len(runs) == 1 && runs[0].start == headerSize && runs[0].end == size
}
