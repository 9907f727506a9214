package ici

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"strowger/cti/soap"
	"strowger/switch/callmodel"
	"strowger/switch/fault"
)

// TestCodeRegistry checks the whole table kind + interface -> code.
func TestCodeRegistry(t *testing.T) {
	t.Parallel()
	special := map[string]string{
		"IciSystem not found": "1/2", "IciUser not found": "2/2", "IciUser conflict": "2/3", "IciUser denied": "2/3",
		"IciContainer not found": "3/2", "IciContainer conflict": "3/3", "IciContainer unsupported": "3/3", "IciContainer denied": "3/5",
		"IciItem not found": "4/2", "IciItem conflict": "4/3", "IciItem denied": "4/3", "IciItem unsupported": "4/3",
		"IciPhoneLine not found": "5/3", "IciPhoneLine denied": "5/3", "IciPhoneLine conflict": "5/4",
		"IciPhoneCall not found": "4/2", "IciPhoneCall conflict": "5/4", "IciPhoneCall denied": "5/3", "IciPhoneCall unsupported": "4/3",
	}
	special["IciSystem not found"] = "2/2" // what the system interface asks about is a user
	general := map[fault.Kind]string{
		fault.Internal: "1", fault.Invalid: "91", fault.NotFound: "91", fault.Conflict: "91", fault.Denied: "91", fault.Unsupported: "92",
		fault.Busy: "90", fault.Unavailable: "90", fault.Unknown: "1", fault.Overrun: "90", fault.Stale: "90", fault.Stopped: "90", 99: "1",
	}
	retry := map[fault.Kind]bool{
		fault.Internal: true, fault.Busy: true, fault.Unavailable: true, fault.Overrun: true, fault.Stale: true, fault.Stopped: true, 99: true,
	}
	for _, s := range served() {
		for kind, number := range general {
			want, isSpecial := special[fmt.Sprint(s, " ", kind)]
			if !isSpecial {
				want = fmt.Sprint(s.Area(), "/", number)
			}
			if got := CodeFor(s, kind); got.String() != want || got.Retry != retry[kind] {
				t.Errorf("%v %v: %v retry=%v, want %s retry=%v", s, kind, got, got.Retry, want, retry[kind])
			}
		}
	}
}

func TestFaultOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		code soap.Code
		pair string
		text string
		ns   string
	}{
		"number":   {CheckNumber("a"), soap.CodeClient, "5/2", "phone number", "IciItem"},
		"refusal":  {Refuse(ServicePhoneCall, CodeStateConflict, "not now"), soap.CodeClient, "5/4", "not now", "IciPhoneCall"},
		"wrapped":  {fmt.Errorf("x: %w", Refuse(ServiceUser, CodeUnknownUser, "who")), soap.CodeClient, "2/2", "who", "IciUser"},
		"kind":     {fault.New(fault.NotFound, "step", "x", "gone"), soap.CodeClient, "4/2", "gone", "IciItem"},
		"internal": {errors.New("secret detail"), soap.CodeServer, "4/1", "internal error", "IciItem"},
		"unknown":  {fault.New(fault.Unknown, "", "", "nobody knows"), soap.CodeServer, "4/1", "nobody knows", "IciItem"},
		"away":     {fault.New(fault.Unavailable, "", "", "away"), soap.CodeServer, "4/90", "away", "IciItem"},
		"soap":     {&soap.Fault{Code: soap.CodeMustUnderstand, Text: "header"}, soap.CodeMustUnderstand, "4/91", "header", "IciItem"},
	} {
		f := FaultOf(ServiceItem, c.err)
		doc, err := soap.EncodeFault(f)
		if err != nil {
			t.Fatal(err)
		}
		got := envelope(t, string(doc)).Fault()
		pair, text, ok := CodeOf(got)
		if !ok || got.Code != c.code || pair.String() != c.pair || !strings.Contains(text, c.text) || got.Text != text ||
			!strings.Contains(string(doc), `xmlns:x="urn:`+c.ns+`Interface"`) || strings.Contains(string(doc), "secret") {
			t.Errorf("%s:\n%s", name, doc)
		}
	}
	if FaultOf(ServiceItem, &soap.Fault{Code: soap.CodeClient, Status: 413}).Status != 413 {
		t.Error("the HTTP status of the SOAP layer is lost")
	}
	if _, _, ok := CodeOf(&soap.Fault{}); ok {
		t.Error("a fault without detail has a code")
	}
	if InService(ServiceItem, nil) != nil {
		t.Error("no error became one")
	}
}

