package cel

import (
	"bufio"
	"errors"
	"io"
	"os"
	"time"

	"strowger/switch/fault"
)

// Stats say what a reading came across.
type Stats struct {
	Events  int       // good lines
	Bad     int       // lines that cannot be read or are longer than MaxLine
	Foreign int       // lines of another form
	Bytes   int64     // of whole lines
	Torn    bool      // the last line has no end yet
	Cut     bool      // the file begins before what was read, see Since
	First   time.Time // of the events that were read; zero for none
	Last    time.Time
}

func (s *Stats) add(o Stats) {
	s.Events, s.Bad, s.Foreign, s.Bytes = s.Events+o.Events, s.Bad+o.Bad, s.Foreign+o.Foreign, s.Bytes+o.Bytes
	s.Torn = o.Torn
	if s.First.IsZero() || !o.First.IsZero() && o.First.Before(s.First) {
		s.First = o.First
	}
	if o.Last.After(s.Last) {
		s.Last = o.Last
	}
}

// Scan calls fn for every event, in the order of the file, until it returns
// false. A last line without its end is not read. The error is the reader's.
func Scan(r io.Reader, fn func(Event) bool) (Stats, error) {
	var s Stats
	in := bufio.NewReaderSize(r, MaxLine)
	long := false
	for {
		line, err := in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			s.Bytes += int64(len(line))
			long = true
			continue
		case errors.Is(err, io.EOF):
			s.Torn = len(line) > 0 || long
			return s, nil
		case err != nil:
			return s, fault.Wrap(fault.Unavailable, "cel: read", "", err)
		}
		s.Bytes += int64(len(line))
		if long {
			long = false
			s.Bad++
			continue
		}
		e, v := parse(string(trimEnd(line)))
		switch v {
		case bad:
			s.Bad++
		case foreign:
			s.Foreign++
		case good:
			s.see(e.At)
			if !fn(e) {
				return s, nil
			}
		}
	}
}

func (s *Stats) see(at time.Time) {
	s.Events++
	if s.First.IsZero() || at.Before(s.First) {
		s.First = at
	}
	if at.After(s.Last) {
		s.Last = at
	}
}

func trimEnd(line []byte) []byte {
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

// rotated is what log rotation calls the file before this one.
const rotated = ".1"

// Since returns the events from a moment on, reading at most limit bytes from
// the end of the file, and of the one that was rotated away where the moment
// lies before this one. Stats.Cut tells that older events exist that were not
// looked at. Errors: NotFound, Denied, Unavailable.
func Since(path string, from time.Time, limit int64) ([]Event, Stats, error) {
	events, s, err := since(path, from, limit)
	if err != nil {
		return nil, s, err
	}
	if s.Cut || !s.First.IsZero() && !s.First.After(from) {
		return events, s, nil
	}
	before, older, err := since(path+rotated, from, limit-s.Bytes)
	if fault.Is(err, fault.NotFound) {
		return events, s, nil
	}
	if err != nil {
		return nil, s, err
	}
	torn := s.Torn
	s.add(older)
	s.Torn, s.Cut = torn, older.Cut
	return append(before, events...), s, nil
}

func since(path string, from time.Time, limit int64) ([]Event, Stats, error) {
	f, err := open(path)
	if err != nil {
		return nil, Stats{}, err
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return nil, Stats{}, fault.Wrap(fault.Unavailable, "cel: read", path, err)
	}
	cut := info.Size() > limit
	in := bufio.NewReader(f)
	if cut {
		if _, err := f.Seek(-max(limit, 0), io.SeekEnd); err != nil {
			return nil, Stats{}, fault.Wrap(fault.Unavailable, "cel: read", path, err)
		}
		if err := skipLine(in); err != nil {
			return nil, Stats{Cut: true}, err
		}
	}
	var out []Event
	s, err := Scan(in, func(e Event) bool {
		if !e.At.Before(from) {
			out = append(out, e)
		}
		return true
	})
	s.Cut = cut && (s.First.IsZero() || s.First.After(from))
	return out, s, err
}

// skipLine leaves out the rest of a line that was begun in the middle.
func skipLine(in *bufio.Reader) error {
	for {
		switch _, err := in.ReadSlice('\n'); {
		case err == nil, errors.Is(err, io.EOF):
			return nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return fault.Wrap(fault.Unavailable, "cel: read", "", err)
		}
	}
}

func open(path string) (*os.File, error) {
	f, err := os.Open(path)
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, os.ErrNotExist):
		return nil, fault.Wrap(fault.NotFound, "cel: open", path, err)
	case errors.Is(err, os.ErrPermission):
		return nil, fault.Wrap(fault.Denied, "cel: open", path, err)
	}
	return nil, fault.Wrap(fault.Unavailable, "cel: open", path, err)
}
