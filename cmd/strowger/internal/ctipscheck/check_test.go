package ctipscheck

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"strowger/cmd/strowger/internal/peercheck"
	"strowger/cti/ctips"
	"strowger/cti/ctitest"
	"strowger/switch/fault"
)

// serve runs a server on a switch with the agents anna and bernd.
func serve(t *testing.T, adjust func(*ctips.Config)) string {
	t.Helper()
	cfg := ctips.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	if adjust != nil {
		adjust(&cfg)
	}
	sw := ctitest.NewFakeSwitch(ctitest.Config())
	srv, err := ctips.New(cfg, sw, nil, ctips.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	ctitest.Serve(t, sw, srv)
	return "http://" + srv.Addr() + cfg.Path
}

func results(r peercheck.Report) map[string]string {
	out := map[string]string{}
	for _, s := range r.Steps {
		out[s.Name] = s.Result + " " + s.Detail
	}
	return out
}

// Against our own server everything works, with an agent too.
func TestOurOwn(t *testing.T) {
	t.Parallel()
	hash := ctitest.StoredPassword("Secret-01")
	url := serve(t, func(c *ctips.Config) { c.Users = []ctips.User{{Name: "desktop", Hash: hash, Rights: ctips.Rights()}} })
	r, err := Run(t.Context(), Options{URL: url, User: "desktop", Password: "Secret-01", Agent: "anna", Act: true})
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK || len(r.Steps) != 16 {
		t.Errorf("%+v", r)
	}
	for _, s := range r.Steps {
		if s.Result != peercheck.OK {
			t.Errorf("%s: %s %s", s.Name, s.Result, s.Detail)
		}
	}
	if got := results(r); !strings.Contains(got["Snapshot"], "1 services") || !strings.Contains(got["GetAgentState"], "NotReady") {
		t.Errorf("%q", got)
	}
}

// What it needs and is not given is said, and is no failure.
func TestWithoutUser(t *testing.T) {
	t.Parallel()
	r, err := Run(t.Context(), Options{URL: serve(t, nil)})
	if err != nil || !r.OK {
		t.Fatalf("%+v, %v", r, err)
	}
	got := results(r)
	for step, want := range map[string]string{"LoginAgent": peercheck.Skipped, "a wrong password is refused": peercheck.Skipped, "Snapshot": peercheck.OK} {
		if !strings.HasPrefix(got[step], want) {
			t.Errorf("%s: %s", step, got[step])
		}
	}
	r, err = Run(t.Context(), Options{URL: serve(t, nil), Password: "x"})
	if got := results(r)["a wrong password is refused"]; err != nil || !strings.HasPrefix(got, peercheck.Warning) {
		t.Errorf("%s, %v", got, err)
	}
}

// Each thing that a server does wrong is found out.
func TestFindings(t *testing.T) {
	t.Parallel()
	url := serve(t, func(c *ctips.Config) { c.CallbackAllow = []string{"192.0.2.0/24"} })
	r, err := Run(t.Context(), Options{URL: url})
	if err != nil || r.OK || !strings.Contains(results(r)["OpenConnection, and StartSession at the callback"], "ctips.callback_allow") {
		t.Errorf("a callback that is not allowed: %+v, %v", r, err)
	}
	r, err = Run(t.Context(), Options{URL: serve(t, nil), Agent: "nobody", Act: true, Wait: 5 * time.Second})
	if got := results(r)["LoginAgent"]; err != nil || r.OK || !strings.Contains(got, "InvalidAgentName") {
		t.Errorf("an agent who does not exist: %s, %v", got, err)
	}
	backend := serve(t, nil)
	for name, tt := range map[string]struct{ from, to, step string }{
		"a fault that is none":      {"<SOAP-ENV:Fault>", "<SOAP-ENV:Fine>", "an unknown operation is a fault"},
		"another result":            {"<AddMessageClassResult>0", "<AddMessageClassResult>7", "AddMessageClass for all four"},
		"a description that is odd": {`minOccurs="0"`, `minOccurs="1"`, "description of the service (?wsdl)"},
		"no SessionId":              {"<a:SessionId>", "<a:SessionId>x", "OpenConnection, and StartSession at the callback"},
		"no OnLine":                 {"<OnLineResult>0", "<OnLineResult>1", "OnLine, and a heartbeat"},
	} {
		twisted := httptest.NewServer(twist(backend, tt.from, tt.to))
		r, err := Run(t.Context(), Options{URL: twisted.URL + ctips.DefaultPath, Wait: 5 * time.Second})
		twisted.Close()
		if got := results(r)[tt.step]; err != nil || !strings.HasPrefix(got, peercheck.Failed) && !strings.HasPrefix(got, peercheck.Warning) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// A server that says it has opened a session, and tells the callback nothing, is
// found out; nobody waits for it.
func TestOpenedWithoutStartSession(t *testing.T) {
	t.Parallel()
	hash := ctitest.StoredPassword("Secret-01")
	backend := serve(t, func(c *ctips.Config) { c.Users = []ctips.User{{Name: "desktop", Hash: hash, Rights: ctips.Rights()}} })
	twisted := httptest.NewServer(twist(backend, "<a:Status>2", "<a:Status>0"))
	defer twisted.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := Run(ctx, Options{URL: twisted.URL + ctips.DefaultPath, User: "desktop", Password: "Secret-02"})
	got := results(r)
	if err != nil || !strings.HasPrefix(got["a wrong password is refused"], peercheck.Warning) || !strings.Contains(got["OpenConnection, and StartSession at the callback"], "without StartSession") {
		t.Errorf("%q, %v", got, err)
	}
}

// twist is a server before another that changes its answers.
func twist(backend, from, to string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req, err := http.NewRequestWithContext(r.Context(), r.Method, strings.TrimSuffix(backend, ctips.DefaultPath)+r.URL.RequestURI(), r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		req.Header = r.Header
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer func() { _ = resp.Body.Close() }() // it was read
		body, _ := io.ReadAll(resp.Body)         // a broken answer is passed on broken
		w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
		w.WriteHeader(resp.StatusCode)
		_, _ = w.Write(bytes.ReplaceAll(body, []byte(from), []byte(to))) // a client that left is no news
	})
}

// What cannot be checked at all is an error.
func TestOptions(t *testing.T) {
	t.Parallel()
	for _, opt := range []Options{
		{URL: "127.0.0.1:8731"},
		{URL: "http://127.0.0.1:8731/x", Act: true},
		{URL: "http://127.0.0.1:8731/x", CA: "none.pem"},
		{URL: "http://127.0.0.1:8731/x", Callback: "no address"},
	} {
		if _, err := Run(t.Context(), opt); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", opt, err)
		}
	}
	if _, err := Run(t.Context(), Options{URL: "http://127.0.0.1:1/x"}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("nobody there: %v", err)
	}
}
