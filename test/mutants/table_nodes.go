package mutants

// nodeMutants are the guards of several telephony servers (ADR 0019).
var nodeMutants = []Mutant{
	{
		Name: "no-witness-no-verdict", Faults: []int{9, 13}, File: "switch/callmodel/step_node.go",
		Old: `return witnesses > 0`, New: `return witnesses >= 0`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "who-is-seen-lives", Faults: []int{13, 14}, File: "switch/callmodel/step_node.go",
		Old: `!known || online {`, New: `!known && online {`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "a-server-is-given-time", Faults: []int{9, 11}, File: "switch/callmodel/step_node.go",
		Old: `Due: s.now.Add(lostGrace)`, New: `Due: s.now`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "calls-of-a-dead-server-end", Faults: []int{9}, File: "switch/callmodel/step_node.go",
		Old: "		s.endLegsAt(id)\n", New: "",
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "legs-through-a-dead-server-end", Faults: []int{9}, File: "switch/callmodel/step_node.go",
		Old: "		s.endLegsVia(id)\n", New: "",
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "the-others-clear-its-calls", Faults: []int{9}, File: "switch/callmodel/step_node.go",
		Old: `s.do(ClearPeer{EffectHead: EffectHead{ID: s.counters.Effect, Node: other}, Peer: id})`,
		New: `_ = ClearPeer{EffectHead: EffectHead{ID: s.counters.Effect, Node: other}, Peer: id}`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "a-server-without-its-name-is-refused", Faults: []int{8}, File: "ari/link/peers.go",
		Old: `if len(l.opt.Peers) == 0 ||`, New: `if len(l.opt.Peers) > 0 ||`,
		Pkg: "./ari/link", Test: "TestServerWithoutItsName",
	},
	{
		Name: "durations-ignore-the-calendar", Faults: []int{42}, File: "switch/engine/engine.go",
		Old: `return e.base.Add(e.cfg.Clock.Now().Sub(e.origin))`, New: `return e.base.Add(e.cfg.Clock.Now().Round(0).Sub(e.origin))`,
		Pkg: "./switch/engine", Test: "TestSteppedClock",
	},
}
