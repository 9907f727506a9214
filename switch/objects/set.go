package objects

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"strowger/switch/fault"
	"strowger/switch/objects/schema"
)

// Set is a number of objects: a file's, or everything that is in force. It is
// immutable; the zero value is empty.
type Set struct {
	file    file
	numbers map[Kind]map[string]int64
	written map[Kind]bool  // sections that the file has, empty ones included
	report  *schema.Report // where everything stands in the file; nil: not from a file
}

// newSet is an empty set, in which the kinds with one object have their defaults.
func newSet() *Set {
	s := &Set{numbers: map[Kind]map[string]int64{}, written: map[Kind]bool{}}
	if err := schema.Decode(form().Root().Defaults(), &s.file); err != nil {
		panic("objects: defaults: " + err.Error()) // any test shows it
	}
	return s
}

// Stored is one object as a database keeps it: Body is JSON without what has
// its default.
type Stored struct {
	Kind   Kind
	ID     string
	Number int64 // stable, never reused; 0: none yet
	Body   []byte
}

// Parse reads a file; name is what findings call it. The form and each object
// by itself are checked, references are not: see [Merge]. The error is
// Invalid, with a [Problems] cause where the text was read.
func Parse(name string, text []byte) (*Set, error) {
	if len(text) > MaxFile {
		return nil, fault.Newf(fault.Invalid, "objects: read", name, "the file is larger than %d MiB; divide it, and apply one part after the other", MaxFile>>20)
	}
	r := form().NewReport(name)
	values := r.Parse(text)
	s := newSet()
	s.report = r
	if values == nil {
		return nil, refused("objects: read", name, r)
	}
	for section, v := range values {
		s.written[kindOf(section)] = true
		if k := kindOf(section); k.Single() {
			values[section] = withDefaults(k, v)
		}
	}
	for _, k := range Kinds() {
		if !s.written[k] && k.Single() {
			values[k.Section()] = withDefaults(k, map[string]any{})
		}
	}
	r.Diagnose(values)
	for section := range values {
		if r.Broken(section) {
			delete(values, section)
		}
	}
	if err := schema.Decode(values, &s.file); err != nil {
		r.Errorf(nil, "", "the objects cannot be decoded: %v", err)
	}
	s.normalise()
	r.Durations(&s.file)
	s.checkEach(r)
	if len(r.Errors) > 0 {
		return nil, refused("objects: read", name, r)
	}
	return s, nil
}

func refused(op, name string, r *schema.Report) error {
	return &fault.Error{Kind: fault.Invalid, Op: op, Subject: name, Err: r.Err()}
}

func withDefaults(k Kind, v any) any {
	given, ok := v.(map[string]any)
	if !ok {
		return v
	}
	m := form().Root().Child(k.Section()).Defaults()
	for key, value := range given {
		m[key] = value
	}
	return m
}

// normalise brings names into the one spelling that is kept.
func (s *Set) normalise() {
	for i := range s.file.Agents {
		s.file.Agents[i].ID = strings.ToLower(s.file.Agents[i].ID)
	}
}

// checkEach finds ids that are there twice and texts that no line can show.
func (s *Set) checkEach(r *schema.Report) {
	for _, k := range Kinds() {
		if r.Broken(k.Section()) {
			continue
		}
		ids := schema.Owners{}
		for i := range s.count(k) {
			if !k.Single() {
				ids.Claim(r, s.id(k, i), at(k, i, "id"), "give every "+string(k)+" its own id")
			}
			path := at(k, i)
			if k.Single() {
				path = []string{k.Section()}
			}
			printableTexts(r, s.object(k, i), form().Root().Child(k.Section()), path)
		}
	}
}

