package numbering_test

import (
	"slices"
	"strings"
	"testing"

	"strowger/switch/numbering"
)

func book(t testing.TB, sources ...numbering.Source) *numbering.Book {
	t.Helper()
	out, err := numbering.NewBook(plan(t, "DE"), []numbering.Entry{
		{ID: "support", Number: 1, Dialled: []string{"+4930123456", "5001"}, Names: []string{"Support", "Hilfe"}, To: "queue support", Label: "Support line", Colour: "#1E90ff"},
		{ID: "thirty", Number: 2, Dialled: []string{"030 1234XX"}, To: "queue thirty"},
		{ID: "range", Number: 3, Dialled: []string{"+49 30 123*", "=52*"}, To: "queue range"},
		{ID: "berlin", Number: 4, Dialled: []string{"4930*"}, To: "queue berlin"},
		{ID: "first", Number: 5, Dialled: []string{"+49401X5", "+49401X", "520X"}, To: "queue first"},
		{ID: "second", Number: 6, Dialled: []string{"+4940X15", "+4940XX5"}, To: "queue second"},
		{ID: "open", Number: 7, Dialled: []string{"+49401X*"}, To: "queue open"},
		{ID: "numbered", Number: 8, Names: []string{"7"}, To: "queue numbered"},
		{ID: "abroad", Number: 9, Dialled: []string{"0033*"}, To: "queue abroad"},
	}, sources, "")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// line writes what was found on one line.
func line(f numbering.Found) string {
	id := "-"
	if f.Entry != nil {
		id = f.Entry.ID
	}
	return strings.Join([]string{id, f.DNIS, f.Label, string(f.By), f.CallerName}, "|")
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what string
		in   numbering.Arrival
		want string // entry|DNIS|label|by|caller name
	}{
		// Reference 004: the pattern, its example, a name that is no entry.
		{"queue name", numbering.Arrival{CallerName: "D:Support:070989887889", Dialled: "5200"}, "support|Support|Support line|name|070989887889"},
		{"queue name and a person", numbering.Arrival{CallerName: "D:Support:Meier"}, "support|Support|Support line|name|Meier"},
		{"case sensitive", numbering.Arrival{CallerName: "D:support:Meier"}, "-|support|support|name|Meier"},
		{"with blanks", numbering.Arrival{CallerName: "D:My Test Queue: Meier"}, "-|My Test Queue|My Test Queue|name|Meier"},
		{"in the middle", numbering.Arrival{CallerName: "VIP D: Hilfe :Meier"}, "support|Hilfe|Support line|name|VIP Meier"},
		{"a number as name", numbering.Arrival{CallerName: "D:030123456:Meier"}, "support|030123456|Support line|name|Meier"},
		{"a name before a number", numbering.Arrival{CallerName: "D:7:Meier"}, "numbered|7|7|name|Meier"},
		{"unlisted name, listed number", numbering.Arrival{CallerName: "D:Sales:Meier", Dialled: "5001"}, "support|Sales|Sales|channel|Meier"},
		{"blank name", numbering.Arrival{CallerName: "D: :Meier", Dialled: "5001"}, "support|5001|Support line|channel|D: :Meier"},
		{"long name", numbering.Arrival{CallerName: "D:Support:" + strings.Repeat("x", 250)}, "-||||D:Support:" + strings.Repeat("x", 250)},
		{"broken name", numbering.Arrival{CallerName: "D:Support:\xff"}, "-||||D:Support:\xff"},
		{"no pattern in it", numbering.Arrival{CallerName: "Meier", Dialled: "+4930123456"}, "support|+4930123456|Support line|channel|Meier"},

		{"national", numbering.Arrival{Dialled: "030 123456"}, "support|030 123456|Support line|channel|"},
		{"without plus", numbering.Arrival{Dialled: "4930123456"}, "support|4930123456|Support line|channel|"},
		{"internal", numbering.Arrival{Dialled: "5001"}, "support|5001|Support line|channel|"},
		{"X before a shorter star", numbering.Arrival{Dialled: "030123499"}, "thirty|030123499|030123499|channel|"},
		{"X is one digit", numbering.Arrival{Dialled: "0301234991"}, "range|0301234991|0301234991|channel|"},
		{"star", numbering.Arrival{Dialled: "0301239"}, "range|0301239|0301239|channel|"},
		{"shorter star", numbering.Arrival{Dialled: "0309999999"}, "berlin|0309999999|0309999999|channel|"},
		{"idd pattern", numbering.Arrival{Dialled: "+33142685300"}, "abroad|+33142685300|+33142685300|channel|"},
		{"longer internal pattern", numbering.Arrival{Dialled: "5209"}, "first|5209|5209|channel|"},
		{"internal star", numbering.Arrival{Dialled: "5210"}, "range|5210|5210|channel|"},
		{"a tie is the first one's", numbering.Arrival{Dialled: "+4940115"}, "first|+4940115|+4940115|channel|"},
		{"fewer wildcards", numbering.Arrival{Dialled: "+4940215"}, "second|+4940215|+4940215|channel|"},
		{"no star before a star", numbering.Arrival{Dialled: "+4940125"}, "first|+4940125|+4940125|channel|"},
		{"the same length, no star before a star", numbering.Arrival{Dialled: "+494017"}, "first|+494017|+494017|channel|"},
		{"star with X", numbering.Arrival{Dialled: "+49401234"}, "open|+49401234|+49401234|channel|"},
		{"public pattern, short number", numbering.Arrival{Dialled: "4930"}, "-|4930|4930|channel|"},
		{"unknown number", numbering.Arrival{Dialled: "+12125551234"}, "-|+12125551234|+12125551234|channel|"},
		{"no number", numbering.Arrival{Dialled: "s"}, "-||||"},
		{"not printable", numbering.Arrival{Dialled: "50\x0001"}, "-||||"},
		{"nothing", numbering.Arrival{}, "-||||"},

		{"first called number of the diversions", numbering.Arrival{Diversion: "<sip:+49309@h>;reason=no-answer, <sip:+4930123456@h>;reason=unconditional", Dialled: "5200"}, "support|+4930123456|Support line|diversion|"},
		{"the newer one when the first is unknown", numbering.Arrival{Diversion: "<sip:+4930123456@h>, <sip:+12125551234@h>", Dialled: "5200"}, "support|+4930123456|Support line|diversion|"},
		{"the first one when nobody knows any", numbering.Arrival{Diversion: "<sip:+12125550002@h>, <sip:+12125550001@h>", Dialled: "+12125550003"}, "-|+12125550001|+12125550001|diversion|"},
		{"history", numbering.Arrival{HistoryInfo: "<sip:+12125551234@h>;index=1.1, <sip:+4930123456@h>;index=1", To: "<sip:5200@h>"}, "support|+4930123456|Support line|history-info|"},
		{"called party", numbering.Arrival{PCalledParty: "<tel:+49-30-123456>", To: "<sip:5200@h>"}, "support|+49-30-123456|Support line|p-called-party-id|"},
		{"to", numbering.Arrival{To: `"A, B" <sip:5200@h>;tag=1`, Dialled: "5001"}, "first|5200|5200|to|"},
		{"a user name that is a label", numbering.Arrival{To: "<sip:Support@h>"}, "support|Support|Support line|to|"},
		{"anonymous target", numbering.Arrival{To: "<sip:anonymous@anonymous.invalid>", Dialled: "5001"}, "support|5001|Support line|channel|"},
	} {
		if got := line(book(t).Find(c.in)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, got, c.want)
		}
	}
}

