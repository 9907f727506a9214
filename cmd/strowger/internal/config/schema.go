package config

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

// Schema returns the JSON Schema (draft 2020-12) of the configuration file,
// indented, for editors and other checkers.
func Schema() []byte { return bytes.Clone(compiled().text) }

type compiledSchema struct {
	text   []byte
	schema *validator.Schema
}

// compiled makes the schema once. It is built from the program's own structs:
// a failure is a defect that any test shows.
var compiled = sync.OnceValue(func() compiledSchema {
	r := jsonschema.Reflector{
		Anonymous: true, DoNotReference: true, ExpandedStruct: true, RequiredFromJSONSchemaTags: true,
		FieldNameTag: "yaml", Mapper: mapType,
	}
	s := r.Reflect(Config{})
	s.Title = "strowger.yaml"
	describe(s, rootKey())
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic("config: schema: " + err.Error())
	}
	doc, err := validator.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		panic("config: schema: " + err.Error())
	}
	c := validator.NewCompiler()
	c.RegisterFormat(&validator.Format{Name: durationFormat, Validate: checkDurationFormat})
	c.AssertFormat()
	if err := c.AddResource(schemaURL, doc); err != nil {
		panic("config: schema: " + err.Error())
	}
	return compiledSchema{text: append(text, '\n'), schema: c.MustCompile(schemaURL)}
})

func mapType(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[Secret]():
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
			panic("config: schema lacks " + c.Path)
		}
		p.Description = c.Doc
		if c.Default != "" {
			p.Default = c.value(c.Default)
		}
		if c.Example != "" {
			p.Examples = []any{c.value(c.Example)}
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
