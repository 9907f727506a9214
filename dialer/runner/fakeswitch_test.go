package runner

import (
	"context"
	"encoding/binary"
	"slices"
	"sync"
	"testing"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// outcome is what a number of the fake world does when it is called.
type outcome struct {
	after time.Duration // until it answers or the network says why not
	talk  time.Duration // answered: how long they talk; 0: not answered; less: hung up at once
	cause callmodel.Cause
	tech  int
	looks time.Duration // in a preview: how long the agent looks before they are called
}

// patience is how long somebody who answers waits for an agent.
const patience = 2 * time.Second

// ringTime is after how long the fake switch gives a call up.
const ringTime = 22 * time.Second

// wrapTime is how long agents work after a call.
const wrapTime = 10 * time.Second

// exchange is a switch that does what campaigns see of one, in the time of
// testing/synctest.
type exchange struct {
	t     *testing.T
	world func(number string) outcome

	mu       sync.Mutex
	begin    time.Time
	seq      uint64
	ids      uint64
	calls    map[callmodel.CallID]*callmodel.Call
	agents   []*callmodel.Agent
	nodeDown bool
	verdict  func(callmodel.Command) error // instead of taking a command; nil: take all
	silent   bool                          // the ends of calls are not told: events are lost
	wish     func(*callmodel.Call)         // what the agent says in wrap-up; nil: nothing
	sub      *subscription
	dials    []callmodel.Dial
	dialedAt []time.Time
	cancels  []callmodel.CancelDial
	ended    map[callmodel.CallID]Ended
	most     int // lines at once
}

func newExchange(t *testing.T, world func(string) outcome) *exchange {
	return &exchange{t: t, world: world, begin: time.Now(), calls: map[callmodel.CallID]*callmodel.Call{}, ended: map[callmodel.CallID]Ended{}}
}

// agent adds an agent who is ready at a nailed station, or changes one.
func (x *exchange) agent(id string, change func(*callmodel.Agent)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	i := slices.IndexFunc(x.agents, func(a *callmodel.Agent) bool { return string(a.ID) == id })
	if i < 0 {
		i = len(x.agents)
		x.agents = append(x.agents, &callmodel.Agent{
			ID: callmodel.AgentID(id), Number: int64(i + 1), Queues: []callmodel.QueueID{"spring"}, State: callmodel.Ready, Since: x.now(),
			Station: callmodel.Station{Endpoint: id, Mode: callmodel.Nailed}, Standing: &callmodel.Standing{Leg: callmodel.LegUp},
		})
	}
	a := *x.agents[i]
	if change != nil {
		change(&a)
	}
	x.agents[i] = &a
}

func (x *exchange) now() callmodel.Instant {
	return callmodel.Instant(time.Since(x.begin)/time.Microsecond) + 1
}

// NewID implements port.Switch.
func (x *exchange) NewID() callmodel.ID {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ids++
	var id callmodel.ID
	binary.BigEndian.PutUint64(id[8:], x.ids)
	return id
}

// View implements port.Switch.
func (x *exchange) View(context.Context) (*callmodel.View, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	v := &callmodel.View{Events: x.seq, Now: x.now(), Agents: slices.Clone(x.agents), Nodes: []callmodel.Node{{ID: "one", Up: !x.nodeDown}}}
	for _, c := range x.calls {
		v.Calls = append(v.Calls, c)
	}
	slices.SortFunc(v.Calls, func(a, b *callmodel.Call) int { return int(a.Number - b.Number) })
	return v, nil
}

// Watch implements port.Switch.
func (x *exchange) Watch(ctx context.Context, _ string) (*callmodel.View, port.Subscription, error) {
	v, err := x.View(ctx)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.sub = &subscription{wake: make(chan struct{}, 1)}
	return v, x.sub, err
}

// Do implements port.Switch.
func (x *exchange) Do(_ context.Context, cmd callmodel.Command) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if until := cmd.Deadline(); until != 0 && until < x.now() {
		return fault.New(fault.Stale, cmd.Tag(), "", "too late")
	}
	if x.verdict != nil {
		if err := x.verdict(cmd); err != nil {
			return err
		}
	}
	switch c := cmd.(type) {
	case callmodel.Dial:
		x.dial(c)
	case callmodel.CancelDial:
		x.cancels = append(x.cancels, c)
		x.cancel(c)
	}
	return nil
}

