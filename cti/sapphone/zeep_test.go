package sapphone_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
)

// python is the interpreter that has zeep, from the package python3-zeep.
const python = "/usr/bin/python3"

// zeepClient is a SOAP client of its own, which knows the functions from our
// description alone.
type zeepClient struct {
	*testing.T
	in         io.Writer
	out        *bufio.Scanner
	operations []string
	called     map[string]bool
}

func newZeep(t *testing.T, url string) *zeepClient {
	t.Helper()
	if err := exec.CommandContext(t.Context(), python, "-c", "import zeep").Run(); err != nil {
		t.Skip("SKIPPED LAYER: " + python + " has no zeep (package python3-zeep), SOAP-RFC is not tried with a real client")
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), python, filepath.Join("testdata", "zeep_client.py"), url)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	z := &zeepClient{T: t, in: in, out: bufio.NewScanner(out), called: map[string]bool{}}
	z.out.Buffer(nil, 4<<20)
	t.Cleanup(func() {
		_ = in.Close() // the script ends at the end of its input
		if err := cmd.Wait(); err != nil {
			t.Errorf("zeep: %v\n%s", err, stderr.String())
		}
	})
	var first struct{ Operations []string }
	z.read(&first)
	z.operations = first.Operations
	return z
}

func (z *zeepClient) read(into any) {
	z.Helper()
	if !z.out.Scan() {
		z.Fatalf("zeep has ended: %v", z.out.Err())
	}
	if err := json.Unmarshal(z.out.Bytes(), into); err != nil {
		z.Fatalf("%v in %s", err, z.out.Bytes())
	}
}

type values = map[string]any

// call calls a function and wants a return code.
func (z *zeepClient) call(rc, function string, params values) values {
	z.Helper()
	if params == nil {
		params = values{}
	}
	line, err := json.Marshal(values{"function": function, "params": params})
	if err != nil {
		z.Fatal(err)
	}
	if _, err := z.in.Write(append(line, '\n')); err != nil {
		z.Fatal(err)
	}
	var answer struct {
		Result any
		Fault  string
	}
	z.read(&answer)
	z.called[function] = true
	result, _ := answer.Result.(values)
	if got := fmt.Sprint(result["RETURNCODE"]); result == nil && fmt.Sprint(answer.Result) != rc || result != nil && got != rc {
		z.Fatalf("%s %v: %v %s, want return code %s", function, params, answer.Result, answer.Fault, rc)
	}
	return result
}

// table is the lines of a table in an answer.
func table(v values, name string) []values {
	t, _ := v[name].(values)
	items, _ := t["item"].([]any)
	var out []values
	for _, i := range items {
		if row, ok := i.(values); ok {
			out = append(out, row)
		}
	}
	return out
}

func lines(text ...string) values {
	var items []any
	for _, l := range text {
		items = append(items, values{"LINE": l})
	}
	return values{"item": items}
}

// TestZeep lets an independent SOAP client call every function that SAP may
// call, during real calls.
func TestZeep(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *sapphone.Config) { c.Campaigns = []sapphone.Campaign{{ID: "SPRING", Queue: "support"}} })
	z := newZeep(t, r.url+"?wsdl")
	z.call("000", "XCHGVERSION", values{"SAP_VERSION": "5.11"})
	if v := z.call("000", "XCHGPARAMS", values{"SERVER_NAME": "BCM1"}); v["MAX_WAIT"] != 600.0 || v["WAIT_MODE"] != "X" {
		t.Errorf("parameters: %v", v)
	}
	for _, ext := range []string{anna, bernd} {
		z.call("000", "SPS_REGISTER", values{"EXT": ext, "USER": "X", "POPUP": "X"})
		z.call("000", "SPS_AGENTLOGIN", values{"EXT": ext, "AGENT_ID": "", "PASSWORD": "x"})
	}
	z.call("000", "SPS_SETWORKMODE", values{"EXT": anna, "WORKMODE": "02"})
	if q := table(z.call("000", "SPS_GETQUEUES", values{"EXT": anna, "TYPE": "0"}), "QUEUES"); len(q) != 1 || q[0]["QUEUE"] != "600" {
		t.Errorf("queues: %v", q)
	}
	z.call("913", "SPS_WAITFORCALL", values{"EXT": bernd, "TIMEOUT": 1})
	z.call("914", "SPS_CANCELWAIT", values{"EXT": bernd})
	z.inbound(r)
	z.outbound()
	z.others()
	for _, f := range sapphone.DefaultFile().Functions {
		if f.Direction == "in" && !z.called[f.Name] {
			t.Errorf("%s was not called", f.Name)
		}
	}
	if len(z.operations) != len(z.called) {
		t.Errorf("the description has %d functions, %d were called", len(z.operations), len(z.called))
	}
}

