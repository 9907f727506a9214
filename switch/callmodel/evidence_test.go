package callmodel_test

import (
	"testing"
	"time"

	"strowger/switch/callmodel"
)

// facts is a switch with one queue and one agent, and the calls that have ended.
type facts struct {
	t     *testing.T
	state *callmodel.State
	now   callmodel.Instant
	ids   byte
	ended map[callmodel.CallID]*callmodel.Call
	legs  []callmodel.ChannelID // asked for
}

func newFacts(t *testing.T) *facts {
	f := &facts{t: t, state: callmodel.New(router{}), now: 1_000_000, ended: map[callmodel.CallID]*callmodel.Call{}}
	f.step(callmodel.ConfigLoaded{Config: &callmodel.Config{
		Version: 1, MaxCalls: 100,
		Queues: []callmodel.QueueConfig{{ID: "sales", Number: 1, Address: "600", RingTimeout: time.Minute, WrapUp: time.Second, MaxWaiting: 10, Answer: callmodel.AnswerTreatment}},
		Agents: []callmodel.AgentConfig{{ID: "anna", Number: 1, Line: "101", Queues: []callmodel.QueueID{"sales"}, Station: callmodel.Station{Endpoint: "101", Mode: callmodel.Handset}}},
	}})
	f.step(callmodel.Resync{Node: "n", Epoch: "1", AsOf: f.now, Fresh: true, Back: true})
	f.step(callmodel.SetAgentState{Agent: "anna", State: callmodel.Ready})
	return f
}

func (f *facts) mint() callmodel.ID { f.ids++; return callmodel.ID{15: f.ids} }

func (f *facts) step(in callmodel.Input) {
	f.t.Helper()
	f.now = f.now.Add(time.Millisecond)
	out := f.state.Step(f.now, in)
	if out.Fault != nil {
		f.t.Fatal(out.Fault)
	}
	for _, e := range out.Events {
		if e.Kind == callmodel.EvCallEnded {
			f.ended[e.Call.ID] = e.Call
		}
		if e.Kind == callmodel.EvIncident && f.now < 2_000_000 {
			f.t.Errorf("the first start is no recovery: %s", e.Reason)
		}
	}
	for _, e := range out.Effects {
		if o, ok := e.(callmodel.Originate); ok {
			f.legs = append(f.legs, o.Channel)
		}
	}
}

// arrive brings a caller in.
func (f *facts) arrive(ch callmodel.ChannelID) callmodel.CallID {
	id := callmodel.CallID{ID: f.mint()}
	f.step(callmodel.ChannelArrived{Node: "n", Channel: ch, Call: id, Dialled: "600", Caller: "49" + string(ch)})
	return id
}

// TestEndsThatNobodySaw: a record has the time that the evidence gives, or
// says honestly that the end lies in an interval; the talk ends when it ended.
func TestEndsThatNobodySaw(t *testing.T) {
	t.Parallel()
	f := newFacts(t)
	start := f.now
	proven := f.arrive("c1")
	f.step(callmodel.ChannelUp{Node: "n", Channel: f.legs[0]})
	unknown := f.arrive("c2")
	f.now = f.now.Add(time.Minute)
	lost := f.now
	f.now = f.now.Add(time.Minute)
	f.step(callmodel.Resync{
		Node: "n", Epoch: "1", AsOf: f.now, Fresh: true, Back: true, Since: lost,
		Ended: []callmodel.LegEnd{
			{Channel: "c1", At: lost.Add(10 * time.Second), Cause: 16},
			{Channel: "nobody's", At: lost, Cause: 16},
		},
		Missed: []callmodel.MissedCall{{
			Channel: "c9", Call: callmodel.CallID{ID: f.mint()}, Dialled: "600", Caller: "499", At: lost.Add(2 * time.Second), EndedAt: lost.Add(5 * time.Second), Cause: 16,
		}},
	})
	var c *callmodel.Call
	for _, live := range f.state.View().Calls {
		if live.ID == proven { // in wrap-up
			c = live
		}
	}
	if c == nil {
		t.Fatal("the talk is in no wrap-up")
	}
	if want := lost.Add(10 * time.Second); c.OverAt != want || c.LostFrom != 0 || c.Conns[0].EndedAt != want || c.Conns[0].Cause != 16 {
		t.Errorf("proven: over %d since the start, from %d, want %d", c.OverAt-start, c.LostFrom, want-start)
	}
	if c := f.ended[unknown]; c == nil || c.OverAt != f.now || c.LostFrom != lost || c.Conns[0].LostFrom != lost || c.Outcome != callmodel.OutcomeLost {
		t.Errorf("unknown: %+v", c)
	}
	found := false
	for _, c := range f.ended {
		if !c.Evidence {
			continue
		}
		found = true
		if c.ArrivedAt != lost.Add(2*time.Second) || c.OverAt != lost.Add(5*time.Second) || c.Caller != "499" || c.Conns[0].CreatedAt != c.ArrivedAt {
			t.Errorf("missed: %+v", c)
		}
	}
	if !found {
		t.Error("the missed call is in no record")
	}
}
