package arispec

import (
	"strconv"
	"strings"
)

// Op names an operation by resource and nickname: "channels.answer".
type Op string

// Operation describes one REST operation.
type Operation struct {
	Op     Op
	Method string // GET, POST, PUT or DELETE
	Path   string // template below the ARI root: "/channels/{channelId}"
	Result string // Go type of the answer; empty for none
	since  string // versions, separated by spaces
}

// Describe returns the description of an operation; ok is false for an unknown one.
func Describe(op Op) (o Operation, ok bool) { return describe(op) }

// Since returns the first Asterisk version of each branch that has the operation.
func (o Operation) Since() []string { return strings.Fields(o.since) }

// Supports reports whether Asterisk of this version ("22.10.1~dfsg-1",
// "certified/20.7-cert3") has the operation. A branch that is not listed has
// it when it is newer than every listed one. ok is false when the version
// cannot be read or the operation is unknown.
func Supports(op Op, version string) (has, ok bool) {
	o, known := Describe(op)
	v, readable := parseVersion(version)
	if !known || !readable {
		return false, false
	}
	highest := 0
	for _, s := range o.Since() {
		first, readable := parseVersion(s)
		if !readable {
			return false, false
		}
		highest = max(highest, first[0])
		if first[0] == v[0] {
			return v[1] > first[1] || v[1] == first[1] && v[2] >= first[2], true
		}
	}
	return v[0] > highest, true
}

// AtLeast reports whether a version is at least major.minor.patch. One that
// cannot be read is not.
func AtLeast(version string, major, minor, patch int) bool {
	v, ok := parseVersion(version)
	if !ok {
		return false
	}
	want := [3]int{major, minor, patch}
	for i := range v {
		if v[i] != want[i] {
			return v[i] > want[i]
		}
	}
	return true
}

// parseVersion reads up to three numbers from the first digit on.
func parseVersion(s string) (v [3]int, ok bool) {
	start := strings.IndexAny(s, "0123456789")
	if start < 0 {
		return v, false
	}
	s = s[start:]
	for i := range v {
		end := 0
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		n, err := strconv.Atoi(s[:end])
		if err != nil {
			return v, i > 0
		}
		v[i] = n
		if end == len(s) || s[end] != '.' {
			return v, true
		}
		s = s[end+1:]
	}
	return v, true
}
