package ici

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"strowger/cti/soap"
)

// sample is one line of testdata/samples.txt.
type sample struct {
	section string
	service Service
	kind    string // request, answer or event
	style   string // of the children's namespace, as it is printed
	tree    *shape
}

// shape is an element with its children, without their values.
type shape struct {
	name string
	kids []*shape
}

func readSamples(t *testing.T) []sample {
	t.Helper()
	f, err := os.Open("testdata/samples.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	var out []sample
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		w := strings.SplitN(line, " ", 5)
		s := sample{section: w[0], service: serviceNamed(strings.TrimPrefix(w[1], "Ici")), kind: w[2], style: w[3]}
		if w[1] == "IciEvent" {
			s.service = ServiceEvent
		}
		s.tree, _ = readShape(w[4])
		if s.service == 0 || s.tree.name == "" {
			t.Fatalf("unreadable: %s", line)
		}
		out = append(out, s)
	}
	return out
}

// readShape reads name or name(child child(...)).
func readShape(s string) (*shape, string) {
	end := strings.IndexAny(s, " ()")
	if end < 0 {
		return &shape{name: s}, ""
	}
	e := &shape{name: s[:end]}
	if s = s[end:]; s[0] != '(' {
		return e, s
	}
	for s[0] != ')' {
		var kid *shape
		kid, s = readShape(s[1:])
		e.kids = append(e.kids, kid)
	}
	return e, s[1:]
}

func (e *shape) String() string {
	if len(e.kids) == 0 {
		return e.name
	}
	var parts []string
	for _, k := range e.kids {
		if s := k.String(); len(parts) == 0 || parts[len(parts)-1] != s {
			parts = append(parts, s)
		}
	}
	return e.name + "(" + strings.Join(parts, " ") + ")"
}

// shapeOf is the shape of a message; repeated items count once, with all that any of them has.
func shapeOf(e *soap.Element) *shape {
	out := &shape{name: e.Local}
	for _, c := range e.Children {
		kid := shapeOf(c)
		if n := len(out.kids); n > 0 && out.kids[n-1].name == kid.name {
			if len(kid.String()) > len(out.kids[n-1].String()) {
				out.kids[n-1] = kid
			}
			continue
		}
		out.kids = append(out.kids, kid)
	}
	return out
}

// leafValues are what is put into an element; the others get their name.
var leafValues = map[string]string{
	"lineNumber": "+49301000129", "dialNumber": "+4917055501", "remoteNumber": "+4917055501", "destination": "+4917055501", "dialedNumber": "+49301000600",
	"channelType": "1", "containerId": "+49301000129", "nextStep": "1", "destType": "1", "maxhits": "5", "wrapUpMode": "1",
	"inbound": "true", "internal": "true", "notification": "true", "read": "true", "answered": "true", "forwarded": "true",
	"requestSuccessNotification": "true", "requestFailureNotification": "true", "systemMessage": "true",
	"handledTime": "2026-03-02T09:00:00", "lastCallTime": "2026-03-02T09:00:00", "nextCallTime": "2026-03-02T09:00:00",
}

// listValues are the items of lists of something else than texts.
var listValues = map[string]string{"capabilityList": "3", "remoteNumbers": "+4917055501"}

// write puts a message together. attr returns the attribute that gives an
// element its namespace, and prefix what stands before its name.
func (e *shape) write(b *strings.Builder, parent string, depth int, prefix string, attr func(depth int) string) {
	b.WriteString("<" + prefix + e.name + attr(depth) + ">")
	for i := 0; len(e.kids) == 1 && e.kids[0].name == itemName && i < 2; i++ { // two of each
		e.kids[0].write(b, e.name, depth+1, prefix, attr)
	}
	switch {
	case len(e.kids) == 0 && listValues[parent] != "" && e.name == itemName:
		b.WriteString(listValues[parent])
	case len(e.kids) == 0 && leafValues[e.name] != "":
		b.WriteString(leafValues[e.name])
	case len(e.kids) == 0 && depth > 0:
		b.WriteString(e.name)
	case len(e.kids) == 1 && e.kids[0].name == itemName:
	default:
		for _, k := range e.kids {
			k.write(b, e.name, depth+1, prefix, attr)
		}
	}
	b.WriteString("</" + prefix + e.name + ">")
}

