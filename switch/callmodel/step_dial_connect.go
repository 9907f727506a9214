package callmodel

import "time"

// How long it takes from an offer to a bridge, by kind of station. An offer
// that could not be done with before the deadline is not begun.
const (
	nailedSlack = 200 * time.Millisecond
	calledSlack = 900 * time.Millisecond
)

// inTime reports whether an agent at a station could have a campaign's customer
// before the deadline. A phone that a person has to answer could not.
func (s *State) inTime(c *Call, st *Station) bool {
	if c.customer(StageWaiting) == nil || c.Dial.Deadline == 0 {
		return true
	}
	slack, direct := slackOf(st.Mode)
	return direct && s.now.Add(slack) <= c.Dial.Deadline
}

// slackOf is how long it takes to connect a kind of station, false if a person
// has to answer it.
func slackOf(m AnswerMode) (time.Duration, bool) {
	switch m {
	case Nailed:
		return nailedSlack, true
	case CallOnAccept:
		return calledSlack, true
	case Handset, TalkNotify:
	}
	return 0, false
}

// Reaches reports whether everybody who answers a campaign's call can have an
// agent at a kind of station in time, however long it takes to hear who they
// are. Only the controller's own detector hears when somebody has ended their
// greeting.
func (c *CampaignConfig) Reaches(m AnswerMode) bool {
	slack, direct := slackOf(m)
	if c.Screen.Detector == DetectorAsterisk || c.Screen.Detector == DetectorAudio && c.From != FromGreeting {
		slack += c.Screen.Limit + screenMargin
	}
	return direct && slack <= c.Connect
}

// LongestScreen is the longest limit of a detector with which agents at nailed
// stations can be reached in time by all who answer.
func (c *CampaignConfig) LongestScreen() time.Duration {
	return c.Connect - nailedSlack - screenMargin
}

// late reports whether a campaign's customer may not be given to an agent any more.
func (c *Call) late(now Instant) bool {
	return c.customer(StageWaiting) != nil && c.Dial.Deadline != 0 && now >= c.Dial.Deadline
}

// acceptFor takes the call for an agent whose phone is called by accepting:
// the customer is there and cannot wait for a click.
func (s *State) acceptFor(id CallID, conn ConnID) {
	c := s.calls[id]
	if p := c.Conn(conn); c.customer(StageWaiting) != nil && p.Station.Mode == CallOnAccept && !p.Direct && p.State == Alerting {
		_ = s.accept(id, conn) // one that is alerting and does not knock is never refused
	}
}

// customerTaken is an agent who has answered for a campaign's customer. The
// deadline holds until both are in the bridge.
func (s *State) customerTaken(id CallID) {
	if s.calls[id].customer(StageWaiting) != nil {
		s.editDial(id).Stage = StageConnected
	}
}

// bridged notes that a leg has come into its call's bridge. With the second one
// a campaign's customer is connected.
func (s *State) bridged(id CallID, conn ConnID) {
	c, p := s.editConn(id, conn)
	if p.BridgedAt == 0 {
		p.BridgedAt = s.now
	}
	if c.customer(StageConnected) != nil && c.unheard() == nil {
		s.cancelTimer(TimerConnect, id, ConnID{})
	}
}

// unheard returns a campaign's customer who was given to an agent and whom no
// agent has heard yet, or nil.
func (c *Call) unheard() *Connection {
	p := c.customer(StageConnected)
	if p == nil || p.State == Ended || c.Phase != PhaseTalking {
		return nil
	}
	for i := range c.Conns {
		if q := &c.Conns[i]; q.Role == RoleAgent && q.BridgedAt != 0 && p.BridgedAt != 0 {
			return nil
		}
	}
	return p
}

// seekAgain looks for another agent after the first one's leg has failed before
// the customer was in the bridge with them, and reports whether that is so.
func (s *State) seekAgain(id CallID) bool {
	p := s.calls[id].unheard()
	if p == nil || s.calls[id].Dial.Deadline == 0 || len(s.calls[id].talkers()) != 1 {
		return false
	}
	s.notAnswered(id)
	s.editDial(id).Stage = StageWaiting
	c := s.edit(id)
	c.Outcome, c.Phase = "", PhaseAutomat
	if s.now >= c.Dial.Deadline {
		s.dropCustomer(id)
		return true
	}
	s.requeue(id)
	return true
}

// notAnswered takes back that an agent has answered for a customer whom they
// have not heard, who leaves the bridge again.
func (s *State) notAnswered(id CallID) {
	c := s.edit(id)
	q := s.editQueue(c.Queue)
	q.Answered--
	if cfg := s.queueConfig(c); cfg != nil && c.TalkingAt.Sub(c.QueuedAt) <= cfg.ServiceLevel {
		q.InTime--
	}
	p := &c.Conns[0]
	p.State, p.ConnectedAt, c.TalkingAt = Queued, 0, 0
	if p.InBridge || p.JoinAsked {
		p.JoinAsked = false
		s.do(Leave{EffectHead: s.head(c, p.ID), Bridge: c.Bridge, Channel: p.Channel})
	}
}