func printableTexts(r *schema.Report, v reflect.Value, k *schema.Key, path []string) {
	under := func(name string) []string { return append(path[:len(path):len(path)], name) }
	refuse := func(text string, path []string) {
		if strings.ContainsFunc(text, func(c rune) bool { return c != ' ' && !unicode.IsPrint(c) }) {
			r.Errorf(path, "write it in one line of printable characters", "holds control characters or line breaks")
		}
	}
	for i, c := range k.Children() {
		f := v.Field(i)
		switch c.Kind {
		case schema.KindString:
			refuse(f.String(), under(c.Name()))
		case schema.KindStrings:
			for j := range f.Len() {
				refuse(f.Index(j).String(), append(under(c.Name()), strconv.Itoa(j)))
			}
		case schema.KindSection:
			printableTexts(r, f, c, under(c.Name()))
		case schema.KindList:
			for j := range f.Len() {
				printableTexts(r, f.Index(j), c, append(under(c.Name()), strconv.Itoa(j)))
			}
		case schema.KindSecret, schema.KindInt, schema.KindBool, schema.KindDuration:
		}
	}
}

// FromStored builds what is in force from the rows of a database. The error
// is Invalid, for a row that this version does not understand.
func FromStored(rows []Stored) (*Set, error) {
	s := newSet()
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b Stored) int { return int(a.Number - b.Number) })
	for _, row := range sorted {
		if row.Kind.Section() == "" {
			return nil, unreadable(row, nil)
		}
		open, closing := "[", "]"
		if row.Kind.Single() {
			open, closing = "", ""
		}
		one, err := Parse(string(row.Kind)+" "+row.ID, []byte(`{"`+row.Kind.Section()+`": `+open+string(row.Body)+closing+"}"))
		if err != nil || one.count(row.Kind) != 1 || !row.Kind.Single() && one.id(row.Kind, 0) != row.ID {
			return nil, unreadable(row, err)
		}
		s.add(row.Kind, one.object(row.Kind, 0))
		s.setNumber(row.Kind, row.ID, row.Number)
	}
	return s, nil
}

func unreadable(row Stored, err error) error {
	return &fault.Error{
		Kind: fault.Invalid, Op: "objects: load", Subject: string(row.Kind) + " " + row.ID, Err: err,
		Reason: "the database holds an object that this version does not understand: start the version that wrote it",
	}
}

// Stored returns every object as a database keeps it.
func (s *Set) Stored() ([]Stored, error) {
	var out []Stored
	for _, k := range Kinds() {
		for i := range s.count(k) {
			body, err := json.Marshal(s.plain(k, i, false))
			if err != nil {
				return nil, fault.Wrap(fault.Internal, "objects: encode", s.id(k, i), err)
			}
			out = append(out, Stored{Kind: k, ID: s.id(k, i), Number: s.number(k, s.id(k, i)), Body: body})
		}
	}
	return out, nil
}

// WithNumbers returns the set with the numbers that a database has given.
func (s *Set) WithNumbers(rows []Stored) *Set {
	next := &Set{file: s.file, numbers: map[Kind]map[string]int64{}, written: s.written, report: s.report}
	for _, row := range rows {
		next.setNumber(row.Kind, row.ID, row.Number)
	}
	return next
}

func (s *Set) number(k Kind, id string) int64 { return s.numbers[k][id] }

func (s *Set) setNumber(k Kind, id string, n int64) {
	if s.numbers[k] == nil {
		s.numbers[k] = map[string]int64{}
	}
	s.numbers[k][id] = n
}

// section is the field of the file that holds a kind: a slice, or a struct.
func (s *Set) section(k Kind) reflect.Value {
	v := reflect.ValueOf(&s.file).Elem()
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("yaml") == k.Section() {
			return v.Field(i)
		}
	}
	panic("objects: no field for " + string(k)) // a defect that any test shows
}

// count is how many objects of a kind there are. One of a single kind is
// there when it says something.
func (s *Set) count(k Kind) int {
	v := s.section(k)
	if !k.Single() {
		return v.Len()
	}
	if v.IsZero() || len(plainOf(v, form().Root().Child(k.Section()), false)) == 0 {
		return 0
	}
	return 1
}

func (s *Set) object(k Kind, i int) reflect.Value {
	if k.Single() {
		return s.section(k)
	}
	return s.section(k).Index(i)
}

