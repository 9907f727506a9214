package callmodel_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"strowger/switch/callmodel"
)

func anyID(t *rapid.T) callmodel.ID {
	var id callmodel.ID
	copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	return id
}

// TestIDText: both text forms of every id are read back, in either case, and
// the 26-character form sorts as the id does.
func TestIDText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyID(t), anyID(t)
		for _, text := range []string{a.String(), a.Hex(), string(bytes.ToLower([]byte(a.String()))), string(bytes.ToLower([]byte(a.Hex())))} {
			if got, err := callmodel.ParseID(text); err != nil || got != a {
				t.Fatalf("%q reads as %x, want %x (%v)", text, got, a, err)
			}
		}
		if (a.String() < b.String()) != (bytes.Compare(a[:], b[:]) < 0) {
			t.Fatalf("%x and %x sort differently as text", a, b)
		}
		text, err := a.MarshalText()
		var back callmodel.ID
		if err != nil || back.UnmarshalText(text) != nil || back != a {
			t.Fatalf("%x marshals to %q and back to %x", a, text, back)
		}
		if len(a.String()) != 26 || len(a.Hex()) != 32 {
			t.Fatalf("lengths %d and %d", len(a.String()), len(a.Hex()))
		}
	})
}

// hostile draws inputs that no sane exchange would send: any fact about any
// leg at any time. Step must not panic, its tables must fit, and a snapshot
// must go on as the original does.
type hostile struct {
	t    *rapid.T
	s    *callmodel.State
	now  callmodel.Instant
	legs []callmodel.ChannelID
	next byte
	cfg  uint64
}

// TestHostileInputs drives a State with arbitrary inputs.
func TestHostileInputs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := &hostile{t: t, s: callmodel.New(router{}), now: 1, legs: []callmodel.ChannelID{"c1", "c2", "c3", "sw-unknown", ""}, cfg: 1}
		h.step(callmodel.ConfigLoaded{Config: fuzzConfig(1)})
		h.step(callmodel.Resync{Node: "n", Epoch: "1", Fresh: true})
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			h.now = h.now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			h.step(h.draw())
		}
	})
}

func (h *hostile) step(in callmodel.Input) {
	body, err := callmodel.EncodeInput(in)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Logf("%d %s %s", h.now, in.Tag(), body)
	snap, err := h.s.Freeze().Encode()
	if err != nil {
		h.t.Fatal(err)
	}
	twin, err := callmodel.Restore(router{}, snap)
	if err != nil {
		h.t.Fatal(err)
	}
	other, err := callmodel.DecodeInput(in.Tag(), body)
	if err != nil {
		h.t.Fatal(err)
	}
	before := h.s.EventCount()
	out := h.s.Step(h.now, in)
	a, text := out.Hash(nil)
	out2 := twin.Step(h.now, other)
	b, text2 := out2.Hash(nil)
	if a != b {
		h.t.Fatalf("a restored snapshot goes another way:\n%s\n-- restored:\n%s", text, text2)
	}
	if h.s.EventCount() != before+uint64(len(out.Events)) {
		h.t.Fatalf("events %d to %d, %d given", before, h.s.EventCount(), len(out.Events))
	}
	if err := h.s.CheckIndexes(); err != nil {
		h.t.Fatal(err)
	}
	for _, e := range out.Effects {
		if o, ok := e.(callmodel.Originate); ok {
			h.legs = append(h.legs, o.Channel)
		}
	}
}

func pick[T any](h *hostile, what string, from []T) T {
	return from[rapid.IntRange(0, len(from)-1).Draw(h.t, what)]
}

func (h *hostile) conns() []callmodel.ConnID {
	out := []callmodel.ConnID{{}}
	for _, c := range h.s.View().Calls {
		for i := range c.Conns {
			out = append(out, c.Conns[i].ID)
		}
	}
	return out
}

func (h *hostile) calls() []callmodel.CallID {
	out := []callmodel.CallID{{}, testCall(200)}
	for _, c := range h.s.View().Calls {
		out = append(out, c.ID)
	}
	return out
}

func (h *hostile) bridges() []callmodel.BridgeID {
	out := []callmodel.BridgeID{"", "sw-", "sw-b-", "sw-b-zz", "other"}
	for _, c := range h.s.View().Calls {
		if c.Bridge != "" {
			out = append(out, c.Bridge)
		}
	}
	return out
}

func (h *hostile) draw() callmodel.Input {
	kind := rapid.IntRange(0, 4).Draw(h.t, "kind")
	switch {
	case kind == 0:
		return h.command()
	case kind == 1:
		return h.internal()
	}
	return h.fact()
}

