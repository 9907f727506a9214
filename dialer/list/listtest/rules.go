package listtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/switch/fault"
)

func numbersAreClosed(t *testing.T, b *bench) {
	b.list("a", "x +493012345 +493012346")
	proof := func(s *lead.Settled) { s.Proof = true }
	for n, want := range []string{"+493012345", "+493012345", "+493012345", "+493012346"} {
		c := b.claim(rules("a"), 1)
		if c[0].Number.E164 != want {
			t.Fatalf("try %d calls %s, want %s", n, c[0].Number.E164, want)
		}
		in := time.Hour // on the same day it proves nothing new
		if n > 0 {
			in = 25 * time.Hour
		}
		b.end(c[0], lead.InvalidNumber, again(in), proof)
		b.later(in)
	}
	c := b.claim(rules("a"), 1)
	b.end(c[0], lead.NumberChanged, again(time.Hour), func(s *lead.Settled) { s.Close = true })
	if got := b.lead("a", "x"); got.State != lead.Done || got.Numbers[0].Closed != "invalid" || got.Numbers[1].Closed != "changed" {
		t.Errorf("got %+v", got)
	}
}

// dialledNumberIsClosed: what the network says is about the number that was
// dialled, though a CRM has put another in its place meanwhile.
func dialledNumberIsClosed(t *testing.T, b *bench) {
	b.list("a", "x +493012345 +493012346")
	proof := func(s *lead.Settled) { s.Proof = true }
	c := b.claim(rules("a"), 1)
	b.change("a", "x", list.Row{Numbers: []list.RowNumber{{Text: "+493012399"}, {Text: "+493012345"}}})
	b.end(c[0], lead.InvalidNumber, again(0), proof)
	if n := b.lead("a", "x").Numbers; n[0].Proofs != 0 || n[1].Proofs != 1 {
		t.Errorf("got %+v", n)
	}
	// When a number comes again it has not forgotten when its last proof was.
	b.change("a", "x", list.Row{Numbers: number("+493012345")})
	c = b.claim(rules("a"), 1)
	b.end(c[0], lead.InvalidNumber, again(24*time.Hour), proof)
	if n := b.lead("a", "x").Numbers; n[0].Closed != "" || n[0].Proofs != 1 {
		t.Errorf("two proofs in a minute have closed it: %+v", n)
	}
	b.later(24 * time.Hour)
	c = b.claim(rules("a"), 1)
	b.change("a", "x", list.Row{Numbers: []list.RowNumber{{Text: "+493012399"}, {Text: "+493012345"}}})
	b.end(c[0], lead.NumberChanged, again(0), func(s *lead.Settled) { s.Close = true })
	if n := b.lead("a", "x").Numbers; n[0].Closed != "" || n[1].Closed != "changed" {
		t.Errorf("got %+v", n)
	}
}

func capsOfNumbers(t *testing.T, b *bench) {
	b.list("a", "x +493012345")
	r := rules("a")
	r.Caps = func(region string) lead.Caps { return lead.Caps{NumberDay: 2, Number7d: 3, Lead: 4} }
	try := func() {
		t.Helper()
		c := b.claim(r, 1)
		b.wantRefs(c, "x")
		b.end(c[0], lead.NoAnswer, again(time.Hour))
		b.later(time.Hour)
	}
	none := func(why string) {
		t.Helper()
		b.wantRefs(b.claim(r, 1), "")
		b.wantWhy("a", "x", r, why)
	}
	try()
	try()
	none("cap-number") // 14:00, until midnight in Berlin: 23:00
	b.later(9*time.Hour - time.Minute)
	none("cap-number")
	b.later(time.Minute)
	try()
	none("cap-number") // three in seven days
	b.later(7 * 24 * time.Hour)
	try()
	none("excluded cap-lead")
}

// capsCountOtherLists: a number has its own count, whichever lead it was called for.
func capsCountOtherLists(t *testing.T, b *bench) {
	b.list("a", "x +493012345")
	b.list("b", "y +493012345", "z +493012345")
	r := rules("a", "b")
	r.Caps = func(string) lead.Caps { return lead.Caps{Number24h: 1} }
	c := b.claim(r, 5)
	b.wantRefs(c, "x") // not three calls to one number at a time
	b.wantWhy("b", "y", r, "dialling")
	b.end(c[0], lead.Talked)
	b.wantRefs(b.claim(r, 5), "")
	b.wantWhy("b", "y", r, "cap-number")
	if _, err := b.Delete(b.ctx(), "a", []string{"x"}, b.now); err != nil {
		t.Fatal(err)
	}
	b.wantWhy("b", "z", r, "cap-number") // the tries of a lead that is gone count on
	b.later(24*time.Hour + time.Second)
	b.wantRefs(b.claim(r, 1), "y")
}

