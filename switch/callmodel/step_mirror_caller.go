package callmodel

import (
	"slices"
	"time"
)

// mirrorCaller is a caller that waits or talks, told by a fact or a listing
// that was taken at asOf.
func (s *State) mirrorCaller(node NodeID, f MirrorCallerFact, asOf Instant, listed bool) {
	q := s.mirrorQueue(f.Queue, node)
	if q == nil || f.Channel == "" || !s.mirrorTakes(f.Channel) {
		return
	}
	joined := asOf.Add(-f.Waited) // may be before the beginning of our time line
	if joined == 0 {
		joined = 1 // zero is not known
	}
	c := s.mirror.byChannel(f.Channel)
	if c != nil && (c.Queue != q.ID || c.Phase != PhaseTalking && f.Position > 0 && apart(c.JoinedAt, joined) > mirrorSame) {
		s.mirrorOver(c, OutcomeLost, "left the queue and came again, out of sight")
		c = nil
	}
	if c == nil {
		s.mirrorNew(q, f, joined, !listed && f.Position > 0)
		return
	}
	next := *c
	next.SeenAt = s.now
	if f.Position == 0 && f.Member == "" { // there, and nothing else is known
		s.mirror.setCall(&next)
		return
	}
	switch {
	case f.Position > 0 && (c.Phase == PhaseTalking || !listed && !c.Leaving):
		return // the talk is the newer news, and a place that is known, too
	case f.Position > 0 && c.Leaving && c.SeenAt > asOf:
		return // has left since the listing
	case f.Position > 0:
		next.Position, next.Leaving = f.Position, false
		if f.Rings != nil {
			next.Rings = f.Rings
		}
		next.Phase = waitingPhase(next.Rings)
	case c.Phase != PhaseTalking:
		s.mirrorTalks(c, f.Member)
		return
	case f.Member != "":
		next.Member = f.Member
	}
	if !next.Leaving {
		s.cancelTimer(TimerMirror, c.ID, ConnID{})
	}
	s.mirrorChanged(c, &next)
}

func apart(a, b Instant) time.Duration {
	if d := a.Sub(b); d >= 0 {
		return d
	}
	return b.Sub(a)
}

func waitingPhase(rings []string) Phase {
	if len(rings) > 0 {
		return PhaseOffered
	}
	return PhaseWaiting
}

// mirrorTakes reports whether a leg may be shown as another program's: not one
// that is under our control. One that has just left it is theirs from here on.
func (s *State) mirrorTakes(ch ChannelID) bool {
	ref, ours := s.legs[ch]
	if !ours {
		return true
	}
	if _, left := s.timers[TimerKey{Kind: TimerLeft, Call: ref.call, Conn: ref.conn}]; !left {
		return false
	}
	s.legTaken(ref.call, ref.conn)
	return true
}

// mirrorNew is a caller that is new to us. shift: who stands at the same place
// or behind it moves back; a listing tells every place by itself.
func (s *State) mirrorNew(q *MirrorQueue, f MirrorCallerFact, joined Instant, shift bool) {
	if f.Position == 0 && f.Member == "" || f.Call.IsZero() || s.mirror.calls[f.Call] != nil || s.calls[f.Call] != nil {
		return
	}
	if len(s.mirror.calls) >= MaxMirrorCalls {
		s.mirrorLeftOut(q.Node, 1)
		return
	}
	s.counters.Call++
	c := &MirrorCall{
		ID: f.Call, Number: s.counters.Call, Queue: q.ID, Node: q.Node, Channel: f.Channel, Caller: f.Caller, CallerName: f.CallerName,
		Phase: waitingPhase(f.Rings), Position: f.Position, JoinedAt: joined, Rings: f.Rings, SeenAt: s.now,
	}
	if f.Position == 0 {
		c.Phase, c.Member, c.Rings, c.TalkingAt = PhaseTalking, f.Member, nil, s.now
	}
	if others := s.mirror.ofQueue(q.ID); shift && slices.ContainsFunc(others, func(o *MirrorCall) bool { return o.Position == f.Position }) {
		for _, o := range others {
			if o.Position >= f.Position {
				next := *o
				next.Position++
				s.mirrorChanged(o, &next)
			}
		}
	}
	s.mirror.setCall(c)
	s.emitMirrorCall(c, "")
	s.markMembers(c)
}

// arrivedFromMirror is a leg of another program's queue that has come to us:
// from here on it is a call of ours, and counted as such only.
func (s *State) arrivedFromMirror(ch ChannelID) {
	if c := s.mirror.byChannel(ch); c != nil {
		s.mirrorOver(c, OutcomeMoved, "has come to us")
	}
}
