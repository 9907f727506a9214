package callmodel

import (
	"slices"
	"time"
)

// stationNode is the server that a phone is at.
func (s *State) stationNode(st *Station) NodeID {
	if n := s.config.node(st.Node); n != "" {
		return n
	}
	return s.homeNode()
}

func (s *State) nodeUp(id NodeID) bool {
	n := s.nodes[id]
	return n != nil && n.Up
}

// via is the server through which a call reaches a phone or trunk, empty where
// it is the call's own.
func (s *State) via(c *Call, st *Station) NodeID {
	if !s.config.several() {
		return ""
	}
	if n := s.stationNode(st); n != c.Node {
		return n
	}
	return ""
}

// away reports whether one of several servers cannot be used for a call: we do
// not reach it, or the call's own server does not.
func (s *State) away(c *Call, node NodeID) bool {
	if !s.config.several() {
		return false
	}
	return !s.nodeUp(node) || !s.footloose(c) && node != c.Node && !s.reaches(c.Node, node)
}

// reaches reports whether a server sees another one by the trunk between them;
// of one that does not tell it is believed.
func (s *State) reaches(from, to NodeID) bool {
	n := s.nodes[from]
	if n == nil || !n.Watched {
		return true
	}
	for i := range s.config.Nodes {
		if peer := &s.config.Nodes[i]; peer.ID == to {
			return s.phones[s.config.phoneKey(from, peer.Peer)]
		}
	}
	return true
}

// peerChanged is a server that sees another one again, or does not any more.
func (s *State) peerChanged(endpoint string, online bool) {
	if !s.config.several() || !slices.ContainsFunc(s.config.Nodes, func(n NodeConfig) bool { return n.Peer == endpoint }) {
		return
	}
	s.judgeNodes()
	if online {
		s.serveAll()
	}
}

// far reports whether a call cannot get an agent because of where it lives:
// the standing leg of a nailed station is at another server.
func (s *State) far(c *Call, a *Agent) bool {
	return a.Station.Mode == Nailed && !s.footloose(c) && s.via(c, &a.Station) != ""
}

// footloose reports whether nothing of a call lives on a server yet: a callback
// for which nobody has been called. It is made where its agent is.
func (s *State) footloose(c *Call) bool {
	if !s.config.several() || !c.agentFirst() || c.BridgeUp {
		return false
	}
	return !slices.ContainsFunc(c.Conns, func(p Connection) bool { return p.Leg.alive() })
}

// settleAt gives a call that is footloose a server.
func (s *State) settleAt(id CallID, st *Station) {
	if s.footloose(s.calls[id]) {
		s.edit(id).Node = s.stationNode(st)
	}
}

// notifyTalk asks the ringing phone of a connection to answer.
func (s *State) notifyTalk(id CallID, conn ConnID) {
	c, p := s.editConn(id, conn)
	e := NotifyTalk{EffectHead: s.head(c, conn), Channel: p.Channel, Endpoint: p.Station.Endpoint}
	if p.Via != "" {
		e.Node, e.Channel = p.Via, ""
	}
	s.do(e)
}

// watchPhones follows what the loss and the return of a server's link means
// for the agents whose phones are there. With one server nothing is offered
// anyway while its link is lost.
func (s *State) watchPhones(node NodeID) {
	if !s.config.several() {
		return
	}
	for _, a := range s.agentsInOrder() {
		if a.State == LoggedOut || s.stationNode(&a.Station) != node {
			continue
		}
		off := s.phoneOff(&a.Station)
		if off == a.PhoneOff {
			continue
		}
		s.editAgent(a.ID).PhoneOff = off
		s.emit(Event{Kind: EvPhoneChanged, Agent: s.agents[a.ID], Reason: a.Station.Endpoint})
		if !off {
			s.needStanding(a.ID)
			s.serve(a.ID)
		}
	}
}

// lostGrace is for how long nobody must have reached a server before its calls
// are given up.
const lostGrace = 3 * time.Second

