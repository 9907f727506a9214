package records

import (
	"cmp"
	"slices"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// Group is what statistics are grouped by.
type Group string

// The groups.
const (
	ByAll   Group = ""
	ByQueue Group = "queue"
	ByAgent Group = "agent"
	ByKind  Group = "kind"
)

// MaxLines bounds how many lines one tally can have.
const MaxLines = 200_000

// TallyOptions say what is counted.
type TallyOptions struct {
	Days
	By       Group
	From, To time.Time     // facts before From, or from To on, are not counted; zero: no bound
	Now      time.Time     // open agent states are counted up to it
	Short    time.Duration // short-abandon time
	Queue    string        // only this one, if set
	Agent    string
}

// Line is the figures of one interval and one group.
type Line struct {
	From, To time.Time
	Group    string
	Counts
}

type lineKey struct {
	from  int64 // microseconds
	group string
}

// Tally adds rows up. Each row is given once, when it is over, or as open at
// the moment for which the figures hold. Used by one goroutine.
type Tally struct {
	opt   TallyOptions
	lines map[lineKey]*Line
	full  bool
}

// NewTally returns an empty tally.
func NewTally(o TallyOptions) *Tally {
	return &Tally{opt: o, lines: map[lineKey]*Line{}}
}

// Lines returns the figures in order of time and group. The error, of kind
// Invalid, says that there would have been too many.
func (t *Tally) Lines() ([]Line, error) {
	if t.full {
		return nil, fault.Newf(fault.Invalid, "statistics", "", "more than %d lines: ask for a shorter time or longer intervals", MaxLines)
	}
	out := make([]Line, 0, len(t.lines))
	for _, l := range t.lines {
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b Line) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.Group, b.Group)) })
	return out, nil
}

// within reports whether a fact of this time counts.
func (t *Tally) within(at time.Time) bool {
	return !at.IsZero() && (t.opt.From.IsZero() || !at.Before(t.opt.From)) && (t.opt.To.IsZero() || at.Before(t.opt.To))
}

// line returns the figures to which a fact counts.
func (t *Tally) line(at time.Time, group string) *Counts {
	from, to := t.opt.Of(at)
	key := lineKey{from.UnixMicro(), group}
	l := t.lines[key]
	if l == nil {
		if len(t.lines) >= MaxLines {
			t.full = true
			return &Counts{}
		}
		l = &Line{From: from, To: to, Group: group}
		t.lines[key] = l
	}
	return &l.Counts
}

// groupOf says to which group something counts; false: to none.
func (t *Tally) groupOf(queue, agent, kind string) (string, bool) {
	if t.opt.Queue != "" && queue != t.opt.Queue || t.opt.Agent != "" && agent != t.opt.Agent {
		return "", false
	}
	switch t.opt.By {
	case ByQueue:
		return queue, queue != ""
	case ByAgent:
		return agent, agent != ""
	case ByKind:
		if kind == "" {
			kind = "inbound"
		}
		return kind, true
	case ByAll:
	}
	return "", true
}

// Segment adds a segment.
func (t *Tally) Segment(g *Segment) {
	if !t.within(g.Fact()) {
		return
	}
	group, ok := t.groupOf(g.Queue, g.Agent, g.Kind)
	if !ok {
		return
	}
	switch {
	case g.Stay() && g.Kind == string(callmodel.KindCampaign): // a queue's figures are those of who calls
	case g.Stay():
		if g.End != string(callmodel.VisitMoved) { // whoever has the place now counts
			t.stay(t.line(g.Fact(), group), g)
		}
	case g.Role == callmodel.RoleAgent.String() && !g.Offered.IsZero():
		part(t.line(g.Fact(), group), g)
	case g.Role == callmodel.RoleAgent.String() && t.opt.By != ByQueue:
		other(t.line(g.Fact(), group), g)
	}
}

func (t *Tally) stay(c *Counts, g *Segment) {
	c.Offered++
	if g.Open() {
		c.Waiting++
		return
	}
	c.LongestWait = max(c.LongestWait, g.Length)
	switch callmodel.VisitEnd(g.End) {
	case callmodel.VisitAnswered:
		c.Answered++
		c.Wait += g.Length
		if g.Length <= g.Target {
			c.InTime++
		}
	case callmodel.VisitAbandoned:
		c.WaitGone += g.Length
		if g.Length <= t.opt.Short {
			c.Short++
		} else {
			c.Abandoned++
		}
		if g.Length <= g.Target {
			c.GoneInTime++
		}
	case callmodel.VisitOverflow:
		c.Overflowed++
	case callmodel.VisitFull:
		c.Full++
	case callmodel.VisitCallback:
		c.Callbacks++
	case callmodel.VisitLost:
		c.Lost++
	case callmodel.VisitEnded, callmodel.VisitMoved:
		c.Ended++
	default: // the row was closed because nothing was known of it any more
		c.Lost++
	}
}

// part adds what an agent did for a queue's call.
func part(c *Counts, g *Segment) {
	switch g.State {
	case Ringing:
		if g.Open() {
			return
		}
		c.Offers++
		switch g.End {
		case EndAnswered:
			c.Handled++
		case EndNoAnswer:
			c.Missed++
		case EndRejected:
			c.Rejected++
		}
	case Talking:
		c.Talk += g.Length
	case Hold, Held:
		c.Hold += g.Length
	case Calling:
		c.Dial += g.Length
	case WrapUp:
		c.Wrap += g.Length
	case Queued, Menu, Routing, Parked, Dialing:
	}
	if g.End == string(callmodel.PassedBlind) || g.End == string(callmodel.PassedAttended) {
		c.Transfers++
	}
}

// other adds what an agent did beside the queues.
func other(c *Counts, g *Segment) {
	if g.End == EndAnswered {
		c.OtherCalls++
	}
	if g.State == Talking {
		c.OtherTalk += g.Length
	}
}

// Disposition adds a disposition.
func (t *Tally) Disposition(d *Disposition) {
	group, ok := t.groupOf(d.Queue, d.Agent, "")
	if d.N != 0 || !ok || t.opt.By == ByKind || !t.within(d.Fact()) {
		return
	}
	c := t.line(d.Fact(), group)
	c.Dispositions++
	if d.Success {
		c.Successes++
	}
}

// Interval adds the time that an agent spent in a state, to each interval its
// part. It counts where figures are by agent or for all.
func (t *Tally) Interval(i *Interval) {
	if t.opt.By == ByQueue || t.opt.By == ByKind || t.opt.Queue != "" || t.opt.Agent != "" && i.Agent != t.opt.Agent {
		return
	}
	at, end := i.Started, i.Ended
	if i.Open() {
		end = t.opt.Now
	}
	if !t.opt.From.IsZero() && at.Before(t.opt.From) {
		at = t.opt.From
	}
	if !t.opt.To.IsZero() && end.After(t.opt.To) {
		end = t.opt.To
	}
	group, _ := t.groupOf("", i.Agent, "")
	for at.Before(end) && !t.full {
		_, to := t.opt.Of(at)
		if to.After(end) {
			to = end
		}
		t.line(at, group).Spent(i.State, to.Sub(at))
		at = to
	}
}

// Spent adds time of an agent in a state.
func (c *Counts) Spent(state string, d time.Duration) {
	switch state {
	case callmodel.Ready.String():
		c.Ready += d
	case callmodel.NotReady.String():
		c.NotReady += d
	case callmodel.Reserved.String():
		c.Reserved += d
	case callmodel.OnCall.String():
		c.OnCall += d
	case callmodel.InWrapUp.String():
		c.InWrapUp += d
	}
}
