package callmodel

import "fmt"

// CheckIndexes reports the first look-up table that does not fit the calls.
// It reads only.
func (s *State) CheckIndexes() error {
	conns, legs := 0, 0
	for id, c := range s.calls {
		if c.ID != id {
			return fmt.Errorf("call %s is filed under %s", c.ID, id)
		}
		if _, ok := s.configs[c.Config]; !ok && c.Config != 0 {
			return fmt.Errorf("call %d pins configuration %d, which is forgotten", c.Number, c.Config)
		}
		for i := range c.Conns {
			p := &c.Conns[i]
			conns++
			if s.conns[p.ID] != id {
				return fmt.Errorf("connection %d is filed under call %s", p.Number, s.conns[p.ID])
			}
			if !p.Leg.alive() {
				continue
			}
			legs++
			if ref, ok := s.legs[p.Channel]; !ok || ref != (legRef{call: id, conn: p.ID}) {
				return fmt.Errorf("leg %s of connection %d is %s and filed as %+v (%v)", p.Channel, p.Number, p.Leg, ref, ok)
			}
		}
	}
	filed := 0
	for _, ref := range s.legs {
		if ref.agent == "" { // a standing leg is in no call
			filed++
		}
	}
	if conns != len(s.conns) || legs != filed {
		return fmt.Errorf("%d connections and %d legs live, %d and %d are filed", conns, legs, len(s.conns), filed)
	}
	for k, t := range s.timers {
		if k.Kind == TimerMirror || k.Kind == TimerStation {
			continue
		}
		if t.Key != k || s.calls[k.Call] == nil {
			return fmt.Errorf("timer %+v has no call", t)
		}
	}
	if err := s.CheckQueues(); err != nil {
		return err
	}
	if err := s.checkMirror(); err != nil {
		return err
	}
	return s.checkAgentIndex()
}

// CheckQueues reports the first call that a queue holds and that does not wait
// in it.
func (s *State) CheckQueues() error {
	for id, q := range s.queues {
		for _, w := range q.Waiting {
			if c := s.calls[w]; c == nil || c.Queue != id || c.Phase != PhaseWaiting {
				return fmt.Errorf("queue %s holds call %s, which does not wait in it", id, w)
			}
		}
	}
	return nil
}

func (s *State) checkAgentIndex() error {
	for id, a := range s.agents {
		if a.ID != id {
			return fmt.Errorf("agent %s is filed under %s", a.ID, id)
		}
		if a.busy() != (!a.Conn.IsZero() && !a.Call.IsZero()) {
			return fmt.Errorf("agent %s is %s with connection %s", id, a.State, a.Conn)
		}
		if a.busy() && (s.calls[a.Call] == nil || s.calls[a.Call].Conn(a.Conn) == nil) {
			return fmt.Errorf("agent %s is %s on a connection that is gone", id, a.State)
		}
	}
	if len(s.tombs.order) != len(s.tombs.at) {
		return fmt.Errorf("%d tombs in order, %d by name", len(s.tombs.order), len(s.tombs.at))
	}
	return nil
}

// BridgeOf is the id of a call's nth bridge.
func BridgeOf(c CallID, n uint32) string { return string(bridgeOf(c, n)) }

// checkMirror reports what does not fit in the mirrors.
func (s *State) checkMirror() error {
	m := &s.mirror
	if len(m.calls) != len(m.channels) {
		return fmt.Errorf("%d mirrored calls, %d legs", len(m.calls), len(m.channels))
	}
	for id, c := range m.calls {
		_, timer := s.timers[TimerKey{Kind: TimerMirror, Call: id}]
		switch {
		case c.ID != id || m.channels[c.Channel] != id || m.queues[c.Queue] == nil || s.calls[id] != nil:
			return fmt.Errorf("mirrored call %d is filed wrongly", c.Number)
		case c.Phase == PhaseOver || c.Leaving != timer:
			return fmt.Errorf("mirrored call %d is %s, leaving %v, timer %v", c.Number, c.Phase, c.Leaving, timer)
		case c.Phase == PhaseTalking && (c.Position != 0 || c.TalkingAt == 0):
			return fmt.Errorf("mirrored call %d talks at place %d since %d", c.Number, c.Position, c.TalkingAt)
		}
	}
	phones := 0
	for k, mm := range m.members {
		if m.queues[k.queue] == nil || mm.Queue != k.queue || mm.Interface != k.iface {
			return fmt.Errorf("mirrored member %v is filed wrongly", k)
		}
		if mm.Endpoint != "" {
			phones++
		}
	}
	for _, keys := range m.phones {
		phones -= len(keys)
	}
	if phones != 0 {
		return fmt.Errorf("%d mirrored members more than phones of them", phones)
	}
	for id, a := range s.agents {
		at := m.occupied(s.config.node(a.Station.Node), a.Station.Endpoint)
		if a.State != LoggedOut && s.seats[s.keyOf(&a.Station)] == id && a.Elsewhere != at {
			return fmt.Errorf("agent %s is elsewhere at %q, and %q occupies the phone", id, a.Elsewhere, at)
		}
		if a.State == LoggedOut && a.Elsewhere != "" {
			return fmt.Errorf("agent %s is logged out and elsewhere", id)
		}
	}
	return nil
}
