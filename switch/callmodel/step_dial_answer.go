package callmodel

import (
	"strings"
	"time"
)

// customerUp is a campaign's customer who answers, or whose leg comes back
// from a detector.
func (s *State) customerUp(id CallID, conn ConnID) {
	c, p := s.editConn(id, conn)
	c.AnsweredAt = s.now
	unseen := s.contact != nil && s.contact.back
	if ct := s.contact; unseen { // at some time since contact was lost: at worst, at its begin
		c.AnsweredAt = min(max(ct.since, p.AskedAt, p.AlertingAt), s.now)
	}
	if c.preview() {
		s.previewAnswered(id, conn)
		return
	}
	c.Target, p.State = nil, Queued
	s.cancelTimer(TimerTarget, id, conn)
	s.cancelTimer(TimerRing, id, ConnID{})
	c.Phase = PhaseAutomat
	cfg := s.campaignOf(c)
	d := s.editDial(id)
	d.Stage, d.Doubt = StageScreening, false
	if cfg != nil && c.DialMode != DialMessage {
		d.Deadline = c.AnsweredAt.Add(cfg.Connect)
	}
	s.emitCall(EvAnswered, id, conn)
	if cfg == nil { // no version of the campaign is left
		s.endWaiting(id, CauseNormal, OutcomeDropped)
		return
	}
	switch {
	case cfg.Screen.Detector == DetectorNone:
		s.person(id)
	case unseen: // what they say first is over
		s.unscreened(id, "it was answered while contact was lost")
	default:
		s.screen(id, cfg, false)
	}
}

// How long after its own limit a detector's answer is waited for, and for how
// long the beep of a machine is.
const (
	screenMargin = 300 * time.Millisecond
	beepLimit    = 25 * time.Second
	machineWait  = 20 * time.Second // of a machine for an agent: it would record nothing until it is full
)

// screen lets a detector hear the customer's leg.
func (s *State) screen(id CallID, cfg *CampaignConfig, beep bool) {
	d := s.editDial(id)
	d.Away = true
	order := Screen{Detector: cfg.Screen.Detector, Limit: cfg.Screen.Limit, Beep: beep}
	if beep {
		d.Stage, order.Limit = StageBeep, beepLimit
		order.Keep = d.Kept
	} else {
		d.Kept = s.sampled(cfg)
		order.Keep = d.Kept && cfg.Machine == MachineHangup // who is to hear a message must come back at once
	}
	c := s.calls[id]
	order.EffectHead, order.Channel = s.head(c, c.Conns[0].ID), c.Conns[0].Channel
	s.setTimer(TimerScreen, id, ConnID{}, order.Limit+screenMargin)
	s.do(order)
}

// sampled decides by lot whether the sound of a call is kept should it be a
// machine's: where somebody could be hung up on, or told a machine's message,
// who is a person.
func (s *State) sampled(cfg *CampaignConfig) bool {
	return cfg.Screen.Sample > 0 && cfg.Screen.Detector == DetectorAudio && cfg.Machine != MachineAgent && int(s.draw()%100) < cfg.Screen.Sample
}

// How long a line that rings on after its answer is listened to, and how much
// of a machine is heard when it is kept.
const (
	ringsLimit  = 8 * time.Second
	sampleLimit = 4 * time.Second
)

// ringsOn is a line that rings on after its answer: whose time runs is nobody's
// until somebody speaks.
func (s *State) ringsOn(id CallID) {
	if d := s.calls[id].Dial; d.Rings || d.Verdict != "" {
		return
	}
	d := s.editDial(id)
	d.Rings, d.Deadline = true, 0
	s.setTimer(TimerScreen, id, ConnID{}, ringsLimit)
}

// answeredLate is the verdict on a line that rang on. A detector's time runs
// from the first word then: it was spoken no longer ago than its limit.
func (s *State) answeredLate(id CallID, cfg *CampaignConfig) {
	c := s.edit(id)
	c.AnsweredAt = max(c.AnsweredAt, s.now.Add(-cfg.Screen.Limit))
	if c.DialMode != DialMessage {
		s.editDial(id).Deadline = c.AnsweredAt.Add(cfg.Connect)
	}
}

// maxWhy bounds what a detector says of its verdict.
const maxWhy = 200

