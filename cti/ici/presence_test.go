package ici_test

import (
	"reflect"
	"strings"
	"testing"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
)

// queues asks for the queues' figures and returns those of the only one.
func (r *rig) queue(user string) ici.PresenceQueue {
	r.Helper()
	got := r.must(ici.OpGetPresenceQueueInfo, &ici.PresenceQueueQuery{UserID: user, ChannelType: "1"}).(*ici.PresenceQueues)
	if want := []ici.GroupInfo{{ID: "1", Description: "*"}}; !reflect.DeepEqual(got.Groups, want) || len(got.Queues) != 1 {
		r.Fatalf("queues %+v", got)
	}
	q := got.Queues[0]
	q.AvgWaiting, q.MaxWaiting = "", "" // see TestWaitingTimes
	return q
}

func TestPresenceOfQueues(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	empty := ici.PresenceQueue{
		ID: "600", Description: "Support", GUID: r.queue("anna").GUID, LoggedIn: "0", Ready: "0", Pending: "0", Open: "1",
		Busy: "0", WrapUp: "0", NotReady: "0", Paused: "0",
	}
	want := empty
	check := func(what string) {
		t.Helper()
		if got := r.queue("anna"); got != want || len(got.GUID) != 36 {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
	}
	check("nobody")
	r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	second := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	want.Pending = "2"
	check("two wait")
	r.sw.HangUp(second)
	r.login(ctitest.Anna)
	r.login(ctitest.Bernd)
	want.Pending, want.LoggedIn, want.Ready, want.Busy = "1", "2", "1", "1"
	check("one is offered")
	view, err := r.sw.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.sw.PickUp(view.Calls[0].ID)
	want.Pending = "0"
	check("it is answered")
	r.sw.PutDown(view.Calls[0].ID)
	want.Busy, want.WrapUp = "0", "1"
	check("it is wrapped up")
	r.sw.SetAgent(ctitest.Bernd, callmodel.NotReady, "")
	want.Ready, want.NotReady = "0", "1"
	check("somebody is not ready")
	for _, kind := range []string{"2", "3", "4"} {
		if got := r.must(ici.OpGetPresenceQueueInfo, &ici.PresenceQueueQuery{UserID: "ANNA", ChannelType: kind}).(*ici.PresenceQueues); len(got.Queues)+len(got.Groups) != 0 {
			t.Errorf("channel %s has %+v", kind, got)
		}
	}
}

// Paperwork pauses instead of being wrap-up, and what a filter leaves out.
func TestPresenceFilters(t *testing.T) {
	t.Parallel()
	model := ctitest.Config()
	model.CTI.Paperwork = true
	other := model.Queues[0]
	other.ID, other.Number, other.Name, other.Address, other.DNIS = "other", 2, "Other", "601", nil
	quiet := other
	quiet.ID, quiet.Number, quiet.Address, quiet.NoCTI = "quiet", 3, "602", true
	model.Queues = append(model.Queues, other, quiet)
	model.Agents[1].Queues = []callmodel.QueueID{"other", "quiet"}
	sw := ctitest.NewFakeSwitch(model)
	r := rigOn(t, sw, sw, nil)
	ask := func(set func(*ici.Config)) (ids []string, all []ici.PresenceQueue) {
		t.Helper()
		cfg := ici.DefaultConfig()
		set(&cfg)
		if _, err := r.srv.Apply(cfg); err != nil {
			t.Fatal(err)
		}
		all = r.must(ici.OpGetPresenceQueueInfo, &ici.PresenceQueueQuery{UserID: "anna"}).(*ici.PresenceQueues).Queues
		for _, q := range all {
			ids = append(ids, q.ID)
		}
		return ids, all
	}
	sw.SetAgent(ctitest.Bernd, callmodel.NotReady, "")
	sw.SetAgent(ctitest.Anna, callmodel.Ready, "")
	first, second := "600", other.Address
	for _, c := range []struct {
		all    bool
		filter string
		want   []string
	}{
		{false, ici.PresenceAll, []string{first}},
		{false, ici.PresenceReady, []string{first}},
		{true, ici.PresenceAll, []string{first, second}},
		{true, ici.PresenceLoggedIn, []string{first, second}},
		{true, ici.PresenceReady, []string{first}},
	} {
		if got, _ := ask(func(s *ici.Config) { s.PresenceAllQueues, s.PresenceFilter = c.all, c.filter }); !reflect.DeepEqual(got, c.want) {
			t.Errorf("all queues %v, filter %s: %v, want %v", c.all, c.filter, got, c.want)
		}
	}
	call := sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	sw.PickUp(call)
	sw.PutDown(call)
	sw.SetAgent(ctitest.Bernd, callmodel.LoggedOut, "")
	got, figures := ask(func(s *ici.Config) { s.PresenceAllQueues, s.PresenceFilter = true, ici.PresenceLoggedIn })
	if !reflect.DeepEqual(got, []string{first}) || figures[0].WrapUp != "0" || figures[0].Paused != "1" {
		t.Errorf("in paperwork: %+v", figures)
	}
}

func TestPresenceOfUsers(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	ask := func(p *ici.PresenceQuery) (out []string) {
		t.Helper()
		for _, u := range r.must(ici.OpGetUserPresence, p).(*ici.Presences).List {
			text := u.User + " " + u.Status + " " + u.Description
			for _, c := range u.Collaboration {
				text += "; " + strings.Join([]string{c.Description, c.Channel, c.Capability, c.Address}, " ")
			}
			out = append(out, text)
		}
		return out
	}
	reached := func(line string) string {
		return "; Call 1 101 " + line + "; Blind transfer 1 3 " + line + "; Warm transfer 1 104 " + line
	}
	anna, bernd := reached("+101"), reached("+102")
	check := func(p *ici.PresenceQuery, want ...string) {
		t.Helper()
		if got := ask(p); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v: %q, want %q", p, got, want)
		}
	}
	both := &ici.PresenceQuery{Users: []string{"BERND", "nobody", " anna "}, SearchTerm: "x", MaxHits: "none"}
	check(both, "BERND 3 LoggedOff", "nobody 0 NotAvailable", "anna 3 LoggedOff")
	r.login(ctitest.Anna)
	r.login(ctitest.Bernd)
	r.sw.SetAgent(ctitest.Bernd, callmodel.NotReady, "")
	check(both, "BERND 0 NotAvailable"+bernd, "nobody 0 NotAvailable", "anna 1 Available"+anna)
	r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	check(&ici.PresenceQuery{SearchTerm: "AN"}, "ANNA 2 Busy"+anna)
	check(&ici.PresenceQuery{SearchTerm: "10", MaxHits: "1"}, "ANNA 2 Busy"+anna)
	check(&ici.PresenceQuery{SearchTerm: "10 b", MaxHits: "0"}, "BERND 0 NotAvailable"+bernd)
	check(&ici.PresenceQuery{SearchTerm: "anna b"})
	check(&ici.PresenceQuery{})
}

