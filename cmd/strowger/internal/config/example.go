package config

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// wrapAt is the width of comment lines in the example.
const wrapAt = 96

// Secrets are the generated passwords of a new file.
type Secrets struct {
	ARI, AMI, ICI string
}

// Example returns the commented example file. It loads without errors; its
// password is one that Load warns about.
func Example() []byte { return render(Secrets{}) }

// NewFile returns the file that `strowger init` writes: the example with
// generated passwords.
func NewFile(s Secrets) []byte { return render(s) }

const exampleHead = `# Configuration of Strowger, a telephony switch controller beside Asterisk.
#
# A key behind a # that no space follows is not set: it shows the default, or an example where
# the default is nothing. To change it, remove the # and write your value.
# Every key outside the lists can also be set by the environment: STROWGER_SECTION__KEY,
# for example STROWGER_LOG__LEVEL=debug. Passwords are written as they are, or as
# file:/path (the file's only line), or as env:NAME. Relative paths begin at this file's folder.
#
# strowger config validate      checks this file
# strowger config explain KEY   explains a key
# strowger config schema        prints the JSON Schema for your editor
`

func render(s Secrets) []byte {
	e := example{secrets: map[string]string{"asterisk.ari_password": s.ARI, "asterisk.ami_password": s.AMI, "ici.password": s.ICI}}
	e.b.WriteString(exampleHead)
	for _, k := range rootKey().children {
		e.b.WriteString("\n")
		e.comment("", k.Doc)
		e.b.WriteString(k.name + ":\n")
		if k.Kind == KindList {
			e.entry(k, "  ")
		} else {
			e.section(k, "  ")
		}
	}
	return []byte(e.b.String())
}

type example struct {
	b       strings.Builder
	secrets map[string]string
}

func (e *example) comment(indent, text string) {
	line := indent + "#"
	for _, word := range strings.Fields(text) {
		if len(line)+1+len(word) > wrapAt {
			e.b.WriteString(line + "\n")
			line = indent + "#"
		}
		line += " " + word
	}
	e.b.WriteString(line + "\n")
}

func (e *example) section(k *Key, indent string) {
	for _, c := range k.children {
		e.key(c, indent)
	}
}

// entry writes one entry of a list; its first key carries the dash.
func (e *example) entry(k *Key, indent string) {
	var inner example
	inner.secrets = e.secrets
	inner.section(k, indent+"  ")
	lines := strings.Split(strings.TrimSuffix(inner.b.String(), "\n"), "\n")
	dashed := false
	for _, l := range lines {
		if !dashed && strings.TrimSpace(l) != "" {
			l, dashed = indent+"- "+strings.TrimPrefix(l, indent+"  "), true
		}
		e.b.WriteString(l + "\n")
	}
}

func (e *example) key(k *Key, indent string) {
	e.comment(indent, k.Doc+hint(k))
	if k.Kind == KindSection {
		e.b.WriteString(indent + k.name + ":\n")
		e.section(k, indent+"  ")
		return
	}
	// Inside an entry of a list the example's own values are live; elsewhere
	// only what has no default and is required.
	live := k.Required || k.Default == "" && strings.Contains(k.Path, "[]")
	text := k.Default
	if text == "" {
		text = k.Example
	}
	if s := e.secrets[k.Path]; s != "" {
		text = s
	}
	mark := "#"
	if live {
		mark = ""
	}
	fmt.Fprintf(&e.b, "%s%s%s: %s\n", indent, mark, k.name, yamlValue(k, text))
}

// hint adds what the documentation does not say: choices and bounds.
func hint(k *Key) string {
	switch {
	case len(k.Values) > 1 && !strings.Contains(k.Doc, k.Values[1]):
		return " One of: " + strings.Join(k.Values, ", ") + "."
	case k.Kind == KindInt || k.Kind == KindDuration:
		return " (" + k.Bounds + ")"
	}
	return ""
}

// yamlValue writes a value of k as YAML in one line; digits that are a text
// are quoted.
func yamlValue(k *Key, text string) string {
	switch k.Kind {
	case KindStrings:
		items := splitList(text)
		for i := range items {
			items[i] = yamlText(items[i])
		}
		return "[" + strings.Join(items, ", ") + "]"
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
