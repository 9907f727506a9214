package ctips

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"strowger/cti/soap"
)

// readEnvelope parses what an encoder has written.
func readEnvelope(t testing.TB, data []byte) *soap.Envelope {
	t.Helper()
	env, err := soap.ReadEnvelope(data, "utf-8", soap.Limits{}, nil)
	if err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return env
}

// drawnText draws strings that XML can carry, with what must be escaped.
var drawnText = rapid.StringOfN(rapid.RuneFrom([]rune(" \t\r\nabc<>&\"'é日𝄞0")), 0, 12, -1)

// fillRandom sets every field of v to something drawn; nil and empty lists included.
func fillRandom(t *rapid.T, v reflect.Value) {
	if e := enumByType[v.Type()]; e != nil {
		v.SetInt(int64(rapid.IntRange(0, len(e.values)-1).Draw(t, e.name)))
		return
	}
	switch kind := v.Kind(); {
	case kind == reflect.Int32:
		v.SetInt(int64(rapid.Int32().Draw(t, "int")))
	case kind == reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "long"))
	case kind == reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case kind == reflect.String:
		v.SetString(drawnText.Draw(t, "string"))
	case kind == reflect.Pointer:
		if rapid.Bool().Draw(t, "nil") {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		fillRandom(t, v.Elem())
	case kind == reflect.Slice:
		n := rapid.IntRange(-1, 3).Draw(t, "length")
		if n < 0 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fillRandom(t, v.Index(i))
		}
	case kind == reflect.Struct:
		for i := range v.NumField() {
			fillRandom(t, v.Field(i))
		}
	default:
		t.Fatalf("no way to fill a %s", v.Type())
	}
}

// wrapping finds an operation that carries a class: requests in ours, events
// and credentials in the client's.
func wrapping(c *class) (contract *Contract, op *Operation, args func(v any) []any, at int) {
	for _, op := range AgentCallService.Operations {
		if op.Params[0].Type == c.of {
			return AgentCallService, op, func(v any) []any { return []any{v} }, 0
		}
	}
	if c.is(classByName["CTIEvent"]) {
		return PublishEvents, PublishEvents.Operation("PublishCTIEvent"), func(v any) []any { return []any{v} }, 0
	}
	if c.name == "UserCredentials" {
		return PublishEvents, PublishEvents.Operation("StartSession"), func(v any) []any { return []any{v, "S-1"} }, 0
	}
	return nil, nil, nil, 0
}

// What is encoded decodes to the same, members in the contract's order.
func TestEveryClassRoundTrips(t *testing.T) {
	seen := 0
	for _, c := range classes {
		contract, op, args, at := wrapping(c)
		if op == nil {
			continue // travels inside others
		}
		seen++
		t.Run(c.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				sent := reflect.New(c.of)
				fillRandom(t, sent.Elem())
				ns := Namespaces{Service: "urn:service", Data: "urn:data", Callback: "http://call.example/back/"}
				body, err := EncodeCall(ns, op, args(sent.Interface())...)
				if err != nil {
					t.Fatal(err)
				}
				env, err := soap.ReadEnvelope(body, "utf-8", soap.Limits{}, nil)
				if err != nil {
					t.Fatalf("%v in %s", err, body)
				}
				call, err := contract.DecodeCall(env, OrderStrict)
				if err != nil {
					t.Fatalf("%v in %s", err, body)
				}
				if !reflect.DeepEqual(call.Args[at], sent.Interface()) {
					t.Fatalf("sent %+v\n got %+v\n as %s", sent.Elem(), call.Args[at], body)
				}
				want := Namespaces{Service: "urn:service", Data: "urn:data"}
				if contract == PublishEvents {
					want = Namespaces{Callback: "http://call.example/back/", Data: "urn:data"}
				}
				if call.Op != op || call.Namespaces != want {
					t.Fatalf("%s with namespaces %+v", call.Op.Name, call.Namespaces)
				}
			})
		})
	}
	if seen != 27+31+1+1 {
		t.Errorf("%d classes have an operation", seen)
	}
}

