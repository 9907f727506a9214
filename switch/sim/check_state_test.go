package sim

import (
	"slices"
	"time"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
)

func live(l callmodel.LegState) bool { return l != callmodel.LegNone && l != callmodel.LegGone }

func callOf(v *callmodel.View, id callmodel.CallID) *callmodel.Call {
	i := slices.IndexFunc(v.Calls, func(c *callmodel.Call) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return v.Calls[i]
}

// talks reports whether a connection is in a conversation, on hold or not.
func talks(s callmodel.ConnState) bool {
	return s == callmodel.Connected || s == callmodel.Hold || s == callmodel.Held
}

// offered reports whether a connection is a call that is being offered to an agent.
func offered(p *callmodel.Connection) bool {
	return p.Role == callmodel.RoleAgent && !p.Maker && (p.State == callmodel.Initiated || p.State == callmodel.Alerting)
}

// checkCalls checks each call in itself and that ids are unique.
func checkCalls(v *callmodel.View) error {
	conns, legs := map[callmodel.ConnID]bool{}, map[callmodel.ChannelID]bool{}
	standing := map[callmodel.ChannelID]callmodel.AgentID{}
	for _, a := range v.Agents {
		if n := a.Entering; n != nil {
			standing[n.Channel] = a.ID
		}
		if a.Standing == nil || !live(a.Standing.Leg) {
			continue
		}
		if standing[a.Standing.Channel] != "" || a.Standing.Channel == "" {
			return bad("a leg belongs to one connection", "%s and %s have the standing leg %q", a.ID, standing[a.Standing.Channel], a.Standing.Channel)
		}
		standing[a.Standing.Channel] = a.ID
	}
	for _, c := range v.Calls {
		if len(c.Conns) == 0 || firstRole[c.Kind] != 0 && c.Conns[0].Role != firstRole[c.Kind] && c.Phase != callmodel.PhaseOver {
			return bad("the caller is first", "call %d, %s", c.Number, c.Kind)
		}
		for i := range c.Conns {
			p := &c.Conns[i]
			if conns[p.ID] {
				return bad("connection ids are unique", "%s", p.ID)
			}
			conns[p.ID] = true
			if live(p.Leg) {
				if p.Channel == "" || legs[p.Channel] || standing[p.Channel] != "" && (standing[p.Channel] != p.Agent || !p.Borrowed) {
					return bad("a leg belongs to one connection", "connection %d leg %q", p.Number, p.Channel)
				}
				legs[p.Channel] = true
			}
			if err := checkConn(c, i); err != nil {
				return err
			}
		}
		if err := checkPhase(c); err != nil {
			return err
		}
	}
	return nil
}

// firstRole is what the first connection of a call is, by the call's kind.
var firstRole = map[callmodel.CallKind]callmodel.Role{
	callmodel.KindInbound: callmodel.RoleCaller, callmodel.KindConsult: callmodel.RoleAgent, callmodel.KindCallback: callmodel.RoleParty,
	callmodel.KindCampaign: callmodel.RoleParty,
}

func checkConn(c *callmodel.Call, i int) error {
	p := &c.Conns[i]
	for k := range c.Conns[:i] {
		if q := &c.Conns[k]; p.Agent != "" && p.Agent == q.Agent && p.Number != q.Number && p.State != callmodel.Ended && q.State != callmodel.Ended {
			return bad("nobody is in a call twice", "call %d: connections %d and %d of %s", c.Number, q.Number, p.Number, p.Agent)
		}
	}
	switch {
	case !live(p.Leg) && (p.InBridge || p.JoinAsked):
		return bad("only a live leg is in a bridge", "connection %d", p.Number)
	case p.State == callmodel.Queued && c.Waiting().ID != p.ID:
		return bad("only callers queue", "connection %d", p.Number)
	case p.Wanted != 0 && !talks(p.State):
		return bad("a wish needs a conversation", "connection %d is %s and wants %s", p.Number, p.State, p.Wanted)
	case p.SIPCallID != "" && p.Channel.Ours() && p.SIPCallID != sipID(p.Channel):
		return bad("a Call-ID is the leg's own", "connection %d has leg %s and Call-ID %s", p.Number, p.Channel, p.SIPCallID)
	}
	elsewhere := p.State == callmodel.Hold && !p.Partner.IsZero() // the leg is in the line's other call
	if talks(p.State) && p.Leg != callmodel.LegUp && !elsewhere && p.Channel.Ours() {
		return bad("who talks has an answered leg", "connection %d leg %s", p.Number, p.Leg)
	}
	return nil
}

func checkPhase(c *callmodel.Call) error {
	offers, talking, open := 0, 0, false
	for i := range c.Conns {
		p := &c.Conns[i]
		if offered(p) {
			offers++
		}
		if talks(p.State) {
			talking++
		}
		open = open || live(p.Leg) || p.State != callmodel.Ended || p.Processing == callmodel.WrapUp
	}
	first := c.Waiting().State
	if w := c.Waiting(); w.Role == callmodel.RoleAgent && w.State == callmodel.Initiated {
		first = callmodel.Queued // an agent who waits, as one who has called a queue
	}
	fits := true
	switch c.Phase {
	case callmodel.PhaseWaiting:
		fits = offers == 0 && talking == 0
	case callmodel.PhaseOffered:
		fits = offers > 0 && talking == 0
	case callmodel.PhaseTalking:
		fits = talking > 0
	case callmodel.PhaseOver:
		fits = offers == 0 && talking == 0
		if !open {
			return bad("a finished call is forgotten", "call %d", c.Number)
		}
		if c.Outcome == "" {
			return bad("ended call is over and has an outcome", "call %d", c.Number)
		}
	case callmodel.PhaseDialing:
		fits = c.Target != nil
	case callmodel.PhaseIVR:
		fits = c.IVR != nil && offers == 0
	case callmodel.PhaseRouting:
		fits = offers == 0
	case callmodel.PhaseParked:
		fits = c.Parked != nil && offers == 0
	case callmodel.PhaseAutomat:
		fits = c.Dial != nil && offers == 0 && talking == 0
	}
	if !fits {
		return bad("phase fits the connections", "call %d is %s with %d offers and %d conversations, target %v", c.Number, c.Phase, offers, talking, c.Target)
	}
	waits := c.Phase == callmodel.PhaseWaiting || c.Phase == callmodel.PhaseOffered
	if waits != (first == callmodel.Queued) && c.Kind == callmodel.KindInbound && c.Phase != callmodel.PhaseIVR && c.Phase != callmodel.PhaseRouting &&
		c.Phase != callmodel.PhaseDialing && c.Phase != callmodel.PhaseParked || c.Phase == callmodel.PhaseOver && first != callmodel.Ended {
		return bad("caller fits the phase", "call %d is %s, its caller %s", c.Number, c.Phase, first)
	}
	return nil
}

// checkAgents checks that each agent's state is that of what is on their line.
func checkAgents(v *callmodel.View) error {
	lines := map[callmodel.AgentID][]callmodel.ItemRef{}
	offers := map[callmodel.AgentID]callmodel.ConnID{}
	for _, c := range v.Calls {
		for i := range c.Conns {
			p := &c.Conns[i]
			if p.Role != callmodel.RoleAgent || p.Agent == "" || p.State == callmodel.Ended && p.Processing != callmodel.WrapUp && !live(p.Leg) {
				continue
			}
			lines[p.Agent] = append(lines[p.Agent], callmodel.ItemRef{Call: c.ID, Conn: p.ID})
			if !offered(p) {
				continue
			}
			if other, two := offers[p.Agent]; two {
				return bad("one offer per agent", "%s has %s and %s", p.Agent, other, p.ID)
			}
			offers[p.Agent] = p.ID
			if !p.Direct && c.Phase == callmodel.PhaseOffered && slices.ContainsFunc(v.Agents, func(a *callmodel.Agent) bool { return a.ID == p.Agent && slices.Contains(a.Off, c.Queue) }) {
				return bad("no offer of a queue that is signed out of", "%s is offered call %d of %s", p.Agent, c.Number, c.Queue)
			}
		}
	}
	for _, a := range v.Agents {
		if err := checkLine(v, a, lines[a.ID]); err != nil {
			return err
		}
		if err := checkLive(v, a); err != nil {
			return err
		}
		if err := checkOneLine(v, a); err != nil {
			return err
		}
		delete(lines, a.ID)
	}
	for a := range lines { // removed from the configuration: still listed by none
		if v.Config.Agent(a) != nil {
			return bad("agent knows the connection", "%s is not listed and has a connection", a)
		}
	}
	return nil
}

// checkLine compares what an agent knows of the line with what is on it.
func checkLine(v *callmodel.View, a *callmodel.Agent, line []callmodel.ItemRef) error {
	for _, it := range a.Items {
		if !slices.Contains(line, it) {
			return bad("agent knows the connection", "%s is %s with item %s, which is not on the line: %v", a.ID, a.State, it.Conn, line)
		}
	}
	for _, it := range line {
		p := callOf(v, it.Call).Conn(it.Conn)
		if !slices.Contains(a.Items, it) && p.State != callmodel.Ended {
			return bad("agent knows the connection", "%s is %s without item %s (%s): %v", a.ID, a.State, it.Conn, p.State, a.Items)
		}
	}
	busy := a.State == callmodel.Reserved || a.State == callmodel.OnCall || a.State == callmodel.InWrapUp
	if supervising(a) {
		if a.State != callmodel.OnCall {
			return bad("a supervisor is on call", "%s is %s", a.ID, a.State)
		}
		return nil
	}
	if busy == (a.Conn == callmodel.ConnID{}) || busy == (a.Call == callmodel.CallID{}) {
		return bad("busy means a connection", "%s is %s with connection %s", a.ID, a.State, a.Conn)
	}
	if !busy {
		return nil
	}
	c := callOf(v, a.Call)
	if c == nil || c.Conn(a.Conn) == nil {
		return bad("agent's call lives", "%s is %s", a.ID, a.State)
	}
	if p := c.Conn(a.Conn); !agentFits(a.State, p) {
		return bad("agent's state fits the connection", "%s is %s, connection %d %s/%s leg %s", a.ID, a.State, p.Number, p.State, p.Processing, p.Leg)
	}
	return nil
}

func agentFits(a callmodel.AgentState, p *callmodel.Connection) bool {
	ending := p.State == callmodel.Ended && live(p.Leg) // busy until the leg is gone
	switch a {
	case callmodel.Reserved:
		return p.State == callmodel.Initiated || p.State == callmodel.Alerting || ending
	case callmodel.OnCall:
		return talks(p.State) || p.Maker && p.State != callmodel.Ended || p.State == callmodel.Queued || ending && p.Processing != callmodel.WrapUp
	case callmodel.InWrapUp:
		return p.State == callmodel.Ended && (p.Processing == callmodel.WrapUp || live(p.Leg))
	case callmodel.LoggedOut, callmodel.NotReady, callmodel.Ready:
	}
	return false
}

// checkQueues checks that every waiting call stands in its queue, once, in order.
func (k *checker) checkQueues(v *callmodel.View) error {
	in := map[callmodel.CallID]callmodel.QueueID{}
	for _, q := range v.Queues {
		var last *callmodel.Call
		for _, id := range q.Waiting {
			c := callOf(v, id)
			if c == nil || c.Queue != q.ID || c.Phase != callmodel.PhaseWaiting {
				return bad("who stands in a queue waits", "queue %s call %s", q.ID, id)
			}
			if _, twice := in[id]; twice {
				return bad("one place per call", "call %d", c.Number)
			}
			in[id] = q.ID
			if last != nil && k.before(c, last) {
				return bad("queue in order", "queue %s: call %d (order %d) behind call %d (order %d)", q.ID, c.Number, c.Order, last.Number, last.Order)
			}
			last = c
		}
	}
	for _, c := range v.Calls {
		if _, ok := in[c.ID]; !ok && c.Phase == callmodel.PhaseWaiting {
			return bad("who waits stands in a queue", "call %d", c.Number)
		}
	}
	return nil
}

// before reports whether a must be served before b: priority, then arrival.
func (k *checker) before(a, b *callmodel.Call) bool {
	pa, pb := k.priority(a), k.priority(b)
	if pa != pb {
		return pa > pb
	}
	return a.Order < b.Order
}

func (k *checker) priority(c *callmodel.Call) int {
	if cfg := k.configs[c.Config]; cfg != nil {
		if q := cfg.Queue(c.Queue); q != nil {
			return q.Priority + c.Priority
		}
	}
	return c.Priority
}

// checkTimers checks that each timer has an owner who waits for it, and that
// whoever can be left waiting has a timer.
func checkTimers(v *callmodel.View, timers []callmodel.Timer) error {
	set := map[callmodel.TimerKey]bool{}
	for _, t := range timers {
		set[t.Key] = true
		if !timerOwned(v, t.Key) {
			return bad("no timer without an owner", "%s timer of call %s connection %s agent %q: %+v", t.Key.Kind, t.Key.Call, t.Key.Conn, t.Key.Agent, callOf(v, t.Key.Call))
		}
	}
	has := func(c *callmodel.Call, p *callmodel.Connection, kinds ...callmodel.TimerKind) bool {
		return slices.ContainsFunc(kinds, func(k callmodel.TimerKind) bool {
			return set[callmodel.TimerKey{Kind: k, Call: c.ID}] || p != nil && set[callmodel.TimerKey{Kind: k, Call: c.ID, Conn: p.ID}]
		})
	}
	for _, c := range v.Calls {
		for i := range c.Conns {
			p := &c.Conns[i]
			if offered(p) && !has(c, p, callmodel.TimerOffer, callmodel.TimerAccept, callmodel.TimerTarget) {
				return bad("every offer ends", "connection %d (accepted %v) has no timer", p.Number, p.Accepted)
			}
		}
		if c.Phase == callmodel.PhaseRouting && !has(c, nil, callmodel.TimerRoute) {
			return bad("every wait ends", "call %d is routed and has no timer", c.Number)
		}
		if c.Phase == callmodel.PhaseParked && !has(c, nil, callmodel.TimerPark) && !has(c, &c.Conns[0], callmodel.TimerPark) {
			return bad("every wait ends", "call %d is parked and has no timer", c.Number)
		}
	}
	return nil
}

func timerOwned(v *callmodel.View, k callmodel.TimerKey) bool {
	switch k.Kind {
	case callmodel.TimerCallback:
		return slices.ContainsFunc(v.Callbacks, func(b *callmodel.Callback) bool { return b.ID.ID == k.Conn.ID })
	case callmodel.TimerSupervise:
		x := supervision(v, k.Conn)
		return x != nil && !x.Over
	case callmodel.TimerStation:
		return slices.ContainsFunc(v.Agents, func(a *callmodel.Agent) bool { return a.ID == k.Agent && a.State != callmodel.LoggedOut })
	case callmodel.TimerPasscode:
		return slices.ContainsFunc(v.Agents, func(a *callmodel.Agent) bool { return a.ID == k.Agent && a.Entering != nil })
	case callmodel.TimerRecord:
		return recordTimerOwned(v, k)
	case callmodel.TimerNode:
		return slices.ContainsFunc(v.Nodes, func(n callmodel.Node) bool { return n.ID == k.Node && !n.Up && !n.Lost })
	case callmodel.TimerMirror:
		return v.Mirror != nil && (slices.ContainsFunc(v.Mirror.Calls, func(c *callmodel.MirrorCall) bool { return c.ID == k.Call && c.Leaving }) ||
			k.Call.IsZero() && slices.ContainsFunc(v.Mirror.Nodes, func(n callmodel.MirrorNode) bool { return !n.Up }))
	default:
	}
	c := callOf(v, k.Call)
	if c == nil {
		return false
	}
	p := c.Conn(k.Conn)
	switch k.Kind {
	case callmodel.TimerOffer:
		return p != nil && (p.State == callmodel.Initiated || p.State == callmodel.Alerting) && !p.Accepted
	case callmodel.TimerAccept:
		return p != nil && (p.State == callmodel.Initiated || p.State == callmodel.Alerting)
	case callmodel.TimerWrapUp, callmodel.TimerWrapWarn:
		return p != nil && p.Processing == callmodel.WrapUp
	case callmodel.TimerRetry, callmodel.TimerTarget:
		return c.Phase != callmodel.PhaseOver
	case callmodel.TimerLeft:
		return p != nil && live(p.Leg)
	case callmodel.TimerWait:
		return c.Phase == callmodel.PhaseWaiting || c.Phase == callmodel.PhaseOffered
	case callmodel.TimerDigit, callmodel.TimerDecision:
		return c.IVR != nil || c.Announce != nil
	case callmodel.TimerRoute:
		return c.Phase == callmodel.PhaseRouting
	case callmodel.TimerPark:
		return c.Phase == callmodel.PhaseParked
	default:
		return dialTimerOwned(c, p, k.Kind)
	}
}

// checkWork checks that no call waits for an agent who is ready for it.
func (k *checker) checkWork(v *callmodel.View, timers []callmodel.Timer) error {
	up := map[callmodel.NodeID]bool{}
	for _, n := range v.Nodes {
		up[n.ID] = n.Up
	}
	for _, c := range v.Calls {
		if c.Phase != callmodel.PhaseWaiting || !up[c.Node] {
			continue
		}
		retry := slices.ContainsFunc(timers, func(t callmodel.Timer) bool {
			return t.Key.Kind == callmodel.TimerRetry && t.Key.Call == c.ID
		})
		due := slices.ContainsFunc(timers, func(t callmodel.Timer) bool { return t.Key.Call == c.ID && t.Due <= v.Now })
		if due {
			continue // it is looked at in a moment, as after a restart of the controller
		}
		if c.RetryAt > v.Now && !retry {
			return bad("a call put off is tried again", "call %d", c.Number)
		}
		if retry {
			continue
		}
		if a := k.whoCould(v, c); a != "" {
			return bad("nobody waits for a ready agent", "call %d in %s, agent %s", c.Number, c.Queue, a)
		}
	}
	return nil
}

// queue returns the configuration of a call's queue in the version that the
// call has pinned.
func (k *checker) queue(v *callmodel.View, c *callmodel.Call) *callmodel.QueueConfig {
	if cfg := k.configs[c.Config]; cfg != nil && cfg.Queue(c.Queue) != nil {
		return cfg.Queue(c.Queue)
	}
	return v.Config.Queue(c.Queue)
}

// slack is how much later than planned a timer may fire.
const slack = 50 * time.Millisecond

// whoCould asks the router who could get a waiting call now.
func (k *checker) whoCould(v *callmodel.View, c *callmodel.Call) callmodel.AgentID {
	q := k.queue(v, c)
	if q == nil || slices.ContainsFunc(v.Queues, func(s *callmodel.Queue) bool { return s.ID == c.Queue && s.Paused }) {
		return ""
	}
	r := &callmodel.RouteQuery{Queue: q, Call: c, Now: v.Now.Add(-slack), Waited: max(v.Now.Sub(c.QueuedAt)-slack, 0)}
	for _, a := range v.Agents {
		if cfg := v.Config.Agent(a.ID); cfg != nil && slices.Contains(cfg.Queues, c.Queue) && dialInTime(v, c, a) {
			r.Agents = append(r.Agents, candidate(v, c, a, cfg))
		}
	}
	if len(r.Agents) == 0 {
		return ""
	}
	if ch := (acd.Router{}).Choose(r); len(ch.Agents) > 0 {
		return r.Agents[ch.Agents[0]].Agent.ID
	}
	return ""
}
