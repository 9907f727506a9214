package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A change is reported once, when two looks have found the same.
func TestFileWatch(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.yaml")
	at := time.Now()
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Second)
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	write("a")
	w := newFileWatch([]string{file, "/nonexistent"})
	steps := []struct {
		what string
		do   func()
		want bool
	}{
		{"nothing", func() {}, false},
		{"written", func() { write("b") }, false},
		{"still being written", func() { write("bb") }, false},
		{"settled", func() {}, true},
		{"told once", func() {}, false},
		{"removed", func() { _ = os.Remove(file) }, false},
		{"back as it was", func() { write("bb"); at = at.Add(-time.Second); _ = os.Chtimes(file, at, at) }, false},
		{"no change", func() {}, false},
	}
	for _, s := range steps {
		s.do()
		if got := w.changed(); got != s.want {
			t.Errorf("%s: %v", s.what, got)
		}
	}
}
