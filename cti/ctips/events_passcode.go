package ctips

import (
	"time"

	"strowger/switch/callmodel"
)

// passcodeGrace is how long the outcome of a login with a passcode may take
// beyond the time that the switch gives for typing it.
const passcodeGrace = 30 * time.Second

// passcode tells how the entry of a passcode goes on. The code goes to whoever
// has asked for the login, where somebody has.
func (b *board) passcode(a *callmodel.Agent, how string) {
	switch how {
	case callmodel.PasscodeAsked, callmodel.PasscodeWrong:
		b.enterPasscode(a, how == callmodel.PasscodeWrong)
	case callmodel.PasscodeFailed:
		b.notEntered(a, refuse(FailureTypeInvalidPasscode, "the passcode was wrong too often, or was not typed in time"))
	case callmodel.PasscodeOver:
		b.notEntered(a, refuse(FailureTypeStationNotAvailable, "the phone was not reached or was hung up, or another login has come"))
	}
}

func (b *board) enterPasscode(a *callmodel.Agent, again bool) {
	if a.Entering == nil {
		return
	}
	ev := &EnterPasscodeEvent{
		CTIEvent: b.agentHead(a), PasscodeDigits: a.Entering.Code, ReEnterFlag: again, ServiceIDs: b.dir.serviceIDs(a.Queues),
	}
	if open := b.entering(a); len(open) > 0 {
		open[0].armed = true
		b.answer(ev, open[0].who, open[0].request)
		return
	}
	b.tell(ev, subject{agent: a.ID})
}

// entering are the open logins of an agent, oldest first.
func (b *board) entering(a *callmodel.Agent) []*pending {
	return b.open.list(func(p *pending) bool { return p.op == opLogin && p.agent == a.ID })
}

// notEntered fails the login whose passcode will not come. One that has taken
// its place waits on.
func (b *board) notEntered(a *callmodel.Agent, why *refusal) {
	for _, p := range b.entering(a) {
		if p.armed {
			b.open.remove(p)
			b.failed(&p.ask, why)
			return
		}
	}
}
