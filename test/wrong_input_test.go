package test

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"strowger/sip/siptest"
)

// request is one that must be refused.
type request struct {
	name, method, path, contentType, body string
	status                                int    // 0: any of 4xx
	words                                 string // in the answer
}

func (r request) send(t *testing.T, client *http.Client, base string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), r.method, base+r.path, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatalf("%s: no answer: %v", r.name, err)
	}
	defer func() { _ = resp.Body.Close() }() // it has been read
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func (r request) mustBeRefused(t *testing.T, client *http.Client, base string) {
	t.Helper()
	status, body := r.send(t, client, base)
	if r.status != 0 && status != r.status || status < 400 || status >= 500 {
		t.Errorf("%s: status %d, want %d: %.300s", r.name, status, r.status, body)
	}
	if !strings.Contains(body, r.words) || strings.Contains(body, "goroutine") {
		t.Errorf("%s: answer %.300q, want %q in it", r.name, body, r.words)
	}
}

const megabyte = 1 << 20

// TestWrongInputOverREST sends nonsense to the socket of the command line and
// to the status page of a running controller, and then places a call.
func TestWrongInputOverREST(t *testing.T) {
	s := stage(t, threeDesks)
	const state, js = "/api/v1/agents/anna/state", "application/json"
	noConn := "/api/v1/connections/01ARZ3NDEKTSV4RRFFQ69G5FAV/drop"
	tests := []request{
		{"unknown agent", http.MethodPost, "/api/v1/agents/nobody/state", js, `{"state":"ready"}`, 404, "nobody"},
		{"agent with a slash", http.MethodPost, "/api/v1/agents/a%2Fb/state", js, `{"state":"ready"}`, 404, ""},
		{"agent with controls", http.MethodPost, "/api/v1/agents/anna%0d%0aX:%20y/state", js, `{"state":"ready"}`, 404, ""},
		{"agent with a variable", http.MethodPost, "/api/v1/agents/$%7BSHELL(id)%7D/state", js, `{"state":"ready"}`, 404, ""},
		{"very long agent", http.MethodPost, "/api/v1/agents/" + strings.Repeat("a", 4000) + "/state", js, `{"state":"ready"}`, 422, ""},
		{"unknown state", http.MethodPost, state, js, `{"state":"on-call"}`, 422, "state"},
		{"long reason", http.MethodPost, state, js, `{"state":"not-ready","reason":"` + strings.Repeat("x", 65) + `"}`, 422, "reason"},
		{"unknown field", http.MethodPost, state, js, `{"state":"ready","shell":"id"}`, 422, "shell"},
		{"truncated JSON", http.MethodPost, state, js, `{"state":"rea`, 400, ""},
		{"no JSON", http.MethodPost, state, "text/xml", `<a/>`, 0, ""},
		{"no body", http.MethodPost, state, js, "", 0, ""},
		{"deep JSON", http.MethodPost, state, js, strings.Repeat("[", 100_000), 0, ""},
		{"1 MB body", http.MethodPost, state, js, `{"state":"` + strings.Repeat("x", megabyte) + `"}`, 413, ""},
		{"unknown connection", http.MethodPost, noConn, "", "", 404, "no such connection"},
		{"garbage connection", http.MethodPost, "/api/v1/connections/300&PJSIP%2Fx/drop", "", "", 0, ""},
		{"number 0", http.MethodPost, "/api/v1/connections/0/drop", "", "", 0, ""},
		{"number -1", http.MethodPost, "/api/v1/connections/-1/drop", "", "", 0, ""},
		{"unknown operation", http.MethodPost, "/api/v1/connections/01ARZ3NDEKTSV4RRFFQ69G5FAV/explode", "", "", 404, ""},
		{"unknown queue", http.MethodGet, "/api/v1/queues/nowhere", "", "", 404, "nowhere"},
		{"unknown parameter", http.MethodGet, "/api/v1/calls?shell=id", "", "", 422, "shell"},
		{"bad limit", http.MethodGet, "/api/v1/calls?limit=-5", "", "", 422, "limit"},
		{"path out of the page", http.MethodGet, "/static/..%2f..%2fstrowger.yaml", "", "", 0, ""},
		{"unknown path", http.MethodGet, "/etc/passwd", "", "", 404, ""},
		{"wrong method", http.MethodDelete, "/api/v1/agents/anna", "", "", 405, ""},
	}
	for _, r := range tests {
		r.mustBeRefused(t, s.http, "http://strowger")
	}
	request{"command over TCP", http.MethodPost, state, js, `{"state":"ready"}`, 403, ""}.mustBeRefused(t, http.DefaultClient, s.statusURL())
	if got := s.metric("strowger_rest_faults_total") + s.metric("strowger_rest_refused_total"); got < float64(len(tests))/2 {
		t.Errorf("%g refusals were counted, of %d", got, len(tests))
	}
	s.rawGarbage("unix", filepath.Join(s.dir, "var", "strowger.sock"))
	s.rawGarbage("tcp", strings.TrimPrefix(s.statusURL(), "http://"))
	s.stillWorks()
}

