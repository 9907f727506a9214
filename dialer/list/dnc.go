package list

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/fault"
	"strowger/switch/numbering"
	"strowger/switch/port"
)

// Entry is a number that must not be called, or all numbers that begin alike.
type Entry struct {
	Number string // E.164 with the plus; of an area code, its beginning: +1212
	Prefix bool   // an area code
	Scope  string // system, tenant or campaign:ID
	Source string // where it comes from: a file, a letter, a key in a call
	By     string // who has entered it
	At     time.Time
	Until  time.Time // zero: for ever
}

var (
	scopeForm  = regexp.MustCompile(`^(system|tenant|campaign:[a-z0-9][a-z0-9._-]{0,39})$`)
	prefixForm = regexp.MustCompile(`^\+[1-9][0-9]{0,8}$`)
)

func checkScope(op, scope string) error {
	if !scopeForm.MatchString(scope) {
		return fault.New(fault.Invalid, op, clip(scope, maxID), "the scope is system, tenant or campaign:ID")
	}
	return nil
}

// e164 reads a number as a person writes it.
func (s *Store) e164(op, raw string) (string, error) {
	digits, err := numbering.Dialable(raw)
	if err == nil {
		if n := s.plan().E164(digits); n.Kind == numbering.KindInternational {
			return n.Text, nil
		}
	}
	return "", fault.Newf(fault.Invalid, op, clip(raw, maxID), "this is no number with its country; write it as +49301234567")
}

// entry checks and completes an entry.
func (s *Store) entry(op string, e Entry, now time.Time) (Entry, error) {
	if err := checkScope(op, e.Scope); err != nil {
		return e, err
	}
	if !plain(e.Source, maxSource) || !plain(e.By, maxSource) || e.Source == "" {
		return e, fault.Newf(fault.Invalid, op, clip(e.Number, maxID), "an entry says where it comes from, in at most %d bytes", maxSource)
	}
	if e.At.IsZero() {
		e.At = now
	}
	if !e.Until.IsZero() && !e.Until.After(e.At) {
		return e, fault.New(fault.Invalid, op, clip(e.Number, maxID), "the entry ends before it begins")
	}
	if e.Prefix {
		if e.Number = strings.TrimSpace(e.Number); !prefixForm.MatchString(e.Number) {
			return e, fault.New(fault.Invalid, op, clip(e.Number, maxID), "an area code is written with its country, as +1212 or +4930, at most 9 digits")
		}
		return e, nil
	}
	var err error
	e.Number, err = s.e164(op, e.Number)
	return e, err
}

// maxEntries is how many do-not-call entries one call adds or removes.
const maxEntries = 10_000

// AddNumbers puts numbers and area codes on the do-not-call list and returns how
// many are new. An entry that is there already takes the new source and end.
func (s *Store) AddNumbers(ctx context.Context, list []Entry, now time.Time) (added int, err error) {
	const op = "do-not-call: add"
	if len(list) > maxEntries {
		return 0, fault.Newf(fault.Invalid, op, "", "%d entries at once, at most %d: import a file", len(list), maxEntries)
	}
	ready := make([]Entry, 0, len(list))
	for _, e := range list {
		e, err := s.entry(op, e, now)
		if err != nil {
			return 0, err
		}
		ready = append(ready, e)
	}
	err = s.db.Update(ctx, op, "", func(ctx context.Context, tx port.Tx) error {
		added = 0
		codes := false
		for _, e := range ready {
			fresh, err := putEntry(ctx, tx, e)
			if err != nil {
				return err
			}
			if codes = codes || e.Prefix; fresh {
				added++
			}
		}
		if !codes {
			return nil
		}
		have := 0
		err := tx.Query(ctx, func(r port.Row) error { return r.Scan(&have) }, `SELECT COUNT(*) FROM dnc_prefixes`)
		if err == nil && have > maxPrefixes {
			err = fault.Newf(fault.Invalid, op, "", "there would be %d area codes, at most %d are looked at", have, maxPrefixes)
		}
		return err
	})
	return added, err
}

// putEntry writes an entry and tells whether it is new; one that is there takes
// the new source and end.
func putEntry(ctx context.Context, tx port.Tx, e Entry) (fresh bool, err error) {
	insert := `INSERT INTO dnc (number, scope, source, at_us, until_us, by_whom) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (number, scope) DO NOTHING`
	update := `UPDATE dnc SET source = ?3, at_us = ?4, until_us = ?5, by_whom = ?6 WHERE number = ?1 AND scope = ?2`
	if e.Prefix {
		insert = `INSERT INTO dnc_prefixes (prefix, scope, source, at_us, until_us, by_whom) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (prefix, scope) DO NOTHING`
		update = `UPDATE dnc_prefixes SET source = ?3, at_us = ?4, until_us = ?5, by_whom = ?6 WHERE prefix = ?1 AND scope = ?2`
	}
	args := []any{e.Number, e.Scope, e.Source, micros(e.At), micros(e.Until), e.By}
	n, err := tx.Put(ctx, insert, args...)
	if err == nil && n == 0 {
		_, err = tx.Put(ctx, update, args...)
	}
	return n > 0, err
}

