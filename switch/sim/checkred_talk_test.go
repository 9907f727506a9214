package sim

import (
	"slices"
	"strings"
	"testing"

	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// keepPlants break the rules about what must be kept, and about who waits.
func keepPlants() map[string]func(*scene) {
	callback := callmodel.CallbackID{ID: callmodel.ID{5}}
	return map[string]func(*scene){
		"one offer per agent": func(s *scene) {
			c := s.call(3)
			p := *s.conn(2, 1)
			p.ID, p.Channel, p.Leg = otherConn, "", callmodel.LegNone
			c.Phase, c.Conns = callmodel.PhaseOffered, append(c.Conns, p)
		},
		"one live attempt per callback": func(s *scene) {
			for _, n := range []int{3, 4} {
				s.call(n).Kind, s.call(n).Callback, s.conn(n, 0).Role = callmodel.KindCallback, callback, callmodel.RoleParty
			}
		},
		"a callback knows its attempt": func(s *scene) {
			s.call(3).Kind, s.call(3).Callback, s.conn(3, 0).Role = callmodel.KindCallback, callback, callmodel.RoleParty
			s.v.Callbacks = []*callmodel.Callback{{ID: callback, State: callmodel.CallbackWaiting}}
		},
		"attached data survive": func(s *scene) {
			s.k.data[s.call(1).ID] = []callmodel.AttachedData{{App: "crm", Data: "<n/>"}}
		},
		"every wait ends": func(s *scene) {
			s.call(3).Phase = callmodel.PhaseRouting
			s.queue(1).Waiting = slices.DeleteFunc(s.queue(1).Waiting, func(id callmodel.CallID) bool { return id == s.call(3).ID })
		},
	}
}

// TestSecretIsRed: a digit of a secret collection in an input is noticed, and
// so is a whole entry, wherever it stands.
func TestSecretIsRed(t *testing.T) {
	t.Parallel()
	k := newChecker()
	open := callmodel.Collect{EffectHead: callmodel.EffectHead{ID: 1, Node: "n"}, Channel: "c1", Collect: 7, Secret: true}
	if err := k.order(open, k.effect); err != nil {
		t.Fatal(err)
	}
	red := func(what string, err error, want bool) {
		t.Helper()
		if (err != nil) != want {
			t.Errorf("%s: %v", what, err)
		}
	}
	red("its digit", k.input(callmodel.DigitReceived{Channel: "c1", Collect: 7, Digit: "3"}, nil), true)
	red("its length", k.input(callmodel.DigitSecret{Channel: "c1", Collect: 7, Count: 3}, nil), false)
	red("another leg's digit", k.input(callmodel.DigitReceived{Channel: "c2", Collect: 7, Digit: "3"}, nil), false)
	k.secrets = []string{"71234567"}
	red("an entry in an input", k.input(callmodel.WallClock{}, []byte(`{"reason":"71234567"}`)), true)
	red("an input without it", k.input(callmodel.WallClock{}, []byte(`{"reason":"71234568"}`)), false)
	open.ID, open.Secret = 2, false
	if err := k.order(open, k.effect); err != nil {
		t.Fatal(err)
	}
	red("a digit of a plain collection", k.input(callmodel.DigitReceived{Channel: "c1", Collect: 7, Digit: "3"}, nil), false)
}

// TestVerdictIsRed plants what a verdict may do wrong.
func TestVerdictIsRed(t *testing.T) {
	t.Parallel()
	reason := fault.New(fault.Conflict, "hold", "", "not possible while the connection is queued")
	type plant struct {
		in     callmodel.Input
		out    callmodel.Output
		change func(*picture)
	}
	hold := func(s *scene, n, i int) callmodel.Input { return callmodel.HoldCall{Conn: s.conn(n, i).ID} }
	plants := map[string]func(*scene) plant{
		"the capability table decides": func(s *scene) plant { return plant{in: hold(s, 3, 0)} },
		"a refusal gives its reason": func(s *scene) plant {
			return plant{in: hold(s, 3, 0), out: callmodel.Output{Fault: fault.New(fault.Conflict, "hold", "", "")}}
		},
		"only commands are refused": func(*scene) plant { return plant{in: callmodel.WallClock{}, out: callmodel.Output{Fault: reason}} },
		"a refused command changes nothing": func(s *scene) plant {
			return plant{in: hold(s, 3, 0), out: callmodel.Output{Fault: reason}, change: func(p *picture) {
				v := *p.view
				v.Calls = slices.Clone(v.Calls)
				c := *v.Calls[0]
				v.Calls[0] = &c
				p.view = &v
			}}
		},
		"a logout without wrap-up leaves none": func(s *scene) plant {
			s.conn(1, 1).Processing = callmodel.WrapUp
			return plant{in: callmodel.SetAgentState{Agent: s.conn(1, 1).Agent, State: callmodel.LoggedOut, SkipWrapUp: true}}
		},
		"data travel with the call": func(s *scene) plant {
			s.call(1).Attached = []callmodel.AttachedData{{App: "crm", Data: "old"}}
			return plant{in: callmodel.BlindTransfer{Conn: s.conn(1, 1).ID, Data: []callmodel.AttachedData{{App: "crm", Data: "new"}}}}
		},
		// A second form of the first rule: the set has it, and the refusal says that it has not.
		"the capability table decides ": func(s *scene) plant { return plant{in: hold(s, 1, 1), out: callmodel.Output{Fault: reason}} },
	}
	for rule, make := range plants {
		s := newScene(t)
		p := make(s)
		before := picture{view: s.v, timers: s.timers}
		after := before
		if p.change != nil {
			p.change(&after)
		}
		err := s.k.verdict(p.in, p.out, before, after)
		if err == nil || !strings.Contains(err.Error(), `"`+strings.TrimSpace(rule)+`"`) {
			t.Errorf("planted a break of %q, got %v", rule, err)
		}
	}
	s := newScene(t)
	pic := picture{view: s.v, timers: s.timers}
	for _, sound := range []plant{{in: hold(s, 1, 1)}, {in: hold(s, 3, 0), out: callmodel.Output{Fault: reason}}} {
		if err := s.k.verdict(sound.in, sound.out, pic, pic); err != nil {
			t.Errorf("a sound verdict: %v", err)
		}
	}
}

// TestHearingIsRed plants what people may hear against the model.
func TestHearingIsRed(t *testing.T) {
	t.Parallel()
	talk := func(t *testing.T) (*scene, Inventory) {
		s := newScene(t)
		var inv Inventory
		b := Bridge{ID: s.call(1).Bridge}
		for i := range s.call(1).Conns {
			p := s.conn(1, i)
			p.Leg, p.State = callmodel.LegUp, callmodel.Connected
			inv.Legs = append(inv.Legs, Leg{Channel: p.Channel, State: callmodel.LegUp, Bridge: b.ID})
			b.Members = append(b.Members, p.Channel)
		}
		inv.Bridges = []Bridge{b}
		s.v.Calls = s.v.Calls[:1]
		return s, inv
	}
	if s, inv := talk(t); checkHearing(s.v, inv) != nil {
		t.Fatalf("a sound talk: %v", checkHearing(s.v, inv))
	}
	plants := map[string]func(*scene, *Inventory){
		"true: who talks is heard": func(_ *scene, v *Inventory) { v.Legs[0].Muted = true },
		"true: nobody else is heard": func(_ *scene, v *Inventory) {
			v.Legs = append(v.Legs, Leg{Channel: "x", State: callmodel.LegUp, Bridge: v.Bridges[0].ID})
			v.Bridges[0].Members = append(v.Bridges[0].Members, "x")
		},
		"true: who is held hears nobody": func(s *scene, _ *Inventory) { s.conn(1, 0).State, s.conn(1, 1).State = callmodel.Held, callmodel.Hold },
		"true: who holds hears nobody":   func(s *scene, _ *Inventory) { s.conn(1, 0).State = callmodel.Hold },
		"true: nobody is left alone": func(s *scene, v *Inventory) {
			s.conn(1, 1).State, s.conn(1, 1).Leg = callmodel.Ended, callmodel.LegGone
			v.Legs, v.Bridges[0].Members = v.Legs[:1], v.Bridges[0].Members[:1]
		},
	}
	for rule, plant := range plants {
		s, inv := talk(t)
		plant(s, &inv)
		if err := checkHearing(s.v, inv); err == nil || !strings.Contains(err.Error(), `"`+rule+`"`) {
			t.Errorf("planted a break of %q, got %v", rule, err)
		}
	}
}
