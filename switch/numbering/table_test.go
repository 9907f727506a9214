package numbering_test

import (
	"encoding/json"
	"strings"
	"testing"

	"strowger/switch/fault"
	"strowger/switch/numbering"
)

// setup is a small house: two carriers, another exchange, and three rules.
type setup struct {
	plan   numbering.Plan
	trunks []numbering.Trunk
	routes []numbering.Route
	rules  []numbering.DialRule
}

func house(t testing.TB) setup {
	return setup{
		plan: plan(t, "DE"),
		trunks: []numbering.Trunk{
			{
				ID: "one", Number: 1, Endpoint: "carrier-one", MaxCalls: 2, CallerIDs: []string{"+4930123XX", "0301999", "+33*"},
				DefaultCallerID: "+493012300", AllowWithheld: true,
			},
			{ID: "two", Number: 2, Endpoint: "carrier-two", MaxCalls: 1, Format: numbering.FormatNational, CallerIDs: []string{"4930*", "+1*"}, DefaultCallerID: "03012300", GatewayPrefix: "gw2"},
			{ID: "pbx", Number: 3, Endpoint: "pbx", Format: numbering.FormatBare, CallerIDs: []string{"=1*", "+4930*"}},
			{ID: "idd", Number: 4, Endpoint: "idd", Format: numbering.FormatIDD, CallerIDs: []string{"+4930*"}},
		},
		routes: []numbering.Route{
			{ID: "world", Number: 1, Prefixes: []string{""}, Trunks: []string{"one", "two"}},
			{ID: "premium", Number: 2, Prefixes: []string{"49900"}, Deny: true, Reason: "premium numbers cost too much"},
			{ID: "dear", Number: 3, Prefixes: []string{"49137"}, Deny: true},
			{ID: "home", Number: 4, Prefixes: []string{"49"}, Trunks: []string{"two", "one"}},
			{ID: "code", Number: 5, Prefixes: []string{"44"}, Trunks: []string{"pbx"}, Strip: 2, Prepend: "0"},
			{ID: "far", Number: 6, Prefixes: []string{"1"}, Trunks: []string{"idd"}},
			{ID: "old", Number: 7, Prefixes: []string{"=1", "=2"}, Trunks: []string{"pbx"}, Prepend: "7"},
			{ID: "help", Number: 8, Prefixes: []string{"=112"}, Trunks: []string{"one"}, Strip: 1, Prepend: "+9"},
			{ID: "cut", Number: 9, Prefixes: []string{"=3"}, Trunks: []string{"pbx"}, Strip: 3},
		},
		rules: []numbering.DialRule{
			{ID: "all", Number: 1, Allow: []string{"", "="}},
			{ID: "home", Number: 2, Allow: []string{"49", "=1"}, Deny: []string{"49180", "49"}},
			{ID: "some", Number: 3, Allow: []string{"49", "4918055", "44"}, Deny: []string{"49180"}},
		},
	}
}

