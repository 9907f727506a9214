package link

import (
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"strowger/ari/arispec"
	"strowger/switch/callmodel"
)

// ingestRig is an ingest with what it hangs up.
type ingestRig struct {
	*ingest
	n      *linkCounters
	tidied []callmodel.ChannelID
}

func newIngestRig() *ingestRig {
	r := &ingestRig{n: &linkCounters{}}
	g := newIngest("a1", "strowger", r.n, func(c ...callmodel.ChannelID) { r.tidied = append(r.tidied, c...) })
	g.mint = func() callmodel.ID { return callmodel.ID{1} }
	r.ingest = &g
	return r
}

// fact returns the one fact of an event, or nil.
func (r *ingestRig) fact(ev arispec.Event) callmodel.Input {
	facts := r.facts(ev, nil)
	if len(facts) == 0 {
		return nil
	}
	return facts[0]
}

// TestBackFromDetector: what a leg says that comes back from being heard.
func TestBackFromDetector(t *testing.T) {
	t.Parallel()
	up := callmodel.ChannelUp{Node: "a1", Channel: "sw-1"}
	said := func(v callmodel.ScreenVerdict, why string, beep bool) []callmodel.Input {
		return []callmodel.Input{callmodel.Screened{Channel: "sw-1", Verdict: v, Why: why, Beep: beep}, up}
	}
	for args, want := range map[string][]callmodel.Input{
		"screened,amd,HUMAN,HUMAN-600-600":              said(callmodel.VerdictHuman, "HUMAN-600-600", false),
		"screened,amd,MACHINE,LONGGREETING-1200-1200":   said(callmodel.VerdictMachine, "LONGGREETING-1200-1200", false),
		"screened,amd,MACHINE,INITIALSILENCE-1500-1500": said(callmodel.VerdictSilence, "INITIALSILENCE-1500-1500", false),
		"screened,amd,NOTSURE,TOOLONG-1200":             said(callmodel.VerdictUnsure, "TOOLONG-1200", false),
		"screened,amd,HANGUP,":                          said(callmodel.VerdictGone, "", false),
		"screened,amd,,":                                said(callmodel.VerdictUnsure, "", false),
		"screened,beep,SILENCE":                         said(callmodel.VerdictMachine, "", true),
		"screened,beep,TIMEOUT":                         said(callmodel.VerdictMachine, "", false),
		"screened,ears,SUCCESS":                         {up},
		"screened,ears,FAILED":                          said(callmodel.VerdictUnsure, "the telephony server could not reach the detector", false),
		"screened,other,SUCCESS":                        {up},
		"screened":                                      {up},
		"out":                                           {up},
	} {
		r := newIngestRig()
		got := r.facts(&arispec.StasisStart{Args: strings.Split(args, ","), Channel: arispec.Channel{ID: "sw-1", State: stateUp}}, nil)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", args, got, want)
		}
		got = r.facts(&arispec.StasisStart{Args: strings.Split(args, ","), Channel: arispec.Channel{ID: "17.1", State: stateUp}}, nil)
		if len(got) != 0 {
			t.Errorf("%s of a leg that is not ours: %+v", args, got)
		}
	}
}

