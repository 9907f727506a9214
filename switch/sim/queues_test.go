package sim

import (
	"testing"
	"time"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
)

// TestPreferredAgentSignsOut: a call that is kept for an agent goes to somebody
// else as soon as that agent signs out of its queue.
func TestPreferredAgentSignsOut(t *testing.T) {
	t.Parallel()
	st := callmodel.New(acd.Router{})
	agent := func(id callmodel.AgentID, number int64, line string) callmodel.AgentConfig {
		return callmodel.AgentConfig{ID: id, Number: number, Line: line, Queues: []callmodel.QueueID{"sales"}, Station: callmodel.Station{Endpoint: line, Mode: callmodel.Handset}}
	}
	call := callmodel.CallID{ID: callmodel.ID{15: 1}}
	for _, in := range []callmodel.Input{
		callmodel.ConfigLoaded{Config: &callmodel.Config{
			Version: 1,
			Queues: []callmodel.QueueConfig{{
				ID: "sales", Number: 1, Address: "600", RingTimeout: time.Minute, PreferredWait: time.Minute,
				Route: callmodel.ExternalRoute{Timeout: time.Minute, Default: callmodel.Dest{Kind: callmodel.DestQueue, Value: "sales"}},
			}},
			Agents: []callmodel.AgentConfig{agent("anna", 1, "101"), agent("ben", 2, "102")},
		}},
		callmodel.Resync{Node: "n", Epoch: "1", Fresh: true},
		callmodel.SetAgentState{Agent: "anna", State: callmodel.NotReady},
		callmodel.SetAgentState{Agent: "ben", State: callmodel.Ready},
		callmodel.ChannelArrived{Node: "n", Channel: "c1", Call: call, Dialled: "600", Caller: "5"},
		callmodel.RouteSelect{Call: call, To: callmodel.Dest{Kind: callmodel.DestQueue, Value: "sales"}, Preferred: "anna"},
	} {
		if out := st.Step(st.Now().Add(time.Millisecond), in); out.Fault != nil {
			t.Fatal(in.Tag(), out.Fault)
		}
	}
	if c := st.View().Calls[0]; c.Phase != callmodel.PhaseWaiting {
		t.Fatalf("the call is %s, and should wait for anna", c.Phase)
	}
	st.Step(st.Now().Add(time.Millisecond), callmodel.SetAgentQueues{Agent: "anna", Out: []callmodel.QueueID{"sales"}})
	if b := st.Agent("ben"); b.State != callmodel.Reserved {
		t.Fatalf("ben is %s: the call waits for anna, who is signed out", b.State)
	}
}
