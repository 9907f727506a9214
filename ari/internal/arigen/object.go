package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
)

// object is a JSON object of which every key must be consumed: what is left
// over is a shape nobody has looked at.
type object struct {
	where string
	m     map[string]json.RawMessage
}

func newObject(where string, raw json.RawMessage) (*object, error) {
	o := &object{where: where}
	if err := json.Unmarshal(raw, &o.m); err != nil {
		return nil, fmt.Errorf("%s: not an object: %w", where, err)
	}
	return o, nil
}

// need decodes a key that must be there.
func (o *object) need(key string, dst any) error {
	ok, err := o.take(key, dst)
	if err == nil && !ok {
		err = fmt.Errorf("%s: key %q is missing", o.where, key)
	}
	return err
}

// take decodes a key if it is there, and consumes it.
func (o *object) take(key string, dst any) (bool, error) {
	raw, ok := o.m[key]
	if !ok {
		return false, nil
	}
	delete(o.m, key)
	if err := json.Unmarshal(raw, dst); err != nil {
		return true, fmt.Errorf("%s: key %q has an unexpected shape: %w", o.where, key, err)
	}
	return true, nil
}

// list decodes a key as a list of raw values; absent is empty.
func (o *object) list(key string) ([]json.RawMessage, error) {
	var out []json.RawMessage
	_, err := o.take(key, &out)
	return out, err
}

// drop consumes keys whose value is of no use: prose, and settings of other readers.
func (o *object) drop(ks ...string) {
	for _, k := range ks {
		delete(o.m, k)
	}
}

// done fails when a key is left.
func (o *object) done() error {
	if left := keys(o.m); len(left) > 0 {
		return fmt.Errorf("%s: unknown key %q: look at it, then teach the generator or list it in quirks.go", o.where, left[0])
	}
	return nil
}

// orderedKeys returns the keys of a JSON object in the order of the text.
func orderedKeys(raw json.RawMessage) ([]string, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	var out []string
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key, ok := tok.(string)
		if !ok {
			return nil, fmt.Errorf("object key expected, got %v", tok)
		}
		out = append(out, key)
		var skip json.RawMessage
		if err := dec.Decode(&skip); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// keys returns the keys of m, sorted.
func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
