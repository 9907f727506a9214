package callmodel

import (
	"cmp"
	"maps"
	"slices"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// mirrorListing makes the mirror of a server equal to what its other program
// has. Who is missing in it is looked for a moment longer where their going
// may be told yet; after that they are gone, so that nothing leaks.
func (s *State) mirrorListing(in MirrorListing) {
	old, known := s.mirror.nodes[in.Node]
	s.mirror.nodes[in.Node] = MirrorNode{ID: in.Node, Kind: in.Kind, Up: true, SyncedAt: s.now, LeftTold: old.LeftTold, Doubted: old.Doubted}
	if !known || !old.Up {
		s.emit(Event{Kind: EvMirrorUp, Node: in.Node})
		s.mirrorAllUp()
	}
	if in.Left > 0 {
		s.mirrorLeftOut(in.Node, in.Left)
	}
	s.listQueues(in)
	s.listMembers(in)
	s.listCallers(in, old.Doubted)
	n := s.mirror.nodes[in.Node]
	n.Doubted, n.LeftTold = false, n.LeftTold && n.Left > 0
	s.mirror.nodes[in.Node] = n
	for _, id := range sortedKeys(s.mirror.queues) {
		q := s.mirror.queues[id]
		if q.Node == in.Node && !slices.ContainsFunc(in.Queues, func(f MirrorFigures) bool { return f.Name == q.Name }) && !s.mirror.used(id) {
			delete(s.mirror.queues, id)
			s.emit(Event{Kind: EvMirrorQueue, Node: q.Node, Reason: "removed", Mirror: &Mirrored{Queue: q}})
		}
	}
	s.markAllPhones()
}

// mirrorAllUp ends the wait for servers that were out of sight.
func (s *State) mirrorAllUp() {
	for _, n := range s.mirror.nodes {
		if !n.Up {
			return
		}
	}
	s.cancelTimer(TimerMirror, CallID{}, ConnID{})
}

// used reports whether a queue has members or calls.
func (m *mirrors) used(id QueueID) bool {
	for k := range m.members {
		if k.queue == id {
			return true
		}
	}
	for _, c := range m.calls {
		if c.Queue == id {
			return true
		}
	}
	return false
}

func (s *State) listQueues(in MirrorListing) {
	for _, f := range in.Queues {
		if f.Name != "" {
			s.setMirrorQueue(s.mirror.nodes[in.Node], f)
		}
	}
}

func (s *State) listMembers(in MirrorListing) {
	there := make(map[memberKey]bool, len(in.Members))
	for _, f := range in.Members {
		there[memberKey{MirrorQueueID(f.Queue, in.Node), f.Interface}] = true
		s.mirrorMember(in.Node, f)
	}
	gone := []*MirrorMember{}
	for k, m := range s.mirror.members {
		if m.Node == in.Node && !there[k] {
			gone = append(gone, m)
		}
	}
	slices.SortFunc(gone, compareMembers)
	for _, m := range gone {
		s.mirrorMemberGone(memberKey{m.Queue, m.Interface})
	}
}

func (s *State) listCallers(in MirrorListing, doubted bool) {
	there := make(map[ChannelID]bool, len(in.Callers))
	for _, f := range in.Callers {
		there[f.Channel] = true
	}
	s.listMissing(in, there, doubted)
	// Who leaves moves the others up, so those who wait come last, and the places
	// that the listing tells are the last word.
	for _, f := range in.Callers {
		if f.Position == 0 {
			s.mirrorCaller(in.Node, f, in.AsOf, true)
		}
	}
	for range 2 {
		for _, f := range in.Callers {
			if f.Position > 0 {
				s.mirrorCaller(in.Node, f, in.AsOf, true)
			}
		}
	}
}

// listMissing is about who is not listed. doubted: the server was out of sight so
// long that our calls went to phones that talked there; nobody tells of an end
// from then any more, and no offer of ours gives way for it.
func (s *State) listMissing(in MirrorListing, there map[ChannelID]bool, doubted bool) {
	for _, c := range s.mirror.callsInOrder() {
		if c.Node != in.Node || there[c.Channel] || s.mirror.calls[c.ID] == nil || c.SeenAt >= in.AsOf {
			continue
		}
		switch {
		case doubted && !(in.Waiters && c.Phase == PhaseTalking && s.stillTalks(c)):
			s.mirrorOver(c, OutcomeLost, "left the queue while the server was out of sight")
		case c.Leaving:
		case in.Waiters && c.Phase == PhaseTalking:
			s.doubtTalk(c)
		default:
			s.mirrorMissing(c)
		}
	}
}

// doubtTalk is a talk that the listing cannot show: it goes on while its member
// is in a call.
func (s *State) doubtTalk(c *MirrorCall) {
	if !s.stillTalks(c) {
		s.mirrorMissing(c)
	}
}

func (s *State) stillTalks(c *MirrorCall) bool {
	m := s.mirror.members[memberKey{c.Queue, c.Member}]
	return m != nil && m.InCall
}

// mirrorMissing has a caller looked for a moment longer.
func (s *State) mirrorMissing(c *MirrorCall) {
	next := *c
	next.Leaving, next.Position = true, 0
	s.mirror.setCall(&next)
	s.closeRanks(c)
	s.setTimer(TimerMirror, c.ID, ConnID{}, mirrorSettle)
}

// markPhone notes with the agent at a phone whether a call of another program
// occupies it: no call of ours is offered there then, and one that was just
// being offered goes elsewhere.
func (s *State) markPhone(node NodeID, endpoint string) {
	if a := s.agents[s.seats[s.config.phoneKey(node, endpoint)]]; a != nil && endpoint != "" {
		s.markAgent(a)
	}
}

func (s *State) markAgent(a *Agent) {
	was, now := a.Elsewhere, s.mirror.occupied(s.config.node(a.Station.Node), a.Station.Endpoint)
	if was == now {
		return
	}
	a = s.editAgent(a.ID)
	a.Elsewhere = now
	if now == "" {
		a.IdleSince = s.now // they have worked until now
	}
	s.emitAgent(a.ID)
	if now == "" {
		s.serve(a.ID)
		return
	}
	for _, r := range slices.Clone(s.agents[a.ID].Items) {
		c := s.calls[r.Call]
		if c == nil {
			continue
		}
		if p := c.Conn(r.Conn); p != nil && p.offered() {
			s.offerOver(r.Call, r.Conn, CauseBusy, offerForced)
		}
	}
}

func (s *State) markMembers(c *MirrorCall) {
	ifaces := c.Rings
	if c.Member != "" {
		ifaces = append(slices.Clone(ifaces), c.Member)
	}
	for _, i := range ifaces {
		if m := s.mirror.members[memberKey{c.Queue, i}]; m != nil {
			s.markPhone(m.Node, m.Endpoint)
		}
	}
}

func (s *State) markAllPhones() {
	for _, key := range sortedKeys(s.seats) {
		if a := s.agents[s.seats[key]]; a != nil {
			s.markAgent(a)
		}
	}
}
