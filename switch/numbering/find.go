package numbering

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Find says what an arrival means: the sources in their order, in each the
// first value that an entry knows. It never fails.
func (b *Book) Find(in Arrival) Found {
	out := Found{CallerName: in.CallerName}
	queue, first, firstBy := "", "", Source("")
	for _, source := range b.sources {
		if source == SourceName {
			queue, out.CallerName = b.parseName(in.CallerName)
			out.Entry = b.lookUp(queue)
			out.DNIS = queue
		} else {
			for _, h := range in.hops(source) {
				if out.Entry = b.lookUp(h.user); out.Entry != nil {
					out.DNIS = h.user
					break
				}
				if first == "" && b.plan.E164(h.user).lenientKey() != "" {
					first, firstBy = h.user, source
				}
			}
		}
		if out.Entry != nil {
			out.By = source
			break
		}
	}
	return b.settle(out, queue, first, firstBy)
}

// settle fills what no entry says, and takes the queue's name out of the
// caller's also when an earlier source had decided.
func (b *Book) settle(out Found, queue, first string, firstBy Source) Found {
	if slices.Contains(b.sources, SourceName) && queue == "" {
		_, out.CallerName = b.parseName(out.CallerName)
	}
	switch {
	case queue != "": // the other exchange knows better than the number it calls us by
		out.DNIS = queue
		if out.Entry == nil {
			out.By = SourceName
		}
	case out.Entry == nil:
		out.DNIS, out.By = first, firstBy
	}
	out.Label = out.DNIS
	if out.Entry != nil && out.Entry.Label != "" && (queue == "" || out.By == SourceName) {
		out.Label = out.Entry.Label
	}
	return out
}

// hops returns the candidates of a source, the first called number first.
func (in Arrival) hops(source Source) []hop {
	switch source {
	case SourceDiversion:
		return diversion(in.Diversion)
	case SourceHistoryInfo:
		return historyInfo(in.HistoryInfo)
	case SourcePCalledParty:
		return hops(in.PCalledParty)
	case SourceTo:
		return hops(in.To)
	case SourceChannel:
		if user := strings.TrimSpace(in.Dialled); user != "" && text(user, maxRaw) {
			return []hop{{user: user}}
		}
	case SourceName:
	}
	return nil
}

// parseName cuts the queue's name out of a caller name.
func (b *Book) parseName(caller string) (queue, rest string) {
	if len(caller) > maxCallerName || !utf8.ValidString(caller) {
		return "", caller
	}
	m := b.name.FindStringSubmatchIndex(caller)
	if m == nil || m[2] < 0 || strings.TrimSpace(caller[m[2]:m[3]]) == "" {
		return "", caller
	}
	return strings.TrimSpace(caller[m[2]:m[3]]), strings.TrimSpace(caller[:m[0]] + caller[m[1]:])
}

// lookUp returns the entry of a name or number: a name as written, then the
// exact number, then the pattern that says most. Of two patterns that say the
// same much the one that was configured first wins.
func (b *Book) lookUp(value string) *Entry {
	if value == "" {
		return nil
	}
	if e := b.names[value]; e != nil {
		return e
	}
	key := b.plan.E164(value).lenientKey()
	if key == "" {
		return nil
	}
	if e := b.exact[key]; e != nil {
		return e
	}
	var best *listing
	for n := len(key); n >= 0; n-- {
		for i, l := range b.patterns[key[:n]] {
			if l.match(key) && (best == nil || l.better(best.pattern) || !best.better(l.pattern) && l.order < best.order) {
				best = &b.patterns[key[:n]][i]
			}
		}
	}
	if best == nil {
		return nil
	}
	return best.entry
}

// colour tells whether s is #rrggbb.
func colour(s string) bool {
	return len(s) == 7 && s[0] == '#' && strings.Trim(s[1:], "0123456789abcdefABCDEF") == ""
}
