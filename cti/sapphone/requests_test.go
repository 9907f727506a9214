package sapphone_test

import (
	"fmt"
	"net/http"
	"sort"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
)

func TestVersions(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	if v := r.must("XCHGVERSION", "SAP_VERSION=5.11"); v.values["EXT_VERSION"] != "5.11A" || v.values["PRODUCT"] != "Strowger" {
		t.Errorf("versions: %v", v.values)
	}
	if v := r.must("XCHGPARAMS", "SERVER_NAME=BCM1", "CLIENT=506"); v.values["WAIT_MODE"] != "X" || v.values["SET_END"] != "" || v.values["MAX_WAIT"] != "600" {
		t.Errorf("parameters: %v", v.values)
	}
	r.sw.Stop()
	r.must("XCHGVERSION")
	r.ask("930", "SPS_GETWORKMODE", "EXT="+anna)
}

// Bridges of SAP's send a call without an envelope around it (XRFC).
func TestBareCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	status, answer, err := r.send(t.Context(), `<r:XCHGVERSION xmlns:r="urn:sap-com:document:sap:rfc:functions"><SAP_VERSION>5.11</SAP_VERSION></r:XCHGVERSION>`)
	if err != nil || status != http.StatusOK || !strings.Contains(string(answer), "?>\n<rfc:XCHGVERSION.Response") || strings.Contains(string(answer), "Envelope") {
		t.Errorf("%d %s %v", status, answer, err)
	}
}

func TestAgents(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.ask("901", "SPS_AGENTLOGIN", "EXT=999")
	r.ask("905", "SPS_AGENTLOGIN", "EXT="+anna, "AGENT_ID=bernd")
	r.ask("903", "SPS_SETWORKMODE", "EXT="+anna, "WORKMODE=02")
	r.ask("904", "SPS_AGENTLOGIN", "EXT="+anna, "QUEUE=700")
	r.must("SPS_AGENTLOGIN", "EXT=+"+anna, "AGENT_ID=ANNA", "PASSWORD=x", "QUEUE=600")
	if m := r.must("SPS_GETWORKMODE", "EXT="+anna).values; m["WORKMODE"] != "03" || m["SINCE"] != "20260302090000" {
		t.Errorf("after the login: %v", m)
	}
	r.must("SPS_SETWORKMODE", "EXT="+anna, "WORKMODE=2")
	r.ask("906", "SPS_SETWORKMODE", "EXT="+anna, "WORKMODE=05")
	if m := r.must("SPS_GETWORKMODE", "EXT="+anna).values["WORKMODE"]; m != "02" {
		t.Errorf("ready is %s", m)
	}
	if q := r.must("SPS_GETQUEUES", "EXT="+anna, "TYPE=1", "QUEUES=").tables["QUEUES"]; len(q) != 1 || q[0]["QUEUE"] != "600" {
		t.Errorf("queues: %v", q)
	}
	own := func(kind string) int {
		return len(r.must("SPS_GETQUEUES", "EXT="+anna, "TYPE="+kind, "QUEUES=").tables["QUEUES"])
	}
	r.must("SPS_AGENTLOGOUT", "EXT="+anna, "QUEUE=600")
	if now, may := own("1"), own("2"); now != 0 || may != 1 {
		t.Errorf("after leaving the queue the agent is in %d queues of %d", now, may)
	}
	r.must("SPS_AGENTLOGIN", "EXT="+anna) // logged in all the time
	if now := own("1"); now != 0 {
		t.Errorf("a login without a queue has joined %d", now)
	}
	r.must("SPS_AGENTLOGIN", "EXT="+anna, "QUEUE=600")
	if now := own("1"); now != 1 {
		t.Errorf("after joining the queue the agent is in %d queues", now)
	}
	r.ask("904", "SPS_AGENTLOGOUT", "EXT="+anna, "QUEUE=700")
	r.must("SPS_AGENTLOGOUT", "EXT="+anna)
	r.ask("903", "SPS_AGENTLOGOUT", "EXT="+anna)
	if m := r.must("SPS_GETWORKMODE", "EXT="+anna).values["WORKMODE"]; m != "01" {
		t.Errorf("logged out is %s", m)
	}
}

