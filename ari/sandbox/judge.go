package sandbox

import (
	"fmt"
	"strings"

	"strowger/switch/fault"
)

// The oldest major version that works.
const oldestMajor = 20

// FirstGood is the first release without the deadlocks and holes that earlier
// ones are known for.
func FirstGood() Version { return Version{Major: 22, Minor: 10, Patch: 1} }

// Lack is something that an older version does not have, or does wrong.
type Lack struct {
	Text   string   // what it means for a site
	Issues []string // AST#n = github.com/asterisk/asterisk/issues/n, GHSA-... = a security advisory
	Fixed  Version  // first release of branch 22 without it
}

// lacks lists what is known, the gravest first (specs/asterisk.md 1.3).
func lacks() []Lack {
	v := func(minor, patch int) Version { return Version{Major: 22, Minor: minor, Patch: patch} }
	return []Lack{
		{"calls that carry extra SIP headers can deadlock all of SIP; Strowger refuses call-on-accept stations here", []string{"AST#1936", "AST#1872"}, v(10, 0)},
		{"about 100 calls a minute under ARI can deadlock it (seen on 22.9.0)", []string{"AST#1907", "AST#1928", "AST#1962"}, v(10, 0)},
		{"19 published security holes are open", []string{"GHSA-vrfp-mg3q-3959", "GHSA-wcvv-g26m-wx5c"}, v(10, 1)},
		{"a repeated bridge id crashes it", []string{"AST#211"}, v(3, 0)},
		{"the reason of a hangup can be overwritten when a bridge ends", []string{"AST#1124"}, v(3, 0)},
		{"no requests over the event websocket: no way round a blocked HTTP server", nil, v(4, 0)},
		{"the SIP status of a failed call (tech_cause) is not told", nil, v(7, 0)},
		{"broken UTF-8 in a name spoils whole answers", []string{"AST#999"}, v(2, 0)},
		{"keys pressed by a caller can be sent in the wrong format", []string{"AST#1004"}, v(2, 0)},
		{"audio starts up to 200 ms late when two calls are joined", []string{"AST#362", "AST#801"}, v(0, 0)},
	}
}

// Verdict is the judgement of a version.
type Verdict struct {
	Version     Version
	Supported   bool   // false: Strowger refuses it
	Recommended bool   // nothing is known against it
	Lacks       []Lack // what it does not have; empty does not mean recommended: other branches get other tests
}

// Judge is the one place that knows which versions of Asterisk are good.
// Branches 20, 21 and 23 get fixes in releases of their own, at the same time
// as branch 22, and are compared by that.
func Judge(v Version) Verdict {
	out := Verdict{Version: v, Supported: v.Major >= oldestMajor}
	same := v.like22()
	out.Recommended = v.Major >= FirstGood().Major && !same.Less(FirstGood())
	for _, l := range lacks() {
		if same.Less(l.Fixed) {
			out.Lacks = append(out.Lacks, l)
		}
	}
	return out
}

// like22 is the release of branch 22 that was made with the same fixes:
// 20.20.1, 22.10.1 and 23.4.1 are one release day. A branch that is not known
// yet began after all of these fixes.
func (v Version) like22() Version {
	ahead := map[int]int{20: -10, 21: -5, 22: 0, 23: 6}
	shift, known := ahead[v.Major]
	switch {
	case known:
		return Version{Major: 22, Minor: v.Minor + shift, Patch: v.Patch, Text: v.Text}
	default:
		return v
	}
}

// String says what is wrong with the lack's issues behind it.
func (l Lack) String() string {
	if len(l.Issues) == 0 {
		return l.Text
	}
	return l.Text + " (" + strings.Join(l.Issues, ", ") + ")"
}

// judge refuses what cannot work (Unsupported) and warns of what works badly.
func judge(v Version) (warning string, err error) {
	verdict := Judge(v)
	if !verdict.Supported {
		return "", fault.Newf(fault.Unsupported, "sandbox: version", v.String(),
			"Asterisk below %d lacks ARI features that Strowger needs: upgrade it", oldestMajor)
	}
	if !verdict.Recommended {
		return fmt.Sprintf("Asterisk %s works, and has known deadlocks and security holes: upgrade to %s or later", v, FirstGood()), nil
	}
	return "", nil
}
