package sapphone

import (
	"strconv"
	"strings"

	"strowger/cti/soap"
	"strowger/switch/fault"
)

// wsdlLimits bound a description of one function.
var wsdlLimits = soap.Limits{Bytes: maxMetadata, Elements: 100_000}

// schemaSet is what a description's schemas define.
type schemaSet struct {
	elements map[string]*soap.Element
	simple   map[string]*soap.Element
	complex  map[string]*soap.Element
}

// readWSDL reads the parameters of a function out of a description in the
// forms that SAP systems write: types inline or by name.
func readWSDL(doc []byte, function string) ([]wsdlParam, error) {
	root, err := soap.Parse(doc, "", wsdlLimits)
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "sapphone: wsdl", function, "the description cannot be read: %s", fault.ReasonOf(err))
	}
	s := schemaSet{map[string]*soap.Element{}, map[string]*soap.Element{}, map[string]*soap.Element{}}
	s.collect(root)
	name := nameToXML(function)
	call, answer := s.elements[name], s.elements[name+responseEnd]
	if answer == nil {
		answer = s.elements[name+"Response"]
	}
	if call == nil {
		return nil, fault.Newf(fault.NotFound, "sapphone: wsdl", function, "the description does not have the function")
	}
	return s.params(call, answer, function)
}

// collect finds the definitions of all schemas.
func (s *schemaSet) collect(e *soap.Element) {
	for _, c := range e.Children {
		if e.Local == "schema" {
			switch c.Local {
			case "element":
				s.elements[c.Attr("name")] = c
			case "simpleType":
				s.simple[c.Attr("name")] = c
			case "complexType":
				s.complex[c.Attr("name")] = c
			}
			continue
		}
		s.collect(c)
	}
}

// params joins call and answer: what is in both is changing, or a table.
func (s *schemaSet) params(call, answer *soap.Element, function string) ([]wsdlParam, error) {
	var out []wsdlParam
	for _, side := range []struct {
		element *soap.Element
		dir     Direction
	}{{call, Import}, {answer, Export}} {
		for _, e := range s.children(side.element) {
			p, err := s.param(e, function)
			if err != nil {
				return nil, err
			}
			i := indexOf(out, p.name)
			switch {
			case p.dir == Tables && i < 0:
				out = append(out, p)
			case p.dir == Tables:
			case i >= 0:
				out[i].dir = Changing
			default:
				p.dir = side.dir
				out = append(out, p)
			}
		}
	}
	if len(out) > maxParams {
		return nil, fault.Newf(fault.Invalid, "sapphone: wsdl", function, "there are more than %d parameters", maxParams)
	}
	return out, nil
}

// children are the elements that an element's type holds.
func (s *schemaSet) children(e *soap.Element) []*soap.Element {
	if e == nil {
		return nil
	}
	t := e.Child("complexType")
	if t == nil {
		t = s.complex[local(e.Attr("type"))]
	}
	for _, group := range []string{"sequence", "all"} {
		if g := t.Child(group); g != nil {
			var out []*soap.Element
			for _, c := range g.Children {
				if c.Local == "element" {
					out = append(out, c)
				}
			}
			return out
		}
	}
	return nil
}

// local is a name without prefix.
func local(name string) string {
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}

func (s *schemaSet) param(e *soap.Element, function string) (wsdlParam, error) {
	p := wsdlParam{name: strings.ToUpper(nameFromXML(e.Attr("name"))), optional: e.Attr("minOccurs") == "0", named: local(e.Attr("type"))}
	if !namePattern.MatchString(p.name) {
		return p, fault.Newf(fault.Invalid, "sapphone: wsdl", function, "%q is no name of a parameter", short(p.name))
	}
	inner := s.children(e)
	if len(inner) == 0 {
		p.typ, p.length = s.simpleType(e)
		return p, nil
	}
	p.typ = Structure
	if len(inner) == 1 && strings.EqualFold(inner[0].Attr("name"), itemName) {
		p.dir, p.named = Tables, local(inner[0].Attr("type"))
		lines := s.children(inner[0])
		if len(lines) == 0 { // a table of plain values
			return p, fault.Newf(fault.Invalid, "sapphone: wsdl", function, "table %s has no lines with fields", p.name)
		}
		inner = lines
	}
	for _, c := range inner {
		f := wsdlParam{name: strings.ToUpper(nameFromXML(c.Attr("name")))}
		f.typ, f.length = s.simpleType(c)
		if !namePattern.MatchString(f.name) || len(s.children(c)) > 0 {
			return p, fault.Newf(fault.Invalid, "sapphone: wsdl", function, "%s.%s: only flat structures can be used", p.name, short(f.name))
		}
		p.fields = append(p.fields, f)
	}
	return p, nil
}

// byXSD are schema types with an ABAP type of their own.
var byXSD = map[string]Type{
	"int": Int4, "integer": Int4, "short": Int4, "byte": Int4, "unsignedByte": Int4, "date": Dats, "time": Tims,
}

// simpleType tells an ABAP type and its length from a schema type: inline, by
// name, or built in. What fits none is a text without length.
func (s *schemaSet) simpleType(e *soap.Element) (Type, int) {
	t := e.Child("simpleType")
	name := local(e.Attr("type"))
	if t == nil {
		t = s.simple[name]
	}
	if t == nil {
		typ, known := byXSD[name]
		if !known {
			typ = String
		}
		return typ, fixedLen[typ]
	}
	r := t.Child("restriction")
	length, err := strconv.Atoi(r.Child("maxLength").Attr("value"))
	if err != nil || length < 1 || length > maxCharLen {
		length = 0
	}
	pattern := r.Child("pattern").Attr("value")
	typ, known := byXSD[local(r.Attr("base"))]
	switch {
	case known:
		return typ, fixedLen[typ]
	case strings.Contains(pattern, "-"):
		return Dats, fixedLen[Dats]
	case strings.Contains(pattern, ":"):
		return Tims, fixedLen[Tims]
	case length > 0 && strings.Contains(pattern, `\d`):
		return Numc, length
	case length > 0:
		return Char, length
	}
	return String, 0
}
