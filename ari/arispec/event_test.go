package arispec_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"strowger/ari/arispec"
)

const stasisStart = `{"type":"StasisStart","timestamp":"2026-11-21T03:55:56.484+0000","args":["in","1000"],` +
	`"channel":{"id":"sw-1","name":"Local/2000@default-00000006;1","state":"Up","protocol_id":"","caller":{"name":"Zo\u00eb","number":"100"},` +
	`"connected":{"name":"","number":""},"accountcode":"","dialplan":{"context":"default","exten":"s","priority":1,"app_name":"Stasis","app_data":"check,in"},` +
	`"creationtime":"2026-11-21T03:55:56.480-0500","language":"en","channelvars":{"Y":"2"}},"asterisk_id":"02:fc","application":"check"}`

func TestDecodeEvent(t *testing.T) {
	e, err := arispec.DecodeEvent([]byte(stasisStart))
	if err != nil {
		t.Fatal(err)
	}
	s, ok := e.(*arispec.StasisStart)
	if !ok {
		t.Fatalf("got %T", e)
	}
	if s.Channel.ID != "sw-1" || s.Channel.Caller.Name != "Zoë" || s.Channel.Dialplan.AppData != "check,in" || s.Channel.Channelvars["Y"] != "2" ||
		len(s.Args) != 2 || s.ReplaceChannel != nil {
		t.Errorf("channel %+v", s)
	}
	h := e.Head()
	if h.Type != arispec.TypeStasisStart || h.Application != "check" || h.AsteriskID != "02:fc" ||
		!h.Timestamp.Equal(time.Date(2026, 11, 21, 3, 55, 56, 484e6, time.UTC)) {
		t.Errorf("head %+v", h)
	}
	if want := time.Date(2026, 11, 21, 8, 55, 56, 480e6, time.UTC); !s.Channel.Creationtime.Equal(want) {
		t.Errorf("creationtime %v, want %v", s.Channel.Creationtime, want)
	}
}

func TestDecodeEventShapes(t *testing.T) {
	cases := []struct {
		name, text string
		want       string // Go type, or
		fails      string // part of the error
	}{
		{name: "unknown type", text: `{"type":"TeaReady","cups":2,"application":"a"}`, want: "*arispec.Unknown"},
		{name: "type last", text: ` {"variable":"a\"}]","value":"{[,","n":-1.5e3,"l":[1,{"type":"Dial"},[]],"b":true,"z":null,"type":"ChannelVarset"}`, want: "*arispec.ChannelVarset"},
		{name: "nested type only", text: `{"channel":{"type":"Dial"}}`, fails: "no type"},
		{name: "escaped key", text: `{"t\u0079pe":"StasisEnd"}`, want: "*arispec.StasisEnd"},
		{name: "escaped value", text: `{"type":"Stasis\u0045nd"}`, want: "*arispec.StasisEnd"},
		{name: "missing members", text: `{"type":"ChannelEnteredBridge"}`, want: "*arispec.ChannelEnteredBridge"},
		{name: "null members", text: `{"type":"BridgeBlindTransfer","bridge":null,"channel":null,"timestamp":null}`, want: "*arispec.BridgeBlindTransfer"},
		{name: "odd variable", text: `{"type":"StasisEnd","channel":{"channelvars":{"a":"x","b":7,"c":{"d":1}}}}`, want: "*arispec.StasisEnd"},
		{name: "missing params", text: `{"type":"MissingParams","params":["app"]}`, want: "*arispec.MissingParams"},
		{name: "not JSON", text: `<html>`, fails: "not valid"},
		{name: "empty", text: ``, fails: "not valid"},
		{name: "cut", text: stasisStart[:len(stasisStart)-1], fails: "not valid"},
		{name: "trailing", text: `{"type":"StasisEnd"}{}`, fails: "not valid"},
		{name: "unknown and broken", text: `{"type":"TeaReady",`, fails: "not valid"},
		{name: "list", text: `[{"type":"StasisEnd"}]`, fails: "not valid"},
		{name: "empty type", text: `{"type":""}`, fails: "no type"},
		{name: "two types", text: `{"type":"StasisEnd","type":"StasisStart"}`, fails: "calls itself"},
		{name: "wrong member", text: `{"type":"ChannelDestroyed","cause":"busy"}`, fails: "not valid"},
		{name: "wrong date", text: `{"type":"StasisEnd","timestamp":"yesterday"}`, fails: "Asterisk's form"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e, err := arispec.DecodeEvent([]byte(c.text))
			switch {
			case c.fails != "":
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Errorf("got %T, error %v, want error with %q", e, err, c.fails)
				}
			case err != nil:
				t.Error(err)
			case reflect.TypeOf(e).String() != c.want:
				t.Errorf("got %T, want %s", e, c.want)
			}
		})
	}
}

// TestTypeOf is about the quick look: it may decline, but must find the plain cases.
func TestTypeOf(t *testing.T) {
	for text, want := range map[string]string{
		stasisStart: "StasisStart", `{"n":1,"type":"A"}`: "A", `{"s":"a,\"}","type":"A"}`: "A", `{"l":[{"type":"B"}],"type":"A"}`: "A",
		`{"type":7}`: "", `{"type"`: "", `{`: "", ``: "", `{"n":1}`: "", `{"n":1]`: "", `"type"`: "",
	} {
		if got, ok := arispec.TypeOf([]byte(text)); got != want || ok != (want != "") {
			t.Errorf("TypeOf(%s) = %q, %v", text, got, ok)
		}
	}
}

