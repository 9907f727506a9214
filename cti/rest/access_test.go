package rest_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"strowger/cti/rest"
)

// access is the whole table of who may do what, written by hand: the test
// fails for a route that is missing here.
var access = []struct {
	method, path  string // path as a pattern
	call          string // a real path
	body          string
	reader, admin int // status
}{
	{"GET", "/{$}", "/", "", 200, 200},
	{"GET", "/static/status.css", "", "", 200, 200},
	{"GET", "/static/status.js", "", "", 200, 200},
	{"GET", "/static/icon.svg", "", "", 200, 200},
	{"GET", "/healthz", "", "", 200, 200},
	{"GET", "/readyz", "", "", 200, 200},
	{"GET", "/metrics", "", "", 200, 200},
	{"GET", "/api/v1/openapi.json", "", "", 200, 200},
	{"GET", "/api/v1/status", "", "", 200, 200},
	{"GET", "/api/v1/snapshot", "", "", 200, 200},
	{"GET", "/api/v1/calls", "", "", 200, 200},
	{"GET", "/api/v1/calls/{id}", "/api/v1/calls/1", "", 200, 200},
	{"GET", "/api/v1/agents", "", "", 200, 200},
	{"GET", "/api/v1/agents/{id}", "/api/v1/agents/anna", "", 200, 200},
	{"GET", "/api/v1/queues", "", "", 200, 200},
	{"GET", "/api/v1/queues/{id}", "/api/v1/queues/support", "", 200, 200},
	{"GET", "/api/v1/events", "", "", 503, 503}, // the fixture allows no stream: past the guard, then busy
	{"POST", "/api/v1/agents/{id}/state", "/api/v1/agents/anna/state", `{"state":"ready"}`, 403, 200},
	{"POST", "/api/v1/connections/{id}/accept", "/api/v1/connections/1/accept", "", 403, 409},
	{"POST", "/api/v1/connections/{id}/reject", "/api/v1/connections/1/reject", "", 403, 409},
	{"POST", "/api/v1/connections/{id}/drop", "/api/v1/connections/1/drop", "", 403, 409},
	{"POST", "/api/v1/connections/{id}/hold", "/api/v1/connections/1/hold", "", 403, 409},
	{"POST", "/api/v1/connections/{id}/retrieve", "/api/v1/connections/1/retrieve", "", 403, 409},
	{"POST", "/api/v1/connections/{id}/wrap-up-end", "/api/v1/connections/1/wrap-up-end", "", 403, 409},
}

func TestAccess(t *testing.T) {
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	fresh := func() fixture {
		f := newFixture(t, func(o *rest.Options) { o.Metrics, o.MaxStreams = metrics, 1 })
		f.srv.FillStreams()
		f.sw.Arrive("600", "1", "")
		return f
	}
	var listed []string
	for _, a := range access {
		listed = append(listed, a.method+" "+a.path)
		path := a.path
		if a.call != "" {
			path = a.call
		}
		for role, want := range map[rest.Role]int{rest.RoleReader: a.reader, rest.RoleAdmin: a.admin, 0: http.StatusForbidden} {
			f := fresh()
			before := f.events(t)
			w := f.do(role, a.method, path, a.body)
			if w.Code != want {
				t.Errorf("%s %s as %s: status %d, want %d: %s", a.method, path, role, w.Code, want, w.Body)
			}
			if want == http.StatusForbidden {
				problem(t, w, http.StatusForbidden, "denied")
				if f.events(t) != before {
					t.Errorf("%s %s as %s had an effect", a.method, path, role)
				}
			}
		}
	}
	routes := fresh().srv.Rules()
	slices.Sort(listed)
	if !slices.Equal(routes, listed) {
		t.Errorf("routes\n%s\nare not those of the table\n%s", strings.Join(routes, "\n"), strings.Join(listed, "\n"))
	}
}

func TestRouteWithoutRuleIsRefused(t *testing.T) {
	f := newFixture(t, nil)
	f.srv.ForgetRule("GET /api/v1/calls")
	problem(t, f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/calls", ""), http.StatusForbidden, "denied")
}

func TestGuard(t *testing.T) {
	f := newFixture(t, func(o *rest.Options) { o.Hosts = []string{"pbx.example"} })
	send := func(role rest.Role, method, host, site string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/api/v1/status", nil)
		r.Host = host
		r.Header.Set("Sec-Fetch-Site", site)
		w := httptest.NewRecorder()
		f.srv.Handler(role, "test").ServeHTTP(w, r)
		return w
	}
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:8080": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "192.0.2.7": 200, "pbx.example:8080": 200,
		"PBX.example.": 200, "evil.example": 421, "evil.example:8080": 421, "": 421, "127.0.0.1.evil.example": 421, "localhost.evil.example": 421,
	} {
		if w := send(rest.RoleReader, http.MethodGet, host, ""); w.Code != want {
			t.Errorf("Host %q: status %d, want %d", host, w.Code, want)
		}
	}
	if w := send(rest.RoleAdmin, http.MethodGet, "strowger", ""); w.Code != http.StatusOK {
		t.Errorf("the socket's clients may name any host: %d", w.Code)
	}
	for site, want := range map[string]int{"": 200, "none": 200, "same-origin": 200, "same-site": 403, "cross-site": 403} {
		if w := send(rest.RoleReader, http.MethodGet, "localhost", site); w.Code != want {
			t.Errorf("Sec-Fetch-Site %q: status %d, want %d", site, w.Code, want)
		}
	}
	w := send(rest.RoleReader, http.MethodDelete, "localhost", "")
	problem(t, w, http.StatusMethodNotAllowed, "invalid")
	if w.Header().Get("Allow") != "GET" {
		t.Errorf("Allow is %q", w.Header().Get("Allow"))
	}
	problem(t, f.do(rest.RoleReader, http.MethodGet, "/nowhere", ""), http.StatusNotFound, "not-found")
	for _, path := range []string{"/", "/nowhere", "/api/v1/status", "/static/status.js"} {
		h := f.do(rest.RoleReader, http.MethodGet, path, "").Header()
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: Content-Security-Policy is %q", path, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Access-Control-Allow-Origin") != "" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: headers %v", path, h)
		}
	}
}

// TestPageHasNothingInline: the page must work under its own policy, and load nothing from elsewhere.
func TestPageHasNothingInline(t *testing.T) {
	for mode, simulated := range map[string]bool{rest.ModeReal: false, rest.ModeSimulated: true} {
		f := newFixture(t, func(o *rest.Options) { o.Mode = mode })
		html := f.do(rest.RoleReader, http.MethodGet, "/", "").Body.String()
		for _, bad := range []string{"<script>", "<style", "style=", "onclick", "onload", "http:", "https:", "//"} {
			if strings.Contains(html, bad) {
				t.Errorf("the page contains %q", bad)
			}
		}
		if strings.Contains(html, "SIMULATED") != simulated {
			t.Errorf("mode %s: SIMULATED shown is %v", mode, !simulated)
		}
		js := f.do(rest.RoleReader, http.MethodGet, "/static/status.js", "").Body.String()
		for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http:", "https:"} {
			if strings.Contains(js, bad) {
				t.Errorf("the script contains %q", bad)
			}
		}
	}
}
