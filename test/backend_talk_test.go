package test

import (
	"time"

	"strowger/switch/callmodel"
)

func talkScenarios() []scenario {
	return []scenario{
		{name: "answer", run: answer},
		{name: "answer-only-when-an-agent-does", site: answerByAgent, run: answerLate},
		{name: "reject-by-phone", run: rejectByPhone},
		{name: "reject-by-command", run: rejectByCommand},
		{name: "deflect", run: deflect},
		{name: "hold-by-command", run: holdByCommand},
		{name: "hold-by-phone", run: holdByPhone},
		{name: "hold-by-the-customer", run: holdByCustomer},
		{name: "mute", run: muteAgent},
		{name: "play-a-file", run: playFile},
		{name: "send-digits", run: sendDigits},
		{name: "park-and-pick-up-by-command", run: parkPickUp},
		{name: "park-and-pick-up-by-dialling", run: parkDial},
		{name: "customer-leaves-on-hold", run: leavesOnHold},
		{name: "agent-leaves-on-hold", run: agentLeavesOnHold},
		{name: "mute-outlives-hold", run: muteOverHold},
		{name: "hold-by-both", run: holdByBoth},
		{name: "customer-gives-up-while-ringing", run: givesUpRinging},
		{name: "panic-logout", run: panicLogout},
		{name: "end-call", run: endCall},
		{name: "park-timeout", site: func(c *callmodel.Config) { c.Parking.Timeout = time.Second }, run: parkTimeout},
		{name: "the-checker-is-red", run: checkerIsRed},
	}
}

// answer: a customer waits with music, an agent takes the call, the customer hangs up.
func answer(s *scene) {
	c := s.customer("600").is(lineUp)
	s.audio(music(c))
	anna := s.ready("anna")
	a := anna.rings()
	anna.is(callmodel.Reserved)
	anna.items(callmodel.Alerting)
	a.answer()
	anna.is(callmodel.OnCall)
	anna.items(callmodel.Connected)
	s.audio(talk(c, a))
	c.hangup()
	a.is(lineOver)
	anna.is(callmodel.Ready)
	s.outcome(customerNumber, callmodel.OutcomeHandled)
}

func answerByAgent(c *callmodel.Config) { c.Queues[0].Answer = callmodel.AnswerAgent }

// answerLate: until the agent answers the customer hears ringing and pays nothing.
func answerLate(s *scene) {
	anna := s.ready("anna")
	c := s.customer("600")
	a := anna.rings()
	c.is(lineRinging)
	a.answer()
	c.is(lineUp)
	s.audio(talk(c, a))
	a.hangup()
	c.is(lineOver)
}

func rejectByPhone(s *scene) {
	anna := s.ready("anna")
	c := s.customer("600")
	anna.rings().reject()
	anna.items()
	s.audio(music(c.is(lineUp)))
	b := s.ready("ben").answers()
	s.audio(talk(c, b))
	b.hangup()
	c.is(lineOver)
}

func rejectByCommand(s *scene) {
	anna := s.ready("anna")
	c := s.customer("600")
	a := anna.rings()
	s.do(callmodel.Reject{Conn: anna.conn(0)})
	a.is(lineOver)
	anna.items()
	s.audio(music(c.is(lineUp)))
	b := s.ready("ben").answers()
	s.audio(talk(c, b))
}

func deflect(s *scene) {
	anna, dora := s.ready("anna"), s.ready("dora")
	c := s.customer("600")
	a := anna.rings()
	anna.items(callmodel.Alerting)
	s.do(callmodel.Deflect{Conn: anna.conn(0), To: to("agent:dora")})
	a.is(lineOver)
	anna.is(callmodel.Ready)
	d := dora.answers()
	s.audio(talk(c.is(lineUp), d))
}

func holdByCommand(s *scene) {
	c, anna, a := s.talking("anna")
	s.do(callmodel.HoldCall{Conn: anna.conn(0)})
	anna.items(callmodel.Hold)
	s.audio(music(c))
	s.do(callmodel.Retrieve{Conn: anna.conn(0)})
	anna.items(callmodel.Connected)
	s.audio(talk(c, a))
}

func holdByPhone(s *scene) {
	c, anna, a := s.talking("anna")
	a.hold()
	anna.items(callmodel.Hold)
	s.audio(music(c))
	a.resume()
	anna.items(callmodel.Connected)
	s.audio(talk(c, a))
}

func holdByCustomer(s *scene) {
	c, anna, a := s.talking("anna")
	c.hold()
	anna.items(callmodel.Held)
	s.audio(music(a))
	c.resume()
	anna.items(callmodel.Connected)
	s.audio(talk(c, a))
}

func muteAgent(s *scene) {
	c, anna, a := s.talking("anna")
	s.do(callmodel.Mute{Conn: anna.conn(0), On: true})
	s.audio(hear(a, c.voice))
	s.do(callmodel.Mute{Conn: anna.conn(0)})
	s.audio(talk(c, a))
}

func leavesOnHold(s *scene) {
	c, anna, a := s.talking("anna")
	s.do(callmodel.HoldCall{Conn: anna.conn(0)})
	anna.items(callmodel.Hold)
	c.hangup()
	a.is(lineOver)
	anna.is(callmodel.Ready)
}

