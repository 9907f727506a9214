package ici

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Where events go: mapped, then named, and only where the rules allow it.
func TestRoute(t *testing.T) {
	t.Parallel()
	names := map[string]string{"127.0.0.5": "crm.example.", "127.0.0.6": "other.example."}
	for _, c := range []struct {
		name, url, want string
		pairs           []string
		reverse         bool
		code            Code
	}{
		{name: "as it is", url: "http://127.0.0.5:80/a?b", want: "http://127.0.0.5:80/a?b"},
		{name: "mapped", url: "http://10.9.9.9:80/a", want: "http://crm.example:8000/a", pairs: []string{"10.9.9.9:80", " crm.example:8000 "}},
		{name: "mapped in turns", url: "http://one/a", want: "http://crm.example/a", pairs: []string{"one", "two", "two", "crm.example"}},
		{name: "mapped out of the rules", url: "http://localhost/a", pairs: []string{"localhost", "elsewhere.example"}, code: CodeAppURLNotAllowed},
		{name: "mapped to nothing", url: "http://localhost/a", pairs: []string{"http://localhost", "file://"}, code: CodeBadAppURL},
		{name: "named", url: "https://127.0.0.5:444/a", want: "https://crm.example:444/a", reverse: true},
		{name: "name not allowed", url: "http://127.0.0.6/a", want: "http://127.0.0.6/a", reverse: true},
		{name: "no name", url: "http://127.0.0.7/a", want: "http://127.0.0.7/a", reverse: true},
		{name: "a name already", url: "http://localhost/a", want: "http://localhost/a", reverse: true},
		{name: "address not allowed", url: "http://169.254.169.254/a", reverse: true, code: CodeAppURLNotAllowed},
	} {
		p := startPush(t, func(cfg *Config) {
			cfg.CallbackHosts = append(cfg.CallbackHosts, "crm.example")
			cfg.MapSubscribeURL, cfg.ReverseDNS = c.pairs, c.reverse
		})
		p.lookup = func(_ context.Context, addr string) ([]string, error) {
			if names[addr] == "" {
				return nil, errors.New("no such host")
			}
			return []string{names[addr]}, nil
		}
		got, err := p.Route(t.Context(), c.url, ServiceUser)
		var refused *Error
		if errors.As(err, &refused) != (c.code != Code{}) || got != c.want || refused != nil && refused.Code != c.code {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

// A key stays what the CRM calls it, wherever its events are sent.
func TestMappedKeyIsTheCRMs(t *testing.T) {
	t.Parallel()
	crm := newSink(t, nil)
	host := strings.TrimPrefix(crm.URL, "http://")
	p := startPush(t, func(cfg *Config) { cfg.MapSubscribeURL = []string{"crm.invalid:80", host} })
	k := Key{"http://crm.invalid:80/e", "a"}
	if err := p.Subscribe(t.Context(), k, UserTarget("x")); err != nil {
		t.Fatal(err)
	}
	p.Publish("x", UserTarget("x"), &UserChanged{User: sampleUser()})
	if got := crm.next(t); got.path != "/e" {
		t.Errorf("received %+v", got)
	}
	if list := p.List(); len(list) != 1 || list[0].AppURL != k.AppURL || p.Stats.Mapped.Load() != 1 {
		t.Errorf("listed %+v", list)
	}
	if !p.Unsubscribe(ServiceUser, k) || len(p.table.routes) != 0 {
		t.Errorf("the key is not known by its own name; %v", p.table.routes)
	}
	if err := p.Subscribe(t.Context(), k, UserTarget("x")); err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if got, ok := crm.next(t).event.(*SubscriptionEnded); !ok || got.Reason.ID != "1" {
		t.Errorf("the farewell was %+v", got)
	}
}

// Through a proxy only allowed addresses are asked for, and hosts of noProxy
// are reached without it.
func TestProxy(t *testing.T) {
	t.Parallel()
	asked := make(chan *http.Request, 10)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer proxy.Close()
	crm := newSink(t, nil)
	p := startPush(t, func(cfg *Config) {
		cfg.CallbackHosts = []string{"crm.invalid", "other.invalid"}
		cfg.CallbackNets = []string{"127.0.0.1/32"}
		cfg.CallbackProxy, cfg.ProxyUser, cfg.ProxyPassword, cfg.NoProxy = proxy.URL, "u", "p-secret", []string{"127.0.0.1"}
	})
	client := p.reach.Load().client
	post := func(to string) error { return client.Post(t.Context(), to, "a", []byte("<x/>"), nil) }
	if err := post("http://crm.invalid/e"); err == nil || !strings.Contains(err.Error(), "502") || strings.Contains(err.Error(), "p-secret") {
		t.Errorf("got %v", err)
	}
	r := <-asked
	if r.URL.String() != "http://crm.invalid/e" || r.Header.Get("Proxy-Authorization") == "" {
		t.Errorf("the proxy was asked for %s", r.URL)
	}
	for _, to := range []string{"http://10.0.0.1/e", "http://evil.invalid/", "http://[::ffff:169.254.169.254]/", "http://2130706433/", proxy.URL[:len("http://127.0.0.")] + "2/"} {
		if err := post(to); err == nil {
			t.Errorf("%s was asked for", to)
		}
	}
	if err := p.Subscribe(t.Context(), Key{crm.URL, "a"}, UserTarget("x")); err != nil {
		t.Fatal(err)
	}
	p.Publish("x", UserTarget("x"), &UserChanged{User: sampleUser()})
	crm.next(t)
	if len(asked) != 0 {
		t.Errorf("the proxy was asked for %s", (<-asked).URL)
	}
}
