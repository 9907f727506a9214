package ici_test

import (
	"context"
	"encoding/xml"
	"strconv"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
)

// dataForm is what monitorDataChanged tells.
type dataForm struct {
	AppIDs    []string `xml:"-"`
	Form      string   `xml:"form,attr"`
	Time      string   `xml:"time,attr"`
	LeftOut   int      `xml:"leftOut"`
	Instances []struct {
		ID     string `xml:"id,attr"`
		Fields []struct {
			ID    string `xml:"id,attr"`
			Value string `xml:",chardata"`
		} `xml:"field"`
	} `xml:"instance"`
}

// figure is the value of a field.
func (d *dataForm) figure(instance, field string) string {
	for _, i := range d.Instances {
		for _, f := range i.Fields {
			if i.ID == instance && f.ID == field {
				return f.Value
			}
		}
	}
	return "none"
}

// form waits for the next figures that an application is sent.
func (r *rig) form(appID string) dataForm {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	e, err := r.crm.next(ctx, func(e ici.Event) bool {
		m, ok := e.(*ici.MonitorDataChanged)
		return ok && strings.Contains(strings.Join(m.AppIDs, " "), appID)
	})
	if err != nil {
		r.Fatal(err)
	}
	m := e.(*ici.MonitorDataChanged)
	out := dataForm{AppIDs: m.AppIDs}
	if err := xml.Unmarshal([]byte(m.DataForm), &out); err != nil {
		r.Fatalf("%v in %s", err, m.DataForm)
	}
	if _, err := time.Parse("2006-01-02T15:04:05", out.Time); err != nil {
		r.Errorf("time: %v", err)
	}
	return out
}

// formWith waits for figures that have a value.
func (r *rig) formWith(appID, instance, field, value string) dataForm {
	r.Helper()
	for {
		if d := r.form(appID); d.figure(instance, field) == value {
			return d
		}
	}
}

func (r *rig) watch(appID, form string, seconds int, instances ...string) {
	r.Helper()
	r.must(ici.OpMonitorSubscribe, &ici.MonitorSubscription{AppURL: r.crm.URL, AppID: appID, FormID: form, InstanceIDs: instances, Interval: seconds})
}

func secondly(c *ici.Config) { c.MonitorInterval = time.Second }

// The catalog is XML, and says for each form what its messages have.
func TestMonitorCatalog(t *testing.T) {
	t.Parallel()
	r := newRig(t, secondly)
	var catalog struct {
		Forms []struct {
			ID     string `xml:"id,attr"`
			Fields []struct {
				ID   string `xml:"id,attr"`
				Type string `xml:"type,attr"`
			} `xml:"field"`
		} `xml:"form"`
	}
	doc := r.must(ici.OpGetCatalog, &ici.CatalogQuery{Language: "EN"}).(*ici.Text).Value
	if err := xml.Unmarshal([]byte(doc), &catalog); err != nil || len(catalog.Forms) != 2 {
		t.Fatalf("%v in %s", err, doc)
	}
	for _, f := range catalog.Forms {
		list := r.must(ici.OpGetInstances, &ici.FormRef{FormID: f.ID}).(*ici.Instances).List
		want := map[string]string{"queues": "{600 Support}", "agents": "{anna Anna} {bernd Bernd}"}[f.ID]
		var got []string
		for _, i := range list {
			got = append(got, "{"+i.ID+" "+i.Description+"}")
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s has the instances %v, want %s", f.ID, got, want)
		}
		r.watch("A", f.ID, 1)
		told := r.form("A")
		if told.Form != f.ID || len(told.Instances) != len(list) {
			t.Fatalf("%+v", told)
		}
		for _, i := range told.Instances {
			if len(i.Fields) != len(f.Fields) {
				t.Errorf("%s %s has %d fields, the catalog %d", f.ID, i.ID, len(i.Fields), len(f.Fields))
				continue
			}
			for n, field := range f.Fields {
				_, err := strconv.Atoi(i.Fields[n].Value)
				if field.ID != i.Fields[n].ID || field.Type == "seconds" && err != nil {
					t.Errorf("field %d of %s: %+v, %+v", n, f.ID, field, i.Fields[n])
				}
			}
		}
	}
}

// The figures of a queue are those of getPresenceQueueInfo at the same moment.
func TestMonitorQueues(t *testing.T) {
	t.Parallel()
	r := newRig(t, secondly)
	r.login(ctitest.Anna)
	r.watch("Q", "QUEUES", 1, "600", "600")
	r.formWith("Q", "600", "ready", "1")
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	d := r.formWith("Q", "600", "busy", "1")
	info := r.queue("anna")
	for field, want := range map[string]string{
		"loggedIn": info.LoggedIn, "ready": info.Ready, "pending": info.Pending, "open": info.Open, "busy": info.Busy,
		"wrapUp": info.WrapUp, "notReady": info.NotReady, "paused": info.Paused, "guid": info.GUID, "description": info.Description,
	} {
		if got := d.figure("600", field); got != want {
			t.Errorf("%s is %s, getPresenceQueueInfo says %s", field, got, want)
		}
	}
	r.sw.PickUp(call)
	r.formWith("Q", "600", "pending", "0")
	r.sw.PutDown(call)
	r.formWith("Q", "600", "wrapUp", "1")
}

