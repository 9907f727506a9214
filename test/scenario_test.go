package test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cti/rest"
	"strowger/sip/siptest"
	"strowger/sip/ua"
	"strowger/sip/ua/sdp"
)

// The scenarios of the call model (switch/callmodel/testdata) on a real
// Asterisk with real phones.

func TestWrapUpEndedByCommand(t *testing.T) {
	s := stage(t, patientDesks)
	a, b := s.talking()
	call := s.waitPhase("talking")
	a.MustHangup() // the far end
	b.MustEndBy(ua.Remote, 0)
	s.waitAgent("anna", "wrap-up")
	conn := s.agentConn()
	if want := []string{"end-wrap-up", "get-data", "set-data", "drop", "dispose"}; !slices.Equal(conn.Capabilities, want) {
		t.Errorf("in wrap-up: %v, want %v", conn.Capabilities, want)
	}
	s.command(conn, "end-wrap-up")
	s.waitAgent("anna", "ready")
	s.refused(conn, "end-wrap-up", "not-found")
	s.wantEnded(call.ID, "handled")
	s.noLeftovers()
}

func TestAbandonInQueue(t *testing.T) {
	s := stage(t, threeDesks)
	a := s.caller("4917055501").Dial("600")
	a.MustBeAnswered()
	call := s.waitPhase("waiting")
	mustHearMusic(t, a, 1000)
	a.MustHangup()
	s.wantEnded(call.ID, "abandoned")
	if q := s.queue("sales"); q.Abandoned != 1 || q.Arrived != 1 || q.Waiting != 0 {
		t.Errorf("queue: %+v", q)
	}
	s.noLeftovers()
}

func TestAbandonWhileRinging(t *testing.T) {
	s := stage(t, patientDesks)
	desk := s.desk("101")
	s.agentState("anna", "ready")
	a := s.caller("4917055501").Dial("600")
	b := desk.Expect()
	a.MustRing()
	call := s.waitPhase("offered")
	if got := s.agent("anna").State; got != "reserved" {
		t.Errorf("agent is %s, want reserved", got)
	}
	a.MustHangup()
	b.MustEndBy(ua.Remote, 487)
	s.waitAgent("anna", "ready")
	s.wantEnded(call.ID, "abandoned-ringing")
	s.noLeftovers()
}

// The first caller keeps the place ahead of a later one, and is music's again.
func TestAgentDoesNotAnswer(t *testing.T) {
	s := stage(t, threeDesks)
	desk1, desk2 := s.desk("101"), s.desk("102")
	s.agentState("anna", "ready")
	a1 := s.caller("4917055501").Dial("600")
	b1 := desk1.Expect()
	a2 := s.caller("4917055502").Dial("600")
	a2.MustBeAnswered()
	b1.MustEndBy(ua.Remote, 487) // rings out
	s.waitAgent("anna", "not-ready")
	if a := s.agent("anna"); a.Reason != "no-answer" {
		t.Errorf("reason %q, want no-answer", a.Reason)
	}
	a1.MustBeAnswered()
	s.wantWaiting("sales", "4917055501", "4917055502")
	mustHearMusic(t, a1, 1000)
	s.agentState("ben", "ready")
	b2 := desk2.Expect()
	if b2.From().User != "4917055501" {
		t.Fatalf("caller %s is offered first", b2.From().User)
	}
	b2.MustAnswer()
	siptest.Talk(a1, b2)
	b2.MustHangup()
	a1.MustEndBy(ua.Remote, 0)
	b3 := desk2.Expect() // after the wrap-up
	if b3.From().User != "4917055502" {
		t.Errorf("then %s", b3.From().User)
	}
	b3.MustAnswer()
	siptest.Talk(a2, b3)
	a2.MustHangup()
	s.waitAgent("ben", "ready")
	s.noLeftovers()
}

// A caller is not offered again to an agent who has turned the call down.
func TestAgentRejects(t *testing.T) {
	s := stage(t, patientDesks)
	desk1, desk2, desk3 := s.desk("101"), s.desk("102"), s.desk("103")
	s.agentState("anna", "ready")
	s.agentState("ben", "ready")
	a := s.caller("4917055501").Dial("600")
	desk1.Expect().MustReject(486)
	b := desk2.Expect()
	s.waitAgent("anna", "ready") // it was the call that was not wanted
	b.MustReject(486)
	a.MustBeAnswered()
	s.wantWaiting("sales", "4917055501")
	s.waitAgent("ben", "ready")
	mustHearMusic(t, a, 1000)
	for name, desk := range map[string]*siptest.Phone{"anna": desk1, "ben": desk2} {
		if n := desk.Stats().Received; n != 1 {
			t.Errorf("%s was offered the call %d times", name, n)
		}
	}
	s.agentState("cleo", "ready")
	b = desk3.Expect()
	b.MustAnswer()
	siptest.Talk(a, b)
	a.MustHangup()
	s.waitAgent("cleo", "wrap-up")
	s.command(s.agentConn(), "end-wrap-up")
	s.noLeftovers()
}

