package ici

import "strings"

// maxDigits bounds a telephone number. E.164 allows 15 digits; carrier codes
// and extensions add some.
const maxDigits = 32

// unknownNumber is sent for a party whose number is withheld or no number.
const unknownNumber = "+0"

// Number makes a number that SAP accepts out of what a switch knows: a plus
// sign and digits, nothing else (sap.md 2.8 point 1). The scheme, host and
// parameters of a URI and visual separators are removed; what then is not a
// number becomes "+0". It is idempotent.
func Number(s string) string {
	if i := strings.LastIndexByte(s, '<'); i >= 0 {
		s = s[i+1:]
	}
	s = strings.TrimSpace(s)
	for _, scheme := range []string{"sip:", "sips:", "tel:"} {
		if rest, ok := cutPrefixFold(s, scheme); ok {
			s = rest
			break
		}
	}
	if i := strings.IndexAny(s, "@;>"); i >= 0 {
		s = s[:i]
	}
	out := make([]byte, 1, maxDigits+1)
	out[0] = '+'
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			if len(out) > maxDigits {
				return unknownNumber
			}
			out = append(out, c)
		case c == '+' && len(out) == 1:
		case strings.IndexByte(" -./()", c) >= 0:
		default:
			return unknownNumber
		}
	}
	if len(out) == 1 {
		return unknownNumber
	}
	return string(out)
}

// CheckNumber refuses a number from outside that holds anything but digits
// and a leading plus sign. The error is an [Error] 5/2, the pair that SAP
// itself answers with (reference 1.2).
func CheckNumber(s string) error {
	digits := strings.TrimPrefix(s, "+")
	bad := digits == "" || len(digits) > maxDigits
	for i := 0; i < len(digits) && !bad; i++ {
		bad = digits[i] < '0' || digits[i] > '9'
	}
	if !bad {
		return nil
	}
	return &Error{Code: CodeIllegalNumber, Text: "a phone number may hold only a leading + and at most 32 digits"}
}

// Plan is how a number from outside that is not in international form begins:
// with IDD for another country, else with a single 0 for one of this country
// (reference 4.3.1, OII.IDD and OII.Country). The zero value changes nothing.
type Plan struct {
	IDD     string
	Country string
}

// International is Number for a party outside.
func (p Plan) International(s string) string {
	n := Number(s)
	digits := n[1:]
	if p == (Plan{}) || n == unknownNumber || strings.Contains(s, "+") {
		return n
	}
	if rest, ok := strings.CutPrefix(digits, p.IDD); ok && rest != "" {
		return "+" + rest
	}
	if rest, ok := strings.CutPrefix(digits, "0"); ok && rest != "" && rest[0] != '0' {
		return "+" + p.Country + rest
	}
	return n
}
