package soap

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
)

const head = `<?xml version="1.0"?><e:Envelope xmlns:e="` + Namespace + `">`

func message(body string) string { return head + "<e:Body>" + body + "</e:Body></e:Envelope>" }

func utf16Bytes(s string, mark, big bool) []byte {
	units := utf16.Encode([]rune(s))
	if mark {
		units = append([]uint16{0xFEFF}, units...)
	}
	out := make([]byte, 0, 2*len(units))
	for _, u := range units {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return out
}

func TestCharacterSets(t *testing.T) {
	t.Parallel()
	const text = `<a>Müller €😀</a>`
	plain := message(text)
	latin := strings.ReplaceAll(strings.ReplaceAll(message("<a>M\xfcller</a>"), "€😀", ""), `"1.0"?`, `"1.0" encoding='ISO-8859-1'?`)
	declared16 := strings.Replace(plain, `"1.0"?`, `"1.0" encoding="UTF-16"?`, 1)
	for name, c := range map[string]struct {
		data    []byte
		charset string
		want    string
	}{
		"utf-8":                {[]byte(plain), "", "Müller €😀"},
		"utf-8 named":          {[]byte(plain), "UTF-8", "Müller €😀"},
		"utf-8 with mark":      {append([]byte{0xEF, 0xBB, 0xBF}, plain...), "", "Müller €😀"},
		"utf-16 BE":            {utf16Bytes(declared16, true, true), "", "Müller €😀"},
		"utf-16 LE":            {utf16Bytes(declared16, true, false), "utf-16", "Müller €😀"},
		"utf-16 without mark":  {utf16Bytes(plain, false, false), "", "Müller €😀"},
		"latin by declaration": {[]byte(latin), "", "Müller"},
		"latin by header":      {[]byte(message("<a>M\xfcller</a>")), "iso-8859-1", "Müller"},
	} {
		env, err := ReadEnvelope(c.data, c.charset, Limits{}, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := env.Body[0].Value(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	for name, c := range map[string]struct {
		data    []byte
		charset string
	}{
		"invalid utf-8":      {[]byte(message("<a>\xff</a>")), ""},
		"unknown set":        {[]byte(plain), "ebcdic-us"},
		"not utf-16":         {[]byte(plain), "utf-16"},
		"utf-16 odd":         {append(utf16Bytes(plain, true, true), 0), ""},
		"utf-16 half a pair": {append(utf16Bytes("<a>", true, true), 0xD8, 0, 0, 'x'), ""},
		"utf-16 cut pair":    {append(utf16Bytes("<a>", true, true), 0xD8, 0), ""},
	} {
		refused(t, name, c.data, c.charset, CodeClient)
	}
}

func refused(t *testing.T, name string, data []byte, charset string, code Code) {
	t.Helper()
	_, err := ReadEnvelope(data, charset, Limits{}, nil)
	var f *Fault
	if !errors.As(err, &f) || f.Code != code || f.Text == "" {
		t.Errorf("%s: got %v, want a %s fault", name, err, code)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)
	attrs := "<a"
	for i := range 65 {
		attrs += fmt.Sprintf(` a%d="1"`, i)
	}
	for name, doc := range map[string]string{
		"empty":                  "",
		"text only":              "hello",
		"truncated":              message("<a>")[:80],
		"unbalanced":             message("<a></b>"),
		"doctype":                `<!DOCTYPE x [<!ENTITY a "b">]>` + message("<a/>"),
		"doctype with system id": `<!DOCTYPE x SYSTEM "file:///etc/passwd">` + message("<a>&x;</a>"),
		"doctype inside":         message("<!DOCTYPE x><a/>"),
		"entity":                 message("<a>&x;</a>"),
		"processing instruction": message(`<?php x?><a/>`),
		"stylesheet before":      `<?xml-stylesheet href="x"?>` + message("<a/>"),
		"second declaration":     message(`<?xml version="1.0"?><a/>`),
		"second root":            message("<a/>") + "<b/>",
		"text after":             message("<a/>") + "x",
		"comment after":          message("<a/>") + "<!-- x -->",
		"text before":            "x" + message("<a/>"),
		"too deep":               message(deep),
		"too many attributes":    message(attrs + "/>"),
		"attribute twice":        message(`<a b="1" b="2"/>`),
		"namespace twice":        message(`<a xmlns:p="1" xmlns:p="2"/>`),
		"too many elements":      message(strings.Repeat("<a/>", 20001)),
		"too long":               message("<a>" + strings.Repeat("x", 1<<20) + "</a>"),
		"no envelope":            "<a/>",
		"no body":                head + "</e:Envelope>",
		"two bodies":             head + "<e:Body/><e:Body/></e:Envelope>",
		"header after body":      head + "<e:Body/><e:Header/></e:Envelope>",
		"foreign child":          head + "<x/><e:Body/></e:Envelope>",
		"illegal character":      message("<a>\x01</a>"),
		"illegal reference":      message("<a>&#0;</a>"),
		"undeclared prefix":      "<x:Envelope><x:Body/></x:Envelope>",
		"xml 1.1":                strings.Replace(message("<a/>"), `"1.0"`, `"1.1"`, 1),
	} {
		code := CodeClient
		if name == "undeclared prefix" {
			code = CodeVersionMismatch
		}
		refused(t, name, []byte(doc), "", code)
	}
	refused(t, "soap 1.2", []byte(`<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body/></e:Envelope>`), "", CodeVersionMismatch)
	must := head + `<e:Header><s:Security xmlns:s="urn:s" e:mustUnderstand="1"/></e:Header><e:Body/></e:Envelope>`
	refused(t, "mustUnderstand", []byte(must), "", CodeMustUnderstand)
	refused(t, "mustUnderstand by next", []byte(strings.Replace(must, "e:must", `e:actor="`+actorNext+`" e:must`, 1)), "", CodeMustUnderstand)
	for name, doc := range map[string]string{
		"for somebody else": strings.Replace(must, "e:must", `e:actor="urn:other" e:must`, 1),
		"need not":          strings.Replace(must, `"1"`, `"0"`, 1),
	} {
		if _, err := ReadEnvelope([]byte(doc), "", Limits{}, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	known := func(space, local string) bool { return space == "urn:s" && local == "Security" }
	if _, err := ReadEnvelope([]byte(must), "", Limits{}, known); err != nil {
		t.Errorf("an understood header is refused: %v", err)
	}
}

// TestScanSeesAttributesFirst: the decoder must not get to build a list of
// attributes that is over the limit.
func TestScanSeesAttributesFirst(t *testing.T) {
	t.Parallel()
	for doc, attrs := range map[string]int{
		`<a b="1" c='="="'>=<d e="f"/></a>`: 2, `<!-- <a b="1" c="2" d="3"> --><a/>`: 0, `<![CDATA[<a b= c= d=>]]>`: 0, `<a b=">" c="2"`: 2,
	} {
		if err := scanTags([]byte(doc), attrs); err != nil {
			t.Errorf("%s: %v", doc, err)
		}
		if err := scanTags([]byte(doc), attrs-1); attrs > 0 && err == nil {
			t.Errorf("%s: more than %d attributes pass", doc, attrs-1)
		}
	}
}

// TestCommentsCostLinear would take minutes if text were joined piece by piece.
func TestCommentsCostLinear(t *testing.T) {
	t.Parallel()
	doc := message("<a>" + strings.Repeat("x<!---->", 100_000) + "</a>")
	env, err := ReadEnvelope([]byte(doc), "", Limits{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(env.Body[0].Text); got != 100_000 {
		t.Errorf("%d characters, want 100000", got)
	}
}

func TestTree(t *testing.T) {
	t.Parallel()
	doc := head + `<e:Header><u xmlns="urn:u">me</u></e:Header><e:Body>
		<p:op xmlns:p="urn:p" xmlns:i="` + NamespaceXSI + `">
			<First k="v" p:k2='>'> a<!-- no -->b <![CDATA[<c/>]]> </First> <second i:nil="true">x</second><First>2</First><third/>
		</p:op></e:Body></e:Envelope>
	`
	env, err := ReadEnvelope([]byte(doc), "", Limits{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	op := env.Body[0]
	if op.Space != "urn:p" || op.Local != "op" || op.Text != "" || len(op.Children) != 4 || len(op.Attrs) != 0 {
		t.Errorf("op: %+v", op)
	}
	first := op.Child("first")
	if first.Value() != "ab <c/>" || first.Attr("k") != "v" || first.Attr("k2") != ">" || first.Attr("none") != "" {
		t.Errorf("first: %+v", first)
	}
	if s := op.Child("second"); !s.IsNil() || s.Value() != "" {
		t.Errorf("second: %+v", s)
	}
	var none *Element
	if op.Child("fourth") != nil || none.Child("x") != nil || none.Value() != "" || none.Attr("x") != "" {
		t.Error("absent elements are not absent")
	}
	if len(env.Header) != 1 || env.Header[0].Value() != "me" || env.Fault() != nil {
		t.Errorf("header: %+v", env.Header)
	}
}

func TestFaultRoundTrip(t *testing.T) {
	t.Parallel()
	doc, err := EncodeFault(&Fault{Code: CodeServer, Text: "a < b", Actor: "urn:me", Detail: func(e *Encoder) {
		e.Start("x:Codes")
		e.Attr("xmlns:x", "urn:x")
		e.LeafInt("n", -5)
		e.LeafBool("retry", true)
		e.End()
	}})
	if err != nil {
		t.Fatal(err)
	}
	env, err := ReadEnvelope(doc, "", Limits{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := env.Fault()
	if f == nil || f.Code != CodeServer || f.Text != "a < b" || f.Actor != "urn:me" {
		t.Fatalf("got %+v from\n%s", f, doc)
	}
	codes := f.DetailTree.Child("Codes")
	if codes.Space != "urn:x" || codes.Child("n").Value() != "-5" || codes.Child("n").Space != "" || codes.Child("retry").Value() != "true" {
		t.Errorf("detail: %s", doc)
	}
}

func FuzzReadEnvelope(f *testing.F) {
	for _, s := range []string{
		message("<a>x</a>"), message(`<a b="c" xmlns="d"><![CDATA[x]]></a>`), `<!DOCTYPE a>`, "<?xml?><a/>", "\xff\xfe<\x00",
		head + `<e:Header><h e:mustUnderstand="1"/></e:Header><e:Body/></e:Envelope>`,
		message(`<e:Fault><faultcode>e:Client</faultcode><faultstring>x</faultstring><detail/></e:Fault>`),
		`<a b='>' c=">"><!-- <x -->&lt;</a>`,
	} {
		f.Add([]byte(s), "")
	}
	f.Add([]byte(message("\xe4")), "iso-8859-1")
	f.Fuzz(func(t *testing.T, data []byte, charset string) {
		env, err := ReadEnvelope(data, charset, Limits{}, nil)
		if err != nil {
			var fault *Fault
			if !errors.As(err, &fault) || fault.Text == "" {
				t.Fatalf("refused without a fault: %v", err)
			}
			if _, err := EncodeFault(fault); err != nil {
				t.Fatalf("the refusal cannot be written: %v", err)
			}
			return
		}
		_ = env.Fault() // must not panic
		out := NewEncoder(nil)
		for _, e := range env.Body {
			rewrite(out, e, 0)
		}
		if _, err := out.Bytes(); err != nil {
			t.Fatal(err)
		}
	})
}

// rewrite writes a tree again and checks the limits on the way.
func rewrite(out *Encoder, e *Element, depth int) {
	if depth > DefaultDepth || len(e.Attrs) > DefaultAttrs {
		panic("a limit does not hold")
	}
	out.Start("x")
	for i, a := range e.Attrs {
		out.Attr(fmt.Sprintf("a%d", i), a.Value)
	}
	out.Text(e.Text)
	for _, c := range e.Children {
		rewrite(out, c, depth+1)
	}
	out.End()
}