// RemoveNumber takes a number or an area code off the list, and lets leads be
// judged anew that were left out for it. Errors: NotFound if it is not on it.
func (s *Store) RemoveNumber(ctx context.Context, e Entry) error {
	const op = "do-not-call: remove"
	e.Source = "-"
	e, err := s.entry(op, e, time.Unix(1, 0))
	if err != nil {
		return err
	}
	return s.db.Update(ctx, op, "", func(ctx context.Context, tx port.Tx) error {
		stmt := `DELETE FROM dnc WHERE number = ? AND scope = ?`
		if e.Prefix {
			stmt = `DELETE FROM dnc_prefixes WHERE prefix = ? AND scope = ?`
		}
		n, err := tx.Exec(ctx, stmt, e.Number, e.Scope)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.Newf(fault.NotFound, op, e.Number, "it is not on the list with the scope %s: strowger dnc check shows what is", e.Scope)
		}
		if e.Prefix {
			_, err = tx.Exec(ctx, `UPDATE leads SET state = 0, result = '' WHERE state = 4 AND result = ?1 AND id IN
				(SELECT lead FROM lead_numbers WHERE number >= ?2 AND number < ?3)`, string(lead.OnDoNotCall), e.Number, e.Number+":") // ':' is behind '9'
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE leads SET state = 0, result = '' WHERE state = 4 AND result = ?1 AND id IN
			(SELECT lead FROM lead_numbers WHERE number = ?2)`, string(lead.OnDoNotCall), e.Number)
		return err
	})
}

// Check returns the entries in force for a number, with the area codes that it begins with.
func (s *Store) Check(ctx context.Context, number string, now time.Time) (e164 string, out []Entry, err error) {
	const op = "do-not-call: check"
	if e164, err = s.e164(op, number); err != nil {
		return "", nil, err
	}
	err = dncOf(ctx, s.ask(op), []string{e164}, now, func(_ string, e entry) {
		out = append(out, Entry{Number: e.what, Prefix: e.what != e164, Scope: e.scope, Source: e.source, At: e.at, Until: e.until, By: e.by})
	})
	return e164, out, err
}

// EntryFilter selects do-not-call entries. Empty fields do not filter.
type EntryFilter struct {
	Scope string
	Begin string // of the number or area code
	After string // numbers and area codes behind this one
	Limit int    // 1 to 10,000; 100 if 0
}

// Entries returns do-not-call numbers and area codes in the order of their
// digits. All entries of a number come together, so there may be a few more than the limit.
func (s *Store) Entries(ctx context.Context, f EntryFilter) (out []Entry, err error) {
	const op = "do-not-call: list"
	if f.Limit == 0 {
		f.Limit = 100
	}
	if f.Limit < 1 || f.Limit > maxEntries || f.Begin != "" && !prefixForm.MatchString(f.Begin) && !isNumber(f.Begin) {
		return nil, fault.Newf(fault.Invalid, op, clip(f.Begin, maxID), "the beginning is a plus and digits, the limit 1 to %d", maxEntries)
	}
	last := f.After
	scan := func(r port.Row) error {
		var e Entry
		var prefix, at, until int64
		err := r.Scan(&e.Number, &e.Scope, &e.Source, &at, &until, &e.By, &prefix)
		e.At, e.Until, e.Prefix = fromMicros(at), fromMicros(until), prefix == 1
		out, last = append(out, e), e.Number
		return err
	}
	const entries = `SELECT number, scope, source, at_us, until_us, by_whom, 0 AS code FROM dnc WHERE (?1 = '' OR scope = ?1) AND number >= ?2 AND number < ?3 AND %s
		UNION ALL SELECT prefix, scope, source, at_us, until_us, by_whom, 1 FROM dnc_prefixes WHERE (?1 = '' OR scope = ?1) AND prefix >= ?2 AND prefix < ?3 AND %s`
	begin, end := f.Begin, f.Begin+":" // ':' is behind '9'
	err = s.db.Query(ctx, op, scan, fmt.Sprintf(entries, "number > ?4", "prefix > ?4")+` ORDER BY number, scope LIMIT ?5`, f.Scope, begin, end, f.After, int64(f.Limit))
	if err != nil || len(out) < f.Limit {
		return out, err
	}
	first := out[len(out)-1]
	err = s.db.Query(ctx, op, scan, fmt.Sprintf(entries, "number = ?4 AND scope > ?5", "prefix = ?4 AND scope > ?5")+` ORDER BY number, scope`, f.Scope, begin, end, last, first.Scope)
	return out, err
}
