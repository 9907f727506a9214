package numbering

import (
	"fmt"
	"regexp"
	"slices"

	"strowger/switch/fault"
)

const (
	maxPattern    = 128 // bytes of a name pattern
	maxCallerName = 256 // bytes of a caller name that is searched
)

// Book is the prepared form of the entries. It is immutable.
type Book struct {
	plan     Plan
	entries  []Entry
	sources  []Source
	name     *regexp.Regexp
	names    map[string]*Entry
	exact    map[string]*Entry
	patterns map[string][]listing // by the digits before the first wildcard
	order    int                  // patterns filed so far
}

type listing struct {
	pattern
	entry *Entry
	order int
}

// NewBook prepares the entries. No sources are [DefaultSources], no name
// pattern is [DefaultNamePattern]. What is wrong is [fault.Invalid].
func NewBook(p Plan, entries []Entry, sources []Source, namePattern string) (*Book, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if len(entries) > maxObjects {
		return nil, fault.Newf(fault.Invalid, "numbering", "book", "more than %d entries; use patterns", maxObjects)
	}
	p.Emergency = slices.Clone(p.Emergency)
	b := &Book{plan: p, names: map[string]*Entry{}, exact: map[string]*Entry{}, patterns: map[string][]listing{}}
	if reason := b.setSources(sources); reason != "" {
		return nil, invalid("dnis", "sources", reason)
	}
	if reason := b.setPattern(namePattern); reason != "" {
		return nil, invalid("dnis", "name pattern", reason)
	}
	b.entries = slices.Clone(entries)
	seen := newSeen("dnis")
	for i := range b.entries {
		e := &b.entries[i]
		if err := seen.add(e.ID, e.Number); err != nil {
			return nil, err
		}
		if reason := b.add(e); reason != "" {
			return nil, invalid("dnis", e.ID, reason)
		}
	}
	return b, nil
}

func (b *Book) setSources(sources []Source) (reason string) {
	if len(sources) == 0 {
		sources = DefaultSources()
	}
	for i, s := range sources {
		if !slices.Contains(DefaultSources(), s) {
			return fmt.Sprintf("source %q is unknown; write name, diversion, history-info, p-called-party-id, to or channel", s)
		}
		if slices.Contains(sources[:i], s) {
			return fmt.Sprintf("source %q stands twice; keep the first", s)
		}
	}
	b.sources = slices.Clone(sources)
	return ""
}

func (b *Book) setPattern(written string) (reason string) {
	if written == "" {
		written = DefaultNamePattern
	}
	if len(written) > maxPattern {
		return fmt.Sprintf("it is longer than %d bytes", maxPattern)
	}
	re, err := regexp.Compile(written)
	switch {
	case err != nil:
		return "it is no regular expression (RE2): " + err.Error()
	case re.NumSubexp() != 1:
		return fmt.Sprintf("it has %d groups; put exactly one pair of parentheses around the queue's name", re.NumSubexp())
	case re.MatchString(""):
		return "it matches an empty name, so it would match every caller; make it require something"
	}
	b.name = re
	return ""
}

func (b *Book) add(e *Entry) (reason string) {
	e.Dialled, e.Names = slices.Clone(e.Dialled), slices.Clone(e.Names)
	switch {
	case e.To == "" || !text(e.To, maxText):
		return fmt.Sprintf("to must say where calls go, in at most %d printable bytes", maxText)
	case len(e.Dialled)+len(e.Names) == 0:
		return "it has neither dialled numbers nor names, so no call finds it; add one"
	case len(e.Dialled)+len(e.Names) > maxPrefixes:
		return fmt.Sprintf("more than %d numbers and names; use patterns", maxPrefixes)
	case e.Colour != "" && !colour(e.Colour):
		return fmt.Sprintf("colour %q is none; write # and six hexadecimal digits, such as #1e90ff", e.Colour)
	case !text(e.Label, maxName*2):
		return fmt.Sprintf("label has a control character or more than %d bytes", maxName*2)
	case !text(e.Script, maxText), !text(e.CRM, maxText):
		return fmt.Sprintf("script or crm has a control character or more than %d bytes", maxText)
	}
	for _, n := range e.Names {
		if n == "" || !text(n, maxCallerName) {
			return fmt.Sprintf("name %q is empty, not printable or longer than %d bytes", n, maxCallerName)
		}
		if other := b.names[n]; other != nil {
			return fmt.Sprintf("name %q already leads to %q", n, other.ID)
		}
		b.names[n] = e
	}
	for _, written := range e.Dialled {
		p, reason := b.plan.pattern(written)
		if reason != "" {
			return fmt.Sprintf("dialled %q: %s", written, reason)
		}
		if other := b.set(p, e); other != nil {
			return fmt.Sprintf("dialled %q already leads to %q", written, other.ID)
		}
	}
	return ""
}

// set files a pattern, or returns the entry that has it already.
func (b *Book) set(p pattern, e *Entry) *Entry {
	if p.exact() {
		if other := b.exact[p.text]; other != nil {
			return other
		}
		b.exact[p.text] = e
		return nil
	}
	bucket := p.literal()
	b.order++
	for _, l := range b.patterns[bucket] {
		if l.pattern == p {
			return l.entry
		}
	}
	b.patterns[bucket] = append(b.patterns[bucket], listing{pattern: p, entry: e, order: b.order})
	return nil
}