func (s setup) table(t testing.TB) *numbering.Table {
	t.Helper()
	out, err := numbering.NewTable(s.plan, s.trunks, s.routes, s.rules)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestResolve(t *testing.T) {
	t.Parallel()
	table := house(t).table(t)
	full := func(busy map[string]int) func(string) int { return func(id string) int { return busy[id] } }
	for _, c := range []struct {
		what  string
		query numbering.Query
		want  string // the decision on one line
	}{
		{"national", numbering.Query{Raw: "030 555 12"}, "+493055512 international home two carrier-two 03055512 03012300"},
		{"abroad by the empty prefix", numbering.Query{Raw: "0033 142685300"}, "+33142685300 international world one carrier-one +33142685300 +493012300"},
		{"no trunk zero", numbering.Query{Raw: "+49 (0)30 55512"}, "+493055512 international home two carrier-two 03055512 03012300"},
		{"national form abroad", numbering.Query{Raw: "+33142685300", GatewayPrefix: "gw2"}, "+33142685300 international world two carrier-two 0033142685300 03012300"},
		{"strip and prepend", numbering.Query{Raw: "+442079460958"}, "+442079460958 international code pbx pbx 02079460958"},
		{"idd form", numbering.Query{Raw: "+12125551234", CallerID: "+493012345"}, "+12125551234 international far idd idd 0012125551234 00493012345"},
		{"internal", numbering.Query{Raw: "1001", CallerID: "1234"}, "1001 internal old pbx pbx 71001 1234"},
		{"emergency without rule, never rewritten", numbering.Query{Raw: "112", Rules: []string{"home"}, GatewayPrefix: "gw9"}, "112 emergency help one carrier-one 112 +493012300"},
		{"emergency on a full trunk", numbering.Query{Raw: "112", Busy: full(map[string]int{"one": 2})}, "112 emergency help one carrier-one 112 +493012300 tried one"},
		{"second trunk", numbering.Query{Raw: "03055512", Busy: full(map[string]int{"two": 1, "one": 1})}, "+493055512 international home one carrier-one +493055512 +493012300 tried two"},
		{"gateway prefix", numbering.Query{Raw: "03055512", GatewayPrefix: "gw2"}, "+493055512 international home two carrier-two 03055512 03012300"},
		{"only one of the trunks", numbering.Query{Raw: "03055512", Only: []string{"one", "gone"}}, "+493055512 international home one carrier-one +493055512 +493012300"},
		{"emergency by any trunk", numbering.Query{Raw: "112", Only: []string{"two"}}, "112 emergency help one carrier-one 112 +493012300"},

		{"allowed caller id", numbering.Query{Raw: "+33142685300", CallerID: "030 12345"}, "+33142685300 international world one carrier-one +33142685300 +493012345"},
		{"allowed caller id without plus", numbering.Query{Raw: "+33142685300", CallerID: "493012345"}, "+33142685300 international world one carrier-one +33142685300 +493012345"},
		{"allowed caller id from abroad", numbering.Query{Raw: "+33142685300", CallerID: "+33142685399"}, "+33142685300 international world one carrier-one +33142685300 +33142685399"},
		{"allowed exact caller id", numbering.Query{Raw: "+33142685300", CallerID: "+49301999"}, "+33142685300 international world one carrier-one +33142685300 +49301999"},
		{"caller id in national form", numbering.Query{Raw: "03055512", CallerID: "+493012345"}, "+493055512 international home two carrier-two 03055512 03012345"},
		{"foreign caller id in national form", numbering.Query{Raw: "03055512", CallerID: "+12125551234"}, "+493055512 international home two carrier-two 03055512 0012125551234"},
		{"caller id that the national form would change", numbering.Query{Raw: "03055512", CallerID: "+4930"}, "+493055512 international home two carrier-two 03055512 03012300"},
		{"forbidden caller id", numbering.Query{Raw: "+33142685300", CallerID: "+4930124000"}, "+33142685300 international world one carrier-one +33142685300 +493012300"},
		{"senseless caller id", numbering.Query{Raw: "+33142685300", CallerID: "alice"}, "+33142685300 international world one carrier-one +33142685300 +493012300"},
		{"short caller id outside", numbering.Query{Raw: "+33142685300", CallerID: "1001"}, "+33142685300 international world one carrier-one +33142685300 +493012300"},
		{"withheld", numbering.Query{Raw: "+33142685300", CallerID: "anonymous"}, "+33142685300 international world one carrier-one +33142685300 anonymous"},
		{"withheld where it may not", numbering.Query{Raw: "03055512", CallerID: "anonymous"}, "+493055512 international home two carrier-two 03055512 03012300"},
	} {
		q := c.query
		if q.Rules == nil {
			q.Rules = []string{"all"}
		}
		d, err := table.Resolve(q)
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		got := strings.TrimSpace(strings.Join([]string{d.E164, string(d.Kind), d.Route, d.Trunk, d.Endpoint, d.Dial, d.CallerID}, " "))
		if len(d.Tried) > 0 {
			got += " tried " + strings.Join(d.Tried, " ")
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, got, c.want)
		}
	}
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	all := []string{"all"}
	busy := func(string) int { return 9 }
	for _, c := range []struct {
		what   string
		query  numbering.Query
		kind   fault.Kind
		reason string
	}{
		{"letters", numbering.Query{Raw: "030a", Rules: all}, fault.Invalid, "letter a"},
		{"nothing", numbering.Query{Rules: all}, fault.Invalid, "no digit"},
		{"local", numbering.Query{Raw: "555123", Rules: all}, fault.Invalid, "neither country nor area"},
		{"too long", numbering.Query{Raw: "+1234567890123456", Rules: all}, fault.Invalid, "4 to 15 digits"},
		{"emergency by the back door", numbering.Query{Raw: "+49 0 112", Rules: all}, fault.Invalid, "another one"},
		{"short national number in national form", numbering.Query{Raw: "+4911", Rules: all}, fault.Invalid, "another one"},
		{"strip leaves nothing", numbering.Query{Raw: "301", Rules: all}, fault.Invalid, "nothing is left"},
		{"no rule", numbering.Query{Raw: "03055512"}, fault.Denied, "no dial rule is assigned"},
		{"unknown rule", numbering.Query{Raw: "03055512", Rules: []string{"all", "gone"}}, fault.Denied, "does not exist"},
		{"nothing allows", numbering.Query{Raw: "+442079460958", Rules: []string{"home"}}, fault.Denied, "nothing in this dial rule"},
		{"deny wins a tie", numbering.Query{Raw: "03055512", Rules: []string{"home"}}, fault.Denied, `begin with "49"`},
		{"longer deny", numbering.Query{Raw: "01801234", Rules: []string{"some"}}, fault.Denied, `begin with "49180"`},
		{"all rules must allow", numbering.Query{Raw: "+33142685300", Rules: []string{"all", "some"}}, fault.Denied, "nothing in this dial rule"},
		{"internal needs an internal prefix", numbering.Query{Raw: "2001", Rules: []string{"home"}}, fault.Denied, "nothing in this dial rule"},
		{"denied by a route with a reason", numbering.Query{Raw: "0900 1234567", Rules: all}, fault.Denied, "premium numbers cost too much"},
		{"the same, spelled another way", numbering.Query{Raw: "+49 (0)900 1234567", Rules: all}, fault.Denied, "premium numbers"},
		{"denied by a route", numbering.Query{Raw: "01371234", Rules: all}, fault.Denied, "refuses the number"},
		{"no internal route", numbering.Query{Raw: "9001", Rules: all}, fault.NotFound, "internal number"},
		{"no emergency route", numbering.Query{Raw: "110", Rules: all}, fault.NotFound, "emergency number"},
		{"no gateway", numbering.Query{Raw: "03055512", Rules: all, GatewayPrefix: "gw9"}, fault.NotFound, "gateway prefix"},
		{"none of the trunks", numbering.Query{Raw: "03055512", Rules: all, Only: []string{"gone"}}, fault.NotFound, "use others"},
		{"all full", numbering.Query{Raw: "03055512", Rules: all, Busy: busy}, fault.Busy, "two, one"},
	} {
		_, err := house(t).table(t).Resolve(c.query)
		if fault.KindOf(err) != c.kind || !strings.Contains(fault.ReasonOf(err), c.reason) {
			t.Errorf("%s: want %s with %q, got %v", c.what, c.kind, c.reason, err)
		}
	}
	bare := house(t)
	bare.routes = bare.routes[3:4]
	if _, err := bare.table(t).Resolve(numbering.Query{Raw: "+33142685300", Rules: all}); !fault.Is(err, fault.NotFound) {
		t.Errorf("without a route: %v", err)
	}
}

