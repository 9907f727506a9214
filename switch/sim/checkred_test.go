package sim

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/switch/acd"
	"strowger/switch/callmodel"
)

// scene is a sound picture: call 1 talks, call 2 is offered, call 3 and 4 wait.
type scene struct {
	k      *checker
	v      *callmodel.View
	timers []callmodel.Timer
	out    callmodel.Output
}

func newScene(t *testing.T) *scene {
	t.Helper()
	st := callmodel.New(acd.Router{})
	sc := &scene{k: newChecker()}
	now := callmodel.Instant(1)
	step := func(in callmodel.Input) {
		now = now.Add(time.Second / 10)
		sc.out = st.Step(now, in)
		sc.v, sc.timers = st.View(), st.Timers()
		if err := sc.k.step(in, sc.out, sc.v, sc.timers); err != nil {
			t.Fatalf("a sound run is called broken: %v", err)
		}
		for _, e := range sc.out.Effects {
			if o, ok := e.(callmodel.Originate); ok && len(sc.v.Calls) == 1 {
				sc.out = st.Step(now, callmodel.ChannelUp{Node: "n", Channel: o.Channel})
				if err := sc.k.step(callmodel.ChannelUp{}, sc.out, st.View(), st.Timers()); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	step(callmodel.ConfigLoaded{Config: &callmodel.Config{
		Version:   1,
		Queues:    []callmodel.QueueConfig{{ID: "q1", Number: 1, Address: "801", RingTimeout: time.Minute, WrapUp: time.Second}, {ID: "q2", Number: 2, Address: "802", RingTimeout: time.Minute}},
		Campaigns: []callmodel.CampaignConfig{{ID: "spring", Number: 1, Queue: "q1"}},
		Agents: []callmodel.AgentConfig{
			{ID: "a1", Number: 1, Line: "1", Queues: []callmodel.QueueID{"q1"}, Station: callmodel.Station{Endpoint: "p1", Mode: callmodel.Handset}},
			{ID: "a2", Number: 2, Line: "2", Queues: []callmodel.QueueID{"q1"}, Station: callmodel.Station{Endpoint: "p2", Mode: callmodel.Handset}},
			{ID: "a3", Number: 3, Line: "3", Queues: []callmodel.QueueID{"q2"}, Station: callmodel.Station{Endpoint: "p3", Mode: callmodel.Handset}},
		},
	}})
	step(callmodel.Resync{Node: "n", Epoch: "1", Fresh: true})
	step(callmodel.SetAgentState{Agent: "a1", State: callmodel.Ready})
	for i := byte(1); i <= 4; i++ {
		step(callmodel.ChannelArrived{Node: "n", Channel: callmodel.ChannelID("c" + string('0'+rune(i))), Call: callmodel.CallID{ID: callmodel.ID{15: i}}, Dialled: "801", Caller: "5"})
		if i == 1 {
			step(callmodel.SetAgentState{Agent: "a2", State: callmodel.Ready})
		}
	}
	sc.unshare()
	if p := []callmodel.Phase{sc.call(1).Phase, sc.call(2).Phase, sc.call(3).Phase}; !slices.Equal(p, []callmodel.Phase{callmodel.PhaseTalking, callmodel.PhaseOffered, callmodel.PhaseWaiting}) {
		t.Fatalf("the scene is not as planned: %v", p)
	}
	return sc
}

// unshare makes the picture changeable.
func (s *scene) unshare() {
	for i, c := range s.v.Calls {
		n := *c
		n.Conns = slices.Clone(c.Conns)
		s.v.Calls[i] = &n
	}
	for i, a := range s.v.Agents {
		n := *a
		s.v.Agents[i] = &n
	}
	for i, q := range s.v.Queues {
		n := *q
		n.Waiting = slices.Clone(q.Waiting)
		s.v.Queues[i] = &n
	}
}

func (s *scene) call(n int) *callmodel.Call          { return s.v.Calls[n-1] }
func (s *scene) agent(n int) *callmodel.Agent        { return s.v.Agents[n-1] }
func (s *scene) queue(n int) *callmodel.Queue        { return s.v.Queues[n-1] }
func (s *scene) conn(n, i int) *callmodel.Connection { return &s.call(n).Conns[i] }
func (s *scene) event(k callmodel.EventKind, n, i int) { // as if Step had given it
	c := s.call(n)
	c.Seq += 100
	s.v.Events++
	s.out.Events = append(s.out.Events, callmodel.Event{Kind: k, Call: c, Conn: c.Conns[i].ID})
}

var otherConn = callmodel.ConnID{ID: callmodel.ID{9}}

// eventPlants break the rules about events and effects.
func eventPlants() map[string]func(*scene) {
	return map[string]func(*scene){
		"event numbers contiguous": func(s *scene) { s.v.Events++ },
		"effect ids grow": func(s *scene) {
			s.out.Effects = []callmodel.Effect{callmodel.Ring{EffectHead: callmodel.EffectHead{ID: 1, Node: "n"}, Channel: "c1"}}
		},
		"effect has a node": func(s *scene) {
			s.out.Effects = []callmodel.Effect{callmodel.Ring{EffectHead: callmodel.EffectHead{ID: 99}, Channel: "c1"}}
		},
		"effect names a leg": func(s *scene) {
			s.out.Effects = []callmodel.Effect{callmodel.Ring{EffectHead: callmodel.EffectHead{ID: 99, Node: "n"}}}
		},
		"originate once": func(s *scene) {
			s.out.Effects = []callmodel.Effect{callmodel.Originate{EffectHead: callmodel.EffectHead{ID: 99, Node: "n"}, Channel: s.conn(2, 1).Channel}}
		},
		"nothing after CallEnded":        func(s *scene) { s.k.ended[s.call(1).ID] = true; s.event(callmodel.EvHeld, 1, 1) },
		"CallStarted first and once":     func(s *scene) { s.event(callmodel.EvCallStarted, 3, 0) },
		"sequence grows":                 func(s *scene) { s.event(callmodel.EvQueued, 3, 0); s.call(3).Seq = 1 },
		"event legal for the connection": func(s *scene) { s.event(callmodel.EvRetrieved, 1, 1) },
		"event shows its state":          func(s *scene) { s.event(callmodel.EvHeld, 1, 1) },
		"queued call waits":              func(s *scene) { s.call(3).Phase = callmodel.PhaseOffered; s.event(callmodel.EvQueued, 3, 0) },
		"every connection is cleared once": func(s *scene) {
			s.conn(3, 0).State = callmodel.Ended
			s.k.conns[s.conn(3, 0).ID].cleared = 1
			s.event(callmodel.EvCleared, 3, 0)
		},
		"wrap-up ends once": func(s *scene) {
			c := s.conn(1, 1)
			c.State = callmodel.Ended
			s.k.conns[c.ID].state = callmodel.Ended
			s.event(callmodel.EvWrapUpEnded, 1, 1)
		},
		"call event names a connection": func(s *scene) { s.event(callmodel.EvHeld, 1, 1); s.out.Events[len(s.out.Events)-1].Conn = otherConn },
		"ended call is over and has an outcome": func(s *scene) {
			c := s.conn(3, 0)
			c.State, c.Leg = callmodel.Ended, callmodel.LegGone
			s.k.conns[c.ID].cleared = 1
			s.event(callmodel.EvCallEnded, 3, 0)
		},
		"nothing left at CallEnded": func(s *scene) {
			s.conn(3, 0).State = callmodel.Ended
			s.k.conns[s.conn(3, 0).ID].cleared = 1
			s.event(callmodel.EvCallEnded, 3, 0)
		},
	}
}

// statePlants break the rules about the picture after a step.
func statePlants() map[string]func(*scene) {
	return map[string]func(*scene){
		"the caller is first":             func(s *scene) { s.conn(3, 0).Role = callmodel.RoleAgent },
		"connection ids are unique":       func(s *scene) { s.conn(3, 0).ID = s.conn(4, 0).ID },
		"a leg belongs to one connection": func(s *scene) { s.conn(3, 0).Channel = "c4" },
		"only a live leg is in a bridge":  func(s *scene) { s.conn(3, 0).Leg = callmodel.LegGone; s.conn(3, 0).InBridge = true },
		"who talks has an answered leg":   func(s *scene) { s.conn(1, 1).Leg = callmodel.LegRinging },
		"a Call-ID is the leg's own":      func(s *scene) { s.conn(2, 1).SIPCallID = "another@sim" },
		"nobody is in a call twice": func(s *scene) {
			again := *s.conn(1, 1)
			again.ID, again.Number, again.Channel, again.Leg = callmodel.ConnID{ID: callmodel.ID{9}}, 99, "", callmodel.LegNone
			s.call(1).Conns = append(s.call(1).Conns, again)
		},
		"only callers queue":          func(s *scene) { s.conn(2, 1).State = callmodel.Queued },
		"a wish needs a conversation": func(s *scene) { s.conn(2, 1).Wanted = callmodel.Hold },
		"a finished call is forgotten": func(s *scene) {
			s.conn(3, 0).State, s.conn(3, 0).Leg, s.call(3).Phase = callmodel.Ended, callmodel.LegGone, callmodel.PhaseOver
		},
		"phase fits the connections":        func(s *scene) { s.call(2).Phase = callmodel.PhaseWaiting },
		"caller fits the phase":             func(s *scene) { s.conn(1, 0).State = callmodel.Queued },
		"agent knows the connection":        func(s *scene) { s.agent(1).Items = nil },
		"busy means a connection":           func(s *scene) { s.agent(3).State = callmodel.OnCall },
		"agent's call lives":                func(s *scene) { s.agent(1).Call = callmodel.CallID{ID: callmodel.ID{7}} },
		"agent's state fits the connection": func(s *scene) { s.agent(1).State = callmodel.Reserved },
		"no offer of a queue that is signed out of": func(s *scene) {
			s.agent(2).Off = []callmodel.QueueID{"q1"}
		},
		"who stands in a queue waits":      func(s *scene) { s.queue(1).Waiting = append(s.queue(1).Waiting, s.call(2).ID) },
		"one place per call":               func(s *scene) { s.queue(1).Waiting = append(s.queue(1).Waiting, s.call(4).ID) },
		"queue in order":                   func(s *scene) { slices.Reverse(s.queue(1).Waiting) },
		"who waits stands in a queue":      func(s *scene) { s.queue(1).Waiting = s.queue(1).Waiting[:1] },
		"no timer without an owner":        func(s *scene) { s.timers[0].Key.Call = callmodel.CallID{ID: callmodel.ID{7}} },
		"every offer ends":                 func(s *scene) { s.timers = nil },
		"live call was told":               func(s *scene) { delete(s.k.calls, s.call(3).ID) },
		"call ends with CallEnded":         func(s *scene) { s.k.calls[callmodel.CallID{ID: callmodel.ID{7}}] = &callTrace{} },
		"no silent change of a connection": func(s *scene) { s.conn(1, 1).State, s.conn(1, 1).ByPhone = callmodel.Hold, true },
		"no silent change of an agent":     func(s *scene) { s.agent(3).State = callmodel.NotReady },
		"a call put off is tried again":    func(s *scene) { s.call(3).RetryAt = s.v.Now + 1 },
		"what has left Step is immutable":  func(s *scene) { s.k.kept[len(s.k.kept)-1].live.Conns[0].Device = "other" },
		"nobody waits for a ready agent": func(s *scene) {
			s.agent(3).State = callmodel.Ready
			told := s.k.agents["a3"]
			told.State, told.ID = callmodel.Ready, "a3"
			s.k.agents["a3"] = told
			for _, c := range s.v.Calls[2:] {
				c.Queue = "q2"
			}
			s.queue(1).Waiting, s.queue(2).Waiting = nil, s.queue(1).Waiting
		},
	}
}

// TestCheckersAreRed plants one fault per rule and demands that its rule, and
// no other, names it.
func TestCheckersAreRed(t *testing.T) {
	t.Parallel()
	plants := eventPlants()
	maps.Copy(plants, statePlants())
	maps.Copy(plants, keepPlants())
	maps.Copy(plants, sessionPlants())
	maps.Copy(plants, orderPlants())
	maps.Copy(plants, passcodePlants())
	maps.Copy(plants, dialPlants())
	for rule, plant := range plants {
		sc := newScene(t)
		sc.out = callmodel.Output{}
		plant(sc)
		err := sc.k.step(callmodel.WallClock{}, sc.out, sc.v, sc.timers)
		if err == nil || !strings.Contains(err.Error(), `"`+rule+`"`) {
			t.Errorf("planted a break of %q, got %v", rule, err)
		}
	}
	sound := newScene(t)
	if err := sound.k.step(callmodel.WallClock{}, callmodel.Output{}, sound.v, sound.timers); err != nil {
		t.Errorf("the scene without a fault: %v", err)
	}
}

// TestTruthIsRed plants what the exchange may hold against the model.
func TestTruthIsRed(t *testing.T) {
	t.Parallel()
	good := func(s *scene) Inventory {
		var inv Inventory
		bridge := s.call(1).Bridge
		for _, c := range s.v.Calls {
			if c.BridgeUp {
				inv.Bridges = append(inv.Bridges, Bridge{ID: c.Bridge})
			}
			in := &inv.Bridges[len(inv.Bridges)-1]
			for i := range c.Conns {
				p := &c.Conns[i]
				l := Leg{Channel: p.Channel, State: p.Leg, Music: p.Music}
				if c.Phase == callmodel.PhaseTalking {
					p.Leg, p.InBridge = callmodel.LegUp, true
					l.State, l.Bridge = callmodel.LegUp, bridge
					in.Members = append(in.Members, l.Channel)
				}
				if p.Leg == callmodel.LegAsked {
					l.State = callmodel.LegDown
				}
				inv.Legs = append(inv.Legs, l)
			}
		}
		return inv
	}
	if s := newScene(t); checkTrue(s.v, good(s)) != nil {
		t.Fatalf("a true picture is called false: %v", checkTrue(s.v, good(s)))
	}
	plants := map[string]func(*scene, *Inventory){
		"true: legs":               func(_ *scene, v *Inventory) { v.Legs = v.Legs[1:] },
		"true: bridges":            func(_ *scene, v *Inventory) { v.Legs[0].Bridge = "" },
		"true: no orphan leg":      func(_ *scene, v *Inventory) { v.Legs = append(v.Legs, Leg{Channel: "x"}) },
		"true: no orphan bridge":   func(_ *scene, v *Inventory) { v.Bridges = append(v.Bridges, Bridge{ID: "x"}) },
		"true: who talks is heard": func(_ *scene, v *Inventory) { v.Legs[0].Muted = true },
		"true: music":              func(_ *scene, v *Inventory) { v.Legs[len(v.Legs)-1].Music = true },
		"true: hold":               func(_ *scene, v *Inventory) { v.Legs[0].Music = true },
	}
	for rule, plant := range plants {
		s := newScene(t)
		inv := good(s)
		plant(s, &inv)
		if err := checkTrue(s.v, inv); err == nil || !strings.Contains(err.Error(), `"`+rule+`"`) {
			t.Errorf("planted a break of %q, got %v", rule, err)
		}
	}
}

// TestQuietIsRed plants what may be left over.
func TestQuietIsRed(t *testing.T) {
	t.Parallel()
	plants := map[string]func(*callmodel.View, *[]callmodel.Timer, *Inventory){
		"quiet: no calls":       func(v *callmodel.View, _ *[]callmodel.Timer, _ *Inventory) { v.Calls = []*callmodel.Call{{}} },
		"quiet: exchange empty": func(_ *callmodel.View, _ *[]callmodel.Timer, i *Inventory) { i.Bridges = []Bridge{{ID: "b"}} },
		"quiet: no timers":      func(_ *callmodel.View, ts *[]callmodel.Timer, _ *Inventory) { *ts = []callmodel.Timer{{}} },
		"quiet: agents free": func(v *callmodel.View, _ *[]callmodel.Timer, _ *Inventory) {
			v.Agents = []*callmodel.Agent{{State: callmodel.OnCall}}
		},
		"quiet: queues empty": func(v *callmodel.View, _ *[]callmodel.Timer, _ *Inventory) {
			v.Queues = []*callmodel.Queue{{Waiting: make([]callmodel.CallID, 1)}}
		},
	}
	for rule, plant := range plants {
		v, ts, inv := &callmodel.View{}, []callmodel.Timer(nil), Inventory{}
		if err := checkQuiet(v, ts, inv); err != nil {
			t.Fatalf("an empty picture: %v", err)
		}
		plant(v, &ts, &inv)
		if err := checkQuiet(v, ts, inv); err == nil || !strings.Contains(err.Error(), `"`+rule+`"`) {
			t.Errorf("planted a break of %q, got %v", rule, err)
		}
	}
}

// TestReplayIsRed: a journal with a changed input, and one with a changed
// hash, are noticed; so is a state that differs.
func TestReplayIsRed(t *testing.T) {
	t.Parallel()
	for what, spoil := range map[string]func(*harness){
		"hash":  func(h *harness) { h.journal[len(h.journal)/2].hash++ },
		"input": func(h *harness) { h.journal = slices.Delete(h.journal, 1, 2) },
	} {
		h := runSeed(12)
		if h.err != nil {
			t.Fatal(h.report())
		}
		if _, err := h.replay(true); err != nil {
			t.Fatalf("a sound journal: %v", err)
		}
		spoil(h)
		if _, err := h.replay(true); err == nil {
			t.Errorf("a journal with another %s went unnoticed", what)
		}
		if err := h.sameState("planted", callmodel.New(acd.Router{})); err == nil {
			t.Error("another state went unnoticed")
		}
	}
}
