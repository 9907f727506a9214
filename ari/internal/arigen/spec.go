package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// spec is the API description after all checks.
type spec struct {
	Resources []resource // by name
	Events    []string   // model names, sorted
}

// resource is one description file: "channels" for channels.json.
type resource struct {
	Name   string
	Ops    []operation
	Models []model
}

// operation is one HTTP request.
type operation struct {
	ID     string // "channels.get", stable, used in tables
	Go     string // "ChannelsGet"
	Method string
	Path   string // "/channels/{channelId}"
	Since  []string
	Args   []param // path parameters in order of the path
	Params []param // query and body
	Result string  // Go type of the answer; "" for none, "[]byte" for binary
	Codes  []int   // documented error codes, sorted
	ByHand bool
}

// param is a path, query or body parameter.
type param struct {
	Name     string
	Go       string
	Type     string // Go type without Opt
	In       string // path, query, body
	Required bool
	Wrap     bool
	Note     string // allowed values and default, composed from the facts
}

// model is one structure.
type model struct {
	Name  string
	Props []property
	Event bool
	Empty bool
}

type property struct {
	Name     string
	Go       string
	Type     string
	Required bool
	Note     string
}

var versionText = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)

// loader carries the quirks through one run.
type loader struct {
	q      quirks
	l      *ledger
	models map[string]bool
	bases  map[string]bool // models that the hand-written event header replaces
}

// load reads every *.json of the folder but resources.json, which only lists the others.
func load(dir fs.FS, q quirks) (*spec, []string, error) {
	names, err := fs.Glob(dir, "*.json")
	if err != nil {
		return nil, nil, err
	}
	sort.Strings(names)
	ld := &loader{q: q, l: newLedger(q), models: map[string]bool{}, bases: map[string]bool{}}
	s := &spec{}
	docs := map[string]*object{}
	for _, name := range names {
		if name == "resources.json" {
			continue
		}
		raw, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, nil, err
		}
		o, err := newObject(name, raw)
		if err != nil {
			return nil, nil, err
		}
		docs[strings.TrimSuffix(name, ".json")] = o
	}
	if len(docs) == 0 {
		return nil, nil, fmt.Errorf("no rest-api *.json files found: -api must name Asterisk's DATADIR/rest-api")
	}
	if err := ld.collectModels(docs, s); err != nil {
		return nil, nil, err
	}
	for _, name := range keys(docs) {
		r, err := ld.resource(name, docs[name])
		if err != nil {
			return nil, nil, err
		}
		s.Resources = append(s.Resources, *r)
	}
	return s, ld.l.stale(), checkUnique(s)
}

// resource reads the operations of one file and closes it.
func (ld *loader) resource(name string, o *object) (*resource, error) {
	var version string
	if err := o.need("swaggerVersion", &version); err != nil {
		return nil, err
	}
	if version != "1.1" && version != "1.2" {
		return nil, fmt.Errorf("%s: swaggerVersion %q is unknown", o.where, version)
	}
	o.drop("_copyright", "_author", "_svn_revision", "apiVersion", "basePath", "resourcePath", "requiresModules", "since")
	r := &resource{Name: name}
	models, err := ld.modelsOf(name, o)
	if err != nil {
		return nil, err
	}
	r.Models = models
	apis, err := o.list("apis")
	if err != nil {
		return nil, err
	}
	for _, raw := range apis {
		ops, err := ld.api(name, raw)
		if err != nil {
			return nil, err
		}
		r.Ops = append(r.Ops, ops...)
	}
	return r, o.done()
}

func (ld *loader) api(res string, raw json.RawMessage) ([]operation, error) {
	o, err := newObject(res+" api", raw)
	if err != nil {
		return nil, err
	}
	var path string
	if err := o.need("path", &path); err != nil {
		return nil, err
	}
	o.where = res + " " + path
	o.drop("description")
	list, err := o.list("operations")
	if err != nil {
		return nil, err
	}
	var ops []operation
	for _, raw := range list {
		op, err := ld.operation(res, path, raw)
		if err != nil {
			return nil, err
		}
		ops = append(ops, *op)
	}
	return ops, o.done()
}