func TestRepliesRoundTrip(t *testing.T) {
	for _, tt := range []struct {
		op   *Operation
		sent any
	}{
		{AgentCallService.Operation("OnLine"), int32(0)},
		{AgentCallService.Operation("OpenConnection"), &SessionObject{SessionID: "S-1"}},
		{AgentCallService.Operation("OpenConnection"), &SessionObject{Status: 2}},
		{PublishEvents.Operation("HeartbeatMessage"), int32(-7)},
		{PublishEvents.Operation("PublishCTIEvent"), nil},
	} {
		body, err := EncodeReply(Namespaces{}, tt.op, tt.sent)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeReply(tt.op, readEnvelope(t, body))
		if err != nil || !reflect.DeepEqual(got, tt.sent) {
			t.Errorf("%s: sent %v, got %v, %v", tt.op.Name, tt.sent, got, err)
		}
	}
}

func TestRepliesThatAreNone(t *testing.T) {
	op := AgentCallService.Operation("OnLine")
	body, err := soap.EncodeFault(&soap.Fault{Code: soap.CodeClient, Text: "session not known"})
	if err != nil {
		t.Fatal(err)
	}
	var f *soap.Fault
	if _, err := DecodeReply(op, readEnvelope(t, body)); !errors.As(err, &f) || f.Text != "session not known" {
		t.Errorf("a fault gave %v", err)
	}
	other, err := EncodeReply(Namespaces{}, AgentCallService.Operation("OffLine"), int32(0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeReply(op, readEnvelope(t, other)); err == nil {
		t.Error("the answer to another operation passed")
	}
}

func TestValuesThatCannotTravel(t *testing.T) {
	publish := PublishEvents.Operation("PublishCTIEvent")
	for name, call := range map[string]func() error{
		"enum":       func() error { _, err := EncodeCall(Namespaces{}, publish, &CTIEvent{EventType: 99}); return err },
		"class":      func() error { _, err := EncodeCall(Namespaces{}, publish, &UserCredentials{}); return err },
		"parameters": func() error { _, err := EncodeCall(Namespaces{}, publish); return err },
		"plain": func() error {
			_, err := EncodeCall(Namespaces{}, PublishEvents.Operation("StartSession"), &UserCredentials{}, 7)
			return err
		},
	} {
		if call() == nil {
			t.Errorf("%s: encoded", name)
		}
	}
}

const soapEnvelope = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>BODY</s:Body></s:Envelope>`

// argsOf wraps members of a request to op, as hand-made clients do.
func argsOf(op, attrs, members string) string {
	return `<` + op + ` xmlns="http://tempuri.org/"><args` + attrs + ` xmlns:d="urn:d" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">` + members + `</args></` + op + `>`
}

func TestRefusals(t *testing.T) {
	for name, tt := range map[string]struct{ body, want string }{
		"nothing":           {``, "the Body has 0 entries"},
		"two operations":    {`<OnLine/><OffLine/>`, "the Body has 2 entries"},
		"unknown operation": {`<Explode xmlns="http://tempuri.org/"/>`, `no operation "Explode"; IAgentCallService has OpenConnection, CloseConnection,`},
		"no args":           {`<OnLine xmlns="http://tempuri.org/"/>`, "OnLine has no args"},
		"args nil":          {argsOf("OnLine", ` i:nil="true"`, ""), "OnLine has no args"},
		"args twice":        {`<OnLine><args/><args/></OnLine>`, "OnLine has the member args twice"},
		"order":             {argsOf("OnLine", "", `<d:TenantId>1</d:TenantId><d:SessionId>S</d:SessionId>`), "OnLineArgs: member SessionId comes after TenantId; the order is SessionId, TenantId"},
		"twice":             {argsOf("OnLine", "", `<d:TenantId>1</d:TenantId><d:TenantId>1</d:TenantId>`), "OnLineArgs has the member TenantId twice"},
		"text":              {argsOf("OnLine", "", `hello`), "OnLineArgs holds text where members belong"},
		"type":              {argsOf("OnLine", ` i:type="d:OffLineArgs"`, ""), `args has the type "d:OffLineArgs", which is no OnLineArgs`},
		"no such type":      {argsOf("OnLine", ` i:type="Bang"`, ""), `args has the type "Bang", which is no OnLineArgs`},
		"enum":              {argsOf("AddMessageClass", "", `<d:MessageClass>EventCategoryAll</d:MessageClass>`), `AddMessageClassArgs.MessageClass is "EventCategoryAll"; CTIMessageClass has INVALID, EventCategoryAgent,`},
		"empty enum":        {argsOf("AddMessageClass", "", `<d:MessageClass/>`), `AddMessageClassArgs.MessageClass is ""`},
		"int nil":           {argsOf("OnLine", "", `<d:TenantId i:nil="true"/>`), "OnLineArgs.TenantId is nil, which type int does not have"},
		"int empty":         {argsOf("OnLine", "", `<d:TenantId/>`), `OnLineArgs.TenantId is "", not a number of 32 bits`},
		"int overflow":      {argsOf("OnLine", "", `<d:TenantId>2147483648</d:TenantId>`), `OnLineArgs.TenantId is "2147483648", not a number of 32 bits`},
		"int of elements":   {argsOf("OnLine", "", `<d:TenantId><d:int>1</d:int></d:TenantId>`), "OnLineArgs.TenantId holds elements, and is of type int"},
		"bool":              {argsOf("PanicLogout", "", `<d:LogoutAllAgents>yes</d:LogoutAllAgents>`), `PanicLogoutArgs.LogoutAllAgents is "yes", not true or false`},
		"bool nil":          {argsOf("PanicLogout", "", `<d:LogoutAllAgents i:nil="1"/>`), "is nil, which type boolean does not have"},
		"array item":        {argsOf("PanicLogout", "", `<d:AgentLoginNameList><d:name>a</d:name></d:AgentLoginNameList>`), `PanicLogoutArgs.AgentLoginNameList holds items named string, not "name"`},
		"array text":        {argsOf("PanicLogout", "", `<d:AgentLoginNameList>anna</d:AgentLoginNameList>`), "PanicLogoutArgs.AgentLoginNameList holds text where items belong"},
		"array of enum":     {argsOf("Snapshot", "", `<d:EntityType><d:CTIEntityType>All</d:CTIEntityType></d:EntityType>`), `SnapshotArgs.EntityType.CTIEntityType is "All"`},
		"namespace":         {`<OnLine xmlns="` + strings.Repeat("n", 513) + `"><args/></OnLine>`, "a namespace of more than 512 characters"},
		"order inside":      {argsOf("OpenConnection", "", `<d:UserCredentials><d:UserName>u</d:UserName><d:Password>p</d:Password></d:UserCredentials>`), "UserCredentials: member Password comes after UserName; the order is Password, UserName"},
	} {
		env := readEnvelope(t, []byte(strings.Replace(soapEnvelope, "BODY", tt.body, 1)))
		call, err := AgentCallService.DecodeCall(env, OrderStrict)
		var f *soap.Fault
		if !errors.As(err, &f) || f.Code != soap.CodeClient || !strings.Contains(f.Text, tt.want) {
			t.Errorf("%s: %v, %v; want %s", name, call, err, tt.want)
		}
	}
}

func TestAccepted(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		want any
	}{
		"no members":     {argsOf("OnLine", "", ""), &OnLineArgs{}},
		"unknown member": {argsOf("OnLine", "", `<d:Extra><d:Deep/></d:Extra><d:SessionId>S</d:SessionId><d:Tenant>1</d:Tenant>`), &OnLineArgs{SessionHead{SessionID: "S"}}},
		"spaces":         {argsOf("OnLine", "", "<d:SessionId> S </d:SessionId><d:TenantId>\n 7 </d:TenantId>"), &OnLineArgs{SessionHead{SessionID: " S ", TenantID: 7}}},
		"own type":       {argsOf("OnLine", ` i:type="d:OnLineArgs"`, ""), &OnLineArgs{}},
		"bool as digit":  {argsOf("PanicLogout", "", `<d:LogoutAllAgents>1</d:LogoutAllAgents>`), &PanicLogoutArgs{LogoutAllAgents: true}},
		"nil item":       {argsOf("PanicLogout", "", `<d:AgentLoginNameList><d:string i:nil="true"/><d:string>b</d:string></d:AgentLoginNameList>`), &PanicLogoutArgs{AgentLoginNameList: []string{"", "b"}}},
		"nil list":       {argsOf("PanicLogout", "", `<d:AgentLoginNameList i:nil="true"/>`), &PanicLogoutArgs{}},
		"empty list":     {argsOf("PanicLogout", "", `<d:AgentLoginNameList/>`), &PanicLogoutArgs{AgentLoginNameList: []string{}}},
		"member AcceptCall inside operation AcceptCall": {
			argsOf("AcceptCall", "", `<d:AcceptCall>true</d:AcceptCall><d:CallId>5</d:CallId>`),
			&AcceptCallArgs{CallHead: CallHead{CallID: 5}, AcceptCall: true},
		},
	} {
		env := readEnvelope(t, []byte(strings.Replace(soapEnvelope, "BODY", tt.body, 1)))
		call, err := AgentCallService.DecodeCall(env, OrderStrict)
		if err != nil || !reflect.DeepEqual(call.Args[0], tt.want) {
			t.Errorf("%s: %+v, %v", name, call, err)
		}
	}
}

