package icicheck

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"strowger/cmd/strowger/internal/peercheck"
	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

func serve(t *testing.T, adjust func(*ici.Config)) (string, *ctitest.FakeSwitch) {
	t.Helper()
	sw := ctitest.NewFakeSwitch(ctitest.Config())
	cfg := ici.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	if adjust != nil {
		adjust(&cfg)
	}
	srv, err := ici.New(cfg, sw, nil, ici.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := srv.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return "http://" + srv.Addr() + cfg.BasePath, sw
}

func results(r peercheck.Report) map[string]string {
	out := map[string]string{}
	for _, s := range r.Steps {
		out[s.Name] = s.Result
	}
	return out
}

// A sound interface passes; the agent is afterwards as before.
func TestSound(t *testing.T) {
	t.Parallel()
	url, sw := serve(t, nil)
	sw.SetAgent(ctitest.Anna, callmodel.Ready, "")
	for _, c := range []struct {
		opt         Options
		ok, skipped int
	}{
		{Options{URL: url}, 6, 11},
		{Options{URL: url, User: "Anna"}, 12, 5},
		{Options{URL: url, User: "ANNA", Act: true}, 15, 2},
	} {
		r, err := Run(t.Context(), c.opt)
		if err != nil || !r.OK {
			t.Fatalf("%+v, %v", r, err)
		}
		count := map[string]int{}
		for _, s := range r.Steps {
			count[s.Result]++
		}
		if count[peercheck.OK] != c.ok || count[peercheck.Skipped] != c.skipped {
			t.Errorf("user %q: %v in %+v", c.opt.User, count, r.Steps)
		}
	}
	view, err := sw.View(t.Context())
	if err != nil || view.Agents[0].State != callmodel.Ready {
		t.Errorf("the agent is %v, %v", view.Agents[0].State, err)
	}
}

// Each defect is found by the step that looks for it, and says what to do.
func TestDefects(t *testing.T) {
	t.Parallel()
	good, _ := serve(t, nil)
	locked, _ := serve(t, func(c *ici.Config) { c.User, c.Password = "crm", "secret" })
	deaf, deafSwitch := serve(t, func(c *ici.Config) { c.CallbackPorts = []uint16{1} })
	deafSwitch.SetAgent(ctitest.Anna, callmodel.Ready, "")
	text := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer text.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, c := range []struct {
		name, step, want string
		opt              Options
	}{
		{"nobody there", "GET answers 200", "is the controller running", Options{URL: gone.URL + "/OII/OII.asmx"}},
		{"wrong path", "GET answers 200", "ici.path", Options{URL: strings.Replace(good, "/OII/", "/other/", 1)}},
		{"no password", "GET answers 200", "--password-file", Options{URL: locked}},
		{"wrong password", "GET answers 200", "--password-file", Options{URL: locked, Login: "crm", Password: "x"}},
		{"another server", "exchangeProductInformation", "no SOAP message", Options{URL: text.URL + "/x"}},
		{"unknown agent", "subscribe to the user", "no user", Options{URL: good, User: "nobody"}},
		{"callback not allowed", "subscribe to the user", "callback", Options{URL: deaf, User: "anna"}},
	} {
		r, err := Run(t.Context(), c.opt)
		if err != nil || r.OK || results(r)[c.step] != peercheck.Failed {
			t.Errorf("%s: %+v, %v", c.name, r.Steps, err)
			continue
		}
		for _, s := range r.Steps {
			if s.Name == c.step && !strings.Contains(s.Detail, c.want) {
				t.Errorf("%s: says %q", c.name, s.Detail)
			}
		}
	}
	off, _ := serve(t, func(c *ici.Config) { c.MonitorSubscriptions = 0 })
	for url, want := range map[string]string{off: peercheck.Skipped, deaf: peercheck.Warning} {
		if r, err := Run(t.Context(), Options{URL: url, User: "anna"}); err != nil || results(r)["figures of agents (IciMonitor)"] != want {
			t.Errorf("figures: %+v, %v, want %s", r.Steps, err, want)
		}
	}
	for _, opt := range []Options{{URL: "nowhere"}, {URL: "ftp://x/"}, {URL: good, CA: "/nonexistent"}, {URL: good, Callback: "x"}} {
		if _, err := Run(t.Context(), opt); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", opt, err)
		}
	}
}