func TestFindInAnotherOrder(t *testing.T) {
	t.Parallel()
	in := numbering.Arrival{CallerName: "D:Support:Meier", Dialled: "5200"}
	for _, c := range []struct {
		sources []numbering.Source
		want    string
	}{
		{[]numbering.Source{numbering.SourceChannel, numbering.SourceName}, "first|5200|5200|channel|Meier"},
		{[]numbering.Source{numbering.SourceTo, numbering.SourceName}, "support|Support|Support line|name|Meier"},
		{[]numbering.Source{numbering.SourceChannel}, "first|5200|5200|channel|D:Support:Meier"},
		{[]numbering.Source{numbering.SourceDiversion}, "-||||D:Support:Meier"},
	} {
		if got := line(book(t, c.sources...).Find(in)); got != c.want {
			t.Errorf("%v: %s, want %s", c.sources, got, c.want)
		}
	}
}

func TestOwnNamePattern(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pattern, name, want string }{
		{`^\[(.+?)\]`, "[Support] Meier", "-|Support|Support|name|Meier"},
		{`Q=(\w+)?;`, "Q=;Meier", "-||||Q=;Meier"}, // the group took no part
	} {
		b, err := numbering.NewBook(plan(t, "DE"), nil, nil, c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := line(b.Find(numbering.Arrival{CallerName: c.name})); got != c.want {
			t.Errorf("%s: %s, want %s", c.pattern, got, c.want)
		}
	}
}

