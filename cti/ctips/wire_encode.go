package ctips

import (
	"reflect"
	"strconv"

	"strowger/cti/soap"
)

// Prefixes of what we send: data, arrays, schema instance.
const (
	dataPrefix     = "a:"
	arraysPrefix   = "b:"
	instancePrefix = "i:"
)

// EncodeCall returns a message that calls op: the request of a client, or our
// call of a callback. An argument is a pointer to a struct, an [Event] or a
// plain value; nil travels as such.
func EncodeCall(ns Namespaces, op *Operation, args ...any) ([]byte, error) {
	out := soap.NewEncoder(nil)
	if err := encodeCall(out, ns, op, args...); err != nil {
		return nil, err
	}
	return out.Bytes()
}

// encodeCall is EncodeCall into an encoder of the caller's, who can then ask
// it for dropped characters.
func encodeCall(out *soap.Encoder, ns Namespaces, op *Operation, args ...any) error {
	if len(args) != len(op.Params) {
		return wrong(op.Name, "it has "+strconv.Itoa(len(op.Params))+" parameters, not "+strconv.Itoa(len(args)))
	}
	ns = ns.Filled()
	out.StartEnvelope()
	out.Start(op.Name)
	out.Attr("xmlns", op.in.namespace(ns))
	for i, p := range op.Params {
		if err := encodeParam(out, ns, p.Name, p.Type, args[i]); err != nil {
			return err
		}
	}
	out.End()
	out.EndEnvelope()
	return nil
}

// encodeReply writes the body of op's answer.
func encodeReply(out *soap.Encoder, ns Namespaces, op *Operation, result any) error {
	ns = ns.Filled()
	out.Start(op.Name + "Response")
	out.Attr("xmlns", op.in.namespace(ns))
	if op.Result != nil {
		if err := encodeParam(out, ns, op.Name+"Result", op.Result, result); err != nil {
			return err
		}
	}
	out.End()
	return nil
}

// EncodeReply returns a whole answer to op.
func EncodeReply(ns Namespaces, op *Operation, result any) ([]byte, error) {
	out := soap.NewEncoder(nil)
	out.StartEnvelope()
	if err := encodeReply(out, ns, op, result); err != nil {
		return nil, err
	}
	out.EndEnvelope()
	return out.Bytes()
}

// encodeParam writes a parameter or result of type t, a class with its
// namespaces. A value of a class derived from t says so.
func encodeParam(out *soap.Encoder, ns Namespaces, name string, t reflect.Type, value any) error {
	m := param(name, t)
	v := reflect.ValueOf(value)
	if m.kind != kindClass {
		if v.IsValid() && v.Type() != t {
			return wrong(name, "it is a "+v.Type().String()+", not a "+t.String())
		}
		return encodeLeaf(out, ns, "", &m, v)
	}
	for v.IsValid() && v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	out.Start(name)
	if !v.IsValid() {
		out.Attr(instancePrefix+"nil", "true")
		out.Attr("xmlns:i", soap.NamespaceXSI)
		out.End()
		return nil
	}
	c := classByType[v.Type()]
	if c == nil || !c.is(m.class) {
		return wrong(name, v.Type().String()+" is no "+m.class.name)
	}
	if c != m.class {
		out.Attr(instancePrefix+"type", dataPrefix+c.name)
	}
	out.Attr("xmlns:a", ns.Data)
	out.Attr("xmlns:i", soap.NamespaceXSI)
	if err := encodeMembers(out, ns, c, v); err != nil {
		return err
	}
	out.End()
	return nil
}

// encodeLeaf writes a parameter that is no class. An absent one is left to its
// default.
func encodeLeaf(out *soap.Encoder, ns Namespaces, prefix string, m *member, v reflect.Value) error {
	if !v.IsValid() {
		return nil
	}
	if m.kind == kindString && v.String() == "" {
		out.Leaf(prefix+m.name, "") // no xmlns:i in scope to say nil with, and empty will do
		return nil
	}
	return encodeValue(out, ns, prefix, m, v)
}

// encodeMembers writes all members of a struct, those of the base class first.
func encodeMembers(out *soap.Encoder, ns Namespaces, c *class, v reflect.Value) error {
	for _, part := range c.lineage() {
		for i := range part.members {
			m := &part.members[i]
			if err := encodeValue(out, ns, dataPrefix, m, part.field(v, m)); err != nil {
				return err
			}
		}
	}
	return nil
}

// encodeValue writes one member. What is empty and can be nil is nil; an array
// that is empty and not nil is an empty element.
func encodeValue(out *soap.Encoder, ns Namespaces, prefix string, m *member, v reflect.Value) error {
	name := prefix + m.name
	switch m.kind {
	case kindInt, kindLong:
		out.Leaf(name, strconv.FormatInt(v.Int(), 10))
	case kindBool:
		out.LeafBool(name, v.Bool())
	case kindEnum:
		text := m.enum.text(v.Int())
		if text == "" {
			return wrong(m.name, m.enum.name+" has no value "+strconv.FormatInt(v.Int(), 10))
		}
		out.Leaf(name, text)
	case kindString:
		if v.String() == "" {
			encodeNil(out, name)
			return nil
		}
		out.Leaf(name, v.String())
	case kindClass:
		for v.Kind() == reflect.Pointer {
			if v.IsNil() {
				encodeNil(out, name)
				return nil
			}
			v = v.Elem()
		}
		out.Start(name)
		if err := encodeMembers(out, ns, m.class, v); err != nil {
			return err
		}
		out.End()
	case kindArray:
		return encodeArray(out, ns, name, m.item, v)
	}
	return nil
}

// encodeArray writes an array: items of simple types are in a namespace of
// their own, those of our types in that of the data.
func encodeArray(out *soap.Encoder, ns Namespaces, name string, item *member, v reflect.Value) error {
	if v.IsNil() {
		encodeNil(out, name)
		return nil
	}
	out.Start(name)
	prefix := dataPrefix
	if item.foreign() {
		prefix = arraysPrefix
		out.Attr("xmlns:b", arraysNamespace)
	}
	for i := range v.Len() {
		if item.kind == kindString { // empty, not nil: positions count
			out.Leaf(prefix+item.name, v.Index(i).String())
			continue
		}
		if err := encodeValue(out, ns, prefix, item, v.Index(i)); err != nil {
			return err
		}
	}
	out.End()
	return nil
}

// foreign tells types of XML Schema from ours.
func (m *member) foreign() bool {
	return m.kind != kindEnum && m.kind != kindClass && m.kind != kindArray
}

func encodeNil(out *soap.Encoder, name string) {
	out.Start(name)
	out.Attr(instancePrefix+"nil", "true")
	out.End()
}
