package test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"strowger/dialer/lead"
	"strowger/sip/siptest"
)

// How long a phone rings that nobody lifts, see campaignSite.
const (
	ringsAtLeast = 2 * time.Second
	ringsAtMost  = 15 * time.Second
)

// Tones of a campaign's people.
const (
	agentVoice    = 1000.0
	customerVoice = 700.0
)

// customerKind is what somebody outside does when a campaign calls them.
type customerKind struct {
	name   string
	share  int // of 20
	script func(n int) siptest.Script
	result lead.Result // empty: it depends on what they have heard
}

// hello is what people say, and a machine's greeting goes on where they stop.
var (
	hello    = siptest.Join(siptest.Pause(200*time.Millisecond), siptest.Syllables(420*time.Millisecond), siptest.Pause(1200*time.Millisecond))
	greeting = siptest.Machine(siptest.Syllables(3 * time.Second))
)

// customerKinds are all that a trunk does to a dialer.
func customerKinds() []customerKind {
	refuse := func(code int) func(int) siptest.Script {
		return func(int) siptest.Script { return siptest.Refuse(code) }
	}
	return []customerKind{
		{"person", 8, person, ""},
		{"rings out", 1, func(int) siptest.Script { return siptest.RingOnly() }, lead.NoAnswer},
		{"busy", 1, refuse(486), lead.Busy},
		{"busy after a while", 1, func(int) siptest.Script {
			return siptest.Script{Reject: 486, RefuseAfter: 700 * time.Millisecond}
		}, lead.Busy},
		{"no such number", 1, refuse(404), lead.InvalidNumber},
		{"not there", 1, refuse(480), lead.TempUnavailable},
		{"declines", 1, refuse(603), lead.Rejected},
		{"gone", 1, refuse(410), lead.NumberChanged},
		{"carrier without lines", 1, func(n int) siptest.Script {
			if n%40 < 20 { // a burst of them is another test
				return siptest.Refuse(486)
			}
			return siptest.Refuse(503)
		}, ""},
		{"machine", 2, func(n int) siptest.Script {
			return siptest.Script{Answer: true, AnswerAfter: after(n, 400), Greet: greeting, Listen: agentVoice, HangupAfter: 10 * time.Second}
		}, lead.Machine},
		{"network tones", 1, func(n int) siptest.Script {
			return siptest.Script{Answer: true, AnswerAfter: after(n, 200), Greet: siptest.SIT(), Listen: agentVoice, HangupAfter: 5 * time.Second}
		}, lead.SITTone},
		{"answers and is gone", 1, func(n int) siptest.Script {
			return siptest.Script{Answer: true, AnswerAfter: after(n, 300), Listen: agentVoice, HangupAfter: 700 * time.Millisecond}
		}, lead.ShortAnswer},
	}
}

// after spreads n evenly over half a second from least on.
func after(n, least int) time.Duration {
	return time.Duration(least+n*37%500) * time.Millisecond
}

// person answers, says hello, and talks for a while with whoever is there.
func person(n int) siptest.Script {
	return siptest.Script{
		Answer: true, AnswerAfter: after(n, 300), Greet: hello, Say: customerVoice, Listen: agentVoice,
		HangupAfter: 3*time.Second + time.Duration(n*131%1000)*time.Millisecond,
	}
}

// customers are people outside, by number.
type customers map[string]customerKind

// populate makes n people, all kinds of them in their shares, and their scripts.
func populate(n int) (customers, map[string]siptest.Script) {
	var kinds []customerKind
	for _, k := range customerKinds() {
		for range k.share {
			kinds = append(kinds, k)
		}
	}
	who, scripts := customers{}, map[string]siptest.Script{}
	for i := range n {
		number := fmt.Sprintf("+493022%05d", i)
		k := kinds[i*7%len(kinds)] // neighbours differ
		s := k.script(i)
		if s.Reject == 503 {
			k.result = lead.TrunkFailed
		} else if s.Reject == 486 {
			k.result = lead.Busy
		}
		who[number], scripts[number] = k, s
	}
	return who, scripts
}

// csv is a file of leads, with rows that must be refused at its end.
func (c customers) csv(bad int) string {
	var b strings.Builder
	b.WriteString("ref;name;phone\n")
	for _, number := range slices.Sorted(maps.Keys(c)) {
		fmt.Fprintf(&b, "L%s;Customer %s;%s\n", number[1:], number[len(number)-5:], number)
	}
	for n := range bad {
		fmt.Fprintf(&b, "B%d;Nobody;call me\n", n)
	}
	return b.String()
}

// result is what an entry of the trunk's log must be in the books.
func (c customers) result(e *siptest.Entry) (lead.Result, error) {
	k, known := c[e.Dialed]
	switch {
	case !known:
		return "", fmt.Errorf("%s is nobody's number", e.Dialed)
	case k.result == lead.NoAnswer && e.Ended.Sub(e.At) < ringsAtMost-time.Second:
		if e.Ended.Sub(e.At) < ringsAtLeast {
			return "", fmt.Errorf("%s rang for %v, which is less than it must", e.Dialed, e.Ended.Sub(e.At))
		}
		return lead.Cancelled, nil // who answers now would find nobody
	case k.result != "":
		return k.result, nil
	case !e.Heard.IsZero():
		return lead.Talked, nil
	case !e.Sound.IsZero():
		return lead.Dropped, nil
	}
	return "", fmt.Errorf("%s (%s) has heard neither an agent nor a message: %s", e.Dialed, k.name, times(e))
}

// atItsEnd reports whether a phone has rung for about as long as any may: then
// the trunk does not see whether its time was over or the pacer has given it up.
func (c customers) atItsEnd(e *siptest.Entry) bool {
	return c[e.Dialed].result == lead.NoAnswer && (e.Ended.Sub(e.At)-ringsAtMost).Abs() <= time.Second
}
