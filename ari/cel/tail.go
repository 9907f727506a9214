package cel

import (
	"errors"
	"io"
	"os"

	"strowger/switch/fault"
)

// Tail reads a file that grows, and goes on in the new one when it has been
// rotated or cut short. Used by one goroutine.
type Tail struct {
	path string
	f    *os.File
	at   int64 // end of the last whole line that was read
}

// NewTail reads path from its beginning; the file need not exist yet.
func NewTail(path string) *Tail { return &Tail{path: path} }

// Next calls fn for every event that has come since the last time.
func (t *Tail) Next(fn func(Event)) (Stats, error) {
	var all Stats
	for {
		if t.f == nil {
			f, err := open(t.path)
			if fault.Is(err, fault.NotFound) {
				return all, nil
			}
			if err != nil {
				return all, err
			}
			t.f, t.at = f, 0
		}
		s, err := t.rest(fn)
		all.add(s)
		if err != nil {
			return all, err
		}
		if moved, err := t.moved(); err != nil || !moved {
			return all, err
		}
		t.Close()
	}
}

func (t *Tail) rest(fn func(Event)) (Stats, error) {
	if info, err := t.f.Stat(); err == nil && info.Size() < t.at {
		t.at = 0 // cut short in place
	}
	if _, err := t.f.Seek(t.at, io.SeekStart); err != nil {
		return Stats{}, fault.Wrap(fault.Unavailable, "cel: read", t.path, err)
	}
	s, err := Scan(t.f, func(e Event) bool { fn(e); return true })
	t.at += s.Bytes
	return s, err
}

// moved reports whether the name now leads to another file, whose lines come next.
func (t *Tail) moved() (bool, error) {
	now, err := os.Stat(t.path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil // rotated, and nothing written since
	}
	if err != nil {
		return false, fault.Wrap(fault.Unavailable, "cel: read", t.path, err)
	}
	mine, err := t.f.Stat()
	if err != nil {
		return false, fault.Wrap(fault.Unavailable, "cel: read", t.path, err)
	}
	return !os.SameFile(now, mine), nil
}

// Close ends the reading; a later Next begins the file anew.
func (t *Tail) Close() {
	if t.f != nil {
		_ = t.f.Close() // it was only read
		t.f, t.at = nil, 0
	}
}
