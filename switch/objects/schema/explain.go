package schema

import (
	"regexp"
	"strings"

	"strowger/switch/fault"
)

var listIndex = regexp.MustCompile(`\[[0-9]*\]`)

// Explain finds the keys among all that name means: a key ("asterisk.ari_url", with or
// without list brackets, or its environment variable), a section or list with
// everything below it, a name that occurs in one or more places
// ("ring_timeout"), or all keys when name is empty. The error is NotFound,
// with the nearest key.
func Explain(all []Key, name string) ([]Key, error) {
	want := plain(strings.TrimSpace(name))
	if want == "" {
		return all, nil
	}
	matches := []func(Key) bool{
		func(k Key) bool { return k.Env != "" && strings.EqualFold(k.Env, name) },
		func(k Key) bool { p := plain(k.Path); return p == want || strings.HasPrefix(p, want+".") },
		func(k Key) bool { return k.name == want },
		func(k Key) bool { return strings.HasPrefix(plain(k.Path), want) },
	}
	for _, match := range matches {
		var found []Key
		for _, k := range all {
			if match(k) {
				found = append(found, k)
			}
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	var paths, names []string
	for _, k := range all {
		paths, names = append(paths, plain(k.Path)), append(names, k.name)
	}
	best := Nearest(want, paths)
	if best == "" {
		best = Nearest(want, names)
	}
	if best != "" {
		return nil, fault.Newf(fault.NotFound, "config: explain", name, "there is no such key; did you mean %s?", best)
	}
	return nil, fault.New(fault.NotFound, "config: explain", name, "there is no such key; `strowger config explain` lists all keys")
}

// plain writes a key without list indexes, in small letters.
func plain(s string) string {
	return strings.TrimSuffix(strings.ToLower(listIndex.ReplaceAllString(s, "")), ".")
}
