package rest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/switch/callmodel"
)

func explainer(_ *callmodel.View, c *callmodel.Call) []string {
	return []string{fmt.Sprintf("%d verdicts", len(c.Decided.Agents))}
}

// TestExplainEnded: what was decided of a call is known for a while after its end.
func TestExplainEnded(t *testing.T) {
	f, _ := running(t, func(o *rest.Options) { o.Explain = explainer })
	f.sw.SetAgent("anna", callmodel.Ready, "")
	id := f.sw.Arrive("600", "1", "")
	e := get[rest.Explanation](t, f, "/api/v1/calls/1/explain")
	if !e.Live || e.Decision == nil || !slices.Equal(e.Decision.Agents, []string{"anna"}) || len(e.Text) != 1 {
		t.Fatalf("live: %+v", e)
	}
	f.sw.HangUp(id)
	f.sw.Advance(time.Minute)
	for !f.srv.Remembers(id) {
		if t.Context().Err() != nil {
			t.Fatal("the decision is not remembered")
		}
	}
	for _, ref := range []string{"1", id.String(), id.Hex()} {
		e = get[rest.Explanation](t, f, "/api/v1/calls/"+ref+"/explain")
		if e.Live || e.Call != id.String() || e.Decision == nil || len(e.Text) != 1 {
			t.Fatalf("ended: %+v", e)
		}
	}
}

func TestExplainWithoutDecision(t *testing.T) {
	f := newFixture(t, func(o *rest.Options) { o.Explain = explainer })
	f.sw.Arrive("700", "1", "")
	e := get[rest.Explanation](t, f, "/api/v1/calls/1/explain")
	if !e.Live || e.Phase != "waiting" || e.Position != 1 || e.Queue != "sales" || len(e.Text) != 1 {
		t.Fatalf("waiting: %+v", e)
	}
	p := problem(t, f.do(rest.RoleReader, http.MethodGet, "/api/v1/calls/9/explain", ""), http.StatusNotFound, "not-found")
	if !strings.Contains(p.Detail, "the call has ended") {
		t.Errorf("problem %+v", p)
	}
	problem(t, f.do(rest.RoleReader, http.MethodGet, "/api/v1/calls/nine/explain", ""), http.StatusUnprocessableEntity, "invalid")
}
