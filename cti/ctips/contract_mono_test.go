package ctips

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"strowger/cti/ctips/lint"
	"strowger/cti/soap"
)

// otherHand is where the contract lies as somebody else wrote it.
const otherHand = "testdata/mono"

// shortSpace names the namespaces of schemas alike on both sides.
var shortSpace = map[string]string{
	DefaultServiceNamespace: "service:", DefaultDataNamespace: "data:", arraysNamespace: "arrays:",
	schemaNamespace: "xs:", "": "",
}

func shortName(n lint.Name) string { return shortSpace[n.Space] + n.Local }

// described turns schemas into lines that can be compared: type or element to
// what is in it. Whether a parameter of a class can be nil is left out: .NET
// and Mono disagree there, and it is the only difference allowed.
func described(s *lint.Schemas) map[string]string {
	lines := map[string]string{}
	for name, t := range s.Types {
		lines["type "+shortName(name)] = fmt.Sprintf("base %s; %s; values %v", shortName(t.Base), memberLines(t, false), t.Values)
	}
	for name, e := range s.Elements {
		wrapper := e.Of == lint.Name{}
		lines["element "+shortName(name)] = fmt.Sprintf("of %s, nillable %v; %s", shortName(e.Of), e.Nillable, memberLines(e, wrapper))
	}
	return lines
}

func memberLines(t lint.Type, wrapper bool) string {
	var list []string
	for _, m := range t.Members {
		nillable := fmt.Sprint(m.Nillable)
		if wrapper && m.Type.Space == DefaultDataNamespace {
			nillable = "either"
		}
		list = append(list, fmt.Sprintf("%s %s %s..%s nillable %s", m.Name, shortName(m.Type), m.Min, m.Max, nillable))
	}
	return strings.Join(list, ", ")
}

// differences lists what is not the same in both.
func differences(ours, theirs map[string]string) []string {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(ours)) {
		if their, ok := theirs[key]; !ok {
			found = append(found, key+" is ours alone")
		} else if their != ours[key] {
			found = append(found, key+"\n  ours   "+ours[key]+"\n  theirs "+their)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(theirs)) {
		if _, ok := ours[key]; !ok {
			found = append(found, key+" is theirs alone")
		}
	}
	return found
}

func readSchemas(t *testing.T, files ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, file := range files {
		doc, err := os.ReadFile(filepath.Join(otherHand, file))
		if err != nil {
			t.Fatal(err)
		}
		s, err := lint.Read(doc)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(all, described(s))
	}
	return all
}

func ourSchemas(t *testing.T, c *Contract) map[string]string {
	t.Helper()
	doc, err := c.WSDL(Namespaces{}, "http://switch.example/")
	if err != nil {
		t.Fatal(err)
	}
	s, err := lint.Read(doc)
	if err != nil {
		t.Fatal(err)
	}
	return described(s)
}

// The contract is what another hand made of the same tables.
func TestContractEqualsTheOtherHands(t *testing.T) {
	all := map[string]string{}
	for _, c := range []*Contract{AgentCallService, PublishEvents} {
		ours := ourSchemas(t, c)
		theirs := readSchemas(t, c.Endpoint+"-data.xsd", c.Endpoint+"-arrays.xsd", c.Endpoint+"-service.xsd")
		for _, d := range differences(ours, theirs) {
			t.Errorf("%s: %s", c.Name, d)
		}
		if n := len(theirs); n < 100 {
			t.Errorf("%s: only %d definitions were compared", c.Name, n)
		}
		maps.Copy(all, ours)
	}
	// Both services together have all types and no more.
	maps.DeleteFunc(all, func(key, _ string) bool { return strings.HasPrefix(key, "element service:") })
	for _, d := range differences(all, readSchemas(t, "types-data.xsd", "types-arrays.xsd")) {
		t.Errorf("all types: %s", d)
	}
}

