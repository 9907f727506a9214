package list

import (
	"context"
	"errors"
	"io"
	"time"

	"strowger/switch/port"
)

// NumbersRead is what has become of a file of numbers that must not be called.
type NumbersRead struct {
	Added int64
	Twice int64 // on the list already
	Count int64 // lines that are no number
	Bad   []Bad // the first hundred of them
}

// maxBadNumbers is how many lines that are no number are told.
const maxBadNumbers = 100

// ImportNumbers reads a file of numbers, one a line or in the first column that
// has one, and puts them on the do-not-call list. What was read before it stops
// stays; reading it again does no harm. added is called whenever some are on it:
// leads that were claimed before may be among them.
func (s *Store) ImportNumbers(ctx context.Context, f File, scope, source, by string, now time.Time, added func()) (out NumbersRead, err error) {
	const op = "do-not-call: import"
	if _, err := s.entry(op, Entry{Number: "+491234567", Scope: scope, Source: source, By: by}, now); err != nil {
		return out, err
	}
	at, err := numberColumn(f)
	if err != nil {
		return out, err
	}
	t, err := openTable(f, &ImportOptions{Mapping: Mapping{at: colNumber}, Header: new(bool)}, nil)
	if err != nil {
		return out, err
	}
	defer t.close()
	plan := s.plan()
	list := make([]Entry, 0, chunkRows)
	for {
		rec, err := t.read()
		if err != nil && !errors.Is(err, io.EOF) {
			return out, err
		}
		if err == nil {
			e164, reason := "", rec.bad
			if reason == "" {
				e164, reason = readNumber(plan, cellAt(rec, t.columns[0].at))
			}
			if reason == "" {
				list = append(list, Entry{Number: e164, Scope: scope, Source: source, By: by, At: now})
			} else if rec.line > 1 || looksLikeNumber(cellAt(rec, t.columns[0].at)) { // the first line may name the column
				out.Count++
				if len(out.Bad) < maxBadNumbers {
					out.Bad = append(out.Bad, Bad{Line: rec.line, Reason: reason})
				}
			}
		}
		if len(list) == chunkRows || err != nil {
			fresh, putErr := s.addEntries(ctx, op, list)
			if putErr != nil {
				return out, putErr
			}
			if fresh > 0 {
				added()
			}
			out.Added += fresh
			out.Twice += int64(len(list)) - fresh
			list = list[:0]
		}
		if err != nil {
			return out, nil
		}
	}
}

func cellAt(r record, at int) string {
	if at < len(r.cells) {
		return unguard(r.cells[at])
	}
	return ""
}

// numberColumn is the column with the most numbers, the first if none has any.
func numberColumn(f File) (string, error) {
	o := ImportOptions{Mapping: Mapping{"#1": colNumber}, Header: new(bool)}
	t, err := openTable(f, &o, nil)
	if err != nil {
		return "", err
	}
	defer t.close()
	var rows [][]string
	for _, r := range t.first {
		rows = append(rows, r.cells)
	}
	for name := range Propose(nil, rows) {
		return name, nil
	}
	return "#1", nil
}

// addEntries puts numbers on the list and returns how many are new.
func (s *Store) addEntries(ctx context.Context, op string, list []Entry) (added int64, err error) {
	err = s.db.Update(ctx, op, "", func(ctx context.Context, tx port.Tx) error {
		added = 0
		for _, e := range list {
			fresh, err := putEntry(ctx, tx, e)
			if err != nil {
				return err
			}
			if fresh {
				added++
			}
		}
		return nil
	})
	return added, err
}