func (h *hostile) fact() callmodel.Input {
	ch := pick(h, "leg", h.legs)
	causes := []callmodel.Cause{0, 16, 17, 19, 21, callmodel.CauseLost}
	switch rapid.IntRange(0, 11).Draw(h.t, "fact") {
	case 0, 1:
		h.next++
		leg := callmodel.ChannelID(fmt.Sprintf("d%d", h.next))
		h.legs = append(h.legs, leg)
		return callmodel.ChannelArrived{Node: "n", Channel: leg, Call: testCall(h.next), Dialled: pick(h, "number", []string{"801", "802", "999"}), Caller: "5000"}
	case 2:
		return callmodel.ChannelRinging{Channel: ch}
	case 3, 4:
		return callmodel.ChannelUp{Node: "n", Channel: ch}
	case 5:
		return callmodel.ChannelHeld{Channel: ch}
	case 6:
		return callmodel.ChannelUnheld{Channel: ch}
	case 7:
		return callmodel.ChannelJoined{Channel: ch, Bridge: pick(h, "bridge", h.bridges())}
	case 8:
		return callmodel.ChannelLeft{Channel: ch, Bridge: pick(h, "bridge", h.bridges())}
	case 9:
		return callmodel.ChannelLeftApp{Channel: ch}
	case 10:
		return callmodel.ChannelGone{Channel: ch, Cause: pick(h, "cause", causes), TechCause: pick(h, "tech", []int{0, 480, 486})}
	}
	return callmodel.BridgeGone{Bridge: pick(h, "bridge", h.bridges())}
}

// internal draws what the engine sends.
func (h *hostile) internal() callmodel.Input {
	switch rapid.IntRange(0, 5).Draw(h.t, "internal") {
	case 0, 1:
		if ts := h.s.Timers(); len(ts) > 0 {
			t := pick(h, "timer", ts)
			return callmodel.TimerFired{Key: t.Key, Gen: t.Gen}
		}
		return callmodel.TimerFired{}
	case 2, 3:
		what := pick(h, "what", []string{"originate", "answer", "ring", "start-music", "stop-music", "create-bridge", "join", "leave", "destroy-bridge", "hangup"})
		return callmodel.EffectDone{
			Effect: 1, What: what, Call: pick(h, "call", h.calls()), Conn: pick(h, "conn", h.conns()), Channel: pick(h, "leg", h.legs),
			Outcome: pick(h, "outcome", []callmodel.Result{callmodel.Done, callmodel.Failed, callmodel.Unknown}),
			Gone:    rapid.Bool().Draw(h.t, "gone"), Later: rapid.Bool().Draw(h.t, "later"),
		}
	case 4:
		return callmodel.NodeDown{Node: "n", Cause: "test"}
	}
	return h.resync()
}

func (h *hostile) resync() callmodel.Input {
	r := callmodel.Resync{Node: "n", Epoch: "1", AsOf: h.now - callmodel.Instant(rapid.IntRange(0, 3_000_000).Draw(h.t, "age")), Fresh: rapid.Bool().Draw(h.t, "fresh")}
	for i, ch := range h.legs {
		if ch == "" || !rapid.Bool().Draw(h.t, "listed") {
			continue
		}
		state := pick(h, "state", []callmodel.LegState{callmodel.LegDown, callmodel.LegRinging, callmodel.LegUp})
		r.Channels = append(r.Channels, callmodel.ChannelFact{Channel: ch, Leg: state, Inbound: !ch.Ours(), Call: testCall(byte(100 + i)), Dialled: "801", Caller: "5"})
	}
	for _, b := range h.bridges() {
		if rapid.Bool().Draw(h.t, "bridged") {
			r.Bridges = append(r.Bridges, callmodel.BridgeFact{Bridge: b, Channels: []callmodel.ChannelID{pick(h, "member", h.legs)}})
		}
	}
	return r
}

func (h *hostile) command() callmodel.Input {
	conn := pick(h, "conn", h.conns())
	agent := pick(h, "agent", []callmodel.AgentID{"a1", "a2", "a3", "nobody"})
	switch rapid.IntRange(0, 13).Draw(h.t, "command") {
	case 13:
		queues := []callmodel.QueueID{pick(h, "queue", []callmodel.QueueID{"q1", "q1", "q2", "none"})}
		if rapid.Bool().Draw(h.t, "in") {
			return callmodel.SetAgentQueues{Agent: agent, In: queues, Only: rapid.Bool().Draw(h.t, "only")}
		}
		return callmodel.SetAgentQueues{Agent: agent, Out: queues}
	case 0, 1, 2:
		st := pick(h, "state", []callmodel.AgentState{callmodel.Ready, callmodel.Ready, callmodel.NotReady, callmodel.LoggedOut, callmodel.OnCall, 99})
		return callmodel.SetAgentState{Agent: agent, State: st}
	case 3:
		return callmodel.Accept{Conn: conn}
	case 4:
		return callmodel.Reject{Conn: conn}
	case 5:
		return callmodel.Drop{Conn: conn}
	case 6:
		return callmodel.DropLine{Agent: agent}
	case 7:
		return callmodel.HoldCall{Conn: conn}
	case 8:
		return callmodel.Retrieve{Conn: conn}
	case 9:
		return callmodel.RequireWrapUp{Conn: conn}
	case 10:
		return callmodel.EndWrapUp{Conn: conn}
	case 11:
		return callmodel.SetData{Conn: conn, Entries: []callmodel.AttachedData{{App: "x", Data: pick(h, "data", []string{"", "1"})}}}
	}
	h.cfg++
	cfg := fuzzConfig(h.cfg)
	cfg.Agents = cfg.Agents[:rapid.IntRange(1, 3).Draw(h.t, "agents")]
	return callmodel.ConfigLoaded{Config: cfg}
}