func TestAnyOrder(t *testing.T) {
	body := argsOf("OnLine", "", `<d:TenantId>1</d:TenantId><d:SessionId>S</d:SessionId>`)
	call, err := AgentCallService.DecodeCall(readEnvelope(t, []byte(strings.Replace(soapEnvelope, "BODY", body, 1))), OrderAny)
	want := &OnLineArgs{SessionHead{SessionID: "S", TenantID: 1}}
	if err != nil || !reflect.DeepEqual(call.Args[0], want) {
		t.Errorf("%+v, %v", call, err)
	}
}

func TestStampNamesEveryEvent(t *testing.T) {
	categories := map[EventCategory]int{}
	for _, c := range eventClasses() {
		ev, ok := reflect.New(c.of).Interface().(Event)
		if !ok {
			t.Fatalf("%s is no Event", c.name)
		}
		head := Head(Stamp(ev))
		if head.EventType.String()+"Event" != c.name {
			t.Errorf("%s calls itself %s", c.name, head.EventType)
		}
		categories[head.EventCategory]++
	}
	want := map[EventCategory]int{EventCategoryAgent: 7, EventCategoryCall: 17, EventCategoryRoute: 4, EventCategorySystem: 3}
	if !reflect.DeepEqual(categories, want) {
		t.Errorf("categories %v, want %v", categories, want)
	}
}

