package rest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/switch/fault"
)

// accessDialer goes on with the table of who may do what.
var accessDialer = []accessRow{
	{"GET", "/api/v1/campaigns", "", "", "RASI", 200},
	{"GET", "/api/v1/campaigns/{id}", "/api/v1/campaigns/spring", "", "RASI", 200},
	{"GET", "/api/v1/campaigns/{id}/budget", "/api/v1/campaigns/spring/budget", "", "RASI", 200},
	{"GET", "/api/v1/campaigns/{id}/reasons", "/api/v1/campaigns/spring/reasons", "", "RASI", 200},
	{"GET", "/api/v1/campaigns/{id}/decisions", "/api/v1/campaigns/spring/decisions", "", "RASI", 200},
	{"POST", "/api/v1/campaigns/{id}/start", "/api/v1/campaigns/spring/start", "", "AS", 200},
	{"POST", "/api/v1/campaigns/{id}/pause", "/api/v1/campaigns/spring/pause", "", "AS", 200},
	{"POST", "/api/v1/campaigns/{id}/stop", "/api/v1/campaigns/spring/stop", "", "AS", 200},
	{"POST", "/api/v1/campaigns/{id}/override", "/api/v1/campaigns/spring/override", `{"minutes":30,"reason":"test of the line"}`, "A", 200},
	{"DELETE", "/api/v1/campaigns/{id}/override", "/api/v1/campaigns/spring/override", "", "A", 200},
	{"GET", "/api/v1/campaigns/{id}/report", "/api/v1/campaigns/spring/report", "", "RASI", 200},
	{"GET", "/api/v1/campaigns/{id}/records", "/api/v1/campaigns/spring/records", "", "RASI", 200},
	{"GET", "/api/v1/campaigns/{id}/samples", "/api/v1/campaigns/spring/samples", "", "AS", 200},
	{"GET", "/api/v1/samples/{attempt}/audio", "/api/v1/samples/01KJQ9A0000000000000000009/audio", "", "AS", 200},
	{"POST", "/api/v1/samples/{attempt}", "/api/v1/samples/01KJQ9A0000000000000000009", `{"truth":"human"}`, "AS", 200},
	{"GET", "/api/v1/lists", "", "", "RASI", 200},
	{"POST", "/api/v1/lists", "", `{"id":"spring"}`, "ASI", 200},
	{"GET", "/api/v1/lists/{id}", "/api/v1/lists/spring", "", "RASI", 200},
	{"DELETE", "/api/v1/lists/{id}", "/api/v1/lists/spring", "", "A", 204},
	{"POST", "/api/v1/lists/{id}/import", "/api/v1/lists/spring/import", "", "A", 200},
	{"GET", "/api/v1/lists/{id}/export", "/api/v1/lists/spring/export", "", "A", 200},
	{"POST", "/api/v1/lists/{id}/leads", "/api/v1/lists/spring/leads", `{"leads":[{"ref":"1","numbers":[{"number":"+49301"}]}]}`, "ASI", 200},
	{"GET", "/api/v1/imports", "", "", "RASI", 200},
	{"GET", "/api/v1/imports/{no}", "/api/v1/imports/1", "", "RASI", 200},
	{"GET", "/api/v1/imports/{no}/errors", "/api/v1/imports/1/errors", "", "RASI", 200},
	{"POST", "/api/v1/imports/{no}/resume", "/api/v1/imports/1/resume", "", "A", 200},
	{"POST", "/api/v1/imports/{no}/cancel", "/api/v1/imports/1/cancel", "", "A", 200},
	{"GET", "/api/v1/leads", "/api/v1/leads?list=spring", "", "ASI", 200},
	{"GET", "/api/v1/leads/{id}", "/api/v1/leads/7", "", "ASI", 200},
	{"PATCH", "/api/v1/leads/{id}", "/api/v1/leads/7", `{"priority":9}`, "ASI", 200},
	{"DELETE", "/api/v1/leads/{id}", "/api/v1/leads/7", "", "A", 204},
	{"GET", "/api/v1/leads/why", "/api/v1/leads/why?who=7", "", "ASI", 200},
	{"GET", "/api/v1/dnc", "", "", "ASI", 200},
	{"GET", "/api/v1/dnc/check", "/api/v1/dnc/check?number=%2B49301", "", "ASI", 200},
	{"POST", "/api/v1/dnc", "", `{"entries":[{"number":"+49301"}]}`, "ASI", 200},
	{"DELETE", "/api/v1/dnc", "/api/v1/dnc?number=%2B49301", "", "A", 204},
	{"POST", "/api/v1/dnc/import", "", "+49301\n", "A", 200},
}

