package schema

import (
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Durations holds every duration of the struct v, which belongs to the file's
// root, against the bounds of its key. Broken sections are left out.
func (r *Report) Durations(v any) {
	r.durations(reflect.Indirect(reflect.ValueOf(v)), r.spec.root, nil)
}

func (r *Report) durations(v reflect.Value, k *Key, path []string) {
	for i := range v.NumField() {
		c := k.Child(v.Type().Field(i).Tag.Get("yaml"))
		if c == nil || len(path) == 0 && r.broken[c.name] {
			continue
		}
		at, f := append(path[:len(path):len(path)], c.name), v.Field(i)
		switch c.Kind {
		case KindDuration:
			if d := time.Duration(f.Int()); d < c.min || d > c.max {
				r.Errorf(at, "write a duration from "+c.Bounds, "%s is out of bounds", FormatDuration(d))
			}
		case KindSection:
			r.durations(f, c, at)
		case KindList:
			for j := range f.Len() {
				r.durations(f.Index(j), c, append(at[:len(at):len(at)], strconv.Itoa(j)))
			}
		case KindString, KindSecret, KindInt, KindBool, KindStrings:
		}
	}
}

// Owners remembers which path first used a value that must be unique.
type Owners map[string][]string

// Claim reports whether value is new; otherwise it files who has it already.
func (o Owners) Claim(r *Report, value string, path []string, fix string) bool {
	if value == "" {
		return true
	}
	first, taken := o[value]
	if !taken {
		o[value] = path
		return true
	}
	p := Problem{}
	r.Locate(&p, first)
	where := r.show(first)
	if p.Line > 0 {
		where += " in line " + strconv.Itoa(p.Line)
	}
	r.Errorf(path, fix, "%q is already used by %s", value, where)
	return false
}

// OneLine files a text that holds control characters.
func (r *Report) OneLine(text string, path []string) {
	if strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		r.Errorf(path, "write it in one line of printable characters", "holds control characters or line breaks")
	}
}
