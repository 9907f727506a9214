package ici

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

var update = flag.Bool("update", false, "rewrite golden files")

func archive(t *testing.T, name string) map[string]string {
	t.Helper()
	a, err := txtar.ParseFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range a.Files {
		files[f.Name] = string(f.Data)
	}
	return files
}

func envelope(t *testing.T, doc string) *soap.Envelope {
	t.Helper()
	env, err := soap.ReadEnvelope([]byte(doc), "", soap.Limits{}, Understood)
	if err != nil {
		t.Fatalf("%v in:\n%s", err, doc)
	}
	return env
}

// told renders a decoded request, or the code and text of its refusal.
func told(req *Request, err error) string {
	var refused *Error
	switch {
	case errors.As(err, &refused):
		return "error " + refused.Code.String() + " " + refused.Text
	case err != nil:
		return "unexpected error type: " + err.Error()
	}
	s := fmt.Sprintf("%v user=%s language=%s %+v", req.Op, req.User, req.Language, req.Params)
	if req.Mismatch {
		s += " mismatch"
	}
	return s
}

func TestRequestSamples(t *testing.T) {
	t.Parallel()
	files := archive(t, "requests.txtar")
	seen := map[string]bool{}
	for name, content := range files {
		sample, isSample := strings.CutSuffix(name, ".xml")
		if !isSample {
			continue
		}
		head, doc, _ := strings.Cut(content, "\n")
		path, action, _ := strings.Cut(head, " ")
		req, err := DecodeRequest(Meta{Path: path, Action: strings.Trim(action, `"`)}, envelope(t, doc), Style{})
		got, want := told(req, err), strings.TrimSuffix(files[sample+".want"], "\n")
		if strings.HasPrefix(want, "error ") {
			if !strings.HasPrefix(got, want) {
				t.Errorf("%s:\n got %s\nwant %s...", sample, got, want)
			}
			continue
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", sample, got, want)
			continue
		}
		seen[req.Op.String()] = true
	}
	for _, op := range Ops() {
		if !seen[op.String()] {
			t.Errorf("no sample request for %v", op)
		}
	}
}

// sampleParams holds a request for every operation.
func sampleParams() map[Op]Params {
	const handle = "0F1E2D3C4B5A69788796A5B4C3D2E1F0"
	const url = "http://crm.example:50000/IciEventService/IciEventConf?style=document&x=1"
	item := &ItemRef{handle}
	place := &ItemInContainer{handle, "+49301000129"}
	call := &CallRef{"+49301000129", handle}
	const other = "1F1E2D3C4B5A69788796A5B4C3D2E1F0"
	pair := &CallPair{"+49301000129", handle, other}
	return map[Op]Params{
		OpExchangeProductInformation: &ProductQuery{"3.07"},
		OpGetWorkcenterCapability:    &UserRef{"MUELLER"},
		OpGetCallRecordings:          &CallRecordingQuery{handle, "MUELLER", "2026-03-02 09:00:00", "2026-03-03", `2026\\03`, "x.wav", "5"},
		OpCreateCallBack:             &CallbackRequest{"+4917055501", "600", "2026-03-02 09:00:00", "<XML><Skills>a=3</Skills></XML>", "1", "about \u00e9 & b"},
		OpUpdateCallBack:             &CallbackChange{"0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0", "BUSY", "n"},
		OpGetCallBacks:               &Nothing{},
		OpUserGetAttributes:          &UserQuery{"MUELLER", true},
		OpSetCurrentWorkmode:         &WorkmodeChange{"MUELLER", "2"},
		OpUserSubscribe:              &UserSubscription{url, "a1", "MUELLER"},
		OpUserUnsubscribe:            &Unsubscription{url, "a1"},
		OpContainerSubscribe:         &ContainerSubscription{url, "a1", "1", "+49301000129"},
		OpContainerUnsubscribe:       &Unsubscription{url, "a1"},
		OpAccept:                     place, OpReroute: place,
		OpWrapUpRequired: item, OpWrapUpEnded: item, OpGetAttachedData: item, OpDeleteAttachedData: item,
		OpSetAttachedData: &AttachedDataChange{handle, "<ItemAttachedData>\u00e9 & \r\n</ItemAttachedData>"},
		OpGetCalls:        &LineRef{"+49301000129"}, OpDropCalls: &LineRef{"+49301000129"},
		OpCallGetAttributes: call, OpDrop: call, OpHold: call, OpUnhold: call,
		OpCreate: &Container{"1", "+49301000129"}, OpForward: &Forwarding{handle, "+49301000129", "12", "600"},
		OpDial: &Dialing{"+49301000129", handle, "+4917055501"}, OpConsult: &Consultation{"+49301000129", handle, other, "+49301000130", 2},
		OpTransfer: pair, OpReconnect: pair, OpAlternate: pair, OpConference: pair,
		OpDropParty: &PartyRef{"+49301000129", "+49301000130", handle}, OpSendDTMF: &Tones{"+49301000129", handle, "12#"},
		OpGetMessages: &FolderRef{"INBOX"}, OpMessageGetAttributes: &MessageRef{handle}, OpGetContent: &MessageRef{handle},
		OpSetContent: &MessageContent{handle, "Subject: x\n\nbody & more"}, OpDeleteMessage: &MessageRef{handle},
		OpSendMessage: &MessageSending{handle, true, false}, OpSetActionFlags: &MessageFlags{handle, true, false, true}, OpEndMessage: &MessageRef{handle},
		OpGetSessions: &ChatLineRef{"mueller@example.com"}, OpChatGetAttributes: &ChatRef{handle, "mueller@example.com"},
		OpInvite: &ChatInvitation{handle, "mueller@example.com", "t", []string{"a@example.com", "b@example.com"}},
		OpLeave:  &ChatRef{handle, "mueller@example.com"}, OpGetDialog: &ChatSessionRef{handle},
		OpPostMessage: &ChatText{handle, "mueller@example.com", "hello"},
		OpRoute:       &Routing{"1", sampleActionItem(), []Attribute{{"k", "v"}}, "s"},

		OpGetPresenceQueueInfo: &PresenceQueueQuery{"MUELLER", "1"},
		OpGetUserPresence:      &PresenceQuery{[]string{"MUELLER", "SMITH"}, "ann", "10"},
		OpSetCurrentChannels:   &ChannelChoice{"MUELLER", []string{"1", "2"}},
		OpSetCurrentQueues:     &QueueChoice{"MUELLER", []string{"600"}},
		OpSetAddresses:         &AddressChoice{"MUELLER", []Address{{"+49301000129", "1"}, {"mueller@example.com", "2"}}},

		OpGetCatalog: &CatalogQuery{"EN"}, OpGetInstances: &FormRef{"queues"},
		OpMonitorSubscribe: &MonitorSubscription{url, "a1", "queues", []string{"600", "601"}, 10}, OpMonitorUnsubscribe: &Unsubscription{url, "a1"},
	}
}

