package test

import (
	"bytes"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"strowger/sip/siptest"
	"strowger/sip/ua"
)

// TestCRMPassedOn are the roads of scenarios B2, E2, E7, E8, G5 and G6: who is
// asked does not take it or leaves, the caller leaves meanwhile, and callers are
// passed on while a phone rings and to a queue.
func TestCRMPassedOn(t *testing.T) {
	withTwoCRMs(t, crmPlaces, func(w *twoCRMs) {
		w.inVain()
		w.leaves()
		w.whileRinging()
		w.toQueue()
		w.deflected()
	})
}

// schmidt makes him ready for the queue, or leaves its callers to mueller.
func (w *twoCRMs) schmidt(ready bool) {
	w.t.Helper()
	mode := map[bool]int{false: 3, true: 2}[ready]
	w.s.must("setWorkmode", map[string]any{"workmode": mode})
	w.s.workmode(mode)
}

// inVain is scenario E2: schmidt does not want it, a number outside is busy, and
// the agent gives up. The caller is on hold until they are taken back.
func (w *twoCRMs) inVain() {
	const taken, slow = "+4930222002", "+4930222003"
	w.outside(siptest.Refuse(404), map[string]siptest.Script{
		taken: siptest.Refuse(486), slow: {Answer: true, AnswerAfter: time.Minute},
	})
	item, a, b := w.called("4917055503")
	second := w.rings(item)
	his := w.s.phone(3, 1, capAlerting...).Handle
	w.s.must("reroute", of(his))
	w.s.tells(his, 4, 1)
	w.m.tells(second, 4, 1)
	w.back(item, a, b)

	second = w.m.create()
	w.m.must("consult", of(second, "other", item, "number", taken))
	w.m.tells(item, 106, 2, capHold...)
	w.m.tells(second, 103, 2, capDialing...)
	w.m.tells(second, 4, 1)
	mustHearMusic(w.t, a, 1000)
	w.back(item, a, b)

	second = w.m.create()
	w.m.must("consult", of(second, "other", item, "number", slow))
	w.m.tells(item, 106, 2, capHold...)
	w.m.tells(second, 103, 2, capDialing...)
	w.m.tells(second, 104, 2, capDialing...)
	w.m.must("drop", of(second))
	w.m.tells(second, 4, 1)
	w.back(item, a, b)

	a.MustHangup()
	b.MustEndBy(ua.Remote, 0)
	w.m.wrapsUp(item)
	w.waitAgent("mueller", "ready")
}

// rings begins a consultation at schmidt's, whose phone is not accepted yet.
func (w *twoCRMs) rings(item string) (second string) {
	w.t.Helper()
	second = w.m.create()
	w.m.must("consult", of(second, "other", item, "number", "+105"))
	w.m.tells(item, 106, 2, capHold...)
	w.m.tells(second, 103, 2, capDialing...)
	w.m.tells(second, 104, 2, capDialing...)
	return second
}

// back takes the caller off hold.
func (w *twoCRMs) back(item string, a, b *siptest.Leg) {
	w.t.Helper()
	w.m.must("unhold", of(item))
	w.m.tells(item, 101, 2, capDigits...)
	siptest.Talk(a, b)
}

// leaves is scenarios E7 and E8: who was asked hangs up, and then, in another
// consultation, the caller does.
func (w *twoCRMs) leaves() {
	item, a, b := w.called("4917055504")
	second, his, c := w.consulting(item, b)
	w.s.must("drop", of(his))
	c.MustEndBy(ua.Remote, 0)
	w.s.tells(his, 4, 1)
	w.m.tells(second, 4, 1)
	mustHearMusic(w.t, a, 1000)
	w.back(item, a, b)

	second, his, c = w.consulting(item, b)
	a.MustHangup()
	w.m.tells(item, 4, 3, capWrapUp...)
	siptest.Talk(b, c) // the consultation goes on
	w.m.must("wrapUpEnded", of(item))
	w.m.tells(item, 4, 1)
	w.m.must("drop", of(second))
	w.m.tells(second, 4, 1)
	w.s.tells(his, 4, 1)
	b.MustEndBy(ua.Remote, 0)
	c.MustEndBy(ua.Remote, 0)
	w.waitAgent("mueller", "ready")
}

