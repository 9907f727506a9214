package sapphone_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// spring has a campaign of the queue, whose calls agents see before they are made.
func spring(c *sapphone.Config) {
	c.Campaigns = []sapphone.Campaign{{ID: "SPRING", Queue: "600"}, {ID: sapphone.AnyCampaign, Queue: "support"}, {ID: "LOST", Queue: "none"}}
	c.BeginPreview = true
}

// transfer sends lines of a list as COLUMN=VALUE|COLUMN=VALUE.
func (r *rig) transfer(rc, function, mode string, lines ...string) reply {
	r.Helper()
	var b strings.Builder
	for _, line := range lines {
		b.WriteString("<item>")
		for _, cell := range strings.Split(line, "|") {
			column, value, _ := strings.Cut(cell, "=")
			fmt.Fprintf(&b, "<%s>%s</%s>", column, escape(value), column)
		}
		b.WriteString("</item>")
	}
	body := strings.Replace(envelope(function, "CAMPAIGN=SPRING", "MODE="+mode), "</rfc:"+function+">",
		"<CALLLIST>"+b.String()+"</CALLLIST><ERRORS/></rfc:"+function+">", 1)
	_, answer, err := r.send(r.Context(), body)
	if err != nil {
		r.Fatal(err)
	}
	out, err := readReply(answer)
	if err != nil || out.fault != nil || out.rc() != rc {
		r.Fatalf("%s: %+v %v, want %s", function, out, err, rc)
	}
	return out
}

func (r *rig) callbacks() []*callmodel.Callback {
	r.Helper()
	v, err := r.sw.View(r.Context())
	if err != nil {
		r.Fatal(err)
	}
	return v.Callbacks
}

// An entry of a list is a callback with everything that the list says.
func TestListOfCalls(t *testing.T) {
	t.Parallel()
	r := newRig(t, spring)
	r.transfer("000", "SPS_PDLISTTRANSFER", "N", "CALLID=A1|PHONE1=x|PHONE2=+4412345678|PHONE3=030/1234567|NAME=Weber|PRIO=007|NOT_BEFORE=20260302110000|NOT_AFTER=20260302200000|DATA=d")
	cb := r.callbacks()[0]
	if cb.Number != ctitest.Outside || cb.Queue != "support" || cb.Campaign != "SPRING" || cb.ListID != "A1" || cb.Priority != 7 || cb.Notes != "Weber" || cb.Extra != "d" ||
		cb.NextAt-cb.CreatedAt != callmodel.Instant(2*time.Hour/time.Microsecond) || cb.ExpireAt-cb.CreatedAt != callmodel.Instant(11*time.Hour/time.Microsecond) {
		t.Errorf("the callback is %+v", cb)
	}
	for line, rc := range map[string]string{
		"PHONE1=+49301234568":                                    "007",
		"CALLID=B1":                                              "907",
		"CALLID=A1|PHONE1=+49301234568":                          "910",
		"CALLID=B2|PHONE1=" + ctitest.Outside:                    "910", // the number is on the queue's list
		"CALLID=B4|PHONE1=+49301234568|NOT_BEFORE=tomorrow":      "917",
		"CALLID=B5|PHONE1=+49301234568|NOT_AFTER=20200101000000": "907",
	} {
		out := r.transfer("917", "SPS_PDLISTTRANSFER", "A", line)
		if e := out.tables["ERRORS"]; len(e) != 1 || e[0]["RC"] != rc || out.values["ACCEPTED"] != "0" {
			t.Errorf("%s: %+v, want %s", line, out, rc)
		}
	}
	r.transfer("917", "SPS_PDLISTTRANSFER", "X", "CALLID=C1|PHONE1="+ctitest.Outside) // there is no such mode
	if all := r.callbacks(); len(all) != 1 || all[0].ListID != "A1" {
		t.Errorf("a list in an unknown mode has left %+v", all)
	}
	r.transfer("000", "SPS_PDLISTTRANSFER", "R", "CALLID=C1|PHONE1="+ctitest.Outside)
	if all := r.callbacks(); len(all) != 2 || all[0].State != callmodel.CallbackDone || all[1].ListID != "C1" {
		t.Errorf("after a replacement there are %+v", all)
	}
	out := r.transfer("000", "SPS_MODIFY_PDCALL", "", "CALLID=C1|PHONE1=+49301234569|PRIO=2", "CALLID=A1|PHONE1=+49301234570")
	if e := out.tables["ERRORS"]; out.values["ERR_DETAILED"] != "X" || len(e) != 1 || e[0]["CALLID"] != "A1" || e[0]["RC"] != "007" || r.callbacks()[1].Number != "+49301234569" {
		t.Errorf("changed: %+v", out)
	}
	r.ask("020", "SPS_DELETE_PDCALL", "CAMPAIGN=LOST")
	r.must("SPS_DELETE_PDCALL", "CAMPAIGN=OTHER")
	r.sw.Stop()
	r.transfer("930", "SPS_PDLISTTRANSFER", "A", "CALLID=D1|PHONE1="+ctitest.Outside)
}

