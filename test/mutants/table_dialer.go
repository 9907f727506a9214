package mutants

// dialerMutants are the guards of who is dialled, and of who is not.
var dialerMutants = []Mutant{
	{
		Name: "nobody-is-dialled-without-agents", Faults: []int{46}, File: "dialer/pacing/pacing.go",
		Old: `		if !s.Agents[i].Leaving {
			d.Reachable++`, New: `		if i >= 0 {
			d.Reachable++`,
		Pkg: "./dialer/pacing", Test: "TestDecide",
	},
	{
		Name: "lines-are-given-up-when-agents-have-gone", Faults: []int{46}, File: "dialer/pacing/pacing.go",
		Old: `		d.Cancel = p.excess(s)`, New: `		d.Cancel = 0`,
		Pkg: "./dialer/pacing", Test: "TestDecide",
	},
	{
		Name: "the-legal-budget-counts-beside-the-day", Faults: []int{46}, File: "dialer/pacing/threshold.go",
		Old: `		steep = min(steep, weight(s)*left)`, New: `		_ = left`,
		Pkg: "./dialer/pacing", Test: "TestLegalBudgetIsHeld",
	},
	{
		Name: "who-may-drop-nobody-dials-one-each", Faults: []int{46}, File: "dialer/pacing/pacing.go",
		Old: `	if s.Target <= 0 {`, New: `	if s.Target < 0 {`,
		Pkg: "./dialer/pacing", Test: "TestDecide",
	},
}
