package rule

import (
	"maps"
	"slices"
	"time"

	"strowger/dialer/lead"
)

// Retry is what follows a result.
type Retry struct {
	After      []time.Duration // the first, second ... time that a lead ends so; the last repeats. None: the lead is done
	Most       int             // so often for one lead; then it is done. 0: no limit
	NextNumber bool            // go on with the lead's next number
	Close      bool            // the number is not called any more; who keeps leads closes one that does not exist, by its proofs
	Block      bool            // by nobody: it goes on the do-not-call list
}

// Retries are the retries of a campaign by result. A result that is not there
// ends the lead.
type Retries map[lead.Result]Retry

func after(d ...time.Duration) []time.Duration { return d }

// proofGap is between two tries of a number of which the network has said that
// it does not exist: it is closed when the network says so on another day too.
const proofGap = day

// DefaultRetries are what a campaign does that says nothing else.
func DefaultRetries() Retries {
	const minute, hour = time.Minute, time.Hour
	return Retries{
		lead.Busy:            {After: after(5*minute, 15*minute, hour, 3*hour, day)},
		lead.NoAnswer:        {After: after(2*hour, 4*hour, day), NextNumber: true},
		lead.TempUnavailable: {After: after(30*minute, 2*hour)},
		lead.NoResponse:      {After: after(hour)},
		lead.InvalidNumber:   {After: after(proofGap), NextNumber: true},
		lead.NumberChanged:   {After: after(minute), Close: true},
		lead.Rejected:        {After: after(day), Most: 2},
		lead.Unwanted:        {Block: true},
		lead.TrunkFailed:     {After: after(minute, 5*minute, 30*minute, 2*hour, day)},
		lead.MediaFailed:     {After: after(hour)},
		lead.ProtocolFailed:  {After: after(hour)},
		lead.Machine:         {After: after(4 * hour)},
		lead.Fax:             {After: after(minute), Close: true},
		lead.SITTone:         {After: after(4*hour, day), NextNumber: true},
		lead.ShortAnswer:     {After: after(30*minute, 4*hour)},
		lead.Dropped:         {After: after(day)},
		lead.Abandoned:       {After: after(4*hour, day)},
		lead.OptOut:          {Block: true},
		lead.Skipped:         {After: after(15 * minute)},
		lead.UnknownEnd:      {After: after(day)},
		lead.NotStarted:      {After: after(0)},
		lead.Cancelled:       {After: after(10 * minute)},
	}
}

// With returns the retries with delays of a campaign's own. What closes or
// blocks a number does so whatever the campaign says.
func (r Retries) With(own Retries) Retries {
	out := make(Retries, len(r))
	maps.Copy(out, r)
	for result, o := range own {
		o.Close, o.Block = o.Close || r[result].Close, o.Block || r[result].Block
		out[result] = o
	}
	return out
}

// Disposition is what follows from what an agent says about a conversation.
type Disposition struct {
	After time.Duration // call again after so long; 0: the lead is done
	Block bool          // never call again: the number goes on the do-not-call list
	Close bool          // it was the wrong number: go on with the next
}

// Plan is what a campaign does with the ends of its attempts.
type Plan struct {
	Pack         Pack
	Caps         lead.Caps // the campaign's own, beside the pack's
	Retries      Retries
	Dispositions map[string]Disposition // by code; one that is not there ends the lead
	Scope        string                 // of the do-not-call list that a blocked number goes to
}

// end is an attempt's end while it is worked out.
type end struct {
	lead.Settled
	of    *lead.Claimed
	plan  *Plan
	now   time.Time
	times int // that the lead has ended so, with this one
}

// Next says what follows from a result. Of a conversation [Plan.Talked] does.
func (p *Plan) Next(c *lead.Claimed, r lead.Result, now time.Time) lead.Settled {
	retry, known := p.Retries[r]
	e := p.begin(c, r, now)
	e.Counted = Counts(r)
	e.Proof = r == lead.InvalidNumber
	e.Close = retry.Close || retry.Block
	switch {
	case retry.Block:
		e.block("the result " + string(r))
	case known && len(retry.After) > 0 && (retry.Most <= 0 || e.times < retry.Most):
		e.again(retry)
	}
	e.lock(r)
	return e.Settled
}

// Talked says what follows from a conversation: what the agent has said about
// it, by the first code that the campaign knows. Without any the lead is done.
func (p *Plan) Talked(c *lead.Claimed, codes []string, now time.Time) lead.Settled {
	e := p.begin(c, lead.Talked, now)
	e.Counted = true
	for _, code := range codes {
		d, known := p.Dispositions[code]
		if !known {
			continue
		}
		e.Close = d.Close || d.Block
		switch {
		case d.Block:
			e.block("disposition " + code)
		case d.Close || d.After > 0:
			e.again(Retry{After: after(d.After)})
		}
		break
	}
	return e.Settled
}

func (p *Plan) begin(c *lead.Claimed, r lead.Result, now time.Time) *end {
	e := &end{of: c, plan: p, now: now, times: 1}
	for _, past := range c.Lead.Past {
		if past.Lead == c.Lead.ID && past.Result == r {
			e.times++
		}
	}
	e.Attempt, e.Result, e.At, e.Number = c.Attempt, r, now, c.Number.N
	return e
}

// block puts the number on the do-not-call list; the lead is done.
func (e *end) block(source string) { e.DoNotCall, e.Source = e.plan.Scope, source }

// again takes the next number and time, unless none is left.
func (e *end) again(retry Retry) {
	e.Next = e.now.Add(retry.After[min(e.times, len(retry.After))-1])
	if e.Proof {
		e.Next = later(e.Next, e.now.Add(proofGap))
	}
	if retry.NextNumber || e.Close {
		next, ok := e.another()
		if !ok {
			e.Next = time.Time{}
			return
		}
		switch {
		case next.N == e.of.Number.N:
		case next.Proofs > 0:
			e.Next = later(e.Next, e.now.Add(proofGap))
		case e.Close || e.Proof:
			e.Next = e.now // the fault was the other number's
		}
		e.Number = next.N
	}
	attempts := e.of.Lead.Attempts
	if e.Counted {
		attempts++
	}
	if most := e.plan.Pack.CapsFor(e.of.Number.Set.Region, e.plan.Caps).Lead; most > 0 && attempts >= most && (e.Counted || e.of.Lead.Callback.At.IsZero()) { // an agreed call that was not made still is
		e.Next = time.Time{}
	}
}

// another is the lead's next number that may be called, round and round.
func (e *end) another() (lead.Number, bool) {
	numbers := e.of.Lead.Numbers
	here := slices.IndexFunc(numbers, func(n lead.Number) bool { return n.N == e.of.Number.N })
	for i := 1; i <= len(numbers); i++ {
		n := numbers[(here+i)%len(numbers)]
		if n.Closed == "" && (n.N != e.of.Number.N || !e.Close) {
			return n, true
		}
	}
	return lead.Number{}, false
}

// lock keeps what the pack forbids after the result.
func (e *end) lock(r lead.Result) {
	lock := map[lead.Result]Lockout{lead.Dropped: e.plan.Pack.Drop, lead.Machine: e.plan.Pack.Machine}[r]
	if lock.For > 0 {
		e.Locked = e.now.Add(lock.For)
	}
	if lock.NextDay && !e.Next.IsZero() {
		e.Next = later(e.Next, NextDay(e.of.Number.Set.Zones, e.now))
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
