package callmodel

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// contact is what a resync knows of the time without contact, and what it has
// cost. It lives while the resync is applied.
type contact struct {
	back   bool
	since  Instant // last sign of life
	ended  map[ChannelID]LegEnd
	kept   int // legs that live
	gone   int // legs that have ended
	proven int // of these, known by evidence
	missed int // calls that came and went

	covers Instant // since when the server's own records have no gap; 0: they were not read

	floor Instant // last order of the call that is looked at

	open bool    // an end of that time is being applied
	at   Instant // when it was, as far as that is known
	from Instant // since when it may have been; 0 where it is known
}

func newContact(in Resync) *contact {
	c := &contact{back: in.Back, since: in.Since, covers: in.Covers}
	if len(in.Ended) > 0 {
		c.ended = make(map[ChannelID]LegEnd, len(in.Ended))
		for _, e := range in.Ended {
			c.ended[e.Channel] = e
		}
	}
	return c
}

// proves reports whether the evidence has the end of a leg.
func (c *contact) proves(ch ChannelID) bool { _, known := c.ended[ch]; return known }

// mayAppear is the time after which a leg that was asked for may still come: a
// server that stood still does late what it was told meanwhile.
func (c *contact) mayAppear(in Resync) Instant {
	after := in.AsOf
	if c.back && c.since != 0 {
		after = min(after, c.since)
	}
	return after.Add(-settleTime)
}

// inOrderOfEnd copies connections; those whose end is proven come first, in
// the order in which they ended, since one end leads to another.
func (s *State) inOrderOfEnd(conns []Connection) []Connection {
	out := slices.Clone(conns)
	if len(s.contact.ended) == 0 {
		return out
	}
	at := func(p *Connection) Instant {
		if e, known := s.contact.ended[p.Channel]; known && p.Channel != "" {
			return e.At
		}
		return math.MaxInt64
	}
	slices.SortStableFunc(out, func(a, b Connection) int { return cmp.Compare(at(&a), at(&b)) })
	return out
}

// endedUnseen ends a leg that the listing lacks: when and why the evidence
// says, else at some time since contact was lost.
func (s *State) endedUnseen(ch ChannelID) {
	c := s.contact
	if c == nil || !c.back {
		s.channelGone(ch, CauseLost, 0)
		return
	}
	c.gone++
	cause := CauseLost
	c.open, c.at, c.from = true, s.now, min(max(c.since, c.floor), s.now)
	if e, known := c.ended[ch]; known {
		c.proven++
		// Not before the last sign of life or order: what was told and commanded
		// until then is part of the call, though word of the end was on its way.
		c.at, c.from, cause = min(max(e.At, c.since, c.floor), s.now), 0, e.Cause
	}
	s.channelGone(ch, cause, 0)
	c.open = false
}

// endOf is when a connection that ends now has ended.
func (s *State) endOf(p *Connection) Instant {
	if s.contact == nil || !s.contact.open {
		return s.now
	}
	known := max(p.CreatedAt, p.AlertingAt, p.ConnectedAt)
	if s.contact.from != 0 {
		p.LostFrom = max(s.contact.from, known)
	}
	return max(s.contact.at, known)
}

// overAt is when a call that is over now was over.
func (s *State) overAt(c *Call) Instant {
	if s.contact == nil || !s.contact.open {
		return s.now
	}
	known := max(c.ArrivedAt, c.TalkingAt)
	if s.contact.from != 0 {
		c.LostFrom = max(s.contact.from, known)
	}
	return max(s.contact.at, known)
}

// missedCalls makes the records of calls that were over before we came back.
// A leg that we know, or have just seen end, was no missed call.
func (s *State) missedCalls(in Resync) {
	var unknown []MissedCall
	for _, m := range in.Missed { // before the first grave is added, which clears old ones away
		if _, known := s.legs[m.Channel]; !known && !s.tombs.has(m.Channel) && s.calls[m.Call] == nil {
			unknown = append(unknown, m)
		}
	}
	for _, m := range unknown {
		if s.tombs.has(m.Channel) || s.calls[m.Call] != nil {
			continue // told twice
		}
		s.contact.missed++
		s.tombs.add(m.Channel, s.now)
		c := s.newCall(m.Call, in.Node)
		c.Caller, c.Dialled, c.Evidence, c.Phase = m.Caller, m.Dialled, true, PhaseOver
		c.ArrivedAt = min(m.At, s.now)
		c.OverAt = min(max(m.EndedAt, c.ArrivedAt), s.now)
		c.Outcome = OutcomeMissed
		if m.Fallback {
			c.Outcome = OutcomeFallback
		}
		conn := s.addConn(c, Connection{
			Role: RoleCaller, Device: m.Caller, Channel: m.Channel, Leg: LegGone, State: Ended, Processing: NotInProcess, Cause: m.Cause,
		})
		p := c.Conn(conn)
		p.CreatedAt, p.EndedAt = c.ArrivedAt, c.OverAt
		s.emitCall(EvCallStarted, c.ID, conn)
		s.finish(c.ID)
	}
}

// contactBack records what the time without contact has cost.
func (s *State) contactBack(in Resync, first bool) {
	c := s.contact
	if !c.back || first && c.kept+c.gone+c.missed == 0 {
		return
	}
	away := time.Duration(0)
	if c.since != 0 {
		away = s.now.Sub(min(c.since, s.now)).Round(time.Millisecond)
	}
	s.incident(in.Node, fmt.Sprintf("%s, last sign of life %v ago: legs adopted %d, ended %d (known by evidence %d), calls missed %d",
		ContactBack, away, c.kept, c.gone, c.proven, c.missed))
}
