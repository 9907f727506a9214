package ctips

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
)

// class is a data contract: how a Go struct travels.
type class struct {
	name    string
	of      reflect.Type
	base    *class   // its members go first
	members []member // its own, in the order of the wire
}

// member is one member of a class, or one item of an array.
type member struct {
	name  string
	kind  kind
	enum  *enumeration // of kindEnum
	class *class       // of kindClass
	item  *member      // of kindArray: its name is the items'
	index []int        // of the Go field
}

type kind uint8

const (
	kindInt kind = iota
	kindLong
	kindBool
	kindString
	kindEnum
	kindClass
	kindArray
)

// nillable tells reference types from values.
func (m *member) nillable() bool {
	return m.kind == kindString || m.kind == kindClass || m.kind == kindArray
}

// classes are all data contracts: arguments, data, the base class of events,
// events.
var classes = newClasses(slices.Concat(argClasses(), []*class{
	classOf[UserCredentials](""), classOf[SessionObject](""),
	classOf[ServiceInfo]("CTIServiceInfo"), classOf[CallInfo]("CTICallInfo"), classOf[CallDataItem]("CTICallDataItem"),
	classOf[SnapShotAgentData]("CTISnapShotAgentData"), classOf[SnapShotCallData]("CTISnapShotCallData"),
	classOf[SnapShotServiceData]("CTISnapShotServiceData"),
	classOf[CTIEvent](""),
}, eventClasses()))

// classByType and classByName find a class.
var (
	classByType = index(classes, func(c *class) reflect.Type { return c.of })
	classByName = index(classes, func(c *class) string { return c.name })
)

func argClasses() []*class {
	var list []*class
	for _, op := range AgentCallService.Operations {
		for _, p := range op.Params {
			list = append(list, &class{name: p.Type.Name(), of: p.Type})
		}
	}
	return list
}

// eventClasses are the events in the order of chapter 4.
func eventClasses() []*class {
	return []*class{
		classOf[AgentLoginStateChangeEvent](""), classOf[AgentLoginRequestFailedEvent](""), classOf[AgentStateChangeEvent](""),
		classOf[AudioPathStateChangeEvent](""), classOf[EnterPasscodeEvent](""), classOf[ServiceStateChangeEvent](""),
		classOf[AgentRequestFailedEvent](""), classOf[CallClearedEvent](""), classOf[CallCompletedEvent](""),
		classOf[CallConferencedEvent](""), classOf[CallConnectedEvent](""), classOf[CallConsultationEvent](""),
		classOf[CallDataUpdateEvent](""), classOf[CallDeliveredEvent](""), classOf[CallEndEvent](""),
		classOf[CallEstablishedEvent](""), classOf[CallHeldEvent](""), classOf[CallOfferedEvent](""),
		classOf[CallOriginatedEvent](""), classOf[CallRequestFailedEvent](""), classOf[CallRetrievedEvent](""),
		classOf[CallStartedEvent](""), classOf[CallTransferredEvent](""), classOf[DigitsDialedEvent](""),
		classOf[RouteRequestEvent](""), classOf[RouteUsedEvent](""), classOf[RouteRejectEvent](""),
		classOf[RouteRequestFailedEvent](""), classOf[SnapShotUpdateEvent](""), classOf[SnapShotRequestFailedEvent](""),
		classOf[LinkStatusEvent](""),
	}
}

// classOf is a class whose members are not known yet; without a name it has
// that of its Go type.
func classOf[T any](name string) *class {
	t := reflect.TypeFor[T]()
	return &class{name: cmp.Or(name, t.Name()), of: t}
}

// newClasses finds out the members. The classes stand in this file: one that
// cannot travel is a mistake of ours, and the program does not start with it.
func newClasses(list []*class) []*class {
	byType := index(list, func(c *class) reflect.Type { return c.of })
	for _, c := range list {
		c.collect(byType, c.of, nil)
		slices.SortFunc(c.members, func(a, b member) int { return cmp.Compare(a.name, b.name) })
	}
	return list
}

// collect adds the members of t, which is the class's type or is embedded in
// it: an embedded class is its base, another embedded struct lends its fields.
func (c *class) collect(byType map[reflect.Type]*class, t reflect.Type, at []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		where := append(slices.Clone(at), i)
		name := f.Tag.Get("wire")
		switch {
		case f.Anonymous && byType[f.Type] != nil:
			c.base = byType[f.Type]
		case f.Anonymous:
			c.collect(byType, f.Type, where)
		case name == "":
			panic(fmt.Sprintf("ctips: field %s.%s has no name", c.name, f.Name))
		default:
			m := newMember(byType, name, f.Type)
			m.index = where
			c.members = append(c.members, m)
		}
	}
}

// newMember describes a value of type t.
func newMember(byType map[reflect.Type]*class, name string, t reflect.Type) member {
	m := member{name: name}
	switch enum := enumByType[t]; {
	case enum != nil:
		m.kind, m.enum = kindEnum, enum
	case t.Kind() == reflect.Slice:
		item := newMember(byType, "", t.Elem())
		item.name = item.typeName()
		m.kind, m.item = kindArray, &item
	case t.Kind() == reflect.Pointer && byType[t.Elem()] != nil:
		m.kind, m.class = kindClass, byType[t.Elem()]
	case byType[t] != nil:
		m.kind, m.class = kindClass, byType[t]
	case t == reflect.TypeFor[int32]():
		m.kind = kindInt
	case t == reflect.TypeFor[int64]():
		m.kind = kindLong
	case t == reflect.TypeFor[bool]():
		m.kind = kindBool
	case t == reflect.TypeFor[string]():
		m.kind = kindString
	default:
		panic(fmt.Sprintf("ctips: member %s has type %s, which has no form on the wire", name, t))
	}
	return m
}

// typeName is the local name of the member's type in a schema.
func (m *member) typeName() string {
	switch m.kind {
	case kindInt:
		return "int"
	case kindLong:
		return "long"
	case kindBool:
		return "boolean"
	case kindString:
		return "string"
	case kindEnum:
		return m.enum.name
	case kindClass:
		return m.class.name
	case kindArray:
		return "ArrayOf" + m.item.typeName()
	}
	return ""
}

// lineage is the class after its bases.
func (c *class) lineage() []*class {
	if c.base == nil {
		return []*class{c}
	}
	return append(c.base.lineage(), c)
}

// is tells whether c is other or one of its subclasses.
func (c *class) is(other *class) bool {
	return c == other || c.base != nil && c.base.is(other)
}

// field finds the member's Go field; v is a struct of its class or of one
// derived from it.
func (c *class) field(v reflect.Value, m *member) reflect.Value {
	for v.Type() != c.of { // the base is the first field
		v = v.Field(0)
	}
	return v.FieldByIndex(m.index)
}

// param describes a parameter or a result.
func param(name string, t reflect.Type) member { return newMember(classByType, name, t) }

func index[K comparable, V any](list []V, key func(V) K) map[K]V {
	found := make(map[K]V, len(list))
	for _, v := range list {
		found[key(v)] = v
	}
	return found
}
