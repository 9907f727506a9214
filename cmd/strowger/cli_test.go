package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"strowger": main})
}

// runScripts runs the command lines of a folder as a user would. A program
// with the race detector ends at once, not after its usual second: there are
// hundreds.
func runScripts(t *testing.T, p testscript.Params) {
	t.Helper()
	t.Parallel()
	setup := p.Setup
	p.Setup = func(e *testscript.Env) error {
		e.Setenv("GORACE", "atexit_sleep_ms=20")
		if setup == nil {
			return nil
		}
		return setup(e)
	}
	testscript.Run(t, p)
}

func TestScripts(t *testing.T) {
	runScripts(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"mode":   checkMode,
			"status": runStatus,
		},
	})
}

// checkMode holds a file's permissions against an octal number: mode 600 file.
func checkMode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode OCTAL FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// runStatus runs a command and compares its exit code: status 2 strowger frob.
func runStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || args[1] != "strowger" {
		ts.Fatalf("usage: status CODE strowger ARG...")
	}
	var stdout, stderr bytes.Buffer
	code := runApp(context.Background(), &app{stdout: &stdout, stderr: &stderr, configPath: ""}, args[2:])
	ts.Logf("%s%s", &stdout, &stderr)
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// TestExamplesWereRun demands help for every command, and that each line of
// its examples is a line of a script.
func TestExamplesWereRun(t *testing.T) {
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	ran := map[string]bool{}
	for _, name := range scripts {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(text), "\n") {
			line, _, _ = strings.Cut(line, " #")
			line = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "! "), " &")
			if cmd, ok := strings.CutPrefix(line, "exec strowger"); ok {
				// Scripts check an address where nobody can be, whatever runs on this machine.
				ran["strowger"+strings.ReplaceAll(cmd, "127.0.0.1:1/", "127.0.0.1:8181/")] = true
			}
		}
	}
	examples := 0
	walkCommands(newRootCommand(&app{}), func(cmd *cobra.Command) {
		if cmd.Short == "" || strings.TrimSpace(cmd.Example) == "" {
			t.Errorf("%s: no help, or no example", cmd.CommandPath())
		}
		for _, line := range strings.Split(cmd.Example, "\n") {
			line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
			if line == "" {
				continue
			}
			examples++
			if !ran[strings.TrimSpace(line)] {
				t.Errorf("%s: the example %q is run by no script", cmd.CommandPath(), line)
			}
		}
	})
	if examples == 0 {
		t.Error("no example was looked at")
	}
}

func walkCommands(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, c := range cmd.Commands() {
		walkCommands(c, visit)
	}
}

func TestRunHasNoEnvironment(t *testing.T) {
	t.Setenv("STROWGER_CONFIG", filepath.Join(t.TempDir(), "other.yaml"))
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"config", "validate", "--file", "/nowhere.yaml"}, &stdout, &stderr)
	if code != exitFailure || stdout.Len() > 0 || !strings.Contains(stderr.String(), "/nowhere.yaml: there is no such file: run `strowger init`") {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, &stdout, &stderr)
	}
	if a := (&app{env: []string{"STROWGER_CONFIG=x.yaml"}}); a.defaultConfigPath() != "x.yaml" {
		t.Error("STROWGER_CONFIG is not used")
	}
}

func TestExitCodes(t *testing.T) {
	var stderr bytes.Buffer
	a := &app{stderr: &stderr}
	root := newRootCommand(a)
	for want, err := range map[int]error{
		exitOK: nil, exitFailure: os.ErrInvalid, exitUsage: usageError(os.ErrInvalid), exitFindings: exitWith(exitFindings),
	} {
		stderr.Reset()
		if got := a.finish(root, err); got != want {
			t.Errorf("%v: exit code %d, want %d", err, got, want)
		}
		if printed := stderr.Len() > 0; printed != (want == exitFailure || want == exitUsage) {
			t.Errorf("%v: printed %q", err, &stderr)
		}
	}
	if exitWith(exitFindings).Error() == "" || usageError(os.ErrInvalid).Error() != os.ErrInvalid.Error() {
		t.Error("an exit error has no text")
	}
}
