package rest_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"strowger/cti/rest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

func (f fixture) post(t *testing.T, path, body string, status int) string {
	t.Helper()
	w := f.do(rest.RoleAdmin, http.MethodPost, path, body)
	if w.Code != status {
		t.Fatalf("POST %s: status %d, want %d: %s", path, w.Code, status, w.Body)
	}
	return w.Body.String()
}

func TestAgentState(t *testing.T) {
	f := newFixture(t, nil)
	got := f.post(t, "/api/v1/agents/Anna/state", `{"state":"not-ready","reason":"lunch"}`, 200)
	if !strings.Contains(got, `"state":"not-ready","reason":"lunch"`) {
		t.Fatalf("answer %s", got)
	}
	f.post(t, "/api/v1/agents/anna/state", `{"state":"ready"}`, 200)
	call := f.sw.Arrive("600", "1", "")
	f.sw.PickUp(call)
	got = f.post(t, "/api/v1/agents/anna/state", `{"state":"logged-out"}`, 200)
	if !strings.Contains(got, `"state":"on-call"`) || !strings.Contains(got, `"pending":"logged-out"`) {
		t.Fatalf("answer on a call %s", got)
	}
	for body, status := range map[string]int{
		`{"state":"on-call"}`: 422, `{"state":"x"}`: 422, `{}`: 422, `{"state":"ready","colour":1}`: 422, `{`: 400, ``: 400,
		`{"state":"not-ready","reason":"` + strings.Repeat("x", 65) + `"}`: 422,
		`{"state":"ready","reason":"` + strings.Repeat("x", 70000) + `"}`:  413,
	} {
		w := f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/agents/anna/state", body)
		if w.Code != status || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("body %.40q: status %d %s, want %d: %.200s", body, w.Code, w.Header().Get("Content-Type"), status, w.Body)
		}
	}
	problem(t, f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/agents/nobody/state", `{"state":"ready"}`), 404, "not-found")
}

