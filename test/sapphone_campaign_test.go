package test

import (
	"fmt"
	"testing"
	"time"

	"strowger/sip/siptest"
	"strowger/sip/ua"
)

// TestSAPphoneCampaign: a SAP system hands a list of calls over, an agent is
// shown whom they are to call, has the call made, and SAP reads what came of it.
func TestSAPphoneCampaign(t *testing.T) {
	port := freePort(t)
	s := stage(t, fmt.Sprintf(`
sapphone: {enabled: true, listen: "127.0.0.1:%d", campaigns: [{id: SPRING, queue: sales}]}
ici: {listen: "127.0.0.1:%d", preview_begin: true}
queues:
  - {id: sales, number: "600", ring_timeout: 60s, wrap_up: 60s, dial_rule: outside}
agents:
  - {id: mueller, line: "104", queues: [sales], dial_rule: outside, station: {endpoint: "104", mode: call-on-accept}}
`, port, freePort(t))+outsideObjects)
	desk := s.desk("104")
	const answers = "+4930222001"
	world := s.outside(siptest.Refuse(404), map[string]siptest.Script{answers: {Answer: true, AnswerAfter: time.Second, Say: 700}})
	sap := sapphone{t, fmt.Sprintf("http://127.0.0.1:%d/sap/bc/soap/rfc", port)}
	sap.call("000", "SPS_AGENTLOGIN", "EXT=104")
	line := func(id, number string) string {
		return "<item><CALLID>" + id + "</CALLID><PHONE1>" + number + "</PHONE1></item>"
	}
	list := sap.call("917", "SPS_PDLISTTRANSFER", "CAMPAIGN=SPRING", "MODE=N", "CALLLIST="+line("A1", answers)+line("A2", "nobody"), "ERRORS=")
	if list["ACCEPTED"] != "1" || list["ERR_DETAILED"] != "X" || list["RC"] != "907" {
		t.Errorf("the list: %v", list)
	}
	sap.call("000", "SPS_SETWORKMODE", "EXT=104", "WORKMODE=02")
	shown := sap.call("000", "SPS_WAITFORCALL", "EXT=104", "TIMEOUT=30", "CALLDATA=")
	if shown["REASON"] != "09" || shown["CALLING_NO"] != answers {
		t.Errorf("the preview: %v", shown)
	}
	handle := sap.state("104", "99")
	if data := sap.call("000", "SPS_GETCALLINFO", "HANDLE="+handle, "APPL=CRM_IC_CLM_PVDIAL", "CALLDATA="); data["LINE"] != "<CALLID>A1</CALLID>" {
		t.Errorf("the list's entry: %v", data)
	}
	sap.call("000", "SPS_ANSWER", "EXT=104", "HANDLE="+handle)
	own := desk.Expect()
	own.MustHear(700)
	world.Expect()
	sap.state("104", "04")
	sap.call("000", "SPS_DROPCALL", "HANDLE="+handle)
	own.MustEndBy(ua.Remote, 0)
	sap.call("000", "SPS_DROPCALL", "HANDLE="+handle) // the wrap-up
	s.waitAgent("mueller", "ready")
	result := sap.call("000", "SPS_STATCAMPAIGN", "CAMPAIGN=SPRING", "RESULTS=")
	if result["RESULT"] != "SUCCESSFUL" || result["AGENT"] != "mueller" || result["TRIES"] != "1" || result["TOTALS"] != "1" {
		t.Errorf("the result: %v", result)
	}
	if row := sap.call("000", "SPS_CAMPAIGNS_GET", "CAMPAIGNS="); row["ID"] != "SPRING" || row["STATUS"] != "02" {
		t.Errorf("the campaign: %v", row)
	}
	s.noLeftovers()
	s.stop()
}
