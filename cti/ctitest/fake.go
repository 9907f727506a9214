package ctitest

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Node is the only telephony server of a [FakeSwitch].
const Node callmodel.NodeID = "asterisk-1"

// Start is the wall time at which every [FakeSwitch] begins.
var Start = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// DefaultWatchLimit is how many events may wait for a subscriber.
const DefaultWatchLimit = 4096

// FakeSwitch is a port.Switch for tests. Safe for concurrent use.
type FakeSwitch struct {
	mu      sync.Mutex
	state   *callmodel.State
	now     callmodel.Instant
	seq     uint64
	ids     uint64
	subs    map[*subscription]bool
	limit   int
	stopped bool
	fail    error
	silent  map[string]bool
	watched chan struct{}
}

var _ port.Switch = (*FakeSwitch)(nil)

// NewFakeSwitch returns a switch with a configuration in force and its server
// up. It panics when the configuration does not validate: that is the test's mistake.
func NewFakeSwitch(cfg *callmodel.Config) *FakeSwitch {
	if err := cfg.Validate(); err != nil {
		panic(err)
	}
	f := &FakeSwitch{
		state: callmodel.New(acd.Router{}), now: callmodel.Instant(time.Second / time.Microsecond),
		subs: map[*subscription]bool{}, limit: DefaultWatchLimit, silent: map[string]bool{},
		watched: make(chan struct{}, 1),
	}
	f.Put(callmodel.WallClock{UnixMicro: Start.UnixMicro()}, callmodel.ConfigLoaded{Config: cfg},
		callmodel.Resync{Node: Node, Epoch: "1", AsOf: f.now, Fresh: true})
	return f
}

// Put steps facts and carries out what the switch orders.
func (f *FakeSwitch) Put(in ...callmodel.Input) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, i := range in {
		_ = f.step(i) // facts have no verdict
	}
}

// step applies one input and everything that follows from it.
func (f *FakeSwitch) step(in callmodel.Input) error {
	var verdict error
	first := true
	for queue := []callmodel.Input{in}; len(queue) > 0; queue = queue[1:] {
		out := f.state.Step(f.now, queue[0])
		if first {
			verdict, first = out.Fault, false
		}
		for _, e := range out.Events {
			f.publish(e)
		}
		for _, e := range out.Effects {
			if !f.silent[e.What()] {
				queue = append(queue, obey(e)...)
			}
		}
	}
	return verdict
}

// obey answers an order as a server does that has nothing else to do.
func obey(e callmodel.Effect) []callmodel.Input {
	switch e := e.(type) {
	case callmodel.Originate:
		if e.AutoAnswer {
			return []callmodel.Input{callmodel.ChannelUp{Node: e.Node, Channel: e.Channel}}
		}
		return []callmodel.Input{callmodel.ChannelRinging{Channel: e.Channel}}
	case callmodel.Answer:
		return []callmodel.Input{callmodel.ChannelUp{Node: e.Node, Channel: e.Channel}}
	case callmodel.StartMusic:
		return []callmodel.Input{callmodel.EffectDone{
			Effect: e.ID, What: e.What(), Call: e.Call, Conn: e.Conn, Channel: e.Channel, Outcome: callmodel.Done,
		}}
	case callmodel.Join:
		var in []callmodel.Input
		for _, ch := range e.Channels {
			in = append(in, callmodel.ChannelJoined{Channel: ch, Bridge: e.Bridge})
		}
		return in
	case callmodel.Leave:
		return []callmodel.Input{callmodel.ChannelLeft{Channel: e.Channel, Bridge: e.Bridge}}
	case callmodel.Hangup:
		return []callmodel.Input{callmodel.ChannelGone{Channel: e.Channel, Cause: e.Cause}}
	}
	return nil
}

// Ignore stops the server from carrying out orders of a kind (Effect.What).
func (f *FakeSwitch) Ignore(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.silent[what] = true
}

// Arrive lets a call come in and returns its id.
func (f *FakeSwitch) Arrive(dialled, caller, name string) callmodel.CallID {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := callmodel.CallID{ID: f.newID()}
	_ = f.step(callmodel.ChannelArrived{
		Node: Node, Channel: callmodel.ChannelID("in-" + id.String()), Call: id, Dialled: dialled, Caller: caller, CallerName: name,
	})
	return id
}

// PickUp lifts the handset of the agent who is offered a call. It panics when
// the call is not at an agent: that is the test's mistake.
func (f *FakeSwitch) PickUp(call callmodel.CallID) { f.leg(call, true) }

// PutDown hangs up the phone of the agent in a call.
func (f *FakeSwitch) PutDown(call callmodel.CallID) { f.leg(call, false) }

func (f *FakeSwitch) leg(id callmodel.CallID, up bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.call(id)
	if c == nil || c.AgentConn() == nil {
		panic(fmt.Sprintf("call %s is not at an agent", id))
	}
	ch := c.AgentConn().Channel
	if up {
		_ = f.step(callmodel.ChannelUp{Node: Node, Channel: ch})
		return
	}
	_ = f.step(callmodel.ChannelGone{Channel: ch, Cause: callmodel.CauseNormal})
}

// Lift answers the phone behind a connection, inside or outside. It panics when
// there is none: that is the test's mistake.
func (f *FakeSwitch) Lift(conn callmodel.ConnID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.step(callmodel.ChannelUp{Node: Node, Channel: f.channel(conn)})
}

// Clear ends the phone's part behind a connection with a cause: as hanging up,
// or turning a call down.
func (f *FakeSwitch) Clear(conn callmodel.ConnID, cause callmodel.Cause) {
	f.mu.Lock()
	defer f.mu.Unlock()
	_ = f.step(callmodel.ChannelGone{Channel: f.channel(conn), Cause: cause})
}

