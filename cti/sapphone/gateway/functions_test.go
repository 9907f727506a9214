package gateway

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
)

// TestEveryFunctionOnBothRoads plays a day of two agents over SOAP-RFC and over
// the classic wire: every function that SAP may call is called on each of them,
// has its effect and answers 000; what it refuses it refuses alike. The two
// transcripts are the same but for the handles.
func TestEveryFunctionOnBothRoads(t *testing.T) {
	t.Parallel()
	transcripts := map[string]string{}
	for _, name := range []string{"SOAP-RFC", "type T"} {
		transcripts[name] = theDay(t, name)
	}
	soap, wire := strings.Split(transcripts["SOAP-RFC"], "\n"), strings.Split(transcripts["type T"], "\n")
	for i := range max(len(soap), len(wire)) {
		if i >= len(soap) || i >= len(wire) || soap[i] != wire[i] {
			t.Fatalf("line %d differs:\nSOAP-RFC %s\ntype T   %s", i+1, soap[min(i, len(soap)-1)], wire[min(i, len(wire)-1)])
		}
	}
}

// theDay plays it on one road and returns its transcript.
func theDay(t *testing.T, name string) string {
	t.Helper()
	r := newRig(t, ctitest.Config(), func(c *sapphone.Config) {
		c.Campaigns = []sapphone.Campaign{{ID: "SPRING", Queue: "600", Text: "Spring sale"}}
		c.BeginPreview = true
	})
	roads := [2]road{}
	for i := range roads {
		if roads[i] = soapRoad("http://" + r.srv.Addr() + sapphone.DefaultPath); name == "type T" {
			roads[i] = typeTRoad(r, r.dial())
		}
	}
	d := &day{rig: r, on: roads[0], aside: roads[1], done: map[string]bool{}}
	d.versions()
	d.people()
	d.waits()
	d.talk()
	d.pair()
	d.outbound()
	d.campaign()
	d.reports()
	meta, err := sapphone.LoadMetadata("")
	if err != nil {
		t.Fatal(err)
	}
	for _, fn := range meta.Functions("in") {
		if !d.done[fn.Name] {
			t.Errorf("%s: %s was not done once", name, fn.Name)
		}
	}
	if s := r.srv.Stats(); s.Panics != 0 || s.Unknown != 0 {
		t.Errorf("%s: %+v", name, s)
	}
	return d.transcript.String()
}

// day is a play on one road; aside is another connection.
type day struct {
	*rig
	on, aside  road
	done       map[string]bool // functions that answered 000
	transcript strings.Builder
	handles    []string
}

const (
	anna  = "EXT=" + ctitest.AnnaLine
	bernd = "EXT=" + ctitest.BerndLine
)

var aHandle = regexp.MustCompile(`[0-9A-F]{32}`)

// write keeps an answer, with handles by their order.
func (d *day) write(function string, out result) {
	var all []string
	for name, v := range out.values {
		if v != "" {
			all = append(all, name+"="+v)
		}
	}
	for name, rows := range out.tables {
		if name == "CALLLIST" {
			continue // as it was passed: with initial values on the wire, without them in XML
		}
		for i, row := range rows {
			for column, v := range row {
				if v != "" {
					all = append(all, fmt.Sprintf("%s.%d.%s=%s", name, i, column, v))
				}
			}
		}
	}
	slices.Sort(all)
	line := aHandle.ReplaceAllStringFunc(function+" "+strings.Join(all, " "), func(h string) string {
		i := slices.Index(d.handles, h)
		if i < 0 {
			i = len(d.handles)
			d.handles = append(d.handles, h)
		}
		return fmt.Sprint("H", i)
	})
	d.transcript.WriteString(line + "\n")
}

// call wants a return code, or one of several.
func (d *day) call(rc, function string, params ...string) result {
	d.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.Context()), patience)
	defer cancel()
	out, err := d.on(ctx, function, params...)
	if err != nil {
		d.Fatalf("%s %v: %v", function, params, err)
	}
	if got := out.values["RETURNCODE"]; got != rc {
		d.Fatalf("%s %v: return code %q, want %s", function, params, got, rc)
	}
	fn, _ := d.srv.Describe(function)
	d.done[fn.Name] = d.done[fn.Name] || rc == "000"
	if !strings.HasPrefix(function, "SMON_TRACE") {
		d.write(function, out)
	}
	return out
}

