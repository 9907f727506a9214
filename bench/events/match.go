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

// Status ids of a phone call's messages.
const (
	statusConnected = "101"
	statusEnded     = "4"
)

// conversation is what Asterisk's channel events tell of an agent's call.
type conversation struct {
	answered time.Time // by the agent
	hungUp   time.Time // the first party
}

// conversations reads channel events, by the handle that a CRM sees.
func conversations(r io.Reader) (map[string]*conversation, error) {
	byBridge := map[string]*conversation{}
	bridgeOf := map[string]string{}
	answered := map[string]time.Time{}
	out := map[string]*conversation{}
	_, err := cel.Scan(r, func(e cel.Event) bool {
		switch e.Kind {
		case cel.Answer:
			answered[e.Channel] = e.At
		case cel.BridgeEnter:
			c := byBridge[e.Extra.Bridge]
			if c == nil {
				c = &conversation{}
				byBridge[e.Extra.Bridge] = c
			}
			bridgeOf[e.Channel] = e.Extra.Bridge
			if h := handleOf(e.Channel); h != "" {
				out[h], c.answered = c, answered[e.Channel]
			}
		case cel.Hangup:
			if c := byBridge[bridgeOf[e.Channel]]; c != nil && (c.hungUp.IsZero() || e.At.Before(c.hungUp)) {
				c.hungUp = e.At
			}
		default: // tells of nothing that is timed here
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
	connected, ended []time.Duration
	unmatched        int // messages without a channel event: they began before the file, or were not told of
	early            int // messages that came before their cause: the matching is wrong then
}

func match(messages []message, calls map[string]*conversation) (t timed) {
	seen := map[string]bool{}
	for _, m := range messages {
		if m.status != statusConnected && m.status != statusEnded || seen[m.handle+m.status] {
			continue
		}
		seen[m.handle+m.status] = true
		c := calls[m.handle]
		if c == nil || c.answered.IsZero() || c.hungUp.IsZero() {
			t.unmatched++
			continue
		}
		cause, into := c.hungUp, &t.ended
		if m.status == statusConnected {
			cause, into = c.answered, &t.connected
		}
		d := m.at.Sub(cause)
		if d < 0 {
			t.early++
		}
		*into = append(*into, d)
	}
	slices.Sort(t.connected)
	slices.Sort(t.ended)
	return t
}

func percentile(sorted []time.Duration, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	d := sorted[min(int(p/100*float64(len(sorted))), len(sorted)-1)]
	return float64(d.Microseconds()) / 1000
}