// dropCustomer gives up a person for whom no agent was there in time: they are
// told so, and are never connected late. A machine is told nothing.
func (s *State) dropCustomer(id CallID) {
	s.cancelTimer(TimerConnect, id, ConnID{})
	s.cancelTimer(TimerScreen, id, ConnID{})
	s.cancelTimer(TimerRetry, id, ConnID{})
	c := s.calls[id]
	if c.Phase == PhaseTalking {
		s.takeBack(id)
		c = s.calls[id]
	}
	cfg := s.campaignOf(c)
	if c.Phase == PhaseWaiting {
		s.dequeue(id)
	}
	c = s.edit(id)
	why := OutcomeDropped
	if c.Dial.Verdict == VerdictMachine {
		why = OutcomeMachine
	}
	c.Outcome, c.Phase = why, PhaseAutomat
	s.editDial(id).Stage = StageMessage
	s.visitEnds(s.edit(id), VisitEnded)
	s.withdrawAll(id, CauseNormal)
	if cfg == nil || len(cfg.Dropped) == 0 || why == OutcomeMachine {
		s.endWaiting(id, CauseNormal, why)
		return
	}
	s.tellWhenBack(id, cfg)
}

// backLimit is how long a customer who is to be told something is waited for
// whom a detector has. Their leg comes back while the controller is there.
const backLimit = time.Second

// tellWhenBack plays the message that belongs to a call's outcome, as soon as
// the customer's leg is back in our hands.
func (s *State) tellWhenBack(id CallID, cfg *CampaignConfig) {
	if c := s.calls[id]; !c.Dial.Away {
		s.tell(id, messageOf(cfg, c.Outcome), c.Outcome)
	} else if s.nodeUp(c.Node) { // else redial does it
		s.setTimer(TimerMessage, id, ConnID{}, backLimit)
	}
}

// givenUp is the outcome of a call that somebody ends from outside. A person who
// had answered a campaign's call was dropped, whoever wanted it.
func (c *Call) givenUp() Outcome {
	if c.DialMode != DialMessage && (c.customer(StageWaiting) != nil || c.customer(StageScreening) != nil && c.Dial.Verdict != VerdictMachine) {
		return OutcomeDropped
	}
	return OutcomeCancelled
}

// takeBack takes a customer from an agent who was to have them and has not
// heard them by the deadline.
func (s *State) takeBack(id CallID) {
	s.notAnswered(id)
	c := s.edit(id)
	c.Phase, c.Outcome = PhaseAutomat, OutcomeDropped
	for i := range c.Conns {
		if p := &s.edit(id).Conns[i]; p.Role == RoleAgent && p.State != Ended {
			p.NoWrapUp = true
			s.endAgentConn(id, p.ID, CauseNormal)
		}
	}
}

// How long a message may last: the end of a sound is not told in every case.
// After its end a customer has a moment for the digit that it has named.
const (
	droppedLimit = 30 * time.Second
	messageLimit = 2 * time.Minute
	optOutWait   = 3 * time.Second
)

// tell plays a message to a campaign's customer, after which the call ends. A
// server that is out of reach is told when it is back.
func (s *State) tell(id CallID, media []string, why Outcome) {
	c := s.edit(id)
	c.Phase, c.Outcome = PhaseAutomat, why
	s.editDial(id).Stage = StageMessage
	if !s.nodeUp(c.Node) {
		return // redial does it
	}
	first := c.Dial.Told == 0
	conn := c.Conns[0].ID
	play := s.play(id, conn, media...)
	d := s.editDial(id)
	d.Play = play
	if first {
		d.Told = s.now
	}
	if s.mayOptOut(s.calls[id]) {
		s.collectOptOut(id)
	}
	limit := messageLimit
	if why == OutcomeDropped {
		limit = droppedLimit
	}
	s.setTimer(TimerMessage, id, ConnID{}, limit)
	s.tellMessage(id, "began")
}

func (s *State) tellMessage(id CallID, how string) {
	c := s.calls[id]
	s.emit(Event{Kind: EvMessage, Call: c, Conn: c.Conns[0].ID, Node: c.Node, Reason: how})
}

// mayOptOut reports whether there is a digit by which whoever hears a message
// wants no more calls. A machine presses none.
func (s *State) mayOptOut(c *Call) bool {
	cfg := s.campaignOf(c)
	return cfg != nil && cfg.OptOut != "" && c.Outcome != OutcomeMachine
}

// collectOptOut waits for the digit by which a customer wants no more calls.
func (s *State) collectOptOut(id CallID) {
	d := s.editDial(id)
	d.Collect++
	c := s.calls[id]
	s.do(Collect{EffectHead: s.head(c, c.Conns[0].ID), Channel: c.Conns[0].Channel, Collect: d.Collect, Max: 1})
}

