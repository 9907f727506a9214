package callmodel

import (
	"strconv"
	"strings"
	"time"

	"strowger/switch/fault"
)

// A passcode shows that whoever logs in is at the phone: they are told it
// where they log in, and type it there.
const (
	// PasscodeDigits is how many digits it has.
	PasscodeDigits = 3
	// PasscodeTries is how often it may be typed.
	PasscodeTries = 3
	// PasscodeTime is how long it is waited for, the ringing included.
	PasscodeTime = time.Minute
)

// How an entry of a passcode goes on: the reasons of EvPasscode.
const (
	PasscodeAsked  = "asked"  // the phone was answered, and the code is waited for
	PasscodeWrong  = "wrong"  // it was wrong, and is waited for again
	PasscodeFailed = "failed" // it was wrong too often, or nobody typed it in time
	PasscodeOver   = "over"   // the phone was not reached or hung up, or the login was given up
)

// Sounds that an agent hears at the phone.
var (
	passcodePrompt = []string{"sound:agent-pass"}
	passcodeAgain  = []string{"sound:auth-incorrect"}
)

// Entering is a login that waits for its passcode. Immutable once it has left Step.
type Entering struct {
	Station Station    `json:"station"`
	State   AgentState `json:"state"` // to begin with
	Reason  string     `json:"reason,omitempty"`
	OneLine bool       `json:"one_line,omitempty"`

	Code    string    `json:"code"`
	Tries   int       `json:"tries,omitempty"` // that were wrong
	Digits  string    `json:"digits,omitempty"`
	Right   bool      `json:"right,omitempty"`   // it was right: the phone is being hung up
	Collect uint32    `json:"collect,omitempty"` // number of the collection
	Play    PlayID    `json:"play,omitempty"`    // prompt that may be playing
	Until   Instant   `json:"until"`
	Channel ChannelID `json:"channel"`
	Leg     LegState  `json:"leg"`
	AskedAt Instant   `json:"asked_at"`
	SeenAt  Instant   `json:"seen_at,omitempty"`
}

// AsksPasscode reports whether a login needs a passcode: at the station that is
// named, or else at the agent's own.
func (c *Config) AsksPasscode(id AgentID, at StationID) bool {
	if at != "" {
		st := c.Station(at)
		return st != nil && st.Passcode
	}
	a := c.Agent(id)
	return a != nil && a.Station.Passcode
}

// entry is a login that may begin.
type entry struct {
	login   Login
	station Station
	state   AgentState
	reason  string
}

// askPasscode calls the station of an agent who logs in, for the code that they
// are to type there. A login that was waiting for its own is given up.
func (s *State) askPasscode(e entry) error {
	op, id, code := e.login.Tag(), e.login.Agent, e.login.Passcode
	switch {
	case s.agents[id].Entering != nil && s.agents[id].Entering.Right:
		return fault.New(fault.Conflict, op, string(id), "the passcode was right: the agent is just being logged in")
	case code == "":
		return fault.New(fault.Invalid, op, string(id), "the station asks for a passcode: give one, and let the agent type it at the phone")
	case s.phoneOff(&e.station):
		return fault.New(fault.Unavailable, op, string(id), "the phone is not registered, so the passcode cannot be typed at it")
	}
	node := s.stationNode(&e.station)
	if !s.nodeUp(node) {
		return fault.New(fault.Unavailable, op, string(id), "no telephony server is in step: try again in a moment")
	}
	n := s.replaceEntering(id, &e.station)
	n = Entering{
		Station: e.station, State: e.state, Reason: e.reason, OneLine: e.login.OneLine, Code: code,
		Until: s.now.Add(PasscodeTime), Channel: n.Channel, Leg: n.Leg, Collect: n.Collect, AskedAt: n.AskedAt, SeenAt: s.now,
	}
	a := s.editAgent(id)
	a.Entering = &n
	s.setAgentTimer(TimerPasscode, id, PasscodeTime)
	switch {
	case n.Leg == LegUp:
		s.collectPasscode(id, PasscodeAsked, passcodePrompt)
		return nil
	case n.Leg != LegNone:
		return nil
	}
	s.counters.Conn++
	n.Channel, n.Leg = standingOf(id, s.counters.Conn), LegAsked
	s.legs[n.Channel] = legRef{agent: id, entering: true}
	s.do(Originate{
		EffectHead: s.enteringHead(id), Channel: n.Channel, Endpoint: n.Station.Endpoint, CallerID: a.Line, CallerName: a.Name,
		AutoAnswer: n.Station.Mode == Nailed, Timeout: DirectRing,
	})
	return nil
}

