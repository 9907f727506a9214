package test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/sip/siptest"
	"strowger/sip/ua"
)

// Capability lists of calls that are being made and of conferences.
var (
	capDialing     = []int{102}
	capDigits      = append(slices.Clone(capConnected), 113)
	capOwner       = []int{4, 6, 7, 8, 102, 106, 107}
	capParticipant = []int{4, 6, 7, 8, 102, 107}
)

// twoCRMs are two agents who work with a CRM's buttons only, and their phones.
type twoCRMs struct {
	*site
	m, s         *crm
	desk1, desk2 *siptest.Phone
}

// withTwoCRMs has both agents work at a site with each of two SOAP stacks that
// share no code, each built from our own description. Nothing may be left of it.
func withTwoCRMs(t *testing.T, config func(t *testing.T) string, work func(w *twoCRMs)) {
	for _, stack := range []soapStack{zeepStack, phpStack} {
		t.Run(stack.name, func(t *testing.T) {
			s := stage(t, config(t))
			w := &twoCRMs{site: s, desk1: s.desk("104"), desk2: s.desk("105")}
			w.m, w.s = stack.start(t, s.iciURL(), "MUELLER"), stack.start(t, s.iciURL(), "SCHMIDT")
			w.m.workmode(2)
			w.s.workmode(2)
			w.schmidt(false) // the queue's callers are mueller's
			work(w)
			s.noLeftovers()
			s.stop()
			if w.m != nil {
				w.m.ended(1)
			}
			w.s.ended(1)
		})
	}
}

// crmPlaces are two agents at stations that answer by command; digits may be sent.
func crmPlaces(t *testing.T) string {
	return fmt.Sprintf(`
ici: {listen: "127.0.0.1:%d", send_dtmf_capability: 113}
queues:
  - {id: sales, number: "600", ring_timeout: 60s, wrap_up: 60s}
agents:
  - {id: mueller, line: "104", queues: [sales], dial_rule: outside, station: {endpoint: "104", mode: call-on-accept}}
  - {id: schmidt, line: "105", queues: [sales], dial_rule: outside, station: {endpoint: "105", mode: call-on-accept}}
`, freePort(t)) + outsideObjects
}

// TestCRMCalls are the roads of scenarios C, E, F and G: a CRM makes calls,
// asks a colleague in, and passes callers on.
func TestCRMCalls(t *testing.T) {
	withTwoCRMs(t, crmPlaces, func(w *twoCRMs) {
		w.outgoing()
		w.conference()
		w.transferred()
	})
}

// of are the fields of a command.
func of(handle string, more ...string) map[string]any {
	m := map[string]any{"handle": handle}
	for i := 0; i+1 < len(more); i += 2 {
		m[more[i]] = more[i+1]
	}
	return m
}

// create makes an item and returns its handle.
func (c *crm) create() string {
	c.t.Helper()
	item, ok := c.must("create", nil).(map[string]any)
	handle, isText := item["itemId"].(string)
	if !ok || !isText || len(handle) != 32 {
		c.t.Fatalf("create answers %+v", item)
	}
	return handle
}

// tells waits for the next event of the line and checks that it is of this item.
func (c *crm) tells(handle string, status, processing int, capabilities ...int) crmLine {
	c.t.Helper()
	l := c.phone(status, processing, capabilities...)
	if l.Handle != handle {
		c.t.Fatalf("%d/%d is told of item %s, want %s", status, processing, l.Handle, handle)
	}
	return l
}

// answered waits until who is called has answered. That they ring may be told
// once more, with what has become known; never that they are dialled again.
func (c *crm) answered(handle string) {
	c.t.Helper()
	c.tells(handle, 104, 2, capDialing...)
	for {
		l := c.take(c.events, "phoneCallChanged 101/2")
		if l.Event != "phoneCallChanged" || l.Handle == handle && l.Status == 104 {
			continue
		}
		if l.Handle != handle || l.Status != 101 || l.Processing != 2 || !slices.Equal(l.Capabilities, capDigits) {
			c.t.Fatalf("who rings has answered: %+v", l)
		}
		return
	}
}

