package sim

import (
	"slices"

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

// checkCalls checks each call in itself and that ids are unique.
func checkCalls(v *callmodel.View) error {
	conns, legs := map[callmodel.ConnID]bool{}, map[callmodel.ChannelID]bool{}
	for _, c := range v.Calls {
		if len(c.Conns) == 0 || c.Conns[0].Role != callmodel.RoleCaller {
			return bad("the caller is first", "call %d", c.Number)
		}
		ringing, talking, open := 0, 0, false
		for i := range c.Conns {
			p := &c.Conns[i]
			if conns[p.ID] {
				return bad("connection ids are unique", "%s", p.ID)
			}
			conns[p.ID] = true
			if live(p.Leg) {
				if p.Channel == "" || legs[p.Channel] {
					return bad("a leg belongs to one connection", "connection %d leg %q", p.Number, p.Channel)
				}
				legs[p.Channel] = true
			} else if p.InBridge || p.JoinAsked {
				return bad("only a live leg is in a bridge", "connection %d", p.Number)
			}
			if live(p.Leg) || p.State != callmodel.Ended || p.Processing == callmodel.WrapUp {
				open = true
			}
			if p.Role == callmodel.RoleCaller {
				continue
			}
			switch p.State {
			case callmodel.Initiated, callmodel.Alerting:
				ringing++
			case callmodel.Connected, callmodel.Hold, callmodel.Held:
				talking++
				if p.Leg != callmodel.LegUp {
					return bad("who talks has an answered leg", "connection %d leg %s", p.Number, p.Leg)
				}
			case callmodel.Ended:
			case callmodel.Queued:
				return bad("only callers queue", "connection %d", p.Number)
			}
			if p.Wanted != 0 && p.State != callmodel.Connected && p.State != callmodel.Hold {
				return bad("a wish needs a conversation", "connection %d is %s and wants %s", p.Number, p.State, p.Wanted)
			}
		}
		if err := checkPhase(c, ringing, talking, open); err != nil {
			return err
		}
	}
	return nil
}

func checkPhase(c *callmodel.Call, ringing, talking int, open bool) error {
	caller := c.Conns[0].State
	wantRing, wantTalk := 0, 0
	callers := []callmodel.ConnState{callmodel.Queued}
	switch c.Phase {
	case callmodel.PhaseWaiting:
	case callmodel.PhaseOffered:
		wantRing = 1
	case callmodel.PhaseTalking:
		wantTalk = 1
		callers = []callmodel.ConnState{callmodel.Connected, callmodel.Held, callmodel.Hold}
	case callmodel.PhaseOver:
		callers = []callmodel.ConnState{callmodel.Ended}
		if !open {
			return bad("a finished call is forgotten", "call %d", c.Number)
		}
		if c.Outcome == "" {
			return bad("ended call is over and has an outcome", "call %d", c.Number)
		}
	}
	if ringing != wantRing || talking != wantTalk {
		return bad("phase fits the connections", "call %d is %s with %d offers and %d conversations", c.Number, c.Phase, ringing, talking)
	}
	if !slices.Contains(callers, caller) {
		return bad("caller fits the phase", "call %d is %s, its caller %s", c.Number, c.Phase, caller)
	}
	return nil
}

// checkAgents checks that each agent's state is that of their connection.
func checkAgents(v *callmodel.View) error {
	occupied := map[callmodel.AgentID]callmodel.ConnID{}
	for _, c := range v.Calls {
		for i := range c.Conns {
			p := &c.Conns[i]
			if p.Role != callmodel.RoleAgent || p.State == callmodel.Ended && p.Processing != callmodel.WrapUp {
				continue
			}
			if other, dup := occupied[p.Agent]; dup {
				return bad("one connection per agent", "%s has %s and %s", p.Agent, other, p.ID)
			}
			occupied[p.Agent] = p.ID
		}
	}
	for _, a := range v.Agents {
		busy := a.State == callmodel.Reserved || a.State == callmodel.OnCall || a.State == callmodel.InWrapUp
		conn, has := occupied[a.ID]
		delete(occupied, a.ID)
		if has && a.Conn != conn {
			return bad("agent knows the connection", "%s is %s with %s, has %s", a.ID, a.State, a.Conn, conn)
		}
		if busy == (a.Conn == callmodel.ConnID{}) || busy == (a.Call == callmodel.CallID{}) {
			return bad("busy means a connection", "%s is %s with connection %s", a.ID, a.State, a.Conn)
		}
		if !busy {
			continue
		}
		c := callOf(v, a.Call)
		if c == nil || c.Conn(a.Conn) == nil {
			return bad("agent's call lives", "%s is %s", a.ID, a.State)
		}
		if p := c.Conn(a.Conn); !agentFits(a.State, p) {
			return bad("agent's state fits the connection", "%s is %s, connection %d %s/%s leg %s", a.ID, a.State, p.Number, p.State, p.Processing, p.Leg)
		}
	}
	for a := range occupied { // removed from the configuration: still listed by none
		if v.Config.Agent(a) != nil {
			return bad("agent knows the connection", "%s is not listed and has a connection", a)
		}
	}
	return nil
}

func agentFits(a callmodel.AgentState, p *callmodel.Connection) bool {
	ending := p.State == callmodel.Ended && live(p.Leg) // busy until the leg is gone
	switch a {
	case callmodel.Reserved:
		return p.State == callmodel.Initiated || p.State == callmodel.Alerting || ending
	case callmodel.OnCall:
		return p.State == callmodel.Connected || p.State == callmodel.Hold || p.State == callmodel.Held ||
			ending && p.Processing != callmodel.WrapUp
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
			return q.Priority
		}
	}
	return 0
}

