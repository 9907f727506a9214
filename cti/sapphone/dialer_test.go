package sapphone_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// shelf is a dialer with one list, that of its campaign "spring-sale".
type shelf struct {
	list map[string]sapphone.DialerEntry
	over map[string]bool // results are in
	busy map[string]bool // being called
}

func newShelf() *shelf {
	return &shelf{list: map[string]sapphone.DialerEntry{}, over: map[string]bool{}, busy: map[string]bool{}}
}

func (d *shelf) Campaign(_ context.Context, id string) (sapphone.DialerCampaign, error) {
	if id != "spring-sale" {
		return sapphone.DialerCampaign{}, fault.New(fault.NotFound, "campaign", id, "there is none")
	}
	return sapphone.DialerCampaign{Queue: "support", Open: int64(len(d.list) - len(d.over)), Done: int64(len(d.over))}, nil
}

func (d *shelf) Append(_ context.Context, _ string, list []sapphone.DialerEntry) ([]error, error) {
	out := make([]error, len(list))
	for n, e := range list {
		switch _, there := d.list[e.ID]; {
		case there && !d.over[e.ID]:
			out[n] = fault.New(fault.Conflict, "append", e.ID, "it is there")
		case e.Numbers[0] == "+4900":
			out[n] = fault.New(fault.Invalid, "append", e.ID, "no such number")
		default:
			d.list[e.ID] = e
			delete(d.over, e.ID)
		}
	}
	return out, nil
}

func (d *shelf) Change(_ context.Context, _ string, list []sapphone.DialerEntry) ([]error, error) {
	out := make([]error, len(list))
	for n, e := range list {
		switch _, there := d.list[e.ID]; {
		case !there || d.over[e.ID]:
			out[n] = fault.New(fault.NotFound, "change", e.ID, "it is not there")
		case d.busy[e.ID]:
			out[n] = fault.New(fault.Conflict, "change", e.ID, "it is being called")
		default:
			d.list[e.ID] = e
		}
	}
	return out, nil
}

func (d *shelf) Remove(_ context.Context, _ string, ids []string) ([]error, error) {
	out := make([]error, len(ids))
	for n, id := range ids {
		if _, there := d.list[id]; !there || d.over[id] {
			out[n] = fault.New(fault.NotFound, "remove", id, "it is not there")
		}
		delete(d.list, id)
	}
	if len(ids) == 0 {
		clear(d.list)
	}
	return out, nil
}

func (d *shelf) Results(_ context.Context, _ string, from, to time.Time) ([]sapphone.DialerResult, int64, error) {
	list := []sapphone.DialerResult{{ID: "A1", Result: callmodel.ResultBusy, Tries: 2, At: ctitest.Start, Agent: "bernd", Handle: "0A"}}
	list = slices.DeleteFunc(list, func(r sapphone.DialerResult) bool { return r.At.Before(from) || !to.IsZero() && r.At.After(to) })
	return list, int64(len(d.list)), nil
}

// dialed has a campaign of the dialer beside one of the queue's callbacks.
func dialed(t *testing.T) (*rig, *shelf) {
	t.Helper()
	r := newRig(t, func(c *sapphone.Config) {
		c.Campaigns = []sapphone.Campaign{{ID: "SPRING", Dialer: "spring-sale", Text: "Sale"}, {ID: "GONE", Dialer: "gone"}, {ID: "CALLS", Queue: "600"}}
	})
	d := newShelf()
	r.srv.Dials(d)
	return r, d
}

// The list of a campaign of the dialer goes there whole, and no callback is made.
func TestListForTheDialer(t *testing.T) {
	t.Parallel()
	r, d := dialed(t)
	r.transfer("000", "SPS_PDLISTTRANSFER", "N", "CALLID=A1|PHONE1=x|PHONE2=+4412345678|PHONE3=030/1234567|NAME=Weber|PRIO=007|NOT_BEFORE=20260302110000|NOT_AFTER=20260302200000|DATA=d", "CALLID=A2|PHONE1=+49301")
	e := d.list["A1"]
	if !slices.Equal(e.Numbers, []string{"+4412345678", "0301234567"}) {
		t.Errorf("numbers %v", e.Numbers)
	}
	if e.Name != "Weber" || e.Priority != 7 || e.Data != "d" || !e.NotBefore.Equal(ctitest.Start.Add(2*time.Hour)) || !e.NotAfter.Equal(ctitest.Start.Add(11*time.Hour)) {
		t.Errorf("the entry is %+v", e)
	}
	if list := r.callbacks(); len(list) != 0 {
		t.Errorf("callbacks: %+v", list)
	}
	for line, rc := range map[string]string{
		"PHONE1=+49301234568":           "007", // no id
		"CALLID=B1":                     "907", // no number
		"CALLID=B2|PHONE1=+4900":        "907", // none that the dialer takes
		"CALLID=A1|PHONE1=+49301234568": "910", // it is there
	} {
		out := r.transfer("917", "SPS_PDLISTTRANSFER", "A", line, "CALLID=C"+rc+line[len(line)-4:]+"|PHONE1=+49302")
		if e := out.tables["ERRORS"]; len(e) != 1 || e[0]["RC"] != rc || out.values["ACCEPTED"] != "1" {
			t.Errorf("%s: %+v, want %s", line, out, rc)
		}
	}
	r.transfer("008", "SPS_PDLISTTRANSFER", "N", "CALLID=D1|PHONE1=+49301")
	r.transfer("917", "SPS_PDLISTTRANSFER", "X", "CALLID=D1|PHONE1=+49301")
	r.transfer("000", "SPS_PDLISTTRANSFER", "R", "CALLID=A1|PHONE1=+49303")
	if len(d.list) != 1 || d.list["A1"].Numbers[0] != "+49303" {
		t.Errorf("replaced: %+v", d.list)
	}
}