// state wants one call on a line, in a state, and returns its handle.
func (d *day) state(ext, want string) string {
	d.Helper()
	rows := d.call("000", "SPS_GETCALLSTATE", ext, "CALLS:").tables["CALLS"]
	for _, row := range rows {
		if row["STATE"] == want {
			return row["HANDLE"]
		}
	}
	d.Fatalf("%s has %v, want state %s", ext, rows, want)
	return ""
}

func (d *day) versions() {
	d.Helper()
	d.call("000", "SMON_TRACE_SET", "LEVEL=02")
	if v := d.call("000", "XCHGVERSION", "SAP_VERSION=5.11").values; v["EXT_VERSION"] != "5.11A" || v["PRODUCT"] != "Strowger" {
		d.Errorf("versions %v", v)
	}
	if v := d.call("000", "XCHGPARAMS", "SERVER_NAME=BCM1", "CLIENT=506").values; v["WAIT_MODE"] != "X" || v["CAD"] != "X" || v["MAX_WAIT"] != "600" {
		d.Errorf("parameters %v", v)
	}
	if rows := d.call("000", "SMON_COMP_STATE_RETRIEVE", "STATES:").tables["STATES"]; len(rows) != 2 || rows[0]["STATE"] != "UP" {
		d.Errorf("components %v", rows)
	}
}

func (d *day) people() {
	d.Helper()
	d.call("901", "SPS_AGENTLOGIN", "EXT=999")
	d.call("905", "SPS_AGENTLOGIN", anna, "AGENT_ID=BERND")
	d.call("903", "SPS_SETWORKMODE", anna, "WORKMODE=02")
	for _, ext := range []string{anna, bernd} {
		d.call("000", "SPS_AGENTLOGIN", ext, "PASSWORD=canary")
		d.call("000", "SPS_REGISTER", ext, "USER=MILLER", "POPUP=X")
	}
	d.call("000", "SPS_SETWORKMODE", anna, "WORKMODE=02")
	if v := d.call("000", "SPS_GETWORKMODE", anna).values; v["WORKMODE"] != "02" || v["SINCE"] != "20260302090000" {
		d.Errorf("work mode %v", v)
	}
	if rows := d.call("000", "SPS_GETQUEUES", anna, "TYPE=1", "QUEUES:").tables["QUEUES"]; len(rows) != 1 || rows[0]["QUEUE"] != "600" {
		d.Errorf("queues %v", rows)
	}
	d.call("904", "SPS_AGENTLOGOUT", anna, "QUEUE=700")
	d.call("000", "SPS_AGENTLOGOUT", anna, "QUEUE=600")
	for kind, want := range []int{1, 0, 1} {
		if rows := d.call("000", "SPS_GETQUEUES", anna, fmt.Sprint("TYPE=", kind), "QUEUES:").tables["QUEUES"]; len(rows) != want {
			d.Errorf("queues of type %d when signed out: %v", kind, rows)
		}
	}
	d.call("000", "SPS_AGENTLOGIN", anna, "QUEUE=600")
}

// waits parks Bernd's wait, which is cancelled, and Anna's, which gets a call.
func (d *day) waits() {
	d.Helper()
	d.call("914", "SPS_CANCELWAIT", bernd)
	d.call("913", "SPS_WAITFORCALL", bernd, "TIMEOUT=1")
	park := func(ext string) chan result {
		out := make(chan result, 1)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(d.Context()), patience)
		go func() {
			defer cancel()
			got, err := d.aside(ctx, "SPS_WAITFORCALL", ext, "TIMEOUT=60", "CALLDATA:")
			if err != nil {
				d.Errorf("the wait: %v", err)
			}
			out <- got
		}()
		d.until("the wait", func() bool { return d.srv.Stats().Waiting == 1 })
		return out
	}
	parked := park(bernd)
	d.call("911", "SPS_WAITFORCALL", bernd)
	d.call("000", "SPS_CANCELWAIT", bernd)
	if got := <-parked; got.values["RETURNCODE"] != "912" {
		d.Errorf("the cancelled wait: %v", got)
	}
	parked = park(anna)
	d.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	got := <-parked
	d.write("SPS_WAITFORCALL", got)
	if v := got.values; v["RETURNCODE"] != "000" || v["CALLING_NO"] != "+"+ctitest.Caller || v["QUEUE"] != "600" || v["REASON"] != "02" || len(got.tables["CALLDATA"]) == 0 {
		d.Errorf("the wait brought %v", got)
	}
	d.call("000", "SPS_WAITFORCALL", anna) // it alerts still
}