func TestHoldByCommand(t *testing.T) {
	s := stage(t, threeDesks)
	a, b := s.talking()
	conn := s.agentConn()
	s.command(conn, "hold")
	conn = s.waitConn("hold")
	if want := []string{"require-wrap-up", "get-data", "set-data", "drop", "retrieve", "consult", "drop-all", "dispose"}; !slices.Equal(conn.Capabilities, want) {
		t.Errorf("on hold: %v, want %v", conn.Capabilities, want)
	}
	s.refused(conn, "hold", "conflict")
	mustHearMusic(t, a, 1000)
	b.MustBeSilent(500 * time.Millisecond)
	s.command(conn, "retrieve")
	s.waitConn("connected")
	siptest.Talk(a, b)
	gap, err := a.Heard().MarkGap(1000) // the music has stopped: the tone is unbroken
	if err != nil {
		t.Fatal(err)
	}
	a.MustHear(1000)
	progress("hold and retrieve: longest gap after it " + gap.Stop().Round(time.Millisecond).String())
	s.command(conn, "hold")
	s.waitConn("hold")
	s.command(conn, "drop") // ends the call from hold
	a.MustEndBy(ua.Remote, 0)
	b.MustEndBy(ua.Remote, 0)
	s.waitAgent("anna", "ready")
	s.noLeftovers()
}

// The hold key of a phone is a re-INVITE. Only the phone can take the call
// back, and Asterisk itself plays music to the other leg of the bridge.
func TestHoldByPhone(t *testing.T) {
	for _, dir := range []sdp.Direction{sdp.SendOnly, sdp.Inactive} {
		t.Run(dir.String(), func(t *testing.T) {
			s := stage(t, threeDesks)
			a, b := s.talking()
			b.MustHold(dir)
			conn := s.waitConn("hold")
			if slices.Contains(conn.Capabilities, "retrieve") {
				t.Errorf("a hold by the phone's key can be retrieved by command: %v", conn.Capabilities)
			}
			s.refused(conn, "retrieve", "conflict")
			mustHearMusic(t, a, 1000)
			b.MustResume()
			s.waitConn("connected")
			siptest.Talk(a, b)
			a.MustHold(dir) // the caller's key has the agent held
			s.waitConn("held")
			mustHearMusic(t, b, 400)
			a.MustResume()
			s.waitConn("connected")
			siptest.Talk(a, b)
			a.MustHangup()
			s.waitAgent("anna", "ready")
			s.noLeftovers()
		})
	}
}

func TestRaceForOneAgent(t *testing.T) {
	s := stage(t, threeDesks)
	desk := s.desk("101")
	s.agentState("anna", "ready")
	c1, c2 := s.caller("4917055501"), s.caller("4917055502")
	legs := map[string]*siptest.Leg{"4917055501": c1.Dial("600"), "4917055502": c2.Dial("600")}
	served := map[string]bool{}
	for range 2 {
		b := desk.Expect()
		if n := len(desk.Calls()); n != 1 {
			t.Errorf("%d calls at one agent's phone", n)
		}
		b.MustAnswer()
		who := b.From().User
		served[who] = true
		siptest.Talk(legs[who], b)
		if q := s.queue("sales"); q.Waiting != 2-len(served) {
			t.Errorf("%d wait, want %d", q.Waiting, 2-len(served))
		}
		b.MustHangup()
		legs[who].MustEndBy(ua.Remote, 0)
	}
	if len(served) != 2 {
		t.Errorf("served: %v", served)
	}
	s.waitAgent("anna", "ready")
	s.noLeftovers()
}

func TestLogoutWhileRinging(t *testing.T) {
	s := stage(t, patientDesks)
	desk := s.desk("101")
	s.agentState("anna", "ready")
	a := s.caller("4917055501").Dial("600")
	b := desk.Expect()
	s.waitPhase("offered")
	s.agentState("anna", "logged-out")
	b.MustEndBy(ua.Remote, 487)
	s.waitAgent("anna", "logged-out")
	s.wantWaiting("sales", "4917055501")
	a.MustBeAnswered()
	s.agentState("anna", "ready")
	b = desk.Expect()
	b.MustAnswer()
	siptest.Talk(a, b)
	s.agentState("anna", "logged-out") // while talking: after the call
	if ag := s.agent("anna"); ag.State != "on-call" || ag.Pending != "logged-out" {
		t.Errorf("agent %s, then %s", ag.State, ag.Pending)
	}
	a.MustHangup()
	s.waitAgent("anna", "wrap-up")
	s.command(s.agentConn(), "end-wrap-up")
	s.waitAgent("anna", "logged-out")
	s.noLeftovers()
}

