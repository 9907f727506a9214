package events

import (
	"bytes"
	"testing"
	"time"

	"strowger/ari/cel"
)

// TestMatch: each message finds the answer that caused it, once.
func TestMatch(t *testing.T) {
	const one, two = "sw-01M7YVQQAEKYZ3CMTRFA1TMHY1", "sw-01M7YVQQAXTB9TVFEF84WNVHWA"
	start := time.UnixMicro(1_700_000_000_000_000).UTC()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	event := func(kind cel.Kind, ms int, channel string) cel.Event {
		return cel.Event{Kind: kind, At: at(ms), Channel: channel, Linked: channel, Name: "PJSIP/x-1"}
	}
	known, err := answers(bytes.NewReader(cel.Format(
		event(cel.ChanStart, 0, one), event(cel.Answer, 1, one), event(cel.Answer, 2, "caller"), event(cel.Answer, 2000, two), event(cel.Hangup, 3000, two),
	)))
	if err != nil || len(known) != 2 {
		t.Fatalf("%v %v", known, err)
	}
	first, second := handleOf(one), handleOf(two)
	got := match([]message{
		{first, "3", at(0)}, {first, statusConnected, at(4)}, {first, statusConnected, at(500)}, {second, statusConnected, at(2005)}, {"unknown", statusConnected, at(5)},
	}, known)
	if got.early != 0 || got.unmatched != 1 || len(got.delays) != 2 || got.delays[0] != 3*time.Millisecond || got.delays[1] != 5*time.Millisecond {
		t.Errorf("%+v", got)
	}
	if early := match([]message{{second, statusConnected, at(1999)}}, known); early.early != 1 {
		t.Errorf("a message before its cause is not seen: %+v", early)
	}
}
