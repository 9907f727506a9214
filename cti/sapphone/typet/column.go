package typet

import (
	"bytes"
	"strconv"
	"strings"

	"strowger/switch/fault"
)

// Kind is an ABAP type as it lies in a value.
type Kind uint8

// The kinds. Their values are texts: Char without trailing blanks, Numc with
// all its digits, Date as yyyymmdd, Time as hhmmss, Int4 in decimal.
const (
	Char   Kind = iota + 1 // padded with blanks
	Numc                   // digits, padded with zeros on the left
	Date                   // eight digits
	Time                   // six digits
	Int4                   // four bytes
	String                 // UTF-8 and a zero; not in structures and tables
)

// Column is a value's place: a parameter, or a field of a structure or of a
// table's row.
type Column struct {
	Name string
	Kind Kind
	Len  int // characters of Char and Numc
}

const (
	dateLen = 8
	timeLen = 6
	intSize = 4
	// maxColumn bounds what a declared length can make us allocate.
	maxColumn = 16 << 10
)

func (c *Column) chars() int {
	switch c.Kind {
	case Char, Numc:
		return c.Len
	case Date:
		return dateLen
	case Time:
		return timeLen
	case Int4, String:
	}
	return 0
}

// size is the value's size in bytes, and align what its place is a multiple of.
func (c *Column) size(p Page) (size, align int) {
	if c.Kind == Int4 {
		return intSize, intSize
	}
	return c.chars() * p.unit(), p.unit()
}

func (c *Column) check(op string) error {
	if c.Kind < Char || c.Kind > String || (c.Kind == Char || c.Kind == Numc) && (c.Len < 1 || c.Len > maxColumn) {
		return fault.Newf(fault.Invalid, op, c.Name, "kind %d with length %d is not possible", c.Kind, c.Len)
	}
	return nil
}

// Read reads a value of its own. A value that is shorter than declared is read
// as far as it goes, one that is longer up to the declared length.
func (c *Column) Read(p Page, b []byte) (string, error) {
	const op = "typet: read value"
	if err := c.check(op); err != nil {
		return "", err
	}
	switch c.Kind {
	case String:
		b, _, _ = bytes.Cut(b, []byte{0})
		return strings.ToValidUTF8(string(b), "\uFFFD"), nil
	case Int4:
		if len(b) < intSize {
			return "", fault.Newf(fault.Invalid, op, c.Name, "a number has %d bytes, this one has %d", intSize, len(b))
		}
		return strconv.Itoa(int(int32(p.order().Uint32(b)))), nil
	case Char, Numc, Date, Time:
	}
	size, _ := c.size(p)
	s, err := p.text(b[:min(size, len(b))])
	if err != nil {
		return "", fault.Wrap(fault.Invalid, op, c.Name, err)
	}
	return strings.TrimRight(s, " \x00"), nil
}

// Append writes a value of its own. Char is cut at its length; what cannot be
// a number, a date or digits is refused.
func (c *Column) Append(dst []byte, p Page, s string) ([]byte, error) {
	const op = "typet: write value"
	if err := c.check(op); err != nil {
		return dst, err
	}
	switch c.Kind {
	case String:
		return append(append(dst, strings.ReplaceAll(s, "\x00", "")...), 0), nil
	case Int4:
		n, err := strconv.ParseInt(orZero(s), 10, 32)
		if err != nil {
			return dst, fault.Newf(fault.Invalid, op, c.Name, "%q is no number of four bytes", s)
		}
		if p == BigEndian {
			return append(dst, byte(n>>24), byte(n>>16), byte(n>>8), byte(n)), nil
		}
		return append(dst, byte(n), byte(n>>8), byte(n>>16), byte(n>>24)), nil
	case Numc, Date, Time:
		if strings.Trim(s, "0123456789") != "" || len(s) > c.chars() {
			return dst, fault.Newf(fault.Invalid, op, c.Name, "%q are not at most %d digits", s, c.chars())
		}
		return p.append(dst, strings.Repeat("0", c.chars()-len(s))+s, 0), nil
	case Char:
	}
	from := len(dst)
	dst = p.append(dst, s, c.Len)
	for len(dst)-from < c.Len*p.unit() {
		dst = p.append(dst, " ", 0)
	}
	return dst, nil
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

// Row is the form of a structure or of a table's rows.
type Row []Column

// Width is the size of a row in bytes. Numbers lie at a multiple of their
// size; nothing is added after the last column.
func (r Row) Width(p Page) int {
	at := 0
	for i := range r {
		size, align := r[i].size(p)
		at = roundUp(at, align) + size
	}
	return at
}

func roundUp(n, to int) int { return (n + to - 1) / to * to }

// Read reads a row. It may be longer than we know: later releases add columns.
// Columns that it does not reach are empty.
func (r Row) Read(p Page, b []byte) ([]string, error) {
	out := make([]string, len(r))
	at := 0
	for i := range r {
		if r[i].Kind == String {
			return nil, deepColumn(r[i].Name)
		}
		size, align := r[i].size(p)
		at = roundUp(at, align)
		if at+size > len(b) {
			break
		}
		var err error
		if out[i], err = r[i].Read(p, b[at:at+size]); err != nil {
			return nil, err
		}
		at += size
	}
	return out, nil
}

// Append writes a row; missing values are empty.
func (r Row) Append(dst []byte, p Page, values []string) ([]byte, error) {
	from := len(dst)
	for i := range r {
		if r[i].Kind == String {
			return dst, deepColumn(r[i].Name)
		}
		_, align := r[i].size(p)
		for (len(dst)-from)%align != 0 {
			dst = append(dst, 0)
		}
		v := ""
		if i < len(values) {
			v = values[i]
		}
		var err error
		if dst, err = r[i].Append(dst, p, v); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// Fit makes a row as wide as the caller has it. What it has beyond ours is
// blank, but for the bytes that end a row at a number's multiple; what it does
// not have is left out.
func (p Page) Fit(row []byte, width int) []byte {
	if len(row) >= width {
		return row[:width]
	}
	if width-len(row) >= intSize {
		for len(row)+p.unit() <= width {
			row = p.append(row, " ", 0)
		}
	}
	return append(row, make([]byte, width-len(row))...)
}

func deepColumn(name string) error {
	return fault.New(fault.Unsupported, "typet: row", name, "a string within a structure or a table travels in a form that is not served: declare it as CHAR")
}
