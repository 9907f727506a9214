package numbering

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"strowger/switch/fault"
)

// Bounds of a table.
const (
	maxObjects  = 10000 // trunks, routes, rules or entries
	maxPrefixes = 2000  // per route or rule
	maxName     = 64    // bytes of ids, endpoints and gateway prefixes
	maxText     = 2048  // bytes of reasons, labels, scripts
	maxPrepend  = 16
)

// Table is the prepared form of trunks, routes and dial rules. It is immutable.
type Table struct {
	plan   Plan
	trunks []trunk
	routes []route
	byKey  map[string]int // prefix -> routes
	rules  map[string]rule
}

type trunk struct {
	Trunk
	show []pattern
}

type route struct {
	Route
	trunks []int
}

// rule holds the verdict of every prefix; true = allow.
type rule map[string]bool

// NewTable prepares routing. What is wrong is [fault.Invalid]: the first fault
// in the order plan, trunks, routes, rules, and what to write instead.
func NewTable(p Plan, trunks []Trunk, routes []Route, rules []DialRule) (*Table, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	p.Emergency = slices.Clone(p.Emergency)
	t := &Table{plan: p, byKey: map[string]int{}, rules: map[string]rule{}}
	if len(trunks) > maxObjects || len(routes) > maxObjects || len(rules) > maxObjects {
		return nil, fault.Newf(fault.Invalid, "numbering", "table", "more than %d trunks, routes or dial rules; merge their prefixes", maxObjects)
	}
	index, seen := map[string]int{}, newSeen("trunk")
	for i, one := range trunks {
		if err := seen.add(one.ID, one.Number); err != nil {
			return nil, err
		}
		ready, reason := p.prepareTrunk(one)
		if reason != "" {
			return nil, invalid("trunk", one.ID, reason)
		}
		t.trunks = append(t.trunks, ready)
		index[one.ID] = i
	}
	seen = newSeen("route")
	for _, one := range routes {
		if err := seen.add(one.ID, one.Number); err != nil {
			return nil, err
		}
		if reason := t.addRoute(one, index); reason != "" {
			return nil, invalid("route", one.ID, reason)
		}
	}
	seen = newSeen("dial rule")
	for _, one := range rules {
		if err := seen.add(one.ID, one.Number); err != nil {
			return nil, err
		}
		if reason := t.addRule(one); reason != "" {
			return nil, invalid("dial rule", one.ID, reason)
		}
	}
	return t, nil
}

// Plan returns the plan of the table. Its Emergency list is not to be changed.
func (t *Table) Plan() Plan { return t.plan }

func (p Plan) prepareTrunk(one Trunk) (out trunk, reason string) {
	out.Trunk = one
	switch one.Format {
	case "":
		out.Format = FormatE164
	case FormatE164, FormatBare, FormatNational, FormatIDD:
	default:
		return out, fmt.Sprintf("format %q is unknown; write e164, e164-no-plus, national or international-idd", one.Format)
	}
	plain, plus := strings.TrimPrefix(one.DefaultCallerID, "+"), strings.HasPrefix(one.DefaultCallerID, "+")
	switch {
	case one.Endpoint == "" || !name(one.Endpoint) || strings.ContainsAny(one.Endpoint, " /@,;|"):
		return out, fmt.Sprintf("endpoint %q is not the name of a PJSIP endpoint", one.Endpoint)
	case !text(one.Node, maxName):
		return out, fmt.Sprintf("node has a character that cannot be printed, or is longer than %d bytes", maxName)
	case one.MaxCalls < 0:
		return out, "max_calls is below zero; write the number of calls at once, or leave it out for no limit"
	case one.GatewayPrefix != "" && !name(one.GatewayPrefix):
		return out, fmt.Sprintf("gateway_prefix %q has a character that cannot be printed, or is longer than %d bytes", one.GatewayPrefix, maxName)
	case one.DefaultCallerID == anonymous && !one.AllowWithheld:
		return out, "default_caller_id is anonymous, but allow_withheld is not set; set it, or write a number"
	case one.DefaultCallerID != "" && one.DefaultCallerID != anonymous && !digits(plain, 1, maxDigits):
		return out, fmt.Sprintf("default_caller_id %q is no number; write it as the carrier wants it, digits with at most a plus in front", one.DefaultCallerID)
	case plus && plain == "0":
		return out, "default_caller_id +0 means withheld; write anonymous and set allow_withheld"
	case len(one.CallerIDs) > maxPrefixes:
		return out, fmt.Sprintf("more than %d caller_ids; use patterns", maxPrefixes)
	}
	for _, written := range one.CallerIDs {
		pat, reason := p.pattern(written)
		if reason != "" {
			return out, fmt.Sprintf("caller id %q: %s", written, reason)
		}
		out.show = append(out.show, pat)
	}
	return out, ""
}

