package test

import (
	"testing"
	"time"

	"strowger/sip/siptest"
	"strowger/sip/ua"
)

func TestQueueCallAnsweredAndWrappedUp(t *testing.T) {
	s := stage(t, threeDesks)
	agent := s.desk("101")
	s.agentState("anna", "ready")
	a := s.caller("4917055501").Dial("600")
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
	s := stage(t, threeDesks)
	agent := s.desk("101")
	a := s.caller("4917055501").Dial("600")
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
