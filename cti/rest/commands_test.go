package rest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"strowger/cti/ctitest"
	"strowger/cti/rest"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

func withCmd() callmodel.Cmd { return callmodel.Cmd{By: "test"} }

// TestCommands holds every request against the command that it becomes.
func TestCommands(t *testing.T) {
	f, rec := recording(t, nil)
	f.sw.SetAgent("anna", callmodel.Ready, "")
	call := f.sw.Arrive("600", "1", "")
	id, by := f.offered(t), withCmd()
	conn := "connections/" + id.String() + "/"
	yes, high := true, 7
	notes := "line 1\nline 2"
	number := func(n string) callmodel.Dest { return callmodel.Dest{Kind: callmodel.DestNumber, Value: n} }
	const cb = "01KJQ9A0000000000000000009"
	cbID, _ := callmodel.ParseID(cb) // a constant
	tests := []struct {
		path, body string
		want       callmodel.Command
	}{
		{conn + "accept", ``, callmodel.Accept{Cmd: by, Conn: id}},
		{conn + "reject", ``, callmodel.Reject{Cmd: by, Conn: id}},
		{conn + "reject", `{"then":"later"}`, callmodel.Reject{Cmd: by, Conn: id, Result: callmodel.ResultSkip}},
		{conn + "reject", `{"reason":"break","then":"never"}`, callmodel.Reject{Cmd: by, Conn: id, Reason: "break", Result: callmodel.ResultAgentRejected}},
		{conn + "reject", `{"callback":{"at":"2026-07-01T10:00:00+02:00","mine":true}}`, callmodel.Reject{
			Cmd: by, Conn: id, Result: callmodel.ResultSkip, Callback: &callmodel.CallbackAt{At: time.Date(2026, 7, 1, 10, 0, 0, 0, time.FixedZone("", 7200)), Mine: true},
		}},
		{conn + "reject", `{"reason":"break"}`, callmodel.Reject{Cmd: by, Conn: id, Reason: "break"}},
		{conn + "deflect", `{"to":"queue:sales"}`, callmodel.Deflect{Cmd: by, Conn: id, To: callmodel.Dest{Kind: callmodel.DestQueue, Value: "sales"}}},
		{conn + "drop", ``, callmodel.Drop{Cmd: by, Conn: id}},
		{conn + "drop-all", ``, callmodel.DropAll{Cmd: by, Conn: id}},
		{conn + "hold", ``, callmodel.HoldCall{Cmd: by, Conn: id}},
		{conn + "retrieve", ``, callmodel.Retrieve{Cmd: by, Conn: id}},
		{conn + "alternate", ``, callmodel.Alternate{Cmd: by, Conn: id}},
		{conn + "transfer", ``, callmodel.Transfer{Cmd: by, Conn: id}},
		{conn + "conference", ``, callmodel.Conference{Cmd: by, Conn: id}},
		{conn + "reconnect", ``, callmodel.Reconnect{Cmd: by, Conn: id}},
		{conn + "transfer", `{"data":[{"app":"crm","media":"application/json","data":"{}"}]}`, callmodel.Transfer{Cmd: by, Conn: id, Data: []callmodel.AttachedData{{App: "crm", Media: "application/json", Data: "{}"}}}},
		{conn + "blind-transfer", `{"to":"queue:sales","data":[{"app":"crm","media":"text/plain","data":"x"}]}`, callmodel.BlindTransfer{
			Cmd: by, Conn: id, To: callmodel.Dest{Kind: callmodel.DestQueue, Value: "sales"}, Data: []callmodel.AttachedData{{App: "crm", Media: "text/plain", Data: "x"}},
		}},
		{conn + "blind-transfer", `{"to":"+49 (301) 23-4"}`, callmodel.BlindTransfer{Cmd: by, Conn: id, To: number("+49301234")}},
		{conn + "drop-party", `{"party":"102"}`, callmodel.DropParty{Cmd: by, Conn: id, Party: "102"}},
		{conn + "drop-party", `{"party":"` + id.Hex() + `"}`, callmodel.DropParty{Cmd: by, Conn: id, Party: id.String()}},
		{conn + "mute", ``, callmodel.Mute{Cmd: by, Conn: id, On: true}},
		{conn + "unmute", ``, callmodel.Mute{Cmd: by, Conn: id}},
		{conn + "park", ``, callmodel.Park{Cmd: by, Conn: id}},
		{conn + "park", `{"place":"801"}`, callmodel.Park{Cmd: by, Conn: id, Place: "801"}},
		{conn + "play", `{"media":"sound:hello"}`, callmodel.PlayFile{Cmd: by, Conn: id, Media: "sound:hello"}},
		{conn + "stop-play", ``, callmodel.StopFile{Cmd: by, Conn: id}},
		{conn + "send-digits", `{"digits":"12*#D"}`, callmodel.SendDigits{Cmd: by, Conn: id, Digits: "12*#D"}},
		{conn + "require-wrap-up", ``, callmodel.RequireWrapUp{Cmd: by, Conn: id}},
		{conn + "end-wrap-up", ``, callmodel.EndWrapUp{Cmd: by, Conn: id}},
		{
			conn + "dispose", `{"codes":["sold","happy"],"success":true,"keep_wrap_up":true}`,
			callmodel.SetDisposition{Cmd: by, Conn: id, Codes: []string{"sold", "happy"}, Success: &yes, KeepWrapUp: true},
		},
		{"agents/Anna/login", ``, callmodel.Login{Cmd: by, Agent: "anna", State: callmodel.NotReady}},
		{"agents/anna/login", `{"station":"desk-7","state":"ready"}`, callmodel.Login{Cmd: by, Agent: "anna", Station: "desk-7", State: callmodel.Ready}},
		{"agents/anna/login", `{"one_line":true}`, callmodel.Login{Cmd: by, Agent: "anna", State: callmodel.NotReady, OneLine: true}},
		{"agents/anna/state", `{"state":"logged-out","skip_wrap_up":true}`, callmodel.SetAgentState{Cmd: by, Agent: "anna", State: callmodel.LoggedOut, SkipWrapUp: true}},
		{"agents/anna/state", `{"state":"not-ready","reason":"lunch"}`, callmodel.SetAgentState{Cmd: by, Agent: "anna", State: callmodel.NotReady, Reason: "lunch"}},
		{
			"agents/Anna/queues", `{"in":["support"],"out":["sales"]}`,
			callmodel.SetAgentQueues{Cmd: by, Agent: "anna", In: []callmodel.QueueID{"support"}, Out: []callmodel.QueueID{"sales"}},
		},
		{"agents/anna/queues", `{"only":true}`, callmodel.SetAgentQueues{Cmd: by, Agent: "anna", Only: true}},
		{"agents/anna/force-state", `{"state":"logged-out"}`, callmodel.ForceAgentState{Cmd: by, Agent: "anna", State: callmodel.LoggedOut}},
		{"agents/anna/panic-logout", ``, callmodel.PanicLogout{Cmd: by, Agent: "anna"}},
		{"agents/anna/pick-up", `{"place":"801"}`, callmodel.PickUp{Cmd: by, Agent: "anna", Place: "801"}},
		{"agents/anna/drop-line", ``, callmodel.DropLine{Cmd: by, Agent: "anna"}},
		{"calls/1/end", ``, callmodel.EndCall{Cmd: by, Call: call}},
		{"calls/" + call.Hex() + "/route-reject", ``, callmodel.RouteReject{Cmd: by, Call: call}},
		{
			"calls/1/route", `{"to":"hangup:busy","preferred":"Anna","required":["Bernd"],"expire_seconds":1.5,"priority":7,"skills":[{"skill":"french","level":50}]}`,
			callmodel.RouteSelect{
				Cmd: by, Call: call, To: callmodel.Dest{Kind: callmodel.DestHangup, Value: "busy"}, Preferred: "anna", Required: []callmodel.AgentID{"bernd"},
				Expire: 1500 * time.Millisecond, Priority: &high, Skills: []callmodel.SkillNeed{{Skill: "french", Level: 50}},
			},
		},
		{"queues/support/pause", ``, callmodel.PauseQueue{Cmd: by, Queue: "support", Paused: true}},
		{"queues/support/resume", ``, callmodel.PauseQueue{Cmd: by, Queue: "support"}},
		{
			"PATCH callbacks/" + cb, `{"result":"HANDLED","notes":"line 1\nline 2"}`,
			callmodel.UpdateCallback{Cmd: by, ID: callmodel.CallbackID{ID: cbID}, Result: callmodel.ResultHandled, Notes: &notes},
		},
		{
			"PATCH callbacks/" + cb, `{"change":{"number":"+49 301 235","until":"2030-01-02T03:04:05+01:00","priority":2,"extra":"e"}}`,
			callmodel.UpdateCallback{Cmd: by, ID: callmodel.CallbackID{ID: cbID}, Change: &callmodel.CallbackChange{
				Number: "+49301235", Until: time.Date(2030, 1, 2, 2, 4, 5, 0, time.UTC), Priority: 2, Extra: "e",
			}},
		},
		{
			"PUT " + conn + "data", `{"entries":[{"app":"crm","media":"application/json","data":"{\"a\":1}"}]}`,
			callmodel.SetData{Cmd: by, Conn: id, Replace: true, Entries: []callmodel.AttachedData{{App: "crm", Media: "application/json", Data: `{"a":1}`}}},
		},
		{
			"PATCH " + conn + "data", `{"entries":[{"app":"x","media":"text/xml","data":"<a>ü</a><b/>"},{"app":"y","media":"text/plain","data":""}]}`,
			callmodel.SetData{Cmd: by, Conn: id, Entries: []callmodel.AttachedData{{App: "x", Media: "text/xml", Data: "<a>ü</a><b/>"}, {App: "y", Media: "text/plain"}}},
		},
	}
	for _, tc := range tests {
		method, path, given := strings.Cut(tc.path, " ")
		if !given {
			method, path = http.MethodPost, tc.path
		}
		w := f.do(rest.RoleAdmin, method, "/api/v1/"+path, tc.body)
		got := rec.took()
		if w.Code/100 != 2 || len(got) != 1 || !cmp.Equal(got[0], tc.want) {
			t.Errorf("%s %s: status %d %s\n%s", tc.path, tc.body, w.Code, w.Body, cmp.Diff([]callmodel.Command{tc.want}, got))
		}
	}
}