// An agent takes a campaign's call out of the preview; its result says who did.
func TestCampaignCall(t *testing.T) {
	t.Parallel()
	crm := newSAP(t)
	r := newRig(t, func(c *sapphone.Config) {
		toward(crm)(c)
		spring(c)
	})
	crm.next(t)
	r.must("SPS_REGISTER", "EXT="+bernd)
	r.ready(bernd)
	r.transfer("000", "SPS_PDLISTTRANSFER", "N", "CALLID=A1|PHONE1="+ctitest.Outside)
	h := crm.next(t)
	if h.function != "SPS_NEW_CALL" || h.values["REASON"] != "09" || h.values["CALLING_NO"] != ctitest.Outside || !strings.Contains(h.values["CALLDATA"], "<CALLID>A1</CALLID>") {
		t.Errorf("the preview is told as %+v", h)
	}
	r.ask("008", "SPS_HOLD", "HANDLE="+h.values["HANDLE"])
	r.must("SPS_ANSWER", "HANDLE="+h.values["HANDLE"])
	view, err := r.sw.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.sw.PickUp(view.Calls[0].ID)
	r.one(bernd, "03")
	out := r.transfer("000", "SPS_MODIFY_PDCALL", "", "CALLID=A1|PHONE1=+49301234569")
	if e := out.tables["ERRORS"]; len(e) != 1 || e[0]["RC"] != "008" {
		t.Errorf("a call that is being made was changed: %+v", out)
	}
	r.sw.Lift(view.Calls[0].Conns[0].ID)
	r.one(bernd, "04")
	stats := r.must("SPS_STATCAMPAIGN", "CAMPAIGN=spring", "RESULTS=")
	if row := stats.tables["RESULTS"]; len(row) != 1 || row[0]["RESULT"] != "SUCCESSFUL" || row[0]["AGENT"] != "bernd" || row[0]["TRIES"] != "1" ||
		row[0]["LAST_TIME"] != "20260302090000" || row[0]["HANDLE"] != view.Calls[0].ID.Hex() || stats.values["TOTALS"] != "1" {
		t.Errorf("results %+v", stats)
	}
	if later := r.must("SPS_STATCAMPAIGN", "CAMPAIGN=SPRING", "DATE_FROM=2026-03-03", "RESULTS="); len(later.tables["RESULTS"]) != 0 {
		t.Errorf("results of another day: %+v", later)
	}
}

// What an agent turns down comes again, or never, as configured; without a
// preview nobody sees it.
func TestPreviewIsRefused(t *testing.T) {
	t.Parallel()
	for reject, want := range map[string]string{"SKIP": "SKIP", "REJECT": "AGENT_REJECTED"} {
		r := newRig(t, func(c *sapphone.Config) {
			spring(c)
			c.PreviewReject = reject
		})
		r.ready(bernd)
		r.transfer("000", "SPS_PDLISTTRANSFER", "N", "CALLID=A1|PHONE1="+ctitest.Outside)
		r.must("SPS_DEFLECT", "HANDLE="+r.one(bernd, "99")["HANDLE"])
		if row := r.must("SPS_STATCAMPAIGN", "CAMPAIGN=SPRING", "RESULTS=").tables["RESULTS"]; len(row) != 1 || row[0]["RESULT"] != want || row[0]["AGENT"] != "bernd" {
			t.Errorf("%s: results %+v", reject, row)
		}
	}
	hidden := newRig(t, func(c *sapphone.Config) {
		spring(c)
		c.BeginPreview = false
	})
	hidden.ready(bernd)
	hidden.transfer("000", "SPS_PDLISTTRANSFER", "N", "CALLID=A1|PHONE1="+ctitest.Outside)
	if list := hidden.calls(bernd); len(list) != 0 {
		t.Errorf("without a preview the line shows %v", list)
	}
}

func TestCampaignsAreChecked(t *testing.T) {
	t.Parallel()
	for _, list := range [][]sapphone.Campaign{
		{{ID: "", Queue: "x"}},
		{{ID: strings.Repeat("x", 41), Queue: "x"}},
		{{ID: "a"}},
		{{ID: sapphone.AnyCampaign, Dialer: "y"}},
		{{ID: "a", Queue: "x"}, {ID: "A", Queue: "y"}},
		make([]sapphone.Campaign, 1001),
	} {
		cfg := sapphone.DefaultConfig()
		cfg.Campaigns = list
		if err := cfg.Validate(); !fault.Is(err, fault.Invalid) || !strings.Contains(fmt.Sprint(err), "campaigns") {
			t.Errorf("%.3v: %v", list, err)
		}
	}
}
