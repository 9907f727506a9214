package numbering_test

import (
	"strings"
	"testing"

	"strowger/switch/fault"
	"strowger/switch/numbering"
)

func TestNewTableRefuses(t *testing.T) {
	t.Parallel()
	trunk := func(change func(*numbering.Trunk)) func(*setup) { return func(s *setup) { change(&s.trunks[0]) } }
	route := func(change func(*numbering.Route)) func(*setup) { return func(s *setup) { change(&s.routes[0]) } }
	rule := func(change func(*numbering.DialRule)) func(*setup) { return func(s *setup) { change(&s.rules[1]) } }
	prefix := func(p string) func(*setup) { return route(func(r *numbering.Route) { r.Prefixes = []string{p} }) }
	show := func(n string) func(*setup) { return trunk(func(o *numbering.Trunk) { o.CallerIDs = []string{n} }) }
	for _, c := range []struct {
		change func(*setup)
		reason string
	}{
		{func(s *setup) { s.rules = make([]numbering.DialRule, 10001) }, "more than 10000"},
		{trunk(func(o *numbering.Trunk) { o.ID = "" }), "an id has"},
		{trunk(func(o *numbering.Trunk) { o.ID = " one" }), "an id has"},
		{trunk(func(o *numbering.Trunk) { o.ID = "o\x07" }), "an id has"},
		{trunk(func(o *numbering.Trunk) { o.ID = strings.Repeat("x", 65) }), "an id has"},
		{func(s *setup) { s.trunks[1].ID = "one" }, "used twice"},
		{trunk(func(o *numbering.Trunk) { o.Number = 0 }), "1 or more"},
		{func(s *setup) { s.trunks[1].Number = 1 }, "already belongs"},
		{trunk(func(o *numbering.Trunk) { o.Format = "e165" }), "format"},
		{trunk(func(o *numbering.Trunk) { o.Endpoint = "" }), "endpoint"},
		{trunk(func(o *numbering.Trunk) { o.Endpoint = "a@b" }), "endpoint"},
		{trunk(func(o *numbering.Trunk) { o.MaxCalls = -1 }), "max_calls"},
		{trunk(func(o *numbering.Trunk) { o.GatewayPrefix = "\n" }), "gateway_prefix"},
		{trunk(func(o *numbering.Trunk) { o.DefaultCallerID, o.AllowWithheld = "anonymous", false }), "allow_withheld is not set"},
		{trunk(func(o *numbering.Trunk) { o.DefaultCallerID = "alice" }), "default_caller_id"},
		{trunk(func(o *numbering.Trunk) { o.DefaultCallerID = "+" }), "default_caller_id"},
		{trunk(func(o *numbering.Trunk) { o.DefaultCallerID = "+0" }), "means withheld"},
		{trunk(func(o *numbering.Trunk) { o.CallerIDs = make([]string, 2001) }), "caller_ids"},
		{show(""), "no number"},
		{show("abc"), "letter a"},
		{show("123456"), ""},
		{show("1234567890123456"), "no number"},
		{show("="), "after ="},
		{show("=+49"), "after ="},
		{show("+0*"), "begins with a zero"},
		{show("4*9"), "character *"},
		{show("+49x"), "letter x"},
		{show(strings.Repeat("X", 33)), "too many"},
		{route(func(r *numbering.Route) { r.ID = "" }), "an id has"},
		{route(func(r *numbering.Route) { r.Prefixes = nil }), "1 to 2000 prefixes"},
		{route(func(r *numbering.Route) { r.Deny = true }), "cannot have trunks"},
		{route(func(r *numbering.Route) { r.Trunks = nil }), "no trunk"},
		{route(func(r *numbering.Route) { r.Trunks = []string{"three"} }), "does not exist"},
		{route(func(r *numbering.Route) { r.Trunks = []string{"one", "one"} }), "named twice"},
		{route(func(r *numbering.Route) { r.Strip = -1 }), "strip"},
		{route(func(r *numbering.Route) { r.Strip = 16 }), "strip"},
		{route(func(r *numbering.Route) { r.Prepend = "9," }), "prepend"},
		{route(func(r *numbering.Route) { r.Prepend = "0+" }), "prepend"},
		{route(func(r *numbering.Route) { r.Prepend = strings.Repeat("1", 17) }), "prepend"},
		{route(func(r *numbering.Route) { r.Prepend = "9" }), "before the plus"},
		{route(func(r *numbering.Route) { r.Reason = "a\nb" }), "reason"},
		{func(s *setup) { s.routes[1].Prefixes = []string{"49900", "=110"} }, "nothing may deny"},
		{func(s *setup) { s.routes[1].Prefixes = []string{""} }, "already belongs to route"},
		{prefix("+49"), "leave out the plus"},
		{prefix("030"), "begin with the country code"},
		{prefix("49030"), "leave the zero out"},
		{prefix("49 30"), "write digits"},
		{prefix("1234567890123456"), "write digits"},
		{prefix("=a"), "after ="},
		{prefix("=123456789"), "after ="},
		{rule(func(r *numbering.DialRule) { r.Number = -1 }), "1 or more"},
		{rule(func(r *numbering.DialRule) { r.Allow = make([]string, 2001) }), "more than 2000"},
		{rule(func(r *numbering.DialRule) { r.Allow = []string{"+49"} }), "leave out the plus"},
		{rule(func(r *numbering.DialRule) { r.Deny = []string{"=112"} }), "nothing may deny"},
	} {
		s := house(t)
		c.change(&s)
		_, err := numbering.NewTable(s.plan, s.trunks, s.routes, s.rules)
		if c.reason == "" {
			if err != nil {
				t.Errorf("refused: %v", err)
			}
			continue
		}
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.ReasonOf(err), c.reason) {
			t.Errorf("want a reason with %q, got %v", c.reason, err)
		}
	}
}

