package soap

import (
	"strconv"
	"unicode/utf8"

	"strowger/switch/fault"
)

// prefix is the prefix of the SOAP namespace in all messages we send: old
// peers match "SOAP-ENV:Client" as text.
const prefix = "SOAP-ENV"

// Encoder writes XML in the order of the calls. Characters that XML 1.0 cannot
// carry are dropped and counted; an illegal element or attribute name and an
// unbalanced document are errors of Bytes. The zero Encoder is ready for use;
// it is not safe for concurrent use.
type Encoder struct {
	buf     []byte
	open    []string
	inTag   bool
	dropped int
	err     error
}

// NewEncoder returns an Encoder that appends to buf[:0].
func NewEncoder(buf []byte) *Encoder { return &Encoder{buf: buf[:0]} }

// StartDocument writes the XML declaration.
func (e *Encoder) StartDocument() {
	e.buf = append(e.buf, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"...)
}

// StartEnvelope writes the XML declaration and opens Envelope and Body.
func (e *Encoder) StartEnvelope() {
	e.StartDocument()
	e.Start(prefix + ":Envelope")
	e.Attr("xmlns:"+prefix, Namespace)
	e.Start(prefix + ":Body")
}

// EndEnvelope closes Body and Envelope.
func (e *Encoder) EndEnvelope() {
	e.End()
	e.End()
}

// Start opens an element; name carries its prefix if it has one.
func (e *Encoder) Start(name string) {
	e.closeTag()
	e.checkName(name)
	e.buf = append(e.buf, '<')
	e.buf = append(e.buf, name...)
	e.open = append(e.open, name)
	e.inTag = true
}

// Attr adds an attribute to the element that was just opened.
func (e *Encoder) Attr(name, value string) {
	if !e.inTag {
		e.fail("attribute " + name + " comes after the element's content")
		return
	}
	e.checkName(name)
	e.buf = append(e.buf, ' ')
	e.buf = append(e.buf, name...)
	e.buf = append(e.buf, '=', '"')
	e.escape(value, true)
	e.buf = append(e.buf, '"')
}

// Text writes character data into the open element.
func (e *Encoder) Text(s string) {
	if s == "" {
		return
	}
	e.closeTag()
	e.escape(s, false)
}

// End closes the innermost open element.
func (e *Encoder) End() {
	n := len(e.open)
	if n == 0 {
		e.fail("more elements are closed than were opened")
		return
	}
	name := e.open[n-1]
	e.open = e.open[:n-1]
	if e.inTag {
		e.inTag = false
		e.buf = append(e.buf, '/', '>')
		return
	}
	e.buf = append(e.buf, '<', '/')
	e.buf = append(e.buf, name...)
	e.buf = append(e.buf, '>')
}

// Leaf writes <name>text</name>, or <name/> for an empty text.
func (e *Encoder) Leaf(name, text string) {
	e.Start(name)
	e.Text(text)
	e.End()
}

// LeafInt writes an element with a decimal number.
func (e *Encoder) LeafInt(name string, v int) { e.LeafInt64(name, int64(v)) }

// LeafInt64 writes an element with a decimal number of up to 64 bits.
func (e *Encoder) LeafInt64(name string, v int64) {
	e.Start(name)
	e.closeTag()
	e.buf = strconv.AppendInt(e.buf, v, 10)
	e.End()
}

// LeafNil writes <name i:nil="true"/>. The caller has bound the prefix i to
// XML Schema's namespace of instances.
func (e *Encoder) LeafNil(name string) {
	e.Start(name)
	e.Attr("i:nil", "true")
	e.End()
}

// LeafBool writes an element with true or false.
func (e *Encoder) LeafBool(name string, v bool) {
	e.Start(name)
	e.closeTag()
	e.buf = strconv.AppendBool(e.buf, v)
	e.End()
}

// Dropped counts characters that were left out because XML 1.0 cannot carry
// them (section 2.2).
func (e *Encoder) Dropped() int { return e.dropped }

// Bytes returns the document. It fails (fault.Internal) when an element is
// still open or a name was illegal. The bytes belong to the encoder's buffer.
func (e *Encoder) Bytes() ([]byte, error) {
	if e.err == nil && len(e.open) > 0 {
		e.fail("element " + e.open[len(e.open)-1] + " is still open")
	}
	return e.buf, e.err
}

func (e *Encoder) fail(reason string) {
	if e.err == nil {
		e.err = fault.New(fault.Internal, "soap: encode", "", reason)
	}
}

func (e *Encoder) closeTag() {
	if e.inTag {
		e.buf = append(e.buf, '>')
		e.inTag = false
	}
}

// checkName refuses everything but letters, digits and the few signs that an
// XML name may hold; names beyond ASCII pass as the decoder let them pass.
func (e *Encoder) checkName(name string) {
	for i := 0; i < len(name); i++ {
		c := name[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= utf8.RuneSelf
		if letter || (i > 0 && (c >= '0' && c <= '9' || c == '-' || c == '.' || c == ':')) {
			continue
		}
		e.fail("illegal XML name " + strconv.Quote(clip(name, 60)))
		return
	}
	if name == "" {
		e.fail("empty XML name")
	}
}

// escape appends s. A carriage return is written as a reference, since XML
// readers turn a bare one into a line feed (XML 1.0 section 2.11).
func (e *Encoder) escape(s string, attr bool) {
	last := 0
	for i := 0; i < len(s); {
		r, width := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, width = utf8.DecodeRuneInString(s[i:])
		}
		ref := ""
		switch {
		case r == '&':
			ref = "&amp;"
		case r == '<':
			ref = "&lt;"
		case r == '>':
			ref = "&gt;"
		case r == '\r':
			ref = "&#xD;"
		case attr && r == '"':
			ref = "&quot;"
		case attr && r == '\n':
			ref = "&#xA;"
		case attr && r == '\t':
			ref = "&#x9;"
		case !legal(r) || (r == utf8.RuneError && width == 1):
			e.dropped++
		default:
			i += width
			continue
		}
		e.buf = append(e.buf, s[last:i]...)
		e.buf = append(e.buf, ref...)
		i += width
		last = i
	}
	e.buf = append(e.buf, s[last:]...)
}

// legal reports whether XML 1.0 can carry r (section 2.2, production Char).
func legal(r rune) bool {
	return r >= 0x20 && r <= 0xD7FF || r == '\t' || r == '\n' || r == '\r' ||
		r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}
