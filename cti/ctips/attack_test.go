package ctips

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf16"

	"strowger/cti/ctitest"
)

const bareEnvelope = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>BODY</e:Body></e:Envelope>`

// hostile is a message, and what its refusal has to say.
type hostile struct {
	name, media, body string
	status            int
	want              string
}

// Messages that are built to harm get one clear fault each, and the session
// that they aim at lives on.
func TestHostileMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	c := r.connect()
	args := func(inner string) string {
		return strings.Replace(bareEnvelope, "BODY", `<OnLine xmlns="http://tempuri.org/"><args xmlns:a="http://schemas.datacontract.org/2004/07/Aspect.CTIPS" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">`+inner+`</args></OnLine>`, 1)
	}
	id := "<a:SessionId>" + c.id + "</a:SessionId>"
	whole := args(id + "<a:TenantId>1</a:TenantId>")
	data := func(member string) string {
		return strings.NewReplacer("OnLine", "SetCallData", "<a:TenantId>", "<a:TenantId>1</a:TenantId>"+member+"<a:X>", "</a:TenantId></args>", "</a:X></args>").Replace(whole)
	}
	utf := func(s string) string {
		out := []byte{0xfe, 0xff}
		for _, u := range utf16.Encode([]rune(s)) {
			out = append(out, byte(u>>8), byte(u))
		}
		return string(out)
	}
	for _, a := range []hostile{
		{"external entity", "text/xml", `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>` + args("<a:SessionId>&f;</a:SessionId>"), 500, "DOCTYPE"},
		{"entities in entities", "text/xml", `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>` + args("<a:SessionId>&b;</a:SessionId>"), 500, "DOCTYPE"},
		{"processing instruction", "text/xml", `<?xml-stylesheet href="http://127.0.0.1/"?>` + whole, 500, "processing instruction"},
		{"order", "text/xml", args("<a:TenantId>1</a:TenantId>" + id), 500, "member SessionId comes after TenantId; the order is SessionId, TenantId"},
		{"member twice", "text/xml", args(id + id), 500, "SessionId twice"},
		{"number that is none", "text/xml", args(id + "<a:TenantId>one</a:TenantId>"), 500, `TenantId is "one"`},
		{"number too long", "text/xml", args(id + "<a:TenantId>4294967297</a:TenantId>"), 500, "4294967297"},
		{"number that is nil", "text/xml", args(id + `<a:TenantId i:nil="true"/>`), 500, "nil"},
		{"enumeration", "text/xml", strings.NewReplacer("OnLine", "AddMessageClass", "<a:SessionId>", "<a:MessageClass>EventCategoryAll</a:MessageClass><a:SessionId>").Replace(whole), 500, "EventCategoryAll"},
		{"other type", "text/xml", strings.Replace(whole, "<args ", `<args i:type="a:OffLineArgs" `, 1), 500, "OffLineArgs"},
		{"no arguments", "text/xml", strings.Replace(bareEnvelope, "BODY", `<OnLine xmlns="http://tempuri.org/"/>`, 1), 500, "OnLine has no args"},
		{"unknown operation", "text/xml", strings.ReplaceAll(whole, "OnLine", "DropTables"), 500, "no operation"},
		{"two operations", "text/xml", strings.Replace(whole, "</e:Body>", "<OnLine/></e:Body>", 1), 500, "2 entries"},
		{"attributes", "text/xml", strings.Replace(whole, "<args ", "<args "+ctitest.Attributes(100_000), 1), 500, "attributes"},
		{"depth", "text/xml", args(strings.Repeat("<a:x>", 5000) + strings.Repeat("</a:x>", 5000)), 500, "nested deeper"},
		{"a million fields", "text/xml", data(`<a:UserData xmlns:b="http://schemas.microsoft.com/2003/10/Serialization/Arrays">` + strings.Repeat("<b:string/>", 90_000) + "</a:UserData>"), 500, "elements"},
		{"one byte too many", "text/xml", whole + strings.Repeat(" ", 1<<20+1-len(whole)), 413, "1048576"},
		{"second root", "text/xml", whole + whole, 500, "second root"},
		{"not closed", "text/xml", strings.TrimSuffix(whole, "</e:Envelope>"), 500, "malformed"},
		{"no envelope", "text/xml", "<OnLine/>", 500, "not a SOAP envelope"},
		{"nothing", "text/xml", "", 500, "empty"},
		{"zero bytes", "text/xml", strings.Repeat("\x00", 1000), 500, ""},
		{"must be understood", "text/xml", strings.Replace(whole, "<e:Body>", `<e:Header><s:Security xmlns:s="urn:x" e:mustUnderstand="1"/></e:Header><e:Body>`, 1), 500, "must be understood"},
		{"SOAP 1.2's envelope", "text/xml", strings.ReplaceAll(whole, "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"), 500, "only SOAP 1.1"},
		{"SOAP 1.2's type", "application/soap+xml", whole, 415, "SOAP 1.1"},
		{"json", "application/json", "{}", 415, "text/xml"},
		{"utf-16 that is none", "text/xml", "\xfe\xff" + whole, 500, ""},
		{"an id of another form", "text/xml", args("<a:SessionId>" + strings.Repeat("A", 500_000) + "</a:SessionId><a:TenantId>1</a:TenantId>"), 500, "no such session"},
	} {
		resp, answer := r.post(a.media, "", []byte(a.body))
		if resp.StatusCode != a.status || !bytes.Contains(answer, []byte("Fault>")) || !strings.Contains(string(answer), escaped(a.want)) || bytes.Contains(answer, []byte("root:")) {
			t.Errorf("%s: %d %.400s", a.name, resp.StatusCode, answer)
		}
		if len(answer) > 4096 {
			t.Errorf("%s: a fault of %d bytes", a.name, len(answer))
		}
	}
	for name, body := range map[string]string{"a byte order mark": "\xef\xbb\xbf" + whole, "utf-16": utf(whole), "other prefixes": strings.NewReplacer("e:", "S-E_V.1:", ":e=", ":S-E_V.1=").Replace(whole)} {
		if resp, answer := r.post("text/xml", "", []byte(body)); resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", name, resp.StatusCode, answer)
		}
	}
	c.hold(1, 2, 3)
	c.next(t)
	h, st := r.srv.Handler(), r.srv.Stats()
	if h.Panics.Load() != 0 || h.Malformed.Load() < 14 || h.Refused.Load() != 2 || st.Faults[""] < 9 || st.Sessions != 1 {
		t.Errorf("%d panics, %d malformed, %d refused, %+v", h.Panics.Load(), h.Malformed.Load(), h.Refused.Load(), st)
	}
}

