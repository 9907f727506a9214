package test

import (
	"strowger/switch/callmodel"
)

func stationScenarios() []scenario {
	return []scenario{
		{name: "station-call-on-accept", site: mode(callmodel.CallOnAccept), run: callOnAccept},
		{name: "station-nailed", site: nailedBeep, run: nailed},
		{name: "station-nailed-leg-lost", site: mode(callmodel.Nailed), run: nailedLost},
		{name: "station-nailed-consults", site: mode(callmodel.Nailed), run: nailedConsults},
		{name: "station-nailed-picks-up", site: mode(callmodel.Nailed), run: nailedPicksUp},
		{name: "station-call-on-accept-makes-a-call", site: mode(callmodel.CallOnAccept), run: acceptMakes},
		{name: "station-talk-notify", site: mode(callmodel.TalkNotify), run: talkNotify},
		{name: "station-free-seating", site: freeSeat, run: freeSeating},
		{name: "phone-registration-lost-and-back", run: registrationLost},
		{name: "knocking-call", site: func(c *callmodel.Config) { c.Agents[0].MultiLine = true }, run: knocking},
		{name: "knocking-call-rejected", site: func(c *callmodel.Config) { c.Agents[0].MultiLine = true }, run: knockRejected},
		{name: "line-is-busy", run: lineBusy},
		{name: "ring-all", site: func(c *callmodel.Config) { c.Queues[0].Strategy = callmodel.RingAll }, run: ringAll},
	}
}

// mode gives anna another kind of station.
func mode(m callmodel.AnswerMode) func(*callmodel.Config) {
	return func(c *callmodel.Config) { c.Agents[0].Station.Mode = m }
}

func callOnAccept(s *scene) {
	anna := s.ready("anna")
	c := s.customer("600")
	anna.items(callmodel.Alerting)
	if anna.phone.next() != nil {
		s.t.Error("the phone is called before the agent accepts")
	}
	s.do(callmodel.Accept{Conn: anna.conn(0)})
	a := anna.next().is(lineUp)
	anna.items(callmodel.Connected)
	s.audio(talk(c.is(lineUp), a))
	s.do(callmodel.Drop{Conn: anna.conn(0)})
	a.is(lineOver)
	c.is(lineOver)
}

// standing is the leg of anna's shift.
func (s *scene) standing() (*desk, *party) {
	s.t.Helper()
	anna := s.ready("anna")
	a := anna.next().is(lineUp)
	eventually(s.t, "the standing leg is up", func() bool {
		st := anna.agent().Standing
		return st != nil && st.Leg == callmodel.LegUp
	})
	return anna, a
}

func nailedBeep(c *callmodel.Config) {
	mode(callmodel.Nailed)(c)
	c.Agents[0].Station.Beep = mediaFile
}

// nailed: a beep, then the caller, on a leg that outlives the call. How long
// the connection takes is told, not judged.
func nailed(s *scene) {
	anna, a := s.standing()
	s.audio()
	for range 2 {
		beep := a.listens(soundFile)
		c := s.customer("600")
		beep()
		anna.items(callmodel.Connected)
		s.audio(talk(c.is(lineUp), a))
		c.hangup()
		anna.is(callmodel.Ready)
		s.audio()
	}
	offered := s.event(callmodel.EvDelivered)
	taken := s.event(callmodel.EvEstablished)
	s.t.Logf("nailed station: %v from the offer to the conversation", taken.Wall.Sub(offered.Wall))
	a.is(lineUp)
}

// nailedLost: a leg that is lost ends the call on it and is called again.
func nailedLost(s *scene) {
	anna, a := s.standing()
	c := s.customer("600")
	anna.items(callmodel.Connected)
	s.audio(talk(c.is(lineUp), a))
	a.hangup()
	c.is(lineOver)
	again := anna.next().is(lineUp)
	anna.is(callmodel.Ready)
	c = s.customer("600")
	anna.items(callmodel.Connected)
	s.audio(talk(c.is(lineUp), again))
}

// nailedConsults: the standing leg goes into the consultation and back.
func nailedConsults(s *scene) {
	anna, a := s.standing()
	ben := s.desk("ben")
	c := s.customer("600")
	anna.items(callmodel.Connected)
	anna.consults("agent:ben")
	b := ben.rings()
	s.audio(music(c), ringing(a))
	b.answer()
	anna.items(callmodel.Hold, callmodel.Connected)
	s.audio(music(c), talk(a, b))
	s.do(callmodel.Transfer{Conn: anna.conn(1)})
	anna.is(callmodel.Ready)
	s.audio(talk(c, b))
	a.is(lineUp)
}

