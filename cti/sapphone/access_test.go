package sapphone_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/sapphone"
	"strowger/switch/fault"
)

// post sends a body with a changed request and returns status and answer.
func (r *rig) post(client *http.Client, url, body string, change func(*http.Request)) (int, string) {
	r.Helper()
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		r.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/xml")
	if change != nil {
		change(req)
	}
	resp, err := client.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read to its end
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		r.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

func TestLogin(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *sapphone.Config) { c.User, c.Password = "sap", "secret" })
	for password, want := range map[string]int{"secret": http.StatusOK, "guess": http.StatusUnauthorized, "": http.StatusUnauthorized} {
		if status, _ := r.post(http.DefaultClient, r.url, envelope("XCHGVERSION"), func(q *http.Request) { q.SetBasicAuth("sap", password) }); status != want {
			t.Errorf("password %q: %d", password, status)
		}
	}
	if status, _ := r.post(http.DefaultClient, r.url, envelope("XCHGVERSION"), nil); status != http.StatusUnauthorized {
		t.Errorf("no password: %d", status)
	}
	if n := r.srv.Guard().Unauthorised.Load(); n != 3 {
		t.Errorf("%d refusals were counted", n)
	}
}

func TestSourceFilter(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *sapphone.Config) { c.AllowClients = []string{"192.0.2.0/24"} })
	if status, _ := r.post(http.DefaultClient, r.url, envelope("XCHGVERSION"), nil); status != http.StatusForbidden || r.srv.Guard().Denied.Load() != 1 {
		t.Errorf("a foreign source: %d", status)
	}
}

