package listtest

import (
	"fmt"
	"testing"
	"time"

	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/switch/fault"
)

func appendAndChange(t *testing.T, b *bench) {
	b.list("a")
	got := b.append("a", list.Row{Ref: "x", Name: "Ms X", Numbers: []list.RowNumber{{Text: "030 12345", Kind: lead.Work}, {Text: "+49 171 1234567", Kind: lead.Mobile}, {Text: "+493012345"}}},
		list.Row{Ref: "none"}, list.Row{Ref: "bad", Numbers: number("call me")}, list.Row{Ref: "zone", Numbers: number("+493012346"), Zone: "Mars/Base"},
		list.Row{Numbers: number("+493012347")})
	if got.Made != 2 || len(got.Bad) != 3 || got.Bad[0].Line != 2 || got.Bad[0].Column != "number" || got.Bad[2].Column != "tz" {
		t.Fatalf("got %+v", got)
	}
	x := b.lead("a", "x")
	if len(x.Numbers) != 2 || x.Numbers[0].Kind != lead.Work || x.Numbers[1].E164 != "+491711234567" || x.Numbers[1].Kind != lead.Mobile {
		t.Errorf("got %+v", x.Numbers)
	}
	if l := b.lead("a", "+493012347"); l.Ref != "+493012347" || l.Priority != 100 {
		t.Errorf("without a ref the number is it: %+v", l)
	}
	c := b.claim(rules("a"), 1)
	b.end(c[0], lead.InvalidNumber, again(time.Hour), func(s *lead.Settled) { s.Close = true })
	high := 7
	b.change("a", "x", list.Row{Name: "Mr X", Priority: &high, Numbers: []list.RowNumber{{Text: "+493099999"}, {Text: "+493012345"}}, Fields: map[string]string{"k": "v"}})
	x = b.lead("a", "x")
	if x.Name != "Mr X" || x.Priority != 7 || x.Numbers[0].E164 != "+493099999" || x.Numbers[0].Closed != "" || x.Numbers[1].Closed != "invalid" || x.Fields["k"] != "v" || x.Attempts != 1 {
		t.Errorf("got %+v", x)
	}
	_, err := b.Append(b.ctx(), "nowhere", nil, "", b.now)
	b.wantFault(err, fault.NotFound)
}

func editByHand(t *testing.T, b *bench) {
	b.list("a", "x +12125550123", "y +493012345")
	x := b.lead("a", "x")
	b.must(b.Edit(b.ctx(), x.ID, list.Edit{Callback: &list.EditCallback{At: "2027-03-05 10:00", Agent: "anna", Mine: true}}, b.now))
	x = b.lead("a", "x")
	if want := time.Date(2027, 3, 5, 15, 0, 0, 0, time.UTC); !x.Callback.At.Equal(want) || x.State != lead.Later || !x.Callback.Mine {
		t.Errorf("ten o'clock in New York is %s, got %+v", want, x)
	}
	done, taken, owner, low := lead.Done, lead.Taken, "bert", 1
	b.must(b.Edit(b.ctx(), x.ID, list.Edit{State: &done, Owner: &owner, Priority: &low, Fields: map[string]string{"a": "b"}}, b.now))
	if x = b.lead("a", "x"); x.State != lead.Done || x.Owner != "bert" || x.Result != lead.ByHand || x.Priority != 1 || x.Fields["a"] != "b" {
		t.Errorf("got %+v", x)
	}
	b.wantFault(b.Edit(b.ctx(), x.ID, list.Edit{State: &taken}, b.now), fault.Invalid)
	b.wantFault(b.Edit(b.ctx(), x.ID, list.Edit{Callback: &list.EditCallback{At: "2020-01-01 10:00"}}, b.now), fault.Invalid)
	b.wantFault(b.Edit(b.ctx(), 4711, list.Edit{}, b.now), fault.NotFound)
	c := b.claim(rules("a"), 5)
	b.wantRefs(c, "y")
	b.wantFault(b.Edit(b.ctx(), c[0].Lead.ID, list.Edit{State: &done}, b.now), fault.Conflict)
	b.wantFault(b.RemoveLead(b.ctx(), c[0].Lead.ID, b.now), fault.Conflict)
	b.must(b.RemoveLead(b.ctx(), x.ID, b.now))
	_, err := b.Lead(b.ctx(), x.ID, b.now)
	b.wantFault(err, fault.NotFound)
}