// TestFacts: what each event means to the switch, told as the event's JSON.
func TestFacts(t *testing.T) {
	t.Parallel()
	const bridge = `"bridge":{"id":"sw-b-1","technology":"","bridge_type":"mixing","bridge_class":"","creator":"","name":"","channels":[]}`
	minted := callmodel.CallID{ID: callmodel.ID{1}}
	channel := func(id, state, more string) string {
		return `"channel":{"id":"` + id + `","name":"PJSIP/x-1","state":"` + state + `","protocol_id":"","caller":{"name":"","number":""},"connected":{"name":"","number":""},` +
			`"accountcode":"","dialplan":{"context":"c","exten":"600","priority":1,"app_name":"Stasis","app_data":""},"creationtime":"2026-03-02T09:00:00.000+0000","language":"en"` + more + `}`
	}
	for name, c := range map[string]struct {
		json string
		want callmodel.Input
	}{
		"caller": {
			`{"type":"StasisStart","args":["in","4930600"],` + channel("17.1", "Ring", "") + `}`,
			callmodel.ChannelArrived{Node: "a1", Channel: "17.1", Call: minted, Dialled: "4930600", Endpoint: "x", Withheld: true},
		},
		"caller without the number among the arguments": {
			`{"type":"StasisStart","args":["in"],` + channel("17.1", "Up", "") + `}`,
			callmodel.ChannelArrived{Node: "a1", Channel: "17.1", Call: minted, Dialled: "600", Up: true, Endpoint: "x", Withheld: true},
		},
		"caller with an illegal number": {
			`{"type":"StasisStart","args":["in","300&PJSIP/x"],` + channel("17.1", "Ring", "") + `}`,
			callmodel.ChannelArrived{Node: "a1", Channel: "17.1", Call: minted, Endpoint: "x", Withheld: true},
		},
		"our leg":                      {`{"type":"StasisStart","args":["out"],` + channel("sw-1", "Up", "") + `}`, callmodel.ChannelUp{Node: "a1", Channel: "sw-1"}},
		"somebody else's arguments":    {`{"type":"StasisStart","args":["other"],` + channel("17.1", "Ring", "") + `}`, nil},
		"no arguments":                 {`{"type":"StasisStart","args":[],` + channel("17.1", "Ring", "") + `}`, nil},
		"our leg rings":                {`{"type":"ChannelStateChange",` + channel("sw-1", "Ringing", "") + `}`, callmodel.ChannelRinging{Node: "a1", Channel: "sw-1"}},
		"our leg up before the start":  {`{"type":"ChannelStateChange",` + channel("sw-1", "Up", "") + `}`, nil},
		"caller up":                    {`{"type":"ChannelStateChange",` + channel("17.1", "Up", "") + `}`, callmodel.ChannelUp{Node: "a1", Channel: "17.1"}},
		"a state without meaning":      {`{"type":"ChannelStateChange",` + channel("17.1", "Dialing Offhook", "") + `}`, nil},
		"joined":                       {`{"type":"ChannelEnteredBridge",` + bridge + `,` + channel("17.1", "Up", "") + `}`, callmodel.ChannelJoined{Channel: "17.1", Bridge: "sw-b-1"}},
		"joined, no channel":           {`{"type":"ChannelEnteredBridge",` + bridge + `}`, nil},
		"left":                         {`{"type":"ChannelLeftBridge",` + bridge + `,` + channel("17.1", "Up", "") + `}`, callmodel.ChannelLeft{Channel: "17.1", Bridge: "sw-b-1"}},
		"left somebody's bridge":       {`{"type":"ChannelLeftBridge",` + strings.Replace(bridge, "sw-b-1", "b1", 1) + `,` + channel("17.1", "Up", "") + `}`, nil},
		"bridge destroyed":             {`{"type":"BridgeDestroyed",` + bridge + `}`, callmodel.BridgeGone{Bridge: "sw-b-1"}},
		"hold key":                     {`{"type":"ChannelHold",` + channel("17.1", "Up", "") + `}`, callmodel.ChannelHeld{Channel: "17.1"}},
		"resume key":                   {`{"type":"ChannelUnhold",` + channel("17.1", "Up", "") + `}`, callmodel.ChannelUnheld{Channel: "17.1"}},
		"caller hangs up":              {`{"type":"ChannelHangupRequest","cause":16,` + channel("17.1", "Up", "") + `}`, callmodel.ChannelGone{Channel: "17.1", Cause: 16}},
		"our leg is asked to hang up":  {`{"type":"ChannelHangupRequest","cause":16,` + channel("sw-1", "Up", "") + `}`, nil},
		"our leg has ended":            {`{"type":"ChannelDestroyed","cause":17,"cause_txt":"","tech_cause":486,` + channel("sw-1", "Up", "") + `}`, callmodel.ChannelGone{Channel: "sw-1", Cause: 17, TechCause: 486}},
		"a cause that is none":         {`{"type":"ChannelDestroyed","cause":-7,"cause_txt":"",` + channel("sw-1", "Up", "") + `}`, callmodel.ChannelGone{Channel: "sw-1"}},
		"left our application":         {`{"type":"StasisEnd",` + channel("17.1", "Up", "") + `}`, callmodel.ChannelLeftApp{Channel: "17.1"}},
		"an event without use":         {`{"type":"ChannelUserevent","eventname":"x","userevent":{}}`, nil},
		"a type of a later version":    {`{"type":"ChannelTeleported",` + channel("17.1", "Up", "") + `}`, nil},
		"start without a channel id":   {`{"type":"StasisStart","args":["in","600"],` + channel("", "Ring", "") + `}`, nil},
		"end without a channel id":     {`{"type":"ChannelDestroyed","cause":16,"cause_txt":"",` + channel("", "Up", "") + `}`, nil},
		"hang-up without a channel id": {`{"type":"ChannelHangupRequest",` + channel("", "Up", "") + `}`, nil},
		"fields of no known name stay": {`{"type":"ChannelHold","new_field":[1,{"a":null}],` + channel("17.1", "Up", `,"new":1`) + `}`, callmodel.ChannelHeld{Channel: "17.1"}},
	} {
		g := newIngestRig()
		ev, err := arispec.DecodeEvent([]byte(c.json))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := g.fact(ev); got != c.want {
			t.Errorf("%s:\ngot  %#v\nwant %#v", name, got, c.want)
		}
	}
}

