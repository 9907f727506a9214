package rest_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"strowger/cti/rest"
	"strowger/switch/fault"
)

// functionModules write down what is asked of them.
type functionModules struct {
	asked []string
	err   error
}

func (m *functionModules) Status() rest.SAPphoneStatus {
	state := "running"
	if n := len(m.asked); n > 0 && m.asked[n-1] == "stop" {
		state = "stopped"
	}
	return rest.SAPphoneStatus{State: state, Waiting: 3, Gateways: []string{}, Systems: []rest.SAPphoneSystem{{URL: "http://crm", State: "works"}}}
}

func (m *functionModules) Start() { m.asked = append(m.asked, "start") }
func (m *functionModules) Stop()  { m.asked = append(m.asked, "stop") }
func (m *functionModules) Reload(context.Context) error {
	m.asked = append(m.asked, "reload")
	return m.err
}

// What an administrator asks of the interface is done and written down.
func TestSAPphone(t *testing.T) {
	is := &functionModules{}
	f := newFixture(t, func(o *rest.Options) { o.SAPphone = is })
	if st := get[rest.SAPphoneStatus](t, f, "/api/v1/sapphone"); st.State != "running" || st.Waiting != 3 || len(st.Systems) != 1 {
		t.Errorf("status %+v", st)
	}
	want := []string{"stop", "start", "reload"}
	for _, order := range want {
		f.post(t, "/api/v1/sapphone/"+order, "", http.StatusOK)
	}
	if !slices.Equal(is.asked, want) {
		t.Errorf("asked %q, want %q", is.asked, want)
	}
	entries := decode[rest.AuditList](t, f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/audit", "").Body).Entries
	if len(entries) != len(want) || entries[0].Operation != "reloadSAPphone" || entries[2].Outcome != "accepted" {
		t.Errorf("written down %+v", entries)
	}
	is.err = fault.New(fault.Invalid, "x", "", "the file is wrong")
	problem(t, f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/sapphone/reload", ""), 422, "invalid")
	off := newFixture(t, nil)
	problem(t, off.do(rest.RoleAdmin, http.MethodGet, "/api/v1/sapphone", ""), 404, "not-found")
}
