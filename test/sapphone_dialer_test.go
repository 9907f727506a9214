package test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/sip/siptest"
	"strowger/sip/ua"
)

// sapZeep is a SAP system whose SOAP client knows the functions from our
// description alone.
type sapZeep struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Scanner
}

type sapValues = map[string]any

func startSAP(t *testing.T, url string) *sapZeep {
	t.Helper()
	if err := exec.CommandContext(t.Context(), zeepStack.have[0], zeepStack.have[1:]...).Run(); err != nil {
		skipLayer(t, "zeep, a real SOAP client", python+" has no zeep: apt-get install "+zeepStack.debs)
	}
	cmd := exec.Command(python, "../cti/sapphone/testdata/zeep_client.py", url+"?wsdl")
	cmd.Stderr = os.Stderr
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
	t.Cleanup(func() {
		_ = in.Close() // it ends with its input
		if err := cmd.Wait(); err != nil {
			t.Errorf("the SOAP client: %v", err)
		}
	})
	z := &sapZeep{t, in, bufio.NewScanner(out)}
	z.out.Buffer(nil, 1<<20)
	var first struct{ Operations []string }
	if z.read(&first); len(first.Operations) == 0 {
		t.Fatal("the description has no operations")
	}
	return z
}

func (z *sapZeep) read(into any) {
	z.t.Helper()
	if !z.out.Scan() {
		z.t.Fatalf("the SOAP client has ended: %v", z.out.Err())
	}
	if err := json.Unmarshal(z.out.Bytes(), into); err != nil {
		z.t.Fatalf("%v in %s", err, z.out.Bytes())
	}
}

// call calls a function and wants a return code.
func (z *sapZeep) call(rc, function string, params sapValues) sapValues {
	z.t.Helper()
	line, err := json.Marshal(sapValues{"function": function, "params": params})
	if err != nil {
		z.t.Fatal(err)
	}
	if _, err := z.in.Write(append(line, '\n')); err != nil {
		z.t.Fatal(err)
	}
	var answer struct {
		Result any
		Fault  string
	}
	z.read(&answer)
	result, whole := answer.Result.(sapValues)
	if !whole {
		result = sapValues{"RETURNCODE": answer.Result}
	}
	if result["RETURNCODE"] != rc {
		z.t.Fatalf("%s %v: %v %s, want %s", function, params, result, answer.Fault, rc)
	}
	return result
}

// rows is a table of an answer by one of its columns.
func (z *sapZeep) rows(v sapValues, table, column string) map[string]sapValues {
	z.t.Helper()
	t, _ := v[table].(sapValues)
	items, _ := t["item"].([]any)
	out := map[string]sapValues{}
	for _, i := range items {
		row, _ := i.(sapValues)
		key, _ := row[column].(string)
		out[key] = row
	}
	if len(out) != len(items) {
		z.t.Errorf("%s: two rows with the same %s: %v", table, column, items)
	}
	return out
}

// list is a call's table out of texts such as "CALLID=A1|PHONE1=+49301".
func sapTable(rows ...string) sapValues {
	var items []any
	for _, r := range rows {
		row := sapValues{}
		for _, field := range strings.Split(r, "|") {
			name, value, _ := strings.Cut(field, "=")
			row[name] = value
		}
		items = append(items, row)
	}
	return sapValues{"item": items}
}

// sapDialing is a dialer's campaign whose list comes from SAP, and an agent of
// it who works in the CRM.
type sapDialing struct {
	*site
	sap  *sapZeep
	crm  *crm
	desk *siptest.Phone
}

const (
	sapFirst, sapSecond, sapThird = "+4930222001", "+4930222002", "+4930222003"
	sapRejected, sapOff           = "+4930222004", "+4930222005"
)

