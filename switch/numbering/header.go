package numbering

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of a header: what is beyond them is not read.
const (
	maxHeader = 4096 // bytes
	maxValues = 16   // comma-separated values
	maxIndex  = 8    // levels of a History-Info index
)

// hop is one value of a header: the user part of its URI and, in History-Info,
// its place.
type hop struct {
	user  string
	index []int
}

// diversion returns the user parts of a Diversion header, the number that was
// called first in front: RFC 5806 section 5 puts the newest diversion on top.
func diversion(header string) []hop {
	out := hops(header)
	slices.Reverse(out)
	return out
}

// historyInfo returns the user parts of a History-Info header in the order of
// their index (RFC 7044 section 10.3), whatever order they came in. A value
// without an index comes last.
func historyInfo(header string) []hop {
	out := hops(header)
	slices.SortStableFunc(out, func(a, b hop) int {
		switch {
		case a.index == nil && b.index == nil:
			return 0
		case a.index == nil:
			return 1
		case b.index == nil:
			return -1
		}
		return slices.Compare(a.index, b.index)
	})
	return out
}

// hops splits a header into its values. Values without a user part are left out.
func hops(header string) []hop {
	if len(header) > maxHeader {
		header = header[:maxHeader]
	}
	var out []hop
	for range maxValues {
		if header == "" {
			break
		}
		var value string
		value, header = cutOutside(header, ',')
		if h := parseValue(value); h.user != "" {
			out = append(out, h)
		}
	}
	return out
}

// cutOutside cuts at the first separator that is neither in a quoted string
// (RFC 3261 section 25.1, with backslash escapes) nor in angle brackets.
func cutOutside(s string, separator byte) (before, after string) {
	quoted, inside := false, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"' && !inside:
			quoted = !quoted
		case quoted:
		case c == '<':
			inside = true
		case c == '>':
			inside = false
		case c == separator && !inside:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// parseValue reads `"name" <uri>;param`, `uri;param` or a bare number.
func parseValue(value string) hop {
	address, params := cutOutside(value, ';')
	if inner, found := angle(address); found {
		address = inner
	}
	h := hop{user: userOf(strings.TrimSpace(address))}
	for h.index == nil && params != "" {
		var param string
		param, params = cutOutside(params, ';')
		key, text, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(key), "index") {
			h.index = parseIndex(strings.TrimSpace(text))
		}
	}
	return h
}

// angle returns what stands between the first < outside quotes and its >.
func angle(s string) (inner string, found bool) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == '<' && !quoted:
			inner, _, _ = strings.Cut(s[i+1:], ">")
			return inner, true
		}
	}
	return "", false
}

// userOf returns the user part of a SIP, SIPS or tel URI, or of a bare number,
// percent-decoded and without password and parameters. What cannot be decoded
// or printed gives nothing.
func userOf(uri string) string {
	scheme, rest, found := strings.Cut(uri, ":")
	tel := false
	switch {
	case found && strings.EqualFold(scheme, "tel"):
		uri, tel = rest, true
	case found && (strings.EqualFold(scheme, "sip") || strings.EqualFold(scheme, "sips")):
		uri = rest
		if !strings.Contains(uri, "@") {
			return "" // a host alone: nobody in particular
		}
	case found && !strings.Contains(scheme, "@"):
		return "" // a scheme that is no telephone's
	}
	user := uri
	if !tel {
		user, _, _ = strings.Cut(user, "@")
		user, _, _ = strings.Cut(user, ":") // password
	}
	user, _, _ = strings.Cut(user, ";")
	user, _, _ = strings.Cut(user, "?")
	decoded, err := url.PathUnescape(user)
	if err != nil || len(decoded) > maxRaw || !utf8.ValidString(decoded) || strings.ContainsFunc(decoded, unicode.IsControl) {
		return ""
	}
	return strings.TrimSpace(decoded)
}

func parseIndex(s string) []int {
	parts := strings.Split(s, ".")
	if len(parts) > maxIndex {
		return nil
	}
	out := make([]int, len(parts))
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return nil
		}
		out[i] = n
	}
	return out
}
