package typet

import (
	"bufio"
	"encoding/binary"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"strowger/switch/fault"
)

// The network interface (NI) layer: four bytes of length, then the payload.
const (
	niHeader   = 4
	niPing     = "NI_PING\x00"
	niPong     = "NI_PONG\x00"
	firstChunk = 64 << 10 // a frame's buffer grows by what has come, not by what was announced
)

// appendFrame appends payload as a frame.
func appendFrame(dst, payload []byte) []byte {
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(payload))), payload...)
}

// memory is the bytes that all connections together may hold of frames and
// messages that are larger than a chunk.
type memory struct {
	limit int64
	used  atomic.Int64
}

func (m *memory) take(n int) bool {
	if m.used.Add(int64(n)) <= m.limit {
		return true
	}
	m.used.Add(int64(-n))
	return false
}

func (m *memory) give(n int) { m.used.Add(int64(-n)) }

// frame is a frame's payload and what it holds of the memory.
type frame struct {
	data  []byte
	taken int
}

// frameReader cuts a stream into frames.
type frameReader struct {
	in    *bufio.Reader
	limit int
	mem   *memory
	// watch bounds the time from a frame's first byte to its last. It may be nil.
	watch  *time.Timer
	within time.Duration
}

// read returns the next frame. Its errors are io.EOF between two frames,
// Invalid for a length that is refused, Busy when memory is short, and what
// the connection says.
func (f *frameReader) read() (frame, error) {
	if _, err := f.in.Peek(1); err != nil {
		return frame{}, err
	}
	if f.watch != nil {
		f.watch.Reset(f.within)
		defer f.watch.Stop()
	}
	var head [niHeader]byte
	if _, err := io.ReadFull(f.in, head[:]); err != nil {
		return frame{}, noEOF(err)
	}
	announced := binary.BigEndian.Uint32(head[:])
	if uint64(announced) > uint64(f.limit) {
		return frame{}, fault.Newf(fault.Invalid, "typet: read", "", "a frame of %d bytes is announced, %d are allowed: is this port used by something else than SAP?", announced, f.limit)
	}
	return f.fill(int(announced))
}

func (f *frameReader) fill(n int) (frame, error) {
	out := frame{data: make([]byte, 0, min(n, firstChunk))}
	for len(out.data) < n {
		have := len(out.data)
		grow := min(n-have, max(have, firstChunk))
		if have > 0 {
			if !f.mem.take(grow) {
				f.mem.give(out.taken)
				return frame{}, fault.New(fault.Busy, "typet: read", "", "too many large messages at once")
			}
			out.taken += grow
		}
		out.data = slices.Grow(out.data, grow)[:have+grow]
		if _, err := io.ReadFull(f.in, out.data[have:]); err != nil {
			f.mem.give(out.taken)
			return frame{}, noEOF(err)
		}
	}
	return out, nil
}

// noEOF: an end in the middle of a frame is no orderly end.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
