package callmodel

import (
	"slices"
	"time"
)

const (
	// mirrorSettle is how long a caller who has left another program's queue, or
	// is missing in a listing, may still turn out to talk or to be there: facts
	// and listings come on their own ways.
	mirrorSettle = 2 * time.Second
	// mirrorGrace is how long a call that was seen last before the other program
	// was lost out of sight keeps a phone of ours busy. Most are over by then.
	mirrorGrace = time.Minute
	// mirrorSame is how far a listing's waiting time, which comes in whole
	// seconds, may be from what is known before it is taken for another wait.
	mirrorSame = 3 * time.Second
)

// mirrorFact applies a fact about another program's queues and reports
// whether it was one.
func (s *State) mirrorFact(in Input) bool {
	switch in := in.(type) {
	case MirrorListing:
		s.mirrorListing(in)
	case MirrorDown:
		s.mirrorDown(in)
	case MirrorMemberSeen:
		s.mirrorMember(in.Node, in.MirrorMemberFact)
	case MirrorMemberRemoved:
		s.mirrorMemberGone(memberKey{MirrorQueueID(in.Queue, in.Node), in.Interface})
	case MirrorCallerJoined:
		s.mirrorCaller(in.Node, in.MirrorCallerFact, s.now, false)
	case MirrorCallerMoved:
		s.mirrorMoved(in)
	default:
		return false
	}
	return true
}

func (s *State) mirrorDown(in MirrorDown) {
	n, known := s.mirror.nodes[in.Node]
	if known && !n.Up {
		if n.Cause != in.Cause {
			n.Cause = in.Cause
			s.mirror.nodes[in.Node] = n
		}
		return
	}
	n.ID, n.Kind, n.Up, n.DownAt, n.Cause = in.Node, in.Kind, false, s.now, in.Cause
	s.mirror.nodes[in.Node] = n
	s.emit(Event{Kind: EvMirrorDown, Node: in.Node, Reason: in.Cause})
	s.setTimer(TimerMirror, CallID{}, ConnID{}, mirrorGrace)
}

// mirrorTimer is due for a caller whose whereabouts were open, or for servers
// that have been out of sight for long.
func (s *State) mirrorTimer(key TimerKey) {
	if !key.Call.IsZero() {
		if c := s.mirror.calls[key.Call]; c != nil && c.Leaving {
			s.mirrorOver(c, OutcomeLost, "left the queue without an agent, or out of sight")
		}
		return
	}
	var next time.Duration
	for _, id := range sortedKeys(s.mirror.nodes) {
		n := s.mirror.nodes[id]
		if n.Up || n.Doubted {
			continue
		}
		if left := mirrorGrace - s.now.Sub(n.DownAt); left > 0 {
			next = max(next, left)
			continue
		}
		n.Doubted = true
		s.mirror.nodes[id] = n
	}
	if next > 0 {
		s.setTimer(TimerMirror, CallID{}, ConnID{}, next)
	}
	s.markAllPhones()
}

// mirrorMember takes over what is told of a member.
func (s *State) mirrorMember(node NodeID, f MirrorMemberFact) {
	q := s.mirrorQueue(f.Queue, node)
	if q == nil || f.Interface == "" {
		return
	}
	k := memberKey{q.ID, f.Interface}
	old := s.mirror.members[k]
	if old == nil && len(s.mirror.members) >= MaxMirrorMembers {
		s.mirrorLeftOut(node, 1)
		return
	}
	m := &MirrorMember{
		Queue: q.ID, Node: node, Interface: f.Interface, Name: f.Name, Endpoint: f.Endpoint, Penalty: f.Penalty, Paused: f.Paused,
		Reason: f.Reason, Phone: f.Phone, InCall: f.InCall, Calls: f.Calls, LastCall: f.LastCall, Source: f.Source,
	}
	switch {
	case f.RingInUse != nil:
		m.RingInUse = *f.RingInUse
	case old != nil:
		m.RingInUse = old.RingInUse
	}
	if old != nil && *old == *m {
		return
	}
	s.mirror.setMember(m)
	s.emitMember(m, "")
	if old != nil && old.Endpoint != m.Endpoint {
		s.markPhone(node, old.Endpoint)
	}
	s.markPhone(node, m.Endpoint)
}

