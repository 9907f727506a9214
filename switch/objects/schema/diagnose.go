package schema

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Diagnose validates values against the schema and files every violation.
func (r *Report) Diagnose(values map[string]any) {
	err := r.spec.compiled().schema.Validate(values)
	if err == nil {
		return
	}
	var ve *validator.ValidationError
	if !errors.As(err, &ve) {
		r.Errorf(nil, "", "the configuration cannot be checked: %v", err)
		return
	}
	leaves(ve, func(e *validator.ValidationError) { violation(e, values, r) })
}

func leaves(e *validator.ValidationError, visit func(*validator.ValidationError)) {
	if len(e.Causes) == 0 {
		visit(e)
		return
	}
	for _, c := range e.Causes {
		leaves(c, visit)
	}
}

func violation(e *validator.ValidationError, values map[string]any, r *Report) {
	path := e.InstanceLocation
	if r.unread[joinPath(path)] || len(r.Errors) > maxProblems {
		return
	}
	k := r.spec.Lookup(path)
	if k == nil {
		k = r.spec.root
	}
	child := func(name string) []string { return append(path[:len(path):len(path)], name) }
	switch v := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		slices.Sort(v.Properties)
		for _, name := range v.Properties {
			if !r.unread[joinPath(child(name))] && len(r.Errors) <= maxProblems {
				r.Errorf(child(name), r.spec.suggestKey(k, name), "unknown key")
			}
		}
	case *kind.Required:
		for _, name := range v.Missing {
			if !r.unread[joinPath(child(name))] {
				r.Errorf(child(name), requiredFix(k.Child(name)), "missing")
			}
		}
	case *kind.Type:
		what, fix := wrongType(k, path, v.Got, ValueAt(values, path))
		r.Errorf(path, fix, "%s", what)
	case *kind.Enum:
		wrongEnum(k, path, v, r)
	case *kind.Pattern:
		r.Errorf(path, "write "+k.Bounds, "%s is not allowed here", show(k, v.Got))
	case *kind.Format:
		r.Errorf(path, "", "%v", v.Err)
	case *kind.Minimum, *kind.Maximum:
		r.Errorf(path, "write a number from "+k.Bounds, "%s is out of bounds", show(k, ValueAt(values, path)))
	case *kind.MinLength:
		r.Errorf(path, requiredFix(k), "must not be empty")
	case *kind.MaxLength:
		r.Errorf(path, "", "longer than %d characters", v.Want)
	case *kind.MaxItems:
		r.Errorf(path, "", "more than %d entries", v.Want)
	default:
		r.Errorf(path, "", "%s", e.ErrorKind.LocalizedString(message.NewPrinter(language.English)))
	}
}

func requiredFix(k *Key) string {
	switch {
	case k == nil:
		return ""
	case k.Kind == KindSecret:
		return "set it; `strowger init` writes a file with generated passwords"
	case k.Example != "":
		return fmt.Sprintf("set it, for example `%s: %s`", k.name, YAMLValue(k, k.Example))
	}
	return "set it"
}

func wrongEnum(k *Key, path []string, v *kind.Enum, r *Report) {
	got := fmt.Sprint(v.Got)
	fix := "choose one of: " + strings.Join(k.Values, ", ")
	if best := Nearest(got, k.Values); best != "" {
		fix = "did you mean " + best + "? Possible: " + strings.Join(k.Values, ", ")
	}
	r.Errorf(path, fix, "%s is not a value of this key", show(k, v.Got))
}

// wrongType puts a type error into words; got is the schema's word for what
// was found. A path into a list of texts is about one element.
func wrongType(k *Key, path []string, got string, value any) (what, fix string) {
	found := map[string]string{
		"string": "a text", "number": "a number", "integer": "a number", "boolean": "true/false",
		"array": "a list", "object": "a group of keys", "null": "nothing",
	}[got]
	shown := ""
	if got != "array" && got != "object" {
		shown = " " + show(k, value)
	}
	element := len(path) > 0 && isIndex(path[len(path)-1])
	kindHere := k.Kind
	if element && kindHere == KindStrings {
		kindHere = KindString
	} else if element && kindHere == KindList {
		kindHere = KindSection
	}
	what = fmt.Sprintf("%s is wanted, this is %s%s", aKind(kindHere), found, shown)
	switch {
	case kindHere == KindInt && got == "string":
		fix = "write the number alone, without quotes and units"
	case kindHere == KindBool && got == "string":
		fix = "write true or false, without quotes"
	case kindHere == KindStrings:
		fix = "write it in brackets: [" + k.Example + "]"
		if k.Example == "" {
			fix = "write it in brackets: [" + k.Default + "]"
		}
	case kindHere == KindList:
		fix = "begin every entry with `- ` below `" + k.name + ":`"
	case kindHere == KindSection:
		fix = "write its keys below it, indented by two spaces"
		if len(k.children) > 0 {
			fix += ", beginning with `" + k.children[0].name + ":`"
		}
	case got == "boolean":
		fix = "put the text in quotes"
	}
	return what, fix
}

func aKind(k Kind) string {
	switch k {
	case KindSection:
		return "a group of keys"
	case KindBool:
		return "true or false"
	case KindString, KindSecret, KindInt, KindDuration, KindStrings, KindList:
	}
	return "a " + string(k)
}

// show quotes a value for a message, never that of a secret, never at length.
func show(k *Key, v any) string {
	if k.Kind == KindSecret {
		return "(hidden)"
	}
	s, ok := v.(string)
	if !ok {
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%q", Printable(s))
}

// ValueAt finds the value at path.
func ValueAt(v any, path []string) any {
	for _, t := range path {
		switch c := v.(type) {
		case map[string]any:
			v = c[t]
		case []any:
			i, err := strconv.Atoi(t)
			if err != nil || i < 0 || i >= len(c) {
				return nil
			}
			v = c[i]
		default:
			return nil
		}
	}
	return v
}
