package test

import (
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

func makeScenarios() []scenario {
	return []scenario{
		{name: "make-call-internal", run: makeInternal},
		{name: "make-call-internal-rejected", run: makeInternalRejected},
		{name: "make-call-external", run: makeExternal},
		{name: "make-call-external-busy", run: makeBusy},
		{name: "make-call-external-given-up", run: makeGivenUp},
		{name: "make-call-not-allowed", site: onlyGermany, run: makeNotAllowed},
		{name: "make-call-to-a-queue", run: makeToQueue},
		{name: "phone-dials-a-queue", run: phoneDialsQueue},
		{name: "phone-dials-out", run: phoneDialsOut},
	}
}

func onlyGermany(c *callmodel.Config) { c.DialRules[0].Allow = []string{"49"} }

// number outside that the scenarios call.
const outsideNumber = "4930123456"

// makes calls from an agent's line: the phone rings first.
func (d *desk) makes(target string) *party {
	d.s.t.Helper()
	d.s.do(callmodel.MakeCall{Agent: d.id, To: to(target), Call: d.s.newCall()})
	p := d.answers()
	d.items(callmodel.Initiated)
	return p
}

func makeInternal(s *scene) {
	anna, dora := s.ready("anna"), s.ready("dora")
	a := anna.makes("104")
	d := dora.rings()
	s.audio(ringing(a))
	d.answer()
	anna.items(callmodel.Connected)
	dora.items(callmodel.Connected)
	s.audio(talk(a, d))
	a.hangup()
	d.is(lineOver)
	anna.is(callmodel.Ready)
	dora.is(callmodel.Ready)
}

func makeInternalRejected(s *scene) {
	anna, dora := s.ready("anna"), s.ready("dora")
	a := anna.makes("agent:dora")
	dora.rings().reject()
	a.is(lineOver)
	anna.is(callmodel.Ready)
	dora.is(callmodel.Ready)
	s.event(callmodel.EvFailed)
}

func makeExternal(s *scene) {
	s.b.outside(outsideNumber, ringsOutside)
	anna := s.ready("anna")
	a := anna.makes("number:+" + outsideNumber)
	x := s.reached(outsideNumber).is(lineRinging)
	s.audio(ringing(a))
	x.answer()
	anna.items(callmodel.Connected)
	s.audio(talk(a, x))
	s.do(callmodel.HoldCall{Conn: anna.conn(0)})
	anna.items(callmodel.Hold)
	s.audio(music(x))
	s.do(callmodel.Retrieve{Conn: anna.conn(0)})
	anna.items(callmodel.Connected)
	s.audio(talk(a, x))
	x.hangup()
	a.is(lineOver)
	anna.is(callmodel.Ready)
}

func makeBusy(s *scene) {
	s.b.outside(outsideNumber, busyOutside)
	anna := s.ready("anna")
	s.do(callmodel.MakeCall{Agent: "anna", To: to("+" + outsideNumber), Call: s.newCall()})
	a := anna.rings().answer()
	a.is(lineOver)
	anna.is(callmodel.Ready)
	if e := s.event(callmodel.EvFailed); e.Cause != callmodel.CauseBusy {
		s.t.Errorf("cause %d, want busy", e.Cause)
	}
	if e := s.event(callmodel.EvCallEnded); e.Call.Outcome != callmodel.OutcomeBusy {
		s.t.Errorf("outcome %q, want busy", e.Call.Outcome)
	}
}

// makeGivenUp: nobody answers outside, the agent drops the call.
func makeGivenUp(s *scene) {
	s.b.outside(outsideNumber, ringsOutside)
	anna := s.ready("anna")
	a := anna.makes("+" + outsideNumber)
	x := s.reached(outsideNumber).is(lineRinging)
	s.audio(ringing(a))
	s.do(callmodel.Drop{Conn: anna.conn(0)})
	a.is(lineOver)
	x.is(lineOver)
	anna.is(callmodel.Ready)
}

func makeNotAllowed(s *scene) {
	anna := s.ready("anna")
	s.refused(fault.Denied, callmodel.MakeCall{Agent: "anna", To: to("+44201234567"), Call: s.newCall()})
	anna.is(callmodel.Ready)
	a := anna.dials("0044201234567")
	a.is(lineOver)
	anna.is(callmodel.Ready)
}

// phoneDialsOut: a call that the agent dials at the phone, outside and to a colleague.
func phoneDialsOut(s *scene) {
	s.b.outside(outsideNumber, ringsOutside)
	anna, dora := s.ready("anna"), s.ready("dora")
	a := anna.dials("0030" + "99") // nothing answers there
	a.is(lineOver)
	a = anna.dials("030123456")
	x := s.reached(outsideNumber).is(lineRinging)
	a.is(lineRinging)
	x.answer()
	a.is(lineUp)
	anna.items(callmodel.Connected)
	s.audio(talk(a, x))
	a.hangup()
	x.is(lineOver)
	anna.is(callmodel.Ready)
	a = anna.dials("104")
	d := dora.answers()
	s.audio(talk(a.is(lineUp), d))
}

func makeToQueue(s *scene) {
	anna := s.ready("anna")
	s.do(callmodel.MakeCall{Agent: "anna", To: to("601"), Call: s.newCall()})
	a := anna.answers()
	s.audio(music(a))
	cl := s.ready("cleo").answers()
	s.audio(talk(a, cl))
}

func phoneDialsQueue(s *scene) {
	anna := s.ready("anna")
	a := anna.dials("601")
	a.is(lineUp)
	s.audio(music(a))
	cleo := s.ready("cleo")
	cl := cleo.answers()
	s.audio(talk(a, cl))
	a.hangup()
	cl.is(lineOver)
	cleo.is(callmodel.Ready)
	anna.is(callmodel.Ready)
}
