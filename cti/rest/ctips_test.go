package rest_test

import (
	"context"
	"net/http"
	"testing"

	"strowger/cti/rest"
	"strowger/switch/fault"
)

// portalServer has one session, 1-7.
type portalServer struct{ closed, reloaded int }

func (p *portalServer) Reload(context.Context) error {
	if p.reloaded++; p.reloaded > 1 {
		return fault.New(fault.Invalid, "x", "", "the file is wrong")
	}
	return nil
}

func (p *portalServer) Status() rest.CTIPSStatus {
	return rest.CTIPSStatus{Listeners: []rest.CTIPSListener{{Number: 1, Address: "127.0.0.1:8731"}}, Restart: []string{"listen"}, Sessions: 1 - p.closed, Ended: map[string]uint64{"operator": uint64(p.closed)}} //nolint:gosec // 0 or 1
}

func (p *portalServer) Sessions() []rest.CTIPSSession {
	return []rest.CTIPSSession{{ID: "1-7", User: "desktop", State: "online", Classes: []string{"call"}, Filters: []string{}}}
}

func (p *portalServer) Close(id string) bool {
	if id != "1-7" {
		return false
	}
	p.closed = 1
	return true
}

// Sessions are shown, and closed by those who may; that is written down.
func TestCTIPS(t *testing.T) {
	is := &portalServer{}
	f := newFixture(t, func(o *rest.Options) { o.CTIPS = is })
	if st := get[rest.CTIPSStatus](t, f, "/api/v1/ctips"); st.Sessions != 1 || st.Listeners[0].Number != 1 {
		t.Errorf("status %+v", st)
	}
	if list := decode[rest.CTIPSSessions](t, f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/ctips/sessions", "").Body).Sessions; len(list) != 1 || list[0].ID != "1-7" || list[0].Classes[0] != "call" {
		t.Errorf("sessions %+v", list)
	}
	problem(t, f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/ctips/sessions/1-8/close", ""), 404, "not-found")
	if got := f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/ctips/sessions/x/close", "").Code; got != http.StatusUnprocessableEntity {
		t.Errorf("an id that is none: %d", got)
	}
	f.post(t, "/api/v1/ctips/sessions/1-7/close", "", http.StatusOK)
	if st := get[rest.CTIPSStatus](t, f, "/api/v1/ctips"); st.Sessions != 0 || st.Ended["operator"] != 1 {
		t.Errorf("status %+v", st)
	}
	entries := decode[rest.AuditList](t, f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/audit", "").Body).Entries
	if len(entries) != 2 || entries[0].Operation != "closeCTIPSSession" || entries[0].Outcome != "accepted" || entries[0].Detail != "session 1-7" {
		t.Errorf("written down %+v", entries)
	}
	if st := decode[rest.CTIPSStatus](t, f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/ctips/reload", "").Body); is.reloaded != 1 || st.Restart[0] != "listen" {
		t.Errorf("%d reloads, status %+v", is.reloaded, st)
	}
	problem(t, f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/ctips/reload", ""), 422, "invalid")
	problem(t, f.do(rest.RoleSupervisor, http.MethodPost, "/api/v1/ctips/reload", ""), 403, "denied")
	off := newFixture(t, nil)
	problem(t, off.do(rest.RoleAdmin, http.MethodGet, "/api/v1/ctips", ""), 404, "not-found")
	problem(t, off.do(rest.RoleAdmin, http.MethodPost, "/api/v1/ctips/sessions/1-7/close", ""), 404, "not-found")
}