// The comparison sees one changed word on either side.
func TestComparisonSeesEveryKindOfDifference(t *testing.T) {
	doc, err := PublishEvents.WSDL(Namespaces{}, "http://switch.example/")
	if err != nil {
		t.Fatal(err)
	}
	theirs := readSchemas(t, "PublishEvents-data.xsd", "PublishEvents-arrays.xsd", "PublishEvents-service.xsd")
	for _, tt := range []struct{ old, with, want string }{
		{`name="ClearingPartyType"`, `name="ClearingParty"`, "type data:CallClearedEvent"},
		{`name="RouteTimeout" type="xs:int"`, `name="RouteTimeout" type="xs:long"`, "type data:RouteRequestEvent"},
		{`<xs:enumeration value="NearEnd"/>`, ``, "type data:CTIClearingPartyType"},
		{`<xs:enumeration value="Up"/>` + "\n" + `<xs:enumeration value="Down"/>`, `<xs:enumeration value="Down"/><xs:enumeration value="Up"/>`, "type data:CTIComponentState"},
		{`minOccurs="0" name="DigitString"`, `name="DigitString"`, "type data:DigitsDialedEvent"},
		{`name="DigitString" nillable="true"`, `name="DigitString"`, "type data:DigitsDialedEvent"},
		{`name="sessionId"`, `name="SessionId"`, "element service:StartSession"},
		{`<xs:complexType name="CallHeldEvent">`, `<xs:complexType name="CallHoldEvent">`, "type data:CallHoldEvent is ours alone"},
		{`<xs:extension base="data:CTIEvent">`, `<xs:extension base="data:CallHeldEvent">`, "base data:CallHeldEvent"},
	} {
		if !bytes.Contains(doc, []byte(tt.old)) {
			t.Errorf("nothing to plant %q into", tt.old)
			continue
		}
		s, err := lint.Read(bytes.Replace(doc, []byte(tt.old), []byte(tt.with), 1))
		if err != nil {
			t.Fatal(err)
		}
		if found := strings.Join(differences(described(s), theirs), "\n"); !strings.Contains(found, tt.want) {
			t.Errorf("%s instead of %s: found %q, want %s", tt.with, tt.old, found, tt.want)
		}
	}
}

// The encoder writes members in the order in which DataContractSerializer
// does, nil where it does, and the same zero values.
func TestEncoderKeepsTheSerializersOrder(t *testing.T) {
	want, err := os.ReadFile(filepath.Join(otherHand, "order.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, c := range classes {
		lines = append(lines, c.name+":"+zeroMembers(t, c))
	}
	for _, e := range enums {
		lines = append(lines, e.name+" = "+strings.Join(e.values, " "))
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(firstWord(a), firstWord(b)) })
	theirs := strings.Split(strings.TrimSuffix(string(want), "\n"), "\n")
	if len(lines) != 67+24 || len(lines) != len(theirs) {
		t.Errorf("%d types here, %d there", len(lines), len(theirs))
	}
	for i := range min(len(lines), len(theirs)) {
		if lines[i] != theirs[i] {
			t.Errorf("ours   %s\ntheirs %s", lines[i], theirs[i])
		}
	}
}

func firstWord(s string) string { return strings.TrimSuffix(strings.Fields(s)[0], ":") }

// zeroMembers encodes an empty object and lists what was written.
func zeroMembers(t *testing.T, c *class) string {
	t.Helper()
	out := soap.NewEncoder(nil)
	out.Start("x")
	out.Attr("xmlns:a", DefaultDataNamespace)
	out.Attr("xmlns:i", soap.NamespaceXSI)
	if err := encodeMembers(out, Namespaces{}.Filled(), c, reflect.New(c.of).Elem()); err != nil {
		t.Fatal(err)
	}
	out.End()
	data, err := out.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	root, err := soap.Parse(data, "utf-8", soap.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var list strings.Builder
	for _, m := range root.Children {
		if m.IsNil() {
			list.WriteString(" " + m.Local + "?")
		} else {
			list.WriteString(" " + m.Local + "=" + m.Text)
		}
	}
	return list.String()
}

// Mono still makes the same of the C# contract.
func TestExportIsReproducible(t *testing.T) {
	for _, tool := range []string{"mcs", "mono"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("SKIPPED LAYER: no " + tool + " (packages mono-mcs, mono-devel), the schemas of the C# contract are not made anew")
		}
	}
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "sh", filepath.Join(otherHand, "export.sh"), dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	made, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(made) != 9 {
		t.Fatalf("%d files, %v", len(made), err)
	}
	for _, file := range made {
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join(otherHand, filepath.Base(file)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is another", filepath.Base(file))
		}
	}
}