// talk is Anna with the caller: data, hold, and the end.
func (d *day) talk() {
	d.Helper()
	handle := d.state(anna, "01")
	d.call("000", "SPS_SETWORKMODE", bernd, "WORKMODE=02")
	d.call("000", "SPS_DEFLECT", anna, "HANDLE="+handle)
	handle = d.state(bernd, "01")
	if v := d.call("000", "SPS_ANSWER", bernd, "HANDLE="+handle).values; v["ANS_HANDLE"] != handle {
		d.Errorf("answered %v", v)
	}
	d.state(bernd, "04")
	h := "HANDLE=" + handle
	d.call("915", "SPS_GETCALLINFO", h, "APPL=CRM_IC")
	d.call("916", "SPS_SETCALLINFO", h, "APPL=CRM_IC", "CALLDATA:LINE=<a>")
	d.call("000", "SPS_SETCALLINFO", h, "APPL=CRM_IC", "CALLDATA:LINE=<note>\u00fc &amp; </note>", "CALLDATA:LINE=<b/>")
	if got := d.call("000", "SPS_GETCALLINFO", h, "APPL=CRM_IC", "CALLDATA:"); len(got.tables["CALLDATA"]) != 1 || got.tables["CALLDATA"][0]["LINE"] != "<note>\u00fc &amp; </note><b/>" || got.values["LENGTH"] != "25" {
		d.Errorf("data %v", got)
	}
	d.call("000", "SPS_APPENDCALLINFO", h, "APPL=CRM_IC", "CALLDATA:LINE=<c/>")
	d.call("000", "SPS_GETCALLINFO", h, "CALLDATA:")
	d.call("000", "SPS_DELETECALLINFO", h, "APPL=CRM_IC")
	d.call("915", "SPS_GETCALLINFO", h, "APPL=CRM_IC")
	if v := d.call("000", "SPS_CREATEINFO", h, "INFO:LINE=one").values; v["INFO_ID"] != handle {
		d.Errorf("info %v", v)
	}
	d.call("000", "SPS_SETINFO", h, "INFO:LINE=two")
	d.call("008", "SPS_UNHOLD", h)
	d.call("000", "SPS_HOLD", bernd, h)
	d.state(bernd, "05")
	d.call("007", "SPS_UNHOLD", anna, h)
	d.call("000", "SPS_UNHOLD", bernd, h)
	d.call("000", "SPS_GENERIC", "FUNC=SENDDTMF", "PARAMS:NAME=HANDLE|VALUE="+handle, "PARAMS:NAME=DIGITS|VALUE=12#")
	d.call("920", "SPS_GENERIC", "FUNC=BREW")
	d.call("000", "SPS_DROPCALL", bernd, h)
	if v := d.call("000", "SPS_GETWORKMODE", bernd).values; v["WORKMODE"] != "04" {
		d.Errorf("wrap-up %v", v)
	}
	d.call("000", "SPS_DROPCALL", h) // ends the wrap-up
	d.call("007", "SPS_DROPCALL", "HANDLE="+strings.Repeat("0", 31)+"1")
	d.call("000", "SPS_SETWORKMODE", bernd, "WORKMODE=03")
}

