package test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"strowger/cti/ctips"
	"strowger/cti/ctitest"
	"strowger/switch/callmodel"
)

// guideExample is the text of the guide's only block of a language.
func guideExample(t *testing.T, language string) string {
	t.Helper()
	raw, err := os.ReadFile("../docs/guide-ctips.md")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(raw), "```"+language+"\n")
	if len(parts) != 2 {
		t.Fatalf("the guide has %d blocks of %s", len(parts)-1, language)
	}
	text, _, closed := strings.Cut(parts[1], "\n```")
	if !closed {
		t.Fatal("a block is not closed")
	}
	return text + "\n"
}

// TestCTIPSGuide runs the examples of docs/guide-ctips.md as they stand there,
// against a server with a user and with an agent who is logged in.
func TestCTIPSGuide(t *testing.T) {
	t.Parallel()
	sw := ctitest.NewFakeSwitch(ctitest.Config())
	if err := sw.Do(t.Context(), callmodel.Login{Agent: ctitest.Anna, State: callmodel.Ready}); err != nil {
		t.Fatal(err)
	}
	hash, err := ctips.HashPassword("long-and-random")
	if err != nil {
		t.Fatal(err)
	}
	cfg := ctips.DefaultConfig()
	cfg.Listen, cfg.Users = "127.0.0.1:0", []ctips.User{{Name: "desktop", Hash: hash, Rights: []ctips.Right{ctips.RightMonitor}}}
	srv, err := ctips.New(cfg, sw, nil, ctips.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	ctitest.Serve(t, sw, srv)
	service := "http://" + srv.Addr() + cfg.Path
	for name, program := range map[string]func(*testing.T, string) []string{"csharp": guideInCSharp, "python": guideInPython} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			args := append(program(t, service), service, fmt.Sprintf("http://127.0.0.1:%d/PublishEvents", freePort(t)), "desktop", "long-and-random")
			out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			if err != nil || lines[len(lines)-1] != "complete" || !slices.Contains(lines, "agent anna") || !slices.Contains(lines, "event SnapShotUpdate") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	if st := srv.Stats(); !t.Failed() && st.Ended[ctips.EndClosed] != st.Opened {
		t.Errorf("%+v", st)
	}
}

func guideInPython(t *testing.T, _ string) []string {
	t.Helper()
	if err := exec.CommandContext(t.Context(), python, "-c", "import zeep").Run(); err != nil {
		skipLayer(t, "zeep, a real SOAP client", python+" has no zeep: apt-get install python3-zeep")
	}
	file := filepath.Join(t.TempDir(), "example.py")
	if err := os.WriteFile(file, []byte(guideExample(t, "python")), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{python, file}
}

func guideInCSharp(t *testing.T, service string) []string {
	t.Helper()
	built := buildWCF(t, strings.TrimSuffix(service, "/AgentCallService")) // the proxies are beside the program
	dir := filepath.Dir(built)
	file := filepath.Join(dir, "Example.cs")
	if err := os.WriteFile(file, []byte(guideExample(t, "csharp")), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "mcs", "-out:example.exe", "-r:System.ServiceModel", "-r:System.Runtime.Serialization",
		"-r:Svc=AgentCallService.dll", "-r:Cb=PublishEvents.dll", "Example.cs")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("mcs: %v\n%s", err, out)
	}
	return []string{"mono", filepath.Join(dir, "example.exe")}
}
