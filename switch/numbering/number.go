package numbering

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"strowger/switch/fault"
)

// Kind says what a number is in a plan.
type Kind string

const (
	// KindWithheld is a caller who does not show a number.
	KindWithheld Kind = "withheld"
	// KindInternational is a number of the public network, "+49301234".
	KindInternational Kind = "international"
	// KindInternal is a short number of this site, as dialled.
	KindInternal Kind = "internal"
	// KindEmergency is an emergency number of the plan, as dialled.
	KindEmergency Kind = "emergency"
	// KindLocal is digits that the plan cannot complete: no prefix, and no area configured.
	KindLocal Kind = "local"
	// KindOther is no number at all (a SIP user name, too many digits), as it came.
	KindOther Kind = "other"
)

// Number is what a caller id or a dialled number means.
type Number struct {
	Kind Kind   `json:"kind"`
	Text string `json:"text"` // "+49301234" when international, "" when withheld, else digits or text as it came
}

// anonymous is how a withheld number is written in a SIP header (RFC 3323).
const anonymous = "anonymous"

// String returns the number for people and headers: its text, or "anonymous".
func (n Number) String() string {
	if n.Kind == KindWithheld {
		return anonymous
	}
	return n.Text
}

// Key returns what prefixes and patterns are compared with (see the package
// comment), and "" for what has no place in the plan.
func (n Number) Key() string {
	switch n.Kind {
	case KindInternational:
		return n.Text[1:]
	case KindInternal, KindEmergency:
		return "=" + n.Text
	case KindWithheld, KindLocal, KindOther:
	}
	return ""
}

// lenientKey is Key, and reads digits without any prefix as an international
// number that lost its plus. It serves comparison with configured numbers only:
// policy uses Key.
func (n Number) lenientKey() string {
	if n.Kind == KindLocal && len(n.Text) <= maxE164 {
		return n.Text
	}
	return n.Key()
}

// withheld tells whether a caller id says that it is none.
func withheld(raw string) bool {
	switch strings.ToLower(raw) {
	case "", anonymous, "restricted", "unavailable", "private", "withheld", "unknown", "+0":
		return true
	}
	return false
}

// E164 says what a number means, by these rules, first that fits:
//
//  1. nothing, "anonymous", "restricted", "unavailable", "private", "withheld",
//     "unknown" and "+0" (any case): withheld;
//  2. what is not digits, one leading plus and visual characters: other;
//  3. a plus: international;
//  4. an emergency number of the plan: emergency;
//  5. up to Internal digits: internal;
//  6. the international prefix: replaced by a plus (OII.IDD);
//  7. the trunk prefix: replaced by a plus and the country (OII.Country);
//  8. no prefix: national where the plan dials them whole, else international
//     (Bare) or completed by Area, else local.
//
// An international number has 4 to 15 digits and does not begin with zero; what
// breaks that is other. It never fails, whatever comes in.
func (p Plan) E164(raw string) Number {
	raw = strings.TrimSpace(raw)
	if withheld(raw) {
		return Number{Kind: KindWithheld}
	}
	text, _, ok := clean(raw)
	if !ok || text == "" || len(text) > maxDigits {
		return Number{Kind: KindOther, Text: raw}
	}
	if text[0] == '+' {
		return p.international(text[1:], raw)
	}
	if slices.Contains(p.Emergency, text) {
		return Number{Kind: KindEmergency, Text: text}
	}
	if len(text) <= p.internal() {
		return Number{Kind: KindInternal, Text: text}
	}
	if p.IDD != "" && strings.HasPrefix(text, p.IDD) {
		return p.international(text[len(p.IDD):], raw)
	}
	return p.unprefixed(text, raw)
}

// unprefixed reads digits that have no international prefix: rules 7 and 8.
func (p Plan) unprefixed(text, raw string) Number {
	rest, trunk := strings.CutPrefix(text, p.Trunk)
	trunk = trunk && p.Trunk != ""
	switch {
	case trunk && p.national(len(rest)):
		return p.international(p.Country+rest, raw)
	case (p.Whole || p.Trunk == "") && p.national(len(text)):
		return p.international(p.Country+text, raw)
	case trunk && p.Trunk == "0":
		return Number{Kind: KindOther, Text: raw} // nothing else begins with a zero
	case p.Bare:
		return p.international(text, raw)
	case p.Area != "" && p.national(len(p.Area)+len(text)):
		return p.international(p.Country+p.Area+text, raw)
	}
	return Number{Kind: KindLocal, Text: text}
}

func (p Plan) international(e164, raw string) Number {
	e164 = p.withoutTrunkZero(e164)
	if !digits(e164, minE164, maxE164) || e164[0] == '0' {
		return Number{Kind: KindOther, Text: raw}
	}
	return Number{Kind: KindInternational, Text: "+" + e164}
}

// Dialable returns what a person typed as digits with at most one leading plus.
// Spaces, dashes, brackets, slashes and dots are dropped; anything else is
// [fault.Invalid], and the reason names the character.
func Dialable(raw string) (string, error) {
	text, bad, ok := clean(raw)
	switch {
	case len(raw) > maxRaw:
		return "", badNumber("it is %d bytes long; a number has at most %d digits", len(raw), maxDigits)
	case !ok && bad == '+':
		return "", badNumber("a plus stands only at the beginning, once")
	case !ok:
		return "", badNumber("%s is not part of a number; write digits, with a plus before a country code", describe(bad))
	case strings.TrimPrefix(text, "+") == "":
		return "", badNumber("there is no digit in it; write the number to dial")
	case len(strings.TrimPrefix(text, "+")) > maxDigits:
		return "", badNumber("it has %d digits; a number has at most %d", len(strings.TrimPrefix(text, "+")), maxDigits)
	}
	return text, nil
}

// badNumber leaves the number itself out: what was typed may be anything.
func badNumber(format string, args ...any) error {
	return fault.Newf(fault.Invalid, "numbering", "number", format, args...)
}

// clean drops visual characters and returns the first character that is
// neither one nor a digit nor the leading plus. A text over maxRaw is not read.
func clean(raw string) (text string, bad rune, ok bool) {
	if len(raw) > maxRaw {
		return "", utf8.RuneError, false
	}
	out := make([]byte, 0, maxRaw)
	for _, r := range raw {
		switch {
		case r >= '0' && r <= '9', r == '+' && len(out) == 0:
			out = append(out, byte(r))
		case !visual(r):
			return "", r, false
		}
	}
	return string(out), 0, true
}

// visual tells whether a character only helps reading: what people type, and
// what they paste from web pages (no-break spaces and typographic dashes).
func visual(r rune) bool {
	return strings.ContainsRune(" -()[]/.\u00a0\u2009\u202f\u2010\u2011\u2012\u2013", r)
}

// describe names a character in words that are safe to print.
func describe(r rune) string {
	switch {
	case r == utf8.RuneError:
		return "a byte that is no character"
	case unicode.IsLetter(r):
		return "the letter " + string(r)
	case unicode.IsControl(r) || !unicode.IsPrint(r):
		return "a control character"
	}
	return "the character " + string(r)
}
