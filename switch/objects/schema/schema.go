package schema

import (
	"bytes"
	"encoding/json"
	"reflect"
	"sync"
	"time"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
)

// durationFormat is the schema format name of our durations; other readers of
// the schema ignore a format they do not know.
const durationFormat = "strowger-duration"

const schemaURL = "strowger.schema.json"

// Options say what a file is made of.
type Options struct {
	Title     string       // name of the file
	Root      reflect.Type // struct with the tags that doc.go lists
	Source    string       // Go source of the structs: field comments are the documentation of the keys
	Secret    reflect.Type // type of secrets; nil: none
	EnvPrefix string       // of the variables that set keys; empty: none do
	Help      string       // where to read on, for the end of messages
}

// Spec is a file's form: its keys and the rules that each must keep. It is
// immutable and safe for many goroutines.
type Spec struct {
	opt      Options
	root     *Key
	compiled func() compiledSchema
}

// New builds a Spec. It panics on a defect of the structs: they are part of
// the program, so any test shows it.
func New(o Options) *Spec {
	s := &Spec{opt: o, root: &Key{Kind: KindSection}}
	s.root.children = s.structKeys(o.Root, fieldDocs(o.Source), "")
	s.compiled = sync.OnceValue(s.compile)
	return s
}

// Root is the file as a key: its children are the sections.
func (s *Spec) Root() *Key { return s.root }

// JSONSchema returns the JSON Schema (draft 2020-12) of the file, indented,
// for editors and other checkers.
func (s *Spec) JSONSchema() []byte { return bytes.Clone(s.compiled().text) }

type compiledSchema struct {
	text   []byte
	schema *validator.Schema
}

func (s *Spec) compile() compiledSchema {
	r := jsonschema.Reflector{
		Anonymous: true, DoNotReference: true, ExpandedStruct: true, RequiredFromJSONSchemaTags: true,
		FieldNameTag: "yaml", Mapper: s.mapType,
	}
	doc := r.ReflectFromType(s.opt.Root)
	doc.Title = s.opt.Title
	describe(doc, s.root)
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		panic("schema: " + err.Error())
	}
	parsed, err := validator.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		panic("schema: " + err.Error())
	}
	c := validator.NewCompiler()
	c.RegisterFormat(&validator.Format{Name: durationFormat, Validate: checkDurationFormat})
	c.AssertFormat()
	if err := c.AddResource(schemaURL, parsed); err != nil {
		panic("schema: " + err.Error())
	}
	return compiledSchema{text: append(text, '\n'), schema: c.MustCompile(schemaURL)}
}

func (s *Spec) mapType(t reflect.Type) *jsonschema.Schema {
	switch t {
	case s.opt.Secret:
		return &jsonschema.Schema{Type: "string"}
	case reflect.TypeFor[time.Duration]():
		return &jsonschema.Schema{Type: "string", Format: durationFormat}
	}
	return nil
}

func checkDurationFormat(v any) error {
	s, ok := v.(string)
	if !ok {
		return nil // the wrong type has its own error
	}
	_, err := ParseDuration(s)
	return err
}

// describe adds what the tags alone know: documentation, defaults, examples.
func describe(s *jsonschema.Schema, k *Key) {
	for _, c := range k.children {
		p, ok := s.Properties.Get(c.name)
		if !ok {
			panic("schema lacks " + c.Path)
		}
		p.Description = c.Doc
		if c.Default != "" {
			p.Default = c.Value(c.Default)
		}
		if c.Example != "" {
			p.Examples = []any{c.Value(c.Example)}
		}
		switch c.Kind {
		case KindSection:
			describe(p, c)
		case KindList:
			describe(p.Items, c)
		case KindString, KindSecret, KindInt, KindBool, KindDuration, KindStrings:
		}
	}
}
