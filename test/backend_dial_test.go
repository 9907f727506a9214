package test

import (
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// dialScenarios are calls of a dialer: the customer first, and an agent who is
// nailed up or nobody.
func dialScenarios() []scenario {
	return []scenario{
		{name: "dial-dropped", site: spring, run: dialDropped},
		{name: "dial-rings-out", site: spring, run: dialRingsOut},
		{name: "dial-opted-out", site: spring, run: dialOptedOut},
		{name: "dial-answered", site: spring, run: dialAnswered},
		{name: "dial-answered-agent-later", site: spring, run: dialAgentLater},
		{name: "dial-refused-by-the-network", site: spring, run: dialRefused},
		{name: "dial-twice", site: spring, run: dialTwice},
		{name: "dial-given-up", site: spring, run: dialGivenUp},
		{name: "dial-answered-and-gone", site: spring, run: dialGone},
		{name: "dial-controller-away", site: spring, run: dialAway},
	}
}

// spring is a campaign whose agents are nailed up.
func spring(c *callmodel.Config) {
	nailedBeep(c)
	c.Campaigns = []callmodel.CampaignConfig{{
		ID: "spring", Number: 1, Queue: "sales", Connect: 2 * time.Second, RingLeast: time.Second, Ring: 3 * time.Second,
		Dropped: []string{mediaFile}, OptOut: "9",
	}}
}

// dials has the dialer call a customer.
func (s *scene) dials(lead, number string) callmodel.CallID {
	s.t.Helper()
	id := s.newCall()
	s.do(callmodel.Dial{Call: id, Campaign: "spring", List: "l", Lead: lead, Mode: callmodel.DialPredictive, Number: "+" + number})
	return id
}

// dialled calls a number that rings, and returns whose phone it is.
func (s *scene) dialled(lead, number string) *party {
	s.t.Helper()
	s.b.outside(number, ringsOutside)
	s.dials(lead, number)
	return s.reached(number).is(lineRinging)
}

// attempt waits for the end of a lead's call, and checks how it ended.
func (s *scene) attempt(lead string, want callmodel.Outcome) *callmodel.Call {
	s.t.Helper()
	e := s.saw("the end of the call to lead "+lead, func(e *port.Stamped) bool {
		return e.Kind == callmodel.EvCallEnded && e.Call.Lead == lead
	})
	if e.Call.Outcome != want {
		s.t.Errorf("the call to lead %s ended as %q, want %q", lead, e.Call.Outcome, want)
	}
	return e.Call
}

// dialAnswered: a beep, the customer, and the agent is free for the next.
func dialAnswered(s *scene) {
	anna, a := s.standing()
	for _, lead := range []string{"A1", "A2"} {
		x := s.dialled(lead, outsideNumber)
		beep := a.listens(soundFile)
		x.answer()
		beep()
		anna.items(callmodel.Connected)
		s.audio(talk(x, a))
		x.hangup()
		anna.is(callmodel.Ready)
		c := s.attempt(lead, callmodel.OutcomeHandled)
		took := c.Conns[0].BridgedAt.Sub(c.AnsweredAt)
		if c.Conns[0].BridgedAt == 0 || took < 0 || took > 2*time.Second {
			s.t.Errorf("connected after %v", took)
		}
		s.t.Logf("%v from the answer to the bridge", took)
		a.is(lineUp)
	}
}

// dialAgentLater: somebody becomes free while the customer may still be connected.
func dialAgentLater(s *scene) {
	anna, a := s.standing()
	anna.set(callmodel.NotReady)
	x := s.dialled("A1", outsideNumber)
	x.answer()
	s.event(callmodel.EvAnswered)
	anna.set(callmodel.Ready)
	anna.items(callmodel.Connected)
	s.audio(talk(x, a))
	a.hangup()
	x.is(lineOver)
	s.attempt("A1", callmodel.OutcomeHandled)
}

// dropped brings a customer to the message that there is no agent for.
func (s *scene) dropped(lead string) *party {
	s.t.Helper()
	x := s.dialled(lead, outsideNumber)
	x.answer()
	s.audio() // not a sound before
	s.audio(hear(x, soundFile))
	return x
}

// dialDropped: nobody is free in time, so that the message is told, and an agent
// who comes after it gets nothing.
func dialDropped(s *scene) {
	x := s.dropped("A1")
	anna := s.ready("anna")
	anna.next().is(lineUp)
	s.audio(hear(x, soundFile))
	x.hangup()
	c := s.attempt("A1", callmodel.OutcomeDropped)
	if late := c.Dial.Told.Sub(c.AnsweredAt); late < 2*time.Second || late > 2*time.Second+time.Second/2 {
		s.t.Errorf("the message began %v after the answer", late)
	}
	anna.is(callmodel.Ready)
}

// dialOptedOut: the customer presses the key for no more calls. It remains a
// call for which nobody was there.
func dialOptedOut(s *scene) {
	x := s.dropped("A1")
	x.press("9")
	s.saw("no more calls are wanted", func(e *port.Stamped) bool { return e.Kind == callmodel.EvMessage && e.Reason == "opt-out" })
	x.is(lineOver)
	s.attempt("A1", callmodel.OutcomeDropped)
}

// dialRingsOut: nobody answers. It was our own time that ended it, and the phone
// is quiet again.
func dialRingsOut(s *scene) {
	s.standing()
	x := s.dialled("A1", outsideNumber)
	x.is(lineOver)
	c := s.attempt("A1", callmodel.OutcomeNoAnswer)
	if rang := c.Conns[0].EndedAt.Sub(c.Conns[0].AlertingAt); !c.Dial.Own || rang < 2*time.Second {
		s.t.Errorf("rang for %v, own time: %t", rang, c.Dial.Own)
	}
}

// dialRefused: what the network says is what the attempt ends with.
func dialRefused(s *scene) {
	s.standing()
	s.b.outside(outsideNumber, busyOutside)
	s.dials("A1", outsideNumber)
	busy := s.attempt("A1", callmodel.OutcomeBusy)
	s.b.outside(outsideNumber, noSuchOutside)
	s.dials("A2", outsideNumber)
	wrong := s.attempt("A2", callmodel.OutcomeFailed)
	for code, c := range map[int]*callmodel.Call{486: busy, 404: wrong} {
		if got := c.Conns[0].TechCause; got != code || c.Dial.Own {
			s.t.Errorf("the network's word is %d, want %d; own time: %t", got, code, c.Dial.Own)
		}
	}
}

// dialTwice: neither a customer nor a number is called a second time meanwhile,
// nor with the id of an attempt that was.
func dialTwice(s *scene) {
	s.standing()
	s.b.outside(outsideNumber, ringsOutside)
	id := s.dials("A1", outsideNumber)
	x := s.reached(outsideNumber)
	again := callmodel.Dial{Call: s.newCall(), Campaign: "spring", List: "l", Lead: "A1", Mode: callmodel.DialPredictive, Number: "+4930999"}
	s.refused(fault.Conflict, again)
	again.Lead, again.Number = "A2", "+"+outsideNumber
	s.refused(fault.Conflict, again)
	again.Call, again.Number = id, "+4930999"
	s.refused(fault.Invalid, again)
	x.is(lineOver)
	s.attempt("A1", callmodel.OutcomeNoAnswer)
	if l := s.b.rung(outsideNumber); l != nil {
		s.t.Error("the number was called twice")
	}
}

// dialGivenUp: a phone that rings does so for as long as it must.
func dialGivenUp(s *scene) {
	s.standing()
	s.b.outside(outsideNumber, ringsOutside)
	id := s.dials("A1", outsideNumber)
	x := s.reached(outsideNumber).is(lineRinging)
	s.do(callmodel.CancelDial{Call: id})
	x.is(lineOver)
	c := s.attempt("A1", callmodel.OutcomeCancelled)
	if rang := c.Conns[0].EndedAt.Sub(c.Conns[0].AlertingAt); rang < time.Second || rang > 3*time.Second || c.Dial.CutShort {
		s.t.Errorf("rang for %v, cut short: %t", rang, c.Dial.CutShort)
	}
	id = s.dials("A2", outsideNumber)
	x = s.reached(outsideNumber).is(lineRinging)
	s.do(callmodel.CancelDial{Call: id, Now: true})
	x.is(lineOver)
	if c := s.attempt("A2", callmodel.OutcomeCancelled); !c.Dial.CutShort {
		s.t.Error("nobody says that it was cut short")
	}
}

// dialGone: who answers and is gone at once was no person to talk to.
func dialGone(s *scene) {
	x := s.dialled("A1", outsideNumber)
	x.answer()
	s.event(callmodel.EvAnswered)
	x.hangup()
	s.attempt("A1", callmodel.OutcomeShortAnswer)
}

// dialAway: the controller is away between the answer and the agent. Who waits
// is connected in time or told the message, and nobody is called again.
func dialAway(s *scene) {
	s.faults = true
	x := s.dialled("A1", outsideNumber)
	x.answer()
	s.event(callmodel.EvAnswered)
	s.restart()
	s.audio(hear(x, soundFile))
	x.hangup()
	s.attempt("A1", callmodel.OutcomeDropped)
	if l := s.b.rung(outsideNumber); l != nil {
		s.t.Error("the number was called twice")
	}
}
