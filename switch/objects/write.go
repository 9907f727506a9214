package objects

import (
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"strowger/switch/objects/schema"
)

// isDefault reports whether a value needs no writing.
func isDefault(v reflect.Value, k *schema.Key) bool {
	switch k.Kind {
	case schema.KindInt:
		return strconv.FormatInt(v.Int(), 10) == k.Default
	case schema.KindBool:
		return strconv.FormatBool(v.Bool()) == k.Default
	case schema.KindDuration:
		d, err := schema.ParseDuration(k.Default)
		return err == nil && time.Duration(v.Int()) == d
	case schema.KindStrings, schema.KindList:
		return v.Len() == 0
	case schema.KindSection:
		return len(plainOf(v, k, false)) == 0
	case schema.KindString, schema.KindSecret:
	}
	return v.String() == k.Default
}

// plainOf turns a struct into plain values; without what has its default
// unless all is set.
func plainOf(v reflect.Value, k *schema.Key, all bool) map[string]any {
	out := map[string]any{}
	for i, c := range k.Children() {
		f := v.Field(i)
		if !all && !c.Required && isDefault(f, c) {
			continue
		}
		switch c.Kind {
		case schema.KindInt:
			out[c.Name()] = f.Int()
		case schema.KindBool:
			out[c.Name()] = f.Bool()
		case schema.KindSection:
			out[c.Name()] = plainOf(f, c, all)
		case schema.KindList:
			list := make([]any, f.Len())
			for j := range list {
				list[j] = plainOf(f.Index(j), c, all)
			}
			out[c.Name()] = list
		case schema.KindStrings:
			list := make([]string, f.Len())
			for j := range list {
				list[j] = f.Index(j).String()
			}
			out[c.Name()] = list
		case schema.KindDuration, schema.KindString, schema.KindSecret:
			out[c.Name()] = textOf(f, c)
		}
	}
	return out
}

// textOf writes a single value as a file has it.
func textOf(v reflect.Value, k *schema.Key) string {
	switch k.Kind {
	case schema.KindInt:
		return strconv.FormatInt(v.Int(), 10)
	case schema.KindBool:
		return strconv.FormatBool(v.Bool())
	case schema.KindDuration:
		return schema.FormatDuration(time.Duration(v.Int()))
	case schema.KindString, schema.KindSecret, schema.KindStrings, schema.KindSection, schema.KindList:
	}
	return v.String()
}

// nodeOf writes a section, in the order of the struct.
func nodeOf(v reflect.Value, k *schema.Key) *yaml.Node {
	if k.Kind == schema.KindList {
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.Len() {
			list.Content = append(list.Content, mappingOf(v.Index(i), k))
		}
		if v.Len() == 0 {
			list.Style = yaml.FlowStyle
		}
		return list
	}
	return mappingOf(v, k)
}

func mappingOf(v reflect.Value, k *schema.Key) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode}
	for i, c := range k.Children() {
		f := v.Field(i)
		if !c.Required && isDefault(f, c) {
			continue
		}
		var value *yaml.Node
		switch c.Kind {
		case schema.KindSection, schema.KindList:
			value = nodeOf(f, c)
		case schema.KindStrings:
			value = &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
			for j := range f.Len() {
				value.Content = append(value.Content, textNode(f.Index(j).String()))
			}
		case schema.KindInt:
			value = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: textOf(f, c)}
		case schema.KindBool:
			value = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: textOf(f, c)}
		case schema.KindDuration, schema.KindString, schema.KindSecret:
			value = textNode(textOf(f, c))
		}
		m.Content = append(m.Content, textNode(c.Name()), value)
	}
	if len(m.Content) == 0 {
		m.Style = yaml.FlowStyle
	}
	return m
}

func textNode(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.Trim(s, "0123456789") == "" || strings.HasPrefix(s, "+") { // digits are texts here
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}