// TestLeftByItsEnd: a leg of ours that hangs up leaves its bridge first. The
// switch is told of the end alone, else it would put the leg back; one that
// leaves for another reason is told.
func TestLeftByItsEnd(t *testing.T) {
	t.Parallel()
	g := newIngestRig()
	leg, bridge := arispec.Channel{ID: "sw-1", State: stateUp}, arispec.Bridge{ID: "sw-b-1"}
	in := &arispec.ChannelEnteredBridge{Bridge: bridge, Channel: &leg}
	left := &arispec.ChannelLeftBridge{Bridge: bridge, Channel: leg}
	for i, c := range []struct {
		ev   arispec.Event
		want callmodel.Input
	}{
		{in, callmodel.ChannelJoined{Channel: "sw-1", Bridge: "sw-b-1"}},
		{left, callmodel.ChannelLeft{Channel: "sw-1", Bridge: "sw-b-1"}},
		{in, callmodel.ChannelJoined{Channel: "sw-1", Bridge: "sw-b-1"}},
		{&arispec.ChannelHangupRequest{Cause: 16, Channel: leg}, nil},
		{left, nil},
		{&arispec.StasisEnd{Channel: leg}, callmodel.ChannelLeftApp{Channel: "sw-1"}},
		{&arispec.ChannelDestroyed{Cause: 16, Channel: leg}, callmodel.ChannelGone{Channel: "sw-1", Cause: 16}},
	} {
		if got := g.fact(c.ev); got != c.want {
			t.Errorf("%d: got %#v, want %#v", i, got, c.want)
		}
	}
	if n := len(g.inside.ends) + len(g.inside.in); n != 0 {
		t.Errorf("%d legs are remembered after their end", n)
	}
}

// TestCounted: what is left out is counted by its reason.
func TestCounted(t *testing.T) {
	t.Parallel()
	g := newIngestRig()
	n := g.n
	g.fact(&arispec.ChannelHold{})
	g.fact(&arispec.ChannelDestroyed{})
	g.fact(&arispec.Unknown{})
	g.fact(&arispec.StasisStart{Args: []string{"other"}, Channel: arispec.Channel{ID: "17.1"}})
	g.fact(&arispec.StasisStart{Args: []string{"in", "${SHELL(id)}"}, Channel: arispec.Channel{ID: "17.2"}})
	if n.bad.Load() != 2 || n.unknown.Load() != 1 || n.foreign.Load() != 1 || n.numbers.Load() != 1 || n.events.Load() != 5 {
		t.Errorf("bad %d unknown %d foreign %d numbers %d events %d", n.bad.Load(), n.unknown.Load(), n.foreign.Load(), n.numbers.Load(), n.events.Load())
	}
}

func TestNumbersAndNames(t *testing.T) {
	t.Parallel()
	g := newIngestRig()
	for in, want := range map[string]string{
		"": "", "600": "600", "+4917055501": "+4917055501", "*43#": "*43#", "49+30": "", "300&PJSIP/x": "", "1\r\n2": "", "${EXTEN}": "",
		"anonymous": "", "٣٤": "", strings.Repeat("1", maxNumber): strings.Repeat("1", maxNumber), strings.Repeat("1", maxNumber+1): "",
	} {
		if got := g.number(in); got != want {
			t.Errorf("number %q: got %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"Anna": "Anna", "  Anna ": "Anna", "A\r\nX-Header: y": "AX-Header: y", `say "hi"\`: "say hi", "a\u202eb\u2066c": "abc", "Groß 東京": "Groß 東京",
		"a\xffb": "ab", strings.Repeat("ü", 100): strings.Repeat("ü", maxName), "\x00\x1b[2J": "[2J", "": "",
	} {
		if got := cleanName(in); got != want {
			t.Errorf("name %q: got %q, want %q", in, got, want)
		}
	}
}

// FuzzIngest: whatever Asterisk sends, no panic, and no fact carries what
// must not get in.
func FuzzIngest(f *testing.F) {
	f.Add([]byte(`{"type":"StasisStart","args":["in","600"],"channel":{"id":"17.1","state":"Ring","caller":{"name":"A","number":"1"},"dialplan":{}}}`))
	f.Add([]byte(`{"type":"StasisStart","args":["in","600\r\n"],"channel":{"id":"17.1","caller":{"name":"A\u0000\"","number":"${x}"}}}`))
	f.Add([]byte(`{"type":"ChannelDestroyed","cause":99999999999,"channel":{}}`))
	f.Add([]byte(`{"type":"ChannelEnteredBridge","bridge":{"id":"sw-b-1"}}`))
	f.Add([]byte(`{"type":"BridgeDestroyed","bridge":{"id":"sw-b-1"}}`))
	f.Add([]byte(`{"type":"ChannelHold","channel":null}`))
	f.Add([]byte(`{"type":"Nothing"}`))
	f.Add([]byte("\xff\xfe"))
	f.Fuzz(func(t *testing.T, data []byte) {
		ev, err := arispec.DecodeEvent(data)
		if err != nil {
			return
		}
		g := newIngestRig()
		in := g.fact(ev)
		if in == nil {
			return
		}
		if in.Tag() == "" {
			t.Errorf("fact %#v without a tag", in)
		}
		a, ok := in.(callmodel.ChannelArrived)
		if !ok {
			return
		}
		if a.Channel == "" || g.number(a.Dialled) != a.Dialled || g.number(a.Caller) != a.Caller {
			t.Errorf("arrived: %+v", a)
		}
		if utf8.RuneCountInString(a.CallerName) > maxName || !utf8.ValidString(a.CallerName) || strings.ContainsFunc(a.CallerName, func(r rune) bool { return !unicode.IsPrint(r) || r == '"' }) {
			t.Errorf("name %q", a.CallerName)
		}
	})
}