// nailedPicksUp: the standing leg takes a parked call and makes one.
func nailedPicksUp(s *scene) {
	c, ben, b := s.talking("ben")
	anna, a := s.standing()
	s.do(callmodel.Park{Conn: ben.conn(0)})
	b.is(lineOver)
	s.do(callmodel.PickUp{Agent: "anna", Place: "800"})
	anna.items(callmodel.Connected)
	s.audio(talk(c, a))
	c.hangup()
	anna.is(callmodel.Ready)
	s.do(callmodel.MakeCall{Agent: "anna", To: to("102"), Call: s.newCall()})
	b = ben.rings()
	s.audio(ringing(a))
	b.answer()
	s.audio(talk(a, b))
	s.do(callmodel.Drop{Conn: anna.conn(0)})
	b.is(lineOver)
	s.audio()
	a.is(lineUp)
}

// acceptMakes: a phone that answers by itself needs nobody to make a call.
func acceptMakes(s *scene) {
	anna, dora := s.ready("anna"), s.ready("dora")
	s.do(callmodel.MakeCall{Agent: "anna", To: to("104"), Call: s.newCall()})
	a := anna.next().is(lineUp)
	d := dora.rings()
	s.audio(ringing(a))
	d.answer()
	s.audio(talk(a, d))
	s.do(callmodel.Drop{Conn: dora.conn(0)})
	a.is(lineOver)
	d.is(lineOver)
	anna.is(callmodel.Ready)
}

func talkNotify(s *scene) {
	anna := s.ready("anna")
	c := s.customer("600")
	a := anna.rings()
	anna.items(callmodel.Alerting)
	s.do(callmodel.Accept{Conn: anna.conn(0)})
	a.is(lineUp)
	anna.items(callmodel.Connected)
	s.audio(talk(c.is(lineUp), a))
}

// registrationLost: nothing is offered at a phone that cannot be reached.
func registrationLost(s *scene) {
	anna := s.ready("anna")
	if err := anna.phone.register(false); err != nil {
		s.t.Fatal(err)
	}
	anna.reachable(false)
	c := s.customer("600").is(lineUp)
	s.audio(music(c))
	anna.items()
	if err := anna.phone.register(true); err != nil {
		s.t.Fatal(err)
	}
	anna.reachable(true)
	s.audio(talk(c, anna.answers()))
}

// knocking: a colleague's call waits behind the customer's, is taken, and both are swapped.
func knocking(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	d := dora.makes("101")
	anna.items(callmodel.Connected, callmodel.Alerting)
	s.audio(talk(c, a), ringing(d))
	s.do(callmodel.Accept{Conn: anna.conn(1)})
	anna.items(callmodel.Hold, callmodel.Connected)
	s.audio(music(c), talk(a, d))
	s.do(callmodel.Alternate{Conn: anna.conn(1)})
	anna.items(callmodel.Connected, callmodel.Hold)
	s.audio(talk(c, a), music(d))
	s.do(callmodel.Drop{Conn: anna.conn(0)})
	c.is(lineOver)
	anna.items(callmodel.Hold)
	s.audio(music(d))
	s.do(callmodel.Retrieve{Conn: anna.conn(0)})
	anna.items(callmodel.Connected)
	s.audio(talk(a, d))
}

func ringAll(s *scene) {
	anna, ben := s.ready("anna"), s.ready("ben")
	c := s.customer("600")
	a, b := anna.rings(), ben.rings()
	b.answer()
	a.is(lineOver)
	ben.items(callmodel.Connected)
	anna.is(callmodel.Ready)
	s.audio(talk(c.is(lineUp), b))
}

func knockRejected(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	d := dora.makes("101")
	anna.items(callmodel.Connected, callmodel.Alerting)
	s.do(callmodel.Reject{Conn: anna.conn(1)})
	d.is(lineOver)
	anna.items(callmodel.Connected)
	s.audio(talk(c, a))
}

// lineBusy: a line with one place takes no second call.
func lineBusy(s *scene) {
	c, _, a := s.talking("anna")
	dora := s.ready("dora")
	s.do(callmodel.MakeCall{Agent: "dora", To: to("101"), Call: s.newCall()})
	d := dora.rings().answer()
	d.is(lineOver)
	if e := s.event(callmodel.EvFailed); e.Cause != callmodel.CauseBusy {
		s.t.Errorf("cause %d, want busy", e.Cause)
	}
	s.audio(talk(c, a))
}

func freeSeat(c *callmodel.Config) {
	c.Stations = []callmodel.StationConfig{{ID: "desk-7", Number: 1, Station: callmodel.Station{ID: "desk-7", Endpoint: "107", Mode: callmodel.Handset}}}
}

// freeSeating: the agent works at another phone today, and can dial from it.
func freeSeating(s *scene) {
	anna := s.seat("107", callmodel.Login{Agent: "anna", Station: "desk-7"})
	anna.set(callmodel.Ready)
	c := s.customer("600")
	a := anna.answers()
	s.audio(talk(c.is(lineUp), a))
	c.hangup()
	anna.is(callmodel.Ready)
	dora := s.ready("dora")
	a = anna.dials("104")
	d := dora.answers()
	anna.items(callmodel.Connected)
	s.audio(talk(a.is(lineUp), d))
}