func (f *FakeSwitch) channel(conn callmodel.ConnID) callmodel.ChannelID {
	for _, c := range f.state.View().Calls {
		if p := c.Conn(conn); p != nil && p.Channel != "" {
			return p.Channel
		}
	}
	panic("there is no phone behind connection " + conn.Hex())
}

// HangUp lets the caller hang up.
func (f *FakeSwitch) HangUp(id callmodel.CallID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c := f.call(id); c != nil {
		_ = f.step(callmodel.ChannelGone{Channel: c.CallerConn().Channel, Cause: callmodel.CauseNormal})
	}
}

// Call returns a live call, or nil.
func (f *FakeSwitch) Call(id callmodel.CallID) *callmodel.Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.call(id)
}

func (f *FakeSwitch) call(id callmodel.CallID) *callmodel.Call {
	for _, c := range f.state.View().Calls {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// SetAgent gives an agent a state, as they do themselves.
func (f *FakeSwitch) SetAgent(id callmodel.AgentID, st callmodel.AgentState, reason string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.step(callmodel.SetAgentState{Agent: id, State: st, Reason: reason}); err != nil {
		panic(err)
	}
}

// Advance moves time on and fires the timers that come due, in order.
func (f *FakeSwitch) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for end := f.now.Add(d); ; {
		timers := f.state.Timers()
		if len(timers) == 0 || timers[0].Due > end {
			f.now = end
			return
		}
		f.now = max(f.now, timers[0].Due)
		_ = f.step(callmodel.TimerFired{Key: timers[0].Key, Gen: timers[0].Gen})
	}
}

// Now is the wall time: FakeSwitch is a port.Clock.
func (f *FakeSwitch) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.wall()
}

// Instant is the same on the model's scale.
func (f *FakeSwitch) Instant() callmodel.Instant {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *FakeSwitch) wall() time.Time { return f.state.WallTime(f.now) }

// Fail makes Do, View and Watch return err; nil ends it.
func (f *FakeSwitch) Fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = err
}

// LimitWatch sets how many events may wait for a subscriber.
func (f *FakeSwitch) LimitWatch(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.limit = n
}

// Stop ends all subscriptions and refuses commands, as a stopping engine does.
func (f *FakeSwitch) Stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped = true
	for s := range f.subs {
		s.cut(stopped("watch"))
	}
}

func stopped(op string) error { return fault.New(fault.Stopped, op, "", "the switch is stopping") }

func (f *FakeSwitch) down(op string) error {
	if f.stopped {
		return stopped(op)
	}
	return f.fail
}

// Do implements port.Switch.
func (f *FakeSwitch) Do(ctx context.Context, cmd callmodel.Command) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.down(cmd.Tag()); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return f.step(cmd)
}

// View implements port.Switch.
func (f *FakeSwitch) View(context.Context) (*callmodel.View, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.down("view"); err != nil {
		return nil, err
	}
	return f.state.View(), nil
}

// Watch implements port.Switch.
func (f *FakeSwitch) Watch(context.Context, string) (*callmodel.View, port.Subscription, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.down("watch"); err != nil {
		return nil, nil, err
	}
	s := &subscription{f: f, wake: make(chan struct{}, 1)}
	f.subs[s] = true
	select {
	case f.watched <- struct{}{}:
	default: // told already
	}
	return f.state.View(), s, nil
}

// Watchers returns how many subscriptions are open.
func (f *FakeSwitch) Watchers() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.subs)
}

// Watched delivers a value after a subscription has been opened; several may
// be told by one.
func (f *FakeSwitch) Watched() <-chan struct{} { return f.watched }

// NewID implements port.Switch: the same ids in every run.
func (f *FakeSwitch) NewID() callmodel.ID {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.newID()
}

func (f *FakeSwitch) newID() callmodel.ID {
	f.ids++
	var id callmodel.ID
	binary.BigEndian.PutUint64(id[:8], uint64(Start.UnixMilli())<<16)
	binary.BigEndian.PutUint64(id[8:], f.ids)
	return id
}

func (f *FakeSwitch) publish(e callmodel.Event) {
	f.seq++
	st := port.Stamped{Event: e, Seq: f.seq, At: f.now, Wall: f.wall()}
	for s := range f.subs {
		if len(s.waiting) >= f.limit {
			s.cut(fault.New(fault.Overrun, "watch", "", "the reader was too slow"))
			continue
		}
		s.waiting = append(s.waiting, st)
		s.signal()
	}
}

// subscription is guarded by the switch's mutex.
type subscription struct {
	f       *FakeSwitch
	waiting []port.Stamped
	err     error
	wake    chan struct{}
}

func (s *subscription) signal() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake already
	}
}

// cut ends the subscription; what waits is lost, as a snapshot follows.
func (s *subscription) cut(err error) {
	s.err, s.waiting = err, nil
	delete(s.f.subs, s)
	s.signal()
}

// Next implements port.Subscription.
func (s *subscription) Next(ctx context.Context) ([]port.Stamped, error) {
	for {
		s.f.mu.Lock()
		batch, err := s.waiting, s.err
		s.waiting = nil
		s.f.mu.Unlock()
		switch {
		case len(batch) > 0:
			return batch, nil
		case err != nil:
			return nil, err
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Close implements port.Subscription.
func (s *subscription) Close() {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	if s.err == nil {
		s.cut(fault.New(fault.Stopped, "watch", "", "closed"))
	}
}
