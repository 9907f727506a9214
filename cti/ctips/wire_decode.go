package ctips

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Order is what to do about members that come in another order than the
// contract's.
type Order int

// The orders.
const (
	OrderStrict Order = iota // refuse them: WCF would lose them silently
	OrderAny                 // take them as they come
)

// maxNamespace bounds a namespace that is mirrored and kept for a session.
const maxNamespace = 512

// Call is a decoded message: an operation and its arguments, each a pointer to
// a struct, an [Event], a plain value, or nil where it may be.
type Call struct {
	Op   *Operation
	Args []any
	// Namespaces are those that the message used; where it tells none, the
	// field is empty.
	Namespaces Namespaces
}

// DecodeCall reads a message that calls one of the contract's operations, by
// the local name of the first entry of the body: neither SOAPAction nor
// namespace matter. Errors are *[soap.Fault]s for the peer.
func (c *Contract) DecodeCall(env *soap.Envelope, order Order) (*Call, error) {
	if len(env.Body) != 1 {
		return nil, malformed("the Body has %d entries, not one operation", len(env.Body))
	}
	wrapper := env.Body[0]
	op := c.Operation(wrapper.Local)
	if op == nil {
		return nil, malformed("no operation %q; %s has %s", clip(wrapper.Local), c.Name, c.names())
	}
	call := &Call{Op: op, Args: make([]any, len(op.Params))}
	d := decoder{order: order, op: op.Name}
	found, err := d.children(wrapper, op.Name, op.paramNames())
	if err != nil {
		return nil, err
	}
	for i, p := range op.Params {
		if call.Args[i], err = d.param(p, found[p.Name]); err != nil {
			return nil, err
		}
	}
	call.Namespaces.Data = d.data
	if c.callback {
		call.Namespaces.Callback = wrapper.Space
	} else {
		call.Namespaces.Service = wrapper.Space
	}
	if len(d.data) > maxNamespace || len(wrapper.Space) > maxNamespace {
		return nil, malformed("a namespace of more than %d characters is not taken", maxNamespace)
	}
	return call, nil
}

// DecodeReply reads the answer to op: an int32, a pointer to a struct, or nil.
// A fault of the peer's comes back as a *[soap.Fault], an answer that is none
// as fault.Invalid.
func DecodeReply(op *Operation, env *soap.Envelope) (any, error) {
	if f := env.Fault(); f != nil {
		return nil, f
	}
	if len(env.Body) != 1 || env.Body[0].Local != op.Name+"Response" {
		return nil, fault.New(fault.Invalid, "ctips: decode", op.Name, "the answer is no "+op.Name+"Response")
	}
	if op.Result == nil {
		return nil, nil
	}
	d := decoder{order: OrderStrict, op: op.Name}
	return d.param(Param{op.Name + "Result", op.Result}, env.Body[0].Child(op.Name+"Result"))
}

// names lists the operations.
func (c *Contract) names() string {
	list := make([]string, len(c.Operations))
	for i, op := range c.Operations {
		list[i] = op.Name
	}
	return strings.Join(list, ", ")
}

func (op *Operation) paramNames() []string {
	list := make([]string, len(op.Params))
	for i, p := range op.Params {
		list[i] = p.Name
	}
	return list
}

// decoder reads one message.
type decoder struct {
	order Order
	op    string
	data  string // namespace of the first member seen
}

// param reads a parameter or a result.
func (d *decoder) param(p Param, e *soap.Element) (any, error) {
	m := param(p.Name, p.Type)
	if m.kind != kindClass {
		v := reflect.New(p.Type).Elem()
		if e == nil {
			return v.Interface(), nil
		}
		if err := d.value(e, d.op, &m, v); err != nil {
			return nil, err
		}
		return v.Interface(), nil
	}
	if e == nil || e.IsNil() {
		return nil, malformed("%s has no %s", d.op, p.Name)
	}
	c, err := typeOf(e, m.class)
	if err != nil {
		return nil, err
	}
	v := reflect.New(c.of)
	if err := d.members(e, c, v.Elem()); err != nil {
		return nil, err
	}
	return v.Interface(), nil
}

// typeOf is the class of an element that is declared as one: that one, or
// the derived one that xsi:type names.
func typeOf(e *soap.Element, declared *class) (*class, error) {
	name := ""
	for _, a := range e.Attrs {
		if a.Space == soap.NamespaceXSI && a.Local == "type" {
			name = a.Value
		}
	}
	if name == "" {
		return declared, nil
	}
	_, local, prefixed := strings.Cut(name, ":")
	if !prefixed {
		local = name
	}
	c := classByName[strings.TrimSpace(local)]
	if c == nil || !c.is(declared) {
		return nil, malformed("%s has the type %q, which is no %s", e.Local, clip(name), declared.name)
	}
	return c, nil
}