func TestConnectionCommands(t *testing.T) {
	f := newFixture(t, nil)
	f.sw.SetAgent("bernd", callmodel.Ready, "")
	id := f.sw.Arrive("600", "1", "")
	conn := func() *callmodel.Connection { return &f.sw.Call(id).Conns[1] }
	base := "/api/v1/connections/" + conn().ID.Hex() + "/"
	steps := []struct{ op, state, work string }{
		{"accept", "connected", "active"}, {"hold", "hold", "active"}, {"retrieve", "connected", "active"}, {"drop", "ended", "wrap-up"},
	}
	for _, s := range steps {
		got := f.post(t, base+s.op, "", 202)
		if !strings.Contains(got, `"operation":"`+s.op+`"`) || !strings.Contains(got, conn().ID.String()) || !strings.Contains(got, id.String()) {
			t.Fatalf("%s: answer %s", s.op, got)
		}
		if conn().State.String() != s.state || conn().Processing.String() != s.work {
			t.Fatalf("after %s: %s, %s", s.op, conn().State, conn().Processing)
		}
	}
	p := problem(t, f.do(rest.RoleAdmin, http.MethodPost, base+"hold", ""), 409, "conflict")
	if !strings.Contains(p.Detail, "in wrap-up") || p.Retryable {
		t.Fatalf("problem %+v", p)
	}
	f.post(t, base+"end-wrap-up", "", 202)
	if f.sw.Call(id) != nil {
		t.Fatal("the call is still there after wrap-up")
	}
	problem(t, f.do(rest.RoleAdmin, http.MethodPost, base+"drop", ""), 404, "not-found")
	problem(t, f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/connections/77/drop", ""), 404, "not-found")
	problem(t, f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/connections/x/drop", ""), 422, "invalid")

	f.sw.SetAgent("bernd", callmodel.LoggedOut, "")
	f.sw.SetAgent("anna", callmodel.Ready, "")
	id = f.sw.Arrive("600", "1", "")
	problem(t, f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/connections/"+conn().ID.String()+"/accept", ""), 501, "unsupported")
	f.post(t, "/api/v1/connections/"+conn().ID.String()+"/reject", "", 202)
	if f.sw.Call(id).Phase != callmodel.PhaseWaiting {
		t.Fatalf("after reject the call is %s", f.sw.Call(id).Phase)
	}
}

// TestFaultTable holds every kind of fault against its HTTP status.
func TestFaultTable(t *testing.T) {
	f := newFixture(t, nil)
	want := map[fault.Kind]struct {
		status int
		kind   string
		retry  string
	}{
		fault.Internal: {500, "internal", ""}, fault.Invalid: {422, "invalid", ""}, fault.NotFound: {404, "not-found", ""},
		fault.Conflict: {409, "conflict", ""}, fault.Denied: {403, "denied", ""}, fault.Unsupported: {501, "unsupported", ""},
		fault.Busy: {503, "busy", "1"}, fault.Unavailable: {503, "unavailable", "5"}, fault.Unknown: {504, "unknown", ""},
		fault.Overrun: {503, "overrun", "1"}, fault.Stale: {412, "stale", ""}, fault.Stopped: {503, "stopped", "5"},
	}
	for k := fault.Kind(1); k.String() != "kind "+string('0'+rune(k)) && int(k) <= len(want); k++ {
		if _, ok := want[k]; !ok {
			t.Errorf("kind %s is not in the table", k)
		}
	}
	for k, w := range want {
		f.sw.Fail(fault.New(k, "test", "subject", "the reason"))
		rec := f.do(rest.RoleReader, http.MethodGet, "/api/v1/status", "")
		p := problem(t, rec, w.status, w.kind)
		if rec.Header().Get("Retry-After") != w.retry || p.Retryable != fault.Retryable(fault.New(k, "", "", "")) {
			t.Errorf("%s: Retry-After %q, retryable %v", k, rec.Header().Get("Retry-After"), p.Retryable)
		}
		if (p.Detail == "the reason") == (k == fault.Internal) || p.Subject != "subject" {
			t.Errorf("%s: problem %+v", k, p)
		}
	}
	f.sw.Fail(errors.New("secret text of a defect"))
	if p := problem(t, f.do(rest.RoleReader, http.MethodGet, "/api/v1/status", ""), 500, "internal"); strings.Contains(p.Detail, "secret") {
		t.Errorf("a defect's text is shown: %+v", p)
	}
	if got := f.srv.Stats(); got.Faults != uint64(len(want)+1) {
		t.Errorf("%d faults are counted, want %d", got.Faults, len(want)+1)
	}
}

type history struct{ calls []rest.Call }

func TestCallHistory(t *testing.T) {
	past := rest.Call{ID: "01KJQ9A0000000000000000009", Number: 9, Phase: "over", Outcome: "handled", Connections: []rest.Connection{}, Attached: []rest.Attached{}}
	f := newFixture(t, func(o *rest.Options) { o.History = history{[]rest.Call{past}} })
	if c := get[rest.Call](t, f, "/api/v1/calls/9"); c.ID != past.ID || c.Live {
		t.Fatalf("call %+v", c)
	}
	if l := get[rest.CallList](t, f, "/api/v1/calls?ended=true&limit=10"); l.Total != 1 {
		t.Fatalf("list %+v", l)
	}
	problem(t, f.do(rest.RoleReader, http.MethodGet, "/api/v1/calls/8", ""), 404, "not-found")
}

func (h history) Ended(context.Context, callmodel.QueueID, callmodel.AgentID, int) ([]rest.Call, error) {
	return h.calls, nil
}

func (h history) Find(_ context.Context, _ callmodel.CallID, number int64) (rest.Call, error) {
	for _, c := range h.calls {
		if c.Number == number {
			return c, nil
		}
	}
	return rest.Call{}, fault.New(fault.NotFound, "history", "", "no such call")
}
