package rest

import (
	"context"
	"strings"

	"strowger/switch/callmodel"
)

// maxQueues bounds how many queues one request signs in to, or out of.
const maxQueues = 256

// QueuesRequest is the body of POST /api/v1/agents/{id}/queues.
type QueuesRequest struct {
	In   []string `json:"in,omitempty" maxItems:"256" doc:"queues of the agent to sign in to"`
	Out  []string `json:"out,omitempty" maxItems:"256" doc:"queues of the agent to sign out of"`
	Only bool     `json:"only,omitempty" doc:"signed in to none but those of in: without them, signed out of all"`
}

// String is what is audited.
func (r *QueuesRequest) String() string {
	var out []string
	if r.Only {
		out = append(out, "only")
	}
	for _, q := range r.In {
		out = append(out, "in "+q)
	}
	for _, q := range r.Out {
		out = append(out, "out "+q)
	}
	return strings.Join(out, " ")
}

func (s *Server) postAgentQueues(ctx context.Context, in *agentBody[QueuesRequest]) (*body[Agent], error) {
	b := &in.Body
	return s.changeAgent(ctx, "setAgentQueues", in.ID, b.String(), func(c callmodel.Cmd, id callmodel.AgentID) (callmodel.Command, error) {
		ins, err := queueNames("in", b.In)
		if err != nil {
			return nil, err
		}
		outs, err := queueNames("out", b.Out)
		return callmodel.SetAgentQueues{Cmd: c, Agent: id, In: ins, Out: outs, Only: b.Only}, err
	})
}

func queueNames(field string, names []string) ([]callmodel.QueueID, error) {
	if len(names) > maxQueues {
		return nil, wrong(field, "names more than %d queues", maxQueues)
	}
	var out []callmodel.QueueID
	for _, n := range names {
		if err := checkName(field, n); err != nil {
			return nil, err
		}
		out = append(out, callmodel.QueueID(n))
	}
	return out, nil
}
