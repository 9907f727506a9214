package lint

import "cmp"

// Schemas are the types and elements that a document defines.
type Schemas struct {
	Types    map[Name]Type
	Elements map[Name]Type // a global element: Of is its type, or Members those of its own

	list []*node
}

// Type is a class, an array or an enumeration, or a global element.
type Type struct {
	Of       Name // of an element: its type
	Nillable bool // of an element
	Base     Name // of a derived class
	Members  []Member
	Values   []string // of an enumeration

	node *node
}

// Member is an element of a sequence.
type Member struct {
	Name     string
	Type     Name
	Min, Max string
	Nillable bool

	node *node
}

// Read reads the schemas of a description, or one schema.
func Read(doc []byte) (*Schemas, error) {
	root, err := parse(doc)
	if err != nil {
		return nil, err
	}
	return schemasOf(root), nil
}

func schemasOf(root *node) *Schemas {
	s := &Schemas{Types: map[Name]Type{}, Elements: map[Name]Type{}}
	root.walk(func(n *node) {
		if n.Space == spaceXS && n.Local == "schema" {
			s.add(n)
		}
	})
	return s
}

func (s *Schemas) add(schema *node) {
	s.list = append(s.list, schema)
	space := schema.attr("targetNamespace")
	for _, n := range schema.children {
		name := Name{space, n.attr("name")}
		switch n.Local {
		case "complexType":
			s.Types[name] = complexType(n)
		case "simpleType":
			s.Types[name] = simpleType(n)
		case "element":
			t := Type{node: n}
			if inner := n.first(spaceXS, "complexType"); inner != nil {
				t = complexType(inner)
				t.node = n
			}
			t.Of, t.Nillable = n.qname(n.attr("type")), n.attr("nillable") == "true"
			s.Elements[name] = t
		}
	}
}

func complexType(n *node) Type {
	t := Type{node: n}
	holder := n
	if ext := n.first(spaceXS, "complexContent").first(spaceXS, "extension"); ext != nil {
		holder, t.Base = ext, ext.qname(ext.attr("base"))
	}
	seq := holder.first(spaceXS, "sequence")
	if seq == nil {
		return t
	}
	for _, e := range seq.list(spaceXS, "element") {
		t.Members = append(t.Members, Member{
			Name: e.attr("name"), Type: e.qname(e.attr("type")),
			Min: cmp.Or(e.attr("minOccurs"), "1"), Max: cmp.Or(e.attr("maxOccurs"), "1"),
			Nillable: e.attr("nillable") == "true", node: e,
		})
	}
	return t
}

func simpleType(n *node) Type {
	t := Type{node: n}
	restriction := n.first(spaceXS, "restriction")
	if restriction == nil {
		return t
	}
	t.Base = restriction.qname(restriction.attr("base"))
	for _, v := range restriction.list(spaceXS, "enumeration") {
		t.Values = append(t.Values, v.attr("value"))
	}
	return t
}