func escaped(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// Members are taken in any order where the configuration says so.
func TestMemberOrderSetting(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *Config) { c.Order = OrderAny })
	c := r.opened(newSink(t))
	body := strings.Replace(bareEnvelope, "BODY", `<OnLine><args><TenantId>1</TenantId><SessionId>`+c.id+`</SessionId></args></OnLine>`, 1)
	if resp, answer := r.post("text/xml", "", []byte(body)); resp.StatusCode != http.StatusOK {
		t.Errorf("%d %s", resp.StatusCode, answer)
	}
}

// A ClientCallbackURL can make us connect to nothing but the client itself, or
// to what the configuration allows.
func TestHostileCallbacks(t *testing.T) {
	t.Parallel()
	hits := atomic.Int64{}
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer inside.Close()
	port := inside.URL[strings.LastIndexByte(inside.URL, ':'):]
	r := newRig(t, func(c *Config) { c.CallbackAllow = []string{"crm.example", "localhost", "192.0.2.0/24"} })
	peer := newRig(t, nil)
	peer.http = from("127.0.0.2")
	for _, u := range []string{
		"http://127.0.0.1" + port, "http://[::1]" + port, "http://0.0.0.0" + port, "http://169.254.169.254/latest/meta-data/", "http://2130706433" + port,
		"http://0x7f.1" + port, "http://[::ffff:127.0.0.1]" + port, "http://[fe80::1%25eth0]" + port, "http://localhost" + port,
		"http://crm.example.evil.example/", "http://crm.example@127.0.0.1" + port, "http://user:pw@crm.example/", "file:///etc/passwd", "gopher://127.0.0.1:8088/_x",
		"ftp://crm.example/", "http://crm.example:0/", "http://crm.example:99999/", "http:///x", "//crm.example/", "javascript:alert(1)",
		"http://crm.example/" + strings.Repeat("x", 3000), "http://crm.example/\r\nX-Evil: 1",
	} {
		for _, rig := range []*rig{r, peer} {
			answer, err := rig.ask(Namespaces{}, "OpenConnection", openArgs(u))
			if so, opened := answer.(*SessionObject); err == nil && (!opened || so.Status != int32(StatusCallbackURL) && so.Status != int32(StatusNoAnswer)) {
				t.Errorf("%.80q: %+v", u, answer)
			}
		}
	}
	if hits.Load() != 0 || r.srv.Stats().Sessions+peer.srv.Stats().Sessions != 0 {
		t.Errorf("%d connections to the inside", hits.Load())
	}
	if r.srv.Callbacks().Denied.Load() == 0 || peer.srv.Callbacks().Denied.Load() == 0 {
		t.Error("no connection was denied: the addresses of names were not looked at")
	}
}

// A redirect is not followed: it would lead past the rules.
func TestRedirectedCallback(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	inside := newSink(t)
	s := newSink(t)
	s.onStart = func(w http.ResponseWriter) bool {
		w.Header().Set("Location", inside.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
		return true
	}
	if got := r.opens(openArgs(s.URL)); got.Status != int32(StatusNoAnswer) || len(inside.started) != 0 {
		t.Errorf("%+v, %d", got, len(inside.started))
	}
}

// What a peer sends cannot write lines of its own into the log.
func TestLogInjection(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	s := newSink(t)
	evil := "x\nlevel=ERROR msg=forged\r\nred"
	args := openArgs(s.URL + "/a")
	args.UserCredentials.UserName = evil
	r.opens(args)
	args.TenantIDs = []int32{9}
	r.opens(args)
	c := r.opened(s)
	_, _ = r.ask(Namespaces{}, "AddFilter", &AddFilterArgs{SessionHead: c.head(), FieldType: FieldTypeAgentID, FieldValue: evil})
	_, _ = r.post("text/xml", "forged msg=x", []byte("<x>"+evil))
	lines := strings.Split(strings.TrimSpace(r.log.String()), "\n")
	for _, line := range lines {
		if !strings.HasPrefix(line, "time=") {
			t.Errorf("a forged line: %q", line)
		}
	}
	if len(lines) < 4 {
		t.Errorf("only %d lines", len(lines))
	}
}
