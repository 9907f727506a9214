package rest_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/switch/fault"
)

// crmInterface writes down what is asked of it.
type crmInterface struct {
	asked []string
	err   error
}

func (c *crmInterface) ask(what string) error {
	c.asked = append(c.asked, what)
	return c.err
}

func (c *crmInterface) Status() rest.ICIStatus {
	return rest.ICIStatus{State: "connected", Product: "Strowger", Subscriptions: 2}
}

func (c *crmInterface) Clients() []rest.ICIClient {
	return []rest.ICIClient{{Line: "101", User: "anna"}}
}
func (c *crmInterface) Items() []rest.ICIItem { return []rest.ICIItem{{Handle: "abc"}} }
func (c *crmInterface) Users() []rest.ICIUser {
	return []rest.ICIUser{{User: "anna", Queues: []string{}}}
}
func (c *crmInterface) Queues() []rest.ICIQueue { return []rest.ICIQueue{{ID: "600"}} }
func (c *crmInterface) Subscriptions() []rest.ICISubscription {
	return []rest.ICISubscription{{Number: 7, Users: []string{}, Lines: []string{}}}
}

func (c *crmInterface) Traced() []rest.ICITraced     { return []rest.ICITraced{{Name: "userChanged"}} }
func (c *crmInterface) Start(context.Context) error  { return c.ask("start") }
func (c *crmInterface) Stop(context.Context) error   { return c.ask("stop") }
func (c *crmInterface) Reload(context.Context) error { return c.ask("reload") }
func (c *crmInterface) SetLogLevel(level string, d time.Duration) error {
	return c.ask("log " + level + " " + d.String())
}

func (c *crmInterface) Trace(d time.Duration, filter string) error {
	return c.ask("trace " + d.String() + " " + filter)
}

// What an administrator asks of the interface is done and written down.
func TestICI(t *testing.T) {
	is := &crmInterface{}
	f := newFixture(t, func(o *rest.Options) { o.ICI = is })
	if st := get[rest.ICIStatus](t, f, "/api/v1/ici"); st.State != "connected" || st.Subscriptions != 2 {
		t.Errorf("status %+v", st)
	}
	if l := decode[rest.ICIList](t, f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/ici/subscriptions", "").Body); len(l.Subscriptions) != 1 || l.Subscriptions[0].Number != 7 || l.Clients != nil {
		t.Errorf("list %+v", l)
	}
	for _, r := range []struct{ path, body string }{
		{"stop", ""}, {"start", ""}, {"reload", ""}, {"trace", `{"minutes":5,"filter":"anna"}`}, {"log-level", `{"level":"debug","minutes":2}`},
	} {
		f.post(t, "/api/v1/ici/"+r.path, r.body, http.StatusOK)
	}
	want := []string{"stop", "start", "reload", "trace 5m0s anna", "log debug 2m0s"}
	if !slices.Equal(is.asked, want) {
		t.Errorf("asked %q, want %q", is.asked, want)
	}
	entries := decode[rest.AuditList](t, f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/audit", "").Body).Entries
	if len(entries) != len(want) || entries[0].Operation != "setICILogLevel" || entries[0].Detail != "debug for 2 minutes" || entries[4].Outcome != "accepted" {
		t.Errorf("written down %+v", entries)
	}
	is.err = fault.New(fault.Invalid, "x", "", "the file is wrong")
	problem(t, f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/ici/reload", ""), 422, "invalid")
	problem(t, f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/ici/trace", `{"minutes":61}`), 422, "invalid")
	off := newFixture(t, nil)
	problem(t, off.do(rest.RoleAdmin, http.MethodGet, "/api/v1/ici", ""), 404, "not-found")
}
