package ctips

import "testing"

func TestWSDLNeedsNamespacesOfTheirOwn(t *testing.T) {
	for _, ns := range []Namespaces{
		{Service: "urn:x", Data: "urn:x"},
		{Data: arraysNamespace},
		{Service: arraysNamespace},
	} {
		if doc, err := AgentCallService.WSDL(ns, "http://h/"); err == nil {
			t.Errorf("%+v gave %.80s", ns, doc)
		}
	}
}
