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
	answered, entered time.Time // by the agent
	hungUp            time.Time // the first party, after the agent had entered
	bridge            string
}

// conversations reads channel events, by the handle that a CRM sees.
func conversations(r io.Reader) (map[string]*conversation, error) {
	out := map[string]*conversation{}
	answered := map[string]time.Time{}
	bridgeOf := map[string]string{}
	agents := map[string][]*conversation{} // by bridge: a caller may have more than one after the other
	_, err := cel.Scan(r, func(e cel.Event) bool {
		switch e.Kind {
		case cel.Answer:
			answered[e.Channel] = e.At
		case cel.BridgeEnter:
			bridgeOf[e.Channel] = e.Extra.Bridge
			if h := handleOf(e.Channel); h != "" && out[h] == nil {
				c := &conversation{answered: answered[e.Channel], entered: e.At, bridge: e.Extra.Bridge}
				out[h] = c
				agents[c.bridge] = append(agents[c.bridge], c)
			}
		case cel.Hangup:
			for _, c := range agents[bridgeOf[e.Channel]] {
				if c.hungUp.IsZero() {
					c.hungUp = e.At
				}
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