// told reports whether a sound is the message that a campaign's customer hears.
func (c *Call) told(play PlayID) bool {
	return play != "" && c.customer(StageMessage) != nil && c.Dial.Play == play && c.Phase == PhaseAutomat
}

// messageEnded is the end of a message's sounds.
func (s *State) messageEnded(id CallID, failed bool) {
	d := s.editDial(id)
	d.Play, d.Heard = "", !failed
	if s.calls[id].Phase == PhaseOver { // they have hung up, which was told
		return
	}
	s.tellMessage(id, endedHow(failed))
	if failed || !s.mayOptOut(s.calls[id]) {
		s.messageOver(id)
		return
	}
	s.setTimer(TimerMessage, id, ConnID{}, optOutWait)
}

// messageFailed is a message that could not be ordered. While the server is
// out of reach it is told later.
func (s *State) messageFailed(in EffectDone) {
	d := s.editDial(in.Call)
	if !in.Later {
		s.messageEnded(in.Call, true)
		return
	}
	d.Play, d.Told = "", 0
}

// messageOver ends the call after its message.
func (s *State) messageOver(id CallID) {
	s.cancelTimer(TimerMessage, id, ConnID{})
	s.endWaiting(id, CauseNormal, OutcomeMessage)
}

// optOut is a digit from a customer who is told a message. What counts as a
// drop stays one.
func (s *State) optOut(id CallID, in DigitReceived) {
	c := s.calls[id]
	cfg := s.campaignOf(c)
	if in.Collect != c.Dial.Collect || !s.mayOptOut(c) {
		return
	}
	if in.Digit != cfg.OptOut {
		s.collectOptOut(id)
		return
	}
	c = s.edit(id)
	c.Conns[0].DoNotCall = true
	if c.Outcome == OutcomeMessage {
		c.Outcome = OutcomeOptOut
	}
	play := c.Dial.Play
	s.editDial(id).Play = ""
	s.stopPlay(id, c.Conns[0].ID, play)
	s.tellMessage(id, "opt-out")
	s.messageOver(id)
}

// shortAnswer is how soon after the answer a customer is gone of whom nothing
// is known: the network says that it was answered, and nobody was.
const shortAnswer = 2 * time.Second

// customerGone is a campaign's customer who hangs up before an agent has them.
func (s *State) customerGone(id CallID, conn ConnID, cause Cause) {
	c, p := s.editConn(id, conn)
	p.State, p.EndedAt, p.Cause = Ended, s.endOf(p), cause
	waits := c.Phase == PhaseWaiting || c.Phase == PhaseOffered
	if c.Phase == PhaseWaiting {
		s.dequeue(id)
		c = s.edit(id)
	}
	switch d := c.Dial; {
	case c.Outcome != "":
	case cause == CauseLost:
		c.Outcome = OutcomeLost
	case d.Stage == StageBeep || d.Verdict == VerdictMachine:
		c.Outcome = OutcomeMachine
	case d.Verdict == "" && c.Conns[0].EndedAt.Sub(c.AnsweredAt) < shortAnswer:
		c.Outcome = OutcomeShortAnswer
	default:
		c.Outcome = OutcomeAbandoned
	}
	if waits && c.Outcome == OutcomeAbandoned {
		s.abandoned(c)
	}
	s.emitCall(EvCleared, id, conn)
	s.withdrawAll(id, CauseNormal)
	s.over(id)
}

// redial goes on with campaigns' calls of a server that can be told something
// again. After a loss of contact it is not known what a detector has said or
// what was told meanwhile. A leg that a detector still has comes back by itself.
func (s *State) redial(node NodeID, lost bool, live map[ChannelID]ChannelFact) {
	for _, c := range s.callsInOrder() {
		if c.Node != node || c.Phase != PhaseAutomat || c.Dial == nil || !lost && (c.Dial.Stage != StageMessage || c.Dial.Told != 0) {
			continue
		}
		if c.Dial.Away && live[c.Conns[0].Channel].Leg == LegUp {
			s.editDial(c.ID).Away = false
			c = s.calls[c.ID]
		}
		switch cfg := s.campaignOf(c); {
		case c.Dial.Stage == StageScreening && c.Dial.Away: // its time runs
		case c.Dial.Stage == StageScreening:
			s.cancelTimer(TimerScreen, c.ID, ConnID{})
			s.unscreened(c.ID, "contact was lost while it listened")
		case c.Dial.Stage == StageBeep || cfg == nil:
			s.screenOver(c.ID, OutcomeMachine)
		case c.Dial.Stage == StageMessage:
			s.tellWhenBack(c.ID, cfg)
		}
	}
}

// messageOf is what a call with an outcome is told.
func messageOf(cfg *CampaignConfig, o Outcome) []string {
	switch o {
	case OutcomeDropped:
		return cfg.Dropped
	case OutcomeMachine:
		return cfg.MachineMedia
	default:
		return cfg.Message
	}
}
