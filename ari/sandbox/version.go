package sandbox

import (
	"fmt"
	"regexp"
	"strconv"

	"strowger/switch/fault"
)

// Version is an Asterisk version; Text is what the program printed.
type Version struct {
	Major, Minor, Patch int
	Text                string
}

// String returns major.minor.patch.
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// Less reports whether v is older than w.
func (v Version) Less(w Version) bool {
	if v.Major != w.Major {
		return v.Major < w.Major
	}
	if v.Minor != w.Minor {
		return v.Minor < w.Minor
	}
	return v.Patch < w.Patch
}

// versionText covers releases ("Asterisk 22.10.1~dfsg"), certified releases
// ("Asterisk certified/20.7-cert2") and builds from git ("Asterisk GIT-22-1a2b").
var versionText = regexp.MustCompile(`Asterisk (?:certified[/-]|GIT-)?(\d{1,3})(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?`)

// ParseVersion reads the output of asterisk -V. The error is Invalid.
func ParseVersion(text string) (Version, error) {
	m := versionText.FindStringSubmatch(text)
	if m == nil {
		return Version{}, fault.Newf(fault.Invalid, "sandbox: version", "", "%.80q is not the version of an Asterisk", text)
	}
	v := Version{Text: m[0]}
	for i, field := range []*int{&v.Major, &v.Minor, &v.Patch} {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.Atoi(m[i+1])
		if err != nil {
			return Version{}, fault.Wrap(fault.Invalid, "sandbox: version", m[0], err)
		}
		*field = n
	}
	return v, nil
}
