package schema

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

var (
	durationForm = regexp.MustCompile(`^([0-9]{1,5}(\.[0-9]{1,6})?d)?([0-9]{1,9}(\.[0-9]{1,6})?(h|m|s|ms))*$`)
	bareNumber   = regexp.MustCompile(`^[0-9]+$`)
)

// ParseDuration reads a duration as the file has it: a number with a unit, or
// several ("1h30m"), days first. Units are ms, s, m, h and d; 0 needs none.
// The error says what to write instead.
func ParseDuration(s string) (time.Duration, error) {
	switch {
	case s == "0":
		return 0, nil
	case bareNumber.MatchString(s):
		return 0, fmt.Errorf("%q has no unit: write %ss for seconds, or use ms, m, h, d", s, s)
	case s == "" || !durationForm.MatchString(s):
		return 0, fmt.Errorf("%q is not a duration: write a number and a unit (ms, s, m, h; d first), for example 15s", s)
	}
	days, rest, hasDays := strings.Cut(s, "d")
	if !hasDays {
		days, rest = "0", s
	}
	if rest == "" {
		rest = "0s"
	}
	d, errDays := time.ParseDuration(days + "h")
	r, errRest := time.ParseDuration(rest)
	if errDays != nil || errRest != nil || r > maxDuration {
		return 0, fmt.Errorf("%q is too long", s)
	}
	return d*24 + r, nil
}

// maxDuration bounds what follows the days, so that the sum fits: five digits
// of days are 274 years, a time.Duration holds 292.
const maxDuration = 10 * 365 * 24 * time.Hour

// FormatDuration writes a duration in the shortest form that ParseDuration
// reads back: 250ms, 15s, 1m30s, 7d.
func FormatDuration(d time.Duration) string {
	if d == 0 {
		return "0s"
	}
	if d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
