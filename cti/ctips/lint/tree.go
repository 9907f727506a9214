package lint

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"strowger/switch/fault"
)

// Namespaces of descriptions.
const (
	spaceWSDL   = "http://schemas.xmlsoap.org/wsdl/"
	spaceSoap   = "http://schemas.xmlsoap.org/wsdl/soap/"
	spaceAction = "http://www.w3.org/2006/05/addressing/wsdl"
	spaceXS     = "http://www.w3.org/2001/XMLSchema"
	transport   = "http://schemas.xmlsoap.org/soap/http"
)

// Bounds of a document.
const (
	maxDepth = 32
	maxNodes = 100_000
)

// Name is a qualified name.
type Name struct{ Space, Local string }

// node is an element with the prefixes that are declared on it.
type node struct {
	Name
	attrs    map[Name]string
	prefixes map[string]string
	parent   *node
	children []*node
}

// parse reads a document into nodes.
func parse(doc []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(doc))
	root := &node{}
	at, depth, count := root, 0, 0
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, invalid("it is no XML: " + err.Error())
		}
		switch t := tok.(type) {
		case xml.Directive:
			return nil, invalid("it has a DOCTYPE")
		case xml.StartElement:
			if depth, count = depth+1, count+1; depth > maxDepth || count > maxNodes {
				return nil, invalid("it is nested too deep or too long")
			}
			n := newNode(t, at)
			at.children = append(at.children, n)
			at = n
		case xml.EndElement:
			at, depth = at.parent, depth-1
		}
	}
	if len(root.children) != 1 {
		return nil, invalid("it has no root element")
	}
	return root.children[0], nil
}

func newNode(t xml.StartElement, parent *node) *node {
	n := &node{Name: Name{t.Name.Space, t.Name.Local}, attrs: map[Name]string{}, prefixes: map[string]string{}, parent: parent}
	for _, a := range t.Attr {
		switch {
		case a.Name.Space == "xmlns":
			n.prefixes[a.Name.Local] = a.Value
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			n.prefixes[""] = a.Value
		default:
			n.attrs[Name{a.Name.Space, a.Name.Local}] = a.Value
		}
	}
	return n
}

func invalid(reason string) error {
	return fault.New(fault.Invalid, "ctips: lint", "description", reason)
}

// attr returns an attribute without namespace.
func (n *node) attr(name string) string { return n.attrs[Name{"", name}] }

// qname resolves a prefixed name by the declarations in scope.
func (n *node) qname(s string) Name {
	if s == "" {
		return Name{}
	}
	prefix, local, prefixed := strings.Cut(s, ":")
	if !prefixed {
		prefix, local = "", s
	}
	for at := n; at != nil; at = at.parent {
		if space, ok := at.prefixes[prefix]; ok {
			return Name{space, local}
		}
	}
	return Name{"no such prefix: " + prefix, local}
}

// list returns the children of a name.
func (n *node) list(space, local string) []*node {
	var found []*node
	for _, c := range n.children {
		if c.Space == space && c.Local == local {
			found = append(found, c)
		}
	}
	return found
}

// first returns the first child of a name, or nil.
func (n *node) first(space, local string) *node {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if c.Space == space && c.Local == local {
			return c
		}
	}
	return nil
}

// walk visits n and all below it.
func (n *node) walk(visit func(*node)) {
	visit(n)
	for _, c := range n.children {
		c.walk(visit)
	}
}
