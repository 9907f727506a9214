package test

import (
	"slices"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

func superviseScenarios() []scenario {
	list := []scenario{
		{name: "supervise-listen", run: superviseListen},
		{name: "supervise-whisper", run: superviseWhisper},
		{name: "supervise-barge", run: superviseBarge},
		{name: "supervise-modes", run: superviseModes},
		{name: "supervise-take-over", run: superviseTakeOver},
		{name: "supervise-take-over-directly", run: superviseTakeOverDirectly},
		{name: "supervise-hold", run: superviseHold},
		{name: "supervise-consult-and-transfer", run: superviseTransfer},
		{name: "supervise-conference", run: superviseConference},
		{name: "supervise-barge-and-consult", run: superviseBargeConsult},
		{name: "supervise-customer-hangs-up", run: superviseCustomerLeaves},
		{name: "supervise-agent-hangs-up", run: superviseAgentLeaves},
		{name: "supervise-supervisor-hangs-up", run: superviseSupervisorLeaves},
		{name: "supervise-supervisor-does-not-answer", run: superviseRejected},
		{name: "supervise-two-supervisors", run: superviseTwo},
		{name: "supervise-nailed", run: superviseNailed},
		{name: "supervise-restart", run: superviseRestart},
	}
	for i := range list {
		more := list[i].site
		list[i].site = func(c *callmodel.Config) {
			director(c, "emil")
			director(c, "dora")
			if more != nil {
				more(c)
			}
		}
	}
	list[slices.IndexFunc(list, func(s scenario) bool { return s.name == "supervise-nailed" })].site = func(c *callmodel.Config) {
		director(c, "emil").Station.Mode = callmodel.Nailed
	}
	return list
}

// director lets an agent supervise.
func director(c *callmodel.Config, id callmodel.AgentID) *callmodel.AgentConfig {
	i := slices.IndexFunc(c.Agents, func(a callmodel.AgentConfig) bool { return a.ID == id })
	c.Agents[i].Capabilities = []callmodel.Capability{callmodel.CapabilityDirector}
	return &c.Agents[i]
}

// supervises brings a supervisor to an agent who talks.
func (s *scene) supervises(id callmodel.AgentID, of *desk, mode callmodel.SuperviseMode) (*desk, *party) {
	s.t.Helper()
	boss := s.desk(id)
	s.do(callmodel.Supervise{Conn: of.conn(0), Supervisor: id, Mode: mode})
	boss.is(callmodel.OnCall)
	return boss, boss.answers()
}

// listening is what is heard while a supervisor listens to a talk.
func listening(e *party, talkers ...*party) []hearing {
	out := talk(talkers...)
	for _, p := range talkers {
		out = append(out, hear(e, p.voice)...)
	}
	return out
}

func superviseListen(s *scene) {
	c, anna, a := s.talking("anna")
	boss, e := s.supervises("emil", anna, callmodel.Listen)
	s.audio(listening(e, c, a))
	s.do(callmodel.EndSupervision{Supervisor: "emil"})
	e.is(lineOver)
	boss.is(callmodel.NotReady)
	s.audio(talk(c, a))
	anna.items(callmodel.Connected)
}

func superviseWhisper(s *scene) {
	c, anna, a := s.talking("anna")
	_, e := s.supervises("emil", anna, callmodel.Whisper)
	s.audio(listening(e, c, a), hear(a, e.voice))
}

func superviseBarge(s *scene) {
	c, anna, a := s.talking("anna")
	_, e := s.supervises("emil", anna, callmodel.Barge)
	s.audio(talk(c, a, e))
	s.do(callmodel.EndSupervision{Supervisor: "emil"})
	e.is(lineOver)
	s.audio(talk(c, a))
}

// superviseModes goes through every change of mode.
func superviseModes(s *scene) {
	c, anna, a := s.talking("anna")
	_, e := s.supervises("emil", anna, callmodel.Listen)
	s.audio(listening(e, c, a))
	for _, mode := range []callmodel.SuperviseMode{
		callmodel.Whisper, callmodel.Listen, callmodel.Barge, callmodel.Listen, callmodel.Whisper, callmodel.Barge, callmodel.Whisper,
	} {
		s.do(callmodel.SetSupervision{Supervisor: "emil", Mode: mode})
		switch mode {
		case callmodel.Listen, callmodel.TakingOver:
			s.audio(listening(e, c, a))
		case callmodel.Whisper:
			s.audio(listening(e, c, a), hear(a, e.voice))
		case callmodel.Barge:
			s.audio(talk(c, a, e))
		}
	}
}

func superviseTakeOver(s *scene) {
	c, anna, a := s.talking("anna")
	boss, e := s.supervises("emil", anna, callmodel.Whisper)
	s.audio(listening(e, c, a), hear(a, e.voice))
	s.do(callmodel.TakeOver{Supervisor: "emil"})
	a.is(lineOver)
	anna.is(callmodel.Ready)
	s.audio(talk(c, e))
	boss.items(callmodel.Connected)
	s.do(callmodel.HoldCall{Conn: boss.conn(0)}) // it is a call as any other
	s.audio(music(c))
	s.do(callmodel.Retrieve{Conn: boss.conn(0)})
	s.audio(talk(c, e))
	c.hangup()
	e.is(lineOver)
	boss.is(callmodel.NotReady)
	s.outcome(customerNumber, callmodel.OutcomeHandled)
}

// superviseTakeOverDirectly: until the supervisor answers, nobody hears anything else.
func superviseTakeOverDirectly(s *scene) {
	c, anna, a := s.talking("anna")
	boss := s.desk("emil")
	s.do(callmodel.HoldCall{Conn: anna.conn(0)})
	s.audio(music(c))
	s.do(callmodel.TakeOver{Supervisor: "emil", Conn: anna.conn(0)})
	e := boss.rings()
	s.audio(music(c))
	e.answer()
	a.is(lineOver)
	s.audio(talk(c, e))
	boss.items(callmodel.Connected)
}

// superviseHold: while the customer is on hold the supervisor hears the agent,
// and after it both again. Whispering meanwhile is not looked at: Asterisk mixes
// it in in most runs only (docs/adr/0018-supervision.md).
func superviseHold(s *scene) {
	c, anna, a := s.talking("anna")
	_, e := s.supervises("emil", anna, callmodel.Listen)
	s.audio(listening(e, c, a))
	for range 2 {
		s.do(callmodel.HoldCall{Conn: anna.conn(0)})
		anna.items(callmodel.Hold)
		s.audio(music(c), hear(e, a.voice))
		s.do(callmodel.Retrieve{Conn: anna.conn(0)})
		anna.items(callmodel.Connected)
		s.audio(listening(e, c, a))
	}
	s.do(callmodel.SetSupervision{Supervisor: "emil", Mode: callmodel.Whisper})
	s.audio(listening(e, c, a), hear(a, e.voice))
}

// superviseTransfer: the supervision follows the agent into a consultation, and
// ends with the transfer.
func superviseTransfer(s *scene) {
	c, anna, a := s.talking("anna")
	boss, e := s.supervises("emil", anna, callmodel.Listen)
	s.audio(listening(e, c, a))
	ben := s.ready("ben")
	anna.consults("agent:ben")
	b := ben.rings()
	s.audio(music(c), ringing(a), hear(e, a.voice, soundRing))
	b.answer()
	s.audio(music(c), listening(e, a, b))
	s.refused(fault.Conflict, callmodel.TakeOver{Supervisor: "emil"})
	s.do(callmodel.Alternate{Conn: anna.conn(0)})
	anna.items(callmodel.Connected, callmodel.Hold)
	s.audio(listening(e, c, a), music(b))
	s.do(callmodel.Transfer{Conn: anna.conn(0)})
	a.is(lineOver)
	e.is(lineOver)
	boss.is(callmodel.NotReady)
	s.audio(talk(c, b))
}

func superviseConference(s *scene) {
	c, anna, a := s.talking("anna")
	_, e := s.supervises("emil", anna, callmodel.Whisper)
	b := s.conferenceWith(anna, "ben")
	s.audio(listening(e, c, a, b), hear(a, e.voice))
	s.do(callmodel.SetSupervision{Supervisor: "emil", Mode: callmodel.Barge})
	s.audio(talk(c, a, b, e))
	b.hangup()
	s.audio(talk(c, a, e))
}

// superviseBargeConsult: who has barged in goes with the agent, so that the
// customer on hold hears nothing of it.
func superviseBargeConsult(s *scene) {
	c, anna, a := s.talking("anna")
	_, e := s.supervises("emil", anna, callmodel.Barge)
	s.audio(talk(c, a, e))
	ben := s.ready("ben")
	anna.consults("agent:ben")
	b := ben.answers()
	s.audio(music(c), talk(a, b, e))
	s.do(callmodel.Reconnect{Conn: anna.conn(0)})
	b.is(lineOver)
	s.audio(talk(c, a, e))
}

func superviseCustomerLeaves(s *scene) {
	c, anna, a := s.talking("anna")
	boss, e := s.supervises("emil", anna, callmodel.Barge)
	s.audio(talk(c, a, e))
	c.hangup()
	a.is(lineOver)
	e.is(lineOver)
	boss.is(callmodel.NotReady)
	anna.is(callmodel.Ready)
	s.outcome(customerNumber, callmodel.OutcomeHandled)
}

func superviseAgentLeaves(s *scene) {
	c, anna, a := s.talking("anna")
	boss, e := s.supervises("emil", anna, callmodel.Listen)
	s.audio(listening(e, c, a))
	a.hangup()
	c.is(lineOver)
	e.is(lineOver)
	boss.is(callmodel.NotReady)
}

func superviseSupervisorLeaves(s *scene) {
	c, anna, a := s.talking("anna")
	boss, e := s.supervises("emil", anna, callmodel.Whisper)
	s.audio(listening(e, c, a), hear(a, e.voice))
	e.hangup()
	boss.is(callmodel.NotReady)
	s.audio(talk(c, a))
	anna.items(callmodel.Connected)
}

func superviseRejected(s *scene) {
	c, anna, a := s.talking("anna")
	boss := s.desk("emil")
	s.do(callmodel.Supervise{Conn: anna.conn(0), Supervisor: "emil", Mode: callmodel.Listen})
	boss.rings().reject()
	boss.is(callmodel.NotReady)
	s.audio(talk(c, a))
}

// superviseTwo: a second supervisor does not hear what the first one whispers.
func superviseTwo(s *scene) {
	c, anna, a := s.talking("anna")
	_, e := s.supervises("emil", anna, callmodel.Whisper)
	_, d := s.supervises("dora", anna, callmodel.Listen)
	s.audio(listening(e, c, a), hear(a, e.voice), hear(d, c.voice, a.voice))
}

// superviseNailed: the standing leg of the supervisor's station is used and given back.
func superviseNailed(s *scene) {
	c, anna, a := s.talking("anna")
	boss := s.desk("emil")
	e := boss.next().is(lineUp)
	eventually(s.t, "the standing leg is up", func() bool {
		st := boss.agent().Standing
		return st != nil && st.Leg == callmodel.LegUp
	})
	s.do(callmodel.Supervise{Conn: anna.conn(0), Supervisor: "emil", Mode: callmodel.Whisper})
	s.audio(listening(e, c, a), hear(a, e.voice))
	c.hangup()
	a.is(lineOver)
	boss.is(callmodel.NotReady)
	s.audio()
	e.is(lineUp)
}

// superviseRestart: the link is lost and found again in a supervision.
func superviseRestart(s *scene) {
	s.faults = true // a restart is told as an incident
	c, anna, a := s.talking("anna")
	_, e := s.supervises("emil", anna, callmodel.Listen)
	s.audio(listening(e, c, a))
	s.restart()
	s.audio(listening(e, c, a))
	s.do(callmodel.SetSupervision{Supervisor: "emil", Mode: callmodel.Whisper})
	s.audio(listening(e, c, a), hear(a, e.voice))
	s.do(callmodel.TakeOver{Supervisor: "emil"})
	a.is(lineOver)
	s.audio(talk(c, e))
}
