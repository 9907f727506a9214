package record

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"

	"strowger/media/codec"
	"strowger/switch/fault"
)

const (
	headerLen    = 44
	sampleBytes  = 2
	formatPCM    = 1
	maxChunks    = 64
	maxFormatLen = 64
)

// Track is an open track.
type Track struct {
	f        *os.File
	data     int64 // where the samples begin
	Samples  int64
	Repaired bool // the header did not tell the length
}

// Open reads the header of a track. A data chunk whose length is 0 or beyond
// the end of the file is read to the end. Errors are of kind Invalid (no such
// file format) or NotFound and Unavailable for the file itself.
func Open(path string) (*Track, error) {
	f, err := os.Open(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fault.Wrap(fault.NotFound, "record: open track", path, err)
	case err != nil:
		return nil, fault.Wrap(fault.Unavailable, "record: open track", path, err)
	}
	t := &Track{f: f}
	if err := t.readHeader(); err != nil {
		return nil, errors.Join(fault.Wrap(fault.Invalid, "record: open track", path, err), f.Close())
	}
	return t, nil
}

// Close closes the file.
func (t *Track) Close() error { return t.f.Close() }

func (t *Track) readHeader() error {
	info, err := t.f.Stat()
	if err != nil {
		return err
	}
	var riff [12]byte
	if _, err := io.ReadFull(t.f, riff[:]); err != nil || string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE" {
		return errors.New("it is no RIFF WAVE file")
	}
	at, sawFormat := int64(len(riff)), false
	for range maxChunks {
		var head [8]byte
		if _, err := t.f.ReadAt(head[:], at); err != nil {
			return errors.New("it has no data chunk")
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		at += int64(len(head))
		switch string(head[:4]) {
		case "fmt ":
			if err := t.readFormat(at, size); err != nil {
				return err
			}
			sawFormat = true
		case "data":
			if !sawFormat {
				return errors.New("its data chunk comes before its format chunk")
			}
			rest := info.Size() - at
			t.Repaired = size == 0 && rest > 0 || size > rest
			if t.Repaired {
				size = rest
			}
			t.data, t.Samples = at, size/sampleBytes
			return nil
		}
		at += size + size&1
	}
	return errors.New("it has too many chunks")
}

func (t *Track) readFormat(at, size int64) error {
	if size < 16 || size > maxFormatLen {
		return errors.New("its format chunk has an impossible length")
	}
	var b [16]byte
	if _, err := t.f.ReadAt(b[:], at); err != nil {
		return errors.New("its format chunk is cut short")
	}
	le := binary.LittleEndian
	if le.Uint16(b[:]) != formatPCM || le.Uint16(b[2:]) != 1 || le.Uint32(b[4:]) != codec.SampleRate || le.Uint16(b[14:]) != 8*sampleBytes {
		return errors.New("it is not 8 kHz mono with 16 bit")
	}
	return nil
}

// header is that of a file with so many samples in each channel.
func header(channels int, samples int64) ([]byte, error) {
	size := samples * int64(channels) * sampleBytes
	if size > math.MaxUint32-headerLen {
		return nil, fault.New(fault.Invalid, "record: compose", "", "the recording is too long for one file")
	}
	le := binary.LittleEndian
	b := make([]byte, headerLen)
	copy(b, "RIFF")
	le.PutUint32(b[4:], uint32(headerLen-8+size))
	copy(b[8:], "WAVEfmt ")
	le.PutUint32(b[16:], 16)
	le.PutUint16(b[20:], formatPCM)
	le.PutUint16(b[22:], uint16(channels))
	le.PutUint32(b[24:], codec.SampleRate)
	le.PutUint32(b[28:], uint32(codec.SampleRate*channels*sampleBytes))
	le.PutUint16(b[32:], uint16(channels*sampleBytes))
	le.PutUint16(b[34:], 8*sampleBytes)
	copy(b[36:], "data")
	le.PutUint32(b[40:], uint32(size))
	return b, nil
}