// statusURL is the address of the status page, from the controller's own log.
func (s *site) statusURL() string {
	s.t.Helper()
	return strings.TrimSuffix(s.logged("status_page="), "/")
}

// rawGarbage writes what is no HTTP to a listener. It must answer with 400 or hang up.
func (s *site) rawGarbage(network, addr string) {
	s.t.Helper()
	for _, text := range []string{
		"\x00\x01\x02\x03\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 2*megabyte) + "\r\n\r\n", strings.Repeat("A", megabyte) + "\r\n\r\n",
	} {
		ctx, cancel := context.WithTimeout(s.t.Context(), waitFor)
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err != nil {
			s.t.Fatal(err)
		}
		if deadline, ok := ctx.Deadline(); ok {
			if err := conn.SetDeadline(deadline); err != nil {
				s.t.Fatal(err)
			}
		}
		_, _ = io.WriteString(conn, text) // the server may hang up before it has everything
		answer, err := io.ReadAll(conn)
		if e, ok := err.(net.Error); ok && e.Timeout() {
			s.t.Errorf("%s: neither an answer nor an end for %.30q", network, text)
		}
		if a := string(answer); a != "" && !strings.HasPrefix(a, "HTTP/1.1 4") && !strings.HasPrefix(a, "HTTP/1.0 4") && !strings.HasPrefix(a, "HTTP/1.1 505") {
			s.t.Errorf("%s: answer %.100q to %.30q", network, answer, text)
		}
		_ = conn.Close() // the server has closed it
		cancel()
	}
}

// stillWorks places a call after the abuse.
func (s *site) stillWorks() {
	s.t.Helper()
	desk := s.desk("101")
	s.agentState("anna", "ready")
	a := s.caller("4917055501").Dial("600")
	b := desk.Expect()
	b.MustAnswer()
	siptest.Talk(a, b)
	a.MustHangup()
	s.waitAgent("anna", "ready")
	s.noLeftovers()
}

