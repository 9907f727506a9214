package callmodel_test

import (
	"fmt"
	"testing"

	"strowger/switch/callmodel"
)

// BenchmarkDial is a customer who is dialled and does not answer, while 1,500
// others are being called.
func BenchmarkDial(b *testing.B) {
	cfg := dialConfig(1)
	cfg.Trunks[0].MaxCalls = 2000
	s := callmodel.New(router{})
	s.Step(1, callmodel.ConfigLoaded{Config: cfg})
	s.Step(1, callmodel.Resync{Node: "n", Epoch: "1", Fresh: true})
	id := func(n int) callmodel.CallID {
		return callmodel.CallID{ID: callmodel.ID{5: 1, 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}}
	}
	dial := func(n int) callmodel.Output {
		return s.Step(s.Now()+1, callmodel.Dial{Call: id(n), Campaign: "plain", List: "l", Lead: fmt.Sprint(n), Number: fmt.Sprintf("+49301%07d", n), Mode: callmodel.DialPredictive})
	}
	for n := range 1500 {
		if out := dial(n + 1); out.Fault != nil {
			b.Fatal(out.Fault)
		}
	}
	n := 2000
	for b.Loop() {
		n++
		out := dial(n)
		if out.Fault != nil {
			b.Fatal(out.Fault)
		}
		o, _ := out.Effects[0].(callmodel.Originate)
		s.Step(s.Now()+1, callmodel.ChannelGone{Channel: o.Channel, Cause: callmodel.CauseBusy, TechCause: 486})
	}
}