// agentLeavesOnHold: the customer is not left alone with the music.
func agentLeavesOnHold(s *scene) {
	c, anna, a := s.talking("anna")
	s.do(callmodel.HoldCall{Conn: anna.conn(0)})
	anna.items(callmodel.Hold)
	a.hangup()
	c.is(lineOver)
	anna.is(callmodel.Ready)
}

func muteOverHold(s *scene) {
	c, anna, a := s.talking("anna")
	s.do(callmodel.Mute{Conn: anna.conn(0), On: true})
	s.audio(hear(a, c.voice))
	s.do(callmodel.HoldCall{Conn: anna.conn(0)})
	anna.items(callmodel.Hold)
	s.audio(music(c))
	s.do(callmodel.Retrieve{Conn: anna.conn(0)})
	anna.items(callmodel.Connected)
	s.audio(hear(a, c.voice))
	s.do(callmodel.Mute{Conn: anna.conn(0)})
	s.audio(talk(c, a))
}

// playFile: both hear the sound over their talk.
func playFile(s *scene) {
	c, anna, a := s.talking("anna")
	s.do(callmodel.PlayFile{Conn: anna.conn(0), Media: mediaFile})
	s.audio(hear(c, a.voice, soundFile), hear(a, c.voice, soundFile))
	s.do(callmodel.StopFile{Conn: anna.conn(0)})
	s.event(callmodel.EvPlayEnded)
	s.audio(talk(c, a))
}

// sendDigits: by command, and by the keys of both phones.
func sendDigits(s *scene) {
	c, anna, a := s.talking("anna")
	s.do(callmodel.SendDigits{Conn: anna.conn(0), Digits: "12#"})
	c.gets("12#")
	a.press("45")
	c.gets("12#45")
	c.press("6*")
	a.gets("6*")
	s.audio(talk(c, a))
}

func parkPickUp(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	s.do(callmodel.Park{Conn: anna.conn(0)})
	a.is(lineOver)
	anna.is(callmodel.Ready)
	s.audio(music(c))
	s.do(callmodel.PickUp{Agent: "dora", Place: "800"})
	d := dora.answers()
	dora.items(callmodel.Connected)
	s.audio(talk(c, d))
}

func parkDial(s *scene) {
	c, anna, a := s.talking("anna")
	dora := s.ready("dora")
	s.do(callmodel.Park{Conn: anna.conn(0), Place: "801"})
	a.is(lineOver)
	s.audio(music(c))
	d := dora.dials("801").is(lineUp)
	dora.items(callmodel.Connected)
	s.audio(talk(c, d))
}

// parkTimeout: nobody picks up, so whoever has parked the call is called.
func parkTimeout(s *scene) {
	c, anna, a := s.talking("anna")
	s.do(callmodel.Park{Conn: anna.conn(0)})
	a.is(lineOver)
	again := anna.rings()
	s.audio(music(c))
	again.answer()
	s.audio(talk(c, again))
}

// checkerIsRed plants a third talker, and expects of the check of who hears
// whom that it says no to every picture but the true one.
func checkerIsRed(s *scene) {
	c, anna, a := s.talking("anna")
	b := s.conferenceWith(anna, "ben")
	s.audio(talk(c, a, b))
	const soon = time.Second
	for what, wrong := range map[string][][]hearing{
		"an extra talker":         {talk(c, a)},
		"one who is not heard":    {talk(c, a, b), hear(c, soundMusic)},
		"a talker that is silent": {hear(c, a.voice, b.voice), hear(a, c.voice), hear(b, a.voice, c.voice)},
		"silence":                 {},
	} {
		if err := s.listen(soon, wrong...); err == nil {
			s.t.Errorf("%s: the check did not see it", what)
		}
	}
}

func holdByBoth(s *scene) {
	c, anna, a := s.talking("anna")
	s.do(callmodel.HoldCall{Conn: anna.conn(0)})
	anna.items(callmodel.Hold)
	c.hold()
	s.do(callmodel.Retrieve{Conn: anna.conn(0)})
	c.resume()
	anna.items(callmodel.Connected)
	s.audio(talk(c, a))
}

func givesUpRinging(s *scene) {
	anna := s.ready("anna")
	c := s.customer("600")
	a := anna.rings()
	c.hangup()
	a.is(lineOver)
	anna.is(callmodel.Ready)
	s.outcome(customerNumber, callmodel.OutcomeAbandonedRing)
}

// panicLogout: a customer who would be left alone goes back to the queue.
func panicLogout(s *scene) {
	c, anna, a := s.talking("anna")
	s.do(callmodel.PanicLogout{Agent: "anna"})
	a.is(lineOver)
	anna.is(callmodel.LoggedOut)
	s.audio(music(c))
	b := s.ready("ben").answers()
	s.audio(talk(c, b))
}

func endCall(s *scene) {
	c, anna, a := s.talking("anna")
	s.do(callmodel.EndCall{Call: s.view().Calls[0].ID})
	a.is(lineOver)
	c.is(lineOver)
	anna.is(callmodel.Ready)
}
