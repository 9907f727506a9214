package rest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// agentBody is a request about an agent.
type agentBody[B any] struct {
	ID   string `path:"id" minLength:"1" maxLength:"128" doc:"the agent's login name"`
	Body B
}

// commands registers everything that changes something, but for the
// operations on connections (operations.go).
func (s *Server) commands(api huma.API) {
	post := func(path, id, tag, summary string, status int) route {
		return route{method: http.MethodPost, path: "/api/v1/" + path, id: id, tag: tag, summary: summary, status: status}
	}
	add(s, api, post("agents/{id}/login", "loginAgent", "agents", "Log an agent in at a station", 0), s.postLogin)
	add(s, api, post("agents/{id}/state", "setAgentState", "agents", "Make an agent ready or not ready, or log them out", 0), s.postAgentState)
	add(s, api, post("agents/{id}/queues", "setAgentQueues", "agents", "Sign an agent in to queues of theirs, or out of them", 0), s.postAgentQueues)
	add(s, api, post("agents/{id}/force-state", "forceAgentState", "agents",
		"Give an agent a state at once, whatever they do; a conversation goes on", 0), s.postForceState)
	add(s, api, post("agents/{id}/panic-logout", "panicLogoutAgent", "agents",
		"Log an agent out at once: their calls end for them, and callers go back to their queue", 0), s.postPanicLogout)
	add(s, api, post("agents/{id}/call", "makeCall", "agents", "Call somebody: the agent's own phone first", http.StatusAccepted), s.postMakeCall)
	add(s, api, post("agents/{id}/pick-up", "pickUpCall", "agents", "Take a parked call to the agent's line", http.StatusAccepted), s.postPickUp)
	add(s, api, post("agents/{id}/drop-line", "dropLine", "agents", "Drop whatever is on the agent's line", http.StatusAccepted), s.postDropLine)
	add(s, api, post("calls/{id}/end", "endCall", "calls", "End a call for everybody, whoever is in it", http.StatusAccepted), s.postEndCall)
	route := post("calls/{id}/route", "routeCall", "calls", "Answer a route request", http.StatusAccepted)
	route.maxBody = maxDataBody
	add(s, api, route, s.postRoute)
	add(s, api, post("calls/{id}/route-reject", "rejectRoute", "calls", "Decline a route request: the default route is taken", http.StatusAccepted), s.postRouteReject)
	for _, paused := range []bool{true, false} {
		name, summary := "resume", "Have a paused queue give calls to agents again"
		if paused {
			name, summary = "pause", "Stop a queue from giving calls to agents"
		}
		add(s, api, post("queues/{id}/"+name, name+"Queue", "queues", summary, http.StatusAccepted), s.postPause(name, paused))
	}
	s.recordOrders(api)
	for _, o := range operations() {
		o.register(s, api, o.Operation)
	}
}

// cmd is the part that all commands share: who asked.
func (s *Server) cmd(ctx context.Context) callmodel.Cmd { return callmodel.Cmd{By: callerOf(ctx).by} }

// do gives a command to the switch and writes down who wanted it.
func (s *Server) do(ctx context.Context, cmd callmodel.Command, o order) error {
	e, err := s.intend(ctx, o)
	if err != nil {
		return s.problem(o.id, err)
	}
	err = s.opts.Switch.Do(ctx, cmd)
	s.outcome(ctx, e, o, err)
	s.stats.commands.Add(1)
	if err != nil {
		return s.problem(o.id, err)
	}
	return nil
}

// onAgent gives a command about an agent to the switch, if the caller may act
// on that line.
func (s *Server) onAgent(ctx context.Context, operation, ref, detail string, mk func(callmodel.Cmd, callmodel.AgentID) (callmodel.Command, error)) (callmodel.AgentID, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	id := callmodel.AgentID(strings.ToLower(ref))
	want := order{id: operation, subject: string(id), agent: id, detail: detail}
	if err := s.ownLine(ctx, want); err != nil {
		return id, err
	}
	cmd, err := mk(s.cmd(ctx), id)
	if err != nil {
		return id, s.problem(operation, err)
	}
	return id, s.do(ctx, cmd, want)
}

// changeAgent is onAgent with the agent as they are then for an answer.
func (s *Server) changeAgent(ctx context.Context, operation, ref, detail string, mk func(callmodel.Cmd, callmodel.AgentID) (callmodel.Command, error)) (*body[Agent], error) {
	id, err := s.onAgent(ctx, operation, ref, detail, mk)
	if err != nil {
		return nil, err
	}
	return s.getAgent(ctx, &idInput{ID: string(id)})
}

