package objects

import (
	"bytes"
	"maps"
	"reflect"
	"strconv"

	"go.yaml.in/yaml/v3"

	"strowger/switch/fault"
	"strowger/switch/objects/schema"
)

// Merge lays a file over what is in force: an object of the file replaces the
// one of that kind and id as a whole, or is new. The others stay; with prune
// those go whose kind has a section in the file. The result is checked as a
// whole. The error is Invalid with a [Problems] cause; nothing is changed.
func Merge(current, given *Set, prune bool) (*Set, Diff, error) {
	next := newSet()
	from := map[Kind][]int{} // where an object of next stands in the file; -1: nowhere
	for _, k := range Kinds() {
		from[k] = next.merge(k, current, given, prune)
	}
	for k, ids := range current.numbers {
		next.numbers[k] = maps.Clone(ids)
	}
	r := given.reportOn(next, from)
	next.check(r)
	if len(r.Errors) == 0 {
		next.checkSize(r)
	}
	if len(r.Errors) == 0 {
		next.checkModel(r)
	}
	if len(r.Errors) > 0 {
		return nil, Diff{}, refused("objects: check", r.File, r)
	}
	return next, diff(current, next, given), nil
}

// Check parses a file and checks it as all that there is.
func Check(name string, text []byte) (*Set, error) {
	given, err := Parse(name, text)
	if err != nil {
		return nil, err
	}
	next, _, err := Merge(&Set{}, given, true)
	return next, err
}

// merge fills one kind and returns where its objects stand in the file.
func (s *Set) merge(k Kind, current, given *Set, prune bool) (from []int) {
	if k.Single() {
		source, place := current, -1
		if given.written[k] || given.count(k) > 0 {
			source, place = given, 0
		}
		if source.count(k) > 0 {
			s.section(k).Set(source.section(k))
		}
		return []int{place}
	}
	inFile, had := given.index(k), current.index(k)
	for i := range current.count(k) {
		if at, replaced := inFile[current.id(k, i)]; replaced {
			s.add(k, given.object(k, at))
			from = append(from, at)
		} else if !prune || !given.written[k] {
			s.add(k, current.object(k, i))
			from = append(from, -1)
		}
	}
	for i := range given.count(k) {
		if _, known := had[given.id(k, i)]; !known {
			s.add(k, given.object(k, i))
			from = append(from, i)
		}
	}
	return from
}

// reportOn is a report about the merged set that finds the lines of what
// comes from the file.
func (s *Set) reportOn(next *Set, from map[Kind][]int) *schema.Report {
	var r schema.Report
	if s.report != nil {
		r = s.report.Again()
	} else {
		r = *form().NewReport("objects")
	}
	place := func(path []string) (Kind, int, bool) {
		if len(path) < 2 {
			return "", 0, false
		}
		k := kindOf(path[0])
		i, err := strconv.Atoi(path[1])
		return k, i, err == nil && !k.Single() && i < len(from[k])
	}
	r.Source = func(path []string) []string {
		k, i, known := place(path)
		switch {
		case !known:
			return path
		case from[k][i] < 0:
			return nil
		}
		return append([]string{path[0], strconv.Itoa(from[k][i])}, path[2:]...)
	}
	r.Show = func(path []string) string {
		if k, i, known := place(path); known {
			return k.Section() + "[" + schema.Printable(next.id(k, i)) + "]" + dotted(schema.ShowPath(path[2:]))
		}
		return schema.ShowPath(path)
	}
	return &r
}

func dotted(s string) string {
	if s == "" {
		return ""
	}
	return "." + s
}

// checkSize makes sure that what is in force can be written as one file and
// read again.
func (s *Set) checkSize(r *schema.Report) {
	for _, k := range Kinds() {
		if n := s.count(k); n > k.limit() {
			r.Errorf([]string{k.Section()}, "remove some first, with --prune", "%d are more than the %d that there can be", n, k.limit())
		}
	}
	text, err := s.YAML()
	if err != nil || len(text) > MaxFile {
		r.Errorf(nil, "remove some first, with --prune", "all objects together are larger than %d MiB", MaxFile>>20)
		return
	}
	var doc yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&doc); err != nil || count(&doc) > schema.MaxValues-2 {
		r.Errorf(nil, "remove some first, with --prune", "all objects together have more than %d values", schema.MaxValues)
	}
}

func count(n *yaml.Node) int {
	total := 1
	for _, c := range n.Content {
		total += count(c)
	}
	return total
}

// Equal reports whether both say the same, whatever the numbers.
func (s *Set) Equal(o *Set) bool { return reflect.DeepEqual(s.file, o.file) }

// checkModel is the last word: what the model and its tables refuse is
// refused here, at the object that it is about.
func (s *Set) checkModel(r *schema.Report) {
	cfg := s.Config()
	if err := cfg.Validate(); err != nil {
		r.Errorf(s.about(err), "", "%s", fault.ReasonOf(err))
	}
}
