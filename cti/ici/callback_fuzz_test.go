package ici

import (
	"testing"

	"strowger/switch/callmodel"
)

// Whatever a client sends as extra data, what becomes of it is well-formed.
func FuzzExtraData(f *testing.F) {
	for _, seed := range []string{
		"", "<XML/>", "<XML><Skills>a=1;b=5;c</Skills><Priority>-1</Priority></XML>", "<XML><Foo>Bar &lt; &#x41;</Foo></XML>",
		`<x:XML xmlns:x="urn:x"><x:a/><b xmlns="urn:b">]]&gt;</b></x:XML>`, "<XML><FirstBName>x</FirstBName><a><b/></a></XML>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		extra, err := readExtra(doc)
		if err != nil {
			return
		}
		whole := JoinAttachedData([]Application{{ID: OwnApplication, XML: extra.keys}})
		if err := CheckAttachedData(whole, MaxAttachedData); err != nil {
			t.Errorf("%q becomes %q: %v", doc, whole, err)
		}
		if len(extra.skills) > maxExtraSkills || extra.priority < 0 || len(doc) > callmodel.MaxCallbackText {
			t.Errorf("%q is read as %+v", doc, extra)
		}
	})
}

func FuzzCallTime(f *testing.F) {
	for _, seed := range append([]string{"", "2026-03-02 09:00:00Z", "0000-00-00 00:00:00", "99991231235959"}, callTimes...) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if at, err := readCallTime(s); err == nil && at.IsZero() && s != "" && s[0] != '0' {
			t.Errorf("%q is no time, and no error", s)
		}
		if id, ok := readGUID(s); ok {
			if again, ok := readGUID(guid(id)); !ok || again != id {
				t.Errorf("%q is read as %s and then as %s", s, id, again)
			}
		}
	})
}