// inbound is a call to Anna who asks Bernd in.
func (z *zeepClient) inbound(r *rig) {
	z.Helper()
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	w := z.call("000", "SPS_WAITFORCALL", values{"EXT": anna, "TIMEOUT": 5})
	handle, _ := w["HANDLE"].(string)
	if len(table(w, "CALLDATA")) == 0 || w["CALLING_NO"] != "+"+ctitest.Caller {
		z.Errorf("a wait: %v", w)
	}
	r.sw.PickUp(call)
	if rows := table(z.call("000", "SPS_GETCALLSTATE", values{"EXT": anna}), "CALLS"); len(rows) != 1 || rows[0]["STATE"] != "04" {
		z.Errorf("calls: %v", rows)
	}
	z.data(handle)
	z.call("000", "SPS_HOLD", values{"HANDLE": handle})
	z.call("000", "SPS_UNHOLD", values{"HANDLE": handle})
	consult := func() string {
		z.call("000", "SPS_SETWORKMODE", values{"EXT": bernd, "WORKMODE": "03"}) // ends a wrap-up, in which he is busy
		c := z.call("000", "SPS_CONSULT", values{"HANDLE": handle, "DIAL_NO": bernd})
		for _, row := range table(z.call("000", "SPS_GETCALLSTATE", values{"EXT": bernd}), "CALLS") {
			if row["STATE"] == "01" {
				z.call("000", "SPS_ANSWER", values{"EXT": bernd, "HANDLE": row["HANDLE"]})
			}
		}
		return fmt.Sprint(c["CONS_HANDLE"])
	}
	two := values{"CONN_HANDLE": consult(), "HELD_HANDLE": handle}
	z.call("000", "SPS_ALTERNATE", two)
	z.call("000", "SPS_ALTERNATE", values{"CONN_HANDLE": handle, "HELD_HANDLE": two["CONN_HANDLE"]})
	if v := z.call("000", "SPS_RECONNECT", two); v["HANDLE"] != handle {
		z.Errorf("reconnected: %v", v)
	}
	z.call("000", "SPS_CONFERENCE", values{"CONN_HANDLE": consult(), "HELD_HANDLE": handle})
	z.call("000", "SPS_DROPPARTY", values{"HANDLE": handle, "PARTY_NO": bernd})
	z.call("000", "SPS_TRANSFER", values{"CONN_HANDLE": consult(), "HELD_HANDLE": handle})
	if m := z.call("000", "SPS_GETWORKMODE", values{"EXT": anna}); m["WORKMODE"] != "04" {
		z.Errorf("after the transfer: %v", m)
	}
	z.call("000", "SPS_DROPCALL", values{"HANDLE": handle})
}

// data is what travels with a call.
func (z *zeepClient) data(handle string) {
	z.Helper()
	const app, text = "CRM_IC", "<n>\u00e9 &amp; <b/></n>"
	z.call("000", "SPS_SETCALLINFO", values{"HANDLE": handle, "APPL": app, "CALLDATA": lines("<n>\u00e9 &amp; ", "<b/></n>")})
	if rows := table(z.call("000", "SPS_GETCALLINFO", values{"HANDLE": handle, "APPL": app}), "CALLDATA"); len(rows) != 1 || rows[0]["LINE"] != "<n>\u00e9 &amp;<b/></n>" && rows[0]["LINE"] != text {
		z.Errorf("read back %v", rows)
	}
	z.call("000", "SPS_APPENDCALLINFO", values{"HANDLE": handle, "APPL": app, "CALLDATA": lines("<m/>")})
	z.call("000", "SPS_CREATEINFO", values{"HANDLE": handle, "INFO": lines("one")})
	z.call("000", "SPS_SETINFO", values{"HANDLE": handle, "INFO": lines("two")})
	z.call("000", "SPS_DELETECALLINFO", values{"HANDLE": handle, "APPL": app})
	z.call("000", "SPS_GENERIC", values{"FUNC": "SENDDTMF", "PARAMS": values{"item": []any{
		values{"NAME": "HANDLE", "VALUE": handle}, values{"NAME": "DIGITS", "VALUE": "1"},
	}}})
}

