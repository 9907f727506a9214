package numbering_test

import (
	"slices"
	"strings"
	"testing"

	"strowger/switch/fault"
	"strowger/switch/numbering"
)

var regions = []string{"DE", "US", "GB", "FR", "IT", "ES", "FI", "GR", "AT"}

// FuzzE164: a public number is a plus and 4 to 15 digits, and every number
// keeps its meaning when read again.
func FuzzE164(f *testing.F) {
	for _, raw := range []string{"", "+49 (0)30 1234", "0049301234", "01234567", "1001", "112", "anonymous", "000", "+0", "49+1", "8-800"} {
		f.Add(raw, uint8(0))
	}
	f.Fuzz(func(t *testing.T, raw string, region uint8) {
		p := plan(t, regions[int(region)%len(regions)])
		n := p.E164(raw)
		switch n.Kind {
		case numbering.KindInternational:
			rest, plus := strings.CutPrefix(n.Text, "+")
			if !plus || len(rest) < 4 || len(rest) > 15 || rest[0] == '0' || strings.Trim(rest, "0123456789") != "" {
				t.Errorf("%q: %q is no E.164 number", raw, n.Text)
			}
		case numbering.KindInternal, numbering.KindEmergency, numbering.KindLocal:
			if n.Text == "" || strings.Trim(n.Text, "0123456789") != "" {
				t.Errorf("%q: %q is not digits", raw, n.Text)
			}
		case numbering.KindWithheld:
			if n.Text != "" {
				t.Errorf("%q: a withheld number has a text: %q", raw, n.Text)
			}
		case numbering.KindOther:
		}
		if again := p.E164(n.String()); again != n {
			t.Errorf("%q: %v, read again %v", raw, n, again)
		}
		if text, err := numbering.Dialable(raw); err == nil && p.E164(text) != n && n.Kind != numbering.KindOther {
			t.Errorf("%q: %v as it came and %v as %q", raw, n, p.E164(text), text)
		}
	})
}

// FuzzHeader: no header makes Find fail, and what it returns is printable.
func FuzzHeader(f *testing.F) {
	for _, h := range []string{
		`<sip:+49301@host;user=phone>;reason=unconditional`, `"name" <tel:+49301>`, `"a\"b, <" <sip:1@h>, <sip:2@h>;index=1.1`,
		`<sip:%2B49301@h?Reason=SIP%3Bcause%3D302>;index=1`, `1,2;3<4>5"`, `D:Support:<sip:1@h>`,
	} {
		f.Add(h, h)
	}
	b := book(f)
	f.Fuzz(func(t *testing.T, header, name string) {
		in := numbering.Arrival{Dialled: name, CallerName: name, Diversion: header, HistoryInfo: header, PCalledParty: header, To: header}
		for _, s := range numbering.DefaultSources() {
			if users := numbering.Users(in, s); len(users) > 16 || slices.Contains(users, "") {
				t.Errorf("%s: %q", s, users)
			}
		}
		found := b.Find(in)
		if (found.By == "") != (found.DNIS == "") || found.Entry != nil && found.By == "" {
			t.Errorf("incomplete: %+v", found)
		}
		if found.By != numbering.SourceName && strings.ContainsAny(found.DNIS, "\x00\n\r") {
			t.Errorf("control characters in %q", found.DNIS)
		}
		if len(found.CallerName) > len(name) {
			t.Errorf("the caller name grew from %q to %q", name, found.CallerName)
		}
	})
}

// verdict is the definition of a dial rule, without any cleverness.
func verdict(r numbering.DialRule, key string) bool {
	best, allowed := -1, false
	for _, p := range r.Allow {
		if fits(p, key) && len(p) > best {
			best, allowed = len(p), true
		}
	}
	for _, p := range r.Deny {
		if fits(p, key) && len(p) >= best {
			best, allowed = len(p), false
		}
	}
	return allowed
}

func fits(prefix, key string) bool {
	return strings.HasPrefix(key, prefix) && strings.HasPrefix(prefix, "=") == strings.HasPrefix(key, "=")
}

