package soap

import "strings"

// Attr is an attribute: Space is the namespace (empty for none), Local the
// name without prefix.
type Attr struct {
	Space, Local, Value string
}

// Element is one node of a message. Text is all its character data in order,
// white space included, without that of its children; white space between children alone
// counts as no text.
type Element struct {
	Space    string
	Local    string
	Attrs    []Attr
	Text     string
	Children []*Element
}

// Child returns the first child with the local name, in any namespace: an
// exact match first, then one that differs in case only. It returns nil when
// there is none, and is safe on a nil Element.
func (e *Element) Child(local string) *Element {
	if e == nil {
		return nil
	}
	for _, c := range e.Children {
		if c.Local == local {
			return c
		}
	}
	for _, c := range e.Children {
		if strings.EqualFold(c.Local, local) {
			return c
		}
	}
	return nil
}

// Attr returns the value of the attribute with the local name in any
// namespace, or "".
func (e *Element) Attr(local string) string {
	if e == nil {
		return ""
	}
	for i := range e.Attrs {
		if e.Attrs[i].Local == local {
			return e.Attrs[i].Value
		}
	}
	return ""
}

// Value returns the text without surrounding white space. A nil Element and
// one with xsi:nil="true" have the value "".
func (e *Element) Value() string {
	if e == nil || e.IsNil() {
		return ""
	}
	return strings.TrimSpace(e.Text)
}

// IsNil reports xsi:nil="true" (XML Schema 1.0 part 1, 2.6.2).
func (e *Element) IsNil() bool {
	for i := range e.Attrs {
		a := &e.Attrs[i]
		if a.Local == "nil" && a.Space == NamespaceXSI {
			return isTrue(a.Value)
		}
	}
	return false
}

// isTrue reads the lexical forms of xs:boolean that mean true.
func isTrue(s string) bool {
	s = strings.TrimSpace(s)
	return s == "1" || s == "true"
}