// stateOf reads a state that the schema has checked.
func stateOf(b AgentStateRequest) (callmodel.AgentState, error) {
	state, ok := callmodel.ParseAgentState(b.State)
	if !ok {
		return 0, wrong("state", "is not known")
	}
	return state, checkText("reason", b.Reason, callmodel.MaxReason, false)
}

func (s *Server) postAgentState(ctx context.Context, in *agentBody[NextStateRequest]) (*body[Agent], error) {
	return s.changeAgent(ctx, "setAgentState", in.ID, strings.TrimSpace(in.Body.State+" "+in.Body.Reason), func(c callmodel.Cmd, id callmodel.AgentID) (callmodel.Command, error) {
		state, err := stateOf(in.Body.AgentStateRequest)
		return callmodel.SetAgentState{Cmd: c, Agent: id, State: state, Reason: in.Body.Reason, SkipWrapUp: in.Body.SkipWrapUp}, err
	})
}

func (s *Server) postForceState(ctx context.Context, in *agentBody[AgentStateRequest]) (*body[Agent], error) {
	return s.changeAgent(ctx, "forceAgentState", in.ID, strings.TrimSpace(in.Body.State+" "+in.Body.Reason), func(c callmodel.Cmd, id callmodel.AgentID) (callmodel.Command, error) {
		state, err := stateOf(in.Body)
		return callmodel.ForceAgentState{Cmd: c, Agent: id, State: state, Reason: in.Body.Reason}, err
	})
}

func (s *Server) postPanicLogout(ctx context.Context, in *idInput) (*body[Agent], error) {
	return s.changeAgent(ctx, "panicLogoutAgent", in.ID, "", func(c callmodel.Cmd, id callmodel.AgentID) (callmodel.Command, error) {
		return callmodel.PanicLogout{Cmd: c, Agent: id}, nil
	})
}

func (s *Server) postMakeCall(ctx context.Context, in *agentBody[CallRequest]) (*body[Accepted], error) {
	call := callmodel.CallID{ID: s.opts.Switch.NewID()}
	id, err := s.onAgent(ctx, "makeCall", in.ID, in.Body.To, func(c callmodel.Cmd, id callmodel.AgentID) (callmodel.Command, error) {
		to, err := destination("to", in.Body.To, callable...)
		if err != nil {
			return nil, err
		}
		shown := in.Body.CallerID
		if shown != "" && shown != "anonymous" {
			if shown, err = dialable("caller_id", shown); err != nil {
				return nil, err
			}
		}
		if err := checkText("gateway", in.Body.Gateway, maxName, false); err != nil {
			return nil, err
		}
		return callmodel.MakeCall{
			Cmd: c, Agent: id, To: to, Call: call, CallerID: shown, Gateway: in.Body.Gateway, Queue: callmodel.QueueID(in.Body.Queue),
			InWrapUp: in.Body.InWrapUp,
		}, checkText("queue", in.Body.Queue, maxName, false)
	})
	if err != nil {
		return nil, err
	}
	return reply(Accepted{Operation: "call", Agent: string(id), NewCall: call.String()}), nil
}

func (s *Server) postPickUp(ctx context.Context, in *agentBody[PickUpRequest]) (*body[Accepted], error) {
	id, err := s.onAgent(ctx, "pickUpCall", in.ID, in.Body.Place, func(c callmodel.Cmd, id callmodel.AgentID) (callmodel.Command, error) {
		place, err := parkingPlace(in.Body.Place)
		return callmodel.PickUp{Cmd: c, Agent: id, Place: place}, err
	})
	if err != nil {
		return nil, err
	}
	return reply(Accepted{Operation: "pick-up", Agent: string(id)}), nil
}

func (s *Server) postDropLine(ctx context.Context, in *idInput) (*body[Accepted], error) {
	id, err := s.onAgent(ctx, "dropLine", in.ID, "", func(c callmodel.Cmd, id callmodel.AgentID) (callmodel.Command, error) {
		return callmodel.DropLine{Cmd: c, Agent: id}, nil
	})
	if err != nil {
		return nil, err
	}
	return reply(Accepted{Operation: "drop-line", Agent: string(id)}), nil
}

