package sample

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"strowger/dialer/campaign"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Truth is what a person has heard on a sample.
type Truth string

// The truths.
const (
	Human   Truth = "human"
	Machine Truth = "machine"
	Unclear Truth = "unclear" // counts for neither
)

// Sample is a call that was taken for a machine.
type Sample struct {
	Attempt  callmodel.CallID
	Campaign string
	Verdict  callmodel.ScreenVerdict
	At       time.Time
	Truth    Truth     // empty: nobody has listened
	By       string    // who has
	JudgedAt time.Time // zero: nobody has
}

// Bounds.
const (
	MaxFiles = 20_000
	MaxSound = 1 << 20
	MaxList  = 1000
	maxBy    = 128 // a name and its role
	suffix   = ".wav"
)

// Options set up a [Store].
type Options struct {
	Tables port.Tables
	Dir    string // of the files; made where it is missing
	Files  int    // most files; 0: MaxFiles
}

// Store keeps samples.
type Store struct {
	opt Options
}

// New makes the folder.
func New(opt Options) (*Store, error) {
	if opt.Files <= 0 || opt.Files > MaxFiles {
		opt.Files = MaxFiles
	}
	if err := os.MkdirAll(opt.Dir, 0o700); err != nil {
		return nil, fault.Wrap(fault.Denied, "samples", opt.Dir, err)
	}
	return &Store{opt: opt}, nil
}

func (s *Store) file(attempt callmodel.CallID) string {
	return filepath.Join(s.opt.Dir, attempt.String()+suffix)
}

// Add keeps a sample with its sound (audio/wav). Busy: there are as many as may be.
func (s *Store) Add(ctx context.Context, m Sample, sound []byte) error {
	const op = "keep sample"
	name := m.Attempt.String()
	if len(sound) == 0 || len(sound) > MaxSound {
		return fault.Newf(fault.Invalid, op, name, "a sound has 1 to %d bytes", MaxSound)
	}
	n, err := s.count()
	if err != nil {
		return err
	}
	if n >= s.opt.Files {
		return fault.Newf(fault.Busy, op, name, "%d samples are kept already: keep them for fewer days (dialer.samples_keep), or sample fewer calls", n)
	}
	file := s.file(m.Attempt)
	if err := os.WriteFile(file, sound, 0o600); err != nil {
		return fault.Wrap(fault.Unavailable, op, file, err)
	}
	err = s.opt.Tables.Update(ctx, op, name, func(ctx context.Context, tx port.Tx) error {
		_, err := tx.Put(ctx, `INSERT INTO screen_samples (attempt, campaign, verdict, file, at_us, truth, by_whom, judged_us) VALUES (?, ?, ?, ?, ?, '', '', 0) ON CONFLICT DO NOTHING`,
			name, m.Campaign, string(m.Verdict), filepath.Base(file), m.At.UnixMicro())
		return err
	})
	if err != nil {
		_ = os.Remove(file) // without its row nobody finds it
	}
	return err
}

func (s *Store) count() (int, error) {
	d, err := os.Open(s.opt.Dir)
	if err != nil {
		return 0, fault.Wrap(fault.Unavailable, "samples", s.opt.Dir, err)
	}
	defer func() { _ = d.Close() }()
	names, err := d.Readdirnames(s.opt.Files + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fault.Wrap(fault.Unavailable, "samples", s.opt.Dir, err)
	}
	return len(names), nil
}

// List returns samples, the newest first: of one campaign or, with "", of all;
// unjudged: only those that nobody has listened to.
func (s *Store) List(ctx context.Context, of string, unjudged bool, limit int) ([]Sample, error) {
	if limit <= 0 || limit > MaxList {
		limit = MaxList
	}
	most := "-"
	if unjudged {
		most = ""
	}
	return s.read(ctx, `SELECT attempt, campaign, verdict, at_us, truth, by_whom, judged_us FROM screen_samples WHERE (? = '' OR campaign = ?) AND (? <> '' OR truth = '') ORDER BY at_us DESC, attempt DESC LIMIT ?`,
		of, of, most, limit)
}

// Get returns one. NotFound: there is none.
func (s *Store) Get(ctx context.Context, attempt string) (Sample, error) {
	all, err := s.read(ctx, `SELECT attempt, campaign, verdict, at_us, truth, by_whom, judged_us FROM screen_samples WHERE attempt = ?`, attempt)
	if err == nil && len(all) == 0 {
		err = none(attempt)
	}
	if err != nil {
		return Sample{}, err
	}
	return all[0], nil
}

