package ici_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// get reads a URL and returns status and body; err is that of the connection.
func get(ctx context.Context, client *http.Client, url string, change func(*http.Request)) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	if change != nil {
		change(req)
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }() // it was read to its end
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}

func TestConnectionTestAndDescription(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	if status, body, err := get(t.Context(), http.DefaultClient, r.url, nil); err != nil || status != http.StatusOK || !strings.Contains(body, "ICI") {
		t.Errorf("a plain GET: %d %q %v", status, body, err)
	}
	own := strings.Replace(r.url, "OII.asmx", "IciItemService.asmx", 1)
	if status, body, err := get(t.Context(), http.DefaultClient, own+"?WSDL", nil); err != nil || status != http.StatusOK || !strings.Contains(body, own) {
		t.Errorf("the description: %d %q %v", status, body, err)
	}
	if status, _, err := get(t.Context(), http.DefaultClient, "http://"+r.srv.Addr()+"/", nil); err != nil || status != http.StatusNotFound {
		t.Errorf("another path: %d %v", status, err)
	}
}

func TestLoginOfTheCRM(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *ici.Config) { c.User, c.Password = "crm", "secret" })
	for password, want := range map[string]int{"secret": http.StatusOK, "guess": http.StatusUnauthorized} {
		status, _, err := get(t.Context(), http.DefaultClient, r.url, func(q *http.Request) { q.SetBasicAuth("crm", password) })
		if err != nil || status != want {
			t.Errorf("password %s: %d %v", password, status, err)
		}
	}
	if n := r.srv.Guard().Unauthorised.Load(); n != 1 {
		t.Errorf("%d refusals were counted", n)
	}
}

func TestSourceFilter(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *ici.Config) { c.AllowClients = []string{"192.0.2.0/24"} })
	if status, _, err := get(t.Context(), http.DefaultClient, r.url, nil); err != nil || status != http.StatusForbidden || r.srv.Guard().Denied.Load() != 1 {
		t.Errorf("a foreign source: %d %v", status, err)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	certFile, keyFile, client := ctitest.Certificate(t)
	r := newRig(t, func(c *ici.Config) { c.TLSCert, c.TLSKey = certFile, keyFile })
	url := strings.Replace(r.url, "http:", "https:", 1)
	status, body, err := get(t.Context(), client, url+"?wsdl", nil)
	if err != nil || status != http.StatusOK || !strings.Contains(body, "https://"+r.srv.Addr()) {
		t.Errorf("over TLS: %d %v %q", status, err, body)
	}
}

func TestStartAndStop(t *testing.T) {
	t.Parallel()
	sw := ctitest.NewFakeSwitch(ctitest.Config())
	cfg := ici.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	r := rigOn(t, sw, sw, nil)
	r.follow(ctitest.Anna)

	cfg.Listen = r.srv.Addr()
	second, err := ici.New(cfg, sw, nil, ici.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	if second.Addr() != "" {
		t.Error("an address before Start")
	}
	ctitest.StartsOnce(t, r.srv, second)
	ended, err := r.crm.next(t.Context(), func(e ici.Event) bool { _, ok := e.(*ici.SubscriptionEnded); return ok })
	if err != nil || ended.(*ici.SubscriptionEnded).Reason.ID != "1" {
		t.Errorf("the end is told as %v, %v", ended, err)
	}
	if sw.Watchers() != 0 {
		t.Errorf("%d subscriptions are left", sw.Watchers())
	}
	broken := ici.DefaultConfig()
	broken.SoapWait = 0
	if _, err := ici.New(broken, sw, nil, ici.Observer{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a broken configuration: %v", err)
	}
	cfg.Listen = "127.0.0.1:0"
	third, err := ici.New(cfg, sw, nil, ici.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	ctitest.DeafSwitch(t, sw, third)
}

// The switch stopping is no reason to spin: requests are refused, nothing is told.
func TestSwitchStops(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.follow(ctitest.Anna)
	r.sw.Stop()
	r.refused("5/90", ici.OpGetCalls, &ici.LineRef{LineNumber: "101"})
}

func TestConfigurationChanges(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.login(ctitest.Anna)
	r.login(ctitest.Bernd)
	a, b := r.script(ctitest.Anna), r.script(ctitest.Bernd)
	a.expect("user ANNA 2")
	b.expect("user BERND 2")
	next := ctitest.Config()
	next.Version = 2
	next.Queues[0].Name = "Help"
	next.Agents = next.Agents[:1]
	r.sw.Put(callmodel.ConfigLoaded{Config: next})
	if u, ok := a.raw().(*ici.UserChanged); !ok || u.User.CurrentQueues[0].Description != "Help" {
		t.Errorf("a queue's new name is told as %+v", u)
	}
	b.expect("user BERND 1", "line 3")

	// Who is removed while on a call keeps the line until its end.
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	a.expect("C1 3/1 " + capHandset)
	r.sw.PickUp(call)
	a.expect("C1 101/2 " + capTalking)
	last := ctitest.Config()
	last.Version = 3
	last.Queues, last.Agents = next.Queues, last.Agents[1:]
	r.sw.Put(callmodel.ConfigLoaded{Config: last})
	b.expect("user bernd 1") // back, and nobody has said yet how the name is spelled
	r.sw.HangUp(call)
	a.expect("C1 4/3 " + capWrapUp)
	r.sw.Advance(ctitest.WrapUp)
	a.expect("C1 4/1", "user ANNA 1", "line 3")
}
