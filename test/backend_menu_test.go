package test

import (
	"strings"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/port"
)

func menuScenarios() []scenario {
	return []scenario{
		{name: "menu-rfc4733", site: menuSite, run: func(s *scene) { menu(s, keysRTP) }},
		{name: "menu-sip-info", site: menuSite, run: func(s *scene) { menu(s, keysInfo) }},
		{name: "menu-in-band", site: menuSite, run: func(s *scene) { menu(s, keysInband) }},
		{name: "menu-nothing-pressed", site: menuSite, run: menuFails},
		{name: "menu-decision", site: decisionSite, run: func(s *scene) { decision(s, "agent:dora", "dora") }},
		{name: "menu-decision-fails", site: decisionSite, run: func(s *scene) { decision(s, "", "cleo") }},
		{name: "secret-pin", site: menuSite, run: secretPIN},
	}
}

// menuSite is a menu at 650: 1 leads to an entry, 2 to a PIN, nothing to the queue support.
func menuSite(c *callmodel.Config) {
	beep := []string{"sound:beep"}
	c.IVRs = []callmodel.IVRConfig{{ID: "main", Number: 1, Address: "650", Nodes: []callmodel.IVRNode{
		{
			ID: "hello", Kind: callmodel.NodeMenu, Prompts: beep, Invalid: beep, Tries: 2, FirstDigit: time.Second, Fail: "queue:support",
			Choices: []callmodel.IVRChoice{{Digits: "1", Next: "account"}, {Digits: "2", Next: "pin"}},
		},
		{ID: "account", Kind: callmodel.NodeInput, Key: "account", Prompts: beep, Min: 2, Max: 8, Next: "queue:sales", Fail: "hangup:"},
		{ID: "pin", Kind: callmodel.NodeInput, Key: "pin", Prompts: beep, Secret: true, Min: 4, Max: 12, Next: "queue:sales", Fail: "hangup:"},
	}}}
}

// at waits until a caller is at a node of the menu and hears its prompt: what
// is pressed before is lost.
func (s *scene) at(node string) {
	s.t.Helper()
	s.saw("menu "+node, func(e *port.Stamped) bool { return e.Kind == callmodel.EvMenu && e.Reason == "main/"+node })
	s.idle()
}

// value is what the only call has stored under a key.
func (s *scene) value(key string) string {
	s.t.Helper()
	for _, c := range s.view().Calls {
		for _, v := range c.Values {
			if v.Key == key {
				return v.Value
			}
		}
	}
	return ""
}

func menu(s *scene, way keyWay) {
	c := s.call("customer", "650", caller{number: customerNumber, inband: way == keysInband}).is(lineUp)
	s.at("hello")
	c.act("press", c.line.press("1", way))
	s.at("account")
	c.act("press", c.line.press("4711#", way))
	s.event(callmodel.EvQueued)
	if got := s.value("account"); got != "4711" {
		s.t.Errorf("the menu has stored %q, want 4711", got)
	}
	s.audio(music(c))
	a := s.ready("anna").answers()
	s.audio(talk(c, a))
}

// menuFails: a wrong key, then nothing.
func menuFails(s *scene) {
	c := s.customer("650").is(lineUp)
	s.at("hello")
	c.press("9")
	cl := s.ready("cleo").answers()
	s.audio(talk(c, cl))
}

// secretPIN: only its length is known anywhere.
func secretPIN(s *scene) {
	const pin = "80529174"
	s.secrets = append(s.secrets, pin)
	c := s.customer("650").is(lineUp)
	s.at("hello")
	c.press("2")
	s.at("pin")
	c.press(pin + "#")
	s.event(callmodel.EvQueued)
	if got := s.value("pin"); len(got) != len(pin) || strings.Trim(got, "*") != "" {
		s.t.Errorf("the menu has stored %q, want %d asterisks", got, len(pin))
	}
	a := s.ready("anna").answers()
	s.audio(talk(c, a))
}

// decisionSite is a menu that asks a server; without an answer it is support's call.
func decisionSite(c *callmodel.Config) {
	c.Decisions = []callmodel.DecisionConfig{{ID: "crm", Number: 1, URL: "http://127.0.0.1:9/", Timeout: time.Second}}
	c.IVRs = []callmodel.IVRConfig{{ID: "main", Number: 1, Address: "650", Nodes: []callmodel.IVRNode{
		{ID: "ask", Kind: callmodel.NodeDecide, Decision: "crm", Default: "queue:support"},
	}}}
}

func decision(s *scene, answers string, taker callmodel.AgentID) {
	s.b.decides(answers)
	d := s.ready(taker)
	c := s.customer("650")
	p := d.answers()
	s.audio(talk(c.is(lineUp), p))
}
