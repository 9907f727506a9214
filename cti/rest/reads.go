package rest

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

type body[T any] struct{ Body T }

func reply[T any](v T) *body[T] { return &body[T]{Body: v} }

type noInput struct{}

func (s *Server) getStatus(ctx context.Context, _ *noInput) (*body[Status], error) {
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return nil, s.problem("status", err)
	}
	return reply(s.status(ctx, v)), nil
}

func (s *Server) status(ctx context.Context, v *callmodel.View) Status {
	now := s.opts.Clock.Now()
	t := viewTimes(v, now)
	reasons, degraded := s.notReady(ctx, v)
	out := Status{
		Version: s.opts.Version, Mode: s.opts.Mode, Ready: len(reasons) == 0, NotReady: reasons, Degraded: degraded,
		Time: now.UTC().Truncate(time.Millisecond), StartedAt: s.started.UTC().Truncate(time.Millisecond),
		UptimeSeconds: seconds(now.Sub(s.started)), ConfigVersion: v.Config.Version, Events: v.Events,
		Nodes: make([]Node, 0, len(v.Nodes)), Counts: countsOf(v), Mirrors: mirrorStates(v, t), Incidents: []Incident{},
	}
	for _, n := range v.Nodes {
		out.Nodes = append(out.Nodes, Node{ID: string(n.ID), Up: n.Up, Epoch: n.Epoch, SyncedAt: t.time(n.SyncedAt), Lost: n.Lost})
	}
	if h := s.opts.Health; h != nil {
		out.Journal, out.Push = h.Journal(), h.Push()
	}
	if in := s.opts.Incidents; in != nil {
		out.Incidents = append(out.Incidents, in.Recent(incidentsShown)...)
	}
	return out
}

// notReady joins what the model knows of its links with what its surroundings
// report: why no call is served, or else what does not work all the same.
func (s *Server) notReady(ctx context.Context, v *callmodel.View) (out, degraded []string) {
	out, degraded = []string{}, []string{}
	if len(v.Nodes) == 0 {
		out = append(out, "no telephony server has been reached since the start")
	}
	up := slices.ContainsFunc(v.Nodes, func(n callmodel.Node) bool { return n.Up })
	for _, n := range v.Nodes {
		text := "the link to " + string(n.ID) + " is lost: its calls go on, new ones are not served"
		if n.Lost {
			text = string(n.ID) + " is dead: neither the controller nor another server reaches it"
		}
		switch {
		case n.Up:
		case up:
			degraded = append(degraded, text)
		default:
			out = append(out, text)
		}
	}
	if s.opts.Health != nil {
		out = append(out, s.opts.Health.NotReady(ctx)...)
		degraded = append(degraded, s.opts.Health.Degraded(ctx)...)
	}
	return out, degraded
}

func (s *Server) getSnapshot(ctx context.Context, _ *noInput) (*body[Snapshot], error) {
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return nil, s.problem("snapshot", err)
	}
	return reply(s.snapshot(ctx, v)), nil
}

func (s *Server) snapshot(ctx context.Context, v *callmodel.View) Snapshot {
	t := viewTimes(v, s.opts.Clock.Now())
	return Snapshot{Events: v.Events, Status: s.status(ctx, v), Calls: callsOf(v, t), Agents: agentsOf(v, t), Queues: s.queuesOf(v, t)}
}

type callsInput struct {
	Queue string `query:"queue" maxLength:"128" doc:"only calls of this queue"`
	Agent string `query:"agent" maxLength:"128" doc:"only calls of this agent"`
	Phase string `query:"phase" enum:"waiting,offered,talking,over,dialing,menu,routing,parked,automat" doc:"only live calls in this phase"`
	Ended bool   `query:"ended" doc:"calls that are over, from the call records, newest first"`
	Limit int    `query:"limit" minimum:"1" maximum:"5000" default:"500" doc:"at most this many"`
}

func (s *Server) getCalls(ctx context.Context, in *callsInput) (*body[CallList], error) {
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return nil, s.problem("calls", err)
	}
	agent := strings.ToLower(in.Agent)
	if in.Queue != "" && findQueue(v, in.Queue) == nil && !mirrorsQueue(v, in.Queue) {
		return nil, s.problem("calls", noQueue(v, in.Queue))
	}
	if agent != "" && findAgent(v, agent) == nil && !mirrorsAgent(v, agent) {
		return nil, s.problem("calls", noAgent(agent))
	}
	if in.Ended {
		return s.endedCalls(ctx, in, agent)
	}
	t := viewTimes(v, s.opts.Clock.Now())
	out := CallList{Calls: []Call{}}
	for _, c := range callsOf(v, t) {
		if in.Queue != "" && c.Queue != in.Queue || agent != "" && !strings.EqualFold(c.Agent, agent) || in.Phase != "" && c.Phase != in.Phase {
			continue
		}
		out.Total++
		if len(out.Calls) < in.Limit {
			out.Calls = append(out.Calls, c)
		}
	}
	return reply(out), nil
}

func (s *Server) endedCalls(ctx context.Context, in *callsInput, agent string) (*body[CallList], error) {
	if s.opts.History == nil {
		return nil, s.problem("calls", fault.New(fault.Unsupported, "calls", "", "this controller keeps no call records"))
	}
	calls, err := s.opts.History.Ended(ctx, callmodel.QueueID(in.Queue), callmodel.AgentID(agent), in.Limit)
	if err != nil {
		return nil, s.problem("calls", err)
	}
	return reply(CallList{Calls: append([]Call{}, calls...), Total: len(calls)}), nil
}

type idInput struct {
	ID string `path:"id" minLength:"1" maxLength:"128"`
}