// A call as an agent has it who polls: offered, answered, held, wrapped up.
func TestPolledCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.ready(anna)
	if list := r.calls(anna); len(list) != 0 {
		t.Fatalf("an idle line has %v", list)
	}
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	row := r.one(anna, "01")
	if row["PARTY"] != "+"+ctitest.Caller || row["REASON"] != "02" || row["QUEUE"] != "600" {
		t.Errorf("the call is listed as %v", row)
	}
	handle := row["HANDLE"]
	r.ask("008", "SPS_ANSWER", "HANDLE="+handle) // a handset: the person lifts it
	r.sw.PickUp(call)
	r.one(anna, "04")
	r.ask("008", "SPS_UNHOLD", "HANDLE="+handle)
	r.must("SPS_HOLD", "EXT="+anna, "HANDLE="+handle)
	r.one(anna, "05")
	r.ask("007", "SPS_HOLD", "EXT="+bernd, "HANDLE="+handle)
	r.must("SPS_UNHOLD", "HANDLE="+handle)
	r.must("SPS_DROPCALL", "EXT="+anna, "HANDLE="+handle)
	if m := r.must("SPS_GETWORKMODE", "EXT="+anna).values["WORKMODE"]; m != "04" {
		t.Errorf("in wrap-up the work mode is %s", m)
	}
	r.one(anna, "09")
	if list := r.calls(anna); len(list) != 0 {
		t.Errorf("an ended call is listed again: %v", list)
	}
	r.must("SPS_DROPCALL", "HANDLE="+handle) // ends the wrap-up
	r.must("SPS_DROPCALL", "HANDLE="+handle) // and then there is nothing left to do
	r.ask("007", "SPS_DROPCALL", "HANDLE="+strings.Repeat("0", 31)+"1")
	if m := r.must("SPS_GETWORKMODE", "EXT="+anna).values["WORKMODE"]; m != "02" {
		t.Errorf("after the wrap-up the work mode is %s", m)
	}
}

func TestWorkmodeEndsWrapUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	_, call := r.talking()
	r.sw.HangUp(call)
	r.must("SPS_SETWORKMODE", "EXT="+anna, "WORKMODE=03")
	if m := r.must("SPS_GETWORKMODE", "EXT="+anna).values["WORKMODE"]; m != "03" {
		t.Errorf("the work mode is %s", m)
	}
}

func TestOutboundCall(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.ready(anna)
	r.ask("907", "SPS_MAKECALL", "EXT="+anna, "DIAL_NO=abc")
	r.ask("907", "SPS_MAKECALL", "EXT="+anna, "DIAL_NO=+4412345678")
	out := r.must("SPS_MAKE_CALL", "EXT="+anna, "DIAL_NO="+ctitest.Outside)
	if out.values["DIALLED_NO"] != ctitest.Outside {
		t.Errorf("dialled %v", out.values)
	}
	row := r.one(anna, "02")
	if row["HANDLE"] != out.values["HANDLE"] || row["PARTY"] != ctitest.Outside {
		t.Errorf("the call is listed as %v", row)
	}
	r.must("SPS_DROPALL", "EXT="+anna)
	r.one(anna, "09")
}

func TestDeflect(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.ready(anna)
	r.ready(bernd)
	r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	handle := r.one(anna, "01")["HANDLE"]
	r.ask("907", "SPS_DEFLECT", "HANDLE="+handle, "DEST_NO=7777")
	r.must("SPS_DEFLECT", "HANDLE="+handle)
	next := r.one(bernd, "01")
	if next["HANDLE"] == handle {
		t.Error("the next agent's handle is the same")
	}
	if a := r.must("SPS_ANSWER", "EXT="+bernd, "HANDLE="+next["HANDLE"]); a.values["ANS_HANDLE"] != next["HANDLE"] {
		t.Errorf("answered as %v", a.values)
	}
	r.one(bernd, "04")
}

// Who presses the key to hang up while a call alerts does not want it.
func TestAlertingCallIsDropped(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.ready(anna)
	r.ready(bernd)
	r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	r.must("SPS_DROPCALL", "EXT="+anna, "HANDLE="+r.one(anna, "01")["HANDLE"])
	r.one(anna, "09")
	r.one(bernd, "01")
}

