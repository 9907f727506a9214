package ici_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

func (r *rig) createCallback(p ici.CallbackRequest) string {
	r.Helper()
	return r.must(ici.OpCreateCallBack, &p).(*ici.CallbackID).ID
}

func (r *rig) listCallbacks() []ici.CallBack {
	r.Helper()
	return r.must(ici.OpGetCallBacks, &ici.Nothing{}).(*ici.CallBacks).List
}

const extra = `<XML><Skills>French=3;nothing=2;french=9; =1</Skills><Priority>7</Priority><Order a="x">A &amp; B</Order><OrigQueue>forged</OrigQueue></XML>`

// A client asks for callbacks, lists them and reports results (reference 001,
// 9.1.6 to 9.1.8).
func TestCallbackList(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	if got := r.listCallbacks(); len(got) != 0 {
		t.Errorf("at first %+v", got)
	}
	id := r.createCallback(ici.CallbackRequest{Number: "0301234567", Queue: "600", CallTime: "2026-03-02 10:00:00", ExtraData: extra, Notes: "web"})
	if len(id) != 36 || strings.Count(id, "-") != 4 {
		t.Errorf("id %q", id)
	}
	list := r.listCallbacks()
	want := ici.CallBack{
		ID: id, Number: ctitest.Outside, QueueNumber: "600", NextCallTime: ctitest.Start.Add(time.Hour), MaxCalls: list[0].MaxCalls,
		ExtraData: extra, Notes: "web",
	}
	if len(list) != 1 || list[0] != want || want.MaxCalls < 2 {
		t.Errorf("the list is %+v\nwant %+v", list, want)
	}
	view, err := r.sw.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if cb := view.Callbacks[0]; cb.Priority != 7 || len(cb.Skills) != 1 || cb.Skills[0] != (callmodel.SkillNeed{Skill: "french", Level: 3}) {
		t.Errorf("the model holds %+v", cb)
	}
	if again := r.createCallback(ici.CallbackRequest{Number: ctitest.Outside, Queue: "SUPPORT"}); again != "" {
		t.Errorf("the number is on the list twice: %s", again)
	}
	// Failures count until there are too many; any form of the id will do.
	for i := 1; i < want.MaxCalls; i++ {
		r.must(ici.OpUpdateCallBack, &ici.CallbackChange{ID: strings.ToLower(id), Result: "busy", Notes: "later"})
		if got := r.listCallbacks()[0]; got.Failures != i || got.LastResult != "BUSY" || got.Notes != "later" || !got.LastCallTime.Equal(ctitest.Start) || !got.HandledTime.IsZero() {
			t.Errorf("after %d failures %+v", i, got)
		}
	}
	r.must(ici.OpUpdateCallBack, &ici.CallbackChange{ID: "{" + id + "}", Result: "VOICEMAIL"})
	if got := r.listCallbacks()[0]; got.LastResult != "HANDLED" || got.Failures != want.MaxCalls || got.Notes != "later" || !got.HandledTime.Equal(ctitest.Start) || !got.NextCallTime.IsZero() {
		t.Errorf("at the end %+v", got)
	}
	r.refused("1/4", ici.OpUpdateCallBack, &ici.CallbackChange{ID: id, Result: "HANDLED"})

	id = r.createCallback(ici.CallbackRequest{Number: ctitest.Outside, Queue: "1", CallTime: "2026-03-02T10:00:00+00:00", ExtraData: "<XML><Priority>none</Priority></XML>"})
	r.must(ici.OpUpdateCallBack, &ici.CallbackChange{ID: id, Result: "SUCCESSFUL"})
	if list = r.listCallbacks(); len(list) != 2 || list[1].LastResult != "SUCCESSFUL" || list[1].Failures != 0 {
		t.Errorf("the list is %+v", list)
	}
	if view, err = r.sw.View(t.Context()); err != nil || view.Callbacks[1].Priority != 1 {
		t.Errorf("a priority that is none: %+v %v", view.Callbacks[1], err)
	}
}

func TestCallbackRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	good := ici.CallbackRequest{Number: ctitest.Outside, Queue: "600"}
	with := func(change func(*ici.CallbackRequest)) *ici.CallbackRequest {
		p := good
		change(&p)
		return &p
	}
	for _, c := range []struct {
		code string
		p    *ici.CallbackRequest
	}{
		{"1/2", with(func(p *ici.CallbackRequest) { p.Queue = "nowhere" })},
		{"5/2", with(func(p *ici.CallbackRequest) { p.Number = "300&PJSIP/x" })},
		{"5/5", with(func(p *ici.CallbackRequest) { p.Number = "+4420123456" })}, // barred
		{"1/91", with(func(p *ici.CallbackRequest) { p.Number = "12" })},         // no full number
		{"1/91", with(func(p *ici.CallbackRequest) { p.Number = "" })},
		{"1/91", with(func(p *ici.CallbackRequest) { p.Queue = "" })},
		{"1/91", with(func(p *ici.CallbackRequest) { p.CallTime = "tomorrow" })},
		{"1/91", with(func(p *ici.CallbackRequest) { p.CallTime = "2026-02-30 10:00:00" })},
		{"1/91", with(func(p *ici.CallbackRequest) { p.ExtraData = "<XML>" })},
		{"1/91", with(func(p *ici.CallbackRequest) { p.ExtraData = "<Other/>" })},
		{"1/91", with(func(p *ici.CallbackRequest) { p.ExtraData = "<XML><a><b/></a></XML>" })},
		{"1/91", with(func(p *ici.CallbackRequest) { p.ExtraData = "<!DOCTYPE XML><XML/>" })},
		{"1/91", with(func(p *ici.CallbackRequest) { p.ExtraData = "<XML>" + strings.Repeat("x", 4096) + "</XML>" })},
		{"1/91", with(func(p *ici.CallbackRequest) { p.Notes = strings.Repeat("x", 4097) })},
	} {
		r.refused(c.code, ici.OpCreateCallBack, c.p)
	}
	for code, p := range map[string]*ici.CallbackChange{
		"1/3":  {ID: noItem, Result: "HANDLED"},
		"1/91": {Result: "HANDLED"},
	} {
		r.refused(code, ici.OpUpdateCallBack, p)
	}
	r.refused("1/3", ici.OpUpdateCallBack, &ici.CallbackChange{ID: "'; DROP TABLE callbacks", Result: "HANDLED"})
	id := r.createCallback(good)
	r.refused("1/91", ici.OpUpdateCallBack, &ici.CallbackChange{ID: id, Result: "PERHAPS"})
	r.sw.Fail(fault.New(fault.Unavailable, "view", "", "the switch is starting"))
	for op, p := range map[ici.Op]ici.Params{
		ici.OpCreateCallBack: &good, ici.OpUpdateCallBack: &ici.CallbackChange{ID: id, Result: "BUSY"}, ici.OpGetCallBacks: &ici.Nothing{},
	} {
		r.refused("1/90", op, p)
	}
	r.sw.Fail(nil)
	if got := r.listCallbacks(); len(got) != 1 || got[0].Failures != 0 {
		t.Errorf("the list is %+v", got)
	}
}

// A callback is offered like a call of its queue; the customer is called when
// the agent has taken it. The keys of its extra data come with it.
func TestCallbackCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.login(ctitest.Anna)
	s := r.script(ctitest.Anna)
	s.expect("user ANNA 2")
	id := r.createCallback(ici.CallbackRequest{Number: ctitest.Outside, Queue: "Support", ExtraData: strings.Replace(extra, "French=3", "", 1)})
	view, err := r.sw.View(t.Context())
	if err != nil || len(view.Calls) != 1 {
		t.Fatal(err, view.Calls)
	}
	call := view.Calls[0].ID
	p := s.scene("C1 3/1 in ext " + outside)
	if !strings.Contains(p.AttachedData, `<OrigQueue>support</OrigQueue><Order>A &amp; B</Order></Application>`) || strings.Contains(p.AttachedData, "forged") {
		t.Errorf("attached data %s", p.AttachedData)
	}
	r.sw.PickUp(call)
	s.scene("C1 103/2 in ext "+outside, "C1 104/2 in ext "+outside)
	r.sw.Lift(r.sw.Call(call).Conns[0].ID)
	s.scene("C1 101/2 in ext " + outside)
	if got := r.listCallbacks()[0]; got.ID != id || got.LastResult != "SUCCESSFUL" {
		t.Errorf("the callback is %+v", got)
	}
	r.sw.HangUp(call)
	if p = s.scene("C1 4/3 in ext " + outside); !strings.Contains(p.AttachedData, "<Order>") {
		t.Errorf("attached data in wrap-up %s", p.AttachedData)
	}
	r.must(ici.OpWrapUpEnded, &ici.ItemRef{ItemID: p.CallHandle})
	s.scene("C1 4/1 in ext " + outside)
}

// The customer of a callback does not answer: the agent's item ends.
func TestCallbackFails(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.login(ctitest.Anna)
	s := r.script(ctitest.Anna)
	s.expect("user ANNA 2")
	r.createCallback(ici.CallbackRequest{Number: ctitest.Outside, Queue: "600"})
	view, err := r.sw.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.scene("C1 3/1 in ext " + outside)
	r.sw.PickUp(view.Calls[0].ID)
	s.scene("C1 103/2 in ext "+outside, "C1 104/2 in ext "+outside)
	r.sw.Clear(view.Calls[0].Conns[0].ID, callmodel.CauseBusy)
	last := s.scene("C1 4/3 in ext " + outside)
	r.must(ici.OpWrapUpEnded, &ici.ItemRef{ItemID: last.CallHandle})
	s.scene("C1 4/1 in ext " + outside)
	if got := r.listCallbacks()[0]; got.Failures != 1 || got.LastResult != "BUSY" || got.NextCallTime.IsZero() {
		t.Errorf("the callback is %+v", got)
	}
}

// A queue is named in every way that the reference has: by number, by name, by
// the GUID that the CRM has been told.
func TestCallbackQueueByGUID(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	for i, name := range []string{"600", "Support", "support", "1", r.queue("anna").GUID, strings.ToLower(r.queue("anna").GUID)} {
		r.createCallback(ici.CallbackRequest{Number: "+4930123456" + strconv.Itoa(i), Queue: name})
	}
	r.refused("1/2", ici.OpCreateCallBack, &ici.CallbackRequest{Number: ctitest.Outside, Queue: "00000000-0000-0000-0000-000000000000"})
}
