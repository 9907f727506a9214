package soap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Namespaces of SOAP 1.1, SOAP 1.2 and XML Schema instances.
const (
	Namespace   = "http://schemas.xmlsoap.org/soap/envelope/"
	NamespaceXS = "http://www.w3.org/2001/XMLSchema"
	// NamespaceXSI is the namespace of xsi:nil and xsi:type.
	NamespaceXSI = "http://www.w3.org/2001/XMLSchema-instance"

	actorNext = "http://schemas.xmlsoap.org/soap/actor/next"
)

// Limits bound one message. A zero field means its default.
type Limits struct {
	Bytes    int64 // of the body as it came, default 1 MiB
	Depth    int   // of nested elements, default 64
	Attrs    int   // of one element, namespace declarations included, default 64
	Elements int   // of the whole message, default 20000
}

// Defaults of [Limits].
const (
	DefaultBytes    = 1 << 20
	DefaultDepth    = 64
	DefaultAttrs    = 64
	DefaultElements = 20000
)

func (l Limits) filled() Limits {
	if l.Bytes <= 0 {
		l.Bytes = DefaultBytes
	}
	if l.Depth <= 0 {
		l.Depth = DefaultDepth
	}
	if l.Attrs <= 0 {
		l.Attrs = DefaultAttrs
	}
	if l.Elements <= 0 {
		l.Elements = DefaultElements
	}
	return l
}

// Envelope is a SOAP 1.1 message: header entries and body entries.
type Envelope struct {
	Header []*Element
	Body   []*Element
}

// ReadEnvelope parses a SOAP 1.1 envelope. charset is the charset parameter of
// the Content-Type or empty. understood tells which header entries the adapter
// knows; nil knows none. Every error is a *[Fault] ready to be sent: Client
// for a malformed message, VersionMismatch for an envelope of another
// namespace, MustUnderstand for a header entry that must be understood and is
// not (SOAP 1.1 sections 4.1.2, 4.2.3 and 4.4).
func ReadEnvelope(data []byte, charset string, l Limits, understood func(space, local string) bool) (*Envelope, error) {
	root, err := Parse(data, charset, l)
	if err != nil {
		return nil, err
	}
	return envelopeOf(root, understood)
}

func envelopeOf(root *Element, understood func(space, local string) bool) (*Envelope, error) {
	if root.Local != "Envelope" {
		return nil, errorf("the root element is %q, not a SOAP envelope", clip(root.Local, 60))
	}
	if root.Space != Namespace {
		return nil, &Fault{Code: CodeVersionMismatch, Text: "only SOAP 1.1 envelopes (" + Namespace + ") are accepted"}
	}
	env := &Envelope{}
	seenBody := false
	for i, c := range root.Children {
		switch {
		case c.Space == Namespace && c.Local == "Header" && i == 0:
			env.Header = c.Children
		case c.Space == Namespace && c.Local == "Body" && !seenBody:
			env.Body, seenBody = c.Children, true
		default:
			return nil, errorf("element %q is not allowed in the envelope at that place", clip(c.Local, 60))
		}
	}
	if !seenBody {
		return nil, errorf("the envelope has no Body")
	}
	if err := mustUnderstand(env.Header, understood); err != nil {
		return nil, err
	}
	return env, nil
}

func mustUnderstand(header []*Element, understood func(space, local string) bool) error {
	for _, h := range header {
		var must bool
		actor := ""
		for i := range h.Attrs {
			if h.Attrs[i].Space != Namespace {
				continue
			}
			switch h.Attrs[i].Local {
			case "mustUnderstand":
				must = isTrue(h.Attrs[i].Value)
			case "actor":
				actor = h.Attrs[i].Value
			}
		}
		if !must || (actor != "" && actor != actorNext) || (understood != nil && understood(h.Space, h.Local)) {
			continue
		}
		return &Fault{Code: CodeMustUnderstand, Text: "header entry " + clip(h.Local, 60) + " must be understood and is unknown here"}
	}
	return nil
}

