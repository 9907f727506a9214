package ici_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/cti/soap"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

const noItem = "0123456789ABCDEF0123456789ABCDEF"

// alerting logs the agent in and brings a call to their line.
func (r *rig) alerting(agent callmodel.AgentID) (callmodel.CallID, *script, string) {
	r.Helper()
	r.login(agent)
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	s := r.script(agent)
	caps := map[callmodel.AgentID]string{ctitest.Anna: capHandset, ctitest.Bernd: capAlerting}[agent]
	p := s.expect("user "+strings.ToUpper(string(agent))+" 2", "C1 3/1 "+caps)
	return call, s, p.CallHandle
}

func TestLoginAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *ici.Config) { c.CmsHostID, c.ProductVersion = noItem, "1.2.3" })
	info := r.must(ici.OpExchangeProductInformation, &ici.ProductQuery{}).(*ici.ProductInformation)
	want := &ici.ProductInformation{
		ProductName: "Strowger", ProductVersion: "1.2.3", ICIVersion: "3.07",
		MessageGroups: []string{"IciGroupBasic", "IciGroupUser", "IciGroupTelephony"},
	}
	if !reflect.DeepEqual(info, want) {
		t.Errorf("product information %+v", info)
	}
	if got := r.must(ici.OpGetWorkcenterCapability, &ici.UserRef{UserID: "anna"}).(*ici.WorkcenterCapability); *got != (ici.WorkcenterCapability{Types: "0"}) {
		t.Errorf("workcenter capability %+v", got)
	}
	queues := []ici.TextElement{{ID: "600", Description: "Support"}}
	phone := []ici.TextElement{{ID: "1", Description: "Telephony"}}
	user := r.must(ici.OpUserGetAttributes, &ici.UserQuery{UserID: "ANNA"}).(*ici.User)
	wantUser := &ici.User{
		UserID: "ANNA", CurrentWorkmode: ici.Workmode(ici.LoggedOff), Workmodes: ici.Workmodes(), WrapUpMode: 1,
		CurrentChannels: phone, Channels: phone, CurrentQueues: queues, Queues: queues,
		Addresses: []ici.Address{{Address: "+101", Channel: "1"}}, CmsHostID: noItem,
	}
	if !reflect.DeepEqual(user, wantUser) {
		t.Errorf("user %+v\nwant %+v", user, wantUser)
	}
}

