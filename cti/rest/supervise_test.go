package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"strowger/cti/rest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// TestSupervise: each request becomes its command and leaves a record, the
// refused ones too; who may not leaves one as well.
func TestSupervise(t *testing.T) {
	f, rec := recording(t, func(o *rest.Options) { o.Tokens = tokens })
	f.sw.SetAgent("anna", callmodel.Ready, "")
	call := f.sw.Arrive("600", "1", "")
	conn := f.offered(t)
	by := callmodel.Cmd{By: "sven (supervisor)"}
	for body, want := range map[string]callmodel.Command{
		`{"supervisor":"Bernd","agent":"anna","mode":"listen"}`:                          callmodel.Supervise{Cmd: by, Conn: conn, Supervisor: "bernd", Mode: callmodel.Listen},
		`{"supervisor":"bernd","connection":"` + conn.Hex() + `","mode":"whisper"}`:      callmodel.Supervise{Cmd: by, Conn: conn, Supervisor: "bernd", Mode: callmodel.Whisper},
		`{"supervisor":"bernd","call":"` + call.String() + `","mode":"barge"}`:           callmodel.Supervise{Cmd: by, Conn: conn, Supervisor: "bernd", Mode: callmodel.Barge},
		`{"supervisor":"bernd","connection":"` + conn.String() + `","mode":"take-over"}`: callmodel.TakeOver{Cmd: by, Conn: conn, Supervisor: "bernd"},
	} {
		if r := f.as("S", http.MethodPost, "/api/v1/supervisions", body); r.Code != http.StatusAccepted {
			t.Errorf("%s: %d %s", body, r.Code, r.Body)
		}
		if d := cmp.Diff([]callmodel.Command{want}, rec.took()); d != "" {
			t.Errorf("%s: %s", body, d)
		}
	}
	for _, body := range []string{
		`{"supervisor":"bernd","mode":"listen"}`, `{"supervisor":"bernd","agent":"anna","call":"1","mode":"listen"}`,
		`{"supervisor":"bernd","agent":"nobody","mode":"listen"}`, `{"supervisor":"bernd","call":"99","mode":"listen"}`,
	} {
		if r := f.as("S", http.MethodPost, "/api/v1/supervisions", body); r.Code < 400 || r.Code >= 500 || len(rec.took()) > 0 {
			t.Errorf("%s: %d %s", body, r.Code, r.Body)
		}
	}
	rec.fail = fault.New(fault.Denied, "supervise", "bernd", "the agent does not have the capability director")
	f.as("S", http.MethodPost, "/api/v1/supervisions", `{"supervisor":"bernd","agent":"anna","mode":"listen"}`)
	f.as("G", http.MethodPost, "/api/v1/supervisions", `{"supervisor":"anna","agent":"bernd","mode":"listen"}`)
	f.as("-", http.MethodPost, "/api/v1/supervisions", `{"supervisor":"anna","agent":"bernd","mode":"listen"}`)
	list := decode[rest.AuditList](t, f.as("A", http.MethodGet, "/api/v1/audit?operation=startSupervision&limit=2", "").Body)
	if len(list.Entries) != 2 || list.Next == "" {
		t.Fatalf("%+v", list)
	}
	if e := list.Entries[0]; e.By != "anna" || e.Role != "agent" || e.Outcome != "denied" || !strings.Contains(e.Reason, "another role") {
		t.Errorf("refused by role: %+v", e)
	}
	if e := list.Entries[1]; e.By != "sven" || e.Agent != "anna" || e.Subject != conn.String() || e.Detail != "listen by bernd" || e.Outcome != "denied" || !strings.Contains(e.Reason, "director") {
		t.Errorf("refused by the switch: %+v", e)
	}
	rest := decode[rest.AuditList](t, f.as("A", http.MethodGet, "/api/v1/audit?operation=startSupervision&before="+list.Next, "").Body)
	if len(rest.Entries) != 8 || rest.Next != "" {
		t.Errorf("%d entries on the second page: %+v", len(rest.Entries), rest)
	}
}

// TestSupervisionIsPrivate: who may not see supervisions gets an event that says nothing.
func TestSupervisionIsPrivate(t *testing.T) {
	e := port.Stamped{Seq: 7, Event: callmodel.Event{
		Kind: callmodel.EvSupervisionStarted, Node: "a1", By: "boss",
		Supervision: &callmodel.Supervision{Supervisor: "boss", Agent: "anna", Mode: callmodel.Listen},
	}}
	for role, see := range map[rest.Role]bool{rest.RoleAdmin: true, rest.RoleSupervisor: true, rest.RoleAgent: false, rest.RoleReader: false, rest.RoleIntegrator: false} {
		got := rest.EventFor(role, &e)
		if see != (got.Supervision != nil) || see != (got.Kind == "SupervisionStarted") || !see && !cmp.Equal(got, rest.Event{Seq: 7, Time: got.Time, Kind: "Private"}) {
			t.Errorf("%s sees %+v", role, got)
		}
	}
}
