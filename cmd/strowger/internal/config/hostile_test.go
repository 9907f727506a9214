package config

import (
	"strconv"
	"strings"
	"testing"

	"strowger/switch/objects/schema"
)

// TestHostileTexts reads texts that are built to be expensive: each must end
// in a bounded list of errors.
func TestHostileTexts(t *testing.T) {
	const n = 1 << 18
	var many strings.Builder
	for i := range n / 16 {
		many.WriteString("k" + strconv.Itoa(i) + ": 1\n")
	}
	rep := strings.Repeat
	for name, text := range map[string]string{
		"brackets": rep("[", n), "braces": rep("{", n), "dashes": rep("- ", n/2), "question marks": rep("? ", n/2),
		"flow maps": "a: {" + rep("b: {", n/4), "commas": "[" + rep(",", n), "list as file": "[" + rep("a,", n/2) + "]", "quotes": rep("\"", n),
		"unknown keys": many.String(), "long key": rep("k", n) + ": 1\n", "anchors": rep("&a ", n/3), "tags": rep("!a ", n/3),
		"long number": "limits: {calls: " + rep("9", n) + "}", "large exponent": "limits: {calls: 1e999999999}", "small exponent": "limits: {calls: 1e-300}",
		"empty queues": "queues: [" + rep("{},", n/3) + "]", "same queues": "queues: [" + rep("{id: a,number: 1},", n/18) + "]",
		"long texts": "asterisk: {app: " + rep("x", n) + "}", "long list": "ici: {allow: [" + rep("x,", n/2) + "]}",
		"deep": "asterisk: {app: " + rep("[", 100) + rep("]", 100) + "}", "nothing but values": "x: [" + rep("1,", schema.MaxValues) + "]",
	} {
		r := spec().NewReport("x.yaml")
		if m := r.Parse([]byte(text)); m != nil {
			if cfg := assemble(m, nil, r); cfg != nil {
				finish(cfg, "", nil, r)
			}
		}
		if len(r.Errors) == 0 || len(r.Errors) > 101 {
			t.Errorf("%s: %d errors", name, len(r.Errors))
		}
		for _, p := range r.Errors {
			if len(p.String()) > 4*n {
				t.Errorf("%s: a message of %d bytes", name, len(p.String()))
			}
		}
	}
}