// A CRM's addresses of other channels show until the next ones come; the phone
// and the queues stay the configuration's.
func TestUserSettings(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.login(ctitest.Anna)
	s := r.script(ctitest.Anna)
	s.expect("user ANNA 2")
	user := func() *ici.User { return r.must(ici.OpUserGetAttributes, &ici.UserQuery{UserID: "anna"}).(*ici.User) }
	before := user()
	r.must(ici.OpSetCurrentChannels, &ici.ChannelChoice{UserID: "anna", Channels: []string{"2"}})
	r.must(ici.OpSetCurrentQueues, &ici.QueueChoice{UserID: "anna"})
	r.must(ici.OpSetAddresses, &ici.AddressChoice{UserID: "anna", Addresses: []ici.Address{{Address: "101", Channel: "1"}, {Channel: "3"}}})
	if got := user(); !reflect.DeepEqual(got, before) {
		t.Errorf("%+v, want %+v", got, before)
	}
	mail := ici.Address{Address: "anna@example.com", Channel: "2"}
	r.must(ici.OpSetAddresses, &ici.AddressChoice{UserID: "anna", Addresses: []ici.Address{{Address: "+101", Channel: "1"}, mail}})
	if got := user(); !reflect.DeepEqual(got.Addresses, append(before.Addresses, mail)) {
		t.Errorf("addresses %+v", got.Addresses)
	}
	for _, wrong := range [][]ici.Address{{{Address: strings.Repeat("x", 81), Channel: "2"}}, {mail, mail, mail, mail, mail, mail, mail, mail, mail}} {
		r.refused("2/91", ici.OpSetAddresses, &ici.AddressChoice{UserID: "anna", Addresses: wrong})
	}
	r.must(ici.OpSetAddresses, &ici.AddressChoice{UserID: "anna"})
	if got := user(); !reflect.DeepEqual(got, before) {
		t.Errorf("%+v, want %+v", got, before)
	}
}