// dials is a dialer with one campaign and one list, both called spring, that
// remembers what it was told.
type dials struct{ told []string }

func (d *dials) tell(format string, args ...any) {
	d.told = append(d.told, fmt.Sprintf(format, args...))
}

func (d *dials) dialer() rest.Dialer {
	return rest.Dialer{Campaigns: dialCampaigns{d}, Lists: dialLists{d}, Samples: dialSamples{d}}
}

type dialCampaigns struct{ *dials }

func (d dialCampaigns) Campaigns(context.Context) ([]rest.Campaign, error) {
	return []rest.Campaign{{ID: "spring", Lists: []string{}, Problems: []string{}}}, nil
}

func (d dialCampaigns) Campaign(_ context.Context, id string) (rest.Campaign, error) {
	if id != "spring" {
		return rest.Campaign{}, fault.New(fault.NotFound, "campaign", id, "there is no campaign of this name")
	}
	return rest.Campaign{ID: id, Lists: []string{}, Problems: []string{}, Budget: rest.CampaignBudget{Limit: 0.03, Left: 2.5}}, nil
}

func (d dialCampaigns) order(ctx context.Context, what, id string, o rest.CampaignOrder) (rest.Campaign, error) {
	d.tell("%s %s by %s now=%t: %s", what, id, o.By, o.Now, o.Reason)
	return d.Campaign(ctx, id)
}

func (d dialCampaigns) Start(ctx context.Context, id string, o rest.CampaignOrder) (rest.Campaign, error) {
	return d.order(ctx, "start", id, o)
}

func (d dialCampaigns) Pause(ctx context.Context, id string, o rest.CampaignOrder) (rest.Campaign, error) {
	return d.order(ctx, "pause", id, o)
}

func (d dialCampaigns) Stop(ctx context.Context, id string, o rest.CampaignOrder) (rest.Campaign, error) {
	return d.order(ctx, "stop", id, o)
}

func (d dialCampaigns) Override(ctx context.Context, id string, o rest.CampaignOverride) (rest.Campaign, error) {
	d.tell("override %s by %s until %s: %s", id, o.By, o.Until.UTC().Format(time.TimeOnly), o.Reason)
	return d.Campaign(ctx, id)
}

func (d dialCampaigns) EndOverride(ctx context.Context, id, by string) (rest.Campaign, error) {
	d.tell("override of %s ended by %s", id, by)
	return d.Campaign(ctx, id)
}

func (d dialCampaigns) Overrides(_ context.Context, _ string, from, _ time.Time) ([]rest.CampaignOverride, error) {
	return []rest.CampaignOverride{{By: "ina", Reason: "approved", From: from, Until: from.Add(time.Hour)}}, nil
}

func (d dialCampaigns) Reasons(context.Context, string) ([]rest.LeadCount, error) {
	return []rest.LeadCount{{Reason: "now", Leads: 3}, {Reason: "window-closed", Leads: 4}}, nil
}

func (d dialCampaigns) Decisions(_ context.Context, _ string, limit int) ([]rest.CampaignDecision, error) {
	return []rest.CampaignDecision{{Dial: limit, Text: "Dial"}}, nil
}

type dialSamples struct{ *dials }

func (d dialSamples) List(_ context.Context, campaign string, unjudged bool, _ int) ([]rest.ScreenSample, error) {
	return []rest.ScreenSample{{Attempt: "01KJQ9A0000000000000000009", Campaign: campaign}}, nil
}

type wav struct{ *bytes.Reader }

