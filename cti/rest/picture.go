package rest

import (
	"math"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// timeline turns instants into calendar times and durations. Open durations
// run until now, because a quiet switch has no newer instant.
type timeline struct {
	wall func(callmodel.Instant) time.Time // zero where it is not known
	at   callmodel.Instant                 // newest instant, for want of a wall clock
	now  time.Time
}

func viewTimes(v *callmodel.View, now time.Time) timeline {
	return timeline{wall: v.WallTime, at: v.Now, now: now}
}

func eventTimes(e *port.Stamped) timeline {
	wall := func(t callmodel.Instant) time.Time {
		if t == 0 || e.Wall.IsZero() {
			return time.Time{}
		}
		return e.Wall.Add(-e.At.Sub(t))
	}
	return timeline{wall: wall, at: e.At, now: e.Wall}
}

func (t timeline) time(i callmodel.Instant) *time.Time {
	w := t.wall(i)
	if w.IsZero() {
		return nil
	}
	w = w.UTC().Truncate(time.Millisecond)
	return &w
}

// span returns the seconds between two instants; without an end, until now.
func (t timeline) span(from, to callmodel.Instant) float64 {
	if from == 0 {
		return 0
	}
	var d time.Duration
	switch w := t.wall(from); {
	case to != 0:
		d = to.Sub(from)
	case w.IsZero():
		d = t.at.Sub(from)
	default:
		d = t.now.Sub(w)
	}
	return seconds(max(d, 0))
}

// seconds rounds to milliseconds.
func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }

func callOf(c *callmodel.Call, t timeline) Call {
	out := Call{
		ID: c.ID.String(), Number: c.Number, Live: true, Kind: kindOf(c.Kind), Phase: c.Phase.String(),
		Node: string(c.Node), ConfigVersion: c.Config, Dialled: c.Dialled, Caller: c.Caller, CallerName: c.CallerName,
		CallerID: c.CallerID, Withheld: c.Withheld, Priority: c.Priority, Estimate: seconds(c.Estimate), Decision: decisionOf(c.Decided, t),
		Queue: string(c.Queue), ArrivedAt: t.time(c.ArrivedAt), AnsweredAt: t.time(c.AnsweredAt),
		TalkingAt: t.time(c.TalkingAt), OverAt: t.time(c.OverAt),
		Campaign:       campaignOf(c, t),
		AgeSeconds:     t.span(c.ArrivedAt, c.OverAt),
		TalkingSeconds: t.span(c.TalkingAt, c.OverAt),
		Connections:    make([]Connection, 0, len(c.Conns)), Attached: make([]Attached, 0, len(c.Attached)),
	}
	if c.Phase == callmodel.PhaseOver {
		out.Outcome = string(c.Outcome) // before that it is what would be if nothing else happened
	}
	if !c.Recording.IsZero() {
		out.Recording = c.Recording.String()
	}
	pictureWay(&out, c, t)
	waitEnd := c.OverAt
	if c.TalkingAt != 0 {
		waitEnd = c.TalkingAt
	}
	out.WaitingSeconds = t.span(c.QueuedAt, waitEnd)
	for i := range c.Conns {
		p := &c.Conns[i]
		out.Connections = append(out.Connections, connectionOf(p, t))
		if p.State != callmodel.Ended || p.ConnectedAt != 0 {
			out.Agent = string(p.Agent) // the caller's, which comes first, is empty
		}
	}
	for _, d := range c.Attached {
		out.Attached = append(out.Attached, Attached{App: d.App, Media: d.Media, Bytes: len(d.Data)})
	}
	return out
}

func kindOf(k callmodel.CallKind) string {
	if k == callmodel.KindInbound {
		return "inbound"
	}
	return string(k)
}

// pictureWay adds how the call has come and where it is on its way.
func pictureWay(out *Call, c *callmodel.Call, t timeline) {
	if d := c.DNIS; d != nil {
		out.DNIS = &DNIS{Number: d.Number, Entry: d.Entry, Label: d.Label, Colour: d.Colour, Script: d.Script, CRM: d.CRM, Source: d.By}
	}
	for _, q := range c.Queues {
		out.Queues = append(out.Queues, QueueVisit{Queue: string(q.Queue), At: t.time(q.At), Left: t.time(q.Left), Agent: string(q.Agent)})
	}
	if c.Target != nil {
		out.Target = c.Target.To.String()
	}
	if c.Parked != nil {
		out.Parked = parkedOf(c.Parked, t)
	}
	if c.IVR != nil {
		out.Menu = string(c.IVR.Menu) + "/" + c.IVR.Node
	}
	if !c.ConsultOf.IsZero() {
		out.ConsultOf = c.ConsultOf.String()
	}
	if !c.Callback.IsZero() {
		out.Callback = c.Callback.String()
	}
}

