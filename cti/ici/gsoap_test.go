package ici

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGSOAP has a second generator of clients, gSOAP's, read our WSDLs and write
// the stubs and a sample of every message. It shares no code with zeep or PHP.
// Its requests must be requests to us, its events events, and what it expects as
// answers has the shape of ours.
func TestGSOAP(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"wsdl2h", "soapcpp2"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("SKIPPED LAYER: " + tool + " (package gsoap) is not installed, the WSDL is not tried with a second generator")
		}
	}
	for name, st := range map[string]Style{"qualified": {}, "unqualified": {Unqualified: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := generated(t, st)
			answers := sampleReplies()
			seen := 0
			for _, op := range Ops() {
				base := filepath.Join(dir, op.Service().String()+"Binding."+op.Name())
				request := string(leafFilled(t, base+".req.xml"))
				got, err := DecodeRequest(Meta{Path: "/OII/OII.asmx", Action: op.Service().Action()}, envelope(t, request), st)
				if err != nil || got.Op != op || got.Mismatch {
					t.Errorf("%s: %v, %+v", op, err, got)
					continue
				}
				answer := string(leafFilled(t, base+".res.xml"))
				if _, err := DecodeResponse(op, envelope(t, answer)); err != nil {
					t.Errorf("%s: the answer: %v", op, err)
				}
				want := shapeOf(envelope(t, string(responseDoc(t, op, op.Name(), answers[op], st))).Body[0])
				if !within(want, shapeOf(envelope(t, answer).Body[0])) {
					t.Errorf("%s: our answer %s is not of the generated form %s", op, want, shapeOf(envelope(t, answer).Body[0]))
				}
				seen++
			}
			for _, e := range sampleEvents() {
				doc := string(leafFilled(t, filepath.Join(dir, "IciEventBinding."+e.EventName()+".req.xml")))
				if got, err := DecodeEvent(envelope(t, doc)); err != nil || got.EventName() != e.EventName() {
					t.Errorf("%s: %v", e.EventName(), err)
				}
			}
			if seen != len(Ops()) {
				t.Errorf("%d operations of %d", seen, len(Ops()))
			}
		})
	}
}

// generated runs the generator over all interfaces.
func generated(t *testing.T, st Style) string {
	t.Helper()
	dir := t.TempDir()
	args := []string{"-s", "-o", "ici.h"}
	for s := ServiceSystem; s <= ServiceEvent; s++ {
		doc, err := WSDL(s, "http://switch.example:8181/OII/OII.asmx", st)
		if err != nil {
			t.Fatalf("%v: %v", s, err)
		}
		if err := os.WriteFile(filepath.Join(dir, s.String()+".wsdl"), doc, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, s.String()+".wsdl")
	}
	for _, run := range [][]string{append([]string{"wsdl2h"}, args...), {"soapcpp2", "-C", "-I/usr/share/gsoap/import:/usr/share/gsoap", "ici.h"}} {
		cmd := exec.CommandContext(t.Context(), run[0], run[1:]...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil || strings.Contains(string(out), "error") || strings.Contains(strings.ToLower(string(out)), "warning") {
			t.Fatalf("%s: %v\n%s", run[0], err, out)
		}
	}
	return dir
}

var emptyLeaf = regexp.MustCompile(`<((?:\w+:)?(\w+))></`)

// leafFilled reads a sample message and gives its empty elements values.
func leafFilled(t *testing.T, file string) []byte {
	t.Helper()
	doc, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return emptyLeaf.ReplaceAllFunc(doc, func(b []byte) []byte {
		m := emptyLeaf.FindSubmatch(b)
		value := leafValues[string(m[2])]
		if value == "" {
			value = "1"
		}
		return []byte("<" + string(m[1]) + ">" + value + "</")
	})
}

// within reports whether every element of a is in b, in b's order.
func within(a, b *shape) bool {
	if a.name != b.name {
		return false
	}
	at := 0
	for _, k := range a.kids {
		for at < len(b.kids) && b.kids[at].name != k.name {
			at++
		}
		if at == len(b.kids) || !within(k, b.kids[at]) {
			return false
		}
	}
	return true
}
