package mutants

// airMutants are the guards of audio, clock and heartbeat.
var airMutants = []Mutant{
	{
		Name: "dead-air-waits-for-its-time", Faults: []int{26}, File: "switch/callmodel/step_air.go",
		Old: `|| in.Silent < q.DeadAir:`, New: `:`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "dead-air-is-of-conversations", Faults: []int{26}, File: "switch/callmodel/step_air.go",
		Old: `case c.Phase != PhaseTalking || p.State != Connected || p.Wanted != 0 || !p.InBridge:`,
		New: `case c.Phase != PhaseTalking:`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "who-is-on-hold-may-be-silent", Faults: []int{26}, File: "ari/link/members.go",
		Old: `if in[b] > 1 && !m.held[c] {`, New: `if in[b] > 0 {`,
		Pkg: "./ari/link", Test: "TestDeadAir",
	},
	{
		Name: "dead-air-is-told", Faults: []int{26}, File: "ari/link/air.go",
		Old: `	l.put(ctx, callmodel.DeadAir{Channel: id, Silent: now.Sub(leg.since)})
`,
		New: `	_ = callmodel.DeadAir{Channel: id, Silent: now.Sub(leg.since)}
`,
		Pkg: "./test", Test: "TestChaosMedia", Real: true,
	},
	{
		Name: "music-in-doubt-is-stopped", Faults: []int{1}, File: "switch/callmodel/step_resync.go",
		Old: `q.MusicMaybe = q.MusicMaybe || q.MusicAsked && !q.Music`, New: `q.MusicMaybe = q.MusicMaybe && q.MusicAsked`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "hours-follow-the-clock", Faults: []int{42}, File: "switch/callmodel/step.go",
		Old: `		s.watchService()
		s.sweepCallbacks()`,
		New: `		s.sweepCallbacks()`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "a-stuck-application-closes-the-gate", Faults: []int{12}, File: "ari/link/heartbeat.go",
		Old: `		err = l.probe(ctx)`, New: `		_ = l.probe(ctx)`,
		Pkg: "./ari/link", Test: "TestStuckApplication",
	},
	{
		Name: "the-websocket-is-tried-in-time", Faults: []int{20, 21}, File: "ari/link/heartbeat.go",
		Old: `context.WithTimeout(ctx, limit)`, New: `context.WithTimeout(ctx, limit+time.Hour)`,
		Pkg: "./ari/link", Test: "TestSlowHTTP",
	},
	{
		Name: "calls-of-unknown-outcome-are-looked-for", Faults: []int{19}, File: "ari/link/apply_dial.go",
		Old: `		signal(l.unsure) `, New: `		_ = l.unsure `,
		Pkg: "./ari/link", Test: "TestUnknownOriginateIsLookedFor",
	},
	{
		Name: "a-refused-user-is-told", Faults: []int{23}, File: "ari/link/stream_conn.go",
		Old: `	s.setRefused(refusedUser)`, New: `	s.setRefused("")`,
		Pkg: "./ari/link", Test: "TestRefusedUserIsLoggedOnce",
	},
}
