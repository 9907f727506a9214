package test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strowger/switch/store"
	"strowger/switch/store/trail"
)

// TestAuditSurvivesKill: a forced action that was answered has its record after
// kill -9, and one that was refused has one too. The database of the killed
// process and the file beside its journal are all that is left.
func TestAuditSurvivesKill(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command(path, "run", "--simulated", "--rate", "1", "--var", dir)
	cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // it was killed already, unless the test failed
	client := &http.Client{Timeout: waitFor, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, "strowger.sock"))
		},
	}}
	defer client.CloseIdleConnections()
	post := func(path string) int {
		r, err := client.Post("http://strowger/api/v1/"+path, "application/json", strings.NewReader(""))
		if err != nil {
			return 0
		}
		_ = r.Body.Close() // the code says all
		return r.StatusCode
	}
	eventually(t, "the controller answers", func() bool { return post("queues/none/pause") == http.StatusNotFound })
	const actions = 20
	for range actions {
		for _, do := range []string{"pause", "resume"} {
			if code := post("queues/support/" + do); code != http.StatusAccepted {
				t.Fatalf("%s: %d", do, code)
			}
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("the controller ended by itself")
	}
	count := map[string]int{}
	for _, a := range leftOfAudit(t, dir) {
		count[a.Operation+" "+a.Outcome]++
	}
	if count["pauseQueue accepted"] != actions || count["resumeQueue accepted"] != actions || count["pauseQueue not found"] == 0 {
		t.Errorf("after kill -9 there are %v, want %d accepted of each", count, actions)
	}
}

// leftOfAudit opens what a killed controller has left below a folder.
func leftOfAudit(t *testing.T, dir string) []store.Action {
	t.Helper()
	find := func(name string) string {
		found, err := filepath.Glob(filepath.Join(dir, "*", name))
		deeper, errDeeper := filepath.Glob(filepath.Join(dir, "*", "*", name))
		if found = append(found, deeper...); err != nil || errDeeper != nil || len(found) != 1 {
			t.Fatalf("%s: %v", name, found)
		}
		return found[0]
	}
	db, err := store.Open(t.Context(), "sqlite:"+find("*.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // it was only read
	file := find("audit.log")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v %v", file, info.Mode(), err)
	}
	tr, err := trail.Open(file, db, nil)
	if err != nil {
		t.Fatal(err)
	}
	list, err := tr.List(t.Context(), store.ActionFilter{Limit: store.MaxList})
	if err != nil {
		t.Fatal(err)
	}
	tr.Start(t.Context())
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := tr.Stop(ctx); err != nil {
		t.Error(err)
	}
	return list
}
