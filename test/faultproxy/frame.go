package faultproxy

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
)

// The frames of RFC 6455, as far as a relay must know them.

// readFrame reads one whole frame as it is.
func readFrame(r *bufio.Reader) (data []byte, kind unitKind, err error) {
	head := make([]byte, 2, 14)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, 0, err
	}
	more := 0
	switch head[1] & 0x7f {
	case 126:
		more = 2
	case 127:
		more = 8
	}
	if head[1]&0x80 != 0 {
		more += 4
	}
	head = head[:2+more]
	if _, err := io.ReadFull(r, head[2:]); err != nil {
		return nil, 0, err
	}
	_, length := frameHead(head)
	if length > maxUnit {
		return nil, 0, errors.New("a websocket frame is too large")
	}
	data = append(head, make([]byte, length)...)
	if _, err := io.ReadFull(r, data[len(head):]); err != nil {
		return nil, 0, err
	}
	if whole, opcode := head[0]&0x80 != 0, head[0]&0x0f; whole && (opcode == 1 || opcode == 2) {
		return data, frame, nil
	}
	return data, control, nil
}

// frameHead returns where the payload begins and how long it is.
func frameHead(b []byte) (start int, length uint64) {
	start, length = 2, uint64(b[1]&0x7f)
	switch length {
	case 126:
		start, length = 4, uint64(binary.BigEndian.Uint16(b[2:]))
	case 127:
		start, length = 10, binary.BigEndian.Uint64(b[2:])
	}
	if b[1]&0x80 != 0 {
		start += 4
	}
	return start, length
}

// framePayload returns the payload without its mask.
func framePayload(b []byte) []byte {
	start, _ := frameHead(b)
	if b[1]&0x80 == 0 {
		return b[start:]
	}
	return masked(b[start:], b[start-4:start])
}

func masked(payload, key []byte) []byte {
	out := bytes.Clone(payload)
	for i := range out {
		out[i] ^= key[i%4]
	}
	return out
}

// textFrame makes a frame; who connects has to mask it.
func textFrame(payload []byte, mask bool) []byte {
	out := []byte{0x81}
	switch n := len(payload); {
	case n < 126:
		out = append(out, byte(n))
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, 126), uint16(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, 127), uint64(n))
	}
	if !mask {
		return append(out, payload...)
	}
	key := make([]byte, 4)
	_, _ = rand.Read(key) // never fails
	out[1] |= 0x80
	return append(append(out, key...), masked(payload, key)...)
}

// corrupt damages a copy: a byte in the middle becomes 0xff, which no UTF-8
// text has. The head of a frame stays, so that it is the text that is bad.
func corrupt(u unit) []byte {
	out, start := bytes.Clone(u.data), 0
	if u.kind == frame {
		start, _ = frameHead(out)
	}
	if at := start + (len(out)-start)/2; at < len(out) {
		if u.kind == frame && out[1]&0x80 != 0 {
			out[at] = 0xff ^ out[start-4+(at-start)%4]
		} else {
			out[at] = 0xff
		}
	}
	return out
}
