package listtest

import (
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/switch/fault"
)

func claimTakesTheNext(t *testing.T, b *bench) {
	b.list("a", "old +49301", "tried +493012345", "new +493012346")
	got := b.lead("a", "tried")
	if got.Name != "Lead tried" || len(got.Numbers) != 1 || got.Numbers[0].E164 != "+493012345" || strings.Join(got.Numbers[0].Set.Zones, " ") != "Europe/Berlin" {
		t.Fatalf("got %+v", got)
	}
	first := b.claim(rules("a"), 1)
	b.wantRefs(first, "tried") // the first row's number is too short to be one
	b.end(first[0], lead.NoAnswer, again(time.Hour))
	high := 200
	b.append("a", list.Row{Ref: "vip", Numbers: number("+493012399"), Priority: &high, Fields: map[string]string{"city": "Köln"}})
	b.later(time.Hour)
	all := b.claim(rules("a"), 10)
	b.wantRefs(all, "vip new tried")
	if all[0].Lead.Fields["city"] != "Köln" || all[0].Number.E164 != "+493012399" || all[2].Lead.Attempts != 1 {
		t.Errorf("got %+v", all)
	}
	b.end(all[2], lead.NoAnswer, again(time.Hour), func(s *lead.Settled) { s.Fresh = false })
	b.must(b.Release(b.ctx(), []lead.Release{{Attempt: all[1].Attempt}, {Attempt: all[0].Attempt}}))
	b.later(time.Hour)
	b.wantRefs(b.claim(rules("a"), 10), "vip tried new") // tries go first where the campaign says so
}

// trunkFailures: tries that failed because of the trunk do not count, and are
// remembered, so that a number that always fails so is tried more and more seldom.
func trunkFailures(t *testing.T, b *bench) {
	b.list("a", "one +493012345")
	for n := range 3 {
		got := b.claim(rules("a"), 1)
		b.wantRefs(got, "one")
		if past := got[0].Lead.Past; len(past) != n || n > 0 && (past[0].Result != lead.TrunkFailed || past[0].Counted) || got[0].Lead.Attempts != 0 {
			t.Errorf("try %d: %+v", n, got[0].Lead)
		}
		b.end(got[0], lead.TrunkFailed, again(time.Minute), func(s *lead.Settled) { s.Counted = false })
		b.later(time.Minute)
	}
}