// forms writes a message in every way that peers write it: the children in the
// namespace of the operation, in none, each with a declaration of its own, all
// with a prefix, and in the namespace of somebody else.
func (s *sample) forms() map[string]string {
	own := ` xmlns="` + s.service.Namespace() + `"`
	out := map[string]string{}
	for name, w := range map[string]struct {
		prefix string
		attr   func(depth int) string
	}{
		"qualified": {"", func(depth int) string { return map[bool]string{true: own}[depth == 0] }},
		"unqualified": {"", func(depth int) string {
			return map[int]string{0: own, 1: ` xmlns=""`}[depth]
		}},
		"redeclared": {"", func(int) string { return own }},
		"prefixed": {"p:", func(depth int) string {
			return map[bool]string{true: ` xmlns:p="` + s.service.Namespace() + `"`}[depth == 0]
		}},
		"foreign": {"", func(depth int) string {
			return map[int]string{0: own, 1: ` xmlns="` + ServiceUser.Namespace() + `"`}[depth]
		}},
	} {
		var b strings.Builder
		s.tree.write(&b, "", 0, w.prefix, w.attr)
		header := `<h:language xmlns:h="http://wicom.com/ws/OII/` + s.service.String() + `/literalTypes">EN</h:language><user` + own + `>SMITH</user>`
		out[name] = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header>` + header + `</soap:Header><soap:Body>` + b.String() + `</soap:Body></soap:Envelope>`
	}
	return out
}

// TestSamples: every message of the reference's chapter 9 is understood in both
// namespace styles and in those between, nothing of it is lost, and answers and
// events have the shape that is printed there.
func TestSamples(t *testing.T) {
	t.Parallel()
	replies, events, count := sampleReplies(), map[string]Event{}, map[string]int{}
	for _, e := range sampleEvents() {
		events[e.EventName()] = e
	}
	full := sampleUser() // what is empty in the other tests has something here
	full.CurrentQueues = full.Queues
	replies[OpUserGetAttributes] = &full
	events["userChanged"] = &UserChanged{[]string{"a1"}, full}
	for _, s := range readSamples(t) {
		count[s.kind]++
		if _, printed := s.forms()[s.style]; !printed {
			t.Errorf("%s is printed in a style that is not tried: %s", s.section, s.style)
		}
		name := strings.TrimSuffix(s.tree.name, "Response")
		switch op, offered := lookup(s.service, name, Style{}); {
		case s.service == ServiceEvent:
			s.event(t, events[name])
		case !offered:
			if !reserved(s.service, name) {
				t.Errorf("%s: %v has no operation %s", s.section, s.service, name)
			}
		case s.kind == "answer":
			s.answer(t, op, replies[op])
		default:
			s.request(t, op)
		}
	}
	if count["request"] < 50 || count["answer"] < 55 || count["event"] != 8 {
		t.Errorf("samples of a kind are missing: %v", count)
	}
}

// request decodes a request in every form and writes it again: the same must
// come out, element by element.
func (s *sample) request(t *testing.T, op Op) {
	t.Helper()
	want := ""
	for form, doc := range s.forms() {
		req, err := DecodeRequest(Meta{Path: "/OII/OII.asmx", Action: s.service.Action()}, envelope(t, doc), Style{})
		if err != nil || req.Op != op || req.User != "SMITH" || req.Language != "EN" || req.Mismatch {
			t.Errorf("%s %s: %v, %+v", s.section, form, err, req)
			continue
		}
		again := envelope(t, string(requestDoc(t, op, req.Params, Style{}))).Body[0]
		if want == "" {
			want = leaves(envelope(t, doc).Body[0])
		}
		if got := leaves(again); !contains(got, want) {
			t.Errorf("%s %s:\n got %s\nwant %s", s.section, form, got, want)
		}
	}
}

// leaves lists the values of a message with their paths, in order.
func leaves(e *soap.Element) string {
	var out []string
	var walk func(e *soap.Element, path string)
	walk = func(e *soap.Element, path string) {
		for _, c := range e.Children {
			walk(c, path+"/"+strings.ToLower(c.Local))
		}
		if v := e.Value(); len(e.Children) == 0 && v != "" {
			out = append(out, path+"="+v)
		}
	}
	walk(e, "")
	return strings.Join(out, "\n")
}

// contains reports whether all lines of part are in all, in that order. What
// else is there are numbers and truth values, which always have one.
func contains(all, part string) bool {
	have := strings.Split(all, "\n")
	for line := range strings.SplitSeq(part, "\n") {
		for len(have) > 0 && have[0] != line {
			have = have[1:]
		}
		if len(have) == 0 {
			return line == ""
		}
	}
	return true
}

// answer compares what we answer with what is printed, and its namespaces with
// what the style says.
func (s *sample) answer(t *testing.T, op Op, r Reply) {
	t.Helper()
	for _, st := range []Style{{}, {Unqualified: true}} {
		e := envelope(t, string(responseDoc(t, op, strings.TrimSuffix(s.tree.name, "Response"), r, st))).Body[0]
		if got := shapeOf(e).String(); got != s.tree.String() {
			t.Errorf("%s:\n got %s\nwant %s", s.section, got, s.tree)
		}
		inNamespace(t, s, e, st.Unqualified)
	}
}

// event compares what we tell with what is printed, and reads it in every form.
func (s *sample) event(t *testing.T, e Event) {
	t.Helper()
	if s.kind == "answer" { // the CRM's
		return
	}
	if e == nil {
		t.Errorf("%s: no such event: %s", s.section, s.tree.name)
		return
	}
	for _, qualified := range []bool{true, false} {
		doc, err := EncodeEvent(e, qualified)
		if err != nil {
			t.Fatal(err)
		}
		body := envelope(t, string(doc)).Body[0]
		if got := shapeOf(body).String(); got != s.tree.String() {
			t.Errorf("%s:\n got %s\nwant %s", s.section, got, s.tree)
		}
		inNamespace(t, *s, body, !qualified)
	}
	for form, doc := range s.forms() {
		if got, err := DecodeEvent(envelope(t, doc)); err != nil || got.EventName() != e.EventName() {
			t.Errorf("%s %s: %v", s.section, form, err)
		}
	}
}

func inNamespace(t *testing.T, s any, e *soap.Element, unqualified bool) {
	t.Helper()
	space := e.Space
	if space == "" {
		t.Errorf("%+v: the element around it all has no namespace", s)
	}
	if unqualified {
		space = ""
	}
	var walk func(e *soap.Element)
	walk = func(e *soap.Element) {
		for _, c := range e.Children {
			if c.Space != space {
				t.Errorf("%+v: %s is in the namespace %q", s, c.Local, c.Space)
			}
			walk(c)
		}
	}
	walk(e)
}