func TestConsultation(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		function, result string
		anna, bernd      string // states
	}{
		"transfer":   {"SPS_TRANSFER", "", "09 09", "04"},
		"conference": {"SPS_CONFERENCE", "CONF_HANDLE", "08 09", "08"},
		"reconnect":  {"SPS_RECONNECT", "HANDLE", "04 09", "09"},
		"alternate":  {"SPS_ALTERNATE", "", "04 05", "06"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			handle, _ := r.talking()
			r.ready(bernd)
			r.ask("007", "SPS_CONSULT", "HANDLE=nonsense", "DIAL_NO="+bernd)
			out := r.must("SPS_CONSULT", "EXT="+anna, "HANDLE="+handle, "DIAL_NO="+bernd)
			consultation := out.values["CONS_HANDLE"]
			if out.values["HELD_HANDLE"] != handle {
				t.Errorf("held: %v", out.values)
			}
			k := r.one(bernd, "01")
			if k["REASON"] != "03" || k["PARTY"] != "+"+anna {
				t.Errorf("the consultation alerts as %v", k)
			}
			r.must("SPS_ANSWER", "HANDLE="+k["HANDLE"])
			two := []string{"CONN_HANDLE=" + consultation, "HELD_HANDLE=" + handle}
			r.ask("052", c.function, "CONN_HANDLE=x", two[1])
			r.ask("053", c.function, two[0], "HELD_HANDLE=x")
			done := r.must(c.function, two...)
			if c.result != "" && done.values[c.result] != handle {
				t.Errorf("%s is %v", c.result, done.values)
			}
			if got := states(r.calls(anna)); got != c.anna {
				t.Errorf("Anna has %q, want %q", got, c.anna)
			}
			if got := states(r.calls(bernd)); got != c.bernd {
				t.Errorf("Bernd has %q, want %q", got, c.bernd)
			}
		})
	}
}

func states(rows []map[string]string) string {
	var out []string
	for _, row := range rows {
		out = append(out, row["STATE"])
	}
	sort.Strings(out)
	return strings.Join(out, " ")
}

func TestConferenceDropsAParty(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	handle, _ := r.talking()
	r.ready(bernd)
	out := r.must("SPS_CONSULT", "HANDLE="+handle, "DIAL_NO="+bernd)
	r.must("SPS_ANSWER", "HANDLE="+r.one(bernd, "01")["HANDLE"])
	r.must("SPS_CONFERENCE", "CONN_HANDLE="+out.values["CONS_HANDLE"], "HELD_HANDLE="+handle)
	r.ask("907", "SPS_DROPPARTY", "HANDLE="+handle, "PARTY_NO=7777")
	r.must("SPS_DROPPARTY", "HANDLE="+handle, "PARTY_NO=+"+bernd)
	if got := states(r.calls(anna)); got != "04 09" {
		t.Errorf("Anna has %q", got)
	}
}

func TestBlindTransfer(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	handle, _ := r.talking()
	r.ready(bernd)
	r.must("SPS_BTRANSFER", "EXT="+anna, "HANDLE="+handle, "DEST_NO="+bernd)
	r.one(anna, "09")
	if k := r.one(bernd, "01"); k["REASON"] != "05" || k["PARTY"] != "+"+ctitest.Caller {
		t.Errorf("the transferred call alerts as %v", k)
	}
}

