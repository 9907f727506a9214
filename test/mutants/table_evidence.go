package mutants

// evidenceMutants are the guards of what is known after a loss of contact.
var evidenceMutants = []Mutant{
	{
		Name: "known-calls-are-not-missed-calls", Faults: []int{1, 6, 13}, File: "switch/callmodel/step_evidence.go",
		Old: `!known && !s.tombs.has(m.Channel) && s.calls[m.Call] == nil`, New: `!known`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "live-callers-are-not-missed-calls", Faults: []int{1, 13}, File: "switch/callmodel/step_evidence.go",
		Old: `_, known := s.legs[m.Channel]; !known &&`, New: `_, known := s.legs[m.Channel]; (known || !known) &&`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "proven-ends-have-their-time", Faults: []int{1, 6, 9}, File: "switch/callmodel/step_evidence.go",
		Old: `c.at, c.from, cause = min(max(e.At, c.since, c.floor), s.now), 0, e.Cause`, New: `c.from, cause = 0, e.Cause`,
		Pkg: "./switch/callmodel", Test: "TestEndsThatNobodySaw",
	},
	{
		Name: "unknown-ends-are-intervals", Faults: []int{9}, File: "switch/callmodel/step_evidence.go",
		Old: `min(max(c.since, c.floor), s.now)
	if e`, New: `0
	if e`,
		Pkg: "./switch/callmodel", Test: "TestEndsThatNobodySaw",
	},
	{
		Name: "a-return-is-recorded", Faults: []int{1, 6, 9, 11, 13}, File: "switch/callmodel/step_evidence.go",
		Old: `if !c.back || first`, New: `if c.back || first`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "old-ends-are-no-evidence", Faults: []int{1, 13}, File: "ari/link/evidence.go",
		Old: `cel.Since(l.opt.CELFile, since.Add(-celSlack), celRead)`, New: `cel.Since(l.opt.CELFile, time.Time{}, celRead)`,
		Pkg: "./ari/link", Test: "TestEvidenceAfterARestart",
	},
	{
		Name: "channel-events-are-bounded", Faults: []int{39}, File: "ari/cel/read.go",
		Old: `cut := info.Size() > limit`, New: `cut := info.Size() > limit && limit < 0`,
		Pkg: "./ari/cel", Test: "TestSinceReadsTheEndAndTheRotatedFile",
	},
	{
		Name: "late-legs-are-waited-for", Faults: []int{11}, File: "switch/callmodel/step_evidence.go",
		Old: `after = min(after, c.since)`, New: `after = max(after, c.since)`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "waiters-are-adopted", Faults: []int{1, 6, 7}, File: "switch/callmodel/step_resync.go",
		Old: `		case there:
			s.contact.kept++`,
		New: `		case there && !in.Fresh:
			s.contact.kept++`,
		Pkg: "./test", Test: "TestChaosControllerKilled", Real: true,
	},
}
