package config

import (
	"math"
	"strconv"
	"strings"

	koanfenv "github.com/knadh/koanf/providers/env/v2"

	"strowger/switch/objects/schema"
)

// envPrefix begins every variable of ours; a double underscore separates
// section and key: STROWGER_ASTERISK__ARI_URL.
const envPrefix = "STROWGER_"

// envProvider delivers the variables that override keys. Variables without a
// double underscore are not ours to judge (container hosts make some up).
func envProvider(env []string, r *schema.Report) *koanfenv.Env {
	return koanfenv.Provider(".", koanfenv.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return env },
		TransformFunc: func(name, value string) (string, any) {
			path := strings.Split(strings.ToLower(strings.TrimPrefix(name, envPrefix)), "__")
			if len(path) < 2 || value == "" { // container tools pass unset variables as empty ones
				return "", nil
			}
			k := spec().Lookup(path)
			if k == nil || !k.Leaf() || k.Env != name {
				r.Put(unknownEnv(name), nil)
				return "", nil
			}
			r.FromEnv(k.Path, name)
			return k.Path, envValue(k, value)
		},
	})
}

func unknownEnv(name string) Problem {
	p := Problem{Severity: SeverityError, Env: name, What: "no key has this name"}
	var names []string
	for _, k := range spec().Keys() {
		if k.Env != "" {
			names = append(names, k.Env)
		}
	}
	if best := schema.Nearest(name, names); best != "" {
		p.Fix = "did you mean " + best + "?"
	} else {
		p.Fix = "remove it; `strowger config explain` lists the keys and their variables"
	}
	return p
}

// envValue reads a variable's text as its key's kind; what does not fit stays
// a text, and the schema reports it.
func envValue(k *schema.Key, text string) any {
	switch k.Kind {
	case schema.KindInt:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n < math.MaxInt64 {
			return n
		}
	case schema.KindBool:
		if text == "true" || text == "false" {
			return text == "true"
		}
	case schema.KindStrings:
		list := []any{}
		for _, s := range schema.SplitList(text) {
			list = append(list, s)
		}
		return list
	case schema.KindSection, schema.KindList, schema.KindString, schema.KindSecret, schema.KindDuration:
	}
	return text
}
