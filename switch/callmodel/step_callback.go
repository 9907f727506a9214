package callmodel

import (
	"slices"
	"strings"
	"time"

	"strowger/switch/fault"
	"strowger/switch/numbering"
)

// MaxCallbacks is how many callbacks that are not done the switch keeps.
const MaxCallbacks = 10_000

// doneCallbacks is how long a callback that is done can still be listed.
const doneCallbacks = 24 * time.Hour

// collectForCallback lets a waiting caller press the digit for a callback.
func (s *State) collectForCallback(id CallID) {
	c := s.calls[id]
	q := s.queueConfig(c)
	w := c.Waiting()
	if q == nil || q.Callback.Digit == "" || c.Collecting || c.Withheld || callerOf(c) == "" || w.Role != RoleCaller {
		return
	}
	c = s.edit(id)
	c.Collecting = true
	s.do(Collect{EffectHead: s.head(c, w.ID), Channel: w.Channel, Collect: 1, Max: 1})
}

// callbackDigit is a digit from a waiting caller.
func (s *State) callbackDigit(id CallID, in DigitReceived) {
	c := s.edit(id)
	q := s.queueConfig(c)
	c.Collecting = false
	if q == nil || q.Callback.Digit == "" || s.config.Queue(c.Queue) == nil {
		return
	}
	if in.Digit != q.Callback.Digit {
		s.collectForCallback(id)
		return
	}
	number, err := s.callbackNumber(callerOf(c))
	if err == nil {
		err = s.mayCall(number, c.Queue, "")
	}
	if err != nil || s.findCallback(number, c.Queue) != nil || len(s.callbacks) >= MaxCallbacks {
		return // it cannot be called, or is on the list: the caller goes on waiting
	}
	cb := s.newCallback(CallbackID{c.ID.derive(1<<31 - 1)}, number, c.Queue)
	cb.Order, cb.QueuedAt, cb.From, cb.Attached = c.Order, c.QueuedAt, c.ID, c.Attached
	cb.Skills, cb.Priority = c.Skills, c.Priority
	s.dequeue(id)
	c = s.edit(id)
	c.Outcome = OutcomeCallback
	if c.inVisit() {
		s.visitEnds(c, VisitCallback)
		c.editVisit().Rule = in.Digit
	}
	s.cancelTimer(TimerWait, id, ConnID{})
	s.tellCallback(cb.ID)
	if q.Callback.Prompt != "" {
		s.takeAnnounce(id, q.Callback.Prompt)
	} else {
		s.endWaiting(id, CauseNormal, OutcomeCallback)
	}
	s.startCallback(cb.ID)
}

// callbackNumber checks a customer's number.
func (s *State) callbackNumber(raw string) (string, error) {
	if !s.config.planned() {
		return "", fault.New(fault.Unsupported, "callback", raw, "no numbering plan is configured, so that nobody can be called back")
	}
	digits, err := numbering.Dialable(raw)
	if err != nil {
		return "", err
	}
	n := s.config.Plan.E164(digits)
	if n.Kind != numbering.KindInternational {
		return "", fault.New(fault.Invalid, "callback", raw, "a callback needs a full number, as +49301234567")
	}
	return n.Text, nil
}

// mayCall reports why a queue's rules do not let a number be called back, or nil.
func (s *State) mayCall(number string, q QueueID, gateway string) error {
	probe := Call{Queue: q, Gateway: gateway, Config: s.config.Version}
	if _, err := s.resolve(&probe, number); err != nil && !fault.Is(err, fault.Busy) {
		return err
	}
	return nil
}

// findCallback returns the open callback of a number in a queue, or nil.
func (s *State) findCallback(number string, q QueueID) *Callback {
	for _, cb := range s.callbacks {
		if cb.Number == number && cb.Queue == q && cb.State != CallbackDone {
			return cb
		}
	}
	return nil
}

