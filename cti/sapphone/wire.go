package sapphone

import (
	"strings"

	"strowger/cti/soap"
)

// namespaceRFC is that of SOAP-RFC; parameters are in none.
const (
	namespaceRFC = "urn:sap-com:document:sap:rfc:functions"
	prefixRFC    = "rfc"
	itemName     = "item"
	responseEnd  = ".Response"
	exceptionEnd = ".Exception"
)

// maxValue is the longest value of one parameter or field.
const maxValue = 64 << 10

// nameToXML writes a name of ABAP as XML can have it: a slash is _-.
func nameToXML(name string) string { return strings.ReplaceAll(name, "/", "_-") }

func nameFromXML(name string) string { return strings.ReplaceAll(name, "_-", "/") }

// decodeCall reads a call out of an envelope. Parameters are known by their
// names alone, in any namespace and order; what the function does not have is
// left out. Its error is an *[Exception].
func decodeCall(env *soap.Envelope, describe func(string) (*Function, bool)) (Call, error) {
	if len(env.Body) != 1 {
		return Call{}, raise(SystemException, "the body must hold one call")
	}
	root := env.Body[0]
	call := Call{Function: nameFromXML(root.Local)}
	fn, known := describe(call.Function)
	if !known {
		return call, nil // the dispatcher says so
	}
	err := readParams(root, fn, func(p *Param, f Field, t *Table) {
		if t != nil {
			call.Tables = append(call.Tables, *t)
		} else {
			call.Imports = append(call.Imports, f)
		}
	}, func(d Direction) bool { return d != Export })
	for _, e := range root.Children {
		if name := nameFromXML(e.Local); fn.Param(name) == nil {
			call.Unknown = append(call.Unknown, name)
		}
	}
	return call, err
}

// readParams reads the children of a call or an answer.
func readParams(root *soap.Element, fn *Function, add func(*Param, Field, *Table), wanted func(Direction) bool) error {
	seen := map[string]bool{}
	for _, e := range root.Children {
		p := fn.Param(nameFromXML(e.Local))
		if p == nil || !wanted(p.Dir) {
			continue
		}
		if seen[p.Name] {
			return raise(SystemException, "parameter %s is given twice", p.Name)
		}
		seen[p.Name] = true
		if p.Dir == Tables {
			t, err := readTable(e, p)
			if err != nil {
				return err
			}
			add(p, Field{}, &t)
			continue
		}
		f, err := readField(e, p.Name, p.Type, p.Columns)
		if err != nil {
			return err
		}
		add(p, f, nil)
	}
	return nil
}

