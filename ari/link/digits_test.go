package link

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// press sends digits of a leg through the ingest and returns the facts.
func (r *ingestRig) press(channel, digits string) []callmodel.Input {
	var out []callmodel.Input
	for _, d := range digits {
		out = r.facts(&arispec.ChannelDtmfReceived{Digit: string(d), Channel: arispec.Channel{ID: channel}}, out)
	}
	return out
}

// summary is a short form of digit facts: the digits, or counts of secret ones.
func summary(facts []callmodel.Input) string {
	var b strings.Builder
	for _, in := range facts {
		switch f := in.(type) {
		case callmodel.DigitReceived:
			fmt.Fprintf(&b, "%d:%s ", f.Collect, f.Digit)
		case callmodel.DigitSecret:
			fmt.Fprintf(&b, "%d(%d,%v) ", f.Collect, f.Count, f.Done)
		default:
			fmt.Fprintf(&b, "%T ", in)
		}
	}
	return strings.TrimSpace(b.String())
}

// TestCollections: what comes of the digits of a leg under each order.
func TestCollections(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		order   callmodel.Collect
		pressed string
		want    string
		open    int64
	}{
		"all of it":               {callmodel.Collect{Collect: 3, Max: 4}, "12", "3:1 3:2", 1},
		"up to the maximum":       {callmodel.Collect{Collect: 3, Max: 2}, "1234", "3:1 3:2", 0},
		"up to the terminator":    {callmodel.Collect{Collect: 3, Max: 9, Terminators: "#*"}, "1*2#", "3:1 3:*", 0},
		"letters":                 {callmodel.Collect{Collect: 3, Max: 9}, "AD", "3:A 3:D", 1},
		"secret, counted":         {callmodel.Collect{Collect: 3, Max: 9, Secret: true, Terminators: "#"}, "12", "3(1,false) 3(2,false)", 1},
		"secret, terminated":      {callmodel.Collect{Collect: 3, Max: 9, Secret: true, Terminators: "#"}, "12#3", "3(1,false) 3(2,false) 3(2,true)", 0},
		"secret, maximum":         {callmodel.Collect{Collect: 3, Max: 2, Secret: true}, "123", "3(1,false) 3(2,false)", 0},
		"terminator at once":      {callmodel.Collect{Collect: 3, Max: 2, Secret: true, Terminators: "#"}, "#", "3(0,true)", 0},
		"not a digit":             {callmodel.Collect{Collect: 3, Max: 2}, "xé,1", "3:1", 1},
		"number zero is a number": {callmodel.Collect{Max: 1}, "7", "0:7", 0},
	} {
		r := newIngestRig()
		c.order.Channel = "17.1"
		if err := r.digits.collect(c.order); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := summary(r.press("17.1", c.pressed)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if n := r.n.collectsOpen.Load(); n != c.open {
			t.Errorf("%s: %d are open, want %d", name, n, c.open)
		}
	}
}