// outbound is calls that Anna makes, and what she does with one that rings.
func (z *zeepClient) outbound() {
	z.Helper()
	made := z.call("000", "SPS_MAKECALL", values{"EXT": anna, "DIAL_NO": ctitest.Outside})
	z.call("008", "SPS_BTRANSFER", values{"HANDLE": made["HANDLE"], "DEST_NO": bernd})
	z.call("000", "SPS_DROPALL", values{"EXT": anna})
	z.call("007", "SPS_DEFLECT", values{"HANDLE": "0", "DEST_NO": bernd})
}

// others are the functions without a call.
func (z *zeepClient) others() {
	z.Helper()
	v := z.call("000", "SPS_STAT_DATA_GET", values{"DATE_FROM": "2026-03-02", "TIME_FROM": "00:00:00", "MAX": 10})
	if h := table(v, "HEADERS"); len(h) != 2 || h[1]["CON_DIRECT"] != "02" || len(table(v, "STEPS")) != 2 {
		z.Errorf("reporting data: %v", v)
	}
	if s := table(z.call("000", "SMON_COMP_STATE_RETRIEVE", nil), "STATES"); len(s) != 2 {
		z.Errorf("components: %v", s)
	}
	z.call("020", "SPS_PDLISTTRANSFER", values{"CAMPAIGN": "C1"})
	list := values{"CAMPAIGN": "SPRING", "MODE": "N", "CALLLIST": values{"item": []any{
		values{"CALLID": "A1", "PHONE1": ctitest.Outside, "NAME": "M\u00fcller", "NOT_BEFORE": "20260303120000", "NOT_AFTER": "20260303180000"}, values{"CALLID": "A2", "PHONE1": "x"},
	}}}
	if v := z.call("917", "SPS_PDLISTTRANSFER", list); v["ACCEPTED"] != 1.0 || v["ERR_DETAILED"] != "X" || len(table(v, "ERRORS")) != 1 || table(v, "ERRORS")[0]["RC"] != "907" {
		z.Errorf("a list of calls: %v", v)
	}
	z.call("000", "SPS_MODIFY_PDCALL", values{"CAMPAIGN": "SPRING", "CALLLIST": values{"item": []any{values{"CALLID": "A1", "PHONE1": "+49301234568"}}}})
	if rows := table(z.call("000", "SPS_CAMPAIGNS_GET", nil), "CAMPAIGNS"); len(rows) != 1 || rows[0]["STATUS"] != "01" {
		z.Errorf("campaigns: %v", rows)
	}
	z.call("000", "SPS_ASSIGNED_CAMPAIGNS_GET", values{"AGENT_ID": "ANNA"})
	z.call("000", "SPS_DELETE_PDCALL", values{"CAMPAIGN": "SPRING", "CALLIDS": values{"item": []any{values{"CALLID": "A1"}}}})
	if v := z.call("000", "SPS_STATCAMPAIGN", values{"CAMPAIGN": "SPRING"}); v["TOTALS"] != 1.0 || len(table(v, "RESULTS")) != 1 || table(v, "RESULTS")[0]["RESULT"] != "OTHER" {
		z.Errorf("results: %v", v)
	}
	z.call("000", "SMON_TRACE_SET", values{"LEVEL": "01"})
	if rows := table(z.call("000", "SMON_TRACE_UPLOAD", nil), "LINES"); len(rows) != 1 {
		z.Errorf("trace: %v", rows)
	}
	z.call("000", "SMON_TRACE_EXPLAIN", values{"CODE": "901"})
	z.call("000", "SPS_DEREGISTER", values{"EXT": anna})
	z.call("000", "SPS_AGENTLOGOUT", values{"EXT": bernd})
}
