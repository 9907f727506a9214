package rest_test

import (
	"bytes"
	"flag"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"strowger/cti/rest"
	"strowger/switch/callmodel"
)

var update = flag.Bool("update", false, "write openapi.json anew")

// TestOpenAPI holds the committed description equal to the code.
func TestOpenAPI(t *testing.T) {
	f := newFixture(t, nil)
	want, err := f.srv.Describe()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("openapi.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(rest.OpenAPI(), want) {
		t.Fatalf("openapi.json is not what the code describes; run: go test ./cti/rest -run TestOpenAPI -update\n%s",
			cmp.Diff(string(rest.OpenAPI()), string(want)))
	}
	w := f.do(rest.RoleReader, http.MethodGet, "/api/v1/openapi.json", "")
	if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), want) {
		t.Fatal("what is served is not what is committed")
	}
}

func TestCallLife(t *testing.T) {
	f := newFixture(t, nil)
	waiting := f.sw.Arrive("600", "+49301234", "<b>Mallory</b>")
	f.sw.Advance(20 * time.Second)
	second := f.sw.Arrive("600", "0301111", "")

	got := get[rest.CallList](t, f, "/api/v1/calls")
	if got.Total != 2 || got.Calls[0].ID != waiting.String() || got.Calls[0].WaitingSeconds != 20 || got.Calls[0].Phase != "waiting" ||
		got.Calls[0].Position != 1 || got.Calls[1].Position != 2 || got.Calls[0].CallerName != "<b>Mallory</b>" {
		t.Fatalf("calls %+v", got)
	}
	q := get[rest.Queue](t, f, "/api/v1/queues/support")
	if q.Waiting != 2 || q.LongestWaitSeconds != 20 || q.Agents["logged-out"] != 2 || q.WaitingCalls[1] != second.String() ||
		q.RingTimeoutSeconds != 15 || q.DNIS[0] != "49301000600" {
		t.Fatalf("queue %+v", q)
	}

	f.sw.SetAgent("anna", callmodel.Ready, "")
	f.sw.Advance(3 * time.Second)
	f.sw.PickUp(waiting)
	f.sw.Advance(65500 * time.Millisecond)
	for _, ref := range []string{waiting.String(), waiting.Hex(), "1"} {
		c := get[rest.Call](t, f, "/api/v1/calls/"+ref)
		if c.Phase != "talking" || c.Agent != "anna" || c.WaitingSeconds != 23 || c.TalkingSeconds != 65.5 || c.AgeSeconds != 88.5 {
			t.Fatalf("call by %s: %+v", ref, c)
		}
		p := c.Connections[1]
		if p.State != "connected" || p.Role != "agent" || p.RingingSeconds != 3 ||
			!cmp.Equal(p.Capabilities, callmodel.Capabilities(&f.sw.Call(waiting).Conns[1]).Names()) {
			t.Fatalf("connection %+v", p)
		}
		if want := "2026-03-02T09:00:23Z"; c.TalkingAt.Format(time.RFC3339Nano) != want {
			t.Fatalf("talking at %s, want %s", c.TalkingAt.Format(time.RFC3339Nano), want)
		}
	}
	a := get[rest.Agent](t, f, "/api/v1/agents/ANNA")
	if a.State != "on-call" || a.Call != waiting.String() || a.StateSeconds != 65.5 || a.Handled != 1 {
		t.Fatalf("agent %+v", a)
	}
	st := get[rest.Status](t, f, "/api/v1/status")
	if !st.Ready || st.Counts.Waiting != 1 || st.Counts.Talking != 1 || st.Counts.Agents["on-call"] != 1 || st.ConfigVersion != 7 ||
		st.Mode != "real" || st.Version != "1.2.3" || st.UptimeSeconds != 88.5 || !st.Nodes[0].Up {
		t.Fatalf("status %+v", st)
	}
	snap := get[rest.Snapshot](t, f, "/api/v1/snapshot")
	if len(snap.Calls) != 2 || len(snap.Agents) != 2 || len(snap.Queues) != 2 || snap.Events == 0 || snap.Events != snap.Status.Events {
		t.Fatalf("snapshot %+v", snap)
	}
}

func TestCallFilters(t *testing.T) {
	f := newFixture(t, nil)
	f.sw.SetAgent("anna", callmodel.Ready, "")
	f.sw.Arrive("600", "1", "")
	f.sw.Arrive("600", "2", "")
	f.sw.Arrive("700", "3", "")
	for path, want := range map[string]int{
		"": 3, "?queue=support": 2, "?queue=sales": 1, "?agent=Anna": 1, "?phase=waiting": 2, "?queue=sales&agent=anna": 0, "?limit=1": 3,
	} {
		got := get[rest.CallList](t, f, "/api/v1/calls"+path)
		if got.Total != want {
			t.Errorf("%q: %d calls, want %d", path, got.Total, want)
		}
		if path == "?limit=1" && len(got.Calls) != 1 {
			t.Errorf("limit=1 lists %d calls", len(got.Calls))
		}
	}
	for path, kind := range map[string]string{
		"/api/v1/calls?queue=x": "not-found", "/api/v1/calls?agent=x": "not-found", "/api/v1/calls/99": "not-found",
		"/api/v1/agents/x": "not-found", "/api/v1/queues/x": "not-found",
	} {
		problem(t, f.do(rest.RoleReader, http.MethodGet, path, ""), http.StatusNotFound, kind)
	}
	for _, path := range []string{
		"/api/v1/calls?limit=0", "/api/v1/calls?limit=5001", "/api/v1/calls?limit=x", "/api/v1/calls?colour=red", "/api/v1/calls/zero",
		"/api/v1/calls/-1", "/api/v1/calls/0", "/api/v1/calls?phase=x",
	} {
		problem(t, f.do(rest.RoleReader, http.MethodGet, path, ""), http.StatusUnprocessableEntity, "invalid")
	}
	problem(t, f.do(rest.RoleReader, http.MethodGet, "/api/v1/calls?ended=true", ""), http.StatusNotImplemented, "unsupported")
}

func TestReadiness(t *testing.T) {
	f := newFixture(t, nil)
	if r := get[rest.ReadyAnswer](t, f, "/readyz"); !r.Ready || len(r.Reasons) != 0 {
		t.Fatalf("ready: %+v", r)
	}
	f.sw.Put(callmodel.NodeDown{Node: "asterisk-1", Cause: "connection reset"})
	w := f.do(rest.RoleReader, http.MethodGet, "/readyz", "")
	r := decode[rest.ReadyAnswer](t, w.Body)
	if w.Code != http.StatusServiceUnavailable || r.Ready || len(r.Reasons) != 1 {
		t.Fatalf("link down: %d %+v", w.Code, r)
	}
	f.sw.Stop()
	w = f.do(rest.RoleReader, http.MethodGet, "/readyz", "")
	if w.Code != http.StatusServiceUnavailable {
		t.Fatalf("stopped: %d", w.Code)
	}
	if w := f.do(rest.RoleReader, http.MethodGet, "/healthz", ""); w.Code != http.StatusOK {
		t.Fatalf("the process lives and /healthz says %d", w.Code)
	}
}