// replaceEntering gives up a login that waits, for another one of the same
// agent, and returns the leg to go on with: at the same phone the old one's,
// since the phone would be busy else.
func (s *State) replaceEntering(id AgentID, at *Station) Entering {
	old := s.agents[id].Entering
	if old == nil || !old.Leg.alive() || s.keyOf(&old.Station) != s.keyOf(at) {
		s.endEntering(id, PasscodeOver, CauseNormal)
		return Entering{Leg: LegNone, AskedAt: s.now}
	}
	s.cutPasscode(id)
	s.editAgent(id).Entering = nil
	s.tellPasscode(id, PasscodeOver, CauseNormal)
	return *old
}

// checkPasscode checks the form of a passcode that is given.
func checkPasscode(op, code string) error {
	if code != "" && (len(code) != PasscodeDigits || !digitsOnly(code)) {
		return fault.Newf(fault.Invalid, op, "", "a passcode has %d digits", PasscodeDigits)
	}
	return nil
}

// enteringHead numbers an order about the leg of an agent who logs in.
func (s *State) enteringHead(id AgentID) EffectHead {
	s.counters.Effect++
	return EffectHead{ID: s.counters.Effect, Node: s.stationNode(&s.agents[id].Entering.Station)}
}

// editEntering returns an agent's login that waits, for writing.
func (s *State) editEntering(id AgentID) *Entering {
	a := s.editAgent(id)
	n := *a.Entering
	a.Entering = &n
	return &n
}

// enteringAt returns the agent whose login waits at a phone, or "".
func (s *State) enteringAt(st *Station) AgentID {
	for _, a := range s.agents { // at most one
		if a.Entering != nil && s.keyOf(&a.Entering.Station) == s.keyOf(st) {
			return a.ID
		}
	}
	return ""
}

// freeSeat reports why an agent cannot work at a station, or nil.
func (s *State) freeSeat(op string, id AgentID, st *Station) error {
	taken := func(by AgentID) error {
		return fault.New(fault.Conflict, op, string(id), "the station is taken by agent "+string(by))
	}
	if other := s.agentAt(st.Node, st.Endpoint); other != nil && other.ID != id {
		return taken(other.ID)
	}
	if other := s.enteringAt(st); other != "" && other != id {
		return taken(other)
	}
	return nil
}

// passcodeUp is the phone answered: the code is asked for.
func (s *State) passcodeUp(id AgentID) {
	n := s.editEntering(id)
	n.SeenAt = s.now
	if n.Leg == LegUp {
		return
	}
	n.Leg = LegUp
	s.collectPasscode(id, PasscodeAsked, passcodePrompt)
}

// collectPasscode asks for the digits, which may come while the prompt plays.
func (s *State) collectPasscode(id AgentID, how string, media []string) {
	n := s.editEntering(id)
	n.Collect++
	n.Digits = ""
	n.Play = PlayID(OwnPrefix + "p-" + strings.TrimPrefix(string(n.Channel), OwnPrefix) + "-" + strconv.FormatUint(uint64(n.Collect), 10))
	s.do(Collect{EffectHead: s.enteringHead(id), Channel: n.Channel, Collect: n.Collect, Max: PasscodeDigits, Terminators: "#"})
	s.do(Play{EffectHead: s.enteringHead(id), Play: n.Play, Channel: n.Channel, Media: media})
	s.tellPasscode(id, how, 0)
}

func (s *State) tellPasscode(id AgentID, how string, cause Cause) {
	s.emit(Event{Kind: EvPasscode, Agent: s.agents[id], Reason: how, Cause: cause})
}

// passcodeDigit is a digit typed at the phone. The key that ends an entry may
// come late, behind one that was wrong: by itself it says nothing.
func (s *State) passcodeDigit(id AgentID, in DigitReceived) {
	n := s.editEntering(id)
	if n.Right || in.Collect != n.Collect || n.Channel != in.Channel {
		return
	}
	s.cutPasscode(id)
	n = s.editEntering(id)
	if in.Digit != "#" {
		n.Digits += in.Digit
		if len(n.Digits) < PasscodeDigits {
			return
		}
	} else if n.Digits == "" {
		n.Collect++
		s.do(Collect{EffectHead: s.enteringHead(id), Channel: n.Channel, Collect: n.Collect, Max: PasscodeDigits, Terminators: "#"})
		return
	}
	if n.Digits == n.Code {
		s.passcodeRight(id)
		return
	}
	if n.Tries++; n.Tries >= PasscodeTries {
		s.endEntering(id, PasscodeFailed, CauseNormal)
		return
	}
	s.collectPasscode(id, PasscodeWrong, passcodeAgain)
}

