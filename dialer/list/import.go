package list

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// File is a file of leads. It is read from its beginning each time it is opened.
type File interface {
	io.ReadSeekCloser
	io.ReaderAt
	Name() string // path
}

// ImportOptions are how a file is read. What is empty is found out.
type ImportOptions struct {
	File      string  `json:"file"`                // its name, for people
	Mode      string  `json:"mode"`                // Resumable (default) or Atomic
	Charset   string  `json:"charset,omitempty"`   // of text
	Delimiter string  `json:"delimiter,omitempty"` // of text: , ; | or tab
	Header    *bool   `json:"header,omitempty"`    // whether the first row names the columns
	Sheet     string  `json:"sheet,omitempty"`     // of a workbook; its first one if empty
	Mapping   Mapping `json:"mapping,omitempty"`   // that of the list, or proposed, if empty
	Do        string  `json:"do,omitempty"`        // what a lead that is there already means; the list's policy if empty
	By        string  `json:"by,omitempty"`        // who has asked for it
	Stored    string  `json:"stored,omitempty"`    // where whoever has asked for it keeps the file
}

const (
	// chunkRows is how many rows are written in one transaction; chunksAhead is
	// how many such are read while one is written. Together they bound the memory.
	chunkRows   = 5000
	chunksAhead = 3
)

// Import reads a file into a list. tell is called after each chunk, from the
// caller's goroutine. When ctx ends it stops, and [Store.Resume] goes on with
// the same file. Rows with an error are left out and kept with line and reason.
// Errors: NotFound, Invalid when the file is none that can be read, Conflict when somebody has stopped it, Unavailable.
func (s *Store) Import(ctx context.Context, list string, f File, o ImportOptions, clock func() time.Time, tell func(lead.Progress)) (Import, error) {
	x, err := s.Begin(ctx, list, f, o, clock())
	if err != nil {
		return x, err
	}
	return s.Resume(ctx, x.Import, f, clock, tell)
}

// Begin finds out what a file is and notes that it is to be read, which
// [Store.Resume] does then. What its columns mean is kept with the list.
func (s *Store) Begin(ctx context.Context, list string, f File, o ImportOptions, now time.Time) (Import, error) {
	const op = "import: begin"
	l, err := s.Get(ctx, list)
	if err != nil {
		return Import{}, err
	}
	if o.Mode == "" {
		o.Mode = Resumable
	}
	policy, err := l.Policy.with(o.Do)
	switch {
	case err != nil:
		return Import{}, err
	case l.Closed:
		return Import{}, fault.New(fault.Conflict, op, list, "the list is closed")
	case o.Mode != Resumable && o.Mode != Atomic:
		return Import{}, fault.Newf(fault.Invalid, op, clip(o.Mode, maxID), "the mode is %s or %s", Resumable, Atomic)
	case o.Mode == Atomic && policy.Do == DoUpdate:
		return Import{}, fault.New(fault.Invalid, op, list, "what is all or nothing cannot change leads that are there: set the list's policy to skip or refuse, or import resumably")
	case !plain(o.File, maxName) || !plain(o.By, maxName) || !plain(o.Stored, maxName):
		return Import{}, fault.New(fault.Invalid, op, list, "the file's name is too long")
	}
	in, err := openTable(f, &o, l.Mapping)
	if err != nil {
		return Import{}, err
	}
	in.close()
	sum, size, err := sumOf(f)
	if err != nil {
		return Import{}, err
	}
	l.Mapping = o.Mapping // the next file is read alike
	if l, err = s.Save(ctx, l, now); err != nil {
		return Import{}, err
	}
	return s.begin(ctx, l, o, sum, size, now)
}

func sumOf(f File) (sum string, size int64, err error) {
	h := sha256.New()
	if _, err = f.Seek(0, io.SeekStart); err == nil {
		size, err = io.Copy(h, f)
	}
	if err != nil {
		return "", 0, unreadable(err)
	}
	return hex.EncodeToString(h.Sum(nil)), size, nil
}

func unreadable(err error) error {
	return &fault.Error{Kind: fault.Unavailable, Op: "import: read", Reason: "the file cannot be read", Err: err}
}