func sampleUser() User {
	return User{
		UserID: "MUELLER", CurrentWorkmode: Workmode(Ready), Workmodes: Workmodes(), WrapUpMode: WrapUpAutomatic,
		CurrentChannels: []TextElement{{"1", "Telephony"}}, Channels: []TextElement{{"1", "Telephony"}},
		CurrentQueues: []TextElement{}, Queues: []TextElement{{"600", "Sales & Service"}},
		Addresses: []Address{{"+49301000129", "1"}, {"mueller@example.com", "2"}}, CmsHostID: "0123456789ABCDEF0123456789ABCDEF",
	}
}

func sampleCall() PhoneCall {
	return PhoneCall{
		LineNumber: "+49301000129", CallHandle: "0F1E2D3C4B5A69788796A5B4C3D2E1F0", ProcessingStatus: ProcessingStatus(NotInProcess),
		RemoteNumbers: []string{"+4917055501", "+0"}, DialedNumber: "+49301000600", CallStatus: CallStatus(CallAlerting),
		CapabilityList: DefaultCapabilities(CallAlerting, NotInProcess), Inbound: true,
		AttachedData: `<ItemAttachedData><Application id="CRM_IC">&lt;x&gt;</Application></ItemAttachedData>`, TrunkID: "trunk-1",
	}
}

func sampleCallBack() CallBack {
	at := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	return CallBack{
		ID: "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0", Number: "+4917055501", QueueNumber: "600", HandledTime: at, LastCallTime: at.Add(time.Second),
		NextCallTime: at.Add(time.Hour), Failures: 1, MaxCalls: 3, LastResult: "BUSY", ExtraData: "<XML><a>1</a></XML>", Notes: "n & m", GwPrefix: "1",
	}
}

