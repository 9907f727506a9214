package mutants

// mirrorMutants are the guards of mirrored queues (ADR 0022).
var mirrorMutants = []Mutant{
	{
		Name: "calls-of-app-queue-take-no-orders", Faults: []int{22}, File: "switch/callmodel/mirror_refuse.go",
		Old: `if c := s.mirror.calls[id]; c != nil {`, New: `if c := s.mirror.calls[id]; c != nil && c.ID.IsZero() {`,
		Pkg: "./switch/callmodel", Test: "Test(Scenarios|Mirror)",
	},
	{
		Name: "queues-of-app-queue-take-no-orders", Faults: []int{22}, File: "switch/callmodel/mirror_refuse.go",
		Old: `if q := s.mirror.queues[id]; q != nil {`, New: `if q := s.mirror.queues[id]; q != nil && q.ID == "" {`,
		Pkg: "./switch/callmodel", Test: "Test(Scenarios|Mirror)",
	},
	{
		Name: "who-is-elsewhere-is-not-offered", Faults: []int{48}, File: "switch/acd/eligible.go",
		Old: `if c.Agent.Elsewhere != "" {`, New: `if c.Agent.Elsewhere == "nobody" {`,
		Pkg: "./switch/acd", Test: "Test.*",
	},
	{
		Name: "our-offer-gives-way", Faults: []int{48}, File: "switch/callmodel/step_mirror_listing.go",
		Old: `p != nil && p.offered() {`, New: `p != nil && p.offered() && p.ID.IsZero() {`,
		Pkg: "./switch/callmodel", Test: "Test(Scenarios|Mirror)",
	},
	{
		Name: "agents-do-not-starve-without-ami", Faults: []int{22}, File: "switch/callmodel/step_mirror.go",
		Old: `n.Doubted = true`, New: `n.Doubted = false`,
		Pkg: "./switch/callmodel", Test: "Test(Scenarios|Mirror)",
	},
	{
		Name: "a-talk-out-of-sight-keeps-its-phone", Faults: []int{22}, File: "switch/callmodel/step_mirror.go",
		Old: `mirrorGrace = time.Minute`, New: `mirrorGrace = time.Second`,
		Pkg: "./switch/callmodel", Test: "Test(Scenarios|Mirror)",
	},
	{
		Name: "whole-seconds-are-the-same-wait", Faults: []int{22}, File: "switch/callmodel/step_mirror.go",
		Old: `mirrorSame = 3 * time.Second`, New: `mirrorSame = 0`,
		Pkg: "./switch/callmodel", Test: "Test(Scenarios|Mirror)",
	},
	{
		Name: "who-is-missing-is-looked-for", Faults: []int{17, 22}, File: "switch/callmodel/step_mirror.go",
		Old: `mirrorSettle = 2 * time.Second`, New: `mirrorSettle = 0`,
		Pkg: "./switch/callmodel", Test: "Test(Scenarios|Mirror)",
	},
	{
		Name: "legs-of-ours-are-not-theirs", Faults: []int{49}, File: "switch/callmodel/step_mirror_caller.go",
		Old: "	if !ours {\n		return true\n", New: "	if ref.call.IsZero() || ours {\n		return true\n",
		Pkg: "./switch/callmodel", Test: "Test(Scenarios|Mirror)",
	},
	{
		Name: "who-comes-to-us-is-no-longer-theirs", Faults: []int{49}, File: "switch/callmodel/step_mirror_caller.go",
		Old: `s.mirrorOver(c, OutcomeMoved, "has come to us")`, New: `_ = c`,
		Pkg: "./switch/callmodel", Test: "Test(Scenarios|Mirror)",
	},
	{
		Name: "quiet-hours-leave-the-journal-alone", Faults: []int{39}, File: "ari/queues/resync.go",
		Old: `if silent && same && known {`, New: `if silent && !same && same && known {`,
		Pkg: "./ari/queues", Test: "Test.*",
	},
	{
		Name: "missing-rights-are-told", Faults: []int{22}, File: "ari/queues/resync.go",
		Old: "		in.Waiters = true\n", New: "",
		Pkg: "./ari/queues", Test: "TestFewRights",
	},
}
