package listtest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/switch/fault"
)

// everyReason: each word is said of a lead that it is true of, and comes first.
func everyReason(t *testing.T, b *bench) {
	b.list("other", "elsewhere +493011101")
	b.list("a", "now +493022201", "taken +493022202", "done +493022203", "retry +493022204", "promised +493022205", "barred +493022206",
		"closed +493022207", "capped +493022208", "locked +493022209", "worn +493022210", "night +12125550123", "free +18005550123")
	yes := true
	for _, ref := range []string{"now", "taken", "done", "retry", "promised", "barred", "closed", "capped", "locked", "worn", "night", "free"} {
		b.change("a", ref, list.Row{Consent: &yes, ConsentSource: "form"})
	}
	consented := func(r list.Row) list.Row {
		r.Consent, r.ConsentSource = &yes, "form"
		return r
	}
	b.append("a", consented(list.Row{Ref: "early", Numbers: number("+493022211"), NotBefore: b.now.Add(time.Hour)}),
		consented(list.Row{Ref: "late", Numbers: number("+493022212"), NotAfter: b.now.Add(-time.Hour)}),
		consented(list.Row{Ref: "hers", Numbers: number("+493022213"), Owner: "anna"}), list.Row{Ref: "unasked", Numbers: number("+493022214")},
		consented(list.Row{Ref: "excluded", Numbers: number("+493022215")}))
	b.put("a", "excluded", lead.Excluded)
	b.list("shut", "gone +493033301")
	shut, err := b.Get(b.ctx(), "shut")
	b.must(err)
	shut.Closed = true
	_, err = b.Save(b.ctx(), shut, b.now)
	b.must(err)

	r := rules("a", "shut")
	r.Window = func(set lead.ZoneSet, now time.Time) lead.Window {
		return lead.Window{Open: set.Zones[0] != "America/New_York", Until: now.Add(time.Hour), Why: "it is 07:00 in New York, calls begin at 08:00"}
	}
	of := map[string]lead.Claimed{}
	for _, c := range b.claim(r, 100) {
		of[c.Lead.Ref] = c
	}
	b.end(of["done"], lead.Talked)
	b.end(of["retry"], lead.Busy, again(time.Hour))
	b.end(of["promised"], lead.Talked, func(s *lead.Settled) {
		s.Next, s.Callback = b.now.Add(time.Hour), lead.Callback{At: b.now.Add(time.Hour)}
	})
	now := func(s *lead.Settled) { s.Next = s.At }
	b.end(of["closed"], lead.Fax, now, func(s *lead.Settled) { s.Close = true })
	b.put("a", "closed", lead.Ready)
	b.end(of["capped"], lead.Busy, now)
	b.end(of["locked"], lead.Dropped, now, func(s *lead.Settled) { s.Locked, s.Counted = s.At.Add(time.Hour), false })
	b.end(of["worn"], lead.Busy, now)
	for _, ref := range []string{"now", "barred", "unasked"} {
		b.must(b.Release(b.ctx(), []lead.Release{{Attempt: of[ref].Attempt}}))
	}
	_, err = b.AddNumbers(b.ctx(), []list.Entry{{Number: "+493022206", Scope: list.ScopeTenant, Source: "letter"}}, b.now)
	b.must(err)
	r.Consent = true
	r.Caps = func(string) lead.Caps { return lead.Caps{NumberDay: 1} }
	for ref, want := range map[string]lead.Word{
		"elsewhere": lead.NotInCampaign, "gone": lead.ListClosed, "taken": lead.Dialling, "done": lead.IsDone, "excluded": lead.IsExcluded, "closed": lead.NoNumber,
		"barred": lead.DoNotCall, "unasked": lead.NoConsent, "free": lead.NoZone, "promised": lead.WaitsCallback, "retry": lead.WaitsRetry, "early": lead.NotYet,
		"late": lead.IsExcluded, "capped": lead.NumberCap, "hers": lead.WaitsAgent, "night": lead.WindowClosed, "now": lead.Now,
	} {
		if got := b.firstReason(ref, r); got.Word != want {
			t.Errorf("%s: %s (%s), want %s", ref, got.Word, got.Text, want)
		}
	}
	r.Caps = func(string) lead.Caps { return lead.Caps{Lead: 1} }
	if got := b.firstReason("worn", r); got.Word != lead.CapLead {
		t.Errorf("worn: %s, want %s", got.Word, lead.CapLead)
	}
	if got := b.firstReason("night", r); !got.Until.Equal(b.now.Add(time.Hour)) || got.Text != "it is 07:00 in New York, calls begin at 08:00" {
		t.Errorf("night: %+v", got)
	}
	b.lockedOut(r)
	_, _, err = b.Why(b.ctx(), 99_999, r, b.now)
	b.wantFault(err, fault.NotFound)
}

// lockedOut: an attempt that does not count as a try locks its number all the same.
func (b *bench) lockedOut(r lead.Rules) {
	b.t.Helper()
	r.Caps = nil
	if got := b.firstReason("locked", r); got.Word != lead.LockedOut {
		b.t.Errorf("locked: %s (%s), want %s", got.Word, got.Text, lead.LockedOut)
	}
}

