package test

import (
	"testing"

	"strowger/sip/siptest"
)

// TestCRMServerLost: Asterisk dies under a conversation. The CRM is told that the
// line does not work, and when Asterisk is back how the call has ended and that
// the line works again (specification of the interface, state machine K).
func TestCRMServerLost(t *testing.T) {
	for _, stack := range []soapStack{zeepStack, phpStack} {
		t.Run(stack.name, func(t *testing.T) { crmServerLost(t, stack) })
	}
}

func crmServerLost(t *testing.T, stack soapStack) {
	s := stageOn(t, ownAsterisk(t, nil), crmSite(t, "call-on-accept"))
	s.disturbed = true
	desk := s.desk("105")
	c := stack.start(t, s.iciURL(), "SCHMIDT")
	c.workmode(2)
	caller := s.caller("4917055501")
	a := caller.Dial("600")
	b := desk.Expect()
	talk := c.phone(3, 1, 2, 3)
	b.MustAnswer()
	siptest.Talk(a, b)
	c.phone(101, 2, capConnected...)

	gone := s.asterisk.Done()
	if err := s.asterisk.Kill(); err != nil {
		t.Fatal(err)
	}
	<-gone
	c.line(2)
	caller.Abandon() // they would wait for answers to their BYE
	desk.Abandon()
	if err := s.asterisk.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if over := c.phone(4, 3, capWrapUp...); over.Handle != talk.Handle {
		t.Errorf("another item ends: %s, not %s", over.Handle, talk.Handle)
	}
	c.line(1)
	c.must("wrapUpEnded", map[string]any{"handle": talk.Handle})
	c.phone(4, 1)
	s.noLeftovers()
	s.stop()
	c.ended(1)
}

// line waits for the next event of the line as a container, and checks its status.
func (c *crm) line(status int) {
	c.t.Helper()
	for {
		l := c.take(c.events, "containerChanged")
		if l.Event != "containerChanged" {
			continue
		}
		if l.Status != status {
			c.t.Fatalf("the line has status %d, want %d", l.Status, status)
		}
		return
	}
}
