package schema

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

// Report collects findings during one load.
type Report struct {
	// File is the name of the file that is read.
	File string
	// Errors and Warnings are what was found so far, at most a hundred each.
	Errors, Warnings Problems
	// Show writes the path of a value for people; nil: queues[0].id.
	Show func(path []string) string
	// Source maps a path to the one under which the file was read; nil: the
	// same. A nil result: the value does not come from the file.
	Source func(path []string) []string

	spec   *Spec
	origin origin
	// unread holds the paths (joinPath) of values that were reported and left out.
	unread map[string]bool
	// broken holds the top-level sections with an error: checks between keys
	// would only repeat it there.
	broken map[string]bool
}

// NewReport starts the report of one load of the file of that name.
func (s *Spec) NewReport(file string) *Report {
	return &Report{
		File: file, spec: s, unread: map[string]bool{}, broken: map[string]bool{},
		origin: origin{at: map[string]position{}, env: map[string]string{}},
	}
}

// Broken reports whether a top-level section has an error: checks between its
// keys would only repeat it.
func (r *Report) Broken(section string) bool { return r.broken[section] }

// FromEnv notes that a key's value (dotted path) comes from a variable.
func (r *Report) FromEnv(key, variable string) { r.origin.env[key] = variable }

// Env returns the variable that a key's value comes from, or nothing.
func (r *Report) Env(key string) string { return r.origin.env[key] }

// Err returns every finding, errors first, when there is an error; else nil.
func (r *Report) Err() Problems {
	if len(r.Errors) == 0 {
		return nil
	}
	return append(Sorted(r.Errors), Sorted(r.Warnings)...)
}

// add files a finding about the value at path (tokens below the root). The
// key's documentation is looked up; what and fix must not hold secrets.
func (r *Report) add(sev Severity, path []string, what, fix string) {
	p := Problem{Severity: sev, What: what, Fix: fix, Key: r.show(path)}
	if k := r.spec.Lookup(path); k != nil {
		p.Doc = k.Doc
	}
	r.Locate(&p, path)
	if p.File == "" && p.Env == "" {
		p.File = r.File
	}
	r.Put(p, path)
}

// Put files a finding that is about path, as it is.
func (r *Report) Put(p Problem, path []string) {
	if p.Severity == SeverityWarning {
		if len(r.Warnings) < maxProblems {
			r.Warnings = append(r.Warnings, p)
		}
		return
	}
	if len(path) > 0 {
		r.broken[path[0]] = true
	}
	switch {
	case len(r.Errors) < maxProblems:
		r.Errors = append(r.Errors, p)
	case len(r.Errors) == maxProblems:
		r.Errors = append(r.Errors, Problem{Severity: SeverityError, File: r.File, What: "there are more errors than are shown", Fix: "correct these first"})
	}
}

// Errorf files an error about the value at path; the text holds no secret.
func (r *Report) Errorf(path []string, fix, format string, args ...any) {
	r.add(SeverityError, path, fmt.Sprintf(format, args...), fix)
}

// Warnf files a warning about the value at path.
func (r *Report) Warnf(path []string, fix, format string, args ...any) {
	r.add(SeverityWarning, path, fmt.Sprintf(format, args...), fix)
}

// Sorted orders findings by line, those without a line last.
func Sorted(ps Problems) Problems {
	sort.SliceStable(ps, func(i, j int) bool {
		a, b := ps[i], ps[j]
		if (a.Line == 0) != (b.Line == 0) {
			return a.Line != 0
		}
		return a.Line < b.Line
	})
	return ps
}

func (r *Report) show(path []string) string {
	if r.Show != nil {
		return r.Show(path)
	}
	return ShowPath(path)
}

// ShowPath writes queues, 0, id as queues[0].id.
func ShowPath(path []string) string {
	var b strings.Builder
	for _, t := range path {
		t = Printable(t)
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

// Printable shortens a text from the file and takes out what could steer a
// terminal.
func Printable(s string) string {
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

// Lookup finds the key that documents path; an entry of a list has the
// documentation of its list. It returns nil for the root and unknown keys.
func (s *Spec) Lookup(path []string) *Key {
	k := s.root
	for _, t := range path {
		if isIndex(t) && (k.Kind == KindList || k.Kind == KindStrings) {
			continue
		}
		if k = k.Child(t); k == nil {
			return nil
		}
	}
	if k == s.root {
		return nil
	}
	return k
}

// Again is an empty report about the same text, for later checks.
func (r *Report) Again() Report {
	return Report{File: r.File, Show: r.Show, Source: r.Source, spec: r.spec, origin: r.origin, unread: map[string]bool{}, broken: map[string]bool{}}
}