func (wav) Close() error { return nil }

func (d dialSamples) Open(_ context.Context, attempt string) (io.ReadSeekCloser, error) {
	d.tell("play %s", attempt)
	return wav{bytes.NewReader([]byte("RIFF"))}, nil
}

func (d dialSamples) Label(_ context.Context, attempt, truth, by string) (rest.ScreenSample, error) {
	d.tell("label %s %s by %s", attempt, truth, by)
	return rest.ScreenSample{Attempt: attempt, Truth: truth, By: by}, nil
}

type dialLists struct{ *dials }

func (d dialLists) Lists(ctx context.Context) ([]rest.List, error) {
	one, err := d.List(ctx, "spring")
	return []rest.List{one}, err
}

func (d dialLists) List(_ context.Context, id string) (rest.List, error) {
	if id != "spring" {
		return rest.List{}, fault.New(fault.NotFound, "list", id, "there is no such list")
	}
	return rest.List{ID: id, Mapping: []rest.ColumnMapping{}, Campaigns: []string{}}, nil
}

func (d dialLists) CreateList(ctx context.Context, r rest.ListRequest) (rest.List, error) {
	d.tell("create %s", r.ID)
	return d.List(ctx, r.ID)
}

func (d dialLists) CloseList(_ context.Context, id string, remove bool) error {
	d.tell("close %s remove=%t", id, remove)
	return nil
}

func (d dialLists) Import(_ context.Context, r rest.ImportRequest, file io.Reader) (rest.Import, error) {
	n, err := io.Copy(io.Discard, file)
	d.tell("import %d bytes of %s into %s by %s atomic=%t: %v", n, r.File, r.List, r.By, r.Atomic, r.Mapping)
	return rest.Import{No: 1, List: r.List, Bytes: n, Mapping: r.Mapping}, err
}

func (d dialLists) Export(_ context.Context, list, format string, w io.Writer) error {
	_, err := io.WriteString(w, "ref,name\n1,"+list+"."+format+"\n")
	return err
}

func (d dialLists) Imports(context.Context, string, int) ([]rest.Import, error) {
	return []rest.Import{{No: 1, Mapping: []rest.ColumnMapping{}}}, nil
}

func (d dialLists) ImportByNumber(_ context.Context, no int64) (rest.Import, error) {
	return rest.Import{No: no, Mapping: []rest.ColumnMapping{}}, nil
}

func (d dialLists) ResumeImport(ctx context.Context, no int64) (rest.Import, error) {
	d.tell("resume %d", no)
	return d.ImportByNumber(ctx, no)
}

func (d dialLists) CancelImport(ctx context.Context, no int64) (rest.Import, error) {
	d.tell("cancel %d", no)
	return d.ImportByNumber(ctx, no)
}

func (d dialLists) ImportErrors(_ context.Context, _, after int64, limit int) (out []rest.ImportError, err error) {
	for line := after + 1; line <= 3 && len(out) < limit; line++ {
		out = append(out, rest.ImportError{Line: line, Reason: "no number"})
	}
	return out, nil
}

func (d dialLists) PutLeads(_ context.Context, list string, leads []rest.LeadRequest) (rest.LeadsResult, error) {
	d.tell("put %d into %s", len(leads), list)
	return rest.LeadsResult{Created: len(leads)}, nil
}

func (d dialLists) Leads(_ context.Context, q rest.LeadQuery) ([]rest.Lead, error) {
	return []rest.Lead{{ID: q.After + 1, List: q.List, Numbers: []rest.LeadNumber{}}}, nil
}

func (d dialLists) Lead(_ context.Context, id int64) (rest.Lead, error) {
	return rest.Lead{ID: id, Numbers: []rest.LeadNumber{}}, nil
}

func (d dialLists) ChangeLead(ctx context.Context, id int64, c rest.LeadChange) (rest.Lead, error) {
	d.tell("change %d by %s", id, c.By)
	return d.Lead(ctx, id)
}

func (d dialLists) RemoveLead(_ context.Context, id int64) error {
	d.tell("remove lead %d", id)
	return nil
}

