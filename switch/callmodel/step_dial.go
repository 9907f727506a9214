package callmodel

import (
	"slices"
	"time"
	"unicode/utf8"

	"strowger/switch/fault"
	"strowger/switch/numbering"
)

// campaignOf returns the configuration of a call's campaign, in the version
// that the call has started with, or nil.
func (s *State) campaignOf(c *Call) *CampaignConfig {
	if cfg, ok := s.configs[c.Config]; ok {
		if camp := cfg.Campaign(c.Campaign); camp != nil {
			return camp
		}
	}
	return s.config.Campaign(c.Campaign)
}

// customer returns the connection of a campaign's customer while the call is
// at a stage, or nil.
func (c *Call) customer(at ...DialStage) *Connection {
	if c.Kind != KindCampaign || c.Dial == nil || !slices.Contains(at, c.Dial.Stage) {
		return nil
	}
	return &c.Conns[0]
}

// seeks reports whether an agent is looked for on behalf of a campaign's
// customer: a queue's announcements, music and rules are not for them.
func (c *Call) seeks() bool { return c.customer(StagePreview, StageWaiting) != nil }

// editDial returns what a campaign's call knows, for writing.
func (s *State) editDial(id CallID) *DialState {
	c := s.edit(id)
	d := *c.Dial
	c.Dial = &d
	return &d
}

// dialCampaign calls a customer of a campaign.
func (s *State) dialCampaign(in Dial) error {
	cfg := s.config.Campaign(in.Campaign)
	if cfg == nil {
		return fault.New(fault.NotFound, in.Tag(), in.Campaign, "no such campaign in the configuration")
	}
	if err := s.checkDial(in, cfg); err != nil {
		return err
	}
	number, err := s.customerNumber(in)
	if err != nil {
		return err
	}
	if err := s.newCallID(in.Tag(), in.Call); err != nil {
		return err
	}
	if err := s.notTwice(in, number); err != nil {
		return err
	}
	data, err := s.withData(in.Tag(), in.Lead, nil, in.Attached)
	if err != nil {
		return err
	}
	draft := Call{
		Kind: KindCampaign, Queue: cfg.Queue, Config: s.config.Version, WantID: in.CallerID, DialMode: in.Mode,
		Dial: &DialState{Stage: StageRinging, Ring: in.Ring, Trunks: slices.Clone(in.Trunks)},
	}
	way, err := s.resolve(&draft, number)
	if err != nil {
		return err
	}
	node := s.config.node(NodeID(way.Node))
	if node == "" {
		node = s.homeNode()
	}
	if !s.nodeUp(node) {
		return fault.New(fault.Unavailable, in.Tag(), string(node), "the telephony server is out of reach: try again when it is back")
	}
	c := s.newCall(in.Call, node)
	c.Kind, c.Queue, c.Campaign, c.ListID, c.Lead, c.DialMode = KindCampaign, cfg.Queue, in.Campaign, in.List, in.Lead, in.Mode
	c.Caller, c.CallerID, c.Dialled, c.CallerName, c.WantID = number, number, number, in.Name, in.CallerID
	c.Priority, c.Attached, c.Dial = cfg.Priority+in.Priority, data, draft.Dial
	if c.Dial.Ring == 0 {
		c.Dial.Ring = cfg.Ring
	}
	if in.Mode == DialPreview {
		s.showCustomer(c, number, in.Agent)
		return nil
	}
	s.callCustomer(c, number, way)
	return nil
}

