package config

import (
	"fmt"
	"strings"

	"strowger/switch/objects/schema"
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
# Every key in a section can also be set by the environment: STROWGER_SECTION__KEY,
# for example STROWGER_LOG__LEVEL=debug. Passwords are written as they are, or as
# file:/path (the file's only line), or as env:NAME. Relative paths begin at this file's folder.
#
# strowger config validate      checks this file
# strowger config explain KEY   explains a key
# strowger config schema        prints the JSON Schema for your editor
`

func render(s Secrets) []byte {
	e := example{set: map[string]string{"asterisk.ari_password": s.ARI, "asterisk.ami_password": s.AMI, "ici.password": s.ICI, "objects": ObjectsFile}}
	e.b.WriteString(exampleHead)
	for _, k := range spec().Root().Children() {
		e.b.WriteString("\n")
		e.key(k, "")
	}
	return []byte(e.b.String())
}

type example struct {
	b   strings.Builder
	set map[string]string // what is written and not only shown
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

func (e *example) section(k *schema.Key, indent string) {
	for _, c := range k.Children() {
		e.key(c, indent)
	}
}

func (e *example) key(k *schema.Key, indent string) {
	e.comment(indent, k.Doc+hint(k))
	if k.Kind == schema.KindSection {
		e.b.WriteString(indent + k.Name() + ":\n")
		e.section(k, indent+"  ")
		return
	}
	if k.Kind == schema.KindList {
		e.list(k, indent)
		return
	}
	live := k.Required || k.Path == "objects"
	text := k.Default
	if text == "" {
		text = k.Example
	}
	if s := e.set[k.Path]; s != "" {
		text = s
	}
	mark := "#"
	if live {
		mark = ""
	}
	fmt.Fprintf(&e.b, "%s%s%s: %s\n", indent, mark, k.Name(), schema.YAMLValue(k, text))
}

// list explains the keys of an entry and shows one in one line.
func (e *example) list(k *schema.Key, indent string) {
	var entry []string
	for _, c := range k.Children() {
		e.comment(indent, c.Name()+": "+c.Doc+hint(c))
		text := c.Default
		if text == "" {
			text = c.Example
		}
		entry = append(entry, c.Name()+": "+schema.YAMLValue(c, text))
	}
	fmt.Fprintf(&e.b, "%s#%s: [{%s}]\n", indent, k.Name(), strings.Join(entry, ", "))
}

// hint adds what the documentation does not say: choices and bounds.
func hint(k *schema.Key) string {
	switch {
	case len(k.Values) > 1 && !strings.Contains(k.Doc, k.Values[1]):
		return " One of: " + strings.Join(k.Values, ", ") + "."
	case k.Kind == schema.KindInt || k.Kind == schema.KindDuration:
		return " (" + k.Bounds + ")"
	}
	return ""
}
