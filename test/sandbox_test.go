package test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"strowger/ari/sandbox"
	"strowger/switch/fault"
)

// ariDo sends one request to ARI and returns status and body.
func ariDo(t *testing.T, in *sandbox.Instance, method, path string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, in.ARIURL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := in.Values()
	req.SetBasicAuth(v.ARIUser, v.ARIPassword)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestAsteriskInfo(t *testing.T) {
	in := testAsterisk(t)
	status, body := ariDo(t, in, http.MethodGet, "/asterisk/info")
	var info struct {
		System struct{ Version string }
	}
	if err := json.Unmarshal([]byte(body), &info); status != http.StatusOK || err != nil {
		t.Fatalf("GET /asterisk/info: %d, %v: %.200s", status, err, body)
	}
	if want := in.Program().Version.String(); !strings.HasPrefix(info.System.Version, want) {
		t.Errorf("ARI says version %q, the program says %s", info.System.Version, want)
	}
	// A wrong password must be refused, or the test above shows nothing.
	resp, err := http.Get(in.ARIURL() + "/asterisk/info")
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a password: %s, want 401", resp.Status)
	}
}

// TestAsteriskLogIsClean: an error in the log is a configuration file that a
// site would copy with a mistake in it.
func TestAsteriskLogIsClean(t *testing.T) {
	in := ownAsterisk(t, nil)
	text, err := os.ReadFile(in.LogPath())
	if err != nil || len(text) == 0 {
		t.Fatalf("log: %d bytes, %v", len(text), err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "ERROR[") || strings.Contains(line, "WARNING[") {
			t.Errorf("at the start Asterisk logs: %s", strings.TrimSpace(line))
		}
	}
}

// TestReadinessGate sends calls through the admin's dialplan snippet without a
// controller: with no heartbeat, with a fresh one, and with one that is old.
func TestReadinessGate(t *testing.T) {
	in := ownAsterisk(t, func(o *sandbox.Options) {
		// The fallback's last step is seen as a global that names the call.
		o.Extra = map[string]string{
			"logger_local.conf": "[logfiles](+)\nverbose.log => verbose(9)\n",
		}
	})
	verbose := filepath.Join(filepath.Dir(in.LogPath()), "verbose.log")
	for i, c := range []struct {
		name      string
		age       int // of the heartbeat in seconds; -1 = none
		viaStasis bool
	}{
		{"no heartbeat", -1, false},
		{"fresh heartbeat, no application", 0, true},
		{"old heartbeat", 6, false},
	} {
		if c.age >= 0 {
			setHeartbeat(t, in, c.age)
		}
		number := strconv.Itoa(700 + i)
		status, body := ariDo(t, in, http.MethodPost, "/channels?endpoint="+
			url.QueryEscape("Local/"+number+"@strowger-in")+"&context=sandbox-checks&extension="+url.QueryEscape("*43")+"&priority=1")
		if status != http.StatusOK {
			t.Fatalf("%s: originate: %d %s", c.name, status, body)
		}
		fallback := "Strowger is away: fallback for " + number
		log := waitForLog(t, verbose, fallback)
		tried := regexp.MustCompile(`Executing \[` + number + `@strowger-in:\d+\] Stasis`)
		if got := tried.MatchString(log); got != c.viaStasis {
			t.Errorf("%s: went through Stasis: %v, want %v", c.name, got, c.viaStasis)
		}
	}
}

// setHeartbeat writes SW_HB as a controller would, in Asterisk's own clock.
func setHeartbeat(t *testing.T, in *sandbox.Instance, age int) {
	t.Helper()
	_, body := ariDo(t, in, http.MethodGet, "/asterisk/variable?variable=EPOCH")
	var now struct{ Value string }
	if err := json.Unmarshal([]byte(body), &now); err != nil {
		t.Fatalf("EPOCH: %v: %s", err, body)
	}
	epoch, err := strconv.Atoi(now.Value)
	if err != nil {
		t.Fatalf("EPOCH: %v", err)
	}
	if status, body := ariDo(t, in, http.MethodPost, "/asterisk/variable?variable=SW_HB&value="+strconv.Itoa(epoch-age)); status != http.StatusNoContent {
		t.Fatalf("SW_HB: %d %s", status, body)
	}
}

// TestInstanceLifecycle kills, restarts and stops a real Asterisk, and looks
// for what is left.
func TestInstanceLifecycle(t *testing.T) {
	in := ownAsterisk(t, nil)
	first := in.PID()
	if first == 0 {
		t.Fatal("a started instance has no process")
	}
	if out, err := in.CLI(t.Context(), "pjsip show endpoint 160"); err != nil || !strings.Contains(out, "160-auth") {
		t.Errorf("phone 160: %v: %.100s", err, out)
	}
	if _, err := in.CLI(t.Context(), "core show version\nmodule unload x"); !fault.Is(err, fault.Invalid) {
		t.Errorf("two commands in one: got %v, want invalid", err)
	}
	done := in.Done()
	if err := in.Kill(); err != nil {
		t.Fatal(err)
	}
	<-done
	if in.PID() != 0 || alive(first) {
		t.Errorf("process %d is there after SIGKILL", first)
	}
	if err := in.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := in.PID()
	if status, _ := ariDo(t, in, http.MethodGet, "/asterisk/ping"); status != http.StatusOK || second == first {
		t.Errorf("after restart: ARI %d, process %d was %d", status, second, first)
	}
	for range 2 {
		if err := in.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if alive(second) {
		t.Errorf("process %d is there after Stop", second)
	}
	if err := in.Restart(t.Context()); !fault.Is(err, fault.Stopped) {
		t.Errorf("restart after stop: got %v, want stopped", err)
	}
}

// alive reports whether a process of this number exists (Linux).
func alive(pid int) bool {
	_, err := os.Stat(filepath.Join("/proc", strconv.Itoa(pid)))
	return err == nil
}

// TestTrunkFallback places a real call over the trunk while no controller is
// there: the caller is answered by the announcement, not left in silence.
func TestTrunkFallback(t *testing.T) {
	sipp := needTool(t, "sipp", "sip-tester")
	in := testAsterisk(t)
	ctx, cancel := context.WithTimeout(t.Context(), waitFor)
	defer cancel()
	cmd := exec.CommandContext(ctx, sipp, "-sn", "uac", "-i", "127.0.0.1", "-s", "4930555", "-m", "1", "-d", "300", "-nostdin", in.SIPAddr())
	cmd.Dir = t.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the call was not answered: %v\n%s\nAsterisk's log:\n%s", err, out, in.LogTail(10))
	}
	eventually(t, "no channel is left", func() bool {
		out, err := in.CLI(t.Context(), "core show channels count")
		return err == nil && strings.Contains(out, "0 active channels")
	})
}
