package link

import (
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

func TestMediaURIs(t *testing.T) {
	t.Parallel()
	good := []string{"sound:beep", "sound:custom/hello-1", "tone:ring", "digits:12*#", "number:5", "characters:ab1"}
	got, err := mediaURIs(good, "")
	if err != nil || !reflect.DeepEqual(got, good) {
		t.Errorf("%v, %v", got, err)
	}
	got, err = mediaURIs(good[1:3], "de")
	if err != nil || !reflect.DeepEqual(got, []string{"sound:custom/hello-1", "tone:ring;tonezone=de"}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{
		"", "beep", "sound:", "recording:x", "http://x/y.wav", "sound:http://x/y", "sound:../../etc/passwd", "sound:/etc/passwd", "sound:a,b", "sound:a b",
		"sound:a\r\nb", "sound:a\x00", "sound:a&b", "tone:ring;tonezone=fr", "tone:1900/300", "digits:1x", "number:-1", "number:1.5", "characters:ü", "SOUND:beep",
		"sound:" + strings.Repeat("a", maxMediaBytes), "channel:x", "bridge:x", "sound:${SHELL(id)}",
	} {
		if got, err := mediaURIs([]string{"sound:beep", bad}, ""); !fault.Is(err, fault.Invalid) || got != nil {
			t.Errorf("%q: %v, %v", bad, got, err)
		}
	}
	for _, bad := range [][]string{nil, {}, make([]string, maxMedia+1)} {
		if _, err := mediaURIs(bad, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("%d media: %v", len(bad), err)
		}
	}
}

// FuzzMedia: what is let through is of a known scheme and has nothing that
// Asterisk would take for more than one medium, a header or an expression.
func FuzzMedia(f *testing.F) {
	for _, s := range []string{"sound:beep", "tone:ring", "digits:1", "sound:../x", "recording:x", "sound:a\r\n", "tone:a;tonezone=x", "characters:a,b"} {
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, m, zone string) {
		if zone != "" && !toneZone.MatchString(zone) {
			return
		}
		out, err := mediaURIs([]string{m}, zone)
		if err != nil {
			return
		}
		scheme, rest, _ := strings.Cut(out[0], ":")
		if len(out) != 1 || mediaSchemes[scheme] == "" || strings.ContainsAny(rest, ",&${}() \r\n\x00:%?") || strings.Contains(rest, "..") {
			t.Errorf("%q became %q", m, out)
		}
	})
}

// TestArrivalArguments: what the dialplan tells, new and old.
func TestArrivalArguments(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args     []string
		number   string
		headers  *callmodel.Headers
		withheld bool
	}{
		"an old snippet": {nil, "4917055501", nil, false},
		"all of it": {
			[]string{
				"pres=allowed_not_screened", "xfer=", "div=%22Sales%2C%20VIP%22%20%3Csip%3A%2B4930123%40c.example%3E", "hist=%3Csip%3A1%40x%3E%3Bindex%3D1%2C%3Csip%3A2%40x%3E",
				"pcpi=%3Csip%3A9%40x%3E", "to=%3Csip%3A600%40x%3E",
			},
			"4917055501",
			&callmodel.Headers{Diversion: `"Sales, VIP" <sip:+4930123@c.example>`, HistoryInfo: "<sip:1@x>;index=1,<sip:2@x>", CalledParty: "<sip:9@x>", To: "<sip:600@x>"}, false,
		},
		"empty and unknown ones":     {[]string{"pres=", "div=", "nonsense", "color=red", ""}, "1", nil, false},
		"a number not to be shown":   {[]string{"pres=prohib_passed_screen"}, "4917055501", nil, true},
		"no number":                  {[]string{"pres=allowed"}, "", nil, true},
		"number not available":       {[]string{"pres=unavailable"}, "1", nil, true},
		"anonymous":                  {nil, "Anonymous", nil, true},
		"cut in an escape":           {[]string{"to=%3Csip%3A600%4"}, "1", &callmodel.Headers{To: "<sip:600"}, false},
		"not an escape at all":       {[]string{"to=a%zzb"}, "1", nil, false},
		"control characters":         {[]string{"to=a%0D%0AX%3A%20y%00%7F"}, "1", &callmodel.Headers{To: "aX: y"}, false},
		"not UTF-8":                  {[]string{"to=a%FF%FEb"}, "1", &callmodel.Headers{To: "ab"}, false},
		"the first one counts":       {[]string{"to=a", "to=b"}, "1", &callmodel.Headers{To: "a"}, false},
		"too long":                   {[]string{"to=" + strings.Repeat("a", 5000)}, "1", &callmodel.Headers{To: strings.Repeat("a", maxArg)}, false},
		"more than anybody sends":    {append(make([]string, maxArgs), "to=a"), "1", nil, false},
		"a value with an equal sign": {[]string{"to=a=b"}, "1", &callmodel.Headers{To: "a=b"}, false},
	} {
		a := parseArrival(c.args)
		if got := a.found(); !reflect.DeepEqual(got, c.headers) {
			t.Errorf("%s: %+v, want %+v", name, got, c.headers)
		}
		if got := a.withheld(&arispec.Channel{Caller: arispec.CallerID{Number: c.number}}); got != c.withheld {
			t.Errorf("%s: withheld %v", name, got)
		}
	}
}

// TestArrivalCallID: the Call-ID comes as it was on the wire, and shifts nothing.
func TestArrivalCallID(t *testing.T) {
	t.Parallel()
	a := parseArrival([]string{"pres=", "sipid=84b3%2C%22x%22%3B1%40192.0.2.1", "to=%3Csip%3A600%40x%3E"})
	if a.sipID != `84b3,"x";1@192.0.2.1` || a.headers.To != "<sip:600@x>" {
		t.Errorf("%+v", a)
	}
}

// FuzzArrival: whatever a caller puts into SIP headers, what gets in is short
// and can be printed.
func FuzzArrival(f *testing.F) {
	for _, s := range []string{"to=%3Csip%3A600%40x%3E", "div=%", "div=%4", "to=%0d%0a", "pres=prohib", "xfer=PJSIP/101-1", "=", "hist=%ff%e2%80%ae"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		a := parseArrival([]string{arg, arg})
		h := a.headers
		for _, v := range []string{h.Diversion, h.HistoryInfo, h.CalledParty, h.To, a.presentation, a.transferrer} {
			if len(v) > maxArg || !utf8.ValidString(v) || strings.ContainsFunc(v, func(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }) {
				t.Errorf("%q became %q", arg, v)
			}
		}
	})
}

func TestChannelNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"PJSIP/101-0000001a": "101", "PJSIP/my-phone_2-00000001": "my-phone_2", "PJSIP/101": "", "PJSIP/-1": "", "PJSIP/a b-1": "", "SIP/101-1": "",
		"Local/600@x-1;2": "", "": "", "PJSIP/" + strings.Repeat("a", 41) + "-1": "",
	} {
		if got := endpointOf(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]int{"Local/600@x-1;2": 2, "Local/600@x-1;1": 1, "Local/600@x-1": 0, "Local/600;1": 0, "Local/6@x;3": 0, "PJSIP/6@x;1": 0, "": 0} {
		if _, _, half := localHalf(name); half != want {
			t.Errorf("%q: %d, want %d", name, half, want)
		}
	}
}