// Resume reads what is left of a file: of an import that has just begun, was
// stopped, or ended with the program. The file must be the same, byte for byte. It finishes what was to be shown or undone.
func (s *Store) Resume(ctx context.Context, no int64, f File, clock func() time.Time, tell func(lead.Progress)) (Import, error) {
	const op = "import: resume"
	x, err := s.GetImport(ctx, no)
	if err != nil {
		return x, err
	}
	switch x.State {
	case ImportAppearing, ImportUndoing:
		return s.finish(ctx, x, clock)
	case ImportDone, ImportFailed:
		return x, fault.Newf(fault.Conflict, op, x.List, "import %d is %s: import the file again", no, x.State)
	}
	l, err := s.Get(ctx, x.List)
	if err != nil {
		return x, err
	}
	in, err := openTable(f, &x.Options, nil)
	if err != nil {
		return x, err
	}
	defer in.close()
	sum, _, err := sumOf(f)
	if err != nil {
		return x, err
	}
	if sum != x.SHA256 {
		return x, fault.New(fault.Conflict, op, x.File, "this is not the file that the import began with")
	}
	if x.State == ImportStopped {
		if err := s.end(ctx, no, ImportStopped, ImportRunning, "", clock()); err != nil {
			return x, err
		}
		x.State = ImportRunning
	}
	return s.run(ctx, x, l, in, clock, tell)
}

// part is some rows on their way from the file to the tables.
type part struct {
	rows  []ready
	bad   []badRow
	until int64 // rows of the file that are read when these are
	bytes int64
	err   error // the file ends here, by this
}

// run reads and writes, each in its goroutine, until the file ends.
func (s *Store) run(ctx context.Context, x Import, l List, in *table, clock func() time.Time, tell func(lead.Progress)) (Import, error) {
	var err error
	if l.Policy, err = l.Policy.with(x.Options.Do); err != nil {
		return x, err
	}
	inner, cancel := context.WithCancel(ctx)
	parts := make(chan part, chunksAhead)
	go s.read(inner, x, in, parts)
	defer func() {
		cancel()
		for range parts { // until the reader has seen it
		}
	}()
	for p := range parts {
		if p.err != nil && !errors.Is(p.err, io.EOF) {
			return s.broken(ctx, x, p.err, clock)
		}
		next, err := s.writePart(ctx, x, l, p, clock())
		if err != nil {
			return s.broken(ctx, x, err, clock)
		}
		x = next
		tell(x.Progress)
		if p.err != nil {
			break
		}
	}
	if ctx.Err() != nil { // the reader has stopped without a word
		return x, fault.New(fault.Stopped, "import: read", x.List, "stopped; it can go on")
	}
	to := ImportDone
	if x.Mode == Atomic {
		to = ImportAppearing
	}
	if err := s.end(ctx, x.Import, ImportRunning, to, "", clock()); err != nil {
		return x, err
	}
	return s.finish(ctx, x, clock)
}

// broken notes why an import did not come to its end. If the program is
// stopping nothing is noted: the next one goes on.
func (s *Store) broken(ctx context.Context, x Import, cause error, clock func() time.Time) (Import, error) {
	if ctx.Err() != nil {
		return x, fault.New(fault.Stopped, "import: read", x.List, "stopped; it can go on")
	}
	to := ImportStopped
	if fault.Is(cause, fault.Invalid) {
		if to = ImportFailed; x.Mode == Atomic {
			to = ImportUndoing
		}
	}
	if err := s.end(ctx, x.Import, ImportRunning, to, fault.ReasonOf(cause), clock()); err != nil {
		return x, errors.Join(cause, err)
	}
	now, err := s.GetImport(ctx, x.Import)
	if err != nil || now.State != ImportUndoing {
		return now, errors.Join(cause, err)
	}
	now, err = s.finish(ctx, now, clock)
	return now, errors.Join(cause, err)
}

// finish shows what is complete, or deletes what must not stay.
func (s *Store) finish(ctx context.Context, x Import, clock func() time.Time) (Import, error) {
	x, err := s.GetImport(ctx, x.Import)
	if err != nil {
		return x, err
	}
	switch x.State {
	case ImportAppearing:
		if err = s.appear(ctx, x); err == nil {
			err = s.end(ctx, x.Import, ImportAppearing, ImportDone, "", clock())
		}
	case ImportUndoing:
		if err = s.undo(ctx, x); err == nil {
			err = s.end(ctx, x.Import, ImportUndoing, ImportFailed, x.Error, clock())
		}
	case ImportStopped:
		return x, fault.New(fault.Conflict, "import: read", x.List, "it was stopped; strowger list import --resume goes on")
	}
	if err != nil {
		return x, err
	}
	return s.GetImport(ctx, x.Import)
}

