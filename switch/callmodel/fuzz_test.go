package callmodel_test

import (
	"bytes"
	"testing"
	"time"

	"strowger/switch/callmodel"
)

func fuzzConfig(version uint64) *callmodel.Config {
	return &callmodel.Config{
		Version: version, CTI: callmodel.CTIConfig{MultiSession: version%2 == 0},
		Queues: []callmodel.QueueConfig{
			{ID: "q1", Number: 1, Address: "801", RingTimeout: 5 * time.Second, WrapUp: 3 * time.Second, Answer: callmodel.AnswerTreatment},
			{ID: "q2", Number: 2, Address: "802", RingTimeout: 5 * time.Second, Answer: callmodel.AnswerAgent, MaxWaiting: 2, Priority: 1},
		},
		Agents: []callmodel.AgentConfig{
			{ID: "a1", Number: 1, Line: "101", Queues: []callmodel.QueueID{"q1", "q2"}, Station: callmodel.Station{Endpoint: "p1", Mode: callmodel.Handset}},
			{ID: "a2", Number: 2, Line: "102", Queues: []callmodel.QueueID{"q1", "q2"}, Station: callmodel.Station{Endpoint: "p2", Mode: callmodel.CallOnAccept, AcceptTimeout: 2 * time.Second}},
			{ID: "a3", Number: 3, Line: "103", Queues: []callmodel.QueueID{"q2"}, Station: callmodel.Station{Endpoint: "p3", Mode: callmodel.Handset}},
		},
	}
}

func testCall(n byte) callmodel.CallID { return callmodel.CallID{ID: callmodel.ID{5: 1, 15: n}} }

// busyState is a switch with one call talking, one offered and one waiting.
func busyState() (*callmodel.State, []callmodel.Input) {
	ins := []callmodel.Input{
		callmodel.WallClock{UnixMicro: 1_700_000_000_000_000},
		callmodel.ConfigLoaded{Config: fuzzConfig(1)},
		callmodel.Resync{Node: "n", Epoch: "1", Fresh: true},
		callmodel.ChannelArrived{Node: "n", Channel: "c1", Call: testCall(1), Dialled: "801", Caller: "5001"},
		callmodel.SetAgentState{Agent: "a2", State: callmodel.Ready},
		callmodel.ChannelArrived{Node: "n", Channel: "c2", Call: testCall(2), Dialled: "802", Caller: "5002"},
		callmodel.ChannelArrived{Node: "n", Channel: "c3", Call: testCall(3), Dialled: "802", Caller: "5003"},
		callmodel.SetAgentState{Agent: "a1", State: callmodel.Ready},
		callmodel.ChannelUp{Node: "n", Channel: "c1"},
	}
	s := callmodel.New(router{})
	for i, in := range ins {
		out := s.Step(callmodel.Instant(i+1), in)
		for _, e := range out.Effects {
			if o, ok := e.(callmodel.Originate); ok {
				s.Step(callmodel.Instant(i+1), callmodel.ChannelUp{Node: "n", Channel: o.Channel})
			}
		}
	}
	return s, ins
}

func FuzzDecodeInput(f *testing.F) {
	_, ins := busyState()
	for _, in := range ins {
		b, err := callmodel.EncodeInput(in)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(in.Tag(), b)
	}
	for _, tag := range callmodel.InputTags() {
		f.Add(tag, []byte(`{}`))
		f.Add(tag, []byte(`null`))
	}
	f.Add("resync", []byte(`{"node":"n","channels":[{"channel":"c9","leg":5,"inbound":true}],"bridges":[{"bridge":"sw-b-x","channels":["c9",""]}]}`))
	f.Add("effect-done", []byte(`{"what":"join","call":"00000000400000000000000001","outcome":2,"gone":true}`))
	f.Add("nonsense", []byte(`{}`))
	f.Fuzz(func(t *testing.T, tag string, body []byte) {
		in, err := callmodel.DecodeInput(tag, body)
		if err != nil {
			return
		}
		first, err := callmodel.EncodeInput(in)
		if err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v", err)
		}
		again, err := callmodel.DecodeInput(tag, first)
		if err != nil {
			t.Fatalf("what was encoded cannot be decoded: %v: %s", err, first)
		}
		second, err := callmodel.EncodeInput(again)
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("round trip changes the input (%v):\n%s\n%s", err, first, second)
		}
		s, _ := busyState()
		s.Step(100, in)
		s.Step(101, again)
		if err := s.CheckIndexes(); err != nil {
			t.Fatalf("after %s %s: %v", tag, body, err)
		}
	})
}

func FuzzParseID(f *testing.F) {
	for _, s := range []string{"", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01arz3ndektsv4rrffq69g5fav", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "0123456789abcdefABCDEF0123456789", "\xff\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := callmodel.ParseID(s)
		if err != nil {
			return
		}
		for _, text := range []string{id.String(), id.Hex()} {
			if got, err := callmodel.ParseID(text); err != nil || got != id {
				t.Fatalf("%q is %x, and its text %q is %x (%v)", s, id, text, got, err)
			}
		}
	})
}

func FuzzRestore(f *testing.F) {
	s, _ := busyState()
	b, err := s.Freeze().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	for _, s := range []string{
		``, `null`, `{}`, `{"format":1}`, `{"format":99}`, `{"format":1,"calls":[{}]}`, `{"format":1,"calls":[null]}`, `{"format":1,"agents":[null]}`,
		`{"format":1,"queues":[null]}`, `{"format":1,"configs":[null]}`, `{"format":1,"calls":[{"conns":[{}]}],"timers":[{}],"tombs":[{"channel":"x","at":1}]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := callmodel.Restore(router{}, data)
		if err != nil {
			return
		}
		first, err := s.Freeze().Encode()
		if err != nil {
			t.Fatalf("what was restored cannot be frozen: %v", err)
		}
		again, err := callmodel.Restore(router{}, first)
		if err != nil {
			t.Fatalf("what was frozen cannot be restored: %v\n%s", err, first)
		}
		if second, err := again.Freeze().Encode(); err != nil || !bytes.Equal(first, second) {
			t.Fatalf("snapshot, restored, is another (%v):\n%s\n%s", err, first, second)
		}
	})
}