// TestMintedIDs: the server chooses the ids of what is created and tells them.
func TestMintedIDs(t *testing.T) {
	f, rec := recording(t, nil)
	f.sw.SetAgent("anna", callmodel.Ready, "")
	f.sw.Arrive("600", "1", "")
	ask := func(path, body string) (rest.Accepted, callmodel.Command) {
		w := f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/"+path, body)
		got := rec.took()
		if w.Code != http.StatusAccepted || len(got) != 1 {
			t.Fatalf("%s: status %d %s, commands %v", path, w.Code, w.Body, got)
		}
		return decode[rest.Accepted](t, w.Body), got[0]
	}
	a, c := ask("connections/"+f.offered(t).String()+"/consult", `{"to":"agent:BERND"}`)
	consult := c.(callmodel.Consult)
	if consult.Queue != "" || consult.Call.IsZero() || a.NewCall != consult.Call.String() || consult.To.Value != "bernd" {
		t.Errorf("consult: %+v %+v", a, consult)
	}
	if _, c = ask("connections/"+f.offered(t).String()+"/consult", `{"to":"101","queue":"support"}`); c.(callmodel.Consult).Queue != "support" {
		t.Errorf("consult on a queue's behalf: %+v", c)
	}
	a, c = ask("agents/anna/call", `{"to":"0301 234","caller_id":"anonymous","gateway":"7","queue":"support","in_wrap_up":true}`)
	made := c.(callmodel.MakeCall)
	if made.Call.IsZero() || a.NewCall != made.Call.String() || made.To.Value != "0301234" || made.CallerID != "anonymous" || made.Gateway != "7" ||
		made.Queue != "support" || !made.InWrapUp || made.Call == consult.Call {
		t.Errorf("make call: %+v %+v", a, made)
	}
	later := ctitest.Start.Add(time.Hour).Format(time.RFC3339)
	a, c = ask("callbacks", `{"number":"+49 301 234","queue":"support","at":"`+later+`","until":"2030-01-01T00:00:00Z","priority":3,"notes":"n","extra":"e","skills":[{"skill":"s","level":1}]}`)
	cb := c.(callmodel.CreateCallback)
	if cb.ID.IsZero() || a.Callback != cb.ID.String() || cb.Number != "+49301234" || !cb.At.Equal(ctitest.Start.Add(time.Hour)) || cb.Priority != 3 ||
		cb.Until.Year() != 2030 || cb.Notes != "n" || cb.Extra != "e" || len(cb.Skills) != 1 {
		t.Errorf("callback: %+v %+v", a, cb)
	}
	if _, c = ask("callbacks", `{"number":"1001","queue":"support","at":"2020-01-01T00:00:00Z"}`); !c.(callmodel.CreateCallback).At.IsZero() {
		t.Error("a time that has passed means now")
	}
}

