package lint

import (
	"fmt"
	"slices"
	"strings"
)

// Check returns a line for every rule that a description breaks: the rule's
// name, where, and what is wrong. An error means that it cannot be read.
func Check(doc []byte) ([]string, error) {
	root, err := parse(doc)
	if err != nil {
		return nil, err
	}
	if root.Name != (Name{spaceWSDL, "definitions"}) {
		return nil, invalid("its root is " + root.Local + ", not a WSDL 1.1 description")
	}
	c := &checker{root: root, Schemas: schemasOf(root)}
	for _, schema := range c.list {
		c.schema(schema)
	}
	for name, t := range c.Types {
		c.namedType(name, t)
	}
	for name, e := range c.Elements {
		if e.Of == (Name{}) { // a wrapper, with a type of its own
			c.occurrences(name.Local, e)
		}
	}
	c.messages()
	c.operations()
	slices.Sort(c.found)
	return c.found, nil
}

type checker struct {
	*Schemas
	root  *node
	found []string
}

func (c *checker) report(rule, where, format string, args ...any) {
	c.found = append(c.found, rule+": "+where+": "+fmt.Sprintf(format, args...))
}

// schema holds a schema to what the serializer understands at all.
func (c *checker) schema(schema *node) {
	space := schema.attr("targetNamespace")
	if schema.attr("elementFormDefault") != "qualified" {
		c.report("qualified", space, "elementFormDefault is not qualified")
	}
	imported := map[string]bool{space: true, spaceXS: true}
	for _, i := range schema.list(spaceXS, "import") {
		imported[i.attr("namespace")] = true
	}
	schema.walk(func(n *node) {
		switch n.Local {
		case "schema", "import", "element", "complexType", "simpleType", "complexContent", "extension", "sequence", "restriction", "enumeration":
		default:
			if n.parent.Local != "restriction" { // told by the rule for enumerations
				c.report("construct", space, "xs:%s is none of the constructs of data contracts", n.Local)
			}
		}
		for _, key := range []string{"type", "base"} {
			name := n.qname(n.attr(key))
			if name == (Name{}) {
				continue
			}
			if !imported[name.Space] {
				c.report("import", space, "%s is used and its namespace not imported", name.Local)
			}
			if !c.defined(name) {
				c.report("undefined", space, "%s %s of %s is nowhere defined", key, name.Local, n.attr("name"))
			}
		}
		if n.Local == "complexContent" && n.attr("mixed") != "false" {
			c.report("mixed", n.parent.attr("name"), "complexContent is not mixed=\"false\"")
		}
		if n.Local == "complexType" && n.first(spaceXS, "sequence") == nil && n.first(spaceXS, "complexContent").first(spaceXS, "extension").first(spaceXS, "sequence") == nil {
			c.report("sequence", n.attr("name"), "a type without a sequence")
		}
	})
}

// plain are the types of XML Schema that are values, and string.
var plain = []string{"int", "long", "boolean"}

func (c *checker) defined(name Name) bool {
	if name.Space == spaceXS {
		return name.Local == "string" || slices.Contains(plain, name.Local)
	}
	_, ok := c.Types[name]
	return ok
}

// reference tells types that may be nil from values.
func (c *checker) reference(name Name) bool {
	if name.Space == spaceXS {
		return name.Local == "string"
	}
	return c.Types[name].Values == nil
}

func (c *checker) namedType(name Name, t Type) {
	e, ok := c.Elements[name]
	if !ok || e.Of != name || !e.Nillable {
		c.report("global element", name.Local, "no nillable element of the type's name and type")
	}
	if t.node.Local == "simpleType" {
		c.enumeration(name, t)
		return
	}
	c.occurrences(name.Local, t)
	inherited := map[string]bool{}
	for base, ok := c.Types[t.Base]; ok; base, ok = c.Types[base.Base] {
		for _, m := range base.Members {
			inherited[m.Name] = true
		}
	}
	for i, m := range t.Members {
		if i > 0 && t.Members[i-1].Name >= m.Name {
			c.report("order", name.Local, "%s after %s", m.Name, t.Members[i-1].Name)
		}
		if inherited[m.Name] {
			c.report("inherited", name.Local, "%s is a member of the base already", m.Name)
		}
	}
}

// occurrences checks the elements of a sequence, of a type or of a wrapper.
func (c *checker) occurrences(where string, t Type) {
	for _, m := range t.Members {
		if m.Min != "0" {
			c.report("optional", where, "%s is not minOccurs=\"0\"", m.Name)
		}
		switch reference := c.reference(m.Type); {
		case reference && !m.Nillable:
			c.report("nillable", where, "%s is a reference and not nillable", m.Name)
		case !reference && m.Nillable:
			c.report("not nillable", where, "%s is a value and nillable", m.Name)
		}
		if m.Max != "1" && (m.Max != "unbounded" || len(t.Members) != 1 || !strings.HasPrefix(where, "ArrayOf")) {
			c.report("array", where, "%s repeats, which only the one element of an ArrayOf type may", m.Name)
		}
	}
	if strings.HasPrefix(where, "ArrayOf") && (len(t.Members) != 1 || t.Members[0].Max != "unbounded") {
		c.report("array", where, "it has not one element that repeats")
	}
}

func (c *checker) enumeration(name Name, t Type) {
	if t.Base != (Name{spaceXS, "string"}) || len(t.Values) == 0 {
		c.report("enumeration", name.Local, "it is no list of strings")
		return
	}
	for _, facet := range t.node.first(spaceXS, "restriction").children {
		if facet.Local != "enumeration" || len(facet.children) > 0 {
			c.report("enumeration", name.Local, "it has the facet %s", facet.Local)
		}
	}
}
