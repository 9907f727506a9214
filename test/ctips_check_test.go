package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ctipsReport is what `strowger ctips check --output json` prints.
type ctipsReport struct {
	OK    bool
	Steps []struct{ Name, Result, Detail string }
}

// detail is what a step tells, with its result before it.
func (r ctipsReport) detail(step string) string {
	for _, s := range r.Steps {
		if s.Name == step {
			return s.Result + " " + s.Detail
		}
	}
	return "no such step"
}

// ctipsCheck runs the program as a person would, in the site's folder.
func (s *site) ctipsCheck(args ...string) (code int, report ctipsReport) {
	s.t.Helper()
	path, err := binary()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(s.t.Context(), path, append([]string{"ctips", "check", "--output", "json"}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			s.t.Fatal(err)
		}
		code = exit.ExitCode()
	}
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		s.t.Fatalf("exit code %d, %v\n%s%s", code, err, &stdout, &stderr)
	}
	return code, report
}

// TestCTIPSChecked has the check play its application against a controller on
// Asterisk, while somebody waits in a queue: it logs an agent in and out, sees
// the call, and leaves nothing behind. A wrong password is found out.
func TestCTIPSChecked(t *testing.T) {
	port := freePort(t)
	s := stage(t, ctipsSettings(t, port)+ctipsObjects)
	s.desk("101")
	s.agentState("bernd", "not-ready")
	waiting := s.caller("4917055501").Dial("49301000600")
	s.wantWaiting("support", "4917055501")
	for file, password := range map[string]string{"right": ctipsSecret, "wrong": "crm-of-the-flow"} {
		if err := os.WriteFile(filepath.Join(s.dir, file), []byte(password+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	url := fmt.Sprintf("http://127.0.0.1:%d/CTIPS/AgentCallService", port)
	code, report := s.ctipsCheck(url, "--user", "crm", "--password-file", "right", "--agent", "anna", "--act")
	if code != 0 || !report.OK || len(report.Steps) != 16 {
		t.Errorf("exit code %d, %+v", code, report)
	}
	for _, step := range report.Steps {
		if step.Result != "ok" {
			t.Errorf("%s: %s: %s", step.Result, step.Name, step.Detail)
		}
	}
	for step, want := range map[string]string{
		"Snapshot": "ok 1 agents, 1 calls, 4 services", "LoginAgent": "ok at 101", "GetAgentState": "ok NotReady", "OnLine, and a heartbeat": "ok heartbeat after",
	} {
		if got := report.detail(step); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", step, got, want)
		}
	}
	s.waitAgent("anna", "logged-out")
	s.wantWaiting("support", "4917055501")

	code, report = s.ctipsCheck(url, "--user", "crm", "--password-file", "wrong")
	if code != 3 || report.OK || !strings.HasPrefix(report.detail("OpenConnection, and StartSession at the callback"), "failed ") ||
		slices.ContainsFunc(report.Steps, func(s struct{ Name, Result, Detail string }) bool { return s.Name == "LoginAgent" }) {
		t.Errorf("a wrong password: exit code %d, %+v", code, report)
	}
	waiting.MustHangup()
	s.noLeftovers()
}
