package rest

import (
	"context"
	"log/slog"
	"strings"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// connectionOps are the operations below /api/v1/connections/{id}/, by name.
// It is never changed.
var connectionOps = []struct {
	name string
	doc  string
	make func(callmodel.Cmd, callmodel.ConnID) callmodel.Command
}{
	{"accept", "Answer an offer at a station with mode call-on-accept", func(by callmodel.Cmd, id callmodel.ConnID) callmodel.Command {
		return callmodel.Accept{Cmd: by, Conn: id}
	}},
	{"reject", "Turn an offer down: the caller is offered to somebody else", func(by callmodel.Cmd, id callmodel.ConnID) callmodel.Command {
		return callmodel.Reject{Cmd: by, Conn: id}
	}},
	{"drop", "End the agent's part in the call, and with it the call", func(by callmodel.Cmd, id callmodel.ConnID) callmodel.Command {
		return callmodel.Drop{Cmd: by, Conn: id}
	}},
	{"hold", "Put the call on hold: the caller hears music", func(by callmodel.Cmd, id callmodel.ConnID) callmodel.Command {
		return callmodel.HoldCall{Cmd: by, Conn: id}
	}},
	{"retrieve", "Take the call off hold", func(by callmodel.Cmd, id callmodel.ConnID) callmodel.Command {
		return callmodel.Retrieve{Cmd: by, Conn: id}
	}},
	{"wrap-up-end", "End the after-call work", func(by callmodel.Cmd, id callmodel.ConnID) callmodel.Command {
		return callmodel.EndWrapUp{Cmd: by, Conn: id}
	}},
}

// ConnectionOperations lists the operations that a connection can be asked
// for, with a sentence on each, in the order of the documentation.
func ConnectionOperations() (names, docs []string) {
	for _, o := range connectionOps {
		names, docs = append(names, o.name), append(docs, o.doc)
	}
	return names, docs
}

type agentStateInput struct {
	ID   string `path:"id" minLength:"1" maxLength:"128" doc:"the agent's login name"`
	Body AgentStateRequest
}

func (s *Server) postAgentState(ctx context.Context, in *agentStateInput) (*body[Agent], error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	id := callmodel.AgentID(strings.ToLower(in.ID))
	state, ok := callmodel.ParseAgentState(in.Body.State)
	if !ok { // the schema has checked it
		return nil, s.problem("agent state", fault.New(fault.Invalid, "agent state", in.ID, "unknown state"))
	}
	cmd := callmodel.SetAgentState{Cmd: s.cmd(ctx), Agent: id, State: state, Reason: in.Body.Reason}
	if err := s.do(ctx, cmd, string(id)); err != nil {
		return nil, err
	}
	return s.getAgent(ctx, &idInput{ID: string(id)})
}

// postConnection returns the handler of one operation.
func (s *Server) postConnection(name string, mk func(callmodel.Cmd, callmodel.ConnID) callmodel.Command) func(context.Context, *idInput) (*body[Accepted], error) {
	return func(ctx context.Context, in *idInput) (*body[Accepted], error) {
		ctx, cancel := context.WithTimeout(ctx, commandTimeout)
		defer cancel()
		id, call, err := s.findConnection(ctx, in.ID)
		if err != nil {
			return nil, s.problem(name, err)
		}
		if err := s.do(ctx, mk(s.cmd(ctx), id), id.String()); err != nil {
			return nil, err
		}
		out := Accepted{Operation: name, Connection: id.String()}
		if call != nil {
			out.Call = call.ID.String()
		}
		return reply(out), nil
	}
}

// findConnection resolves what the path names. A well-formed id that no call
// has is left to the model to refuse.
func (s *Server) findConnection(ctx context.Context, ref string) (callmodel.ConnID, *callmodel.Call, error) {
	id, number, err := parseRef("connection", ref)
	if err != nil {
		return callmodel.ConnID{}, nil, err
	}
	v, err := s.opts.Switch.View(ctx)
	if err != nil {
		return callmodel.ConnID{}, nil, err
	}
	for _, c := range v.Calls {
		for i := range c.Conns {
			p := &c.Conns[i]
			if number == 0 && p.ID.ID == id || number != 0 && p.Number == number {
				return p.ID, c, nil
			}
		}
	}
	if number != 0 {
		return callmodel.ConnID{}, nil, fault.New(fault.NotFound, "connection", ref, "no such connection: the call has ended or never was")
	}
	return callmodel.ConnID{ID: id}, nil, nil
}

func (s *Server) cmd(ctx context.Context) callmodel.Cmd { return callmodel.Cmd{By: callerOf(ctx).by} }

// do gives a command to the switch and writes the audit line.
func (s *Server) do(ctx context.Context, cmd callmodel.Command, subject string) error {
	err := s.opts.Switch.Do(ctx, cmd)
	verdict := "accepted"
	if err != nil {
		verdict = fault.KindOf(err).String()
	}
	s.opts.Logger.LogAttrs(ctx, slog.LevelInfo, "rest: command", slog.String("command", cmd.Tag()),
		slog.String("subject", subject), slog.String("by", callerOf(ctx).by), slog.String("verdict", verdict))
	s.stats.commands.Add(1)
	if err != nil {
		return s.problem(cmd.Tag(), err)
	}
	return nil
}

// problem counts a refusal and turns it into its answer. Defects go to the log.
func (s *Server) problem(op string, err error) *Problem {
	s.stats.faults.Add(1)
	if fault.Is(err, fault.Internal) {
		s.opts.Logger.Error("rest: a request failed", "op", op, "err", err)
	}
	return problemOf(err)
}
