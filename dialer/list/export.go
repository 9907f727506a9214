package list

import (
	"bufio"
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"strowger/dialer/lead"
	"strowger/dialer/list/sheet"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Forms of an export.
const (
	CSV  = "csv"
	XLSX = "xlsx"
)

// exportFixed are the columns before the numbers and the fields. The first ones
// are those that an import reads.
var exportFixed = []string{"ref", "name", "priority", "owner", "tz", "region", "not_before", "not_after", "callback", "callback_agent", "consent", "consent_source", "consent_at", "state", "attempts", "next_at", "result", "result_at"}

// maxExportFields bounds the columns of fields.
const maxExportFields = 200

// rowWriter is either form of a table.
type rowWriter interface{ Write(cells []string) error }

// Export writes a list's leads as a table, row by row. A cell that a spreadsheet
// would take for a formula begins with an apostrophe, which an import takes off
// again; numbers with their plus do not, because they are none.
func (s *Store) Export(ctx context.Context, list, form string, to io.Writer, now time.Time) error {
	const op = "list: export"
	l, err := s.Get(ctx, list)
	if err != nil {
		return err
	}
	numbers, fields, err := s.exportWidth(ctx, l)
	if err != nil {
		return err
	}
	switch form {
	case CSV:
		buffer := bufio.NewWriter(to)
		w := csv.NewWriter(buffer)
		if err := s.exportTo(ctx, l, w, numbers, fields, now); err != nil {
			return err
		}
		if w.Flush(); w.Error() != nil {
			return fault.Wrap(fault.Unavailable, op, list, w.Error())
		}
		return fault.Wrap(fault.Unavailable, op, list, buffer.Flush())
	case XLSX:
		w, err := sheet.NewWriter()
		if err != nil {
			return err
		}
		if err := s.exportTo(ctx, l, w, numbers, fields, now); err != nil {
			return err
		}
		return w.Finish(to)
	}
	return fault.Newf(fault.Invalid, op, clip(form, maxID), "the form is %s or %s", CSV, XLSX)
}

// exportWidth finds out how many numbers a lead has at most, and which fields there are.
func (s *Store) exportWidth(ctx context.Context, l List) (numbers int, fields []string, err error) {
	const op = "list: export"
	err = s.db.Query(ctx, op, func(r port.Row) error { return r.Scan(&numbers) }, `SELECT COALESCE(MAX(lead_numbers.n), 0) + 1
		FROM leads JOIN lead_numbers ON lead_numbers.lead = leads.id WHERE leads.list = ?`, l.No)
	if err != nil {
		return 0, nil, err
	}
	seen := map[string]bool{}
	err = s.eachLead(ctx, op, l, time.Time{}, func(x *row) error {
		for name := range x.Fields {
			if len(seen) < maxExportFields && !seen[name] {
				seen[name] = true
				fields = append(fields, name)
			}
		}
		return nil
	})
	slices.Sort(fields)
	return numbers, fields, err
}

// eachLead reads a list some leads at a time, by ref.
func (s *Store) eachLead(ctx context.Context, op string, l List, now time.Time, do func(*row) error) error {
	for last := ""; ; {
		var ids []int64
		err := s.db.Query(ctx, op, func(r port.Row) error {
			var id int64
			err := r.Scan(&id, &last)
			ids = append(ids, id)
			return err
		}, `SELECT id, ref FROM leads WHERE list = ?1 AND ref > ?2 ORDER BY ref LIMIT ?3`, l.No, last, int64(countRows))
		if err != nil || len(ids) == 0 {
			return err
		}
		rows, err := s.load(ctx, s.ask(op), ids, now)
		if err != nil {
			return err
		}
		for _, x := range rows {
			if err := do(x); err != nil {
				return err
			}
		}
	}
}

func (s *Store) exportTo(ctx context.Context, l List, w rowWriter, numbers int, fields []string, now time.Time) error {
	const op = "list: export"
	head := slices.Clone(exportFixed)
	for n := range numbers {
		at := strconv.Itoa(n + 1)
		head = append(head, "number"+at, "kind"+at, "closed"+at)
	}
	for _, f := range fields {
		head = append(head, colField+f)
	}
	if err := w.Write(head); err != nil {
		return fault.Wrap(fault.Unavailable, op, l.ID, err)
	}
	return s.eachLead(ctx, op, l, now, func(x *row) error {
		return fault.Wrap(fault.Unavailable, op, l.ID, w.Write(s.exportRow(x, numbers, fields)))
	})
}

func (s *Store) exportRow(x *row, numbers int, fields []string) []string {
	consent := "no"
	if x.Consent {
		consent = "yes"
	}
	zone, region := s.ownPlace(x)
	out := []string{
		guard(x.Ref), guard(x.Name), strconv.Itoa(x.Priority), guard(x.Owner), guard(zone), guard(region), stamp(x.NotBefore), stamp(x.NotAfter), stamp(x.Callback.At), guard(x.Callback.Agent),
		consent, guard(x.ConsentSource), stamp(x.ConsentAt), x.State.String(), strconv.Itoa(x.Attempts), stamp(x.NextAt), string(x.Result), stamp(x.ResultAt),
	}
	for n := range numbers {
		if n < len(x.Numbers) {
			out = append(out, guard(x.Numbers[n].E164), x.Numbers[n].Kind.String(), guard(x.Numbers[n].Closed))
		} else {
			out = append(out, "", "", "")
		}
	}
	for _, f := range fields {
		out = append(out, guard(x.Fields[f]))
	}
	return out
}

// ownPlace is what somebody has said of a lead's place: its zone and state as far
// as its numbers do not tell them.
func (s *Store) ownPlace(x *row) (zone, region string) {
	for _, n := range x.Numbers {
		if _, state := s.place(n.E164, "", ""); n.Set.Region != state {
			region = n.Set.Region
		}
	}
	if len(x.Numbers) == 0 || len(x.Numbers[0].Set.Zones) != 1 {
		return "", region
	}
	only, told := x.Numbers[0].Set.Zones, false
	for _, n := range x.Numbers {
		if !slices.Equal(n.Set.Zones, only) {
			return "", region
		}
		zones, _ := s.place(n.E164, "", region)
		told = told || !slices.Equal(zones, only)
	}
	if told {
		zone = only[0]
	}
	return zone, region
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// guard keeps a spreadsheet from reading a cell as a formula.
func guard(cell string) string {
	if !needsGuard(cell) || isNumber(cell) {
		return cell
	}
	return "'" + cell
}

// isNumber: a plus and digits.
func isNumber(cell string) bool {
	digits, plus := strings.CutPrefix(cell, "+")
	return plus && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// exportKinds maps the columns of an export, so that it can be imported again.
func exportKinds(name string) (word string, known bool) {
	switch {
	case slices.Contains(exportFixed[:13], name):
		return name, true
	case slices.Contains(exportFixed[13:], name), isNumbered(name, "kind"), isNumbered(name, "closed"):
		return colIgnore, true
	case isNumbered(name, "number"):
		return colNumber, true
	case strings.HasPrefix(name, colField) && len(name) > len(colField):
		return name, true
	}
	return "", false
}

func isNumbered(name, word string) bool {
	rest, is := strings.CutPrefix(name, word)
	n, err := strconv.Atoi(rest)
	return is && err == nil && n >= 1 && n <= lead.MaxNumbers
}
