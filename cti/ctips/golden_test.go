package ctips

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"strowger/cti/soap"
)

// golden are requests as clients sent them: mono a WCF client that Mono's
// svcutil made of a description, zeep the Python library.
var golden = map[string]any{
	"mono-OpenConnection":     &OpenConnectionArgs{"http://127.0.0.1:18730/www.aspect.com/PublishEvents", []int32{1}, &UserCredentials{UserName: "Test01", Password: "Test01"}},
	"mono-CloseConnection":    &CloseConnectionArgs{"S-1"},
	"mono-OnLine":             &OnLineArgs{goldenSession},
	"mono-OffLine":            &OffLineArgs{goldenSession},
	"mono-AddMessageClass":    &AddMessageClassArgs{goldenSession, MessageClassAgent},
	"mono-DeleteMessageClass": &DeleteMessageClassArgs{goldenSession, MessageClassRoute},
	"mono-AddFilter":          &AddFilterArgs{goldenSession, FieldTypeServiceID, "3"},
	"mono-DeleteFilter":       &DeleteFilterArgs{goldenSession, FieldTypeServiceID, "3"},
	"mono-Snapshot":           &SnapshotArgs{goldenSession, []EntityType{EntityTypeAgentInfo, EntityTypeCallInfo, EntityTypeServiceInfo}},
	"mono-LoginAgent":         &LoginAgentArgs{goldenRequest(1), "anna", "", AgentStateIdle, 1},
	"mono-LogoutAgent":        &LogoutAgentArgs{goldenAnna(17), 2},
	"mono-PanicLogout":        &PanicLogoutArgs{goldenRequest(18), []string{"anna", "bernd"}, false},
	"mono-SetAgentState":      &SetAgentStateArgs{goldenAnna(2), AgentStateNotReady},
	"mono-GetAgentState":      &GetAgentStateArgs{goldenAnna(3)},
	"mono-SetDisposition":     &SetDispositionArgs{goldenCall(15, 77), 4, true, false},
	"mono-AcceptCall":         &AcceptCallArgs{goldenCall(4, 77), true, 0},
	"mono-ClearCall":          &ClearCallArgs{goldenCall(14, 77)},
	"mono-ConferenceCall":     &ConferenceCallArgs{goldenCall(8, 77), 78},
	"mono-ConsultationCall":   &ConsultationCallArgs{goldenCall(7, 77), "bernd", 0, DestinationAgent, []string{"a", "b"}},
	"mono-GetCallData":        &GetCallDataArgs{goldenCall(12, 77)},
	"mono-SetCallData":        &SetCallDataArgs{goldenCall(13, 77), []string{"a", "", "", "é <&>", ""}},
	"mono-HoldCall":           &HoldCallArgs{goldenCall(5, 77)},
	"mono-RetrieveCall":       &RetrieveCallArgs{goldenCall(6, 77)},
	"mono-MakeCall":           &MakeCallArgs{goldenCall(10, -1), DestinationExternal, 3, true, "004930123"},
	"mono-SendDTMFDigits":     &SendDTMFDigitsArgs{goldenCall(11, 77), "12#"},
	"mono-TransferCall":       &TransferCallArgs{goldenCall(9, 77), DestinationInvalid, "", 78, TransferTypeConsultation, nil},
	"mono-RouteSelect":        &RouteSelectArgs{goldenRequest(16), 77, RouteToService, "3", nil},
	"zeep-OpenConnection":     &OpenConnectionArgs{"http://127.0.0.1:18733/www.aspect.com/PublishEvents", []int32{1}, &UserCredentials{UserName: "u", Password: "p"}},
	"zeep-OnLine":             &OnLineArgs{goldenSession},
	"zeep-Snapshot":           &SnapshotArgs{goldenSession, []EntityType{EntityTypeAgentInfo, EntityTypeCallInfo}},
	"zeep-LoginAgent":         &LoginAgentArgs{AgentLoginName: "fault"},
	"zeep-AcceptCall":         &AcceptCallArgs{CallHead: CallHead{AgentHead: AgentHead{RequestHead: goldenRequest(3)}}, AcceptCall: true},
	"zeep-SetCallData":        &SetCallDataArgs{CallHead{AgentHead: AgentHead{RequestHead: goldenRequest(3)}}, []string{"a", ""}},
}

var goldenSession = SessionHead{SessionID: "S-1", TenantID: 1}