// getAttributes is the start of a login and ends what an earlier one left; a
// ping has no effect.
func TestAutoUnsubscribe(t *testing.T) {
	t.Parallel()
	for _, auto := range []bool{true, false} {
		r := newRig(t, func(c *ici.Config) { c.AutoUnsubscribe = auto })
		r.follow(ctitest.Anna)
		r.must(ici.OpUserGetAttributes, &ici.UserQuery{UserID: "anna", CmsPing: true})
		if n := r.srv.Push().Subscriptions.Load(); n != 2 {
			t.Errorf("%d subscriptions after a ping, want 2", n)
		}
		r.must(ici.OpUserGetAttributes, &ici.UserQuery{UserID: "anna"})
		if n := r.srv.Push().Subscriptions.Load(); (n == 0) != auto {
			t.Errorf("automatic unsubscribe %t: %d subscriptions after a login", auto, n)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(c *ici.Config) { c.ReplayOnSubscribe = true })
	key := ici.Unsubscription{AppURL: r.crm.URL, AppID: "x"}
	container := func(channel, id string) *ici.ContainerSubscription {
		return &ici.ContainerSubscription{AppURL: key.AppURL, AppID: key.AppID, ChannelType: channel, ContainerID: id}
	}
	for _, disabled := range []string{"2", "3", "4"} {
		r.must(ici.OpContainerSubscribe, container(disabled, "any@where"))
	}
	if n := r.srv.Push().Subscriptions.Load(); n != 0 {
		t.Errorf("%d subscriptions to channels that do not exist", n)
	}
	r.refused("3/3", ici.OpContainerSubscribe, container("9", "1"))
	r.refused("3/2", ici.OpContainerSubscribe, container("1", "999"))
	r.refused("2/2", ici.OpUserSubscribe, &ici.UserSubscription{AppURL: key.AppURL, AppID: "x", UserID: "nobody"})
	r.refused("3/5", ici.OpUserSubscribe, &ici.UserSubscription{AppURL: "http://192.0.2.1/", AppID: "x", UserID: "anna"})
	r.refused("3/4", ici.OpUserSubscribe, &ici.UserSubscription{AppURL: "file:///etc/passwd", AppID: "x", UserID: "anna"})

	r.follow(ctitest.Anna)
	s := r.script(ctitest.Anna)
	s.expect("user ANNA 1") // the replay of the first subscription
	r.must(ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "anna", Workmode: "2"})
	call := r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	s.expect("user ANNA 2", "C1 3/1 "+capHandset)
	r.must(ici.OpUserSubscribe, &ici.UserSubscription{AppURL: key.AppURL, AppID: "x", UserID: "ANNA"})
	if e, ok := s.raw().(*ici.UserChanged); !ok || e.User.CurrentWorkmode.ID != "2" || len(e.User.CurrentQueues) != 1 || !reflect.DeepEqual(e.AppIDs, []string{"ANNA", "x"}) {
		t.Errorf("the replay of a user is %+v", e)
	}
	r.must(ici.OpUserUnsubscribe, &key)
	r.must(ici.OpContainerSubscribe, container("1", "+101"))
	if e, ok := s.raw().(*ici.PhoneCallChanged); !ok || s.text(e) != "C1 3/1 "+capHandset || !reflect.DeepEqual(e.AppIDs, []string{"ANNA", "x"}) {
		t.Errorf("the replay is %+v", e)
	}
	r.must(ici.OpContainerUnsubscribe, &ici.Unsubscription{AppURL: r.crm.URL, AppID: "ANNA"})
	r.must(ici.OpContainerUnsubscribe, &key)
	r.must(ici.OpContainerUnsubscribe, &key)
	r.sw.PickUp(call)
	r.must(ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "anna", Workmode: "3"})
	s.expect("user ANNA 3") // the user is still followed, the line is not
}

