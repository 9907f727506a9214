package config

import (
	_ "embed"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"strowger/switch/objects"
	"strowger/switch/objects/schema"
)

//go:embed sections.go
var sectionsMain string

//go:embed sections_ici.go
var sectionsICI string

//go:embed sections_sapphone.go
var sectionsSAPphone string

//go:embed sections_ctips.go
var sectionsCTIPS string

//go:embed sections_dialer.go
var sectionsDialer string

// sectionsSource is the source of the structs, as one text.
var sectionsSource = sectionsMain + from(sectionsICI, "// ICI is") + from(sectionsSAPphone, "// SAPphone is") + from(sectionsCTIPS, "// CTIPS is") + from(sectionsDialer, "// Dialer is")

// from is the rest of a file behind its imports.
func from(source, start string) string { return source[strings.Index(source, start):] }

// spec is the form of strowger.yaml. It is built once and never changed.
var spec = sync.OnceValue(func() *schema.Spec {
	return schema.New(schema.Options{
		Title: DefaultFile, Root: reflect.TypeFor[Config](), Source: sectionsSource, Secret: reflect.TypeFor[Secret](),
		EnvPrefix: envPrefix, Help: "`strowger config explain` lists all keys",
	})
})

// What findings and keys are, for who reads configuration files.
type (
	Severity = schema.Severity
	Problem  = schema.Problem
	Problems = schema.Problems
	Key      = schema.Key
)

// The severities.
const (
	SeverityError   = schema.SeverityError
	SeverityWarning = schema.SeverityWarning
)

// Schema returns the JSON Schema (draft 2020-12) of strowger.yaml, indented,
// for editors and other checkers.
func Schema() []byte { return spec().JSONSchema() }

// Keys lists every key of strowger.yaml and of objects.yaml in the order of
// the files, sections and lists included.
func Keys() []Key { return slices.Concat(spec().Keys(), objects.Keys()) }

// Explain finds the keys of both files that name means; see [schema.Explain].
func Explain(name string) ([]Key, error) { return schema.Explain(Keys(), name) }

// ParseDuration reads a duration as the files have it; see [schema.ParseDuration].
func ParseDuration(s string) (time.Duration, error) { return schema.ParseDuration(s) }

// FormatDuration writes what ParseDuration reads.
func FormatDuration(d time.Duration) string { return schema.FormatDuration(d) }
