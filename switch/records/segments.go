package records

import (
	"slices"
	"time"

	"strowger/switch/callmodel"
)

// call follows every party of a call.
func (s *step) call(c *callmodel.Call) {
	for i := range c.Conns {
		s.conn(c, &c.Conns[i])
	}
	s.turnedAway(c)
	s.attempts(c)
	if p := s.e.Connection(); p != nil && s.e.Kind == callmodel.EvDisposition {
		s.dispositions(c, p)
	}
}

// conn follows one party: its segment ends and another begins where what it
// does has changed.
func (s *step) conn(c *callmodel.Call, p *callmodel.Connection) {
	open := s.segments[p.ID]
	now, known := stateOf(c, p)
	switch {
	case !known:
		return
	case open == nil && p.State == callmodel.Ended && now == "":
		if s.e.Kind == callmodel.EvCleared && s.e.Conn == p.ID && neverTold(p) {
			s.begin(c, p, Ringing)
			s.end(c, p, "", s.e.At)
		}
		return
	case open == nil:
		s.begin(c, p, now)
		return
	case open.State == now && open.Call == c.ID.String() && !newStay(open, c):
		return
	}
	at := s.e.At
	if open.Stay() && open.Call == c.ID.String() {
		if v := c.Visit(); v != nil && v.Left >= open.At && v.Left < at {
			at = v.Left // nobody was told of the moment
		}
	}
	if p.State == callmodel.Ended && p.EndedAt >= open.At && p.EndedAt < at && open.State != WrapUp {
		s.end(c, p, now, p.EndedAt) // evidence has told of the end afterwards
		if now != "" {
			s.begin(c, p, now)
		}
		return
	}
	s.end(c, p, now, at)
	if at < s.e.At { // a sound that ends a call follows the stay
		s.beginAt(c, p, Menu, at)
		s.end(c, p, now, s.e.At)
	}
	if now != "" {
		s.begin(c, p, now)
	}
}

// neverTold reports whether a party that has ended was being offered the call
// and left before its phone rang.
func neverTold(p *callmodel.Connection) bool {
	return p.Role == callmodel.RoleAgent && !p.Maker && p.ConnectedAt == 0
}

// newStay reports whether a party that still waits does so by another stay.
func newStay(open *Segment, c *callmodel.Call) bool {
	if !open.Stay() {
		return false
	}
	v := c.Visit()
	return open.Queue != string(c.Queue) || v != nil && v.Left == 0 && v.At > open.At
}

// stateOf says what a party does: empty where it has left and nothing is left
// to do. It is not known in the moment between two things.
func stateOf(c *callmodel.Call, p *callmodel.Connection) (state State, known bool) {
	offered := p.State == callmodel.Initiated || p.State == callmodel.Alerting
	switch {
	case p.State == callmodel.Ended && p.Processing == callmodel.WrapUp:
		return WrapUp, true
	case p.State == callmodel.Ended:
		return "", true
	case c.Phase == callmodel.PhaseOver:
		return "", false
	case p.Role == callmodel.RoleAgent && !p.Maker && offered:
		return Ringing, true
	case p.Role == callmodel.RoleParty && offered && p.AskedAt != 0:
		if p.State == callmodel.Initiated {
			return Dialing, true
		}
		return Ringing, true
	case p.State == callmodel.Hold:
		return Hold, true
	}
	return stateIn(c, p)
}

// stateIn is stateOf for who waits or talks.
func stateIn(c *callmodel.Call, p *callmodel.Connection) (state State, known bool) {
	switch c.Phase {
	case callmodel.PhaseWaiting, callmodel.PhaseOffered:
		v := c.Visit() // without one it is on its way to or from a queue
		return Queued, v != nil && v.Left == 0
	case callmodel.PhaseIVR, callmodel.PhaseAutomat:
		return Menu, true
	case callmodel.PhaseRouting:
		return Routing, true
	case callmodel.PhaseParked:
		return Parked, true
	case callmodel.PhaseDialing:
		return Calling, c.Target != nil || p.Maker
	case callmodel.PhaseTalking:
		if w := c.CallerConn(); (c.Kind == callmodel.KindCallback || c.Kind == callmodel.KindCampaign) && w.AskedAt == 0 {
			return "", false // an agent has it, and the customer is called in the same moment
		}
		if p.Conference {
			return Talking, true
		}
		for i := range c.Conns {
			if q := &c.Conns[i]; q.ID != p.ID && q.State == callmodel.Hold {
				return Held, true
			}
		}
		if p.State == callmodel.Held {
			return Held, true
		}
		return Talking, true
	case callmodel.PhaseOver:
	}
	return "", false
}

func (s *step) begin(c *callmodel.Call, p *callmodel.Connection, now State) {
	at := s.e.At
	if now == Ringing && p.Role == callmodel.RoleAgent && s.segments[p.ID] == nil && p.ConnectedAt == 0 {
		at = min(p.CreatedAt, at) // the offer is older than the ringing
	}
	s.beginAt(c, p, now, at)
}