// checkDial checks what a dial says by itself.
func (s *State) checkDial(in Dial, cfg *CampaignConfig) error {
	invalid := func(why string) error { return fault.New(fault.Invalid, in.Tag(), in.Campaign, why) }
	switch in.Mode {
	case DialPredictive, DialProgressive, DialPreview:
	case DialMessage:
		if len(cfg.Message) == 0 {
			return invalid("the campaign has no message to tell")
		}
	default:
		return invalid("the mode is preview, progressive, predictive or message")
	}
	switch {
	case in.Lead == "" || len(in.Lead) > MaxLead || len(in.List) > MaxLead:
		return fault.Newf(fault.Invalid, in.Tag(), in.Campaign, "a customer is named by an entry of a list, with 1 to %d bytes each", MaxLead)
	case utf8.RuneCountInString(in.Name) > MaxLead || len(in.CallerID) > MaxLead || len(in.Trunks) > MaxTrunks:
		return fault.Newf(fault.Invalid, in.Tag(), in.Lead, "a name and a number have at most %d characters, and at most %d trunks are named", MaxLead, MaxTrunks)
	case in.Ring != 0 && (in.Ring < cfg.RingLeast || in.Ring > MaxRing):
		return fault.Newf(fault.Invalid, in.Tag(), in.Lead, "it rings for %v to %v", cfg.RingLeast, MaxRing)
	case s.queues[cfg.Queue] == nil || s.config.Queue(cfg.Queue) == nil:
		return noQueue(in.Tag(), cfg.Queue)
	}
	return s.mayShow(in, cfg)
}

// customerNumber checks the number to be called: a full one of the public network.
func (s *State) customerNumber(in Dial) (string, error) {
	if !s.config.planned() {
		return "", fault.New(fault.Unsupported, in.Tag(), in.Number, "no numbering plan is configured, so that nobody can be called")
	}
	digits, err := numbering.Dialable(in.Number)
	if err != nil {
		return "", err
	}
	n := s.config.Plan.E164(digits)
	if n.Kind != numbering.KindInternational {
		return "", fault.New(fault.Invalid, in.Tag(), in.Number, "a campaign calls full numbers, as +49301234567")
	}
	return n.Text, nil
}

// notTwice refuses to call a customer, or a number, that is being called, or
// whose last call still has work to be done.
func (s *State) notTwice(in Dial, number string) error {
	var customer, busy bool
	for _, c := range s.calls {
		if c.Kind == KindCampaign {
			customer = customer || c.Campaign == in.Campaign && c.ListID == in.List && c.Lead == in.Lead
			busy = busy || c.Conns[0].Device == number
		}
	}
	switch { // after the loop: what is said must not depend on the order of a map
	case customer:
		return fault.New(fault.Conflict, in.Tag(), in.Lead, "this customer is being called already")
	case busy:
		return fault.New(fault.Conflict, in.Tag(), number, "this number is being called already")
	default:
		return nil
	}
}

// callCustomer orders the leg to a customer. The bridge is made now, so that
// nothing is left to be made when they answer.
func (s *State) callCustomer(c *Call, number string, way numbering.Decision) {
	conn := s.addConn(c, Connection{
		Role: RoleParty, Device: number, Dial: way.Dial, Trunk: way.Trunk, ShowID: way.CallerID, Leg: LegAsked,
		State: Initiated, Processing: NotInProcess, AskedAt: s.now, Dialed: true,
	})
	p := c.Conn(conn)
	p.Station.Endpoint, p.Station.Node, p.Channel = way.Endpoint, NodeID(way.Node), channelOf(conn)
	s.legs[p.Channel] = legRef{call: c.ID, conn: conn}
	c.Target = &Target{To: Dest{DestNumber, number}, Conn: conn}
	s.emitCall(EvCallStarted, c.ID, conn)
	s.emitCall(EvOriginated, c.ID, conn)
	s.originateOutside(c.ID, conn, s.calls[c.ID].Dial.Ring)
}

// ringMargin is how much longer than we the server lets a leg ring: our own
// time decides, and that of a campaign begins when the phone does ring.
func (s *State) ringMargin(c *Call) time.Duration {
	if cfg := s.campaignOf(c); c.Kind == KindCampaign && cfg != nil {
		return max(originateMargin, cfg.RingLeast)
	}
	return originateMargin
}

// rungFor is how much longer a customer's phone has to ring before it may be
// given up.
func (s *State) rungFor(c *Call) time.Duration {
	cfg := s.campaignOf(c)
	if cfg == nil {
		return 0
	}
	p := &c.Conns[0]
	from := p.AskedAt
	if p.AlertingAt != 0 {
		from = p.AlertingAt
	}
	return from.Add(cfg.RingLeast).Sub(s.now)
}