// operation reads one operation.
func (ld *loader) operation(res, path string, raw json.RawMessage) (*operation, error) {
	o, err := newObject(res+" "+path, raw)
	if err != nil {
		return nil, err
	}
	op := &operation{Path: path}
	var nick, result string
	if err := o.need("nickname", &nick); err != nil {
		return nil, err
	}
	op.ID = res + "." + nick
	o.where = op.ID
	for _, f := range []struct {
		key string
		dst any
	}{{"httpMethod", &op.Method}, {"since", &op.Since}, {"responseClass", &result}} {
		if err := o.need(f.key, f.dst); err != nil {
			return nil, err
		}
	}
	if !slices.Contains([]string{"GET", "POST", "PUT", "DELETE"}, op.Method) {
		return nil, fmt.Errorf("%s: method %q is unknown", o.where, op.Method)
	}
	for _, v := range op.Since {
		if !versionText.MatchString(v) {
			return nil, fmt.Errorf("%s: since %q is not a version", o.where, v)
		}
	}
	op.Go = goName(res) + goName(nick)
	if n, ok := ld.q.names[op.ID]; ok && ld.l.met("names", op.ID) {
		op.Go = goName(res) + n
	}
	if ld.l.met("byHand", op.ID) {
		op.ByHand = true
		o.drop("upgrade", "websocketProtocol")
	}
	if op.Result, err = ld.result(op, result); err != nil {
		return nil, err
	}
	o.drop("summary", "notes")
	if err := ld.codes(op, o); err != nil {
		return nil, err
	}
	if err := ld.params(op, o); err != nil {
		return nil, err
	}
	return op, o.done()
}

// result maps a responseClass to a Go type.
func (ld *loader) result(op *operation, class string) (string, error) {
	switch {
	case class == "void" || op.ByHand:
		return "", nil
	case class == "binary":
		return "[]byte", nil
	}
	name, list := class, ""
	if inner, ok := listOf(class); ok {
		name, list = inner, "[]"
	}
	if !ld.models[name] || ld.bases[name] {
		return "", fmt.Errorf("%s: responseClass %q is unknown", op.ID, class)
	}
	return list + name, nil
}

// codes reads the documented error codes; their reasons are prose.
func (ld *loader) codes(op *operation, o *object) error {
	list, err := o.list("errorResponses")
	if err != nil {
		return err
	}
	for _, raw := range list {
		e, err := newObject(op.ID+" errorResponses", raw)
		if err != nil {
			return err
		}
		var code any
		if err := e.need("code", &code); err != nil {
			return err
		}
		e.drop("reason")
		switch c := code.(type) {
		case float64:
			op.Codes = append(op.Codes, int(c))
		case string:
			if !ld.l.met("stringCodes", op.ID+"/"+c) {
				return fmt.Errorf("%s: error code %q is a string, not a number: list it in quirks.go", op.ID, c)
			}
			var n int
			if _, err := fmt.Sscanf(c, "%d", &n); err != nil {
				return fmt.Errorf("%s: error code %q: %w", op.ID, c, err)
			}
			op.Codes = append(op.Codes, n)
		default:
			return fmt.Errorf("%s: error code %v has an unknown type", op.ID, code)
		}
		if err := e.done(); err != nil {
			return err
		}
	}
	sort.Ints(op.Codes)
	op.Codes = slices.Compact(op.Codes)
	return nil
}

// checkUnique makes sure that no two Go names collide.
func checkUnique(s *spec) error {
	seen := map[string]string{}
	claim := func(name, by string) error {
		if other, dup := seen[name]; dup {
			return fmt.Errorf("the Go name %s is wanted by %s and %s: rename one in quirks.go", name, other, by)
		}
		seen[name] = by
		return nil
	}
	for _, r := range s.Resources {
		for _, op := range r.Ops {
			// Methods have a name space of their own; the prefix keeps them apart from types here.
			for _, name := range []string{"Client." + op.Go, op.Go + "Params", "Op" + op.Go} {
				if err := claim(name, op.ID); err != nil {
					return err
				}
			}
		}
		for _, m := range r.Models {
			if err := claim(m.Name, "model "+m.Name); err != nil {
				return err
			}
		}
	}
	for _, e := range s.Events {
		if err := claim("Type"+e, "event "+e); err != nil {
			return err
		}
	}
	return nil
}
