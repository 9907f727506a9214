package test

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"strowger/sip/siptest"
	"strowger/sip/ua"
)

// sapphone is a SAP system's client that calls function modules over SOAP-RFC.
type sapphone struct {
	t   *testing.T
	url string
}

// sapAnswer is an answer: exporting parameters, and of tables the fields of
// their last line.
type sapAnswer map[string]string

// call calls a function with parameters as NAME=VALUE, and wants a return code.
func (s sapphone) call(rc, function string, params ...string) sapAnswer {
	s.t.Helper()
	got, err := s.try(function, params...)
	if err != nil || got["RETURNCODE"] != rc {
		s.t.Fatalf("%s %v: %v %v, want %s", function, params, got, err, rc)
	}
	return got
}

func (s sapphone) try(function string, params ...string) (sapAnswer, error) {
	var b strings.Builder
	fmt.Fprintf(&b, `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><r:%s xmlns:r="urn:sap-com:document:sap:rfc:functions">`, function)
	for _, p := range params {
		name, value, _ := strings.Cut(p, "=")
		fmt.Fprintf(&b, "<%s>%s</%s>", name, value, name)
	}
	fmt.Fprintf(&b, "</r:%s></e:Body></e:Envelope>", function)
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url, strings.NewReader(b.String()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "text/xml")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // it was read to its end
	out := sapAnswer{}
	for d, name := xml.NewDecoder(resp.Body), ""; ; {
		tok, err := d.Token()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		switch v := tok.(type) {
		case xml.StartElement:
			name = v.Name.Local
			out[name] = ""
		case xml.CharData:
			out[name] += string(v)
		}
	}
}

// state waits until the newest call on a line is in a state, and returns its handle.
func (s sapphone) state(ext, want string) string {
	s.t.Helper()
	handle := ""
	eventually(s.t, "state "+want+" at "+ext, func() bool {
		got := s.call("000", "SPS_GETCALLSTATE", "EXT="+ext)
		handle = got["HANDLE"]
		return got["STATE"] == want
	})
	return handle
}

// TestSAPphone is the whole road of an agent in wait mode: a SIP caller,
// Asterisk, the queue, the parked call, and what the agent does with the call
// by function modules.
func TestSAPphone(t *testing.T) {
	port := freePort(t)
	s := stage(t, fmt.Sprintf("\nsapphone: {enabled: true, listen: \"127.0.0.1:%d\"}", port)+crmSite(t, "call-on-accept"))
	desk, other := s.desk("104"), s.desk("105")
	sap := sapphone{t, fmt.Sprintf("http://127.0.0.1:%d/sap/bc/soap/rfc", port)}
	sap.call("000", "XCHGPARAMS", "SERVER_NAME=STROWGER")
	sap.call("000", "SPS_AGENTLOGIN", "EXT=104", "AGENT_ID=MUELLER")
	sap.call("000", "SPS_SETWORKMODE", "EXT=104", "WORKMODE=02")
	sap.call("000", "SPS_AGENTLOGIN", "EXT=105")
	waiting := make(chan sapAnswer, 1)
	go func() {
		got, err := sap.try("SPS_WAITFORCALL", "EXT=104")
		if err != nil {
			t.Errorf("the wait: %v", err)
		}
		waiting <- got
	}()
	eventually(t, "the call to wait", func() bool { return s.metric("strowger_sapphone_waiting") == 1 })
	a := s.caller("4917055501").Dial("600")
	offer := <-waiting
	if offer["RETURNCODE"] != "000" || offer["CALLING_NO"] != "+4917055501" || offer["QUEUE"] != "600" {
		t.Fatalf("the wait brought %v", offer)
	}
	handle := offer["HANDLE"]
	sap.call("008", "SPS_HOLD", "HANDLE="+handle)
	sap.call("000", "SPS_ANSWER", "EXT=104", "HANDLE="+handle)
	b := desk.Expect()
	a.MustBeAnswered()
	siptest.Talk(a, b)
	sap.state("104", "04")
	sap.call("000", "SPS_HOLD", "EXT=104", "HANDLE="+handle)
	sap.state("104", "05")
	mustHearMusic(t, a, 1000)
	sap.call("000", "SPS_UNHOLD", "EXT=104", "HANDLE="+handle)
	sap.state("104", "04")
	siptest.Talk(a, b)

	consult := sap.call("000", "SPS_CONSULT", "EXT=104", "HANDLE="+handle, "DIAL_NO=105")
	d := other.Expect()
	sap.state("105", "01")
	d.MustAnswer()
	his := sap.state("105", "04")
	siptest.Talk(b, d)
	sap.call("000", "SPS_TRANSFER", "EXT=104", "CONN_HANDLE="+consult["CONS_HANDLE"], "HELD_HANDLE="+handle)
	b.MustEndBy(ua.Remote, 0)
	siptest.Talk(a, d)
	sap.call("000", "SPS_DROPCALL", "EXT=104", "HANDLE="+handle) // the wrap-up
	s.waitAgent("mueller", "ready")
	sap.call("000", "SPS_DROPCALL", "EXT=105", "HANDLE="+his)
	d.MustEndBy(ua.Remote, 0)
	a.MustEndBy(ua.Remote, 0)
	sap.call("000", "SPS_SETWORKMODE", "EXT=105", "WORKMODE=03")
	sap.call("000", "SPS_AGENTLOGOUT", "EXT=104")
	s.waitAgent("mueller", "logged-out")
	s.noLeftovers()
	s.stop()
}