func parkedOf(p *callmodel.ParkState, t timeline) *Parked {
	return &Parked{Place: p.Place, By: string(p.By), At: t.time(p.At)}
}

func connectionOf(p *callmodel.Connection, t timeline) Connection {
	ringEnd := p.EndedAt
	if p.ConnectedAt != 0 {
		ringEnd = p.ConnectedAt
	}
	out := Connection{
		ID: p.ID.String(), Hex: p.ID.Hex(), Number: p.Number, Role: p.Role.String(), Device: p.Device,
		Agent: string(p.Agent), StationMode: string(p.Station.Mode), State: p.State.String(), Work: p.Processing.String(),
		Leg: p.Leg.String(), Cause: int(p.Cause), Capabilities: callmodel.Capabilities(p).Names(),
		CreatedAt: t.time(p.CreatedAt), AlertingAt: t.time(p.AlertingAt), ConnectedAt: t.time(p.ConnectedAt),
		EndedAt: t.time(p.EndedAt), WrapUpEndedAt: t.time(p.WrapUpEnd),
		RingingSeconds: t.span(p.AlertingAt, ringEnd), TalkingSeconds: t.span(p.ConnectedAt, p.EndedAt),
		Consult: p.Consult, Conference: p.Conference, Owner: p.Owner, Maker: p.Maker, Direct: p.Direct, Knock: p.Knock, Muted: p.Muted,
		Trunk: p.Trunk, Via: string(p.Via), RejectReason: p.RejectReason, Dispositions: p.Codes, WrapUpWarned: p.Warned, WrapUpDueAt: t.time(p.WrapUpDue),
	}
	if !p.Partner.IsZero() {
		out.Partner = p.Partner.String()
	}
	if len(p.Codes) > 0 {
		out.Success = &p.Success
	}
	return out
}

func agentOf(a *callmodel.Agent, t timeline) Agent {
	out := Agent{
		ID: string(a.ID), Number: a.Number, Name: a.Name, Line: a.Line, Queues: make([]string, 0, len(a.Queues)),
		Station: Station{
			ID: string(a.Station.ID), Endpoint: a.Station.Endpoint, Node: string(a.Station.Node), Mode: string(a.Station.Mode), AcceptTimeoutSeconds: seconds(a.Station.AcceptTimeout),
		},
		State: a.State.String(), Reason: a.Reason, Since: t.time(a.Since), StateSeconds: t.span(a.Since, 0),
		IdleSince: t.time(a.IdleSince), PendingReason: a.PendingReason, Handled: a.Handled,
		TalkSeconds: seconds(a.Talk), LoginAt: t.time(a.LoginAt), Park: a.Park, PhoneOff: a.PhoneOff, Elsewhere: string(a.Elsewhere), WrapUpWarned: a.Warned, ActiveWrapUp: a.ActiveWrap, OneLine: a.OneLine, LoggingIn: a.Entering != nil, Paperwork: a.Paperwork,
	}
	for _, i := range a.Items {
		out.Items = append(out.Items, Item{Call: i.Call.String(), Connection: i.Conn.String()})
	}
	if a.Standing != nil {
		out.Standing = &Standing{Leg: a.Standing.Leg.String(), Tries: a.Standing.Tries}
	}
	for _, q := range a.Queues {
		out.Queues = append(out.Queues, string(q))
	}
	for _, q := range a.Off {
		out.SignedOut = append(out.SignedOut, string(q))
	}
	if a.Pending != 0 {
		out.Pending = a.Pending.String()
	}
	if !a.Call.IsZero() {
		out.Call, out.Connection = a.Call.String(), a.Conn.String()
	}
	return out
}

func queueOf(v *callmodel.View, q *callmodel.Queue, t timeline) Queue {
	out := Queue{
		ID: string(q.ID), Number: q.Number, Name: q.Name, Address: q.Address, DNIS: []string{},
		Waiting: len(q.Waiting), WaitingCalls: make([]string, 0, len(q.Waiting)), Agents: map[string]int{},
		Arrived: q.Arrived, Answered: q.Answered, Abandoned: q.Abandoned,
		Overflowed: q.Overflow, Service: string(q.Service), Holiday: q.Holiday, ServiceLevel: float64(q.ServiceLevel()) / 10, HandleSeconds: seconds(q.Handle),
	}
	if cfg := v.Config.Queue(q.ID); cfg != nil {
		out.DNIS = append(out.DNIS, cfg.DNIS...)
		out.Strategy, out.Answer, out.Music = string(cfg.Strategy), string(cfg.Answer), cfg.Music
		out.Priority, out.MaxWaiting = cfg.Priority, cfg.MaxWaiting
		out.RingTimeoutSeconds, out.WrapUpSeconds = seconds(cfg.RingTimeout), seconds(cfg.WrapUp)
		out.ServiceSeconds = seconds(cfg.ServiceLevel)
	}
	for _, id := range q.Waiting {
		out.WaitingCalls = append(out.WaitingCalls, id.String())
	}
	return out
}