func (s *step) beginAt(c *callmodel.Call, p *callmodel.Connection, now State, at callmodel.Instant) {
	before := s.segments[p.ID]
	g := &Segment{
		Conn: p.ID.Hex(), Seq: s.e.Seq, Part: s.part, Call: c.ID.String(), Kind: string(c.Kind), Role: p.Role.String(), Party: p.Device,
		Agent: string(p.Agent), Trunk: p.Trunk, State: now, Queue: string(c.Queue), By: string(c.TransferredBy), At: at, Started: s.wall(at),
	}
	s.part++
	switch {
	case now == Queued:
		g.Offered = g.Started
		if v := c.Visit(); v != nil {
			g.Target, g.Position = v.Target, v.Position
		}
	case p.Role == callmodel.RoleAgent && !p.Direct && !p.Maker && !p.Knock && c.Queue != "":
		g.Offered = s.offeredFrom(c, p, before)
	}
	s.segments[p.ID] = g
	s.write(g)
}

// write adds the row as it is now.
func (s *step) write(g *Segment) {
	g.Wrote = s.e.Seq
	s.rows.Segments = append(s.rows.Segments, *g)
}

// end closes the party's open segment; next is what follows.
func (s *step) end(c *callmodel.Call, p *callmodel.Connection, next State, at callmodel.Instant) {
	g := s.segments[p.ID]
	if p.State == callmodel.Ended && p.EndedAt != 0 && g.State != WrapUp {
		at = min(at, p.EndedAt) // told late, and known by evidence
	}
	g.Length = max(at.Sub(g.At), 0)
	g.Ended = g.Started.Add(g.Length)
	moved := g.Call != c.ID.String()
	switch {
	case g.Stay():
		s.stayEnds(c, p, g, moved)
	case moved:
		g.End = EndMerged
	case g.State == WrapUp:
		g.End = EndDone
	case (next == Talking || next == Calling) && (g.State == Ringing || g.State == Dialing || g.State == Calling):
		g.End = EndAnswered
	case next == "" || next == WrapUp:
		g.End = s.why(c, p, g)
		g.Cause, g.To = int(p.Cause), p.PassedTo
	}
	if p.State == callmodel.Ended && p.Cause == callmodel.CauseLost && next == "" && g.State != WrapUp {
		g.LostFrom = s.wall(max(p.SeenAt, p.LostFrom))
		if !g.Stay() {
			g.End = EndLost
		}
	}
	s.write(g)
	if next == "" {
		delete(s.segments, p.ID)
	}
}

// lose ends the segment of a party that does not live any more.
func (s *step) lose(conn callmodel.ConnID) {
	g := s.segments[conn]
	delete(s.segments, conn)
	g.Length = max(s.e.At.Sub(g.At), 0)
	g.Ended, g.End, g.LostFrom = g.Started.Add(g.Length), EndLost, g.Started
	s.write(g)
}

// offeredFrom is when the stay began in which an agent was offered the call:
// in the very words of the stay's own row.
func (s *step) offeredFrom(c *callmodel.Call, p *callmodel.Connection, before *Segment) time.Time {
	if before != nil {
		return before.Offered
	}
	for i := range c.Conns {
		if g := s.segments[c.Conns[i].ID]; g != nil && g.Stay() && c.Conns[i].ID != p.ID {
			return g.Offered
		}
	}
	if v := c.Visit(); v != nil {
		return s.wall(v.At)
	}
	return time.Time{}
}

// stayEnds fills in how a stay in a queue ended.
func (s *step) stayEnds(c *callmodel.Call, p *callmodel.Connection, g *Segment, moved bool) {
	g.End = string(callmodel.VisitMoved)
	if moved {
		return
	}
	if p.State == callmodel.Ended {
		g.End, g.Cause = string(callmodel.VisitEnded), int(p.Cause)
	}
	v := stayOf(c, g)
	if v == nil {
		return
	}
	if v.End != "" {
		g.End = string(v.End)
	}
	g.Agent, g.Target, g.Position, g.Last, g.Rule = string(v.Agent), v.Target, v.Position, v.LastPosition, v.Rule
}

// stayOf finds the stay that a segment is about: the call may be in its next already.
func stayOf(c *callmodel.Call, g *Segment) *callmodel.QueueVisit {
	for i, v := range slices.Backward(c.Queues) {
		if string(v.Queue) == g.Queue && v.At <= g.At {
			return &c.Queues[i]
		}
	}
	return nil
}

// turnedAway makes the row of a stay without length: the queue was full, or a
// rule has sent the call elsewhere at once.
func (s *step) turnedAway(c *callmodel.Call) {
	v := c.Visit()
	if v == nil || v.At != s.e.At || v.Left != s.e.At || v.At == 0 {
		return
	}
	over := v.End == callmodel.VisitOverflow && s.e.Kind == callmodel.EvDiverted
	full := v.End == callmodel.VisitFull && s.e.Kind == callmodel.EvCleared
	if !over && !full || v.Position != 0 {
		return
	}
	p := s.e.Connection()
	if p == nil {
		return
	}
	open, at := s.segments[p.ID], s.wall(v.At)
	if open != nil { // the stay stands between what the party did and goes on to do
		s.end(c, p, open.State, s.e.At)
	}
	s.write(&Segment{
		Conn: p.ID.Hex(), Seq: s.e.Seq, Part: s.part, Call: c.ID.String(), Kind: string(c.Kind), Role: p.Role.String(), Party: p.Device,
		State: Queued, Queue: string(v.Queue), By: string(c.TransferredBy), At: v.At, Started: at, Ended: at, Offered: at,
		End: string(v.End), Target: v.Target, Rule: v.Rule,
	})
	s.part++
	if open != nil {
		s.begin(c, p, open.State)
	}
}
