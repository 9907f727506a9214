package typet

import (
	"bytes"
	"encoding/binary"

	"strowger/switch/fault"
)

// signature opens a client's first message: "RFC000000000" in EBCDIC.
const signature = "\xd9\xc6\xc3\xf0\xf0\xf0\xf0\xf0\xf0\xf0\xf0\xf0"

// longField announces a length of four bytes.
const longField = 0xffff

// chain reads a message's fields. Each but the first names its predecessor, so
// that a lost field shows:
//
//	tag length value (previous tag length value)... previous 0xffff 0
//
// What follows the field 0xffff belongs to the transport.
type chain struct {
	b     []byte
	at    int
	prev  uint16
	begun bool
	ended bool
	left  int // fields that may still come
}

func newChain(b []byte, maxFields int) *chain {
	b = bytes.TrimPrefix(b, []byte(signature))
	return &chain{b: b, left: maxFields}
}

// next returns the next field, or false after the last one. The value is a
// part of the message.
func (c *chain) next() (tag uint16, value []byte, more bool, err error) {
	const op = "typet: field"
	if c.ended {
		return 0, nil, false, nil
	}
	if c.left == 0 {
		return 0, nil, false, fault.New(fault.Invalid, op, "", "the message has too many fields")
	}
	c.left--
	if c.begun {
		if len(c.b)-c.at < 2 {
			return 0, nil, false, errCutOff(op)
		}
		if got := binary.BigEndian.Uint16(c.b[c.at:]); got != c.prev {
			return 0, nil, false, fault.Newf(fault.Invalid, op, "", "a field follows 0x%04x and says that it follows 0x%04x", c.prev, got)
		}
		c.at += 2
	}
	if len(c.b)-c.at < 4 {
		return 0, nil, false, errCutOff(op)
	}
	tag = binary.BigEndian.Uint16(c.b[c.at:])
	size := int64(binary.BigEndian.Uint16(c.b[c.at+2:]))
	c.at += 4
	if size == longField {
		if len(c.b)-c.at < 4 {
			return 0, nil, false, errCutOff(op)
		}
		size = int64(int32(binary.BigEndian.Uint32(c.b[c.at:])))
		c.at += 4
	}
	if size < 0 || size > int64(len(c.b)-c.at) {
		return 0, nil, false, errCutOff(op)
	}
	value = c.b[c.at : c.at+int(size) : c.at+int(size)]
	c.at += int(size)
	c.prev, c.begun = tag, true
	if tag == tagEnd {
		c.ended = true
		return 0, nil, false, nil
	}
	return tag, value, true, nil
}

func errCutOff(op string) error {
	return fault.New(fault.Invalid, op, "", "the message ends within a field")
}

// writer makes a message of fields.
type writer struct {
	b     []byte
	prev  uint16
	begun bool
}

func (w *writer) add(tag uint16, value []byte) {
	if w.begun {
		w.b = binary.BigEndian.AppendUint16(w.b, w.prev)
	}
	w.b = binary.BigEndian.AppendUint16(w.b, tag)
	if len(value) < longField {
		w.b = binary.BigEndian.AppendUint16(w.b, uint16(len(value)))
	} else {
		w.b = binary.BigEndian.AppendUint16(w.b, longField)
		w.b = binary.BigEndian.AppendUint32(w.b, uint32(len(value)))
	}
	w.b = append(w.b, value...)
	w.prev, w.begun = tag, true
}

// finish adds the end and its mark.
func (w *writer) finish() []byte {
	w.add(tagEnd, nil)
	return append(w.b, 0xff, 0xff)
}