// TestSAPphoneDialer: SAP hands a list over, changes it and takes somebody off;
// the dialer shows each to the agent's CRM, who calls, rejects and puts off; SAP
// reads what came of each, by whom and in which call. Both are real SOAP clients.
func TestSAPphoneDialer(t *testing.T) {
	port := freePort(t)
	s := stage(t, fmt.Sprintf(`
sapphone: {enabled: true, listen: "127.0.0.1:%d", campaigns: [{id: SPRING, campaign: spring}]}
ici: {listen: "127.0.0.1:%d", send_dtmf_capability: 113, preview_begin: true, preview_reject: REJECT, reschedule_immediately: true}
%s
calendars:
  - {id: always, zone: UTC, week: [{days: [mon-sun], from: "00:00", to: "24:00"}]}
queues:
  - {id: sales, number: "600", ring_timeout: 60s, wrap_up: 60s, dial_rule: outside}
campaigns:
  - {id: spring, queue: sales, mode: preview, rules: custom, custom: {hours: always}, hours: always, lists: [{list: spring}]}
agents:
  - {id: mueller, line: "104", queues: [sales], station: {endpoint: "104", mode: call-on-accept}}
`, port, freePort(t), outsideObjects))
	d := sapDialing{site: s, desk: s.desk("104"), sap: startSAP(t, fmt.Sprintf("http://127.0.0.1:%d/sap/bc/soap/rfc", port))}
	talks := siptest.Script{Answer: true, AnswerAfter: time.Second, Say: 700}
	d.outside(siptest.Refuse(404), map[string]siptest.Script{sapFirst: talks, sapThird: talks})
	d.transfer()
	d.crm = startCRM(t, s.iciURL(), "MUELLER")
	s.must(http.MethodPost, "/api/v1/campaigns/spring/start", nil, nil)
	d.called()
	d.rejected()
	d.putOff()
	d.putOffInTalk()
	d.results()
	s.noLeftovers()
	s.stop()
}

// transfer has SAP fill the list, change it, and take somebody off.
func (d *sapDialing) transfer() {
	list := sapTable("CALLID=A1|PRIO=200|NAME=Weber|DATA=gold|PHONE1="+sapFirst, "CALLID=A2|PHONE1=nobody", "CALLID=A3|PRIO=150|PHONE1="+sapRejected,
		"CALLID=A4|PRIO=120|PHONE1="+sapSecond, "CALLID=A5|PRIO=250|PHONE1="+sapOff, "CALLID=A6|PRIO=110|PHONE1="+sapSecond+"9|PHONE2="+sapThird)
	got := d.sap.call("917", "SPS_PDLISTTRANSFER", sapValues{"CAMPAIGN": "SPRING", "MODE": "N", "CALLLIST": list})
	if bad := d.sap.rows(got, "ERRORS", "CALLID"); got["ACCEPTED"] != 5.0 || got["ERR_DETAILED"] != "X" || len(bad) != 1 || bad["A2"]["RC"] != "907" {
		d.t.Errorf("the list: %v", got)
	}
	more := sapValues{"CAMPAIGN": "SPRING", "MODE": "A", "CALLLIST": sapTable("CALLID=A1|PHONE1=" + sapFirst)}
	if bad := d.sap.rows(d.sap.call("917", "SPS_PDLISTTRANSFER", more), "ERRORS", "CALLID"); bad["A1"]["RC"] != "910" {
		d.t.Errorf("once more: %v", bad)
	}
	d.sap.call("000", "SPS_MODIFY_PDCALL", sapValues{"CAMPAIGN": "SPRING", "CALLLIST": sapTable("CALLID=A6|PRIO=110|PHONE1=" + sapThird)})
	d.sap.call("000", "SPS_DELETE_PDCALL", sapValues{"CAMPAIGN": "SPRING", "CALLIDS": sapTable("CALLID=A5")})
	if bad := d.sap.rows(d.sap.call("000", "SPS_DELETE_PDCALL", sapValues{"CAMPAIGN": "SPRING", "CALLIDS": sapTable("CALLID=A5", "CALLID=A9")}), "ERRORS", "CALLID"); len(bad) != 2 {
		d.t.Errorf("what is not on the list: %v", bad)
	}
	if state := d.sap.rows(d.sap.call("000", "SPS_CAMPAIGNS_GET", sapValues{}), "CAMPAIGNS", "ID"); state["SPRING"]["STATUS"] != "01" {
		d.t.Errorf("the campaigns: %v", state)
	}
}

// shown waits for a preview of an entry.
func (d *sapDialing) shown(id, number string) string {
	d.t.Helper()
	p := d.crm.phone(111, 2, 1, 2, 6, 7, 8)
	if p.Inbound || len(p.Remote) != 1 || p.Remote[0] != number {
		d.t.Errorf("the preview of %s: %+v", id, p)
	}
	if data, _ := d.crm.must("getAttachedData", of(p.Handle)).(string); !strings.Contains(data, `<Application id="CRM_IC_CLM_PVDIAL"><CALLID>`+id+`</CALLID>`) {
		d.t.Errorf("the entry %s of the list: %q", id, data)
	}
	return p.Handle
}

