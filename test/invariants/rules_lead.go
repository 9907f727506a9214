package invariants

import (
	"maps"
	"slices"
	"time"
)

// resolved is how long after a fault it may take until what became of an
// attempt is known, or known to be unknowable.
const resolved = time.Minute

// Outcomes of attempts of which there may be no INVITE: there was none, or
// nobody knows.
const (
	notStarted = "not-started"
	unknowable = "unknown"
)

// dialled are the attempts of a dialer.
func (a *Answer) dialled() []*Call {
	return slices.DeleteFunc(slices.Clone(a.Calls), func(c *Call) bool { return c.Lead == "" })
}

// attempts is N2 of a dialer: an attempt that nobody knows the end of lies in a
// fault's time, and its own books have every attempt once, with one result.
func attempts(e *Evidence, r *Result) {
	known := map[string]*Call{}
	for _, c := range e.Answer.dialled() {
		known[c.ID] = c
		if c.Ends == 0 || c.Outcome != unknowable {
			continue
		}
		if r.look(1); !e.inWindow(c.Arrived, c.Over) {
			r.find("attempt %s of lead %s has an unknown outcome, and there was no fault between %s and %s", c.ID, c.Lead, clock(c.Arrived), clock(c.Over))
		}
		if late := c.Over.Sub(e.recovered(c.Arrived)); late > resolved+e.slack() {
			r.find("it took %v after the fault to say that the outcome of attempt %s is unknown", late, c.ID)
		}
	}
	if e.Answer.Leads == nil {
		return
	}
	booked := map[string]bool{}
	for _, t := range e.Answer.Leads.Tries {
		r.look(1)
		c := known[t.Attempt]
		switch {
		case booked[t.Attempt]:
			r.find("attempt %s is in the dialer's books twice", t.Attempt)
		case c == nil && t.Counted:
			r.find("attempt %s of lead %s counts, and no call was made", t.Attempt, t.Lead)
		case c == nil:
		case c.Lead != t.Lead:
			r.find("attempt %s is of lead %s, the books say %s", t.Attempt, c.Lead, t.Lead)
		case c.Ends > 0 && (!t.Settled || t.Result == ""):
			r.find("attempt %s of lead %s ended as %s, and has no result in the books", t.Attempt, t.Lead, c.Outcome)
		}
		booked[t.Attempt] = true
	}
	for id, c := range known {
		if !booked[id] {
			r.find("attempt %s of lead %s is not in the dialer's books", id, c.Lead)
		}
	}
}

// recovered is when the first fault after a moment was over; without one, the moment.
func (e *Evidence) recovered(at time.Time) time.Time {
	for _, w := range e.Windows {
		if w.To.After(at) {
			return w.To
		}
	}
	return at
}

// sinks is N3 of a dialer: the world behind the trunk got one INVITE for each
// attempt, and no number two at once.
func sinks(e *Evidence, r *Result) {
	if e.Answer.Leads == nil {
		return
	}
	type count struct{ most, least int }
	asked := map[string]count{}
	for _, c := range e.Answer.dialled() {
		n := asked[c.Number]
		switch c.Outcome {
		case notStarted:
		case unknowable:
			n.most++
		default:
			n.most, n.least = n.most+1, n.least+1
		}
		asked[c.Number] = n
	}
	came, last := map[string]int{}, map[string]Sunk{}
	for _, s := range slices.SortedFunc(slices.Values(e.Witness.Sink), func(a, b Sunk) int { return a.At.Compare(b.At) }) {
		r.look(1)
		if before, again := last[s.Number]; again && (before.Ended.IsZero() || s.At.Before(before.Ended)) {
			r.find("number %s was called at %s while the call of %s was not over", s.Number, clock(s.At), clock(before.At))
		}
		came[s.Number]++
		last[s.Number] = s
	}
	for number, n := range came {
		if most := asked[number].most; n > most {
			r.find("number %s was called %d times, there were %d attempts", number, n, most)
		}
	}
	for number, n := range asked {
		if came[number] < n.least {
			r.find("number %s has %d attempts, and was called %d times", number, n.least, came[number])
		}
	}
}

// leadStates are the states of leads, and whether one is in flight.
var leadStates = map[string]bool{"ready": false, "later": false, "taken": true, "done": false, "excluded": false}

// leads is N4 of a dialer: imported = pending + in flight + done + rejected, and
// a lead has as many attempts as the books count.
func leads(e *Evidence, r *Result) {
	book := e.Answer.Leads
	if book == nil {
		return
	}
	seen, open, counted := map[string]int{}, map[string]int{}, map[string]int{}
	for _, t := range book.Tries {
		if !t.Settled {
			open[t.Lead]++
		}
		if t.Counted {
			counted[t.Lead]++
		}
	}
	for _, l := range book.Leads {
		r.look(1)
		seen[l.ID]++
		flies, known := leadStates[l.State]
		switch {
		case !known:
			r.find("lead %s is in the state %q", l.ID, l.State)
		case flies && open[l.ID] != 1:
			r.find("lead %s is being called, and has %d attempts under way", l.ID, open[l.ID])
		case !flies && open[l.ID] != 0:
			r.find("lead %s is %s, and has %d attempts under way", l.ID, l.State, open[l.ID])
		}
		if l.Attempts != counted[l.ID] {
			r.find("lead %s has %d attempts, the books count %d", l.ID, l.Attempts, counted[l.ID])
		}
	}
	if have := len(book.Leads) + book.Rejected; have != book.Rows {
		r.find("%d rows were imported, and there are %d leads and %d refused rows", book.Rows, len(book.Leads), book.Rejected)
	}
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		if seen[id] > 1 {
			r.find("lead %s is there %d times", id, seen[id])
		}
	}
	for id, n := range counted {
		if seen[id] == 0 {
			r.find("lead %s has %d attempts and is gone", id, n)
		}
	}
}