func goldenRequest(n int32) RequestHead {
	return RequestHead{SessionID: "S-1", RequestID: n, TenantID: 1}
}
func goldenAnna(n int32) AgentHead { return AgentHead{RequestHead: goldenRequest(n), AgentID: 1} }
func goldenCall(n, id int32) CallHead {
	return CallHead{AgentHead: goldenAnna(n), CallID: id}
}

// Requests of real clients decode to what the clients meant.
func TestRequestsOfRealClients(t *testing.T) {
	files, err := filepath.Glob("testdata/requests/*.xml")
	if err != nil || len(files) != len(golden) {
		t.Fatalf("%d files for %d requests, %v", len(files), len(golden), err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".xml")
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := AgentCallService.DecodeCall(readEnvelope(t, data), OrderStrict)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := Namespaces{Service: DefaultServiceNamespace, Data: DefaultDataNamespace}
		if !reflect.DeepEqual(got.Args, []any{golden[name]}) || got.Namespaces != want {
			t.Errorf("%s:\n got %+v in %+v\nwant %+v", name, got.Args[0], got.Namespaces, golden[name])
		}
		if client, op, _ := strings.Cut(name, "-"); client == "mono" {
			seen[op] = op == got.Op.Name
		}
	}
	for _, op := range AgentCallService.Operations {
		if !seen[op.Name] {
			t.Errorf("no request of Mono's for %s", op.Name)
		}
	}
}

// Events that Mono's host took as their own class, every member filled: what
// we decode of them and encode again is the same, element by element.
func TestEventsThatARealHostTook(t *testing.T) {
	publish := PublishEvents.Operation("PublishCTIEvent")
	for _, c := range eventClasses() {
		data, err := os.ReadFile(filepath.Join("testdata", "events", c.name+".xml"))
		if err != nil {
			t.Error(err)
			continue
		}
		got, err := PublishEvents.DecodeCall(readEnvelope(t, data), OrderStrict)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		ev, ok := got.Args[0].(Event)
		if !ok || reflect.TypeOf(ev).Elem() != c.of {
			t.Errorf("%s came as %T", c.name, got.Args[0])
			continue
		}
		if empty := unfilled(reflect.ValueOf(ev).Elem(), c.name); len(empty) > 0 {
			t.Errorf("%s: the sample leaves out %v", c.name, empty)
		}
		again, err := EncodeCall(got.Namespaces, publish, ev)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if a, b := outline(readEnvelope(t, again).Body[0], ""), outline(readEnvelope(t, data).Body[0], ""); !slices.Equal(a, b) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, strings.Join(a, "\n     "), strings.Join(b, "\n     "))
		}
		if Head(Stamp(ev)).EventType.String()+"Event" != c.name {
			t.Errorf("%s was stamped %s", c.name, Head(ev).EventType)
		}
	}
}

// unfilled lists fields that hold their zero value.
func unfilled(v reflect.Value, name string) []string {
	if v.Kind() != reflect.Struct {
		if v.IsZero() {
			return []string{name}
		}
		return nil
	}
	var found []string
	for i := range v.NumField() {
		found = append(found, unfilled(v.Field(i), name+"."+v.Type().Field(i).Name)...)
	}
	return found
}

// outline is a tree as lines: names with namespaces, attributes, text.
func outline(e *soap.Element, indent string) []string {
	line := indent + "{" + e.Space + "}" + e.Local
	for _, a := range e.Attrs {
		line += " {" + a.Space + "}" + a.Local + "=" + a.Value
	}
	lines := []string{line + " " + e.Text}
	for _, c := range e.Children {
		lines = append(lines, outline(c, indent+" ")...)
	}
	return lines
}

// FuzzDecodeCall reads anything that can be an envelope: what it takes can be
// sent again, and comes back the same.
func FuzzDecodeCall(f *testing.F) {
	files, err := filepath.Glob("testdata/*s/*.xml")
	if err != nil || len(files) < 50 {
		f.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		env, err := soap.ReadEnvelope(data, "", soap.Limits{}, nil)
		if err != nil {
			return
		}
		for _, c := range []*Contract{AgentCallService, PublishEvents} {
			got, err := c.DecodeCall(env, OrderAny)
			if err != nil {
				continue
			}
			again, err := EncodeCall(got.Namespaces, got.Op, got.Args...)
			if err != nil {
				t.Fatalf("%s was taken and cannot be sent: %v", got.Op.Name, err)
			}
			back, err := c.DecodeCall(readEnvelope(t, again), OrderStrict)
			if err != nil || !reflect.DeepEqual(back.Args, got.Args) {
				t.Fatalf("%s: %+v came back as %+v, %v", got.Op.Name, got.Args, back, err)
			}
		}
	})
}