func (x *exchange) dial(d callmodel.Dial) {
	for _, c := range x.calls {
		if c.Lead == d.Lead && c.Phase != callmodel.PhaseOver {
			x.t.Errorf("lead %s is called twice at once", d.Lead)
		}
	}
	x.dials, x.dialedAt = append(x.dials, d), append(x.dialedAt, time.Now())
	now := x.now()
	x.calls[d.Call] = &callmodel.Call{
		ID: d.Call, Number: int64(len(x.dials)), Kind: callmodel.KindCampaign, Campaign: d.Campaign, Lead: d.Lead, DialMode: d.Mode, Phase: callmodel.PhaseDialing,
		Queue: "spring", Dial: &callmodel.DialState{Stage: callmodel.StageRinging}, ArrivedAt: now,
		Conns: []callmodel.Connection{{ID: callmodel.ConnID{ID: callmodel.ID(d.Call.ID)}, Role: callmodel.RoleParty, Device: d.Number, Leg: callmodel.LegAsked, AskedAt: now, Trunk: "isp"}},
	}
	x.most = max(x.most, len(x.calls))
	x.setAgent(d.Agent, callmodel.Reserved, d.Call)
	does := x.world(d.Number)
	if d.Mode == callmodel.DialPreview && does.looks > 0 {
		x.calls[d.Call].Dial.Stage = callmodel.StagePreview
		does.after += does.looks
		x.later(does.looks, func() {
			x.edit(d.Call, callmodel.EvOriginated, func(c *callmodel.Call) { c.Dial = &callmodel.DialState{Stage: callmodel.StageRinging} })
		})
	}
	switch {
	case does.after > does.looks+ringTime:
		x.later(does.looks+ringTime, func() { x.over(d.Call, callmodel.OutcomeNoAnswer, 0, 0, true) })
	case does.talk == 0:
		x.later(does.after, func() { x.over(d.Call, callmodel.OutcomeFailed, does.cause, does.tech, false) })
	case does.talk < 0:
		x.later(does.after, func() {
			x.edit(d.Call, callmodel.EvAnswered, func(c *callmodel.Call) { c.AnsweredAt, c.Phase = x.now(), callmodel.PhaseWaiting })
			x.over(d.Call, callmodel.OutcomeShortAnswer, callmodel.CauseNormal, 0, false)
		})
	default:
		x.later(does.after, func() { x.answer(d.Call, does.talk) })
	}
}

// later does something in the time of the test.
func (x *exchange) later(d time.Duration, do func()) {
	time.AfterFunc(d, func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		do()
	})
}

// edit changes a call that is not over, and tells of it.
func (x *exchange) edit(id callmodel.CallID, kind callmodel.EventKind, change func(*callmodel.Call)) {
	old := x.calls[id]
	if old == nil || old.Phase == callmodel.PhaseOver && kind != callmodel.EvCallEnded && kind != callmodel.EvDisposition {
		return
	}
	c := *old
	c.Conns = slices.Clone(old.Conns)
	dial := *old.Dial
	c.Dial = &dial
	change(&c)
	x.calls[id] = &c
	x.tell(kind, &c)
}

func (x *exchange) tell(kind callmodel.EventKind, c *callmodel.Call) {
	x.seq++
	if x.sub != nil && !x.silent {
		x.sub.put(port.Stamped{Event: callmodel.Event{Kind: kind, Call: c}, Seq: x.seq, At: x.now(), Wall: time.Now()})
	}
}

func (x *exchange) answer(id callmodel.CallID, talk time.Duration) {
	c := x.calls[id]
	if c == nil || c.Phase != callmodel.PhaseDialing {
		return
	}
	x.edit(id, callmodel.EvAnswered, func(c *callmodel.Call) {
		c.AnsweredAt, c.Phase, c.Dial.Stage = x.now(), callmodel.PhaseWaiting, callmodel.StageWaiting
	})
	if x.give(id, talk) {
		return
	}
	x.later(patience, func() {
		if c := x.calls[id]; c != nil && c.Phase == callmodel.PhaseWaiting {
			x.over(id, callmodel.OutcomeDropped, 0, 0, false)
		}
	})
}

