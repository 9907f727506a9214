package daylog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"strowger/switch/fault"
)

// file is one that is written to.
type file struct {
	name string
	f    *os.File
	wait bytes.Buffer // whole lines, so that a crash tears none
	size int64        // of what the disk has
}

// enough is how much waits before it is written.
const enough = 64 << 10

// flush writes what waits, whole or not at all.
func (f *file) flush() error {
	if f.wait.Len() == 0 {
		return nil
	}
	n, err := f.f.Write(f.wait.Bytes())
	f.wait.Reset()
	if err != nil {
		return errors.Join(err, f.f.Truncate(f.size))
	}
	f.size += int64(n)
	return nil
}

// mostParts is how many files of a campaign's day there may be.
const mostParts = 10_000

// write is the goroutine that writes.
func (l *Log) write() {
	defer l.done.Done()
	var open []*part // those with a file
	var line bytes.Buffer
	for {
		var i item
		select {
		case i = <-l.queue:
		default:
			l.flush(open)
			select {
			case i = <-l.queue:
			case <-l.quit:
				select { // who recorded before the stop is written
				case i = <-l.queue:
				default:
					for _, p := range open {
						l.close(p)
					}
					return
				}
			}
		}
		open = l.one(i, &line, open)
	}
}

// one writes an item and returns the parts that have a file.
func (l *Log) one(i item, line *bytes.Buffer, open []*part) []*part {
	if i.close || i.hello != nil {
		rest := open[:0]
		for _, p := range open {
			if p.number == i.part.number {
				l.close(p)
				continue
			}
			rest = append(rest, p)
		}
		open = rest
		l.wake()
	}
	line.Reset()
	switch {
	case i.hello != nil:
		if err := l.begin(i.part); err != nil {
			l.fail(i.part, err)
			return open
		}
		open = append(open, i.part)
		if err := i.hello.Write(line); err != nil {
			l.fail(i.part, err)
			return open
		}
	case i.tick != nil && i.part.file != nil:
		if err := i.tick.Write(line); err != nil {
			l.fail(i.part, err)
			return open
		}
		l.written.Add(1)
	case i.tick != nil:
		l.failed.Add(1)
		return open
	default:
		return open
	}
	l.append(i.part, line.Bytes())
	return open
}

func (l *Log) append(p *part, text []byte) {
	l.bytes.Add(uint64(len(text)))
	p.file.wait.Write(text)
	if p.file.wait.Len() >= enough {
		if err := p.file.flush(); err != nil {
			l.fail(p, err)
		}
	}
	if p.file.size >= l.o.MaxFile {
		p.full.Store(true)
	}
}

// begin makes the next file of a campaign's day.
func (l *Log) begin(p *part) error {
	for n := 1; n <= mostParts; n++ {
		name := fmt.Sprintf("campaign-%d-%s", p.number, p.day)
		if n > 1 {
			name += fmt.Sprintf("-%d", n)
		}
		name += plain
		if _, err := os.Stat(filepath.Join(l.o.Dir, name+packed)); err == nil {
			continue
		}
		l.mark(name, true) // before it is there, so that it is not put away
		f, err := os.OpenFile(filepath.Join(l.o.Dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			p.file = &file{name: name, f: f}
			return nil
		}
		l.mark(name, false)
		if !errors.Is(err, fs.ErrExist) {
			return fault.Wrap(fault.Unavailable, "dialer: log", name, err)
		}
	}
	return fault.Newf(fault.Overrun, "dialer: log", p.day, "the day has %d files of one campaign: is it started again and again?", mostParts)
}

// fail counts, says it once a file, and lets the campaign begin another file.
func (l *Log) fail(p *part, err error) {
	l.failed.Add(1)
	if !p.full.Swap(true) {
		l.o.Logger.Warn("a campaign's decisions are not recorded", "campaign", p.number, "day", p.day, "error", err)
	}
}

func (l *Log) flush(open []*part) {
	for _, p := range open {
		if err := p.file.flush(); err != nil {
			l.fail(p, err)
		}
	}
}

func (l *Log) close(p *part) {
	if err := errors.Join(p.file.flush(), p.file.f.Close()); err != nil {
		l.fail(p, err)
	}
	l.mark(p.file.name, false)
	p.file = nil
}

// mark notes that a file is written to, or no more.
func (l *Log) mark(name string, open bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if open {
		l.open[name] = true
		return
	}
	delete(l.open, name)
}

func (l *Log) isOpen(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open[name]
}