func lockouts(t *testing.T, b *bench) {
	b.list("a", "x +493012345")
	b.list("b", "y +493012345")
	r := rules("a", "b")
	c := b.claim(rules("a"), 1)
	b.end(c[0], lead.Dropped, again(time.Hour), func(s *lead.Settled) { s.Locked = s.At.Add(72 * time.Hour) })
	b.later(time.Hour)
	b.wantRefs(b.claim(r, 5), "")
	b.wantWhy("a", "x", r, "lockout")
	b.wantWhy("b", "y", r, "lockout")
	guarded := r
	guarded.Guarded = true
	b.wantWhy("a", "x", guarded, "lockout") // it was put aside, for all campaigns
	b.append("b", list.Row{Ref: "w", Numbers: number("+493012345")})
	b.wantRefs(b.claim(guarded, 5), "w") // a reserved agent may
}

func (b *bench) bar(e list.Entry) {
	b.t.Helper()
	if e.Source == "" {
		e.Source = "letter of 1 March"
	}
	_, err := b.AddNumbers(b.ctx(), []list.Entry{e}, b.now)
	b.must(err)
}

func doNotCall(t *testing.T, b *bench) {
	b.list("a", "x +493012345", "y +493012346")
	b.bar(list.Entry{Number: "030 12345", Scope: list.ScopeTenant, By: "anna"})
	b.wantRefs(b.claim(rules("a"), 5), "y")
	b.wantWhy("a", "x", rules("a"), "excluded do-not-call")
	e164, found, err := b.Check(b.ctx(), "0049 30 12345", b.now)
	b.must(err)
	if e164 != "+493012345" || len(found) != 1 || found[0].Source != "letter of 1 March" || found[0].By != "anna" || !found[0].At.Equal(b.now) {
		t.Errorf("got %s %+v", e164, found)
	}
	// A lead that comes when it is on the list already is left out at once.
	if got := b.append("a", list.Row{Ref: "later", Numbers: number("+493012345")}); got.Blocked != 1 || got.Made != 1 {
		t.Errorf("got %+v", got)
	}
	b.must(b.RemoveNumber(b.ctx(), list.Entry{Number: "+493012345", Scope: list.ScopeTenant}))
	b.wantRefs(b.claim(rules("a"), 1), "x")
	b.wantFault(b.RemoveNumber(b.ctx(), list.Entry{Number: "+493012345", Scope: list.ScopeTenant}), fault.NotFound)
	for _, bad := range []list.Entry{
		{Number: "+493012345", Scope: "everybody", Source: "s"},
		{Number: "+493012345", Scope: list.ScopeTenant},
		{Number: "12", Scope: list.ScopeSystem, Source: "s"},
		{Number: "+49", Prefix: true, Scope: list.ScopeCampaign, Source: "s"},
		{Number: "0301", Prefix: true, Scope: list.ScopeSystem, Source: "s"},
		{Number: "+493012345", Scope: list.ScopeTenant, Source: "s", Until: b.now.Add(-time.Hour)},
	} {
		_, err := b.AddNumbers(b.ctx(), []list.Entry{bad}, b.now)
		b.wantFault(err, fault.Invalid)
	}
	// An entry that ends lets the number be called again.
	b.list("u", "u +493099999")
	b.bar(list.Entry{Number: "+493099999", Scope: list.ScopeSystem, Until: b.now.Add(time.Hour)})
	b.wantRefs(b.claim(rules("u"), 1), "")
	b.later(time.Hour + time.Second)
	b.wantRefs(b.claim(rules("u"), 1), "u")
}

func doNotCallOfOneCampaign(t *testing.T, b *bench) {
	b.list("a", "x +493012345")
	b.bar(list.Entry{Number: "+493012345", Scope: list.ScopeCampaign + "spring"})
	b.wantRefs(b.claim(rules("a"), 1), "")
	b.wantWhy("a", "x", rules("a"), "do-not-call")
	autumn := rules("a")
	autumn.Campaign = "autumn"
	b.later(time.Hour + time.Second)
	b.wantRefs(b.claim(autumn, 1), "x")
}

