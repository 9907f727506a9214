package ici_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// A lens shows what the CRM is told.
func TestLens(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.login(ctitest.Anna)
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	view, err := r.sw.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var leftOut atomic.Uint64
	cfg := ici.DefaultConfig()
	cfg.CadMaxBytes = 1 << 10
	lens := ici.NewLens(view, cfg.Lens(), &leftOut)
	c := r.sw.Call(call)
	p := c.AgentConn()
	status, processing, visible := lens.Status(c, p)
	if status != ici.CallAlerting || processing != ici.NotInProcess || !visible || lens.Hidden(c, p) || lens.Made(c, p) {
		t.Errorf("%d/%d %v", status, processing, visible)
	}
	told := r.must(ici.OpCallGetAttributes, &ici.CallRef{LineNumber: "101", CallHandle: p.ID.Hex()}).(*ici.PhoneCall)
	if got := lens.Item(c, p); got.AttachedData != told.AttachedData || got.RemoteNumbers[0] != told.RemoteNumbers[0] || got.DialedNumber != told.DialedNumber {
		t.Errorf("the lens has %+v, the CRM is told %+v", got, *told)
	}
	entries, err := lens.Entries(`<ItemAttachedData><Application id="X">1</Application><Application id="`+ici.OwnApplication+`">2</Application></ItemAttachedData>`, nil)
	if err != nil || len(entries) != 1 || entries[0].App != "X" {
		t.Errorf("taken apart: %+v %v", entries, err)
	}
	if _, err := lens.Entries(strings.Repeat("x", 2<<10), nil); err == nil {
		t.Error("more than fits is taken")
	}
	lens.See(&port.Stamped{Event: callmodel.Event{Kind: callmodel.EvCallEnded, Call: c}})
}
