package sim

import (
	"slices"
	"strconv"
	"strings"

	"strowger/switch/callmodel"
)

// checkEntering checks a login that waits for its passcode.
func (k *checker) checkEntering(v *callmodel.View, timers []callmodel.Timer) error {
	phones := map[string]callmodel.AgentID{}
	for _, a := range v.Agents {
		n := a.Entering
		timed := slices.ContainsFunc(timers, func(t callmodel.Timer) bool {
			return t.Key.Kind == callmodel.TimerPasscode && t.Key.Agent == a.ID
		})
		in := a.State != callmodel.LoggedOut
		switch guarded := k.guarded[a.ID]; {
		case (n != nil) != timed:
			return bad("a passcode is waited for so long", "%s: %+v, timer %v", a.ID, n, timed)
		case n != nil && (in || len(a.Items) > 0):
			return bad("who has not typed it is logged out", "%s is %s with %d items", a.ID, a.State, len(a.Items))
		case n != nil && (n.Tries >= callmodel.PasscodeTries || len(n.Digits) >= callmodel.PasscodeDigits || !live(n.Leg) || n.Until < v.Now):
			return bad("an entry ends", "%s at %d: %+v", a.ID, v.Now, n)
		case in && a.Station.Passcode && guarded != "" && guarded != atWork:
			return bad("nobody gets in without the passcode", "%s is %s; before: %s", a.ID, a.State, guarded)
		}
		k.guarded[a.ID] = "logged out"
		if in {
			k.guarded[a.ID] = atWork
		}
		if n == nil {
			continue
		}
		if n.Right || n.Station.Mode == callmodel.Nailed && n.Digits == n.Code[:len(n.Digits)] && len(n.Digits) == callmodel.PasscodeDigits-1 {
			k.guarded[a.ID] = atWork // one digit, or the end of the leg, away from it
		}
		key := string(n.Station.Node) + "/" + n.Station.Endpoint
		if phones[key] != "" {
			return bad("one login a phone", "%s and %s at %s", a.ID, phones[key], key)
		}
		phones[key] = a.ID
	}
	return nil
}

// atWork is who may be logged in at a station that asks for a passcode.
const atWork = "at work"

// typeCode has an agent who logs in type their passcode: the right one, mostly.
func (h *harness) typeCode() bool {
	for _, a := range h.view.Agents {
		n := a.Entering
		if n == nil || n.Leg != callmodel.LegUp {
			continue
		}
		i, err := strconv.Atoi(strings.TrimPrefix(n.Station.Endpoint, "p"))
		if err != nil || i > len(h.phones) {
			continue
		}
		_ = h.phones[i-1].Press(pick(h.rng, n.Code, n.Code, n.Code+"#", "9", "12#", "999", "#"))
		return true
	}
	return false
}

// passcodePlants break the rules about passcodes.
func passcodePlants() map[string]func(*scene) {
	entering := func(s *scene) *callmodel.Entering {
		a := s.agent(3)
		a.Entering = &callmodel.Entering{Code: "123", Leg: callmodel.LegUp, Channel: "sw-n-x-9", Until: s.v.Now + 1, Station: callmodel.Station{Endpoint: "p3"}}
		s.timers = append(s.timers, callmodel.Timer{Key: callmodel.TimerKey{Kind: callmodel.TimerPasscode, Agent: a.ID}, Due: s.v.Now + 1})
		return a.Entering
	}
	return map[string]func(*scene){
		"a passcode is waited for so long":    func(s *scene) { entering(s); s.timers = nil },
		"who has not typed it is logged out":  func(s *scene) { entering(s); s.agent(3).State = callmodel.NotReady },
		"an entry ends":                       func(s *scene) { entering(s).Tries = callmodel.PasscodeTries },
		"nobody gets in without the passcode": func(s *scene) { s.agent(3).State = callmodel.NotReady; s.agent(3).Station.Passcode = true },
		"one login a phone": func(s *scene) {
			n := *entering(s)
			n.Channel = "sw-n-x-10"
			a := *s.agent(3)
			a.ID, a.Entering = "a4", &n
			s.v.Agents = append(s.v.Agents, &a)
			s.timers = append(s.timers, callmodel.Timer{Key: callmodel.TimerKey{Kind: callmodel.TimerPasscode, Agent: a.ID}, Due: s.v.Now + 1})
		},
	}
}