// FuzzResolve: no decision violates a rule, a denied route, a limit, the
// caller ids of its trunk, or the meaning of an emergency number.
func FuzzResolve(f *testing.F) {
	f.Add("+49 (0)900 1234567", "all", "49|49180", "900|49", "", "", uint8(0))
	f.Add("03055512", "some", "", "4930", "gw2", "+493012345", uint8(1))
	f.Add("112", "", "", "", "", "anonymous", uint8(9))
	f.Add("0049112", "mine", "=1|49", "=", "", "1001", uint8(2))
	f.Fuzz(func(t *testing.T, raw, rule, allow, deny, gateway, caller string, busy uint8) {
		s := house(t)
		mine := numbering.DialRule{ID: "mine", Number: 99, Allow: strings.Split(allow, "|"), Deny: strings.Split(deny, "|")}
		s.rules = append(s.rules, mine)
		table, err := numbering.NewTable(s.plan, s.trunks, s.routes, s.rules)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("refused without a kind: %v", err)
			}
			return
		}
		load := func(id string) int { return int(busy) >> len(id) & 3 }
		d, err := table.Resolve(numbering.Query{Raw: raw, GatewayPrefix: gateway, Rules: []string{rule, "mine"}, CallerID: caller, Busy: load})
		if err != nil {
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.Denied && k != fault.NotFound && k != fault.Busy {
				t.Errorf("%q: %v", raw, err)
			}
			return
		}
		checkDecision(t, s, d, rule, load)
	})
}

func checkDecision(t *testing.T, s setup, d numbering.Decision, rule string, load func(string) int) {
	n := s.plan.E164(d.E164)
	at := slices.IndexFunc(s.trunks, func(o numbering.Trunk) bool { return o.ID == d.Trunk })
	if at < 0 || n.Text != d.E164 || n.Kind != d.Kind {
		t.Fatalf("senseless: %+v", d)
	}
	if rest := strings.TrimPrefix(d.Dial, "+"); rest == "" || strings.Trim(rest, "0123456789*#") != "" {
		t.Errorf("not dialable: %+v", d)
	}
	if n.Kind == numbering.KindEmergency {
		if d.Dial != d.E164 {
			t.Errorf("an emergency number was rewritten: %+v", d)
		}
		return
	}
	if slices.Contains(s.plan.Emergency, d.Dial) {
		t.Errorf("an emergency call that nobody dialled: %+v", d)
	}
	for _, r := range s.rules {
		if (r.ID == rule || r.ID == "mine") && !verdict(r, n.Key()) {
			t.Errorf("rule %s denies: %+v", r.ID, d)
		}
	}
	if !slices.ContainsFunc(s.rules, func(r numbering.DialRule) bool { return r.ID == rule }) {
		t.Errorf("rule %q does not exist: %+v", rule, d)
	}
	if fits("49900", n.Key()) || fits("49137", n.Key()) {
		t.Errorf("a route denies: %+v", d)
	}
	one := s.trunks[at]
	if one.MaxCalls > 0 && load(one.ID) >= one.MaxCalls {
		t.Errorf("trunk over its limit: %+v", d)
	}
	if d.CallerID == "anonymous" && !one.AllowWithheld {
		t.Errorf("withheld where it may not: %+v", d)
	}
	key := s.plan.E164(d.CallerID)
	if one.ID == "one" && d.CallerID != "anonymous" && !(fits("4930123", key.Key()) && len(key.Key()) == 9) && key.Key() != "49301999" && !fits("33", key.Key()) {
		t.Errorf("a caller id that the trunk may not show: %+v", d)
	}
}

func BenchmarkResolve(b *testing.B) {
	table := house(b).table(b)
	q := numbering.Query{Raw: "+49 (0)30 55512", Rules: []string{"all", "some"}, CallerID: "+493012345", Busy: func(string) int { return 0 }}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := table.Resolve(q); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	dnis := book(b)
	for name, in := range map[string]numbering.Arrival{
		"name":    {CallerName: "D:Support:070989887889", Dialled: "5200"},
		"channel": {CallerName: "Meier", Dialled: "+4930123499"},
		"headers": {
			CallerName: "Meier", Dialled: "5200", To: "<sip:5200@host>",
			Diversion: `"A" <sip:+4930123456@host;user=phone>;reason=unconditional`,
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				dnis.Find(in)
			}
		})
	}
}