func (s *State) emitMember(m *MirrorMember, reason string) {
	s.emit(Event{Kind: EvMirrorAgent, Node: m.Node, Reason: reason, Mirror: &Mirrored{Queue: s.mirror.queues[m.Queue], Member: m}})
}

func (s *State) mirrorMemberGone(k memberKey) {
	m := s.mirror.members[k]
	if m == nil {
		return
	}
	s.mirror.dropMember(k)
	s.emitMember(m, "removed")
	s.markPhone(m.Node, m.Endpoint)
}

// mirrorQueue returns a queue, which is made where a fact is the first that
// names it: a queue of a database appears with its first caller or member.
func (s *State) mirrorQueue(name string, node NodeID) *MirrorQueue {
	n, known := s.mirror.nodes[node]
	if !known || name == "" {
		return nil // before the first listing nothing can be placed
	}
	id := MirrorQueueID(name, node)
	if q := s.mirror.queues[id]; q != nil {
		return q
	}
	return s.setMirrorQueue(n, MirrorFigures{Name: name})
}

func (s *State) setMirrorQueue(n MirrorNode, f MirrorFigures) *MirrorQueue {
	id := MirrorQueueID(f.Name, n.ID)
	old := s.mirror.queues[id]
	if old == nil && len(s.mirror.queues) >= MaxMirrorQueues {
		s.mirrorLeftOut(n.ID, 1)
		return nil
	}
	q := &MirrorQueue{ID: id, Node: n.ID, Kind: n.Kind, MirrorFigures: f}
	if old != nil && *old == *q {
		return old
	}
	s.mirror.queues[id] = q
	s.emit(Event{Kind: EvMirrorQueue, Node: n.ID, Mirror: &Mirrored{Queue: q}})
	return q
}

// mirrorLeftOut counts what is beyond the limits. It is an incident once, until
// a listing fits again.
func (s *State) mirrorLeftOut(node NodeID, count int) {
	n := s.mirror.nodes[node]
	if n.Left += count; !n.LeftTold {
		n.LeftTold = true
		s.incident(node, "more queues, members or callers of another program than can be mirrored: the rest is left out")
	}
	s.mirror.nodes[node] = n
}

// mirrorMoved applies what happens to a caller that waits or talks.
func (s *State) mirrorMoved(in MirrorCallerMoved) {
	c := s.mirror.byChannel(in.Channel)
	if c == nil || c.Queue != MirrorQueueID(in.Queue, in.Node) {
		return
	}
	next := *c
	next.SeenAt = s.now
	switch in.What {
	case MirrorRings:
		if c.Phase == PhaseTalking || c.Leaving || slices.Contains(c.Rings, in.Interface) || len(c.Rings) >= maxRings {
			return
		}
		next.Rings, next.Phase = append(slices.Clone(c.Rings), in.Interface), PhaseOffered
	case MirrorNoAnswer:
		if !slices.Contains(c.Rings, in.Interface) {
			return
		}
		next.Rings = slices.DeleteFunc(slices.Clone(c.Rings), func(r string) bool { return r == in.Interface })
		if len(next.Rings) == 0 && c.Phase == PhaseOffered {
			next.Phase = PhaseWaiting
		}
	case MirrorAbandoned:
		s.mirrorOver(c, abandoned(c), "")
		return
	case MirrorLeft:
		s.mirrorLeaves(c)
		return
	case MirrorTalks:
		s.mirrorTalks(c, in.Interface)
		return
	case MirrorOver:
		s.mirrorOver(c, OutcomeHandled, "")
		return
	default:
		return
	}
	s.mirrorChanged(c, &next)
}