// pair is Anna who consults Bernd about a call, in all ways that there are.
func (d *day) pair() {
	d.Helper()
	d.call("000", "SPS_SETWORKMODE", anna, "WORKMODE=02")
	call := d.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	d.sw.PickUp(call)
	handle := d.state(anna, "04")
	consult := func() []string {
		d.call("000", "SPS_SETWORKMODE", bernd, "WORKMODE=03")
		out := d.call("000", "SPS_CONSULT", anna, "HANDLE="+handle, "DIAL_NO="+ctitest.BerndLine)
		d.call("000", "SPS_ANSWER", bernd, "HANDLE="+d.state(bernd, "01"))
		return []string{anna, "CONN_HANDLE=" + out.values["CONS_HANDLE"], "HELD_HANDLE=" + out.values["HELD_HANDLE"]}
	}
	d.call("907", "SPS_CONSULT", anna, "HANDLE="+handle, "DIAL_NO=abc")
	two := consult()
	d.call("052", "SPS_TRANSFER", anna, "CONN_HANDLE=0", two[2])
	d.call("053", "SPS_TRANSFER", anna, two[1], "HELD_HANDLE=0")
	d.call("000", "SPS_ALTERNATE", two...)
	d.call("000", "SPS_ALTERNATE", anna, "CONN_HANDLE="+handle, strings.Replace(two[1], "CONN_", "HELD_", 1))
	if v := d.call("000", "SPS_RECONNECT", two...).values; v["HANDLE"] != handle {
		d.Errorf("reconnected %v", v)
	}
	if v := d.call("000", "SPS_CONFERENCE", consult()...).values; v["CONF_HANDLE"] != handle {
		d.Errorf("conference %v", v)
	}
	d.call("907", "SPS_DROPPARTY", anna, "HANDLE="+handle, "PARTY_NO=7777")
	d.call("000", "SPS_DROPPARTY", anna, "HANDLE="+handle, "PARTY_NO="+ctitest.BerndLine)
	d.state(anna, "04")
	d.call("000", "SPS_TRANSFER", consult()...)
	d.call("000", "SPS_DROPALL", bernd)
	d.call("000", "SPS_DROPCALL", "HANDLE="+handle)
}

// outbound is a call that Anna makes, and one that she sends on.
func (d *day) outbound() {
	d.Helper()
	d.call("000", "SPS_SETWORKMODE", bernd, "WORKMODE=03")
	d.call("907", "SPS_MAKECALL", anna, "DIAL_NO=+4412345678")
	out := d.call("000", "SPS_MAKE_CALL", anna, "DIAL_NO="+ctitest.Outside)
	if out.values["DIALLED_NO"] != ctitest.Outside || d.state(anna, "02") != out.values["HANDLE"] {
		d.Errorf("dialled %v", out)
	}
	d.call("000", "SPS_DROPALL", anna)
	call := d.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	d.sw.PickUp(call)
	d.call("000", "SPS_BTRANSFER", anna, "HANDLE="+d.state(anna, "04"), "DEST_NO="+ctitest.BerndLine)
	d.call("000", "SPS_DROPCALL", bernd, "HANDLE="+d.state(bernd, "01"))
	d.call("000", "SPS_SETWORKMODE", anna, "WORKMODE=03")
}

