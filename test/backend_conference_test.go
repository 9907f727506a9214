package test

import (
	"strowger/switch/callmodel"
)

func conferenceScenarios() []scenario {
	return []scenario{
		{name: "conference-of-three-and-four", run: conferenceGrows},
		{name: "conference-hold", run: conferenceHold},
		{name: "conference-drop-party", run: conferenceDropParty},
		{name: "conference-owner-leaves", run: conferenceOwnerLeaves},
		{name: "conference-customer-leaves", run: conferenceCustomerLeaves},
		{name: "conference-blind-transfer-by-phone", run: conferenceRefer},
		{name: "conference-drop-all", run: conferenceDropAll},
	}
}

// conferenceWith has an agent who talks bring another one in.
func (s *scene) conferenceWith(d *desk, id callmodel.AgentID) *party {
	s.t.Helper()
	other := s.ready(id)
	d.consults("agent:" + string(id))
	p := other.answers()
	d.items(callmodel.Hold, callmodel.Connected)
	s.do(callmodel.Conference{Conn: d.conn(1)})
	d.items(callmodel.Connected)
	other.items(callmodel.Connected)
	return p
}

func conferenceGrows(s *scene) {
	s.b.outside(outsideNumber, ringsOutside)
	c, anna, a := s.talking("anna")
	b := s.conferenceWith(anna, "ben")
	s.audio(talk(c, a, b))
	anna.consults("+" + outsideNumber)
	x := s.reached(outsideNumber).is(lineRinging)
	s.audio(talk(c, b), ringing(a))
	x.answer()
	anna.items(callmodel.Hold, callmodel.Connected)
	s.audio(talk(c, b), talk(a, x))
	s.do(callmodel.Conference{Conn: anna.conn(0)})
	anna.items(callmodel.Connected)
	s.audio(talk(c, a, b, x))
	b.hangup()
	s.audio(talk(c, a, x))
	x.hangup()
	s.audio(talk(c, a))
}

// conferenceHold: whoever holds leaves, the others go on talking.
func conferenceHold(s *scene) {
	c, anna, a := s.talking("anna")
	b := s.conferenceWith(anna, "ben")
	s.do(callmodel.HoldCall{Conn: anna.conn(0)})
	anna.items(callmodel.Hold)
	s.audio(talk(c, b))
	s.do(callmodel.Retrieve{Conn: anna.conn(0)})
	anna.items(callmodel.Connected)
	s.audio(talk(c, a, b))
}

func conferenceDropParty(s *scene) {
	c, anna, a := s.talking("anna")
	b := s.conferenceWith(anna, "ben")
	s.audio(talk(c, a, b))
	s.do(callmodel.DropParty{Conn: anna.conn(0), Party: "102"})
	b.is(lineOver)
	s.audio(talk(c, a))
	anna.items(callmodel.Connected)
}

func conferenceOwnerLeaves(s *scene) {
	c, anna, a := s.talking("anna")
	b := s.conferenceWith(anna, "ben")
	s.do(callmodel.Drop{Conn: anna.conn(0)})
	a.is(lineOver)
	anna.is(callmodel.Ready)
	s.audio(talk(c, b))
	c.hangup()
	b.is(lineOver)
}

func conferenceDropAll(s *scene) {
	c, anna, a := s.talking("anna")
	b := s.conferenceWith(anna, "ben")
	s.audio(talk(c, a, b))
	s.do(callmodel.DropAll{Conn: anna.conn(0)})
	for _, p := range []*party{a, b, c} {
		p.is(lineOver)
	}
	anna.is(callmodel.Ready)
}

func conferenceCustomerLeaves(s *scene) {
	c, anna, a := s.talking("anna")
	b := s.conferenceWith(anna, "ben")
	c.hangup()
	s.audio(talk(a, b))
	a.hangup()
	b.is(lineOver)
	anna.is(callmodel.Ready)
}

// conferenceRefer: nobody is transferred out of a conference; who tries has
// left, and an incident says so.
func conferenceRefer(s *scene) {
	s.faults = true
	c, anna, a := s.talking("anna")
	b := s.conferenceWith(anna, "ben")
	s.audio(talk(c, a, b))
	a.refer("104")
	a.is(lineOver)
	anna.is(callmodel.Ready)
	s.event(callmodel.EvIncident)
	s.audio(talk(c, b))
}
