package ici

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"strowger/cti/soap"
)

// maxItems bounds every list that is read.
const maxItems = 1000

// defaultMaxText bounds a text that is read, in bytes, unless its field says
// otherwise.
const defaultMaxText = 256

// field is what the contract says about one element.
type field struct {
	name    string
	aliases []string // other spellings that are read
	max     int      // longest text in bytes; 0 means defaultMaxText
	need    bool     // reading fails when it is absent or empty
	omit    bool     // not written when it is empty
	null    bool     // written as xsi:nil when it is empty
	number  bool     // a telephone number: checked when read, sanitised when written
}

// codec visits the elements of a message in contract order. One list of
// fields per type drives reading, writing and the WSDL.
type codec interface {
	text(f field, v *string)
	whole(f field, v *int)
	truth(f field, v *bool)
	moment(f field, v *time.Time) // the zero time is none, written as xsi:nil
	record(f field, typ string, v record)
	list(f field, typ string, v items)
}

// record is a complex type.
type record interface{ fields(c codec) }

// items is a list seen by a codec.
type items interface {
	size() int
	grow()
	visit(c codec, f field, i int)
}

// slice adapts a Go slice to items; code is how one element is coded.
type slice[T any] struct {
	v    *[]T
	code func(c codec, f field, item *T)
}

func (s slice[T]) size() int { return len(*s.v) }

func (s slice[T]) grow() {
	var zero T
	*s.v = append(*s.v, zero)
}

func (s slice[T]) visit(c codec, f field, i int) { s.code(c, f, &(*s.v)[i]) }

func texts(v *[]string) items {
	return slice[string]{v, func(c codec, f field, item *string) { c.text(f, item) }}
}

func wholes(v *[]int) items {
	return slice[int]{v, func(c codec, f field, item *int) { c.whole(f, item) }}
}

// reader decodes by local name, ignoring namespace, prefix and order. The
// first error stops it.
type reader struct {
	parent *soap.Element
	pinned *soap.Element // a list's item: found whatever its name
	err    *error
}

func (r reader) find(f field) *soap.Element {
	if r.pinned != nil {
		return r.pinned
	}
	if e := r.parent.Child(f.name); e != nil {
		return e
	}
	for _, a := range f.aliases {
		if e := r.parent.Child(a); e != nil {
			return e
		}
	}
	return nil
}

func (r reader) fail(code int, format string, args ...any) {
	if *r.err == nil {
		*r.err = &Error{Code: Code{Number: code}, Text: fmt.Sprintf(format, args...)}
	}
}

// value returns the trimmed text of a field and whether there is any.
func (r reader) value(f field) (string, bool) {
	e := r.find(f)
	if e == nil || *r.err != nil {
		if f.need {
			r.fail(numberMalformed, "element %s is missing", f.name)
		}
		return "", false
	}
	if strings.HasPrefix(e.Attr("href"), "#") {
		r.fail(numberMalformed, "element %s refers to another element; references are not supported, send the value in place", f.name)
		return "", false
	}
	if len(e.Children) > 0 {
		r.fail(numberMalformed, "element %s must hold text, not elements; XML inside it must be escaped", f.name)
		return "", false
	}
	v := e.Value()
	limit := f.max
	if limit == 0 {
		limit = defaultMaxText
	}
	switch {
	case len(v) > limit:
		r.fail(numberMalformed, "element %s is longer than %d bytes", f.name, limit)
	case v == "" && f.need:
		r.fail(numberMalformed, "element %s is empty", f.name)
	}
	return v, v != "" && *r.err == nil
}

func (r reader) text(f field, v *string) {
	s, ok := r.value(f)
	if ok && f.number {
		if err := CheckNumber(s); err != nil && *r.err == nil {
			*r.err = err
			return
		}
	}
	*v = s
}

func (r reader) whole(f field, v *int) {
	s, ok := r.value(f)
	if !ok {
		return
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		r.fail(numberMalformed, "element %s must be a whole number", f.name)
		return
	}
	*v = int(n)
}

func (r reader) truth(f field, v *bool) {
	s, ok := r.value(f)
	if !ok {
		return
	}
	switch strings.ToLower(s) {
	case "true", "1":
		*v = true
	case "false", "0":
		*v = false
	default:
		r.fail(numberMalformed, "element %s must be true or false", f.name)
	}
}

// timeLayout is a dateTime without zone, which is UTC (sap.md 2.3).
const timeLayout = "2006-01-02T15:04:05"

func (r reader) moment(f field, v *time.Time) {
	f.need = false // the element is, but it may be nil
	s, ok := r.value(f)
	if !ok {
		return
	}
	t, err := time.Parse(timeLayout, strings.TrimSuffix(s, "Z"))
	if err != nil {
		r.fail(numberMalformed, "element %s must be a time such as 2026-03-02T09:00:00", f.name)
		return
	}
	*v = t
}

func (r reader) record(f field, _ string, v record) {
	e := r.find(f)
	if e == nil || e.IsNil() || *r.err != nil {
		if f.need {
			r.fail(numberMalformed, "element %s is missing", f.name)
		}
		return
	}
	v.fields(reader{parent: e, err: r.err})
}

func (r reader) list(f field, _ string, v items) {
	e := r.find(f)
	if e == nil || *r.err != nil {
		if f.need {
			r.fail(numberMalformed, "element %s is missing", f.name)
		}
		return
	}
	if len(e.Children) > maxItems {
		r.fail(numberMalformed, "element %s has more than %d items", f.name, maxItems)
		return
	}
	for _, item := range e.Children {
		v.grow()
		v.visit(reader{pinned: item, err: r.err}, field{name: item.Local, max: f.max, number: f.number}, v.size()-1)
	}
	if f.need && v.size() == 0 {
		r.fail(numberMalformed, "element %s has no item", f.name)
	}
}

// writer encodes in contract order; children carry no prefix, so their
// namespace is decided by the wrapper alone.
type writer struct{ out *soap.Encoder }

func (w writer) text(f field, v *string) {
	s := *v
	switch {
	case s == "" && f.omit:
		return
	case s == "" && f.null:
		w.null(f)
		return
	}
	if f.number && (s != "" || f.need) {
		s = Number(s) // a party without number is a party all the same: +0
	}
	w.out.Leaf(f.name, s)
}

func (w writer) moment(f field, v *time.Time) {
	if v.IsZero() {
		w.null(f)
		return
	}
	w.out.Leaf(f.name, v.UTC().Format(timeLayout))
}

func (w writer) null(f field) {
	w.out.Start(f.name)
	w.out.Attr("xmlns:xsi", soap.NamespaceXSI)
	w.out.Attr("xsi:nil", "true")
	w.out.End()
}

func (w writer) whole(f field, v *int)  { w.out.LeafInt(f.name, *v) }
func (w writer) truth(f field, v *bool) { w.out.LeafBool(f.name, *v) }

func (w writer) record(f field, _ string, v record) {
	w.out.Start(f.name)
	v.fields(w)
	w.out.End()
}

func (w writer) list(f field, _ string, v items) {
	if f.null && v.size() == 0 {
		w.null(f)
		return
	}
	w.out.Start(f.name)
	for i := range v.size() {
		v.visit(w, field{name: itemName, number: f.number, need: true}, i)
	}
	w.out.End()
}

// itemName is the name of every list's elements.
const itemName = "item"
