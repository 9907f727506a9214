package journal

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

const (
	formatVersion = 1
	headerSize    = 32
	recordHead    = 16

	// MaxRecord is the largest payload of one record, in bytes.
	MaxRecord = 1 << 20
)

const segmentMagic = "STRWJRNL"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// The decoder's verdicts. They never leave the package: recovery turns them
// into incidents, replay into a fault.
var (
	errShort  = errors.New("record is cut off")
	errLength = errors.New("record length is out of bounds")
	errSum    = errors.New("record checksum does not match")
	errMagic  = errors.New("segment header is damaged")
)

// versionError is a segment or snapshot header that is whole but of a version
// that this program does not read.
type versionError struct{ version uint32 }

func (versionError) Error() string { return "format version is not readable by this program" }

// appendRecord encodes one record at the end of dst.
func appendRecord(dst []byte, seq uint64, payload []byte) []byte {
	start := len(dst)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(payload)))
	dst = append(dst, 0, 0, 0, 0)
	dst = binary.LittleEndian.AppendUint64(dst, seq)
	dst = append(dst, payload...)
	sum := crc32.Checksum(dst[start+8:], castagnoli)
	binary.LittleEndian.PutUint32(dst[start+4:], sum)
	return dst
}

// decodeRecord reads the record at the start of b. The payload is a slice of
// b; size is the number of bytes the record takes.
func decodeRecord(b []byte) (seq uint64, payload []byte, size int, err error) {
	if len(b) < recordHead {
		return 0, nil, 0, errShort
	}
	n := binary.LittleEndian.Uint32(b)
	if n > MaxRecord {
		return 0, nil, 0, errLength
	}
	size = recordHead + int(n)
	if len(b) < size {
		return 0, nil, 0, errShort
	}
	if crc32.Checksum(b[8:size], castagnoli) != binary.LittleEndian.Uint32(b[4:]) {
		return 0, nil, 0, errSum
	}
	return binary.LittleEndian.Uint64(b[8:]), b[recordHead:size:size], size, nil
}

// putHeader writes a segment header into b[:headerSize]: magic 8 bytes,
// version u32, CRC-32C u32 of the other 28 bytes, first seq u64, time of
// creation in Unix microseconds i64.
func putHeader(b []byte, first uint64, createdMicros int64) {
	copy(b, segmentMagic)
	binary.LittleEndian.PutUint32(b[8:], formatVersion)
	binary.LittleEndian.PutUint64(b[16:], first)
	binary.LittleEndian.PutUint64(b[24:], uint64(createdMicros))
	binary.LittleEndian.PutUint32(b[12:], headerSum(b))
}

func headerSum(b []byte) uint32 {
	sum := crc32.Checksum(b[:12], castagnoli)
	return crc32.Update(sum, castagnoli, b[16:headerSize])
}

// decodeHeader returns the first sequence number of a segment. A header that
// is whole but of another version is a versionError.
func decodeHeader(b []byte) (first uint64, err error) {
	if len(b) < headerSize || string(b[:8]) != segmentMagic || headerSum(b) != binary.LittleEndian.Uint32(b[12:]) {
		return 0, errMagic
	}
	if v := binary.LittleEndian.Uint32(b[8:]); v != formatVersion {
		return 0, versionError{version: v}
	}
	first = binary.LittleEndian.Uint64(b[16:])
	if first == 0 {
		return 0, errMagic
	}
	return first, nil
}
