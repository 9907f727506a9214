package callmodel_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"strowger/switch/callmodel"
)

const (
	benchAgents = 200
	benchLive   = 100       // calls that talk at the same time
	benchNames  = 3 * 4096  // legs' names in use, more than the switch remembers of ended ones
	benchGap    = 600       // microseconds between inputs: some 110 calls per second
	benchSample = 1 << 20   // durations that are kept for the percentile
	benchStart  = 1_000_000 // first instant
	benchServer = "asterisk-1"
	benchQueue  = "bench"
)

// flow makes the inputs of an endless, even stream of queue calls: each is
// offered, answered, joined, and ended by the caller when benchLive others
// have come. What it makes costs little beside Step.
type flow struct {
	b     *testing.B
	state *callmodel.State
	now   callmodel.Instant
	ids   uint64
	names []callmodel.ChannelID
	next  int
	todo  []callmodel.Input
	live  []benchCall
}

type benchCall struct {
	caller, agent callmodel.ChannelID
	bridge        callmodel.BridgeID
}

func newFlow(b *testing.B) *flow {
	f := &flow{b: b, state: callmodel.New(router{}), now: benchStart, names: make([]callmodel.ChannelID, benchNames)}
	for i := range f.names {
		f.names[i] = callmodel.ChannelID(fmt.Sprintf("1795236497.%d", i))
	}
	cfg := &callmodel.Config{Version: 1, Queues: []callmodel.QueueConfig{{
		ID: benchQueue, Number: 1, Address: "600", RingTimeout: 15 * time.Second, Answer: callmodel.AnswerTreatment, Strategy: callmodel.LongestIdle,
	}}}
	for i := range benchAgents {
		line := fmt.Sprint(101 + i)
		cfg.Agents = append(cfg.Agents, callmodel.AgentConfig{
			ID: callmodel.AgentID("agent" + line), Number: int64(i + 1), Line: line, Queues: []callmodel.QueueID{benchQueue},
			Station: callmodel.Station{Endpoint: line, Mode: callmodel.Handset},
		})
	}
	f.step(callmodel.WallClock{UnixMicro: 1_700_000_000_000_000})
	f.step(callmodel.ConfigLoaded{Config: cfg})
	f.step(callmodel.Resync{Node: benchServer, Epoch: "1", Fresh: true})
	for _, a := range cfg.Agents {
		f.step(callmodel.SetAgentState{Agent: a.ID, State: callmodel.Ready})
	}
	for len(f.live) < benchLive || len(f.todo) > 0 {
		f.step(f.input())
	}
	return f
}

// step applies an input and notes what belongs to a new call.
func (f *flow) step(in callmodel.Input) {
	f.now += benchGap
	out := f.state.Step(f.now, in)
	if out.Fault != nil {
		f.b.Fatalf("%s: %v", in.Tag(), out.Fault)
	}
	f.follow(in, &out)
}

func (f *flow) follow(in callmodel.Input, out *callmodel.Output) {
	arrived, ok := in.(callmodel.ChannelArrived)
	if !ok {
		return
	}
	c := benchCall{caller: arrived.Channel}
	for _, e := range out.Effects {
		switch e := e.(type) {
		case callmodel.Originate:
			c.agent = e.Channel
		case callmodel.CreateBridge:
			c.bridge = e.Bridge
		}
	}
	if c.agent == "" || c.bridge == "" {
		f.b.Fatal("the call was not offered: the stream is out of step")
	}
	f.live = append(f.live, c)
	f.todo = append(f.todo,
		callmodel.ChannelRinging{Node: benchServer, Channel: c.agent}, callmodel.ChannelUp{Node: benchServer, Channel: c.agent},
		callmodel.ChannelUp{Node: benchServer, Channel: c.caller},
		callmodel.ChannelJoined{Channel: c.caller, Bridge: c.bridge}, callmodel.ChannelJoined{Channel: c.agent, Bridge: c.bridge})
	if len(f.live) <= benchLive {
		return
	}
	o := f.live[0]
	f.live = slices.Delete(f.live, 0, 1)
	f.todo = append(f.todo,
		callmodel.ChannelLeft{Channel: o.caller, Bridge: o.bridge}, callmodel.ChannelLeftApp{Channel: o.caller}, callmodel.ChannelGone{Channel: o.caller, Cause: 16},
		callmodel.ChannelLeft{Channel: o.agent, Bridge: o.bridge}, callmodel.ChannelLeftApp{Channel: o.agent}, callmodel.ChannelGone{Channel: o.agent, Cause: 16},
		callmodel.BridgeGone{Bridge: o.bridge})
}

// input returns the next input: of the calls under way, or a new caller.
func (f *flow) input() callmodel.Input {
	if len(f.todo) > 0 {
		in := f.todo[0]
		f.todo = f.todo[1:]
		return in
	}
	f.todo = nil // start at the front of a new list
	f.ids++
	f.next = (f.next + 1) % len(f.names)
	id := callmodel.ID{0: 1, 12: byte(f.ids >> 24), 13: byte(f.ids >> 16), 14: byte(f.ids >> 8), 15: byte(f.ids)}
	return callmodel.ChannelArrived{Node: benchServer, Channel: f.names[f.next], Call: callmodel.CallID{ID: id}, Dialled: "600", Caller: "493012345"}
}

// BenchmarkStep is the cost of one input in a busy switch: 200 agents, 100
// calls talking, all inputs of a queue call in their natural mix. The inputs
// themselves are part of it, as they are made for every event in operation.
func BenchmarkStep(b *testing.B) {
	f := newFlow(b)
	b.ReportAllocs()
	for b.Loop() {
		f.step(f.input())
	}
	if err := f.state.CheckIndexes(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkStepTail measures each Step by itself and reports the 50th and 99th
// percentile; reading the clock is part of both.
func BenchmarkStepTail(b *testing.B) {
	f := newFlow(b)
	took := make([]time.Duration, 0, benchSample)
	for b.Loop() {
		in := f.input()
		f.now += benchGap
		began := time.Now()
		out := f.state.Step(f.now, in)
		d := time.Since(began)
		f.follow(in, &out)
		if len(took) < cap(took) {
			took = append(took, d)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2]), "p50-ns")
	b.ReportMetric(float64(took[len(took)*99/100]), "p99-ns")
}

// BenchmarkEncode is the cost of writing one input into the journal's form.
func BenchmarkEncode(b *testing.B) {
	f := newFlow(b)
	var in []callmodel.Input
	for len(in) < 1000 {
		next := f.input()
		f.step(next)
		in = append(in, next)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := callmodel.EncodeInput(in[i%len(in)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