// sampleReplies holds an answer for every operation.
func sampleReplies() map[Op]Reply {
	user, call := sampleUser(), sampleCall()
	all := map[Op]Reply{}
	for _, op := range Ops() {
		all[op] = &Empty{}
	}
	all[OpExchangeProductInformation] = &ProductInformation{"Strowger", []string{"IciGroupBasic", "IciGroupUser", "IciGroupTelephony"}, "1.0", "3.07"}
	all[OpGetWorkcenterCapability] = &WorkcenterCapability{Types: "0"}
	all[OpCreateCallBack] = &CallbackID{}
	all[OpGetCallRecordings] = &CallRecordings{[]CallRecording{sampleRecording(), {CreationTime: sampleRecording().CreationTime, Source: "+0", Destination: "+0"}}}
	all[OpUpdateCallBack] = &Void{}
	all[OpGetCallBacks] = &CallBacks{[]CallBack{sampleCallBack(), {ID: "x", Number: "+0", MaxCalls: 3}}}
	all[OpUserGetAttributes] = &user
	all[OpGetAttachedData] = &Text{call.AttachedData}
	all[OpGetCalls] = &PhoneCalls{[]PhoneCall{call, call}}
	all[OpCallGetAttributes] = &call
	all[OpCreate] = &Item{CallStatus(CallCreated), call.CallHandle, ProcessingStatus(NotInProcess), DefaultCapabilities(CallCreated, NotInProcess)}
	all[OpDial] = &Text{"+4917055501"}
	message, chat := sampleMessage(), sampleChat()
	all[OpGetMessages] = &Messages{[]Message{message}}
	all[OpMessageGetAttributes] = &message
	all[OpGetContent] = &Text{"Subject: x\n\nbody"}
	all[OpGetSessions] = &ChatSessions{[]ChatSession{chat, chat}}
	all[OpChatGetAttributes] = &chat
	all[OpGetDialog] = &ChatPostings{[]ChatPosting{samplePosting(), {ChatSessionID: "x"}}}
	all[OpRoute] = &Routed{"17"}
	all[OpGetPresenceQueueInfo] = &PresenceQueues{
		[]GroupInfo{{ID: "1", Description: "*"}},
		[]PresenceQueue{{"600", "Sales & Service", "1B4E28BA-2FA1-11D2-883F-0016D3CCA427", "3", "1", "2", "1", "12", "30", "1", "0", "1", "0"}},
	}
	all[OpGetUserPresence] = &Presences{[]UserPresence{
		{"MUELLER", "1", "Available", []Collaboration{{"Call", "1", "101", "+49301000129"}}}, {User: "SMITH", Status: "3", Description: "LoggedOff"},
	}}
	all[OpGetCatalog] = &Text{`<catalog><form id="queues" description="Queues"><field id="pending" type="number"/></form></catalog>`}
	all[OpGetInstances] = &Instances{[]TextElement{{"600", "Sales & Service"}, {"601", "Support"}}}
	return all
}

func sampleEvents() []Event {
	ids := []string{"a1", "a2"}
	return []Event{
		&UserChanged{ids, sampleUser()},
		&PhoneCallChanged{ids, sampleCall()},
		&ContainerChanged{ids, ChannelPhone, "+49301000129", ContainerStatus(ContainerFailure)},
		&SubscriptionEnded{ids, EndReason(EndedTimeout)},
		&MessageChanged{ids, sampleMessage()},
		&ChatChanged{ids, sampleChat()},
		&ChatNewPosting{ids, samplePosting()},
		&ActionItemChanged{
			ids, []string{"MUELLER"}, ActionSession{
				[]string{"MUELLER"}, []int{1, 2, 3, 6}, "t", "s", TextElement{"3", "Alerting"}, ProcessingStatus(Active), sampleCall().AttachedData, "l",
			}, "i", sampleActionItem(), "s",
		},
		&MonitorDataChanged{ids, `<dataForm form="queues" time="2026-03-02T09:00:00"><instance id="600"><field id="pending">3</field></instance></dataForm>`},
	}
}

func styles() map[string]Style {
	return map[string]Style{"qualified": {}, "unqualified": {Unqualified: true}, "outside": {CmsHostIDOutside: true}, "renamed": {SendDTMF: "playTones"}}
}

