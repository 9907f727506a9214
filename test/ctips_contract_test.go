package test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"strowger/cti/ctips"
	"strowger/cti/soap"
)

// ctipsContract answers by the contract alone: it serves the descriptions,
// keeps what it was asked, and faults a session that it does not know.
type ctipsContract struct {
	mu    sync.Mutex
	asked []any
	back  string
	ns    ctips.Namespaces
}

func (s *ctipsContract) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	if r.Method == http.MethodGet {
		contract := ctips.AgentCallService
		if strings.HasSuffix(r.URL.Path, ctips.PublishEvents.Endpoint) {
			contract = ctips.PublishEvents
		}
		doc, err := contract.WSDL(ctips.Namespaces{}, "http://"+r.Host+r.URL.Path)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(doc)
		return
	}
	answer, err := s.answer(r)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		answer, err = soap.EncodeFault(&soap.Fault{Code: soap.CodeClient, Text: err.Error()})
	}
	if err == nil {
		_, _ = w.Write(answer)
	}
}

func (s *ctipsContract) answer(r *http.Request) ([]byte, error) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	env, err := soap.ReadEnvelope(data, "utf-8", soap.Limits{}, nil)
	if err != nil {
		return nil, err
	}
	call, err := ctips.AgentCallService.DecodeCall(env, ctips.OrderStrict)
	if err != nil {
		return nil, err
	}
	if want := `"` + call.Op.Action(call.Namespaces) + `"`; r.Header.Get("SOAPAction") != want {
		return nil, fmt.Errorf("SOAPAction is %s, not %s", r.Header.Get("SOAPAction"), want)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, call.Args[0])
	if open, ok := call.Args[0].(*ctips.OpenConnectionArgs); ok {
		s.back, s.ns = open.ClientCallbackURL, call.Namespaces
		return ctips.EncodeReply(call.Namespaces, call.Op, &ctips.SessionObject{SessionID: "S-1"})
	}
	if head, _, _ := ctips.HeadOf(call.Args[0]); head.SessionID != "S-1" {
		return nil, fmt.Errorf("no session %q", head.SessionID)
	}
	return ctips.EncodeReply(call.Namespaces, call.Op, int32(0))
}

// last is the latest request.
func (s *ctipsContract) last() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[len(s.asked)-1]
}

// call calls the client's callback service.
func (s *ctipsContract) call(t *testing.T, operation string, args ...any) {
	t.Helper()
	op := ctips.PublishEvents.Operation(operation)
	body, err := ctips.EncodeCall(s.ns, op, args...)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.back, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.Header.Set("SOAPAction", `"`+op.Action(s.ns)+`"`)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	env, err := soap.ReadEnvelope(answer, "utf-8", soap.Limits{}, nil)
	if err != nil {
		t.Fatalf("%v in %s", err, answer)
	}
	if _, err := ctips.DecodeReply(op, env); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", operation, resp.Status, err)
	}
}

