package table

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxWidth is the widest column and MaxLast the widest last one, to which
// nothing else has to line up, in characters; longer cells are cut.
const (
	MaxWidth = 44
	MaxLast  = 160
)

const gap = "  "

// Table collects rows and writes them with aligned columns.
type Table struct {
	heads []string
	right []bool
	rows  [][]string
}

// New returns a table with column heads. A head that begins with > aligns its
// column to the right.
func New(heads ...string) *Table {
	t := &Table{}
	for _, h := range heads {
		name, right := strings.CutPrefix(h, ">")
		t.heads, t.right = append(t.heads, name), append(t.right, right)
	}
	return t
}

// Add appends a row. Missing cells are empty, cells without a head are left out.
func (t *Table) Add(cells ...any) {
	row := make([]string, len(t.heads))
	for i := range min(len(cells), len(row)) {
		most := MaxWidth
		if i > 0 && i == len(row)-1 {
			most = MaxLast
		}
		row[i] = cut(Clean(fmt.Sprint(cells[i])), most)
	}
	t.rows = append(t.rows, row)
}

// Len returns the number of rows.
func (t *Table) Len() int { return len(t.rows) }

// Write prints heads and rows.
func (t *Table) Write(w io.Writer) error {
	width := make([]int, len(t.heads))
	for _, row := range append([][]string{t.heads}, t.rows...) {
		for i, c := range row {
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	for _, row := range append([][]string{t.heads}, t.rows...) {
		var line strings.Builder
		for i, c := range row {
			if i > 0 {
				line.WriteString(gap)
			}
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			if t.right[i] {
				line.WriteString(pad + c)
			} else {
				line.WriteString(c + pad)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// Clean replaces what could disturb a terminal: control and format characters,
// line and paragraph separators, broken UTF-8.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return '·'
		}
		return r
	}, s)
}

// Clock writes seconds as 0:07, 12:34 or 1:02:03.
func Clock(seconds float64) string {
	s := int64(max(seconds, 0))
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
