package link

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
)

// arrival is what the dialplan tells of a call beside the number dialled: the
// arguments of Stasis(app,in,NUMBER,key=value,...). Values are percent-encoded
// by URIENCODE, because a comma or a quote in a SIP header would otherwise
// shift the arguments. A dialplan that gives none of them works too.
type arrival struct {
	headers      callmodel.Headers
	presentation string // of the caller's number: CALLERID(num-pres)
	transferrer  string // BLINDTRANSFER: who sent the call here by phone
	sipID        string // Call-ID of the SIP call
	told         bool   // the dialplan tells about transferrers at all
}

const (
	maxArg      = 512  // bytes of a value, decoded
	maxArgs     = 16   // arguments looked at
	maxArgWhole = 2048 // bytes of an argument, encoded
)

// parseArrival reads the arguments behind the number.
func parseArrival(args []string) arrival {
	var a arrival
	for i, arg := range args {
		if i == maxArgs {
			break
		}
		key, value, _ := strings.Cut(arg, "=")
		target := a.field(key)
		if target == nil || *target != "" {
			continue
		}
		*target = decodeArg(value)
		a.told = a.told || key == "xfer"
	}
	return a
}

// field is where a key's value goes, nil for an unknown key.
func (a *arrival) field(key string) *string {
	switch key {
	case "div":
		return &a.headers.Diversion
	case "hist":
		return &a.headers.HistoryInfo
	case "pcpi":
		return &a.headers.CalledParty
	case "to":
		return &a.headers.To
	case "pres":
		return &a.presentation
	case "xfer":
		return &a.transferrer
	case "sipid":
		return &a.sipID
	}
	return nil
}

// decodeArg undoes URIENCODE and keeps what can be printed, at most maxArg bytes.
func decodeArg(s string) string {
	if len(s) > maxArgWhole {
		s = s[:maxArgWhole]
	}
	for n := range 3 { // a cut may have gone through the last %XX
		if d, err := url.PathUnescape(s[:max(0, len(s)-n)]); err == nil {
			s = d
			break
		} else if n == 2 {
			return ""
		}
	}
	var b strings.Builder
	for _, r := range s {
		if r == utf8.RuneError || (r != ' ' && !unicode.IsPrint(r)) || unicode.Is(unicode.Bidi_Control, r) {
			continue
		}
		if b.Len()+utf8.RuneLen(r) > maxArg {
			break
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// found returns the headers, nil where there are none.
func (a *arrival) found() *callmodel.Headers {
	if a.headers == (callmodel.Headers{}) {
		return nil
	}
	return &a.headers
}

// anonymousNames are what carriers and phones put where a number is not shown.
var anonymousNames = map[string]bool{"anonymous": true, "restricted": true, "unavailable": true, "unknown": true, "private": true}

// withheld tells whether the caller does not show a number.
func (a *arrival) withheld(c *arispec.Channel) bool {
	number := strings.ToLower(c.Caller.Number)
	return number == "" || anonymousNames[number] || strings.HasPrefix(a.presentation, "prohib") || a.presentation == "unavailable"
}

// endpointOf reads the endpoint from a channel's name: PJSIP/101-0000001a is
// of endpoint 101. It is empty for channels of other kinds.
func endpointOf(name string) string {
	rest, pjsip := strings.CutPrefix(name, "PJSIP/")
	end := strings.LastIndexByte(rest, '-')
	if !pjsip || end < 0 || !endpointName.MatchString(rest[:end]) {
		return ""
	}
	return rest[:end]
}

// localHalf splits the name of one end of a Local channel, as in
// Local/600@agents-00000007;2, into the pair's name, the number dialled and
// the half, 1 or 2. The half is 0 for a channel of another kind.
func localHalf(name string) (pair, dialled string, half int) {
	rest, local := strings.CutPrefix(name, "Local/")
	pair, number, cut := strings.Cut(rest, ";")
	dialled, _, at := strings.Cut(pair, "@")
	if !local || !cut || !at || (number != "1" && number != "2") {
		return "", "", 0
	}
	return pair, dialled, int(number[0] - '0')
}
