package test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"strowger/cti/rest"
)

// passwordChanged changes the ARI password under the running controller.
func (c *chaos) passwordChanged(r *chaosReport) {
	v := c.s.asterisk.Values()
	file := filepath.Join(c.s.asterisk.Dir(), "etc", "ari_strowger.conf")
	was, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	change := func(text []byte) {
		c.t.Helper()
		if err := os.WriteFile(file, text, 0o640); err != nil { // the file, and its owner, stay
			c.t.Fatal(err)
		}
		if _, err := c.s.asterisk.CLI(c.t.Context(), "module reload res_ari.so"); err != nil {
			c.t.Fatal(err)
		}
	}
	other := strings.ReplaceAll(string(was), v.ARIPassword, "another-"+v.ARIPassword)
	if other == string(was) {
		c.t.Fatalf("no password in %s", file)
	}
	connects := c.s.metric("strowger_ari_reconnects_total")
	before := len(c.s.logText())
	began := time.Now()
	change([]byte(other))
	c.mustSay(false, "refuses our user or password") // of requests; the events still come
	r.detected(began)
	r.bitten("connections", uint64(c.proxy.Cut("/ari/events")))
	refusals := func() int {
		return strings.Count(c.s.logText()[before:], `level=ERROR msg="ari: Asterisk refuses our user`)
	}
	// The status says so already, because of the requests.
	eventually(c.t, "the event stream is refused", func() bool { return refusals() > 0 })
	c.mustSay(false, "refuses our user or password")
	change(was)
	again := time.Now()
	eventually(c.t, "the websocket is connected again", func() bool { return c.s.metric("strowger_ari_reconnects_total") > connects })
	c.mustSay(true, "")
	r.recovered(again)
	if n := refusals(); n != 1 {
		c.t.Errorf("the refusal is logged %d times, want once", n)
	}
	c.call()
}

// noFilesLeft takes the controller's last file descriptors: what is open goes
// on, and what would need a new one does without.
func (c *chaos) noFilesLeft(r *chaosReport) {
	tool := needTool(c.t, "prlimit", "util-linux")
	pid := c.s.cmd.Process.Pid
	limit := func(value string) {
		c.t.Helper()
		if out, err := exec.CommandContext(c.t.Context(), tool, "--pid", fmt.Sprint(pid), "--nofile="+value).CombinedOutput(); err != nil {
			c.t.Fatalf("prlimit: %v %s", err, out)
		}
	}
	out, err := exec.CommandContext(c.t.Context(), tool, "--pid", fmt.Sprint(pid), "--nofile", "--noheadings", "--output=SOFT,HARD").Output()
	if err != nil {
		c.t.Fatal(err)
	}
	was := strings.Join(strings.Fields(string(out)), ":")
	refused := c.s.metric("strowger_ari_rescue_requests_total")
	began := time.Now()
	limit("8:") // fewer than are open
	defer limit(was)
	c.mustGoOverWebsocket(func() {})
	r.detected(began)
	c.call()
	r.bitten("requests over the websocket", uint64(c.s.metric("strowger_ari_rescue_requests_total")-refused))
	if n := c.s.metric("strowger_journal_failed"); n != 0 {
		c.t.Error("the journal has failed")
	}
	limit(was)
	freed := time.Now()
	eventually(c.t, "HTTP is used again", func() bool {
		_, text := c.wrong()
		return text == ""
	})
	r.recovered(freed)
}

// badSettings has the controller read settings and objects that are wrong.
func (c *chaos) badSettings(r *chaosReport) {
	file := filepath.Join(c.s.dir, "strowger.yaml")
	was, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() {
		if err := os.WriteFile(file, was, 0o600); err != nil {
			c.t.Error(err)
		}
	}()
	began := time.Now()
	lines := strings.Count(string(was), "\n")
	bad := string(was) + "limits:\n  commands_waiting: many\n"
	if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
		c.t.Fatal(err)
	}
	if err := c.s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		c.t.Fatal(err)
	}
	where := fmt.Sprintf("strowger.yaml:%d", lines+2)
	log := waitForLog(c.t, filepath.Join(c.s.dir, "controller.log"), "the old one stays in force")
	if !strings.Contains(log, where) {
		c.t.Errorf("the log does not say %s", where)
	}
	r.detected(began)
	r.bitten("wrong settings", 1)
	var before, after rest.Status
	c.s.must(http.MethodGet, "/api/v1/status", nil, &before)
	for _, text := range []string{
		"queues:\n  - {id: spare, number: \"601\", ring_timeout: soon}\n",
		"queues:\n  - {id: spare, number: \"600\"}\n",
		"agents:\n  - {id: agent101, line: \"101\", queues: [nowhere], station: {endpoint: \"101\"}}\n",
	} {
		if err := c.s.tryObjects(text); err == nil {
			c.t.Errorf("taken: %s", text)
		} else {
			r.bitten("wrong settings", 1)
		}
	}
	c.s.must(http.MethodGet, "/api/v1/status", nil, &after)
	if before.ConfigVersion != after.ConfigVersion {
		c.t.Errorf("the configuration went from version %d to %d", before.ConfigVersion, after.ConfigVersion)
	}
	c.call()
}