func (s *State) newCallback(id CallbackID, number string, q QueueID) *Callback {
	cfg := s.config.Queue(q)
	cb := &Callback{
		ID: id, Number: number, Queue: q, State: CallbackScheduled, CreatedAt: s.now, QueuedAt: s.now,
		MaxCalls: cfg.Callback.MaxCalls, Config: s.config.Version, ExpireAt: s.now.Add(cfg.Callback.Expire),
	}
	s.callbacks[id] = cb
	return cb
}

// editCallback returns a callback for writing: always a copy, because events
// and readers hold the one before.
func (s *State) editCallback(id CallbackID) *Callback {
	n := *s.callbacks[id]
	s.callbacks[id] = &n
	return &n
}

func (s *State) tellCallback(id CallbackID) {
	s.emit(Event{Kind: EvCallbackChanged, Callback: s.callbacks[id]})
	s.editCallback(id)
}

// createCallback is a callback that a client asks for.
func (s *State) createCallback(in CreateCallback) error {
	op := in.Tag()
	switch {
	case in.ID.IsZero() || s.callbacks[in.ID] != nil:
		return fault.New(fault.Invalid, op, "", "the callback's id is missing or taken")
	case s.queues[in.Queue] == nil || s.config.Queue(in.Queue) == nil:
		return noQueue(op, in.Queue)
	case len(in.Notes) > MaxCallbackText || len(in.Extra) > MaxCallbackText:
		return fault.Newf(fault.Invalid, op, in.Number, "notes and extra data have at most %d bytes each", MaxCallbackText)
	case len(s.callbacks) >= MaxCallbacks:
		return fault.New(fault.Busy, op, in.Number, "the list of callbacks is full")
	}
	if err := checkCampaign(in); err != nil {
		return err
	}
	if err := s.checkUntil(op, in.At, in.Until); err != nil {
		return err
	}
	number, err := s.callbackNumber(in.Number)
	if err != nil {
		return err
	}
	if err := s.knownSkills(op, in.Skills); err != nil {
		return err
	}
	if s.findCallback(number, in.Queue) != nil {
		return fault.New(fault.Conflict, op, in.Number, "this number is on the queue's callback list already")
	}
	if err := s.mayCall(number, in.Queue, in.Gateway); err != nil {
		return err
	}
	cb := s.newCallback(in.ID, number, in.Queue)
	cb.Order, cb.Skills, cb.Priority, cb.Gateway, cb.Notes, cb.Extra = s.nextOrder(), in.Skills, in.Priority, in.Gateway, in.Notes, in.Extra
	cb.Campaign, cb.ListID = in.Campaign, in.ListID
	s.timeCallback(cb, in.At, in.Until)
	s.tellCallback(cb.ID)
	s.startCallback(cb.ID)
	return nil
}

// startCallback gives a callback its place in the queue, when its time has come.
func (s *State) startCallback(id CallbackID) {
	cb := s.callbacks[id]
	if cb == nil || cb.State != CallbackScheduled {
		return
	}
	if cb.NextAt > s.now {
		s.setTimer(TimerCallback, CallID{}, ConnID(id), cb.NextAt.Sub(s.now))
		return
	}
	if s.now >= cb.ExpireAt || s.queues[cb.Queue] == nil || s.config.Queue(cb.Queue) == nil {
		s.closeCallback(id, ResultHandled)
		return
	}
	cb = s.editCallback(id)
	cb.State = CallbackWaiting
	cb.Calls++
	call := cb.Attempt()
	c := s.newCall(call, s.homeNode())
	c.Kind, c.Callback, c.Queue, c.Order, c.QueuedAt = KindCallback, id, cb.Queue, cb.Order, cb.QueuedAt
	c.Caller, c.CallerID, c.Dialled, c.Attached = cb.Number, cb.Number, cb.Number, cb.Attached
	c.Skills, c.Priority, c.Gateway = cb.Skills, cb.Priority, cb.Gateway
	c.Campaign, c.ListID = cb.Campaign, cb.ListID
	cb.Call = call
	conn := s.addConn(c, Connection{Role: RoleParty, Device: cb.Number, Leg: LegNone, State: Queued, Processing: NotInProcess})
	s.visit(c)
	s.emitCall(EvCallStarted, call, conn)
	s.tellCallback(id)
	s.editQueue(cb.Queue).Arrived++
	s.enqueue(call)
	s.place(call)
	s.watchWait(call)
}

