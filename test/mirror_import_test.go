package test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"strowger/sip/siptest"
)

// run starts a subcommand of the program in the site's folder and returns what it prints.
func (s *site) run(args ...string) string {
	s.t.Helper()
	path, err := binary()
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), waitFor)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("strowger %s: %v\n%s%s", strings.Join(args, " "), err, &stdout, &stderr)
	}
	return stdout.String()
}

// TestMirrorQueueIsMoved is docs/guide-migrate.md, step by step: what is there,
// a proposal, apply, the numbers switched to us and back again.
func TestMirrorQueueIsMoved(t *testing.T) {
	in := mirrorAsterisk(t)
	w := newWitness(t, in)
	s := mirrorSite(t, strings.Replace(handsetSite, `line: "102", queues: [sales]`, `line: "102", queues: []`, 1), "", in)
	s.wantMirror(w)
	desk := s.desk("101")
	show := func(args ...string) string {
		out := s.run(args...)
		progress("$ strowger " + strings.Join(args, " ") + "\n" + out)
		return out
	}
	if out := show("queues", "--mirrored"); !strings.Contains(out, "support@") || strings.Contains(out, "sales") {
		t.Errorf("queues --mirrored:\n%s", out)
	}
	if out := show("agents"); !strings.Contains(out, "same phone as anna") {
		t.Errorf("agents:\n%s", out)
	}
	if out := show("status"); !strings.Contains(out, "app_queue") || !strings.Contains(out, "in step") {
		t.Errorf("status:\n%s", out)
	}
	conf := filepath.Join(in.Dir(), "etc", "queues_local.conf")
	text := show("queues", "import", "support", "--number", "610", "--conf", conf)
	for _, want := range []string{"id: support", "number: \"610\"", "strategy: ordered", "ring_timeout: 15s", "wrap_up: 0s", "id: anna", "id: ben", "id: agent103"} {
		if !strings.Contains(text, want) {
			t.Errorf("the proposal lacks %q", want)
		}
	}
	if err := os.WriteFile(filepath.Join(s.dir, "support.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	show("apply", "-f", "support.yaml", "--dry-run")
	show("apply", "-f", "support.yaml")
	s.agentState("anna", "ready")
	before := s.caller("4917055501").Dial("700") // still to app_queue
	b := desk.Expect()
	b.MustAnswer()
	s.waitMirrored("4917055501", "talking")
	s.switchNumber("Goto,strowger-in,610,1")
	after := s.caller("4917055502").Dial("700") // now to us, while app_queue's last call goes on
	s.wantWaiting("support", "4917055502")
	show("queues")
	before.MustBeAnswered()
	before.MustHangup()
	b = desk.Expect()
	b.MustAnswer()
	siptest.Talk(after, b)
	show("calls")
	after.MustHangup()
	s.switchNumber("Queue,support,t,,,300") // back
	back := s.caller("4917055503").Dial("700")
	s.waitMirrored("4917055503", "offered")
	back.MustHangup()
	s.waitMirrored("4917055503", "gone")
}

// switchNumber changes what number 700 leads to, as an edit of the dialplan does.
func (s *site) switchNumber(application string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), waitFor)
	defer cancel()
	command := fmt.Sprintf("dialplan add extension 700,1,%s into strowger-in replace", application)
	if out, err := s.asterisk.CLI(ctx, command); err != nil {
		s.t.Fatalf("%s: %v\n%s", command, err, out)
	}
}
