package ctitest

import (
	"strowger/switch/callmodel"
)

// pairScenarios are those in which Anna has a caller and asks Bernd in.
func pairScenarios() []scenario {
	const consult = callmodel.OpConsult
	return []scenario{
		{"consultation, transferred", consult | callmodel.OpTransfer, func(s *stage) {
			call, first, second, his := s.consulting()
			s.do(Anna, callmodel.OpTransfer, second)
			s.reaches(Anna, second, "ended/not-in-process")
			s.reaches(Anna, first, "ended/wrap-up")
			s.reachesWith(Bernd, his, "connected/active", Caller)
			s.sw.HangUp(call)
			s.reaches(Bernd, his, "ended/wrap-up")
		}},
		{"consultation, alternated, reconnected", consult | callmodel.OpAlternate | callmodel.OpReconnect, func(s *stage) {
			_, first, second, his := s.consulting()
			s.do(Anna, callmodel.OpAlternate, second)
			s.reaches(Anna, second, "hold/active")
			s.reaches(Bernd, his, "held/active")
			s.reaches(Anna, first, "connected/active")
			s.do(Anna, callmodel.OpAlternate, first)
			s.reaches(Anna, first, "hold/active")
			s.reaches(Anna, second, "connected/active")
			s.do(Anna, callmodel.OpReconnect, second)
			s.reaches(Anna, second, "ended/not-in-process")
			s.reaches(Anna, first, "connected/active")
			s.reaches(Bernd, his, "ended/not-in-process")
		}},
		{"conference, the owner leaves", consult | callmodel.OpConference | callmodel.OpDrop, func(s *stage) {
			_, first, second, his := s.consulting()
			s.do(Anna, callmodel.OpConference, second)
			s.reaches(Anna, second, "ended/not-in-process")
			s.reaches(Anna, first, "connected/active")
			s.do(Anna, callmodel.OpDrop, first)
			s.reaches(Anna, first, "ended/wrap-up")
			s.reachesWith(Bernd, his, "connected/active", Caller)
		}},
		{"conference, a party is dropped", consult | callmodel.OpConference | callmodel.OpDropParty, func(s *stage) {
			_, first, second, his := s.consulting()
			s.do(Anna, callmodel.OpConference, second)
			s.reaches(Anna, first, "connected/active")
			s.doTo(Anna, callmodel.OpDropParty, first, BerndLine)
			if n := s.reachesAny(Bernd, his, "ended/wrap-up", "ended/not-in-process"); n.Item != his {
				s.Errorf("item %s became %s", his, n.Item)
			}
			s.reachesWith(Anna, first, "connected/active", Caller)
		}},
		{"transferred without asking", callmodel.OpBlindTransfer, func(s *stage) {
			item, _ := s.talking()
			s.login(Bernd)
			s.doTo(Anna, callmodel.OpBlindTransfer, item, BerndLine)
			s.reaches(Anna, item, "ended/wrap-up")
			s.reachesWith(Bernd, "", "alerting/not-in-process", Caller)
		}},
		{"deflected", callmodel.OpDeflect, func(s *stage) {
			s.login(Anna)
			s.sw.Arrive(Queue, Caller, "")
			item := s.sees(Anna, "alerting/not-in-process").Item
			s.login(Bernd)
			s.doTo(Anna, callmodel.OpDeflect, item, BerndLine)
			s.reaches(Anna, item, "ended/not-in-process")
			s.reachesWith(Bernd, "", "alerting/not-in-process", Caller)
		}},
	}
}

// consulting brings a call to Anna's ear, and then Bernd to whom she talks
// while the caller is on hold.
func (s *stage) consulting() (call callmodel.CallID, first, second, his string) {
	s.Helper()
	first, call = s.talking()
	s.login(Bernd)
	s.doTo(Anna, callmodel.OpConsult, first, BerndLine)
	s.reaches(Anna, first, "hold/active")
	his = s.reachesWith(Bernd, "", "alerting/not-in-process", AnnaLine).Item
	s.takes(Bernd)
	s.reachesWith(Bernd, his, "connected/active", AnnaLine)
	second = s.reachesWith(Anna, "", "connected/active", BerndLine).Item
	if second == first {
		s.Fatalf("the consultation has the same name as the call: %s", first)
	}
	return call, first, second, his
}

// takes lets an agent at a call-on-accept station take the call that alerts
// there, by whatever means.
func (s *stage) takes(agent callmodel.AgentID) {
	s.Helper()
	view, err := s.sw.View(s.ctx)
	if err != nil {
		s.Fatal(err)
	}
	for _, a := range view.Agents {
		if a.ID == agent {
			err = s.sw.Do(s.ctx, callmodel.Accept{Conn: a.Conn})
		}
	}
	if err != nil {
		s.Fatalf("%s does not take the call: %v", agent, err)
	}
}

func (s *stage) doTo(agent callmodel.AgentID, op callmodel.Op, item, number string) {
	s.Helper()
	if err := s.a.(Director).DoTo(s.ctx, agent, op, item, number); err != nil {
		s.Fatalf("%s to %s: %v", callmodel.OpSet(op), number, err)
	}
}

// reaches waits until an item's last news is what is wanted; what comes before
// depends on the dialect.
func (s *stage) reaches(agent callmodel.AgentID, item, want string) News {
	s.Helper()
	return s.reachesAny(agent, item, want)
}

func (s *stage) reachesAny(agent callmodel.AgentID, item string, want ...string) News {
	s.Helper()
	return s.await(agent, item, "", want...)
}

// reachesWith is reaches with the number of the other party. An empty item is any.
func (s *stage) reachesWith(agent callmodel.AgentID, item, want, remote string) News {
	s.Helper()
	return s.await(agent, item, remote, want)
}

func (s *stage) await(agent callmodel.AgentID, item, remote string, want ...string) News {
	s.Helper()
	for {
		for _, n := range s.news[agent] {
			for _, w := range want {
				if (item == "" || n.Item == item) && n.String() == w && (remote == "" || n.Remote == remote) {
					return n
				}
			}
		}
		s.next(agent, want[0])
	}
}