func TestListOfTheDialerChanges(t *testing.T) {
	t.Parallel()
	r, d := dialed(t)
	r.transfer("000", "SPS_PDLISTTRANSFER", "N", "CALLID=A1|PHONE1=+49301", "CALLID=A2|PHONE1=+49302", "CALLID=A3|PHONE1=+49303")
	d.busy["A2"], d.over["A3"] = true, true
	out := r.transfer("000", "SPS_MODIFY_PDCALL", "", "CALLID=A1|PHONE1=+49309|PRIO=2", "CALLID=A2|PHONE1=+49309", "CALLID=A3|PHONE1=+49309")
	if e := out.tables["ERRORS"]; len(e) != 2 || e[0]["CALLID"] != "A2" || e[0]["RC"] != "008" || e[1]["CALLID"] != "A3" || e[1]["RC"] != "007" || d.list["A1"].Numbers[0] != "+49309" {
		t.Errorf("changed: %+v, %+v", out, d.list)
	}
	if row := r.must("SPS_CAMPAIGNS_GET", "CAMPAIGNS=").tables["CAMPAIGNS"]; len(row) != 2 || row[0]["ID"] != "CALLS" || row[0]["STATUS"] != "00" || row[1]["ID"] != "SPRING" || row[1]["STATUS"] != "01" {
		t.Errorf("campaigns %+v", row)
	}
	stats := r.must("SPS_STATCAMPAIGN", "CAMPAIGN=spring", "RESULTS=")
	if row := stats.tables["RESULTS"]; len(row) != 1 || row[0]["CALLID"] != "A1" || row[0]["RESULT"] != "BUSY" || row[0]["AGENT"] != "bernd" || row[0]["TRIES"] != "2" ||
		row[0]["LAST_TIME"] != "20260302090000" || row[0]["HANDLE"] != "0A" || stats.values["TOTALS"] != "3" {
		t.Errorf("results %+v", stats)
	}
	if later := r.must("SPS_STATCAMPAIGN", "CAMPAIGN=SPRING", "DATE_FROM=2026-03-03", "RESULTS="); len(later.tables["RESULTS"]) != 0 {
		t.Errorf("results of another day: %+v", later)
	}
	r.must("SPS_DELETE_PDCALL", "CAMPAIGN=SPRING")
	if len(d.list) != 0 {
		t.Errorf("left: %+v", d.list)
	}
	for _, function := range []string{"SPS_DELETE_PDCALL", "SPS_STATCAMPAIGN", "SPS_MODIFY_PDCALL", "SPS_PDLISTTRANSFER"} {
		r.ask("020", function, "CAMPAIGN=GONE") // the dialer has no such campaign
	}
}

// Without a dialer its campaigns are refused, and not made into callbacks.
func TestNoDialer(t *testing.T) {
	t.Parallel()
	r, _ := dialed(t)
	r.srv.Dials(nil)
	r.ask("020", "SPS_DELETE_PDCALL", "CAMPAIGN=SPRING")
	if row := r.must("SPS_CAMPAIGNS_GET", "CAMPAIGNS=").tables["CAMPAIGNS"]; len(row) != 1 || row[0]["ID"] != "CALLS" {
		t.Errorf("campaigns %+v", row)
	}
}

// TestNumbersStayOutOfTheLog: an entry that is refused is named by its id; the
// customer's number is for nobody who reads the log.
func TestNumbersStayOutOfTheLog(t *testing.T) {
	t.Parallel()
	var log ctitest.Log
	cfg := sapphone.DefaultConfig()
	cfg.Listen, cfg.Campaigns = "127.0.0.1:0", []sapphone.Campaign{{ID: "SPRING", Dialer: "spring-sale", Text: "Sale"}}
	sw := ctitest.NewFakeSwitch(ctitest.Config())
	srv, err := sapphone.New(cfg, sw, past{}, slog.New(slog.NewTextHandler(&log, nil)), sapphone.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	ctitest.Serve(t, sw, srv)
	r := &rig{T: t, sw: sw, srv: srv, url: "http://" + srv.Addr() + cfg.Path}
	srv.Dials(numbersRefused{newShelf()})
	r.transfer("917", "SPS_PDLISTTRANSFER", "A", "CALLID=B1|PHONE1=+49301234568", "CALLID=B2|PHONE1=+49302")
	if text := log.String(); strings.Contains(text, "1234568") || !strings.Contains(text, "entry=B1") || !strings.Contains(text, "kind=invalid") || !strings.Contains(text, "code=907") {
		t.Errorf("the log has %s", text)
	}
}

// numbersRefused is a dialer that names the numbers which it does not take.
type numbersRefused struct{ *shelf }

func (d numbersRefused) Append(_ context.Context, _ string, entries []sapphone.DialerEntry) ([]error, error) {
	out := make([]error, len(entries))
	for n, e := range entries {
		if e.ID == "B1" {
			out[n] = fault.Newf(fault.Invalid, "append", e.ID, "number %q is none with a country", e.Numbers[0])
		}
	}
	return out, nil
}
