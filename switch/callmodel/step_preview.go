package callmodel

import (
	"slices"
	"time"

	"strowger/switch/fault"
)

// agentFirst reports whether an agent has a call before its customer is called:
// a callback, and a campaign's preview.
func (c *Call) agentFirst() bool {
	return c.Kind == KindCallback || c.preview()
}

// preview reports whether an agent looks at a campaign's customer before the call.
func (c *Call) preview() bool {
	return c.Kind == KindCampaign && c.DialMode == DialPreview
}

// showCustomer puts a campaign's customer into the queue: an agent sees whom
// they are to call, and the customer is called when the agent wants it.
func (s *State) showCustomer(c *Call, number string, only AgentID) {
	c.Dial.Stage, c.Order, c.QueuedAt = StagePreview, s.nextOrder(), s.now
	if only != "" {
		c.Required = []AgentID{only}
	}
	conn := s.addConn(c, Connection{Role: RoleParty, Device: number, Leg: LegNone, State: Queued, Processing: NotInProcess, Dialed: true})
	s.visit(c)
	s.emitCall(EvCallStarted, c.ID, conn)
	s.editQueue(c.Queue).Arrived++
	s.enqueue(c.ID)
	s.place(c.ID)
	s.watchWait(c.ID)
}

// mayShow checks the agent whom a preview is for.
func (s *State) mayShow(in Dial, cfg *CampaignConfig) error {
	switch {
	case in.Agent == "":
	case in.Mode != DialPreview:
		return fault.New(fault.Invalid, in.Tag(), string(in.Agent), "only a preview is for one agent: the others go to whoever is free")
	case s.config.Agent(in.Agent) == nil || !slices.Contains(s.config.Agent(in.Agent).Queues, cfg.Queue):
		return fault.New(fault.NotFound, in.Tag(), string(in.Agent), "no such agent, or one who does not serve the campaign's queue")
	}
	return nil
}

// previewDials notes that an agent wants a campaign's customer to be called, and
// returns how long their phone may ring. What the call knows of a conversation
// is what the agent's own phone has made of it.
func (s *State) previewDials(id CallID) time.Duration {
	d := s.editDial(id)
	d.Stage = StageRinging
	c := s.edit(id)
	c.Outcome, c.TalkingAt = "", 0
	return d.Ring
}

// previewAnswered is the customer whom an agent has had called: both can talk.
func (s *State) previewAnswered(id CallID, conn ConnID) {
	d := s.editDial(id)
	d.Stage, d.Doubt = StageConnected, false
	s.cancelTimer(TimerRing, id, ConnID{})
	s.emitCall(EvAnswered, id, conn)
	s.connect(id, conn)
}

// previewSlack is how much longer than its preview an offer lasts, so that it
// is the preview's end that ends it.
const previewSlack = 5 * time.Second

// offerTime is how long an agent is offered a call of a queue. At a preview
// without a timer they look for as long as they want: only what is left lying
// is taken from them.
func (s *State) offerTime(c *Call, q *QueueConfig) time.Duration {
	cfg := s.campaignOf(c)
	switch {
	case !c.preview() || cfg == nil:
		return q.RingTimeout
	case cfg.Preview.Timer == 0:
		return MaxPreview
	}
	return max(q.RingTimeout, cfg.Preview.Timer+previewSlack)
}

// watchPreview sets the time that an agent has to look at a campaign's customer.
func (s *State) watchPreview(id CallID, conn ConnID) {
	c := s.calls[id]
	if cfg := s.campaignOf(c); c.preview() && c.Phase == PhaseOffered && cfg != nil && cfg.Preview.Timer > 0 {
		s.setTimer(TimerPreview, id, conn, cfg.Preview.Timer)
	}
}

// previewOver is the end of the time that an agent had.
func (s *State) previewOver(id CallID, conn ConnID) {
	c := s.calls[id]
	p := c.Conn(conn)
	cfg := s.campaignOf(c)
	if p == nil || p.State != Alerting || p.Accepted || p.Borrowed || c.Phase != PhaseOffered || cfg == nil {
		return
	}
	switch cfg.Preview.AtEnd {
	case PreviewSkip:
		s.skip(id, ResultSkip)
	case PreviewReject:
		s.skip(id, ResultAgentRejected)
	default:
		if !Capabilities(p).Has(OpAccept) {
			return // the phone rings, and only its owner can answer it
		}
		if err := s.accept(id, conn); err != nil {
			s.offerOver(id, conn, CauseUnreachable, offerUnreachable)
		}
	}
}

// acceptPreview takes the standing leg of an agent who wants to make the call.
func (s *State) acceptPreview(id CallID, conn ConnID) error {
	p := s.calls[id].Conn(conn)
	a := s.agents[p.Agent]
	if a.Standing == nil || a.Standing.Leg != LegUp {
		return fault.New(fault.Unavailable, Accept{}.Tag(), conn.Hex(), "the station's standing leg is down: wait until it is up again")
	}
	s.cancelTimer(TimerPreview, id, conn)
	s.cancelTimer(TimerOffer, id, conn)
	s.borrow(id, conn)
	return nil
}

// rejectPreview is an agent who will not make the call that they are shown. It
// is over, since the dialer decides who gets the customer and when; without a
// result a customer whom anybody may get goes to another agent.
func (s *State) rejectPreview(in Reject, c *Call, wish *CallbackAt) error {
	switch in.Result {
	case ResultSkip, ResultAgentRejected, "":
	default:
		return badResult(in)
	}
	_, p := s.editConn(c.ID, in.Conn)
	p.RejectReason, p.Callback = in.Reason, wish
	s.skip(c.ID, in.Result)
	return nil
}

// skip ends a preview whose customer has not been called.
func (s *State) skip(id CallID, result CallbackResult) {
	c := s.edit(id)
	c.Outcome = OutcomeSkipped
	if result == ResultAgentRejected {
		c.Outcome = OutcomeAgentRejected
	}
	s.dropAll(id, CauseNormal)
}
