package test

import (
	"strowger/switch/callmodel"
)

func transferScenarios() []scenario {
	return []scenario{
		{name: "consult-alternate-reconnect", run: consultAlternate},
		{name: "consult-transfer", run: consultTransfer},
		{name: "consult-transfer-to-number", run: consultTransferOut},
		{name: "consult-transfer-while-ringing", run: transferRinging},
		{name: "transfer-while-ringing-comes-back", run: transferComesBack},
		{name: "consult-nobody-there", run: consultRejected},
		{name: "consult-given-up-while-ringing", run: reconnectRinging},
		{name: "consulted-agent-hangs-up", run: consultedLeaves},
		{name: "consulting-agent-hangs-up", run: consultingLeaves},
		{name: "consult-alternate-transfer", run: alternateTransfer},
		{name: "blind-transfer-to-agent", run: blindAgent},
		{name: "blind-transfer-comes-back", run: blindComesBack},
		{name: "blind-transfer-to-queue", run: blindQueue},
		{name: "blind-transfer-to-number", run: blindNumber},
		{name: "blind-transfer-to-busy-number", run: blindBusy},
		{name: "blind-transfer-to-menu", site: menuSite, run: blindMenu},
		{name: "consult-a-queue", run: consultQueue},
		{name: "transfer-to-a-queue-after-consulting-it", run: transferIntoQueue},
		{name: "customer-leaves-while-transferred", run: leavesTransferred},
		{name: "customer-leaves-while-consulting", run: customerLeaves},
	}
}

// consults has an agent consult somebody, whose phone rings then.
func (d *desk) consults(target string) {
	d.s.t.Helper()
	d.s.do(callmodel.Consult{Conn: d.conn(0), To: to(target), Call: d.s.newCall()})
	d.items(callmodel.Hold, callmodel.Initiated)
}

// consulting is a customer on hold while anna talks with ben.
func (s *scene) consulting() (c *party, anna *desk, a *party, ben *desk, b *party) {
	s.t.Helper()
	c, anna, a = s.talking("anna")
	ben = s.ready("ben")
	anna.consults("agent:ben")
	b = ben.rings()
	s.audio(music(c), ringing(a))
	b.answer()
	anna.items(callmodel.Hold, callmodel.Connected)
	ben.items(callmodel.Connected)
	s.audio(music(c), talk(a, b))
	return c, anna, a, ben, b
}

func consultAlternate(s *scene) {
	c, anna, a, ben, b := s.consulting()
	s.do(callmodel.Alternate{Conn: anna.conn(0)})
	anna.items(callmodel.Connected, callmodel.Hold)
	ben.items(callmodel.Held)
	s.audio(talk(c, a), music(b))
	s.do(callmodel.Alternate{Conn: anna.conn(1)})
	anna.items(callmodel.Hold, callmodel.Connected)
	ben.items(callmodel.Connected)
	s.audio(music(c), talk(a, b))
	s.do(callmodel.Reconnect{Conn: anna.conn(1)})
	b.is(lineOver)
	anna.items(callmodel.Connected)
	ben.is(callmodel.Ready)
	s.audio(talk(c, a))
}

func consultTransfer(s *scene) {
	c, anna, a, ben, b := s.consulting()
	s.do(callmodel.Transfer{Conn: anna.conn(1)})
	a.is(lineOver)
	anna.is(callmodel.Ready)
	ben.items(callmodel.Connected)
	s.audio(talk(c, b))
	c.hangup()
	b.is(lineOver)
	ben.is(callmodel.Ready)
	s.outcome(customerNumber, callmodel.OutcomeHandled)
}

func consultTransferOut(s *scene) {
	s.b.outside(outsideNumber, ringsOutside)
	c, anna, a := s.talking("anna")
	anna.consults("number:030123456")
	x := s.reached(outsideNumber).is(lineRinging)
	s.audio(music(c), ringing(a))
	x.answer()
	anna.items(callmodel.Hold, callmodel.Connected)
	s.audio(music(c), talk(a, x))
	s.do(callmodel.Transfer{Conn: anna.conn(0)})
	a.is(lineOver)
	s.audio(talk(c, x))
	x.hangup()
	c.is(lineOver)
}

// transferRinging: the customer goes on hearing music until the new party answers.
func transferRinging(s *scene) {
	c, anna, a := s.talking("anna")
	ben := s.ready("ben")
	anna.consults("102")
	b := ben.rings()
	s.do(callmodel.Transfer{Conn: anna.conn(1)})
	a.is(lineOver)
	anna.is(callmodel.Ready)
	s.audio(music(c))
	b.answer()
	ben.items(callmodel.Connected)
	s.audio(talk(c, b))
}

// transferComesBack: the new party does not want the call.
func transferComesBack(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	anna.consults("agent:dora")
	d := dora.rings()
	s.do(callmodel.Transfer{Conn: anna.conn(1)})
	a.is(lineOver)
	d.reject()
	again := anna.rings()
	s.audio(music(c))
	again.answer()
	s.audio(talk(c, again))
}

// consultRejected: the agent is with the customer's call on hold, and retrieves it.
func consultRejected(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	anna.consults("agent:dora")
	dora.rings().reject()
	anna.items(callmodel.Hold)
	s.audio(music(c))
	s.do(callmodel.Retrieve{Conn: anna.conn(0)})
	anna.items(callmodel.Connected)
	s.audio(talk(c, a))
}

