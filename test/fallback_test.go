package test

import (
	"testing"

	"strowger/sip/siptest"
)

// TestFallback: when no controller runs, the dialplan serves callers by
// itself; who was waiting before hears music on, and is served when a
// controller is there again.
func TestFallback(t *testing.T) {
	s := stage(t, threeDesks)
	desk := s.desk("101")
	before := s.caller("4917055501").Dial("600")
	before.MustBeAnswered()
	s.waitPhase("waiting")
	eventually(t, "the music is heard", func() bool { return before.Heard().Level() > audible }) // not killed between answer and music
	s.kill()
	c := s.caller("4917055502")
	a := c.Dial("600")
	a.MustBeAnswered() // by the announcement
	eventually(t, "the announcement is heard", func() bool { return a.Heard().Level() > audible })
	a.MustHangup()
	mustHearMusic(t, before, 1000)
	s.start()
	s.wantWaiting("sales", "4917055501")
	a = c.Dial("600")
	s.wantWaiting("sales", "4917055501", "4917055502")
	a.MustHangup()
	s.agentState("anna", "ready")
	b := desk.Expect()
	b.MustAnswer()
	siptest.Talk(before, b)
	before.MustHangup()
	s.waitAgent("anna", "ready")
	s.noLeftovers()
}
