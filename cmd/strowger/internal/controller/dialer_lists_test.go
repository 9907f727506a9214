package controller

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/dialer/runner"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/objects"
)

// TestListDesk: a file of leads is stored, read in the background, found again
// after a restart, and what stands in somebody's way is said for each campaign.
func TestListDesk(t *testing.T) {
	t.Parallel()
	d := startDialing(t, 1, "5")
	desk := d.listDesk
	text := "ref,phone,city\nc1,+4930555001,Köln\nc2,none,Bonn\nc3,+4930555003,Ulm\n"
	look, err := desk.Import(d.ctx, rest.ImportRequest{List: "more", File: "more.csv", DryRun: true}, strings.NewReader(text))
	if err != nil || look.State != "dry-run" || look.Good != 2 || look.Bad != 1 || len(look.Errors) != 1 || look.Errors[0].Line != 3 || look.Errors[0].Column != "number" {
		t.Fatalf("%+v, %v", look, err)
	}
	if _, err := desk.List(d.ctx, "more"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a look makes no list: %v", err)
	}
	if _, err := desk.Import(d.ctx, rest.ImportRequest{List: "more", File: "x"}, strings.NewReader("\x00\x01\x02\x00")); !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
	x, err := desk.Import(d.ctx, rest.ImportRequest{List: "more", File: "more.csv", By: "test"}, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for x.State == "running" {
		select {
		case <-tick.C:
		case <-d.ctx.Done():
			t.Fatalf("%+v", x)
		}
		if x, err = desk.ImportByNumber(d.ctx, x.No); err != nil {
			t.Fatal(err)
		}
	}
	bad, err := desk.ImportErrors(d.ctx, x.No, 0, 100)
	if err != nil || x.State != "done" || x.Good != 2 || len(bad) != 1 || bad[0].Line != 3 {
		t.Errorf("%+v %+v, %v", x, bad, err)
	}
	shown, err := desk.List(d.ctx, "more")
	if err != nil || shown.Leads.Ready != 2 || shown.Leads.Total != 2 || len(shown.Mapping) != 3 {
		t.Errorf("%+v, %v", shown, err)
	}
	why, err := desk.Why(d.ctx, "more/c1")
	if err != nil || len(why) != 1 || why[0].Campaign != "" || why[0].Reasons[0].Reason != "not-in-campaign" {
		t.Errorf("%+v, %v", why, err)
	}
	if why, err = desk.Why(d.ctx, "people/p0"); err != nil || len(why) != 1 || why[0].Campaign != "spring" || len(why[0].Reasons) == 0 {
		t.Errorf("%+v, %v", why, err)
	}
	if n, err := desk.Block(d.ctx, []rest.DoNotCall{{Number: "+4930555001"}, {Prefix: "+4930555"}}); err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
	if got, err := desk.CheckNumber(d.ctx, "+4930555001"); err != nil || len(got) != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	for _, number := range []string{"+4930555001", "+4930555"} {
		if err := desk.Unblock(d.ctx, number, "tenant", "test"); err != nil {
			t.Error(err)
		}
	}
	put, err := desk.PutLeads(d.ctx, "more", []rest.LeadRequest{{Ref: "c1", Name: "New", Numbers: []rest.LeadNumber{{Number: "+4930555001"}}}, {Ref: "c9", Numbers: []rest.LeadNumber{{Number: "+4930555009"}}}})
	if err != nil || put.Created != 1 || put.Changed != 1 {
		t.Errorf("%+v, %v", put, err)
	}
	leads, err := desk.Leads(d.ctx, rest.LeadQuery{List: "more", Ref: "c1", Limit: 10})
	if err != nil || len(leads) != 1 || leads[0].Name != "New" {
		t.Fatalf("%+v, %v", leads, err)
	}
	consents(t, d, leads[0].ID)
	done := "done"
	if got, err := desk.ChangeLead(d.ctx, leads[0].ID, rest.LeadChange{State: &done}); err != nil || got.State != "done" {
		t.Errorf("%+v, %v", got, err)
	}
	if err := desk.CloseList(d.ctx, "more", true); err != nil {
		t.Error(err)
	}
}

// consents: what somebody has agreed to can be withdrawn, by either request.
func consents(t *testing.T, d *dialing, id int64) {
	t.Helper()
	desk, yes, no := d.listDesk, true, false
	same := rest.LeadRequest{Ref: "c1", Numbers: []rest.LeadNumber{{Number: "+4930555001"}}}
	for _, c := range []struct {
		given  *bool
		source string
		want   bool
	}{{&yes, "form", true}, {&no, "withdrawn by letter", false}, {nil, "partners", false}, {&yes, "form 2", true}, {nil, "", true}} {
		same.Consent, same.ConsentSource = c.given, c.source
		if _, err := desk.PutLeads(d.ctx, "more", []rest.LeadRequest{same}); err != nil {
			t.Fatal(err)
		}
		if got, err := desk.Lead(d.ctx, id); err != nil || got.Consent != c.want {
			t.Errorf("%+v: %+v, %v", c, got, err)
		}
	}
	got, err := desk.ChangeLead(d.ctx, id, rest.LeadChange{Consent: &no, ConsentSource: "telephone"})
	if err != nil || got.Consent || got.ConsentSource != "telephone" || got.ConsentAt == nil {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestFilesOfImports: what a controller that was killed has left of a file is
// deleted at the next start; what an import needs stays, and what is not ours.
func TestFilesOfImports(t *testing.T) {
	t.Parallel()
	d := startDialing(t, 1, "5")
	i := d.listDesk.imports
	half, err := i.keep(strings.NewReader("ref;phone\nc1;+4930"))
	if err != nil {
		t.Fatal(err)
	}
	stopped, err := i.keep(strings.NewReader("ref;phone\nc1;+4930555001\n"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := i.open(stopped)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	x, err := d.listDesk.begin(d.ctx, "more", f, list.ImportOptions{File: "more.csv", Stored: stopped})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.listDesk.lists.StopImport(d.ctx, x.Import, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(i.dir, "customers.csv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	there := func() (out []string) {
		files, err := os.ReadDir(i.dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			out = append(out, f.Name())
		}
		return out
	}
	i.tidy(d.ctx, time.Now())
	if got := there(); slices.Contains(got, half) || !slices.Contains(got, stopped) || !slices.Contains(got, "customers.csv") {
		t.Errorf("%v is there; %s is of no import, %s of one that was stopped", got, half, stopped)
	}
	i.tidy(d.ctx, time.Now().Add(2*importKept))
	if got := there(); slices.Contains(got, stopped) {
		t.Errorf("%v is there after a long time", got)
	}
}

// TestStartJudgesAnew: what a rule has left out is looked at again when a
// campaign is started, because the rules may be others.
func TestStartJudgesAnew(t *testing.T) {
	t.Parallel()
	d := startDialing(t, 1, "5")
	if err := d.dialer.Do(d.ctx, runner.Order{Campaign: "spring", Want: runner.WantPaused, By: "test"}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.lists.Append(d.ctx, "people", []list.Row{{Ref: "q", Numbers: []list.RowNumber{{Text: "+49301009995"}}}}, "", time.Now()); err != nil {
		t.Fatal(err)
	}
	strict := lead.Rules{Campaign: "strict", Lists: []lead.Share{{List: "people"}}, Consent: true, Window: func(lead.ZoneSet, time.Time) lead.Window { return lead.Window{Open: true} }}
	none, err := d.lists.Claim(d.ctx, lead.Want{Rules: strict, Now: time.Now(), N: 5, NewID: func() callmodel.CallID { return callmodel.CallID{ID: d.engine.NewID()} }})
	if err != nil || len(none) != 0 {
		t.Fatalf("%+v, %v", none, err)
	}
	state := func() lead.Lead {
		found, err := d.lists.Find(d.ctx, "people", "q", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return found[0]
	}
	if got := state(); got.State != lead.Excluded || got.Result != lead.WithoutOK {
		t.Fatalf("%+v", got)
	}
	desk := campaignDesk{d.dialer, d.objects.inForce, d.lists}
	if _, err := desk.Start(d.ctx, "spring", rest.CampaignOrder{By: "test"}); err != nil {
		t.Fatal(err)
	}
	if got := state(); got.State == lead.Excluded {
		t.Errorf("%+v", got)
	}
}

// TestExampleOfLeads: the file that the guide names is read as the guide says.
func TestExampleOfLeads(t *testing.T) {
	t.Parallel()
	d := startDialing(t, 1, "5")
	text, err := os.ReadFile("../../../../docs/leads.example.csv")
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.listDesk.Import(d.ctx, rest.ImportRequest{List: "example", File: "leads.example.csv", DryRun: true}, bytes.NewReader(text))
	if err != nil || got.Good != 3 || got.Bad != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	want := map[string]string{
		"ref": "ref", "name": "name", "phone": "number", "mobile": "number:mobile", "state": "region", "time_zone": "tz", "priority": "priority", "consent": "consent",
		"consent_source": "consent_source", "consent_at": "consent_at", "callback": "callback", "city": "field:city",
	}
	for _, c := range got.Mapping {
		if want[c.Column] != c.Means {
			t.Errorf("%s means %s, want %s", c.Column, c.Means, want[c.Column])
		}
	}
}

// TestCampaignAtOnce: a campaign that has been made is there for the next
// request, not for one half a second later.
func TestCampaignAtOnce(t *testing.T) {
	t.Parallel()
	d := startDialing(t, 1, "5")
	desk := campaignDesk{d.dialer, d.objects.inForce, d.lists}
	for i, ask := range []func(id string) error{
		func(id string) error { _, err := desk.Campaign(d.ctx, id); return err },
		func(id string) error { _, err := desk.Reasons(d.ctx, id); return err },
		func(id string) error { _, err := desk.Start(d.ctx, id, rest.CampaignOrder{By: "test"}); return err },
	} {
		id := fmt.Sprintf("new%d", i)
		one := fmt.Sprintf("campaigns: [{id: %s, queue: spring, lists: [{list: people}]}]", id)
		if _, err := d.objects.Apply(d.ctx, objects.Apply{YAML: []byte(one), By: "anna"}); err != nil {
			t.Fatal(err)
		}
		if err := ask(id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// TestWrongFiles: a file that cannot be read as it is says what it has, and a
// dry run why rows would be refused.
func TestWrongFiles(t *testing.T) {
	t.Parallel()
	d := startDialing(t, 1, "5")
	for text, want := range map[string]string{
		"Kunde,Ort\na,b\n":                  "the file has: Kunde, Ort",
		"Kunde;Telefon\na;+493012345\n":     "the file has one column only, Kunde;Telefon: another --delimiter?",
		"Kunde,Telefon\n\x00\x01\x02\x03\n": "save the table as CSV or XLSX",
	} {
		_, err := d.listDesk.Import(d.ctx, rest.ImportRequest{List: "new", File: "x.csv", Delimiter: ","}, strings.NewReader(text))
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	got, err := d.listDesk.Import(d.ctx, rest.ImportRequest{List: "new", File: "x.csv", DryRun: true}, strings.NewReader("ref,phone\na,+493012300\nb,none\n"))
	if err != nil || got.Bad != 1 || len(got.Errors) != 1 || got.Errors[0].Line != 3 || got.Errors[0].Reason == "" {
		t.Errorf("%+v, %v", got, err)
	}
}