func (t *Table) addRoute(one Route, index map[string]int) (reason string) {
	out := route{Route: one}
	switch {
	case len(one.Prefixes) == 0 || len(one.Prefixes) > maxPrefixes:
		return fmt.Sprintf("a route has 1 to %d prefixes; an empty one (\"\") takes every public number", maxPrefixes)
	case one.Deny && len(one.Trunks) > 0:
		return "it denies, so it cannot have trunks; remove deny or trunks"
	case !one.Deny && len(one.Trunks) == 0:
		return "it has no trunk; name at least one, or set deny"
	case one.Strip < 0 || one.Strip > maxE164:
		return fmt.Sprintf("strip is out of bounds; write 0 to %d", maxE164)
	case len(one.Prepend) > maxPrepend || strings.Trim(strings.TrimPrefix(one.Prepend, "+"), "0123456789*#") != "":
		return fmt.Sprintf("prepend %q is not dialable; write up to %d digits, * or #, with at most a plus in front", one.Prepend, maxPrepend)
	case !text(one.Reason, maxText):
		return fmt.Sprintf("reason has a control character or more than %d bytes", maxText)
	}
	for i, id := range one.Trunks {
		at, ok := index[id]
		if !ok {
			return fmt.Sprintf("trunk %q does not exist", id)
		}
		if slices.Contains(one.Trunks[:i], id) {
			return fmt.Sprintf("trunk %q is named twice", id)
		}
		if one.Prepend != "" && one.Strip == 0 && t.trunks[at].Format == FormatE164 {
			return fmt.Sprintf("prepend would put digits before the plus that trunk %q sends; set strip to 1, or the trunk's format to e164-no-plus", id)
		}
		out.trunks = append(out.trunks, at)
	}
	for _, prefix := range one.Prefixes {
		if reason := t.plan.prefix(prefix); reason != "" {
			return reason
		}
		if one.Deny && t.emergency(prefix) {
			return fmt.Sprintf("prefix %q is an emergency number, which nothing may deny", prefix)
		}
		if other, dup := t.byKey[prefix]; dup && other < len(t.routes) {
			return fmt.Sprintf("prefix %q already belongs to route %q", prefix, t.routes[other].ID)
		}
		t.byKey[prefix] = len(t.routes)
	}
	t.routes = append(t.routes, out)
	return ""
}

func (t *Table) addRule(one DialRule) (reason string) {
	verdicts := rule{}
	if len(one.Allow)+len(one.Deny) > maxPrefixes {
		return fmt.Sprintf("more than %d prefixes; use shorter ones", maxPrefixes)
	}
	for i, prefix := range slices.Concat(one.Allow, one.Deny) {
		if reason := t.plan.prefix(prefix); reason != "" {
			return reason
		}
		if i >= len(one.Allow) && t.emergency(prefix) {
			return fmt.Sprintf("prefix %q is an emergency number, which nothing may deny", prefix)
		}
		verdicts[prefix] = i < len(one.Allow) // denials come last, so they win a tie
	}
	t.rules[one.ID] = verdicts
	return ""
}

func (t *Table) emergency(prefix string) bool {
	short, ok := strings.CutPrefix(prefix, "=")
	return ok && slices.Contains(t.plan.Emergency, short)
}

// prefix says what is wrong with a prefix of a route or rule, or nothing.
func (p Plan) prefix(s string) (reason string) {
	short, internal := strings.CutPrefix(s, "=")
	switch {
	case internal && digits(short, 0, maxInternal), s == "":
		return ""
	case internal:
		return fmt.Sprintf("prefix %q: after = come up to %d digits of a short number", s, maxInternal)
	case strings.HasPrefix(s, "+"):
		return fmt.Sprintf("prefix %q: leave out the plus", s)
	case !digits(s, 1, maxE164):
		return fmt.Sprintf("prefix %q: write digits from the country code on, = before short numbers, or nothing for all public numbers", s)
	case s[0] == '0':
		return fmt.Sprintf("prefix %q begins with zero, so no number fits; begin with the country code", s)
	case p.withoutTrunkZero(s) != s:
		return fmt.Sprintf("prefix %q has a trunk zero after the country code, so no number fits; leave the zero out", s)
	}
	return ""
}

// seen checks the ids and numbers of one kind of object.
type seen struct {
	what    string
	ids     map[string]bool
	numbers map[int64]string
}

func newSeen(what string) *seen {
	return &seen{what: what, ids: map[string]bool{}, numbers: map[int64]string{}}
}

func (s *seen) add(id string, number int64) error {
	switch other := s.numbers[number]; {
	case id == "" || !name(id):
		return invalid(s.what, id, fmt.Sprintf("an id has 1 to %d bytes, all printable", maxName))
	case s.ids[id]:
		return invalid(s.what, id, "this id is used twice; ids must be unique")
	case number <= 0:
		return invalid(s.what, id, "its number must be 1 or more")
	case other != "":
		return invalid(s.what, id, fmt.Sprintf("number %d already belongs to %q; numbers are never reused", number, other))
	}
	s.ids[id], s.numbers[number] = true, id
	return nil
}

func invalid(what, id, reason string) error {
	return fault.New(fault.Invalid, "numbering", fmt.Sprintf("%s %q", what, id), reason)
}

// name tells whether s can stand in a configuration as a name.
func name(s string) bool { return text(s, maxName) && strings.TrimSpace(s) == s }

// text tells whether s is printable UTF-8 of at most so many bytes.
func text(s string, most int) bool {
	return len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r != ' ' && !unicode.IsPrint(r) })
}
