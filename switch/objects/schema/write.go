package schema

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// YAMLValue writes a value of k as YAML in one line; digits that are a text
// are quoted.
func YAMLValue(k *Key, text string) string {
	switch k.Kind {
	case KindStrings:
		return YAMLList(SplitList(text))
	case KindString, KindSecret:
		return yamlText(text)
	case KindSection, KindList, KindInt, KindBool, KindDuration:
	}
	return text
}

func yamlText(s string) string {
	if out, err := yaml.Marshal(s); err == nil && !strings.ContainsAny(s, ",[]{}") && !strings.HasPrefix(s, ":") {
		if text := strings.TrimSuffix(string(out), "\n"); !strings.Contains(text, "\n") {
			return text
		}
	}
	return fmt.Sprintf("%q", s)
}

// YAMLList writes texts as a list in one line.
func YAMLList(list []string) string {
	items := make([]string, len(list))
	for i := range items {
		items[i] = yamlText(list[i])
	}
	return "[" + strings.Join(items, ", ") + "]"
}
