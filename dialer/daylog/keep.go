package daylog

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"strowger/switch/fault"
)

const (
	plain   = ".jsonl"
	packed  = ".gz"
	partial = ".part"
)

// ours are the names that this package gives; nothing else in the folder is touched.
var ours = regexp.MustCompile(`^campaign-\d+-(\d{4}-\d{2}-\d{2})(-\d+)?\.jsonl(\.gz(\.part)?)?$`)

// keep is the goroutine that puts files away.
func (l *Log) keep() {
	defer l.done.Done()
	t := time.NewTicker(sweepEvery)
	defer t.Stop()
	for {
		select {
		case <-l.sweep:
		case <-t.C:
		case <-l.quit:
			return
		}
		if err := l.tidy(l.o.Now()); err != nil {
			l.o.Logger.Warn("old records of campaigns are not put away", "dir", l.o.Dir, "error", err)
		}
	}
}

// tidy compresses what is complete and removes what is old.
func (l *Log) tidy(now time.Time) error {
	entries, err := os.ReadDir(l.o.Dir)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "dialer: log", l.o.Dir, err)
	}
	oldest := now.Add(-l.o.Keep - 24*time.Hour).Format(time.DateOnly) // the day of a name has just begun
	var all []error
	for _, e := range entries {
		m := ours.FindStringSubmatch(e.Name())
		if m == nil || !e.Type().IsRegular() || l.isOpen(e.Name()) {
			continue
		}
		path := filepath.Join(l.o.Dir, e.Name())
		switch {
		case m[1] <= oldest, strings.HasSuffix(e.Name(), partial):
			err = os.Remove(path)
		case strings.HasSuffix(e.Name(), plain):
			err = l.pack(path)
		default:
			continue
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = append(all, err)
		}
		select {
		case <-l.quit:
			return errors.Join(all...)
		default:
		}
	}
	return errors.Join(all...)
}

// pack compresses a file. A crash leaves the file, or both.
func (l *Log) pack(path string) (err error) {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read from
	half := path + packed + partial
	out, err := os.OpenFile(half, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	z := gzip.NewWriter(out)
	_, err = io.Copy(z, stopped{in, l.quit})
	if err = errors.Join(err, z.Close(), out.Sync(), out.Close()); err != nil {
		return errors.Join(err, os.Remove(half))
	}
	if err := os.Rename(half, path+packed); err != nil {
		return err
	}
	return os.Remove(path)
}

// stopped reads until somebody quits.
type stopped struct {
	r    io.Reader
	quit <-chan struct{}
}

func (s stopped) Read(p []byte) (int, error) {
	select {
	case <-s.quit:
		return 0, fault.New(fault.Stopped, "dialer: log", "", "it is put away after the next start")
	default:
		return s.r.Read(p)
	}
}

// Plain reads a record, compressed or not.
func Plain(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	if head, err := b.Peek(2); err != nil || head[0] != 0x1f || head[1] != 0x8b {
		return b, nil // too short for anything is for who reads it to say
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Op: "dialer: read", Err: err, Reason: "the file is compressed, and damaged"}
	}
	return z, nil
}
