package test

import (
	"fmt"
	"testing"
	"time"

	"strowger/sip/siptest"
	"strowger/sip/ua"
)

// TestCRMSeveralSessions: with several sessions the queue's next caller comes,
// and a call is made, while the agent's earlier items are in wrap-up; each is
// ended for itself, and logging out waits for the last.
func TestCRMSeveralSessions(t *testing.T) {
	s := stage(t, fmt.Sprintf(`
ici: {listen: "127.0.0.1:%d", phone_multi_session: true}
queues:
  - {id: sales, number: "600", ring_timeout: 60s, wrap_up: 60s}
agents:
  - {id: mueller, line: "104", queues: [sales], dial_rule: outside, station: {endpoint: "104", mode: call-on-accept}}
`, freePort(t))+outsideObjects)
	desk := s.desk("104")
	c := startCRM(t, s.iciURL(), "MUELLER")
	c.workmode(2)
	talk := func(number string) string {
		a := s.caller(number).Dial("600")
		item := c.phone(3, 1, capAlerting...).Handle
		c.must("accept", of(item))
		b := desk.Expect()
		for {
			if l := c.take(c.events, "phoneCallChanged 101/2"); l.Event == "phoneCallChanged" && l.Status == 101 {
				break
			}
		}
		a.MustBeAnswered()
		siptest.Talk(a, b)
		c.must("drop", of(item))
		a.MustEndBy(ua.Remote, 0)
		b.MustEndBy(ua.Remote, 0)
		c.tells(item, 4, 3, capWrapUp...)
		s.waitAgent("mueller", "ready")
		return item
	}
	first, second := talk("4917055501"), talk("4917055502")

	const answers = "+4930222001"
	s.outside(siptest.Refuse(404), map[string]siptest.Script{answers: {Answer: true, AnswerAfter: time.Second, Say: 700}})
	third := c.create()
	c.must("dial", of(third, "number", answers))
	c.tells(third, 103, 2, capDialing...)
	own := desk.Expect()
	c.tells(third, 104, 2, capDialing...)
	c.tells(third, 101, 2, capConnected...)
	own.MustHear(700)
	c.must("wrapUpEnded", of(first))
	c.tells(first, 4, 1)
	c.must("drop", of(third))
	own.MustEndBy(ua.Remote, 0)
	c.tells(third, 4, 3, capWrapUp...)

	c.must("setWorkmode", map[string]any{"workmode": 1})
	s.waitAgent("mueller", "wrap-up")
	for _, item := range []string{third, second} {
		c.must("wrapUpEnded", of(item))
		c.tells(item, 4, 1)
	}
	s.waitAgent("mueller", "logged-out")
	c.workmode(1)
	s.noLeftovers()
	s.stop()
	c.ended(1)
}
