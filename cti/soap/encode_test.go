package soap

import (
	"strings"
	"testing"
)

func TestEncoder(t *testing.T) {
	t.Parallel()
	e := NewEncoder(nil)
	e.Start("p:a")
	e.Attr("xmlns:p", `u"<&>`+"\n\t\r")
	e.Leaf("b", "x<y>&\"'\r\n\t\x00\x1f\ufffe\xffé😀")
	e.Leaf("empty", "")
	e.LeafInt("n", -42)
	e.LeafInt64("l", -9007199254740993)
	e.LeafNil("x")
	e.LeafBool("t", false)
	e.End()
	doc, err := e.Bytes()
	want := `<p:a xmlns:p="u&quot;&lt;&amp;&gt;&#xA;&#x9;&#xD;"><b>x&lt;y&gt;&amp;"'&#xD;` + "\n\té😀</b><empty/><n>-42</n><l>-9007199254740993</l><x i:nil=\"true\"/><t>false</t></p:a>"
	if err != nil || string(doc) != want {
		t.Errorf("got  %s\nwant %s\n%v", doc, want, err)
	}
	if e.Dropped() != 4 {
		t.Errorf("%d characters dropped, want 4", e.Dropped())
	}
}

func TestEncoderRefuses(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(*Encoder){
		"open element":   func(e *Encoder) { e.Start("a") },
		"too many ends":  func(e *Encoder) { e.Start("a"); e.End(); e.End() },
		"empty name":     func(e *Encoder) { e.Leaf("", "") },
		"digit first":    func(e *Encoder) { e.Leaf("1a", "") },
		"markup in name": func(e *Encoder) { e.Leaf("a><b", "") },
		"attribute name": func(e *Encoder) { e.Start("a"); e.Attr(`b="1" c`, ""); e.End() },
		"late attribute": func(e *Encoder) { e.Start("a"); e.Text("x"); e.Attr("b", ""); e.End() },
	} {
		e := NewEncoder(nil)
		f(e)
		if _, err := e.Bytes(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzEncodeText(f *testing.F) {
	f.Add("x", "y")
	f.Add("]]>", "\r\n\x00\ud7ff")
	f.Fuzz(func(t *testing.T, text, attr string) {
		e := NewEncoder(nil)
		e.Start("a")
		e.Attr("b", attr)
		e.Text(text)
		e.End()
		doc, err := e.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(doc, "utf-8", Limits{Bytes: 64 << 20})
		if err != nil {
			t.Fatalf("%v in %q", err, doc)
		}
		if e.Dropped() == 0 && (got.Text != text || got.Attr("b") != attr) {
			t.Fatalf("%q, %q became %q, %q", text, attr, got.Text, got.Attr("b"))
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	buf := make([]byte, 0, 4096)
	text := strings.Repeat("text ", 20)
	b.ReportAllocs()
	for b.Loop() {
		e := NewEncoder(buf)
		e.StartEnvelope()
		e.Start("op")
		for range 10 {
			e.Leaf("name", text)
		}
		e.End()
		e.EndEnvelope()
		if _, err := e.Bytes(); err != nil {
			b.Fatal(err)
		}
	}
}