// queuesOf pictures all queues in one pass over calls and agents.
func (s *Server) queuesOf(v *callmodel.View, t timeline) []Queue {
	out := make([]Queue, 0, len(v.Queues))
	index := map[callmodel.QueueID]int{}
	for _, q := range v.Queues {
		index[q.ID] = len(out)
		out = append(out, queueOf(v, q, t))
	}
	for _, c := range v.Calls {
		i, ok := index[c.Queue]
		if !ok {
			continue
		}
		switch c.Phase {
		case callmodel.PhaseWaiting:
			out[i].LongestWaitSeconds = max(out[i].LongestWaitSeconds, t.span(c.QueuedAt, 0))
		case callmodel.PhaseOffered:
			out[i].Offered++
		case callmodel.PhaseTalking:
			out[i].Talking++
		case callmodel.PhaseOver, callmodel.PhaseDialing, callmodel.PhaseIVR, callmodel.PhaseRouting, callmodel.PhaseParked, callmodel.PhaseAutomat:
		}
	}
	for _, a := range v.Agents {
		for _, q := range a.SignedIn() {
			if i, ok := index[q]; ok {
				out[i].Agents[a.State.String()]++
			}
		}
	}
	if s.opts.Estimate == nil {
		return append(out, mirroredQueues(v, t)...)
	}
	for i, q := range v.Queues { // in the order of out, but for the mirrored ones behind them
		staffed, ready := 0, out[i].Agents[callmodel.Ready.String()]
		for state, n := range out[i].Agents {
			if state != callmodel.LoggedOut.String() {
				staffed += n
			}
		}
		if staffed > 0 {
			d := seconds(s.opts.Estimate(q, len(q.Waiting), staffed, ready))
			out[i].EstimateSeconds = &d
		}
	}
	return append(out, mirroredQueues(v, t)...)
}

func countsOf(v *callmodel.View) Counts {
	out := Counts{Calls: len(v.Calls), Phases: map[string]int{}, Agents: map[string]int{}}
	for _, c := range v.Calls {
		out.Phases[c.Phase.String()]++
	}
	for _, a := range v.Agents {
		out.Agents[a.State.String()]++
	}
	out.Waiting = out.Phases[callmodel.PhaseWaiting.String()] + out.Phases[callmodel.PhaseOffered.String()]
	out.Talking = out.Phases[callmodel.PhaseTalking.String()]
	return out
}

// positions tells each waiting call's place in its queue, from 1.
func positions(v *callmodel.View) map[callmodel.CallID]int {
	out := map[callmodel.CallID]int{}
	for _, q := range v.Queues {
		for i, id := range q.Waiting {
			out[id] = i + 1
		}
	}
	return out
}

func callsOf(v *callmodel.View, t timeline) []Call {
	place := positions(v)
	out := make([]Call, 0, len(v.Calls))
	for _, c := range v.Calls {
		w := callOf(c, t)
		w.Position = place[c.ID]
		out = append(out, w)
	}
	return append(out, mirroredCalls(v, t)...)
}

func agentsOf(v *callmodel.View, t timeline) []Agent {
	out := make([]Agent, 0, len(v.Agents))
	for _, a := range v.Agents {
		out = append(out, agentOf(a, t))
	}
	return append(out, mirroredAgents(v, t)...)
}

func eventOf(e *port.Stamped) Event {
	t := eventTimes(e)
	out := Event{
		Seq: e.Seq, Time: e.Wall.UTC().Truncate(time.Millisecond), Kind: e.Kind.String(),
		Node: string(e.Node), Cause: int(e.Cause), Reason: e.Reason, By: e.By,
	}
	if e.Call != nil {
		c := callOf(e.Call, t)
		out.Call = &c
	}
	if !e.Other.IsZero() {
		out.Other = e.Other.String()
	}
	if q := e.Queue; q != nil {
		out.Queue = &Service{ID: string(q.ID), Service: string(q.Service), Holiday: q.Holiday, Waiting: len(q.Waiting)}
	}
	if e.Mirror != nil {
		pictureMirrored(&out, e.Mirror, e.Reason == "removed", t)
	}
	if e.Recording != nil {
		r := recordingOf(e.Recording, t)
		out.Recording = &r
	}
	if e.Callback != nil {
		cb := callbackOf(e.Callback, t)
		out.Callback = &cb
	}
	if e.Supervision != nil {
		v := supervisionOf(e.Supervision, t)
		out.Supervision = &v
	}
	if !e.Conn.IsZero() {
		out.Connection = e.Conn.String()
	}
	if e.Agent != nil {
		a := agentOf(e.Agent, t)
		out.Agent = &a
	}
	return out
}
