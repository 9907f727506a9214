package gateway

import (
	"fmt"
	"slices"
	"strings"

	"strowger/cti/sapphone"
	"strowger/cti/sapphone/typet"
	"strowger/switch/fault"
)

// kinds are the wire's words for the interface's types.
var kinds = map[sapphone.Type]typet.Kind{
	sapphone.Char: typet.Char, sapphone.Numc: typet.Numc, sapphone.Int4: typet.Int4,
	sapphone.Dats: typet.Date, sapphone.Tims: typet.Time, sapphone.String: typet.String,
}

func column(name string, t sapphone.Type, n int) typet.Column {
	return typet.Column{Name: name, Kind: kinds[t], Len: n}
}

func row(columns []sapphone.Column) typet.Row {
	out := make(typet.Row, len(columns))
	for i, c := range columns {
		out[i] = column(c.Name, c.Type, c.Len)
	}
	return out
}

// readCall reads what was passed. Wanted is never nil: a caller that names no
// export gets none.
func readCall(fn *sapphone.Function, c *typet.Call) (sapphone.Call, error) {
	out := sapphone.Call{Function: c.Function, Wanted: append([]string{}, c.Wanted...)}
	for _, v := range c.Imports {
		p := fn.Param(v.Name)
		if p == nil {
			out.Unknown = append(out.Unknown, v.Name)
		}
		if p == nil || p.Dir != sapphone.Import && p.Dir != sapphone.Changing {
			continue
		}
		f, err := readField(p, c.Page, v.Data)
		if err != nil {
			return out, err
		}
		out.Imports = append(out.Imports, f)
	}
	for _, t := range c.Tables {
		p := fn.Param(t.Name)
		if p == nil || p.Dir != sapphone.Tables {
			continue
		}
		table := sapphone.Table{Name: p.Name}
		for _, b := range t.Rows {
			line, err := readRow(p.Columns, c.Page, b)
			if err != nil {
				return out, err
			}
			table.Rows = append(table.Rows, line)
		}
		out.Tables = append(out.Tables, table)
	}
	return out, nil
}

func readField(p *sapphone.Param, page typet.Page, b []byte) (sapphone.Field, error) {
	f := sapphone.Field{Name: p.Name}
	var err error
	if p.Type == sapphone.Structure {
		f.Fields, err = readRow(p.Columns, page, b)
		return f, err
	}
	col := column(p.Name, p.Type, p.Len)
	if f.Text, err = col.Read(page, b); err != nil {
		return f, err
	}
	f.Text, err = value(p.Name, p.Type, f.Text)
	return f, err
}

func readRow(columns []sapphone.Column, page typet.Page, b []byte) ([]sapphone.Field, error) {
	texts, err := row(columns).Read(page, b)
	if err != nil {
		return nil, err
	}
	out := make([]sapphone.Field, len(columns))
	for i, c := range columns {
		out[i].Name = c.Name
		if out[i].Text, err = value(c.Name, c.Type, texts[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// value turns what the wire has into what the dispatcher takes: digits only
// where the type says so, and an initial date is no date.
func value(name string, t sapphone.Type, text string) (string, error) {
	switch t {
	case sapphone.Numc, sapphone.Dats, sapphone.Tims:
		text = strings.TrimSpace(text)
		if strings.Trim(text, "0123456789") != "" {
			return "", fault.Newf(fault.Invalid, "sapphone: value", name, "%q is no value of type %s", text, t)
		}
		if t == sapphone.Dats && strings.Trim(text, "0") == "" {
			return "", nil
		}
	case sapphone.Char, sapphone.Int4, sapphone.String, sapphone.Structure:
	}
	return text, nil
}

// writeReply writes what the caller asked for.
func writeReply(fn *sapphone.Function, c *typet.Call, r *sapphone.Reply) (*typet.Reply, error) {
	out := &typet.Reply{}
	for _, f := range r.Exports {
		p := fn.Param(f.Name)
		if p == nil || !contains(c.Wanted, p.Name) {
			continue
		}
		b, err := writeField(p, c.Page, f)
		if err != nil {
			return nil, err
		}
		out.Exports = append(out.Exports, typet.Value{Name: p.Name, Data: b})
	}
	for _, t := range r.Tables {
		p := fn.Param(t.Name)
		if p == nil {
			continue
		}
		width, passed := passedWidth(c, p.Name)
		if !passed && !contains(c.Wanted, p.Name) {
			continue
		}
		table, err := writeTable(p, c.Page, t, width)
		if err != nil {
			return nil, err
		}
		out.Tables = append(out.Tables, table)
	}
	return out, nil
}

func contains(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// passedWidth is the width of the lines of a table that the caller passed.
func passedWidth(c *typet.Call, name string) (int, bool) {
	for _, t := range c.Tables {
		if strings.EqualFold(t.Name, name) {
			return t.Width, true
		}
	}
	return 0, false
}

func writeField(p *sapphone.Param, page typet.Page, f sapphone.Field) ([]byte, error) {
	if p.Type == sapphone.Structure {
		return writeRow(p.Columns, page, f.Fields)
	}
	col := column(p.Name, p.Type, p.Len)
	return col.Append(nil, page, f.Text)
}

// maxBeyond is how many bytes a caller's line may be wider than ours. Later
// releases add a few columns; more would only make our answers large.
const maxBeyond = 4096

func writeTable(p *sapphone.Param, page typet.Page, t sapphone.Table, width int) (typet.Table, error) {
	ours := row(p.Columns).Width(page)
	if width == 0 {
		width = ours
	}
	out := typet.Table{Name: p.Name, Width: width}
	if width > ours+maxBeyond {
		return out, systemFailure(sapphone.SystemException, fmt.Sprintf("table %s was passed with lines of %d bytes, the metadata has %d", p.Name, width, ours))
	}
	for _, fields := range t.Rows {
		b, err := writeRow(p.Columns, page, fields)
		if err != nil {
			return out, err
		}
		out.Rows = append(out.Rows, page.Fit(b, out.Width))
	}
	return out, nil
}

func writeRow(columns []sapphone.Column, page typet.Page, fields []sapphone.Field) ([]byte, error) {
	texts := make([]string, len(columns))
	for i, c := range columns {
		for _, f := range fields {
			if strings.EqualFold(f.Name, c.Name) {
				texts[i] = f.Text
			}
		}
	}
	return row(columns).Append(nil, page, texts)
}