// TestDigitsWithoutCollection: before, after, and of other legs.
func TestDigitsWithoutCollection(t *testing.T) {
	t.Parallel()
	r := newIngestRig()
	if got := summary(r.press("17.1", "12")); got != "" {
		t.Errorf("before: %q", got)
	}
	for _, end := range []func(){
		func() { r.digits.stop("17.1") },
		func() { r.digits.reset() },
		func() { r.facts(&arispec.StasisEnd{Channel: arispec.Channel{ID: "17.1"}}, nil) },
		func() { r.facts(&arispec.ChannelDestroyed{Channel: arispec.Channel{ID: "17.1"}}, nil) },
		func() { r.digits.keep(map[callmodel.ChannelID]bool{"17.2": true}, time.Now().Add(time.Second)) },
	} {
		if err := r.digits.collect(callmodel.Collect{Channel: "17.1", Max: 9, Collect: 1}); err != nil {
			t.Fatal(err)
		}
		if got := summary(r.press("17.2", "9") /* another leg */); got != "" {
			t.Errorf("another leg: %q", got)
		}
		if got := summary(r.press("17.1", "5")); got != "1:5" {
			t.Errorf("open: %q", got)
		}
		end()
		if got := summary(r.press("17.1", "6")); got != "" || r.n.collectsOpen.Load() != 0 {
			t.Errorf("after the end: %q, %d open", got, r.n.collectsOpen.Load())
		}
	}
	if r.n.digits.Load() != 17 || r.n.digitsForgotten.Load() != 12 {
		t.Errorf("%d digits, %d forgotten", r.n.digits.Load(), r.n.digitsForgotten.Load())
	}
	// A leg that is listed keeps its collection, and so does one that is newer than the list.
	for _, channel := range []callmodel.ChannelID{"17.1", "17.3"} {
		if err := r.digits.collect(callmodel.Collect{Channel: channel, Max: 9, Collect: 2}); err != nil {
			t.Fatal(err)
		}
	}
	r.digits.keep(map[callmodel.ChannelID]bool{"17.1": true}, time.Now().Add(-time.Second))
	r.digits.keep(map[callmodel.ChannelID]bool{"17.1": true, "17.3": true}, time.Now().Add(time.Second))
	if r.n.collectsOpen.Load() != 2 {
		t.Errorf("%d are open", r.n.collectsOpen.Load())
	}
}

// TestNewCollectReplaces: the number tells the old from the new.
func TestNewCollectReplaces(t *testing.T) {
	t.Parallel()
	r := newIngestRig()
	for n := range uint32(2) {
		if err := r.digits.collect(callmodel.Collect{Channel: "17.1", Max: 2, Collect: n + 1, Secret: n == 0}); err != nil {
			t.Fatal(err)
		}
		r.press("17.1", "1")
	}
	if got := summary(r.press("17.1", "2")); got != "2:2" {
		t.Errorf("%q", got)
	}
}

func TestCollectIsChecked(t *testing.T) {
	t.Parallel()
	r := newIngestRig()
	for _, e := range []callmodel.Collect{
		{Max: 1},
		{Channel: "17.1"},
		{Channel: "17.1", Max: -1},
		{Channel: "17.1", Max: maxCollect + 1},
		{Channel: "17.1", Max: 1, Terminators: "x"},
		{Channel: "17.1", Max: 1, Terminators: strings.Repeat("#", 17)},
	} {
		if err := r.digits.collect(e); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", e, err)
		}
	}
	for i := range maxCollections {
		if err := r.digits.collect(callmodel.Collect{Channel: callmodel.ChannelID(fmt.Sprint(i)), Max: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.digits.collect(callmodel.Collect{Channel: "more", Max: 1}); !fault.Is(err, fault.Busy) || r.n.collectsRefused.Load() != 1 {
		t.Errorf("over the limit: %v", err)
	}
	if err := r.digits.collect(callmodel.Collect{Channel: "7", Max: 1}); err != nil {
		t.Errorf("a replacement at the limit: %v", err)
	}
}

// TestNothingHoldsADigit: the tables of the ingest have no place where a digit
// of a secret collection could stay.
func TestNothingHoldsADigit(t *testing.T) {
	t.Parallel()
	r := newIngestRig()
	if err := r.digits.collect(callmodel.Collect{Channel: "17.1", Max: 30, Secret: true}); err != nil {
		t.Fatal(err)
	}
	const canary = "739514826"
	facts := r.press("17.1", canary)
	if len(facts) != len(canary) {
		t.Errorf("%d facts", len(facts))
	}
	kept := *r.digits.open["17.1"]
	kept.opened = time.Time{} // a time has digits of its own
	dump := fmt.Sprintf("%+v %+v %+v", facts, kept, reflect.ValueOf(r.n).Elem())
	for i := range len(canary) - 2 {
		if strings.Contains(dump, canary[i:i+3]) {
			t.Errorf("%q is in %s", canary[i:i+3], dump)
		}
	}
}
