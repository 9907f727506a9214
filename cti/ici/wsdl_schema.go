package ici

import (
	"time"

	"strowger/cti/soap"
)

// schema is a codec that records the elements which a message type visits,
// instead of reading or writing them: the source of the WSDL's types.
type schema struct {
	self  *complexType
	types *typeTable
}

// complexType is a sequence of elements.
type complexType struct {
	name     string
	elements []schemaElement
	// unqualified takes the elements out of the namespace whatever the
	// schema's default is.
	unqualified bool
}

// schemaElement is one element of a complexType.
type schemaElement struct {
	name string
	typ  string // with prefix
	need bool
	many bool
	null bool
}

// typeTable collects the named types in the order in which they are met.
type typeTable struct {
	byName map[string]*complexType
	order  []*complexType
}

const (
	prefixXS  = "xs:"
	prefixOwn = "tns:"
	arrayOf   = "ArrayOf"
)

func (s schema) add(f field, typ string) {
	s.self.elements = append(s.self.elements, schemaElement{name: f.name, typ: typ, need: f.need, null: f.null})
}

func (s schema) text(f field, _ *string) { s.add(f, prefixXS+"string") }
func (s schema) whole(f field, _ *int)   { s.add(f, prefixXS+"int") }
func (s schema) truth(f field, _ *bool)  { s.add(f, prefixXS+"boolean") }

func (s schema) moment(f field, _ *time.Time) {
	f.null = true
	s.add(f, prefixXS+"dateTime")
}

func (s schema) record(f field, typ string, v record) {
	s.add(f, prefixOwn+typ)
	if t, isNew := s.types.define(typ); isNew {
		v.fields(schema{self: t, types: s.types})
	}
}

func (s schema) list(f field, typ string, v items) {
	s.add(f, prefixOwn+arrayOf+typ)
	t, isNew := s.types.define(arrayOf + typ)
	if !isNew {
		return
	}
	v.grow()
	v.visit(schema{self: t, types: s.types}, field{name: itemName}, 0)
	for i := range t.elements {
		t.elements[i].many = true
	}
}

func (t *typeTable) define(name string) (*complexType, bool) {
	if have, ok := t.byName[name]; ok {
		return have, false
	}
	c := &complexType{name: name}
	t.byName[name] = c
	t.order = append(t.order, c)
	return c, true
}

// wrapper is the element that a message consists of.
type wrapper struct {
	name    string
	content complexType
}

// wrapperOf records a message's wrapper element and the types it needs.
func (t *typeTable) wrapperOf(name string, fields func(codec)) wrapper {
	w := wrapper{name: name}
	fields(schema{self: &w.content, types: t})
	return w
}

func (c *complexType) write(out *soap.Encoder) {
	out.Start("xs:complexType")
	if c.name != "" {
		out.Attr("name", c.name)
	}
	out.Start("xs:sequence")
	for _, e := range c.elements {
		out.Start("xs:element")
		out.Attr("name", e.name)
		out.Attr("type", e.typ)
		if c.unqualified {
			out.Attr("form", namespaceUnqualified)
		}
		if !e.need {
			out.Attr("minOccurs", "0")
		}
		if e.null {
			out.Attr("nillable", "true")
		}
		if e.many {
			out.Attr("maxOccurs", "unbounded")
		}
		out.End()
	}
	out.End()
	out.End()
}

// writeSchema writes the schema of one namespace.
func writeSchema(out *soap.Encoder, namespace string, unqualified bool, wrappers []wrapper, types *typeTable) {
	form := namespaceQualified
	if unqualified {
		form = namespaceUnqualified
	}
	out.Start("xs:schema")
	out.Attr("xmlns:xs", soap.NamespaceXS)
	out.Attr("xmlns:tns", namespace)
	out.Attr("targetNamespace", namespace)
	out.Attr("elementFormDefault", form)
	for i := range wrappers {
		out.Start("xs:element")
		out.Attr("name", wrappers[i].name)
		wrappers[i].content.write(out)
		out.End()
	}
	for _, t := range types.order {
		t.write(out)
	}
	out.End()
}