// ctipsRequests are all operations as a client is told to ask them, and what
// has to arrive.
func ctipsRequests() []struct {
	command string
	want    any
} {
	session := ctips.SessionHead{SessionID: "S-1", TenantID: 1}
	request := func(n int32) ctips.RequestHead {
		return ctips.RequestHead{SessionID: "S-1", RequestID: n, TenantID: 1}
	}
	agent := func(n int32) ctips.AgentHead { return ctips.AgentHead{RequestHead: request(n), AgentID: 1} }
	call := func(n, id int32) ctips.CallHead { return ctips.CallHead{AgentHead: agent(n), CallID: id} }
	data := []string{"a", "", "é <&>\"'", "x"}
	return []struct {
		command string
		want    any
	}{
		{"AddMessageClass MessageClass=EventCategoryAgent", &ctips.AddMessageClassArgs{SessionHead: session, MessageClass: ctips.MessageClassAgent}},
		{"DeleteMessageClass MessageClass=EventCategoryRoute", &ctips.DeleteMessageClassArgs{SessionHead: session, MessageClass: ctips.MessageClassRoute}},
		{"AddFilter FieldType=FT_TENANT_ID FieldValue=1", &ctips.AddFilterArgs{SessionHead: session, FieldType: ctips.FieldTypeTenantID, FieldValue: "1"}},
		{"DeleteFilter FieldType=FT_AGENT_ID FieldValue=anna", &ctips.DeleteFilterArgs{SessionHead: session, FieldType: ctips.FieldTypeAgentID, FieldValue: "anna"}},
		{"OnLine", &ctips.OnLineArgs{SessionHead: session}},
		{"Snapshot EntityType=ServiceInfo,AgentInfo", &ctips.SnapshotArgs{SessionHead: session, EntityType: []ctips.EntityType{ctips.EntityTypeServiceInfo, ctips.EntityTypeAgentInfo}}},
		{"LoginAgent RequestId=1 AgentLoginName=anna StationId=101 InitialState=NotReadyPark MultiLine=1", &ctips.LoginAgentArgs{RequestHead: request(1), AgentLoginName: "anna", StationID: "101", InitialState: ctips.AgentStateNotReadyPark, MultiLine: 1}},
		{"LogoutAgent RequestId=2 AgentId=1 ReasonCode=-1", &ctips.LogoutAgentArgs{AgentHead: agent(2), ReasonCode: -1}},
		{"PanicLogout RequestId=3 AgentLoginNameList=anna,bernd LogoutAllAgents=true", &ctips.PanicLogoutArgs{RequestHead: request(3), AgentLoginNameList: []string{"anna", "bernd"}, LogoutAllAgents: true}},
		{"SetAgentState RequestId=4 AgentId=1 NewState=ActiveWrap", &ctips.SetAgentStateArgs{AgentHead: agent(4), NewState: ctips.AgentStateActiveWrap}},
		{"GetAgentState RequestId=2147483647 AgentId=1", &ctips.GetAgentStateArgs{AgentHead: agent(2147483647)}},
		{"SetDisposition RequestId=6 AgentId=1 CallId=77 DispositionId=4 SummaryDispositionSuccessful=true WrapNotRequired=true", &ctips.SetDispositionArgs{CallHead: call(6, 77), DispositionID: 4, SummaryDispositionSuccessful: true, WrapNotRequired: true}},
		{"AcceptCall RequestId=7 AgentId=1 CallId=77 AcceptCall=true RejectReason=5", &ctips.AcceptCallArgs{CallHead: call(7, 77), AcceptCall: true, RejectReason: 5}},
		{"ClearCall RequestId=8 AgentId=1 CallId=77", &ctips.ClearCallArgs{CallHead: call(8, 77)}},
		{"ConferenceCall RequestId=9 AgentId=1 CallId=77 ConsultationCallId=78", &ctips.ConferenceCallArgs{CallHead: call(9, 77), ConsultationCallID: 78}},
		{"ConsultationCall RequestId=10 AgentId=1 CallId=77 DestinationAddress=3 ServiceId=3 DestinationType=Service UserData=DATA", &ctips.ConsultationCallArgs{CallHead: call(10, 77), DestinationAddress: "3", ServiceID: 3, DestinationType: ctips.DestinationService, UserData: data}},
		{"GetCallData RequestId=11 AgentId=1 CallId=77", &ctips.GetCallDataArgs{CallHead: call(11, 77)}},
		{"SetCallData RequestId=12 AgentId=1 CallId=77 UserData=DATA", &ctips.SetCallDataArgs{CallHead: call(12, 77), UserData: data}},
		{"HoldCall RequestId=13 AgentId=1 CallId=77", &ctips.HoldCallArgs{CallHead: call(13, 77)}},
		{"RetrieveCall RequestId=14 AgentId=1 CallId=77", &ctips.RetrieveCallArgs{CallHead: call(14, 77)}},
		{"MakeCall RequestId=15 AgentId=1 CallId=-1 DestinationType=NoDestination ServiceId=3 WrapState=true DestinationAddress=004930", &ctips.MakeCallArgs{CallHead: call(15, -1), DestinationType: ctips.DestinationNone, ServiceID: 3, WrapState: true, DestinationAddress: "004930"}},
		{"SendDTMFDigits RequestId=16 AgentId=1 CallId=77 DTMFDigits=1*#", &ctips.SendDTMFDigitsArgs{CallHead: call(16, 77), DTMFDigits: "1*#"}},
		{"TransferCall RequestId=17 AgentId=1 CallId=77 DestinationType=External DestinationAddress=0049 ConsultationCallId=78 TransferType=Blind UserData=DATA", &ctips.TransferCallArgs{CallHead: call(17, 77), DestinationType: ctips.DestinationExternal, DestinationAddress: "0049", ConsultationCallID: 78, TransferType: ctips.TransferTypeBlind, UserData: data}},
		{"RouteSelect RequestId=18 CallId=77 RouteActionType=RouteToDefault RouteDestination=x UserData=DATA", &ctips.RouteSelectArgs{RequestHead: request(18), CallID: 77, RouteActionType: ctips.RouteToDefault, RouteDestination: "x", UserData: data}},
		{"OffLine", &ctips.OffLineArgs{SessionHead: session}},
		{"CloseConnection", &ctips.CloseConnectionArgs{SessionID: "S-1"}},
	}
}

