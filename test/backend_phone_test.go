package test

import (
	"strowger/switch/callmodel"
)

func phoneScenarios() []scenario {
	return []scenario{
		{name: "phone-blind-transfer-to-agent", run: phoneBlindAgent},
		{name: "phone-blind-transfer-to-number", run: phoneBlindNumber},
		{name: "phone-blind-transfer-to-queue", run: phoneBlindQueue},
		{name: "phone-blind-transfer-not-allowed", site: onlyGermany, run: phoneBlindRefused},
		{name: "phone-blind-transfer-to-a-parking-place", run: phoneParks},
		{name: "phone-consults-and-comes-back", run: phoneComesBack},
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

// phoneBlindRefused: the phone has been told that it is done and is gone; the
// customer is offered to who has tried.
func phoneBlindRefused(s *scene) {
	s.faults = true
	c, anna, a := s.talking("anna")
	a.refer("0044201234567")
	a.is(lineOver)
	again := anna.rings()
	s.audio(music(c))
	again.answer()
	s.audio(talk(c, again))
}

func phoneParks(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	a.refer("802")
	a.is(lineOver)
	anna.is(callmodel.Ready)
	s.audio(music(c))
	d := dora.dials("802").is(lineUp)
	s.audio(talk(c, d))
}

// phoneComesBack: the second call ends without a transfer.
func phoneComesBack(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	second := anna.dials("104")
	d := dora.answers()
	s.audio(music(c), talk(second.is(lineUp), d))
	second.hangup()
	d.is(lineOver)
	anna.items(callmodel.Hold)
	s.audio(music(c))
	a.resume()
	anna.items(callmodel.Connected)
	s.audio(talk(c, a))
}
