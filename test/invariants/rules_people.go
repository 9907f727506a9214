package invariants

import (
	"slices"
	"time"
)

// agents is N5.
func agents(e *Evidence, r *Result) {
	spans := map[string][]Span{}
	for _, s := range e.Answer.Spans {
		spans[s.Agent] = append(spans[s.Agent], s)
	}
	for agent, list := range spans {
		oneState(agent, list, r)
	}
	oneTalk(e, r)
	for _, c := range e.Answer.Calls {
		for _, p := range c.Parties {
			if p.Role != "agent" || p.Connected.IsZero() || p.Ended.IsZero() || p.NoWrap || p.Partner != "" || e.Answer.Wraps[c.Queue] == 0 {
				continue
			}
			if r.look(1); p.WrapEnded.IsZero() && c.Ends > 0 {
				r.find("agent %s had no wrap-up after call %s", p.Agent, c.ID)
			}
		}
	}
}

// oneState: the stretches of an agent follow each other without overlap or
// hole, so that their sum is the whole time.
func oneState(agent string, list []Span, r *Result) {
	slices.SortStableFunc(list, func(a, b Span) int { return a.From.Compare(b.From) })
	var sum time.Duration
	for i, s := range list {
		r.look(1)
		if s.To.IsZero() {
			if i != len(list)-1 {
				r.find("agent %s is %s since %s without an end, and %s after it", agent, s.State, clock(s.From), list[i+1].State)
			}
			continue
		}
		if s.To.Before(s.From) {
			r.find("agent %s is %s for less than nothing at %s", agent, s.State, clock(s.From))
		}
		sum += s.To.Sub(s.From)
		if i > 0 && list[i-1].To.After(s.From) {
			r.find("agent %s is %s and %s at once at %s", agent, list[i-1].State, s.State, clock(s.From))
		}
	}
	if n := len(list); n > 0 {
		last := first(list[n-1].To, list[n-1].From)
		if d := last.Sub(list[0].From) - sum; d.Abs() > time.Second {
			r.find("agent %s: the states add up to %v less than the time between first and last", agent, d)
		}
	}
}

// oneTalk: no agent talks in two calls at once; the two calls of a line are one talk.
func oneTalk(e *Evidence, r *Result) {
	type talk struct {
		p *Party
		c *Call
	}
	byAgent := map[string][]talk{}
	for _, c := range e.Answer.Calls {
		for _, p := range c.Parties {
			if p.Role == "agent" && !p.Connected.IsZero() {
				byAgent[p.Agent] = append(byAgent[p.Agent], talk{p, c})
			}
		}
	}
	for agent, list := range byAgent {
		for i, a := range list {
			r.look(1)
			for _, b := range list[i+1:] {
				if a.c.ID != b.c.ID && !a.p.Mates[b.p.ID] && !b.p.Mates[a.p.ID] && overlap(a.p.Connected, a.p.Ended, b.p.Connected, b.p.Ended) {
					r.find("agent %s talks in the calls %s and %s at once", agent, a.c.ID, b.c.ID)
				}
			}
		}
	}
}

// queues is N6.
func queues(e *Evidence, r *Result) {
	survivors := map[string]time.Time{}
	for _, w := range e.Witness.After {
		survivors[w.Call] = w.Since
	}
	var before, after []string
	for _, w := range e.Witness.Before {
		since, there := survivors[w.Call]
		if !there {
			continue
		}
		r.look(1)
		before = append(before, w.Call)
		if d := since.Sub(w.Since); d.Abs() > time.Second {
			r.find("waiter %s waits since %s, before the fault since %s", w.Call, clock(since), clock(w.Since))
		}
	}
	for _, w := range e.Witness.After {
		if slices.Contains(before, w.Call) {
			after = append(after, w.Call)
		}
	}
	if !slices.Equal(before, after) {
		r.find("the waiting order was %v and is %v", before, after)
	}
	for _, s := range e.Witness.Silences {
		if r.look(1); s.Long > 10*time.Second {
			r.find("waiter %s heard nothing for %v", s.Who, s.Long.Round(time.Millisecond))
		}
	}
	oneOffer(e, r)
}

// oneOffer: no caller rings at two phones at once, by the records and by the phones.
func oneOffer(e *Evidence, r *Result) {
	for _, c := range e.Answer.Calls {
		for i, p := range c.Parties {
			if p.Role != "agent" || p.Maker {
				continue
			}
			r.look(1)
			for _, q := range c.Parties[i+1:] {
				if q.Role == "agent" && !q.Maker && q.Agent != p.Agent && overlap(p.Created, offerEnd(p), q.Created, offerEnd(q)) {
					r.find("call %s was offered to %s and %s at once", c.ID, p.Agent, q.Agent)
				}
			}
		}
	}
	for i, a := range e.Witness.Invites {
		if !slices.Contains(e.Answer.Numbers, a.Phone) {
			continue
		}
		r.look(1)
		for _, b := range e.Witness.Invites[i+1:] {
			if a.From == b.From && a.Phone != b.Phone && slices.Contains(e.Answer.Numbers, b.Phone) && deep(a, b) {
				r.find("%s rings at %s and %s at once", a.From, a.Phone, b.Phone)
			}
		}
	}
}

func offerEnd(p *Party) time.Time {
	if p.Connected.IsZero() || !p.Ended.IsZero() && p.Ended.Before(p.Connected) {
		return p.Ended
	}
	return p.Connected
}

// deep: two phones ring together for longer than a CANCEL takes on a busy machine.
func deep(a, b Invite) bool {
	const cancel = 2 * time.Second
	end := func(i Invite) time.Time { return first(i.Answered, i.Ended) }
	ea, eb := end(a), end(b)
	if ea.IsZero() || eb.IsZero() {
		return ea.IsZero() && eb.IsZero()
	}
	return a.At.Add(cancel).Before(eb) && b.At.Add(cancel).Before(ea)
}

// talks is N11.
func talks(e *Evidence, r *Result) {
	limit := e.MaxGap
	if limit == 0 {
		limit = time.Second
	}
	for _, t := range e.Witness.Talks {
		r.look(1)
		switch {
		case e.Deadly:
		case t.Seen == 0:
			r.find("%s heard nothing of the other", t.Who)
		case t.Gap > limit:
			r.find("%s did not hear the other for %v", t.Who, t.Gap.Round(time.Millisecond))
		}
	}
}