// screened is a detector's verdict.
func (s *State) screened(in Screened) {
	ref, ok := s.legs[in.Channel]
	if !ok || ref.agent != "" {
		return
	}
	c := s.calls[ref.call]
	if c == nil || c.customer(StageScreening, StageBeep) == nil || c.Conns[0].ID != ref.conn || c.Phase != PhaseAutomat {
		return // too late: the call has gone on
	}
	if c.Dial.Stage == StageBeep {
		if in.Verdict != VerdictGone {
			s.beepHeard(c.ID, in.Beep)
		}
		return
	}
	if in.Verdict == VerdictRings {
		s.ringsOn(c.ID)
		return
	}
	if c.Dial.Verdict != "" || in.Verdict == VerdictGone { // the leg's end follows
		return
	}
	d := s.editDial(c.ID)
	d.Open = in.Open
	d.Verdict, d.Why, d.Took, d.VerdictAt = in.Verdict, strings.ToValidUTF8(in.Why[:min(len(in.Why), maxWhy)], ""), in.Took, s.now
	if in.Greeting > 0 {
		d.GreetingEnd = max(s.now.Add(-in.Greeting), c.AnsweredAt)
	}
	if cfg := s.campaignOf(c); d.Rings && cfg != nil {
		s.answeredLate(c.ID, cfg)
	}
	s.judge(c.ID)
}

// judge goes on with a verdict, once the leg is back where that is needed.
func (s *State) judge(id CallID) {
	c := s.calls[id]
	s.emit(Event{Kind: EvScreened, Call: c, Conn: c.Conns[0].ID, Node: c.Node, Reason: string(c.Dial.Verdict)})
	cfg := s.campaignOf(s.calls[id])
	switch v := c.Dial.Verdict; {
	case v == VerdictFax:
		s.screenOver(id, OutcomeFax)
		return
	case v == VerdictSIT:
		s.screenOver(id, OutcomeSIT)
		return
	case v == VerdictMachine && c.hangsUp(cfg):
		if c.Dial.Kept && c.Dial.Away { // it is heard on
			s.setTimer(TimerScreen, id, ConnID{}, sampleLimit)
			return
		}
		s.screenOver(id, OutcomeMachine)
		return
	case v != VerdictMachine && cfg != nil && c.Dial.Deadline != 0:
		s.editDial(id).Deadline = c.Clock(cfg.From).Add(cfg.Connect)
	}
	if s.calls[id].Dial.Away {
		s.setTimer(TimerScreen, id, ConnID{}, screenMargin)
		return
	}
	s.judged(id)
}

// Clock is when the time began within which a campaign's customer has to have
// an agent. Where it begins with the end of their greeting, who had not said it
// when the verdict came can have ended it no earlier than that. What was not
// heard is not known, and counts from the answer.
func (c *Call) Clock(from ConnectFrom) Instant {
	switch d := c.Dial; {
	case from != FromGreeting || d == nil:
	case d.GreetingEnd != 0:
		return d.GreetingEnd
	case d.Open:
		return d.VerdictAt
	}
	return c.AnsweredAt
}

// hangsUp reports whether nothing is said to a machine.
func (c *Call) hangsUp(cfg *CampaignConfig) bool {
	return cfg == nil || cfg.Machine == MachineHangup || c.DialMode == DialMessage && cfg.Machine != MachineMessage
}

// screenOver ends a call that is for no agent.
func (s *State) screenOver(id CallID, why Outcome) {
	s.cancelTimer(TimerScreen, id, ConnID{})
	s.endWaiting(id, CauseNormal, why)
}

// judged is a leg that is back from the detector with its verdict.
func (s *State) judged(id CallID) {
	s.cancelTimer(TimerScreen, id, ConnID{})
	c := s.calls[id]
	if c.Dial.Verdict != VerdictMachine {
		s.person(id)
		return
	}
	cfg := s.campaignOf(c)
	switch {
	case c.hangsUp(cfg):
		s.endWaiting(id, CauseNormal, OutcomeMachine)
	case cfg.Machine == MachineMessage:
		s.screen(id, cfg, true)
	default: // an agent wants to hear it: nobody is kept waiting
		s.editDial(id).Deadline = 0
		s.person(id)
		if s.calls[id].customer(StageWaiting) != nil && s.calls[id].Phase != PhaseOver {
			s.setTimer(TimerConnect, id, ConnID{}, machineWait)
		}
	}
}