func TestReads(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	call, s, handle := r.alerting(ctitest.Anna)
	ref := &ici.CallRef{LineNumber: "+101", CallHandle: handle}
	one := func(want string) {
		t.Helper()
		list := r.must(ici.OpGetCalls, &ici.LineRef{LineNumber: "101"}).(*ici.PhoneCalls)
		attrs := r.must(ici.OpCallGetAttributes, ref).(*ici.PhoneCall)
		if len(list.Calls) != 1 || !reflect.DeepEqual(&list.Calls[0], attrs) || attrs.CallStatus.ID+"/"+attrs.ProcessingStatus.ID != want {
			t.Errorf("getCalls %+v\ngetAttributes %+v\nwant %s", list, attrs, want)
		}
	}
	one("3/1")
	r.sw.PickUp(call)
	one("101/2")
	r.sw.HangUp(call)
	one("4/3")
	s.expect("C1 101/2 "+capTalking, "C1 4/3 "+capWrapUp)
	r.must(ici.OpWrapUpEnded, &ici.ItemRef{ItemID: handle})
	if list := r.must(ici.OpGetCalls, &ici.LineRef{LineNumber: "+101"}).(*ici.PhoneCalls); len(list.Calls) != 0 {
		t.Errorf("getCalls after the end: %+v", list)
	}

	// An ended item answers for a while; ending it again is no mistake.
	attrs := r.must(ici.OpCallGetAttributes, ref).(*ici.PhoneCall)
	if attrs.CallStatus.ID != "4" || attrs.ProcessingStatus.ID != "1" || attrs.AttachedData != ownData || len(attrs.CapabilityList) != 0 {
		t.Errorf("the ended call is %+v", attrs)
	}
	r.must(ici.OpDrop, ref)
	r.must(ici.OpWrapUpEnded, &ici.ItemRef{ItemID: handle})
	for _, op := range []ici.Op{ici.OpHold, ici.OpUnhold} {
		r.refused("4/2", op, ref)
	}
	for _, op := range []ici.Op{ici.OpWrapUpRequired, ici.OpGetAttachedData, ici.OpDeleteAttachedData} {
		r.refused("4/2", op, &ici.ItemRef{ItemID: handle})
	}
	r.refused("4/2", ici.OpAccept, &ici.ItemInContainer{ItemID: handle})
	s.expect("C1 4/1")
	r.sw.SetAgent(ctitest.Anna, callmodel.LoggedOut, "")
	s.expect("user ANNA 1") // and nothing was told twice
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	_, _, handle := r.alerting(ctitest.Anna)
	for _, c := range []struct {
		code string
		op   ici.Op
		p    ici.Params
	}{
		{"2/2", ici.OpUserGetAttributes, &ici.UserQuery{UserID: "nobody"}},
		{"2/2", ici.OpGetPresenceQueueInfo, &ici.PresenceQueueQuery{UserID: "anna/../bernd"}},
		{"1/91", ici.OpGetPresenceQueueInfo, &ici.PresenceQueueQuery{UserID: "anna", ChannelType: "9"}},
		{"1/91", ici.OpGetUserPresence, &ici.PresenceQuery{SearchTerm: "anna", MaxHits: "many"}},
		{"2/2", ici.OpSetCurrentChannels, &ici.ChannelChoice{UserID: "nobody"}},
		{"2/2", ici.OpSetCurrentQueues, &ici.QueueChoice{UserID: "nobody"}},
		{"2/2", ici.OpSetAddresses, &ici.AddressChoice{UserID: "nobody"}},
		{"2/5", ici.OpSetAddresses, &ici.AddressChoice{UserID: "anna", Addresses: []ici.Address{{Address: "+999", Channel: "1"}}}},
		{"2/91", ici.OpSetAddresses, &ici.AddressChoice{UserID: "anna", Addresses: []ici.Address{{Address: "x", Channel: "9"}}}},
		{"2/2", ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "${EXTEN}", Workmode: "2"}},
		{"2/3", ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "anna", Workmode: "4"}},
		{"2/3", ici.OpSetCurrentWorkmode, &ici.WorkmodeChange{UserID: "anna", Workmode: "ready"}},
		{"4/2", ici.OpCallGetAttributes, &ici.CallRef{LineNumber: "101", CallHandle: noItem}},
		{"4/2", ici.OpHold, &ici.CallRef{LineNumber: "101", CallHandle: "'; DROP TABLE calls"}},
		{"4/2", ici.OpHold, &ici.CallRef{LineNumber: "101", CallHandle: "01ARZ3NDEKTSV4RRFFQ69G5FAV"}},
		{"4/2", ici.OpDrop, &ici.CallRef{LineNumber: "102", CallHandle: handle}},
		{"5/3", ici.OpDrop, &ici.CallRef{LineNumber: "999", CallHandle: handle}},
		{"5/3", ici.OpGetCalls, &ici.LineRef{LineNumber: "999"}},
		{"5/3", ici.OpDropCalls, &ici.LineRef{LineNumber: "999"}},
		{"4/2", ici.OpAccept, &ici.ItemInContainer{ItemID: handle, ContainerID: "102"}},
		{"4/3", ici.OpAccept, &ici.ItemInContainer{ItemID: handle, ContainerID: "101"}}, // a handset
		{"5/4", ici.OpHold, &ici.CallRef{LineNumber: "101", CallHandle: handle}},
		{"4/3", ici.OpWrapUpEnded, &ici.ItemRef{ItemID: handle}},
		{"4/5", ici.OpSetAttachedData, &ici.AttachedDataChange{ItemID: handle, AttachedData: "<a>"}},
		{"4/5", ici.OpSetAttachedData, &ici.AttachedDataChange{ItemID: handle, AttachedData: "<a>" + strings.Repeat("x", ici.DefaultCadMaxBytes) + "</a>"}},
		{"4/5", ici.OpSetAttachedData, &ici.AttachedDataChange{ItemID: handle, AttachedData: `<!DOCTYPE a><a/>`}},
		{"4/5", ici.OpSetAttachedData, &ici.AttachedDataChange{ItemID: handle, AttachedData: `<ItemAttachedData><Application id="` + strings.Repeat("x", 129) + `">y</Application></ItemAttachedData>`}},
	} {
		before := r.srv.Stats().Faults[c.code]
		r.refused(c.code, c.op, c.p)
		if after := r.srv.Stats().Faults[c.code]; after != before+1 {
			t.Errorf("%s: the fault was not counted", c.code)
		}
	}
	r.sw.Fail(fault.New(fault.Busy, "do", "", "too many commands wait"))
	r.refused("5/90", ici.OpGetCalls, &ici.LineRef{LineNumber: "101"})
	r.sw.Fail(nil)
}