func TestNewBookRefuses(t *testing.T) {
	t.Parallel()
	entry := func(change func(*numbering.Entry)) []numbering.Entry {
		e := numbering.Entry{ID: "a", Number: 1, Dialled: []string{"1001"}, To: "queue"}
		change(&e)
		return []numbering.Entry{e}
	}
	two := func(change func(*numbering.Entry)) []numbering.Entry {
		out := entry(func(e *numbering.Entry) { e.Names, e.Dialled = []string{"Support"}, []string{"1001", "4930X1"} })
		return append(out, entry(func(e *numbering.Entry) { e.ID, e.Number, e.Dialled = "b", 2, nil; change(e) })...)
	}
	long := strings.Repeat("x", 2049)
	for _, c := range []struct {
		entries []numbering.Entry
		sources []numbering.Source
		pattern string
		reason  string
	}{
		{make([]numbering.Entry, 10001), nil, "", "more than 10000"},
		{nil, []numbering.Source{"from"}, "", "unknown"},
		{nil, []numbering.Source{"to", "to"}, "", "stands twice"},
		{nil, nil, strings.Repeat("a", 129), "longer than 128"},
		{nil, nil, "D:(", "no regular expression"},
		{nil, nil, "D:.+:", "exactly one pair"},
		{nil, nil, "(D):(.+?):", "exactly one pair"},
		{nil, nil, "(.*)", "every caller"},
		{entry(func(e *numbering.Entry) { e.ID = "" }), nil, "", "an id has"},
		{entry(func(e *numbering.Entry) { e.Number = 0 }), nil, "", "1 or more"},
		{entry(func(e *numbering.Entry) { e.To = "" }), nil, "", "to must say"},
		{entry(func(e *numbering.Entry) { e.To = "a\nb" }), nil, "", "to must say"},
		{entry(func(e *numbering.Entry) { e.Dialled = nil }), nil, "", "neither"},
		{entry(func(e *numbering.Entry) { e.Names = make([]string, 2001) }), nil, "", "more than 2000"},
		{entry(func(e *numbering.Entry) { e.Colour = "red" }), nil, "", "colour"},
		{entry(func(e *numbering.Entry) { e.Colour = "#12345g" }), nil, "", "colour"},
		{entry(func(e *numbering.Entry) { e.Label = strings.Repeat("x", 129) }), nil, "", "label"},
		{entry(func(e *numbering.Entry) { e.Script = long }), nil, "", "script or crm"},
		{entry(func(e *numbering.Entry) { e.CRM = "\xff" }), nil, "", "script or crm"},
		{entry(func(e *numbering.Entry) { e.Names = []string{""} }), nil, "", "name"},
		{entry(func(e *numbering.Entry) { e.Dialled = []string{"sales"} }), nil, "", "letter s"},
		{two(func(e *numbering.Entry) { e.Names = []string{"Support"} }), nil, "", `already leads to "a"`},
		{two(func(e *numbering.Entry) { e.Dialled = []string{"=1001"} }), nil, "", `already leads to "a"`},
		{two(func(e *numbering.Entry) { e.Dialled = []string{"+4930X1"} }), nil, "", `already leads to "a"`},
	} {
		if _, err := numbering.NewBook(plan(t, "DE"), c.entries, c.sources, c.pattern); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.ReasonOf(err), c.reason) {
			t.Errorf("want a reason with %q, got %v", c.reason, err)
		}
	}
}
