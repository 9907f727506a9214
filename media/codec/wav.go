package codec

import (
	"encoding/binary"
	"errors"
	"io"

	"strowger/switch/fault"
)

// MaxWAVSamples bounds every WAV this package reads or writes: one hour.
const MaxWAVSamples = 3600 * SampleRate

const (
	wavHeaderLen   = 44
	maxWAVChunks   = 64
	maxSkippedWAV  = 1 << 20
	wavFormatPCM   = 1
	bytesPerSample = 2
)

// ReadWAV reads 8 kHz mono 16-bit PCM, at most limit samples (0 means
// [MaxWAVSamples]). A data chunk whose length is 0 or beyond the end of the
// input is read to the end, because a recorder that was killed never wrote its
// length. Errors are fault.Invalid (not such a file) or the reader's own.
func ReadWAV(r io.Reader, limit int) ([]int16, error) {
	if limit <= 0 || limit > MaxWAVSamples {
		limit = MaxWAVSamples
	}
	var riff [12]byte
	if _, err := io.ReadFull(r, riff[:]); err != nil {
		return nil, wavFault("shorter than a RIFF header", err)
	}
	if string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return nil, wavFault("not a RIFF WAVE file", nil)
	}
	sawFormat := false
	for range maxWAVChunks {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return nil, wavFault("no data chunk", err)
		}
		size := binary.LittleEndian.Uint32(head[4:])
		switch string(head[:4]) {
		case "fmt ":
			if err := readWAVFormat(r, size); err != nil {
				return nil, err
			}
			sawFormat = true
		case "data":
			if !sawFormat {
				return nil, wavFault("data chunk before the format chunk", nil)
			}
			return readWAVData(r, size, limit)
		default:
			if size > maxSkippedWAV {
				return nil, wavFault("an extra chunk is larger than 1 MiB", nil)
			}
			if _, err := io.CopyN(io.Discard, r, int64(size+size&1)); err != nil {
				return nil, wavFault("an extra chunk is cut short", err)
			}
		}
	}
	return nil, wavFault("more than 64 chunks", nil)
}

func readWAVFormat(r io.Reader, size uint32) error {
	if size < 16 || size > 64 {
		return wavFault("format chunk has an impossible length", nil)
	}
	buf := make([]byte, size+size&1)
	if _, err := io.ReadFull(r, buf); err != nil {
		return wavFault("format chunk is cut short", err)
	}
	le := binary.LittleEndian
	if le.Uint16(buf) != wavFormatPCM || le.Uint16(buf[2:]) != 1 || le.Uint32(buf[4:]) != SampleRate || le.Uint16(buf[14:]) != 16 {
		return wavFault("only 8 kHz mono 16-bit PCM is supported: convert it with sox -r 8000 -c 1 -b 16", nil)
	}
	return nil
}

func readWAVData(r io.Reader, size uint32, limit int) ([]int16, error) {
	want := int64(limit) * bytesPerSample
	if size != 0 && int64(size) < want {
		want = int64(size)
	}
	raw, err := io.ReadAll(io.LimitReader(r, want))
	if err != nil {
		return nil, wavFault("reading samples", err)
	}
	pcm := make([]int16, len(raw)/bytesPerSample)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(raw[i*bytesPerSample:])) // two's complement reinterpretation
	}
	return pcm, nil
}

// WAVWriter writes 8 kHz mono 16-bit PCM as it comes. It is for one goroutine.
type WAVWriter struct {
	w       io.WriteSeeker
	limit   int
	written int
	closed  bool
	buf     []byte
}

// NewWAVWriter writes the header with length 0 and returns the writer; Close
// puts the true lengths in. limit is in samples (0 means [MaxWAVSamples]).
func NewWAVWriter(w io.WriteSeeker, limit int) (*WAVWriter, error) {
	if limit <= 0 || limit > MaxWAVSamples {
		limit = MaxWAVSamples
	}
	x := &WAVWriter{w: w, limit: limit}
	if _, err := w.Write(wavHeader(0)); err != nil {
		return nil, wavFault("writing the header", err)
	}
	return x, nil
}

// Write appends samples. Beyond the limit it writes what fits and returns a
// fault.Busy error.
func (x *WAVWriter) Write(pcm []int16) error {
	if x.closed {
		return fault.New(fault.Conflict, "codec: write wav", "", "the writer is closed")
	}
	fits := pcm[:min(len(pcm), x.limit-x.written)]
	x.buf = x.buf[:0]
	for _, s := range fits {
		x.buf = binary.LittleEndian.AppendUint16(x.buf, uint16(s)) // two's complement reinterpretation
	}
	if _, err := x.w.Write(x.buf); err != nil {
		return wavFault("writing samples", err)
	}
	x.written += len(fits)
	if len(fits) < len(pcm) {
		return fault.Newf(fault.Busy, "codec: write wav", "", "the limit of %d samples is reached: start another file", x.limit)
	}
	return nil
}

// Close writes the final lengths. It does not close the underlying file. A
// second Close does nothing.
func (x *WAVWriter) Close() error {
	if x.closed {
		return nil
	}
	x.closed = true
	if _, err := x.w.Seek(0, io.SeekStart); err != nil {
		return wavFault("seeking to the header", err)
	}
	if _, err := x.w.Write(wavHeader(x.written)); err != nil {
		return wavFault("writing the lengths", err)
	}
	if _, err := x.w.Seek(0, io.SeekEnd); err != nil {
		return wavFault("seeking to the end", err)
	}
	return nil
}

func wavHeader(samples int) []byte {
	size := uint32(samples) * bytesPerSample // at most MaxWAVSamples
	le := binary.LittleEndian
	h := make([]byte, 0, wavHeaderLen)
	h = append(h, "RIFF"...)
	h = le.AppendUint32(h, size+wavHeaderLen-8)
	h = append(h, "WAVEfmt "...)
	h = le.AppendUint32(h, 16)
	h = le.AppendUint16(h, wavFormatPCM)
	h = le.AppendUint16(h, 1)
	h = le.AppendUint32(h, SampleRate)
	h = le.AppendUint32(h, SampleRate*bytesPerSample)
	h = le.AppendUint16(h, bytesPerSample)
	h = le.AppendUint16(h, 16)
	h = append(h, "data"...)
	return le.AppendUint32(h, size)
}

func wavFault(reason string, err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &fault.Error{Kind: fault.Invalid, Op: "codec: wav", Reason: reason, Err: err}
}
