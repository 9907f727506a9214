package mutants

// storeMutants are the guards of the database and the journal.
var storeMutants = []Mutant{
	{
		Name: "one-writer-at-a-time", Faults: []int{38}, File: "switch/store/tx.go",
		Old: `if s.d.lock != "" {`, New: `if s.d.lock == "none" {`,
		Pkg: "./switch/store", Test: "TestPostgres",
	},
	{
		Name: "rows-wait-for-the-database", Faults: []int{38, 39}, File: "switch/store/writer_loop.go",
		Old: `		w.retries.Add(1)
`, New: `		w.retries.Add(1)
		return true
`,
		Pkg: "./switch/store", Test: "TestLockedDatabase",
	},
	{
		Name: "rows-and-mark-together", Faults: []int{1, 38}, File: "switch/store/tx.go",
		Old: `		return errors.Join(err, ignoreDone(begun.Rollback()))`, New: `		return errors.Join(err, begun.Commit())`,
		Pkg: "./switch/store", Test: "TestAMigrationThatFailsLeavesTheVersionBefore",
	},
	{
		Name: "later-rows-win", Faults: []int{1}, File: "switch/store/table.go",
		Old: `" WHERE excluded.seq >= " + name + ".seq"`, New: `" WHERE excluded.seq >= 0"`,
		Pkg: "./switch/store", Test: "TestSQLite",
	},
	{
		Name: "a-failed-fsync-is-final", Faults: []int{40}, File: "switch/store/journal/sync.go",
		Old: `	if err := active.file.Sync(); err != nil {
		_ = j.fail(`, New: `	if err := active.file.Sync(); err != nil && active.file == nil {
		_ = j.fail(`,
		Pkg: "./test", Test: "TestChaosFsyncFails", Real: true,
	},
	{
		Name: "no-acknowledgement-without-a-journal", Faults: []int{39, 40}, File: "switch/engine/loop.go",
		Old: `if durable(cmd) && e.stats.journalFailed.Load() != 0 {`, New: `if durable(cmd) && e.stats.journalFailed.Load() > 1 {`,
		Pkg: "./switch/engine", Test: "TestJournalFailureKeepsCalls",
	},
	{
		Name: "texts-are-ordered-by-bytes", Faults: []int{38}, File: "switch/store/postgres.go",
		Old: "\"TEXT\": `TEXT COLLATE \"C\"`", New: "\"TEXT\": `TEXT`",
		Pkg: "./switch/store", Test: "TestPostgres",
	},
}