// checkTimers checks that each timer has an owner who waits for it, and that
// whoever can be left waiting has a timer.
func checkTimers(v *callmodel.View, timers []callmodel.Timer) error {
	set := map[callmodel.TimerKey]bool{}
	for _, t := range timers {
		set[t.Key] = true
		c := callOf(v, t.Key.Call)
		if c == nil {
			return bad("no timer without an owner", "%s timer of a call that is gone", t.Key.Kind)
		}
		p := c.Conn(t.Key.Conn)
		ok := false
		switch t.Key.Kind {
		case callmodel.TimerOffer:
			ok = p != nil && (p.State == callmodel.Initiated || p.State == callmodel.Alerting) && !p.Accepted
		case callmodel.TimerAccept:
			ok = p != nil && p.State == callmodel.Alerting && p.Accepted
		case callmodel.TimerWrapUp:
			ok = p != nil && p.Processing == callmodel.WrapUp
		case callmodel.TimerRetry:
			ok = c.Phase != callmodel.PhaseOver
		case callmodel.TimerLeft:
			ok = p != nil && live(p.Leg)
		}
		if !ok {
			return bad("no timer without an owner", "%s timer of call %d (%s) connection %+v", t.Key.Kind, c.Number, c.Phase, p)
		}
	}
	for _, c := range v.Calls {
		for i := range c.Conns {
			p := &c.Conns[i]
			offered := p.Role == callmodel.RoleAgent && (p.State == callmodel.Initiated || p.State == callmodel.Alerting)
			kind := callmodel.TimerOffer
			if p.Accepted {
				kind = callmodel.TimerAccept
			}
			if offered && !set[callmodel.TimerKey{Kind: kind, Call: c.ID, Conn: p.ID}] {
				return bad("every offer ends", "connection %d has no %s timer", p.Number, kind)
			}
		}
	}
	return nil
}

