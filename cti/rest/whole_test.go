package rest_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/rest"
	"strowger/switch/callmodel"
	"strowger/switch/numbering"
)

// wholeConfig has parking places, callbacks and a numbering plan too.
func wholeConfig(t *testing.T) *callmodel.Config {
	t.Helper()
	cfg := testConfig()
	plan, err := numbering.DefaultPlan("DE")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Plan = plan
	cfg.Trunks = []numbering.Trunk{{ID: "out", Number: 1, Endpoint: "trunk"}}
	cfg.Routes = []numbering.Route{{ID: "all", Number: 1, Prefixes: []string{""}, Trunks: []string{"out"}}}
	cfg.DialRules = []numbering.DialRule{{ID: "all", Number: 1, Allow: []string{""}}}
	cfg.Queues[0].DialRule = "all"
	cfg.Skills = []callmodel.SkillConfig{{ID: "french", Number: 1}}
	cfg.Parking = callmodel.ParkingConfig{First: "801", Places: 3}
	cfg.Campaigns = []callmodel.CampaignConfig{{ID: "spring", Number: 1, Queue: "support"}}
	cfg.Dispositions = []callmodel.DispositionConfig{{ID: "sold", Number: 1, Success: true}}
	return cfg
}

func wholeFixture(t *testing.T, edit func(*rest.Options)) fixture {
	t.Helper()
	sw := ctitest.NewFakeSwitch(wholeConfig(t))
	f := newFixture(t, func(o *rest.Options) {
		o.Switch, o.Clock = sw, sw
		if edit != nil {
			edit(o)
		}
	})
	f.sw = sw
	return f
}

// TestParkAndPickUp parks a call by a command, sees it in the list and takes it back.
func TestParkAndPickUp(t *testing.T) {
	f := wholeFixture(t, nil)
	f.sw.SetAgent("anna", callmodel.Ready, "")
	call := f.sw.Arrive("600", "+49301234", "")
	f.sw.PickUp(call)
	conn := "/api/v1/connections/" + f.offered(t).String()
	f.post(t, conn+"/dispose", `{"codes":["sold"]}`, 202)
	c := get[rest.Call](t, f, "/api/v1/calls/1")
	if p := c.Connections[1]; len(p.Dispositions) != 1 || p.Success == nil || !*p.Success {
		t.Fatalf("disposition: %+v", p)
	}
	f.post(t, conn+"/park", `{"place":"802"}`, 202)
	f.sw.Advance(5 * time.Second)
	l := get[rest.ParkingList](t, f, "/api/v1/parking")
	if l.First != "801" || l.Places != 3 || len(l.Parked) != 1 || l.Parked[0].Place != "802" || l.Parked[0].By != "anna" || l.Parked[0].Seconds != 5 ||
		l.Parked[0].Caller != "+49301234" {
		t.Fatalf("parking %+v", l)
	}
	if c = get[rest.Call](t, f, "/api/v1/calls/1"); c.Phase != "parked" || c.Parked == nil || len(c.Queues) != 1 || c.Kind != "inbound" {
		t.Fatalf("call %+v", c)
	}
	f.post(t, "/api/v1/connections/"+c.Connections[1].ID+"/end-wrap-up", "", 202)
	problem(t, f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/agents/anna/pick-up", `{"place":"803"}`), 404, "not-found")
	f.post(t, "/api/v1/agents/anna/pick-up", `{"place":"802"}`, 202)
	if l = get[rest.ParkingList](t, f, "/api/v1/parking"); len(l.Parked) > 1 {
		t.Fatalf("parking after the pick-up %+v", l)
	}
}

// TestCallbackLife asks for a callback, lists it and removes it.
func TestCallbackLife(t *testing.T) {
	f := wholeFixture(t, nil)
	w := f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/callbacks", `{"number":"030 1234","queue":"support","notes":"about\nit","skills":[{"skill":"french","level":5}]}`)
	if w.Code != http.StatusAccepted {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	id := decode[rest.Accepted](t, w.Body).Callback
	l := get[rest.CallbackList](t, f, "/api/v1/callbacks?queue=support&limit=1")
	if l.Total != 1 || l.Callbacks[0].ID != id || l.Callbacks[0].Number != "49301234" && l.Callbacks[0].Number != "+49301234" || l.Callbacks[0].Notes != "about\nit" ||
		l.Callbacks[0].MaxCalls == 0 || l.Callbacks[0].CreatedAt == nil {
		t.Fatalf("callbacks %+v", l)
	}
	for path, want := range map[string]int{"?queue=sales": 0, "?state=done": 0, "?state=" + l.Callbacks[0].State: 1} {
		if got := get[rest.CallbackList](t, f, "/api/v1/callbacks"+path).Total; got != want {
			t.Errorf("%s: %d", path, got)
		}
	}
	problem(t, f.do(rest.RoleReader, http.MethodGet, "/api/v1/callbacks?queue=x", ""), 404, "not-found")
	if w := f.do(rest.RoleAdmin, http.MethodPatch, "/api/v1/callbacks/"+id, `{"result":"HANDLED"}`); w.Code != http.StatusAccepted {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	problem(t, f.do(rest.RoleAdmin, http.MethodPatch, "/api/v1/callbacks/01KJQ9A0000000000000000009", `{"result":"HANDLED"}`), 404, "not-found")
	problem(t, f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/callbacks", `{"number":"0301234","queue":"nowhere"}`), 404, "not-found")
}

// TestQueueService pauses a queue and sees it in the queue and in the stream, with who did it.
func TestQueueService(t *testing.T) {
	f, _ := running(t, func(o *rest.Options) {
		o.Estimate = func(_ *callmodel.Queue, ahead, staffed, ready int) time.Duration {
			return time.Duration(100*ahead+10*staffed+ready) * time.Second
		}
	})
	f.sw.SetAgent("anna", callmodel.Ready, "")
	next := openStream(t, http.DefaultClient, "http://"+f.srv.Addr())
	if m, _ := next(); m.event != "snapshot" {
		t.Fatalf("first message %+v", m)
	}
	f.post(t, "/api/v1/queues/support/pause", "", 202)
	for {
		m, ok := next()
		var e rest.Event
		if !ok || json.Unmarshal([]byte(m.data), &e) != nil {
			t.Fatalf("message %+v", m)
		}
		if e.Kind != "QueueChanged" {
			continue
		}
		if e.Queue == nil || e.Queue.ID != "support" || e.Queue.Service != "paused" {
			t.Fatalf("event %+v", e)
		}
		break
	}
	q := get[rest.Queue](t, f, "/api/v1/queues/support")
	if q.Service != "paused" || q.ServiceLevel != 100 || q.ServiceSeconds != 20 || q.EstimateSeconds == nil || *q.EstimateSeconds != 11 {
		t.Fatalf("queue %+v, estimate %v", q, q.EstimateSeconds)
	}
	if q = get[rest.Queue](t, f, "/api/v1/queues/sales"); q.EstimateSeconds != nil || q.Service != "unmanned" {
		t.Fatalf("queue without agents %+v", q)
	}
	problem(t, f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/queues/nowhere/pause", ""), 404, "not-found")
}
