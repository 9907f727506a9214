package numbering_test

import (
	"strings"
	"testing"

	"strowger/switch/fault"
	"strowger/switch/numbering"
)

func plan(t testing.TB, region string) numbering.Plan {
	t.Helper()
	p, err := numbering.DefaultPlan(region)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(); err != nil {
		t.Fatalf("the ready plan of %s is refused: %v", region, err)
	}
	return p
}

// with returns the plan of a region with one change.
func with(t testing.TB, region string, change func(*numbering.Plan)) numbering.Plan {
	p := plan(t, region)
	change(&p)
	return p
}

// The kinds in the tables below.
const (
	public    = numbering.KindInternational
	internal  = numbering.KindInternal
	emergency = numbering.KindEmergency
	local     = numbering.KindLocal
	other     = numbering.KindOther
	hidden    = numbering.KindWithheld
)

func TestE164(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		region, raw string
		kind        numbering.Kind
		text        string
	}{
		// Reference 001: OII.IDD and OII.Country with their default values.
		{"DE", "001234567", public, "+1234567"},
		{"DE", "01234567", public, "+491234567"},

		{"DE", "+4930123456", public, "+4930123456"},
		{"DE", " +49 (30) 123/456-0 ", public, "+49301234560"},
		{"DE", "+49 (0)30 123456", public, "+4930123456"},
		{"DE", "0049030123456", public, "+4930123456"},
		{"DE", "030.123456", public, "+4930123456"},
		{"DE", "0112345", public, "+49112345"},
		{"DE", "110", emergency, "110"},
		{"DE", "112", emergency, "112"},
		{"DE", "1001", internal, "1001"},
		{"DE", "01234", internal, "01234"},
		{"DE", "0", internal, "0"},
		{"DE", "123456", local, "123456"},
		{"DE", "4930123456", local, "4930123456"},
		{"DE", "000123456", other, "000123456"},
		{"DE", "+0123456", other, "+0123456"},
		{"DE", "+112", other, "+112"},
		{"DE", "+", other, "+"},
		{"DE", "+1234567890123456", other, "+1234567890123456"},
		{"DE", strings.Repeat("1", 33), other, strings.Repeat("1", 33)},
		{"DE", "alice", other, "alice"},
		{"DE", "49+30123456", other, "49+30123456"},
		{"DE", "\u0661\u0662\u0663\u0664\u0665\u0666", other, "\u0661\u0662\u0663\u0664\u0665\u0666"},
		{"DE", "*43", other, "*43"},

		{"DE", "", hidden, ""},
		{"DE", "  ", hidden, ""},
		{"DE", "Anonymous", hidden, ""},
		{"DE", "restricted", hidden, ""},
		{"DE", "unavailable", hidden, ""},
		{"DE", "Private", hidden, ""},
		{"DE", "+0", hidden, ""},
		{"DE", "unknown", hidden, ""},

		{"US", "12125551234", public, "+12125551234"},
		{"US", "(212) 555-1234", public, "+12125551234"},
		{"US", "+1 212 555 1234", public, "+12125551234"},
		{"US", "011 49 30 123456", public, "+4930123456"},
		{"US", "5551234", local, "5551234"},
		{"US", "911", emergency, "911"},
		{"US", "1001", internal, "1001"},
		{"US", "112", internal, "112"},

		{"GB", "020 7946 0958", public, "+442079460958"},
		{"GB", "+44 (0)20 7946 0958", public, "+442079460958"},
		{"GB", "999", emergency, "999"},
		{"GB", "0123456", other, "0123456"},

		{"FR", "01 42 68 53 00", public, "+33142685300"},
		{"FR", "15", emergency, "15"},

		{"IT", "06 1234567", public, "+39061234567"},
		{"IT", "333 1234567", public, "+393331234567"},
		{"IT", "+39 06 1234567", public, "+39061234567"},
		{"IT", "00 49 30 123456", public, "+4930123456"},
		{"DE", "+39 06 1234567", public, "+39061234567"},

		{"ES", "912 345 678", public, "+34912345678"},
		{"ES", "0034912345678", public, "+34912345678"},
		{"ES", "34912345678", local, "34912345678"},

		{"FI", "040 1234567", public, "+358401234567"},
		{"DE", "+358 040 1234567", public, "+358401234567"},
		{"GR", "210 1234567", public, "+302101234567"},
		{"GR", "00302101234567", public, "+302101234567"},
		{"AT", "01 58858", public, "+43158858"},
		{"AT", "144", emergency, "144"},
	} {
		got := plan(t, c.region).E164(c.raw)
		if got != (numbering.Number{Kind: c.kind, Text: c.text}) {
			t.Errorf("%s %q: %s %q, want %s %q", c.region, c.raw, got.Kind, got.Text, c.kind, c.text)
		}
		if again := plan(t, c.region).E164(got.String()); c.kind == public && again != got {
			t.Errorf("%s %q: read again it is %v, before %v", c.region, c.raw, again, got)
		}
	}
}

