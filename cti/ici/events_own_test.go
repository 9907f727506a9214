package ici

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"strowger/switch/callmodel"
)

func TestNumbersOfOtherCountries(t *testing.T) {
	t.Parallel()
	germany := Plan{IDD: "00", Country: "49"}
	for _, c := range []struct {
		plan     Plan
		in, want string
	}{
		{germany, "001234567", "+1234567"},
		{germany, "01234567", "+491234567"}, // the reference's own two
		{germany, "+491234567", "+491234567"},
		{germany, "491234567", "+491234567"},
		{germany, "sip:030-555@x", "+4930555"},
		{germany, "+0301", "+0301"},
		{germany, "00", "+00"},
		{germany, "0", unknownNumber},
		{germany, "", unknownNumber},
		{germany, "bob", unknownNumber},
		{Plan{IDD: "011", Country: "1"}, "01149301", "+49301"},
		{Plan{IDD: "011", Country: "1"}, "0301", "+1301"},
		{Plan{IDD: "001", Country: "81"}, "00149301", "+49301"},
		{Plan{}, "0301", "+0301"},
		{Plan{}, "0049301", "+0049301"},
	} {
		if got := c.plan.International(c.in); got != c.want {
			t.Errorf("%+v %q: %s, want %s", c.plan, c.in, got, c.want)
		}
	}
}

func ownTranslator(adjust func(*DataSettings)) translator {
	t := translator{data: defaultDataSettings(), cadMax: 1000, leftOut: new(atomic.Uint64)}
	if adjust != nil {
		adjust(&t.data)
	}
	return t
}

// ownCall is a queue's call at an agent, with everything that can be told of it.
func ownCall() (*directory, *callmodel.Call, *callmodel.Connection) {
	id, err := callmodel.ParseID("0F1E2D3C4B5A69788796A5B4C3D2E1F0")
	if err != nil {
		panic(err)
	}
	c := &callmodel.Call{
		ID: callmodel.CallID{ID: id}, Number: 7, Dialled: "600", Caller: "0170555", Queue: "support", SIPCallID: "a&b@192.0.2.1",
		Queues:   []callmodel.QueueVisit{{Queue: "sales"}, {Queue: "support"}},
		Values:   []callmodel.Var{{Key: "account", Value: "4 & 5"}, {Key: "lang", Value: "de"}},
		Attached: []callmodel.AttachedData{{App: "CRM_IC", Media: mediaXML, Data: "<x/>"}},
		Conns: []callmodel.Connection{
			{Role: callmodel.RoleCaller, Device: "0170555", State: callmodel.Queued},
			{ID: callmodel.ConnID{ID: id}, Role: callmodel.RoleAgent, Device: "101", State: callmodel.Alerting, AlertingAt: 1},
		},
	}
	queues := []callmodel.QueueConfig{{ID: "support", AnswerInfo: "ask <this>"}, {ID: "sales"}}
	dir := directoryOf(&callmodel.View{
		Config: &callmodel.Config{Queues: queues},
		Queues: []*callmodel.Queue{{ID: "sales", Name: "Sales", Address: "601"}, {ID: "support", Name: "Support", Address: "600"}},
		Agents: []*callmodel.Agent{{ID: "anna", Line: "101"}},
	})
	return dir, c, &c.Conns[1]
}

const ownFirst = "<FirstBNumber>601</FirstBNumber><FirstBName>Sales</FirstBName><BNumberName>support</BNumberName><OrigQueue>sales</OrigQueue>"

