package test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/sip/siptest"
	"strowger/sip/ua"
)

// TestCRMSettings are roads that a site has to open first: a campaign's call is
// seen before it is made, a busy line shows, and calls between agents are told
// (scenarios H, C5', G7). Then a rerouted call (B1), and what a login ends (J).
func TestCRMSettings(t *testing.T) {
	const answers, busy = "+4930222001", "+4930222002"
	config := func(t *testing.T) string {
		settings := strings.Replace(crmPlaces(t), "send_dtmf_capability: 113", "send_dtmf_capability: 113, preview_begin: true, show_busy: true, busy_duration: 300ms, ignore_direct: false", 1)
		return strings.Replace(settings, "wrap_up: 60s", "wrap_up: 60s, dial_rule: outside", 1)
	}
	withTwoCRMs(t, config, func(w *twoCRMs) {
		w.outside(siptest.Refuse(404), map[string]siptest.Script{
			answers: {Answer: true, AnswerAfter: time.Second, Say: 700}, busy: siptest.Refuse(486),
		})
		w.preview(answers)
		w.shownBusy(busy)
		w.direct()
		w.rerouted()
		w.loggedIn()
		w.m = nil // the login has ended its subscriptions
	})
}

// preview is scenario H: shown, made, answered.
func (w *twoCRMs) preview(number string) {
	w.must(http.MethodPost, "/api/v1/callbacks", rest.CallbackRequest{Number: number, Queue: "sales", Campaign: "spring", ListID: "L-1"}, nil)
	p := w.m.phone(111, 2, 1, 2, 6, 7, 8)
	if p.Inbound || len(p.Remote) != 1 || p.Remote[0] != number {
		w.t.Errorf("preview: %+v", p)
	}
	if data, _ := w.m.must("getAttachedData", of(p.Handle)).(string); !strings.Contains(data, `<Application id="CRM_IC_CLM_PVDIAL"><CALLID>L-1</CALLID>`) {
		w.t.Errorf("the entry of the campaign's list: %q", data)
	}
	w.m.must("accept", of(p.Handle))
	w.m.tells(p.Handle, 111, 2, 2, 102)
	own := w.desk1.Expect()
	w.m.tells(p.Handle, 103, 2, capDialing...)
	w.m.answered(p.Handle)
	own.MustHear(700)
	w.m.must("drop", of(p.Handle))
	own.MustEndBy(ua.Remote, 0)
	w.m.wrapsUp(p.Handle)
	w.waitAgent("mueller", "ready")
}

// shownBusy is scenario C5': busy shows, and the item ends by itself.
func (w *twoCRMs) shownBusy(number string) {
	item := w.m.create()
	w.m.must("dial", of(item, "number", number))
	w.m.tells(item, 103, 2, capDialing...)
	own := w.desk1.Expect()
	w.m.tells(item, 105, 2, capDialing...)
	w.m.tells(item, 4, 1)
	own.MustEndBy(ua.Remote, 0)
	w.waitAgent("mueller", "ready")
}

// direct is scenario G7 where such calls are told: both have the item, and wrap-up.
func (w *twoCRMs) direct() {
	item := w.m.create()
	w.m.must("dial", of(item, "number", "+105"))
	w.m.tells(item, 103, 2, capDialing...)
	own := w.desk1.Expect()
	w.m.tells(item, 104, 2, capDialing...)
	his := w.s.phone(3, 1, capAlerting...)
	if !his.Inbound || len(his.Remote) != 1 || his.Remote[0] != "+104" {
		w.t.Errorf("a colleague's call: %+v", his)
	}
	w.s.takes(his.Handle)
	c := w.desk2.Expect()
	w.m.tells(item, 101, 2, capDigits...)
	siptest.Talk(own, c)
	w.m.must("drop", of(item))
	own.MustEndBy(ua.Remote, 0)
	c.MustEndBy(ua.Remote, 0)
	w.m.wrapsUp(item)
	w.s.wrapsUp(his.Handle)
	w.waitAgent("mueller", "ready")
}

// rerouted is scenario B1: mueller does not want the call, schmidt gets it.
func (w *twoCRMs) rerouted() {
	a := w.caller("4917055510").Dial("600")
	item := w.m.phone(3, 1, capAlerting...).Handle
	w.schmidt(true)
	w.m.must("reroute", of(item))
	w.m.tells(item, 4, 1)
	w.hers(a, "4917055510")
	w.schmidt(false)
}

// loggedIn is scenario J: mueller's CRM logs in afresh, and their call ends. The
// old subscriptions are gone before it, so nobody is told.
func (w *twoCRMs) loggedIn() {
	_, a, b := w.called("4917055511")
	w.m.must("getUser", nil)
	a.MustEndBy(ua.Remote, 0)
	b.MustEndBy(ua.Remote, 0)
	w.waitAgent("mueller", "ready")
	if calls := w.calls(); len(calls) != 0 {
		w.t.Errorf("after the login there are %+v", calls)
	}
}