// takes accepts what alerts, and waits until it is connected.
func (c *crm) takes(handle string) crmLine {
	c.t.Helper()
	c.must("accept", of(handle))
	for {
		l := c.take(c.events, "phoneCallChanged 101/2")
		if l.Event == "phoneCallChanged" && l.Status != 3 {
			if l.Status != 101 || l.Handle != handle || !slices.Equal(l.Capabilities, capDigits) {
				c.t.Fatalf("accepted: %+v", l)
			}
			return l
		}
	}
}

// wrapsUp waits for wrap-up and ends it.
func (c *crm) wrapsUp(handle string) {
	c.t.Helper()
	c.tells(handle, 4, 3, capWrapUp...)
	c.must("wrapUpEnded", of(handle))
	c.tells(handle, 4, 1)
}

// outgoing is scenario C: a number outside that answers, one that is busy, one
// that is refused.
func (w *twoCRMs) outgoing() {
	const answers, busy = "+4930222001", "+4930222002"
	world := w.outside(siptest.Refuse(404), map[string]siptest.Script{
		answers: {Answer: true, AnswerAfter: time.Second, Say: 700}, busy: siptest.Refuse(486),
	})
	item := w.m.create()
	if got := w.m.must("dial", of(item, "number", answers)); got != answers {
		w.t.Errorf("dial answers %v", got)
	}
	w.m.tells(item, 103, 2, capDialing...)
	own := w.desk1.Expect()
	w.m.tells(item, 104, 2, capDialing...)
	l := w.m.tells(item, 101, 2, capDigits...)
	if l.Inbound || len(l.Remote) != 1 || l.Remote[0] != answers {
		w.t.Errorf("connected: %+v", l)
	}
	own.MustHear(700)
	far := world.Expect()
	if data, _ := w.m.must("getAttachedData", of(item)).(string); far.ID() == "" || !strings.Contains(data, "<SIP_CALL_ID>"+far.ID()+"</SIP_CALL_ID>") {
		w.t.Errorf("attached data without the Call-ID %q that the called phone has seen: %q", far.ID(), data)
	}
	w.m.must("wrapUpRequired", of(item))
	w.m.must("drop", of(item))
	own.MustEndBy(ua.Remote, 0)
	w.m.wrapsUp(item)
	w.waitAgent("mueller", "ready")

	item = w.m.create()
	w.m.must("dial", of(item, "number", busy))
	w.m.tells(item, 103, 2, capDialing...)
	own = w.desk1.Expect()
	w.m.tells(item, 4, 1)
	own.MustEndBy(ua.Remote, 0)
	w.waitAgent("mueller", "ready")

	item = w.m.create()
	w.m.mustFault("hold", of(item), 5, 4)
	w.m.must("drop", of(item))
	w.m.tells(item, 4, 1)
	w.m.mustFault("dial", of(item, "number", answers), 4, 2)
}

// caller brings a caller to mueller's ear.
func (w *twoCRMs) called(number string) (item string, a, b *siptest.Leg) {
	a = w.caller(number).Dial("600")
	item = w.m.phone(3, 1, capAlerting...).Handle
	w.m.takes(item)
	b = w.desk1.Expect()
	a.MustBeAnswered()
	siptest.Talk(a, b)
	return item, a, b
}

// consulting asks schmidt in; his is his item, c his phone's leg.
func (w *twoCRMs) consulting(item string, b *siptest.Leg) (second, his string, c *siptest.Leg) {
	second = w.m.create()
	w.m.must("consult", of(second, "other", item, "number", "+105"))
	w.m.tells(item, 106, 2, capHold...)
	w.m.tells(second, 103, 2, capDialing...)
	w.m.tells(second, 104, 2, capDialing...)
	k := w.s.phone(3, 1, capAlerting...)
	if !k.Inbound || len(k.Remote) != 1 || k.Remote[0] != "+104" {
		w.t.Errorf("the consultation alerts as %+v", k)
	}
	w.s.takes(k.Handle)
	c = w.desk2.Expect()
	w.m.tells(second, 101, 2, capDigits...)
	siptest.Talk(b, c)
	return second, k.Handle, c
}