func TestUnknownKeepsTheFrame(t *testing.T) {
	text := `{"type":"TeaReady","cups":2,"application":"a"}`
	e, err := arispec.DecodeEvent([]byte(text))
	u, ok := e.(*arispec.Unknown)
	if err != nil || !ok || string(u.Raw) != text || u.Type != "TeaReady" || u.Application != "a" {
		t.Errorf("got %+v, error %v", e, err)
	}
}

func TestOddVariablesKeepTheirText(t *testing.T) {
	var v arispec.Vars
	if err := json.Unmarshal([]byte(`{"a":"x","b":7,"c":{"d":1}}`), &v); err != nil {
		t.Fatal(err)
	}
	if want := (arispec.Vars{"a": "x", "b": "7", "c": `{"d":1}`}); !reflect.DeepEqual(v, want) {
		t.Errorf("got %v, want %v", v, want)
	}
}

// TestEveryEventRoundTrips encodes each event with its nested models filled and decodes it again.
func TestEveryEventRoundTrips(t *testing.T) {
	if len(arispec.EventTypes()) < 45 {
		t.Fatalf("only %d event types", len(arispec.EventTypes()))
	}
	for _, name := range arispec.EventTypes() {
		e, err := arispec.DecodeEvent([]byte(`{"type":"` + string(name) + `"}`))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := reflect.TypeOf(e).Elem().Name(); got != string(name) {
			t.Errorf("%s decodes to %s", name, got)
		}
		fill(reflect.ValueOf(e).Elem(), 0)
		e.Head().Type = name
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := arispec.DecodeEvent(text)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		if !reflect.DeepEqual(e, again) {
			t.Errorf("%s changed:\n%+v\n%+v", name, e, again)
		}
	}
}

// fill gives every field a value that is not zero.
func fill(v reflect.Value, depth int) {
	if depth > 8 {
		return
	}
	if d, ok := v.Addr().Interface().(*arispec.Date); ok {
		d.Time = time.Date(2026, 2, 3, 4, 5, 6, 7e6, time.UTC)
		return
	}
	if r, ok := v.Addr().Interface().(*json.RawMessage); ok {
		*r = json.RawMessage(`{"k":1}`)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth+1)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("k"), reflect.ValueOf("v"))
	case reflect.String:
		v.SetString("s")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(3)
	case reflect.Float64:
		v.SetFloat(1.5)
	default:
		panic("no value for " + v.Type().String())
	}
}

func TestDate(t *testing.T) {
	ok := map[string]time.Time{
		`"2015-12-16T15:13:59.526-0500"`:       time.Date(2015, 12, 16, 20, 13, 59, 526e6, time.UTC),
		`"2015-12-31T15:13:59.526+0530"`:       time.Date(2015, 12, 31, 9, 43, 59, 526e6, time.UTC),
		`"2024-02-29T00:00:00.000+0000"`:       time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
		`"2015-12-16T15:13:59Z"`:               time.Date(2015, 12, 16, 15, 13, 59, 0, time.UTC),
		`"2015-12-16T15:13:59.5-05:00"`:        time.Date(2015, 12, 16, 20, 13, 59, 5e8, time.UTC),
		`"2015-12-16T15:13:59.123456789+0000"`: time.Date(2015, 12, 16, 15, 13, 59, 123456789, time.UTC),
		`""`:                                   {},
		`null`:                                 {},
	}
	for text, want := range ok {
		var d arispec.Date
		if err := json.Unmarshal([]byte(text), &d); err != nil || !d.Equal(want) {
			t.Errorf("%s: got %v, error %v, want %v", text, d, err, want)
		}
	}
	for _, text := range []string{`"2023-02-29T00:00:00.000+0000"`, `"2015-13-16T15:13:59.526-0500"`, `"2015-12-16T24:13:59.526-0500"`, `"2015-12-16 15:13:59.526-0500"`, `12`, `"x"`, `{}`} {
		var d arispec.Date
		if err := json.Unmarshal([]byte(text), &d); err == nil {
			t.Errorf("%s accepted as %v", text, d)
		}
	}
	b, err := json.Marshal(arispec.Date{Time: time.Date(2015, 12, 16, 15, 13, 59, 526e6, time.FixedZone("", -5*3600))})
	if err != nil || string(b) != `"2015-12-16T15:13:59.526-0500"` {
		t.Errorf("marshal: %s, %v", b, err)
	}
}

func FuzzDecodeEvent(f *testing.F) {
	f.Add([]byte(stasisStart))
	f.Add([]byte(`{"variable":"a\"}]","l":[1,{"type":"Dial"}],"type":"ChannelVarset"}`))
	f.Add([]byte(`{"type":"RESTResponse","status_code":200,"message_body":"[]"}`))
	f.Add([]byte(`{"type":"X","a":}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := arispec.DecodeEvent(b)
		if err != nil {
			return
		}
		if !json.Valid(b) {
			t.Fatalf("decoded what is not JSON: %q", b)
		}
		if _, unknown := e.(*arispec.Unknown); unknown {
			return
		}
		text, err := json.Marshal(e)
		if err != nil {
			return // a year beyond 9999 has no form
		}
		again, err := arispec.DecodeEvent(text)
		if err != nil || again.Head().Type != e.Head().Type {
			t.Fatalf("%q does not survive: %v", text, err)
		}
	})
}

func BenchmarkDecodeEvent(b *testing.B) {
	b.SetBytes(int64(len(stasisStart)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := arispec.DecodeEvent([]byte(stasisStart)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTypeOf(b *testing.B) {
	for b.Loop() {
		if _, ok := arispec.TypeOf([]byte(stasisStart)); !ok {
			b.Fatal("no type")
		}
	}
}