// Fault returns the Fault that the body holds, or nil. Namespaces of the
// Fault's children are ignored; DetailTree is the detail element.
func (e *Envelope) Fault() *Fault {
	if len(e.Body) == 0 || e.Body[0].Local != "Fault" || e.Body[0].Space != Namespace {
		return nil
	}
	f := e.Body[0]
	code := f.Child("faultcode").Value()
	if i := strings.LastIndexByte(code, ':'); i >= 0 {
		code = code[i+1:]
	}
	return &Fault{
		Code: Code(code), Text: f.Child("faultstring").Value(),
		Actor: f.Child("faultactor").Value(), DetailTree: f.Child("detail"),
	}
}

// Parse reads one XML document into a tree within the limits. It refuses
// DOCTYPE, processing instructions (except the XML declaration) and anything
// but white space after the root. Every error is a *[Fault] with code Client.
func Parse(data []byte, charset string, l Limits) (*Element, error) {
	l = l.filled()
	if int64(len(data)) > l.Bytes {
		return nil, tooLarge(l.Bytes)
	}
	text, err := toUTF8(data, charset)
	if err != nil {
		return nil, err
	}
	if err := scanTags(text, l.Attrs); err != nil {
		return nil, err
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Strict = true
	// The text is UTF-8 by now, whatever its declaration says.
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	b := builder{limits: l}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.done()
		}
		if err != nil {
			return nil, errorf("the XML is malformed: %s", clip(err.Error(), 200))
		}
		if err := b.add(tok); err != nil {
			return nil, err
		}
	}
}

// builder makes the tree out of tokens and holds the limits.
type builder struct {
	limits Limits
	root   *Element
	stack  []frame
	count  int
}

// frame is an open element. Its text is gathered in a slice: comments can cut
// a text into very many pieces, which string concatenation would copy again
// and again.
type frame struct {
	element *Element
	text    []byte
}

func (b *builder) add(tok xml.Token) error {
	switch t := tok.(type) {
	case xml.StartElement:
		return b.start(t)
	case xml.EndElement:
		top := &b.stack[len(b.stack)-1]
		if len(top.element.Children) == 0 || len(bytes.TrimSpace(top.text)) > 0 {
			top.element.Text = string(top.text)
		}
		b.stack = b.stack[:len(b.stack)-1]
	case xml.CharData:
		if n := len(b.stack); n > 0 {
			b.stack[n-1].text = append(b.stack[n-1].text, t...)
			return nil
		}
		if len(bytes.TrimSpace(t)) > 0 {
			return errorf("there is text outside the root element")
		}
	case xml.Comment:
		if b.root != nil && len(b.stack) == 0 {
			return errorf("there is data after the root element")
		}
	case xml.ProcInst:
		if t.Target != "xml" {
			return errProcessingInstruction()
		}
	case xml.Directive:
		return errDoctype()
	}
	return nil
}

func (b *builder) start(t xml.StartElement) error {
	b.count++
	switch {
	case b.root != nil && len(b.stack) == 0:
		return errorf("there is a second root element")
	case len(b.stack) >= b.limits.Depth:
		return errorf("elements are nested deeper than %d", b.limits.Depth)
	case b.count > b.limits.Elements:
		return errorf("the message has more than %d elements", b.limits.Elements)
	case len(t.Attr) > b.limits.Attrs:
		return errAttrs(b.limits.Attrs)
	}
	e := &Element{Space: t.Name.Space, Local: t.Name.Local}
	for i, a := range t.Attr {
		for _, other := range t.Attr[:i] {
			if other.Name == a.Name {
				return errorf("attribute %q is given twice", clip(a.Name.Local, 60))
			}
		}
		if a.Name.Space == "xmlns" || (a.Name.Space == "" && a.Name.Local == "xmlns") {
			continue
		}
		e.Attrs = append(e.Attrs, Attr{Space: a.Name.Space, Local: a.Name.Local, Value: a.Value})
	}
	if b.root == nil {
		b.root = e
	} else {
		top := b.stack[len(b.stack)-1].element
		top.Children = append(top.Children, e)
	}
	b.stack = append(b.stack, frame{element: e})
	return nil
}

func (b *builder) done() (*Element, error) {
	if b.root == nil {
		return nil, errorf("the message is empty")
	}
	return b.root, nil
}
