package typet

import (
	"encoding/binary"
	"slices"

	"strowger/switch/fault"
)

// parser collects a message's parameters.
type parser struct {
	*chain
	lim  limits
	page Page
	call Call

	name  string // of the value that must come next
	table *open  // table that still gets rows
	rows  int    // of all tables
	total int    // bytes of all tables' rows
	names map[string]bool
}

// open is a table whose rows are still coming.
type open struct {
	Table
	headed bool
	want   uint32
}

const opParameter = "typet: parameter"

// wanted takes the name of an exporting parameter that was asked for.
func (p *parser) wanted(value []byte) error {
	name, err := p.page.name(value)
	if err != nil {
		return err
	}
	p.call.Wanted = append(p.call.Wanted, name)
	return nil
}

// parameter takes a field that may belong to a parameter. Fields that have
// nothing to do with them are skipped.
func (p *parser) parameter(tag uint16, value []byte) error {
	if p.name != "" && tag != tagValue {
		return fault.New(fault.Invalid, opParameter, p.name, "its value is missing")
	}
	switch tag {
	case tagName:
		if err := p.closed(); err != nil {
			return err
		}
		return p.begin(value, &p.name)
	case tagValue:
		if p.name == "" {
			return fault.New(fault.Invalid, opParameter, "", "a value without a name")
		}
		p.call.Imports = append(p.call.Imports, Value{Name: p.name, Data: slices.Clone(value)})
		p.name = ""
		return nil
	case tagTable:
		if err := p.closed(); err != nil {
			return err
		}
		p.table = &open{}
		return p.begin(value, &p.table.Name)
	case tagTableHead:
		return p.head(value)
	case tagRow:
		return p.row(value, false)
	case tagShortRow:
		return p.row(value, true)
	case tagLZ, tagLZEnd:
		return fault.New(fault.Unsupported, opParameter, p.tableName(), "the table is compressed: switch RFC compression off in the destination's special options")
	case tagDeltaHead, tagDeltaRows:
		return fault.New(fault.Unsupported, opParameter, p.tableName(), "the table comes in the delta manager's form: switch the delta manager off in the destination's special options")
	case tagXML, tagXMLData:
		return fault.New(fault.Unsupported, opParameter, "", "a parameter comes as XML, as structures with strings do: only flat parameters are served")
	case tagFast:
		return fault.New(fault.Unsupported, opParameter, "", "the call comes from the fast serializer: choose the classic serializer in the destination's special options")
	case tagTableNumber, tagTableNote, tagTableEnd: // remarks of newer releases between a table's fields
	}
	return nil
}

// begin reads a parameter's name, once for each.
func (p *parser) begin(value []byte, to *string) error {
	name, err := p.page.name(value)
	if err != nil {
		return err
	}
	if p.names[name] {
		return fault.New(fault.Invalid, opParameter, name, "the parameter comes twice")
	}
	if p.names == nil {
		p.names = map[string]bool{}
	}
	p.names[name] = true
	*to = name
	return nil
}

func (p *parser) head(value []byte) error {
	if p.table == nil || p.table.headed || len(value) < 8 {
		return fault.New(fault.Invalid, opParameter, p.tableName(), "a table's head in the wrong place")
	}
	width, want := binary.BigEndian.Uint32(value), binary.BigEndian.Uint32(value[4:])
	if width > uint32(p.lim.width) {
		return fault.Newf(fault.Invalid, opParameter, p.tableName(), "its rows are %d bytes wide, %d are allowed", width, p.lim.width)
	}
	if uint64(want) > uint64(p.lim.rows-p.rows) {
		return fault.Newf(fault.Invalid, opParameter, p.tableName(), "it has %d rows, a message may have %d", want, p.lim.rows)
	}
	p.table.headed, p.table.Width, p.table.want = true, int(width), want
	return nil
}

// row takes a row. A short one goes on with its last byte.
func (p *parser) row(value []byte, short bool) error {
	t := p.table
	switch {
	case t == nil || !t.headed || t.want == 0:
		return fault.New(fault.Invalid, opParameter, p.tableName(), "a row in the wrong place")
	case len(value) == 0 || len(value) > t.Width:
		return fault.Newf(fault.Invalid, opParameter, t.Name, "a row of %d bytes in a table of %d", len(value), t.Width)
	}
	size := len(value)
	if short {
		size = t.Width
	}
	if p.total += size; p.total > p.lim.total {
		return fault.Newf(fault.Invalid, opParameter, t.Name, "the tables have more than %d bytes", p.lim.total)
	}
	row := append(make([]byte, 0, size), value...)
	for last := value[len(value)-1]; len(row) < size; {
		row = append(row, last)
	}
	t.Rows = append(t.Rows, row)
	t.want--
	p.rows++
	return nil
}

// closed ends the parameter that is being read, if it is complete.
func (p *parser) closed() error {
	if p.name != "" {
		return fault.New(fault.Invalid, opParameter, p.name, "its value is missing")
	}
	if p.table == nil {
		return nil
	}
	if p.table.want > 0 {
		return fault.Newf(fault.Invalid, opParameter, p.table.Name, "%d rows are missing", p.table.want)
	}
	p.call.Tables = append(p.call.Tables, p.table.Table)
	p.table = nil
	return nil
}

func (p *parser) tableName() string {
	if p.table == nil {
		return ""
	}
	return p.table.Name
}

// appendParameters writes parameters.
func appendParameters(w *writer, p Page, values []Value, tables []Table) error {
	for _, v := range values {
		name := p.append(nil, v.Name, 0)
		if _, err := p.name(name); err != nil {
			return err
		}
		w.add(tagName, name)
		w.add(tagValue, v.Data)
	}
	for _, t := range tables {
		name := p.append(nil, t.Name, 0)
		if _, err := p.name(name); err != nil {
			return err
		}
		w.add(tagTable, name)
		head := binary.BigEndian.AppendUint32(nil, uint32(t.Width))
		w.add(tagTableHead, binary.BigEndian.AppendUint32(head, uint32(len(t.Rows))))
		for _, row := range t.Rows {
			if len(row) != t.Width || t.Width == 0 {
				return fault.Newf(fault.Invalid, opParameter, t.Name, "a row of %d bytes in a table of %d", len(row), t.Width)
			}
			w.add(tagShortRow, row)
		}
	}
	return nil
}
