package sapphone

import (
	"strconv"
	"strings"
	"unicode"
)

// printable drops control characters from what came from outside.
func printable(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s))
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