func areaCodes(t *testing.T, b *bench) {
	b.list("a", "x +493012345", "y +494012345")
	b.bar(list.Entry{Number: "+4930", Prefix: true, Scope: list.ScopeSystem})
	b.wantRefs(b.claim(rules("a"), 5), "y")
	b.wantWhy("a", "x", rules("a"), "excluded do-not-call")
	all, err := b.Entries(b.ctx(), list.EntryFilter{})
	b.must(err)
	if len(all) != 1 || !all[0].Prefix || all[0].Number != "+4930" {
		t.Errorf("got %+v", all)
	}
	b.must(b.RemoveNumber(b.ctx(), list.Entry{Number: "+4930", Prefix: true, Scope: list.ScopeSystem}))
	b.wantRefs(b.claim(rules("a"), 5), "x")
}

// optOut: the key in a call and the end of its attempt are one change.
func optOut(t *testing.T, b *bench) {
	b.list("a", "x +493012345")
	b.list("b", "y +493012345")
	c := b.claim(rules("a"), 1)
	b.end(c[0], lead.OptOut, func(s *lead.Settled) {
		s.DoNotCall, s.Source = list.ScopeTenant, "key 9 in call "+s.Attempt.String()
	})
	b.wantRefs(b.claim(rules("b"), 1), "")
	_, found, err := b.Check(b.ctx(), "+493012345", b.now)
	b.must(err)
	if len(found) != 1 || found[0].Source != "key 9 in call "+c[0].Attempt.String() {
		t.Errorf("got %+v", found)
	}
}

func consentIsNeeded(t *testing.T, b *bench) {
	b.list("a", "none +493012345")
	yes, no := true, false
	b.append("a", list.Row{Ref: "given", Numbers: number("+493012346"), Consent: &yes, ConsentSource: "form 7"},
		list.Row{Ref: "refused", Numbers: number("+493012347"), Consent: &no, ConsentSource: "form 8"}, list.Row{Ref: "unproven", Numbers: number("+493012348"), Consent: &yes})
	r := rules("a")
	r.Consent = true
	b.wantRefs(b.claim(r, 5), "given")
	b.wantWhy("a", "refused", r, "excluded no-consent")
	b.change("a", "refused", list.Row{Consent: &yes, ConsentSource: "call of today"})
	b.wantRefs(b.claim(r, 5), "refused")
}

func otherNumberInstead(t *testing.T, b *bench) {
	b.list("a", "x +493012345 +12125550123")
	b.bar(list.Entry{Number: "+493012345", Scope: list.ScopeTenant})
	c := b.claim(rules("a"), 1)
	if len(c) != 1 || c[0].Number.E164 != "+12125550123" || c[0].Number.N != 1 {
		t.Fatalf("got %+v", c)
	}
	b.must(b.Release(b.ctx(), []lead.Release{{Attempt: c[0].Attempt}}))
	if got := b.lead("a", "x"); got.At != 1 {
		t.Errorf("it stays with that number: %+v", got)
	}
	// The other one's place decides then.
	b.list("b", "y +493012345 +12125550199")
	r := rules("b")
	r.Window = func(set lead.ZoneSet, _ time.Time) lead.Window {
		return lead.Window{Open: set.Zones[0] == "Europe/Berlin", Why: "night"}
	}
	b.wantRefs(b.claim(r, 1), "")
	b.wantWhy("b", "y", r, "window-closed")
	r.Window = always
	b.wantRefs(b.claim(r, 1), "y")
}

func firstAndLastMoment(t *testing.T, b *bench) {
	b.list("a")
	b.append("a", list.Row{Ref: "early", Numbers: number("+493012345"), NotBefore: b.now.Add(time.Hour)},
		list.Row{Ref: "late", Numbers: number("+493012346"), NotAfter: b.now.Add(-time.Second)})
	b.wantRefs(b.claim(rules("a"), 5), "")
	b.wantWhy("a", "early", rules("a"), "not-before")
	b.wantWhy("a", "late", rules("a"), "excluded not-after")
	b.later(time.Hour)
	b.wantRefs(b.claim(rules("a"), 5), "early")
	b.change("a", "late", list.Row{NotAfter: b.now.Add(time.Hour)})
	b.wantRefs(b.claim(rules("a"), 5), "late")
}

func callbacks(t *testing.T, b *bench) {
	b.list("a", manyRows(3)...)
	c := b.claim(rules("a"), 1)
	agreed := b.now.Add(2 * time.Hour)
	b.end(c[0], lead.Talked, func(s *lead.Settled) { s.Next, s.Callback = agreed, lead.Callback{At: agreed} })
	b.wantWhy("a", "r1", rules("a"), "callback")
	b.later(2 * time.Hour)
	b.wantRefs(b.claim(rules("a"), 3), "r1 r2 r3")
}