// members reads the members of a struct.
func (d *decoder) members(e *soap.Element, c *class, v reflect.Value) error {
	var names []string
	for _, part := range c.lineage() {
		for i := range part.members {
			names = append(names, part.members[i].name)
		}
	}
	found, err := d.children(e, c.name, names)
	if err != nil {
		return err
	}
	for _, part := range c.lineage() {
		for i := range part.members {
			m := &part.members[i]
			child := found[m.name]
			if child == nil {
				continue
			}
			if d.data == "" {
				d.data = child.Space
			}
			if err := d.value(child, c.name, m, part.field(v, m)); err != nil {
				return err
			}
		}
	}
	return nil
}

// children finds the known children of an element by name. Unknown ones are
// passed over, as a newer client may have more; one that comes twice is
// refused, one out of order as the decoder is told.
func (d *decoder) children(e *soap.Element, in string, names []string) (map[string]*soap.Element, error) {
	if strings.TrimSpace(e.Text) != "" {
		return nil, malformed("%s holds text where members belong", in)
	}
	place := make(map[string]int, len(names))
	for i, name := range names {
		place[name] = i
	}
	found := make(map[string]*soap.Element, len(names))
	last := -1
	for _, child := range e.Children {
		at, known := place[child.Local]
		switch {
		case !known:
			continue
		case found[child.Local] != nil:
			return nil, malformed("%s has the member %s twice", in, child.Local)
		case at < last && d.order == OrderStrict:
			return nil, malformed("%s: member %s comes after %s; the order is %s", in, child.Local, names[last], strings.Join(names, ", "))
		}
		found[child.Local] = child
		last = max(last, at)
	}
	return found, nil
}

// value reads one member into v.
func (d *decoder) value(e *soap.Element, in string, m *member, v reflect.Value) error {
	if m.kind == kindClass || m.kind == kindArray {
		return d.tree(e, in, m, v)
	}
	if len(e.Children) > 0 {
		return malformed("%s.%s holds elements, and is of type %s", in, m.name, m.typeName())
	}
	if e.IsNil() {
		if m.kind == kindString {
			return nil
		}
		return malformed("%s.%s is nil, which type %s does not have", in, m.name, m.typeName())
	}
	if m.kind == kindString {
		v.SetString(e.Text)
		return nil
	}
	return plain(strings.TrimSpace(e.Text), in, m, v)
}

// plain reads the text of a number, a bool or an enumeration.
func plain(text, in string, m *member, v reflect.Value) error {
	if m.kind == kindEnum {
		at := slices.Index(m.enum.values, text)
		if at < 0 {
			return malformed("%s.%s is %q; %s has %s", in, m.name, clip(text), m.enum.name, strings.Join(m.enum.values, ", "))
		}
		v.SetInt(int64(at))
		return nil
	}
	if m.kind == kindBool {
		if text != "true" && text != "false" && text != "1" && text != "0" {
			return malformed("%s.%s is %q, not true or false", in, m.name, clip(text))
		}
		v.SetBool(text == "true" || text == "1")
		return nil
	}
	n, err := strconv.ParseInt(text, 10, v.Type().Bits())
	if err != nil {
		return malformed("%s.%s is %q, not a number of %d bits", in, m.name, clip(text), v.Type().Bits())
	}
	v.SetInt(n)
	return nil
}

// tree reads a class or an array.
func (d *decoder) tree(e *soap.Element, in string, m *member, v reflect.Value) error {
	if e.IsNil() {
		return nil
	}
	if m.kind == kindClass {
		c, err := typeOf(e, m.class)
		if err != nil {
			return err
		}
		if v.Kind() == reflect.Pointer {
			v.Set(reflect.New(c.of))
			v = v.Elem()
		}
		return d.members(e, c, v)
	}
	if strings.TrimSpace(e.Text) != "" {
		return malformed("%s.%s holds text where items belong", in, m.name)
	}
	items := reflect.MakeSlice(v.Type(), len(e.Children), len(e.Children))
	for i, child := range e.Children {
		if child.Local != m.item.name {
			return malformed("%s.%s holds items named %s, not %q", in, m.name, m.item.name, clip(child.Local))
		}
		if err := d.value(child, in+"."+m.name, m.item, items.Index(i)); err != nil {
			return err
		}
	}
	v.Set(items)
	return nil
}

// clip shortens what a peer sent for a text that goes back and into a log.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}
