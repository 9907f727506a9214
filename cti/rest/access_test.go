package rest_test

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"strowger/cti/rest"
	"strowger/switch/callmodel"
)

// access is the whole table of who may do what, written by hand a second
// time: the test fails for a route that is missing here. Roles: R reader, A
// admin, S supervisor, G agent anna (whose line it is), I integrator.
var access = append([]accessRow{
	{"GET", "/{$}", "/", "", "RASGI", 200},
	{"GET", "/static/status.css", "", "", "RASGI", 200},
	{"GET", "/static/status.js", "", "", "RASGI", 200},
	{"GET", "/static/icon.svg", "", "", "RASGI", 200},
	{"GET", "/ici", "", "", "RASGI", 200},
	{"GET", "/static/common.js", "", "", "RASGI", 200},
	{"GET", "/static/ici.js", "", "", "RASGI", 200},
	{"GET", "/ctips", "", "", "RASGI", 200},
	{"GET", "/static/ctips.js", "", "", "RASGI", 200},
	{"GET", "/campaigns", "", "", "RASGI", 200},
	{"GET", "/static/campaigns.js", "", "", "RASGI", 200},
	{"GET", "/static/interface.js", "", "", "RASGI", 200},
	{"GET", "/healthz", "", "", "RASGI", 200},
	{"GET", "/readyz", "", "", "RASGI", 200},
	{"GET", "/metrics", "", "", "RASGI", 200},
	{"GET", "/api/v1/openapi.json", "", "", "RASGI", 200},
	{"GET", "/api/v1/status", "", "", "RASGI", 200},
	{"GET", "/api/v1/snapshot", "", "", "RASGI", 200},
	{"GET", "/api/v1/calls", "", "", "RASGI", 200},
	{"GET", "/api/v1/calls/{id}", "/api/v1/calls/1", "", "RASGI", 200},
	{"GET", "/api/v1/calls/{id}/explain", "/api/v1/calls/1/explain", "", "RASGI", 200},
	{"GET", "/api/v1/parking", "", "", "RASGI", 200},
	{"GET", "/api/v1/agents", "", "", "RASGI", 200},
	{"GET", "/api/v1/agents/{id}", "/api/v1/agents/anna", "", "RASGI", 200},
	{"GET", "/api/v1/queues", "", "", "RASGI", 200},
	{"GET", "/api/v1/queues/{id}", "/api/v1/queues/support", "", "RASGI", 200},
	{"GET", "/api/v1/callbacks", "", "", "RASGI", 200},
	{"GET", "/api/v1/events", "", "", "RASGI", 503}, // the fixture allows no stream: past the guard, then busy
	{"GET", "/api/v1/audit", "", "", "A", 200},
	{"GET", "/api/v1/records/calls", "", "", "RASI", 200},
	{"GET", "/api/v1/records/segments", "", "", "RASI", 200},
	{"GET", "/api/v1/records/agent-states", "", "", "RASI", 200},
	{"GET", "/api/v1/records/attempts", "", "", "RASI", 200},
	{"GET", "/api/v1/records/dispositions", "", "", "RASI", 200},
	{"GET", "/api/v1/records/queue-log", "", "", "RASI", 200},
	{"GET", "/api/v1/statistics", "", "", "RASI", 200},
	{"GET", "/api/v1/statistics/live", "", "", "RASGI", 200},
	{"GET", "/api/v1/recordings", "", "", "AS", 200},
	{"GET", "/api/v1/recordings/{id}", "/api/v1/recordings/01KJQ9A0000000000000000009", "", "AS", 404},
	{"GET", "/api/v1/recordings/{id}/audio", "/api/v1/recordings/01KJQ9A0000000000000000009/audio", "", "AS", 404},
	{"GET", "/api/v1/recordings/{id}/verify", "/api/v1/recordings/01KJQ9A0000000000000000009/verify", "", "AS", 404},
	{"POST", "/api/v1/agents/{id}/login", "/api/v1/agents/anna/login", "", "ASGI", 200},
	{"POST", "/api/v1/agents/{id}/state", "/api/v1/agents/anna/state", `{"state":"not-ready"}`, "ASGI", 200},
	{"POST", "/api/v1/agents/{id}/queues", "/api/v1/agents/anna/queues", `{"out":["support"]}`, "ASGI", 200},
	{"POST", "/api/v1/agents/{id}/force-state", "/api/v1/agents/anna/force-state", `{"state":"ready"}`, "AS", 200},
	{"POST", "/api/v1/agents/{id}/panic-logout", "/api/v1/agents/anna/panic-logout", "", "AS", 200},
	{"POST", "/api/v1/agents/{id}/call", "/api/v1/agents/anna/call", `{"to":"agent:bernd"}`, "ASGI", 202},
	{"POST", "/api/v1/agents/{id}/pick-up", "/api/v1/agents/anna/pick-up", `{"place":"801"}`, "ASGI", 202},
	{"POST", "/api/v1/agents/{id}/drop-line", "/api/v1/agents/anna/drop-line", "", "ASGI", 202},
	{"POST", "/api/v1/calls/{id}/end", "/api/v1/calls/1/end", "", "AS", 202},
	{"POST", "/api/v1/calls/{id}/route", "/api/v1/calls/1/route", `{"to":"queue:sales"}`, "ASI", 202},
	{"POST", "/api/v1/calls/{id}/route-reject", "/api/v1/calls/1/route-reject", "", "ASI", 202},
	{"POST", "/api/v1/queues/{id}/pause", "/api/v1/queues/support/pause", "", "AS", 202},
	{"POST", "/api/v1/queues/{id}/resume", "/api/v1/queues/support/resume", "", "AS", 202},
	{"POST", "/api/v1/callbacks", "", `{"number":"+49301234","queue":"support"}`, "ASGI", 202},
	{"PATCH", "/api/v1/callbacks/{id}", "/api/v1/callbacks/01KJQ9A0000000000000000009", `{"result":"BUSY"}`, "ASI", 202},
	{"GET", "/api/v1/supervisions", "", "", "AS", 200},
	{"POST", "/api/v1/supervisions", "", `{"supervisor":"bernd","agent":"anna","mode":"listen"}`, "AS", 202},
	{"POST", "/api/v1/supervisions/{id}/mode", "/api/v1/supervisions/bernd/mode", `{"mode":"whisper"}`, "AS", 202},
	{"POST", "/api/v1/supervisions/{id}/take-over", "/api/v1/supervisions/bernd/take-over", "", "AS", 202},
	{"POST", "/api/v1/supervisions/{id}/end", "/api/v1/supervisions/bernd/end", "", "AS", 202},
	{"GET", "/api/v1/ici", "", "", "RASI", 200},
	{"GET", "/api/v1/ici/clients", "", "", "AS", 200},
	{"GET", "/api/v1/ici/items", "", "", "AS", 200},
	{"GET", "/api/v1/ici/users", "", "", "AS", 200},
	{"GET", "/api/v1/ici/queues", "", "", "AS", 200},
	{"GET", "/api/v1/ici/subscriptions", "", "", "AS", 200},
	{"GET", "/api/v1/ici/trace", "", "", "A", 200},
	{"POST", "/api/v1/ici/start", "", "", "A", 200},
	{"POST", "/api/v1/ici/stop", "", "", "A", 200},
	{"POST", "/api/v1/ici/reload", "", "", "A", 200},
	{"POST", "/api/v1/ici/trace", "", `{"minutes":5}`, "A", 200},
	{"POST", "/api/v1/ici/log-level", "", `{"level":"debug","minutes":5}`, "A", 200},
	{"GET", "/api/v1/sapphone", "", "", "RASI", 200},
	{"POST", "/api/v1/sapphone/start", "", "", "A", 200},
	{"POST", "/api/v1/sapphone/stop", "", "", "A", 200},
	{"POST", "/api/v1/sapphone/reload", "", "", "A", 200},
	{"GET", "/api/v1/ctips", "", "", "RASI", 200},
	{"GET", "/api/v1/ctips/sessions", "", "", "AS", 200},
	{"POST", "/api/v1/ctips/sessions/{id}/close", "/api/v1/ctips/sessions/1-7/close", "", "AS", 200},
	{"POST", "/api/v1/ctips/reload", "", "", "A", 200},
	{"POST", "/api/v1/objects", "", "queues: []", "A", 200},
	{"GET", "/api/v1/objects/{kind}", "/api/v1/objects/all", "", "AS", 200},
	{"GET", "/api/v1/connections/{id}/data", "CONN/data", "", "ASGI", 200},
	{"PUT", "/api/v1/connections/{id}/data", "CONN/data", `{"entries":[]}`, "ASGI", 202},
	{"PATCH", "/api/v1/connections/{id}/data", "CONN/data", `{"entries":[]}`, "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/accept", "CONN/accept", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/reject", "CONN/reject", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/deflect", "CONN/deflect", `{"to":"queue:sales"}`, "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/drop", "CONN/drop", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/drop-all", "CONN/drop-all", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/hold", "CONN/hold", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/retrieve", "CONN/retrieve", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/alternate", "CONN/alternate", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/consult", "CONN/consult", `{"to":"102"}`, "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/transfer", "CONN/transfer", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/conference", "CONN/conference", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/reconnect", "CONN/reconnect", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/blind-transfer", "CONN/blind-transfer", `{"to":"ivr:main"}`, "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/drop-party", "CONN/drop-party", `{"party":"102"}`, "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/mute", "CONN/mute", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/unmute", "CONN/unmute", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/park", "CONN/park", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/play", "CONN/play", `{"media":"sound:hello"}`, "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/stop-play", "CONN/stop-play", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/send-digits", "CONN/send-digits", `{"digits":"12#"}`, "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/require-wrap-up", "CONN/require-wrap-up", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/end-wrap-up", "CONN/end-wrap-up", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/start-recording", "CONN/start-recording", `{"channels":"stereo"}`, "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/stop-recording", "CONN/stop-recording", "", "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/pause-recording", "CONN/pause-recording", `{"reason":"card"}`, "ASGI", 202},
	{"POST", "/api/v1/connections/{id}/resume-recording", "CONN/resume-recording", "", "ASGI", 202},
	{"POST", "/api/v1/calls/{id}/start-recording", "/api/v1/calls/1/start-recording", "", "AS", 202},
	{"POST", "/api/v1/calls/{id}/stop-recording", "/api/v1/calls/1/stop-recording", "", "AS", 202},
	{"POST", "/api/v1/calls/{id}/pause-recording", "/api/v1/calls/1/pause-recording", "", "AS", 202},
	{"POST", "/api/v1/calls/{id}/resume-recording", "/api/v1/calls/1/resume-recording", "", "AS", 202},
	{"POST", "/api/v1/connections/{id}/dispose", "CONN/dispose", `{"codes":["sold"]}`, "ASGI", 202},
}, accessDialer...)

