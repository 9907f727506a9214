package ici

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// describedServices are the interfaces that have a WSDL.
var describedServices = []Service{
	ServiceSystem, ServiceUser, ServiceContainer, ServiceItem, ServicePhoneLine, ServicePhoneCall,
	ServiceFolder, ServiceMessage, ServiceChatLine, ServiceChatSession, ServiceActionItem, ServiceMonitor, ServiceEvent,
}

// between cuts the part of s from the first start to the last end, both included.
func between(t *testing.T, s, start, end string) string {
	t.Helper()
	i, j := strings.Index(s, start), strings.LastIndex(s, end)
	if i < 0 || j < i {
		t.Fatalf("no %s ... %s in\n%s", start, end, s)
	}
	return s[i : j+len(end)]
}

// body cuts the content of the Body out of an envelope.
func body(t *testing.T, doc []byte) string {
	t.Helper()
	const start, end = "<SOAP-ENV:Body>", "</SOAP-ENV:Body>"
	s := between(t, string(doc), start, end)
	return s[len(start) : len(s)-len(end)]
}

// TestMessagesFollowTheWSDL validates all messages of the contract, in every
// style, against the schema that is published for that style.
func TestMessagesFollowTheWSDL(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("SKIPPED LAYER: xmllint (package libxml2-utils) is not installed, messages are not validated against the WSDL")
	}
	params, replies := sampleParams(), sampleReplies()
	for name, st := range styles() {
		dir := t.TempDir()
		files := map[Service][]string{}
		put := func(s Service, file, doc string) {
			path := filepath.Join(dir, name+"-"+file+".xml")
			if err := os.WriteFile(path, []byte(doc), 0o600); err != nil {
				t.Fatal(err)
			}
			files[s] = append(files[s], path)
		}
		for _, op := range Ops() {
			put(op.Service(), op.String(), body(t, requestDoc(t, op, params[op], st)))
			put(op.Service(), op.String()+"-response", body(t, responseDoc(t, op, st.name(op), replies[op], st)))
		}
		put(ServiceUser, "ping", body(t, responseDoc(t, OpUserGetAttributes, "getAttributes", &CmsPong{"X"}, st)))
		for _, e := range sampleEvents() {
			doc, err := EncodeEvent(e, !st.Unqualified)
			if err != nil {
				t.Fatal(err)
			}
			put(ServiceEvent, e.EventName(), body(t, doc))
		}
		for _, s := range describedServices {
			if s != ServiceEvent {
				doc, err := soap.EncodeFault(FaultOf(s, fault.New(fault.NotFound, "", "", "no such thing")))
				if err != nil {
					t.Fatal(err)
				}
				put(s, s.String()+"-fault", between(t, string(doc), "<x:IciErrorCodes", "</x:IciErrorCodes>"))
			}
			validate(t, dir, s, st, files[s])
		}
	}
}

func validate(t *testing.T, dir string, s Service, st Style, messages []string) {
	t.Helper()
	doc, err := WSDL(s, "http://127.0.0.1/x", st)
	if err != nil {
		t.Fatal(err)
	}
	xsd := filepath.Join(dir, s.String()+".xsd")
	if err := os.WriteFile(xsd, []byte(between(t, string(doc), "<xs:schema", "</xs:schema>")), 0o600); err != nil {
		t.Fatal(err)
	}
	if len(messages) == 0 {
		t.Fatalf("no message for %v", s)
	}
	out, err := exec.CommandContext(t.Context(), "xmllint", append([]string{"--noout", "--schema", xsd}, messages...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%v: %v\n%s", s, err, out)
	}
	broken := filepath.Join(dir, "broken.xml")
	if err := os.WriteFile(broken, []byte(`<`+"x xmlns=\""+s.Namespace()+`"/>`), 0o600); err != nil {
		t.Fatal(err)
	}
	if exec.CommandContext(t.Context(), "xmllint", "--noout", "--schema", xsd, broken).Run() == nil {
		t.Errorf("%v: the validator accepts an unknown element, so it proves nothing", s)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	cfg := DefaultConfig()
	for path, want := range map[string]string{
		"/OII/OII.asmx":              `location="http://switch:8181/OII/IciSystemService.asmx"`,
		"/OII/IciItemService.asmx":   `location="http://switch:8181/OII/IciItemService.asmx"`,
		"/oii/phonelineservice.asmx": `location="http://switch:8181/OII/IciPhoneLineService.asmx"`,
		"/OII/IciEventService.asmx":  `location="http://receiver.example/IciEventService"`,
	} {
		doc, err := cfg.Describe("http://switch:8181", path)
		if err != nil || !strings.Contains(string(doc), want) {
			t.Errorf("%s: %v, no %s in\n%s", path, err, want, doc)
		}
	}
	if _, err := WSDL(0, "http://switch:8181", Style{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("an interface without operations is described: %v", err)
	}
	cfg.PublicURL = "https://switch.example/"
	doc, err := cfg.Describe(`http://evil"><x`, "/OII/OII.asmx")
	if err != nil || !strings.Contains(string(doc), `"https://switch.example/OII/IciSystemService.asmx"`) {
		t.Errorf("publicURL is not used: %v\n%s", err, doc)
	}
}
