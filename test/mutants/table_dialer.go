package mutants

// dialerMutants are the guards of who is dialled, and of who is not.
var dialerMutants = []Mutant{
	{
		Name: "a-dial-waits-for-the-disk", Faults: []int{2}, File: "switch/engine/gate.go",
		Old: `	if !intent(o.eff) {`, New: `	if !intent(o.eff) || o.seq > 0 {`,
		Pkg: "./switch/engine", Test: "TestDialWaitsForTheDisk",
	},
	{
		Name: "a-phone-rings-for-the-legal-minimum", Faults: []int{45}, File: "switch/callmodel/step_dial.go",
		Old: `	if left := s.rungFor(c); left > 0 && !c.Dial.CutShort {`, New: `	if left := s.rungFor(c); left > 1<<62 {`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "a-customer-is-not-sent-past-their-deadline", Faults: []int{46}, File: "switch/callmodel/step_make.go",
		Old: `	if c.customer(StageWaiting) != nil {`, New: `	if c.customer() != nil {`,
		Pkg: "./switch/callmodel", Test: "TestScenarios",
	},
	{
		Name: "a-settled-attempt-is-settled-once", Faults: []int{44}, File: "dialer/list/settle.go",
		Old: `FROM tries WHERE attempt = ? AND settled_us = 0`, New: `FROM tries WHERE attempt = ?`,
		Pkg: "./test/lists", Test: "TestLists",
	},
	{
		Name: "do-not-call-is-looked-at-in-the-claim", Faults: []int{44}, File: "dialer/list/dnclook.go",
		Old: `	return e.scope == ScopeSystem || e.scope == ScopeTenant ||`, New: `	return e.scope == ScopeSystem ||`,
		Pkg: "./test/lists", Test: "TestLists",
	},
	{
		Name: "an-import-goes-on-where-it-was", Faults: []int{44}, File: "dialer/list/import.go",
		Old: `		if row++; row <= x.Rows {`, New: `		if row++; row < x.Rows {`,
		Pkg: "./test/lists", Test: "TestLists",
	},
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
	{
		Name: "a-campaign-without-budget-stops", Faults: []int{46}, File: "dialer/campaign/guard.go",
		Old: `	case gone && r.Dropped > g.dropped:
		g.stage = Stopped`, New: `	case gone && r.Dropped > g.dropped:
		g.dropped = r.Dropped`,
		Pkg: "./dialer/campaign", Test: "TestGuard",
	},
	{
		Name: "no-start-without-budget", Faults: []int{46}, File: "dialer/campaign/guard.go",
		Old: `	if r.Headroom < 0 {`, New: `	if r.Headroom < -1e9 {`,
		Pkg: "./dialer/campaign", Test: "TestGuard",
	},
	{
		Name: "false-machines-count-against-the-budget", Faults: []int{46}, File: "dialer/campaign/rate.go",
		Old: `	bad := float64(c.Dropped) + r.FalseMachines
	all := bad`, New: `	bad := float64(c.Dropped)
	all := bad`,
		Pkg: "./dialer/campaign", Test: "TestRate",
	},
	{
		Name: "a-failing-trunk-is-only-tried", Faults: []int{24}, File: "dialer/campaign/breaker.go",
		Old: `	if want <= 0 || now.Sub(b.probed) < b.fuse.Probe {`, New: `	if want <= 0 {`,
		Pkg: "./dialer/campaign", Test: "TestBreakerProbes",
	},
	{
		Name: "a-word-makes-nobody-a-machine", Faults: []int{25}, File: "media/screen/speech.go",
		Old: `	u.long = u.end-u.began >= s.limit`, New: `	u.long = u.end-u.began >= s.least`,
		Pkg: "./media/screen", Test: "TestVerdicts",
	},
	{
		Name: "a-line-that-rings-on-was-not-answered", Faults: []int{25}, File: "media/screen/tones.go",
		Old: `		t.rings = true`, New: `		t.rings = false`,
		Pkg: "./media/screen", Test: "TestVerdicts",
	},
	{
		Name: "who-is-not-expected-is-not-heard", Faults: []int{25}, File: "media/audiosocket/conn.go",
		Old: `	if v == nil {
		s.unknown.Add(1)
		return
	}`, New: `	if v == nil {
		v = &visit{ear: Ear{Hear: func([]int16) bool { return true }, Over: func(End) {}}, until: time.Now(), timer: time.NewTimer(0)}
	}`,
		Pkg: "./media/audiosocket", Test: "TestWhoIsNotExpectedIsClosed",
	},
}
