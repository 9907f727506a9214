package events

import (
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"time"

	"strowger/ari/cel"
	"strowger/switch/callmodel"
)

// statusConnected is the status id of the message that is timed.
const statusConnected = "101"

// answers reads when agents answered, by the handle that a CRM sees.
func answers(r io.Reader) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	_, err := cel.Scan(r, func(e cel.Event) bool {
		if h := handleOf(e.Channel); h != "" && e.Kind == cel.Answer {
			out[h] = e.At
		}
		return true
	})
	return out, err
}

// handleOf returns the handle of an agent's channel, empty for others.
func handleOf(channel string) string {
	id, ours := strings.CutPrefix(channel, callmodel.OwnPrefix)
	conn, err := callmodel.ParseID(id)
	if !ours || err != nil {
		return ""
	}
	return hex.EncodeToString(conn[:])
}

// timed are the delays of messages, in the order of their size.
type timed struct {
	delays    []time.Duration
	unmatched int // messages without a channel event: the file lacks it
	early     int // messages that came before their cause: the matching is wrong then
}

func match(messages []message, answered map[string]time.Time) (t timed) {
	seen := map[string]bool{}
	for _, m := range messages {
		if m.status != statusConnected || seen[m.handle] {
			continue
		}
		seen[m.handle] = true
		cause, known := answered[m.handle]
		if !known {
			t.unmatched++
			continue
		}
		d := m.at.Sub(cause)
		if d < 0 {
			t.early++
		}
		t.delays = append(t.delays, d)
	}
	slices.Sort(t.delays)
	return t
}

func percentile(sorted []time.Duration, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	d := sorted[min(int(p/100*float64(len(sorted))), len(sorted)-1)]
	return float64(d.Microseconds()) / 1000
}