// onCall gives a command about a whole call to the switch.
func (s *Server) onCall(ctx context.Context, operation, name, ref, detail string, mk func(callmodel.Cmd, callmodel.CallID) (callmodel.Command, error)) (*body[Accepted], error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	id, number, err := parseRef("call", ref)
	if err != nil {
		return nil, s.problem(name, err)
	}
	if number != 0 {
		v, err := s.opts.Switch.View(ctx)
		if err != nil {
			return nil, s.problem(name, err)
		}
		switch c, m := findCall(v, id, number), findMirrored(v, id, number); {
		case c != nil:
			id = c.ID.ID
		case m != nil:
			id = m.ID.ID // the switch says why it takes no orders about it
		default:
			return nil, s.problem(name, noCall(ref))
		}
	}
	call := callmodel.CallID{ID: id}
	cmd, err := mk(s.cmd(ctx), call)
	if err != nil {
		return nil, s.problem(name, err)
	}
	if err := s.do(ctx, cmd, order{id: operation, subject: call.String(), detail: detail}); err != nil {
		return nil, err
	}
	return reply(Accepted{Operation: name, Call: call.String()}), nil
}

func (s *Server) postEndCall(ctx context.Context, in *idInput) (*body[Accepted], error) {
	return s.onCall(ctx, "endCall", "end", in.ID, "", func(c callmodel.Cmd, id callmodel.CallID) (callmodel.Command, error) {
		return callmodel.EndCall{Cmd: c, Call: id}, nil
	})
}

func (s *Server) postRouteReject(ctx context.Context, in *idInput) (*body[Accepted], error) {
	return s.onCall(ctx, "rejectRoute", "route-reject", in.ID, "", func(c callmodel.Cmd, id callmodel.CallID) (callmodel.Command, error) {
		return callmodel.RouteReject{Cmd: c, Call: id}, nil
	})
}

type callBody struct {
	ID   string `path:"id" minLength:"1" maxLength:"128" doc:"ULID, hexadecimal id or number"`
	Body RouteRequest
}

func (s *Server) postRoute(ctx context.Context, in *callBody) (*body[Accepted], error) {
	return s.onCall(ctx, "routeCall", "route", in.ID, in.Body.To, func(c callmodel.Cmd, id callmodel.CallID) (callmodel.Command, error) {
		b := in.Body
		to, err := destination("to", b.To, anywhere...)
		if err != nil {
			return nil, err
		}
		if err := checkText("preferred", b.Preferred, maxName, false); err != nil {
			return nil, err
		}
		required, err := agentList("required", b.Required)
		if err != nil {
			return nil, err
		}
		if b.ExpireSeconds > 0 && len(required) == 0 {
			return nil, wrong("expire_seconds", "says how long required holds, and nobody is required")
		}
		data, err := attachedEntries(b.Data)
		if err != nil {
			return nil, err
		}
		skills, err := skillNeeds("skills", b.Skills)
		return callmodel.RouteSelect{
			Cmd: c, Call: id, To: to, Preferred: callmodel.AgentID(strings.ToLower(b.Preferred)), Required: required,
			Expire: time.Duration(b.ExpireSeconds * float64(time.Second)), Priority: b.Priority, Skills: skills, Data: data,
		}, err
	})
}

func agentList(field string, names []string) ([]callmodel.AgentID, error) {
	var out []callmodel.AgentID
	for _, n := range names {
		if err := checkName(field, n); err != nil {
			return nil, err
		}
		id := callmodel.AgentID(strings.ToLower(n))
		if slices.Contains(out, id) {
			return nil, wrong(field, "the agent %s stands there twice", id)
		}
		out = append(out, id)
	}
	return out, nil
}

func (s *Server) postPause(name string, paused bool) func(context.Context, *idInput) (*body[Accepted], error) {
	return func(ctx context.Context, in *idInput) (*body[Accepted], error) {
		ctx, cancel := context.WithTimeout(ctx, commandTimeout)
		defer cancel()
		if err := s.do(ctx, callmodel.PauseQueue{Cmd: s.cmd(ctx), Queue: callmodel.QueueID(in.ID), Paused: paused}, order{id: name + "Queue", subject: in.ID}); err != nil {
			return nil, err
		}
		return reply(Accepted{Operation: name, Queue: in.ID}), nil
	}
}

// problem counts a refusal and turns it into its answer. Defects go to the log.
func (s *Server) problem(op string, err error) *Problem {
	s.stats.faults.Add(1)
	if fault.Is(err, fault.Internal) {
		s.opts.Logger.Error("rest: a request failed", "op", op, "err", err)
	}
	return problemOf(err)
}

func findCall(v *callmodel.View, id callmodel.ID, number int64) *callmodel.Call {
	for _, c := range v.Calls {
		if number == 0 && c.ID.ID == id || number != 0 && c.Number == number {
			return c
		}
	}
	return nil
}

func noCall(ref string) error {
	return fault.New(fault.NotFound, "call", ref, "no such live call: it has ended or never was")
}