func readTable(e *soap.Element, p *Param) (Table, error) {
	t := Table{Name: p.Name}
	for _, line := range e.Children {
		if !strings.EqualFold(line.Local, itemName) {
			return t, raise(SystemException, "table %s: a line must be an element %s", p.Name, itemName)
		}
		row, err := readColumns(line, p.Columns)
		if err != nil {
			return t, err
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

func readColumns(e *soap.Element, columns []Column) ([]Field, error) {
	var out []Field
	for i := range columns {
		c := &columns[i]
		child := e.Child(nameToXML(c.Name))
		if child == nil {
			continue
		}
		f, err := readField(child, c.Name, c.Type, nil)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func readField(e *soap.Element, name string, t Type, columns []Column) (Field, error) {
	f := Field{Name: name}
	var err error
	if t == Structure {
		f.Fields, err = readColumns(e, columns)
		return f, err
	}
	if len(e.Children) > 0 {
		return f, raise(SystemException, "%s holds elements, and its type is %s", name, t)
	}
	if e.IsNil() {
		return f, nil
	}
	f.Text, err = readValue(name, t, e.Text)
	return f, err
}

// readValue reads the forms that SOAP-RFC has for values; dates and times come
// with and without separators.
func readValue(name string, t Type, text string) (string, error) {
	if len(text) > maxValue {
		return "", raise(SystemException, "%s is longer than %d bytes", name, maxValue)
	}
	if t == Char || t == String {
		return strings.TrimRight(text, " \t\r\n"), nil
	}
	text = strings.TrimSpace(text)
	separators := map[Type]string{Dats: "-", Tims: ":"}
	if sep, ok := separators[t]; ok {
		text = strings.ReplaceAll(text, sep, "")
		if strings.Trim(text, "0") == "" && t == Dats {
			return "", nil // the initial value
		}
	}
	digits := text
	if t == Int4 {
		digits = strings.TrimPrefix(strings.TrimPrefix(digits, "-"), "+")
	}
	if strings.Trim(digits, "0123456789") != "" || text != "" && digits == "" || len(digits) > maxDigits[t] {
		return "", raise(SystemException, "%s: %q is no value of type %s", name, short(text), t)
	}
	return text, nil
}

// maxDigits bounds values that are made of digits.
var maxDigits = map[Type]int{Numc: 255, Int4: 10, Dats: 8, Tims: 6}

// writeValue is a value in the form of SOAP-RFC.
func writeValue(t Type, v string) string {
	switch {
	case t == Dats && len(v) == 8:
		return v[:4] + "-" + v[4:6] + "-" + v[6:]
	case t == Dats:
		return "0000-00-00"
	case t == Tims && len(v) == 6:
		return v[:2] + ":" + v[2:4] + ":" + v[4:]
	case t == Tims:
		return "00:00:00"
	case t == Int4 && v == "":
		return "0"
	}
	return v
}

func writeFields(out *soap.Encoder, columns []Column, fields []Field) {
	for i := range columns {
		c := &columns[i]
		if f := fieldOf(fields, c.Name); f != nil {
			out.Leaf(nameToXML(c.Name), writeValue(c.Type, f.Text))
		}
	}
}

func writeField(out *soap.Encoder, p *Param, f *Field) {
	if p.Type != Structure {
		out.Leaf(nameToXML(p.Name), writeValue(p.Type, f.Text))
		return
	}
	out.Start(nameToXML(p.Name))
	writeFields(out, p.Columns, f.Fields)
	out.End()
}

func writeTable(out *soap.Encoder, p *Param, rows [][]Field) {
	out.Start(nameToXML(p.Name))
	for _, row := range rows {
		out.Start(itemName)
		writeFields(out, p.Columns, row)
		out.End()
	}
	out.End()
}

// encodeReply writes the answer to a call, in the order of the metadata.
func encodeReply(out *soap.Encoder, fn *Function, r *Reply) {
	out.Start(prefixRFC + ":" + nameToXML(fn.Name) + responseEnd)
	out.Attr("xmlns:"+prefixRFC, namespaceRFC)
	for i := range fn.Params {
		p := &fn.Params[i]
		if f := fieldOf(r.Exports, p.Name); f != nil && p.Dir != Tables && p.Dir != Import {
			writeField(out, p, f)
		}
		for _, t := range r.Tables {
			if p.Dir == Tables && strings.EqualFold(t.Name, p.Name) {
				writeTable(out, p, t.Rows)
			}
		}
	}
	out.End()
}

// encodeCall writes a call to a SAP system. A table that is not sent does not
// come back, so all of them are sent.
func encodeCall(fn *Function, c *Call) ([]byte, error) {
	out := soap.NewEncoder(nil)
	out.StartEnvelope()
	out.Start(prefixRFC + ":" + nameToXML(fn.Name))
	out.Attr("xmlns:"+prefixRFC, namespaceRFC)
	for i := range fn.Params {
		p := &fn.Params[i]
		switch p.Dir {
		case Import, Changing:
			if f := fieldOf(c.Imports, p.Name); f != nil {
				writeField(out, p, f)
			}
		case Tables:
			var rows [][]Field
			for _, t := range c.Tables {
				if t.Name == p.Name {
					rows = t.Rows
				}
			}
			writeTable(out, p, rows)
		case Export:
		}
	}
	out.End()
	out.EndEnvelope()
	return out.Bytes()
}

// decodeReply reads a SAP system's answer. Some systems leave the end of the
// element's name out.
func decodeReply(env *soap.Envelope, fn *Function) (Reply, error) {
	var out Reply
	if f := env.Fault(); f != nil {
		return out, exceptionOf(f)
	}
	if len(env.Body) == 0 || !strings.EqualFold(strings.TrimSuffix(nameFromXML(env.Body[0].Local), responseEnd), fn.Name) {
		return out, raise(SystemException, "the answer is none to %s", fn.Name)
	}
	err := readParams(env.Body[0], fn, func(_ *Param, f Field, t *Table) {
		if t != nil {
			out.Tables = append(out.Tables, *t)
		} else {
			out.Exports = append(out.Exports, f)
		}
	}, func(d Direction) bool { return d != Import })
	return out, err
}

// faultOf is the SOAP fault for an exception (sap.md 3.8).
func faultOf(function string, e *Exception) *soap.Fault {
	code := soap.CodeClient
	if e.Name != NotFoundException {
		code = soap.CodeServer
	}
	return &soap.Fault{Code: code, Text: e.Name, Detail: func(out *soap.Encoder) {
		name := nameToXML(strings.ToUpper(function))
		if !namePattern.MatchString(strings.ToUpper(function)) {
			name = "RFC"
		}
		out.Start(prefixRFC + ":" + name + exceptionEnd)
		out.Attr("xmlns:"+prefixRFC, namespaceRFC)
		out.Leaf("Name", e.Name)
		out.Leaf("Text", e.Text)
		out.End()
	}}
}

// exceptionOf reads the exception out of a fault; a bare faultstring is one too.
func exceptionOf(f *soap.Fault) *Exception {
	e := &Exception{Name: f.Text, Text: f.Text, Err: f}
	if f.DetailTree == nil {
		return e
	}
	for _, d := range f.DetailTree.Children {
		if name := d.Child("Name").Value(); name != "" {
			e.Name, e.Text = name, d.Child("Text").Value()
		}
	}
	return e
}