// unreached reports whether a server is out of our reach and out of that of
// every other server that we reach: it is dead, and not just the link to it.
func (s *State) unreached(n *NodeConfig) bool {
	live := s.nodes[n.ID]
	if live == nil || live.Up || live.Lost {
		return false
	}
	witnesses := 0
	for i := range s.config.Nodes {
		other := s.config.Nodes[i].ID
		if other == n.ID || !s.nodeUp(other) {
			continue
		}
		if online, known := s.phones[s.config.phoneKey(other, n.Peer)]; !known || online {
			return false
		}
		witnesses++
	}
	return witnesses > 0
}

// judgeNodes starts or stops the wait for each server that may be lost.
func (s *State) judgeNodes() {
	if !s.config.several() {
		return
	}
	for i := range s.config.Nodes {
		n := &s.config.Nodes[i]
		key := TimerKey{Kind: TimerNode, Node: n.ID}
		t, waits := s.timers[key]
		switch lost := s.unreached(n); {
		case lost && !waits:
			s.counters.Timer++
			t = Timer{Key: key, Due: s.now.Add(lostGrace), Gen: s.counters.Timer}
			s.timers[key] = t
			s.out.Timers = append(s.out.Timers, TimerOp{Timer: t})
		case !lost && waits:
			delete(s.timers, key)
			s.out.Timers = append(s.out.Timers, TimerOp{Timer: t, Cancel: true})
		}
	}
}

// nodeLost gives up a server that nobody reaches: its calls are over, and so
// are the legs of other calls that went through it.
func (s *State) nodeLost(id NodeID) {
	for i := range s.config.Nodes {
		n := &s.config.Nodes[i]
		if n.ID != id || !s.unreached(n) {
			continue
		}
		gone := *s.nodes[id]
		gone.Lost = true
		s.nodes[id] = &gone
		s.incident(id, "neither the controller nor another server reaches it: its calls are over")
		s.endLegsAt(id)
		s.endLegsVia(id)
		s.serveAll()
	}
}

// endLegsAt ends what lived on a server.
func (s *State) endLegsAt(id NodeID) {
	for _, c := range s.callsInOrder() {
		if s.calls[c.ID] == nil || c.Node != id {
			continue
		}
		for i := range c.Conns {
			if p := &c.Conns[i]; p.Leg.alive() && s.legs[p.Channel].call == c.ID {
				s.channelGone(p.Channel, CauseLost, 0)
			}
		}
		if c := s.calls[c.ID]; c != nil && c.BridgeUp {
			s.edit(c.ID).BridgeUp = false
		}
	}
	for _, a := range s.agentsInOrder() {
		if st := a.Standing; st != nil && st.Leg.alive() && s.stationNode(&a.Station) == id && s.legs[st.Channel].agent == a.ID {
			s.channelGone(st.Channel, CauseLost, 0)
		}
	}
}

// endLegsVia ends the legs of other servers' calls that went through a server
// which is gone, or has started anew, and has the others end what they have of
// its calls: no goodbye comes from a dead server.
func (s *State) endLegsVia(id NodeID) {
	for i := range s.config.Nodes {
		other := s.config.Nodes[i].ID
		if other == id || !s.nodeUp(other) {
			continue
		}
		s.counters.Effect++
		s.do(ClearPeer{EffectHead: EffectHead{ID: s.counters.Effect, Node: other}, Peer: id})
	}
	for _, c := range s.callsInOrder() {
		for i := range c.Conns {
			p := &c.Conns[i]
			if s.calls[c.ID] == nil || c.Node == id || p.Via != id || !p.Leg.alive() || s.legs[p.Channel].call != c.ID {
				continue
			}
			s.do(Hangup{EffectHead: s.head(s.calls[c.ID], p.ID), Channel: p.Channel, Cause: CauseNormal})
			s.channelGone(p.Channel, CauseLost, 0)
		}
	}
}
