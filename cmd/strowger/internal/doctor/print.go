package doctor

import (
	"fmt"
	"io"
	"strings"

	"strowger/cmd/strowger/internal/table"
)

const (
	idWidth   = 18
	textWidth = 76
)

// Write prints the report for a person: a line for each check, and below it
// what it leads to and what to type. Fixes are never broken into lines, so
// that they can be copied. What was not checked comes last, by reason.
func (r Report) Write(w io.Writer) error {
	var b strings.Builder
	var reasons []string
	skipped := map[string][]string{}
	for _, f := range r.Findings {
		if f.Severity != Skip {
			r.line(&b, f)
			continue
		}
		if skipped[f.What] == nil {
			reasons = append(reasons, f.What)
		}
		skipped[f.What] = append(skipped[f.What], f.ID)
	}
	for _, reason := range reasons {
		fmt.Fprintf(&b, "%-5s %s\n", Skip, wrap(table.Clean(strings.Join(skipped[reason], ", ")+" - "+reason), strings.Repeat(" ", 6)))
	}
	b.WriteString("\n" + r.summary() + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (r Report) line(b *strings.Builder, f Finding) {
	word := string(f.Severity)
	if f.Severity == Fail {
		word = "FAIL"
	}
	indent := strings.Repeat(" ", 6+idWidth+1)
	name := f.ID
	if len(name) > idWidth {
		fmt.Fprintf(b, "%-5s %s\n%s", word, table.Clean(name), indent)
	} else {
		fmt.Fprintf(b, "%-5s %-*s ", word, idWidth, table.Clean(name))
	}
	b.WriteString(wrap(table.Clean(f.What), indent) + "\n")
	if f.Why != "" {
		b.WriteString(indent + wrap("why: "+table.Clean(f.Why), indent+"     ") + "\n")
	}
	if f.Fix != "" {
		label := "fix: "
		if f.Severity == Note {
			label = "tip: "
		}
		b.WriteString(indent + label + table.Clean(f.Fix) + "\n")
	}
}

// wrap breaks text between words; further lines begin with indent.
func wrap(text, indent string) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(text) {
		n := len([]rune(word))
		switch {
		case i == 0:
		case column+1+n > textWidth:
			b.WriteString("\n" + indent)
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

// summary is the last line.
func (r Report) summary() string {
	var parts []string
	for _, s := range []struct {
		severity  Severity
		one, many string
	}{
		{Fail, "failure", "failures"},
		{Warn, "warning", "warnings"},
		{Note, "note", "notes"},
		{OK, "ok", "ok"},
		{Skip, "not checked", "not checked"},
	} {
		switch n := r.Counts[s.severity]; n {
		case 0:
		case 1:
			parts = append(parts, "1 "+s.one)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, s.many))
		}
	}
	head := "Healthy: nothing to correct. "
	if !r.Healthy() {
		head = "Correct what is marked FAIL first, then warn; then run this again. "
	}
	return head + strings.Join(parts, ", ") + "."
}