func deleteLeads(t *testing.T, b *bench) {
	b.list("a", manyRows(4)...)
	c := b.claim(rules("a"), 1)
	_, err := b.Delete(b.ctx(), "a", []string{"r1", "r2"}, b.now)
	b.wantFault(err, fault.Conflict)
	b.end(c[0], lead.Talked)
	if n, err := b.Delete(b.ctx(), "a", []string{"r1", "r2", "nobody"}, b.now); err != nil || n != 2 {
		t.Errorf("%d were deleted, want 2: %v", n, err)
	}
	// Numbers are never given again: tries of a lead that is gone are not another's.
	before := b.lead("a", "r4").ID
	if _, err := b.Delete(b.ctx(), "a", []string{"r4"}, b.now); err != nil {
		t.Fatal(err)
	}
	b.append("a", list.Row{Ref: "new", Numbers: number("+493012345")})
	if got := b.lead("a", "new").ID; got <= before {
		t.Errorf("the new lead has the number %d, %d was given before", got, before)
	}
}

func duplicates(t *testing.T, b *bench) {
	for n, c := range []struct {
		policy               list.Policy
		made, changed, twice int64
		bad                  int
	}{
		{list.Policy{}, 2, 0, 2, 0},
		{list.Policy{Do: list.DoRefuse}, 2, 0, 0, 2},
		{list.Policy{Do: list.DoUpdate}, 2, 1, 1, 0}, // the second of the same call is left out
		{list.Policy{By: list.ByNumber}, 1, 0, 3, 0},
		{list.Policy{By: list.ByNumber, Do: list.DoRefuse}, 1, 0, 0, 3},
		{list.Policy{By: list.ByNumber, Across: true}, 0, 0, 4, 0},
	} {
		id := fmt.Sprintf("l%d", n)
		b.list(id, fmt.Sprintf("x +4930%05d", 50_000+n))
		if c.policy.Across {
			b.list("z", "z +493077777")
		}
		l, err := b.Get(b.ctx(), id)
		b.must(err)
		l.Policy = c.policy
		_, err = b.Save(b.ctx(), l, b.now)
		b.must(err)
		got := b.append(id, list.Row{Ref: "x", Name: "changed", Numbers: number("+493011111")}, list.Row{Ref: "y", Numbers: number("+493077777")},
			list.Row{Ref: "y", Numbers: number("+493077777")}, list.Row{Ref: "w", Numbers: number(fmt.Sprintf("+4930%05d", 50_000+n))})
		if got.Made != c.made || got.Changed != c.changed || got.Twice != c.twice || len(got.Bad) != c.bad {
			t.Errorf("%+v: got %+v", c.policy, got)
		}
		if name := b.lead(id, "x").Name; (name == "changed") != (c.policy.Do == list.DoUpdate) {
			t.Errorf("%+v: the lead is called %q", c.policy, name)
		}
	}
	for _, bad := range []list.Policy{{By: "name"}, {Do: "shout"}, {Across: true}, {By: list.ByNumber, Across: true, Do: list.DoUpdate}} {
		_, err := b.Save(b.ctx(), list.List{ID: "bad", Policy: bad}, b.now)
		b.wantFault(err, fault.Invalid)
	}
	_, err := b.Save(b.ctx(), list.List{ID: "Big List"}, b.now)
	b.wantFault(err, fault.Invalid)
}