// claimedOnce: many who claim at a time never get the same lead.
func claimedOnce(t *testing.T, b *bench) {
	b.list("a", manyRows(300)...)
	var mu sync.Mutex
	seen := map[string]int{}
	var wait sync.WaitGroup
	for range 6 {
		wait.Go(func() {
			for {
				out, err := b.Claim(b.ctx(), lead.Want{Rules: rules("a"), Now: b.now, N: 7, NewID: b.lockedID(&mu)})
				if err != nil {
					t.Error(err)
					return
				}
				if len(out) == 0 {
					return
				}
				mu.Lock()
				for _, c := range out {
					seen[c.Lead.Ref]++
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	for ref, n := range seen {
		if n != 1 {
			t.Errorf("%s was claimed %d times", ref, n)
		}
	}
	if len(seen) != 300 {
		t.Errorf("%d leads were claimed, want 300", len(seen))
	}
}

func weightsOfLists(t *testing.T, b *bench) {
	b.list("a", manyRows(60)...)
	rows := manyRows(60)
	for i := range rows {
		rows[i] = strings.Replace(rows[i], "+4930", "+4940", 1)
	}
	b.list("z", rows...)
	r := rules("a", "z")
	r.Lists[0].Weight, r.Lists[1].Weight = 1, 3
	count := map[string]int{}
	for range 10 {
		for _, c := range b.claim(r, 4) {
			count[c.Lead.List]++
		}
	}
	if count["a"] != 10 || count["z"] != 30 {
		t.Errorf("got %v, want 10 of a and 30 of z", count)
	}
	_, err := b.Claim(b.ctx(), lead.Want{Rules: rules("gone"), Now: b.now, N: 1, NewID: b.newID})
	b.wantFault(err, fault.NotFound)
}

// openPlacesOnly: leads of places where it is too early do not stand in the way of others.
func openPlacesOnly(t *testing.T, b *bench) {
	var rows []string
	for _, r := range manyRows(50) {
		rows = append(rows, strings.Replace(r, "+4930", "+1212", 1))
	}
	b.list("a", append(rows, "berlin +493012345", "free +18005550199")...)
	r := rules("a")
	r.Window = func(set lead.ZoneSet, now time.Time) lead.Window {
		for _, z := range set.Zones {
			where, err := time.LoadLocation(z)
			if err != nil {
				t.Error(err)
			} else if h := now.In(where).Hour(); h < 8 || h >= 21 {
				return lead.Window{Until: now.Add(time.Hour), Why: "it is not day in " + z}
			}
		}
		return lead.Window{Open: true}
	}
	b.wantRefs(b.claim(r, 10), "berlin") // 13:00 there, 07:00 in New York
	b.wantWhy("a", "r1", r, "window-closed")
	b.wantWhy("a", "free", r, "no-zone")
	b.now = b.now.Add(time.Hour)
	if got := b.claim(r, 60); len(got) != 50 {
		t.Errorf("%d were claimed an hour later, want those of New York", len(got))
	}
}

func settleOnce(t *testing.T, b *bench) {
	b.list("a", "x +493012345")
	c := b.claim(rules("a"), 1)
	b.end(c[0], lead.Busy, again(time.Minute))
	b.end(c[0], lead.Talked)
	got := b.lead("a", "x")
	if got.State != lead.Later || got.Result != lead.Busy || got.Attempts != 1 || got.Past[0].Result != lead.Busy {
		t.Errorf("told twice, the first counts: got %+v", got)
	}
	b.later(time.Minute)
	c2 := b.claim(rules("a"), 1)
	b.end(c[0], lead.Talked) // late news of the first attempt
	if got := b.lead("a", "x"); got.State != lead.Taken || got.Attempt != c2[0].Attempt {
		t.Errorf("an old attempt's end changed the new one: %+v", got)
	}
	b.end(c2[0], lead.Talked, func(s *lead.Settled) { s.Agent, s.Code = "anna", "sold" })
	b.wantWhy("a", "x", rules("a"), "done")
}

func settleAfterRelease(t *testing.T, b *bench) {
	b.list("a", "x +493012345")
	c := b.claim(rules("a"), 1)
	b.must(b.Release(b.ctx(), []lead.Release{{Attempt: c[0].Attempt}}))
	b.end(c[0], lead.Talked)
	if got := b.lead("a", "x"); got.State != lead.Ready || got.Attempts != 0 {
		t.Errorf("got %+v", got)
	}
}

func releaseGivesBack(t *testing.T, b *bench) {
	b.list("a", "x +493012345", "y +493012346")
	c := b.claim(rules("a"), 2)
	until := b.now.Add(time.Minute)
	b.must(b.Release(b.ctx(), []lead.Release{{Attempt: c[0].Attempt, Until: until}, {Attempt: c[1].Attempt}, {Attempt: b.newID()}}))
	b.wantRefs(b.claim(rules("a"), 2), "y")
	b.wantWhy("a", "x", rules("a"), "retry")
	b.later(time.Minute)
	b.wantRefs(b.claim(rules("a"), 2), "x")
}

func openAfterRestart(t *testing.T, b *bench) {
	b.list("a", "x +493012345", "y +493012346", "z +493012347")
	c := b.claim(rules("a"), 3)
	b.end(c[1], lead.Busy)
	b.restart()
	open, err := b.Taken(b.ctx(), "spring", b.now)
	b.must(err)
	if len(open) != 2 || open[0].Attempt != c[0].Attempt || open[1].Lead.Ref != "z" || open[0].Number.E164 != "+493012345" || open[0].Lead.List != "a" || open[0].Lead.Attempt != c[0].Attempt {
		t.Errorf("got %+v", open)
	}
	if other, err := b.Taken(b.ctx(), "autumn", b.now); err != nil || len(other) != 0 {
		t.Errorf("got %+v %v", other, err)
	}
	if n, err := b.Forget(b.ctx(), b.now.Add(time.Hour)); err != nil || n != 1 {
		t.Errorf("%d settled tries were forgotten, want 1: %v", n, err)
	}
}
