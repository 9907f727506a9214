package schema

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Kind is the form of a key's value in the file.
type Kind string

// The kinds of keys.
const (
	KindSection  Kind = "section"
	KindList     Kind = "list of entries"
	KindString   Kind = "text"
	KindSecret   Kind = "secret"
	KindInt      Kind = "whole number"
	KindBool     Kind = "true or false"
	KindDuration Kind = "duration"
	KindStrings  Kind = "list of texts"
)

// Key describes one key. Path is dotted, with [] after a list ("queues[].ring_timeout");
// Env is empty for keys that the environment cannot set (those inside lists).
type Key struct {
	Path     string   `json:"key"`
	Kind     Kind     `json:"kind"`
	Doc      string   `json:"doc"`
	Default  string   `json:"default,omitempty"`
	Example  string   `json:"example,omitempty"`
	Env      string   `json:"env,omitempty"`
	Required bool     `json:"required"`
	Values   []string `json:"values,omitempty"`
	Bounds   string   `json:"bounds,omitempty"`

	min, max time.Duration
	name     string
	children []*Key
}

// Name is the last part of the key.
func (k *Key) Name() string { return k.name }

// Children are the keys below a section or in the entries of a list. They are
// not to be changed.
func (k *Key) Children() []*Key { return k.children }

// Leaf reports whether the key has a value of its own.
func (k *Key) Leaf() bool { return k.Kind != KindSection && k.Kind != KindList }

// Child returns the key of that name below k, or nil.
func (k *Key) Child(name string) *Key {
	for _, c := range k.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// Keys lists every key in the order of the file, sections and lists included.
func (s *Spec) Keys() []Key {
	var out []Key
	var walk func(*Key)
	walk = func(k *Key) {
		for _, c := range k.children {
			out = append(out, *c)
			walk(c)
		}
	}
	walk(s.root)
	return out
}

// fieldDocs returns the comments of the structs by "Type.Field". The source is
// part of the program: a failure to parse it is a defect that any test shows.
func fieldDocs(source string) map[string]string {
	file, err := parser.ParseFile(token.NewFileSet(), "structs.go", source, parser.ParseComments)
	if err != nil {
		panic("schema: the structs: " + err.Error())
	}
	docs := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if st, ok := spec.Type.(*ast.StructType); ok {
			for _, f := range st.Fields.List {
				for _, name := range f.Names {
					docs[spec.Name.Name+"."+name.Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
				}
			}
		}
		return false
	})
	return docs
}

func (s *Spec) structKeys(t reflect.Type, docs map[string]string, prefix string) []*Key {
	var keys []*Key
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		if name == "-" {
			continue
		}
		k := &Key{Path: prefix + name, name: name, Doc: docs[t.Name()+"."+f.Name]}
		k.Kind = s.kindOf(f.Type)
		if k.Kind == KindList {
			k.children = s.structKeys(f.Type.Elem(), docs, k.Path+"[].")
		} else if k.Kind == KindSection {
			k.children = s.structKeys(f.Type, docs, k.Path+".")
		}
		k.readTags(f.Tag)
		if s.opt.EnvPrefix != "" && k.Leaf() && strings.Contains(k.Path, ".") && !strings.Contains(k.Path, "[]") {
			k.Env = s.opt.EnvPrefix + strings.ToUpper(strings.ReplaceAll(k.Path, ".", "__"))
		}
		keys = append(keys, k)
	}
	return keys
}

func (s *Spec) kindOf(t reflect.Type) Kind {
	switch t {
	case s.opt.Secret:
		return KindSecret
	case reflect.TypeFor[time.Duration]():
		return KindDuration
	case reflect.TypeFor[[]string]():
		return KindStrings
	case reflect.TypeFor[string]():
		return KindString
	case reflect.TypeFor[int]():
		return KindInt
	case reflect.TypeFor[bool]():
		return KindBool
	}
	if t.Kind() == reflect.Slice {
		return KindList
	}
	return KindSection
}

func (k *Key) readTags(tag reflect.StructTag) {
	k.Default, k.Example = tag.Get("default"), tag.Get("example")
	var lo, hi string
	for _, part := range strings.Split(strings.ReplaceAll(tag.Get("jsonschema"), `\,`, "\x00"), ",") {
		name, v, _ := strings.Cut(part, "=")
		switch name {
		case "required":
			k.Required = true
		case "enum":
			k.Values = append(k.Values, v)
		case "minimum":
			lo = v
		case "maximum":
			hi = v
		}
	}
	k.Bounds = tag.Get("why")
	if k.Kind == KindDuration {
		lo, hi = tag.Get("min"), tag.Get("max")
		k.min, k.max = mustDuration(lo), mustDuration(hi)
	}
	if lo != "" && hi != "" {
		k.Bounds = fmt.Sprintf("%s to %s", lo, hi)
	}
}

func mustDuration(s string) time.Duration {
	d, err := ParseDuration(s)
	if err != nil {
		panic("schema: the structs: " + err.Error())
	}
	return d
}

// Value turns the text of a tag into what the YAML reader would deliver.
func (k *Key) Value(text string) any {
	switch k.Kind {
	case KindInt:
		n, err := strconv.Atoi(text)
		if err != nil {
			panic("schema: the structs: " + err.Error())
		}
		return n
	case KindBool:
		return text == "true"
	case KindStrings:
		list := []any{}
		for _, s := range SplitList(text) {
			list = append(list, s)
		}
		return list
	case KindSection, KindList, KindString, KindSecret, KindDuration:
	}
	return text
}

// Defaults returns the values that apply below k when nothing is written.
func (k *Key) Defaults() map[string]any {
	m := map[string]any{}
	for _, c := range k.children {
		switch {
		case c.Kind == KindSection:
			m[c.name] = c.Defaults()
		case c.Kind == KindList:
			m[c.name] = []any{}
		case c.Default != "":
			m[c.name] = c.Value(c.Default)
		case c.Kind == KindStrings:
			m[c.name] = []any{}
		}
	}
	return m
}

// SplitList splits at commas.
func SplitList(s string) []string {
	var out []string
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
