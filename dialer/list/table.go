package list

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"strowger/dialer/list/sheet"
	"strowger/switch/fault"
)

// table is a file as rows, whatever its form.
type table struct {
	columns []column
	header  []string
	first   []record // read to find out what the file is
	next    func() (record, error)
	count   *counter
	end     func() error
}

// read returns the next row; io.EOF behind the last.
func (t *table) read() (record, error) {
	if len(t.first) > 0 {
		r := t.first[0]
		t.first = t.first[1:]
		return r, nil
	}
	return t.next()
}

// bytes is how much of the file was read, as far as that is known.
func (t *table) bytes() int64 {
	if t.count == nil {
		return 0
	}
	return t.count.n.Load()
}

func (t *table) close() {
	if t.end != nil {
		_ = t.end() // it was only read
	}
}

type counter struct {
	r io.Reader
	n atomic.Int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// openTable finds out what a file is and writes it into the options, so that a
// second reading is the same. saved is the mapping of the list.
func openTable(f File, o *ImportOptions, saved Mapping) (*table, error) {
	head := make([]byte, sniffBytes)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, unreadable(err)
	}
	head = head[:n]
	if n == 0 {
		return nil, fault.New(fault.Invalid, "import: read", clip(o.File, maxName), "the file is empty")
	}
	var t *table
	if bytes.HasPrefix(head, zipMagic) {
		t, err = openSheet(f, o)
	} else {
		t, err = openText(f, o, head, n < sniffBytes)
	}
	if err != nil {
		return nil, err
	}
	if err := t.resolve(o, saved); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

func openSheet(f File, o *ImportOptions) (*table, error) {
	r, err := sheet.Open(f.Name(), o.Sheet)
	if err != nil {
		return nil, err
	}
	return &table{end: r.Close, next: func() (record, error) {
		cells, line, tooLong, err := r.Read()
		if tooLong {
			return record{line: line, bad: "the row is longer than 64 KiB"}, nil
		}
		return record{line: line, cells: cells}, err
	}}, nil
}

func openText(f File, o *ImportOptions, head []byte, whole bool) (t *table, err error) {
	if o.Charset == "" {
		if o.Charset, err = sniff(head, whole); err != nil {
			return nil, err
		}
	}
	if o.Delimiter == "" {
		r, err := decoded(bytes.NewReader(head), o.Charset)
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(io.LimitReader(r, sniffBytes))
		if err != nil {
			return nil, unreadable(err)
		}
		o.Delimiter = string(findDelimiter(string(text)))
	}
	if len(o.Delimiter) != 1 || !strings.Contains(delimiters, o.Delimiter) {
		return nil, fault.New(fault.Invalid, "import: read", clip(o.Delimiter, maxID), "the delimiter is a comma, a semicolon, a tab or a bar")
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, unreadable(err)
	}
	count := &counter{r: io.NewSectionReader(f, 0, 1<<62)}
	r, err := decoded(count, o.Charset)
	if err != nil {
		return nil, unreadable(err)
	}
	lines := newCSV(r, o.Delimiter[0])
	return &table{count: count, next: func() (record, error) {
		rec, err := lines.read()
		if err != nil && !errors.Is(err, io.EOF) {
			err = unreadable(err)
		}
		return rec, err
	}}, nil
}

// resolve finds the header and what its columns mean.
func (t *table) resolve(o *ImportOptions, saved Mapping) error {
	var rows [][]string
	width := 0
	for len(t.first) < sniffRows {
		rec, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		t.first = append(t.first, rec)
		if rec.bad == "" {
			rows = append(rows, rec.cells)
			width = max(width, len(rec.cells))
		}
	}
	if len(rows) == 0 {
		return fault.New(fault.Invalid, "import: read", clip(o.File, maxName), "none of its first rows can be read: is it a table?")
	}
	if o.Header == nil {
		has := t.first[0].bad == "" && hasHeader(rows)
		o.Header = &has
	}
	if *o.Header {
		at := slices.IndexFunc(t.first, func(r record) bool { return r.bad == "" })
		t.header = t.first[at].cells
		t.first = slices.Delete(t.first, at, at+1)
	}
	found := saved.fitting(t.header, width)
	if len(found) == 0 {
		found = Propose(t.header, rows)
	}
	switch {
	case len(o.Mapping) == 0:
		o.Mapping = found
	case t.header != nil:
		o.Mapping = o.Mapping.over(found)
	}
	var err error
	t.columns, err = o.Mapping.columns(t.header, width)
	return err
}

// over returns the mapping with what was found of columns that it does not name;
// of what there is only one of, such as ref, what it says itself counts.
func (m Mapping) over(found Mapping) Mapping {
	out, said := maps.Clone(m), map[string]bool{}
	for _, word := range m {
		said[word] = true
	}
	for name, word := range found {
		named := false
		for own := range m {
			named = named || strings.EqualFold(own, name)
		}
		many := word == colName || strings.HasPrefix(word, colNumber) || strings.HasPrefix(word, colField)
		if !named && (many || !said[word]) {
			out[name] = word
		}
	}
	return out
}

// fitting returns the mapping if the file has all its columns.
func (m Mapping) fitting(header []string, width int) Mapping {
	if _, err := m.columns(header, width); err != nil {
		return nil
	}
	return m
}

func sortColumns(list []column) {
	slices.SortFunc(list, func(a, b column) int { return cmp.Compare(a.at, b.at) })
}
