package test

import (
	"testing"
	"time"

	"strowger/sip/siptest"
	"strowger/sip/ua"
)

// handsetSite is a queue 600 with two desk phones, 101 and 102.
const handsetSite = `
ici: {enabled: false}
queues:
  - {id: sales, number: "600", ring_timeout: 3s, wrap_up: 1s}
agents:
  - {id: anna, line: "101", queues: [sales], station: {endpoint: "101"}}
  - {id: ben, line: "102", queues: [sales], station: {endpoint: "102"}}
`

func TestQueueCallAnsweredAndWrappedUp(t *testing.T) {
	in := testAsterisk(t)
	siptest.CheckGoroutines(t)
	s := newSite(t, in, "strowger", handsetSite)
	s.start()
	agent := phone(t, in, "101", nil)
	s.agentState("anna", "ready")
	a := callers(t, in).Dial("600")
	b := agent.Expect()
	a.MustRing()
	b.MustAnswer()
	a.MustBeAnswered()
	siptest.Talk(a, b)
	if got := s.agent("anna").State; got != "on-call" {
		t.Errorf("agent is %s, want on-call", got)
	}
	a.MustHangup()
	b.MustEndBy(ua.Remote, 0)
	s.waitAgent("anna", "wrap-up")
	s.waitAgent("anna", "ready") // by timer
	s.noLeftovers()
}

func TestCallerWaitsThenIsServed(t *testing.T) {
	in := testAsterisk(t)
	siptest.CheckGoroutines(t)
	s := newSite(t, in, "strowger", handsetSite)
	s.start()
	agent := phone(t, in, "101", nil)
	a := callers(t, in).Dial("600")
	a.MustBeAnswered() // by the music
	ctx, cancel := contextFor(t, 10*time.Second)
	defer cancel()
	if err := a.Heard().WaitFrames(ctx, 50); err != nil {
		t.Fatal(err)
	}
	s.agentState("anna", "ready")
	b := agent.Expect()
	b.MustAnswer()
	siptest.Talk(a, b)
	b.MustHangup()
	a.MustEndBy(ua.Remote, 0)
	s.waitAgent("anna", "ready")
	s.noLeftovers()
}
