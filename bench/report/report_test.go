package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBook(t *testing.T) {
	t.Parallel()
	b := NewBook("queue")
	b.AtMost("connect_ms_p50_at_120", 5.5, "ms", Ref(4), 6)
	b.AtLeast("clean_rate", 120, "calls/s", Ref(100), 150)
	b.Add("asterisk_cpu_ms", 8, "ms", nil)
	b.Note("noted %d", 1)
	var out strings.Builder
	if err := b.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<= 6  reached", ">= 150   MISSED", "noted 1\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("table lacks %q:\n%s", want, out.String())
		}
	}
	path := filepath.Join(t.TempDir(), "out", "latest.jsonl")
	for range 2 { // a second run is appended
		if err := b.Append(path); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) != 6 {
		t.Fatalf("%d lines, want 6", len(lines))
	}
	if want := `{"suite":"queue","name":"connect_ms_p50_at_120","value":5.5,"unit":"ms","reference":4,"goal":"<= 6"}`; lines[0] != want {
		t.Errorf("got  %s\nwant %s", lines[0], want)
	}
	if want := `{"suite":"queue","name":"asterisk_cpu_ms","value":8,"unit":"ms","reference":null,"goal":""}`; lines[5] != want {
		t.Errorf("got  %s\nwant %s", lines[5], want)
	}
}
