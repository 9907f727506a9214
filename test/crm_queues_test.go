package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"strowger/sip/siptest"
	"strowger/sip/ua"
	"strowger/switch/callmodel"
)

// queues waits for the event of the user that shows what they are signed in to.
func (c *crm) queues(want ...string) {
	c.t.Helper()
	for {
		if l := c.take(c.events, fmt.Sprintf("userChanged with queues %v", want)); l.Event == "userChanged" && slices.Equal(l.Queues, want) {
			return
		}
	}
}

func (c *crm) signIn(queues ...string) {
	c.t.Helper()
	c.must("setQueues", map[string]any{"queues": append([]string{}, queues...)})
	c.queues(queues...)
}

// TestCRMQueues: a CRM signs its agent out of a queue, whose caller waits while
// the other queue's is offered, and in again, and the caller is offered. It
// outlives a crash.
func TestCRMQueues(t *testing.T) {
	for _, stack := range []soapStack{zeepStack, phpStack} {
		t.Run(stack.name, func(t *testing.T) { crmQueues(t, stack) })
	}
}

func crmQueues(t *testing.T, stack soapStack) {
	s := stage(t, fmt.Sprintf(`
ici: {listen: "127.0.0.1:%d", set_current_queues: true}
queues:
  - {id: sales, number: "600", ring_timeout: 60s, wrap_up: 0s}
  - {id: help, number: "601", ring_timeout: 60s, wrap_up: 0s}
  - {id: others, number: "602"}
agents:
  - {id: schmidt, line: "105", queues: [sales, help], station: {endpoint: "105"}}
`, freePort(t)))
	desk := s.desk("105")
	c := stack.start(t, s.iciURL(), "SCHMIDT")
	c.workmode(2)
	c.mustFault("setQueues", map[string]any{"queues": []string{"601", "602"}}, 2, 4)
	c.signIn("601")
	first := s.caller("4917055501").Dial("600")
	first.MustBeAnswered()
	mustHearMusic(t, first, 1000)
	s.service("sales", callmodel.ServiceUnmanned)

	second := s.caller("4917055502").Dial("601")
	b := desk.Expect()
	if call := c.phone(3, 1, 2, 3); len(call.Remote) != 1 || strings.TrimPrefix(call.Remote[0], "+") != "4917055502" {
		t.Errorf("offered: %+v", call)
	}
	b.MustAnswer()
	siptest.Talk(second, b)
	c.phone(101, 2, capConnected...)
	second.MustHangup()
	b.MustEndBy(ua.Remote, 0)
	c.phone(4, 1)
	s.waitAgent("schmidt", "ready") // and the first caller waits all the same
	mustHearMusic(t, first, 1000)

	s.kill()
	s.start()
	if a := s.agent("schmidt"); !slices.Equal(a.SignedOut, []string{"sales"}) || a.State != "ready" {
		t.Errorf("after a crash: %+v", a)
	}
	mustHearMusic(t, first, 1000)
	c.signIn("600", "601")
	b = desk.Expect()
	if call := c.phone(3, 1, 2, 3); len(call.Remote) != 1 || strings.TrimPrefix(call.Remote[0], "+") != "4917055501" {
		t.Errorf("offered: %+v", call)
	}
	c.signIn("601") // while it rings
	b.MustEndBy(ua.Remote, 487)
	c.phone(4, 1)
	mustHearMusic(t, first, 1000)
	c.signIn("600")
	b = desk.Expect()
	c.phone(3, 1, 2, 3)
	b.MustAnswer()
	siptest.Talk(first, b)
	c.phone(101, 2, capConnected...)
	c.signIn() // who talks goes on talking
	siptest.Talk(first, b)
	first.MustHangup()
	b.MustEndBy(ua.Remote, 0)
	c.phone(4, 1)
	s.noLeftovers()
	s.stop()
	c.ended(1)
}

// service waits until a queue is this as a service.
func (s *site) service(queue string, want callmodel.ServiceState) {
	s.t.Helper()
	eventually(s.t, "queue "+queue+" is "+string(want), func() bool {
		var q struct{ Service string }
		s.must("GET", "/api/v1/queues/"+queue, nil, &q)
		return q.Service == string(want)
	})
}