func findLeads(t *testing.T, b *bench) {
	b.list("a", "x +493012345", "y +493012346")
	b.list("z", "x +493012345")
	for what, want := range map[string]int{"x": 2, "030 12345": 2, "+493012346": 1, fmt.Sprint(b.lead("z", "x").ID): 1} {
		found, err := b.Find(b.ctx(), "", what, b.now)
		if err != nil || len(found) != want {
			t.Errorf("%s names %d leads, want %d: %v", what, len(found), want, err)
		}
	}
	_, err := b.Find(b.ctx(), "a", "nobody", b.now)
	b.wantFault(err, fault.NotFound)
	ready := lead.Ready
	for _, c := range []struct {
		f    list.LeadFilter
		want int
	}{
		{list.LeadFilter{List: "a"}, 2},
		{list.LeadFilter{List: "a", Limit: 1}, 1},
		{list.LeadFilter{Number: "+493012345"}, 2},
		{list.LeadFilter{List: "a", Ref: "y"}, 1},
		{list.LeadFilter{List: "a", State: &ready, After: b.lead("a", "x").ID}, 1},
		{list.LeadFilter{List: "z", Number: "+493012346"}, 0},
	} {
		got, err := b.Leads(b.ctx(), c.f, b.now)
		if err != nil || len(got) != c.want {
			t.Errorf("%+v: %d leads, want %d: %v", c.f, len(got), c.want, err)
		}
	}
	_, err = b.Leads(b.ctx(), list.LeadFilter{}, b.now)
	b.wantFault(err, fault.Invalid)
}

// lastTries: of each lead the attempt that gave it its result.
func lastTries(t *testing.T, b *bench) {
	b.list("a", manyRows(3)...)
	by := func(agent string) func(*lead.Settled) { return func(s *lead.Settled) { s.Agent = agent } }
	first := b.claim(rules("a"), 1)[0]
	b.end(first, lead.Busy, again(time.Minute), by("anna"))
	b.later(time.Hour)
	b.end(b.claim(rules("a"), 1)[0], lead.Talked)
	var second lead.Claimed
	for second.Lead.ID != first.Lead.ID {
		second = b.claim(rules("a"), 1)[0]
	}
	b.end(second, lead.Busy, again(time.Hour), by("ben"))
	leads, err := b.Leads(b.ctx(), list.LeadFilter{List: "a"}, b.now)
	b.must(err)
	got, err := b.LastTries(b.ctx(), leads)
	b.must(err)
	if last := got[first.Lead.ID]; len(got) != 2 || last.Attempt != second.Attempt || last.Agent != "ben" || last.Result != lead.Busy || !last.At.Equal(b.now) {
		t.Errorf("got %+v", got)
	}
	excluded := lead.Excluded
	b.must(b.Edit(b.ctx(), first.Lead.ID, list.Edit{State: &excluded}, b.now))
	if got, err = b.LastTries(b.ctx(), []lead.Lead{b.lead("a", first.Lead.Ref)}); err != nil {
		t.Fatal(err)
	}
	if r := b.lead("a", first.Lead.Ref).Result; r != lead.Busy && len(got) != 0 {
		t.Errorf("the result %s is no attempt's: %+v", r, got)
	}
}

func listsAreDeleted(t *testing.T, b *bench) {
	b.list("a", manyRows(10)...)
	b.list("z", "keep +493099999")
	c := b.claim(rules("a"), 1)
	_, err := b.Remove(b.ctx(), "a")
	b.wantFault(err, fault.Conflict)
	b.wantRefs(b.claim(rules("a"), 5), "") // closed all the same
	b.end(c[0], lead.Talked)
	if n, err := b.Remove(b.ctx(), "a"); err != nil || n != 10 {
		t.Errorf("%d leads went, want 10: %v", n, err)
	}
	all, err := b.Lists(b.ctx())
	b.must(err)
	if len(all) != 1 || all[0].ID != "z" {
		t.Errorf("got %+v", all)
	}
	again, err := b.Save(b.ctx(), list.List{ID: "a"}, b.now)
	b.must(err)
	if again.No <= all[0].No {
		t.Errorf("the new list has the number %d of an old one", again.No)
	}
	b.wantRefs(b.claim(rules("z"), 5), "keep")
}