func (d dialLists) Why(_ context.Context, who string) ([]rest.LeadWhy, error) {
	return []rest.LeadWhy{{Lead: rest.Lead{Ref: who, Numbers: []rest.LeadNumber{}}, Reasons: []rest.LeadReason{}}}, nil
}

func (d dialLists) Again(_ context.Context, lead int64, campaign, agent string) error {
	d.tell("may %s call %d again for %s?", agent, lead, campaign)
	if lead == 8 {
		return fault.New(fault.Conflict, "lead", "8", "it is 21:04 there: calls end at 21:00")
	}
	return nil
}

func (d dialLists) Block(_ context.Context, e []rest.DoNotCall) (int, error) {
	d.tell("block %s%s by %s", e[0].Number, e[0].Prefix, e[0].By)
	return len(e), nil
}

func (d dialLists) Unblock(_ context.Context, number, scope, by string) error {
	d.tell("unblock %s %s by %s", number, scope, by)
	return nil
}

func (d dialLists) Blocked(_ context.Context, q rest.DoNotCallQuery) ([]rest.DoNotCall, error) {
	return slices.Repeat([]rest.DoNotCall{{Number: "+49301"}}, min(q.Limit, 2)), nil
}

func (d dialLists) CheckNumber(context.Context, string) ([]rest.DoNotCall, error) { return nil, nil }

func (d dialLists) ImportBlocked(_ context.Context, r rest.BlockedImport, file io.Reader) (rest.BlockedResult, error) {
	n, err := io.Copy(io.Discard, file)
	d.tell("block %d bytes of %s for %s by %s", n, r.Source, r.Scope, r.By)
	return rest.BlockedResult{Added: 1}, err
}