func TestCallData(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	handle, _ := r.talking()
	text := func(out reply) string {
		var b strings.Builder
		for _, row := range out.tables["CALLDATA"] {
			b.WriteString(row["LINE"])
		}
		return b.String()
	}
	if doc := text(r.must("SPS_GETCALLINFO", "HANDLE="+handle, "CALLDATA=")); !strings.Contains(doc, "<FirstBNumber>600</FirstBNumber>") {
		t.Errorf("our own part is %q", doc)
	}
	r.ask("915", "SPS_GETCALLINFO", "HANDLE="+handle, "APPL=CRM_IC")
	r.ask("916", "SPS_SETCALLINFO", "HANDLE="+handle, "APPL=CRM_IC", "CALLDATA:LINE=<a>")
	long := "<note>" + strings.Repeat("word ", 200) + "</note>"
	r.must("SPS_SETCALLINFO", "HANDLE="+handle, "APPL=CRM_IC", "CALLDATA:LINE="+long)
	out := r.must("SPS_GETCALLINFO", "HANDLE="+handle, "APPL=CRM_IC", "CALLDATA=")
	if got := text(out); got != long || out.values["LENGTH"] != fmt.Sprint(len(long)) || len(out.tables["CALLDATA"]) < 4 {
		t.Errorf("read back %q (%d) in %d lines", got, len(got), len(out.tables["CALLDATA"]))
	}
	r.must("SPS_APPENDCALLINFO", "HANDLE="+handle, "APPL=CRM_IC", "CALLDATA:LINE=<b/>")
	if got := text(r.must("SPS_GETCALLINFO", "HANDLE="+handle, "APPL=CRM_IC", "CALLDATA=")); got != long+"<b/>" {
		t.Errorf("after appending: %q", got)
	}
	r.must("SPS_SETCALLINFO", "HANDLE="+handle, `CALLDATA:LINE=<ItemAttachedData><Application id="X"><v>1</v></Application>`, "CALLDATA:LINE=</ItemAttachedData>")
	doc := text(r.must("SPS_GETCALLINFO", "HANDLE="+handle, "CALLDATA="))
	if !strings.Contains(doc, `<Application id="X"><v>1</v></Application>`) || strings.Contains(doc, "CRM_IC") {
		t.Errorf("after replacing: %q", doc)
	}
	r.must("SPS_DELETECALLINFO", "HANDLE="+handle, "APPL=X")
	r.ask("915", "SPS_GETCALLINFO", "HANDLE="+handle, "APPL=X")
	if id := r.must("SPS_CREATEINFO", "HANDLE="+handle, "INFO:LINE=old text").values["INFO_ID"]; id != handle {
		t.Errorf("the id is %q", id)
	}
	r.must("SPS_DELETECALLINFO", "HANDLE="+handle)
	r.ask("007", "SPS_GETCALLINFO", "HANDLE=00")
}

func TestReporting(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	out := r.must("SPS_STAT_DATA_GET", "DATE_FROM=2026-03-02", "TIME_FROM=00:00:00", "MAX=1", "HEADERS=", "STEPS=")
	h := out.tables["HEADERS"]
	if len(h) != 1 || h[0]["EXT_ADDR"] != "+4917055501" || h[0]["QUEUE"] != "600" || h[0]["START"] != "20260302090000" || out.values["MORE"] != "X" || len(out.tables["STEPS"]) != 2 {
		t.Errorf("got %v", out)
	}
	r.ask("918", "SPS_STAT_DATA_GET", "DATE_FROM=20261399")
}

func TestWhatTheSwitchCannotDo(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	for _, f := range []string{"SPS_PDLISTTRANSFER", "SPS_MODIFY_PDCALL", "SPS_DELETE_PDCALL", "SPS_STATCAMPAGN"} {
		r.ask("020", f) // no campaigns are configured
		r.ask("020", f, "CAMPAIGN=C1")
		r.ask("020", f, "CAMPAIGN=*")
	}
	r.ask("920", "SPS_GENERIC", "FUNC=BREW")
	if s := r.must("SMON_COMP_STATE_RETRIEVE", "STATES=").tables["STATES"]; len(s) != 2 || s[1]["STATE"] != "UP" {
		t.Errorf("components: %v", s)
	}
	same := newRig(t, func(c *sapphone.Config) { c.ReferenceOnly = true })
	for _, f := range []string{
		"SPS_GENERIC", "SPS_APPENDCALLINFO", "SPS_CREATEINFO", "SPS_SETINFO", "SPS_CAMPAGNS_GET", "SPS_ASSIGNED_CAMPAGNS_GET",
		"SMON_TRACE_SET", "SMON_TRACE_UPLOAD", "SMON_TRACE_EXPLAIN", "SMON_COMP_STATE_RETRIEVE",
	} {
		same.ask("920", f)
	}
}

func TestGeneric(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	handle, _ := r.talking()
	body := strings.Replace(envelope("SPS_GENERIC", "FUNC=SENDDTMF"), "</rfc:SPS_GENERIC>",
		"<PARAMS><item><NAME>HANDLE</NAME><VALUE>"+handle+"</VALUE></item><item><NAME>DIGITS</NAME><VALUE>12#</VALUE></item></PARAMS></rfc:SPS_GENERIC>", 1)
	status, answer, err := r.send(t.Context(), body)
	if err != nil || status != http.StatusOK || !strings.Contains(string(answer), "<RETURNCODE>000</RETURNCODE>") {
		t.Errorf("%d %s %v", status, answer, err)
	}
}
