package list

import (
	"context"
	"encoding/json"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// States of an import.
const (
	ImportRunning   = "running"
	ImportStopped   = "stopped"   // by somebody, or with the program; it can go on
	ImportAppearing = "appearing" // all is read: its leads are being shown, and nothing stops that
	ImportUndoing   = "undoing"   // it was all or nothing, and it is nothing
	ImportFailed    = "failed"
	ImportDone      = "done"
)

// Modes of an import.
const (
	// Resumable: each chunk counts once it is written; what is stopped goes on there.
	Resumable = "resumable"
	// Atomic: no lead of it is called, or stays, unless all of it was read.
	Atomic = "atomic"
)

// maxErrors is how many bad rows of an import are kept; more are only counted.
const maxErrors = 10_000

// Import is the state of an import.
type Import struct {
	lead.Progress
	Mode    string
	SHA256  string
	By      string
	Options ImportOptions

	first, last int64
	listNo      int64
}

const importColumns = `SELECT imports.no, imports.list, COALESCE(dial_lists.id, ''), imports.file, imports.sha256, imports.mode, imports.state, imports.at_row, imports.at_byte,
	imports.bytes, imports.good, imports.bad, imports.twice, imports.blocked, imports.first_lead, imports.last_lead, imports.options, imports.error,
	imports.by_whom, imports.started_us, imports.updated_us FROM imports LEFT JOIN dial_lists ON dial_lists.no = imports.list `

func scanImport(r port.Row) (x Import, err error) {
	var options string
	var began, seen int64
	err = r.Scan(&x.Import, &x.listNo, &x.List, &x.File, &x.SHA256, &x.Mode, &x.State, &x.Rows, &x.Bytes, &x.Of, &x.Good, &x.Bad, &x.Twice, &x.Blocked,
		&x.first, &x.last, &options, &x.Error, &x.By, &began, &seen)
	if err != nil {
		return x, err
	}
	x.Began, x.Seen = fromMicros(began), fromMicros(seen)
	return x, fault.Wrap(fault.Internal, "import: read", x.File, json.Unmarshal([]byte(options), &x.Options))
}

func importIn(ctx context.Context, q ask, no int64) (x Import, err error) {
	found := false
	err = q(ctx, func(r port.Row) (err error) {
		x, err = scanImport(r)
		found = true
		return err
	}, importColumns+`WHERE imports.no = ?`, no)
	if err == nil && !found {
		err = fault.Newf(fault.NotFound, "import: read", "", "there is no import number %d: 'strowger list imports' names those of a list", no)
	}
	return x, err
}

// GetImport returns the state of an import. Errors: NotFound, Unavailable.
func (s *Store) GetImport(ctx context.Context, no int64) (Import, error) {
	return importIn(ctx, s.ask("import: read"), no)
}

// Imports returns the imports of a list, or of all if it is empty, newest first.
func (s *Store) Imports(ctx context.Context, list string, limit int) (out []Import, err error) {
	err = s.db.Query(ctx, "import: read", func(r port.Row) error {
		x, err := scanImport(r)
		out = append(out, x)
		return err
	}, importColumns+`WHERE ?1 = '' OR dial_lists.id = ?1 ORDER BY imports.no DESC LIMIT ?2`, list, int64(limit))
	return out, err
}

// Unfinished returns the imports that were running when the program ended.
func (s *Store) Unfinished(ctx context.Context) (out []Import, err error) {
	err = s.db.Query(ctx, "import: read", func(r port.Row) error {
		x, err := scanImport(r)
		out = append(out, x)
		return err
	}, importColumns+`WHERE imports.state IN ('running', 'appearing', 'undoing') ORDER BY imports.no`)
	return out, err
}

// KeptFiles are the files of imports that can go on, by what whoever keeps them
// calls them.
func (s *Store) KeptFiles(ctx context.Context) (map[string]bool, error) {
	out := map[string]bool{}
	err := s.db.Query(ctx, "import: read", func(r port.Row) error {
		x, err := scanImport(r)
		out[x.Options.Stored] = true
		return err
	}, importColumns+`WHERE imports.state NOT IN ('done', 'failed')`)
	return out, err
}

// ImportErrors returns bad rows of an import behind a line, at most 10,000.
func (s *Store) ImportErrors(ctx context.Context, no, after int64, limit int) (out []Bad, err error) {
	const op = "import: errors"
	if limit < 1 || limit > maxErrors {
		return nil, fault.New(fault.Invalid, op, "limit", "1 to 10000")
	}
	if _, err := s.GetImport(ctx, no); err != nil {
		return nil, err
	}
	err = s.db.Query(ctx, op, func(r port.Row) error {
		var b Bad
		err := r.Scan(&b.Line, &b.Column, &b.Reason)
		out = append(out, b)
		return err
	}, `SELECT line, col, reason FROM import_errors WHERE import_no = ?1 AND line > ?2 ORDER BY line LIMIT ?3`, no, after, int64(limit))
	return out, err
}

// StopImport stops an import that is running: a resumable one keeps what it has
// and can go on, one that is all or nothing is undone. Errors: NotFound, Conflict if it does not run.
func (s *Store) StopImport(ctx context.Context, no int64, now time.Time) error {
	const op = "import: stop"
	return s.db.Update(ctx, op, "", func(ctx context.Context, tx port.Tx) error {
		x, err := importIn(ctx, tx.Query, no)
		if err != nil {
			return err
		}
		if x.State != ImportRunning && x.State != ImportStopped {
			return fault.Newf(fault.Conflict, op, x.List, "import %d is %s already", no, x.State)
		}
		state := ImportStopped
		if x.Mode == Atomic {
			state = ImportUndoing
		}
		_, err = tx.Exec(ctx, `UPDATE imports SET state = ?2, error = 'stopped', updated_us = ?3 WHERE no = ?1`, no, state, micros(now))
		return err
	})
}

// Abandon notes why an import cannot go on by itself, such as a file that is gone.
func (s *Store) Abandon(ctx context.Context, no int64, why string, now time.Time) error {
	return s.end(ctx, no, ImportRunning, ImportStopped, why, now)
}

// stopImports ends what is read into a list that is being deleted.
func (s *Store) stopImports(ctx context.Context, listNo int64) error {
	return s.db.Update(ctx, "import: stop", "", func(ctx context.Context, tx port.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE imports SET state = 'stopped', error = 'the list was deleted' WHERE list = ? AND state <> 'done'`, listNo)
		return err
	})
}

// begin makes the row of an import.
func (s *Store) begin(ctx context.Context, l List, o ImportOptions, sum string, size int64, now time.Time) (x Import, err error) {
	const op = "import: begin"
	err = s.db.Update(ctx, op, l.ID, func(ctx context.Context, tx port.Tx) error {
		no, err := nextIDs(ctx, tx, "import", 1)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO imports (no, list, file, sha256, mode, state, at_row, at_byte, bytes, good, bad, twice, blocked, first_lead, last_lead, options, error,
			by_whom, started_us, updated_us) VALUES (?1, ?2, ?3, ?4, ?5, 'running', 0, 0, ?6, 0, 0, 0, 0, 0, 0, ?7, '', ?8, ?9, ?9)`,
			no, l.No, o.File, sum, o.Mode, size, encode(o), o.By, micros(now))
		if err != nil {
			return err
		}
		x, err = importIn(ctx, tx.Query, no)
		return err
	})
	return x, err
}