// accessRow is one route.
type accessRow struct {
	method, path string // path as a pattern
	call         string // a real path
	body         string
	roles        string
	status       int // for those who may
}

// commands reports whether the route gives the switch a command.
func (a accessRow) commands() bool {
	if a.method == http.MethodGet {
		return false
	}
	for _, other := range []string{"objects", "ici", "sapphone", "ctips", "campaigns", "samples", "lists", "imports", "leads", "dnc"} {
		if strings.HasPrefix(a.path, "/api/v1/"+other) {
			return false
		}
	}
	return true
}

// tokens are one of each role; the letters are those of the access table.
var tokens = []rest.Token{
	{Name: "board", Role: rest.RoleReader, Secret: "secret-of-R-0123"},
	{Name: "root", Role: rest.RoleAdmin, Secret: "secret-of-A-0123"},
	{Name: "sven", Role: rest.RoleSupervisor, Secret: "secret-of-S-0123"},
	{Name: "anna", Role: rest.RoleAgent, Agent: "Anna", Secret: "secret-of-G-0123"},
	{Name: "bernd", Role: rest.RoleAgent, Agent: "bernd", Secret: "secret-of-B-0123"},
	{Name: "crm", Role: rest.RoleIntegrator, Secret: "secret-of-I-0123"},
}

