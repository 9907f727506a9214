package lint_test

import (
	"strings"
	"testing"

	"strowger/cti/ctips"
	"strowger/cti/ctips/lint"
)

func describe(t *testing.T, c *ctips.Contract, ns ctips.Namespaces) string {
	t.Helper()
	doc, err := c.WSDL(ns, "http://switch.example:8731/CTIPS/"+c.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

func TestOurDescriptionsAreSound(t *testing.T) {
	for _, ns := range []ctips.Namespaces{{}, {Service: "urn:a:service", Data: "http://data.example/x", Callback: "http://callback.example/"}} {
		for _, c := range []*ctips.Contract{ctips.AgentCallService, ctips.PublishEvents} {
			found, err := lint.Check([]byte(describe(t, c, ns)))
			if err != nil || len(found) > 0 {
				t.Errorf("%s: %v\n%s", c.Name, err, strings.Join(found, "\n"))
			}
		}
	}
}

// Each rule is shown red: a document that breaks it alone.
func TestEveryRuleFindsItsFault(t *testing.T) {
	service, callback := describe(t, ctips.AgentCallService, ctips.Namespaces{}), describe(t, ctips.PublishEvents, ctips.Namespaces{})
	const held = `<xs:complexType name="CallHeldEvent">`
	for _, tt := range []struct{ name, doc, old, with, want string }{
		{"choice", service, `<xs:complexType name="HoldCallArgs">`, `<xs:complexType name="HoldCallArgs"><xs:choice/>`, "construct: "},
		{"all", service, `<xs:complexType name="HoldCallArgs">`, `<xs:complexType name="HoldCallArgs"><xs:all/>`, "construct: "},
		{"any", service, `<xs:complexType name="HoldCallArgs">` + "\n<xs:sequence>", `<xs:complexType name="HoldCallArgs"><xs:sequence><xs:any/>`, "construct: "},
		{"attribute", service, `<xs:complexType name="HoldCallArgs">`, `<xs:complexType name="HoldCallArgs"><xs:attribute name="Id"/>`, "construct: "},
		{"order", service, `name="SessionId" nillable="true" type="xs:string"/>` + "\n" + `<xs:element minOccurs="0" name="Status"`, `name="Status2" nillable="true" type="xs:string"/><xs:element minOccurs="0" name="Status"`, "order: SessionObject: Status after Status2"},
		{"inherited", callback, `name="CallOriginatingSiteId" type="xs:int"/>`, `name="AgentId" type="xs:int"/>`, "inherited: "},
		{"optional", service, `minOccurs="0" name="Password"`, `name="Password"`, "optional: UserCredentials: Password"},
		{"optional in a wrapper", service, `minOccurs="0" name="args"`, `name="args"`, "optional: OpenConnection: args"},
		{"nillable string", service, `name="Password" nillable="true"`, `name="Password"`, "nillable: UserCredentials: Password"},
		{"nillable class", service, `name="args" nillable="true"`, `name="args"`, "nillable: OpenConnection: args"},
		{"int nillable", service, `name="Status" type`, `name="Status" nillable="true" type`, "not nillable: SessionObject: Status"},
		{"enum nillable", service, `name="MessageClass" type`, `name="MessageClass" nillable="true" type`, "not nillable: AddMessageClassArgs: MessageClass"},
		{"array of two", service, `<xs:complexType name="ArrayOfint">` + "\n<xs:sequence>", `<xs:complexType name="ArrayOfint"><xs:sequence><xs:element minOccurs="0" name="a" type="xs:int"/>`, "array: ArrayOfint"},
		{"array in a class", service, `minOccurs="0" name="Status"`, `minOccurs="0" maxOccurs="unbounded" name="Status"`, "array: SessionObject"},
		{"facet", callback, `<xs:enumeration value="NearEnd"/>`, `<xs:enumeration value="NearEnd"/><xs:maxLength value="7"/>`, "enumeration: CTIClearingPartyType: it has the facet maxLength"},
		{"numbers", callback, `<xs:simpleType name="CTIClearingPartyType">` + "\n" + `<xs:restriction base="xs:string">`, `<xs:simpleType name="CTIClearingPartyType"><xs:restriction base="xs:int">`, "enumeration: CTIClearingPartyType"},
		{"global element", service, `<xs:element name="SessionObject" nillable="true" type="tns:SessionObject"/>`, "", "global element: SessionObject"},
		{"global element not nillable", service, `<xs:element name="SessionObject" nillable="true"`, `<xs:element name="SessionObject"`, "global element: SessionObject"},
		{"part", service, `<wsdl:part name="parameters" element="tns:OnLine"/>`, `<wsdl:part name="args" element="tns:OnLine"/>`, "parameters: IAgentCallService_OnLine_InputMessage"},
		{"action", service, ` wsaw:Action="http://tempuri.org/IAgentCallService/OnLine"`, "", "action: OnLine: wsaw:Action of the input"},
		{"reply action", service, ` wsaw:Action="http://tempuri.org/IAgentCallService/OnLineResponse"`, "", "action: OnLine: wsaw:Action of the output"},
		{"undefined", service, `type="data:OnLineArgs"`, `type="data:OnlineArgs"`, "undefined: "},
		{"strange type", service, `name="Status" type="xs:int"`, `name="Status" type="xs:decimal"`, "undefined: "},
		{"unqualified", service, ` elementFormDefault="qualified"`, "", "qualified: "},
		{"import", service, `<xs:import namespace="http://schemas.datacontract.org/2004/07/Aspect.CTIPS"/>`, "", "import: "},
		{"mixed", callback, held + "\n" + `<xs:complexContent mixed="false">`, held + `<xs:complexContent>`, "mixed: CallHeldEvent"},
		{"wrapper", service, `element="tns:OnLine"/>`, `element="tns:OffLine"/>`, "wrapper: OnLine"},
		{"message", service, `message="tns:IAgentCallService_OnLine_InputMessage"`, `message="tns:IAgentCallService_OffLine_InputMessage"`, "message: OnLine"},
		{"transport", service, `transport="http://schemas.xmlsoap.org/soap/http"`, `transport="urn:smtp"`, "binding: BasicHttpBinding_IAgentCallService"},
		{"literal", service, `use="literal"`, `use="encoded"`, "binding: OpenConnection: its input is not literal"},
		{"address", service, `<soap:address `, `<soap:adress `, "binding: service"},
	} {
		if !strings.Contains(tt.doc, tt.old) {
			t.Errorf("%s: nothing to plant the fault into: %s", tt.name, tt.old)
			continue
		}
		found, err := lint.Check([]byte(strings.Replace(tt.doc, tt.old, tt.with, 1)))
		if err != nil || !strings.Contains(strings.Join(found, "\n"), tt.want) {
			t.Errorf("%s: %v, %q; want %s", tt.name, err, found, tt.want)
		}
	}
}

func TestDocumentsThatAreNone(t *testing.T) {
	for name, doc := range map[string]string{
		"empty": "", "text": "hello", "html": "<html/>", "cut": describe(t, ctips.PublishEvents, ctips.Namespaces{})[:500],
		"doctype": "<!DOCTYPE x><x/>", "deep": strings.Repeat("<a>", 50) + strings.Repeat("</a>", 50),
	} {
		if found, err := lint.Check([]byte(doc)); err == nil {
			t.Errorf("%s: %q", name, found)
		}
	}
}
