package numbering

import (
	"slices"
	"strings"

	"strowger/switch/fault"
)

// Bounds of numbers and of what configurations may write.
const (
	maxRaw      = 128 // bytes of a number as it comes from outside
	maxDigits   = 32  // digits that a person may dial
	maxE164     = 15  // ITU-T E.164, without plus
	minE164     = 4   // shorter ones are a service code with a plus in front
	maxInternal = 8   // digits of an internal number
	// DefaultInternal is the length up to which a number is internal when a
	// plan does not say.
	DefaultInternal = 5
)

// Plan is how numbers are written where this site stands.
type Plan struct {
	Country     string   `json:"country"`                      // country calling code: "49"
	IDD         string   `json:"idd"`                          // international prefix: "00", "011"
	Trunk       string   `json:"trunk_prefix"`                 // national prefix: "0", "1"; "" = none, national numbers are dialled whole (Spain, Italy)
	Internal    int      `json:"internal_digits,omitempty"`    // numbers of up to so many digits are internal; 0 = DefaultInternal
	Whole       bool     `json:"whole_national,omitempty"`     // national numbers also come without the trunk prefix (North America)
	NationalMin int      `json:"national_min,omitempty"`       // digits of a national number, trunk prefix not counted; 0 = unchecked
	NationalMax int      `json:"national_max,omitempty"`       // as NationalMin
	Area        string   `json:"area,omitempty"`               // area code that completes local numbers, without trunk prefix: "30"
	Bare        bool     `json:"bare_international,omitempty"` // digits without any prefix are international ones that lost their plus
	Emergency   []string `json:"emergency,omitempty"`          // numbers that everybody may always call: "110", "112"
}

// DefaultPlan returns the usual plan of a region (ISO 3166 code, upper case).
// A region without one is [fault.NotFound]: its plan must be written out.
func DefaultPlan(region string) (Plan, error) {
	p := Plan{IDD: "00", Trunk: "0", Emergency: []string{"112"}}
	switch region {
	case "DE":
		p.Country, p.Emergency = "49", []string{"110", "112"}
	case "US":
		p = Plan{Country: "1", IDD: "011", Trunk: "1", Whole: true, NationalMin: 10, NationalMax: 10, Emergency: []string{"911"}}
	case "GB":
		p.Country, p.NationalMin, p.NationalMax, p.Emergency = "44", 7, 10, []string{"112", "999"}
	case "FR":
		p.Country, p.NationalMin, p.NationalMax, p.Emergency = "33", 9, 13, []string{"112", "15", "17", "18"}
	case "IT": // the leading zero is part of the number, not a prefix
		p.Country, p.Trunk, p.NationalMin, p.NationalMax, p.Emergency = "39", "", 6, 12, []string{"112", "113", "115", "118"}
	case "ES":
		p.Country, p.Trunk, p.NationalMin, p.NationalMax = "34", "", 9, 9
	case "FI":
		p.Country = "358"
	case "GR":
		p.Country, p.Trunk, p.NationalMin, p.NationalMax, p.Emergency = "30", "", 10, 10, []string{"100", "112", "166", "199"}
	case "AT":
		p.Country, p.Emergency = "43", []string{"112", "122", "133", "144"}
	default:
		return Plan{}, fault.New(fault.NotFound, "numbering", region,
			"there is no ready plan for this region; write country, idd and trunk_prefix")
	}
	return p, nil
}

// Validate checks the plan. The error is [fault.Invalid] and says what to write.
func (p Plan) Validate() error {
	bad := func(format string, args ...any) error {
		return fault.Newf(fault.Invalid, "numbering", "plan", format, args...)
	}
	whole := p.Whole || p.Trunk == ""
	switch {
	case !digits(p.Country, 1, 3) || p.Country[0] == '0':
		return bad("country %q is not a country calling code; write 1 to 3 digits, such as 49", p.Country)
	case !digits(p.IDD, 1, 5):
		return bad("idd %q is not an international prefix; write 1 to 5 digits, such as 00 or 011", p.IDD)
	case !digits(p.Trunk, 0, 3):
		return bad("trunk_prefix %q is not a prefix; write up to 3 digits, or nothing where there is none", p.Trunk)
	case p.Trunk != "" && strings.HasPrefix(p.Trunk, p.IDD):
		return bad("trunk_prefix %s begins with idd %s, so no national number could be told; check both", p.Trunk, p.IDD)
	case p.Internal < 0 || p.Internal > maxInternal:
		return bad("internal_digits %d is out of bounds; write 1 to %d, or leave it out for %d", p.Internal, maxInternal, DefaultInternal)
	case p.NationalMin < 0 || p.NationalMax < 0 || p.NationalMin > p.NationalMax || p.NationalMax > maxE164-len(p.Country):
		return bad("national_min %d and national_max %d are no range; write the shortest and the longest national number, at most %d digits",
			p.NationalMin, p.NationalMax, maxE164-len(p.Country))
	case !digits(p.Area, 0, 6):
		return bad("area %q is not an area code; write its digits without the trunk prefix", p.Area)
	case p.Area != "" && p.Bare:
		return bad("area and bare_international both claim numbers without a prefix; keep one of them")
	case p.Bare && whole && p.NationalMin == 0:
		return bad("bare_international needs national_min and national_max here, because national numbers have no prefix either")
	case len(p.Emergency) > 32:
		return bad("%d emergency numbers are too many; the limit is 32", len(p.Emergency))
	}
	for i, n := range p.Emergency {
		if !digits(n, 2, 6) || slices.Contains(p.Emergency[:i], n) {
			return bad("emergency number %q must be 2 to 6 digits and stand in the list once", n)
		}
	}
	return nil
}

func (p Plan) internal() int {
	if p.Internal > 0 {
		return p.Internal
	}
	return DefaultInternal
}

// national tells whether n digits can be a national number of this plan.
func (p Plan) national(n int) bool {
	return p.NationalMax == 0 || n >= p.NationalMin && n <= p.NationalMax
}

// withoutTrunkZero drops a zero between country code and number, which people
// write as +49 (0)30: with it one number would have two spellings, and a dial
// rule would see only one of them. Where the zero belongs to the number
// (Italy), or where nobody knows, it stays.
func (p Plan) withoutTrunkZero(e164 string) string {
	cut := 0
	switch {
	case strings.HasPrefix(e164, p.Country):
		if p.Trunk == "0" {
			cut = len(p.Country)
		}
	case len(e164) > 2 && trunkZero(e164[:2]):
		cut = 2
	case len(e164) > 3 && trunkZero(e164[:3]):
		cut = 3
	}
	if cut == 0 {
		return e164
	}
	return e164[:cut] + strings.TrimLeft(e164[cut:], "0")
}

// trunkZero lists country codes whose trunk prefix is 0 and whose numbers never
// begin with it (ITU-T E.164 list of national prefixes).
func trunkZero(country string) bool {
	switch country {
	case "20", "27", "31", "32", "33", "40", "41", "43", "44", "46", "49", "60", "61", "62", "63", "64", "66",
		"81", "82", "84", "86", "90", "91", "92", "94", "212", "234", "254", "353", "355", "358", "359",
		"380", "381", "382", "385", "386", "387", "389", "421", "886", "962", "966", "971", "972", "977":
		return true
	}
	return false
}

// digits tells whether s is least to most ASCII digits.
func digits(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
