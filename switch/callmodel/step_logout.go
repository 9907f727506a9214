package callmodel

import "slices"

// skipWrapUps takes the after-call work from a busy agent who logs out: what is
// open ends, whatever its queue wants, and none follows the calls that go on.
func (s *State) skipWrapUps(id AgentID) {
	for _, r := range slices.Clone(s.agents[id].Items) {
		c := s.calls[r.Call]
		if c == nil {
			continue
		}
		switch p := c.Conn(r.Conn); {
		case p.Processing == WrapUp:
			s.wrapUpOver(r.Call, r.Conn)
		case p.State != Ended && !p.offered():
			_, p = s.editConn(r.Call, r.Conn)
			p.NoWrapUp = true
		}
	}
}