func TestHeadOf(t *testing.T) {
	for _, op := range AgentCallService.Operations {
		a := reflect.New(op.Params[0].Type)
		for name, value := range map[string]any{"SessionID": "S-9", "TenantID": int32(3), "RequestID": int32(5)} {
			if f := a.Elem().FieldByName(name); f.IsValid() {
				f.Set(reflect.ValueOf(value))
			}
		}
		head, tenant, ok := HeadOf(a.Interface())
		want := RequestHead{SessionID: "S-9", TenantID: 3, RequestID: 5}
		switch op.Name {
		case "OpenConnection":
			want = RequestHead{}
		case "CloseConnection":
			want = RequestHead{SessionID: "S-9"}
		case "OnLine", "OffLine", "AddMessageClass", "DeleteMessageClass", "AddFilter", "DeleteFilter", "Snapshot":
			want.RequestID = 0
		}
		if head != want || ok != (op.Name != "OpenConnection") || tenant != (want.TenantID != 0) {
			t.Errorf("%s: %+v, tenant %v, %v", op.Name, head, tenant, ok)
		}
	}
}

func TestActions(t *testing.T) {
	op := PublishEvents.Operation("HeartbeatMessage")
	for ns, want := range map[string]string{
		"":           "http://tempuri.org/IPublishEvents/HeartbeatMessage",
		"http://x/y": "http://x/y/IPublishEvents/HeartbeatMessage",
		"urn:x":      "urn:x/IPublishEvents/HeartbeatMessage",
	} {
		if got := op.Action(Namespaces{Callback: ns}); got != want {
			t.Errorf("%q: %s", ns, got)
		}
	}
}

// Callbacks are named as the client names its own requests, but for those that
// have a namespace of their own.
func TestActionsOfASession(t *testing.T) {
	op := PublishEvents.Operation("HeartbeatMessage")
	own := "urn:client/IAgentCallService/OpenConnection"
	for callback, want := range map[string]string{"": "urn:client/IPublishEvents/HeartbeatMessage", "urn:site": "urn:site/IPublishEvents/HeartbeatMessage"} {
		if got := actionsOf(own, Namespaces{Service: "urn:other", Callback: callback}.Filled())(op); got != want {
			t.Errorf("callback namespace %q: %s, want %s", callback, got, want)
		}
	}
}