// whileRinging is scenario G5: mueller transfers before schmidt has accepted,
// whose item has the caller and the caller's data from then on.
func (w *twoCRMs) whileRinging() {
	item, a, b := w.called("4917055505")
	w.m.must("setAttachedData", of(item, "data", `<ItemAttachedData><Application id="CRM"><a>7</a></Application></ItemAttachedData>`))
	w.m.phone(101, 2, capDigits...)
	second := w.rings(item)
	his := w.s.phone(3, 1, capAlerting...).Handle
	w.m.must("transfer", of(second, "other", item))
	w.m.tells(second, 4, 1)
	b.MustEndBy(ua.Remote, 0)
	w.m.wrapsUp(item)
	if l := w.s.tells(his, 3, 1, capAlerting...); len(l.Remote) != 1 || strings.TrimPrefix(l.Remote[0], "+") != "4917055505" {
		w.t.Errorf("transferred while it rang: %+v", l)
	}
	w.s.takes(his)
	c := w.desk2.Expect()
	siptest.Talk(a, c)
	if data, _ := w.s.must("getAttachedData", of(his)).(string); !strings.Contains(data, "<a>7</a>") {
		w.t.Errorf("attached data after the transfer: %q", data)
	}
	w.s.must("drop", of(his))
	a.MustEndBy(ua.Remote, 0)
	c.MustEndBy(ua.Remote, 0)
	w.s.wrapsUp(his)
	w.waitAgent("mueller", "ready")
}

// toQueue is scenario G6: mueller sends the caller back to the queue, and
// schmidt gets them.
func (w *twoCRMs) toQueue() {
	item, a, b := w.called("4917055506")
	w.schmidt(true)
	w.m.must("forward", of(item, "type", "12", "number", "600"))
	b.MustEndBy(ua.Remote, 0)
	w.m.tells(item, 4, 3, capWrapUp...)
	w.hers(a, "4917055506")
	w.m.must("wrapUpEnded", of(item))
	w.m.tells(item, 4, 1)
	w.schmidt(false)
	w.waitAgent("mueller", "ready")
}

// hers is the rest of a caller's way who comes to schmidt.
func (w *twoCRMs) hers(a *siptest.Leg, number string) {
	w.t.Helper()
	k := w.s.phone(3, 1, capAlerting...)
	if len(k.Remote) != 1 || strings.TrimPrefix(k.Remote[0], "+") != number {
		w.t.Errorf("passed on: %+v", k)
	}
	w.s.takes(k.Handle)
	c := w.desk2.Expect()
	a.MustBeAnswered()
	siptest.Talk(a, c)
	a.MustHangup()
	c.MustEndBy(ua.Remote, 0)
	w.s.wrapsUp(k.Handle)
}

// deflected is scenario B2: mueller sends a call on that rings, to schmidt's
// line and to the queue, where schmidt gets it.
func (w *twoCRMs) deflected() {
	a := w.caller("4917055507").Dial("600")
	item := w.m.phone(3, 1, capAlerting...).Handle
	w.m.mustFault("forward", of(item, "type", "12", "number", "nobody"), 4, 4)
	w.m.must("forward", of(item, "type", "1", "number", "+105"))
	w.m.tells(item, 4, 1)
	w.hers(a, "4917055507")

	a = w.caller("4917055508").Dial("600")
	item = w.m.phone(3, 1, capAlerting...).Handle
	w.schmidt(true)
	w.m.must("forward", of(item, "type", "12", "number", "600"))
	w.m.tells(item, 4, 1)
	w.hers(a, "4917055508")
}

// TestCRMChecked: the check that a site's people run makes a call and takes one,
// over real phones, and its report is the sequence of each.
func TestCRMChecked(t *testing.T) {
	s := stage(t, crmPlaces(t))
	desk := s.desk("104")
	const answers = "+4930222001"
	s.outside(siptest.Refuse(404), map[string]siptest.Script{answers: {Answer: true, AnswerAfter: time.Second, Say: 700}})
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, "ici", "check", s.iciURL(), "--user", "mueller", "--act", "--dial", answers, "--call", "--call-wait", "60s")
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	own := desk.Expect() // its own call's
	own.MustEndBy(ua.Remote, 0)
	s.waitAgent("mueller", "ready")
	a := s.caller("4917055509").Dial("600")
	b := desk.Expect()
	a.MustBeAnswered()
	siptest.Talk(a, b)
	a.MustHangup()
	b.MustEndBy(ua.Remote, 0)
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
	for _, want := range []string{`(?m)^ok: a call is made \(--dial\): .*103/2 .*104/2 .*101/2 .*4/3 .*4/1 `, `(?m)^ok: a call comes in \(--call\): .*3/1 .*101/2 .*4/3 .*4/1 `} {
		if !regexp.MustCompile(want).Match(out.Bytes()) {
			t.Errorf("no %s in\n%s", want, &out)
		}
	}
	s.noLeftovers()
	s.stop()
}