// callbackAnswered is an agent who has taken a callback or a preview: now the
// customer is called, and when they answer the attempt has succeeded.
func (s *State) callbackAnswered(id CallID, conn ConnID) {
	c := s.calls[id]
	if !c.agentFirst() {
		return
	}
	if c.Conn(conn).Role != RoleAgent {
		cb := s.callbacks[c.Callback]
		if cb != nil && cb.Call == id {
			s.closeCallback(cb.ID, ResultSuccessful)
		}
		return
	}
	customer := &c.Conns[0]
	if customer.State == Ended || customer.Leg.alive() {
		return
	}
	if c.preview() {
		s.dialCustomer(id, s.previewDials(id))
		return
	}
	cb := s.callbacks[c.Callback]
	if cb == nil {
		s.dropAll(id, CauseNormal)
		return
	}
	cb = s.editCallback(cb.ID)
	cb.State, cb.LastAt, cb.Agent = CallbackActive, s.now, c.Conn(conn).Agent
	s.tellCallback(cb.ID)
	s.dialCustomer(id, s.queueConfig(s.calls[id]).Callback.Ring)
}

// dialCustomer calls the customer of a call for the agent who has it.
func (s *State) dialCustomer(id CallID, ring time.Duration) {
	c := s.edit(id)
	c.Phase = PhaseDialing
	customer := &c.Conns[0]
	customer.State = Initiated
	d, err := s.resolve(c, customer.Device)
	c.Target = &Target{To: Dest{DestNumber, customer.Device}, Conn: customer.ID}
	if err != nil {
		s.targetFailed(id, causeOf(err), 0)
		return
	}
	customer.Dial, customer.Trunk, customer.ShowID, customer.Station.Endpoint = d.Dial, d.Trunk, d.CallerID, d.Endpoint
	customer.Station.Node = NodeID(d.Node)
	customer.Channel, customer.Leg, customer.AskedAt = channelOf(customer.ID), LegAsked, s.now
	s.legs[customer.Channel] = legRef{call: id, conn: customer.ID}
	s.ringBack(id)
	s.emitCall(EvOriginated, id, customer.ID)
	s.originateOutside(id, s.calls[id].Conns[0].ID, ring)
}

// callbackFailed is a customer who was not reached. The agent is free; the next
// attempt comes later, until there were too many.
func (s *State) callbackFailed(id CallID, cause Cause) {
	c := s.calls[id]
	result := ResultOther
	switch {
	case cause == CauseBusy:
		result = ResultBusy
	case cause.unanswered():
		result = ResultNoAnswer
	case cause == CauseUnallocated:
		result = ResultBadAddress
	}
	if cb := s.callbacks[c.Callback]; cb != nil && cb.Call == id {
		s.attemptFailed(cb.ID, result)
	}
	s.edit(id).Outcome = outcomeOf(cause)
	for i := range s.calls[id].Conns {
		if p := &s.calls[id].Conns[i]; p.State != Ended {
			s.endParty(id, p.ID, cause)
		}
	}
	s.over(id)
}

// attemptFailed counts a failed attempt and plans the next.
func (s *State) attemptFailed(id CallbackID, result CallbackResult) {
	cb := s.editCallback(id)
	cb.Failures++
	cb.LastResult, cb.LastAt, cb.Call = result, s.now, CallID{}
	if cb.Failures >= cb.MaxCalls {
		s.closeCallback(id, ResultHandled)
		return
	}
	cb.State = CallbackScheduled
	retry := DefaultCallbackRetry
	if q := s.config.Queue(cb.Queue); q != nil {
		retry = q.Callback.Retry
	}
	cb.NextAt = s.now.Add(retry)
	s.tellCallback(id)
	s.startCallback(id)
}

