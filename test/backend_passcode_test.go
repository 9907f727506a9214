package test

import (
	"slices"

	"strowger/switch/callmodel"
)

func passcodeScenarios() []scenario {
	return []scenario{
		{name: "passcode", site: guarded(callmodel.Handset), run: passcode},
		{name: "passcode-nailed", site: guarded(callmodel.Nailed), run: passcodeNailed},
		{name: "passcode-hung-up", site: guarded(callmodel.Handset), run: passcodeHungUp},
		{name: "passcode-controller-restarts", site: guarded(callmodel.Handset), run: passcodeRestart},
	}
}

// guarded gives anna a station that asks for a passcode.
func guarded(m callmodel.AnswerMode) func(*callmodel.Config) {
	return func(c *callmodel.Config) { c.Agents[0].Station.Mode, c.Agents[0].Station.Passcode = m, true }
}

const annasCode = "417"

// enters begins anna's login; what it returns is her phone being called for the code.
func (s *scene) enters() (*desk, *party) {
	s.t.Helper()
	h, err := s.b.handset("101")
	if err != nil {
		s.t.Fatal(err)
	}
	anna := &desk{s: s, id: "anna", phone: h}
	s.desks = append(s.desks, anna)
	eventually(s.t, "anna's phone is registered", func() bool {
		online, known := s.view().Phones["101"]
		return online || !known
	})
	s.do(callmodel.Login{Agent: "anna", State: callmodel.Ready, Passcode: annasCode})
	return anna, anna.next()
}

// asked waits until the code has been asked for so many times, and digits are taken.
func (s *scene) asked(how string, times int) {
	s.t.Helper()
	eventually(s.t, "the passcode: "+how, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		n := 0
		for i := range s.events {
			if e := &s.events[i]; e.Kind == callmodel.EvPasscode && e.Reason == how {
				n++
			}
		}
		return n >= times
	})
	s.idle()
}

// passcode: a wrong one, one that is too short, the right one; then calls come.
func passcode(s *scene) {
	anna, a := s.enters()
	a.answer()
	s.asked(callmodel.PasscodeAsked, 1)
	anna.is(callmodel.LoggedOut)
	a.press("418")
	s.asked(callmodel.PasscodeWrong, 1)
	a.press("41#")
	s.asked(callmodel.PasscodeWrong, 2)
	c := s.customer("600")
	a.press(annasCode)
	a.is(lineOver)
	s.audio(talk(c, anna.answers()))
}

// passcodeNailed: the leg at which it was typed is that of the shift.
func passcodeNailed(s *scene) {
	anna, a := s.enters()
	a.is(lineUp)
	s.asked(callmodel.PasscodeAsked, 1)
	a.press(annasCode)
	anna.is(callmodel.Ready)
	c := s.customer("600")
	anna.items(callmodel.Connected)
	s.audio(talk(c.is(lineUp), a))
	s.do(callmodel.Drop{Conn: anna.conn(0)})
	c.is(lineOver)
	s.do(callmodel.SetAgentState{Agent: "anna", State: callmodel.LoggedOut})
	a.is(lineOver)
}

// passcodeHungUp: who hangs up is not logged in, and can log in anew.
func passcodeHungUp(s *scene) {
	anna, a := s.enters()
	a.answer()
	s.asked(callmodel.PasscodeAsked, 1)
	a.press("41")
	a.hangup()
	s.asked(callmodel.PasscodeOver, 1)
	anna.is(callmodel.LoggedOut)
	s.do(callmodel.Login{Agent: "anna", State: callmodel.Ready, Passcode: "222"})
	a = anna.answers()
	s.asked(callmodel.PasscodeAsked, 2)
	a.press("222")
	a.is(lineOver)
	anna.is(callmodel.Ready)
}

// passcodeRestart: the controller is away while it is typed, and asks again.
func passcodeRestart(s *scene) {
	anna, a := s.enters()
	a.answer()
	s.asked(callmodel.PasscodeAsked, 1)
	a.press("4")
	eventually(s.t, "the digit has come", func() bool { return anna.agent().Entering.Digits == "4" })
	s.faults = true // that contact is back is an incident
	s.restart()
	eventually(s.t, "the passcode is asked for again", func() bool {
		n := anna.agent().Entering
		return n != nil && n.Collect == 2
	})
	s.idle()
	a.press(annasCode)
	a.is(lineOver)
	anna.is(callmodel.Ready)
	if v := s.view(); slices.ContainsFunc(v.Agents, func(a *callmodel.Agent) bool { return a.Entering != nil }) {
		s.t.Error("a login still waits")
	}
}