// maxRings bounds how many phones that ring for one caller are remembered.
const maxRings = 64

func abandoned(c *MirrorCall) Outcome {
	if c.Phase == PhaseOffered {
		return OutcomeAbandonedRing
	}
	return OutcomeAbandoned
}

// mirrorChanged puts a call's next picture in the place of its last.
func (s *State) mirrorChanged(old, next *MirrorCall) {
	s.mirror.setCall(next)
	if !old.shows(next) {
		s.emitMirrorCall(next, "")
	}
	s.markMembers(old)
	s.markMembers(next)
}

// shows reports whether a reader sees the same in both.
func (c *MirrorCall) shows(o *MirrorCall) bool {
	return c.Phase == o.Phase && c.Position == o.Position && c.Member == o.Member && c.Caller == o.Caller && c.CallerName == o.CallerName &&
		c.JoinedAt == o.JoinedAt && c.Queue == o.Queue && slices.Equal(c.Rings, o.Rings)
}

func (s *State) emitMirrorCall(c *MirrorCall, reason string) {
	s.emit(Event{Kind: EvMirrorCall, Node: c.Node, Reason: reason, Mirror: &Mirrored{Queue: s.mirror.queues[c.Queue], Call: c}})
}

// mirrorLeaves is a caller who waits no more. A moment later it is told that
// they talk; else they are elsewhere.
func (s *State) mirrorLeaves(c *MirrorCall) {
	if c.Leaving || c.Phase == PhaseTalking {
		return
	}
	next := *c
	next.Leaving, next.SeenAt, next.Position = true, s.now, 0
	s.mirror.setCall(&next)
	s.closeRanks(c)
	s.setTimer(TimerMirror, c.ID, ConnID{}, mirrorSettle)
}

// closeRanks moves up who waits behind a place that has become free.
func (s *State) closeRanks(gone *MirrorCall) {
	if gone.Position == 0 {
		return
	}
	for _, c := range s.mirror.ofQueue(gone.Queue) {
		if c.ID != gone.ID && c.Position > gone.Position {
			next := *c
			next.Position--
			s.mirrorChanged(c, &next)
		}
	}
}

func (s *State) mirrorTalks(c *MirrorCall, member string) {
	if c.Phase == PhaseTalking {
		return
	}
	s.cancelTimer(TimerMirror, c.ID, ConnID{})
	next := *c
	next.Phase, next.Member, next.Rings, next.Leaving, next.Position, next.TalkingAt, next.SeenAt = PhaseTalking, member, nil, false, 0, s.now, s.now
	s.mirrorChanged(c, &next)
	s.closeRanks(c)
}

// mirrorOver ends a mirrored call.
func (s *State) mirrorOver(c *MirrorCall, outcome Outcome, reason string) {
	s.cancelTimer(TimerMirror, c.ID, ConnID{})
	next := *c
	next.Phase, next.OverAt, next.Outcome, next.Rings, next.Position, next.Leaving, next.SeenAt = PhaseOver, s.now, outcome, nil, 0, false, s.now
	s.mirror.dropCall(c)
	s.mirrorCount(c, outcome)
	s.emitMirrorCall(&next, reason)
	if m := s.mirror.members[memberKey{c.Queue, c.Member}]; m != nil && m.InCall {
		free := *m // its own news of that may come before or after
		free.InCall = false
		s.mirror.setMember(&free)
		s.emitMember(&free, "")
	}
	s.markMembers(c)
	s.closeRanks(c)
}

// mirrorCount keeps a queue's figures between listings.
func (s *State) mirrorCount(c *MirrorCall, outcome Outcome) {
	q := s.mirror.queues[c.Queue]
	if q == nil {
		return
	}
	next := *q
	switch outcome {
	case OutcomeHandled:
		next.Answered++
	case OutcomeAbandoned, OutcomeAbandonedRing:
		next.Abandoned++
	default:
		return
	}
	s.mirror.queues[q.ID] = &next
}
