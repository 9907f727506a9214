package numbering

import "strings"

// pattern is a key with wildcards: X for one digit, * at the end for the rest.
type pattern struct {
	text string // key without the star
	star bool
}

func (p pattern) match(key string) bool {
	if len(key) < len(p.text) || !p.star && len(key) > len(p.text) {
		return false
	}
	for i := range len(p.text) {
		if p.text[i] != key[i] && p.text[i] != 'X' {
			return false
		}
	}
	// Public and short numbers never match each other.
	return strings.HasPrefix(p.text, "=") == strings.HasPrefix(key, "=")
}

// exact tells whether it is one number.
func (p pattern) exact() bool { return !p.star && !strings.Contains(p.text, "X") }

// literal returns the digits before the first wildcard.
func (p pattern) literal() string {
	before, _, _ := strings.Cut(p.text, "X")
	return before
}

// better tells whether p says more than q: the longer one, then the one
// without a star, then the one with fewer wildcards.
func (p pattern) better(q pattern) bool {
	switch {
	case len(p.text) != len(q.text):
		return len(p.text) > len(q.text)
	case p.star != q.star:
		return q.star
	}
	return strings.Count(p.text, "X") < strings.Count(q.text, "X")
}

// pattern reads a number or pattern as an author writes it: "+49301234",
// "0301234", "1001", "4930123XX", "4930*", "=1*". A reason is returned for what
// is none. Without a plus and with a star it begins with a country code or the
// trunk prefix; short numbers with a star need the "=".
func (p Plan) pattern(written string) (out pattern, reason string) {
	body, short := strings.CutPrefix(written, "=")
	body, star := strings.CutSuffix(body, "*")
	text, bad, ok := clean(strings.ReplaceAll(body, "X", "0"))
	switch {
	case !ok:
		return out, describe(bad) + " is not part of a number; write digits, X for any digit and * at the end for any rest"
	case len(text) > maxDigits:
		return out, "it has too many digits"
	}
	text = keepWildcards(body)
	switch {
	case short:
		if strings.HasPrefix(text, "+") || text == "" && !star {
			return out, "after = comes a short number as dialled"
		}
		return pattern{text: "=" + text, star: star}, ""
	case !star && !strings.Contains(text, "X"):
		key := p.E164(text).lenientKey()
		if key == "" {
			return out, "it is no number by the plan; write it with plus and country code"
		}
		return pattern{text: key}, ""
	}
	text = p.wildcardKey(text, star)
	if strings.HasPrefix(text, "0") {
		return out, "it begins with a zero that the plan does not know as a prefix; begin with plus and country code"
	}
	return pattern{text: text, star: star}, ""
}

// wildcardKey is E164 for texts with wildcards: the same rules, in the same order.
func (p Plan) wildcardKey(text string, star bool) string {
	if rest, ok := strings.CutPrefix(text, "+"); ok {
		return p.withoutTrunkZero(rest)
	}
	if !star && len(text) <= p.internal() {
		return "=" + text
	}
	if rest, ok := strings.CutPrefix(text, p.IDD); ok {
		return p.withoutTrunkZero(rest)
	}
	rest, trunk := strings.CutPrefix(text, p.Trunk)
	switch {
	case trunk && p.Trunk != "" && (star || p.national(len(rest))):
		return p.Country + rest
	case !star && (p.Whole || p.Trunk == "") && p.national(len(text)):
		return p.Country + text
	}
	return text
}

// keepWildcards drops visual characters from a text that clean has accepted
// with its X read as digits.
func keepWildcards(body string) string {
	return strings.Map(func(r rune) rune {
		if visual(r) {
			return -1
		}
		return r
	}, body)
}