// callbackOver is the end of a callback's call before the customer was called,
// as when a supervisor has ended it.
func (s *State) callbackOver(id CallID) {
	c := s.calls[id]
	if c.Kind != KindCallback {
		return
	}
	cb := s.callbacks[c.Callback]
	if cb == nil || cb.Call != id || cb.State == CallbackDone || cb.State == CallbackScheduled {
		return
	}
	s.attemptFailed(cb.ID, ResultOther)
}

// closeCallback ends a callback.
func (s *State) closeCallback(id CallbackID, result CallbackResult) {
	s.cancelTimer(TimerCallback, CallID{}, ConnID(id))
	cb := s.editCallback(id)
	cb.State, cb.LastResult, cb.HandledAt, cb.Call, cb.NextAt = CallbackDone, result, s.now, CallID{}, 0
	s.tellCallback(id)
}

// updateCallback takes a result or removes a callback.
func (s *State) updateCallback(in UpdateCallback) error {
	cb := s.callbacks[in.ID]
	switch {
	case cb == nil:
		return fault.New(fault.NotFound, in.Tag(), in.ID.String(), "no such callback")
	case in.Notes != nil && len(*in.Notes) > MaxCallbackText:
		return fault.Newf(fault.Invalid, in.Tag(), in.ID.String(), "notes have at most %d bytes", MaxCallbackText)
	}
	if in.Change != nil {
		return s.changeCallback(in)
	}
	known := []CallbackResult{ResultBadAddress, ResultBusy, ResultNoAnswer, ResultVoicemail, ResultOther, ResultSuccessful, ResultHandled, ResultSkip, ResultAgentRejected, ""}
	if !slices.Contains(known, in.Result) {
		return fault.New(fault.Invalid, in.Tag(), string(in.Result), "the results are BADADDRESS, BUSY, NO_ANSWER, VOICEMAIL, OTHER, SUCCESSFUL, HANDLED, SKIP and AGENT_REJECTED")
	}
	if in.Result != "" && cb.State == CallbackDone {
		return fault.New(fault.Conflict, in.Tag(), in.ID.String(), "the callback is done: "+string(cb.LastResult))
	}
	if in.Notes != nil {
		s.editCallback(in.ID).Notes = *in.Notes
	}
	live := s.callbacks[in.ID].Call
	switch in.Result {
	case "":
		s.tellCallback(in.ID)
	case ResultSuccessful, ResultHandled, ResultAgentRejected:
		s.closeCallback(in.ID, in.Result)
		s.endAttempt(live)
	case ResultBadAddress, ResultBusy, ResultNoAnswer, ResultVoicemail, ResultOther, ResultSkip:
		s.cancelTimer(TimerCallback, CallID{}, ConnID(in.ID))
		s.attemptFailed(in.ID, in.Result)
		s.endAttempt(live)
	}
	return nil
}

// endAttempt ends a callback's call that has become needless; a conversation goes on.
func (s *State) endAttempt(id CallID) {
	if c := s.calls[id]; c != nil && c.Phase != PhaseTalking && c.Phase != PhaseOver {
		s.dropAll(id, CauseNormal)
	}
}

// sweepCallbacks forgets callbacks that are long done, and ends those whose
// time is up.
func (s *State) sweepCallbacks() {
	for _, cb := range s.callbacksInOrder() {
		switch {
		case cb.State == CallbackDone && s.now.Sub(cb.HandledAt) > doneCallbacks:
			delete(s.callbacks, cb.ID)
		case cb.State != CallbackDone && cb.State != CallbackActive && s.now >= cb.ExpireAt:
			live := cb.Call
			s.closeCallback(cb.ID, ResultHandled)
			s.endAttempt(live)
		}
	}
}

func (s *State) callbacksInOrder() []*Callback {
	out := make([]*Callback, 0, len(s.callbacks))
	for _, cb := range s.callbacks {
		out = append(out, cb)
	}
	slices.SortFunc(out, func(a, b *Callback) int {
		if a.CreatedAt != b.CreatedAt {
			return int(a.CreatedAt - b.CreatedAt)
		}
		return strings.Compare(a.ID.String(), b.ID.String())
	})
	return out
}
