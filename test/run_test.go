package test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// told is one line of `strowger run --output json`.
type told struct {
	Who, What, Text, Agent string
	Call                   int64
	Simulated              bool
	Summary                *runSummary
}

// runSummary is what a run has seen.
type runSummary struct {
	Placed       int
	Answered     int
	Problems     []string
	ProblemCount int `json:"problem_count"`
	AudioChecks  int `json:"audio_checks"`
	AudioHeard   int `json:"audio_both_ways"`
	CRMCalls     int `json:"crm_calls"`
	CRMCompleted int `json:"crm_completed"`
	CRMAccepted  int `json:"crm_accepted"`
}

// demoRun is a running `strowger run`.
type demoRun struct {
	t      *testing.T
	dir    string
	cmd    *exec.Cmd
	stderr bytes.Buffer
	ended  chan struct{}
	err    error // of the process; valid after ended

	mu      sync.Mutex
	lines   []told
	changed chan struct{}
}

// startRun starts `strowger run` in a folder of its own, on the program that
// the other tests use.
func startRun(t *testing.T, args ...string) *demoRun {
	t.Helper()
	testProgram(t)
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	r := &demoRun{t: t, dir: t.TempDir(), ended: make(chan struct{}), changed: make(chan struct{})}
	r.cmd = exec.CommandContext(t.Context(), path, append([]string{"run", "--output", "json", "--cache", cacheDir()}, args...)...)
	r.cmd.Dir, r.cmd.Env, r.cmd.Stderr = r.dir, os.Environ(), &r.stderr
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // signals of the test's terminal are not for it
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go r.read(out)
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill() // it has ended by itself, unless the test failed
		<-r.ended
		if t.Failed() {
			t.Logf("stderr: %s", &r.stderr)
			for _, l := range r.told() {
				t.Logf("call %d %s: %s", l.Call, l.Who, l.Text)
			}
		}
	})
	return r
}

func (r *demoRun) read(out io.Reader) {
	defer close(r.ended)
	for s := bufio.NewScanner(out); s.Scan(); {
		var l told
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			l = told{Who: "unreadable", Text: s.Text()}
		}
		r.mu.Lock()
		r.lines = append(r.lines, l)
		close(r.changed)
		r.changed = make(chan struct{})
		r.mu.Unlock()
	}
	r.err = r.cmd.Wait()
}

func (r *demoRun) told() []told {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.lines)
}

// find returns the first line of a kind.
func (r *demoRun) find(who, what string) (told, bool) {
	for _, l := range r.told() {
		if l.Who == who && l.What == what {
			return l, true
		}
	}
	return told{}, false
}

// await waits for the first line of a kind.
func (r *demoRun) await(who, what string) told {
	r.t.Helper()
	for {
		r.mu.Lock()
		changed := r.changed
		r.mu.Unlock()
		if l, ok := r.find(who, what); ok {
			return l
		}
		select {
		case <-changed:
		case <-r.ended:
			r.t.Fatalf("the run has ended (%v) before %s said %s", r.err, who, what)
		case <-time.After(time.Minute):
			r.t.Fatalf("%s does not say %s", who, what)
		}
	}
}

// wait waits for the end.
func (r *demoRun) wait(limit time.Duration) {
	r.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(limit):
		r.t.Fatalf("the run has not ended after %v", limit)
	}
}

var (
	processRule = regexp.MustCompile(`process (\d+), SIP (\S+)$`)
	addressRule = regexp.MustCompile(`127\.0\.0\.1:\d+`)
)

// footprint is what a run occupies.
type footprint struct {
	pid     int
	sip     string
	servers []string // TCP addresses
}

func (r *demoRun) footprint() footprint {
	r.t.Helper()
	var f footprint
	r.await("setup", "stop")
	for _, l := range r.told() {
		if m := processRule.FindStringSubmatch(l.Text); m != nil {
			f.pid, _ = strconv.Atoi(m[1]) // the pattern has digits only
			f.sip = m[2]
		}
		if l.What == "status-page" || l.What == "ici" {
			f.servers = append(f.servers, addressRule.FindString(l.Text))
		}
	}
	if f.pid == 0 || !alive(f.pid) || len(f.servers) != 2 {
		r.t.Fatalf("the run does not say what it has started: %+v", f)
	}
	return f
}

