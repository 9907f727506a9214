package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

var pathArg = regexp.MustCompile(`\{([^}]*)\}`)

// params reads the parameters and checks that the path names exactly the path parameters.
func (ld *loader) params(op *operation, o *object) error {
	list, err := o.list("parameters")
	if err != nil {
		return err
	}
	inPath := map[string]param{}
	for _, raw := range list {
		p, err := ld.param(op, raw)
		if err != nil {
			return err
		}
		if p.In == "path" {
			inPath[p.Name] = *p
			continue
		}
		op.Params = append(op.Params, *p)
	}
	for _, m := range pathArg.FindAllStringSubmatch(op.Path, -1) {
		p, ok := inPath[m[1]]
		if !ok {
			return fmt.Errorf("%s: the path names {%s}, and no path parameter does", op.ID, m[1])
		}
		op.Args = append(op.Args, p)
		delete(inPath, m[1])
	}
	if len(inPath) > 0 {
		return fmt.Errorf("%s: path parameter %q is not in the path", op.ID, keys(inPath)[0])
	}
	return nil
}

// param reads one parameter.
func (ld *loader) param(op *operation, raw json.RawMessage) (*param, error) {
	o, err := newObject(op.ID+" parameter", raw)
	if err != nil {
		return nil, err
	}
	p := &param{}
	if err := o.need("name", &p.Name); err != nil {
		return nil, err
	}
	where := op.ID + "." + p.Name
	o.where = where
	var kind string
	if err := o.need("dataType", &kind); err != nil {
		return nil, err
	}
	if err := o.need("paramType", &p.In); err != nil {
		return nil, err
	}
	o.drop("description")
	multiple, err := ld.paramFlags(p, o, where)
	if err != nil {
		return nil, err
	}
	if p.Note, err = note(o); err != nil {
		return nil, err
	}
	for _, k := range keys(o.m) {
		if ld.l.met("extraKeys", where+"/"+k) {
			o.drop(k)
		}
	}
	p.Go = goName(p.Name)
	if err := ld.paramType(p, where, kind, multiple); err != nil {
		return nil, err
	}
	return p, o.done()
}

// paramFlags reads "required" and "allowMultiple", where both may be missing only if listed.
func (ld *loader) paramFlags(p *param, o *object, where string) (multiple bool, err error) {
	ok, err := o.take("required", &p.Required)
	if err != nil {
		return false, err
	}
	if p.In == "path" {
		if !ok && !ld.l.met("pathNotRequired", where) {
			return false, fmt.Errorf("%s: path parameter without \"required\": list it in quirks.go", where)
		}
		if ok && !p.Required {
			return false, fmt.Errorf("%s: path parameter says it is optional", where)
		}
		p.Required = true
	} else if !ok {
		return false, fmt.Errorf("%s: parameter without \"required\"", where)
	}
	ok, err = o.take("allowMultiple", &multiple)
	if err != nil {
		return false, err
	}
	if !ok && !ld.l.met("noMultiple", where) {
		return false, fmt.Errorf("%s: parameter without \"allowMultiple\": list it in quirks.go", where)
	}
	return multiple, nil
}

// paramType chooses the Go type.
func (ld *loader) paramType(p *param, where, kind string, multiple bool) error {
	switch p.In {
	case "path":
		if kind != "string" || multiple {
			return fmt.Errorf("%s: path parameter of type %q, multiple %v: only one string is known", where, kind, multiple)
		}
		p.Type, p.Go = "string", lowerFirst(p.Go)
	case "query":
		t, ok := map[string]string{"string": "string", "int": "int", "long": "int64", "boolean": "bool"}[kind]
		if !ok {
			return fmt.Errorf("%s: query parameter of unknown type %q", where, kind)
		}
		if multiple {
			if t != "string" {
				return fmt.Errorf("%s: list of %q in a query: only strings are known", where, kind)
			}
			t = "[]string"
		}
		p.Type = t
	case "body":
		b, ok := ld.q.bodies[where]
		if !ok || (kind != "containers" && kind != "object") || multiple {
			return fmt.Errorf("%s: body parameter of type %q is not in the bodies table of quirks.go", where, kind)
		}
		ld.l.met("bodies", where)
		p.Type, p.Wrap = b.Type, b.Wrap
	default:
		return fmt.Errorf("%s: paramType %q is unknown", where, p.In)
	}
	return nil
}

// note composes the remark on default and allowed values from the facts.
func note(o *object) (string, error) {
	var parts []string
	var def any
	if ok, err := o.take("defaultValue", &def); err != nil {
		return "", err
	} else if ok && def != nil {
		parts = append(parts, fmt.Sprintf("default %v", def))
	}
	var raw json.RawMessage
	ok, err := o.take("allowableValues", &raw)
	if err != nil || !ok {
		return strings.Join(parts, "; "), err
	}
	v, err := newObject(o.where+" allowableValues", raw)
	if err != nil {
		return "", err
	}
	var kind string
	if err := v.need("valueType", &kind); err != nil {
		return "", err
	}
	switch kind {
	case "LIST":
		var values []string
		if err := v.need("values", &values); err != nil {
			return "", err
		}
		parts = append(parts, "one of "+strings.Join(values, ", "))
	case "RANGE":
		for _, key := range []string{"min", "max"} {
			var n json.Number
			if ok, err := v.take(key, &n); err != nil {
				return "", err
			} else if ok {
				parts = append(parts, key+" "+n.String())
			}
		}
	default:
		return "", fmt.Errorf("%s: allowableValues of unknown type %q", o.where, kind)
	}
	return strings.Join(parts, "; "), v.done()
}
