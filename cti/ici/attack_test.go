package ici_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
)

const envelope = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>BODY</e:Body></e:Envelope>`

// Messages that are built to harm are refused, and the interface goes on.
func TestHostileMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	op := `<u:getAttributes xmlns:u="urn:IciUserInterface"><u:userId>USER</u:userId></u:getAttributes>`
	whole := strings.Replace(envelope, "BODY", op, 1)
	for _, a := range []struct{ name, body string }{
		{"external entity", `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>` + strings.Replace(whole, "USER", "&f;", 1)},
		{"entities in entities", `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>` + strings.Replace(whole, "USER", "&b;", 1)},
		{"processing instruction", `<?xml-stylesheet href="http://127.0.0.1/"?>` + whole},
		{"attributes", strings.Replace(whole, "<u:userId>", "<u:userId "+ctitest.Attributes(200_000)+">", 1)},
		{"depth", strings.Replace(envelope, "BODY", strings.Repeat("<a>", 5000)+strings.Repeat("</a>", 5000), 1)},
		{"second root", whole + whole},
		{"one byte too many", strings.Replace(whole, "USER", strings.Repeat("x", 1<<20), 1)},
		{"not closed", strings.TrimSuffix(whole, "</e:Envelope>")},
		{"no envelope", op},
		{"nothing", ""},
		{"zero bytes", strings.Repeat("\x00", 1000)},
		{"SOAP 1.2", strings.ReplaceAll(whole, "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")},
		{"must be understood", strings.Replace(whole, "<e:Body>", `<e:Header><s:Security xmlns:s="urn:x" e:mustUnderstand="1"/></e:Header><e:Body>`, 1)},
		{"utf-16 that is none", "\xfe\xff" + whole},
		{"two operations", strings.Replace(envelope, "BODY", op+op, 1)},
	} {
		status, answer := r.post("text/xml", "", a.body)
		if status < 400 || !bytes.Contains(answer, []byte("Fault")) || bytes.Contains(answer, []byte("root:")) {
			t.Errorf("%s: %d %.300s", a.name, status, answer)
		}
	}
	for _, style := range []string{"soap", "x", "S-E_V.1"} { // prefixes are the client's own
		body := strings.NewReplacer("e:", style+":", ":e=", ":"+style+"=", "USER", "anna").Replace(whole)
		if status, answer := r.post("text/xml", "", body); status != http.StatusOK {
			t.Errorf("prefix %s: %d %s", style, status, answer)
		}
	}
	if n := r.srv.Handler().Panics.Load(); n != 0 {
		t.Errorf("%d panics", n)
	}
}

// An appUrl can make us connect to nothing that the configuration does not allow.
func TestHostileCallbackAddresses(t *testing.T) {
	t.Parallel()
	hits := atomic.Int64{}
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer inside.Close()
	port := inside.URL[strings.LastIndexByte(inside.URL, ':'):]
	r := newRig(t, func(c *ici.Config) {
		c.CallbackHosts, c.CallbackNets = []string{"crm.example", "localhost"}, []string{"192.0.2.0/24"}
		c.MapSubscribeURL = []string{"mapped.example", "127.0.0.1"}
	})
	for _, u := range []string{
		"http://127.0.0.1" + port, "http://[::1]" + port, "http://0.0.0.0" + port, "http://169.254.169.254/latest/meta-data/", "http://2130706433" + port,
		"http://0x7f.1" + port, "http://[::ffff:127.0.0.1]" + port, "http://[fe80::1%25eth0]" + port, "http://mapped.example" + port, "http://evil.example/",
		"http://crm.example.evil.example/", "http://crm.example@127.0.0.1" + port, "http://user:pw@crm.example/", "file:///etc/passwd", "gopher://127.0.0.1:8088/_x",
		"ftp://crm.example/", "http://crm.example:0/", "http://crm.example:99999/", "http:///x", "//crm.example/", "javascript:alert(1)",
		"http://crm.example/" + strings.Repeat("x", 3000), "http://crm.example/\r\nX-Evil: 1",
	} {
		_, err := r.ask(ici.OpUserSubscribe, &ici.UserSubscription{AppURL: u, AppID: "x", UserID: "anna"})
		if err == nil {
			t.Errorf("%.80q was accepted", u)
		}
	}
	if r.srv.Push().Refused.Load() == 0 || hits.Load() != 0 {
		t.Errorf("%d refused, %d connections to the inside", r.srv.Push().Refused.Load(), hits.Load())
	}
	// A name that is allowed and then leads inside is found out when we connect.
	r.must(ici.OpUserSubscribe, &ici.UserSubscription{AppURL: "http://localhost" + port, AppID: "x", UserID: "anna"})
	r.must(ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "anna", Workmode: "2"})
	ctitest.Eventually(t, "the connection is refused", func() bool { return r.srv.Callbacks().Denied.Load() > 0 })
	if hits.Load() != 0 {
		t.Error("a name led to the inside")
	}
	r.must(ici.OpUserUnsubscribe, &ici.Unsubscription{AppURL: "http://localhost" + port, AppID: "x"})
}

// Nobody can have the switch send more than it is told: subscriptions are
// limited for an address and in all, and each gets an event once.
func TestAmplification(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *ici.Config) { c.MaxSubscriptions, c.MaxSubscriptionsPerURL = 30, 20 })
	accepted := 0
	for i := range 100 {
		_, err := r.ask(ici.OpUserSubscribe, &ici.UserSubscription{AppURL: r.crm.URL + "/" + strconv.Itoa(i/50), AppID: strconv.Itoa(i), UserID: "anna"})
		if err == nil {
			accepted++
		}
	}
	if accepted != 30 || r.srv.Push().Subscriptions.Load() != 30 {
		t.Errorf("%d subscriptions were accepted", accepted)
	}
	for range 50 { // the same again is the same
		r.must(ici.OpUserSubscribe, &ici.UserSubscription{AppURL: r.crm.URL + "/0", AppID: "0", UserID: "anna"})
	}
	r.must(ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "anna", Workmode: "2"})
	s := r.script(ctitest.Anna)
	s.expect("user anna 2", "user anna 2") // one message for each address
	ctitest.Eventually(t, "both are answered", func() bool { return r.srv.Delivery().Sent.Load() == 2 })
	if n := r.srv.Push().Events.Load(); n != 2 {
		t.Errorf("%d messages", n)
	}
}

// What a peer sends cannot write lines of its own into the log.
func TestLogInjection(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	sw := ctitest.NewFakeSwitch(ctitest.Config())
	cfg := ici.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	srv, err := ici.New(cfg, sw, slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})), ici.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := &rig{T: t, sw: sw, srv: srv, url: "http://" + srv.Addr() + cfg.BasePath}
	evil := "x\nlevel=ERROR msg=forged\r\n\x1b[31mred"
	_, _ = r.ask(ici.OpUserSubscribe, &ici.UserSubscription{AppURL: "http://a/\n" + evil, AppID: evil, UserID: strings.ReplaceAll(evil, "\x1b", "")})
	_, _ = r.post("text/xml", "forged msg=x", "<x>"+evil)
	if err := srv.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		if !strings.HasPrefix(line, "time=") || strings.Contains(line, "\x1b") {
			t.Errorf("a forged line: %q", line)
		}
	}
}
