package ici_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctitest"
	"strowger/cti/ici"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// The status counts what there is, in words and on the page beside the interface.
func TestStatus(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	if st := r.srv.Status(); st.State != ici.StateConnected || st.Clients != 0 || st.Users == 0 || st.Queues == 0 || st.Started.IsZero() {
		t.Errorf("at the start %+v", st)
	}
	r.login(ctitest.Anna)
	r.sw.Arrive(ctitest.Queue, ctitest.Caller, "")
	s := r.script(ctitest.Anna)
	p := s.expect("user ANNA 2", "C1 3/1 "+capHandset)
	r.refused("4/2", ici.OpAccept, &ici.ItemInContainer{ItemID: strings.Repeat("0", 32)})
	var st ici.Status
	ctitest.Eventually(t, "both replies are counted", func() bool { st = r.srv.Status(); return st.Sending.Sent == 2 })
	if st.Clients != 1 || st.Items != 1 || st.Subscriptions != 2 || st.Sending.OpenMax < 1 || st.Sending.Worst < st.Sending.Shortest || st.Faults != 1 || st.Requests != 5 {
		t.Errorf("status %+v", st)
	}
	items, clients, users := r.srv.Items(), r.srv.Clients(), r.srv.Users()
	if len(items) != 1 || items[0].Handle != p.CallHandle || items[0].User != "anna" || items[0].Line != "+101" {
		t.Errorf("items %+v", items)
	}
	if len(clients) < 2 || !clients[0].LoggedIn || !clients[0].Followed || clients[1].Followed || !clients[0].Works {
		t.Errorf("clients %+v", clients)
	}
	if users[0].User != "ANNA" || !users[0].Followed || len(users[0].Queues) == 0 || users[0].Queues[0] != r.srv.Queues()[0].ID {
		t.Errorf("users %+v, queues %+v", users, r.srv.Queues())
	}
	r.sw.Put(callmodel.NodeDown{Node: ctitest.Node, Cause: "test"})
	ctitest.Eventually(t, "the loss of the telephony server shows", func() bool { return r.srv.Status().State == ici.StateNotConnected })
	r.srv.Pause()
	base := strings.TrimSuffix(r.url, "OII.asmx")
	for path, want := range map[string]string{"default.aspx": "Items:1", "status?output=json": `"state":"paused"`} {
		resp, err := http.Get(base + path) //nolint:noctx // a short test
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), want) || strings.Contains(string(body), r.crm.URL) {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
		if strings.HasPrefix(path, "status") && !json.Valid(body) {
			t.Errorf("%s is no JSON: %s", path, body)
		}
	}
}

// A trace keeps messages of both directions without their secrets.
func TestTraceHasNoSecrets(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	tr := r.srv.Trace()
	for _, d := range []time.Duration{0, -1, 2 * time.Hour} {
		if err := tr.On(d, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", d, err)
		}
	}
	r.login(ctitest.Anna)
	if n := len(tr.Messages()); n != 0 {
		t.Errorf("%d messages were kept before the trace was on", n)
	}
	if err := tr.On(time.Minute, ""); err != nil {
		t.Fatal(err)
	}
	r.sw.Arrive(ctitest.Queue, "4930555"+"66777", "Canary-Caller")
	s := r.script(ctitest.Anna)
	p := s.expect("user ANNA 2", "C1 3/1 "+capHandset)
	data := `<AttachedData><Application id="X"><Pin>canary-pin</Pin></Application></AttachedData>`
	r.must(ici.OpSetAttachedData, &ici.AttachedDataChange{ItemID: p.CallHandle, AttachedData: data})
	r.must(ici.OpGetAttachedData, &ici.ItemRef{ItemID: p.CallHandle})
	s.raw()
	r.must(ici.OpCreateCallBack, &ici.CallbackRequest{Number: "+4930123456789", Notes: "canary-notes", Queue: "600"})
	r.refused("4/2", ici.OpAccept, &ici.ItemInContainer{ItemID: strings.Repeat("0", 32)})
	var all []ici.Traced
	ctitest.Eventually(t, "everything is traced", func() bool { all = tr.Messages(); return len(all) >= 6 })
	text := fmt.Sprintf("%+v", all)
	for _, secret := range []string{"canary", "Canary", "493055566777", "4930123456789", "Pin"} {
		if strings.Contains(text, secret) {
			t.Errorf("the trace has %q: %s", secret, text)
		}
	}
	for _, want := range []string{"IciItem.setAttachedData", "phoneCallChanged", "...777", "(left out)", p.CallHandle} {
		if !strings.Contains(text, want) {
			t.Errorf("the trace lacks %q: %s", want, text)
		}
	}
	tr.Off()
	if err := tr.On(time.Minute, "nobody-asks-for-this"); err != nil {
		t.Fatal(err)
	}
	r.must(ici.OpUserSubscribe, &ici.UserSubscription{AppURL: r.crm.URL, AppID: "ANNA", UserID: "anna"})
	if n := len(tr.Messages()); n != 0 {
		t.Errorf("%d messages passed the filter", n)
	}
	if err := tr.On(time.Minute, "exchangeproduct"); err != nil {
		t.Fatal(err)
	}
	for range 600 {
		r.must(ici.OpExchangeProductInformation, &ici.ProductQuery{})
	}
	if n, st := len(tr.Messages()), r.srv.Status().Trace; n != 500 || st.Lost != 100 {
		t.Errorf("%d messages, %d lost", n, st.Lost)
	}
}
