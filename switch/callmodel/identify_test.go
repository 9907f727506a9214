package callmodel_test

import (
	"testing"

	"strowger/switch/callmodel"
	"strowger/switch/numbering"
)

// identified drives a switch with two agents and a trunk; what is called is
// kept by its leg.
type identified struct {
	*testing.T
	s    *callmodel.State
	now  callmodel.Instant
	last callmodel.Originate
}

func newIdentified(t *testing.T) *identified {
	t.Helper()
	i := &identified{T: t, s: callmodel.New(router{}), now: 1}
	cfg := fuzzConfig(1)
	cfg.Plan = numbering.Plan{Country: "49", IDD: "00", Trunk: "0"}
	cfg.Trunks = []numbering.Trunk{{ID: "t1", Number: 1, Endpoint: "gw1", DefaultCallerID: "+4930100"}}
	cfg.Routes = []numbering.Route{{ID: "all", Number: 1, Prefixes: []string{""}, Trunks: []string{"t1"}}}
	cfg.DialRules = []numbering.DialRule{{ID: "all", Number: 1, Allow: []string{""}}}
	for n := range cfg.Agents {
		cfg.Agents[n].DialRule = "all"
	}
	i.step(callmodel.ConfigLoaded{Config: cfg})
	i.step(callmodel.Resync{Node: "n", Epoch: "1", Fresh: true})
	i.step(callmodel.SetAgentState{Agent: "a1", State: callmodel.Ready})
	return i
}

// TestIdentifiedLate: a Call-ID that comes to be known when the phone rings
// already shows from the answer on, and not at all where there is none: while a
// phone rings, nothing depends on how fast a server says it.
func TestIdentifiedLate(t *testing.T) {
	t.Parallel()
	for _, answered := range []bool{true, false} {
		i := newIdentified(t)
		i.step(callmodel.MakeCall{Agent: "a1", To: callmodel.Dest{Kind: callmodel.DestNumber, Value: "030222001"}, Call: testCall(1)})
		i.step(callmodel.ChannelUp{Node: "n", Channel: i.last.Channel})
		i.step(callmodel.ChannelRinging{Node: "n", Channel: i.last.Channel})
		if n := i.step(callmodel.ChannelIdentified{Channel: i.last.Channel, SIPCallID: "late"}); n != 0 {
			t.Errorf("told %d times while it rings", n)
		}
		i.is("")
		if answered {
			i.step(callmodel.ChannelUp{Node: "n", Channel: i.last.Channel})
			i.is("late")
			i.step(callmodel.ChannelGone{Channel: i.last.Channel, Cause: callmodel.CauseNormal})
			i.is("late")
		} else {
			i.step(callmodel.ChannelGone{Channel: i.last.Channel, Cause: callmodel.CauseBusy})
			i.is("")
		}
	}
}

// step applies an input and returns the events about data that it has caused.
func (i *identified) step(in callmodel.Input) (told int) {
	i.Helper()
	i.now++
	out := i.s.Step(i.now, in)
	if out.Fault != nil {
		i.Fatalf("%s: %v", in.Tag(), out.Fault)
	}
	for _, e := range out.Effects {
		if o, ok := e.(callmodel.Originate); ok {
			i.last = o
		}
	}
	for _, e := range out.Events {
		if e.Kind == callmodel.EvDataChanged {
			told++
		}
	}
	return told
}

func (i *identified) is(want string) {
	i.Helper()
	if got := i.s.View().Calls[0].SIPID(); got != want {
		i.Errorf("the call is known by %q, want %q", got, want)
	}
}

// TestIdentify: of calls that agents make the leg of who is called is to be
// identified, not their own; nor any leg of a call that has come in.
func TestIdentify(t *testing.T) {
	t.Parallel()
	i := newIdentified(t)
	i.step(callmodel.MakeCall{Agent: "a1", To: callmodel.Dest{Kind: callmodel.DestNumber, Value: "030222001"}, Call: testCall(1)})
	own := i.last
	i.step(callmodel.ChannelUp{Node: "n", Channel: own.Channel})
	first := i.last
	if own.Identify || !first.Identify || first.Dial == "" {
		t.Fatalf("asked to identify: own leg %v, called leg %v %+v", own.Identify, first.Identify, first)
	}
	i.step(callmodel.ChannelIdentified{Channel: own.Channel, SIPCallID: "own"})
	i.step(callmodel.ChannelIdentified{Channel: "sw-unknown", SIPCallID: "unknown"})
	i.is("")
	if n := i.step(callmodel.ChannelIdentified{Channel: first.Channel, SIPCallID: "first"}); n != 0 {
		t.Errorf("told %d times before the answer", n)
	}
	i.is("")
	i.step(callmodel.ChannelRinging{Node: "n", Channel: first.Channel})
	i.is("first")
	i.step(callmodel.ChannelUp{Node: "n", Channel: first.Channel})
	if n := i.step(callmodel.ChannelIdentified{Channel: first.Channel, SIPCallID: "late"}); n != 1 {
		t.Errorf("told %d times in the conversation", n)
	}
	if n := i.step(callmodel.ChannelIdentified{Channel: first.Channel, SIPCallID: "late"}); n != 0 {
		t.Errorf("the same again is told %d times", n)
	}
	i.step(callmodel.BlindTransfer{Conn: i.s.View().Calls[0].Conns[0].ID, To: callmodel.Dest{Kind: callmodel.DestNumber, Value: "030222002"}})
	i.step(callmodel.ChannelIdentified{Channel: i.last.Channel, SIPCallID: "third"})
	i.is("late") // of the first who is still there
	i.step(callmodel.ChannelUp{Node: "n", Channel: i.last.Channel})
	i.step(callmodel.ChannelGone{Channel: first.Channel, Cause: callmodel.CauseNormal})
	i.is("late")

	i = newIdentified(t)
	i.step(callmodel.ChannelArrived{Node: "n", Channel: "c1", Call: testCall(1), Dialled: "801", Caller: "5000"})
	if i.last.Identify {
		t.Error("an offer of a call that has come in is to be identified")
	}
	i.step(callmodel.ChannelIdentified{Channel: i.last.Channel, SIPCallID: "offer"})
	i.is("")
}