func (s *Server) getCall(ctx context.Context, in *idInput) (*body[Call], error) {
	id, number, err := parseRef("call", in.ID)
	if err != nil {
		return nil, s.problem("call", err)
	}
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return nil, s.problem("call", err)
	}
	if c := findCall(v, id, number); c != nil {
		w := callOf(c, viewTimes(v, s.opts.Clock.Now()))
		w.Position = positions(v)[c.ID]
		return reply(w), nil
	}
	if findMirrored(v, id, number) != nil {
		for _, w := range mirroredCalls(v, viewTimes(v, s.opts.Clock.Now())) {
			if w.ID == (callmodel.CallID{ID: id}).String() || id.IsZero() && w.Number == number {
				return reply(w), nil
			}
		}
	}
	if s.opts.History == nil {
		return nil, s.problem("call", noCall(in.ID))
	}
	past, err := s.opts.History.Find(ctx, callmodel.CallID{ID: id}, number)
	if err != nil {
		return nil, s.problem("call", err)
	}
	return reply(past), nil
}

func (s *Server) getAgents(ctx context.Context, _ *noInput) (*body[AgentList], error) {
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return nil, s.problem("agents", err)
	}
	return reply(AgentList{Agents: agentsOf(v, viewTimes(v, s.opts.Clock.Now()))}), nil
}

func (s *Server) getAgent(ctx context.Context, in *idInput) (*body[Agent], error) {
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return nil, s.problem("agent", err)
	}
	a := findAgent(v, strings.ToLower(in.ID))
	if a == nil && mirrorsAgent(v, in.ID) {
		for _, w := range mirroredAgents(v, viewTimes(v, s.opts.Clock.Now())) {
			if strings.EqualFold(w.ID, in.ID) {
				return reply(w), nil
			}
		}
	}
	if a == nil {
		return nil, s.problem("agent", noAgent(in.ID))
	}
	return reply(agentOf(a, viewTimes(v, s.opts.Clock.Now()))), nil
}

func (s *Server) getQueues(ctx context.Context, _ *noInput) (*body[QueueList], error) {
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return nil, s.problem("queues", err)
	}
	return reply(QueueList{Queues: s.queuesOf(v, viewTimes(v, s.opts.Clock.Now()))}), nil
}

func (s *Server) getQueue(ctx context.Context, in *idInput) (*body[Queue], error) {
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return nil, s.problem("queue", err)
	}
	for _, q := range s.queuesOf(v, viewTimes(v, s.opts.Clock.Now())) {
		if q.ID == in.ID {
			return reply(q), nil
		}
	}
	return nil, s.problem("queue", noQueue(v, in.ID))
}

func (s *Server) getParking(ctx context.Context, _ *noInput) (*body[ParkingList], error) {
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return nil, s.problem("parking", err)
	}
	t := viewTimes(v, s.opts.Clock.Now())
	out := ParkingList{Parked: []ParkedCall{}, First: v.Config.Parking.First, Places: v.Config.Parking.Places}
	for _, c := range v.Calls {
		if c.Parked != nil {
			out.Parked = append(out.Parked, ParkedCall{
				Parked: *parkedOf(c.Parked, t), Call: c.ID.String(), Number: c.Number, Caller: c.Caller, Queue: string(c.Queue), Seconds: t.span(c.Parked.At, 0),
			})
		}
	}
	slices.SortFunc(out.Parked, func(a, b ParkedCall) int {
		return cmp.Or(cmp.Compare(len(a.Place), len(b.Place)), strings.Compare(a.Place, b.Place))
	})
	return reply(out), nil
}

func (s *Server) getHealth(context.Context, *noInput) (*body[HealthAnswer], error) {
	return reply(HealthAnswer{Status: "ok"}), nil
}

type readyOutput struct {
	Status int
	Body   ReadyAnswer
}

func (s *Server) getReady(ctx context.Context, _ *noInput) (*readyOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	reasons, degraded := []string{}, []string{}
	if v, err := s.opts.Switch.View(ctx); err != nil {
		reasons = append(reasons, "the switch does not answer: "+fault.ReasonOf(err))
	} else {
		reasons, degraded = s.notReady(ctx, v)
	}
	out := &readyOutput{Status: http.StatusOK, Body: ReadyAnswer{Ready: len(reasons) == 0, Reasons: reasons, Degraded: degraded}}
	if !out.Body.Ready {
		out.Status = http.StatusServiceUnavailable
	}
	return out, nil
}

// parseRef reads a ULID, its hexadecimal form, or a number; one of the results is zero.
func parseRef(what, ref string) (callmodel.ID, int64, error) {
	if id, err := callmodel.ParseID(ref); err == nil {
		return id, 0, nil
	}
	if n, err := strconv.ParseInt(ref, 10, 64); err == nil && n > 0 {
		return callmodel.ID{}, n, nil
	}
	return callmodel.ID{}, 0, fault.Newf(fault.Invalid, what, ref,
		"a %s is named by its number, by 26 base-32 or by 32 hexadecimal characters", what)
}

func findAgent(v *callmodel.View, id string) *callmodel.Agent {
	for _, a := range v.Agents {
		if string(a.ID) == id {
			return a
		}
	}
	return nil
}

func findQueue(v *callmodel.View, id string) *callmodel.Queue {
	for _, q := range v.Queues {
		if string(q.ID) == id {
			return q
		}
	}
	return nil
}

func noAgent(id string) error {
	return fault.New(fault.NotFound, "agent", id, "no such agent in the configuration")
}

func noQueue(v *callmodel.View, id string) error {
	names := make([]string, 0, len(v.Queues))
	for _, q := range v.Queues {
		if len(names) == 10 {
			names = append(names, "...")
			break
		}
		names = append(names, string(q.ID))
	}
	return fault.Newf(fault.NotFound, "queue", id, "no such queue; there are: %s", strings.Join(names, ", "))
}