// TestWrongInput: every bad value is refused with its place and a reason, and no command reaches the switch.
func TestWrongInput(t *testing.T) {
	f, rec := recording(t, nil)
	f.sw.SetAgent("anna", callmodel.Ready, "")
	f.sw.Arrive("600", "1", "")
	conn := "connections/" + f.offered(t).String() + "/"
	long := strings.Repeat("x", 5000)
	entry := func(app, media, data string) string {
		return `{"entries":[{"app":"` + app + `","media":"` + media + `","data":"` + data + `"}]}`
	}
	tests := []struct{ path, body, want string }{
		{conn + "consult", ``, "body is required"},
		{conn + "consult", `{"to":""}`, "body.to"},
		{conn + "consult", `{"to":"not a number"}`, `body.to`},
		{conn + "consult", `{"to":"ivr:main"}`, "possible: number, agent, queue"},
		{conn + "consult", `{"to":"announce:sound:x"}`, "body.to"},
		{conn + "consult", `{"to":"+49;DROP"}`, "body.to"},
		{conn + "consult", `{"to":"PJSIP/evil"}`, "body.to"},
		{conn + "consult", `{"to":"agent:a\u0000b"}`, "control character"},
		{conn + "consult", `{"to":"gopher:x"}`, "the kinds are"},
		{conn + "consult", `{"to":"` + strings.Repeat("1", 161) + `"}`, "body.to"},
		{conn + "consult", `{"to":"` + strings.Repeat("1", 100) + `"}`, "body.to"},
		{conn + "transfer", `{"data":[{"app":"crm","media":"application/json","data":"{"}]}`, "is not JSON"},
		{conn + "blind-transfer", `{"to":"queue:sales","data":[{"app":"crm","media":"text/plain","data":"x"},{"app":"crm","media":"text/plain","data":"y"}]}`, "stands there twice"},
		{conn + "blind-transfer", `{"to":"hangup:busy"}`, "cannot be sent to hangup"},
		{conn + "deflect", `{"too":"1"}`, "body"},
		{conn + "send-digits", `{"digits":""}`, "body.digits"},
		{conn + "send-digits", `{"digits":"` + strings.Repeat("1", 1000) + `"}`, "body.digits"},
		{conn + "send-digits", `{"digits":"12a"}`, `'a' is no key`},
		{conn + "send-digits", `{"digits":"1 2"}`, `' ' is no key`},
		{conn + "send-digits", `{"digits":"１"}`, `is no key`},
		{conn + "play", `{"media":"http://evil.example/x.wav"}`, "body.media"},
		{conn + "play", `{"media":"sound:a&b"}`, "body.media"},
		{conn + "drop-party", `{"party":"somebody"}`, "by number or by connection id"},
		{conn + "park", `{"place":"+801"}`, "body.place"},
		{conn + "park", `{"place":"abc"}`, "body.place"},
		{conn + "reject", `{"reason":"` + long + `"}`, "body.reason"},
		{conn + "reject", `{"then":"sometime"}`, "body.then"},
		{conn + "reject", `{"reason":"a\nb"}`, "control character"},
		{conn + "dispose", `{"codes":[]}`, "body.codes"},
		{conn + "dispose", `{"codes":["a","a"]}`, "twice"},
		{conn + "dispose", `{"codes":[""]}`, "body.codes"},
		{conn + "dispose", `{"codes":["` + strings.Repeat(`a","`, 17) + `"]}`, "body.codes"},
		{conn + "hold/now", ``, "no such page"},
		{"agents/anna/login", `{"state":"on-call"}`, "body.state"},
		{"agents/anna/login", `{"station":"` + long + `"}`, "body.station"},
		{"agents/anna/call", `{"to":"102","caller_id":"me"}`, "body.caller_id"},
		{"agents/anna/call", `{"to":"102","gateway":"\u0007"}`, "body.gateway"},
		{"agents/anna/call", `{"to":"102","queue":"` + long + `"}`, "body.queue"},
		{"agents/anna/pick-up", `{"place":""}`, "body.place"},
		{"agents/anna/force-state", `{"state":"reserved"}`, "body.state"},
		{"calls/1/route", `{"to":"queue:"}`, "missing"},
		{"calls/1/route", `{"to":"announce:/etc/passwd"}`, "body.to"},
		{"calls/1/route", `{"to":"1","expire_seconds":-1}`, "body.expire_seconds"},
		{"calls/1/route", `{"to":"1","expire_seconds":9}`, "nobody is required"},
		{"calls/1/route", `{"to":"1","required":["a","A"]}`, "twice"},
		{"calls/1/route", `{"to":"1","priority":5000}`, "body.priority"},
		{"calls/1/route", `{"to":"1","skills":[{"skill":"a","level":0}]}`, "level"},
		{"calls/1/route", `{"to":"1","skills":[{"skill":"a","level":1},{"skill":"a","level":2}]}`, "twice"},
		{"calls/one/end", ``, "named by its number"},
		{"calls/99/end", ``, "no such live call"},
		{"callbacks", `{"number":"x","queue":"support"}`, "body.number"},
		{"callbacks", `{"number":"1","queue":"support","at":"tomorrow"}`, "body.at"},
		{"callbacks", `{"number":"1","queue":"support","at":"2126-01-01T00:00:00Z"}`, "more than a year"},
		{"callbacks", `{"number":"1","queue":"support","notes":"` + long + `"}`, "body.notes"},
		{"callbacks", `{"number":"1","queue":"support","extra":"` + strings.Repeat("ü", 4000) + `"}`, "body.extra"},
		{"PATCH callbacks/01KJQ9A0000000000000000009", `{"result":"MAYBE"}`, "body.result"},
		{"PATCH callbacks/7", `{"result":"BUSY"}`, "26 base-32"},
		{"PUT " + conn + "data", `{}`, "entries"},
		{"PUT " + conn + "data", entry("", "text/plain", "x"), "app"},
		{"PUT " + conn + "data", entry("a", "nonsense", "x"), "no media type"},
		{"PUT " + conn + "data", entry("a", "image/png", "x"), "must be JSON, XML or text"},
		{"PUT " + conn + "data", entry("a", "application/json", "{"), "is not JSON"},
		{"PUT " + conn + "data", entry("a", "application/xml", "<a>"), "no well-formed XML"},
		{"PUT " + conn + "data", entry("a", "text/xml", "<!DOCTYPE a><a/>"), "declarations are not allowed"},
		{"PUT " + conn + "data", entry("a", "text/xml", strings.Repeat("<a>", 70)+strings.Repeat("</a>", 70)), "nested too deeply"},
		{"PUT " + conn + "data", entry("a", "text/plain", `x\u0000`), "not UTF-8 text"},
		{"PATCH " + conn + "data", `{"entries":[{"app":"a","media":"text/plain","data":"1"},{"app":"a","media":"text/plain","data":"2"}]}`, "twice"},
	}
	for _, tc := range tests {
		method, path, given := strings.Cut(tc.path, " ")
		if !given {
			method, path = http.MethodPost, tc.path
		}
		w := f.do(rest.RoleAdmin, method, "/api/v1/"+path, tc.body)
		if w.Code < 400 || w.Code >= 500 || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %.60s: status %d %s", tc.path, tc.body, w.Code, w.Body)
			continue
		}
		if p := decode[rest.Problem](t, w.Body); !strings.Contains(p.Detail, tc.want) || len(p.Detail) > 400 {
			t.Errorf("%s %.60s: %q, want %q", tc.path, tc.body, p.Detail, tc.want)
		}
		if got := rec.took(); len(got) > 0 {
			t.Errorf("%s %.60s: %v reaches the switch", tc.path, tc.body, got)
		}
	}
}

