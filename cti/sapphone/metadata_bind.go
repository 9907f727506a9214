package sapphone

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"strowger/switch/fault"
)

// bound is a function with what its parameters mean.
type bound struct {
	fn        Function
	sem       string
	out       bool // we call it
	supported bool
	given     map[string]place // of values that the caller passes, by sem
	answered  map[string]place // of values that the caller gets
	tables    map[string]*boundTable
}

// place is where a value is: a parameter, or a field of a structure.
type place struct {
	param  string
	field  string // empty: the parameter itself
	typ    Type
	length int
}

// boundTable is a table with the meanings of its columns.
type boundTable struct {
	param   string
	columns map[string]Column // by sem
	order   []Column
}

// bind gives a function's parameters their types and meanings.
func (m *Metadata) bind(f *FileFunction, sems map[string]bool) (*bound, error) {
	b := &bound{
		fn: Function{Name: f.Name}, sem: f.key(), out: f.Direction == functionOut, supported: f.Supported,
		given: map[string]place{}, answered: map[string]place{}, tables: map[string]*boundTable{},
	}
	for _, p := range f.Params {
		where := f.Name + "." + p.Name
		if !namePattern.MatchString(p.Name) || b.fn.Param(p.Name) != nil {
			return nil, badMetadata(where, "a parameter's name has 1 to 30 capital letters, digits, _ and /, and is there once")
		}
		if p.Sem != "" && !sems[p.Sem] {
			return nil, badMetadata(where, "the meaning %q is not known for this function", p.Sem)
		}
		param, err := m.param(where, &p)
		if err != nil {
			return nil, err
		}
		b.fn.Params = append(b.fn.Params, param)
		if err := b.learn(where, &p, &param, m.file.Structures[p.ABAP], sems); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// param checks a parameter and gives it its type.
func (m *Metadata) param(where string, p *FileParam) (Param, error) {
	out := Param{Name: p.Name, Dir: p.Dir, Optional: p.Optional}
	switch p.Dir {
	case Import, Export, Changing, Tables:
	default:
		return out, badMetadata(where, "dir must be I, E, C or T")
	}
	if fields, structured := m.file.Structures[p.ABAP]; structured {
		out.Type = Structure
		if len(fields) == 0 || len(fields) > maxParams {
			return out, badMetadata(p.ABAP, "a structure has 1 to %d fields", maxParams)
		}
		for i := range fields {
			c, err := column(p.ABAP+"."+fields[i].Name, &fields[i])
			if err != nil {
				return out, err
			}
			out.Columns = append(out.Columns, c)
		}
		return out, nil
	}
	if p.Dir == Tables {
		return out, badMetadata(where, "a table's type must be one of structures, and %q is not", p.ABAP)
	}
	c, err := column(where, p)
	out.Type, out.Len = c.Type, c.Len
	return out, err
}

// fixedLen are the types with a length of their own.
var fixedLen = map[Type]int{Int4: 4, Dats: 8, Tims: 6, String: 0}

// maxCharLen is the longest text field of ABAP that may be declared.
const maxCharLen = 65535

func column(where string, p *FileParam) (Column, error) {
	c := Column{Name: p.Name, Type: Type(p.ABAP), Len: p.Len}
	if !namePattern.MatchString(p.Name) {
		return c, badMetadata(where, "a field's name has 1 to 30 capital letters, digits, _ and /")
	}
	if c.Type == Char || c.Type == Numc {
		if c.Len < 1 || c.Len > maxCharLen {
			return c, badMetadata(where, "len must be 1 to %d", maxCharLen)
		}
		return c, nil
	}
	n, known := fixedLen[c.Type]
	if !known {
		return c, badMetadata(where, "the type %q is not known: CHAR, NUMC, INT4, DATS, TIMS, STRING, or one of structures", p.ABAP)
	}
	c.Len = n
	return c, nil
}

// learn notes what a parameter means.
func (b *bound) learn(where string, p *FileParam, param *Param, fields []FileParam, sems map[string]bool) error {
	if p.Dir == Tables {
		t := &boundTable{param: p.Name, columns: map[string]Column{}, order: param.Columns}
		for i, f := range fields {
			if f.Sem != "" {
				t.columns[f.Sem] = param.Columns[i]
			}
		}
		if p.Sem != "" {
			b.tables[p.Sem] = t
		}
		return nil
	}
	if param.Type != Structure {
		return b.locate(where, p.Sem, p.Dir, place{param: p.Name, typ: param.Type, length: param.Len})
	}
	for i, f := range fields {
		if f.Sem == "" || !sems[f.Sem] {
			continue // the structure serves other functions too
		}
		c := param.Columns[i]
		if err := b.locate(where+"."+f.Name, f.Sem, p.Dir, place{p.Name, f.Name, c.Type, c.Len}); err != nil {
			return err
		}
	}
	return nil
}

func (b *bound) locate(where, sem string, dir Direction, at place) error {
	if sem == "" {
		return nil
	}
	for _, m := range []struct {
		of  map[string]place
		now bool
	}{{b.given, dir != Export}, {b.answered, dir != Import}} {
		if !m.now {
			continue
		}
		if _, twice := m.of[sem]; twice {
			return badMetadata(where, "another parameter of the function has the meaning %q too", sem)
		}
		m.of[sem] = at
	}
	return nil
}

// arguments are the values of a call, by their meaning.
type arguments struct {
	b    *bound
	call *Call
}

// text is a value that was passed, without blanks around it; empty when it was not.
func (a arguments) text(sem string) string {
	at, ok := a.b.given[sem]
	if !ok {
		return ""
	}
	return textAt(a.call.Imports, at)
}

func textAt(fields []Field, at place) string {
	f := fieldOf(fields, at.param)
	if f != nil && at.field != "" {
		f = fieldOf(f.Fields, at.field)
	}
	if f == nil {
		return ""
	}
	return strings.TrimSpace(f.Text)
}

func fieldOf(fields []Field, name string) *Field {
	for i := range fields {
		if strings.EqualFold(fields[i].Name, name) {
			return &fields[i]
		}
	}
	return nil
}

// number is a whole number that was passed, 0 when it was not.
func (a arguments) number(sem string) (int, error) {
	return wholeNumber(sem, a.text(sem))
}

func wholeNumber(sem, text string) (int, error) {
	if text = strings.TrimSpace(text); text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0, fault.Newf(fault.Invalid, "sapphone", sem, "%q is no whole number", short(text))
	}
	return int(n), nil
}

// rows are the lines of a table by the meaning of their columns, with their
// blanks in front.
func (a arguments) rows(sem string) []map[string]string {
	t := a.b.tables[sem]
	if t == nil {
		return nil
	}
	return t.read(a.call.Tables)
}

func (t *boundTable) read(tables []Table) []map[string]string {
	var out []map[string]string
	for i := range tables {
		if !strings.EqualFold(tables[i].Name, t.param) {
			continue
		}
		for _, row := range tables[i].Rows {
			line := map[string]string{}
			for sem, c := range t.columns {
				if f := fieldOf(row, c.Name); f != nil {
					line[sem] = strings.TrimRight(f.Text, " ")
				}
			}
			out = append(out, line)
		}
	}
	return out
}

// answer gathers what a function returns, by its meaning.
type answer struct {
	b      *bound
	values map[string]string // by sem
	tables map[string][][]Field
}

func newAnswer(b *bound) *answer {
	return &answer{b: b, values: map[string]string{}, tables: map[string][][]Field{}}
}

// set gives an exporting parameter its value; one that the metadata does not
// have is left out.
func (a *answer) set(sem, value string) { a.values[sem] = value }

// table says that a table is returned, with lines or without.
func (a *answer) table(sem string) {
	if t := a.b.tables[sem]; t != nil && a.tables[t.param] == nil {
		a.tables[t.param] = [][]Field{}
	}
}

// row adds a line to a table.
func (a *answer) row(sem string, values map[string]string) {
	t := a.b.tables[sem]
	if t == nil {
		return
	}
	a.tables[t.param] = append(a.tables[t.param], t.line(values))
}

func (t *boundTable) line(values map[string]string) []Field {
	fields := make([]Field, 0, len(t.order))
	byName := map[string]string{}
	for sem, c := range t.columns {
		byName[c.Name] = values[sem]
	}
	for _, c := range t.order {
		fields = append(fields, Field{Name: c.Name, Text: fit(byName[c.Name], c.Type, c.Len)})
	}
	return fields
}

// reply puts the values into the order of the metadata. Tables that the
// function did not touch come back as they were passed.
func (a *answer) reply(call *Call) Reply {
	var out Reply
	for i := range a.b.fn.Params {
		p := &a.b.fn.Params[i]
		switch p.Dir {
		case Import:
		case Tables:
			out.Tables = append(out.Tables, a.lines(p, call))
		case Export, Changing:
			if call.wants(p.Name) {
				out.Exports = append(out.Exports, a.field(p, call))
			}
		}
	}
	return out
}

func (c *Call) wants(name string) bool {
	if c.Wanted == nil {
		return true
	}
	for _, w := range c.Wanted {
		if strings.EqualFold(w, name) {
			return true
		}
	}
	return false
}

func (a *answer) lines(p *Param, call *Call) Table {
	if rows, set := a.tables[p.Name]; set {
		return Table{Name: p.Name, Rows: rows}
	}
	for _, t := range call.Tables {
		if strings.EqualFold(t.Name, p.Name) {
			return Table{Name: p.Name, Rows: t.Rows}
		}
	}
	return Table{Name: p.Name}
}

func (a *answer) field(p *Param, call *Call) Field {
	out := Field{Name: p.Name}
	if p.Dir == Changing {
		if f := fieldOf(call.Imports, p.Name); f != nil {
			out.Text, out.Fields = f.Text, f.Fields
		}
	}
	if p.Type == Structure && out.Fields == nil {
		for _, c := range p.Columns {
			out.Fields = append(out.Fields, Field{Name: c.Name, Text: fit("", c.Type, c.Len)})
		}
	}
	for sem, at := range a.b.answered {
		v, set := a.values[sem]
		switch {
		case at.param != p.Name || !set && p.Dir == Changing:
		case at.field == "":
			out.Text = fit(v, at.typ, at.length)
		default:
			if f := fieldOf(out.Fields, at.field); f != nil {
				f.Text = fit(v, at.typ, at.length)
			}
		}
	}
	if out.Text == "" && p.Type != Structure {
		out.Text = fit("", p.Type, p.Len)
	}
	return out
}

// fit brings a value into the form of its type: digits filled up in front,
// text cut to its length.
func fit(v string, t Type, length int) string {
	switch t {
	case Numc:
		if len(v) < length {
			v = strings.Repeat("0", length-len(v)) + v
		}
		return v[len(v)-length:]
	case Int4:
		n, err := strconv.ParseInt(v, 10, 32) // a return code may be declared as a number
		if err != nil {
			return "0"
		}
		return strconv.FormatInt(n, 10)
	case Char:
		v = cut(v, length)
		return strings.TrimRight(v, " ")
	case Dats, Tims, String, Structure:
	}
	return v
}

// cut shortens a text to so many characters.
func cut(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	at := 0
	for range n {
		_, w := utf8.DecodeRuneInString(s[at:])
		at += w
	}
	return s[:at]
}

// short clips what came from outside for a message.
func short(s string) string { return cut(s, 80) }
