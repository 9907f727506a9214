package ici

import (
	"strings"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// Style says how messages are written where real peers differ (sap.md 2.3).
type Style struct {
	// Unqualified writes children without namespace, as RPC/literal peers do;
	// otherwise they are in the wrapper's namespace.
	Unqualified bool
	// CmsHostIDOutside repeats cmsHostId after the response element.
	CmsHostIDOutside bool
	// SendDTMF is the peer's name of the operation that sends digits, which the
	// reference does not name; empty: the contract's.
	SendDTMF string
}

// name is what an operation is called.
func (st Style) name(op Op) string {
	if op == OpSendDTMF && st.SendDTMF != "" {
		return st.SendDTMF
	}
	return op.Name()
}

// Meta is what the transport knows about a message.
type Meta struct {
	Path   string // of the URL
	Action string // SOAPAction without quotes
}

// Request is a decoded request.
type Request struct {
	Op       Op
	Name     string // of the operation as received, echoed in the response's name
	User     string // header entry user, for the audit trail; may be empty
	Language string // header entry language, SAP or ISO code; may be empty
	Params   Params // of the type that the contract names for Op
	// Mismatch is set when SOAPAction and namespace named different
	// interfaces; the namespace was believed.
	Mismatch bool
}

// Understood tells the SOAP reader which header entries are known, whatever
// their namespace: user and language.
func Understood(_, local string) bool { return local == "user" || local == "language" }

// DecodeRequest finds the operation that an envelope calls and decodes its
// parameters. The interface is taken from the path, else from the body's
// namespace, else from the SOAPAction, else from an operation name that only
// one interface has (sap.md 2.2). On the base URL an operation in a foreign
// namespace is refused: it is meant for somebody else. Every error is an [Error]: x/91 for
// malformed requests, x/92 for operations that are not offered, 5/2 for
// illegal numbers. Of the style only names count: children are read either way.
func DecodeRequest(m Meta, env *soap.Envelope, st Style) (*Request, error) {
	hint := ServiceHint(m.Path, m.Action)
	if len(env.Body) != 1 {
		return nil, Refuse(hint, Malformed(hint), "the Body must hold exactly one element, it holds %d", len(env.Body))
	}
	call := env.Body[0]
	if call.Space != "" && serviceOfNamespace(call.Space) == 0 && serviceOfPath(m.Path) == 0 {
		return nil, Refuse(hint, Malformed(hint), "operation %q is in the namespace %q, which is none of ICI's: use urn:Ici...Interface, or none", short(call.Local), short(call.Space))
	}
	service, mismatch := resolve(m, call, st)
	if service == 0 {
		return nil, Refuse(hint, Malformed(hint),
			"cannot tell the interface of operation %q: set the SOAPAction, the namespace urn:Ici...Interface or the service's own path", short(call.Local))
	}
	op, ok := lookup(service, call.Local, st)
	if !ok {
		return nil, notOffered(service, call.Local)
	}
	req := &Request{Op: op, Name: call.Local, Params: contract[op].params(), Mismatch: mismatch}
	for _, h := range env.Header {
		switch h.Local {
		case "user":
			req.User = short(h.Value())
		case "language":
			req.Language = short(h.Value())
		}
	}
	if err := read(call, service, req.Params.fields); err != nil {
		return nil, err
	}
	return req, nil
}

// resolve applies the order of evidence of sap.md 2.2.
func resolve(m Meta, call *soap.Element, st Style) (s Service, mismatch bool) {
	if s = serviceOfPath(m.Path); s != 0 {
		return s, false
	}
	byAction, byNamespace := serviceOfAction(m.Action), serviceOfNamespace(call.Space)
	switch {
	case byNamespace != 0:
		return byNamespace, byAction != 0 && byAction != byNamespace
	case byAction != 0:
		return byAction, false
	}
	return serviceByOperation(call.Local, st), false
}

func notOffered(s Service, name string) error {
	if reserved(s, name) {
		return Refuse(s, NotOffered(s), "operation %s.%s is not offered by this switch", s, short(name))
	}
	return Refuse(s, NotOffered(s), "interface %s has no operation %q", s, short(name))
}

// EncodeRequest writes the body of a request, for clients of this interface.
func EncodeRequest(out *soap.Encoder, op Op, p Params, st Style) error {
	if !op.known() {
		return fault.New(fault.Internal, "ici: encode request", "", "unknown operation")
	}
	wrap(out, op.Service().Namespace(), st.name(op), "n", st.Unqualified, p.fields)
	return nil
}

// EncodeResponse writes the body of a response: the request's name as
// received plus "Response", around the reply.
func EncodeResponse(out *soap.Encoder, req *Request, r Reply, st Style) error {
	if !req.Op.known() || r == nil {
		return fault.New(fault.Internal, "ici: encode response", req.Name, "unknown operation or no reply")
	}
	wrap(out, req.Op.Service().Namespace(), req.Name+"Response", "n", st.Unqualified, func(c codec) { r.reply(c, st) })
	return nil
}

// DecodeResponse reads the response to op, for clients of this interface. A
// SOAP fault is returned as *soap.Fault, see [CodeOf].
func DecodeResponse(op Op, env *soap.Envelope) (Reply, error) {
	if f := env.Fault(); f != nil {
		return nil, f
	}
	if !op.known() || len(env.Body) != 1 || !strings.HasSuffix(env.Body[0].Local, "Response") {
		return nil, fault.New(fault.Invalid, "ici: decode response", op.String(), "this is no response to the operation")
	}
	r := contract[op].answer()
	if err := read(env.Body[0], op.Service(), func(c codec) { r.reply(c, Style{}) }); err != nil {
		return nil, err
	}
	return r, nil
}

// wrap writes a wrapper element. Qualified children inherit the default
// namespace; for unqualified ones the wrapper alone carries a prefix.
func wrap(out *soap.Encoder, namespace, name, prefix string, unqualified bool, fields func(codec)) {
	if unqualified {
		out.Start(prefix + ":" + name)
		out.Attr("xmlns:"+prefix, namespace)
	} else {
		out.Start(name)
		out.Attr("xmlns", namespace)
	}
	fields(writer{out})
	out.End()
}

// read decodes a wrapper element and gives errors their interface.
func read(e *soap.Element, s Service, fields func(codec)) error {
	var err error
	fields(reader{parent: e, err: &err})
	return InService(s, err)
}

// short bounds foreign text that is repeated in errors and logs.
func short(s string) string {
	const limit = 100
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "..."
	}
	return s
}