// Messages that are wrong as such: each gets a fault, a counter, and no panic.
func TestWrongMessages(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	wrap := func(body string) string {
		return `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>` + body + `</e:Body></e:Envelope>`
	}
	line := func(number string) string {
		return wrap(`<dropCalls xmlns="urn:IciPhoneLineInterface"><lineNumber>` + number + `</lineNumber></dropCalls>`)
	}
	call := `<getCalls xmlns="urn:IciPhoneLineInterface"><lineNumber>101</lineNumber></getCalls>`
	const system = "http://inqmy.com/soapdispatcher/rpc/bcbici/IciSystemBean"
	for name, c := range map[string]struct{ body, action, media, code string }{
		"a megabyte too much": {wrap("<getCalls>" + strings.Repeat("x", 1<<20) + "</getCalls>"), system, "text/xml", "1/91"},
		"doctype":             {`<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>` + wrap(call), system, "text/xml", "1/91"},
		"truncated":           {wrap(call)[:120], system, "text/xml", "1/91"},
		"no xml":              {"GET / HTTP/1.0\r\n\r\n", system, "text/xml", "1/91"},
		"empty":               {"", system, "text/xml", "1/91"},
		"deep":                {wrap(strings.Repeat("<a>", 70) + strings.Repeat("</a>", 70)), system, "text/xml", "1/91"},
		"empty body":          {wrap(""), system, "text/xml", "1/91"},
		"two calls":           {wrap(call + call), system, "text/xml", "1/91"},
		"wrong namespace":     {wrap(`<doIt xmlns="urn:SomethingElse"/>`), "urn:other", "text/xml", "1/91"},
		"wrong envelope":      {strings.ReplaceAll(wrap(call), "http://schemas.xmlsoap.org/soap/envelope/", "urn:e"), system, "text/xml", "1/91"},
		"unknown operation":   {wrap(`<selfDestruct xmlns="urn:IciItemInterface"/>`), "", "text/xml", "4/92"},
		"not offered":         {wrap(`<listen xmlns="urn:IciPhoneCallInterface"/>`), "", "text/xml", "5/92"},
		"missing field":       {wrap(`<getCalls xmlns="urn:IciPhoneLineInterface"/>`), "", "text/xml", "5/91"},
		"number with device":  {line("300&amp;PJSIP/x"), "", "text/xml", "5/2"},
		"number with break":   {line("101&#13;&#10;Action: Hangup"), "", "text/xml", "5/2"},
		"number with formula": {line("${EXTEN}"), "", "text/xml", "5/2"},
		"media type":          {wrap(call), system, "application/json", "1/91"},
	} {
		before := r.srv.Stats().Faults[c.code]
		status, answer := r.post(c.media, c.action, c.body)
		env, err := soap.ReadEnvelope(answer, "", soap.Limits{}, nil)
		if err != nil {
			t.Errorf("%s: %v in %s", name, err, answer)
			continue
		}
		f := env.Fault()
		if f == nil || status < 400 {
			t.Errorf("%s: status %d, no fault in %s", name, status, answer)
			continue
		}
		code, text, ok := ici.CodeOf(f)
		if !ok || code.String() != c.code || len(text) < 10 {
			t.Errorf("%s: fault %s %q, want %s", name, code, text, c.code)
		}
		if after := r.srv.Stats().Faults[c.code]; after != before+1 {
			t.Errorf("%s: the fault was not counted", name)
		}
	}
	if n := r.srv.Handler().Panics.Load(); n != 0 {
		t.Errorf("%d panics", n)
	}
	if n := r.srv.Handler().Malformed.Load(); n == 0 {
		t.Error("no malformed message was counted")
	}
	r.must(ici.OpGetCalls, &ici.LineRef{LineNumber: "101"}) // and it still works
}

