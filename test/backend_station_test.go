package test

import (
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/port"
)

func stationScenarios() []scenario {
	return []scenario{
		{name: "station-call-on-accept", site: mode(callmodel.CallOnAccept), run: callOnAccept},
		{name: "station-nailed", site: mode(callmodel.Nailed), run: nailed},
		{name: "station-nailed-leg-lost", site: mode(callmodel.Nailed), run: nailedLost},
		{name: "station-nailed-consults", site: mode(callmodel.Nailed), run: nailedConsults},
		{name: "station-talk-notify", site: mode(callmodel.TalkNotify), run: talkNotify},
		{name: "phone-registration-lost-and-back", run: registrationLost},
		{name: "knocking-call", site: func(c *callmodel.Config) { c.Agents[0].MultiLine = true }, run: knocking},
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

// nailed: a beep, then the caller, on a leg that outlives the call. How long
// the connection takes is told, not judged.
func nailed(s *scene) {
	anna, a := s.standing()
	s.audio()
	for range 2 {
		c := s.customer("600")
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

func slowScenarios() []scenario {
	return []scenario{
		{name: "make-call-external-no-answer", run: makeNoAnswer},
		{name: "blind-transfer-nobody-answers", run: blindNoAnswer},
	}
}

// patiently waits for what the model does after one of its own long times.
func (s *scene) patiently(kind callmodel.EventKind, limit time.Duration) port.Stamped {
	s.t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(lookAt)
	defer tick.Stop()
	for {
		s.mu.Lock()
		for _, e := range s.events {
			if e.Kind == kind {
				s.mu.Unlock()
				return e
			}
		}
		s.mu.Unlock()
		select {
		case <-tick.C:
		case <-deadline.C:
			s.t.Fatalf("after %s there is no event %s", limit, kind)
		}
	}
}

// makeNoAnswer: nobody answers outside until the model gives up.
func makeNoAnswer(s *scene) {
	s.b.outside(outsideNumber, ringsOutside)
	anna := s.ready("anna")
	a := anna.makes("+" + outsideNumber)
	x := s.reached(outsideNumber).is(lineRinging)
	s.audio(ringing(a))
	s.patiently(callmodel.EvFailed, callmodel.OutsideRing+waitFor)
	a.is(lineOver)
	x.is(lineOver)
	if e := s.event(callmodel.EvCallEnded); e.Call.Outcome != callmodel.OutcomeNoAnswer {
		s.t.Errorf("outcome %q, want no answer", e.Call.Outcome)
	}
}

// blindNoAnswer: the call comes back to who has transferred it.
func blindNoAnswer(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	s.do(callmodel.BlindTransfer{Conn: anna.conn(0), To: to("agent:dora")})
	a.is(lineOver)
	d := dora.rings()
	s.patiently(callmodel.EvFailed, callmodel.DirectRing+waitFor)
	d.is(lineOver)
	again := anna.rings()
	s.audio(music(c))
	again.answer()
	s.audio(talk(c, again))
}
