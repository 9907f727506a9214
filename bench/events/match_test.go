package events

import (
	"bytes"
	"testing"
	"time"

	"strowger/ari/cel"
)

// TestMatch: two agents take the same caller one after the other, and each
// message finds the event that caused it.
func TestMatch(t *testing.T) {
	const one, two = "sw-01M7YVQQAEKYZ3CMTRFA1TMHY1", "sw-01M7YVQQAXTB9TVFEF84WNVHWA"
	start := time.UnixMicro(1_700_000_000_000_000).UTC()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	event := func(kind cel.Kind, ms int, channel string) cel.Event {
		return cel.Event{Kind: kind, At: at(ms), Channel: channel, Linked: channel, Name: "PJSIP/x-1", Extra: cel.Extra{Bridge: "b"}}
	}
	file := cel.Format(
		event(cel.Answer, 0, one), event(cel.BridgeEnter, 1, "caller"), event(cel.BridgeEnter, 2, one),
		event(cel.Hangup, 1000, one), event(cel.Answer, 2000, two), event(cel.BridgeEnter, 2001, two), event(cel.Hangup, 3000, "caller"), event(cel.Hangup, 3010, two),
	)
	calls, err := conversations(bytes.NewReader(file))
	if err != nil || len(calls) != 2 {
		t.Fatalf("%v %v", calls, err)
	}
	first, second := handleOf(one), handleOf(two)
	got := match([]message{
		{first, statusConnected, at(3)},
		{first, statusConnected, at(500)},
		{first, statusEnded, at(1004)},
		{first, "3", at(9)},
		{second, statusConnected, at(2005)},
		{second, statusEnded, at(3006)},
		{"unknown", statusEnded, at(5)},
	}, calls)
	if got.early != 0 || got.unmatched != 1 || len(got.connected) != 2 || len(got.ended) != 2 ||
		got.connected[0] != 3*time.Millisecond || got.connected[1] != 5*time.Millisecond || got.ended[0] != 4*time.Millisecond || got.ended[1] != 6*time.Millisecond {
		t.Errorf("%+v", got)
	}
	if early := match([]message{{second, statusEnded, at(2999)}}, calls); early.early != 1 {
		t.Errorf("a message before its cause is not seen: %+v", early)
	}
}