// beepHeard tells a machine the message, or gives it up.
func (s *State) beepHeard(id CallID, heard bool) {
	cfg := s.campaignOf(s.calls[id])
	if !heard || cfg == nil {
		s.screenOver(id, OutcomeMachine)
		return
	}
	d := s.editDial(id)
	d.VerdictAt = s.now
	if d.Away {
		d.Beep = true
		s.setTimer(TimerScreen, id, ConnID{}, screenMargin)
		return
	}
	s.cancelTimer(TimerScreen, id, ConnID{})
	s.tell(id, cfg.MachineMedia, OutcomeMachine)
}

// legBack is a leg that has come back from a detector, and reports whether it is one.
func (s *State) legBack(id CallID, conn ConnID) bool {
	c := s.calls[id]
	if c.customer(StageScreening, StageBeep, StageMessage) == nil || c.Conns[0].ID != conn || !c.Dial.Away {
		return false
	}
	d := s.editDial(id)
	d.Away = false
	switch cfg := s.campaignOf(c); {
	case s.calls[id].Phase == PhaseOver: // it was given up, and is being hung up
	case d.Stage == StageMessage && cfg != nil: // they are to be told, and could not be before
		s.tellWhenBack(id, cfg)
	case d.Stage == StageBeep && d.Beep:
		s.beepHeard(id, true)
	case d.Stage == StageScreening && d.Verdict != "":
		s.judged(id)
	}
	return true // without a verdict yet: it follows
}

// screenTimeout is a detector that has not answered, or has not given the leg back.
func (s *State) screenTimeout(id CallID) {
	c := s.calls[id]
	switch {
	case c.customer(StageBeep) != nil:
		s.screenOver(id, OutcomeMachine)
	case c.customer(StageScreening) == nil:
	case c.Dial.Verdict == VerdictMachine:
		s.screenOver(id, OutcomeMachine)
	default:
		s.unscreened(id, "the detector has not answered in time")
	}
}

// unscreened takes a customer for a person because nobody knows better.
func (s *State) unscreened(id CallID, why string) {
	if s.calls[id].Dial.Verdict == "" {
		d := s.editDial(id)
		d.Verdict, d.Why, d.VerdictAt = VerdictUnsure, why, s.now
		c := s.calls[id]
		s.emit(Event{Kind: EvScreened, Call: c, Conn: c.Conns[0].ID, Node: c.Node, Reason: string(VerdictUnsure)})
	}
	if cfg := s.campaignOf(s.calls[id]); s.calls[id].Dial.Rings && cfg != nil {
		s.answeredLate(id, cfg)
	}
	d := s.calls[id].Dial
	if d.Away && d.Deadline != 0 { // it cannot be connected before it is back
		s.setTimer(TimerConnect, id, ConnID{}, max(d.Deadline.Sub(s.now), 0))
		return
	}
	if d.Away {
		s.screenOver(id, OutcomeFailed)
		return
	}
	s.judged(id)
}

// screenDone is an order to a detector that has failed: the leg is where it was.
func (s *State) screenDone(in EffectDone) {
	c := s.calls[in.Call]
	if c == nil || in.Outcome != Failed || in.Gone || c.customer(StageScreening, StageBeep) == nil || !c.Dial.Away {
		return
	}
	s.editDial(in.Call).Away = false
	s.cancelTimer(TimerScreen, in.Call, ConnID{})
	if c.Dial.Stage == StageBeep {
		s.endWaiting(in.Call, CauseNormal, OutcomeMachine)
		return
	}
	s.unscreened(in.Call, "the detector could not be asked")
}

// person goes on with a customer who is, or may be, a person.
func (s *State) person(id CallID) {
	c := s.calls[id]
	if c.DialMode == DialMessage {
		if cfg := s.campaignOf(c); cfg != nil {
			s.tell(id, cfg.Message, OutcomeMessage)
		}
		return
	}
	if late := c.Dial.Deadline != 0 && s.now >= c.Dial.Deadline; late || s.queues[c.Queue] == nil {
		s.dropCustomer(id)
		return
	}
	c = s.edit(id)
	c.Order, c.QueuedAt = s.nextOrder(), s.now
	d := s.editDial(id)
	d.Stage = StageWaiting
	if d.Deadline != 0 {
		s.setTimer(TimerConnect, id, ConnID{}, d.Deadline.Sub(s.now))
	}
	s.admit(id)
}
