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
	if conns != len(s.conns) || legs != len(s.legs) {
		return fmt.Errorf("%d connections and %d legs live, %d and %d are filed", conns, legs, len(s.conns), len(s.legs))
	}
	for k, t := range s.timers {
		if t.Key != k || s.calls[k.Call] == nil {
			return fmt.Errorf("timer %+v has no call", t)
		}
	}
	for id, q := range s.queues {
		for _, w := range q.Waiting {
			if c := s.calls[w]; c == nil || c.Queue != id || c.Phase != PhaseWaiting {
				return fmt.Errorf("queue %s holds call %s, which does not wait in it", id, w)
			}
		}
	}
	return s.checkAgentIndex()
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
