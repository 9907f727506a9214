package objects

import (
	"fmt"
	"reflect"
	"strings"

	"strowger/switch/objects/schema"
)

// Action is what happens to an object.
type Action string

// The actions.
const (
	Created   Action = "created"
	Changed   Action = "changed"
	Unchanged Action = "unchanged"
	Removed   Action = "removed"
)

// Field is one value of an object that differs. A name such as
// nodes[welcome].next goes through lists by id, or else by place. An empty Old
// or New is nothing or an empty text.
type Field struct {
	Name string `json:"name" doc:"the key; lists by id or place"`
	Old  string `json:"old,omitempty" doc:"value in force, empty: none"`
	New  string `json:"new,omitempty" doc:"value in the file, empty: none"`
}

// Change is what happens to one object.
type Change struct {
	Kind   Kind    `json:"kind" doc:"kind of object"`
	ID     string  `json:"id"`
	Action Action  `json:"action" enum:"created,changed,unchanged,removed"`
	Fields []Field `json:"fields,omitempty" doc:"values that differ; of a created object those that differ from the defaults"`
}

// Diff is what a file changes: one entry per object of the file and per
// removed object, by kind, then in the order of the file.
type Diff struct {
	Objects   []Change `json:"objects"`
	Created   int      `json:"created"`
	Changed   int      `json:"changed"`
	Unchanged int      `json:"unchanged"`
	Removed   int      `json:"removed"`
}

// Empty reports whether nothing changes.
func (d Diff) Empty() bool { return d.Created+d.Changed+d.Removed == 0 }

// Text is the form for a person: an object a line with what changes below it;
// unchanged objects are counted only.
func (d Diff) Text() string {
	var b strings.Builder
	for _, c := range d.Objects {
		if c.Action == Unchanged {
			continue
		}
		if c.Kind.Single() {
			fmt.Fprintf(&b, "%s: %s\n", c.Kind, c.Action)
		} else {
			fmt.Fprintf(&b, "%s %s: %s\n", c.Kind, c.ID, c.Action)
		}
		for _, f := range c.Fields {
			if c.Action == Created {
				fmt.Fprintf(&b, "  %s: %s\n", f.Name, f.New)
				continue
			}
			fmt.Fprintf(&b, "  %s: %s -> %s\n", f.Name, shown(f.Old), shown(f.New))
		}
	}
	fmt.Fprintf(&b, "%d created, %d changed, %d removed, %d unchanged\n", d.Created, d.Changed, d.Removed, d.Unchanged)
	return b.String()
}

func shown(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// add counts a change and keeps it.
func (d *Diff) add(c Change) {
	switch c.Action {
	case Created:
		d.Created++
	case Changed:
		d.Changed++
	case Unchanged:
		d.Unchanged++
	case Removed:
		d.Removed++
	}
	d.Objects = append(d.Objects, c)
}

// diff compares what is in force with what the file makes of it.
func diff(current, next, given *Set) Diff {
	d := Diff{Objects: []Change{}}
	for _, k := range Kinds() {
		key := form().Root().Child(k.Section())
		before, after := current.index(k), next.index(k)
		for i := range given.count(k) {
			id := given.id(k, i)
			old, existed := before[id]
			if !existed {
				d.add(Change{Kind: k, ID: id, Action: Created, Fields: fieldsOf(reflect.Value{}, given.object(k, i), key)})
				continue
			}
			fields := fieldsOf(current.object(k, old), given.object(k, i), key)
			action := Changed
			if len(fields) == 0 {
				action = Unchanged
			}
			d.add(Change{Kind: k, ID: id, Action: action, Fields: fields})
		}
		for i := range current.count(k) {
			if _, stays := after[current.id(k, i)]; !stays {
				d.add(Change{Kind: k, ID: current.id(k, i), Action: Removed})
			}
		}
	}
	return d
}

// fieldsOf lists what differs; an invalid old value stands for the defaults.
func fieldsOf(old, now reflect.Value, k *schema.Key) []Field {
	a, b := flat{values: map[string]string{}}, flat{values: map[string]string{}}
	if old.IsValid() {
		a.object(old, k, "", true)
	}
	b.object(now, k, "", old.IsValid())
	var out []Field
	for _, name := range b.names {
		if v := a.values[name]; v != b.values[name] {
			out = append(out, Field{Name: name, Old: v, New: b.values[name]})
		}
	}
	for _, name := range a.names {
		if _, still := b.values[name]; !still && a.values[name] != "" {
			out = append(out, Field{Name: name, Old: a.values[name]})
		}
	}
	return out
}

// flat is an object as a list of names with their values.
type flat struct {
	names  []string
	values map[string]string
}

func (l *flat) put(name, value string) {
	l.names = append(l.names, name)
	l.values[name] = value
}

func (l *flat) object(v reflect.Value, k *schema.Key, prefix string, all bool) {
	for i, c := range k.Children() {
		f, name := v.Field(i), prefix+c.Name()
		if name == "id" || !all && isDefault(f, c) {
			continue
		}
		switch c.Kind {
		case schema.KindSection:
			l.object(f, c, name+".", all)
		case schema.KindList:
			l.list(f, c, name, all)
		case schema.KindStrings:
			if f.Len() > 0 {
				l.put(name, schema.YAMLList(f.Interface().([]string)))
			}
		case schema.KindString, schema.KindSecret, schema.KindInt, schema.KindBool, schema.KindDuration:
			l.put(name, textOf(f, c))
		}
	}
}

// list names entries by their id, and tells their order, or else by place.
func (l *flat) list(v reflect.Value, k *schema.Key, name string, all bool) {
	byID := k.Child("id") != nil
	var order []string
	for i := range v.Len() {
		label := fmt.Sprint(i)
		if byID {
			label = v.Index(i).FieldByName("ID").String()
			order = append(order, label)
		}
		l.object(v.Index(i), k, fmt.Sprintf("%s[%s].", name, label), all)
	}
	if byID && len(order) > 0 {
		l.put(name, schema.YAMLList(order))
	}
}
