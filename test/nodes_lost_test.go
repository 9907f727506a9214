package test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"strowger/ari/sandbox"
	"strowger/cti/rest"
	"strowger/sip/siptest"
	"strowger/sip/ua"
	"strowger/test/faultproxy"
)

// TestChaosServerKilled: with a server end its calls and the legs through it, and
// nothing else. Its agents get no calls until it is back.
func TestChaosServerKilled(t *testing.T) {
	n := newTwoServers(t, nodeDesks)
	n.a.disturbed = true
	p1 := n.between(n.a, "4917055501", n.a, "anna", "101") // of the first server alone
	p2 := n.between(n.a, "4917055502", n.b, "ben", "102")  // of the first, the phone at the second
	p3 := n.between(n.b, "4917055503", n.a, "dora", "104") // of the second, the phone at the first
	second := n.a.callOf("4917055502").ID
	third := n.a.callOf("4917055503").ID
	gap := markGaps(t, p1.a, p1.b)
	done := n.b.asterisk.Done()
	killed := time.Now()
	if err := n.b.asterisk.Kill(); err != nil {
		t.Fatal(err)
	}
	<-done
	p2.a.MustEndBy(ua.Remote, 0)
	legs := time.Since(killed)
	p3.b.MustEndBy(ua.Remote, 0)
	phones := time.Since(killed)
	n.a.waitAgent("dora", "ready")
	progress(fmt.Sprintf("second server kill -9: a caller of the first, who talked to a phone there, is released after %v; a phone of the first, that talked to a caller there, after %v; its agent is free after %v",
		legs.Round(time.Millisecond), phones.Round(time.Millisecond), time.Since(killed).Round(time.Millisecond)))
	n.a.wantEnded(second, "handled")
	n.a.wantEnded(third, "handled")
	p2.desk.Abandon() // they would wait for answers to their BYE
	p3.phone.Abandon()
	if s := n.status(); !s.Ready || len(s.Degraded) == 0 {
		t.Errorf("ready %v, degraded %q", s.Ready, s.Degraded)
	}
	n.a.agentState("dora", "not-ready")
	waits := n.a.caller("4917055504").Dial("600")
	n.a.wantVerdict("4917055504", "ben", "the phone's telephony server is out of reach")
	p1.a.MustHear(1000)
	p1.b.MustHear(400)
	longest := gap.longest()
	progress(fmt.Sprintf("second server kill -9: longest audio gap of a call of the first: %v", longest.Round(time.Millisecond)))
	if longest > maxGap {
		t.Errorf("the audio was gone for %v", longest)
	}
	n.a.agentState("ben", "not-ready") // his phone has to register first
	if err := n.b.asterisk.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	up := time.Now()
	n.bothUp()
	progress(fmt.Sprintf("second server: in step %v after it was back", time.Since(up).Round(time.Millisecond)))
	desk := n.seat(n.b, "ben", "102")
	n.a.agentState("ben", "ready")
	b := desk.Expect()
	b.MustAnswer()
	siptest.Talk(waits, b)
	waits.MustHangup()
	p1.a.MustHangup()
	p1.b.MustEndBy(ua.Remote, 0)
	n.noLeftovers()
}