// as sends a request over TCP with the token of a letter; "-" has none.
func (f fixture) as(letter, method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost:8080"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if letter != "-" {
		r.Header.Set("Authorization", "Bearer secret-of-"+letter+"-0123")
	}
	w := httptest.NewRecorder()
	f.srv.Handler(rest.RoleReader, "web").ServeHTTP(w, r)
	return w
}

// TestAccess tries every route with every role: who may gets past the guard
// and the command reaches the switch, who may not is refused and nothing does.
func TestAccess(t *testing.T) {
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	fresh := func() (fixture, *recorder) {
		f, rec := recording(t, func(o *rest.Options) {
			o.Metrics, o.MaxStreams, o.Tokens, o.Objects, o.ICI, o.SAPphone, o.CTIPS = metrics, 1, tokens, &service{}, &crmInterface{}, &functionModules{}, &portalServer{}
			o.Dialer = (&dials{}).dialer()
		})
		f.srv.FillStreams()
		f.sw.SetAgent("anna", callmodel.Ready, "")
		f.sw.Arrive("600", "1", "")
		return f, rec
	}
	var listed []string
	f, rec := fresh() // the recorder carries nothing out: one serves all
	conn := "/api/v1/connections/" + f.offered(t).String()
	for _, a := range access {
		listed = append(listed, a.method+" "+a.path)
		path := strings.Replace(cmp.Or(a.call, a.path), "CONN", conn, 1)
		for _, letter := range []string{"R", "A", "S", "G", "B", "I", "-"} {
			may := strings.Contains(a.roles, strings.NewReplacer("-", "R", "B", "G").Replace(letter))
			othersLine := strings.Contains(path, "/anna/") || strings.Contains(a.path, "/connections/")
			if letter == "B" && a.method != http.MethodGet || letter == "B" && strings.HasSuffix(path, "/data") {
				may = may && !othersLine
			}
			want := http.StatusForbidden
			if may {
				want = a.status
			}
			w := f.as(letter, a.method, path, a.body)
			if w.Code != want {
				t.Errorf("%s %s as %s: status %d, want %d: %s", a.method, path, letter, w.Code, want, w.Body)
			}
			if !may {
				problem(t, w, http.StatusForbidden, "denied")
			}
			if commands := len(rec.took()); commands > 0 != (may && a.commands()) {
				t.Errorf("%s %s as %s: %d commands reach the switch", a.method, path, letter, commands)
			}
		}
		if w := f.do(0, a.method, path, a.body); w.Code != http.StatusForbidden {
			t.Errorf("%s %s by a peer without a role: status %d", a.method, path, w.Code)
		}
	}
	routes := f.srv.Rules()
	slices.Sort(listed)
	if !slices.Equal(routes, listed) {
		t.Errorf("routes\n%s\nare not those of the table\n%s", strings.Join(routes, "\n"), strings.Join(listed, "\n"))
	}
	if orphans := f.srv.UnusedPermissions(); len(orphans) > 0 {
		t.Errorf("permissions without a route: %v", orphans)
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

// TestPagesHaveNothingInline: the pages must work under their own policy, and load nothing from elsewhere.
func TestPagesHaveNothingInline(t *testing.T) {
	for mode, simulated := range map[string]bool{rest.ModeReal: false, rest.ModeSimulated: true} {
		f := newFixture(t, func(o *rest.Options) { o.Mode = mode })
		for _, page := range []string{"/", "/ici", "/ctips", "/campaigns"} {
			html := f.do(rest.RoleReader, http.MethodGet, page, "").Body.String()
			for _, bad := range []string{"<script>", "<style", "style=", "onclick", "onload", "http:", "https:", "//"} {
				if strings.Contains(html, bad) {
					t.Errorf("the page %s contains %q", page, bad)
				}
			}
			if strings.Contains(html, "SIMULATED") != simulated {
				t.Errorf("mode %s: SIMULATED shown at %s is %v", mode, page, !simulated)
			}
		}
		for _, name := range []string{"common", "status", "interface", "ici", "ctips", "campaigns"} {
			js := f.do(rest.RoleReader, http.MethodGet, "/static/"+name+".js", "").Body.String()
			for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "http:", "https:"} {
				if strings.Contains(js, bad) || js == "" {
					t.Errorf("the script %s contains %q", name, bad)
				}
			}
		}
	}
}