// talks makes the call of a preview.
func (d *sapDialing) talks(item string) *siptest.Leg {
	d.t.Helper()
	d.crm.must("accept", of(item))
	d.crm.tells(item, 111, 2, 2, 102)
	own := d.desk.Expect()
	d.crm.tells(item, 103, 2, capDialing...)
	d.crm.answered(item)
	own.MustHear(700)
	return own
}

func (d *sapDialing) called() {
	item := d.shown("A1", sapFirst)
	own := d.talks(item)
	d.crm.must("drop", of(item))
	own.MustEndBy(ua.Remote, 0)
	d.crm.wrapsUp(item)
}

func (d *sapDialing) rejected() {
	item := d.shown("A3", sapRejected)
	d.crm.must("reroute", of(item))
	d.crm.tells(item, 4, 1)
}

// inAWeek is when somebody is to be called again, as a CRM writes it.
func inAWeek() string {
	return time.Now().UTC().AddDate(0, 0, 7).Format("<DATE>20060102</DATE>") + "<TIME>120000</TIME>"
}

func putOff(item, id string) map[string]any {
	return of(item, "data", `<ItemAttachedData><Application id="CRM_IC_CLM_PVDIAL"><CALLID>`+id+`</CALLID>`+inAWeek()+`</Application></ItemAttachedData>`)
}

// putOff is before the call is made.
func (d *sapDialing) putOff() {
	item := d.shown("A4", sapSecond)
	d.crm.must("setAttachedData", putOff(item, "A4"))
	d.crm.tells(item, 111, 2, 1, 2, 6, 7, 8) // with what was written
	d.crm.tells(item, 4, 1)
}

// putOffInTalk ends the talk; the wish is on the lead.
func (d *sapDialing) putOffInTalk() {
	item := d.shown("A6", sapThird)
	own := d.talks(item)
	d.crm.must("setAttachedData", putOff(item, "A6"))
	own.MustEndBy(ua.Remote, 0)
	d.crm.tells(item, 101, 2, capDigits...) // with what was written
	d.crm.wrapsUp(item)
	d.waitAgent("mueller", "ready")
	var why rest.LeadWhyList
	eventually(d.t, "the customer is to be called in a week", func() bool {
		d.must(http.MethodGet, "/api/v1/leads/why?who=spring/A6", nil, &why)
		return len(why.Answers) == 1 && len(why.Answers[0].Reasons) > 0 && why.Answers[0].Reasons[0].Reason == "callback"
	}, &why)
}

// results are SAP's: what came of each, by whom, and in which call.
func (d *sapDialing) results() {
	want := map[string]string{"A1": "SUCCESSFUL mueller 1", "A3": "AGENT_REJECTED mueller 1", "A4": "SKIP mueller 0", "A5": "OTHER  0", "A6": "SUCCESSFUL mueller 1"}
	got := map[string]string{}
	var rows map[string]sapValues
	eventually(d.t, "SAP reads all results", func() bool {
		answer := d.sap.call("000", "SPS_STATCAMPAIGN", sapValues{"CAMPAIGN": "SPRING"})
		rows = d.sap.rows(answer, "RESULTS", "CALLID")
		for id, r := range rows {
			agent, _ := r["AGENT"].(string)
			got[id] = fmt.Sprintf("%v %s %v", r["RESULT"], agent, r["TRIES"])
		}
		return fmt.Sprint(got) == fmt.Sprint(want) && answer["TOTALS"] == 5.0
	}, &got)
	if handle, _ := rows["A5"]["HANDLE"].(string); handle != "" {
		d.t.Errorf("nobody was called for A5, and its handle is %s", handle)
	}
	delete(rows, "A5")
	missing := ""
	eventually(d.t, "each handle is that of a call in the records", func() bool {
		since := sapValues{"DATE_FROM": time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly), "TIME_FROM": "00:00:00", "MAX": 100}
		calls := d.sap.rows(d.sap.call("000", "SPS_STAT_DATA_GET", since), "HEADERS", "CON_ID")
		missing = ""
		for id, r := range rows {
			if handle, _ := r["HANDLE"].(string); calls[handle] == nil {
				missing += fmt.Sprintf("%s %q ", id, handle)
			}
		}
		return missing == ""
	}, &missing)
}