// TestCampaignOrders: who may what, what reaches the dialer and what is written down.
func TestCampaignOrders(t *testing.T) {
	d := &dials{}
	f := newFixture(t, func(o *rest.Options) { o.Dialer, o.Tokens = d.dialer(), tokens })
	const at = "/api/v1/campaigns/spring/"
	f.post(t, at+"start", "", 200)
	f.post(t, at+"stop", `{"reason":"end of day"}`, 200)
	f.post(t, at+"stop", `{"reason":"wrong list","now":true}`, 200)
	f.post(t, at+"override", `{"minutes":30,"reason":"approved by the office"}`, 200)
	if w := f.as("A", http.MethodDelete, at+"override", ""); w.Code != 200 {
		t.Errorf("an override is not ended: %d %s", w.Code, w.Body)
	}
	for _, bad := range []struct {
		letter, path, body, says string
		status                   int
	}{
		{"S", at + "stop", `{"reason":"wrong list","now":true}`, "needs the role admin", 403},
		{"A", at + "stop", `{"now":true}`, "for a reason only", 422},
		{"A", at + "pause", `{"now":true,"reason":"x"}`, "only a stop", 422},
		{"A", at + "override", `{"minutes":30,"reason":"x"}`, "reason", 422},
		{"A", at + "override", `{"minutes":3000,"reason":"for a long time"}`, "minutes", 422},
		{"A", "/api/v1/campaigns/sprang/start", "", "no campaign of this name", 404},
		{"A", "/api/v1/samples/0000000000000000000000000%2e", `{"truth":"human"}`, "no such sample", 404},
	} {
		if w := f.as(bad.letter, http.MethodPost, bad.path, bad.body); w.Code != bad.status || !strings.Contains(w.Body.String(), bad.says) {
			t.Errorf("%s %s: %d %s", bad.path, bad.body, w.Code, w.Body)
		}
	}
	want := []string{
		"start spring by test now=false: ", "stop spring by test now=false: end of day", "stop spring by test now=true: wrong list",
		"override spring by test until 09:30:00: approved by the office", "override of spring ended by root (admin)", "start sprang by root (admin) now=false: ",
	}
	if !slices.Equal(d.told, want) {
		t.Errorf("told\n%q\nwant\n%q", d.told, want)
	}
	audit := decode[rest.AuditList](t, f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/audit?operation=stopCampaign", "").Body).Entries
	if len(audit) != 2 || audit[0].Detail != "at once: wrong list" || audit[0].Subject != "campaign spring" {
		t.Errorf("written down %+v", audit)
	}
	if over := get[rest.CampaignReport](t, f, at+"report?from=2026-01-02&to=2026-01-03").Overrides; len(over) != 1 || over[0].By != "ina" {
		t.Errorf("the report of a past time shows %+v", over)
	}
	if r := get[rest.CampaignReasons](t, f, at+"reasons"); r.Leads != 7 {
		t.Errorf("reasons %+v", r)
	}
	if b := get[rest.CampaignBudget](t, f, at+"budget"); b.Left != 2.5 {
		t.Errorf("budget %+v", b)
	}
}

// TestFilesOfLeads: a file goes through as it comes, and comes out as it is made.
func TestFilesOfLeads(t *testing.T) {
	d := &dials{}
	f := newFixture(t, func(o *rest.Options) { o.Dialer = d.dialer() })
	f.post(t, "/api/v1/lists/spring/import?file=a.csv&atomic=true&map=phone%3Dnumber:mobile&map=1%3Dref", "ref,phone\n1,030 1\n", 200)
	f.post(t, "/api/v1/dnc/import?scope=system&source=register", "+49301\n", 200)
	want := []string{"import 18 bytes of a.csv into spring by test atomic=true: [{phone number:mobile} {1 ref}]", "block 7 bytes of register for system by test"}
	if !slices.Equal(d.told, want) {
		t.Errorf("told %q", d.told)
	}
	problem(t, f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/lists/spring/import?map=phone", "x"), 422, "invalid")
	small := newFixture(t, func(o *rest.Options) { o.Dialer = d.dialer(); o.Dialer.MaxUpload = 1 << 20 })
	if p := problem(t, small.do(rest.RoleAdmin, http.MethodPost, "/api/v1/lists/spring/import", strings.Repeat("x", 1<<20+1)), 422, "invalid"); !strings.Contains(p.Detail, "larger than 1 MiB: divide it") {
		t.Errorf("a file that is too large: %s", p.Detail)
	}
	problem(t, f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/leads", ""), 422, "invalid")
	problem(t, f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/lists/summer/export", ""), 404, "not-found")
	problem(t, f.do(rest.RoleAdmin, http.MethodPost, "/api/v1/dnc", `{"entries":[{"number":"+49301","prefix":"4930"}]}`), 422, "invalid")
	f.post(t, "/api/v1/dnc", `{"entries":[{"number":"+49301","scope":"campaign:`+strings.Repeat("c", 40)+`"}]}`, 200)
	w := f.do(rest.RoleAdmin, http.MethodGet, "/api/v1/lists/spring/export?format=xlsx", "")
	if w.Code != 200 || w.Body.String() != "ref,name\n1,spring.xlsx\n" || !strings.Contains(w.Header().Get("Content-Disposition"), "spring.xlsx") {
		t.Errorf("export %d %q %v", w.Code, w.Body, w.Header())
	}
	first := get[rest.ImportErrors](t, f, "/api/v1/imports/1/errors?limit=2")
	rest2 := get[rest.ImportErrors](t, f, "/api/v1/imports/1/errors?limit=2&after=2")
	if len(first.Errors) != 2 || first.Next != 2 || len(rest2.Errors) != 1 || rest2.Next != 0 {
		t.Errorf("errors %+v %+v", first, rest2)
	}
}

// TestWithoutDialer: every route says what is missing and what to do.
func TestWithoutDialer(t *testing.T) {
	f := newFixture(t, nil)
	for _, a := range accessDialer {
		if strings.HasSuffix(a.path, "/report") || strings.HasSuffix(a.path, "/records") {
			continue // what was dialled before is on record
		}
		path := a.call
		if path == "" {
			path = a.path
		}
		p := problem(t, f.do(rest.RoleAdmin, a.method, path, a.body), http.StatusNotImplemented, "unsupported")
		if !strings.Contains(p.Detail, "ask the one that calls") {
			t.Errorf("%s: %s", path, p.Detail)
		}
	}
}
