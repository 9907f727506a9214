package records

import (
	"cmp"
	"slices"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
	"strowger/switch/port"
)

// Fold makes rows of events. Its whole state is the rows that are open. Used
// by one goroutine.
type Fold struct {
	segments map[callmodel.ConnID]*Segment
	agents   map[string]*Interval
}

// NewFold returns a fold that goes on from open rows: those with a zero end.
// An error of kind Invalid means that a row is none that a fold has made.
func NewFold(open Rows) (*Fold, error) {
	f := &Fold{segments: map[callmodel.ConnID]*Segment{}, agents: map[string]*Interval{}}
	for _, s := range open.Segments {
		id, err := callmodel.ParseID(s.Conn)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "records: open rows", s.Conn, err)
		}
		f.segments[callmodel.ConnID{ID: id}] = &s
	}
	for _, i := range open.Intervals {
		f.agents[i.Agent] = &i
	}
	return f, nil
}

// Open returns the rows that are open, in order of their keys.
func (f *Fold) Open() Rows {
	var r Rows
	for _, s := range f.segments {
		r.Segments = append(r.Segments, *s)
	}
	slices.SortFunc(r.Segments, func(a, b Segment) int { return cmp.Compare(a.Conn, b.Conn) })
	for _, i := range f.agents {
		r.Intervals = append(r.Intervals, *i)
	}
	slices.SortFunc(r.Intervals, func(a, b Interval) int { return cmp.Compare(a.Agent, b.Agent) })
	return r
}

// Step takes the next event and returns the rows that it changes.
func (f *Fold) Step(e port.Stamped) Rows {
	s := step{Fold: f, e: &e}
	if e.Agent != nil {
		s.agent(e.Agent)
	}
	if e.Call != nil {
		s.call(e.Call)
	}
	return s.rows
}

// Align makes the open rows fit a picture of the switch that was taken right
// after the last event: what is open and does not live any more ends as lost,
// and what lives and has no row gets one. It changes nothing unless rows or
// events were lost before.
func (f *Fold) Align(v *callmodel.View) Rows {
	s := step{Fold: f, e: &port.Stamped{Seq: v.Events, At: v.Now, Wall: v.WallTime(v.Now)}}
	live := map[callmodel.ConnID]bool{}
	for _, c := range v.Calls {
		s.call(c)
		for i := range c.Conns {
			p := &c.Conns[i]
			live[p.ID] = p.State != callmodel.Ended || p.Processing == callmodel.WrapUp
		}
	}
	in := map[string]bool{}
	for _, a := range v.Agents {
		s.agent(a)
		in[string(a.ID)] = a.State != callmodel.LoggedOut
	}
	open := f.Open()
	for i := range open.Segments {
		if id, err := callmodel.ParseID(open.Segments[i].Conn); err == nil && !live[callmodel.ConnID{ID: id}] {
			s.lose(callmodel.ConnID{ID: id})
		}
	}
	for i := range open.Intervals {
		if a := open.Intervals[i].Agent; !in[a] {
			s.closeAgent(a, v.Now, true)
			s.rows.Intervals[len(s.rows.Intervals)-1].LostFrom = open.Intervals[i].Started
		}
	}
	return s.rows
}

// Abandon ends open rows about which nothing will be known any more, as when
// the journal was lost, at a moment of the calendar.
func Abandon(open Rows, now time.Time) Rows {
	for i := range open.Segments {
		g := &open.Segments[i]
		g.Length = max(now.Sub(g.Started), 0).Truncate(time.Microsecond)
		g.Ended, g.End, g.LostFrom, g.Wrote = g.Started.Add(g.Length), EndLost, g.Started, 1
	}
	for n := range open.Intervals {
		i := &open.Intervals[n]
		i.Length = max(now.Sub(i.Started), 0).Truncate(time.Microsecond)
		i.Ended, i.Logout, i.LostFrom, i.Wrote = i.Started.Add(i.Length), true, i.Started, 1
	}
	return open
}

// step is one event on its way through the fold.
type step struct {
	*Fold
	e    *port.Stamped
	rows Rows
	part int
}

// wall is the calendar time of an instant, by the event's time, which is known
// both ways.
func (s *step) wall(t callmodel.Instant) time.Time {
	if t == 0 || s.e.Wall.IsZero() {
		return time.Time{}
	}
	return s.e.Wall.Add(-s.e.At.Sub(t))
}

// agent follows an agent's state.
func (s *step) agent(a *callmodel.Agent) {
	id := string(a.ID)
	open := s.agents[id]
	same := open != nil && open.State == a.State.String() && open.Reason == a.Reason
	if open == nil && a.State == callmodel.LoggedOut || same && slices.Equal(open.Queues, served(a)) {
		return
	}
	at := a.Since
	if same { // other queues, by signing in or out or by the configuration
		at = s.e.At
	}
	if open != nil {
		at = max(at, open.At)
		s.closeAgent(id, at, a.State == callmodel.LoggedOut)
	}
	if a.State == callmodel.LoggedOut {
		return
	}
	i := &Interval{
		Agent: id, Seq: s.e.Seq, State: a.State.String(), Reason: a.Reason, Station: a.Station.Endpoint, Login: s.wall(a.LoginAt),
		At: at, Started: s.wall(at),
	}
	if open != nil {
		i.Login = open.Login // the same moment in the same words
	}
	if !a.Call.IsZero() {
		i.Call = a.Call.String()
	}
	i.Queues = served(a)
	s.agents[id] = i
	i.Wrote = s.e.Seq
	s.rows.Intervals = append(s.rows.Intervals, *i)
}

// served lists the queues that an agent is signed in to.
func served(a *callmodel.Agent) []string {
	var out []string
	for _, q := range a.SignedIn() {
		out = append(out, string(q))
	}
	return out
}

func (s *step) closeAgent(id string, at callmodel.Instant, logout bool) {
	i := s.agents[id]
	delete(s.agents, id)
	i.Length = max(at.Sub(i.At), 0)
	i.Ended, i.Logout = i.Started.Add(i.Length), logout
	i.Wrote = s.e.Seq
	s.rows.Intervals = append(s.rows.Intervals, *i)
}
