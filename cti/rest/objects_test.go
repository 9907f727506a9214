package rest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"strowger/cti/rest"
	"strowger/switch/fault"
	"strowger/switch/objects"
)

// service is an objects.Service that remembers what it was asked.
type service struct {
	apply objects.Apply
	kinds []objects.Kind
	ids   []string
	err   error
}

func (s *service) Apply(_ context.Context, a objects.Apply) (objects.Result, error) {
	s.apply = a
	return objects.Result{Diff: objects.Diff{Objects: []objects.Change{}, Created: 2}, Version: 8, DryRun: a.DryRun}, s.err
}

func (s *service) Get(_ context.Context, kinds []objects.Kind, ids []string) (objects.Listing, error) {
	s.kinds, s.ids = kinds, ids
	return objects.Listing{Version: 8, Objects: map[string]any{"queues": []any{}}, YAML: "queues: []\n"}, s.err
}

func TestObjects(t *testing.T) {
	s := &service{}
	f := newFixture(t, func(o *rest.Options) { o.Objects = s })
	apply := func(query, match, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/api/v1/objects"+query, strings.NewReader(body))
		r.Host = "localhost"
		r.Header.Set("Content-Type", "application/yaml")
		if match != "" {
			r.Header.Set("If-Match", match)
		}
		w := httptest.NewRecorder()
		f.srv.Handler(rest.RoleAdmin, "test").ServeHTTP(w, r)
		return w
	}
	w := apply("?dry_run=true&prune=true&file=site.yaml&expect=7", "", "queues: []\n")
	want := objects.Apply{YAML: []byte("queues: []\n"), File: "site.yaml", Prune: true, DryRun: true, By: "test", Expect: 7}
	if w.Code != http.StatusOK || !cmp.Equal(s.apply, want) || !strings.Contains(w.Body.String(), `"version":8`) {
		t.Fatalf("status %d %s: %s", w.Code, w.Body, cmp.Diff(want, s.apply))
	}
	if got := f.srv.Stats().Audited; got != 0 {
		t.Errorf("a dry run is audited %d times", got)
	}
	if w := apply("", `"7"`, strings.Repeat("# a long file\n", 200000)); w.Code != http.StatusOK || s.apply.Expect != 7 || len(s.apply.YAML) < 2<<20 {
		t.Fatalf("status %d, %d bytes", w.Code, len(s.apply.YAML))
	}
	e := decode[rest.AuditList](t, f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/audit", "").Body).Entries
	if len(e) != 1 || e[0].Operation != "applyObjects" || e[0].Subject != "configuration 8" || e[0].Detail != "2 created, 0 changed, 0 removed" {
		t.Errorf("audit %+v", e)
	}
	if w := apply("", "", strings.Repeat("#", objects.MaxFile+1)); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d", w.Code)
	}
	problem(t, apply("", "latest", "x"), 422, "invalid")
	problem(t, apply("?expect=8", `"7"`, "x"), 422, "invalid")
	problem(t, apply("?prune=maybe", "", "x"), 422, "invalid")
	s.err = &fault.Error{
		Kind: fault.Invalid, Op: "objects", Reason: "2 mistakes",
		Err: objects.Problems{{File: "site.yaml", Line: 3, Key: "queues.0.id", What: "is missing"}},
	}
	p := problem(t, apply("", "", "x"), 422, "invalid")
	if len(p.Problems) != 1 || p.Problems[0].Line != 3 || p.Problems[0].What != "is missing" {
		t.Errorf("problems %+v", p.Problems)
	}
}

func TestGetObjects(t *testing.T) {
	s := &service{}
	f := newFixture(t, func(o *rest.Options) { o.Objects = s })
	for path, want := range map[string]service{
		"all":                  {},
		"queues":               {kinds: []objects.Kind{"queue"}},
		"queue?id=a&id=b":      {kinds: []objects.Kind{"queue"}, ids: []string{"a", "b"}},
		"agents?id=with,comma": {kinds: []objects.Kind{"agent"}, ids: []string{"with,comma"}},
	} {
		w := f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/objects/"+path, "")
		if w.Code != http.StatusOK || !cmp.Equal(s.kinds, want.kinds) || !cmp.Equal(s.ids, want.ids) || !strings.Contains(w.Body.String(), `"yaml":"queues: []\n"`) {
			t.Errorf("%s: status %d %s; kinds %v, ids %v", path, w.Code, w.Body, s.kinds, s.ids)
		}
	}
	problem(t, f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/objects/gophers", ""), 404, "not-found")
	problem(t, f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/objects/all?id=a", ""), 422, "invalid")
	f = newFixture(t, nil)
	problem(t, f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/objects/all", ""), 503, "unavailable")
}
