package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"strowger/cmd/strowger/internal/demo"
)

// runResult is what a run told.
type runResult struct {
	code    int
	events  []demo.Event
	summary *demo.Summary
	stderr  string
}

// has reports whether a call, 0 for any, has an event.
func (r *runResult) has(call int64, who, what string) bool {
	for _, e := range r.events {
		if (call == 0 || e.Call == call) && e.Who == who && e.What == what {
			return true
		}
	}
	return false
}

func runJSON(t *testing.T, ctx context.Context, stdout *lineWatch, args ...string) *runResult {
	t.Helper()
	var stderr bytes.Buffer
	r := &runResult{}
	r.code = run(ctx, append([]string{"run", "--output", "json"}, args...), stdout, &stderr)
	r.stderr = stderr.String()
	for _, line := range strings.Split(strings.TrimSpace(stdout.String()), "\n") {
		var e demo.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		if r.events = append(r.events, e); e.Summary != nil {
			r.summary = e.Summary
		}
	}
	return r
}

// lineWatch is an output that calls back once when a text has been written.
type lineWatch struct {
	mu   sync.Mutex
	text bytes.Buffer
	want string
	then func()
}

func (w *lineWatch) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.text.Write(p)
	if w.then != nil && strings.Contains(string(p), w.want) {
		w.then()
		w.then = nil
	}
	return n, err
}

func (w *lineWatch) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// TestRunSimulated: calls come in, are answered, told to the CRM and ended.
func TestRunSimulated(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "v")
	r := runJSON(t, t.Context(), &lineWatch{}, "--simulated", "--for", "8s", "--rate", "60", "--seed", "7", "--var", state)
	s := r.summary
	if r.code != exitOK || s == nil || r.stderr != "" {
		t.Fatalf("exit code %d, summary %v, stderr %q", r.code, s, r.stderr)
	}
	if s.Placed < 3 || s.Answered < 2 || s.AudioBothWays < 2 || s.CRMCompleted != s.CRMCalls || s.CRMCalls < 2 || s.CRMAccepted < 1 || s.ProblemCount != 0 {
		t.Errorf("summary %+v", s)
	}
	for _, e := range r.events {
		if e.Text == "" || e.What == "" || (!e.Simulated && e.Who != "setup") || e.Who == "error" {
			t.Errorf("a line without a mark or text, or an error: %+v", e)
		}
	}
	if !slices.ContainsFunc(r.events, func(e demo.Event) bool {
		return e.What == "ctips" && strings.Contains(e.Text, "/CTIPS/AgentCallService")
	}) {
		t.Error("the address of CTIPS is not told")
	}
	for _, want := range [][2]string{
		{"caller", "calls"},
		{"switch", "queued"},
		{"switch", "answered"},
		{"audio", "both-ways"},
		{"switch", "ended"},
		{"CRM", "alerting"},
		{"CRM", "connected"},
		{"CRM", "wrap-up"},
		{"CRM", "ended"},
	} {
		if !r.has(1, want[0], want[1]) {
			t.Errorf("nothing told of call 1: %v", want)
		}
	}
	left, err := filepath.Glob(filepath.Join(state, "*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != "strowger.log" {
		t.Errorf("left in --var: %v, %v", left, err)
	}
}

// TestRunInterrupted: Ctrl-C in the middle of a conversation ends the calls in
// good order, within seconds.
func TestRunInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	var at time.Time
	out := &lineWatch{want: `"what":"answered"`, then: func() { at = time.Now(); interrupt() }}
	r := runJSON(t, ctx, out, "--simulated", "--rate", "120", "--var", t.TempDir())
	if r.code != exitOK || r.summary == nil || r.summary.Answered == 0 {
		t.Fatalf("exit code %d, summary %+v, stderr %q", r.code, r.summary, r.stderr)
	}
	if r.summary.CRMCompleted != r.summary.CRMCalls || r.summary.CRMCalls == 0 {
		t.Errorf("the CRM was told %d of %d calls", r.summary.CRMCompleted, r.summary.CRMCalls)
	}
	const limit = 20 * time.Second // far above what it takes on a busy machine; without end it would be an hour
	if took := time.Since(at); took > limit {
		t.Errorf("stopping took %v", took)
	}
}

// TestRunWithoutAsterisk: where none can be had, the reason is told, and the
// demo runs all the same.
func TestRunWithoutAsterisk(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"asterisk", "/usr/sbin/asterisk", "/usr/local/sbin/asterisk"} {
		if path, err := exec.LookPath(p); err == nil {
			t.Skip("SKIPPED LAYER: this machine has an Asterisk (" + path + "), so the run without one is not tried")
		}
	}
	cache := t.TempDir()
	// Whoever runs this test as root must not install anything: this folder is
	// in the place of the sandboxed Asterisk and is none.
	if err := os.MkdirAll(filepath.Join(cache, "asterisk"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := runJSON(t, t.Context(), &lineWatch{}, "--for", "2s", "--cache", cache, "--var", t.TempDir())
	if r.code != exitOK || r.summary == nil || r.summary.Placed == 0 {
		t.Fatalf("exit code %d, summary %+v, stderr %q", r.code, r.summary, r.stderr)
	}
	if !r.has(0, "setup", "no-asterisk") || !r.has(0, "setup", "simulated") {
		t.Errorf("the reason is not told: %+v", r.events)
	}
}

// TestRunTwice: a second run beside the first one takes other ports, and is
// refused the same files.
func TestRunTwice(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	second := make(chan *runResult, 1)
	out := &lineWatch{want: `"what":"calls"`, then: func() {
		go func() {
			defer end()
			var stdout, stderr bytes.Buffer
			r := &runResult{code: run(t.Context(), []string{"run", "--simulated", "--for", "1s", "--var", state}, &stdout, &stderr)}
			r.stderr = stderr.String()
			second <- r
		}()
	}}
	first := runJSON(t, ctx, out, "--simulated", "--var", state)
	r := <-second
	if first.code != exitOK || first.summary.ProblemCount != 0 {
		t.Errorf("the first run: exit code %d, %+v", first.code, first.summary)
	}
	if r.code != exitFailure || !strings.Contains(r.stderr, "strowger.sock") {
		t.Errorf("the second run: exit code %d, stderr %q", r.code, r.stderr)
	}
}
