package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Bounds on the form of a file; they keep a hostile or broken one cheap.
const (
	maxDepth   = 32     // of nesting; the deepest real key is at four
	MaxValues  = 250000 // keys, entries and values; 5000 agents need a third of it
	maxEntries = 5001   // of a list; one more than the schema allows, so that it refuses
)

type position struct{ line, column int }

// origin knows where each value came from: the place of its key in the file,
// by tokens joined with NUL, or the environment variable, by dotted key.
type origin struct {
	at  map[string]position
	env map[string]string
}

func joinPath(path []string) string { return strings.Join(path, "\x00") }

// Locate fills in where the value at path, or its nearest parent, was written.
func (r *Report) Locate(p *Problem, path []string) {
	if r.Source != nil {
		if path = r.Source(path); path == nil {
			return
		}
	}
	for n := len(path); n > 0; n-- {
		if name, ok := r.origin.env[strings.Join(path[:n], ".")]; ok {
			p.Env = name
			return
		}
		if at, ok := r.origin.at[joinPath(path[:n])]; ok {
			p.File, p.Line, p.Column = r.File, at.line, at.column
			return
		}
	}
}

// reader turns YAML nodes into plain values, following the keys' kinds, so
// that 0600 stays "0600" where a text is wanted.
type reader struct {
	r    *Report
	left *int // values that may still come
}

// Parse reads the file's text. What cannot be read is reported and left out;
// the result is nil when the whole is not YAML, and no more can be said.
func (r *Report) Parse(data []byte) map[string]any {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	err := dec.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF):
		return map[string]any{}
	case err != nil:
		r.Put(syntaxProblem(data, err, r.File), nil)
		return nil
	}
	var more yaml.Node
	if err := dec.Decode(&more); err == nil {
		r.Put(Problem{
			Severity: SeverityError, File: r.File, Line: more.Line, Column: more.Column,
			What: "the file holds a second YAML document", Fix: "remove the line --- and keep one document",
		}, nil)
	} else if !errors.Is(err, io.EOF) {
		r.Put(syntaxProblem(data, err, r.File), nil)
	}
	if len(doc.Content) != 1 {
		return map[string]any{}
	}
	left := MaxValues
	rd := reader{r: r, left: &left}
	root := doc.Content[0]
	m, ok := rd.node(root, r.spec.root, nil).(map[string]any)
	if !ok {
		if root.Tag != "!!null" {
			r.Put(r.rootProblem(root), nil)
			return nil
		}
		return map[string]any{}
	}
	return m
}

func (r *Report) rootProblem(n *yaml.Node) Problem {
	p := Problem{
		Severity: SeverityError, File: r.File, Line: n.Line, Column: n.Column,
		What: "the file does not begin with a section",
		Fix:  "write sections such as `" + r.spec.root.children[0].name + ":` with what belongs to them below, indented by two spaces; " + r.spec.opt.Help,
	}
	if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, ":") {
		p.Fix = "write a space after the colon: `key: value`"
	}
	return p
}

// node converts n; k is the key it belongs to, or nil below an unknown key.
// The result is nil for an empty value, which then counts as not written.
func (rd reader) node(n *yaml.Node, k *Key, path []string) any {
	if len(path) > maxDepth {
		rd.unread(path[:maxDepth], rd.r.spec.opt.Help, fmt.Sprintf("nested deeper than %d levels", maxDepth))
		return nil
	}
	if *rd.left--; *rd.left <= 0 {
		if *rd.left == 0 {
			rd.unread(path, "this is not a configuration file", fmt.Sprintf("more than %d values", MaxValues))
		}
		return nil
	}
	if n.Anchor != "" || n.Style&yaml.TaggedStyle != 0 {
		rd.unread(path, "put the value in quotes", "a value that begins with & or ! has a special meaning in YAML, which is not supported here")
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		return rd.mapping(n, k, path)
	case yaml.SequenceNode:
		return rd.sequence(n, k, path)
	case yaml.AliasNode:
		rd.unread(path, "write the value out; a text that begins with * must be in quotes", "YAML aliases are not supported here")
		return nil
	case yaml.ScalarNode:
		if k != nil && k.Kind == KindSecret && len(n.LineComment) > 1 && n.LineComment[1] != ' ' {
			rd.r.Warnf(path, "if it belongs to the password, put the whole in quotes", "what follows the # is a comment, not part of the password")
		}
		return scalar(n, k)
	case yaml.DocumentNode:
	}
	return nil
}

// unread reports a value that was left out; the schema's own errors about it
// would only confuse.
func (rd reader) unread(path []string, fix, what string) {
	rd.r.Errorf(path, fix, "%s", what)
	rd.r.unread[joinPath(path)] = true
}

func (rd reader) mapping(n *yaml.Node, k *Key, path []string) any {
	m := map[string]any{}
	if k != nil && (k.Kind == KindList || k.Kind == KindSection && strings.Contains(k.Path, "[]")) {
		m = k.Defaults()
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		at := append(path[:len(path):len(path)], key.Value)
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
			rd.r.Put(Problem{
				Severity: SeverityError, File: rd.r.File, Line: key.Line, Column: key.Column,
				Key: rd.r.show(path), What: "this is not a plain key", Fix: "write `name: value`; merge keys (<<) are not supported",
			}, at)
			continue
		}
		if line, twice := seen[key.Value]; twice {
			rd.r.Put(Problem{
				Severity: SeverityError, File: rd.r.File, Line: key.Line, Column: key.Column, Key: rd.r.show(at),
				What: fmt.Sprintf("written twice, first in line %d", line), Fix: "keep one of them",
			}, at)
			continue
		}
		seen[key.Value] = key.Line
		rd.r.origin.at[joinPath(at)] = position{key.Line, key.Column}
		var ck *Key
		if k != nil {
			ck = k.Child(key.Value)
		}
		if v := rd.node(val, ck, at); v != nil {
			m[key.Value] = v
		} else if ck == nil {
			m[key.Value] = "" // an unknown key is reported even when it is empty
		}
	}
	return m
}

func (rd reader) sequence(n *yaml.Node, k *Key, path []string) any {
	list := make([]any, 0, len(n.Content))
	for i, item := range n.Content {
		if i == maxEntries {
			break
		}
		at := append(path[:len(path):len(path)], strconv.Itoa(i))
		rd.r.origin.at[joinPath(at)] = position{item.Line, item.Column}
		if k != nil && k.Kind == KindList {
			list = append(list, rd.entry(item, k, at))
			continue
		}
		v := rd.node(item, k, at)
		if v == nil {
			v = ""
		}
		list = append(list, v)
	}
	return list
}

// entry converts one entry of a list of entries; an empty one has no keys.
func (rd reader) entry(item *yaml.Node, k *Key, at []string) any {
	if v := rd.node(item, k, at); v != nil {
		return v
	}
	return k.Defaults()
}

// scalar converts a single value. A number where a text is wanted keeps the
// characters that were written; nothing else is converted, so that the schema
// sees, and reports, a wrong type.
func scalar(n *yaml.Node, k *Key) any {
	tag := n.ShortTag()
	if tag == "!!null" {
		return nil
	}
	text := k != nil && (k.Kind == KindString || k.Kind == KindSecret || k.Kind == KindDuration || k.Kind == KindStrings)
	switch tag {
	case "!!int":
		var i int64
		if !text && n.Decode(&i) == nil {
			return i
		}
	case "!!float":
		var f float64
		if !text && n.Decode(&f) == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	case "!!bool":
		var b bool
		if n.Decode(&b) == nil {
			return b
		}
	}
	return n.Value
}
