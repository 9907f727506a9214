package typet

import (
	"bytes"
	"encoding/binary"

	"strowger/switch/fault"
)

// The conversation's records: a header of 48 bytes, 32 bytes that depend on
// the function, then data. Numbers are big-endian.
const (
	appcVersion = 0x06
	appcHeader  = 48
	appcRecord  = 80

	// The largest piece of a message in one record.
	pieceSize = 28000
	// The size of a receive buffer, as servers announce it.
	bufferSize = 34048
)

// Functions of a record.
const (
	fnInitialize = 0x01
	fnAllocate   = 0x05
	fnSend       = 0x07
	fnAsyncSend  = 0x08
	fnReceive    = 0x09
	fnDeallocate = 0x0b
	fnPartner    = 0x0f
	fnSAPInit    = 0xca // asks for the program of a destination of type T
	fnSAPSend    = 0xcb
)

// Return codes of a record's two halves.
const (
	rcDeallocatedNormal = 18 // this record is the conversation's last
	rcAllocateFailed    = 2
	rcNotThere          = 679 // as if nobody had registered the program
)

// record is a record's header; what is not named here is zero in what we send.
type record struct {
	function   uint8
	protocol   uint8
	uid        uint16
	info2      uint8
	info3      uint8
	info4      uint8
	paramsLen  uint16
	pad        uint8
	info       uint8
	vector     uint8
	rc, sapRC  uint32
	id         [8]byte // of the conversation
	op         [32]byte
	comm, conn uint16 // the last four bytes of op
}

func readRecord(b []byte) (record, []byte, error) {
	const op = "typet: record"
	var r record
	if len(b) < appcRecord {
		return r, nil, fault.Newf(fault.Invalid, op, "", "a record has %d bytes at least, this one has %d", appcRecord, len(b))
	}
	if b[0] != appcVersion {
		return r, nil, fault.Newf(fault.Unsupported, op, "", "version %d of the records is not known", b[0])
	}
	r = record{
		function:  b[1],
		protocol:  b[2],
		uid:       binary.BigEndian.Uint16(b[4:]),
		info2:     b[10],
		info3:     b[16],
		info4:     b[21],
		paramsLen: binary.BigEndian.Uint16(b[26:]),
		pad:       b[28],
		info:      b[30],
		vector:    b[31],
		rc:        binary.BigEndian.Uint32(b[32:]),
		sapRC:     binary.BigEndian.Uint32(b[36:]),
		id:        [8]byte(b[40:48]),
		op:        [32]byte(b[appcHeader:]),
		comm:      binary.BigEndian.Uint16(b[76:]),
		conn:      binary.BigEndian.Uint16(b[78:]),
	}
	return r, b[appcRecord:], nil
}

func (r *record) append(dst, data []byte) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, appcRecord)...)
	b := dst[at:]
	b[0], b[1], b[2] = appcVersion, r.function, r.protocol
	binary.BigEndian.PutUint16(b[4:], r.uid)
	b[10], b[16], b[21] = r.info2, r.info3, r.info4
	binary.BigEndian.PutUint16(b[26:], r.paramsLen)
	b[28], b[30], b[31] = r.pad, r.info, r.vector
	binary.BigEndian.PutUint32(b[32:], r.rc)
	binary.BigEndian.PutUint32(b[36:], r.sapRC)
	copy(b[40:], r.id[:])
	copy(b[appcHeader:], r.op[:])
	binary.BigEndian.PutUint16(b[76:], r.comm)
	binary.BigEndian.PutUint16(b[78:], r.conn)
	return append(dst, data...)
}

// setReplyLength writes how much data a reply's record carries, twice as
// servers do: what the buffer holds, and what is in it.
func (r *record) setReplyLength(buffer, n int) {
	binary.BigEndian.PutUint32(r.op[0:], uint32(buffer))
	binary.BigEndian.PutUint32(r.op[8:], uint32(n))
}

// setSendLength is how a client says it.
func (r *record) setSendLength(n int) {
	binary.BigEndian.PutUint16(r.op[2:], uint16(n))
}

// replyLength returns what a reply's record says.
func (r *record) replyLength() int { return int(binary.BigEndian.Uint32(r.op[8:])) }

// passport is what links a call to whoever caused it, for traces: an id of the
// root and one of the connection, which the partner expects back.
type passport [33]byte

const (
	programField  = 32               // the caller's name for itself, at the start of the parameters
	optionsBefore = programField + 9 // version, flags, and seven of the protocol's eight characters
	optionsName   = "CPIC"
)

// readPassport finds the passport in the parameters of a request for a
// program: where the options put it, else by its form (a zero and sixteen
// hexadecimal digits). Without one it is zero, which partners may refuse.
func readPassport(params []byte) (passport, bool) {
	var p passport
	if len(params) >= optionsBefore+len(p) && bytes.HasPrefix(params[programField+2:], []byte(optionsName)) && isPassport(params[optionsBefore:]) {
		return passport(params[optionsBefore:]), true
	}
	for i := 0; i+len(p) <= len(params); i++ {
		if isPassport(params[i:]) {
			return passport(params[i:]), true
		}
	}
	return p, false
}

func isPassport(b []byte) bool {
	if len(b) < 17 || b[0] != 0 {
		return false
	}
	for _, c := range b[1:17] {
		if (c < '0' || c > '9') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

// answerInit answers the request for a program of type T: accepted, with the
// conversation's id and the passport given back.
func answerInit(req record, params []byte, id [8]byte) []byte {
	p, _ := readPassport(params)
	out := record{
		function: fnSAPInit, protocol: 7, uid: req.uid, info3: 0x80, info4: 2, pad: req.pad, info: 1,
		id: id, comm: typeTComm, conn: typeTConn,
	}
	data := make([]byte, 0, 45)
	data = append(data, 1, 0, 0, 0, 0, 0, 0, 0)
	data = append(data, p[:]...)
	return out.append(nil, append(data, 0, 0, 0, 0))
}

// Indices of the gateway's tables; the peer repeats them and nobody looks.
const (
	typeTComm = 6
	typeTConn = 1
)

// refuseInit answers a request for a program that we cannot give now.
func refuseInit(req record) []byte {
	out := record{function: req.function, protocol: 7, uid: req.uid, info4: 2, pad: req.pad, info: 1, rc: rcAllocateFailed, sapRC: rcNotThere, id: req.id}
	return out.append(nil, nil)
}
