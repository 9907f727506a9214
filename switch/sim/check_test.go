package sim

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"strowger/switch/callmodel"
)

// checker holds what the model promises after every step. Its methods are
// pure in what they are given, so that each rule can be shown red.
type checker struct {
	events    uint64
	effect    uint64
	originate map[callmodel.ChannelID]bool
	calls     map[callmodel.CallID]*callTrace
	conns     map[callmodel.ConnID]*connTrace // of live calls; a connection may move to another call
	ended     map[callmodel.CallID]bool
	agents    map[callmodel.AgentID]callmodel.Agent
	configs   map[uint64]*callmodel.Config
	kept      []keptCall // immutability
	seen      map[callmodel.EventKind]int

	beside            uint64 // see besideWrapUp
	commands, refused map[string]int
	callsSeen         uint64
	secrets           []string                                      // entries that nothing may show
	secretOpen        map[callmodel.ChannelID]uint32                // number of the secret collection that was ordered last
	data              map[callmodel.CallID][]callmodel.AttachedData // stored by clients
	whispered         map[whispering]bool                           // who may have heard a supervisor
	barged            map[callmodel.ConnID]bool                     // supervisions that were in the conversation
	guarded           map[callmodel.AgentID]string                  // what agents were before, see checkEntering
	dialEnds          map[callmodel.Outcome]int                     // of campaigns' calls
}

type callTrace struct{ seq uint64 }

// connTrace is what the events have told about a connection.
type connTrace struct {
	state   callmodel.ConnState
	work    callmodel.Processing
	can     callmodel.OpSet
	cleared int
	wrapped int
}

type keptCall struct {
	live *callmodel.Call
	copy callmodel.Call
}

func newChecker() *checker {
	return &checker{
		originate: map[callmodel.ChannelID]bool{}, calls: map[callmodel.CallID]*callTrace{}, conns: map[callmodel.ConnID]*connTrace{}, ended: map[callmodel.CallID]bool{},
		agents: map[callmodel.AgentID]callmodel.Agent{}, configs: map[uint64]*callmodel.Config{}, seen: map[callmodel.EventKind]int{},
		commands: map[string]int{}, refused: map[string]int{}, secretOpen: map[callmodel.ChannelID]uint32{}, data: map[callmodel.CallID][]callmodel.AttachedData{},
		whispered: map[whispering]bool{}, barged: map[callmodel.ConnID]bool{},
		guarded: map[callmodel.AgentID]string{}, dialEnds: map[callmodel.Outcome]int{},
	}
}

