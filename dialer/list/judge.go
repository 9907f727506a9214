package list

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"strowger/dialer/lead"
)

// verdict is what stands in a lead's way, and what a claim does about it.
type verdict struct {
	reasons []lead.Reason // in the order of lead.Words; none: it may be called
	number  lead.Number   // to be called, or the first of those that cannot be
}

func (v *verdict) add(word lead.Word, until time.Time, format string, args ...any) {
	v.reasons = append(v.reasons, lead.Reason{Word: word, Text: fmt.Sprintf(format, args...), Until: until})
}

// first is the reason that counts.
func (v *verdict) first() lead.Reason {
	if len(v.reasons) == 0 {
		return lead.Reason{Word: lead.Now, Text: "it is called when its turn comes"}
	}
	return v.reasons[0]
}

var wordOrder = func() map[lead.Word]int {
	order := map[lead.Word]int{}
	for i, w := range lead.Words() {
		order[w] = i
	}
	return order
}()

// judge is the one place that decides whether a lead may be called. agent is
// who would make the call, if somebody asks for their own leads.
func (s *Store) judge(x *row, rules *lead.Rules, now time.Time, agent string) verdict {
	var v verdict
	s.judgeLead(&v, x, rules, now, agent)
	s.judgeNumbers(&v, x, rules, now)
	slices.SortStableFunc(v.reasons, func(a, b lead.Reason) int { return wordOrder[a.Word] - wordOrder[b.Word] })
	v.reasons = slices.CompactFunc(v.reasons, func(a, b lead.Reason) bool { return a.Word == b.Word })
	return v
}

func (s *Store) judgeLead(v *verdict, x *row, rules *lead.Rules, now time.Time, agent string) {
	if !slices.ContainsFunc(rules.Lists, func(l lead.Share) bool { return l.List == x.List }) {
		v.add(lead.NotInCampaign, time.Time{}, "its list %s is not one of the lists of campaign %s", x.List, rules.Campaign)
	}
	if x.closed {
		v.add(lead.ListClosed, time.Time{}, "its list %s is closed", x.List)
	}
	switch x.State {
	case lead.Ready:
	case lead.Later:
		if x.NextAt.After(now) {
			v.add(waitWord(x.waits), x.NextAt, "%s, at %s", waitText(x), clock(x.NextAt))
		}
	case lead.Taken:
		v.add(lead.Dialling, time.Time{}, "attempt %s of it is being made", x.Attempt)
	case lead.Done:
		v.add(lead.IsDone, time.Time{}, "it is done: %s at %s", orNone(x.Result), clock(x.ResultAt))
	case lead.Excluded:
		v.add(lead.IsExcluded, time.Time{}, "it is left out for good: %s, since %s", orNone(x.Result), clock(x.ResultAt))
	case lead.Hidden:
		v.add(lead.ImportRuns, time.Time{}, "its import is all or nothing and not complete")
	}
	if !x.NotAfter.IsZero() && !x.NotAfter.After(now) {
		v.add(lead.Expired, time.Time{}, "it was to be called until %s", clock(x.NotAfter))
	}
	if x.NotBefore.After(now) {
		v.add(lead.NotYet, x.NotBefore, "it is to be called from %s on", clock(x.NotBefore))
	}
	if rules.Consent && (!x.Consent || x.ConsentSource == "") {
		v.add(lead.NoConsent, time.Time{}, "the campaign needs a consent with its source on record")
	}
	// A call that was promised is made once more, as far as the law's caps on
	// numbers allow: who has agreed to it waits for it.
	if most := capsOf(rules, x.region()).Lead; most > 0 && x.Attempts >= most && x.Callback.At.IsZero() {
		v.add(lead.CapLead, time.Time{}, "it was tried %d times, %d are allowed", x.Attempts, most)
	}
	if x.agent != "" && x.agent != agent {
		v.add(lead.WaitsAgent, time.Time{}, "only %s calls it", x.agent)
	}
}

