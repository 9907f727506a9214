package invariants

// campaigned adds a dialer to a good run: one lead was reached, one was busy and
// is called again later, a third attempt never left, and a row was refused.
func campaigned(e *Evidence) {
	attempt := func(id, lead, number, outcome string, from, to float64) *Call {
		return &Call{ID: id, Kind: "campaign", Caller: number, Lead: lead, Number: number, Outcome: outcome, Rows: 1, Ends: 1, Arrived: at(from), Over: at(to), Channels: map[string]bool{}}
	}
	e.Answer.Calls = append(e.Answer.Calls,
		attempt("D1", "spring/L1", "+49301", "handled", 1, 8), attempt("D2", "spring/L2", "+49302", "busy", 2, 3),
		attempt("D3", "spring/L2", "+49302", notStarted, 9, 11), attempt("D4", "spring/L3", "+49303", unknowable, 9, 30))
	e.Witness.Sink = []Sunk{
		{Number: "+49301", At: at(1), Answered: at(3), Ended: at(8)}, {Number: "+49302", At: at(2), Ended: at(3)},
	}
	e.Answer.Leads = &Leads{
		Rows: 4, Rejected: 1,
		Leads: []Lead{{ID: "spring/L1", State: "done", Attempts: 1}, {ID: "spring/L2", State: "taken", Attempts: 1}, {ID: "spring/L3", State: "later", Attempts: 1}},
		Tries: []Try{
			{Attempt: "D1", Lead: "spring/L1", Settled: true, Counted: true, Result: "talked"},
			{Attempt: "D2", Lead: "spring/L2", Settled: true, Counted: true, Result: "busy"},
			{Attempt: "D3", Lead: "spring/L2", Settled: true, Result: notStarted},
			{Attempt: "D4", Lead: "spring/L3", Settled: true, Counted: true, Result: unknowable},
			{Attempt: "D5", Lead: "spring/L2"}, // claimed a moment ago
		},
	}
}

func plantedLeads() map[string]planted {
	return map[string]planted{
		"unknown without a fault": {"N2", "there was no fault", func(e *Evidence) { e.Answer.Calls[2].Outcome, e.Windows = unknowable, nil }},
		"unknown for too long":    {"N2", "it took", func(e *Evidence) { e.Answer.Calls[5].Over = at(100) }},
		"attempt in no book":      {"N2", "not in the dialer's books", func(e *Evidence) { e.Answer.Leads.Tries = e.Answer.Leads.Tries[1:] }},
		"attempt booked twice": {"N2", "books twice", func(e *Evidence) {
			e.Answer.Leads.Tries = append(e.Answer.Leads.Tries, e.Answer.Leads.Tries[0])
		}},
		"counted without a call": {"N2", "no call was made", func(e *Evidence) { e.Answer.Leads.Tries[4].Counted = true }},
		"booked on another lead": {"N2", "the books say", func(e *Evidence) { e.Answer.Leads.Tries[0].Lead = "spring/L2" }},
		"over and not settled":   {"N2", "has no result", func(e *Evidence) { e.Answer.Leads.Tries[1].Settled = false }},
		"number called twice": {"N3", "was called 2 times, there were 1 attempts", func(e *Evidence) {
			e.Witness.Sink = append(e.Witness.Sink, Sunk{Number: "+49301", At: at(9), Ended: at(10)})
		}},
		"number of no attempt": {"N3", "there were 0 attempts", func(e *Evidence) { e.Witness.Sink[0].Number = "+49309" }},
		"called while it rings": {"N3", "was not over", func(e *Evidence) {
			e.Witness.Sink = append(e.Witness.Sink, Sunk{Number: "+49302", At: at(2.5), Ended: at(3)})
		}},
		"never left, and rang": {"N3", "was called 2 times", func(e *Evidence) {
			e.Witness.Sink = append(e.Witness.Sink, Sunk{Number: "+49302", At: at(10), Ended: at(11)})
		}},
		"attempt without a call":  {"N3", "was called 0 times", func(e *Evidence) { e.Witness.Sink = e.Witness.Sink[1:] }},
		"lead lost":               {"N4", "4 rows were imported", func(e *Evidence) { e.Answer.Leads.Leads = e.Answer.Leads.Leads[1:] }},
		"lead with tries is gone": {"N4", "and is gone", func(e *Evidence) { e.Answer.Leads.Leads[0].ID = "spring/L9" }},
		"lead twice":              {"N4", "is there 2 times", func(e *Evidence) { e.Answer.Leads.Leads[0].ID = "spring/L2" }},
		"lead in no state":        {"N4", `in the state "?"`, func(e *Evidence) { e.Answer.Leads.Leads[0].State = "?" }},
		"lead taken by nobody":    {"N4", "0 attempts under way", func(e *Evidence) { e.Answer.Leads.Leads[0].State = "taken" }},
		"lead let go":             {"N4", "is ready, and has 1 attempts", func(e *Evidence) { e.Answer.Leads.Leads[1].State = "ready" }},
		"attempts forgotten":      {"N4", "the books count 1", func(e *Evidence) { e.Answer.Leads.Leads[0].Attempts = 0 }},
	}
}
