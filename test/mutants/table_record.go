package mutants

// recordMutants are the guards of recordings and of supervision.
var recordMutants = []Mutant{
	{
		Name: "part-ends-when-somebody-goes", Faults: []int{50}, File: "switch/callmodel/step_record.go",
		Old: ` || s.bereft(c, r, t) {`, New: ` {`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "part-waits-for-the-one-before", Faults: []int{50}, File: "ari/link/apply_record.go",
		Old: `if err := l.partOver(ctx, c, e.Record); err != nil {`, New: `if err := l.partOver(ctx, c, ""); err != nil {`,
		Pkg: "./ari/link", Test: "TestPartWaitsForTheOneBefore",
	},
	{
		Name: "pause-begins-no-part", Faults: []int{50}, File: "switch/callmodel/step_record.go",
		Old: `c.Phase == PhaseTalking && !r.Paused && r.RetryAt <= s.now`, New: `c.Phase == PhaseTalking && r.RetryAt <= s.now`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "pause-is-told-when-it-is-sure", Faults: []int{50}, File: "switch/callmodel/step_record.go",
		Old: `r.StoppedAt != 0 || r.openTracks() > 0 {
		return
	}
	r = s.editRecording(id)
	r.Pauses`, New: `r.StoppedAt != 0 {
		return
	}
	r = s.editRecording(id)
	r.Pauses`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "pause-is-blanked", Faults: []int{50}, File: "cmd/strowger/internal/recordings/keep.go",
		Old: `, Blank: blanks(j.r, &t)}`, New: `}`,
		Pkg: "./cmd/strowger/internal/recordings", Test: "TestKeep",
	},
	{
		Name: "tracks-are-removed-when-kept", Faults: []int{50}, File: "cmd/strowger/internal/recordings/keep.go",
		Old: `k.opt.Source != nil && row.State == store.RecordingSaved {`, New: `k.opt.Source != nil {`,
		Pkg: "./cmd/strowger/internal/recordings", Test: "TestWhatCannotBeKeptIsLost",
	},
	{
		Name: "disk-is-guarded", Faults: []int{44}, File: "cmd/strowger/internal/recordings/mind.go",
		Old: `case !full && free < k.opt.MinFree:`, New: `case !full && free == 0:`,
		Pkg: "./cmd/strowger/internal/recordings", Test: "TestGuardOfTheDisk",
	},
	{
		Name: "full-disk-starts-no-recording", Faults: []int{44}, File: "switch/callmodel/step_record.go",
		Old: ` && !c.RecordOff && s.storageFull == "" {`, New: ` && !c.RecordOff {`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "known-tracks-are-not-strays", Faults: []int{50}, File: "cmd/strowger/internal/recordings/mind.go",
		Old: `ours && !known[id] && !k.waits(id) {`, New: `ours && !k.waits(id) {`,
		Pkg: "./cmd/strowger/internal/recordings", Test: "TestAdopt",
	},
	{
		Name: "supervision-ends-with-the-talk", Faults: []int{50}, File: "switch/callmodel/step_supervise_run.go",
		Old: `	case !ok:
		s.endSupervision(id, "conversation-over", "")
		return
`, New: `	case !ok:
		return
`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "taps-are-apart", Faults: []int{50}, File: "switch/callmodel/step_supervise_run.go",
		Old: `const tapPause = 100 * time.Millisecond`, New: `const tapPause = time.Millisecond`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "whisper-is-not-listening", Faults: []int{50}, File: "ari/link/apply_tap.go",
		Old: `if e.Whisper {`, New: `if true {`,
		Pkg: "./ari/link", Test: "TestTapWhispersWhenAsked",
	},
}
