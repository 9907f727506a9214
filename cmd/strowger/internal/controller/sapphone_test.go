package controller

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"strowger/cmd/strowger/internal/config"
	"strowger/cti/sapphone/typet"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/sim"
)

// sapCall calls a function over SOAP-RFC and returns the answer's text.
func (l *live) sapCall(t *testing.T, function, params string) string {
	t.Helper()
	body := `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><` + function + ` xmlns="urn:sap-com:document:sap:rfc:functions">` + params + `</` + function + `></e:Body></e:Envelope>`
	req, err := http.NewRequestWithContext(l.ctx, http.MethodPost, "http://"+l.sapphone.Addr()+"/sap/bc/soap/rfc", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/xml")
	req.SetBasicAuth("sap", "geheim")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read to its end
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s %v", function, resp.StatusCode, answer, err)
	}
	return string(answer)
}

// TestSAPphone lets a SAP system wait for a queue's call, end it, and read it
// from the records, with a controller as it is put together.
func TestSAPphone(t *testing.T) {
	l := startLiveWith(t, liveObjects, func(c *config.Config) {
		c.SAPphone.Enabled, c.SAPphone.Listen, c.SAPphone.User = true, "127.0.0.1:0", "sap"
		c.SAPphone.Password = config.NewSecret("geheim")
		c.SAPphone.StateFile = t.TempDir() + "/state.json"
	})
	l.ex.Phone("101", sim.PhonePolicy{Mode: sim.Manual})
	l.sapCall(t, "SPS_AGENTLOGIN", "<EXT>101</EXT>")
	l.sapCall(t, "SPS_SETWORKMODE", "<EXT>101</EXT><WORKMODE>02</WORKMODE>")
	if _, err := l.ex.Place("600", sim.Caller{Number: "+4917055501"}); err != nil {
		t.Fatal(err)
	}
	got := l.sapCall(t, "SPS_WAITFORCALL", "<EXT>101</EXT><TIMEOUT>10</TIMEOUT><CALLDATA/>")
	handle := regexp.MustCompile(`<HANDLE>([0-9A-F]{32})</HANDLE>`).FindStringSubmatch(got)
	if handle == nil || !strings.Contains(got, "<CALLING_NO>+4917055501</CALLING_NO>") || !strings.Contains(got, "<QUEUE>600</QUEUE>") {
		t.Fatalf("the wait brought %s", got)
	}
	if got := l.sapCall(t, "SPS_GETCALLSTATE", "<EXT>101</EXT>"); !strings.Contains(got, handle[1]) {
		t.Errorf("the call is not listed: %s", got)
	}
	if got := l.sapCall(t, "SPS_DROPALL", "<EXT>101</EXT>"); !strings.Contains(got, "<RETURNCODE>000</RETURNCODE>") {
		t.Errorf("%s", got)
	}
	out := httptest.NewRecorder()
	l.metrics.handler().ServeHTTP(out, httptest.NewRequestWithContext(l.ctx, http.MethodGet, "/metrics", nil))
	for _, want := range []string{"strowger_sapphone_waiting 0", `strowger_sapphone_calls_total{code="ok",function="SPS_WAITFORCALL"} 1`, "strowger_sapphone_call_seconds"} {
		if !strings.Contains(out.Body.String(), want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
}

// TestSAPphoneReports: an ended call is handed over with its stretches.
func TestSAPphoneReports(t *testing.T) {
	l := startLiveWith(t, liveObjects, func(c *config.Config) {
		c.SAPphone.Enabled, c.SAPphone.Listen, c.SAPphone.StateFile = true, "127.0.0.1:0", t.TempDir()+"/state.json"
	})
	l.sapCall(t, "SPS_AGENTLOGIN", "<EXT>101</EXT>")
	l.sapCall(t, "SPS_SETWORKMODE", "<EXT>101</EXT><WORKMODE>02</WORKMODE>")
	leg, err := l.ex.Place("600", sim.Caller{Number: "+4917055501"})
	if err != nil {
		t.Fatal(err)
	}
	if err := leg.WaitTalking(l.ctx); err != nil {
		t.Fatal(err)
	}
	leg.Hangup()
	end := l.next(t, callmodel.EvCallEnded, nil)
	if err := l.writer.WaitProjected(l.ctx, end.Seq); err != nil {
		t.Fatal(err)
	}
	got := l.sapCall(t, "SPS_STAT_DATA_GET", "<HEADERS/><STEPS/>")
	for _, want := range []string{"<CON_ID>" + end.Call.ID.Hex() + "</CON_ID>", "<QUEUE>600</QUEUE>", "<EXT_ADDR>+4917055501</EXT_ADDR>", "<AGENT1>anna</AGENT1>", "<TYPE>01</TYPE>", "<TYPE>02</TYPE>"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

// TestSAPphoneReload: a changed password is in force after a reload, for calls
// over SOAP-RFC as for the allow list of the classic wire, and an operator
// stops and starts the interface.
func TestSAPphoneReload(t *testing.T) {
	l := startLiveWith(t, liveObjects, func(c *config.Config) {
		c.SAPphone.Enabled, c.SAPphone.Listen, c.SAPphone.User = true, "127.0.0.1:0", "sap"
		c.SAPphone.Password, c.SAPphone.StateFile = config.NewSecret("alt"), t.TempDir()+"/state.json"
		c.SAPphone.Servers = []string{"-aSTROWGER -gswitch -xsapgw88 LISTEN=127.0.0.1:0"}
	})
	gatewayPort := l.gateway.Listeners()[0].Addr().String()
	if c, err := typet.Dial(l.ctx, gatewayPort, typet.ClientConfig{}); err != nil {
		t.Fatal(err)
	} else if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	cfg := *l.opt.Config
	cfg.SAPphone.Password, cfg.SAPphone.Allow = config.NewSecret("geheim"), []string{"127.0.0.2", "127.0.0.1/32"}
	if err := l.Reload(l.ctx, &cfg); err != nil {
		t.Fatal(err)
	}
	l.sapCall(t, "XCHGVERSION", "") // which logs in as geheim
	o := l.sapphoneOperator()
	o.Stop()
	if got := l.sapCall(t, "SPS_GETQUEUES", ""); !strings.Contains(got, "<RETURNCODE>930</RETURNCODE>") || o.Status().State != "stopped" {
		t.Errorf("stopped: %s", got)
	}
	o.Start()
	if got := l.sapCall(t, "SPS_GETQUEUES", ""); !strings.Contains(got, "<RETURNCODE>000</RETURNCODE>") {
		t.Errorf("started: %s", got)
	}
	if st := o.Status(); st.State != "running" || st.Calls != 3 || st.Refused != 1 || len(st.Gateways) != 1 {
		t.Errorf("status %+v", st)
	}
	if err := o.Reload(l.ctx); !fault.Is(err, fault.Conflict) {
		t.Errorf("a reload without a file: %v", err)
	}
	cfg.SAPphone.Allow = []string{"192.0.2.1"}
	if err := l.Reload(l.ctx, &cfg); err != nil {
		t.Fatal(err)
	}
	if c, err := typet.Dial(l.ctx, gatewayPort, typet.ClientConfig{}); err == nil {
		_ = c.Close()
		t.Error("an address that is allowed no more was let in")
	}
}
