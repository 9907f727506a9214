package mutants

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var root = filepath.Join("..", "..")

// TestMutantsAreUpToDate: each still finds the guard that it takes out.
func TestMutantsAreUpToDate(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, m := range All() {
		if _, err := m.Apply(root); err != nil {
			t.Error(err)
		}
		if names[m.Name] || !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(m.Name) {
			t.Errorf("mutant %q: the name is taken, or not of small letters and dashes", m.Name)
		}
		names[m.Name] = true
		if _, err := regexp.Compile(m.Test); err != nil || m.Test == "" || (m.Real != (m.Pkg == "./test")) {
			t.Errorf("mutant %s: test %q in %s, real %v", m.Name, m.Test, m.Pkg, m.Real)
		}
	}
}

// TestMutantOutOfDate: a text that is gone, or stands twice, is an error.
func TestMutantOutOfDate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte("one two two"), 0o600); err != nil {
		t.Fatal(err)
	}
	for old, ok := range map[string]bool{"one": true, "two": false, "three": false} {
		if _, err := (Mutant{File: "a.go", Old: old, New: "x"}).Apply(dir); (err == nil) != ok {
			t.Errorf("%q: %v", old, err)
		}
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	bad := errors.New("exit status 1")
	for _, c := range []struct {
		out  string
		err  error
		want Verdict // 0: an error
	}{
		{"ok  \tx\t0.1s", nil, Survived},
		{"--- FAIL: TestX (0.0s)\nFAIL", bad, Killed},
		{"panic: test timed out after 10m", bad, Killed},
		{"FAIL\tx [build failed]", bad, 0},
		{"ok  \tx\t0.1s [no tests to run]", nil, 0},
		{"   SKIPPED TestX: layer real Asterisk: none\nok", nil, 0},
		{"go: cannot find module", bad, 0},
	} {
		if got, err := judge(c.out, c.err); got != c.want || (err == nil) != (c.want != 0) {
			t.Errorf("%q: %v, %v", c.out, got, err)
		}
	}
}

// TestMutantIsKilledAndSurvives runs the machinery for real: the guard of a
// small program is taken out, and once a comment only.
func TestMutantIsKilledAndSurvives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":    "module small\n\ngo 1.26\n",
		"a.go":      "package small\n\n// Half halves.\nfunc Half(n int) int {\n\tif n < 0 {\n\t\treturn 0\n\t}\n\treturn n / 2\n}\n",
		"a_test.go": "package small\n\nimport \"testing\"\n\nfunc TestHalf(t *testing.T) {\n\tif Half(-4) != 0 {\n\t\tt.Error(\"negative\")\n\t}\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m := Mutant{Name: "small", File: "a.go", Old: "n < 0", New: "n < -9", Pkg: ".", Test: "TestHalf"}
	if err := m.Baseline(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if r, err := m.Run(t.Context(), dir); err != nil || r.Verdict != Killed || !strings.Contains(r.Output, "negative") {
		t.Errorf("%v, %v", r, err)
	}
	m.Old, m.New = "Half halves", "Halves"
	if r, err := m.Run(t.Context(), dir); err != nil || r.Verdict != Survived {
		t.Errorf("%v, %v", r, err)
	}
	m.Old, m.New = "return n / 2", "return nothing"
	if r, err := m.Run(t.Context(), dir); err == nil {
		t.Errorf("what does not compile: %v", r.Verdict)
	}
	m.Test = "TestMissing"
	if err := m.Baseline(t.Context(), dir); err == nil {
		t.Error("a test that is not there passes")
	}
}
