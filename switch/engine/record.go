package engine

import (
	"encoding/json"
	"strconv"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// RecordVersion is the version of the record encoding.
const RecordVersion = 1

// Record is one journaled input with what is needed to replay and to check it.
type Record struct {
	Version int
	Seq     uint64
	Now     callmodel.Instant
	Wall    time.Time
	Input   callmodel.Input
	Hash    uint64 // of the output, see callmodel.Output.Hash
}

type wireRecord struct {
	V    int             `json:"v"`
	Seq  uint64          `json:"seq"`
	Now  int64           `json:"now"`
	Wall int64           `json:"wall"`
	Tag  string          `json:"tag"`
	In   json.RawMessage `json:"in"`
	Hash string          `json:"hash"`
}

// appendRecord encodes a record (JSON, one object).
func appendRecord(dst []byte, seq uint64, now callmodel.Instant, wall time.Time, tag string, body []byte, hash uint64) []byte {
	dst = append(dst, `{"v":`...)
	dst = strconv.AppendInt(dst, RecordVersion, 10)
	dst = append(dst, `,"seq":`...)
	dst = strconv.AppendUint(dst, seq, 10)
	dst = append(dst, `,"now":`...)
	dst = strconv.AppendInt(dst, int64(now), 10)
	dst = append(dst, `,"wall":`...)
	dst = strconv.AppendInt(dst, wall.UnixMicro(), 10)
	dst = append(dst, `,"tag":"`...)
	dst = append(dst, tag...)
	dst = append(dst, `","in":`...)
	dst = append(dst, body...)
	dst = append(dst, `,"hash":"`...)
	dst = strconv.AppendUint(dst, hash, 16)
	return append(dst, `"}`...)
}

// DecodeRecord reads a journal record. Kinds: Invalid, Unsupported (written by
// a newer version).
func DecodeRecord(b []byte) (Record, error) {
	var w wireRecord
	if err := json.Unmarshal(b, &w); err != nil {
		return Record{}, fault.Wrap(fault.Invalid, "decode record", "", err)
	}
	if w.V != RecordVersion {
		return Record{}, fault.Newf(fault.Unsupported, "decode record", strconv.FormatUint(w.Seq, 10), "record version %d is not known to this version", w.V)
	}
	hash, err := strconv.ParseUint(w.Hash, 16, 64)
	if err != nil {
		return Record{}, fault.Wrap(fault.Invalid, "decode record", strconv.FormatUint(w.Seq, 10), err)
	}
	in, err := callmodel.DecodeInput(w.Tag, w.In)
	if err != nil {
		return Record{}, err
	}
	return Record{Version: w.V, Seq: w.Seq, Now: callmodel.Instant(w.Now), Wall: time.UnixMicro(w.Wall).UTC(), Input: in, Hash: hash}, nil
}
