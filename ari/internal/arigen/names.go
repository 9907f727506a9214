package main

import (
	"strings"
	"unicode"
)

// initialisms are written in capitals in Go names. Lower-case words of the
// description that hide one ("offsetms") keep their spelling.
var initialisms = map[string]bool{
	"aor": true, "dtmf": true, "id": true, "ids": true, "os": true, "rest": true, "rtp": true, "rtt": true, "ssrc": true,
	"uri": true, "url": true,
}

// goName makes an exported Go name of a name in snake, camel or mixed case.
func goName(s string) string {
	var b strings.Builder
	for _, w := range words(s) {
		lower := strings.ToLower(w)
		switch {
		case lower == "ids":
			b.WriteString("IDs")
		case initialisms[lower]:
			b.WriteString(strings.ToUpper(w))
		case w == strings.ToUpper(w) && len(w) > 1:
			b.WriteString(w)
		default:
			b.WriteString(strings.ToUpper(w[:1]) + w[1:])
		}
	}
	return b.String()
}

// words splits at underscores, hyphens and changes from lower to upper case;
// a run of capitals is one word ("RESTRequest" is REST, Request).
func words(s string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == '_' || r == '-' }) {
		rs := []rune(part)
		start := 0
		for i := 1; i < len(rs); i++ {
			up := unicode.IsUpper(rs[i])
			afterLower := up && !unicode.IsUpper(rs[i-1])
			endOfRun := up && unicode.IsUpper(rs[i-1]) && i+1 < len(rs) && unicode.IsLower(rs[i+1])
			if afterLower || endOfRun {
				out = append(out, string(rs[start:i]))
				start = i
			}
		}
		out = append(out, string(rs[start:]))
	}
	return out
}

// lowerFirst makes a parameter name of an exported name: "ChannelID" -> "channelID".
func lowerFirst(s string) string {
	ws := words(s)
	if len(ws) == 0 {
		return s
	}
	return strings.ToLower(ws[0]) + s[len(ws[0]):]
}