func (s *Set) add(k Kind, object reflect.Value) {
	field := s.section(k)
	if k.Single() {
		field.Set(object)
		return
	}
	field.Set(reflect.Append(field, object))
}

func (s *Set) id(k Kind, i int) string {
	if k.Single() {
		return SingleID
	}
	return s.object(k, i).FieldByName("ID").String()
}

// index maps the ids of a kind to their places.
func (s *Set) index(k Kind) map[string]int {
	out := make(map[string]int, s.count(k))
	for i := range s.count(k) {
		out[s.id(k, i)] = i
	}
	return out
}

// Count is how many objects of a kind there are.
func (s *Set) Count(k Kind) int { return s.count(k) }

// Empty reports whether there is no object at all.
func (s *Set) Empty() bool {
	for _, k := range Kinds() {
		if s.count(k) > 0 {
			return false
		}
	}
	return true
}

// Select returns the set with the given kinds only (none: all), and of these
// the objects with the given ids (none: all). An id that does not exist is
// NotFound; ids without exactly one kind are Invalid.
func (s *Set) Select(kinds []Kind, ids []string) (*Set, error) {
	const op = "objects: get"
	if len(ids) > 0 && len(kinds) != 1 {
		return nil, fault.New(fault.Invalid, op, ids[0], "ids belong to one kind: name it, as in `strowger get queues ID`")
	}
	out := newSet()
	out.numbers = s.numbers
	for _, k := range Kinds() {
		if len(kinds) > 0 && !slices.Contains(kinds, k) {
			continue
		}
		out.written[k] = len(ids) == 0
		for i := range s.count(k) {
			if len(ids) == 0 || has(ids, s.id(k, i)) {
				out.add(k, s.object(k, i))
			}
		}
	}
	for _, id := range ids {
		if _, found := s.index(kinds[0])[id]; !found {
			return nil, fault.Newf(fault.NotFound, op, schema.Printable(id), "there is no %s with this id%s", kinds[0], didYouMean(id, s.ids(kinds[0])))
		}
	}
	return out, nil
}

func (s *Set) ids(k Kind) []string {
	var out []string
	for i := range s.count(k) {
		out = append(out, s.id(k, i))
	}
	return out
}

// YAML writes the set as a file that Parse reads. Kinds without an object are
// written as empty lists where the set stands for all objects of the kind, so
// that applying the file with prune gives the same again.
func (s *Set) YAML() ([]byte, error) {
	root := &yaml.Node{Kind: yaml.MappingNode}
	for _, k := range Kinds() {
		key := form().Root().Child(k.Section())
		v := s.section(k)
		if s.count(k) == 0 && !s.written[k] {
			continue
		}
		root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: k.Section()}, nodeOf(v, key))
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(root); err != nil {
		return nil, fault.Wrap(fault.Internal, "objects: write", "", err)
	}
	return b.Bytes(), nil
}

// JSON returns the set by section, with every value, defaults included: lists
// of objects, and one object for the kinds of which there is one.
func (s *Set) JSON() map[string]any {
	out := map[string]any{}
	for _, k := range Kinds() {
		if s.count(k) == 0 && !s.written[k] {
			continue
		}
		if k.Single() {
			out[k.Section()] = s.plain(k, 0, true)
			continue
		}
		list := []any{}
		for i := range s.count(k) {
			list = append(list, s.plain(k, i, true))
		}
		out[k.Section()] = list
	}
	return out
}

func (s *Set) plain(k Kind, i int, all bool) map[string]any {
	return plainOf(s.object(k, i), form().Root().Child(k.Section()), all)
}

func at(k Kind, i int, rest ...string) []string {
	return append([]string{k.Section(), strconv.Itoa(i)}, rest...)
}

// Endpoints lists the phones of agents and stations, each once.
func (s *Set) Endpoints() []string {
	var out []string
	for _, station := range s.file.Stations {
		out = append(out, station.Endpoint)
	}
	for _, a := range s.file.Agents {
		if a.Station.Endpoint != "" {
			out = append(out, a.Station.Endpoint)
		}
	}
	return out
}