// callbackElsewhere: a call is agreed at another number than was called: one of
// the lead's that was closed, one that it did not have, and one for which it has
// no room. It is called there, in the hours of that place, if nobody forbids it.
func callbackElsewhere(t *testing.T, b *bench) {
	full := "r3 +493012350"
	for i := 1; i < lead.MaxNumbers; i++ {
		full += fmt.Sprintf(" +49301235%d", i)
	}
	b.list("a", "r1 +493012341 +493012342", "r2 +493012345", full, "r4 +493012361")
	claimed := b.claim(rules("a"), 4)
	b.wantRefs(claimed, "r1 r2 r3 r4")
	agreed := b.now.Add(time.Hour)
	at := func(number string) func(*lead.Settled) {
		return func(s *lead.Settled) { s.Next, s.Callback, s.Agreed = agreed, lead.Callback{At: agreed}, number }
	}
	b.end(claimed[0], lead.InvalidNumber, func(s *lead.Settled) { s.Close, s.Next, s.Number = true, b.now, 1 })
	second := b.claim(rules("a"), 1)
	b.end(second[0], lead.Talked, at("+493012341")) // its first number, which is closed
	b.end(claimed[1], lead.Talked, at("+12125550123"))
	b.end(claimed[2], lead.Talked, at("+493012399"))
	b.end(claimed[3], lead.Talked, at("+493012362"))
	_, err := b.AddNumbers(b.ctx(), []list.Entry{{Number: "+493012362", Scope: "tenant", Source: "letter", By: "ina", At: b.now}}, b.now)
	b.must(err)
	if x := b.lead("a", "r2"); len(x.Numbers) != 2 || x.At != 1 || x.Numbers[1].E164 != "+12125550123" || !slices.Equal(x.Numbers[1].Set.Zones, []string{"America/New_York"}) {
		t.Errorf("a number that it did not have: next is %d of %+v", x.At, x.Numbers)
	}
	if x := b.lead("a", "r3"); len(x.Numbers) != lead.MaxNumbers || x.At != 0 || x.Numbers[0].E164 != "+493012399" {
		t.Errorf("a number without room: next is %d of %+v", x.At, x.Numbers)
	}
	b.later(time.Hour)
	var got []string
	for _, c := range b.claim(rules("a"), 4) {
		got = append(got, c.Number.E164)
	}
	if want := "+493012341 +12125550123 +493012399 +493012361"; strings.Join(got, " ") != want {
		t.Errorf("called at %v, want %s", got, want)
	}
}

// callbackBeyondTheCap: a call that was promised in the last try that the lead
// may have is made all the same; caps of numbers hold.
func callbackBeyondTheCap(t *testing.T, b *bench) {
	b.list("a", "x +493012345")
	r := rules("a")
	r.Caps = func(string) lead.Caps { return lead.Caps{Lead: 1, NumberDay: 1} }
	c := b.claim(r, 1)
	agreed := b.now.Add(2 * time.Hour)
	b.end(c[0], lead.Talked, func(s *lead.Settled) { s.Next, s.Callback = agreed, lead.Callback{At: agreed} })
	b.wantWhy("a", "x", r, "callback cap-number")
	b.later(2 * time.Hour)
	b.wantRefs(b.claim(r, 1), "") // the number's cap
	b.wantWhy("a", "x", r, "cap-number")
	b.later(24 * time.Hour)
	c = b.claim(r, 1)
	b.wantRefs(c, "x")
	b.end(c[0], lead.TrunkFailed, again(time.Minute), func(s *lead.Settled) { s.Counted = false })
	if x := b.lead("a", "x"); !x.Callback.At.Equal(agreed) {
		t.Errorf("an agreed call that did not go out is forgotten: %+v", x)
	}
	b.later(time.Minute)
	c = b.claim(r, 1)
	b.wantRefs(c, "x")
	b.end(c[0], lead.NoAnswer, again(48*time.Hour))
	b.later(48 * time.Hour)
	b.wantRefs(b.claim(r, 1), "") // once
	b.wantWhy("a", "x", r, "excluded cap-lead")
}