func none(attempt string) error {
	return fault.New(fault.NotFound, "sample", attempt, "there is no such sample: it was never kept, or its days are over")
}

func (s *Store) read(ctx context.Context, stmt string, args ...any) ([]Sample, error) {
	var out []Sample
	err := s.opt.Tables.Query(ctx, "samples", func(r port.Row) error {
		var m Sample
		var attempt, verdict, truth string
		var at, judged int64
		if err := r.Scan(&attempt, &m.Campaign, &verdict, &at, &truth, &m.By, &judged); err != nil {
			return err
		}
		id, err := callmodel.ParseID(attempt)
		if err != nil {
			return err
		}
		m.Attempt, m.Verdict, m.Truth, m.At = callmodel.CallID{ID: id}, callmodel.ScreenVerdict(verdict), Truth(truth), time.UnixMicro(at).UTC()
		if judged != 0 {
			m.JudgedAt = time.UnixMicro(judged).UTC()
		}
		out = append(out, m)
		return nil
	}, stmt, args...)
	return out, err
}

// Open opens the sound of one (audio/wav). NotFound: there is none.
func (s *Store) Open(ctx context.Context, attempt string) (io.ReadSeekCloser, error) {
	m, err := s.Get(ctx, attempt) // no name from outside becomes part of a path
	if err != nil {
		return nil, err
	}
	f, err := os.Open(s.file(m.Attempt))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, none(attempt)
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "sample", attempt, err)
	}
	return f, nil
}

// Label writes down what somebody has heard; what was written before is replaced.
func (s *Store) Label(ctx context.Context, attempt string, truth Truth, by string, now time.Time) (Sample, error) {
	const op = "label sample"
	switch truth {
	case Human, Machine, Unclear:
	default:
		return Sample{}, fault.Newf(fault.Invalid, op, attempt, "write %s, %s or %s", Human, Machine, Unclear)
	}
	if by == "" || len(by) > maxBy {
		return Sample{}, fault.Newf(fault.Invalid, op, attempt, "who has listened is named with 1 to %d bytes", maxBy)
	}
	err := s.opt.Tables.Update(ctx, op, attempt, func(ctx context.Context, tx port.Tx) error {
		n, err := tx.Exec(ctx, `UPDATE screen_samples SET truth = ?, by_whom = ?, judged_us = ? WHERE attempt = ?`, string(truth), by, now.UnixMicro(), attempt)
		if err == nil && n == 0 {
			return none(attempt)
		}
		return err
	})
	if err != nil {
		return Sample{}, err
	}
	return s.Get(ctx, attempt)
}

// Labels counts what people have heard on the samples of a campaign.
func (s *Store) Labels(ctx context.Context, of string) (campaign.Labels, error) {
	var out campaign.Labels
	err := s.opt.Tables.Query(ctx, "samples", func(r port.Row) error {
		var truth string
		var n int64
		if err := r.Scan(&truth, &n); err != nil {
			return err
		}
		switch Truth(truth) {
		case Human:
			out.Human += int(n)
			out.Labelled += int(n)
		case Machine:
			out.Labelled += int(n)
		case Unclear:
		}
		return nil
	}, `SELECT truth, COUNT(*) FROM screen_samples WHERE campaign = ? AND truth <> '' GROUP BY truth`, of)
	return out, err
}

// Expire removes the sounds and rows of samples from before a time, and returns
// how many. What people have said of them is over with them.
func (s *Store) Expire(ctx context.Context, before time.Time) (int, error) {
	old, err := s.read(ctx, `SELECT attempt, campaign, verdict, at_us, truth, by_whom, judged_us FROM screen_samples WHERE at_us < ? ORDER BY at_us LIMIT ?`, before.UnixMicro(), MaxList)
	if err != nil {
		return 0, err
	}
	for i, m := range old {
		if err := os.Remove(s.file(m.Attempt)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return i, fault.Wrap(fault.Unavailable, "expire samples", m.Attempt.String(), err)
		}
		err := s.opt.Tables.Update(ctx, "expire samples", m.Attempt.String(), func(ctx context.Context, tx port.Tx) error {
			_, err := tx.Put(ctx, `DELETE FROM screen_samples WHERE attempt = ?`, m.Attempt.String())
			return err
		})
		if err != nil {
			return i, err
		}
	}
	return len(old), nil
}
