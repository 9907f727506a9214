package sapphone

import (
	"net/http"
	"sort"
	"strconv"
	"strings"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// wsdlPath is where SAP systems describe function modules:
// /sap/bc/soap/wsdl11?services=NAME.
const wsdlPath = "/sap/bc/soap/wsdl11"

const (
	namespaceWSDL     = "http://schemas.xmlsoap.org/wsdl/"
	namespaceWSDLSoap = "http://schemas.xmlsoap.org/wsdl/soap/"
	transportHTTP     = "http://schemas.xmlsoap.org/soap/http"
	serviceName       = "SAPphone"
	maxServices       = 4096 // characters of a list of names
)

func wantsDescription(r *http.Request) bool {
	q := r.URL.Query()
	for key := range q {
		if k := strings.ToLower(key); k == "wsdl" || k == "singlewsdl" || k == "services" {
			return true
		}
	}
	return r.URL.Path == wsdlPath
}

// describe serves the description of the functions that are named, or of all.
func (s *Server) describe(w http.ResponseWriter, r *http.Request) {
	list := r.URL.Query().Get("services")
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	doc, err := s.describeSome(scheme+r.Host, list)
	if err != nil {
		http.Error(w, fault.ReasonOf(err), http.StatusNotFound)
		return
	}
	s.soap.Stats.WSDLs.Add(1)
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write(doc) // a peer that left is no news
}

func (s *Server) describeAll(base string) ([]byte, error) { return s.describeSome(base, "") }

func (s *Server) describeSome(base, list string) ([]byte, error) {
	functions := s.meta.Functions(functionIn)
	if list != "" {
		if len(list) > maxServices {
			return nil, fault.New(fault.Invalid, "sapphone: wsdl", "", "the list of services is too long")
		}
		functions = nil
		for _, name := range strings.Split(list, ",") {
			fn, ok := s.Describe(name)
			if !ok {
				return nil, fault.New(fault.NotFound, "sapphone: wsdl", short(name), "there is no function "+short(name))
			}
			functions = append(functions, answeredAs(fn, strings.TrimSpace(name)))
		}
	}
	return WSDL(functions, base+s.now().Path)
}

// WSDL describes functions as SAP systems do: document/literal, elements
// without namespace, one element NAME and one NAME.Response for each.
func WSDL(functions []*Function, address string) ([]byte, error) {
	out := soap.NewEncoder(make([]byte, 0, 64<<10))
	out.Start("wsdl:definitions")
	for _, a := range [][2]string{
		{"xmlns:wsdl", namespaceWSDL},
		{"xmlns:soap", namespaceWSDLSoap},
		{"xmlns:xsd", soap.NamespaceXS},
		{"xmlns:" + prefixRFC, namespaceRFC},
		{"targetNamespace", namespaceRFC},
	} {
		out.Attr(a[0], a[1])
	}
	writeSchema(out, functions)
	writeMessages(out, functions)
	writePortType(out, functions)
	writeBinding(out, functions)
	out.Start("wsdl:service")
	out.Attr("name", serviceName+"Service")
	out.Start("wsdl:port")
	out.Attr("name", serviceName+"Port")
	out.Attr("binding", prefixRFC+":"+serviceName+"Binding")
	empty(out, "soap:address", "location", address)
	out.End()
	out.End()
	out.End()
	return out.Bytes()
}

// empty writes an element that has attributes alone.
func empty(out *soap.Encoder, name string, attrs ...string) {
	out.Start(name)
	for i := 0; i+1 < len(attrs); i += 2 {
		out.Attr(attrs[i], attrs[i+1])
	}
	out.End()
}

// xsType names the schema type of a value: texts by their length, as SAP does.
func xsType(t Type, length int) string {
	switch t {
	case Char:
		return prefixRFC + ":char" + strconv.Itoa(length)
	case Numc:
		return prefixRFC + ":numeric" + strconv.Itoa(length)
	case Int4:
		return "xsd:int"
	case Dats:
		return prefixRFC + ":date"
	case Tims:
		return prefixRFC + ":time"
	case String, Structure:
	}
	return "xsd:string"
}

// simpleTypes lists the types with a length that functions use.
func simpleTypes(functions []*Function) []string {
	seen := map[string]bool{}
	note := func(t Type, n int) {
		switch t {
		case Char:
			seen["char"+strconv.Itoa(n)] = true
		case Numc:
			seen["numeric"+strconv.Itoa(n)] = true
		case Int4, Dats, Tims, String, Structure:
		}
	}
	for _, f := range functions {
		for i := range f.Params {
			note(f.Params[i].Type, f.Params[i].Len)
			for _, c := range f.Params[i].Columns {
				note(c.Type, c.Len)
			}
		}
	}
	out := make([]string, 0, len(seen))
	for name := range seen {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

func writeSchema(out *soap.Encoder, functions []*Function) {
	out.Start("wsdl:types")
	out.Start("xsd:schema")
	out.Attr("targetNamespace", namespaceRFC)
	out.Attr("elementFormDefault", "unqualified")
	for _, name := range simpleTypes(functions) {
		out.Start("xsd:simpleType")
		out.Attr("name", name)
		out.Start("xsd:restriction")
		out.Attr("base", "xsd:string")
		digits := strings.TrimLeft(name, "abcdefghijklmnopqrstuvwxyz")
		empty(out, "xsd:maxLength", "value", digits)
		if strings.HasPrefix(name, "numeric") {
			empty(out, "xsd:pattern", "value", `\d*`)
		}
		out.End()
		out.End()
	}
	writePattern(out, "date", `\d\d\d\d-\d\d-\d\d`)
	writePattern(out, "time", `\d\d:\d\d:\d\d`)
	for _, f := range functions {
		writeElement(out, f, f.Name, func(d Direction) bool { return d != Export })
		writeElement(out, f, f.Name+responseEnd, func(d Direction) bool { return d != Import })
	}
	out.End()
	out.End()
}

func writePattern(out *soap.Encoder, name, pattern string) {
	out.Start("xsd:simpleType")
	out.Attr("name", name)
	out.Start("xsd:restriction")
	out.Attr("base", "xsd:string")
	empty(out, "xsd:pattern", "value", pattern)
	out.End()
	out.End()
}

// writeElement describes a call or an answer. The order is free, and what may
// be left out is optional, as are all tables.
func writeElement(out *soap.Encoder, f *Function, name string, wanted func(Direction) bool) {
	out.Start("xsd:element")
	out.Attr("name", nameToXML(name))
	out.Start("xsd:complexType")
	out.Start("xsd:all")
	for i := range f.Params {
		p := &f.Params[i]
		if !wanted(p.Dir) {
			continue
		}
		optional := p.Optional || p.Dir == Tables
		if p.Type != Structure {
			writeLeaf(out, p.Name, p.Type, p.Len, optional)
			continue
		}
		out.Start("xsd:element")
		out.Attr("name", nameToXML(p.Name))
		if optional {
			out.Attr("minOccurs", "0")
		}
		out.Start("xsd:complexType")
		out.Start("xsd:sequence")
		if p.Dir == Tables {
			out.Start("xsd:element")
			out.Attr("name", itemName)
			out.Attr("minOccurs", "0")
			out.Attr("maxOccurs", "unbounded")
			out.Start("xsd:complexType")
			out.Start("xsd:sequence")
			writeColumns(out, p.Columns)
			out.End()
			out.End()
			out.End()
		} else {
			writeColumns(out, p.Columns)
		}
		out.End()
		out.End()
		out.End()
	}
	out.End()
	out.End()
	out.End()
}

func writeColumns(out *soap.Encoder, columns []Column) {
	for _, c := range columns {
		writeLeaf(out, c.Name, c.Type, c.Len, true)
	}
}

func writeLeaf(out *soap.Encoder, name string, t Type, length int, optional bool) {
	out.Start("xsd:element")
	out.Attr("name", nameToXML(name))
	out.Attr("type", xsType(t, length))
	if optional {
		out.Attr("minOccurs", "0")
	}
	out.End()
}

func writeMessages(out *soap.Encoder, functions []*Function) {
	for _, f := range functions {
		for _, end := range []string{"", responseEnd} {
			out.Start("wsdl:message")
			out.Attr("name", nameToXML(f.Name)+strings.ReplaceAll(end, ".", ""))
			empty(out, "wsdl:part", "name", "parameters", "element", prefixRFC+":"+nameToXML(f.Name)+end)
			out.End()
		}
	}
}

func writePortType(out *soap.Encoder, functions []*Function) {
	out.Start("wsdl:portType")
	out.Attr("name", serviceName)
	for _, f := range functions {
		name := nameToXML(f.Name)
		out.Start("wsdl:operation")
		out.Attr("name", name)
		empty(out, "wsdl:input", "message", prefixRFC+":"+name)
		empty(out, "wsdl:output", "message", prefixRFC+":"+name+strings.TrimPrefix(responseEnd, "."))
		out.End()
	}
	out.End()
}

func writeBinding(out *soap.Encoder, functions []*Function) {
	out.Start("wsdl:binding")
	out.Attr("name", serviceName+"Binding")
	out.Attr("type", prefixRFC+":"+serviceName)
	empty(out, "soap:binding", "style", "document", "transport", transportHTTP)
	for _, f := range functions {
		out.Start("wsdl:operation")
		out.Attr("name", nameToXML(f.Name))
		empty(out, "soap:operation", "soapAction", namespaceRFC)
		for _, side := range []string{"wsdl:input", "wsdl:output"} {
			out.Start(side)
			empty(out, "soap:body", "use", "literal")
			out.End()
		}
		out.End()
	}
	out.End()
}
