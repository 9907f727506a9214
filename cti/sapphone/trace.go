package sapphone

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of a trace.
const (
	traceFor   = time.Hour // then it ends by itself
	traceLines = 500       // that are kept, the newest
	traceWidth = 255       // characters of a line
	// traceValues is the level from which on parameters are written too.
	traceValues = 2
)

// trace keeps a line for each call of a function, as long as SMON_TRACE_SET says.
type trace struct {
	mu    sync.Mutex // guards what follows
	level int
	until time.Time
	lines []traced
}

type traced struct {
	at   time.Time
	text string
}

// set begins a trace, which forgets the one before, or ends it with level 0.
func (t *trace) set(level int, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if level > 0 && t.level == 0 {
		t.lines = nil
	}
	t.level, t.until = max(level, 0), now.Add(traceFor)
}

// levelAt is how much is written now; 0 is nothing.
func (t *trace) levelAt(now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.After(t.until) {
		t.level = 0
	}
	return t.level
}

func (t *trace) add(now time.Time, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.lines) >= traceLines {
		t.lines = slices.Delete(t.lines, 0, 1)
	}
	t.lines = append(t.lines, traced{now, cut(text, traceWidth)})
}

// between are the lines of a time.
func (t *trace) between(from, to time.Time) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []string
	for _, l := range t.lines {
		if !l.at.Before(from) && (to.IsZero() || !l.at.After(to)) {
			out = append(out, l.text)
		}
	}
	return out
}

// note writes a call down, where a trace is on.
func (t *trace) note(q *query, code string, took time.Duration) {
	now := time.Now()
	level := t.levelAt(now)
	if level == 0 {
		return
	}
	line := fmt.Sprintf("%s %s %s %s %d ms", stamp(now), q.conv.Peer.Remote, q.b.sem, code, took.Milliseconds())
	if level >= traceValues {
		line += q.disclosed()
	}
	t.add(now, printable(line))
}

// disclosed are the parameters of a call: of numbers the last three digits, and
// neither passwords nor what is attached to calls.
func (q *query) disclosed() string {
	var b strings.Builder
	for _, sem := range slices.Sorted(maps.Keys(q.b.given)) {
		at := q.b.given[sem]
		text := textAt(q.call.Imports, at)
		switch {
		case text == "":
			continue
		case sem == "password":
			text = "***"
		case masked[sem] && len(text) > shownDigits:
			text = "..." + text[len(text)-shownDigits:]
		}
		b.WriteString(" " + at.param + "=" + text)
	}
	return b.String()
}

const shownDigits = 3

// masked are the parameters that hold numbers of people outside.
var masked = map[string]bool{"dial_no": true, "dest_no": true, "party_no": true}
