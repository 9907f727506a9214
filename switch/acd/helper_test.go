package acd_test

import (
	"math/rand/v2"
	"time"

	"strowger/switch/callmodel"
)

const queueID = "q"

// ready is an agent who may get calls, for tests to change.
func ready(id string, number int64) callmodel.Candidate {
	return callmodel.Candidate{
		Agent:  &callmodel.Agent{ID: callmodel.AgentID(id), Number: number, State: callmodel.Ready},
		Config: &callmodel.AgentConfig{ID: callmodel.AgentID(id), Number: number},
	}
}

// with returns the candidate after some changes.
func with(c callmodel.Candidate, change ...func(*callmodel.Agent, *callmodel.AgentConfig)) callmodel.Candidate {
	for _, f := range change {
		f(c.Agent, c.Config)
	}
	return c
}

// ask is a question about a call without wishes to a queue without rules.
func ask(s callmodel.Strategy, agents ...callmodel.Candidate) *callmodel.RouteQuery {
	return &callmodel.RouteQuery{
		Queue: &callmodel.QueueConfig{ID: queueID, Strategy: s, PreferredWait: 30 * time.Second},
		Call:  &callmodel.Call{}, Agents: agents, Now: 1_000_000_000,
	}
}

// crowd makes n agents in mixed states with some history, always the same.
func crowd(n int) []callmodel.Candidate {
	rnd := rand.New(rand.NewPCG(7, uint64(n)))
	out := make([]callmodel.Candidate, n)
	for i := range out {
		c := ready("agent"+string(rune('a'+i/26%26))+string(rune('a'+i%26)), int64(i+1))
		c.Agent.IdleSince = callmodel.Instant(rnd.Int64N(900_000_000) + 1)
		c.Agent.Handled = rnd.Uint64N(40)
		c.Agent.Talk = time.Duration(rnd.Int64N(int64(3 * time.Hour)))
		c.Config.Ranks = []callmodel.QueueRank{{Queue: "other", Rank: 1}, {Queue: queueID, Rank: rnd.IntN(9)}}
		c.Config.Skills = []callmodel.AgentSkill{{Skill: "french", Level: 1 + rnd.IntN(100)}, {Skill: "german", Level: 1 + rnd.IntN(100)}}
		if rnd.IntN(2) == 0 {
			c.Agent.State = callmodel.OnCall
		}
		out[i] = c
	}
	return out
}