// gone checks that nothing of a run is left: process, ports, files.
func (r *demoRun) gone(f footprint) {
	r.t.Helper()
	if alive(f.pid) {
		r.t.Errorf("Asterisk, process %d, is still there", f.pid)
	}
	for _, addr := range f.servers {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			r.t.Errorf("port of %s: %v", addr, err)
			continue
		}
		_ = l.Close() // nobody connected
	}
	c, err := net.ListenPacket("udp", f.sip)
	if err != nil {
		r.t.Errorf("SIP port: %v", err)
	} else {
		_ = c.Close() // nothing was sent
	}
	if _, err := os.Stat(filepath.Join(r.dir, "var", "strowger.sock")); err == nil {
		r.t.Error("the socket is still there")
	}
	files, err := os.ReadDir(r.dir)
	if err != nil || len(files) != 1 || files[0].Name() != "var" {
		r.t.Errorf("written outside --cache and --var: %v, %v", files, err)
	}
}

// TestRun is the newcomer's first minute: real calls on a real Asterisk, heard
// both ways, told to a CRM; and nothing left of it.
func TestRun(t *testing.T) {
	r := startRun(t, "--for", "20s", "--rate", "40")
	f := r.footprint()
	r.await("CRM", "connected")
	status := statusOf(t, f.servers[0])
	if !strings.Contains(status, `"mode":"real"`) {
		t.Errorf("status: %.300s", status)
	}
	r.wait(90 * time.Second)
	l, ok := r.find("result", "summary")
	if r.err != nil || !ok || l.Summary == nil {
		t.Fatalf("ended with %v, summary %v", r.err, ok)
	}
	s := l.Summary
	t.Logf("%+v", *s)
	if s.Answered < 3 || s.ProblemCount != 0 || s.CRMAccepted < 1 {
		t.Errorf("too few calls, or problems: %+v", *s)
	}
	if s.AudioChecks < s.Answered || s.AudioHeard != s.AudioChecks {
		t.Errorf("%d answered, %d checks of audio, %d heard both ways", s.Answered, s.AudioChecks, s.AudioHeard)
	}
	if s.CRMCompleted < s.Answered || s.CRMCompleted != s.CRMCalls {
		t.Errorf("%d answered, %d of %d told to the CRM to the end", s.Answered, s.CRMCompleted, s.CRMCalls)
	}
	for _, l := range r.told() {
		if l.Simulated || l.Who == "error" || l.Who == "unreadable" || strings.Contains(l.Text, "incident") {
			t.Errorf("%s: %s", l.Who, l.Text)
		}
	}
	r.gone(f)
}

// statusOf asks the page's own source.
func statusOf(t *testing.T, addr string) string {
	t.Helper()
	resp, err := http.Get("http://" + addr + "/api/v1/status")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err := fmt.Sprint(err, resp.Body.Close()); err != "<nil> <nil>" {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(body), " ", "")
}

// TestRunInterrupted: Ctrl-C in the middle of a conversation hangs up, ends
// everything and reports; a second one does not wait.
func TestRunInterrupted(t *testing.T) {
	for _, c := range []struct {
		name  string
		times int
	}{{"once", 1}, {"twice", 2}} {
		t.Run(c.name, func(t *testing.T) {
			r := startRun(t, "--rate", "60")
			f := r.footprint()
			r.await("audio", "both-ways")
			for i := range c.times {
				if err := r.cmd.Process.Signal(os.Interrupt); err != nil {
					t.Fatal(err)
				}
				if i == 0 {
					r.await("setup", "closing")
				}
			}
			r.wait(20 * time.Second)
			if l, ok := r.find("result", "summary"); !ok || r.err != nil || l.Summary.Answered == 0 {
				t.Errorf("ended with %v, summary %v", r.err, ok)
			}
			r.gone(f)
		})
	}
}