// checkWork checks that no call waits for an agent who is ready for it.
func checkWork(v *callmodel.View, timers []callmodel.Timer) error {
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
		if c.RetryAt > v.Now && !retry {
			return bad("a call put off is tried again", "call %d", c.Number)
		}
		if retry {
			continue
		}
		for _, a := range v.Agents {
			cfg := v.Config.Agent(a.ID)
			if a.State == callmodel.Ready && cfg != nil && slices.Contains(cfg.Queues, c.Queue) && !slices.Contains(c.Refused, a.ID) {
				return bad("nobody waits for a ready agent", "call %d in %s, agent %s", c.Number, c.Queue, a.ID)
			}
		}
	}
	return nil
}

// checkQuiet checks that nothing is left after everybody has gone.
func checkQuiet(v *callmodel.View, timers []callmodel.Timer, inv Inventory) error {
	switch {
	case len(v.Calls) > 0:
		c := v.Calls[0]
		return bad("quiet: no calls", "%d left; call %d is %s: %+v", len(v.Calls), c.Number, c.Phase, c.Conns)
	case !inv.Empty():
		return bad("quiet: exchange empty", "%s", inv)
	case len(timers) > 0:
		return bad("quiet: no timers", "%+v", timers)
	}
	for _, a := range v.Agents {
		if a.Conn != (callmodel.ConnID{}) || a.State > callmodel.Ready {
			return bad("quiet: agents free", "%s is %s", a.ID, a.State)
		}
	}
	for _, q := range v.Queues {
		if len(q.Waiting) > 0 {
			return bad("quiet: queues empty", "%s", q.ID)
		}
	}
	return nil
}

// checkTrue checks that the model's picture is that of the exchange. It holds
// when the link has been up without faults for a while.
func checkTrue(v *callmodel.View, inv Inventory) error {
	known := map[callmodel.ChannelID]bool{}
	bridges := map[callmodel.BridgeID]bool{}
	for _, c := range v.Calls {
		if c.BridgeUp {
			bridges[c.Bridge] = true
		}
		for i := range c.Conns {
			p := &c.Conns[i]
			if !live(p.Leg) {
				continue
			}
			known[p.Channel] = true
			l, there := inv.Leg(p.Channel)
			asked := p.Leg == callmodel.LegAsked && l.State == callmodel.LegDown // no fact tells this
			if !there || l.State != p.Leg && !asked {
				return bad("true: legs", "call %d connection %d: leg %s, the exchange has %v %s", c.Number, p.Number, p.Leg, there, l.State)
			}
			if (l.Bridge != "") != p.InBridge {
				return bad("true: bridges", "call %d connection %d: in bridge %v, the exchange has %q", c.Number, p.Number, p.InBridge, l.Bridge)
			}
		}
		if err := checkTruth(c, inv); err != nil {
			return err
		}
	}
	for _, l := range inv.Legs {
		if !known[l.Channel] {
			return bad("true: no orphan leg", "%+v", l)
		}
	}
	for _, b := range inv.Bridges {
		if !bridges[b.ID] {
			return bad("true: no orphan bridge", "%+v", b)
		}
	}
	return nil
}

func checkTruth(c *callmodel.Call, inv Inventory) error {
	caller, _ := inv.Leg(c.Conns[0].Channel)
	switch c.Phase {
	case callmodel.PhaseTalking:
		a := c.AgentConn()
		if a.State == callmodel.Hold && !a.ByPhone {
			if inv.Talking(a.Channel) || !caller.Music {
				return bad("true: hold", "call %d: talking %v, music %v", c.Number, inv.Talking(a.Channel), caller.Music)
			}
			return nil
		}
		if !inv.Talking(a.Channel) || !inv.Talking(caller.Channel) || caller.Music {
			return bad("true: talk", "call %d (%s): agent %v, caller %v, music %v", c.Number, a.State, inv.Talking(a.Channel), inv.Talking(caller.Channel), caller.Music)
		}
	case callmodel.PhaseWaiting:
		if c.Conns[0].Music != caller.Music {
			return bad("true: music", "call %d: model %v, exchange %v", c.Number, c.Conns[0].Music, caller.Music)
		}
	case callmodel.PhaseOffered, callmodel.PhaseOver:
	}
	return nil
}
