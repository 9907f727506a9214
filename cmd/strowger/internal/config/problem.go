package config

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
)

// Severity tells a problem that prevents a start from one that does not.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// maxProblems bounds one report; a file with more is broken as a whole.
const maxProblems = 100

// Problem is one finding about the configuration. Line and Column count from
// 1 and are 0 when the value does not come from the file; then Env names the
// variable it comes from, or the key is missing altogether. No field ever
// holds the value of a secret.
type Problem struct {
	Severity Severity `json:"severity"`
	File     string   `json:"file,omitempty"`
	Line     int      `json:"line,omitempty"`
	Column   int      `json:"column,omitempty"`
	Env      string   `json:"env,omitempty"`
	Key      string   `json:"key,omitempty"`
	What     string   `json:"what"`
	Fix      string   `json:"fix,omitempty"`
	Doc      string   `json:"doc,omitempty"`
}

// Where returns "file:line", the environment variable, or the file.
func (p Problem) Where() string {
	switch {
	case p.Env != "":
		return "environment " + p.Env
	case p.Line > 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	case p.File != "":
		return p.File
	}
	return "configuration"
}

// String is the one-line form: where: key: what; fix.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.Where() + ": ")
	if p.Severity == SeverityWarning {
		b.WriteString("warning: ")
	}
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.What)
	if p.Fix != "" {
		b.WriteString("; " + p.Fix)
	}
	return b.String()
}

// Text is the form for a terminal: String and, below it, the key's documentation.
func (p Problem) Text() string {
	if p.Doc == "" {
		return p.String()
	}
	return p.String() + "\n    " + p.Doc
}

// Problems is every finding of one load; it is the cause of the error that
// Load returns.
type Problems []Problem

// Error lists the findings, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// report collects findings during one load.
type report struct {
	file     string
	origin   *origin
	errors   Problems
	warnings Problems
	// unread holds the paths (joinPath) of values that were reported and left out.
	unread map[string]bool
	// broken holds the top-level sections with an error: checks between keys
	// would only repeat it there.
	broken map[string]bool
}

// add files a finding about the value at path (tokens below the root). The
// key's documentation is looked up; what and fix must not hold secrets.
func (r *report) add(sev Severity, path []string, what, fix string) {
	p := Problem{Severity: sev, What: what, Fix: fix, Key: showPath(path)}
	if k := lookupKey(path); k != nil {
		p.Doc = k.Doc
	}
	if r.origin != nil {
		r.origin.locate(&p, path)
	}
	if p.File == "" && p.Env == "" {
		p.File = r.file
	}
	r.put(p, path)
}

func (r *report) put(p Problem, path []string) {
	if p.Severity == SeverityWarning {
		if len(r.warnings) < maxProblems {
			r.warnings = append(r.warnings, p)
		}
		return
	}
	if len(path) > 0 {
		if r.broken == nil {
			r.broken = map[string]bool{}
		}
		r.broken[path[0]] = true
	}
	switch {
	case len(r.errors) < maxProblems:
		r.errors = append(r.errors, p)
	case len(r.errors) == maxProblems:
		r.errors = append(r.errors, Problem{Severity: SeverityError, File: r.file, What: "there are more errors than are shown", Fix: "correct these first"})
	}
}

func (r *report) errorf(path []string, fix, format string, args ...any) {
	r.add(SeverityError, path, fmt.Sprintf(format, args...), fix)
}

func (r *report) warnf(path []string, fix, format string, args ...any) {
	r.add(SeverityWarning, path, fmt.Sprintf(format, args...), fix)
}

// sorted orders findings by line, those without a line last.
func sorted(ps Problems) Problems {
	sort.SliceStable(ps, func(i, j int) bool {
		a, b := ps[i], ps[j]
		if (a.Line == 0) != (b.Line == 0) {
			return a.Line != 0
		}
		return a.Line < b.Line
	})
	return ps
}

// showPath writes queues, 0, id as queues[0].id.
func showPath(path []string) string {
	var b strings.Builder
	for _, t := range path {
		t = printable(t)
		switch {
		case isIndex(t):
			b.WriteString("[" + t + "]")
		case b.Len() > 0:
			b.WriteString("." + t)
		default:
			b.WriteString(t)
		}
	}
	return b.String()
}

// printable shortens a text from the file and takes out what could steer a
// terminal.
func printable(s string) string {
	if len(s) > 60 {
		s = s[:60] + "..."
	}
	return strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return '?'
		}
		return c
	}, s)
}

func isIndex(t string) bool {
	for _, c := range t {
		if c < '0' || c > '9' {
			return false
		}
	}
	return t != ""
}

// lookupKey finds the key that documents path; an entry of a list has the
// documentation of its list. It returns nil for the root and unknown keys.
func lookupKey(path []string) *Key {
	k := rootKey()
	for _, t := range path {
		if isIndex(t) && (k.Kind == KindList || k.Kind == KindStrings) {
			continue
		}
		if k = k.child(t); k == nil {
			return nil
		}
	}
	if k == rootKey() {
		return nil
	}
	return k
}