// Patterns in plans without a trunk prefix, and where it is the country code.
func TestPatternsOfOtherPlans(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		region, written, dialled string
		found                    bool
	}{
		{"ES", "9123456XX", "912345678", true},
		{"ES", "+349123*", "912345678", true},
		{"ES", "912345*", "912345678", false}, // read from the country code on, as documented
		{"IT", "+3906*", "06 1234567", true},
		{"US", "1212*", "(212) 555-1234", true},
		{"US", "212555XXXX", "12125551234", true},
		{"US", "212555XXXX", "+12125551234", true},
		{"DE", "+49 (0)30*", "030123456", true},
		{"DE", "=112", "112", true},
		{"DE", "+*", "030123456", true},
		{"DE", "+*", "1001", false},
		{"DE", "=*", "1001", true},
		{"DE", "=*", "030123456", false},
		{"DE", "+XXXX", "112", false},
	} {
		b, err := numbering.NewBook(plan(t, c.region), []numbering.Entry{{ID: "a", Number: 1, Dialled: []string{c.written}, To: "q"}}, nil, "")
		if err != nil {
			t.Errorf("%s %s: %v", c.region, c.written, err)
			continue
		}
		if f := b.Find(numbering.Arrival{Dialled: c.dialled}); (f.Entry != nil) != c.found {
			t.Errorf("%s %s finds %s: %v, want %v", c.region, c.written, c.dialled, f.Entry != nil, c.found)
		}
	}
	_, err := numbering.NewBook(plan(t, "IT"), []numbering.Entry{{ID: "a", Number: 1, Dialled: []string{"06*"}, To: "q"}}, nil, "")
	if err == nil || !strings.Contains(err.Error(), "begins with a zero") {
		t.Errorf("06* in Italy: %v", err)
	}
}

func TestBookKeepsItsEntries(t *testing.T) {
	t.Parallel()
	entries := []numbering.Entry{{ID: "a", Number: 1, Dialled: []string{"5001"}, To: "q"}}
	b, err := numbering.NewBook(plan(t, "DE"), entries, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	entries[0].To, entries[0].Dialled[0] = "changed", "changed"
	if e := b.Find(numbering.Arrival{Dialled: "5001"}).Entry; e == nil || e.To != "q" || e.Dialled[0] != "5001" {
		t.Errorf("the book follows changes of its input: %+v", e)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source numbering.Source
		header string
		want   []string
	}{
		{numbering.SourceTo, `<sip:+49301@host;user=phone>;reason=unconditional`, []string{"+49301"}},
		{numbering.SourceTo, `"name" <tel:+49-30-1;phone-context=+49>`, []string{"+49-30-1"}},
		{numbering.SourceTo, `"a \" <sip:1@h>, b" <SIPS:2@h>`, []string{"2"}},
		{numbering.SourceTo, `sip:1@h;tag=x, sip:2:secret@h`, []string{"1", "2"}},
		{numbering.SourceTo, `1234`, []string{"1234"}},
		{numbering.SourceTo, `1234@h:5060`, []string{"1234"}},
		{numbering.SourceTo, `<sip:%2B49301%20@h>`, []string{"+49301"}},
		{numbering.SourceTo, `<sip:+49301;isub=1@h>`, []string{"+49301"}},
		{numbering.SourceTo, `<sip:1@h;x=a,b>, <sip:2@h?Reason=SIP%3Bcause%3D302>`, []string{"1", "2"}},
		{numbering.SourceTo, `<sip:1@h`, []string{"1"}},
		{numbering.SourceTo, `<sip:host.example>, <urn:service:sos>, <sip:%zz@h>, <sip:%00@h>, <sip:%ff@h>, <>, ,`, nil},
		{numbering.SourceTo, `<sip:` + strings.Repeat("1", 129) + `@h>`, nil},
		{numbering.SourceTo, strings.Repeat("1,", 20), slices.Repeat([]string{"1"}, 16)},
		{numbering.SourceTo, strings.Repeat(" ", 4096) + "1", nil},
		{numbering.SourceDiversion, `<sip:3@h>;counter=1, <sip:2@h>, <sip:1@h>`, []string{"1", "2", "3"}},
		{numbering.SourceHistoryInfo, `<sip:4@h>, <sip:3@h>;index=1.10, <sip:2@h>;mp=1;Index=1.9;index=7, <sip:1@h>;index=1, <sip:5@h>;index=x, <sip:6@h>`, []string{"1", "2", "3", "4", "5", "6"}},
		{numbering.SourceHistoryInfo, `<sip:2@h>;index=1.1.1.1.1.1.1.1.1, <sip:3@h>;index=-1, <sip:1@h>;index=9`, []string{"1", "2", "3"}},
		{numbering.SourceHistoryInfo, `<sip:1@h>;index=1, <sip:2@h>`, []string{"1", "2"}},
		{numbering.SourceName, "1", nil},
	} {
		in := numbering.Arrival{Diversion: c.header, HistoryInfo: c.header, To: c.header, CallerName: c.header}
		if got := numbering.Users(in, c.source); !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %q, want %q", c.source, c.header[:min(80, len(c.header))], got, c.want)
		}
	}
}