func reconnectRinging(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	anna.consults("agent:dora")
	d := dora.rings()
	s.do(callmodel.Reconnect{Conn: anna.conn(1)})
	d.is(lineOver)
	anna.items(callmodel.Connected)
	dora.is(callmodel.Ready)
	s.audio(talk(c, a))
}

func consultedLeaves(s *scene) {
	c, anna, a, ben, b := s.consulting()
	b.hangup()
	anna.items(callmodel.Hold)
	ben.is(callmodel.Ready)
	s.audio(music(c))
	s.do(callmodel.Retrieve{Conn: anna.conn(0)})
	anna.items(callmodel.Connected)
	s.audio(talk(c, a))
}

// consultingLeaves: who puts the phone down between two calls connects them.
func consultingLeaves(s *scene) {
	c, anna, a, ben, b := s.consulting()
	a.hangup()
	anna.is(callmodel.Ready)
	ben.items(callmodel.Connected)
	s.audio(talk(c, b))
}

func alternateTransfer(s *scene) {
	c, anna, a, _, b := s.consulting()
	s.do(callmodel.Alternate{Conn: anna.conn(0)})
	anna.items(callmodel.Connected, callmodel.Hold)
	s.audio(talk(c, a), music(b))
	s.do(callmodel.Transfer{Conn: anna.conn(0)})
	a.is(lineOver)
	s.audio(talk(c, b))
}

func blindAgent(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	s.do(callmodel.BlindTransfer{Conn: anna.conn(0), To: to("agent:dora")})
	a.is(lineOver)
	anna.is(callmodel.Ready)
	d := dora.rings()
	s.audio(music(c))
	d.answer()
	s.audio(talk(c, d))
}

func blindComesBack(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	s.do(callmodel.BlindTransfer{Conn: anna.conn(0), To: to("104")})
	a.is(lineOver)
	dora.rings().reject()
	again := anna.rings()
	s.audio(music(c))
	again.answer()
	anna.items(callmodel.Connected)
	s.audio(talk(c, again))
}

func blindQueue(s *scene) {
	c, anna, a := s.talking("anna")
	s.do(callmodel.BlindTransfer{Conn: anna.conn(0), To: to("queue:support")})
	a.is(lineOver)
	s.audio(music(c))
	cl := s.ready("cleo").answers()
	s.audio(talk(c, cl))
}

func blindNumber(s *scene) {
	s.b.outside(outsideNumber, ringsOutside)
	c, anna, a := s.talking("anna")
	s.do(callmodel.BlindTransfer{Conn: anna.conn(0), To: to("+" + outsideNumber)})
	a.is(lineOver)
	x := s.reached(outsideNumber).is(lineRinging)
	s.audio(music(c))
	x.answer()
	s.audio(talk(c, x))
	c.hangup()
	x.is(lineOver)
}

func customerLeaves(s *scene) {
	c, anna, a, ben, b := s.consulting()
	c.hangup()
	anna.items(callmodel.Connected)
	s.audio(talk(a, b))
	a.hangup()
	b.is(lineOver)
	anna.is(callmodel.Ready)
	ben.is(callmodel.Ready)
}

func blindBusy(s *scene) {
	s.b.outside(outsideNumber, busyOutside)
	c, anna, a := s.talking("anna")
	s.do(callmodel.BlindTransfer{Conn: anna.conn(0), To: to("+" + outsideNumber)})
	a.is(lineOver)
	again := anna.answers()
	s.audio(talk(c, again))
}

func blindMenu(s *scene) {
	c, anna, a := s.talking("anna")
	s.do(callmodel.BlindTransfer{Conn: anna.conn(0), To: to("ivr:main")})
	a.is(lineOver)
	s.at("hello")
	c.press("1")
	s.at("account")
	anna.set(callmodel.NotReady)
	c.press("77#")
	s.audio(music(c))
	anna.set(callmodel.Ready)
	again := anna.answers()
	s.audio(talk(c, again))
	if got := s.value("account"); got != "77" {
		s.t.Errorf("the menu has stored %q, want 77", got)
	}
}

// consultQueue: anna waits in the other queue while the customer hears music.
func consultQueue(s *scene) {
	c, anna, a := s.talking("anna")
	s.do(callmodel.Consult{Conn: anna.conn(0), To: to("queue:support"), Call: s.newCall()})
	anna.items(callmodel.Hold, callmodel.Initiated)
	s.audio(music(c), music(a))
	cleo := s.ready("cleo")
	cl := cleo.answers()
	anna.items(callmodel.Hold, callmodel.Connected)
	s.audio(music(c), talk(a, cl))
	s.do(callmodel.Transfer{Conn: anna.conn(1)})
	a.is(lineOver)
	s.audio(talk(c, cl))
}

// transferIntoQueue: the customer takes the agent's place in the queue.
func transferIntoQueue(s *scene) {
	c, anna, a := s.talking("anna")
	s.do(callmodel.Consult{Conn: anna.conn(0), To: to("queue:support"), Call: s.newCall()})
	anna.items(callmodel.Hold, callmodel.Initiated)
	s.do(callmodel.Transfer{Conn: anna.conn(1)})
	a.is(lineOver)
	anna.is(callmodel.Ready)
	s.audio(music(c))
	cl := s.ready("cleo").answers()
	s.audio(talk(c, cl))
}

func leavesTransferred(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	s.do(callmodel.BlindTransfer{Conn: anna.conn(0), To: to("agent:dora")})
	a.is(lineOver)
	d := dora.rings()
	c.hangup()
	d.is(lineOver)
	dora.is(callmodel.Ready)
}