// campaign is a list of calls: transferred, changed, begun with, counted, deleted.
func (d *day) campaign() {
	d.Helper()
	d.call("020", "SPS_PDLISTTRANSFER", "CAMPAIGN=AUTUMN", "CALLLIST:CALLID=A1|PHONE1="+ctitest.Outside)
	out := d.call("917", "SPS_PDLISTTRANSFER", "CAMPAIGN=SPRING", "LOGSYS=CRM506", "MODE=N", "CALLLIST:CALLID=A1|PHONE1=+49 30 1234567|NAME=Weber|PRIO=005|DATA=x",
		"CALLLIST:CALLID=A2|PHONE1=abc|PHONE2=+49301234568|NOT_BEFORE=20260302120000|NOT_AFTER=20260302180000", "CALLLIST:CALLID=A3|PHONE1=+4412345678", "ERRORS:")
	if v := out.values; v["ACCEPTED"] != "2" || v["ERR_DETAILED"] != "X" || len(out.tables["ERRORS"]) != 1 || out.tables["ERRORS"][0]["CALLID"] != "A3" || out.tables["ERRORS"][0]["RC"] != "907" {
		d.Errorf("the list: %v", out)
	}
	d.call("008", "SPS_PDLISTTRANSFER", "CAMPAIGN=SPRING", "MODE=N", "CALLLIST:CALLID=A4|PHONE1=+49301234569")
	d.call("000", "SPS_PDLISTTRANSFER", "CAMPAIGN=spring", "MODE=A", "CALLLIST:CALLID=A4|PHONE1=+49301234569|NOT_BEFORE=20260303000000")
	d.call("000", "SPS_MODIFY_PDCALL", "CAMPAIGN=SPRING", "CALLLIST:CALLID=A2|PHONE1=+49301234570|NOT_BEFORE=20260302130000", "CALLLIST:CALLID=A9|PHONE1=1", "ERRORS:")
	d.call("000", "SPS_DELETE_PDCALL", "CAMPAIGN=SPRING", "CALLIDS:CALLID=A4", "ERRORS:")
	for _, list := range [][]string{{"SPS_CAMPAGNS_GET", "CAMPAIGNS:"}, {"SPS_ASSIGNED_CAMPAGNS_GET", bernd, "CAMPAIGNS:"}} {
		if rows := d.call("000", list[0], list[1:]...).tables["CAMPAIGNS"]; len(rows) != 1 || rows[0]["ID"] != "SPRING" || rows[0]["TEXT"] != "Spring sale" || rows[0]["STATUS"] != "01" {
			d.Errorf("%s: %v", list[0], rows)
		}
	}
	d.call("000", "SPS_SETWORKMODE", bernd, "WORKMODE=02")
	preview := d.call("000", "SPS_WAITFORCALL", bernd, "TIMEOUT=5", "CALLDATA:")
	if preview.values["REASON"] != "09" || d.state(bernd, "99") != preview.values["HANDLE"] || !strings.Contains(fmt.Sprint(preview.tables), "<CALLID>A1</CALLID>") {
		d.Errorf("the preview: %v", preview)
	}
	d.call("000", "SPS_DROPCALL", bernd, "HANDLE="+preview.values["HANDLE"]) // skipped
	d.call("000", "SPS_SETWORKMODE", bernd, "WORKMODE=03")
	out = d.call("000", "SPS_STATCAMPAGN", "CAMPAIGN=SPRING", "DATE_FROM=2026-03-02", "TIME_FROM=00:00:00", "RESULTS:")
	if rows := out.tables["RESULTS"]; len(rows) != 2 || rows[0]["CALLID"] != "A1" || rows[0]["RESULT"] != "SKIP" || rows[0]["TRIES"] != "1" || rows[0]["AGENT"] != "bernd" || out.values["TOTALS"] != "3" {
		d.Errorf("results: %v", out)
	}
	d.call("000", "SPS_DELETE_PDCALL", "CAMPAIGN=SPRING")
	if rows := d.call("000", "SPS_CAMPAIGNS_GET", "CAMPAIGNS:").tables["CAMPAIGNS"]; rows[0]["STATUS"] != "02" {
		d.Errorf("after the end: %v", rows)
	}
}

// reports are the functions about what was, and the good-byes.
func (d *day) reports() {
	d.Helper()
	out := d.call("000", "SPS_STAT_DATA_GET", "DATE_FROM=2026-03-02", "TIME_FROM=00:00:00", "MAX=1", "HEADERS:", "STEPS:")
	if h := out.tables["HEADERS"]; len(h) != 1 || h[0]["EXT_ADDR"] != "+"+ctitest.Caller || out.values["MORE"] != "X" || len(out.tables["STEPS"]) != 1 {
		d.Errorf("reports: %v", out)
	}
	d.call("000", "SPS_DEREGISTER", anna)
	d.call("902", "SPS_DEREGISTER", anna)
	d.call("000", "SPS_AGENTLOGOUT", anna)
	d.call("903", "SPS_AGENTLOGOUT", anna)
	lines := fmt.Sprint(d.call("000", "SMON_TRACE_UPLOAD", "LINES:").tables["LINES"])
	if strings.Contains(lines, "canary") || strings.Contains(lines, ctitest.Outside) || !strings.Contains(lines, "SPS_MAKECALL 000") || !strings.Contains(lines, "DIAL_NO=...567") {
		d.Errorf("the trace: %s", lines)
	}
	if rows := d.call("000", "SMON_TRACE_EXPLAIN", "CODE=913", "LINES:").tables["LINES"]; len(rows) != 1 || !strings.Contains(rows[0]["LINE"], "no call came in time") {
		d.Errorf("explained: %v", rows)
	}
	d.call("000", "SMON_TRACE_SET", "LEVEL=00")
}

// bygone is a history of two calls.
type bygone struct{}

func (bygone) Contacts(_ context.Context, _, _ time.Time, most int) ([]sapphone.Contact, bool, error) {
	return []sapphone.Contact{{
		ID: "0123456789ABCDEF0123456789ABCDEF", Caller: "+" + ctitest.Caller, Dialled: "+" + ctitest.Queue, Queue: "600", Agents: []string{"anna"},
		Started: ctitest.Start, Ended: ctitest.Start.Add(time.Minute), Segments: []sapphone.ContactStep{{Kind: "queue", At: ctitest.Start, Length: 5 * time.Second}},
	}}, most == 1, nil
}
