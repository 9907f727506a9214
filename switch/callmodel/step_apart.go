package callmodel

import (
	"slices"

	"strowger/switch/fault"
)

// inBoth is an agent, other than whose line it is, with a part in both of the
// line's calls: a second line took the call of somebody who is talked to already.
func (s *State) inBoth(held, active ItemRef) AgentID {
	own := s.calls[held.Call].Conn(held.Conn).Agent
	for _, p := range s.calls[held.Call].Conns {
		if p.Agent == "" || p.Agent == own || p.State == Ended {
			continue
		}
		if slices.ContainsFunc(s.calls[active.Call].Conns, func(q Connection) bool { return q.Agent == p.Agent && q.State != Ended }) {
			return p.Agent
		}
	}
	return ""
}

// apart refuses what would make one call of two in which the same agent is:
// nobody talks to themselves.
func (s *State) apart(op string, held, active ItemRef) error {
	if agent := s.inBoth(held, active); agent != "" {
		return fault.New(fault.Conflict, op, held.Conn.Hex(), "agent "+string(agent)+" is in both calls: end one of them")
	}
	return nil
}

// before reports which of a line's two calls is the one that goes on in a
// transfer: not the consultation; of two, of which one was made out of the
// other, the older.
func (p *Connection) before(q *Connection) bool {
	if p.Consult != q.Consult {
		return q.Consult
	}
	return p.Number < q.Number
}