// What a format or rewriting would turn into an emergency call, or into a call
// to another country, is refused.
func TestFormatsKeepTheNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		region, raw string
		format      numbering.Format
		strip       int
		ok          bool
	}{
		{"ES", "+34112", numbering.FormatNational, 0, false},
		{"ES", "+34912345678", numbering.FormatNational, 0, true},
		{"IT", "+390044207946", numbering.FormatNational, 0, false},
		{"IT", "+39061234567", numbering.FormatNational, 0, true},
		{"US", "+1911", numbering.FormatNational, 0, false},
		{"US", "+12125551234", numbering.FormatNational, 0, true},
		{"ES", "+34112", numbering.FormatBare, 2, false},
		{"ES", "+34112", numbering.FormatBare, 0, true},
	} {
		table, err := numbering.NewTable(plan(t, c.region), []numbering.Trunk{{ID: "t", Number: 1, Endpoint: "t", Format: c.format}},
			[]numbering.Route{{ID: "r", Number: 1, Prefixes: []string{""}, Trunks: []string{"t"}, Strip: c.strip}},
			[]numbering.DialRule{{ID: "all", Number: 1, Allow: []string{""}}})
		if err != nil {
			t.Fatal(err)
		}
		d, err := table.Resolve(numbering.Query{Raw: c.raw, Rules: []string{"all"}})
		if (err == nil) != c.ok || !c.ok && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s %s as %s: %q %v", c.region, c.raw, c.format, d.Dial, err)
		}
	}
	bare := with(t, "DE", func(p *numbering.Plan) { p.Emergency = []string{"491234"} })
	table, err := numbering.NewTable(bare, []numbering.Trunk{{ID: "t", Number: 1, Endpoint: "t", Format: numbering.FormatBare}},
		[]numbering.Route{{ID: "r", Number: 1, Prefixes: []string{""}, Trunks: []string{"t"}}}, []numbering.DialRule{{ID: "all", Number: 1, Allow: []string{""}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := table.Resolve(numbering.Query{Raw: "+491234", Rules: []string{"all"}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a public number is sent as an emergency number: %v", err)
	}
}

func TestAllowedAlone(t *testing.T) {
	t.Parallel()
	table := house(t).table(t)
	for raw, ok := range map[string]bool{"112": true, "+493055512": true, "+33142685300": false, "": false, "555123": false, "alice": false} {
		if err := table.Allowed(table.Plan().E164(raw), []string{"some"}); (err == nil) != ok || !ok && !fault.Is(err, fault.Denied) {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func TestTableAsJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		into any
		text string
	}{
		{&numbering.Plan{}, `{"country":"49","idd":"00","trunk_prefix":"0","internal_digits":4,"emergency":["112"]}`},
		{&numbering.Trunk{}, `{"id":"a","number":1,"endpoint":"e","max_calls":3,"caller_ids":["+49*"],"default_caller_id":"1","allow_withheld":true,"format":"national","gateway_prefix":"9"}`},
		{&numbering.Route{}, `{"id":"a","number":1,"prefixes":[""],"trunks":["a"],"strip":1,"prepend":"0"}`},
		{&numbering.DialRule{}, `{"id":"a","number":1,"allow":["49"],"deny":["49900"]}`},
		{&numbering.Entry{}, `{"id":"a","number":1,"dialled":["1"],"names":["n"],"to":"queue","label":"l","colour":"#102030","script":"s","crm":"c"}`},
	} {
		if err := json.Unmarshal([]byte(c.text), c.into); err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(c.into); err != nil || string(got) != c.text {
			t.Errorf("%s %v, want %s", got, err, c.text)
		}
	}
}
