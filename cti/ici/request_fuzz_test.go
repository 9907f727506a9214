package ici

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"strowger/cti/soap"
)

// FuzzRequest sends messages to a whole interface with a call up: whatever
// comes, the answer is one that a SOAP client can read, a fault has its codes,
// and what the CRM is told then can be written down.
func FuzzRequest(f *testing.F) {
	first := fuzzScene(f)
	handle := first.handle("C1")
	line := map[string]string{"+49301000129": "+101", "MUELLER": "anna", "0F1E2D3C4B5A69788796A5B4C3D2E1F0": handle, "http://crm.example:50000/": "http://localhost:1/"}
	for op, p := range sampleParams() {
		doc := string(requestDoc(f, op, p, Style{Unqualified: op%2 == 0}))
		f.Add(doc, op.Service().Action())
		for old, now := range line {
			doc = strings.ReplaceAll(doc, old, now)
		}
		f.Add(doc, "")
	}
	f.Fuzz(func(t *testing.T, doc, action string) {
		k := fuzzScene(t)
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, k.s.now().BasePath, strings.NewReader(doc))
		req.Header.Set("Content-Type", "text/xml; charset=utf-8")
		req.Header["Soapaction"] = []string{action}
		req.RemoteAddr = "127.0.0.1:1"
		w := httptest.NewRecorder()
		k.s.end.ServeHTTP(w, req)
		if w.Code != http.StatusOK && w.Code != http.StatusInternalServerError {
			if w.Code < 400 || w.Code >= 500 {
				t.Fatalf("HTTP %d for %q", w.Code, doc)
			}
			return
		}
		env, err := soap.ReadEnvelope(w.Body.Bytes(), "", soap.Limits{Bytes: 8 << 20}, nil)
		if err != nil {
			t.Fatalf("%v in %s", err, w.Body)
		}
		fault := env.Fault()
		if (fault != nil) != (w.Code == http.StatusInternalServerError) {
			t.Fatalf("HTTP %d with %s", w.Code, w.Body)
		}
		if fault != nil && fault.DetailTree != nil {
			if code, text, known := CodeOf(fault); !known || code.Area == 0 || code.Number == 0 || text == "" {
				t.Fatalf("a fault without codes: %s", w.Body)
			}
		}
		k.settle()
	})
}

// fuzzScene is a scene in which Anna talks to a caller.
func fuzzScene(tb testing.TB) *scene {
	tb.Helper()
	k := newScene(tb, "default")
	k.play("> sim arrive\n> sim lift C1")
	return k
}

// FuzzNumberPlan: whatever a switch or a CRM calls a number, SAP is sent a plus
// sign and digits, and the same again when it is written twice.
func FuzzNumberPlan(f *testing.F) {
	for _, s := range []string{
		"", "0", "00", "001234567", "01234567", "+491234567", "sip:030-555@x", "bob", "<sip:+49(30)1@h;p=1>", "/1234", "tel:+1", "anonymous", "+0", "٣", strings.Repeat("9", 40),
	} {
		f.Add(s, "00", "49")
		f.Add(s, "011", "1")
		f.Add(s, "", "")
	}
	f.Fuzz(func(t *testing.T, s, idd, country string) {
		c := DefaultConfig()
		if c.IDD, c.Country = idd, country; c.Validate() != nil {
			return
		}
		for _, n := range []string{Number(s), c.plan().International(s)} {
			if !strings.HasPrefix(n, "+") || len(n) > 2*maxDigits || strings.Trim(n[1:], "0123456789") != "" || len(n) < 2 {
				t.Fatalf("%q becomes %q", s, n)
			}
			if len(n) <= maxDigits && (Number(n) != n || c.plan().International(n) != n || CheckNumber(n) != nil) {
				t.Fatalf("%q becomes %q, and then %q, %q, %v", s, n, Number(n), c.plan().International(n), CheckNumber(n))
			}
		}
		if CheckNumber(s) == nil && strings.Trim(s, "+0123456789") != "" {
			t.Fatalf("%q passes as a number", s)
		}
	})
}

// FuzzMapURL: however a site's pairs rewrite an appUrl and whatever name an
// address has, what comes out is what the rules allow.
func FuzzMapURL(f *testing.F) {
	for _, s := range []string{
		"http://localhost:50000/IciEventService/IciEventConf?style=document", "https://127.0.0.1/", "http://[::1]:1/a", "http://2130706433/", "http://[::ffff:127.0.0.1]/",
		"http://localhost@169.254.169.254/", "gopher://localhost/", "file:///etc/passwd", "http://0x7f.1/", "http://127.0.0.1%00.evil/", "http://localhost:80#@evil/", "//localhost/", "http:localhost", " http://localhost/",
	} {
		f.Add(s, "localhost", "127.0.0.1", "crm.example.")
		f.Add(s, "http://", "gopher://", "localhost")
		f.Add(s, "", "x", "169.254.169.254")
		f.Add(s, "/", "@evil/", "a@localhost")
	}
	f.Fuzz(func(t *testing.T, appURL, old, now, name string) {
		p := fuzzPush(t, []string{old, now}, name)
		if p == nil {
			return
		}
		got, err := p.Route(t.Context(), appURL, ServiceUser)
		if err != nil {
			if got != "" {
				t.Fatalf("%q is refused and routed to %q", appURL, got)
			}
			return
		}
		u, err := url.Parse(got)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
			t.Fatalf("%q is routed to %q: %v", appURL, got, err)
		}
		if addr, err := netip.ParseAddr(u.Hostname()); err == nil && !addr.Unmap().IsLoopback() {
			t.Fatalf("%q is routed to %q", appURL, got)
		} else if err != nil && !strings.EqualFold(strings.TrimSuffix(u.Hostname(), "."), defaultLoopbackName) && !strings.EqualFold(strings.TrimSuffix(u.Hostname(), "."), "crm.example") {
			t.Fatalf("%q is routed to %q", appURL, got)
		}
	})
}

// fuzzPush is a Push that maps one text and finds one name; nil where that is
// no configuration.
func fuzzPush(t *testing.T, pairs []string, name string) *Push {
	t.Helper()
	cfg := DefaultConfig()
	cfg.CallbackHosts = append(cfg.CallbackHosts, "crm.example")
	cfg.MapSubscribeURL, cfg.ReverseDNS = pairs, true
	p, err := NewPush(cfg, nil, nil)
	if err != nil {
		return nil
	}
	t.Cleanup(func() { p.reach.Load().client.Close() })
	p.lookup = func(context.Context, string) ([]string, error) { return []string{name}, nil }
	return p
}
