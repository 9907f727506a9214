package config

import (
	"strings"
	"testing"
)

// FuzzLoad feeds any text and one variable through everything behind the file
// system: no panic, every error with a text, and no secret in it.
func FuzzLoad(f *testing.F) {
	f.Add(minimal, "")
	f.Add(string(Example()), "STROWGER_LIMITS__CALLS=1")
	f.Add("asterisk:\n\tx: 1\n", "STROWGER_ICI__ALLOW=,")
	f.Add("a: &a [*a, *a]\n", "STROWGER_X__Y")
	f.Add("queues: [{id: a, number: 1, dnis: [.nan, 0x1, 1e9, ~, 2024-01-01]}]\n", "STROWGER_ASTERISK__=")
	f.Add("? {a: b}\n: c\n", "STROWGER___=")
	f.Add("a.b.c: {d.e: 1}\n\"\": 1\n", "STROWGER_LOG__LEVEL=\x00")
	f.Add("asterisk: {ari_password: !!binary aGk=, app: !x y}\n---\n...\n", "=")
	f.Fuzz(func(t *testing.T, text, env string) {
		if len(text) > 1<<16 {
			return
		}
		text = strings.ReplaceAll(text, "file:", "") // the fuzzer must not open files
		r := spec().NewReport("x.yaml")
		var cfg *Config
		if m := r.Parse([]byte(text)); m != nil {
			cfg = assemble(m, []string{env}, r)
		}
		if cfg != nil && !strings.HasPrefix(env, "STROWGER_") {
			finish(cfg, "", []string{env}, r)
		}
		for _, p := range append(r.Errors, r.Warnings...) {
			if p.What == "" || p.Where() == "" {
				t.Fatalf("a finding without a text: %+v", p)
			}
		}
		if len(r.Errors) == 0 && cfg == nil {
			t.Fatal("neither a configuration nor an error")
		}
	})
}
