package mutants

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// OverlayEnv names the variable by which tests that build the controller
// learn of the overlay.
const OverlayEnv = "STROWGER_OVERLAY"

// Mutant is a guard that is taken out, and the test that must notice.
type Mutant struct {
	Name   string // of the guard, in small words with dashes
	Faults []int  // whose guard it is: numbers of the fault list
	File   string // from the project's root, with slashes
	Old    string // stands in it exactly once
	New    string
	Pkg    string // of the test: "./ari/link"
	Test   string // regular expression for -run, without anchors of its own
	Real   bool   // needs Asterisk: Pkg is "./test"
}

// Verdict is what became of a mutant.
type Verdict uint8

const (
	Killed   Verdict = iota + 1 // the test failed, as it must
	Survived                    // the test passed without the guard
)

// Result of one mutant.
type Result struct {
	Verdict Verdict
	Took    time.Duration
	Output  string // of the test
}

// Apply returns the file with the guard taken out.
func (m Mutant) Apply(root string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(m.File)))
	if err != nil {
		return nil, fmt.Errorf("mutant %s: %w", m.Name, err)
	}
	if n := bytes.Count(text, []byte(m.Old)); n != 1 || m.Old == m.New {
		return nil, fmt.Errorf("mutant %s: its text stands %d times in %s, must be once: bring the mutant up to date", m.Name, n, m.File)
	}
	return bytes.Replace(text, []byte(m.Old), []byte(m.New), 1), nil
}

// Run builds the mutant and runs its test.
func (m Mutant) Run(ctx context.Context, root string) (Result, error) {
	text, err := m.Apply(root)
	if err != nil {
		return Result{}, err
	}
	dir, err := os.MkdirTemp("", "strowger-mutant-")
	if err != nil {
		return Result{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // it is in the folder of temporary files
	overlay, err := writeOverlay(dir, filepath.Join(root, filepath.FromSlash(m.File)), text)
	if err != nil {
		return Result{}, err
	}
	began := time.Now()
	out, err := goTest(ctx, root, m, overlay)
	r := Result{Took: time.Since(began), Output: out}
	r.Verdict, err = judge(out, err)
	if err != nil {
		return r, fmt.Errorf("mutant %s: %w", m.Name, err)
	}
	return r, nil
}

// Baseline runs the mutant's test on the program as it is, which must pass.
func (m Mutant) Baseline(ctx context.Context, root string) error {
	out, err := goTest(ctx, root, m, "")
	if err == nil && strings.Contains(out, "no tests to run") {
		err = errors.New("there is no such test")
	}
	if err != nil {
		return fmt.Errorf("%s in %s fails without any mutant: %w\n%s", m.Test, m.Pkg, err, tail(out))
	}
	return nil
}

func writeOverlay(dir, file string, text []byte) (string, error) {
	changed := filepath.Join(dir, "mutant.go")
	if err := os.WriteFile(changed, text, 0o600); err != nil {
		return "", err
	}
	b, err := json.Marshal(map[string]map[string]string{"Replace": {file: changed}})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, b, 0o600)
}

func goTest(ctx context.Context, root string, m Mutant, overlay string) (string, error) {
	limit := "1m" // a mutant that hangs is killed too
	if m.Real {
		limit = "10m"
	}
	args := []string{"test", "-count=1", "-timeout=" + limit, "-run=^(" + m.Test + ")$"}
	env := os.Environ()
	if overlay != "" {
		args = append(args, "-overlay="+overlay)
		env = append(env, OverlayEnv+"="+overlay)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, m.Pkg)...)
	cmd.Dir, cmd.Env = root, env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// judge reads what go test printed. Only a test that ran and failed counts.
func judge(out string, err error) (Verdict, error) {
	switch {
	case strings.Contains(out, "[build failed]") || strings.Contains(out, "[setup failed]"):
		return 0, fmt.Errorf("it does not compile:\n%s", tail(out))
	case strings.Contains(out, "no tests to run"):
		return 0, errors.New("there is no such test")
	case strings.Contains(out, "SKIPPED "):
		return 0, fmt.Errorf("its test was skipped:\n%s", tail(out))
	case err == nil:
		return Survived, nil
	case strings.Contains(out, "--- FAIL: ") || strings.Contains(out, "panic: "):
		return Killed, nil
	}
	return 0, fmt.Errorf("%w:\n%s", err, tail(out))
}

// tail is the end of an output, where the reason stands.
func tail(out string) string { return out[max(0, len(out)-2000):] }