func (b *bench) firstReason(ref string, r lead.Rules) lead.Reason {
	b.t.Helper()
	_, reasons, err := b.Why(b.ctx(), b.lead("", ref).ID, r, b.now)
	b.must(err)
	return reasons[0]
}

// countsAreTheLeads: whatever has happened to them, the counts add up to the
// leads, and each is the first reason of that many.
func countsAreTheLeads(t *testing.T, b *bench) {
	rnd := rand.New(rand.NewPCG(7, 11))
	const leads = 240
	b.list("a")
	b.list("z")
	var rows []list.Row
	numbers := []string{"+4930555%04d", "+1212555%04d", "+4479111%05d", "+1800555%04d", "+6141255%04d"}
	for i := range leads {
		r := list.Row{Ref: fmt.Sprintf("l%d", i), Numbers: number(fmt.Sprintf(numbers[rnd.IntN(len(numbers))], rnd.IntN(leads)))}
		if rnd.IntN(3) == 0 {
			r.Numbers = append(r.Numbers, list.RowNumber{Text: fmt.Sprintf("+4940555%04d", rnd.IntN(leads))})
		}
		if rnd.IntN(10) == 0 {
			r.Owner = "anna"
		}
		if rnd.IntN(10) == 0 {
			r.NotBefore = b.now.Add(time.Duration(rnd.IntN(48)) * time.Hour)
		}
		if rnd.IntN(10) == 0 {
			r.NotAfter = b.now.Add(time.Duration(rnd.IntN(72)) * time.Hour)
		}
		rows = append(rows, r)
	}
	b.append("a", rows[:leads/2]...)
	b.append("z", rows[leads/2:]...)
	r := rules("a", "z")
	r.Caps = func(string) lead.Caps { return lead.Caps{Lead: 4, NumberDay: 2} }
	r.Window = func(set lead.ZoneSet, now time.Time) lead.Window {
		return lead.Window{Open: (now.Hour()+len(set.Zones))%3 != 0, Until: now.Add(time.Hour), Why: "closed"}
	}
	results := lead.Results()
	for round := range 12 {
		for _, c := range b.claim(r, 60) {
			switch rnd.IntN(6) {
			case 0:
				b.must(b.Release(b.ctx(), []lead.Release{{Attempt: c.Attempt, Until: b.now.Add(time.Duration(rnd.IntN(3)) * time.Hour)}}))
			case 1: // it goes on
			default:
				b.end(c, results[rnd.IntN(len(results))], func(s *lead.Settled) {
					if rnd.IntN(3) > 0 {
						s.Next = s.At.Add(time.Duration(rnd.IntN(300)) * time.Minute)
					}
					s.Number, s.Close, s.Proof, s.Fresh = rnd.IntN(2), rnd.IntN(8) == 0, rnd.IntN(8) == 0, rnd.IntN(2) == 0
					if rnd.IntN(6) == 0 {
						s.Locked = s.At.Add(24 * time.Hour)
					}
					if rnd.IntN(10) == 0 {
						s.DoNotCall, s.Source = list.ScopeTenant, "key"
					}
				})
			}
		}
		b.countsHold(r, leads, round)
		b.later(time.Duration(1+rnd.IntN(5)) * time.Hour)
	}
}

func (b *bench) countsHold(r lead.Rules, leads int64, round int) {
	b.t.Helper()
	counts, err := b.Count(b.ctx(), r, b.now)
	b.must(err)
	if counts.Sum() != leads {
		b.t.Fatalf("round %d: %v add up to %d, there are %d leads", round, counts, counts.Sum(), leads)
	}
	for _, share := range r.Lists {
		all, err := b.Leads(b.ctx(), list.LeadFilter{List: share.List, Limit: 1000}, b.now)
		b.must(err)
		for _, l := range all {
			_, reasons, err := b.Why(b.ctx(), l.ID, r, b.now)
			b.must(err)
			counts[reasons[0].Word]--
		}
	}
	for word, n := range counts {
		if n != 0 {
			b.t.Fatalf("round %d: of %s the count and the leads differ by %d", round, word, n)
		}
	}
	left, err := b.Left(b.ctx(), r.Lists)
	b.must(err)
	sum := int64(0)
	for _, l := range left {
		sum += l.Leads
	}
	if sum != leads {
		b.t.Fatalf("round %d: %d leads by state and place, there are %d", round, sum, leads)
	}
}

func reconsidered(t *testing.T, b *bench) {
	b.list("a", "x +493012345", "y +493012346")
	r := rules("a")
	r.Consent = true
	b.wantRefs(b.claim(r, 5), "")
	b.put("a", "y", lead.Excluded)
	r.Consent = false
	b.wantRefs(b.claim(r, 5), "")
	if n, err := b.Reconsider(b.ctx(), r.Lists); err != nil || n != 1 {
		t.Errorf("%d are judged anew, want 1: who was left out by hand stays out: %v", n, err)
	}
	b.wantRefs(b.claim(r, 5), "x")
}
