package test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"strowger/sip/siptest"
	"strowger/sip/ua"
)

// TestCRMOutlivesACrash: a CRM that has subscribed goes on to hear what happens
// on its agent's line after kill -9, with the handles that it knows, and without
// having to do anything. A stop says goodbye, and then nothing is kept.
func TestCRMOutlivesACrash(t *testing.T) {
	s := stage(t, crmSite(t, "call-on-accept"))
	desk := s.desk("105")
	c := startCRM(t, s.iciURL(), "SCHMIDT")
	c.workmode(2)
	a := s.caller("4917055501").Dial("600")
	b := desk.Expect()
	alerting := c.phone(3, 1, 2, 3)
	b.MustAnswer()
	siptest.Talk(a, b)
	c.phone(101, 2, capConnected...)
	watched, _ := c.must("watch", map[string]any{"form": "agents", "interval": 5}).(map[string]any)
	if got := fmt.Sprint(watched); got != "map[fields:[user workmode callState since] instances:[mueller schmidt]]" {
		t.Errorf("the form of agents has %s", got)
	}
	if row := c.row("schmidt"); row["user"] != "SCHMIDT" || row["workmode"] != "2" || row["callState"] != "101" || row["since"] == "" {
		t.Errorf("the agent's row is %v", row)
	}
	file := filepath.Join(s.dir, "var/journal/ici-subscriptions.json")
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("the subscriptions are not kept: %v", err)
	}

	s.kill()
	s.start()
	if n := s.metric("strowger_ici_subscriptions_restored_total"); n != 3 {
		t.Errorf("%v subscriptions are there again, want the user, the line and the form", n)
	}
	if row := c.row("schmidt"); row["user"] != "SCHMIDT" || row["callState"] != "101" {
		t.Errorf("after the start the agent's row is %v", row)
	}
	siptest.Talk(a, b)
	a.MustHangup()
	if over := c.phone(4, 3, capWrapUp...); over.Handle != alerting.Handle {
		t.Errorf("another item ends: %s, not %s", over.Handle, alerting.Handle)
	}
	c.must("wrapUpEnded", map[string]any{"handle": alerting.Handle})
	c.phone(4, 1)
	a = s.caller("4917055502").Dial("600")
	b = desk.Expect()
	next := c.phone(3, 1, 2, 3)
	a.MustHangup() // abandons
	b.MustEndBy(ua.Remote, 487)
	if over := c.phone(4, 1); over.Handle != next.Handle {
		t.Errorf("another item ends: %+v", over)
	}
	s.noLeftovers()
	s.stop()
	c.ended(1)
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("after the goodbye there still are subscriptions: %v", err)
	}
}

// row waits for the figures of agents, and returns one's.
func (c *crm) row(agent string) map[string]string {
	c.t.Helper()
	for {
		if l := c.take(c.events, "monitorDataChanged"); l.Event == "monitorDataChanged" {
			return l.Form[agent]
		}
	}
}
