package rule

import (
	"testing"
	"time"

	"strowger/dialer/lead"
)

var (
	noon    = time.Date(2026, 1, 15, 17, 0, 0, 0, time.UTC)
	newYork = lead.ZoneSet{Zones: []string{"America/New_York"}}
)

// someone is a claimed lead with numbers, the first of which was called, and
// past tries.
func someone(numbers int, past ...lead.Result) *lead.Claimed {
	c := &lead.Claimed{Lead: lead.Lead{ID: 7, Attempts: len(past)}}
	for i := range numbers {
		c.Lead.Numbers = append(c.Lead.Numbers, lead.Number{N: i, Set: newYork})
	}
	c.Number = c.Lead.Numbers[0]
	for _, r := range past {
		c.Lead.Past = append(c.Lead.Past, lead.Past{Lead: 7, Result: r})
	}
	c.Lead.Past = append(c.Lead.Past, lead.Past{Lead: 8, Result: lead.Busy}) // another lead's with the same number
	return c
}

func TestNext(t *testing.T) {
	t.Parallel()
	us := Plan{Pack: US(), Retries: DefaultRetries(), Scope: "tenant"}
	uk := Plan{Pack: UK(), Retries: DefaultRetries().With(Retries{lead.Busy: {After: after(time.Hour), Most: 2}}), Scope: "tenant", Caps: lead.Caps{Lead: 3}}
	again := []lead.Result{lead.NoAnswer, lead.NoAnswer, lead.NoAnswer, lead.NoAnswer}
	proved := someone(2)
	proved.Lead.Numbers[0].Proofs, proved.Number.Proofs = 1, 1
	second := someone(2)
	second.Lead.Numbers[0].Proofs, second.Number = 1, second.Lead.Numbers[1]
	promised := someone(1, lead.Busy, lead.NoAnswer, lead.Busy)
	promised.Lead.Callback.At = noon
	twice := someone(2)
	twice.Lead.Numbers[1].Proofs = 1
	closed := someone(2)
	closed.Lead.Numbers[1].Closed = "changed"
	for _, c := range []struct {
		name   string
		plan   *Plan
		of     *lead.Claimed
		result lead.Result
		wait   time.Duration // until the next; -1: never
		want   lead.Settled  // beside that
	}{
		{"busy", &us, someone(2), lead.Busy, 5 * time.Minute, lead.Settled{Counted: true}},
		{"busy again", &us, someone(2, lead.Busy), lead.Busy, 15 * time.Minute, lead.Settled{Counted: true}},
		{"busy after something else", &us, someone(2, lead.NoAnswer), lead.Busy, 5 * time.Minute, lead.Settled{Counted: true}},
		{"nobody answers: the next number", &us, someone(2), lead.NoAnswer, 2 * time.Hour, lead.Settled{Counted: true, Number: 1}},
		{"the last delay repeats", &us, someone(1, again...), lead.NoAnswer, day, lead.Settled{Counted: true}},
		{"a rule of the campaign", &uk, someone(1, lead.Busy), lead.Busy, -1, lead.Settled{Counted: true}},
		{"all attempts are used", &uk, someone(1, lead.Busy, lead.NoAnswer), lead.NoAnswer, -1, lead.Settled{Counted: true}},
		{"no line: it does not count", &uk, someone(1, lead.Busy, lead.NoAnswer), lead.TrunkFailed, time.Minute, lead.Settled{}},
		{"no line for an agreed call: it is made still", &uk, promised, lead.TrunkFailed, time.Minute, lead.Settled{}},
		{"nobody answers an agreed call", &uk, promised, lead.NoAnswer, -1, lead.Settled{Counted: true}},
		{"no line, time and again: it may be the number", &us, someone(1, lead.TrunkFailed, lead.TrunkFailed), lead.TrunkFailed, 30 * time.Minute, lead.Settled{}},
		{"no such number: the other one at once", &us, someone(2), lead.InvalidNumber, 0, lead.Settled{Counted: true, Proof: true, Number: 1}},
		{"no such number: no other, the proof on another day", &us, someone(1), lead.InvalidNumber, day, lead.Settled{Counted: true, Proof: true}},
		{"both do not exist: the other's second proof on another day", &us, twice, lead.InvalidNumber, day, lead.Settled{Counted: true, Proof: true, Number: 1}},
		{"the second proof, which closes it where leads are kept if it is a day later", &us, proved, lead.InvalidNumber, 0, lead.Settled{Counted: true, Proof: true, Number: 1}},
		{"nobody answers, and the other does not exist: its proof on another day", &us, second, lead.NoAnswer, day, lead.Settled{Counted: true}},
		{"a new number: the other one", &us, someone(2), lead.NumberChanged, 0, lead.Settled{Counted: true, Close: true, Number: 1}},
		{"a new number, and no other", &us, closed, lead.NumberChanged, -1, lead.Settled{Counted: true, Close: true}},
		{"no answer, the other is closed", &us, closed, lead.NoAnswer, 2 * time.Hour, lead.Settled{Counted: true}},
		{"fax", &us, someone(2), lead.Fax, 0, lead.Settled{Counted: true, Close: true, Number: 1}},
		{"they do not want us", &us, someone(2), lead.Unwanted, -1, lead.Settled{Counted: true, Close: true, DoNotCall: "tenant", Source: "the result unwanted"}},
		{"the key of no more calls", &us, someone(2), lead.OptOut, -1, lead.Settled{Counted: true, Close: true, DoNotCall: "tenant", Source: "the result opt-out"}},
		{"rejected once", &us, someone(1), lead.Rejected, day, lead.Settled{Counted: true}},
		{"rejected twice", &us, someone(1, lead.Rejected), lead.Rejected, -1, lead.Settled{Counted: true}},
		{"dropped in New York", &us, someone(1), lead.Dropped, day, lead.Settled{Counted: true}},
		{"dropped in Britain", &uk, someone(1), lead.Dropped, day, lead.Settled{Counted: true, Locked: noon.Add(72 * time.Hour)}},
		{"a machine in Britain", &uk, someone(1), lead.Machine, 4 * time.Hour, lead.Settled{Counted: true, Locked: noon.Add(day)}},
		{"a machine in New York", &us, someone(1), lead.Machine, 4 * time.Hour, lead.Settled{Counted: true}},
		{"skipped", &us, someone(1), lead.Skipped, 15 * time.Minute, lead.Settled{}},
		{"turned down for good", &us, someone(1), lead.AgentRejected, -1, lead.Settled{Counted: true}},
		{"never went out", &us, someone(1), lead.NotStarted, 0, lead.Settled{}},
		{"nobody knows", &us, someone(1), lead.UnknownEnd, day, lead.Settled{Counted: true}},
		{"message heard", &us, someone(1), lead.Message, -1, lead.Settled{Counted: true}},
	} {
		c.want.Result, c.want.At = c.result, noon
		if c.wait >= 0 {
			c.want.Next = noon.Add(c.wait)
		}
		if got := c.plan.Next(c.of, c.result, noon); got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

// TestDropNextDay: late in the evening a day is more than until tomorrow, and a
// short delay is not.
func TestDropNextDay(t *testing.T) {
	t.Parallel()
	p := Plan{Pack: US(), Retries: Retries{lead.Dropped: {After: after(time.Hour)}}}
	if got := p.Next(someone(1), lead.Dropped, noon).Next; !got.Equal(time.Date(2026, 1, 16, 5, 0, 0, 0, time.UTC)) {
		t.Errorf("next call at %s", got)
	}
}

func TestTalked(t *testing.T) {
	t.Parallel()
	p := Plan{Pack: US(), Retries: DefaultRetries(), Scope: "campaign:spring", Dispositions: map[string]Disposition{
		"sold": {}, "later": {After: 48 * time.Hour}, "never": {Block: true}, "wrong": {Close: true},
	}}
	for _, c := range []struct {
		name  string
		codes []string
		wait  time.Duration
		want  lead.Settled
	}{
		{"said nothing", nil, -1, lead.Settled{}},
		{"nothing that means anything here", []string{"weather"}, -1, lead.Settled{}},
		{"sold", []string{"sold", "later"}, -1, lead.Settled{}},
		{"the first that is known", []string{"weather", "later"}, 48 * time.Hour, lead.Settled{}},
		{"never again", []string{"never"}, -1, lead.Settled{Close: true, DoNotCall: "campaign:spring", Source: "disposition never"}},
		{"the wrong number", []string{"wrong"}, 0, lead.Settled{Close: true, Number: 1}},
	} {
		c.want.Result, c.want.At, c.want.Counted = lead.Talked, noon, true
		if c.wait >= 0 {
			c.want.Next = noon.Add(c.wait)
		}
		if got := p.Talked(someone(2), c.codes, noon); got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}
