package callmodel

import (
	"fmt"
	"time"
)

// deadAir ends a conversation in which one party sends no audio at all: a
// person who is silent is not meant, whose phone sends all the same. A phone
// on hold may be silent, and so may a leg that is not in the conversation yet.
func (s *State) deadAir(in DeadAir) {
	ref, ok := s.legs[in.Channel]
	c := s.calls[ref.call]
	if !ok || ref.agent != "" || c == nil || c.Conn(ref.conn) == nil {
		return // a leg beside the conversation: a standing one, or one that listens
	}
	p, q := c.Conn(ref.conn), s.queueConfig(c)
	switch {
	case q == nil || q.DeadAir <= 0 || in.Silent < q.DeadAir:
		return
	case c.Phase != PhaseTalking || p.State != Connected || p.Wanted != 0 || !p.InBridge:
		return
	case s.now.Sub(p.ConnectedAt) < q.DeadAir: // it was silent before, where that is well
		return
	}
	s.incident(c.Node, fmt.Sprintf("no audio came from %s for %v (dead_air of queue %s is %v): call %d was ended for them",
		p.Device, in.Silent.Round(time.Second), q.ID, q.DeadAir, c.Number))
	if p.Conference {
		s.endParty(ref.call, ref.conn, CauseDeadAir)
		s.partyLeft(ref.call)
		return
	}
	s.dropAll(ref.call, CauseDeadAir)
}
