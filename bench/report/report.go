package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"text/tabwriter"
)

// Row is one figure. Reference is the same figure of what we compare with,
// measured in the same run; nil where there is none. Goal is a bound in
// words, such as "<= 3"; empty where there is none.
type Row struct {
	Suite     string   `json:"suite"`
	Name      string   `json:"name"`
	Value     float64  `json:"value"`
	Unit      string   `json:"unit"`
	Reference *float64 `json:"reference"`
	Goal      string   `json:"goal"`

	met *bool // whether the goal is reached; nil without a goal
}

// Book collects the figures of one run. Not safe for concurrent use.
type Book struct {
	suite string
	rows  []Row
	notes []string
}

// NewBook returns an empty book for a suite.
func NewBook(suite string) *Book { return &Book{suite: suite} }

// Add enters a figure without a goal.
func (b *Book) Add(name string, value float64, unit string, reference *float64) {
	b.rows = append(b.rows, Row{Suite: b.suite, Name: name, Value: value, Unit: unit, Reference: reference})
}

// AtMost enters a figure that should not be above a bound.
func (b *Book) AtMost(name string, value float64, unit string, reference *float64, bound float64) {
	b.Add(name, value, unit, reference)
	b.goal("<= "+number(bound), value <= bound)
}

// AtLeast enters a figure that should not be below a bound.
func (b *Book) AtLeast(name string, value float64, unit string, reference *float64, bound float64) {
	b.Add(name, value, unit, reference)
	b.goal(">= "+number(bound), value >= bound)
}

func (b *Book) goal(words string, met bool) {
	last := &b.rows[len(b.rows)-1]
	last.Goal, last.met = words, &met
}

// Note enters a remark that is printed below the table.
func (b *Book) Note(format string, a ...any) { b.notes = append(b.notes, fmt.Sprintf(format, a...)) }

// Ref makes a reference.
func Ref(v float64) *float64 { return &v }

// Print writes the table and the remarks.
func (b *Book) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, err := fmt.Fprintln(t, "figure\tvalue\tunit\treference\tgoal\t\t")
	for i := range b.rows {
		r := &b.rows[i]
		reference, verdict := "-", ""
		if r.Reference != nil {
			reference = number(*r.Reference)
		}
		if r.met != nil {
			verdict = map[bool]string{true: "reached", false: "MISSED"}[*r.met]
		}
		_, e := fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t\n", r.Name, number(r.Value), r.Unit, reference, r.Goal, verdict)
		err = errors.Join(err, e)
	}
	err = errors.Join(err, t.Flush())
	for _, n := range b.notes {
		_, e := fmt.Fprintln(w, n)
		err = errors.Join(err, e)
	}
	return err
}

// Append adds the figures to a file of JSON lines; its folder is made.
func (b *Book) Append(path string) (err error) {
	if len(b.rows) == 0 {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	enc := json.NewEncoder(f)
	enc.SetEscapeHTML(false)
	for i := range b.rows {
		if err := enc.Encode(&b.rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// number prints three significant digits, and whole numbers as they are.
func number(v float64) string {
	if v == float64(int64(v)) || v >= 1000 || v <= -1000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}
