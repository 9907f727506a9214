package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// The hand-written event header stands for these two models, so they must
// have exactly these properties.
var headerModels = map[string][]string{
	"Message": {"asterisk_id", "type"},
	"Event":   {"application", "timestamp"},
}

// collectModels learns every model name and the list of events before any type is resolved.
func (ld *loader) collectModels(docs map[string]*object, s *spec) error {
	events := map[string]bool{}
	inEvents := map[string]bool{}
	for _, file := range keys(docs) {
		var raw map[string]struct {
			SubTypes      []string
			Discriminator string
		}
		if m, ok := docs[file].m["models"]; ok {
			if err := json.Unmarshal(m, &raw); err != nil {
				return fmt.Errorf("%s: models: %w", file, err)
			}
		}
		for _, name := range keys(raw) {
			if ld.models[name] {
				return fmt.Errorf("%s: model %s is defined twice", file, name)
			}
			ld.models[name] = true
			m := raw[name]
			if file == "events" {
				inEvents[name] = true
			}
			if len(m.SubTypes) == 0 {
				continue
			}
			if _, known := headerModels[name]; !known || file != "events" {
				return fmt.Errorf("%s: model %s has subTypes: only Message and Event in events.json may", file, name)
			}
			ld.bases[name] = true
			for _, t := range m.SubTypes {
				events[t] = true
			}
		}
	}
	for base := range ld.bases {
		delete(events, base)
	}
	s.Events = keys(events)
	for _, e := range s.Events {
		if !inEvents[e] {
			return fmt.Errorf("events: subType %s has no model in events.json", e)
		}
	}
	for _, m := range keys(inEvents) {
		if !events[m] && !ld.bases[m] && !ld.l.met("notEvents", m) {
			return fmt.Errorf("events: model %s is no event and not listed in notEvents of quirks.go", m)
		}
		if events[m] && slices.Contains(ld.q.notEvents, m) {
			return fmt.Errorf("events: model %s is an event, and quirks.go says it is not", m)
		}
	}
	return nil
}

// modelsOf reads the models of one file, in the order of the file.
func (ld *loader) modelsOf(file string, o *object) ([]model, error) {
	var raw json.RawMessage
	ok, err := o.take("models", &raw)
	if err != nil || !ok {
		return nil, err
	}
	order, err := orderedKeys(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: models: %w", file, err)
	}
	all, err := newObject(file+" models", raw)
	if err != nil {
		return nil, err
	}
	events, err := ld.eventNames(file, all)
	if err != nil {
		return nil, err
	}
	var out []model
	for _, name := range order {
		m, err := ld.model(name, all.m[name])
		if err != nil {
			return nil, err
		}
		m.Event = events[name]
		if m.Empty && !m.Event && !ld.l.met("emptyModels", name) {
			return nil, fmt.Errorf("model %s has no properties and is not listed in emptyModels of quirks.go", name)
		}
		if !ld.bases[name] {
			out = append(out, *m)
		}
	}
	return out, nil
}

// eventNames returns the sub types of the two header models.
func (ld *loader) eventNames(file string, all *object) (map[string]bool, error) {
	out := map[string]bool{}
	if file != "events" {
		return out, nil
	}
	for base := range ld.bases {
		var m struct{ SubTypes []string }
		if err := json.Unmarshal(all.m[base], &m); err != nil {
			return nil, err
		}
		for _, t := range m.SubTypes {
			out[t] = true
		}
	}
	return out, nil
}

// model reads one model.
func (ld *loader) model(name string, raw json.RawMessage) (*model, error) {
	o, err := newObject("model "+name, raw)
	if err != nil {
		return nil, err
	}
	var id, discriminator string
	if err := o.need("id", &id); err != nil {
		return nil, err
	}
	if id != name {
		return nil, fmt.Errorf("model %s calls itself %s", name, id)
	}
	if _, err := o.take("discriminator", &discriminator); err != nil {
		return nil, err
	}
	if discriminator != "" && (discriminator != "type" || name != "Message") {
		return nil, fmt.Errorf("model %s: discriminator %q: only Message may have one, and it is \"type\"", name, discriminator)
	}
	o.drop("description", "subTypes")
	m := &model{Name: name}
	var props json.RawMessage
	if err := o.need("properties", &props); err != nil {
		return nil, err
	}
	order, err := orderedKeys(props)
	if err != nil {
		return nil, fmt.Errorf("model %s: properties: %w", name, err)
	}
	m.Empty = len(order) == 0
	if ld.bases[name] {
		return m, checkHeader(name, order)
	}
	po, err := newObject("model "+name+" properties", props)
	if err != nil {
		return nil, err
	}
	for _, p := range order {
		prop, err := ld.property(name, p, po.m[p])
		if err != nil {
			return nil, err
		}
		m.Props = append(m.Props, *prop)
	}
	return m, o.done()
}

// checkHeader compares a base model with the hand-written header.
func checkHeader(name string, props []string) error {
	got := slices.Clone(props)
	sort.Strings(got)
	if want := headerModels[name]; !slices.Equal(got, want) {
		return fmt.Errorf("model %s has properties %v, the hand-written event header has %v: change both", name, got, want)
	}
	return nil
}

// property reads one property of a model.
func (ld *loader) property(mod, name string, raw json.RawMessage) (*property, error) {
	where := mod + "." + name
	o, err := newObject(where, raw)
	if err != nil {
		return nil, err
	}
	p := &property{Name: name, Go: goName(name)}
	var kind string
	if err := o.need("type", &kind); err != nil {
		return nil, err
	}
	ok, err := o.take("required", &p.Required)
	if err != nil {
		return nil, err
	}
	if !ok && !ld.l.met("optionalByDefault", where) {
		return nil, fmt.Errorf("%s: property without \"required\": list it in quirks.go", where)
	}
	o.drop("description")
	if p.Note, err = note(o); err != nil {
		return nil, err
	}
	if p.Type, err = ld.propertyType(where, kind, p.Required); err != nil {
		return nil, err
	}
	return p, o.done()
}

// propertyType chooses the Go type: an optional model is a pointer, an
// optional scalar is its zero value.
func (ld *loader) propertyType(where, kind string, required bool) (string, error) {
	scalars := map[string]string{
		"string": "string", "int": "int", "long": "int64", "double": "float64", "boolean": "bool", "Date": "Date",
	}
	if t, ok := scalars[kind]; ok {
		return t, nil
	}
	if kind == "object" || kind == "List[object]" {
		t, ok := ld.q.objects[where]
		if !ok || strings.HasPrefix(kind, "List") != strings.HasPrefix(t, "[]") {
			return "", fmt.Errorf("%s: property of type %q is not in the objects table of quirks.go", where, kind)
		}
		ld.l.met("objects", where)
		return t, nil
	}
	name, list := kind, false
	if inner, ok := listOf(kind); ok {
		name, list = inner, true
		if t, ok := scalars[name]; ok {
			return "[]" + t, nil
		}
	}
	if !ld.models[name] || ld.bases[name] {
		return "", fmt.Errorf("%s: property of unknown type %q", where, kind)
	}
	switch {
	case list:
		return "[]" + name, nil
	case required:
		return name, nil
	}
	return "*" + name, nil
}

// listOf returns X of "List[X]".
func listOf(kind string) (string, bool) {
	inner, ok := strings.CutPrefix(kind, "List[")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(inner, "]")
}