func TestAttachedData(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	_, s, handle := r.alerting(ctitest.Anna)
	ref := &ici.ItemRef{ItemID: handle}
	read := func() string { return r.must(ici.OpGetAttachedData, ref).(*ici.Text).Value }
	own := strings.TrimSuffix(strings.TrimPrefix(ownData, "<ItemAttachedData>"), "</ItemAttachedData>")
	set := func(parts string) string {
		t.Helper()
		r.must(ici.OpSetAttachedData, &ici.AttachedDataChange{ItemID: handle, AttachedData: "<ItemAttachedData>" + parts + "</ItemAttachedData>"})
		return s.expect("C1 3/1 " + capHandset).AttachedData
	}
	if got := read(); got != ownData {
		t.Errorf("at first %s", got)
	}
	const crm, other = `<Application id="CRM"><a b="1">&amp; é</a></Application>`, `<Application id="B">2</Application>`
	want := "<ItemAttachedData>" + own + other + crm + "</ItemAttachedData>"
	forged := strings.ReplaceAll(own, "Support", "Forged")
	if got := set(crm + forged + other); got != want || read() != want {
		t.Errorf("told %s\nread %s\nwant %s", got, read(), want)
	}
	if got := set(`<note>x</note>` + crm + `<note>y</note>`); got != "<ItemAttachedData>"+own+crm+"<note>x</note><note>y</note></ItemAttachedData>" {
		t.Errorf("parts outside an Application: %s", got)
	}
	r.must(ici.OpDeleteAttachedData, ref)
	if got := s.expect("C1 3/1 " + capHandset).AttachedData; got != ownData {
		t.Errorf("after delete %s", got)
	}

	// What another dialect attached as JSON survives a round trip through the CRM.
	json := callmodel.AttachedData{App: "web", Media: "application/json", Data: `{"a":"<&>"}`}
	conn := mustConn(t, handle)
	if err := r.sw.Do(t.Context(), callmodel.SetData{Conn: conn, Entries: []callmodel.AttachedData{json}}); err != nil {
		t.Fatal(err)
	}
	doc := s.expect("C1 3/1 " + capHandset).AttachedData
	r.must(ici.OpSetAttachedData, &ici.AttachedDataChange{ItemID: handle, AttachedData: strings.Replace(doc, "</ItemAttachedData>", crm+"</ItemAttachedData>", 1)})
	s.expect("C1 3/1 " + capHandset)
	view, err := r.sw.View(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := view.Calls[0].Attached; len(got) != 2 || got[1] != json {
		t.Errorf("the model holds %+v", got)
	}
}

func mustConn(t *testing.T, handle string) callmodel.ConnID {
	t.Helper()
	id, err := callmodel.ParseID(handle)
	if err != nil {
		t.Fatal(err)
	}
	return callmodel.ConnID{ID: id}
}

func TestDropCallsAndRequiredWrapUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	call, s, handle := r.alerting(ctitest.Anna)
	r.sw.PickUp(call)
	r.must(ici.OpWrapUpRequired, &ici.ItemRef{ItemID: handle})
	r.must(ici.OpDropCalls, &ici.LineRef{LineNumber: "+101"})
	s.expect("C1 101/2 "+capTalking, "C1 4/3 "+capWrapUp)
	r.must(ici.OpDropCalls, &ici.LineRef{LineNumber: "101"}) // wrap-up is no call
	r.sw.Advance(time.Minute)
	s.expect("C1 4/1")
}