// What is told follows from how far the call is for the party (reference 4.3.1, ExtraDataWhen...).
func TestWhatIsToldOfACall(t *testing.T) {
	t.Parallel()
	sipID := "<SIP_CALL_ID>a&amp;b@192.0.2.1</SIP_CALL_ID>"
	all := func(d *DataSettings) {
		d.ExtraData = callmodel.ExtraData{
			Allocated: []string{"GUID", "CALL_ID", "FirstANumber", "IVRInfo", "AnswerInfo", "account", "nothing", "OrigQueue", "GUID"},
			CallOut:   []string{"CALL_ID"}, Connected: []string{"SIP_CALL_ID"}, Join: []string{"lang", "XML"},
		}
	}
	allocated := "<GUID>0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0</GUID><CALL_ID>CI_7L</CALL_ID><FirstANumber>+49170555</FirstANumber>" +
		"<IVRInfo>account=4+%26+5&amp;lang=de</IVRInfo><AnswerInfo>ask &lt;this&gt;</AnswerInfo><account>4 &amp; 5</account>"
	for name, c := range map[string]struct {
		settings func(*DataSettings)
		change   func(dir *directory, c *callmodel.Call, p *callmodel.Connection)
		want     string
		others   bool
	}{
		"as installed": {nil, nil, ownFirst + sipID, true},
		"offered":      {all, nil, ownFirst + allocated, false},
		"answered": {all, func(_ *directory, _ *callmodel.Call, p *callmodel.Connection) {
			p.State, p.ConnectedAt = callmodel.Connected, 5
		}, ownFirst + allocated + sipID, false},
		"transferred": {all, func(_ *directory, c *callmodel.Call, p *callmodel.Connection) {
			p.State, p.ConnectedAt, c.TransferredBy = callmodel.Connected, 5, "bernd"
		}, ownFirst + allocated + sipID + "<lang>de</lang>", true},
		"made by the line": {all, func(_ *directory, c *callmodel.Call, p *callmodel.Connection) {
			c.Conns = []callmodel.Connection{*p}
			c.Queue, c.Queues, c.Dialled = "", nil, "030123"
		}, "<FirstBNumber>4930123</FirstBNumber><CALL_ID>CI_7L</CALL_ID>", false},
		"the queue says otherwise": {all, func(dir *directory, _ *callmodel.Call, p *callmodel.Connection) {
			dir.settings["support"].ExtraData = callmodel.ExtraData{Allocated: []string{"XML"}, Connected: []string{"CALL_ID"}}
			p.ConnectedAt = 5
		}, ownFirst + "<CALL_ID>CI_7L</CALL_ID>", true},
		"a recording, not wanted": {nil, func(dir *directory, c *callmodel.Call, _ *callmodel.Connection) {
			dir.recordings[c.ID] = "a.wav"
		}, ownFirst + sipID, true},
		"a recording": {func(d *DataSettings) { d.RecordingCad = true }, func(dir *directory, c *callmodel.Call, _ *callmodel.Connection) {
			dir.recordings[c.ID] = "a.wav"
		}, ownFirst + sipID + "<CallRecording>a.wav</CallRecording>", true},
	} {
		dir, call, p := ownCall()
		if c.change != nil {
			c.change(dir, call, p)
		}
		p = call.Conn(p.ID)
		say := ownTranslator(c.settings)
		if got := say.ownPart(dir, call, p); !strings.EqualFold(got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
		if others := len(say.dataOf(dir, call, p)) > 0; others != c.others {
			t.Errorf("%s: other applications' parts are told: %t", name, others)
		}
	}
}

func TestIVRInfoIsBounded(t *testing.T) {
	t.Parallel()
	var values []callmodel.Var
	for range 100 {
		values = append(values, callmodel.Var{Key: "key", Value: strings.Repeat("\u00e9", 20)})
	}
	got := ivrInfo(values)
	if len(got) > maxIVRInfo || len(got) < maxIVRInfo-200 || strings.Contains(got, "&&") {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}

// A recording's file is named as the keeper of recordings will name it, by the
// time at which it began.
func TestRecordingNames(t *testing.T) {
	t.Parallel()
	dir, c, _ := ownCall()
	r := &callmodel.Recording{ID: callmodel.RecordingID{ID: c.ID.ID}, Call: c.ID}
	began := time.Date(2026, time.March, 2, 23, 59, 0, 0, time.FixedZone("x", 3600))
	dir.recording(r, began)
	if len(dir.recordings) != 0 {
		t.Error("a recording that has not begun has a file")
	}
	r.StartedAt = 5
	dir.recording(r, began)
	if want := "2026/03/02/" + r.ID.String() + ".wav"; dir.recordings[c.ID] != want {
		t.Errorf("%q, want %q", dir.recordings[c.ID], want)
	}
	dir.over(c)
	if len(dir.recordings) != 0 {
		t.Error("the recording of a call that is over is remembered")
	}
}

// The part that is ours may have the id of one that the CRM writes: ours stay,
// and so do its own elements.
func TestSharedApplicationID(t *testing.T) {
	t.Parallel()
	say := ownTranslator(func(d *DataSettings) { d.ApplicationID = "CRM_IC/BUPA" })
	const own = "<FirstBNumber>601</FirstBNumber><mine>1</mine>"
	doc := `<ItemAttachedData><Application id="CRM_IC/BUPA"><FirstBNumber>9</FirstBNumber><CURRENTCUSTOMER a="1">b<c/></CURRENTCUSTOMER><OrigQueue/><mine>2</mine></Application>` +
		`<Application id="SAP_BCM/OII"><x/></Application><Application id="APP2">text</Application></ItemAttachedData>`
	entries, err := say.entriesOf(doc, 1000, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []callmodel.AttachedData{
		{App: "CRM_IC/BUPA", Media: mediaXML, Data: `<CURRENTCUSTOMER a="1">b<c/></CURRENTCUSTOMER><mine>2</mine>`},
		{App: "APP2", Media: mediaXML, Data: "text"},
	}
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Error(diff)
	}
	got := say.attached(own, entries)
	if want := `<ItemAttachedData><Application id="CRM_IC/BUPA">` + own + `<CURRENTCUSTOMER a="1">b<c/></CURRENTCUSTOMER></Application><Application id="APP2">text</Application></ItemAttachedData>`; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if entries, err := say.entriesOf(got, 1000, entries); err != nil || len(entries) != 2 {
		t.Errorf("what came back as it was sent: %+v, %v", entries, err)
	}
}

// Attached data that just fit are told, one byte more is left out and counted.
func TestAttachedDataAtTheLimit(t *testing.T) {
	t.Parallel()
	for extra, fits := range map[int]bool{0: true, 1: false} {
		say := ownTranslator(nil)
		data := []callmodel.AttachedData{{App: "A", Media: mediaXML, Data: strings.Repeat("x", 999+extra)}, {App: "B", Media: mediaXML, Data: ""}}
		got := say.attached("", data[:1])
		if strings.Contains(got, `id="A"`) != fits || (say.leftOut.Load() == 0) != fits {
			t.Errorf("%d bytes above the limit: told %t, left out %d", extra, strings.Contains(got, `id="A"`), say.leftOut.Load())
		}
	}
}

func TestDataSettings(t *testing.T) {
	t.Parallel()
	for name, adjust := range map[string]func(*DataSettings){
		"applicationId": func(d *DataSettings) { d.ApplicationID = `a"b` },
		"country":       func(d *DataSettings) { d.Country = "" },
		"idd":           func(d *DataSettings) { d.IDD = "+00" },
		"extraData":     func(d *DataSettings) { d.ExtraData.Join = []string{"a b"} },
		"previewReject": func(d *DataSettings) { d.PreviewReject = "skip" },
		"cadMaxBytes":   func(d *DataSettings) { d.CadMaxBytes = MaxAttachedData + 1 },
	} {
		d := defaultDataSettings()
		if err := d.validate(); err != nil {
			t.Fatal(err)
		}
		adjust(&d)
		if err := d.validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
