package test

import (
	"strowger/switch/callmodel"
)

func phoneScenarios() []scenario {
	return []scenario{
		{name: "phone-blind-transfer-to-agent", run: phoneBlindAgent},
		{name: "phone-blind-transfer-to-number", run: phoneBlindNumber},
		{name: "phone-blind-transfer-to-queue", run: phoneBlindQueue},
		{name: "phone-attended-transfer", run: phoneAttended},
		{name: "phone-attended-transfer-while-ringing", run: phoneAttendedRinging},
	}
}

func phoneBlindAgent(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	a.refer("104")
	a.is(lineOver)
	d := dora.rings()
	anna.is(callmodel.Ready)
	s.audio(music(c))
	d.answer()
	dora.items(callmodel.Connected)
	s.audio(talk(c, d))
	c.hangup()
	d.is(lineOver)
}

func phoneBlindNumber(s *scene) {
	s.b.outside(outsideNumber, ringsOutside)
	c, _, a := s.talking("anna")
	a.refer("030123456")
	a.is(lineOver)
	x := s.reached(outsideNumber).is(lineRinging)
	s.audio(music(c))
	x.answer()
	s.audio(talk(c, x))
}

func phoneBlindQueue(s *scene) {
	c, _, a := s.talking("anna")
	a.refer("601")
	a.is(lineOver)
	s.audio(music(c))
	cl := s.ready("cleo").answers()
	s.audio(talk(c, cl))
}

// phoneAttended: hold, a second call and the transfer key, all at the phone.
func phoneAttended(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	second := anna.dials("104")
	d := dora.answers()
	second.is(lineUp)
	anna.items(callmodel.Hold, callmodel.Connected)
	s.audio(music(c), talk(second, d))
	a.connect(second)
	a.is(lineOver)
	second.is(lineOver)
	anna.is(callmodel.Ready)
	dora.items(callmodel.Connected)
	s.audio(talk(c, d))
	d.hangup()
	c.is(lineOver)
}

func phoneAttendedRinging(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	second := anna.dials("104")
	d := dora.rings()
	second.is(lineRinging)
	s.audio(music(c))
	a.connect(second)
	a.is(lineOver)
	second.is(lineOver)
	s.audio(music(c))
	d.answer()
	dora.items(callmodel.Connected)
	s.audio(talk(c, d))
}
