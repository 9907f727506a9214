package mutants

import "slices"

// All returns every mutant of the project.
func All() []Mutant {
	return slices.Concat(linkMutants, airMutants, evidenceMutants, storeMutants, pressureMutants, recordMutants, nodeMutants, mirrorMutants, dialerMutants)
}

// linkMutants are the guards of the link to Asterisk.
var linkMutants = []Mutant{
	{
		Name: "lost-socket-request-is-unknown", Faults: []int{13, 14}, File: "ari/link/stream_do.go",
		Old: `return nil, unknown("the connection broke before the answer came", nil)`,
		New: `return nil, fault.New(fault.Unavailable, "ari stream", s.cfg.App, "broke")`,
		Pkg: "./ari/link", Test: "TestDoWithoutAnswer",
	},
	{
		Name: "silence-is-death", Faults: []int{11, 14}, File: "ari/link/stream_conn.go",
		Old: `if quiet >= s.cfg.DeadAfter {`, New: `if quiet >= time.Hour {`,
		Pkg: "./ari/link", Test: "TestSilenceIsDeath",
	},
	{
		Name: "queue-of-events-is-bounded", Faults: []int{15}, File: "ari/link/stream_conn.go",
		Old: `if !s.queue.put(Frame{Kind: FrameEvent, At: now, Epoch: epoch, Data: data}) {`,
		New: `if !s.queue.put(Frame{Kind: FrameEvent, At: now, Epoch: epoch, Data: data}) && false {`,
		Pkg: "./ari/link", Test: "TestOverrun",
	},
	{
		Name: "events-have-a-size-limit", Faults: []int{18}, File: "ari/link/stream_conn.go",
		Old: `conn.SetReadLimit(s.cfg.FrameLimit)`, New: `conn.SetReadLimit(-1)`,
		Pkg: "./ari/link", Test: "TestOversizedEventEndsTheConnection",
	},
	{
		Name: "unreadable-answer-to-post-is-unknown", Faults: []int{19}, File: "ari/arispec/client.go",
		Old: `		e.Kind = fault.Unknown
	}
	e.Err = cause`,
		New: `		e.Kind = fault.Unavailable
	}
	e.Err = cause`,
		Pkg: "./ari/arispec", Test: "Test.*",
	},
}
