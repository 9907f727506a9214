package ici

import (
	"context"

	"strowger/cti/soap"
	"strowger/switch/callmodel"
	"strowger/switch/port"
)

// gateKey is the place of a request's [soap.Request] in its context.
type gateKey struct{}

func withGate(ctx context.Context, r *soap.Request) context.Context {
	return context.WithValue(ctx, gateKey{}, r)
}

// answerFirst keeps back the events of an agent that come to pass from now on, until
// the request of ctx is answered: the client gets its answer first.
func (s *Server) answerFirst(ctx context.Context, agent callmodel.AgentID) {
	s.answerBefore(ctx, string(agent))
}

// answerBefore is answerFirst for any session of events.
func (s *Server) answerBefore(ctx context.Context, session string) {
	if r, ok := ctx.Value(gateKey{}).(*soap.Request); ok && session != "" {
		r.After(s.push.Hold(session))
	}
}

// gated is the switch as requests see it: what a command brings about for the
// agent who gave it is told after the answer.
type gated struct {
	port.Switch
	s *Server
}

// Do implements port.Switch.
func (g gated) Do(ctx context.Context, cmd callmodel.Command) error {
	agent, conn := subject(cmd)
	if agent == "" {
		agent = g.s.board.agentOf(conn)
	}
	g.s.answerFirst(ctx, agent)
	g.s.bring(ctx, agent, cmd)
	return g.Switch.Do(ctx, cmd)
}

// subject says for whom a command acts: an agent, or the agent at a connection.
// Others act for nobody.
func subject(cmd callmodel.Command) (callmodel.AgentID, callmodel.ConnID) {
	none := callmodel.ConnID{}
	switch c := cmd.(type) {
	case callmodel.SetAgentState:
		return c.Agent, none
	case callmodel.SetAgentQueues:
		return c.Agent, none
	case callmodel.DropLine:
		return c.Agent, none
	case callmodel.MakeCall:
		return c.Agent, none
	case callmodel.Accept:
		return "", c.Conn
	case callmodel.Reject:
		return "", c.Conn
	case callmodel.Deflect:
		return "", c.Conn
	case callmodel.Drop:
		return "", c.Conn
	case callmodel.HoldCall:
		return "", c.Conn
	case callmodel.Retrieve:
		return "", c.Conn
	case callmodel.Alternate:
		return "", c.Conn
	case callmodel.Consult:
		return "", c.Conn
	case callmodel.Transfer:
		return "", c.Conn
	case callmodel.Conference:
		return "", c.Conn
	case callmodel.Reconnect:
		return "", c.Conn
	case callmodel.BlindTransfer:
		return "", c.Conn
	case callmodel.DropParty:
		return "", c.Conn
	case callmodel.RequireWrapUp:
		return "", c.Conn
	case callmodel.EndWrapUp:
		return "", c.Conn
	case callmodel.SetData:
		return "", c.Conn
	}
	return "", none
}

// agentOf returns whose a live item is.
func (b *board) agentOf(id callmodel.ConnID) callmodel.AgentID {
	b.mu.Lock()
	defer b.mu.Unlock()
	if item := b.live[id]; item != nil {
		return item.call.Conn(id).Agent
	}
	return ""
}