// TestOperationNames: an operation has the name of its capability, so that a
// client can make the path of what is possible.
func TestOperationNames(t *testing.T) {
	paths := map[string]bool{}
	for _, o := range rest.ConnectionOperations() {
		paths[o.Name] = true
		if name := callmodel.OpSet(o.Capability).Names()[0]; name != o.Name && o.Name != "unmute" && o.Name != "stop-play" && o.Name != "stop-recording" && o.Name != "resume-recording" {
			t.Errorf("operation %s needs the capability %s", o.Name, name)
		}
		if o.Doc == "" {
			t.Errorf("%s has no documentation", o.Name)
		}
	}
	for _, name := range callmodel.OpSet(^uint32(0)).Names() {
		if !paths[name] && name != "get-data" && name != "set-data" {
			t.Errorf("the capability %s has no operation", name)
		}
	}
}

// TestAudit: forced actions and those on other people's lines leave an entry with their outcome.
func TestAudit(t *testing.T) {
	sink := &sinkTrail{}
	f, rec := recording(t, func(o *rest.Options) {
		o.Tokens = tokens
		o.Trail = sink
	})
	f.sw.SetAgent("anna", callmodel.Ready, "")
	f.sw.Arrive("600", "1", "")
	conn := "/api/v1/connections/" + f.offered(t).String()
	for _, r := range []struct{ who, path, body string }{
		{"G", "/api/v1/agents/anna/state", `{"state":"ready"}`}, // their own line
		{"I", "/api/v1/agents/anna/state", `{"state":"ready"}`}, // for an agent
		{"G", conn + "/hold", ""},
		{"B", conn + "/hold", ""}, // refused, and no forced action
		{"S", conn + "/hold", ""},
		{"A", "/api/v1/agents/bernd/state", `{"state":"not-ready","reason":"meeting"}`},
		{"S", "/api/v1/agents/anna/panic-logout", ""},
		{"S", conn + "/send-digits", `{"digits":"4711"}`},
	} {
		f.as(r.who, http.MethodPost, r.path, r.body)
	}
	rec.fail = fault.New(fault.Conflict, "pause", "support", "it is paused already")
	f.as("S", http.MethodPost, "/api/v1/queues/support/pause", "")
	want := []rest.AuditEntry{
		{By: "sven", Role: "supervisor", Operation: "pauseQueue", Subject: "support", Outcome: "conflict", Reason: "it is paused already"},
		{By: "sven", Role: "supervisor", Operation: "sendDigitsConnection", Subject: f.offered(t).String(), Agent: "anna", Outcome: "accepted"},
		{By: "sven", Role: "supervisor", Operation: "panicLogoutAgent", Subject: "anna", Agent: "anna", Outcome: "accepted"},
		{By: "root", Role: "admin", Operation: "setAgentState", Subject: "bernd", Agent: "bernd", Detail: "not-ready meeting", Outcome: "accepted"},
		{By: "sven", Role: "supervisor", Operation: "holdConnection", Subject: f.offered(t).String(), Agent: "anna", Outcome: "accepted"},
	}
	list := decode[rest.AuditList](t, f.as("A", http.MethodGet, "/api/v1/audit", "").Body).Entries
	if len(list) != len(sink.list) || len(list) != len(want) || f.srv.Stats().Audited != uint64(len(want)) {
		t.Fatalf("%d entries, want %d: %+v", len(list), len(want), list)
	}
	for i, e := range list {
		if !e.Time.Equal(f.sw.Now()) || e.ID == "" {
			t.Errorf("entry %d: %+v", i, e)
		}
		e.Time, e.ID = time.Time{}, ""
		if !cmp.Equal(e, want[i]) {
			t.Errorf("entry %d: %s", i, cmp.Diff(want[i], e))
		}
	}
	list = decode[rest.AuditList](t, f.as("A", http.MethodGet, "/api/v1/audit?agent=anna&limit=2", "").Body).Entries
	if len(list) != 2 || list[0].Operation != "sendDigitsConnection" {
		t.Errorf("filtered: %+v", list)
	}
	sink.broken = fault.New(fault.Busy, "audit", "", "the disk is full")
	rec.took()
	if r := f.as("S", http.MethodPost, "/api/v1/agents/anna/panic-logout", ""); r.Code != http.StatusServiceUnavailable {
		t.Errorf("an action without a record: %d %s", r.Code, r.Body)
	}
	if len(rec.took()) > 0 {
		t.Error("an action that could not be written down was done")
	}
}

// sinkTrail is a record of forced actions that can fail.
type sinkTrail struct {
	list   []rest.AuditEntry
	broken error
}

func (k *sinkTrail) Begin(_ context.Context, e rest.AuditEntry) (string, error) {
	e.ID = fmt.Sprintf("%04d", len(k.list)+1)
	if k.broken == nil {
		k.list = append(k.list, e)
	}
	return e.ID, k.broken
}

func (k *sinkTrail) End(_ context.Context, e rest.AuditEntry) error {
	for i := range k.list {
		if k.list[i].ID == e.ID && k.list[i].Outcome == "asked" {
			k.list[i] = e
			return nil
		}
	}
	return fault.New(fault.NotFound, "end", e.ID, "it was not begun")
}

func (k *sinkTrail) List(_ context.Context, f rest.AuditFilter) ([]rest.AuditEntry, error) {
	var out []rest.AuditEntry
	for i := len(k.list) - 1; i >= 0 && len(out) < f.Limit; i-- {
		if f.Agent == "" || k.list[i].Agent == f.Agent {
			out = append(out, k.list[i])
		}
	}
	return out, nil
}