// Clients that were generated from our descriptions ask every operation with
// every member, and understand every event with every member.
func TestCTIPSContractWithRealClients(t *testing.T) {
	t.Parallel()
	for _, kind := range ctipsKinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := &ctipsContract{}
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			c := newCTIPSClient(t, kind, server.URL+"/CTIPS")
			opened := c.must("OpenConnection", "UserName=crm", "Password=p & w")
			if got := canonical(t, opened); got != `{"SessionId":"S-1","Status":0}` {
				t.Errorf("OpenConnection gave %s", got)
			}
			want := &ctips.OpenConnectionArgs{ClientCallbackURL: s.back, TenantIDs: []int32{1}, UserCredentials: &ctips.UserCredentials{UserName: "crm", Password: "p & w"}}
			if !reflect.DeepEqual(s.last(), want) {
				t.Errorf("OpenConnection arrived as %+v", s.last())
			}
			for _, r := range ctipsRequests() {
				words := strings.Fields(r.command)
				for i := range words {
					words[i] = strings.Replace(words[i], "=DATA", "=a,,é <&>\"',x", 1)
				}
				if got := canonical(t, c.must(words[0], words[1:]...)); got != "0" {
					t.Errorf("%s gave %s", r.command, got)
				}
				if !reflect.DeepEqual(s.last(), r.want) {
					t.Errorf("%s arrived as %+v, want %+v", r.command, s.last(), r.want)
				}
			}
			askWithFault(t, c)
			publishAll(t, s, c)
		})
	}
}

// askWithFault asks for a session that is not known: code and text arrive.
func askWithFault(t *testing.T, c *ctipsClient) {
	t.Helper()
	line := c.do("OnLine", "SessionId=S-2")
	f, _ := line["fault"].(map[string]any)
	if f["code"] != "Client" || !strings.Contains(fmt.Sprint(f["text"]), `no session "S-2"`) {
		t.Errorf("the fault arrived as %v", line)
	}
}

// publishAll calls every operation of the callback service: each event with
// every member set, and with none.
func publishAll(t *testing.T, s *ctipsContract, c *ctipsClient) {
	t.Helper()
	s.call(t, "StartSession", &ctips.UserCredentials{UserName: "crm", Password: "<&>"}, "S-1")
	got := c.called("StartSession")
	if canonical(t, got) != canonical(t, map[string]any{"startsession": "S-1", "UserName": "crm", "Password": "<&>"}) {
		t.Errorf("StartSession arrived as %v", got)
	}
	s.call(t, "HeartbeatMessage")
	if got := c.called("HeartbeatMessage"); got["heartbeat"] == nil {
		t.Errorf("HeartbeatMessage arrived as %v", got)
	}
	samples, err := filepath.Glob("../cti/ctips/testdata/events/*.xml")
	if err != nil || len(samples) != 31 {
		t.Fatalf("%d samples of events, %v", len(samples), err)
	}
	for _, file := range samples {
		full := eventOf(t, file)
		empty, ok := reflect.New(reflect.TypeOf(full).Elem()).Interface().(ctips.Event)
		if !ok {
			t.Fatalf("%T is no event", full)
		}
		for _, ev := range []ctips.Event{ctips.Stamp(full), ctips.Stamp(empty)} {
			s.call(t, "PublishCTIEvent", ev)
			class := strings.TrimSuffix(filepath.Base(file), ".xml")
			got := c.called(class)
			want, ok := asJSON(reflect.ValueOf(ev)).(map[string]any)
			if !ok {
				t.Fatalf("%T has no members", ev)
			}
			maps.Copy(want, map[string]any{"event": class, "n": got["n"]})
			if canonical(t, got) != canonical(t, want) {
				t.Errorf("%s arrived\n  as %s\nwant %s", class, canonical(t, got), canonical(t, want))
			}
		}
	}
}

// eventOf reads a sample.
func eventOf(t *testing.T, file string) ctips.Event {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	env, err := soap.ReadEnvelope(data, "utf-8", soap.Limits{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	call, err := ctips.PublishEvents.DecodeCall(env, ctips.OrderStrict)
	if err != nil {
		t.Fatal(err)
	}
	ev, ok := call.Args[0].(ctips.Event)
	if !ok {
		t.Fatalf("%s holds no event", file)
	}
	return ev
}