// Hostile documents are refused before anything is built of them, and the
// switch goes on.
func TestHostileMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *sapphone.Config) { c.MaxBody = 64 << 10 })
	start := `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>`
	end := `</e:Body></e:Envelope>`
	for name, body := range map[string]string{
		"entity":        `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + start + `<SPS_HOLD><HANDLE>&e;</HANDLE></SPS_HOLD>` + end,
		"billion":       `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>` + start + `<SPS_HOLD>&b;</SPS_HOLD>` + end,
		"instruction":   start + `<?evil do?><SPS_HOLD/>` + end,
		"depth":         start + strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100) + end,
		"size":          start + `<SPS_HOLD><HANDLE>` + strings.Repeat("A", 70<<10) + `</HANDLE></SPS_HOLD>` + end,
		"elements":      start + `<SPS_SETCALLINFO><CALLDATA>` + strings.Repeat("<item/>", 9000) + `</CALLDATA></SPS_SETCALLINFO>`,
		"unclosed":      start + `<SPS_HOLD>`,
		"two calls":     start + `<SPS_HOLD/><SPS_HOLD/>` + end,
		"no call":       start + end,
		"no envelope":   `<SPS_HOLD/>`,
		"not XML":       "\x00\x01\x02",
		"twice":         start + `<SPS_HOLD><HANDLE>1</HANDLE><HANDLE>2</HANDLE></SPS_HOLD>` + end,
		"nested value":  start + `<SPS_HOLD><HANDLE><a/></HANDLE></SPS_HOLD>` + end,
		"no number":     start + `<SPS_WAITFORCALL><EXT>101</EXT><TIMEOUT>12x</TIMEOUT></SPS_WAITFORCALL>` + end,
		"huge number":   start + `<SPS_WAITFORCALL><EXT>101</EXT><TIMEOUT>99999999999999999999</TIMEOUT></SPS_WAITFORCALL>` + end,
		"lines unnamed": start + `<SPS_SETCALLINFO><CALLDATA><line/></CALLDATA></SPS_SETCALLINFO>` + end,
		"unknown":       start + `<SPS_FOO><A>1</A></SPS_FOO>` + end,
		"evil name":     start + `<a-b.c/>` + end,
	} {
		status, answer := r.post(http.DefaultClient, r.url, body, nil)
		if status != http.StatusInternalServerError && (name != "size" || status != http.StatusRequestEntityTooLarge) || !strings.Contains(answer, "Fault") || strings.Contains(answer, "root:") {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	r.must("XCHGVERSION")
	if n := r.srv.Stats().Panics + r.srv.Handler().Panics.Load(); n != 0 {
		t.Errorf("%d panics", n)
	}
}

// The fault of an unknown function is what ABAP expects (sap.md 3.8).
func TestUnknownFunction(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	status, answer := r.post(http.DefaultClient, r.url, envelope("SPS_FOO"), nil)
	for _, want := range []string{"<faultstring>FU_NOT_FOUND</faultstring>", "rfc:SPS_FOO.Exception", "<Name>FU_NOT_FOUND</Name>", "<Text>Function SPS_FOO not available</Text>"} {
		if status != http.StatusInternalServerError || !strings.Contains(answer, want) {
			t.Errorf("%d, no %s in %s", status, want, answer)
		}
	}
	// A function that we call ourselves is none that SAP may call.
	if status, answer := r.post(http.DefaultClient, r.url, envelope("SPS_NEW_CALL"), nil); status != http.StatusInternalServerError || !strings.Contains(answer, "FU_NOT_FOUND") {
		t.Errorf("%d %s", status, answer)
	}
}

// What comes from outside goes to the log without control characters that
// would make lines of its own, and no password does.
func TestLogIsClean(t *testing.T) {
	t.Parallel()
	var log ctitest.Log
	sw := ctitest.NewFakeSwitch(ctitest.Config())
	cfg := sapphone.DefaultConfig()
	cfg.Listen, cfg.User, cfg.Password = "127.0.0.1:0", "sap", "canary-server"
	cfg.Clients = []string{"CLIENT=506 USER=u PASSWD=canary-client SOAPURL=http://127.0.0.1:9"}
	cfg.ServerName = "BCM1"
	srv, err := sapphone.New(cfg, sw, nil, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), sapphone.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := &rig{T: t, sw: sw, srv: srv, url: "http://" + srv.Addr() + cfg.Path}
	r.post(http.DefaultClient, r.url, envelope("SPS_AGENTLOGIN", "EXT=1\n2", "PASSWORD=canary-agent"), func(q *http.Request) { q.SetBasicAuth("sap", "canary-server") })
	r.until("the first try to reach SAP", func() bool { return srv.Callbacks()[0].Unreachable.Load() > 0 })
	if err := srv.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if text := log.String(); strings.Contains(text, "canary") || strings.Contains(text, "1\n2") || !strings.Contains(text, "SPS_AGENTLOGIN") {
		t.Errorf("the log has %s", text)
	}
}

// A parameter that the metadata do not have is ignored, and named once.
func TestUnknownParameter(t *testing.T) {
	t.Parallel()
	var log ctitest.Log
	cfg := sapphone.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	sw := ctitest.NewFakeSwitch(ctitest.Config())
	srv, err := sapphone.New(cfg, sw, nil, slog.New(slog.NewTextHandler(&log, nil)), sapphone.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := &rig{T: t, sw: sw, srv: srv, url: "http://" + srv.Addr() + cfg.Path}
	for range 3 {
		r.must("XCHGVERSION", "SAP_VERSION=5.11", "NEW_FIELD=x")
	}
	if err := srv.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if n := strings.Count(log.String(), "XCHGVERSION.NEW_FIELD"); n != 1 {
		t.Errorf("the parameter is named %d times: %s", n, log.String())
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	certFile, keyFile, client := ctitest.Certificate(t)
	r := newRig(t, func(c *sapphone.Config) { c.TLSCert, c.TLSKey = certFile, keyFile })
	url := strings.Replace(r.url, "http:", "https:", 1)
	if status, answer := r.post(client, url, envelope("XCHGVERSION"), nil); status != http.StatusOK || !strings.Contains(answer, "5.11A") {
		t.Errorf("over TLS: %d %s", status, answer)
	}
}

func TestStartAndStop(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	cfg := sapphone.DefaultConfig()
	cfg.Listen = r.srv.Addr()
	second, err := sapphone.New(cfg, r.sw, nil, nil, sapphone.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	ctitest.StartsOnce(t, r.srv, second)
	cfg.Listen = "127.0.0.1:0"
	third, err := sapphone.New(cfg, r.sw, nil, nil, sapphone.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	ctitest.DeafSwitch(t, r.sw, third)
}

func TestConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	for key, spoil := range map[string]func(*sapphone.Config){
		"listen":           func(c *sapphone.Config) { c.Listen = "here" },
		"path":             func(c *sapphone.Config) { c.Path = "rfc" },
		"allowClients":     func(c *sapphone.Config) { c.AllowClients = nil },
		"password":         func(c *sapphone.Config) { c.User = "x" },
		"tlsKey":           func(c *sapphone.Config) { c.TLSCert = "x" },
		"maxWaiting":       func(c *sapphone.Config) { c.MaxWaiting = 0 },
		"maxWait":          func(c *sapphone.Config) { c.MaxWait = time.Millisecond },
		"cadMaxBytes":      func(c *sapphone.Config) { c.CadMaxBytes = 1 << 30 },
		"extDigits":        func(c *sapphone.Config) { c.ExtDigits = 20 },
		"interfaceVersion": func(c *sapphone.Config) { c.InterfaceVersion = "too long" },
		"serverName":       func(c *sapphone.Config) { c.ServerName = strings.Repeat("x", 33) },
		"servers.0":        func(c *sapphone.Config) { c.Servers = []string{"x"} },
		"clients.0":        func(c *sapphone.Config) { c.Clients = []string{"x"} },
		"clientNets":       func(c *sapphone.Config) { c.Clients, c.ClientNets = []string{"SOAPURL=http://h"}, nil },
	} {
		cfg := sapphone.DefaultConfig()
		spoil(&cfg)
		if err := cfg.Validate(); !fault.Is(err, fault.Invalid) || !strings.Contains(fmt.Sprint(err), key) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// An agent is known by the whole number, its last digits, or what fits SAP's field.
func TestExtensions(t *testing.T) {
	t.Parallel()
	cfg := ctitest.Config()
	cfg.Agents[0].Line = "+49301234567801"
	sw := ctitest.NewFakeSwitch(cfg)
	r := rigOn(t, sw, sw, func(c *sapphone.Config) { c.ExtDigits = 3 })
	for _, ext := range []string{"+49 30 1234567801", "49301234567801", "801", "7801", "4930123456"} {
		r.must("SPS_GETWORKMODE", "EXT="+ext)
	}
	for _, ext := range []string{"", "1", "802", "49301234568"} {
		r.ask("901", "SPS_GETWORKMODE", "EXT="+ext)
	}
}