// dialTimer is a timer of a campaign's call.
func (s *State) dialTimer(id CallID, key TimerKey) {
	switch c := s.calls[id]; key.Kind {
	case TimerRing:
		s.cancelRinging(id)
	case TimerScreen:
		s.screenTimeout(id)
	case TimerConnect:
		if c.Phase != PhaseOver && (c.customer(StageScreening, StageWaiting) != nil || c.unheard() != nil) {
			s.dropCustomer(id)
		}
	case TimerPreview:
		s.previewOver(id, key.Conn)
	case TimerMessage:
		if c.customer(StageMessage) != nil {
			s.messageOver(id)
		}
	default:
	}
}

// ringTimeout is a customer who has not answered in time.
func (s *State) ringTimeout(id CallID) {
	c := s.calls[id]
	p := &c.Conns[0]
	if left := s.rungFor(c); left > 0 && p.AlertingAt != 0 { // it rang late, and must ring for as long as any
		s.setTimer(TimerTarget, id, p.ID, left)
		return
	}
	s.editDial(id).Own = true
	s.targetFailed(id, CauseNoAnswer, 0)
}

// notReached is the end of an attempt that nobody has answered.
func (s *State) notReached(id CallID, cause Cause) {
	c := s.edit(id)
	p := &c.Conns[0]
	unseen := p.AlertingAt == 0 && (c.Dial.Doubt || cause == CauseLost)
	switch {
	case c.Outcome != "":
	case unseen && s.contact != nil && s.contact.covers != 0 && s.contact.covers <= p.AskedAt && !s.contact.proves(p.Channel):
		c.Outcome = OutcomeNotStarted
	case unseen && (cause == CauseLost || c.Dial.Own):
		c.Outcome = OutcomeUnknown
	case cause == CauseLost:
		c.Outcome = OutcomeLost
	default:
		c.Outcome = outcomeOf(cause)
	}
	for i := range s.calls[id].Conns { // the agent of a preview
		if p := &s.calls[id].Conns[i]; p.State != Ended {
			s.endParty(id, p.ID, cause)
		}
	}
	s.over(id)
}

// dialDone is what became of the order to call a customer, where that was not
// plain success. One that was held back was never carried out.
func (s *State) dialDone(in EffectDone) {
	c := s.calls[in.Call]
	if c == nil || c.customer(StageRinging) == nil || c.Conns[0].ID != in.Conn {
		return
	}
	switch {
	case in.Outcome == Unknown && c.Conns[0].Leg == LegAsked:
		s.editDial(in.Call).Doubt = true
	case in.Outcome == Failed && in.Later:
		s.edit(in.Call).Outcome = OutcomeNotStarted
	}
}

// cancelDial gives up a campaign's call that nobody has answered.
func (s *State) cancelDial(in CancelDial) error {
	c := s.calls[in.Call]
	switch {
	case c == nil:
		return fault.New(fault.NotFound, in.Tag(), in.Call.String(), "no such call: it has ended or never was")
	case c.Phase == PhaseOver || c.customer(StagePreview, StageRinging) == nil || c.TalkingAt != 0:
		return fault.New(fault.Conflict, in.Tag(), in.Call.String(), "only a campaign's call that nobody has answered can be given up")
	case c.Dial.Stage == StagePreview:
		s.dropAll(in.Call, CauseNormal)
		return nil
	}
	d := s.editDial(in.Call)
	left := s.rungFor(c)
	if in.Now && left > 0 {
		d.CutShort, left = true, 0
	}
	again := d.Cancel
	d.Cancel = true
	switch {
	case left <= 0:
		s.cancelRinging(in.Call)
	case !again:
		s.setTimer(TimerRing, in.Call, ConnID{}, left)
	}
	return nil
}

// cancelRinging gives a customer up who has not answered, unless their phone
// began to ring meanwhile and has to ring on.
func (s *State) cancelRinging(id CallID) {
	c := s.calls[id]
	if c.customer(StageRinging) == nil || c.Phase == PhaseOver {
		return
	}
	if left := s.rungFor(c); left > 0 && !c.Dial.CutShort {
		s.setTimer(TimerRing, id, ConnID{}, left)
		return
	}
	c = s.edit(id)
	c.Outcome = OutcomeCancelled
	if c.Dial.Doubt && c.Conns[0].AlertingAt == 0 {
		c.Outcome = OutcomeUnknown
	}
	s.targetFailed(id, CauseNormal, 0)
}