// give connects a waiting customer with a free agent.
func (x *exchange) give(id callmodel.CallID, talk time.Duration) bool {
	i := slices.IndexFunc(x.agents, func(a *callmodel.Agent) bool { return a.Call == id }) // of a preview
	if i < 0 {
		i = slices.IndexFunc(x.agents, func(a *callmodel.Agent) bool { return a.State == callmodel.Ready })
	}
	if i < 0 {
		return false
	}
	agent := x.agents[i].ID
	x.agents[i] = x.as(x.agents[i], callmodel.OnCall, id)
	x.edit(id, callmodel.EvEstablished, func(c *callmodel.Call) {
		now := x.now()
		c.Phase, c.Outcome, c.Dial.Stage = callmodel.PhaseTalking, callmodel.OutcomeHandled, callmodel.StageConnected
		c.Conns[0].BridgedAt = now
		conn := callmodel.ConnID{ID: callmodel.ID(id.ID)}
		conn.ID[0] = 1
		c.Conns = append(c.Conns, callmodel.Connection{ID: conn, Role: callmodel.RoleAgent, Agent: agent, State: callmodel.Connected, ConnectedAt: now, BridgedAt: now})
	})
	x.later(talk, func() {
		x.edit(id, callmodel.EvCleared, func(c *callmodel.Call) {
			c.Phase, c.OverAt = callmodel.PhaseOver, x.now()
			c.Conns[1].State, c.Conns[1].EndedAt = callmodel.Ended, x.now()
		})
		x.setAgent(agent, callmodel.InWrapUp, id)
		if x.wish != nil {
			x.edit(id, callmodel.EvDisposition, x.wish)
		}
		x.later(wrapTime, func() {
			x.edit(id, callmodel.EvCallEnded, func(c *callmodel.Call) { c.Conns[1].WrapUpEnd = x.now() })
			x.forget(id)
			x.setAgent(agent, callmodel.Ready, callmodel.CallID{})
		})
	})
	return true
}

// setAgent moves an agent on, unless somebody has sent them on a break.
func (x *exchange) setAgent(id callmodel.AgentID, state callmodel.AgentState, call callmodel.CallID) {
	for i, a := range x.agents {
		if a.ID == id && a.State != callmodel.NotReady && a.State != callmodel.LoggedOut {
			x.agents[i] = x.as(a, state, call)
		}
	}
}

func (x *exchange) as(a *callmodel.Agent, state callmodel.AgentState, call callmodel.CallID) *callmodel.Agent {
	out := *a
	out.State, out.Since, out.Call = state, x.now(), call
	return &out
}

// over ends a call that nobody is connected to.
func (x *exchange) over(id callmodel.CallID, o callmodel.Outcome, cause callmodel.Cause, tech int, ownTime bool) {
	x.edit(id, callmodel.EvCallEnded, func(c *callmodel.Call) {
		c.Phase, c.Outcome, c.OverAt, c.Dial.Own = callmodel.PhaseOver, o, x.now(), ownTime
		c.Conns[0].Cause, c.Conns[0].TechCause, c.Conns[0].State = cause, tech, callmodel.Ended
	})
	x.forget(id)
	for _, a := range x.agents {
		if a.Call == id {
			x.setAgent(a.ID, callmodel.Ready, callmodel.CallID{})
		}
	}
}

func (x *exchange) forget(id callmodel.CallID) {
	if c := x.calls[id]; c != nil {
		e := endedOf(c)
		e.At, e.Seq, e.Counts = time.Now(), x.seq, countsNow(c)
		x.ended[id] = e
		delete(x.calls, id)
	}
}

func (x *exchange) cancel(d callmodel.CancelDial) {
	c := x.calls[d.Call]
	if c == nil || c.Phase != callmodel.PhaseDialing {
		return
	}
	left := 15*time.Second - x.now().Sub(c.Conns[0].AskedAt)
	if d.Now {
		left = 0
	}
	x.later(max(left, 0), func() {
		if c := x.calls[d.Call]; c != nil && c.Phase == callmodel.PhaseDialing {
			x.over(d.Call, callmodel.OutcomeCancelled, 0, 0, false)
		}
	})
}

// dialed is how many calls were ordered.
func (x *exchange) dialed() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.dials)
}

// subscription is an unbounded one: the tests are not about slow readers.
type subscription struct {
	mu   sync.Mutex
	list []port.Stamped
	wake chan struct{}
}

func (s *subscription) put(e port.Stamped) {
	s.mu.Lock()
	s.list = append(s.list, e)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Next implements port.Subscription.
func (s *subscription) Next(ctx context.Context) ([]port.Stamped, error) {
	for {
		s.mu.Lock()
		batch := s.list
		s.list = nil
		s.mu.Unlock()
		if len(batch) > 0 {
			return batch, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.wake:
		}
	}
}

// Close implements port.Subscription.
func (s *subscription) Close() {}