// An agent's row is what userChanged and phoneCallChanged tell.
func TestMonitorAgents(t *testing.T) {
	t.Parallel()
	r := newRig(t, secondly)
	r.watch("A", "agents", 1, "anna")
	d := r.form("A")
	if len(d.Instances) != 1 || d.figure("anna", "workmode") != "1" || d.figure("anna", "callState") != "" {
		t.Errorf("%+v", d)
	}
	call, _, _ := r.alerting(ctitest.Anna)
	d = r.formWith("A", "anna", "callState", "3")
	if d.figure("anna", "user") != "ANNA" || d.figure("anna", "workmode") != "2" || d.figure("anna", "since") == "" {
		t.Errorf("%+v", d)
	}
	r.sw.PickUp(call)
	r.formWith("A", "anna", "callState", "101")
	r.sw.PutDown(call)
	r.formWith("A", "anna", "callState", "4")
}

// What has not changed is not sent; who joins gets it all the same, together with
// those who ask for the same; a second subscription takes the place of the first.
func TestMonitorSendsWhatIsNew(t *testing.T) {
	t.Parallel()
	r := newRig(t, secondly)
	r.watch("A", "agents", 1)
	r.form("A")
	r.until("a form that was not sent", func() bool { return r.srv.Stats().MonitorSame >= 2 })
	if n := r.srv.Stats().MonitorSent; n != 1 {
		t.Errorf("%d forms sent, want the first alone", n)
	}
	r.watch("B", "agents", 1)
	if d := r.form("B"); strings.Join(d.AppIDs, " ") != "A B" {
		t.Errorf("sent to %v", d.AppIDs)
	}
	r.watch("B", "agents", 2, "bernd", "anna")
	if d := r.form("B"); strings.Join(d.AppIDs, " ") != "B" {
		t.Errorf("sent to %v", d.AppIDs)
	}
	list := r.srv.Subscriptions()
	if len(list) != 2 || strings.Join(list[0].Forms, ";") != "agents every 1s: all" || strings.Join(list[1].Forms, ";") != "agents every 2s: anna,bernd" {
		t.Errorf("%+v", list)
	}
	r.must(ici.OpMonitorUnsubscribe, &ici.Unsubscription{AppURL: r.crm.URL, AppID: "A"})
	r.sw.SetAgent(ctitest.Bernd, callmodel.Ready, "")
	if d := r.formWith("B", "bernd", "workmode", "2"); strings.Join(d.AppIDs, " ") != "B" || len(r.srv.Subscriptions()) != 1 {
		t.Errorf("sent to %v, %+v", d.AppIDs, r.srv.Subscriptions())
	}
	if n := r.srv.Push().Forms.Load(); n != 1 {
		t.Errorf("%d subscriptions to forms", n)
	}
}

// until waits for a figure.
func (r *rig) until(what string, holds func() bool) {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			r.Fatalf("no %s", what)
		}
	}
}

// A pause ends nothing: what is new is told after it. Stop says goodbye to those
// who only watch.
func TestMonitorPause(t *testing.T) {
	t.Parallel()
	r := newRig(t, secondly)
	r.watch("A", "agents", 1)
	r.form("A")
	r.srv.Pause()
	r.sw.SetAgent(ctitest.Anna, callmodel.Ready, "")
	if _, err := r.srv.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.formWith("A", "anna", "workmode", "2")
	if err := r.srv.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, reason := range []string{"2", "1"} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		e, err := r.crm.next(ctx, func(e ici.Event) bool { _, ok := e.(*ici.SubscriptionEnded); return ok })
		cancel()
		if err != nil || e.(*ici.SubscriptionEnded).Reason.ID != reason {
			t.Errorf("%+v, %v", e, err)
		}
	}
}

func TestMonitorRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *ici.Config) { c.MonitorSubscriptions = 2 })
	ask := func(change func(*ici.MonitorSubscription)) *ici.MonitorSubscription {
		p := &ici.MonitorSubscription{AppURL: r.crm.URL, AppID: "A", FormID: "queues"}
		change(p)
		return p
	}
	r.refused("9/2", ici.OpGetInstances, &ici.FormRef{FormID: "calls"})
	for want, change := range map[string]func(*ici.MonitorSubscription){
		"9/2":  func(p *ici.MonitorSubscription) { p.FormID = "calls/5/" },
		"9/3":  func(p *ici.MonitorSubscription) { p.InstanceIDs = []string{"600", "699"} },
		"9/91": func(p *ici.MonitorSubscription) { p.Interval = 4 },
		"3/4":  func(p *ici.MonitorSubscription) { p.AppURL = "ftp://localhost/" },
		"3/5":  func(p *ici.MonitorSubscription) { p.AppURL = "http://169.254.169.254/" },
	} {
		r.refused(want, ici.OpMonitorSubscribe, ask(change))
	}
	r.refused("9/91", ici.OpMonitorSubscribe, ask(func(p *ici.MonitorSubscription) { p.Interval = 3601 }))
	r.refused("9/91", ici.OpMonitorSubscribe, ask(func(p *ici.MonitorSubscription) { p.Interval = -5 }))
	r.watch("A", "queues", 5)
	r.watch("A", "agents", 0)
	r.watch("A", "queues", 6) // instead of the first
	r.refused("3/6", ici.OpMonitorSubscribe, ask(func(p *ici.MonitorSubscription) { p.AppID = "B" }))
	r.must(ici.OpMonitorUnsubscribe, &ici.Unsubscription{AppURL: r.crm.URL, AppID: "A"})
	r.watch("B", "queues", 5)
}