// read is the reading goroutine: rows to parts, checked and with their numbers
// and zones, so that the writing one does nothing but write.
func (s *Store) read(ctx context.Context, x Import, in *table, parts chan<- part) {
	defer close(parts)
	plan := s.plan()
	p := part{until: x.Rows}
	row := int64(0)
	send := func() bool {
		p.bytes = in.bytes()
		select {
		case parts <- p:
			p = part{until: p.until}
			return true
		case <-ctx.Done():
			return false
		}
	}
	for {
		rec, err := in.read()
		if err != nil {
			p.err = err
			send()
			return
		}
		if row++; row <= x.Rows {
			continue // written before it was stopped
		}
		p.until = row
		s.sortRow(&p, rec, in, func(r Row) (ready, *badRow) { return s.prepare(plan, r) })
		if len(p.rows)+len(p.bad) == chunkRows && !send() {
			return
		}
	}
}

func (s *Store) sortRow(p *part, rec record, in *table, prepare func(Row) (ready, *badRow)) {
	if rec.bad != "" {
		p.bad = append(p.bad, badRow{rec.line, "", rec.bad})
		return
	}
	r, bad := s.row(in.columns, rec)
	if bad == nil {
		var good ready
		if good, bad = prepare(r); bad == nil {
			p.rows = append(p.rows, good)
			return
		}
	}
	p.bad = append(p.bad, *bad)
}

// writePart writes a part and where the import is now, in one transaction.
func (s *Store) writePart(ctx context.Context, x Import, l List, p part, now time.Time) (Import, error) {
	const op = "import: write"
	var c *chunk
	var next Import
	err := s.db.Update(ctx, op, l.ID, func(ctx context.Context, tx port.Tx) error {
		have, err := importIn(ctx, tx.Query, x.Import)
		if err != nil {
			return err
		}
		if have.State != ImportRunning || have.Rows != x.Rows {
			return fault.Newf(fault.Conflict, op, l.ID, "import %d is %s: somebody has stopped it, or reads it too", x.Import, have.State)
		}
		c = &chunk{s: s, tx: tx, list: l, now: now, imp: x.Import, hidden: x.Mode == Atomic, fresh: map[string]int64{}}
		if err := c.put(ctx, p.rows); err != nil {
			return err
		}
		next = have
		next.Rows, next.Bytes, next.Seen = p.until, p.bytes, now
		next.Good += c.out.made + c.out.changed
		next.Twice += c.out.twice
		next.Blocked += c.out.blocked
		if c.out.first > 0 {
			next.last = c.out.last
			if next.first == 0 {
				next.first = c.out.first
			}
		}
		if err := c.putBad(ctx, append(p.bad, c.out.bad...), next.Bad); err != nil {
			return err
		}
		next.Bad += int64(len(p.bad) + len(c.out.bad))
		_, err = tx.Exec(ctx, `UPDATE imports SET at_row = ?2, at_byte = ?3, good = ?4, bad = ?5, twice = ?6, blocked = ?7, first_lead = ?8, last_lead = ?9, updated_us = ?10 WHERE no = ?1`,
			x.Import, next.Rows, next.Bytes, next.Good, next.Bad, next.Twice, next.Blocked, next.first, next.last, micros(now))
		return err
	})
	if err != nil {
		return x, err
	}
	s.committed(c.fresh)
	return next, nil
}

func (c *chunk) putBad(ctx context.Context, bad []badRow, have int64) error {
	for _, b := range bad {
		if have++; have > maxErrors {
			return nil
		}
		_, err := c.tx.Put(ctx, `INSERT INTO import_errors (import_no, line, col, reason) VALUES (?, ?, ?, ?) ON CONFLICT (import_no, line) DO NOTHING`, c.imp, b.line, clip(b.column, maxID), clip(b.reason, maxSource))
		if err != nil {
			return err
		}
	}
	return nil
}
