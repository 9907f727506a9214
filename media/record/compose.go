package record

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"syscall"
	"time"

	"strowger/media/codec"
	"strowger/switch/fault"
)

// Span is a stretch of a track, from its beginning on.
type Span struct{ From, To time.Duration }

// Source is one track of a part.
type Source struct {
	Path  string
	Late  time.Duration // it began so long after its part
	Blank []Span        // to be silent
}

// Part is a stretch of the conversation: one track, or two of which the first
// becomes the left channel.
type Part struct {
	Silence time.Duration // before it, at most MaxSilence
	Pad     time.Duration // what the part before should have lasted: silence where it lacks at most MaxPad
	Tracks  []Source
}

// MaxSilence is the longest silence that Compose puts between two parts.
const MaxSilence = time.Hour

// MaxPad is the most that is made up for at the end of a part.
const MaxPad = 500 * time.Millisecond

// Result is what Compose has made.
type Result struct {
	Channels int
	Duration time.Duration
	Bytes    int64
	SHA256   string
	Repaired bool            // of a track: its server was killed
	Parts    []time.Duration // length of each part
}

// Compose writes the parts into one file of 1 or 2 channels, mode 0600, and has
// it on disk before it returns; path.part is where it grows. Errors: Invalid for
// what can never become a file, Unavailable for a full or failing disk.
func Compose(path string, channels int, parts []Part) (res Result, err error) {
	const op = "record: compose"
	if channels < 1 || channels > 2 {
		return res, fault.Newf(fault.Invalid, op, path, "a recording has 1 or 2 channels, not %d", channels)
	}
	list, err := openParts(channels, parts)
	defer func() {
		for _, p := range list {
			p.close()
		}
	}()
	if err != nil {
		return res, err
	}
	res.Channels = channels
	var samples int64
	for _, p := range list {
		samples += p.silence + p.samples
		res.Repaired = res.Repaired || p.repaired
		res.Parts = append(res.Parts, length(p.samples))
	}
	head, err := header(channels, samples)
	if err != nil {
		return res, err
	}
	res.Duration, res.Bytes = length(samples), int64(len(head))+samples*int64(channels)*sampleBytes
	res.SHA256, err = write(path, head, list)
	return res, diskFault(op, path, err)
}

func length(samples int64) time.Duration {
	return time.Duration(samples) * time.Second / codec.SampleRate
}

func samplesOf(d time.Duration) int64 {
	return int64(max(d, 0) * codec.SampleRate / time.Second)
}

// diskFault sorts what a disk has to say; a fault stays as it is.
func diskFault(op, path string, err error) error {
	if f := (*fault.Error)(nil); err == nil || errors.As(err, &f) {
		return err
	}
	if errors.Is(err, syscall.ENOSPC) {
		return &fault.Error{Kind: fault.Unavailable, Op: op, Subject: path, Reason: "the disk is full; make room on it", Err: err}
	}
	return fault.Wrap(fault.Unavailable, op, path, err)
}

// write writes header and parts, and returns the SHA-256 of the whole.
func write(path string, head []byte, list []*openPart) (sum string, err error) {
	f, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	err = fill(f, h, head, list)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(path+".part"))
	}
	return hex.EncodeToString(h.Sum(nil)), os.Rename(path+".part", path)
}

func fill(f io.Writer, h hash.Hash, head []byte, list []*openPart) error {
	w := bufio.NewWriterSize(io.MultiWriter(f, h), 64<<10)
	if _, err := w.Write(head); err != nil {
		return err
	}
	for _, p := range list {
		if err := p.copy(w); err != nil {
			return err
		}
	}
	return w.Flush()
}

// openPart is a part that is being copied.
type openPart struct {
	tracks   []*reader
	silence  int64 // before it
	samples  int64 // of the longest track, with what it is late
	repaired bool
}

func openParts(channels int, parts []Part) (list []*openPart, err error) {
	for _, part := range parts {
		if len(part.Tracks) != channels {
			return list, fault.Newf(fault.Invalid, "record: compose", "", "a part has %d tracks and the file %d channels", len(part.Tracks), channels)
		}
		p := &openPart{silence: samplesOf(min(part.Silence, MaxSilence))}
		if n := len(list); n > 0 {
			if lacks := samplesOf(part.Pad) - list[n-1].samples; lacks > 0 && lacks <= samplesOf(MaxPad) {
				p.silence += lacks
			}
		}
		list = append(list, p)
		for _, src := range part.Tracks {
			r, err := newReader(src)
			if err != nil {
				return list, err
			}
			p.tracks = append(p.tracks, r)
			p.samples, p.repaired = max(p.samples, r.late+r.samples), p.repaired || r.repaired
		}
	}
	return list, nil
}

func (p *openPart) close() {
	for _, r := range p.tracks {
		r.close()
	}
}

// copy writes the part, its tracks side by side.
func (p *openPart) copy(w *bufio.Writer) error {
	for range p.silence * int64(len(p.tracks)) * sampleBytes {
		if err := w.WriteByte(0); err != nil {
			return err
		}
	}
	for at := int64(0); at < p.samples; at++ {
		for _, r := range p.tracks {
			lo, hi, err := r.sample(at)
			if err != nil {
				return err
			}
			if err := w.WriteByte(lo); err != nil {
				return err
			}
			if err := w.WriteByte(hi); err != nil {
				return err
			}
		}
	}
	return nil
}

// reader reads a track sample by sample; before its begin and after its end it
// is silent. A source without a path is silent as a whole.
type reader struct {
	track    *Track
	buf      *bufio.Reader
	late     int64
	samples  int64
	repaired bool
	blank    [][2]int64
}

func newReader(src Source) (*reader, error) {
	r := &reader{late: samplesOf(src.Late)}
	if src.Path == "" {
		return r, nil
	}
	t, err := Open(src.Path)
	if err != nil {
		return nil, err
	}
	r.track, r.samples, r.repaired = t, t.Samples, t.Repaired
	r.buf = bufio.NewReaderSize(io.NewSectionReader(t.f, t.data, t.Samples*sampleBytes), 64<<10)
	for _, b := range src.Blank {
		r.blank = append(r.blank, [2]int64{samplesOf(b.From), samplesOf(b.To)})
	}
	return r, nil
}

func (r *reader) close() {
	if r.track != nil {
		_ = r.track.Close() // it was only read
	}
}

// sample returns the sample of a moment of the part. Moments come in order.
func (r *reader) sample(at int64) (lo, hi byte, err error) {
	at -= r.late
	if at < 0 || at >= r.samples {
		return 0, 0, nil
	}
	if lo, err = r.buf.ReadByte(); err == nil {
		hi, err = r.buf.ReadByte()
	}
	for _, b := range r.blank {
		if at >= b[0] && at < b[1] {
			return 0, 0, err
		}
	}
	return lo, hi, err
}