// conference is scenarios E1, E4, E6, G1, G2, G4 and F1, with digits on the way.
func (w *twoCRMs) conference() {
	item, a, b := w.called("4917055501")
	w.m.must("sendDTMF", of(item, "digits", "12#"))
	ctx, cancel := context.WithTimeout(w.t.Context(), waitFor)
	defer cancel()
	if got, err := a.WaitDigits(ctx, 3); err != nil || got != "12#" {
		w.t.Errorf("digits: %q %v", got, err)
	}
	second, his, c := w.consulting(item, b)
	w.m.must("alternate", of(second, "other", item))
	w.m.tells(second, 106, 2, capHold...)
	w.m.tells(item, 101, 2, capDigits...)
	w.s.tells(his, 107, 2, 4, 6, 7, 8, 102)
	siptest.Talk(a, b)
	w.m.must("alternate", of(item, "other", second))
	w.m.tells(item, 106, 2, capHold...)
	w.m.tells(second, 101, 2, capDigits...)
	w.s.tells(his, 101, 2, capDigits...)

	w.m.must("conference", of(second, "other", item))
	if l := w.m.tells(item, 108, 2, capOwner...); len(l.Remote) != 2 {
		w.t.Errorf("conference: %+v", l)
	}
	w.m.tells(second, 4, 1)
	w.s.tells(his, 109, 2, capParticipant...)
	a.Say(400)
	b.Say(1000)
	c.Say(1900)
	a.MustHearAll(1000, 1900)
	b.MustHearAll(400, 1900)
	c.MustHearAll(400, 1000)
	w.m.mustFault("dropParty", of(item, "number", "+49999"), 5, 5)
	w.s.mustFault("dropParty", of(his, "number", "+104"), 4, 3)
	w.m.must("dropParty", of(item, "number", "+105"))
	w.m.tells(item, 101, 2, capDigits...)
	c.MustEndBy(ua.Remote, 0)
	w.s.wrapsUp(his)
	siptest.Talk(a, b)

	w.m.mustFault("forward", of(item, "type", "12", "number", "nobody"), 4, 4)
	w.m.must("forward", of(item, "type", "1", "number", "+105"))
	b.MustEndBy(ua.Remote, 0)
	w.m.wrapsUp(item)
	k := w.s.phone(3, 1, capAlerting...)
	if len(k.Remote) != 1 || strings.TrimPrefix(k.Remote[0], "+") != "4917055501" {
		w.t.Errorf("sent on: %+v", k)
	}
	w.s.takes(k.Handle)
	c = w.desk2.Expect()
	siptest.Talk(a, c)
	a.MustHangup()
	c.MustEndBy(ua.Remote, 0)
	w.s.wrapsUp(k.Handle)
	w.waitAgent("mueller", "ready")
}

// transferred is scenarios E3, E5 and G3.
func (w *twoCRMs) transferred() {
	item, a, b := w.called("4917055502")
	second, his, c := w.consulting(item, b)
	w.m.mustFault("reconnect", of(item, "other", second), 5, 4)
	w.m.must("reconnect", of(second, "other", item))
	w.m.tells(second, 4, 1)
	w.m.tells(item, 101, 2, capDigits...)
	c.MustEndBy(ua.Remote, 0)
	w.s.tells(his, 4, 1)
	siptest.Talk(a, b)

	second, his, c = w.consulting(item, b)
	w.m.must("transfer", of(second, "other", item))
	w.m.tells(second, 4, 1)
	w.m.wrapsUp(item)
	b.MustEndBy(ua.Remote, 0)
	k := w.s.tells(his, 101, 2, capDigits...)
	if len(k.Remote) != 1 || strings.TrimPrefix(k.Remote[0], "+") != "4917055502" {
		w.t.Errorf("transferred: %+v", k)
	}
	siptest.Talk(a, c)
	w.s.must("drop", of(his))
	a.MustEndBy(ua.Remote, 0)
	c.MustEndBy(ua.Remote, 0)
	w.s.wrapsUp(his)
	w.waitAgent("mueller", "ready")
}
