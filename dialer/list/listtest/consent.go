package listtest

import (
	"testing"
	"time"

	"strowger/dialer/lead"
	"strowger/dialer/list"
	"strowger/switch/fault"
)

// consentWithdrawn: a refusal stays one whatever way it comes, and is never made
// a yes by a source alone.
func consentWithdrawn(t *testing.T, b *bench) {
	b.list("a")
	yes, no := true, false
	b.append("a", list.Row{Ref: "letter", Numbers: number("+493012345"), Consent: &yes, ConsentSource: "form 7"},
		list.Row{Ref: "refused", Numbers: number("+493012346"), Consent: &no, ConsentSource: "form 8"},
		list.Row{Ref: "silent", Numbers: number("+493012347"), Consent: &no},
		list.Row{Ref: "by hand", Numbers: number("+493012348"), ConsentSource: "form 9"},
		list.Row{Ref: "unasked", Numbers: number("+493012349")})
	r := rules("a")
	r.Consent = true
	b.change("a", "letter", list.Row{Consent: &no, ConsentSource: "withdrawn by letter"})
	if x := b.lead("a", "letter"); x.Consent || x.ConsentSource != "withdrawn by letter" || !x.ConsentAt.Equal(b.now) {
		t.Errorf("withdrawn: %+v", x)
	}
	b.must(b.Edit(b.ctx(), b.lead("a", "by hand").ID, list.Edit{Consent: &no, ConsentSource: "telephone"}, b.now))
	for _, ref := range []string{"letter", "refused", "silent", "by hand"} {
		b.change("a", ref, list.Row{ConsentSource: "list of partners"})
		if x := b.lead("a", ref); x.Consent {
			t.Errorf("%s: a source alone has made a yes of a refusal: %+v", ref, x)
		}
	}
	b.wantRefs(b.claim(r, 5), "")
	b.change("a", "unasked", list.Row{ConsentSource: "form 10"})
	c := b.claim(r, 5)
	b.wantRefs(c, "unasked") // of whom nothing was on record
	b.end(c[0], lead.Message)
	b.later(time.Hour)
	b.must(b.Edit(b.ctx(), b.lead("a", "by hand").ID, list.Edit{Consent: &yes, ConsentSource: "form 11"}, b.now))
	if x := b.lead("a", "by hand"); !x.Consent || x.ConsentSource != "form 11" || !x.ConsentAt.Equal(b.now) {
		t.Errorf("given again: %+v", x)
	}
	b.wantRefs(b.claim(r, 5), "by hand") // and is judged anew
	b.wantFault(b.Edit(b.ctx(), b.lead("a", "letter").ID, list.Edit{ConsentSource: "form 12"}, b.now), fault.Invalid)
}

// putKeepsThePolicy: a lead of the same ref is changed, unless the list refuses
// that; numbers of other lists are met as the list says.
func putKeepsThePolicy(t *testing.T, b *bench) {
	b.list("other", "z +493077777")
	for _, c := range []struct {
		id                   string
		policy               list.Policy
		made, changed, twice int64
		bad                  int
	}{
		{"plain", list.Policy{}, 2, 1, 0, 0},
		{"refuse", list.Policy{Do: list.DoRefuse}, 2, 0, 0, 1},
		{"numbers", list.Policy{By: list.ByNumber}, 2, 1, 0, 0},
		{"everywhere", list.Policy{By: list.ByNumber, Across: true}, 1, 1, 1, 0},
		{"nowhere-else", list.Policy{By: list.ByNumber, Across: true, Do: list.DoRefuse}, 1, 0, 0, 2},
	} {
		own := "+4930555" + map[string]string{"plain": "01", "refuse": "02", "numbers": "03", "everywhere": "04", "nowhere-else": "05"}[c.id]
		b.list(c.id, "x "+own)
		l, err := b.Get(b.ctx(), c.id)
		b.must(err)
		l.Policy = c.policy
		_, err = b.Save(b.ctx(), l, b.now)
		b.must(err)
		got, err := b.Put(b.ctx(), c.id, []list.Row{
			{Ref: "x", Name: "changed", Numbers: number(own)}, {Ref: "new", Numbers: number(own + "9")}, {Ref: "there", Numbers: number("+493077777")},
		}, b.now)
		b.must(err)
		if got.Made != c.made || got.Changed != c.changed || got.Twice != c.twice || len(got.Bad) != c.bad {
			t.Errorf("%s: got %+v", c.id, got)
		}
		if c.made == 2 { // what is here would be there for the next
			if _, err := b.Delete(b.ctx(), c.id, []string{"there"}, b.now); err != nil {
				t.Fatal(err)
			}
		}
	}
}