// TestChaosServerLinkLost: where only the controller cannot reach a server, its
// talks go on, who waits there keeps music and place, and new callers reach
// the dialplan's fallback.
func TestChaosServerLinkLost(t *testing.T) {
	n := newTwoServers(t, nodeDesks)
	n.a.disturbed = true
	p1 := n.between(n.a, "4917055501", n.b, "ben", "102")  // of the first server, the phone at the second
	p2 := n.between(n.b, "4917055502", n.a, "anna", "101") // of the second, the phone at the first
	waits := []*siptest.Leg{n.b.caller("4917055503").Dial("600")}
	n.a.wantWaiting("sales", "4917055503")
	waits = append(waits, n.a.caller("4917055504").Dial("600"))
	n.a.wantWaiting("sales", "4917055503", "4917055504")
	waits = append(waits, n.b.caller("4917055505").Dial("600"))
	n.a.wantWaiting("sales", "4917055503", "4917055504", "4917055505")
	for _, w := range waits {
		w.MustBeAnswered()
		mustHearMusic(t, w, 1000)
	}
	gaps1, gaps2 := markGaps(t, p1.a, p1.b), markGaps(t, p2.a, p2.b)

	lost := asteriskNow(t, n.b.asterisk)
	fault, err := n.link.Inject(faultproxy.Fault{Mode: faultproxy.Drop})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the controller sees that the link is lost", func() bool { return n.a.metric("strowger_ari_connected") == 1 })
	noticed := asteriskNow(t, n.b.asterisk).Sub(lost)
	eventually(t, "the dialplan's gate is closed", func() bool {
		now, beat := asteriskVariable(t, n.b.asterisk, "EPOCH"), asteriskVariable(t, n.b.asterisk, "SW_HB")
		return now-beat > 3
	})
	a := n.b.caller("4917055506").Dial("600")
	a.MustBeAnswered() // by the announcement of the fallback
	fallback := asteriskNow(t, n.b.asterisk).Sub(lost)
	eventually(t, "the announcement is heard", func() bool { return a.Heard().Level() > audible })
	a.MustHangup()
	for _, w := range waits {
		mustHearMusic(t, w, 1000)
	}
	progress(fmt.Sprintf("link to the second server half-open: noticed after %v, a new caller there is answered by the fallback after %v (Asterisk's clock)",
		noticed.Round(time.Millisecond), fallback.Round(time.Millisecond)))
	desk := n.a.desk("104") // the first server goes on
	n.a.agentState("dora", "ready")
	b := desk.Expect()
	b.MustAnswer()
	siptest.Talk(waits[1], b)
	n.a.wantWaiting("sales", "4917055503", "4917055505")
	longest := max(gaps1.longest(), gaps2.longest())
	progress(fmt.Sprintf("link to the second server half-open: longest audio gap of two calls, both ways: %v; the fault has bitten %v", longest.Round(time.Millisecond), fault.Bitten()))
	if longest > maxGap {
		t.Errorf("the audio was gone for %v", longest)
	}
	if fault.Bitten().Units == 0 {
		t.Error("the fault has touched nothing")
	}
	if s := n.status(); !s.Ready || slices.ContainsFunc(s.Incidents, func(i rest.Incident) bool { return strings.Contains(i.Reason, "neither the controller") }) {
		t.Errorf("ready %v, incidents %+v", s.Ready, s.Incidents)
	}

	back := time.Now()
	n.link.Lift()
	n.bothUp()
	progress(fmt.Sprintf("link to the second server: in step %v after it could work again", time.Since(back).Round(time.Millisecond)))
	n.a.wantWaiting("sales", "4917055503", "4917055505")
	waits[1].MustHangup()
	b = desk.Expect()
	if b.From().User != "4917055503" {
		t.Errorf("%s is served, want the first", b.From().User)
	}
	b.MustAnswer()
	siptest.Talk(waits[0], b)
	for _, l := range []*siptest.Leg{p1.a, p2.a, waits[0], waits[2]} {
		l.MustHangup()
	}
	for _, l := range []*siptest.Leg{p1.b, p2.b, b} {
		l.MustEndBy(ua.Remote, 0)
	}
	n.noLeftovers()
}

// asteriskNow is an Asterisk's own clock.
func asteriskNow(t *testing.T, in *sandbox.Instance) time.Time {
	t.Helper()
	var pong struct{ Timestamp string }
	_, body := ariDo(t, in, http.MethodGet, "/asterisk/ping")
	if err := json.Unmarshal([]byte(body), &pong); err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse("2006-01-02T15:04:05.000-0700", pong.Timestamp)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// asteriskVariable reads a global or function with a number; 0 where it is empty.
func asteriskVariable(t *testing.T, in *sandbox.Instance, name string) int64 {
	t.Helper()
	var v struct{ Value string }
	_, body := ariDo(t, in, http.MethodGet, "/asterisk/variable?variable="+name)
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	n, _ := strconv.ParseInt(v.Value, 10, 64) // empty before the first beat
	return n
}
