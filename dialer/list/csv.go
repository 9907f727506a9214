package list

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// maxLine is the most bytes of a row; what is longer is no row of a table.
	maxLine = 64 << 10
	// maxColumns bounds the cells of a row.
	maxColumns = 500
	// maxRowLines is how many lines one row may go over, by line breaks in quotes.
	maxRowLines = 200
)

// record is one row of a file.
type record struct {
	line  int64 // of the file, where it begins; from 1
	cells []string
	bad   string // why it cannot be read; cells is empty then
}

// csvReader reads rows of text, one after the other. It differs from
// encoding/csv in what a bad row does: it is told with its line, bounded in
// memory, and the next one is read from the next line of the file.
type csvReader struct {
	r     *bufio.Reader
	delim byte
	line  int64 // of the last line that was taken from the file
	back  []csvLine
}

type csvLine struct {
	n    int64
	text string
	long bool // it was longer than maxLine, and is empty
}

func newCSV(r io.Reader, delim byte) *csvReader {
	return &csvReader{r: bufio.NewReaderSize(r, maxLine), delim: delim}
}

// next returns the next line without its end.
func (c *csvReader) next() (csvLine, error) {
	if len(c.back) > 0 {
		l := c.back[0]
		c.back = c.back[1:]
		return l, nil
	}
	b, err := c.r.ReadSlice('\n')
	if len(b) == 0 && err != nil {
		return csvLine{}, err
	}
	c.line++
	l := csvLine{n: c.line}
	if errors.Is(err, bufio.ErrBufferFull) {
		l.long = true
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = c.r.ReadSlice('\n')
		}
	} else {
		l.text = strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return csvLine{}, err
	}
	return l, nil
}

// read returns the next row; io.EOF when there is none. Empty lines are no rows.
func (c *csvReader) read() (record, error) {
	for {
		l, err := c.next()
		if err != nil {
			return record{}, err
		}
		if l.long {
			return record{line: l.n, bad: fmt.Sprintf("the line is longer than %d KiB", maxLine>>10)}, nil
		}
		if strings.TrimSpace(l.text) == "" {
			continue
		}
		return c.row(l)
	}
}

func (c *csvReader) row(first csvLine) (record, error) {
	text, more := first.text, []csvLine(nil)
	for {
		cells, state, why := c.split(text)
		switch state {
		case splitDone:
			return record{line: first.n, cells: cells}, nil
		case splitBad:
			c.back = append(more, c.back...)
			return record{line: first.n, bad: why}, nil
		case splitOpen: // a quote is open at the end of the line
		}
		l, err := c.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return record{}, err
		}
		if err != nil || l.long || len(text)+len(l.text) > maxLine || len(more) >= maxRowLines {
			if err == nil {
				more = append(more, l)
			}
			c.back = append(more, c.back...) // its other lines may be rows
			return record{line: first.n, bad: "a quote that begins in this row does not end"}, nil
		}
		more = append(more, l)
		text += "\n" + l.text
	}
}

type splitState int

const (
	splitDone splitState = iota
	splitOpen
	splitBad
)

// split cuts a row into its cells.
func (c *csvReader) split(text string) (cells []string, state splitState, why string) {
	if !utf8.ValidString(text) {
		return nil, splitBad, "it has characters that are not UTF-8: name the file's character set"
	}
	if strings.IndexByte(text, 0) >= 0 {
		return nil, splitBad, "it has a zero byte"
	}
	cells = make([]string, 0, 16)
	for {
		if len(cells) == maxColumns {
			return nil, splitBad, fmt.Sprintf("it has more than %d columns", maxColumns)
		}
		if !strings.HasPrefix(text, `"`) {
			i := strings.IndexByte(text, c.delim)
			cell := text
			if i >= 0 {
				cell = text[:i]
			}
			cells = append(cells, strings.TrimSpace(cell))
			if i < 0 {
				return cells, splitDone, ""
			}
			text = text[i+1:]
			continue
		}
		cell, rest, closed := quoted(text[1:])
		if !closed {
			return nil, splitOpen, ""
		}
		cells = append(cells, cell)
		switch {
		case rest == "":
			return cells, splitDone, ""
		case rest[0] == c.delim:
			text = rest[1:]
		default:
			return nil, splitBad, "something follows a quote that ends: write a quote within quotes twice"
		}
	}
}

// quoted returns the text up to the quote that ends it, and what follows.
func quoted(text string) (cell, rest string, closed bool) {
	for i := 0; i < len(text); i++ {
		if text[i] != '"' {
			continue
		}
		if i+1 < len(text) && text[i+1] == '"' {
			i++
			continue
		}
		return strings.ReplaceAll(text[:i], `""`, `"`), text[i+1:], true
	}
	return "", "", false
}

const (
	// delimiters are tried in this order.
	delimiters = ",;\t|"
	// sniffRows is how many rows decide which of them it is, and whether there is a header.
	sniffRows = 50
)

// findDelimiter returns the delimiter by which the first rows have the most
// columns and are of one width.
func findDelimiter(head string) byte {
	best, bestScore := byte(','), 0
	for i := range len(delimiters) {
		rows := firstRows(head, delimiters[i])
		widths := map[int]int{}
		for _, r := range rows {
			widths[len(r)]++
		}
		for width, n := range widths {
			if score := n * 1000 * min(width-1, 1); width > 1 && score+width > bestScore {
				best, bestScore = delimiters[i], score+width
			}
		}
	}
	return best
}

func firstRows(head string, delim byte) (rows [][]string) {
	c := newCSV(strings.NewReader(head), delim)
	for len(rows) < sniffRows {
		r, err := c.read()
		if err != nil {
			break
		}
		if r.bad == "" {
			rows = append(rows, r.cells)
		}
	}
	return rows
}

// looksLikeNumber: six digits or more, nothing that no number has, and no date.
func looksLikeNumber(cell string) bool {
	digits := 0
	for _, c := range cell {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case !strings.ContainsRune("+-()/. '", c):
			return false
		}
	}
	_, date := parseTime(cell, time.UTC)
	return digits >= 6 && !date
}

// hasHeader tells whether the first row names the columns: no cell is a number,
// none is empty, and no name comes twice.
func hasHeader(rows [][]string) bool {
	if len(rows) == 0 {
		return false
	}
	seen := map[string]bool{}
	for _, cell := range rows[0] {
		key := strings.ToLower(cell)
		if cell == "" || seen[key] || looksLikeNumber(cell) {
			return false
		}
		seen[key] = true
	}
	return true
}
