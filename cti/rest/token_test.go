package rest_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/switch/callmodel"
)

// TestWhoAsked: the name and the role of a token reach the switch.
func TestWhoAsked(t *testing.T) {
	f, rec := recording(t, func(o *rest.Options) { o.Tokens = tokens })
	for letter, want := range map[string]string{"A": "root (admin)", "S": "sven (supervisor)", "G": "anna (agent)", "I": "crm (integrator)"} {
		f.as(letter, http.MethodPost, "/api/v1/agents/anna/drop-line", "")
		got := rec.took()
		if len(got) != 1 || got[0].(callmodel.DropLine).By != want {
			t.Errorf("%s: %+v, want by %q", letter, got, want)
		}
	}
}

// TestWrongTokens: a wrong token is refused everywhere, counted by address, and
// after ten of them the address must wait, also with the right one.
func TestWrongTokens(t *testing.T) {
	var log bytes.Buffer
	f := newFixture(t, func(o *rest.Options) { o.Tokens, o.Logger = tokens, slog.New(slog.NewTextHandler(&log, nil)) })
	send := func(peer, auth string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/status", nil)
		r.Host, r.RemoteAddr = "localhost", peer
		if auth != "" {
			r.Header.Set("Authorization", auth)
		}
		w := httptest.NewRecorder()
		f.srv.Handler(rest.RoleReader, "web").ServeHTTP(w, r)
		return w
	}
	const good, peer = "Bearer secret-of-A-0123", "192.0.2.1:1000"
	for i, auth := range []string{
		"Bearer wrong-SECRET", "Bearer ", "Bearer", "Basic c2VjcmV0LW9mLUEtMDEyMw==", "secret-of-A-0123", "Bearer secret-of-A-012", "Bearer secret-of-A-01234",
		"Bearer  secret-of-A-0123", "Bearer SECRET-OF-A-0123", "Token secret-of-A-0123",
	} {
		w := send(fmt.Sprintf("192.0.2.1:%d", i+1), auth)
		problem(t, w, http.StatusUnauthorized, "denied")
		if !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%q: no challenge", auth)
		}
	}
	w := send(peer, good)
	p := problem(t, w, http.StatusTooManyRequests, "busy")
	if w.Header().Get("Retry-After") != "61" || !strings.Contains(p.Detail, "wait a minute") {
		t.Errorf("blocked: %+v %v", p, w.Header())
	}
	if w := send(peer, ""); w.Code != http.StatusOK {
		t.Errorf("reading without a token: %d", w.Code)
	}
	if w := send("192.0.2.2:1", good); w.Code != http.StatusOK {
		t.Errorf("another address: %d", w.Code)
	}
	if w := send(peer, "bearer secret-of-A-0123"); w.Code != http.StatusTooManyRequests {
		t.Errorf("still blocked: %d", w.Code)
	}
	f.sw.Advance(61 * time.Second)
	if w := send(peer, "bearer secret-of-A-0123"); w.Code != http.StatusOK {
		t.Errorf("after a minute: %d %s", w.Code, w.Body)
	}
	if s := f.srv.Stats(); s.AuthFailed != 10 || s.AuthBlocked != 2 {
		t.Errorf("stats %+v", s)
	}
	for _, v := range []string{"SECRET", "secret-of"} {
		if strings.Contains(log.String(), v) {
			t.Errorf("the log holds %q: %s", v, log.String())
		}
	}
	// One owner of an IPv6 network is one peer, and the number of peers that are remembered is bounded.
	for i := range 10 {
		send(fmt.Sprintf("[2001:db8:1:2::%x]:1", i+1), "Bearer wrong")
	}
	if w := send("[2001:db8:1:2::ffff]:1", good); w.Code != http.StatusTooManyRequests {
		t.Errorf("the same network: %d", w.Code)
	}
	for i := range 5000 {
		send(fmt.Sprintf("10.1.%d.%d:1", i/250, i%250), "Bearer wrong")
	}
	if n := f.srv.Strikes(); n > 4096 {
		t.Errorf("%d peers are remembered", n)
	}
}

func TestTokenOnHostsAndSites(t *testing.T) {
	f := newFixture(t, func(o *rest.Options) { o.Tokens = tokens })
	r := httptest.NewRequest(http.MethodGet, "/api/v1/audit", nil)
	r.Host = "evil.example"
	r.Header.Set("Authorization", "Bearer secret-of-A-0123")
	w := httptest.NewRecorder()
	f.srv.Handler(rest.RoleReader, "web").ServeHTTP(w, r)
	problem(t, w, http.StatusMisdirectedRequest, "denied")
}

func TestBadTokens(t *testing.T) {
	good := rest.Token{Name: "a", Role: rest.RoleAdmin, Secret: "0123456789abcdef"}
	edit := func(e func(*rest.Token)) []rest.Token {
		v := good
		e(&v)
		return []rest.Token{v}
	}
	for name, list := range map[string][]rest.Token{
		"no name":      edit(func(t *rest.Token) { t.Name = "" }),
		"long name":    edit(func(t *rest.Token) { t.Name = strings.Repeat("x", 65) }),
		"control":      edit(func(t *rest.Token) { t.Name = "a\nb" }),
		"no role":      edit(func(t *rest.Token) { t.Role = 0 }),
		"unknown role": edit(func(t *rest.Token) { t.Role = 77 }),
		"no agent":     edit(func(t *rest.Token) { t.Role = rest.RoleAgent }),
		"an agent":     edit(func(t *rest.Token) { t.Agent = "anna" }),
		"short":        edit(func(t *rest.Token) { t.Secret = "0123456789abcde" }),
		"space":        edit(func(t *rest.Token) { t.Secret = " 0123456789abcdef" }),
		"long":         edit(func(t *rest.Token) { t.Secret = strings.Repeat("x", 513) }),
		"same name":    {good, {Name: "a", Role: rest.RoleAdmin, Secret: "another-secret-0"}},
		"same secret":  {good, {Name: "b", Role: rest.RoleReader, Secret: good.Secret}},
	} {
		_, err := rest.New(rest.Options{Switch: newFixture(t, nil).sw, Mode: rest.ModeReal, Tokens: list})
		if err == nil || strings.Contains(err.Error(), good.Secret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{fmt.Sprint(good), fmt.Sprintf("%+v %#v %s", good, good, good), slog.AnyValue(good).Resolve().String()} {
		if strings.Contains(text, good.Secret) || !strings.Contains(text, "a (admin)") {
			t.Errorf("a token is printed as %q", text)
		}
	}
	for r := rest.RoleReader; r <= rest.RoleIntegrator; r++ {
		if got, ok := rest.ParseRole(r.String()); !ok || got != r {
			t.Errorf("role %s", r)
		}
	}
	if _, ok := rest.ParseRole("none"); ok {
		t.Error("none is no role")
	}
}
