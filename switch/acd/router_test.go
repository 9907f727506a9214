package acd_test

import (
	"testing"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
)

func TestPickAgentLongestIdle(t *testing.T) {
	t.Parallel()
	agent := func(n int64, idle callmodel.Instant) *callmodel.Agent {
		return &callmodel.Agent{Number: n, IdleSince: idle}
	}
	tests := map[string]struct {
		agents []*callmodel.Agent
		want   int
	}{
		"nobody":                {nil, -1},
		"one":                   {[]*callmodel.Agent{agent(1, 5)}, 0},
		"longest idle wins":     {[]*callmodel.Agent{agent(1, 9), agent(2, 3), agent(3, 4)}, 1},
		"lower number on a tie": {[]*callmodel.Agent{agent(1, 3), agent(2, 3)}, 0},
	}
	for name, tc := range tests {
		if got := (acd.Router{}).PickAgent(nil, nil, tc.agents, 10); got != tc.want {
			t.Errorf("%s: got %d, want %d", name, got, tc.want)
		}
	}
}

func TestPickCall(t *testing.T) {
	t.Parallel()
	queue := func(prio int) *callmodel.QueueConfig { return &callmodel.QueueConfig{Priority: prio} }
	call := func(order uint64) *callmodel.Call { return &callmodel.Call{Order: order} }
	tests := map[string]struct {
		queues []*callmodel.QueueConfig
		calls  []*callmodel.Call
		want   int
	}{
		"nothing waits":        {nil, nil, -1},
		"first come":           {[]*callmodel.QueueConfig{queue(0), queue(0)}, []*callmodel.Call{call(7), call(2)}, 1},
		"priority over coming": {[]*callmodel.QueueConfig{queue(0), queue(5)}, []*callmodel.Call{call(1), call(9)}, 1},
	}
	for name, tc := range tests {
		if got := (acd.Router{}).PickCall(nil, tc.queues, tc.calls, 10); got != tc.want {
			t.Errorf("%s: got %d, want %d", name, got, tc.want)
		}
	}
}
