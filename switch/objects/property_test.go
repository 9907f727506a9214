package objects

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"strowger/switch/fault"
	"strowger/switch/numbering"
)

// accepted fails when the model or a table refuses what this package accepts,
// or when what is written is not what was read.
func accepted(t interface{ Fatalf(string, ...any) }, s *Set) {
	cfg := s.Config()
	if err := cfg.Validate(); err != nil {
		t.Fatalf("the model refuses it: %v", err)
	}
	if cfg.Plan.Country != "" {
		if _, err := numbering.NewTable(cfg.Plan, cfg.Trunks, cfg.Routes, cfg.DialRules); err != nil {
			t.Fatalf("the table refuses it: %v", err)
		}
		if _, err := numbering.NewBook(cfg.Plan, cfg.DNIS, cfg.DNISSources, cfg.DNISPattern); err != nil {
			t.Fatalf("the book refuses it: %v", err)
		}
	}
	for _, c := range cfg.Calendars {
		if _, err := c.Compile(); err != nil {
			t.Fatalf("the calendar is refused: %v", err)
		}
	}
	all, err := s.Select(nil, nil)
	if err != nil {
		t.Fatalf("select: %v", err)
	}
	text, err := all.YAML()
	if err != nil {
		t.Fatalf("write: %v", err)
	}
	again, err := Check("again.yaml", text)
	if err != nil {
		t.Fatalf("what is written is refused: %v\n%s\n%s", err, problemText(err), text)
	}
	second, err := again.Select(nil, nil)
	if err != nil {
		t.Fatalf("select: %v", err)
	}
	if repeated, err := second.YAML(); err != nil || string(repeated) != string(text) {
		t.Fatalf("it is not written the same way twice: %v\n%s\n%s", err, text, repeated)
	}
	if _, d, err := Merge(s, all, true); err != nil || !d.Empty() {
		t.Fatalf("it differs from itself: %v %s", err, d.Text())
	}
}

// TestWhatIsAcceptedIsFit changes the example in random places. Most changes
// are refused; what is accepted must be fit for the model.
func TestWhatIsAcceptedIsFit(t *testing.T) {
	lines := strings.Split(string(example(t)), "\n")
	values := []string{
		"", "0", "1", "600", "800", "\"49\"", "[]", "[\"\"]", "true", "1s", "24h", "support", "queue:sales", "queue:support", "ivr:main", "hangup:", "announce:x",
		"sound:x", "tone:ring", "number:1", "+49301000600", "XX", "'='", "=1", "\"=112\"", "anonymous", "mon", "sun-mon", "24:00", "02-29", "UTC", "menu", "play", "input", "ring-all", "é", "a b",
	}
	done := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		text := append([]string(nil), lines...)
		for range rapid.IntRange(0, 3).Draw(t, "edits") {
			i := rapid.IntRange(0, len(text)-1).Draw(t, "line")
			if key, _, found := strings.Cut(text[i], ":"); found && rapid.IntRange(0, 3).Draw(t, "how") > 0 {
				text[i] = key + ": " + rapid.SampledFrom(values).Draw(t, "value")
			} else {
				text[i] = ""
			}
		}
		s, err := Check("x.yaml", []byte(strings.Join(text, "\n")))
		done[err == nil]++
		if err != nil {
			if !fault.Is(err, fault.Invalid) || problemText(err) == "" {
				t.Fatalf("refused without a finding: %v", err)
			}
			return
		}
		accepted(t, s)
	})
	if done[true] == 0 || done[false] == 0 {
		t.Errorf("accepted %d, refused %d: one side was never tried", done[true], done[false])
	}
}

// TestManyObjects keeps the cost of a large site in bounds.
func TestManyObjects(t *testing.T) {
	var b strings.Builder
	b.WriteString("queues:\n")
	for i := range 200 {
		fmt.Fprintf(&b, "  - {id: q%d, number: %d}\n", i, 6000+i)
	}
	b.WriteString("agents:\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "  - {id: a%d, line: %d, queues: [q%d], station: {endpoint: e%d}}\n", i, 10000+i, i%200, i)
	}
	s := mustCheck(t, b.String())
	if s.Count(KindAgent) != 5000 {
		t.Fatal("agents are missing")
	}
	accepted(t, s)
	if _, _, err := Merge(s, mustParse(t, "agents: [{id: one-more, line: 99999, station: {endpoint: x}}]"), false); !strings.Contains(problemText(err), "5001 are more than the 5000") {
		t.Errorf("too many were taken: %v", err)
	}
}

// FuzzParse feeds any text: no panic, findings with a text, and what is
// accepted is fit for the model and written as it was read.
func FuzzParse(f *testing.F) {
	f.Add(string(example(f)))
	f.Add(small)
	f.Add("queues: [{id: a, number: 1, dnis: [.nan, 0x1, 1e9, ~, 2024-01-01]}]\n")
	f.Add("a: &a [*a, *a]\n")
	f.Add("numbering: {country: \"1\", idd: \"00\"}\ndnis_settings: {name_pattern: '(a)'}\nparking: {first: \"09\", places: 3}\n")
	f.Add("? {a: b}\n: c\n---\n...\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<15 {
			return
		}
		s, err := Check("x.yaml", []byte(text))
		if err != nil {
			if !fault.Is(err, fault.Invalid) || problemText(err) == "" {
				t.Fatalf("refused without a finding: %v", err)
			}
			return
		}
		accepted(t, s)
	})
}
