package ici

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"strowger/switch/callmodel"
)

func connID(n int) callmodel.ConnID {
	return callmodel.ConnID{ID: callmodel.ID{0: byte(n >> 16), 1: byte(n >> 8), 2: byte(n), 3: 1}}
}

// What is remembered of ended items is bounded by time, number and text.
func TestEndedItems(t *testing.T) {
	t.Parallel()
	var forgotten atomic.Uint64
	now := time.Unix(0, 0)
	e := newEndedItems(&forgotten)
	e.now = func() time.Time { return now }
	e.add(connID(0), PhoneCall{AttachedData: "x"})
	now = now.Add(endedFor)
	if _, ok := e.get(connID(0)); !ok {
		t.Error("forgotten too early")
	}
	now = now.Add(time.Second)
	if _, ok := e.get(connID(0)); ok || e.text != 0 || len(e.order) != 0 {
		t.Errorf("remembered too long: %+v", e)
	}
	for i := range maxEnded + 5 {
		e.add(connID(i), PhoneCall{})
	}
	if _, first := e.get(connID(4)); first || len(e.items) != maxEnded || len(e.order) != maxEnded || forgotten.Load() != 5 {
		t.Errorf("%d items, %d forgotten", len(e.items), forgotten.Load())
	}
	big := strings.Repeat("x", maxEndedText/2)
	for i := range 3 {
		e.add(connID(maxEnded+10+i), PhoneCall{AttachedData: big})
	}
	if e.text != 2*len(big) || len(e.items) != 2 {
		t.Errorf("%d bytes in %d items", e.text, len(e.items))
	}
}