func requestDoc(t testing.TB, op Op, p Params, st Style) []byte {
	t.Helper()
	out := soap.NewEncoder(nil)
	out.StartEnvelope()
	if err := EncodeRequest(out, op, p, st); err != nil {
		t.Fatal(err)
	}
	out.EndEnvelope()
	doc, err := out.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func responseDoc(t testing.TB, op Op, name string, r Reply, st Style) []byte {
	t.Helper()
	out := soap.NewEncoder(nil)
	out.StartEnvelope()
	if err := EncodeResponse(out, &Request{Op: op, Name: name}, r, st); err != nil {
		t.Fatal(err)
	}
	out.EndEnvelope()
	doc, err := out.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	params, replies := sampleParams(), sampleReplies()
	for name, st := range styles() {
		for _, op := range Ops() {
			if params[op] == nil {
				t.Fatalf("no sample parameters for %v", op)
			}
			req, err := DecodeRequest(Meta{Action: op.Service().Action()}, envelope(t, string(requestDoc(t, op, params[op], st))), st)
			if err != nil {
				t.Errorf("%s %v: %v", name, op, err)
				continue
			}
			if req.Op != op || !reflect.DeepEqual(req.Params, params[op]) || req.Mismatch {
				t.Errorf("%s %v: got %v %+v", name, op, req.Op, req.Params)
			}
			reply, err := DecodeResponse(op, envelope(t, string(responseDoc(t, op, op.Name(), replies[op], st))))
			if err != nil {
				t.Errorf("%s %v response: %v", name, op, err)
				continue
			}
			if diff := cmp.Diff(replies[op], reply, cmp.Transformer("nil", func(s []TextElement) int { return len(s) })); diff != "" {
				t.Errorf("%s %v response differs:\n%s", name, op, diff)
			}
		}
	}
	for _, qualified := range []bool{false, true} {
		for _, e := range sampleEvents() {
			doc, err := EncodeEvent(e, qualified)
			if err != nil {
				t.Fatal(err)
			}
			got, err := DecodeEvent(envelope(t, string(doc)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(e, got, cmp.Transformer("nil", func(s []TextElement) int { return len(s) })); diff != "" {
				t.Errorf("%s differs:\n%s", e.EventName(), diff)
			}
			if reply, err := EncodeEventReply(e); err != nil || !strings.Contains(string(reply), e.EventName()+"Response") {
				t.Errorf("reply to %s: %v\n%s", e.EventName(), err, reply)
			}
		}
	}
}

// TestGoldens pins the bytes of every response, event and fault.
func TestGoldens(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	var order []string
	put := func(name string, doc []byte) {
		// One element per line makes the file readable and a diff useful.
		got[name] = strings.ReplaceAll(string(doc), "><", ">\n<") + "\n"
		order = append(order, name)
	}
	replies := sampleReplies()
	for _, style := range []string{"qualified", "unqualified", "outside"} {
		for _, op := range Ops() {
			if style != "qualified" && op != OpUserGetAttributes && op != OpGetCalls {
				continue
			}
			put(style+"/"+op.String(), responseDoc(t, op, op.Name(), replies[op], styles()[style]))
		}
	}
	put("outside/ping", responseDoc(t, OpUserGetAttributes, "getAttributes", &CmsPong{"0123456789ABCDEF0123456789ABCDEF"}, Style{CmsHostIDOutside: true}))
	put("as-received", responseDoc(t, OpSetCurrentWorkmode, "setworkmode", &Empty{}, Style{}))
	for _, qualified := range []bool{false, true} {
		for _, e := range sampleEvents() {
			doc, err := EncodeEvent(e, qualified)
			if err != nil {
				t.Fatal(err)
			}
			put(fmt.Sprintf("event-qualified-%v/%s", qualified, e.EventName()), doc)
		}
	}
	for name, f := range map[string]*soap.Fault{
		"fault/number":    FaultOf(ServicePhoneLine, CheckNumber("300&PJSIP/x")),
		"fault/not-ready": FaultOf(ServiceUser, fault.New(fault.Unavailable, "ari", "", "Asterisk is not connected")),
		"fault/version":   FaultOf(ServiceItem, &soap.Fault{Code: soap.CodeVersionMismatch, Text: "only SOAP 1.1"}),
	} {
		doc, err := soap.EncodeFault(f)
		if err != nil {
			t.Fatal(err)
		}
		put(name, doc)
	}
	if *update {
		writeGoldens(t, "answers.txtar", order, got)
		return
	}
	want := archive(t, "answers.txtar")
	for _, name := range order {
		if diff := cmp.Diff(want[name], got[name]); diff != "" {
			t.Errorf("%s (run with -update to accept):\n%s", name, diff)
		}
	}
	if len(want) != len(got) {
		t.Errorf("the golden file holds %d documents, the test makes %d", len(want), len(got))
	}
}

func writeGoldens(t *testing.T, name string, order []string, files map[string]string) {
	t.Helper()
	a := &txtar.Archive{Comment: []byte("What this switch answers and sends. Line breaks between elements are not on the wire.\n")}
	for _, n := range order {
		a.Files = append(a.Files, txtar.File{Name: n, Data: []byte(files[n])})
	}
	if err := os.WriteFile("testdata/"+name, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}
