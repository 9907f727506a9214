package list

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"strowger/dialer/lead"
	"strowger/switch/numbering"
)

// Row is a lead as it comes: from a file, a form or a CRM.
type Row struct {
	Line    int64 // of the file it comes from; 0: none
	Ref     string
	Name    string
	Numbers []RowNumber
	Zone    string // of all its numbers; empty: each number's own
	Region  string // state or province; empty: of the numbers' area codes

	Priority  *int // nil: as it was, or 100
	Owner     string
	NotBefore time.Time
	NotAfter  time.Time
	Callback  lead.Callback

	Consent       *bool // nil: as it was, or the list's own
	ConsentSource string
	ConsentAt     time.Time
	Fields        map[string]string
}

// RowNumber is a number as it is written.
type RowNumber struct {
	Text string
	Kind lead.NumberKind
}

// ready is a row that was checked, and can be written.
type ready struct {
	Row
	numbers []readyNumber
	fields  string // of Row.Fields
}

type readyNumber struct {
	e164  string
	kind  lead.NumberKind
	zones []string
	state string
}

// badRow is why a row was left out.
type badRow struct {
	line   int64
	column string
	reason string
}

// prepare checks a row and reads its numbers. It writes nothing and may be
// called from any goroutine.
func (s *Store) prepare(plan numbering.Plan, r Row) (out ready, bad *badRow) {
	out.Row = r
	fail := func(column, format string, args ...any) (ready, *badRow) {
		return out, &badRow{r.Line, column, fmt.Sprintf(format, args...)}
	}
	if column, reason := r.check(); reason != "" {
		return fail(column, "%s", reason)
	}
	if r.Zone != "" && s.zone(r.Zone) == nil {
		return fail("tz", "time zone %q is unknown; write an IANA name such as Europe/Berlin", clip(r.Zone, maxID))
	}
	for _, n := range r.Numbers {
		if strings.TrimSpace(n.Text) == "" {
			continue
		}
		e164, reason := readNumber(plan, n.Text)
		if reason != "" {
			return fail("number", "%s", reason)
		}
		if slices.ContainsFunc(out.numbers, func(have readyNumber) bool { return have.e164 == e164 }) {
			continue
		}
		zones, state := s.place(e164, r.Zone, r.Region)
		out.numbers = append(out.numbers, readyNumber{e164, n.Kind, zones, state})
	}
	switch {
	case len(out.numbers) == 0:
		return fail("number", "there is no number")
	case len(out.numbers) > lead.MaxNumbers:
		return fail("number", "%d numbers, at most %d", len(out.numbers), lead.MaxNumbers)
	}
	if out.Ref == "" {
		out.Ref = out.numbers[0].e164
	}
	if len(r.Fields) > 0 {
		out.fields = encode(r.Fields)
	}
	return out, nil
}

// readNumber returns a number with its country, or why it is none.
func readNumber(plan numbering.Plan, text string) (e164, reason string) {
	digits, err := numbering.Dialable(strings.TrimSpace(text))
	if err != nil {
		return "", fmt.Sprintf("number %q has characters that no number has", clip(text, maxID))
	}
	n := plan.E164(digits)
	if n.Kind != numbering.KindInternational {
		return "", fmt.Sprintf("number %q is none with a country and area: write it as +49301234567", clip(text, maxID))
	}
	if len(n.Text) < 7 {
		return "", fmt.Sprintf("number %q is too short", clip(text, maxID))
	}
	return n.Text, ""
}

func (r *Row) check() (column, reason string) {
	for _, f := range []struct {
		column, text string
		most         int
	}{
		{"ref", r.Ref, maxRef},
		{"name", r.Name, maxName},
		{"owner", r.Owner, maxAgent},
		{"callback", r.Callback.Agent, maxAgent},
		{"consent_source", r.ConsentSource, maxSource},
	} {
		if !plain(f.text, f.most) {
			return f.column, fmt.Sprintf("must be text without NUL, at most %d bytes", f.most)
		}
	}
	if len(r.Region) > 3 || strings.ContainsFunc(r.Region, func(c rune) bool { return (c < 'A' || c > 'Z') && (c < '0' || c > '9') }) {
		return "region", fmt.Sprintf("state %q: write its two or three letters, as FL", clip(r.Region, maxID))
	}
	if r.Priority != nil && (*r.Priority < 0 || *r.Priority > maxPriority) {
		return "priority", fmt.Sprintf("priority %d: 0 to %d", *r.Priority, maxPriority)
	}
	if !r.NotAfter.IsZero() && !r.NotAfter.After(r.NotBefore) {
		return "not_after", "its last moment is before its first"
	}
	if len(r.Fields) > maxFields {
		return "field", fmt.Sprintf("%d fields, at most %d", len(r.Fields), maxFields)
	}
	for name, v := range r.Fields {
		if !plain(name, maxName) || name == "" || !plain(v, maxField) {
			return "field:" + clip(name, maxID), fmt.Sprintf("must be text without NUL, at most %d bytes", maxField)
		}
	}
	return "", ""
}
