package numbering

import (
	"slices"
	"strings"

	"strowger/switch/fault"
)

// Resolve says how a number is dialled, or why it is not: [fault.Invalid] (not
// a number), [fault.Denied] (policy; the reason names the rule), [fault.NotFound]
// (no route) or [fault.Busy] (every trunk at its limit).
func (t *Table) Resolve(q Query) (Decision, error) {
	dialled, err := Dialable(q.Raw)
	if err != nil {
		return Decision{}, err
	}
	n := t.plan.E164(dialled)
	if n.Key() == "" {
		return Decision{}, notComplete(n)
	}
	if err := t.Allowed(n, q.Rules); err != nil {
		return Decision{}, err
	}
	r, err := t.route(n)
	if err != nil {
		return Decision{}, err
	}
	d := Decision{E164: n.Text, Kind: n.Kind, Route: r.ID}
	out, err := t.pick(r, q, &d)
	if err != nil {
		return Decision{}, err
	}
	d.Trunk, d.Endpoint, d.Node, d.CallerID = out.ID, out.Endpoint, out.Node, t.callerID(out, q.CallerID)
	d.Dial, err = t.dial(n, r, out)
	if err != nil {
		return Decision{}, err
	}
	return d, nil
}

func notComplete(n Number) error {
	if n.Kind == KindLocal {
		return badNumber("it has neither country nor area code; write it with them")
	}
	return badNumber("it is no number of the public network; write country code, area code and number, %d to %d digits", minE164, maxE164)
}

// Allowed tells whether all the named rules allow the number: nil, or
// [fault.Denied] with the rule that does not. Without rules everything but
// emergency numbers is denied.
func (t *Table) Allowed(n Number, rules []string) error {
	if n.Kind == KindEmergency {
		return nil
	}
	key := n.Key()
	switch {
	case key == "":
		return denied("", "it is no complete number, so no dial rule can allow it")
	case len(rules) == 0:
		return denied("", "no dial rule is assigned; give the agent or queue one that allows this number")
	}
	for _, id := range rules {
		verdicts, ok := t.rules[id]
		if !ok {
			return denied(id, "this dial rule does not exist, so it allows nothing; create it, or assign another")
		}
		prefix, ok := longest(verdicts, key)
		switch {
		case !ok:
			return denied(id, "nothing in this dial rule allows the number")
		case !verdicts[prefix]:
			return denied(id, "this dial rule denies numbers that begin with "+quoted(prefix))
		}
	}
	return nil
}

func denied(rule, reason string) error {
	subject := "number"
	if rule != "" {
		subject = "dial rule " + quoted(rule)
	}
	return fault.New(fault.Denied, "numbering", subject, reason)
}

func quoted(s string) string { return `"` + s + `"` }

// longest returns the longest prefix of key in the table. The prefixes of
// public numbers end at "", those of short ones at "=".
func longest[V any](table map[string]V, key string) (string, bool) {
	least := 0
	if key[0] == '=' {
		least = 1
	}
	for n := len(key); n >= least; n-- {
		if _, ok := table[key[:n]]; ok {
			return key[:n], true
		}
	}
	return "", false
}

func (t *Table) route(n Number) (*route, error) {
	key := n.Key()
	prefix, ok := key, false
	if n.Kind == KindEmergency {
		_, ok = t.byKey[key]
	} else {
		prefix, ok = longest(t.byKey, key)
	}
	if !ok {
		switch n.Kind {
		case KindEmergency:
			return nil, fault.New(fault.NotFound, "numbering", "number "+n.Text, "no route names this emergency number; add the prefix "+quoted(key)+" to one")
		case KindInternal:
			return nil, fault.New(fault.NotFound, "numbering", "number "+n.Text, "no route leads to this internal number; routes name them by prefixes that begin with =")
		case KindInternational, KindWithheld, KindLocal, KindOther:
		}
		return nil, fault.New(fault.NotFound, "numbering", "number "+n.Text, "no route has a prefix of this number")
	}
	r := &t.routes[t.byKey[prefix]]
	if r.Deny {
		reason := "this route refuses the number"
		if r.Reason != "" {
			reason += ": " + r.Reason
		}
		return nil, fault.New(fault.Denied, "numbering", "route "+quoted(r.ID), reason)
	}
	return r, nil
}