func TestErrorKinds(t *testing.T) {
	t.Parallel()
	for err, want := range map[*Error]fault.Kind{
		Refuse(ServiceItem, Internal(ServiceItem), ""):                              fault.Internal,
		Refuse(ServiceItem, NotConnected(ServiceItem), ""):                          fault.Unavailable,
		Refuse(ServiceItem, NotOffered(ServiceItem), ""):                            fault.Unsupported,
		Refuse(ServiceUser, CodeAppURLNotAllowed, ""):                               fault.Denied,
		Refuse(ServiceUser, CodeIllegalNumber, ""):                                  fault.Invalid,
		{Code: CodeUnknownItem, Err: fault.New(fault.NotFound, "step", "", "gone")}: fault.NotFound,
	} {
		if got := fault.KindOf(err); got != want {
			t.Errorf("%v: kind %v, want %v", err, got, want)
		}
	}
}

func TestAttachedData(t *testing.T) {
	t.Parallel()
	const doc = `<?xml version="1.0" encoding="iso-8859-1"?>
<ItemAttachedData> <Application id="SAP_BCM/OII"><FirstBNumber>101</FirstBNumber>
<x/></Application><Application id='a&quot;b'/><other>é</other><Application>no id</Application></ItemAttachedData>`
	apps, err := SplitAttachedData(doc, 4096)
	if err != nil {
		t.Fatal(err)
	}
	want := []Application{
		{"SAP_BCM/OII", "<FirstBNumber>101</FirstBNumber>\n<x/>", false}, {`a"b`, "", false}, {"", "<other>é</other>", false}, {"", "<Application>no id</Application>", false},
	}
	if fmt.Sprint(apps) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", apps, want)
	}
	joined := JoinAttachedData(apps)
	again, err := SplitAttachedData(joined, 4096)
	if err != nil || fmt.Sprint(again) != fmt.Sprint(want) {
		t.Errorf("%s\nis read as %+v, %v", joined, again, err)
	}
	const otherRoot = `<ItemAttachedData version="2"><Application id="a"/></ItemAttachedData>`
	if apps, err = SplitAttachedData(otherRoot, 4096); err != nil || len(apps) != 1 || apps[0] != (Application{XML: otherRoot}) {
		t.Errorf("a root that says more: %+v, %v", apps, err)
	}
	if apps, err = SplitAttachedData(" <own><y/></own> ", 4096); err != nil || len(apps) != 1 || apps[0] != (Application{XML: "<own><y/></own>"}) {
		t.Errorf("another root: %+v, %v", apps, err)
	}
	if apps, err = SplitAttachedData("", 10); err != nil || apps != nil || JoinAttachedData(nil) != "" {
		t.Errorf("empty data: %v, %v", apps, err)
	}
	for _, bad := range []string{"x", "<a>", "<a/><b/>", "<!DOCTYPE a><a/>", "<a>&b;</a>", strings.Repeat("x", 4097)} {
		var e *Error
		if err := CheckAttachedData(bad, 4096); !errors.As(err, &e) || e.Code != CodeBadAttachedData {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

// Applications with namespaces of their own keep them, and each its place.
func TestAttachedDataWithNamespaces(t *testing.T) {
	t.Parallel()
	const (
		own    = `<Application id='L' xmlns:l="urn:l" l:x="1>2"><l:a/></Application>`
		plain  = `<Application id="P"><p/></Application>`
		prefix = `<q:Application id="Q" xmlns:q="urn:q">q</q:Application>`
		short  = `<Application id="S" n="1"/>`
	)
	apps, err := SplitAttachedData("<ItemAttachedData>"+own+plain+prefix+short+"</ItemAttachedData>", 4096)
	want := []Application{{"L", own, true}, {"P", "<p/>", false}, {"Q", prefix, true}, {"S", short, true}}
	if err != nil || fmt.Sprint(apps) != fmt.Sprint(want) {
		t.Errorf("got  %+v, %v\nwant %+v", apps, err, want)
	}
	for i, content := range []string{"<l:a/>", "<p/>", "q", ""} {
		if got := want[i].content(); got != content {
			t.Errorf("%s holds %+v, want %+v", want[i].XML, got, content)
		}
	}
	if got := JoinAttachedData(want); got != "<ItemAttachedData>"+own+plain+prefix+short+"</ItemAttachedData>" {
		t.Errorf("put together: %s", got)
	}
	const root = `<ItemAttachedData xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:l="urn:r" xmlns:v='urn:"v"'>`
	apps, err = SplitAttachedData(root+own+plain+`<Application id="V"><v:x/></Application><v:other/></ItemAttachedData>`, 4096)
	want = []Application{{"L", own, true}, {"P", "<p/>", false}, {"V", `<Application xmlns:v="urn:&quot;v&quot;" id="V"><v:x/></Application>`, true}, {"", `<v:other xmlns:v="urn:&quot;v&quot;"/>`, false}}
	if err != nil || fmt.Sprint(apps) != fmt.Sprint(want) {
		t.Errorf("got  %+v, %v\nwant %+v", apps, err, want)
	}
	apps, err = SplitAttachedData(`<ItemAttachedData xmlns="urn:d"><Application id="D">1</Application></ItemAttachedData>`, 4096)
	if err != nil || fmt.Sprint(apps) != fmt.Sprint([]Application{{"D", `<Application xmlns="urn:d" id="D">1</Application>`, true}}) {
		t.Errorf("a default namespace: %+v, %v", apps, err)
	}
}

// More of an application's data goes into its element, or beside it where that is
// one of its own.
func TestAppended(t *testing.T) {
	t.Parallel()
	const node, other = `<Application id="A" n="1"><x/></Application>`, `<Application id="A" n="2"/>`
	part := func(media, data string) callmodel.AttachedData {
		return callmodel.AttachedData{App: "A", Media: media, Data: data}
	}
	plain := `<Application id="A"><y/></Application>`
	for _, test := range []struct{ have, more, want callmodel.AttachedData }{
		{callmodel.AttachedData{}, part(mediaXML, "<y/>"), part(mediaXML, "<y/>")},
		{part(mediaXML, "<x/>"), part(mediaXML, "<y/>"), part(mediaXML, "<x/><y/>")},
		{part(mediaNode, node), part(mediaXML, ""), part(mediaNode, node)},
		{part(mediaNode, node), part(mediaXML, "<y/>"), part(mediaNode, node+plain)},
		{part(mediaXML, "<y/>"), part(mediaNode, node), part(mediaNode, plain+node)},
		{part(mediaNode, node), part(mediaNode, other), part(mediaNode, node+other)},
	} {
		if got := Appended(test.have, test.more); got != test.want {
			t.Errorf("%+v and %+v are %+v, want %+v", test.have, test.more, got, test.want)
		}
	}
	say := translator{data: DataSettings{ApplicationID: OwnApplication}}
	got, err := say.entriesOf("<ItemAttachedData>"+node+other+"</ItemAttachedData>", 4096, nil)
	if err != nil || len(got) != 1 || got[0] != part(mediaNode, node+other) {
		t.Errorf("two of one application: %+v, %v", got, err)
	}
}

func FuzzAttachedData(f *testing.F) {
	f.Add(`<ItemAttachedData><Application id="a">x</Application></ItemAttachedData>`)
	f.Add(`<a xmlns:b="c"><b:d/></a>`)
	f.Add(`<ItemAttachedData xmlns:b="c" xmlns="d"><b:Application id="e" b:f=">"><b:d/></b:Application></ItemAttachedData>`)
	f.Add(`<ItemAttachedData><Application id="&#10;"/><!-- x --><![CDATA[y]]></ItemAttachedData>`)
	f.Fuzz(func(t *testing.T, doc string) {
		apps, err := SplitAttachedData(doc, 4096)
		if err != nil || doc == "" {
			return
		}
		joined := JoinAttachedData(apps)
		if joined == "" {
			return
		}
		if err := CheckAttachedData(joined, 1<<20); err != nil {
			t.Fatalf("%q became %q: %v", doc, joined, err)
		}
		if again, err := SplitAttachedData(joined, 1<<20); err != nil || fmt.Sprint(again) != fmt.Sprint(apps) {
			t.Fatalf("%q was %+v, and is %+v when it comes back: %v", doc, apps, again, err)
		}
	})
}