// soapRequest is a well-formed request of an interface.
func soapRequest(service, operation, children string) string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>`+
		`<%s xmlns="urn:Ici%sInterface">%s</%s></e:Body></e:Envelope>`, operation, service, children, operation)
}

// element is an XML element with escaped text.
func element(name, text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder never fails
	return "<" + name + ">" + b.String() + "</" + name + ">"
}

// TestWrongInputOverICI does the same to the SOAP interface.
func TestWrongInputOverICI(t *testing.T) {
	s := stage(t, strings.Replace(threeDesks, "ici: {enabled: false}", fmt.Sprintf(`ici: {listen: "127.0.0.1:%d"}`, freePort(t)), 1))
	base := s.iciURL()
	getCalls := func(number string) string { return soapRequest("PhoneLine", "getCalls", element("lineNumber", number)) }
	good := getCalls("101")
	subscribe := func(url string) string {
		return soapRequest("User", "subscribe", element("appUrl", url)+element("appId", "x")+element("userId", "anna"))
	}
	const handle = "0123456789ABCDEF0123456789ABCDEF"
	tests := []struct{ name, body, area, code string }{
		{"unknown user", soapRequest("User", "getAttributes", element("userId", "nobody")), "2", "2"},
		{"user with controls", soapRequest("User", "setCurrentWorkmode", element("userId", "anna\nX: y")+element("workmode", "2")), "2", ""},
		{"user with a variable", soapRequest("User", "getAttributes", element("userId", "${SHELL(id)}")), "2", "2"},
		{"unknown work mode", soapRequest("User", "setCurrentWorkmode", element("userId", "anna")+element("workmode", "77")), "2", "3"},
		{"dial string as number", getCalls("300&PJSIP/x"), "5", "2"},
		{"number with a variable", getCalls("${EXTEN}"), "5", "2"},
		{"number with controls", getCalls("101\r\nX-Injected: y"), "5", "2"},
		{"number with letters", getCalls("PJSIP"), "5", "2"},
		{"unknown line", getCalls("999"), "5", "3"},
		{"unknown call", soapRequest("PhoneCall", "drop", element("lineNumber", "101")+element("callHandle", handle)), "4", "2"},
		{"garbage handle", soapRequest("Item", "accept", element("itemId", "../../x")+element("containerId", "101")), "4", ""},
		{"unknown operation", soapRequest("PhoneCall", "explode", ""), "5", ""},
		{"address that is not allowed", subscribe("http://192.0.2.1/x"), "3", "5"},
		{"metadata address", subscribe("http://169.254.169.254/latest/meta-data"), "3", "5"},
		{"file address", subscribe("file:///etc/passwd"), "3", "4"},
		{"address with a password", subscribe("http://user:pw@127.0.0.1/"), "3", "4"},
		{"foreign namespace", strings.Replace(good, "urn:IciPhoneLineInterface", "urn:SomethingElse", 1), "", ""},
		{"foreign namespace, name of two interfaces", strings.Replace(subscribe("http://127.0.0.1/"), "urn:IciUserInterface", "urn:SomethingElse", 1), "", ""},
		{"namespace of another interface", strings.Replace(good, "urn:IciPhoneLineInterface", "urn:IciUserInterface", 1), "", ""},
		{"wrong envelope", strings.ReplaceAll(good, "http://schemas.xmlsoap.org/soap/envelope/", "urn:SomethingElse"), "", ""},
		{"SOAP 1.2", strings.Replace(good, "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope", 1), "", ""},
		{"DOCTYPE", strings.Replace(good, "?>", `?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>`, 1), "", ""},
		{"processing instruction", strings.Replace(good, "<e:Body>", "<e:Body><?php system('id') ?>", 1), "", ""},
		{"truncated", good[:len(good)-20], "", ""},
		{"trailing data", good + "<a/>", "", ""},
		{"no XML", "GET / HTTP/1.1", "", ""},
		{"empty", "", "", ""},
		{"invalid UTF-8", strings.Replace(good, "101", "1\xff\xfe", 1), "", ""},
		{"1000 deep", strings.Replace(good, "<lineNumber>", strings.Repeat("<a>", 1000), 1), "", ""},
		{"10000 attributes", strings.Replace(good, "<lineNumber>", "<lineNumber "+strings.Repeat(`a="b" `, 10_000)+">", 1), "", ""},
	}
	before := s.metric("strowger_ici_faults_total") + s.metric("strowger_ici_malformed_total")
	for _, c := range tests {
		status, body := request{name: c.name, method: http.MethodPost, contentType: "text/xml; charset=utf-8", body: c.body}.send(t, http.DefaultClient, base)
		if status < 400 || !strings.Contains(body, "Fault>") || strings.Contains(body, "goroutine") || strings.Contains(body, "root:") {
			t.Errorf("%s: status %d, want a fault: %.400s", c.name, status, body)
			continue
		}
		for name, want := range map[string]string{"areaCode": c.area, "errorCode": c.code} {
			if want != "" && !strings.Contains(body, "<"+name+">"+want+"</"+name+">") {
				t.Errorf("%s: want %s %s in %.600s", c.name, name, want, body)
			}
		}
	}
	if got := s.metric("strowger_ici_faults_total") + s.metric("strowger_ici_malformed_total") - before; got < float64(len(tests)) {
		t.Errorf("%g faults were counted, of %d", got, len(tests))
	}
	xmlType := "text/xml"
	for _, r := range []request{
		{"2 MB body", http.MethodPost, "", xmlType, strings.Replace(good, "101", strings.Repeat("1", 2*megabyte), 1), 413, ""},
		{"wrong type", http.MethodPost, "", "application/x-www-form-urlencoded", "a=b", 415, ""},
		{"wrong method", http.MethodPut, "", xmlType, good, 405, ""},
	} {
		r.mustBeRefused(t, http.DefaultClient, base)
	}
	// Nearly 1 MB is within the limit, and no line has that number.
	status, body := request{name: "large", method: http.MethodPost, contentType: xmlType, body: getCalls(strings.Repeat("1", megabyte-4096))}.send(t, http.DefaultClient, base)
	if status < 400 || !strings.Contains(body, "Fault>") || len(body) > 16<<10 {
		t.Errorf("1 MB number: status %d with %d bytes", status, len(body))
	}
	if n := s.metric("strowger_ici_panics_total"); n != 0 {
		t.Errorf("%g panics", n)
	}
	s.stillWorks()
}
