package ctips

import (
	"reflect"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

const (
	wsdlNamespace       = "http://schemas.xmlsoap.org/wsdl/"
	wsdlSoapNamespace   = "http://schemas.xmlsoap.org/wsdl/soap/"
	wsdlActionNamespace = "http://www.w3.org/2006/05/addressing/wsdl"
	schemaNamespace     = "http://www.w3.org/2001/XMLSchema"
	httpTransport       = "http://schemas.xmlsoap.org/soap/http"
)

// WSDL returns the description of the contract in one document, schemas
// included, for a service at address.
func (c *Contract) WSDL(ns Namespaces, address string) ([]byte, error) {
	ns = ns.Filled()
	if c.namespace(ns) == ns.Data || ns.Data == arraysNamespace || c.namespace(ns) == arraysNamespace {
		return nil, fault.New(fault.Invalid, "ctips: wsdl", ns.Data, "operations, data and arrays each need a namespace of their own")
	}
	w := &wsdlWriter{Encoder: soap.NewEncoder(nil), contract: c, ns: ns, own: c.namespace(ns)}
	w.StartDocument()
	w.open("wsdl:definitions", "name", c.Endpoint, "targetNamespace", w.own, "xmlns:tns", w.own, "xmlns:wsdl", wsdlNamespace,
		"xmlns:soap", wsdlSoapNamespace, "xmlns:wsaw", wsdlActionNamespace, "xmlns:xs", schemaNamespace,
		"xmlns:data", ns.Data, "xmlns:arrays", arraysNamespace)
	w.open("wsdl:types")
	w.schemas()
	w.End()
	w.messages()
	w.portType()
	w.binding()
	w.open("wsdl:service", "name", c.Endpoint)
	w.open("wsdl:port", "name", w.bindingName(), "binding", "tns:"+w.bindingName())
	w.leaf("soap:address", "location", address)
	w.End()
	w.End()
	w.End()
	return w.Bytes()
}

// wsdlWriter writes one description.
type wsdlWriter struct {
	*soap.Encoder
	contract *Contract
	ns       Namespaces
	own      string // namespace of the operations
}

// open starts an element, on a line of its own, with attributes in pairs.
func (w *wsdlWriter) open(name string, attrs ...string) {
	w.Text("\n")
	w.Start(name)
	for i := 0; i+1 < len(attrs); i += 2 {
		w.Attr(attrs[i], attrs[i+1])
	}
}

// leaf writes an element without content.
func (w *wsdlWriter) leaf(name string, attrs ...string) {
	w.open(name, attrs...)
	w.End()
}

// bothWays are the two messages of an operation.
var bothWays = []struct{ direction, element, suffix string }{{"Input", "wsdl:input", ""}, {"Output", "wsdl:output", "Response"}}

func (w *wsdlWriter) message(op *Operation, direction string) string {
	return w.contract.Name + "_" + op.Name + "_" + direction + "Message"
}

func (w *wsdlWriter) bindingName() string { return "BasicHttpBinding_" + w.contract.Name }

// messages have one part each, called "parameters": the sign of the wrapped
// style.
func (w *wsdlWriter) messages() {
	for _, op := range w.contract.Operations {
		for _, way := range bothWays {
			w.open("wsdl:message", "name", w.message(op, way.direction))
			w.leaf("wsdl:part", "name", "parameters", "element", "tns:"+op.Name+way.suffix)
			w.End()
		}
	}
}

// portType names actions twice with the binding: generators of WCF take them
// from here alone.
func (w *wsdlWriter) portType() {
	w.open("wsdl:portType", "name", w.contract.Name)
	for _, op := range w.contract.Operations {
		w.open("wsdl:operation", "name", op.Name)
		for _, way := range bothWays {
			w.leaf(way.element, "wsaw:Action", op.Action(w.ns)+way.suffix, "message", "tns:"+w.message(op, way.direction))
		}
		w.End()
	}
	w.End()
}

func (w *wsdlWriter) binding() {
	w.open("wsdl:binding", "name", w.bindingName(), "type", "tns:"+w.contract.Name)
	w.leaf("soap:binding", "transport", httpTransport, "style", "document")
	for _, op := range w.contract.Operations {
		w.open("wsdl:operation", "name", op.Name)
		w.leaf("soap:operation", "soapAction", op.Action(w.ns), "style", "document")
		for _, way := range bothWays {
			w.open(way.element)
			w.leaf("soap:body", "use", "literal")
			w.End()
		}
		w.End()
	}
	w.End()
}

// schemas are those of the operations, of the data and of arrays of plain
// types, each with what the contract reaches.
func (w *wsdlWriter) schemas() {
	types := w.contract.reach()
	w.schema(w.own, w.ns.Data)
	for _, op := range w.contract.Operations {
		var params, result []member
		for _, p := range op.Params {
			params = append(params, param(p.Name, p.Type))
		}
		if op.Result != nil {
			result = []member{param(op.Name+"Result", op.Result)}
		}
		w.wrapper(op.Name, params)
		w.wrapper(op.Name+"Response", result)
	}
	w.End()
	w.schema(w.ns.Data, arraysNamespace)
	for _, c := range types.classes {
		w.class(c)
	}
	for _, a := range types.arrays {
		if !a.item.foreign() {
			w.array(a)
		}
	}
	for _, e := range types.enums {
		w.enum(e)
	}
	w.End()
	w.schema(arraysNamespace)
	for _, a := range types.arrays {
		if a.item.foreign() {
			w.array(a)
		}
	}
	w.End()
}

// schema opens a schema that imports others; tns is itself.
func (w *wsdlWriter) schema(space string, imports ...string) {
	w.open("xs:schema", "xmlns:tns", space, "elementFormDefault", "qualified", "targetNamespace", space)
	for _, other := range imports {
		w.leaf("xs:import", "namespace", other)
	}
}

// wrapper is the element that an operation or its answer is in.
func (w *wsdlWriter) wrapper(name string, members []member) {
	w.open("xs:element", "name", name)
	w.open("xs:complexType")
	w.sequence(members)
	w.End()
	w.End()
}

func (w *wsdlWriter) sequence(members []member) {
	w.open("xs:sequence")
	for i := range members {
		w.element(&members[i], "minOccurs", "0")
	}
	w.End()
}

// element is a member: what is a reference may be nil, what is a value not.
func (w *wsdlWriter) element(m *member, occurs ...string) {
	attrs := append(occurs, "name", m.name)
	if m.nillable() {
		attrs = append(attrs, "nillable", "true")
	}
	w.leaf("xs:element", append(attrs, "type", m.qualified())...)
}

// qualified is the member's type with its prefix.
func (m *member) qualified() string {
	switch {
	case m.kind == kindArray && m.item.foreign():
		return "arrays:" + m.typeName()
	case m.foreign():
		return "xs:" + m.typeName()
	}
	return "data:" + m.typeName()
}

func (w *wsdlWriter) class(c *class) {
	w.open("xs:complexType", "name", c.name)
	if c.base != nil {
		w.open("xs:complexContent", "mixed", "false")
		w.open("xs:extension", "base", "data:"+c.base.name)
	}
	w.sequence(c.members)
	if c.base != nil {
		w.End()
		w.End()
	}
	w.End()
	w.global(c.name)
}

func (w *wsdlWriter) array(a *member) {
	w.open("xs:complexType", "name", a.typeName())
	w.open("xs:sequence")
	w.element(a.item, "minOccurs", "0", "maxOccurs", "unbounded")
	w.End()
	w.End()
	w.global(a.typeName())
}

func (w *wsdlWriter) enum(e *enumeration) {
	w.open("xs:simpleType", "name", e.name)
	w.open("xs:restriction", "base", "xs:string")
	for _, v := range e.values {
		w.leaf("xs:enumeration", "value", v)
	}
	w.End()
	w.End()
	w.global(e.name)
}

// global is the element that every type has beside it.
func (w *wsdlWriter) global(name string) {
	w.leaf("xs:element", "name", name, "nillable", "true", "type", "tns:"+name)
}

// reached are the types that a contract needs, each once.
type reached struct {
	classes []*class
	arrays  []*member
	enums   []*enumeration
	seen    map[string]bool
}

// reach finds the types of parameters and results, of their members, and the
// classes that are derived from them.
func (c *Contract) reach() *reached {
	r := &reached{seen: map[string]bool{}}
	for _, op := range c.Operations {
		for _, p := range op.Params {
			r.add(param("", p.Type))
		}
		if op.Result != nil && op.Result.Kind() == reflect.Struct {
			r.add(param("", op.Result))
		}
	}
	return r
}

func (r *reached) add(m member) {
	if m.foreign() || r.seen[m.typeName()] {
		return
	}
	r.seen[m.typeName()] = true
	switch {
	case m.kind == kindEnum:
		r.enums = append(r.enums, m.enum)
	case m.kind == kindArray:
		r.arrays = append(r.arrays, &m)
		r.add(*m.item)
	case m.kind == kindClass:
		r.classes = append(r.classes, m.class)
		for _, own := range m.class.members {
			r.add(own)
		}
		for _, other := range classes {
			if other.base == m.class {
				r.add(member{kind: kindClass, class: other})
			}
		}
	}
}