// step checks everything after one Step.
func (k *checker) step(in callmodel.Input, out callmodel.Output, v *callmodel.View, timers []callmodel.Timer) error {
	if c, ok := in.(callmodel.ConfigLoaded); ok && v.Config.Version == c.Config.Version {
		k.configs[v.Config.Version] = v.Config
	}
	for _, f := range []func() error{
		func() error { return k.checkDials(out, v, timers) },
		func() error { return k.output(out, v) },
		func() error { return checkCalls(v) },
		func() error { return checkAgents(v) },
		func() error { return k.checkEntering(v, timers) },
		func() error { return checkSupervisions(v) },
		func() error { return k.checkQueues(v) },
		func() error { return checkTimers(v, timers) },
		func() error { return checkCallbacks(v) },
		func() error { return k.checkData(in, out, v) },
		func() error { return k.checkTold(v) },
		func() error { return k.checkWork(v, timers) },
		func() error { return checkRecordings(v, timers) },
		func() error { return k.immutable(out) },
		func() error { return checkOnePhone(in, out, v) },
	} {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// bad is a broken rule, unless the rule is left out of this run.
func bad(rule, format string, args ...any) error {
	if *withoutFlag != "" && strings.Contains(*withoutFlag, rule) {
		return nil
	}
	return fmt.Errorf("invariant %q: %s", rule, fmt.Sprintf(format, args...))
}

// output checks events and effects against all that came before.
func (k *checker) output(out callmodel.Output, v *callmodel.View) error {
	k.events += uint64(len(out.Events))
	if v.Events != k.events {
		return bad("event numbers contiguous", "the switch counts %d events, %d were seen", v.Events, k.events)
	}
	for i := range out.Events {
		k.seen[out.Events[i].Kind]++
		k.besideWrapUp(&out.Events[i], v)
		if err := checkRouted(&out.Events[i]); err != nil {
			return err
		}
		if err := k.event(&out.Events[i]); err != nil {
			return fmt.Errorf("%w (event %s)", err, out.Events[i].String())
		}
	}
	last := k.effect
	for _, e := range out.Effects {
		if err := k.order(e, last); err != nil {
			return err
		}
	}
	return nil
}

func (k *checker) order(e callmodel.Effect, last uint64) error {
	h := e.Head()
	if h.ID <= last { // within a step the end of a recording comes first, whenever it was thought of
		return bad("effect ids grow", "effect %d after %d", h.ID, last)
	}
	k.effect = max(k.effect, h.ID)
	if h.Node == "" {
		return bad("effect has a node", "%s", callmodel.AppendEffect(nil, e))
	}
	if o, ok := e.(callmodel.Originate); ok {
		if k.originate[o.Channel] {
			return bad("originate once", "leg %s was originated twice", o.Channel)
		}
		k.originate[o.Channel] = true
	}
	k.collects(e)
	if s := reflect.ValueOf(e).FieldByName("Channel"); s.IsValid() && s.String() == "" && !toBridge(e) && !elsewhere(e) {
		return bad("effect names a leg", "%s", callmodel.AppendEffect(nil, e))
	}
	return nil
}

// event follows calls and connections through their state machines.
func (k *checker) event(e *callmodel.Event) error {
	if e.Kind == callmodel.EvAgentChanged || e.Agent != nil {
		if e.Agent == nil {
			return bad("agent event has an agent", "none")
		}
		k.agents[e.Agent.ID] = *e.Agent
	}
	if e.Call == nil {
		return nil
	}
	if k.ended[e.Call.ID] {
		return bad("nothing after CallEnded", "call %d", e.Call.Number)
	}
	t := k.calls[e.Call.ID]
	if (t == nil) != (e.Kind == callmodel.EvCallStarted) {
		return bad("CallStarted first and once", "call %d", e.Call.Number)
	}
	if t == nil {
		t = &callTrace{}
		k.calls[e.Call.ID] = t
		k.callsSeen++
	}
	if e.Call.Seq <= t.seq && e.Kind != callmodel.EvCallEnded {
		return bad("sequence grows", "call %d has %d after %d", e.Call.Number, e.Call.Seq, t.seq)
	}
	t.seq = e.Call.Seq
	if e.Kind == callmodel.EvCallEnded {
		return k.callEnded(e)
	}
	k.joinData(e)
	p := e.Connection()
	if p == nil {
		if e.Conn.IsZero() && aboutCalls[e.Kind] {
			return nil
		}
		return bad("call event names a connection", "none")
	}
	return k.connEvent(e.Kind, e.Call, p)
}

// aboutCalls are the events that may be about a whole call.
var aboutCalls = map[callmodel.EventKind]bool{
	callmodel.EvIncident: true, callmodel.EvFailed: true, callmodel.EvDiverted: true, callmodel.EvMenu: true, callmodel.EvRouteRequest: true, callmodel.EvRouteEnded: true,
	callmodel.EvCallbackChanged: true, callmodel.EvPlayEnded: true, callmodel.EvParked: true, callmodel.EvDataChanged: true,
	callmodel.EvRecording: true,
}

func (k *checker) callEnded(e *callmodel.Event) error {
	for i := range e.Call.Conns {
		p := &e.Call.Conns[i]
		ct := k.conns[p.ID]
		if p.State != callmodel.Ended || ct == nil || ct.cleared != 1 {
			return bad("every connection is cleared once", "connection %d is %s, cleared events: %+v", p.Number, p.State, ct)
		}
		if p.Processing == callmodel.WrapUp || p.Leg != callmodel.LegGone && p.Leg != callmodel.LegNone {
			return bad("nothing left at CallEnded", "connection %d: work %s, leg %s", p.Number, p.Processing, p.Leg)
		}
		delete(k.conns, p.ID)
	}
	if e.Call.Phase != callmodel.PhaseOver || e.Call.Outcome == "" {
		return bad("ended call is over and has an outcome", "phase %s outcome %q", e.Call.Phase, e.Call.Outcome)
	}
	delete(k.calls, e.Call.ID)
	delete(k.data, e.Call.ID)
	k.ended[e.Call.ID] = true
	return nil
}

// legal lists, for events about a connection that change its state, the told
// states that it may follow. Others follow anything but the end.
var legal = map[callmodel.EventKind][]callmodel.ConnState{
	callmodel.EvCallStarted: {0},
	callmodel.EvOriginated:  {0, callmodel.Initiated, callmodel.Queued},
	callmodel.EvDelivered:   {0, callmodel.Initiated},
	callmodel.EvEstablished: {0, callmodel.Initiated, callmodel.Alerting, callmodel.Queued},
	callmodel.EvHeld:        {callmodel.Connected, callmodel.Held}, // who is held can hold too
	callmodel.EvRetrieved:   {callmodel.Hold, callmodel.Held},
	callmodel.EvCleared:     {0, callmodel.Initiated, callmodel.Queued, callmodel.Alerting, callmodel.Connected, callmodel.Hold, callmodel.Held},
	callmodel.EvWrapUpEnded: {callmodel.Ended},
}

// into lists the states that an event may report.
var into = map[callmodel.EventKind][]callmodel.ConnState{
	callmodel.EvQueued:      {callmodel.Queued},
	callmodel.EvDelivered:   {callmodel.Alerting},
	callmodel.EvEstablished: {callmodel.Connected},
	callmodel.EvHeld:        {callmodel.Hold, callmodel.Held},
	callmodel.EvRetrieved:   {callmodel.Connected, callmodel.Held}, // the other one may hold too
	callmodel.EvCleared:     {callmodel.Ended},
	callmodel.EvWrapUpEnded: {callmodel.Ended},
}

// afterEnd are the events that may tell of a connection that has been cleared.
var afterEnd = []callmodel.EventKind{callmodel.EvWrapUpEnded, callmodel.EvDataChanged, callmodel.EvDisposition, callmodel.EvFailed, callmodel.EvRouteEnded}

func (k *checker) connEvent(kind callmodel.EventKind, c *callmodel.Call, p *callmodel.Connection) error {
	ct := k.conns[p.ID]
	if ct == nil {
		ct = &connTrace{}
		k.conns[p.ID] = ct
	}
	from, strict := legal[kind]
	if strict && !slices.Contains(from, ct.state) || ct.state == callmodel.Ended && !slices.Contains(afterEnd, kind) {
		return bad("event legal for the connection", "%s of connection %d while it was told to be %s", kind, p.Number, ct.state)
	}
	internal := kind == callmodel.EvQueued && p.Maker && p.State == callmodel.Initiated // an agent who has called a queue
	if want, ok := into[kind]; ok && !internal && !slices.Contains(want, p.State) {
		return bad("event shows its state", "%s with connection %d %s", kind, p.Number, p.State)
	}
	switch kind {
	case callmodel.EvFailed: // the end of a called party; an agent's line is cleared before
		if p.State == callmodel.Ended {
			ct.cleared = 1
		}
	case callmodel.EvCleared:
		ct.cleared++
		if ct.cleared > 1 {
			return bad("every connection is cleared once", "connection %d again", p.Number)
		}
	case callmodel.EvWrapUpEnded:
		ct.wrapped++
		if ct.work != callmodel.WrapUp || p.Processing == callmodel.WrapUp || ct.wrapped > 1 {
			return bad("wrap-up ends once", "connection %d: told work %s, now %s", p.Number, ct.work, p.Processing)
		}
	case callmodel.EvQueued:
		if c.Phase != callmodel.PhaseWaiting {
			return bad("queued call waits", "call %d is %s", c.Number, c.Phase)
		}
	case callmodel.EvDataChanged:
		if p.Role == callmodel.RoleAgent && ct.state != p.State && ct.state != 0 {
			return bad("event legal for the connection", "DataChanged hides a change from %s to %s", ct.state, p.State)
		}
		if ct.state == 0 {
			return nil // data of a connection that is not told yet
		}
	default:
	}
	if p.State == callmodel.Ended && ct.cleared == 0 {
		return nil // its own end follows
	}
	ct.state, ct.work, ct.can = p.State, p.Processing, callmodel.Capabilities(p)
	return nil
}

// checkTold compares what the events have told with what is.
func (k *checker) checkTold(v *callmodel.View) error {
	for _, c := range v.Calls {
		if k.calls[c.ID] == nil {
			return bad("live call was told", "call %d", c.Number)
		}
		for i := range c.Conns {
			if err := k.connTold(&c.Conns[i]); err != nil {
				return err
			}
		}
	}
	for id := range k.calls {
		if !slices.ContainsFunc(v.Calls, func(c *callmodel.Call) bool { return c.ID == id }) {
			return bad("call ends with CallEnded", "call %s vanished", id)
		}
	}
	if err := k.checkRemoved(v); err != nil {
		return err
	}
	for _, a := range v.Agents {
		told, ok := k.agents[a.ID]
		if !ok && a.State == callmodel.LoggedOut {
			continue
		}
		if told.State != a.State || told.Reason != a.Reason || told.Call != a.Call || told.Conn != a.Conn ||
			told.Pending != a.Pending || told.PendingReason != a.PendingReason {
			return bad("no silent change of an agent", "%s: told %s %q conn %s then %s, is %s %q conn %s then %s", a.ID, told.State, told.Reason,
				told.Conn, told.Pending, a.State, a.Reason, a.Conn, a.Pending)
		}
	}
	return nil
}

// connTold compares one connection with what the events have told.
func (k *checker) connTold(p *callmodel.Connection) error {
	ct := k.conns[p.ID]
	if ct == nil {
		ct = &connTrace{}
	}
	if (p.State == callmodel.Ended) != (ct.cleared == 1) {
		return bad("every connection is cleared once", "connection %d is %s, cleared events %d", p.Number, p.State, ct.cleared)
	}
	if p.State == callmodel.Initiated || p.Role != callmodel.RoleAgent && p.State != callmodel.Ended {
		return nil // told when it alerts; the others follow from the agents' events
	}
	if ct.state != p.State || ct.work != p.Processing || ct.can != callmodel.Capabilities(p) {
		return bad("no silent change of a connection", "connection %d: told %s/%s/%s, is %s/%s/%s", p.Number,
			ct.state, ct.work, ct.can, p.State, p.Processing, callmodel.Capabilities(p))
	}
	return nil
}

// checkRemoved checks that who is no longer listed was told to have logged out.
func (k *checker) checkRemoved(v *callmodel.View) error {
	for id, told := range k.agents {
		listed := slices.ContainsFunc(v.Agents, func(a *callmodel.Agent) bool { return a.ID == id })
		if listed || callOf(v, told.Call) != nil { // on a last call
			continue
		}
		if told.State != callmodel.LoggedOut {
			return bad("no silent change of an agent", "%s: told %s, is not there any more", id, told.State)
		}
		delete(k.agents, id)
	}
	return nil
}

// immutable looks whether a call that has left Step changes later.
func (k *checker) immutable(out callmodel.Output) error {
	for _, o := range k.kept {
		if !reflect.DeepEqual(*o.live, o.copy) {
			return bad("what has left Step is immutable", "call %d changed from %+v to %+v", o.copy.Number, o.copy, *o.live)
		}
	}
	if len(k.kept) > 2 {
		k.kept = k.kept[len(k.kept)-2:]
	}
	if n := len(out.Events); n > 0 && out.Events[n-1].Call != nil {
		c := out.Events[n-1].Call
		cp := *c
		cp.Conns, cp.Refused, cp.Attached = slices.Clone(c.Conns), slices.Clone(c.Refused), slices.Clone(c.Attached)
		k.kept = append(k.kept, keptCall{live: c, copy: cp})
	}
	return nil
}
