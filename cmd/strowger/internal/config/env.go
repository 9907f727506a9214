package config

import (
	"math"
	"strconv"
	"strings"

	koanfenv "github.com/knadh/koanf/providers/env/v2"
)

// envPrefix begins every variable of ours; a double underscore separates
// section and key: STROWGER_ASTERISK__ARI_URL.
const envPrefix = "STROWGER_"

// envProvider delivers the variables that override keys. Variables without a
// double underscore are not ours to judge (container hosts make some up).
func envProvider(env []string, r *report) *koanfenv.Env {
	return koanfenv.Provider(".", koanfenv.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return env },
		TransformFunc: func(name, value string) (string, any) {
			section, key, ok := strings.Cut(strings.TrimPrefix(name, envPrefix), "__")
			if !ok || value == "" { // container tools pass unset variables as empty ones
				return "", nil
			}
			path := []string{strings.ToLower(section), strings.ToLower(key)}
			k := lookupKey(path)
			if k == nil || !k.leaf() || k.Env != name {
				r.put(unknownEnv(name, path), nil)
				return "", nil
			}
			r.origin.env[k.Path] = name
			return k.Path, envValue(k, value)
		},
	})
}

func unknownEnv(name string, path []string) Problem {
	p := Problem{Severity: SeverityError, Env: name, What: "no key has this name"}
	if k := rootKey().child(path[0]); k != nil && k.Kind == KindList {
		p.What, p.Fix = "the list "+k.Path+" cannot be set by the environment", "write it in the file"
		return p
	}
	var names []string
	for _, k := range Keys() {
		if k.Env != "" {
			names = append(names, k.Env)
		}
	}
	if best := nearest(name, names); best != "" {
		p.Fix = "did you mean " + best + "?"
	} else {
		p.Fix = "remove it; `strowger config explain` lists the keys and their variables"
	}
	return p
}

// envValue reads a variable's text as its key's kind; what does not fit stays
// a text, and the schema reports it.
func envValue(k *Key, text string) any {
	switch k.Kind {
	case KindInt:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && n < math.MaxInt64 {
			return n
		}
	case KindBool:
		if text == "true" || text == "false" {
			return text == "true"
		}
	case KindStrings:
		list := []any{}
		for _, s := range splitList(text) {
			list = append(list, s)
		}
		return list
	case KindSection, KindList, KindString, KindSecret, KindDuration:
	}
	return text
}