func TestE164Options(t *testing.T) {
	t.Parallel()
	bare := func(p *numbering.Plan) { p.Bare = true }
	area := func(p *numbering.Plan) { p.Area = "30" }
	for _, c := range []struct {
		plan numbering.Plan
		raw  string
		want numbering.Number
	}{
		{with(t, "DE", bare), "4930123456", numbering.Number{Kind: public, Text: "+4930123456"}},
		{with(t, "ES", bare), "34912345678", numbering.Number{Kind: public, Text: "+34912345678"}},
		{with(t, "ES", bare), "912345678", numbering.Number{Kind: public, Text: "+34912345678"}},
		{with(t, "DE", area), "123456", numbering.Number{Kind: public, Text: "+4930123456"}},
		{with(t, "DE", area), "1234", numbering.Number{Kind: internal, Text: "1234"}},
		{with(t, "US", func(p *numbering.Plan) { p.Area = "212" }), "5551234", numbering.Number{Kind: public, Text: "+12125551234"}},
		{with(t, "US", func(p *numbering.Plan) { p.Area = "212" }), "555123", numbering.Number{Kind: local, Text: "555123"}},
		{with(t, "DE", func(p *numbering.Plan) { p.Internal = 3 }), "030110", numbering.Number{Kind: public, Text: "+4930110"}},
		// A trunk prefix that national numbers may begin with: the 8 is no zero.
		{numbering.Plan{Country: "7", IDD: "810", Trunk: "8"}, "88001234567", numbering.Number{Kind: public, Text: "+78001234567"}},
		{numbering.Plan{Country: "7", IDD: "810", Trunk: "8"}, "+78001234567", numbering.Number{Kind: public, Text: "+78001234567"}},
		{numbering.Plan{Country: "7", IDD: "810", Trunk: "8"}, "8104930123456", numbering.Number{Kind: public, Text: "+4930123456"}},
	} {
		if got := c.plan.E164(c.raw); got != c.want {
			t.Errorf("%q: %v, want %v", c.raw, got, c.want)
		}
	}
}

func TestNumberTexts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ raw, text, key string }{
		{"+4930123456", "+4930123456", "4930123456"},
		{"1001", "1001", "=1001"},
		{"112", "112", "=112"},
		{"", "anonymous", ""},
		{"123456", "123456", ""},
		{"alice", "alice", ""},
	} {
		n := plan(t, "DE").E164(c.raw)
		if n.String() != c.text || n.Key() != c.key {
			t.Errorf("%q: %q and key %q, want %q and %q", c.raw, n, n.Key(), c.text, c.key)
		}
	}
}

func TestDefaultPlanOfAnUnknownRegion(t *testing.T) {
	t.Parallel()
	if _, err := numbering.DefaultPlan("XX"); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v", err)
	}
}

func TestPlanValidate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		change func(*numbering.Plan)
		reason string
	}{
		{func(p *numbering.Plan) { p.Country = "" }, "country"},
		{func(p *numbering.Plan) { p.Country = "049" }, "country"},
		{func(p *numbering.Plan) { p.Country = "+49" }, "country"},
		{func(p *numbering.Plan) { p.IDD = "" }, "idd"},
		{func(p *numbering.Plan) { p.IDD = "00a" }, "idd"},
		{func(p *numbering.Plan) { p.Trunk = "0000" }, "trunk_prefix"},
		{func(p *numbering.Plan) { p.Trunk = "00" }, "begins with idd"},
		{func(p *numbering.Plan) { p.Internal = 9 }, "internal_digits"},
		{func(p *numbering.Plan) { p.Internal = -1 }, "internal_digits"},
		{func(p *numbering.Plan) { p.NationalMin = 3 }, "no range"},
		{func(p *numbering.Plan) { p.NationalMin, p.NationalMax = -1, 3 }, "no range"},
		{func(p *numbering.Plan) { p.NationalMax = 14 }, "no range"},
		{func(p *numbering.Plan) { p.Area = "1234567" }, "area"},
		{func(p *numbering.Plan) { p.Area, p.Bare = "30", true }, "both claim"},
		{func(p *numbering.Plan) { p.Trunk, p.Bare = "", true }, "needs national_min"},
		{func(p *numbering.Plan) { p.Emergency = []string{"1"} }, "emergency"},
		{func(p *numbering.Plan) { p.Emergency = []string{"112", "112"} }, "emergency"},
		{func(p *numbering.Plan) { p.Emergency = make([]string, 33) }, "too many"},
	} {
		err := with(t, "DE", c.change).Validate()
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.ReasonOf(err), c.reason) {
			t.Errorf("want a reason with %q, got %v", c.reason, err)
		}
		if _, err := numbering.NewTable(with(t, "DE", c.change), nil, nil, nil); err == nil {
			t.Errorf("a table takes a plan whose %s is wrong", c.reason)
		}
		if _, err := numbering.NewBook(with(t, "DE", c.change), nil, nil, ""); err == nil {
			t.Errorf("a book takes a plan whose %s is wrong", c.reason)
		}
	}
}

func TestDialable(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"+49 (30) 12-34/56.7":        "+49301234567",
		"[030]\u00a0123\u2011456":    "030123456",
		strings.Repeat("1", 32):      strings.Repeat("1", 32),
		"0" + strings.Repeat(" ", 9): "0",
	} {
		if got, err := numbering.Dialable(raw); err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", raw, got, err, want)
		}
	}
	for raw, reason := range map[string]string{
		"":                       "no digit",
		" - ":                    "no digit",
		"+":                      "no digit",
		"030a":                   "letter a",
		"030\n1":                 "control character",
		"030\t1":                 "control character",
		"030\x00":                "control character",
		"030\u202e1":             "control character",
		"030,1":                  "character ,",
		"030;1":                  "character ;",
		"*43":                    "character *",
		"49#":                    "character #",
		"030@host":               "character @",
		"4+9":                    "plus stands only",
		"++49":                   "plus stands only",
		"\u0661":                 "character \u0661",
		"030\xff":                "no character",
		strings.Repeat("1", 33):  "33 digits",
		strings.Repeat("1", 129): "129 bytes",
	} {
		_, err := numbering.Dialable(raw)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.ReasonOf(err), reason) {
			t.Errorf("%q: want a reason with %q, got %v", raw, reason, err)
		}
	}
}