func TestUnknownNumberAndFullQueue(t *testing.T) {
	s := stage(t, strings.Replace(threeDesks, "wrap_up: 1s", "wrap_up: 1s, max_waiting: 1, answer: agent", 1))
	s.caller("4917055501").Dial("699").MustEndBy(ua.Remote, 404)
	a1 := s.caller("4917055501").Dial("600")
	a1.MustRing() // answer: agent
	s.wantWaiting("sales", "4917055501")
	s.caller("4917055502").Dial("600").MustEndBy(ua.Remote, 486)
	if st := a1.Snapshot().State; st != ua.Ringing {
		t.Errorf("the first caller is %v", st)
	}
	a1.MustHangup()
	s.noLeftovers()
	outcomes := map[string]int{}
	var l rest.CallList
	eventually(t, "three calls are recorded", func() bool {
		s.must(http.MethodGet, "/api/v1/calls?ended=true", nil, &l)
		return len(l.Calls) == 3
	})
	for _, c := range l.Calls {
		outcomes[c.Outcome]++
	}
	if outcomes["unknown-number"] != 1 || outcomes["queue-full"] != 1 || outcomes["abandoned"] != 1 {
		t.Errorf("outcomes: %v", outcomes)
	}
}

// acceptDesk is a station whose phone is called when the offer was accepted.
const acceptDesk = `
ici: {enabled: false}
queues:
  - {id: sales, number: "600", ring_timeout: 60s, wrap_up: 1s}
agents:
  - {id: carl, line: "104", queues: [sales], station: {endpoint: "104", mode: call-on-accept, accept_timeout: 1s}}
  - {id: anna, line: "101", queues: [sales], station: {endpoint: "101"}}
`

func TestCallOnAccept(t *testing.T) {
	s := stage(t, acceptDesk)
	desk := s.desk("104")
	s.agentState("carl", "ready")
	a := s.caller("4917055501").Dial("600")
	conn := s.waitConn("alerting")
	if want := []string{"accept", "reject", "get-data", "set-data", "deflect"}; !slices.Equal(conn.Capabilities, want) {
		t.Errorf("offered: %v, want %v", conn.Capabilities, want)
	}
	if n := desk.Stats().Received; n != 0 {
		t.Errorf("the phone was called %d times before the accept", n)
	}
	s.command(conn, "accept")
	b := desk.Expect()
	if !b.AutoAnswer() || b.Header("Alert-Info") == "" || b.Header("Call-Info") == "" {
		t.Errorf("auto-answer headers: Alert-Info %q, Call-Info %q", b.Header("Alert-Info"), b.Header("Call-Info"))
	}
	a.MustBeAnswered()
	siptest.Talk(a, b)
	s.command(s.agentConn(), "drop")
	a.MustEndBy(ua.Remote, 0)
	b.MustEndBy(ua.Remote, 0)
	s.waitAgent("carl", "ready")
	s.noLeftovers()
}

// A phone that does not answer by itself after the accept: the agent is not
// ready, the caller is first in the queue again and is served by a desk phone,
// which cannot be answered by command.
func TestCallOnAcceptPhoneDoesNotAnswer(t *testing.T) {
	s := stage(t, acceptDesk)
	desk := s.deskWith("104", ua.AlwaysRing)
	handset := s.desk("101")
	s.agentState("carl", "ready")
	a := s.caller("4917055501").Dial("600")
	s.command(s.waitConn("alerting"), "accept")
	b := desk.Expect()
	a2 := s.caller("4917055502").Dial("600")
	a2.MustBeAnswered()
	b.MustEndBy(ua.Remote, 487)
	s.waitAgent("carl", "not-ready")
	if ag := s.agent("carl"); ag.Reason != "phone-unreachable" {
		t.Errorf("reason %q, want phone-unreachable", ag.Reason)
	}
	s.wantWaiting("sales", "4917055501", "4917055502")
	a2.MustHangup()
	s.wantWaiting("sales", "4917055501")
	a.MustBeAnswered()
	s.agentState("anna", "ready")
	b = handset.Expect()
	s.refused(s.waitConn("alerting"), "accept", "call-on-accept")
	b.MustAnswer()
	siptest.Talk(a, b)
	a.MustHangup()
	s.waitAgent("anna", "ready")
	s.noLeftovers()
}

// A phone that is not registered is not called: the caller waits on, until it is.
func TestPhoneIsNotThere(t *testing.T) {
	s := stage(t, threeDesks)
	s.agentState("cleo", "ready")
	if ag := s.agent("cleo"); !ag.PhoneOff || ag.State != "ready" {
		t.Errorf("agent %s, phone off %t", ag.State, ag.PhoneOff)
	}
	a := s.caller("4917055501").Dial("600")
	a.MustBeAnswered()
	s.wantWaiting("sales", "4917055501")
	desk := s.desk("103")
	b := desk.Expect()
	if ag := s.agent("cleo"); ag.PhoneOff {
		t.Error("the phone is registered and counts as off")
	}
	b.MustReject(480) // it has been unplugged without a word
	s.waitAgent("cleo", "not-ready")
	if ag := s.agent("cleo"); ag.Reason != "phone-unreachable" {
		t.Errorf("reason %q, want phone-unreachable", ag.Reason)
	}
	s.wantWaiting("sales", "4917055501")
	a.MustHangup()
	s.noLeftovers()
}