// pick returns the first trunk with room at a server that is there. An emergency
// call takes any trunk: it knows no gateway prefix, and when all are full it is
// sent by the first one that is there, or else by the first.
func (t *Table) pick(r *route, q Query, d *Decision) (*trunk, error) {
	emergency := d.Kind == KindEmergency
	last, away := &t.trunks[r.trunks[0]], true
	for _, at := range r.trunks {
		one := &t.trunks[at]
		if !emergency && q.GatewayPrefix != "" && one.GatewayPrefix != q.GatewayPrefix {
			continue
		}
		if !emergency && len(q.Only) > 0 && !slices.Contains(q.Only, one.ID) {
			continue
		}
		if q.Away != nil && q.Away(one.Node) {
			d.Tried = append(d.Tried, one.ID)
			continue
		}
		if away {
			last, away = one, false
		}
		if one.MaxCalls == 0 || q.Busy == nil || q.Busy(one.ID) < one.MaxCalls {
			return one, nil
		}
		d.Tried = append(d.Tried, one.ID)
	}
	switch {
	case emergency:
		return last, nil
	case len(d.Tried) == 0:
		return nil, fault.New(fault.NotFound, "numbering", "route "+quoted(r.ID), "no trunk of this route has the wanted gateway prefix, or is one of those that are allowed; use others, or none")
	}
	if away {
		return nil, fault.New(fault.Busy, "numbering", "route "+quoted(r.ID), "the telephony servers of its trunks are out of reach ("+strings.Join(d.Tried, ", ")+"); try again when they are back")
	}
	return nil, fault.New(fault.Busy, "numbering", "route "+quoted(r.ID), "all its trunks are at their limit ("+strings.Join(d.Tried, ", ")+"); try again when a call has ended")
}

// dial writes the number for a trunk: its format, then the route's strip and
// prepend. Emergency numbers stay as they are, other short ones have no format.
func (t *Table) dial(n Number, r *route, out *trunk) (string, error) {
	if n.Kind == KindEmergency {
		return n.Text, nil
	}
	text, ok := t.write(n, out.Format)
	switch {
	case !ok:
		return "", fault.New(fault.Invalid, "numbering", "trunk "+quoted(out.ID),
			"this number would mean another one when written in the trunk's format; check the number, or use format e164")
	case len(text) <= r.Strip:
		return "", fault.New(fault.Invalid, "numbering", "route "+quoted(r.ID), "nothing is left of the number after strip; check the number, or lower strip")
	}
	text = r.Prepend + text[r.Strip:]
	if slices.Contains(t.plan.Emergency, text) {
		return "", fault.New(fault.Invalid, "numbering", "route "+quoted(r.ID), "strip and prepend would make this number an emergency number; check the number")
	}
	return text, nil
}

// write returns a number in a format. It is not ok when the plan would read
// what is written as another number: +34 112 in national form is an emergency
// call, and a national form that begins like the IDD prefix leaves the country.
func (t *Table) write(n Number, f Format) (text string, ok bool) {
	if n.Kind != KindInternational {
		return n.Text, true
	}
	key := n.Key()
	switch f {
	case FormatBare:
		return key, !slices.Contains(t.plan.Emergency, key)
	case FormatNational:
		if rest, home := strings.CutPrefix(key, t.plan.Country); home {
			text = t.plan.Trunk + rest
			return text, t.plan.E164(text) == n
		}
		return t.plan.IDD + key, true
	case FormatIDD:
		return t.plan.IDD + key, true
	case FormatE164:
	}
	return n.Text, true
}

// callerID returns the number to show: the wanted one when the trunk may show
// it, in the trunk's format, else the trunk's default.
func (t *Table) callerID(out *trunk, wanted string) string {
	if wanted == "" {
		return out.DefaultCallerID
	}
	n := t.plan.E164(wanted)
	if n.Kind == KindWithheld {
		if out.AllowWithheld {
			return anonymous
		}
		return out.DefaultCallerID
	}
	key := n.lenientKey()
	for _, p := range out.show {
		if key == "" || !p.match(key) {
			continue
		}
		if n.Kind == KindLocal {
			n = Number{Kind: KindInternational, Text: "+" + key}
		}
		if text, ok := t.write(n, out.Format); ok {
			return text
		}
	}
	return out.DefaultCallerID
}
