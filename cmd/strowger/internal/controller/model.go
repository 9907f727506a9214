package controller

import (
	"context"
	"strings"

	"strowger/cmd/strowger/internal/config"
	"strowger/switch/callmodel"
)

// numberer gives configuration objects their stable integers.
type numberer interface {
	Numbers(ctx context.Context, kind string, ids []string) (map[string]int64, error)
}

// modelConfig translates the configuration file into what the model works with.
func modelConfig(ctx context.Context, cfg *config.Config, n numberer) (*callmodel.Config, error) {
	out := &callmodel.Config{MaxCalls: cfg.Limits.Calls, AttachedMax: cfg.ICI.CADMaxBytes}
	ids := make([]string, 0, len(cfg.Queues))
	for _, q := range cfg.Queues {
		ids = append(ids, q.ID)
	}
	numbers, err := n.Numbers(ctx, "queue", ids)
	if err != nil {
		return nil, err
	}
	for _, q := range cfg.Queues {
		out.Queues = append(out.Queues, callmodel.QueueConfig{
			ID: callmodel.QueueID(q.ID), Number: numbers[q.ID], Name: or(q.Name, q.ID), Address: q.Number, DNIS: q.DialledNumbers(),
			Strategy: callmodel.Strategy(q.Strategy), RingTimeout: q.RingTimeout, WrapUp: q.WrapUp, Music: q.Music,
			Answer: callmodel.AnswerPolicy(q.Answer), MaxWaiting: q.MaxWaiting, Priority: q.Priority,
		})
	}
	ids = ids[:0]
	for _, a := range cfg.Agents {
		ids = append(ids, strings.ToLower(a.ID))
	}
	if numbers, err = n.Numbers(ctx, "agent", ids); err != nil {
		return nil, err
	}
	for _, a := range cfg.Agents {
		id := strings.ToLower(a.ID)
		agent := callmodel.AgentConfig{
			ID: callmodel.AgentID(id), Number: numbers[id], Name: or(a.Name, a.ID), Line: a.Line,
			Station: callmodel.Station{Endpoint: a.Station.Endpoint, Mode: callmodel.AnswerMode(a.Station.Mode), AcceptTimeout: a.Station.AcceptTimeout},
		}
		for _, q := range a.Queues {
			agent.Queues = append(agent.Queues, callmodel.QueueID(q))
		}
		out.Agents = append(out.Agents, agent)
	}
	return out, nil
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