func callbackOfOneAgent(t *testing.T, b *bench) {
	b.list("a", manyRows(4)...)
	for _, mine := range []bool{false, true} {
		c := b.claim(rules("a"), 1)
		b.end(c[0], lead.Talked, func(s *lead.Settled) {
			s.Next = b.now.Add(time.Hour)
			s.Callback = lead.Callback{At: s.Next, Agent: "anna", Mine: mine}
		})
	}
	b.later(time.Hour)
	r := rules("a")
	b.wantRefs(b.claim(r, 1), "r3")
	b.wantWhy("a", "r1", r, "agent")
	r.Guarded = true
	b.wantRefs(b.claimFor(r, 1, "anna"), "r1")
	b.later(15 * time.Minute)
	b.wantRefs(b.claim(r, 5), "r4") // r2 is hers however late it gets
	b.wantRefs(b.claimFor(r, 5, "bert"), "")
	b.wantRefs(b.claimFor(r, 5, "anna"), "r2")

	b.list("c", "s1 +493012391", "s2 +493012392")
	r = rules("c")
	for _, c := range b.claim(r, 2) {
		b.end(c, lead.Talked, func(s *lead.Settled) {
			s.Next = b.now.Add(time.Hour)
			s.Callback = lead.Callback{At: s.Next, Agent: "anna"}
		})
	}
	b.later(time.Hour - time.Second)
	r.CallbackWait = 0
	b.wantRefs(b.claim(r, 5), "")
	b.later(25 * time.Hour)
	r.MineOnly = true
	b.wantRefs(b.claim(r, 5), "")
	r.MineOnly = false
	b.wantRefs(b.claim(r, 5), "s1 s2") // whoever has left
}

// calledAgain: an agent gets the same lead again as soon as its call is over,
// as far as the rules allow, which they can be asked before.
func calledAgain(t *testing.T, b *bench) {
	b.list("a", manyRows(2)...)
	r := rules("a")
	r.Guarded = true
	r.Caps = func(string) lead.Caps { return lead.Caps{Lead: 3, NumberDay: 5} }
	wish := func(c lead.Claimed, agent string) {
		b.end(c, lead.Talked, func(s *lead.Settled) {
			s.Next, s.Callback = s.At.Add(-time.Second), lead.Callback{At: s.At.Add(-time.Second), Agent: agent}
			s.Locked = s.At.Add(time.Hour)
		})
	}
	may := func(c lead.Claimed, want string) {
		t.Helper()
		reasons, err := b.Again(b.ctx(), c.Lead.ID, r, "anna", b.now)
		b.must(err)
		var out []string
		for _, x := range reasons {
			out = append(out, string(x.Word))
		}
		if got := strings.Join(out, " "); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
	first := b.claim(r, 1)
	may(first[0], "")
	wish(first[0], "anna")
	b.wantRefs(b.claimFor(r, 1, "bert"), "r2")
	second := b.claimFor(r, 1, "anna")
	b.wantRefs(second, "r1")
	if l := second[0].Lead; l.Attempts != 1 || second[0].Attempt == first[0].Attempt {
		t.Errorf("it is another attempt of %+v", l)
	}
	may(second[0], "")
	wish(second[0], "anna")
	third := b.claimFor(r, 1, "anna")
	may(third[0], "cap-lead") // this one is the last
	_, err := b.AddNumbers(b.ctx(), []list.Entry{{Number: third[0].Number.E164, Scope: list.ScopeTenant, Source: "a letter"}}, b.now)
	b.must(err)
	may(third[0], "do-not-call cap-lead")
	r.Window = func(lead.ZoneSet, time.Time) lead.Window { return lead.Window{Why: "it is night"} }
	other := b.lead("a", "r2")
	reasons, err := b.Again(b.ctx(), other.ID, r, "anna", b.now)
	b.must(err)
	if len(reasons) != 1 || reasons[0].Word != lead.WindowClosed || reasons[0].Text != "it is night" {
		t.Errorf("at night: %v", reasons)
	}
	wish(third[0], "anna")
	b.wantRefs(b.claimFor(r, 1, "anna"), "")
	_, err = b.Again(b.ctx(), 999, r, "anna", b.now)
	b.wantFault(err, fault.NotFound)
}

func owners(t *testing.T, b *bench) {
	b.list("a", "free +493012345")
	b.append("a", list.Row{Ref: "hers", Numbers: number("+493012346"), Owner: "anna"})
	r := rules("a")
	r.Guarded, r.CallbackWait = true, time.Minute
	c := b.claimFor(r, 5, "anna")
	b.wantRefs(c, "hers free")
	agreed := b.now.Add(time.Hour)
	b.end(c[0], lead.Talked, func(s *lead.Settled) { s.Next, s.Callback = agreed, lead.Callback{At: agreed, Agent: "bert"} })
	b.later(2 * time.Hour)
	b.wantRefs(b.claimFor(r, 5, "anna"), "hers") // a promise that was not kept falls back to the owner
}