func orNone(r lead.Result) lead.Result {
	if r == "" {
		return "by hand"
	}
	return r
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// waitWord: rows keep the reason as a text.
func waitWord(w lead.Word) lead.Word {
	if _, known := wordOrder[w]; known {
		return w
	}
	return lead.WaitsRetry
}

func waitText(x *row) string {
	switch word := waitWord(x.waits); {
	case word == lead.WaitsCallback && x.Callback.Agent != "":
		return "a call by " + x.Callback.Agent + " was agreed"
	case word == lead.WaitsCallback:
		return "a call was agreed"
	case word == lead.WaitsRetry:
		return "it is tried again after " + string(orNone(x.Result))
	}
	return "it was put aside: " + string(x.waits)
}

// region is the state of the number that is next.
func (x *row) region() string {
	if n, ok := x.Number(); ok {
		return n.Set.Region
	}
	return ""
}

// judgeNumbers looks for a number that may be called: the one that is next, or
// else one of the others, but only where the first is barred and not merely
// early in its day.
func (s *Store) judgeNumbers(v *verdict, x *row, rules *lead.Rules, now time.Time) {
	order := slices.Clone(x.Numbers)
	slices.SortStableFunc(order, func(a, b lead.Number) int { return rank(a, x.At) - rank(b, x.At) })
	var soonest *lead.Reason
	open := false
	for _, n := range order {
		if n.Closed != "" {
			continue
		}
		bar, barred := s.bar(x, n, rules, now)
		if !open {
			v.number, open = n, true
		}
		if !barred {
			v.number = n
			if w := rules.Window(n.Set, now); !w.Open {
				v.add(lead.WindowClosed, w.Until, "%s", w.Why)
			}
			return
		}
		if soonest == nil || sooner(bar, *soonest) {
			soonest = &bar
			v.number = n
		}
	}
	if soonest == nil {
		v.add(lead.NoNumber, time.Time{}, "none of its %d numbers may be called any more%s", len(x.Numbers), closedText(x.Numbers))
		return
	}
	v.reasons = append(v.reasons, *soonest)
}

func rank(n lead.Number, next int) int {
	if n.N == next {
		return -1
	}
	return n.N
}

func closedText(numbers []lead.Number) string {
	var b strings.Builder
	for _, n := range numbers {
		fmt.Fprintf(&b, "; %s: %s", n.E164, n.Closed)
	}
	return b.String()
}

// sooner: what ends by itself before what does not, then what ends first.
func sooner(a, b lead.Reason) bool {
	if a.Until.IsZero() || b.Until.IsZero() {
		return !a.Until.IsZero()
	}
	return a.Until.Before(b.Until)
}

// bar is what forbids a number now, whatever the hour.
func (s *Store) bar(x *row, n lead.Number, rules *lead.Rules, now time.Time) (lead.Reason, bool) {
	var v verdict
	for _, e := range x.dnc[n.E164] {
		if e.binds(rules.Campaign) {
			v.add(lead.DoNotCall, e.until, "%s is on the do-not-call list: %s for %s, from %s at %s", n.E164, e.what, e.scope, e.source, clock(e.at))
			return v.reasons[0], true
		}
	}
	if len(n.Set.Zones) == 0 {
		v.add(lead.NoZone, time.Time{}, "nobody knows what time it is at %s: give the lead a time zone", n.E164)
		return v.reasons[0], true
	}
	for _, p := range x.Past {
		if p.Number == n.E164 && p.Result == "" && p.Lead != x.ID {
			v.add(lead.Dialling, now.Add(time.Minute), "%s is being called for another lead", n.E164)
			return v.reasons[0], true
		}
	}
	if s.capped(&v, x, n, capsOf(rules, n.Set.Region), now) {
		return v.reasons[0], true
	}
	if s.locked(&v, x, n, rules, now) {
		return v.reasons[0], true
	}
	return lead.Reason{}, false
}

// locked looks at the tries of a number after which it is left alone for a while.
func (s *Store) locked(v *verdict, x *row, n lead.Number, rules *lead.Rules, now time.Time) bool {
	for _, p := range x.Past {
		if p.Number != n.E164 {
			continue
		}
		if !rules.Guarded && p.Locked.After(now) {
			v.add(lead.LockedOut, p.Locked, "after %s at %s, %s is called only with a reserved agent, until %s", p.Result, clock(p.At), n.E164, clock(p.Locked))
			return true
		}
		if !rules.DropNextDay || p.Result != lead.Dropped {
			continue
		}
		if _, next := s.midnights(n.Set.Zones, p.At); next.After(now) {
			v.add(lead.LockedOut, next, "somebody at %s found nobody at %s: it is not called before the next day, %s", n.E164, clock(p.At), clock(next))
			return true
		}
	}
	return false
}

// capped looks at the tries of a number, from whatever list or campaign.
func (s *Store) capped(v *verdict, x *row, n lead.Number, c lead.Caps, now time.Time) bool {
	since, next := s.midnights(n.Set.Zones, now)
	for _, limit := range []struct {
		most  int
		since time.Time
		lasts time.Duration // 0: until next
		words string
	}{
		{c.NumberDay, since, 0, "since midnight there"},
		{c.Number24h, now.Add(-day), day, "in 24 hours"},
		{c.Number7d, now.Add(-7 * day), 7 * day, "in 7 days"},
		{c.Number30d, now.Add(-month), month, "in 30 days"},
	} {
		if limit.most <= 0 {
			continue
		}
		count := 0
		for _, p := range x.Past { // newest first
			if p.Number != n.E164 || !p.Counted || p.At.Before(limit.since) {
				continue
			}
			if count++; count < limit.most {
				continue
			}
			until := next
			if limit.lasts > 0 {
				until = p.At.Add(limit.lasts)
			}
			v.add(lead.NumberCap, until, "%s was tried %d times %s, no more are allowed before %s", n.E164, limit.most, limit.words, clock(until))
			return true
		}
	}
	return false
}

// midnights are the earliest midnight that began today anywhere at a place, and
// the latest that ends it.
func (s *Store) midnights(zones []string, now time.Time) (since, next time.Time) {
	for _, name := range zones {
		where := s.zone(name)
		if where == nil {
			continue
		}
		y, m, d := now.In(where).Date()
		if begins := time.Date(y, m, d, 0, 0, 0, 0, where); since.IsZero() || begins.Before(since) {
			since = begins
		}
		if ends := time.Date(y, m, d+1, 0, 0, 0, 0, where); ends.After(next) {
			next = ends
		}
	}
	if since.IsZero() {
		return now.Add(-day), now.Add(day)
	}
	return since, next
}

func capsOf(rules *lead.Rules, region string) lead.Caps {
	if rules.Caps == nil {
		return lead.Caps{}
	}
	return rules.Caps(region)
}