// cutPasscode ends the prompt, because a digit has come.
func (s *State) cutPasscode(id AgentID) {
	n := s.editEntering(id)
	if n.Play == "" {
		return
	}
	play := n.Play
	n.Play = ""
	s.do(StopPlay{EffectHead: s.enteringHead(id), Play: play, Channel: n.Channel})
}

// passcodeRight logs the agent in: a nailed station keeps its leg for the shift,
// at others the phone must be free first.
func (s *State) passcodeRight(id AgentID) {
	n := s.editEntering(id)
	n.Right, n.Digits = true, ""
	if n.Station.Mode == Nailed {
		s.legs[n.Channel] = legRef{agent: id}
		s.editAgent(id).Standing = &Standing{Channel: n.Channel, Leg: LegUp, Count: 1, SeenAt: s.now, AskedAt: n.AskedAt}
		s.passcodeDone(id)
		return
	}
	s.do(Hangup{EffectHead: s.enteringHead(id), Channel: n.Channel, Cause: CauseNormal})
}

// passcodeMoved is the entry going on at another leg, which knows nothing of it.
func (s *State) passcodeMoved(id AgentID, ch ChannelID) {
	n := s.editEntering(id)
	n.Channel, n.SeenAt = ch, s.now
	switch {
	case n.Right:
		s.do(Hangup{EffectHead: s.enteringHead(id), Channel: ch, Cause: CauseNormal})
	case n.Leg == LegUp:
		s.collectPasscode(id, PasscodeAsked, passcodePrompt)
	}
}

// passcodeGone is the end of the leg: after the right code the login it was
// for, else the end of it.
func (s *State) passcodeGone(id AgentID, cause Cause) {
	n := s.editEntering(id)
	n.Leg = LegGone
	if n.Right {
		s.passcodeDone(id)
		return
	}
	s.endEntering(id, PasscodeOver, cause)
}

// passcodeDone begins the shift after the right code.
func (s *State) passcodeDone(id AgentID) {
	s.cancelAgentTimer(TimerPasscode, id)
	a := s.editAgent(id)
	n := a.Entering
	a.Entering = nil
	s.beginShift(id, n.Station, n.State, n.Reason, n.OneLine)
}

// beginShift logs an agent in.
func (s *State) beginShift(id AgentID, at Station, st AgentState, reason string, oneLine bool) {
	s.enterShift(id, at)
	s.editAgent(id).OneLine = oneLine
	s.setState(id, st, reason)
}

// passcodeLate is the time for the entry run out. Where the code was right and
// only the end of the leg is not heard of, the agent need not wait for it.
func (s *State) passcodeLate(id AgentID) {
	a := s.agents[id]
	switch {
	case a == nil || a.Entering == nil:
	case a.Entering.Right:
		delete(s.legs, a.Entering.Channel)
		s.passcodeDone(id)
	case a.Entering.Leg == LegUp:
		s.endEntering(id, PasscodeFailed, CauseNormal)
	default:
		s.endEntering(id, PasscodeOver, CauseNoAnswer)
	}
}

// endEntering gives a login up that waits for its passcode.
func (s *State) endEntering(id AgentID, how string, cause Cause) {
	a := s.agents[id]
	if a == nil || a.Entering == nil {
		return
	}
	s.cancelAgentTimer(TimerPasscode, id)
	n := a.Entering
	if n.Leg.alive() {
		delete(s.legs, n.Channel)
		s.do(Hangup{EffectHead: s.enteringHead(id), Channel: n.Channel, Cause: CauseNormal})
	}
	s.editAgent(id).Entering = nil
	s.tellPasscode(id, how, cause)
}

// resyncPasscode compares the leg of a login that waits with the listing. A
// collection outlives neither a lost link nor the controller: it is opened again.
func (s *State) resyncPasscode(a *Agent, in Resync, live map[ChannelID]ChannelFact, wasUp bool) {
	n := a.Entering
	if n == nil || n.SeenAt > in.AsOf || s.config.several() && s.stationNode(&n.Station) != in.Node {
		return
	}
	f, there := live[n.Channel]
	switch {
	case there && f.Leg == LegUp && n.Leg != LegUp:
		s.passcodeUp(a.ID)
	case there && n.Right:
		s.do(Hangup{EffectHead: s.enteringHead(a.ID), Channel: n.Channel, Cause: CauseNormal})
	case there && n.Leg == LegUp && (in.Fresh || !wasUp):
		s.collectPasscode(a.ID, PasscodeAsked, passcodePrompt)
	case !there && (in.Fresh || n.AskedAt < in.AsOf.Add(-settleTime)):
		s.endedUnseen(n.Channel)
	}
}