// end writes how an import has ended. A state that somebody has set meanwhile stays.
func (s *Store) end(ctx context.Context, no int64, from, to, why string, now time.Time) error {
	return s.db.Update(ctx, "import: end", "", func(ctx context.Context, tx port.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE imports SET state = ?3, error = ?4, updated_us = ?5 WHERE no = ?1 AND state = ?2`, no, from, to, clip(why, 1000), micros(now))
		return err
	})
}

// appear shows the leads of a complete import, some at a time.
func (s *Store) appear(ctx context.Context, x Import) error {
	return s.sweep(ctx, x, `UPDATE leads SET state = CASE WHEN callback_us > 0 THEN 1 ELSE 0 END WHERE id >= ?1 AND id < ?2 AND import_no = ?3 AND state = 5`)
}

// undo deletes the leads of an import that must not stay, some at a time.
func (s *Store) undo(ctx context.Context, x Import) error {
	err := s.sweep(ctx, x, `DELETE FROM lead_numbers WHERE lead >= ?1 AND lead < ?2 AND lead IN (SELECT id FROM leads WHERE id >= ?1 AND id < ?2 AND import_no = ?3)`)
	if err != nil {
		return err
	}
	return s.sweep(ctx, x, `DELETE FROM leads WHERE id >= ?1 AND id < ?2 AND import_no = ?3`)
}

func (s *Store) sweep(ctx context.Context, x Import, stmt string) error {
	if x.first == 0 {
		return nil
	}
	for from := x.first; from <= x.last; from += wakeRows {
		err := s.db.Update(ctx, "import: end", x.List, func(ctx context.Context, tx port.Tx) error {
			_, err := tx.Exec(ctx, stmt, from, min(from+wakeRows, x.last+1), x.Import)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
